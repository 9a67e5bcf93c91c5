use guanxi_domain::approval::{Approval, ApprovalInput, ApprovalKind};
use guanxi_domain::customer::Customer;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::ui::{Ask, Dialog, Form, FormFailure, TextArea, use_confirm, use_toasts};

fn asked(customer: &str, reason: &str) -> Value {
    json!({"kind": ApprovalKind::LiftBlacklist, "record_id": customer, "reason": reason})
}

/// Asks that a customer is taken off the blacklist. Whoever is the only one who could approve does it at once.
#[component]
pub fn LiftDialog(open: RwSignal<bool>, customer: Loader<Customer>) -> impl IntoView {
    let toasts = use_toasts();
    let confirm = use_confirm();
    let form = Form::new::<ApprovalInput>(&guanxi_domain::approval::FIELDS, asked("", ""));
    Effect::new(move |_| {
        if open.get() {
            let id = customer.with_untracked(|l| l.data.as_ref().map(|c| c.id.to_string()));
            form.reset(asked(&id.unwrap_or_default(), ""));
        }
    });
    let lift_alone = move || {
        let Some(now) = customer.data_untracked() else {
            return;
        };
        let a = t_now().approval;
        let ask = Ask {
            title: a.alone_title.to_owned(),
            text: a.alone_text.to_owned(),
            button: t_now().customer.unblacklist.to_owned(),
            ..Ask::default()
        };
        confirm.ask(ask, move |_| {
            let call = api::post(format!("/customers/{}/unblacklist", now.id)).version(now.version);
            spawn_local(async move {
                customer
                    .change(call, toasts, |_| t_now().common.saved.to_owned())
                    .await;
            });
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit_or(
            |value| api::post("/approvals").body(&value).json::<Approval>(),
            move |_| {
                open.set(false);
                toasts.done(t_now().approval.requested);
            },
            move |error| {
                if error.code() == "nobody_to_approve" {
                    open.set(false);
                    lift_alone();
                } else {
                    form.fail(error);
                }
            },
        );
    };
    view! {
        <Dialog open=open title=label(|a| a.lift_title) width="max-w-md">
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || t().approval.lift_text}</p>
                <TextArea form=form name="reason" label=label(|a| a.reason) required=true />
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm"
                        data-testid="request-approval"
                        disabled=move || form.busy()
                    >
                        {move || t().approval.request}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
