use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::ticket::{Channel, FIELDS, Priority, Ticket, TicketKind, TicketState};
use leptos::prelude::*;
use leptos_router::components::A;

use super::badges::{PriorityBadge, TicketStateBadge};
use super::label;
use crate::format;
use crate::i18n::{TicketTexts, lang, t};
use crate::nav::use_url;
use crate::session::{Session, use_session};
use crate::ui::{
    Column, DataTable, EmptyState, Filter, FilterBar, Glyph, Icon, PageHeader, PickerSource,
    choices, record_link, use_list,
};

/// The states in which work remains, as a filter takes them.
pub const OPEN_STATES: &str = "new,open,waiting";

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

/// Views that people go to all day; the choice stands in the address like any other filter.
#[component]
fn QuickViews() -> impl IntoView {
    let url = use_url();
    let session = use_session();
    let me = move || session.me().map(|me| me.user.id.to_string());
    let item = move |text: fn(&TicketTexts) -> &'static str,
                     key: &'static str,
                     owner: Signal<Option<String>>,
                     state: Option<&'static str>| {
        let chosen =
            move || url.get("owner_id") == owner.get() && url.get("state").as_deref() == state;
        view! {
            <button
                class="cursor-pointer rounded-full px-3 py-1 text-[0.8125rem] font-medium whitespace-nowrap"
                class=(["bg-primary", "text-primary-content"], chosen)
                class=(["muted", "hover:bg-base-300/60"], move || !chosen())
                aria-pressed=move || chosen().to_string()
                data-testid=format!("quick-{key}")
                on:click=move |_| {
                    url.set(&[("owner_id", owner.get_untracked()), ("state", state.map(str::to_owned))]);
                }
            >
                {move || text(t().ticket)}
            </button>
        }
    };
    view! {
        <div
            class="mb-3 flex gap-1 overflow-x-auto"
            role="group"
            aria-label=move || t().ticket.quick
        >
            {item(|s| s.quick_all, "all", Signal::stored(None), None)}
            {item(|s| s.quick_mine, "mine", Signal::derive(me), Some(OPEN_STATES))}
            {item(
                |s| s.quick_unassigned,
                "unassigned",
                Signal::stored(Some("none".to_owned())),
                Some(OPEN_STATES),
            )}
            {item(|s| s.quick_open, "open", Signal::stored(None), Some(OPEN_STATES))}
        </div>
    }
}

#[component]
pub fn TicketListPage() -> impl IntoView {
    let session = use_session();
    let list = use_list::<Ticket>("/tickets", &FIELDS, Vec::new());
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
        <QuickViews />
        <DataTable list=list columns=columns(session) href=address empty=empty>
            <FilterBar
                fields=&FIELDS
                filters=vec![
                    Filter::choice("state", choices!(TicketState)),
                    Filter::choice("priority", choices!(Priority)),
                    Filter::choice("kind", choices!(TicketKind)),
                    Filter::record("owner_id", PickerSource::people()).or_empty(),
                    Filter::record("customer_id", PickerSource::customers()),
                    Filter::times("created_at"),
                    Filter::choice("channel", choices!(Channel)),
                    Filter::times("first_response_at").or_empty(),
                ]
                placeholder=label(|s| s.search)
            />
        </DataTable>
    }
}
