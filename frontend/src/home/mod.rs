//! The start: a dashboard that follows what the role may read. At most six calls; what somebody may not read is absent.

mod administration;
mod daily;
mod first_steps;
mod pinned;
mod sales;
mod segments;

use guanxi_domain::contact::Birthday;
use guanxi_domain::customer::QualityReport;
use guanxi_domain::order::OrderHead;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::report::{ReportChart, ReportDimension, ReportMeasure};
use guanxi_domain::ticket::{Ticket, TicketSummary};
use leptos::prelude::*;

use crate::api;
use crate::format;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::{Session, use_session};
use crate::shell::first_allowed;
use crate::ticket::OPEN_STATES;
use crate::ui::{EmptyState, Glyph, PageHeader, Skeleton};

use administration::Administration;
use daily::{
    BirthdaysCard, MyTickets, OldestTickets, QualityCard, ROWS, RecentOrders, TicketStates, figure,
    first, mine_address, of_summary, ownerless, total,
};
use first_steps::{FirstSteps, Has, what_there_is};
use pinned::Pinned;
use sales::{Breakdown, LeavingCard, SalesFigures, Trend, trend};
use segments::SegmentsCard;

/// Whose day it is: the first that fits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dashboard {
    Administrator,
    Finance,
    /// Also analysts, marketing and directors.
    Manager,
    Sales,
    Service,
    /// Whoever works on orders, customers and tickets without reports.
    Daily,
    Nothing,
}

impl Dashboard {
    fn of(session: Session) -> Self {
        let may = |module, operation| session.can(module, operation);
        let reads = |module| may(module, Operation::Read);
        let figures = [Module::Reports, Module::Orders, Module::Customers];
        let scope = session
            .me()
            .and_then(|me| me.permissions.scope(Module::Reports, Operation::Read));
        if may(Module::Settings, Operation::Update) {
            Self::Administrator
        } else if figures.into_iter().all(reads) {
            match scope {
                Some(Scope::Own) => Self::Sales,
                _ if may(Module::Payments, Operation::Create)
                    && !may(Module::Customers, Operation::Update) =>
                {
                    Self::Finance
                }
                _ => Self::Manager,
            }
        } else if reads(Module::Tickets) && !may(Module::Orders, Operation::Create) {
            Self::Service
        } else if [Module::Orders, Module::Tickets, Module::Customers]
            .into_iter()
            .any(reads)
        {
            Self::Daily
        } else {
            Self::Nothing
        }
    }
}

#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    let nav = use_nav();
    let dashboard = untrack(|| Dashboard::of(session));
    let body = match dashboard {
        Dashboard::Administrator => administrator(session),
        Dashboard::Finance => finance(),
        Dashboard::Manager => manager(),
        Dashboard::Sales => sales_person(session),
        Dashboard::Service => service(session),
        Dashboard::Daily => daily_work(session),
        Dashboard::Nothing => {
            // Nothing of daily work is theirs: an administrator's helper, or somebody without a role.
            Effect::new(move |_| {
                if let Some(address) = first_allowed(session) {
                    nav.replace(address);
                }
            });
            return view! {
                <div class="panel">
                    <EmptyState
                        glyph=Glyph::Lock
                        title=Signal::derive(|| t().shell.product.to_owned())
                        text=Signal::derive(|| t().shell.nothing_allowed.to_owned())
                    />
                </div>
            }
            .into_any();
        }
    };
    view! {
        <Greeting session=session />
        {body}
    }
    .into_any()
}

#[component]
fn Greeting(session: Session) -> impl IntoView {
    let title = Signal::derive(move || {
        let h = t().home;
        let text = match js_sys::Date::new_0().get_hours() {
            4..12 => h.morning,
            12..18 => h.afternoon,
            _ => h.evening,
        };
        let name = session.me().map(|me| me.user.input.name);
        fill(text, &[("name", &name.unwrap_or_default())])
    });
    let day = move || format::date(guanxi_domain::Timestamp::now().date());
    view! {
        <PageHeader
            title=title
            below=ViewFn::from(move || view! { <p class="muted mt-0.5">{day}</p> })
        />
    }
}

/// Two columns where there is room, the wider one first.
fn columns(wide: impl IntoView, narrow: impl IntoView) -> impl IntoView {
    view! {
        <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <div class="min-w-0 space-y-4">{wide}</div>
            <div class="grid gap-4 sm:grid-cols-2 xl:grid-cols-1">{narrow}</div>
        </div>
    }
}

fn me(session: Session) -> String {
    let me = untrack(|| session.me());
    me.map(|me| me.user.id.to_string()).unwrap_or_default()
}

/// One's own open tickets, the most urgent first.
fn my_tickets(session: Session) -> Loader<guanxi_domain::Page<Ticket>> {
    let query = vec![
        ("owner_id", me(session)),
        ("state", OPEN_STATES.to_owned()),
        ("sort", "-priority,created_at".to_owned()),
    ];
    first::<Ticket>("/tickets", query, ROWS)
}

fn birthdays(session: Session) -> Option<impl IntoView> {
    untrack(|| session.can(Module::Contacts, Operation::Read)).then(|| {
        let list = Loader::new(|| {
            api::get("/contacts/birthdays")
                .query("days", 14)
                .items::<Birthday>()
        });
        view! { <BirthdaysCard list=list /> }
    })
}

/// Three calls for the figures, three for what only administrators mend; in a company without sales one more in the place of the reports.
fn administrator(session: Session) -> AnyView {
    let reports = untrack(|| session.can(Module::Reports, Operation::Read));
    view! {
        <Administration session=session />
        {reports.then(|| view! { <Company /> })}
    }
    .into_any()
}

/// How far it is known what there is in the company.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Whether anything was sold is on its way.
    Nothing,
    /// Nothing was sold of late: what there is, is on its way.
    NoSales,
    Orders,
    /// The first day.
    Empty(Has),
}

/// The figures of the company, or how to begin.
#[component]
fn Company() -> impl IntoView {
    let trend = trend();
    let no_sales = Memo::new(move |_| {
        trend.with(|l| l.data.as_ref().is_some_and(|found| found.rows.is_empty()))
    });
    let there_is = Memo::new(move |_| no_sales.get().then(|| StoredValue::new(what_there_is())));
    let known = Memo::new(move |_| {
        let asked = there_is.get().map(|asked| asked.get_value());
        let answer = asked.map(|asked| asked.with(|l| (l.data, l.error.is_some())));
        match answer {
            Some((Some(has), _)) if !has.orders => Known::Empty(has),
            Some((None, false)) => Known::NoSales,
            Some(_) => Known::Orders,
            None if trend.with(|l| l.data.is_some() || l.error.is_some()) => Known::Orders,
            None => Known::Nothing,
        }
    });
    let figures = move || matches!(known.get(), Known::Nothing | Known::Orders);
    let pinned = move || known.get() == Known::Orders;
    let begin = move || match known.get() {
        Known::Empty(has) => view! { <FirstSteps has=has /> }.into_any(),
        Known::NoSales => view! { <Skeleton lines=6 /> }.into_any(),
        Known::Nothing | Known::Orders => ().into_any(),
    };
    view! {
        {begin}
        <Show when=figures>
            <div class="mt-4">
                <SalesFigures own=false />
            </div>
            {columns(
                view! { <Trend found=trend /> },
                view! {
                    <Show when=pinned>
                        <Pinned drawn=false />
                    </Show>
                },
            )}
        </Show>
    }
}

fn manager() -> AnyView {
    view! {
        <SalesFigures own=false />
        {columns(
            view! {
                <Trend found=trend() />
                <Breakdown
                    title=|h| h.top_customers
                    by=ReportDimension::Customer
                    measures=&[ReportMeasure::Sales, ReportMeasure::Margin]
                    chart=ReportChart::None
                />
            },
            view! {
                <Breakdown
                    title=|h| h.classes
                    by=ReportDimension::ValueClass
                    measures=&[ReportMeasure::Sales, ReportMeasure::Customers]
                    chart=ReportChart::None
                />
                <SegmentsCard />
                <Pinned drawn=false />
            },
        )}
    }
    .into_any()
}

fn finance() -> AnyView {
    view! {
        <SalesFigures own=false />
        {columns(
            view! {
                <Trend found=trend() />
                <Breakdown
                    title=|h| h.returns_by_category
                    by=ReportDimension::Category
                    measures=&[ReportMeasure::Returns, ReportMeasure::Sales, ReportMeasure::MarginRate]
                    chart=ReportChart::None
                />
            },
            view! { <Pinned drawn=true /> },
        )}
    }
    .into_any()
}

fn sales_person(session: Session) -> AnyView {
    let open = first::<OrderHead>(
        "/orders",
        vec![
            ("owner_id", me(session)),
            (
                "state",
                "draft,submitted,confirmed,partly_shipped,shipped,delivered".to_owned(),
            ),
        ],
        ROWS,
    );
    let tickets = untrack(|| session.can(Module::Tickets, Operation::Read));
    let mine = tickets.then(|| my_tickets(session));
    view! {
        <SalesFigures own=true />
        {columns(
            view! {
                <RecentOrders list=open title=|h| h.my_open_orders address="/orders?owner_id=me" />
                {mine.map(|list| view! { <MyTickets list=list address=mine_address() /> })}
            },
            view! {
                <LeavingCard />
                {birthdays(session)}
                <Pinned drawn=false />
            },
        )}
    }
    .into_any()
}

fn service(session: Session) -> AnyView {
    let open = |more: Vec<(&'static str, String)>, rows: u32| {
        let mut query = vec![("state", OPEN_STATES.to_owned())];
        query.extend(more);
        first::<Ticket>("/tickets", query, rows)
    };
    let mine = my_tickets(session);
    let counts = Loader::new(|| api::get("/tickets/summary").json::<TicketSummary>());
    let oldest = open(vec![("sort", "created_at".to_owned())], ROWS);
    let address = |query: &str| Signal::stored(format!("/tickets?state={OPEN_STATES}{query}"));
    view! {
        <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
            {figure(|h| h.my_tickets, Glyph::Ticket, mine_address(), total(mine))}
            {figure(|h| h.unassigned, Glyph::Inbox, address("&owner_id=none"), of_summary(counts, |s| s.unassigned))}
            {figure(|h| h.urgent, Glyph::Warning, address("&priority=urgent"), of_summary(counts, |s| s.urgent))}
            {figure(|h| h.open_tickets, Glyph::Clock, address(""), total(oldest))}
        </div>
        {columns(
            view! {
                <TicketStates counts=counts />
                <MyTickets list=mine address=mine_address() />
                <OldestTickets list=oldest address=address("&sort=created_at") />
            },
            view! { {birthdays(session)} },
        )}
    }
    .into_any()
}

fn daily_work(session: Session) -> AnyView {
    let reads = move |module| untrack(|| session.can(module, Operation::Read));
    let (orders, tickets, customers) = (
        reads(Module::Orders),
        reads(Module::Tickets),
        reads(Module::Customers),
    );
    let mine = tickets.then(|| my_tickets(session));
    let free = tickets.then(|| {
        let query = vec![
            ("owner_id", "none".to_owned()),
            ("state", OPEN_STATES.to_owned()),
        ];
        first::<Ticket>("/tickets", query, 1)
    });
    let recent = orders.then(|| first::<OrderHead>("/orders", Vec::new(), ROWS + 2));
    let waiting =
        orders.then(|| first::<OrderHead>("/orders", vec![("state", "submitted".to_owned())], 1));
    let quality =
        customers.then(|| Loader::new(|| api::get("/customers/quality").json::<QualityReport>()));
    view! {
        <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
            {mine.map(|list| figure(|h| h.my_tickets, Glyph::Ticket, mine_address(), total(list)))}
            {free
                .map(|list| {
                    let address = format!("/tickets?owner_id=none&state={OPEN_STATES}");
                    figure(|h| h.unassigned, Glyph::Inbox, Signal::stored(address), total(list))
                })}
            {waiting
                .map(|list| {
                    let address = Signal::stored("/orders?state=submitted".to_owned());
                    figure(|h| h.to_confirm, Glyph::Receipt, address, total(list))
                })}
            {quality
                .map(|report| {
                    let address = Signal::stored("/customers?owner_id=none".to_owned());
                    figure(|h| h.no_owner, Glyph::User, address, ownerless(report))
                })}
        </div>
        {columns(
            view! {
                {mine.map(|list| view! { <MyTickets list=list address=mine_address() /> })}
                {recent
                    .map(|list| {
                        view! { <RecentOrders list=list title=|h| h.recent_orders address="/orders" /> }
                    })}
            },
            view! {
                {birthdays(session)}
                {quality.map(|report| view! { <QualityCard report=report /> })}
            },
        )}
    }
    .into_any()
}
