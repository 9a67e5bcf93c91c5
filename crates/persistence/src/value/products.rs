//! What products bring, over the orders that somebody may see.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::value::{
    MOST_PRODUCTS, Measure, ProductAnalysis, RankedProduct, ValueSettings, rank,
};
use guanxi_domain::{Date, Money, ProductId, Timestamp};

use super::summary;
use crate::condition::{Column, Condition, Op, Value};
use crate::schema::{order_lines, orders, products};
use crate::{Actor, AnyConnection, Error, Result};

/// Ranks the products by the lines of the orders that count and that the caller may see, within the scope of both the reports and
/// the orders. Nothing is kept. To be called on a snapshot: it reads lines, then names.
pub fn products(
    connection: &mut AnyConnection,
    actor: &Actor,
    settings: &ValueSettings,
) -> Result<ProductAnalysis> {
    let to = settings.to.unwrap_or_else(|| Timestamp::now().date());
    let mut unassigned = Money::ZERO;
    let mut amounts = Vec::new();
    for (product, amount) in sums(connection, counting(actor, settings, to), settings.measure)? {
        match product {
            Some(product) => amounts.push((product, amount)),
            None => unassigned = amount,
        }
    }
    let placed = rank(amounts, settings.a_share, settings.b_share);
    let summary = summary(&placed)?;
    let best = &placed[..placed.len().min(MOST_PRODUCTS)];
    let ids: Vec<ProductId> = best.iter().map(|p| p.key).collect();
    let mut names = names(connection, &ids)?;
    let items = (1..)
        .zip(best)
        .map(|(rank, place)| {
            let (sku, name, name_en) = names.remove(&place.key).ok_or_else(|| {
                Error::Internal(format!("an order line of no product: {}", place.key))
            })?;
            Ok(RankedProduct {
                rank,
                product_id: place.key,
                sku,
                name,
                name_en,
                class: place.class,
                level: place.level,
                amount: place.amount,
                cumulative_share: place.cumulative_share,
            })
        })
        .collect::<Result<_>>()?;
    Ok(ProductAnalysis {
        settings: settings.clone(),
        to,
        products: summary.customers,
        total: summary.total,
        positive: summary.positive,
        unassigned,
        gini: summary.gini,
        classes: summary.classes,
        pyramid: summary.pyramid,
        curve: summary.curve,
        items,
        truncated: placed.len() > MOST_PRODUCTS,
    })
}

/// The orders that count, in the window, as far as the caller may see them.
fn counting(actor: &Actor, settings: &ValueSettings, to: Date) -> Condition {
    let column = |name| Column {
        table: "orders",
        name,
    };
    let states = OrderState::counting_words();
    let ordered =
        |op, at: Timestamp| Condition::Compare(column("ordered_at"), op, Value::Int(at.micros()));
    let window = Condition::In(
        column("state"),
        states.into_iter().map(|s| Value::Text(s.into())).collect(),
    )
    .and(ordered(Op::Lt, to.plus_days(1).start()));
    let window = match settings.from {
        Some(from) => window.and(ordered(Op::Ge, from.start())),
        None => window,
    };
    [Module::Reports, Module::Orders]
        .into_iter()
        .fold(window, |all, module| {
            let scope = actor.visibility(module, Operation::Read);
            all.and(scope.map_or(Condition::Never, |s| s.owned("orders")))
        })
}

/// What each product brings, net; `None`: the lines without one.
fn sums(
    connection: &mut AnyConnection,
    condition: Condition,
    measure: Measure,
) -> Result<Vec<(Option<ProductId>, Money)>> {
    // PostgreSQL's sum of bigints is numeric.
    let sum = sql::<BigInt>(match measure {
        Measure::Sales => "CAST(sum(order_lines.total) AS BIGINT)",
        Measure::Margin => "CAST(sum(order_lines.total - order_lines.cost) AS BIGINT)",
    });
    Ok(order_lines::table
        .inner_join(orders::table)
        .filter(condition)
        .group_by(order_lines::product_id)
        .select((order_lines::product_id, sum))
        .load(connection)?)
}

/// Code and names of products.
type Names = (String, String, Option<String>);

fn names(connection: &mut AnyConnection, ids: &[ProductId]) -> Result<HashMap<ProductId, Names>> {
    let rows: Vec<(ProductId, String, String, Option<String>)> = products::table
        .filter(products::id.eq_any(ids))
        .select((
            products::id,
            products::sku,
            products::name,
            products::name_en,
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, sku, name, name_en)| (id, (sku, name, name_en)))
        .collect())
}
