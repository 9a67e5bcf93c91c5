use guanxi_domain::permission::Operation;
use guanxi_domain::share::{Share, ShareInput, ShareLevel, Shareable};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::people::People;
use super::{FIELDS, Shares, label, path};
use crate::api;
use crate::i18n::{fill, t, t_now};
use crate::session::use_session;
use crate::ui::{
    DateField, Dialog, Form, FormFailure, FormGrid, PickerSource, RecordField, SelectField,
    choices, use_toasts,
};

fn empty() -> Value {
    json!({"user_id": null, "level": "read", "until": null})
}

/// Shares with somebody, and shows everybody who may see the record.
#[component]
pub fn ShareDialog(
    open: RwSignal<bool>,
    shares: Shares,
    #[prop(into)] name: Signal<String>,
) -> impl IntoView {
    let title = Signal::derive(move || fill(t().share.title, &[("name", &name.get())]));
    let text = move || match shares.record {
        Shareable::Customers => t().share.text,
        Shareable::Orders | Shareable::Tickets => t().share.text_plain,
    };
    // Fetched anew each time it is opened, and after each change.
    let again = RwSignal::new(0_u32);
    view! {
        <Dialog open=open title=title width="max-w-2xl">
            <p class="muted mb-4">{text}</p>
            <AddForm shares=shares again=again />
            <People shares=shares again=again />
        </Dialog>
    }
}

#[component]
fn AddForm(shares: Shares, again: RwSignal<u32>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let form = Form::new::<ShareInput>(&FIELDS, empty());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let call = api::put(path(shares.record, &shares.id.get_untracked()));
        form.submit(
            move |value| call.body(&value).json::<Share>(),
            move |_| {
                form.reset(empty());
                shares.loader.reload();
                again.update(|n| *n += 1);
                toasts.done(t_now().share.shared);
            },
        );
    };
    view! {
        <Show when=move || session.can(shares.record.module(), Operation::Update)>
            <form class="mb-5 space-y-3" novalidate on:submit=submit data-testid="share-form">
                <FormGrid>
                    <RecordField
                        form=form
                        name="user_id"
                        source=PickerSource::people()
                        label=label(|s| s.with)
                        required=true
                    />
                    <SelectField
                        form=form
                        name="level"
                        options=choices!(ShareLevel)
                        label=label(|s| s.level)
                        required=true
                    />
                    <DateField
                        form=form
                        name="until"
                        label=label(|s| s.until)
                        hint=label(|s| s.until_hint)
                    />
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end">
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm"
                        data-testid="share-save"
                        disabled=move || form.busy()
                    >
                        {move || t().share.add}
                    </button>
                </div>
            </form>
        </Show>
    }
}
