//! Why a customer was lost, on the customer's page.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::churn::ChurnType;
use guanxi_domain::win_back::{CustomerLoss, CustomerLossInput, FIELDS};
use guanxi_domain::{CustomerId, Timestamp};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::format;
use crate::i18n::{lang, t, t_now};
use crate::load::Loader;
use crate::segmentation::label;
use crate::session::use_session;
use crate::ui::{
    Badge, Card, DateField, Dialog, Form, FormFailure, FormGrid, Glyph, Icon, SelectField,
    Skeleton, TextArea, Tone, choices, use_toasts, with_data,
};

/// When and why the customer was lost; those who may change the customer can record it.
#[component]
pub fn LossesCard(customer_id: CustomerId, changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let path = StoredValue::new(format!("/customers/{customer_id}/losses"));
    let losses = Loader::new(move || api::get(path.get_value()).json::<Vec<CustomerLoss>>());
    let adding = RwSignal::new(false);
    let add = move || {
        session.can(Module::Customers, Operation::Update).then(|| {
            view! {
                <button class="btn-quiet" data-testid="add-loss" on:click=move |_| adding.set(true)>
                    <Icon glyph=Glyph::Plus />
                    {move || t().segmentation.loss_new}
                </button>
            }
        })
    };
    let body = |list: Vec<CustomerLoss>| {
        if list.is_empty() {
            return view! { <p class="muted">{move || t().segmentation.loss_none}</p> }.into_any();
        }
        view! { <ul class="space-y-3">{list.into_iter().map(entry).collect_view()}</ul> }.into_any()
    };
    let done = Callback::new(move |()| {
        losses.reload();
        changed.run(());
    });
    view! {
        <div data-testid="losses">
            <Card title=label(|s| s.losses) actions=ViewFn::from(move || add)>
                {with_data(losses, || view! { <Skeleton lines=1 /> }.into_any(), body)}
            </Card>
        </div>
        <LossDialog open=adding path=path done=done />
    }
}

fn entry(loss: CustomerLoss) -> impl IntoView {
    let (kind, day) = (loss.input.churn_type, loss.input.lost_on);
    view! {
        <li>
            <p class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Badge tone=Tone::Error text=Signal::derive(move || kind.label(lang()).to_owned()) />
                <span>{move || format::date(day)}</span>
                <span class="muted">{loss.by_name}</span>
            </p>
            {loss.input.note.map(|note| view! { <p class="mt-1 whitespace-pre-line">{note}</p> })}
        </li>
    }
}

fn empty() -> Value {
    json!({ "churn_type": null, "lost_on": Timestamp::now().date(), "note": null })
}

#[component]
fn LossDialog(
    open: RwSignal<bool>,
    path: StoredValue<String>,
    done: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<CustomerLossInput>(&FIELDS, empty());
    Effect::new(move |_| {
        if open.get() {
            form.reset(empty());
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            move |value| {
                api::post(path.get_value())
                    .body(&value)
                    .json::<CustomerLoss>()
            },
            move |_| {
                open.set(false);
                toasts.done(t_now().segmentation.loss_saved);
                done.run(());
            },
        );
    };
    view! {
        <Dialog open=open title=label(|s| s.loss_new)>
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || t().segmentation.loss_text}</p>
                <FormGrid>
                    <SelectField
                        form=form
                        name="churn_type"
                        label=label(|s| s.churn_type)
                        options=choices!(ChurnType)
                        required=true
                    />
                    <DateField form=form name="lost_on" label=label(|s| s.lost_on) required=true />
                    <TextArea form=form name="note" label=label(|s| s.loss_note) />
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm"
                        data-testid="loss-save"
                        disabled=move || form.busy()
                    >
                        {move || t().common.save}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
