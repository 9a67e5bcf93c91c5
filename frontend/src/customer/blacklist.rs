use guanxi_domain::customer::{BlacklistInput, Customer, FIELDS};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::ui::{DateField, Dialog, Form, FormFailure, TextArea, use_toasts};

fn empty() -> Value {
    json!({"reason": "", "until": null})
}

/// Asks for the reason and until when.
#[component]
pub fn BlacklistDialog(open: RwSignal<bool>, customer: Loader<Customer>) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<BlacklistInput>(&FIELDS, empty());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(now) = customer.data_untracked() else {
            return;
        };
        form.submit(
            move |value| {
                let call = api::post(format!("/customers/{}/blacklist", now.id))
                    .version(now.version)
                    .body(&value);
                call.json::<Customer>()
            },
            move |changed| {
                customer.set(changed);
                form.reset(empty());
                open.set(false);
                toasts.done(t_now().common.saved);
            },
        );
    };
    let label = |pick: fn(&crate::i18n::CustomerTexts) -> &'static str| {
        Signal::derive(move || pick(t().customer).to_owned())
    };
    view! {
        <Dialog open=open title=label(|c| c.blacklist_title) width="max-w-md">
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || t().customer.blacklist_text}</p>
                <TextArea form=form name="reason" label=label(|c| c.blacklist_reason) required=true />
                <DateField
                    form=form
                    name="until"
                    label=label(|c| c.blacklist_until)
                    hint=label(|c| c.blacklist_until_hint)
                />
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button type="submit" class="btn btn-error btn-sm" disabled=move || form.busy()>
                        {move || t().customer.blacklist}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
