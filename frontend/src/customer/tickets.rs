use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::ticket::{FIELDS, Ticket};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::json;

use crate::format;
use crate::i18n::{lang, t};
use crate::session::use_session;
use crate::ticket::{PriorityBadge, TicketStateBadge};
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, quick, record_link, use_records,
};

fn address(ticket: &Ticket) -> String {
    format!("/tickets/{}", ticket.id)
}

/// The tickets of one customer.
#[component]
pub fn CustomerTickets(customer_id: String) -> impl IntoView {
    let session = use_session();
    let list = use_records::<Ticket>(
        &FIELDS,
        vec![json!({ "field": "customer_id", "op": "eq", "value": customer_id })],
    );
    let columns = vec![
        Column::field(&FIELDS, "subject", |ticket: &Ticket| {
            record_link(address(ticket), ticket.input.subject.clone())
        })
        .clip(),
        Column::field(&FIELDS, "number", |ticket: &Ticket| {
            view! { <span class="num muted">{ticket.number.clone()}</span> }
        }),
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
        Column::field(&FIELDS, "created_at", |ticket: &Ticket| {
            let created = ticket.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::time(created)}</span> }
        }),
    ];
    let new_ticket = format!("/tickets/new?customer_id={customer_id}");
    let empty = || {
        view! {
            <EmptyState
                glyph=Glyph::Ticket
                title=Signal::derive(|| t().customer.no_tickets_title.to_owned())
                text=Signal::derive(|| t().customer.no_tickets_text.to_owned())
            />
        }
    };
    view! {
        <Show when=move || session.can(Module::Tickets, Operation::Create)>
            <div class="mb-3 flex justify-end">
                <A href=new_ticket.clone() attr:class="btn-quiet">
                    <Icon glyph=Glyph::Plus />
                    {move || t().ticket.new}
                </A>
            </div>
        </Show>
        <DataTable list=list columns=columns href=address empty=empty>
            <FilterBar list=list.state() filters=quick(&["state", "kind", "created_at"]) />
        </DataTable>
    }
}
