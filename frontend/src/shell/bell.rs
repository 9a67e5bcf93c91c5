//! The bell: what somebody is told of, and how much of it is unread.

use guanxi_domain::job::JobKind;
use guanxi_domain::notification::{MarkedRead, Notification, NotificationKind, Notifications};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::live::{NOTIFICATIONS, use_live};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{Glyph, Icon, Menu, use_toasts};

/// For whoever is logged in.
#[component]
pub fn Bell() -> impl IntoView {
    let session = use_session();
    let inside = Memo::new(move |_| session.me().map(|me| me.user.id));
    view! {
        {move || inside.get().map(|_| view! { <Notices /> })}
    }
}

#[component]
fn Notices() -> impl IntoView {
    let toasts = use_toasts();
    let loader = Loader::new(|| {
        api::get("/notifications")
            .query("limit", 20)
            .json::<Notifications>()
    });
    use_live().on(NOTIFICATIONS, move |_| loader.reload());
    let unread = Memo::new(move |_| loader.with(|l| l.data.as_ref().map_or(0, |n| n.unread)));
    let label = Signal::derive(move || match unread.get() {
        0 => t().shell.notifications.to_owned(),
        n => fill(t().shell.notifications_unread, &[("n", &n.to_string())]),
    });
    let read_all = move |event: leptos::ev::MouseEvent| {
        // The list stays open.
        event.stop_propagation();
        spawn_local(async move {
            match api::post("/notifications/read-all")
                .json::<MarkedRead>()
                .await
            {
                Ok(_) => loader.reload(),
                Err(error) => toasts.error(&error),
            }
        });
    };
    let button = move || {
        view! {
            <span class="relative">
                <Icon glyph=Glyph::Bell class="size-[1.125rem]" />
                <Show when=move || unread.get().is_positive()>
                    <span class="num absolute -top-2 left-2 grid h-4 min-w-4 place-items-center rounded-full bg-error px-1 text-[0.625rem] leading-none font-semibold text-error-content">
                        {move || if unread.get() > 99 { "99+".to_owned() } else { unread.get().to_string() }}
                    </span>
                </Show>
            </span>
        }
    };
    let rows = move || {
        loader.with(|l| {
            l.data
                .as_ref()
                .map(|n| n.page.items.clone())
                .unwrap_or_default()
        })
    };
    view! {
        <Menu
            button=ViewFn::from(button)
            label=label
            button_class="btn btn-ghost btn-square btn-sm"
            side="right-0 max-sm:fixed! max-sm:inset-x-3! max-sm:top-14!"
        >
            <div class="sm:w-88" data-testid="notifications">
                <div class="flex items-center gap-2 border-b border-base-300 px-3 pt-1 pb-2">
                    <p class="flex-1 font-semibold">{move || t().shell.notifications}</p>
                    <Show when=move || unread.get().is_positive()>
                        <button type="button" class="btn btn-ghost btn-xs" on:click=read_all>
                            {move || t().shell.read_all}
                        </button>
                    </Show>
                </div>
                <ul class="max-h-[min(28rem,70dvh)] overflow-y-auto py-1">
                    {move || {
                        rows()
                            .into_iter()
                            .map(|notification| view! { <Row notification=notification loader=loader /> })
                            .collect_view()
                    }}
                </ul>
                <Show when=move || rows().is_empty()>
                    <p class="muted px-3 pt-4 pb-6 text-center">{move || t().shell.no_notifications}</p>
                </Show>
            </div>
        </Menu>
    }
}

const fn glyph(kind: NotificationKind) -> Glyph {
    match kind {
        NotificationKind::TicketAssigned => Glyph::Ticket,
        NotificationKind::CustomerAssigned => Glyph::Building,
        NotificationKind::RecordShared => Glyph::Share,
        NotificationKind::ApprovalRequested
        | NotificationKind::ApprovalApproved
        | NotificationKind::ApprovalRejected
        | NotificationKind::ApprovalExpired => Glyph::CircleCheck,
        NotificationKind::ImportFinished => Glyph::Upload,
        NotificationKind::WebhookPaused => Glyph::Warning,
        NotificationKind::JobFinished => Glyph::Play,
        NotificationKind::JobFailed => Glyph::CircleX,
    }
}

/// Where the record is: a run on the page that shows runs.
fn address(notification: &Notification) -> String {
    let (record, id) = (&notification.record, &notification.record_id);
    match record.as_str() {
        "cluster_runs" => format!("/clusters?run={id}"),
        "reports" => format!("/reports/{id}?mail=1"),
        "rule_runs" => format!("/rules?run={id}"),
        _ => format!("/{record}/{id}"),
    }
}

/// What the record is called: a job by its kind.
fn subject(notification: &Notification) -> String {
    match notification.subject.parse::<JobKind>() {
        Ok(kind) if notification.record == "jobs" || kind.about() == Some(&notification.record) => {
            kind.label(lang()).to_owned()
        }
        _ => notification.subject.clone(),
    }
}

#[component]
fn Row(notification: Notification, loader: Loader<Notifications>) -> impl IntoView {
    let session = use_session();
    let nav = use_nav();
    let (id, kind, created) = (notification.id, notification.kind, notification.created_at);
    let unread = notification.read_at.is_none();
    let address = address(&notification);
    let by = notification.by;
    let open = move |_| {
        if unread {
            spawn_local(async move {
                // The page opens all the same; it stays unread then.
                if api::post(format!("/notifications/{id}/read"))
                    .done()
                    .await
                    .is_ok()
                {
                    loader.reload();
                }
            });
        }
        nav.to(&address);
    };
    let name = move || by.and_then(|id| session.person_name(id.as_str()));
    view! {
        <li>
            <button
                type="button"
                role="menuitem"
                class="flex w-full cursor-pointer gap-3 rounded-md px-3 py-2 text-left hover:bg-base-200"
                on:click=open
            >
                <span class="mt-0.5 text-base-content/60">
                    <Icon glyph=glyph(kind) class="size-4" />
                </span>
                <span class="min-w-0 flex-1">
                    <span class="block truncate" class=("font-semibold", unread)>
                        {move || subject(&notification)}
                    </span>
                    <span class="muted block text-xs">
                        {move || kind.label(lang())} {move || name().map(|name| format!(" · {name}"))} " · "
                        <span class="num">{move || format::ago(created)}</span>
                    </span>
                </span>
                {unread.then(|| view! { <span class="mt-1.5 size-2 shrink-0 rounded-full bg-primary" aria-hidden="true"></span> })}
            </button>
        </li>
    }
}
