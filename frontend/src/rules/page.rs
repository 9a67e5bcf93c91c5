use guanxi_domain::job::JobState;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::rules::{BasketKind, ItemKind, RuleResult, RuleRun};
use guanxi_domain::{Date, Page};
use leptos::prelude::*;

use super::run_dialog::RunDialog;
use super::scatter::ScatterCard;
use super::table::RulesTable;
use super::{label, ratio, share};
use crate::api;
use crate::background::{Underway, chosen, follow};
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_url;
use crate::session::use_session;
use crate::ui::{
    EmptyState, Glyph, Icon, KeyFigure, KeyFigures, PageHeader, RecordSkeleton, use_toasts,
    with_data,
};

/// The newest run that is done, or the one that the address names.
#[component]
pub fn RulesPage() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let url = use_url();
    let asking = RwSignal::new(false);
    let runs = Loader::new(|| {
        api::get("/rule-runs")
            .query("limit", 50)
            .json::<Page<RuleRun>>()
    });
    follow(runs, move |run: RuleRun| {
        let rules = format::integer(run.result.map_or(0, |result| result.rules));
        toasts.done(fill(t_now().rules.ready, &[("n", &rules)]));
    });
    let all = move || runs.data().map(|page| page.items).unwrap_or_default();
    let shown = Memo::new(move |_| chosen(&all(), url.get("run")));
    let last = Signal::derive(move || all().into_iter().next().map(|run| run.settings));
    let made = Callback::new(move |_: RuleRun| {
        url.set(&[("run", None), ("product", None), ("category", None)]);
        runs.reload();
    });
    let run_button = move || {
        session.can(Module::Segments, Operation::Create).then(|| {
            view! {
                <button
                    class="btn btn-primary btn-sm"
                    data-testid="run"
                    on:click=move |_| asking.set(true)
                >
                    <Icon glyph=Glyph::Play />
                    {move || t().rules.run}
                </button>
            }
        })
    };
    let part = move || {
        runs.error()
            .is_some_and(|error| error.code() == "whole_company")
    };
    let body = move |page: Page<RuleRun>| {
        page.items.is_empty().then(|| {
            view! {
                <div class="panel">
                    <EmptyState glyph=Glyph::Share title=label(|r| r.none_title) text=label(|r| r.none_text)>
                        {run_button}
                    </EmptyState>
                </div>
            }
        })
    };
    let content = move || {
        if part() {
            view! {
                <div class="panel">
                    <EmptyState glyph=Glyph::Lock title=label(|r| r.part_title) text=label(|r| r.part_text) />
                </div>
            }
            .into_any()
        } else {
            view! {
                {with_data(runs, || view! { <RecordSkeleton /> }.into_any(), body)}
                {move || shown.get().map(|id| view! { <Run id=id /> })}
            }
            .into_any()
        }
    };
    view! {
        <PageHeader
            title=label(|r| r.title)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().rules.subtitle}</p> })
        >
            {move || choice(all(), shown)}
            {move || (!part()).then(run_button)}
        </PageHeader>
        <Underway runs=runs />
        {content}
        <RunDialog open=asking last=last done=made />
    }
}

fn choice(all: Vec<RuleRun>, shown: Memo<Option<String>>) -> Option<AnyView> {
    let url = use_url();
    let done: Vec<RuleRun> = all
        .into_iter()
        .filter(|run| run.state == JobState::Done)
        .collect();
    let option = move |run: RuleRun| {
        let id = run.id.to_string();
        let selected = shown.get_untracked().as_deref() == Some(id.as_str());
        let (at, items) = (run.created_at, run.settings.items);
        view! {
            <option value=id selected=selected>
                {move || format!("{} · {}", format::time(at), items.label(lang()))}
            </option>
        }
    };
    (done.len() > 1).then(|| {
        view! {
            <select
                class="select select-sm w-auto! max-w-72"
                aria-label=move || t().rules.which
                data-testid="run-choice"
                on:change:target=move |event| {
                    let run = Some(event.target().value());
                    url.set(&[("run", run), ("product", None), ("category", None)]);
                }
            >
                {done.into_iter().map(option).collect_view()}
            </select>
        }
        .into_any()
    })
}

#[component]
fn Run(id: String) -> impl IntoView {
    let path = format!("/rule-runs/{id}");
    let run = Loader::new(move || api::get(path.clone()).json::<RuleRun>());
    with_data(
        run,
        || view! { <RecordSkeleton /> }.into_any(),
        |run| {
            let Some(result) = run.result.clone() else {
                return ().into_any();
            };
            let body = if let Some(refusal) = result.refusal {
                let text = Signal::derive(move || refusal.label(lang()).to_owned());
                nothing(label(|r| r.refused_title), text)
            } else if result.rules == 0 {
                nothing(label(|r| r.empty_title), label(|r| r.empty_text))
            } else if run.kept {
                view! {
                    <ScatterCard run=run.clone() />
                    <RulesTable run=run.clone() />
                }
                .into_any()
            } else {
                nothing(label(|r| r.forgotten), Signal::default())
            };
            view! {
                <Made run=run.clone() to=result.to from=result.from />
                <Figures run=run result=result />
                <div class="mt-4">{body}</div>
            }
            .into_any()
        },
    )
}

fn nothing(title: Signal<String>, text: Signal<String>) -> AnyView {
    view! {
        <div class="panel">
            <EmptyState glyph=Glyph::Share title=title text=text />
        </div>
    }
    .into_any()
}

/// What the run looked at, when and by whom.
#[component]
fn Made(run: RuleRun, to: Date, from: Option<Date>) -> impl IntoView {
    let window = move || match from {
        Some(from) => fill(
            t().rules.window,
            &[
                ("from", &format::date_short(from)),
                ("to", &format::date_short(to)),
            ],
        ),
        None => fill(t().rules.window_all, &[("to", &format::date_short(to))]),
    };
    let settings = run.settings;
    let (baskets, items) = (settings.baskets, settings.items);
    let thresholds = move || {
        fill(
            t().rules.thresholds,
            &[
                ("support", &share(settings.min_support.into())),
                ("confidence", &share(settings.min_confidence.into())),
                ("lift", &ratio(settings.min_lift.into())),
            ],
        )
    };
    let (at, who) = (run.created_at, run.by_name);
    view! {
        <p class="muted mb-3 flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem]">
            <span>{move || format!("{} · {}", items.label(lang()), baskets.label(lang()))}</span>
            <span class="num">{window}</span>
            <span class="num">{thresholds}</span>
            <span class="num">
                {move || fill(t().rules.made, &[("time", &format::time(at)), ("who", &who)])}
            </span>
        </p>
    }
}

#[component]
fn Figures(run: RuleRun, result: RuleResult) -> impl IntoView {
    let integer = |n: i64| Signal::derive(move || format::integer(n));
    let noted = |pick: fn() -> &'static str, n: i64| {
        Signal::derive(move || fill(pick(), &[("n", &format::integer(n))]))
    };
    let baskets = label(match run.settings.baskets {
        BasketKind::Order => |r| r.orders,
        BasketKind::Customer => |r| r.customers,
    });
    let items = label(match run.settings.items {
        ItemKind::Product => |r| r.products,
        ItemKind::Category => |r| r.categories,
    });
    let took = super::part(result.duration_ms, 1e3);
    view! {
        <KeyFigures>
            <KeyFigure
                label=baskets
                value=integer(result.baskets)
                note=noted(|| t().rules.lines_note, result.lines)
            />
            <KeyFigure label=items value=integer(result.items) />
            <KeyFigure
                label=label(|r| r.rules)
                value=integer(result.rules)
                note=noted(|| t().rules.rules_note, result.sets)
            />
            <KeyFigure
                label=label(|r| r.duration)
                value=Signal::derive(move || {
                    fill(t().rules.seconds, &[("n", &format!("{took:.1}"))])
                })
            />
        </KeyFigures>
    }
}
