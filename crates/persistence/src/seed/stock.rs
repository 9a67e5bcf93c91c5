//! Made-up stock: what a stocktaking at the beginning of each month found.

use std::collections::{HashMap, HashSet};

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::{ProductId, Quantity};

use super::SeedOptions;
use super::random::Random;
use super::rows::StockLevelRow;
use super::team::Goods;
use crate::schema::{order_lines, orders, stock_levels};
use crate::{AnyConnection, Result};

/// Months back that stock is known of.
const MONTHS: i32 = 24;
const YEAR: i32 = 365;

/// Writes the levels of goods that have none: some weeks' to some months' worth of what was sold in the last year.
pub fn write(connection: &mut AnyConnection, options: &SeedOptions, goods: &[Goods]) -> Result<()> {
    let today = options.now.date();
    let known: Vec<ProductId> = stock_levels::table
        .select(stock_levels::product_id)
        .distinct()
        .load(connection)?;
    let known: HashSet<ProductId> = known.into_iter().collect();
    let sold: Vec<(Option<ProductId>, i64)> = order_lines::table
        .inner_join(orders::table)
        .filter(orders::ordered_at.ge(today.plus_days(-YEAR).start()))
        .group_by(order_lines::product_id)
        .select((
            order_lines::product_id,
            sql::<BigInt>("CAST(sum(order_lines.quantity) AS BIGINT)"),
        ))
        .load(connection)?;
    let sold: HashMap<Option<ProductId>, i64> = sold.into_iter().collect();
    let mut rows = Vec::new();
    for (index, one) in (0_u64..).zip(goods) {
        if known.contains(&one.id) || !one.stocked {
            continue;
        }
        let mut random = Random::of(options.seed, 41, index);
        let pieces = sold.get(&Some(one.id)).copied().unwrap_or_default() / 1_000;
        // What one has too much of, and what is always short.
        let months = 0.6 + random.exponential(1.2);
        for ahead in -MONTHS..=0 {
            let day = today.month_start(ahead);
            let at = day.start();
            let held = found(pieces, months, &mut random);
            rows.push(StockLevelRow {
                id: random.id(at),
                version: 1,
                product_id: one.id,
                day,
                quantity: Quantity(held * 1_000),
                unit_cost: Some(one.cost),
                created_at: at,
                updated_at: at,
            });
        }
    }
    insert_all!(connection, stock_levels, rows, 8);
    Ok(())
}

/// Pieces on hand, about so many months' worth of those sold in a year.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "pieces of a made-up company are far below 2^53"
)]
fn found(sold: i64, months: f64, random: &mut Random) -> i64 {
    let usual = sold.max(12) as f64 / 12.0 * months;
    (usual * (random.normal() * 0.25).exp()).round().max(1.0) as i64
}
