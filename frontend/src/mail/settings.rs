use guanxi_domain::FieldSet;
use guanxi_domain::mail::{MailSettings, MailSettingsInput, MailTls};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;

use super::label;
use super::test::Test;
use crate::i18n::{fill, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Caution, CheckField, ConflictDialog, Editor, Form, FormActions, FormFailure, FormSection,
    NumberField, SelectField, TextField, UnsavedGuard, choices, use_toasts,
};

const FIELDS: FieldSet = FieldSet {
    record: "mail_settings",
    default_sort: "",
    fields: &[],
};

fn member_name(pointer: &str) -> Option<&'static str> {
    let m = t().mail;
    Some(match pointer {
        "/active" => m.active,
        "/host" => m.host,
        "/port" => m.port,
        "/tls" => m.tls,
        "/user" => m.user,
        "/password" => m.password,
        "/sender_name" => m.sender_name,
        "/sender_address" => m.sender_address,
        "/reply_to" => m.reply_to,
        "/app_url" => m.app_url,
        _ => return None,
    })
}

/// Where this app is reached, as its user sees it.
fn own_address() -> Option<String> {
    let origin = web_sys::window()?.location().origin().ok()?;
    origin.starts_with("http").then_some(origin)
}

/// Whoever begins to set up mail wants it on, in the company's name, with links that lead here.
fn propose(form: Form, company: Option<String>) {
    Effect::new(move |proposed: Option<bool>| {
        if proposed == Some(true) || form.text("host").is_empty() {
            return proposed.unwrap_or_default();
        }
        untrack(|| {
            form.set("active", true);
            if form.text("sender_name").is_empty() {
                form.set("sender_name", company.clone().unwrap_or_default());
            }
            form.set("app_url", own_address());
        });
        true
    });
}

#[component]
pub fn SettingsForm(found: MailSettings, settings: Loader<MailSettings>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let editor = Editor::new::<MailSettingsInput>(
        &FIELDS,
        "/mail-settings",
        found.version,
        &found.input,
        move |saved: MailSettings| {
            toasts.done(t_now().common.saved);
            settings.set(saved);
        },
    );
    let form = editor.form;
    let fresh = found.input.host.is_empty();
    if fresh {
        propose(form, untrack(|| session.meta()).map(|meta| meta.name));
    }
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    let may_update = move || session.can(Module::Settings, Operation::Update);
    let testable = !fresh;
    view! {
        <UnsavedGuard form=form />
        <div class="grid items-start gap-4 xl:grid-cols-[minmax(0,48rem)_minmax(0,24rem)]">
            <form class="min-w-0 space-y-4" novalidate on:submit=submit>
                <FormSection title=label(|m| m.section_server)>
                    <div class="sm:col-span-2">
                        <CheckField form=form name="active" label=label(|m| m.active) hint=label(|m| m.active_hint) />
                    </div>
                    <Server form=form found=found />
                </FormSection>
                <FormSection title=label(|m| m.section_sender)>
                    <TextField form=form name="sender_name" label=label(|m| m.sender_name) required=true />
                    <TextField
                        form=form
                        name="sender_address"
                        label=label(|m| m.sender_address)
                        kind="email"
                        required=true
                        hint=label(|m| m.sender_hint)
                    />
                    <TextField
                        form=form
                        name="reply_to"
                        label=label(|m| m.reply_to)
                        kind="email"
                        hint=label(|m| m.reply_hint)
                    />
                    <TextField
                        form=form
                        name="app_url"
                        label=label(|m| m.app_url)
                        kind="url"
                        hint=label(|m| m.app_url_hint)
                    />
                </FormSection>
                <FormFailure form=form />
                <Show when=may_update>
                    <FormActions form=form cancel=move |()| form.reset(form.original()) />
                </Show>
            </form>
            <Show when=move || testable && may_update()>
                <Test form=form />
            </Show>
        </div>
        <ConflictDialog editor=editor names=member_name />
    }
}

/// The server, and how to log in there.
#[component]
fn Server(form: Form, found: MailSettings) -> impl IntoView {
    let now = Memo::new(move |_| {
        serde_json::from_value::<MailSettingsInput>(form.value()).unwrap_or_default()
    });
    let exposed = Memo::new(move |_| {
        now.with(|now| now.tls == MailTls::None && !now.host.is_empty() && !now.stays_here())
    });
    let had_password = found.has_password;
    let before = StoredValue::new(found.input);
    let other = Memo::new(move |_| {
        let same = now.with(|now| before.with_value(|before| now.is_same_account(before)));
        had_password && !same
    });
    // Without a user nobody logs in.
    let lost = move || {
        let empty = |name| form.text(name).is_empty();
        other.get() && !empty("user") && empty("password")
    };
    let lost_text = Signal::derive(move || {
        let host = before.with_value(|before| before.host.clone());
        fill(t().mail.password_lost, &[("host", &host)])
    });
    let hint = Signal::derive(move || {
        let text = match (had_password, other.get()) {
            (false, _) => "",
            (true, false) => t().mail.password_kept,
            (true, true) => t().mail.password_again,
        };
        text.to_owned()
    });
    let tls = choices!(MailTls);
    view! {
        <TextField form=form name="host" label=label(|m| m.host) required=true hint=label(|m| m.host_hint) />
        <NumberField form=form name="port" label=label(|m| m.port) required=true />
        <Show when=lost>
            <div class="sm:col-span-2" data-testid="password-lost">
                <Caution text=lost_text />
            </div>
        </Show>
        <div class="sm:col-span-2">
            <SelectField form=form name="tls" label=label(|m| m.tls) options=tls required=true />
            <Show when=move || exposed.get()>
                <div class="mt-2">
                    <Caution text=label(|m| m.tls_warning) />
                </div>
            </Show>
        </div>
        <TextField form=form name="user" label=label(|m| m.user) hint=label(|m| m.user_hint) />
        <TextField
            form=form
            name="password"
            label=label(|m| m.password)
            kind="password"
            autocomplete="new-password"
            hint=hint
        />
    }
}
