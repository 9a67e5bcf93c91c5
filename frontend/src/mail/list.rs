use std::time::Duration;

use guanxi_domain::mail::{FIELDS, Mail, MailSettings, MailState};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::label;
use crate::api;
use crate::format;
use crate::i18n::{field_label, lang, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Badge, Column, DataTable, Dialog, EmptyState, Fact, Facts, FilterBar, Glyph, Icon, List, Tone,
    quick, use_list, use_toasts,
};

/// How often mails that wait are asked after.
const POLL: Duration = Duration::from_secs(3);

const fn tone(state: MailState) -> Tone {
    match state {
        MailState::Pending => Tone::Primary,
        MailState::Sent => Tone::Success,
        MailState::Failed => Tone::Error,
    }
}

fn columns() -> Vec<Column<Mail>> {
    vec![
        Column::field(&FIELDS, "subject", |mail: &Mail| mail.subject.clone()).clip(),
        Column::new(
            "to",
            || t().mail.recipient.to_owned(),
            |mail: &Mail| {
                let name = Some(mail.to_name.clone()).filter(|name| !name.is_empty());
                let address = mail.to_address.clone();
                view! {
                    {name}
                    " "
                    <span class="muted">{address}</span>
                }
            },
        )
        .clip(),
        Column::field(&FIELDS, "state", |mail: &Mail| {
            let state = mail.state;
            view! {
                <Badge tone=tone(state) text=Signal::derive(move || state.label(lang()).to_owned()) />
            }
        }),
        Column::field(&FIELDS, "fault", |mail: &Mail| {
            let fault = mail.fault;
            view! { <span class="muted">{move || fault.map(|fault| fault.label(lang()))}</span> }
        })
        .clip()
        .phone_hidden(),
        Column::field(&FIELDS, "kind", |mail: &Mail| {
            let kind = mail.kind;
            move || kind.label(lang())
        })
        .phone_hidden(),
        Column::field(&FIELDS, "created_at", |mail: &Mail| {
            let created = mail.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::time(created)}</span> }
        }),
    ]
}

/// What has left, what waits, and what could not leave; a row opens what the server said.
#[component]
pub fn Outgoing(settings: Loader<MailSettings>) -> impl IntoView {
    let list = use_list::<Mail>("/mails", &FIELDS);
    let chosen = RwSignal::new(None::<Mail>);
    let open = RwSignal::new(false);
    let poll = move || {
        if list.any(|mail| mail.state == MailState::Pending) {
            list.reload();
        }
    };
    if let Ok(handle) = set_interval_with_handle(poll, POLL) {
        on_cleanup(move || handle.clear());
    }
    let show = Callback::new(move |mail: Mail| {
        chosen.set(Some(mail));
        open.set(true);
    });
    let off = move || settings.with(|l| l.data.as_ref().is_some_and(|s| !s.input.active));
    let empty = || {
        view! {
            <EmptyState glyph=Glyph::Mail title=label(|m| m.empty) text=label(|m| m.empty_text) />
        }
    };
    view! {
        <Show when=off>
            <div
                class="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-warning/40 bg-warning/10 px-4 py-2.5"
                role="status"
            >
                <Icon glyph=Glyph::Warning class="size-4 text-warning" />
                <p class="min-w-0 flex-1">{move || t().mail.off}</p>
                <A href="/mail?tab=settings" attr:class="link-plain">
                    {move || t().mail.off_link}
                </A>
            </div>
        </Show>
        <DataTable list=list columns=columns() on_row=show empty=empty>
            <FilterBar
                list=list.state()
                filters=quick(&["state", "fault", "kind", "user_id", "created_at"])
                no_search=true
            />
        </DataTable>
        <Dialog open=open title=label(|m| m.mail) width="max-w-2xl">
            {move || chosen.get().map(|mail| view! { <Detail mail=mail list=list open=open /> })}
        </Dialog>
    }
}

#[component]
fn Detail(mail: Mail, list: List<Mail>, open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let path = StoredValue::new(format!("/mails/{}/resend", mail.id));
    let resend = move |_| {
        spawn_local(async move {
            match api::post(path.get_value()).json::<Mail>().await {
                Ok(_) => {
                    toasts.done(t_now().mail.resent);
                    open.set(false);
                    list.reload();
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let field = |name: &'static str| Signal::derive(move || field_label(&FIELDS, name));
    let may = mail.state != MailState::Pending;
    let (state, fault, next, finished) = (mail.state, mail.fault, mail.next_at, mail.finished_at);
    let to = format!("{} <{}>", mail.to_name, mail.to_address);
    let attempts = mail.attempts;
    view! {
        <Facts>
            <Fact label=field("subject") value=Signal::stored(Some(mail.subject)) wide=true />
            <Fact label=label(|m| m.recipient) value=Signal::stored(Some(to.trim().to_owned())) wide=true />
            <Fact label=field("state")>
                <Badge tone=tone(state) text=Signal::derive(move || state.label(lang()).to_owned()) />
            </Fact>
            <Fact
                label=label(|m| m.attempts)
                value=Signal::derive(move || Some(format::integer(i64::from(attempts))))
            />
            <Fact label=label(|m| m.next) value=Signal::derive(move || next.map(format::time)) />
            <Fact label=field("finished_at") value=Signal::derive(move || finished.map(format::time)) />
            <Fact
                label=field("fault")
                value=Signal::derive(move || fault.map(|fault| fault.label(lang()).to_owned()))
                wide=true
            />
            <Fact label=label(|m| m.answer) wide=true>
                <code class="text-xs break-words">{mail.answer}</code>
            </Fact>
            <Fact label=label(|m| m.message_id) wide=true>
                <code class="text-xs break-all">{mail.message_id}</code>
            </Fact>
        </Facts>
        <p class="muted mt-3 text-xs">{move || t().mail.kept}</p>
        <Show when=move || may && session.can(Module::Settings, Operation::Update)>
            <div class="mt-4 flex justify-end">
                <button class="btn-quiet" on:click=resend>
                    <Icon glyph=Glyph::Refresh />
                    {move || t().mail.resend}
                </button>
            </div>
        </Show>
    }
}
