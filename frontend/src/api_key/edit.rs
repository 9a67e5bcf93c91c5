use guanxi_domain::Timestamp;
use guanxi_domain::api_key::{ApiKey, ApiKeyCreate, ApiKeyInput, ApiKeySecret, FIELDS};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::rights::RightsGrid;
use super::{StateBadge, label, revoke};
use crate::api;
use crate::audit::HistoryButton;
use crate::format;
use crate::i18n::{field_label, t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{
    Card, ConflictDialog, Editor, Fact, Facts, Form, FormActions, FormFailure, FormSection,
    PageHeader, PickerSource, RecordField, RecordSkeleton, SecretCard, TextField, TimeField,
    UnsavedGuard, use_confirm, use_toasts, with_data,
};

fn list() -> (&'static str, Signal<String>) {
    ("/api-keys", label(|k| k.title))
}

#[component]
pub fn ApiKeyNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let made = RwSignal::new(None::<ApiKeySecret>);
    let me = untrack(|| use_session().me()).map(|me| me.user.id);
    let initial = json!({"user_id": me, "name": "", "permissions": [], "expires_at": null});
    let form = Form::new::<ApiKeyCreate>(&FIELDS, initial);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                api::post("/api-keys")
                    .body(&value)
                    .json::<ApiKeySecret>()
                    .await
            },
            move |key| {
                toasts.done(t_now().api_key.created);
                // Nothing is left to save.
                form.reset(form.value_untracked());
                made.set(Some(key));
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|k| k.new) up=list() />
        {move || match made.get() {
            Some(made) => {
                let address = format!("/api-keys/{}", made.key.id);
                view! {
                    <SecretCard
                        secret=made.secret
                        title=label(|k| k.secret_title)
                        text=label(|k| k.secret_text)
                        next=(address, label(|k| k.to_key))
                    />
                }
                    .into_any()
            }
            None => {
                view! {
                    <form class="max-w-4xl space-y-4" novalidate on:submit=submit>
                        <FormSection title=label(|k| k.title)>
                            <TextField form=form name="name" required=true autofocus=true />
                            <RecordField
                                form=form
                                name="user_id"
                                source=PickerSource::people()
                                required=true
                                hint=label(|k| k.acts_for_hint)
                            />
                            <TimeField form=form name="expires_at" hint=label(|k| k.expires_hint) />
                        </FormSection>
                        <RightsGrid form=form readonly=false />
                        <FormFailure form=form />
                        <FormActions form=form cancel=move |()| nav.to("/api-keys") />
                    </form>
                }
                    .into_any()
            }
        }}
    }
}

/// One key: what it may do, and when it was used.
#[component]
pub fn ApiKeyPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let key = Loader::new(move || api::get(format!("/api-keys/{}", id.get())).json::<ApiKey>());
    with_data(
        key,
        || view! { <RecordSkeleton /> }.into_any(),
        move |found| view! { <Record found=found key=key /> },
    )
}

#[component]
fn Record(found: ApiKey, key: Loader<ApiKey>) -> impl IntoView {
    let nav = use_nav();
    let session = use_session();
    let (confirm, toasts) = (use_confirm(), use_toasts());
    let editor = Editor::new::<ApiKeyInput>(
        &FIELDS,
        format!("/api-keys/{}", found.id),
        found.version,
        &found.input,
        move |changed: ApiKey| {
            toasts.done(t_now().common.saved);
            key.set(changed);
        },
    );
    let form = editor.form;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    let revoked = found.revoked_at.is_some();
    let may_update = move || !revoked && session.can(Module::Settings, Operation::Update);
    let (badge, ended) = (found.clone(), found.clone());
    let prefix = found.prefix.clone();
    view! {
        <UnsavedGuard form=form />
        <PageHeader
            title=Signal::stored(found.input.name.clone())
            up=list()
            beside=ViewFn::from(move || view! { <StateBadge key=badge.clone() /> })
            below=ViewFn::from(move || view! { <p class="muted mt-1"><code>{prefix.clone()} "…"</code></p> })
        >
            <Show when=move || session.can(Module::Settings, Operation::Update)>
                <HistoryButton record="api-keys" id=found.id.to_string() />
            </Show>
            {(!revoked)
                .then(|| {
                    view! {
                        <button
                            class="btn-quiet text-error"
                            data-testid="revoke"
                            on:click=move |_| {
                                revoke(&ended, confirm, toasts, Callback::new(move |k| key.set(k)));
                            }
                        >
                            {move || t().api_key.revoke}
                        </button>
                    }
                })}
        </PageHeader>
        <div class="max-w-4xl space-y-4">
            <UseCard found=found />
            <form class="space-y-4" novalidate on:submit=submit>
                <Show when=may_update>
                    <FormSection title=label(|k| k.title)>
                        <TextField form=form name="name" required=true />
                        <TimeField form=form name="expires_at" hint=label(|k| k.expires_hint) />
                    </FormSection>
                </Show>
                <RightsGrid form=form readonly=Signal::derive(move || !may_update()) />
                <FormFailure form=form />
                <Show when=may_update>
                    <FormActions form=form cancel=move |()| nav.to("/api-keys") />
                </Show>
            </form>
        </div>
        <ConflictDialog editor=editor names=member_name />
    }
}

/// Names of members that are no fields of the list, by pointer: for the conflict dialog.
fn member_name(pointer: &str) -> Option<&'static str> {
    (pointer == "/permissions").then(|| t().api_key.rights)
}

#[component]
fn UseCard(found: ApiKey) -> impl IntoView {
    let session = use_session();
    let field = |name: &'static str| Signal::derive(move || field_label(&FIELDS, name));
    let person =
        move |id: guanxi_domain::UserId| Signal::derive(move || session.person_name(id.as_str()));
    let time = |at: Option<Timestamp>| Signal::derive(move || at.map(format::time));
    let (end, used) = (found.input.expires_at, found.last_used_at);
    view! {
        <Card>
            <Facts>
                <Fact label=field("user_id") value=person(found.user_id) />
                <Fact
                    label=field("expires_at")
                    value=Signal::derive(move || {
                        Some(end.map_or_else(|| t().api_key.always.to_owned(), format::time))
                    })
                />
                <Fact
                    label=field("last_used_at")
                    value=Signal::derive(move || {
                        Some(used.map_or_else(|| t().api_key.never_used.to_owned(), format::time))
                    })
                />
                <Fact label=label(|k| k.used_from) value=Signal::stored(found.last_used_ip) />
                <Fact label=field("created_at") value=time(Some(found.created_at)) />
                {found.created_by.map(|by| view! { <Fact label=label(|k| k.created_by) value=person(by) /> })}
                {found.revoked_at.map(|at| view! { <Fact label=field("revoked_at") value=time(Some(at)) /> })}
            </Facts>
        </Card>
    }
}
