use guanxi_domain::order::{FIELDS, OrderHead};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{OrderStateBadge, label};
use crate::format;
use crate::i18n::t;
use crate::session::{Session, use_session};
use crate::ui::{
    Actions, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, quick, record_link,
    use_records,
};

const ACTIONS: Actions = Actions {
    module: Module::Orders,
    fields: &["promised_on"],
    archive: false,
    states: true,
    delete: true,
};

fn address(order: &OrderHead) -> String {
    format!("/orders/{}", order.id)
}

fn columns(session: Session) -> Vec<Column<OrderHead>> {
    vec![
        Column::field(&FIELDS, "number", |o: &OrderHead| {
            view! { <span class="num">{record_link(address(o), o.number.clone())}</span> }
        }),
        Column::field(&FIELDS, "customer_id", |o: &OrderHead| {
            record_link(
                format!("/customers/{}", o.customer_id),
                o.customer_name.clone(),
            )
        })
        .clip(),
        Column::field(
            &FIELDS,
            "state",
            |o: &OrderHead| view! { <OrderStateBadge state=o.state /> },
        ),
        Column::field(&FIELDS, "ordered_at", |o: &OrderHead| {
            let ordered = o.ordered_at;
            view! { <span class="num whitespace-nowrap">{move || format::day_of(ordered)}</span> }
        }),
        Column::field(&FIELDS, "total", |o: &OrderHead| {
            let total = o.total;
            move || format::money(total)
        })
        .right(),
        Column::field(&FIELDS, "margin", |o: &OrderHead| {
            let margin = o.margin;
            move || format::money(margin)
        })
        .right()
        .phone_hidden(),
        Column::field(&FIELDS, "owner_id", move |o: &OrderHead| {
            let owner = o.owner_id;
            move || owner.and_then(|id| session.person_name(id.as_str()))
        })
        .phone_hidden(),
        Column::new(
            "line_count",
            || t().order.line_count.to_owned(),
            |o: &OrderHead| o.line_count,
        )
        .right()
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "promised_on", |o: &OrderHead| {
            let promised = o.promised_on;
            view! { <span class="num whitespace-nowrap">{move || promised.map(format::date_short)}</span> }
        })
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "created_at", |o: &OrderHead| {
            let created = o.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::day_of(created)}</span> }
        })
        .phone_hidden()
        .extra(),
    ]
}

/// All orders that the caller may see.
#[component]
pub fn OrderListPage() -> impl IntoView {
    let session = use_session();
    let list = use_records::<OrderHead>(&FIELDS, Vec::new());
    let new_button = move || {
        session.can(Module::Orders, Operation::Create).then(|| {
            view! {
                <A href="/orders/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-order">
                    <Icon glyph=Glyph::Plus />
                    {move || t().order.new}
                </A>
            }
        })
    };
    let import_button = move || {
        session.can(Module::Imports, Operation::Create).then(|| {
            view! {
                <A href="/imports/new" attr:class="btn-quiet">
                    <Icon glyph=Glyph::Upload />
                    {move || t().order.import}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::Receipt
                title=label(|o| o.empty_title)
                text=label(|o| o.empty_text)
            >
                {import_button}
                {new_button}
            </EmptyState>
        }
    };
    view! {
        <PageHeader title=label(|o| o.title)>{import_button} {new_button}</PageHeader>
        <DataTable list=list columns=columns(session) href=address empty=empty actions=ACTIONS>
            <FilterBar
                list=list.state()
                filters=quick(&["state", "ordered_at", "customer_id", "total", "owner_id", "promised_on"])
                placeholder=label(|o| o.search)
            />
        </DataTable>
    }
}
