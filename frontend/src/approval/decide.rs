use guanxi_domain::approval::{Approval, DecisionInput};
use guanxi_domain::permission::Operation;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::label;
use crate::api;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Form, FormFailure, TextArea, use_toasts};

/// Approve or reject with a note; or take back what one asked for oneself.
#[component]
pub fn Decide(found: Approval, approval: Loader<Approval>) -> impl IntoView {
    let session = use_session();
    let mine = untrack(|| session.me()).is_some_and(|me| me.user.id == found.requested_by);
    let may = untrack(|| session.can(found.input.kind.module(), Operation::Approve));
    if mine {
        view! { <Withdraw found=found approval=approval /> }.into_any()
    } else if may {
        view! { <Decision found=found approval=approval /> }.into_any()
    } else {
        view! { <p class="muted">{move || found.state.label(crate::i18n::lang())}</p> }.into_any()
    }
}

#[component]
fn Decision(found: Approval, approval: Loader<Approval>) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<DecisionInput>(&guanxi_domain::approval::FIELDS, json!({"note": null}));
    let address = format!("/approvals/{}", found.id);
    let version = found.version;
    let decide = move |word: &'static str| {
        let call = api::post(format!("{address}/{word}")).version(version);
        form.submit(
            move |value| call.body(&value).json::<Approval>(),
            move |decided| {
                let a = t_now().approval;
                toasts.done(if word == "approve" {
                    a.approved
                } else {
                    a.rejected
                });
                approval.set(decided);
            },
        );
    };
    let reject = decide.clone();
    view! {
        <form
            class="space-y-4"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                decide("approve");
            }
        >
            <TextArea form=form name="note" label=label(|a| a.note) hint=label(|a| a.note_hint) />
            <FormFailure form=form />
            <div class="flex justify-end gap-2">
                <button
                    type="button"
                    class="btn-quiet text-error"
                    data-testid="reject"
                    disabled=move || form.busy()
                    on:click=move |_| reject("reject")
                >
                    {move || t().approval.reject}
                </button>
                <button
                    type="submit"
                    class="btn btn-primary btn-sm"
                    data-testid="approve"
                    disabled=move || form.busy()
                >
                    {move || t().approval.approve}
                </button>
            </div>
        </form>
    }
}

#[component]
fn Withdraw(found: Approval, approval: Loader<Approval>) -> impl IntoView {
    let toasts = use_toasts();
    let withdraw = move |_| {
        let call = api::post(format!("/approvals/{}/withdraw", found.id)).version(found.version);
        spawn_local(async move {
            approval
                .change(call, toasts, |_| t_now().approval.withdrawn.to_owned())
                .await;
        });
    };
    view! {
        <p class="muted mb-4">{move || t().approval.own}</p>
        <button type="button" class="btn-quiet" data-testid="withdraw" on:click=withdraw>
            {move || t().approval.withdraw}
        </button>
    }
}
