use guanxi_domain::event::RECORDS;
use guanxi_domain::webhook::{FIELDS, Webhook, WebhookInput, WebhookSecret};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::label;
use crate::api;
use crate::audit::type_label;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::ui::{
    CheckField, Editor, EditorForm, Form, FormActions, FormFailure, FormSection, PageHeader,
    RecordSkeleton, SecretCard, TagsField, TextField, UnsavedGuard, use_toasts, with_data,
};

#[component]
pub fn WebhookNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let made = RwSignal::new(None::<WebhookSecret>);
    let initial = json!({"name": "", "url": "https://", "events": [], "active": true});
    let form = Form::new::<WebhookInput>(&FIELDS, initial);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                api::post("/webhooks")
                    .body(&value)
                    .json::<WebhookSecret>()
                    .await
            },
            move |webhook| {
                toasts.done(t_now().webhook.created);
                // Nothing is left to save.
                form.reset(form.value_untracked());
                made.set(Some(webhook));
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|w| w.new) up=("/webhooks", label(|w| w.title)) />
        {move || match made.get() {
            Some(made) => {
                let address = format!("/webhooks/{}", made.webhook.id);
                view! {
                    <SecretCard
                        secret=made.secret
                        title=label(|w| w.secret_title)
                        text=label(|w| w.secret_text)
                        next=(address, label(|w| w.to_webhook))
                    />
                }
                .into_any()
            }
            None => {
                view! {
                    <form class="max-w-4xl space-y-4" novalidate on:submit=submit>
                        <WebhookFields form=form />
                        <FormFailure form=form />
                        <FormActions form=form cancel=move |()| nav.to("/webhooks") />
                    </form>
                }
                    .into_any()
            }
        }}
    }
}

#[component]
pub fn WebhookEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let webhook =
        Loader::new(move || api::get(format!("/webhooks/{}", id.get())).json::<Webhook>());
    with_data(
        webhook,
        || view! { <RecordSkeleton /> }.into_any(),
        |webhook| view! { <EditForm webhook=webhook /> },
    )
}

#[component]
fn EditForm(webhook: Webhook) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let address = format!("/webhooks/{}", webhook.id);
    let (back, saved) = (address.clone(), address.clone());
    let editor = Editor::new(
        &FIELDS,
        address,
        webhook.version,
        &webhook.input,
        move |_: Webhook| {
            toasts.done(t_now().common.saved);
            nav.replace(&saved);
        },
    );
    let form = editor.form;
    view! {
        <PageHeader title=label(|w| w.edit) up=("/webhooks", label(|w| w.title)) />
        <EditorForm editor=editor back=back names=member_name>
            <WebhookFields form=form />
        </EditorForm>
    }
}

/// Names of members that lists do not show, by pointer: for the conflict dialog.
fn member_name(pointer: &str) -> Option<&'static str> {
    (pointer == "/events").then(|| t().webhook.events)
}

#[component]
fn WebhookFields(form: Form) -> impl IntoView {
    view! {
        <FormSection title=label(|w| w.receiver)>
            <TextField form=form name="name" required=true autofocus=true />
            <TextField form=form name="url" required=true hint=label(|w| w.url_hint) />
            <div class="sm:col-span-2">
                <CheckField form=form name="active" hint=label(|w| w.active_hint) />
            </div>
        </FormSection>
        <FormSection title=label(|w| w.events)>
            <div class="space-y-3 sm:col-span-2">
                <p class="muted text-xs">{move || t().webhook.events_hint}</p>
                <div class="flex flex-wrap gap-1.5" role="group" aria-label=move || t().webhook.events>
                    <Choice form=form pattern="*".to_owned() name=label(|w| w.everything) />
                    {RECORDS
                        .iter()
                        .map(|record| {
                            let name = Signal::derive(move || type_label(record));
                            view! { <Choice form=form pattern=format!("{record}.*") name=name /> }
                        })
                        .collect_view()}
                </div>
                <TagsField form=form name="events" label=label(|w| w.events) />
            </div>
        </FormSection>
    }
}

/// A button that adds or takes away all events of a type of records.
#[component]
fn Choice(form: Form, pattern: String, name: Signal<String>) -> impl IntoView {
    let pattern = StoredValue::new(pattern);
    let chosen = Memo::new(move |_| {
        pattern.with_value(|pattern| patterns(form).iter().any(|known| known == pattern))
    });
    let toggle = move |_| {
        let mut all = untrack(|| patterns(form));
        pattern.with_value(|pattern| {
            if chosen.get_untracked() {
                all.retain(|known| known != pattern);
            } else {
                all.push(pattern.clone());
            }
        });
        form.set("events", all);
        form.touch("events");
    };
    view! {
        <button
            type="button"
            class="btn btn-xs"
            class=("btn-primary", move || chosen.get())
            aria-pressed=move || chosen.get().to_string()
            on:click=toggle
        >
            {move || name.get()}
        </button>
    }
}

fn patterns(form: Form) -> Vec<String> {
    let values = form.get("events");
    let values = values.as_array().into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}
