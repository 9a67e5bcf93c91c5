//! What needs attention today: tickets, orders, birthdays, gaps in customer data.

use guanxi_domain::Page;
use guanxi_domain::contact::Birthday;
use guanxi_domain::customer::{QualityCount, QualityFinding, QualityReport};
use guanxi_domain::order::OrderHead;
use guanxi_domain::ticket::{Ticket, TicketCount, TicketSummary};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api::{self, ApiError};
use crate::customer::finding_address;
use crate::format;
use crate::i18n::{HomeTexts, fill, lang, t};
use crate::load::Loader;
use crate::order::OrderStateBadge;
use crate::ticket::{OPEN_STATES, PriorityBadge, TicketStateBadge};
use crate::ui::{Card, EmptyState, Glyph, Icon, Skeleton, record_link, with_data};

/// Rows of a list on this page.
pub(super) const ROWS: u32 = 6;

pub(super) fn label(pick: fn(&HomeTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().home).to_owned())
}

/// The first records of a list, and how many there are in all.
pub(super) fn first<T>(
    path: &'static str,
    query: Vec<(&'static str, String)>,
    rows: u32,
) -> Loader<Page<T>>
where
    T: Clone + Send + Sync + serde::de::DeserializeOwned + 'static,
{
    Loader::new(move || {
        let pairs = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        let call = api::get(path)
            .pairs(pairs)
            .query("limit", rows)
            .query("with_total", true);
        async move { call.json::<Page<T>>().await }
    })
}

/// The list of one's own open tickets.
pub(super) fn mine_address() -> Signal<String> {
    Signal::stored(format!("/tickets?owner_id=me&state={OPEN_STATES}"))
}

pub(super) type Figure = Signal<Option<Result<i64, ApiError>>>;

pub(super) fn total<T: Clone + Send + Sync + 'static>(list: Loader<Page<T>>) -> Figure {
    Signal::derive(move || {
        list.with(|l| match (&l.data, &l.error) {
            (Some(page), _) => Some(Ok(page.total.unwrap_or_default())),
            (None, Some(error)) => Some(Err(error.clone())),
            (None, None) => None,
        })
    })
}

/// A count of the summary of tickets.
pub(super) fn of_summary(counts: Loader<TicketSummary>, read: fn(&TicketSummary) -> i64) -> Figure {
    Signal::derive(move || {
        counts.with(|l| match (&l.data, &l.error) {
            (Some(summary), _) => Some(Ok(read(summary))),
            (None, Some(error)) => Some(Err(error.clone())),
            (None, None) => None,
        })
    })
}

/// How many tickets are in each state; each leads to them.
#[component]
pub(super) fn TicketStates(counts: Loader<TicketSummary>) -> impl IntoView {
    let state = |count: TicketCount| {
        view! {
            <li>
                <A
                    href=format!("/tickets?state={}", count.state)
                    attr:class="flex flex-wrap items-center justify-between gap-2 rounded-field px-2 py-1.5 hover:bg-base-200"
                >
                    <TicketStateBadge state=count.state />
                    <span class="num font-medium">{format::integer(count.tickets)}</span>
                </A>
            </li>
        }
    };
    let body = move |summary: TicketSummary| {
        let states = summary.states.into_iter().map(state);
        view! { <ul class="grid grid-cols-2 gap-x-4 sm:grid-cols-3 xl:grid-cols-5">{states.collect_view()}</ul> }
    };
    view! {
        <div data-testid="ticket-states">
            <Card title=label(|h| h.by_state)>
                {with_data(counts, || view! { <Skeleton lines=2 /> }.into_any(), body)}
            </Card>
        </div>
    }
}

pub(super) fn ownerless(report: Loader<QualityReport>) -> Figure {
    Signal::derive(move || {
        report.with(|l| match (&l.data, &l.error) {
            (Some(report), _) => Some(Ok(report
                .findings
                .iter()
                .find(|count| count.finding == QualityFinding::NoOwner)
                .map_or(0, |count| count.customers))),
            (None, Some(error)) => Some(Err(error.clone())),
            (None, None) => None,
        })
    })
}

/// A count that leads to what it counts.
pub(super) fn figure(
    text: fn(&HomeTexts) -> &'static str,
    glyph: Glyph,
    address: Signal<String>,
    value: Figure,
) -> impl IntoView {
    let shown = move || match value.get() {
        None => {
            view! { <span class="inline-block h-6 w-10 animate-pulse rounded bg-base-300"></span> }
                .into_any()
        }
        Some(Ok(count)) => format::integer(count).into_any(),
        Some(Err(error)) => view! { <span title=error.message()>"—"</span> }.into_any(),
    };
    view! {
        <A
            href=move || address.get()
            attr:class="panel group flex items-start justify-between gap-2 px-4 py-3 transition-colors hover:border-primary/50"
        >
            <span class="min-w-0">
                <span class="muted block text-xs">{move || text(t().home)}</span>
                <span class="num mt-0.5 block text-xl font-semibold">{shown}</span>
            </span>
            <span class="grid size-8 shrink-0 place-items-center rounded-field bg-primary/10 text-primary">
                <Icon glyph=glyph />
            </span>
        </A>
    }
}

pub(super) fn see_all(address: Signal<String>) -> impl IntoView {
    view! {
        <A
            href=move || address.get()
            attr:class="inline-flex items-center gap-0.5 text-xs font-medium text-primary hover:underline"
        >
            {move || t().home.all}
            <Icon glyph=Glyph::ChevronRight class="size-3.5" />
        </A>
    }
}

/// One's own open tickets.
#[component]
pub(super) fn MyTickets(list: Loader<Page<Ticket>>, address: Signal<String>) -> impl IntoView {
    view! { <TicketsCard title=|h| h.my_tickets list=list address=address /> }
}

/// Those that have waited longest.
#[component]
pub(super) fn OldestTickets(list: Loader<Page<Ticket>>, address: Signal<String>) -> impl IntoView {
    view! { <TicketsCard title=|h| h.oldest list=list address=address /> }
}

#[component]
fn TicketsCard(
    title: fn(&HomeTexts) -> &'static str,
    list: Loader<Page<Ticket>>,
    address: Signal<String>,
) -> impl IntoView {
    let row = |ticket: Ticket| {
        let created = ticket.created_at;
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-base-300/70 px-4 py-2.5 last:border-b-0">
                <div class="min-w-0 flex-1 basis-56">
                    <p class="truncate">
                        {record_link(format!("/tickets/{}", ticket.id), ticket.input.subject)}
                    </p>
                    <p class="muted truncate text-xs">
                        <span class="num">{ticket.number}</span>
                        " · "
                        {ticket.customer_name}
                        " · "
                        {move || format::ago(created)}
                    </p>
                </div>
                <PriorityBadge priority=ticket.input.priority />
                <TicketStateBadge state=ticket.state />
            </li>
        }
    };
    let body = move |page: Page<Ticket>| {
        if page.items.is_empty() {
            view! {
                <EmptyState
                    glyph=Glyph::CircleCheck
                    title=label(|h| h.no_tickets_title)
                    text=label(|h| h.no_tickets_text)
                />
            }
            .into_any()
        } else {
            view! { <ul>{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <Card
            title=label(title)
            actions=ViewFn::from(move || see_all(address))
            flush=true
        >
            {with_data(list, || view! { <Skeleton lines=4 /> }.into_any(), body)}
        </Card>
    }
}

#[component]
pub(super) fn RecentOrders(
    list: Loader<Page<OrderHead>>,
    title: fn(&HomeTexts) -> &'static str,
    address: &'static str,
) -> impl IntoView {
    let row = |order: OrderHead| {
        let (ordered, total) = (order.ordered_at, order.total);
        view! {
            <li class="flex items-center gap-x-3 border-b border-base-300/70 px-4 py-2.5 last:border-b-0">
                <div class="min-w-0 flex-1">
                    <p class="truncate">
                        <span class="num">{record_link(format!("/orders/{}", order.id), order.number)}</span>
                    </p>
                    <p class="muted truncate text-xs">
                        {order.customer_name} " · " <span class="num">{move || format::day_of(ordered)}</span>
                    </p>
                </div>
                <OrderStateBadge state=order.state />
                <span class="num w-28 text-right font-medium">{move || format::money(total)}</span>
            </li>
        }
    };
    let body = move |page: Page<OrderHead>| {
        if page.items.is_empty() {
            view! { <EmptyState glyph=Glyph::Receipt title=label(|h| h.no_orders_title) /> }
                .into_any()
        } else {
            view! { <ul>{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    };
    let address = Signal::stored(address.to_owned());
    view! {
        <Card
            title=label(title)
            actions=ViewFn::from(move || see_all(address))
            flush=true
        >
            {with_data(list, || view! { <Skeleton lines=5 /> }.into_any(), body)}
        </Card>
    }
}

#[component]
pub(super) fn BirthdaysCard(list: Loader<Vec<Birthday>>) -> impl IntoView {
    let row = |birthday: Birthday| {
        let days = birthday.in_days;
        let when = move || {
            if days == 0 {
                t().home.today.to_owned()
            } else {
                fill(t().home.in_days, &[("n", &days.to_string())])
            }
        };
        let soon = if days <= 1 {
            "tag tag-primary"
        } else {
            "tag tag-plain"
        };
        view! {
            <li class="flex items-center gap-3 py-1.5">
                <span class="min-w-0 flex-1">
                    {record_link(format!("/contacts/{}", birthday.contact_id), birthday.name)}
                    <span class="muted block truncate text-xs">{birthday.customer_name}</span>
                </span>
                <span class=soon>{when}</span>
            </li>
        }
    };
    let body = move |list: Vec<Birthday>| {
        if list.is_empty() {
            view! { <p class="muted">{move || t().home.no_birthdays}</p> }.into_any()
        } else {
            view! { <ul>{list.into_iter().take(6).map(row).collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <Card title=label(|h| h.birthdays)>
            {with_data(list, || view! { <Skeleton lines=3 /> }.into_any(), body)}
        </Card>
    }
}

#[component]
pub(super) fn QualityCard(report: Loader<QualityReport>) -> impl IntoView {
    let row = |count: QualityCount| {
        let finding = count.finding;
        let name = move || finding.label(lang());
        view! {
            <li class="flex items-center justify-between gap-3 py-1">
                <A href=finding_address(finding) attr:class="link-plain">
                    {name}
                </A>
                <span class="num muted">{format::integer(count.customers)}</span>
            </li>
        }
    };
    let body = move |report: QualityReport| {
        let percent = report.completeness.clamp(0, 100);
        let customers = format::integer(report.customers);
        let found: Vec<_> = report
            .findings
            .into_iter()
            .filter(|count| count.customers > 0)
            .collect();
        view! {
            <p class="muted mb-1.5 text-xs">
                {move || {
                    fill(
                        t().home.completeness,
                        &[("n", &percent.to_string()), ("customers", &customers)],
                    )
                }}
            </p>
            <div class="mb-3 h-2 overflow-hidden rounded-full bg-base-300/70">
                <div class="h-full rounded-full bg-primary" style:width=format!("{percent}%")></div>
            </div>
            {if found.is_empty() {
                view! { <p class="muted">{move || t().home.fine}</p> }.into_any()
            } else {
                view! { <ul>{found.into_iter().map(row).collect_view()}</ul> }.into_any()
            }}
        }
    };
    view! {
        <Card title=label(|h| h.quality)>
            {with_data(report, || view! { <Skeleton lines=4 /> }.into_any(), body)}
        </Card>
    }
}
