use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::ticket::{FIELDS, Ticket};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::{Value, json};

use super::badges::{PriorityBadge, TicketStateBadge};
use super::label;
use crate::format;
use crate::i18n::{TicketTexts, lang, t};
use crate::session::{Session, use_session};
use crate::ui::{
    Actions, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, ListState, PageHeader, quick,
    record_link, use_records,
};

/// The states in which work remains, as a filter takes them.
pub const OPEN_STATES: &str = "new,open,waiting";

const ACTIONS: Actions = Actions {
    module: Module::Tickets,
    fields: &["priority", "kind", "channel", "team"],
    archive: false,
    states: true,
    delete: false,
};

fn address(ticket: &Ticket) -> String {
    format!("/tickets/{}", ticket.id)
}

fn columns(session: Session) -> Vec<Column<Ticket>> {
    vec![
        Column::field(&FIELDS, "subject", |ticket: &Ticket| {
            record_link(address(ticket), ticket.input.subject.clone())
        })
        .clip(),
        Column::field(&FIELDS, "number", |ticket: &Ticket| {
            view! { <span class="num muted">{ticket.number.clone()}</span> }
        }),
        Column::field(&FIELDS, "customer_id", |ticket: &Ticket| {
            ticket.customer_name.clone()
        })
        .clip(),
        Column::field(&FIELDS, "state", |ticket: &Ticket| {
            view! { <TicketStateBadge state=ticket.state /> }
        }),
        Column::field(&FIELDS, "priority", |ticket: &Ticket| {
            view! { <PriorityBadge priority=ticket.input.priority /> }
        }),
        Column::field(&FIELDS, "kind", |ticket: &Ticket| {
            let kind = ticket.input.kind;
            move || kind.label(lang())
        })
        .phone_hidden(),
        Column::field(&FIELDS, "owner_id", move |ticket: &Ticket| {
            let owner = ticket.input.owner_id;
            move || match owner {
                Some(id) => session.person_name(id.as_str()).into_any(),
                None => view! { <span class="muted">{t().ticket.unassigned}</span> }.into_any(),
            }
        }),
        Column::field(&FIELDS, "created_at", |ticket: &Ticket| {
            let created = ticket.created_at;
            view! {
                <span class="num whitespace-nowrap" title=move || format::time(created)>
                    {move || format::ago(created)}
                </span>
            }
        }),
        Column::field(&FIELDS, "channel", |ticket: &Ticket| {
            let channel = ticket.input.channel;
            move || channel.label(lang())
        })
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "team", |ticket: &Ticket| ticket.input.team.clone())
            .phone_hidden()
            .extra(),
        Column::field(&FIELDS, "updated_at", |ticket: &Ticket| {
            let updated = ticket.updated_at;
            view! { <span class="num whitespace-nowrap">{move || format::time(updated)}</span> }
        })
        .phone_hidden()
        .extra(),
    ]
}

/// Filters that people go to all day.
#[component]
fn QuickViews(list: ListState) -> impl IntoView {
    let item = move |text: fn(&TicketTexts) -> &'static str, key: &'static str, filter: Value| {
        let filter = StoredValue::new(filter);
        let chosen = move || filter.with_value(|filter| *filter == list.tree());
        view! {
            <button
                class="cursor-pointer rounded-full px-3 py-1 text-[0.8125rem] font-medium whitespace-nowrap"
                class=(["bg-primary", "text-primary-content"], chosen)
                class=(["muted", "hover:bg-base-300/60"], move || !chosen())
                aria-pressed=move || chosen().to_string()
                data-testid=format!("quick-{key}")
                on:click=move |_| filter.with_value(|filter| list.set_tree(filter))
            >
                {move || text(t().ticket)}
            </button>
        }
    };
    // As the links of the home page are read.
    let open = json!({
        "field": "state",
        "op": "in",
        "value": OPEN_STATES.split(',').collect::<Vec<_>>(),
    });
    let mine = json!({ "field": "owner_id", "op": "in", "value": ["me"] });
    let nobody = json!({ "field": "owner_id", "op": "empty" });
    view! {
        <div
            class="mb-3 flex gap-1 overflow-x-auto"
            role="group"
            aria-label=move || t().ticket.quick
        >
            {item(|s| s.quick_all, "all", Value::Null)}
            {item(|s| s.quick_mine, "mine", json!({ "and": [open, mine] }))}
            {item(|s| s.quick_unassigned, "unassigned", json!({ "and": [open, nobody] }))}
            {item(|s| s.quick_open, "open", open)}
        </div>
    }
}

#[component]
pub fn TicketListPage() -> impl IntoView {
    let session = use_session();
    let list = use_records::<Ticket>(&FIELDS, Vec::new());
    let new_button = move || {
        session.can(Module::Tickets, Operation::Create).then(|| {
            view! {
                <A href="/tickets/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-ticket">
                    <Icon glyph=Glyph::Plus />
                    {move || t().ticket.new}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::Ticket
                title=label(|s| s.empty_title)
                text=label(|s| s.empty_text)
            >
                {new_button}
            </EmptyState>
        }
    };
    view! {
        <PageHeader title=label(|s| s.title)>{new_button}</PageHeader>
        <QuickViews list=list.state() />
        <DataTable list=list columns=columns(session) href=address empty=empty actions=ACTIONS>
            <FilterBar
                list=list.state()
                filters=quick(&[
                    "state",
                    "priority",
                    "kind",
                    "owner_id",
                    "customer_id",
                    "created_at",
                    "channel",
                    "first_response_at",
                ])
                placeholder=label(|s| s.search)
            />
        </DataTable>
    }
}
