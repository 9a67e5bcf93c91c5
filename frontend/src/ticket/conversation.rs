//! What was said and what changed, oldest first.

use guanxi_domain::Page;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::ticket::{Comment, CommentKind, FIELDS, Priority, Ticket, TicketState};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::label;
use super::reply::ReplyBox;
use crate::api::{self, ApiError};
use crate::format;
use crate::i18n::{field_label, fill, lang, t};
use crate::load::Loader;
use crate::session::{Session, use_session};
use crate::ui::{Card, Glyph, Icon, Skeleton, use_toasts, with_data};

/// Entries fetched at once.
const PAGE: u32 = 50;

async fn newest(path: String, cursor: Option<String>) -> Result<Page<Comment>, ApiError> {
    let mut call = api::get(path)
        .query("sort", "-created_at")
        .query("limit", PAGE);
    if let Some(cursor) = cursor {
        call = call.query("cursor", cursor);
    }
    call.json().await
}

/// The newest entries of a ticket's history.
pub fn load_history(ticket_id: &str) -> Loader<Page<Comment>> {
    let path = format!("/tickets/{ticket_id}/comments");
    Loader::new(move || newest(path.clone(), None))
}

#[component]
pub fn Conversation(
    ticket: Loader<Ticket>,
    ticket_id: String,
    history: Loader<Page<Comment>>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let path = StoredValue::new(format!("/tickets/{ticket_id}/comments"));
    let more = move |cursor: String| {
        spawn_local(async move {
            match newest(path.get_value(), Some(cursor)).await {
                Ok(older) => {
                    if let Some(mut page) = history.data_untracked() {
                        page.items.extend(older.items);
                        page.next_cursor = older.next_cursor;
                        history.set(page);
                    }
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let written = Callback::new(move |()| {
        history.reload();
        // A first reply sets figures of the ticket, and takes it up.
        ticket.reload();
    });
    let opening = move || {
        ticket.data().map(|found| {
            let (at, who) = (found.created_at, found.customer_name.clone());
            let text = found.input.description.clone();
            view! {
                <article class="rounded-box border border-base-300 bg-base-200/60 px-3.5 py-3">
                    <p class="flex flex-wrap items-baseline gap-x-2">
                        <span class="font-medium">{who}</span>
                        <span class="num muted text-xs">{format::time(at)}</span>
                    </p>
                    {match text {
                        Some(text) => {
                            view! { <p class="mt-1 break-words whitespace-pre-line">{text}</p> }.into_any()
                        }
                        None => view! { <p class="muted mt-1">{t().ticket.no_description}</p> }.into_any(),
                    }}
                </article>
            }
        })
    };
    let entries = move |page: Page<Comment>| {
        let earlier = page.next_cursor.clone().map(|cursor| {
            view! {
                <button class="btn btn-ghost btn-sm w-full text-primary" on:click=move |_| more(cursor.clone())>
                    {move || t().ticket.earlier}
                </button>
            }
        });
        let entries: Vec<_> = page
            .items
            .into_iter()
            .rev()
            .map(|comment| entry(session, comment))
            .collect();
        view! {
            {earlier}
            {entries}
        }
    };
    let may_write = move || session.can(Module::Tickets, Operation::Update);
    view! {
        <Card title=label(|s| s.conversation) flush=true>
            <div class="space-y-3 p-4" data-testid="conversation">
                {opening}
                {with_data(history, || view! { <Skeleton lines=3 /> }.into_any(), entries)}
            </div>
            <Show when=may_write>
                <ReplyBox ticket_id=ticket_id.clone() written=written />
            </Show>
        </Card>
    }
}

fn entry(session: Session, comment: Comment) -> AnyView {
    let (at, author) = (comment.created_at, comment.author_name);
    let (frame, ink, glyph, badge) = match comment.kind {
        CommentKind::Event => {
            let changes = comment.changes.unwrap_or_default();
            // A first reply only sets times, which stand beside the conversation.
            if untrack(|| event_text(session, &changes)).is_empty() {
                return ().into_any();
            }
            return view! {
                <p class="muted flex items-start gap-2 px-1 text-xs" data-kind="event">
                    <span class="mt-1.5 size-1.5 shrink-0 rounded-full bg-base-content/40"></span>
                    <span>
                        <span class="font-medium">{author}</span>
                        " "
                        {move || event_text(session, &changes)}
                        " · "
                        <span class="num" title=move || format::time(at)>
                            {move || format::ago(at)}
                        </span>
                    </span>
                </p>
            }
            .into_any();
        }
        CommentKind::Public => (
            "border-primary/30 bg-primary/6 sm:ml-8",
            "text-primary",
            Glyph::Send,
            label(|s| s.reply_badge),
        ),
        CommentKind::Internal => (
            "border-dashed border-warning/60 bg-warning/8 sm:ml-8",
            "text-warning",
            Glyph::Lock,
            label(|s| s.internal_badge),
        ),
    };
    view! {
        <article class=format!("rounded-box border px-3.5 py-3 {frame}") data-kind=comment.kind.as_str()>
            <p class="flex flex-wrap items-center gap-x-2">
                <span class="font-medium">{author}</span>
                <span class=format!("inline-flex items-center gap-1 text-xs {ink}")>
                    <Icon glyph=glyph class="size-3" />
                    {move || badge.get()}
                </span>
                <span class="num muted ml-auto text-xs" title=move || format::time(at)>
                    {move || format::ago(at)}
                </span>
            </p>
            <p class="mt-1 break-words whitespace-pre-line">{comment.body}</p>
        </article>
    }
    .into_any()
}

/// Members that follow from the others.
const FOLLOW: &[&str] = &[
    "first_responder_id",
    "responsible_id",
    "first_response_at",
    "resolved_at",
    "closed_at",
    "reopened",
    "department_id",
];

/// What a change says: old and new state or owner, else the names of the fields.
fn event_text(session: Session, changes: &Value) -> String {
    let Some(changes) = changes.as_object() else {
        return String::new();
    };
    let shown = |name: &str, value: &Value| -> String {
        let word = value.as_str().unwrap_or_default();
        match name {
            "state" => word
                .parse::<TicketState>()
                .map_or_else(|_| word.to_owned(), |s| s.label(lang()).to_owned()),
            "priority" => word
                .parse::<Priority>()
                .map_or_else(|_| word.to_owned(), |p| p.label(lang()).to_owned()),
            "owner_id" if value.is_null() => t().ticket.unassigned.to_owned(),
            "owner_id" => session.person_name(word).unwrap_or_else(|| "…".to_owned()),
            _ => word.to_owned(),
        }
    };
    let mut told = Vec::new();
    let mut others = Vec::new();
    for (name, change) in changes {
        let label = field_label(&FIELDS, name);
        if matches!(name.as_str(), "state" | "owner_id" | "priority") {
            told.push(format!(
                "{label}{}{} → {}",
                t().common.colon,
                shown(name, &change["old"]),
                shown(name, &change["new"])
            ));
        } else if !FOLLOW.contains(&name.as_str()) {
            others.push(if name == "description" {
                t().ticket.description.to_owned()
            } else {
                label
            });
        }
    }
    if told.is_empty() && others.is_empty() {
        others.extend(
            changes
                .keys()
                .filter(|name| *name == "responsible_id")
                .map(|name| field_label(&FIELDS, name)),
        );
    }
    if !others.is_empty() {
        let comma = lang().pick("、", ", ");
        told.push(fill(
            t().ticket.event_changed,
            &[("fields", &others.join(comma))],
        ));
    }
    told.join(lang().pick("；", "; "))
}
