//! Why a customer has the scores that a run kept.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::run::{
    CustomerScores, Day, ExplainedOrder, Frame, PurchaseDay, Purchases, ScoreExplanation, again,
    parts,
};
use guanxi_domain::{CustomerId, Date, ErrorCode, Money, OrderId, SegmentationRunId, Timestamp};

use super::{Found, ScoreRow, current_number, scored};
use crate::schema::{customer_days, orders, segmentation_runs, segmentation_scores};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Record, Result, Visibility, customer, order};

/// Days and orders that are listed at most.
const LISTED: usize = 200;

/// Explains the scores of a customer in a run, or in the current one.
pub fn explain(
    connection: &mut AnyConnection,
    actor: &Actor,
    visibility: &Visibility,
    id: CustomerId,
    run: Option<SegmentationRunId>,
) -> Result<ScoreExplanation> {
    // Refuses what is not seen.
    customer::get(connection, visibility, id)?;
    let run = match run {
        Some(run) => run,
        None => current_run(connection)?,
    };
    let run = scored(connection, run)?;
    let row: Option<ScoreRow> = segmentation_scores::table
        .find((run.number, id))
        .select(ScoreRow::as_select())
        .first(connection)
        .optional()?;
    let scores = CustomerScores::from(row.ok_or(Error::NotFound)?);
    let found: Option<Json<Found>> = segmentation_runs::table
        .find(run.id)
        .select(segmentation_runs::results)
        .first(connection)?;
    let found = found.ok_or(Error::NotFound)?.get()?;
    let settings = run.settings.get()?;
    let frame = Frame::new(run.as_of, &settings);
    let (purchases, mut days) = read_days(connection, id, &frame)?;
    let now = again(&purchases, &frame, &settings, &found.models, &scores);
    // Older runs kept it from rounded figures, or not at all; it follows from what is compared besides.
    let now = now.map(|now| CustomerScores {
        value_if_active: scores.value_if_active,
        ..now
    });
    let cuts = found.figures.rfm.cuts.as_ref();
    let parts = parts(&purchases, &frame, &settings, &found.models, cuts, &scores);
    let days_truncated = days.len() > LISTED;
    days.truncate(LISTED);
    let (orders, orders_truncated) = read_orders(connection, actor, id, run.as_of)?;
    Ok(ScoreExplanation {
        run_id: run.id,
        as_of: run.as_of,
        settings,
        reproduced: now.as_ref() == Some(&scores),
        scores,
        days,
        days_truncated,
        orders,
        orders_truncated,
        parts,
    })
}

fn current_run(connection: &mut AnyConnection) -> Result<SegmentationRunId> {
    let number = current_number(connection)?.ok_or(Error::Conflict(ErrorCode::NoRunYet))?;
    Ok(segmentation_runs::table
        .filter(segmentation_runs::number.eq(number))
        .select(segmentation_runs::id)
        .first(connection)?)
}

/// What a customer bought up to the day of a run, and the days, the newest first.
fn read_days(
    connection: &mut AnyConnection,
    id: CustomerId,
    frame: &Frame,
) -> Result<(Purchases, Vec<PurchaseDay>)> {
    let rows: Vec<(Date, i64, i64, i64)> = customer_days::table
        .filter(customer_days::customer_id.eq(id))
        .filter(customer_days::day.le(frame.as_of))
        .order(customer_days::day)
        .select((
            customer_days::day,
            customer_days::orders,
            customer_days::sales,
            customer_days::margin,
        ))
        .load(connection)?;
    let mut purchases = Purchases::default();
    for (day, orders, sales, margin) in &rows {
        let day = Day {
            day: day.days(),
            orders: *orders,
            sales: *sales,
            margin: *margin,
        };
        purchases.add(&day, frame);
    }
    let day = |(day, orders, sales, _): (Date, i64, i64, i64)| PurchaseDay {
        day,
        orders,
        sales: Money(sales),
        in_window: frame.is_in_window(day),
    };
    Ok((purchases, rows.into_iter().rev().map(day).collect()))
}

/// The orders that the caller may see, the newest first, and whether there are more.
fn read_orders(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: CustomerId,
    as_of: Date,
) -> Result<(Vec<ExplainedOrder>, bool)> {
    let Some(visibility) = actor.visibility(Module::Orders, Operation::Read) else {
        return Ok((Vec::new(), false));
    };
    let counting = OrderState::ALL.iter().filter(|state| state.counts());
    let rows: Vec<(OrderId, String, Timestamp, Money)> = orders::table
        .filter(orders::customer_id.eq(id))
        .filter(orders::state.eq_any(counting.copied().collect::<Vec<_>>()))
        .filter(orders::ordered_at.lt(as_of.plus_days(1).start()))
        .filter(order::Orders::scope(&visibility))
        .order((orders::ordered_at.desc(), orders::id.desc()))
        .limit(i64::try_from(LISTED).unwrap_or(i64::MAX) + 1)
        .select((
            orders::id,
            orders::number,
            orders::ordered_at,
            orders::total,
        ))
        .load(connection)?;
    let truncated = rows.len() > LISTED;
    let order = |(id, number, ordered_at, total)| ExplainedOrder {
        id,
        number,
        ordered_at,
        total,
    };
    Ok((
        rows.into_iter().take(LISTED).map(order).collect(),
        truncated,
    ))
}
