use guanxi_domain::order::{FIELDS, OrderHead};
use leptos::prelude::*;
use serde_json::json;

use crate::format;
use crate::i18n::t;
use crate::order::OrderStateBadge;
use crate::ui::{Column, DataTable, EmptyState, FilterBar, Glyph, quick, record_link, use_records};

/// The orders of one customer.
#[component]
pub fn CustomerOrders(customer_id: String) -> impl IntoView {
    let list = use_records::<OrderHead>(
        &FIELDS,
        vec![json!({ "field": "customer_id", "op": "eq", "value": customer_id })],
    );
    let columns = vec![
        Column::field(&FIELDS, "number", |order: &OrderHead| {
            record_link(format!("/orders/{}", order.id), order.number.clone())
        }),
        Column::field(&FIELDS, "ordered_at", |order: &OrderHead| {
            let ordered = order.ordered_at;
            view! { <span class="num">{move || format::day_of(ordered)}</span> }
        }),
        Column::field(&FIELDS, "state", |order: &OrderHead| {
            view! { <OrderStateBadge state=order.state /> }
        }),
        Column::field(&FIELDS, "total", |order: &OrderHead| {
            let total = order.total;
            move || format::money(total)
        })
        .right(),
    ];
    let empty = || {
        view! {
            <EmptyState
                glyph=Glyph::Receipt
                title=Signal::derive(|| t().customer.no_orders_title.to_owned())
                text=Signal::derive(|| t().customer.no_orders_text.to_owned())
            />
        }
    };
    view! {
        <DataTable list=list columns=columns href=|order: &OrderHead| format!("/orders/{}", order.id) empty=empty>
            <FilterBar
                list=list.state()
                filters=quick(&["state", "ordered_at"])
            />
        </DataTable>
    }
}
