//! 客户评价: what colleagues think of a customer, over time.

use guanxi_domain::Timestamp;
use guanxi_domain::customer::{Evaluation, EvaluationInput, FIELDS};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::format;
use crate::i18n::{CustomerTexts, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Card, Chart, DateField, Dialog, EmptyState, Form, FormFailure, FormGrid, Glyph, Icon,
    SelectField, Skeleton, TextArea, use_toasts, with_data,
};

fn text(pick: fn(&CustomerTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().customer).to_owned())
}

fn scores(evaluation: &EvaluationInput) -> [i16; 4] {
    [
        evaluation.keenness,
        evaluation.capability,
        evaluation.credit,
        evaluation.social_standing,
    ]
}

fn score_names() -> [&'static str; 4] {
    let c = t().customer;
    [c.keenness, c.capability, c.credit, c.social_standing]
}

#[component]
pub fn Evaluations(customer_id: String) -> impl IntoView {
    let session = use_session();
    let path = StoredValue::new(format!("/customers/{customer_id}/evaluations"));
    let evaluations = Loader::new(move || api::get(path.get_value()).items::<Evaluation>());
    let adding = RwSignal::new(false);
    let add = move || {
        session.can(Module::Customers, Operation::Update).then(|| {
            view! {
                <button class="btn-quiet" on:click=move |_| adding.set(true)>
                    <Icon glyph=Glyph::Plus />
                    {move || t().customer.evaluation_new}
                </button>
            }
        })
    };
    let body = move |list: Vec<Evaluation>| {
        if list.is_empty() {
            return view! {
                <div class="panel">
                    <EmptyState
                        glyph=Glyph::Star
                        title=text(|c| c.evaluation_none)
                        text=text(|c| c.evaluation_none_text)
                    >
                        {add}
                    </EmptyState>
                </div>
            }
            .into_any();
        }
        let trend = (list.len() > 1).then(|| trend(list.clone()));
        view! {
            <div class="space-y-4">
                {trend}
                <Card title=text(|c| c.tab_evaluations) actions=ViewFn::from(move || add) flush=true>
                    <ul>{list.into_iter().map(entry).collect_view()}</ul>
                </Card>
            </div>
        }
        .into_any()
    };
    view! {
        {with_data(evaluations, || view! { <div class="panel"><Skeleton /></div> }.into_any(), body)}
        <EvaluationDialog open=adding path=path evaluations=evaluations />
    }
}

/// One line per score over time.
fn trend(mut list: Vec<Evaluation>) -> impl IntoView {
    list.sort_by_key(|evaluation| evaluation.input.evaluated_on);
    let days: Vec<_> = list
        .iter()
        .map(|e| e.input.evaluated_on.to_string())
        .collect();
    let rows: Vec<_> = list.iter().map(|e| scores(&e.input)).collect();
    let option = Signal::derive(move || {
        let series: Vec<_> = score_names()
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let data: Vec<_> = rows.iter().map(|row| row[index]).collect();
                json!({"type": "line", "name": name, "data": data, "symbolSize": 7})
            })
            .collect();
        json!({
            "tooltip": {"trigger": "axis"},
            "legend": {"top": 0},
            "xAxis": {"type": "category", "data": days},
            "yAxis": {"type": "value", "min": 1, "max": 5, "interval": 1},
            "series": series,
        })
    });
    view! {
        <Card title=text(|c| c.evaluation_trend)>
            <Chart option=option label=text(|c| c.evaluation_trend) height="h-56" />
        </Card>
    }
}

fn entry(evaluation: Evaluation) -> impl IntoView {
    let day = evaluation.input.evaluated_on;
    let scores = scores(&evaluation.input);
    view! {
        <li class="border-b border-base-300/70 px-4 py-3 last:border-b-0">
            <p class="flex flex-wrap gap-x-3">
                <span class="font-medium">{move || format::date(day)}</span>
                <span class="muted">{evaluation.by_name}</span>
            </p>
            <dl class="mt-1.5 flex flex-wrap gap-x-6 gap-y-1">
                {move || {
                    score_names()
                        .into_iter()
                        .zip(scores)
                        .map(|(name, score)| {
                            view! {
                                <div class="flex items-center gap-1.5">
                                    <dt class="muted text-xs">{name}</dt>
                                    <dd>
                                        <Score score=score />
                                    </dd>
                                </div>
                            }
                        })
                        .collect_view()
                }}
            </dl>
            {evaluation.input.comment.map(|comment| view! { <p class="mt-1.5 whitespace-pre-line">{comment}</p> })}
        </li>
    }
}

/// Five dots, as many filled as the score.
#[component]
fn Score(score: i16) -> impl IntoView {
    view! {
        <span class="inline-flex items-center gap-0.5" role="img" aria-label=format!("{score} / 5")>
            {(1..=5)
                .map(|step| {
                    let fill = if step <= score { "bg-primary" } else { "bg-base-300" };
                    view! { <span class=format!("size-2 rounded-full {fill}")></span> }
                })
                .collect_view()}
        </span>
    }
}

#[component]
fn EvaluationDialog(
    open: RwSignal<bool>,
    path: StoredValue<String>,
    evaluations: Loader<Vec<Evaluation>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<EvaluationInput>(&FIELDS, empty());
    let options = Signal::derive(|| {
        (1..=5)
            .map(|n| (n.to_string(), n.to_string()))
            .collect::<Vec<_>>()
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            move |value| {
                let call = api::post(path.get_value()).body(&value);
                call.json::<Evaluation>()
            },
            move |_| {
                form.reset(empty());
                open.set(false);
                evaluations.reload();
                toasts.done(t_now().customer.evaluation_saved);
            },
        );
    };
    view! {
        <Dialog open=open title=text(|c| c.evaluation_new)>
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || t().customer.score_hint}</p>
                <FormGrid>
                    <SelectField form=form name="keenness" label=text(|c| c.keenness) options=options number=true required=true />
                    <SelectField form=form name="capability" label=text(|c| c.capability) options=options number=true required=true />
                    <SelectField form=form name="credit" label=text(|c| c.credit) options=options number=true required=true />
                    <SelectField form=form name="social_standing" label=text(|c| c.social_standing) options=options number=true required=true />
                    <DateField form=form name="evaluated_on" label=text(|c| c.evaluated_on) required=true />
                    <TextArea form=form name="comment" label=text(|c| c.comment) />
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button type="submit" class="btn btn-primary btn-sm" disabled=move || form.busy()>
                        {move || t().common.save}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

fn empty() -> Value {
    json!({
        "evaluated_on": Timestamp::now().date(),
        "keenness": null,
        "capability": null,
        "credit": null,
        "social_standing": null,
        "comment": null,
    })
}
