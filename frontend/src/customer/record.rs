use guanxi_domain::customer::Customer;
use guanxi_domain::metrics::CustomerMetrics;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::share::Shareable;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

use super::actions::CustomerActions;
use super::badges::{StageBadge, TierBadge, ValueBadge};
use super::details::CustomerDetails;
use super::evaluations::Evaluations;
use super::orders::CustomerOrders;
use super::tickets::CustomerTickets;
use crate::api;
use crate::approval::PendingApproval;
use crate::audit::HistoryButton;
use crate::contact::ContactsOf;
use crate::format;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::session::use_session;
use crate::share::{ShareButton, SharedBadge, Shares};
use crate::ui::{
    ChangedElsewhere, Glyph, Icon, KeyFigure, KeyFigures, PageHeader, RecordSkeleton, TabItem,
    Tabs, use_tab, with_data,
};

/// One customer: key figures, data, people, orders, evaluations.
#[component]
pub fn CustomerPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let customer =
        Loader::new(move || api::get(format!("/customers/{}", id.get())).json::<Customer>());
    let metrics = Loader::new(move || {
        api::get(format!("/customers/{}/metrics", id.get())).json::<CustomerMetrics>()
    });
    let found = Memo::new(move |_| customer.with(|l| l.data.as_ref().map(|c| c.id.to_string())));
    let body = move |_: Customer| {
        view! {
            <Header customer=customer id=id />
            <Notices customer=customer />
            <PendingApproval record_id=id />
            <Figures metrics=metrics />
        }
    };
    view! {
        <ChangedElsewhere record="customers" loader=customer of=|c: &Customer| (c.id.to_string(), c.version) />
        {with_data(customer, || view! { <RecordSkeleton /> }.into_any(), body)}
        {move || found.get().map(|id| view! { <Sections id=id customer=customer /> })}
    }
}

#[component]
fn Header(customer: Loader<Customer>, #[prop(into)] id: Signal<String>) -> impl IntoView {
    let session = use_session();
    let name = Signal::derive(move || customer.data().map(|c| c.input.name).unwrap_or_default());
    let list = Signal::derive(|| t().customer.title.to_owned());
    let shares = Shares::of(Shareable::Customers, id);
    let badges = move || {
        customer.data().map(|c| {
            view! {
                <StageBadge stage=c.input.stage />
                {c.input.tier.map(|tier| view! { <TierBadge tier=tier /> })}
                {c.value_class.map(|class| view! { <ValueBadge class=class /> })}
                <SharedBadge shares=shares />
            }
        })
    };
    let owner = move |c: &Customer| match c.input.owner_id {
        Some(id) => session.person_name(id.as_str()),
        None => Some(t().customer.no_owner.to_owned()),
    };
    let below = move || {
        customer.data().map(|c| {
            view! {
                <div class="muted mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-1 text-[0.8125rem]">
                    {c.input.code.clone().map(|code| view! { <span class="num">{code}</span> })}
                    {owner(&c)
                        .map(|owner| {
                            view! {
                                <span class="inline-flex items-center gap-1">
                                    <Icon glyph=Glyph::User class="size-3.5" />
                                    {owner}
                                </span>
                            }
                        })}
                    {c.input.phone.clone().map(|phone| reach(Glyph::Phone, format!("tel:{phone}"), phone))}
                    {c.input.email.clone().map(|email| reach(Glyph::Mail, format!("mailto:{email}"), email))}
                </div>
            }
        })
    };
    view! {
        <PageHeader
            title=name
            up=("/customers", list)
            beside=ViewFn::from(move || badges)
            below=ViewFn::from(move || below)
        >
            <Show when=move || session.can(Module::Customers, Operation::Update)>
                {move || {
                    customer
                        .data()
                        .map(|c| {
                            view! {
                                <A href=format!("/customers/{}/edit", c.id) attr:class="btn btn-primary btn-sm">
                                    <Icon glyph=Glyph::Pencil />
                                    {move || t().common.edit}
                                </A>
                            }
                        })
                }}
            </Show>
            <ShareButton shares=shares name=name />
            {move || {
                customer.data().map(|c| view! { <HistoryButton record="customers" id=c.id.to_string() /> })
            }}
            <CustomerActions customer=customer />
        </PageHeader>
    }
}

/// A link that calls or writes.
fn reach(glyph: Glyph, address: String, text: String) -> impl IntoView {
    view! {
        <a class="inline-flex items-center gap-1 hover:text-primary" href=address>
            <Icon glyph=glyph class="size-3.5" />
            {text}
        </a>
    }
}

/// What whoever opens the record must not overlook.
#[component]
fn Notices(customer: Loader<Customer>) -> impl IntoView {
    move || {
        let c = customer.data()?;
        let blacklist = c.blacklist.clone().filter(|_| c.blacklisted).map(|entry| {
            let mut text = fill(t().customer.blacklisted_text, &[("reason", &entry.reason)]);
            if let Some(until) = entry.until {
                text = format!(
                    "{text} · {}",
                    fill(
                        t().customer.blacklisted_until,
                        &[("date", &format::date(until))]
                    )
                );
            }
            notice("border-error/30 bg-error/8", "text-error", Glyph::Ban, text)
        });
        let archived = c.archived_at.map(|_| {
            notice(
                "border-base-300 bg-base-100",
                "muted",
                Glyph::Archive,
                t().customer.archived_text.to_owned(),
            )
        });
        Some(view! {
            {blacklist}
            {archived}
        })
    }
}

fn notice(frame: &'static str, ink: &'static str, glyph: Glyph, text: String) -> impl IntoView {
    view! {
        <p class=format!("mb-3 flex items-start gap-2.5 rounded-box border px-3.5 py-2.5 {frame}")>
            <span class=format!("mt-0.5 {ink}")>
                <Icon glyph=glyph />
            </span>
            {text}
        </p>
    }
}

#[component]
fn Figures(metrics: Loader<CustomerMetrics>) -> impl IntoView {
    let figure = move |read: fn(&CustomerMetrics) -> String| {
        Signal::derive(move || {
            metrics.with(|l| l.data.as_ref().map_or_else(|| "…".to_owned(), read))
        })
    };
    let note = move |read: fn(&CustomerMetrics) -> Option<String>| {
        Signal::derive(move || metrics.with(|l| l.data.as_ref().and_then(read).unwrap_or_default()))
    };
    let label = |pick: fn(&crate::i18n::CustomerTexts) -> &'static str| {
        Signal::derive(move || pick(t().customer).to_owned())
    };
    view! {
        <KeyFigures>
            <KeyFigure
                label=label(|c| c.sales)
                value=figure(|m| format::money_short(m.sales))
                title=figure(|m| format::money(m.sales))
                note=note(|m| {
                    Some(fill(t().customer.orders_count, &[("n", &format::integer(m.orders))]))
                })
            />
            <KeyFigure
                label=label(|c| c.sales_year)
                value=figure(|m| format::money_short(m.sales_365d))
                title=figure(|m| format::money(m.sales_365d))
                note=note(|m| {
                    (m.sales_365d_before.0 != 0)
                        .then(|| fill(t().customer.before, &[("amount", &format::money_short(m.sales_365d_before))]))
                })
            />
            <KeyFigure
                label=label(|c| c.margin)
                value=figure(|m| format::money_short(m.margin))
                title=figure(|m| format::money(m.margin))
                note=note(|m| {
                    (m.returns.0 != 0)
                        .then(|| fill(t().customer.returns_note, &[("amount", &format::money_short(m.returns))]))
                })
            />
            <KeyFigure
                label=label(|c| c.average_order)
                value=figure(|m| m.average_order.map_or_else(|| "—".to_owned(), format::money_short))
                title=figure(|m| m.average_order.map(format::money).unwrap_or_default())
            />
            <KeyFigure
                label=label(|c| c.last_order)
                value=figure(|m| m.last_order_on.map_or_else(|| "—".to_owned(), format::date_short))
                note=note(|m| match m.mean_gap_days {
                    Some(days) => Some(fill(t().customer.every_days, &[("n", &days.to_string())])),
                    None if m.orders == 0 => Some(t().customer.no_orders.to_owned()),
                    None => None,
                })
            />
            <KeyFigure label=label(|c| c.open_tickets) value=figure(|m| format::integer(m.open_tickets)) />
        </KeyFigures>
    }
}

#[component]
fn Sections(id: String, customer: Loader<Customer>) -> impl IntoView {
    let session = use_session();
    let tab = use_tab(&["details", "contacts", "orders", "tickets", "evaluations"]);
    let mut tabs = vec![TabItem::new("details", || {
        t().customer.tab_details.to_owned()
    })];
    if untrack(|| session.can(Module::Contacts, Operation::Read)) {
        tabs.push(TabItem::new("contacts", || {
            t().customer.tab_contacts.to_owned()
        }));
    }
    if untrack(|| session.can(Module::Orders, Operation::Read)) {
        tabs.push(TabItem::new("orders", || {
            t().customer.tab_orders.to_owned()
        }));
    }
    if untrack(|| session.can(Module::Tickets, Operation::Read)) {
        tabs.push(TabItem::new("tickets", || {
            t().customer.tab_tickets.to_owned()
        }));
    }
    tabs.push(TabItem::new("evaluations", || {
        t().customer.tab_evaluations.to_owned()
    }));
    view! {
        <div class="mt-5 mb-4">
            <Tabs items=tabs current=tab />
        </div>
        {move || match tab.get() {
            "contacts" => view! { <ContactsOf customer_id=id.clone() /> }.into_any(),
            "orders" => view! { <CustomerOrders customer_id=id.clone() /> }.into_any(),
            "tickets" => view! { <CustomerTickets customer_id=id.clone() /> }.into_any(),
            "evaluations" => view! { <Evaluations customer_id=id.clone() /> }.into_any(),
            _ => view! { <CustomerDetails customer=customer /> }.into_any(),
        }}
    }
}
