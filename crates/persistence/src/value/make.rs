//! Makes a run: reads and ranks beside the writer.

use std::time::Instant;

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::value::{
    Measure, Placed, ValueClass, ValueRun, ValueRunInput, ValueSettings, movements, rank,
};
use guanxi_domain::{Checked, CustomerId, Date, Money, Timestamp, ValueRunId};

use super::{current, keep, summary, with_summary};
use crate::schema::{customer_days, value_places, value_runs};
use crate::{AnyConnection, Db, Error, Origin, Result, bulk};

/// What a run has found before it is kept.
pub(super) struct Draft {
    pub run: ValueRun,
    /// Those with an order or return in the window, in the order of their ids.
    pub customers: Vec<CustomerId>,
    /// Their classes in the run before.
    pub before: Vec<Option<ValueClass>>,
    /// Where each stands; the key is the customer's place in the list above.
    pub placed: Vec<Placed<u32>>,
    /// The number of the run before.
    pub previous: Option<i64>,
    pub began: Instant,
}

/// Makes a run: ranks the customers by their days in the window, keeps every place and makes their classes the current ones.
///
/// Customers without an order or return in the window have no class afterwards. The customers' versions stay: nobody's edit is
/// outdated by a run.
///
/// Of two runs at once the first that is done is kept; the other is refused
/// ([`RunMeanwhile`](guanxi_domain::ErrorCode::RunMeanwhile)): it was compared with a run that is no longer the one before.
pub async fn run(db: &Db, origin: &Origin, input: &Checked<ValueRunInput>) -> Result<ValueRun> {
    let (db, origin, input) = (db.clone(), origin.clone(), input.clone());
    match tokio::task::spawn_blocking(move || run_blocking(&db, &origin, &input)).await {
        Ok(result) => result,
        Err(error) => Err(Error::Internal(format!("a run panicked: {error}"))),
    }
}

/// As [`run`], for a thread that may block.
pub fn run_blocking(db: &Db, origin: &Origin, input: &Checked<ValueRunInput>) -> Result<ValueRun> {
    let draft = draft(db, origin, &input.settings)?;
    keep::keep(db, origin, draft)
}

fn draft(db: &Db, origin: &Origin, settings: &ValueSettings) -> Result<Draft> {
    let (began, now) = (Instant::now(), Timestamp::now());
    let (first, previous) = db.read_blocking(|connection| {
        let first: Option<Date> = match settings.from {
            Some(from) => Some(from),
            None => customer_days::table
                .select(diesel::dsl::min(customer_days::day))
                .first(connection)?,
        };
        Ok((first, current(connection)?))
    })?;
    let to = settings.to.unwrap_or_else(|| now.date());
    let (customers, amounts) = amounts(db, settings.measure, first.unwrap_or(to), to)?;
    let keys = (0_u32..).zip(amounts);
    let placed = rank(keys, settings.a_share, settings.b_share);
    let (before, movements) = match previous {
        None => (vec![None; customers.len()], Vec::new()),
        Some(run) => {
            let mut now = vec![None; customers.len()];
            for place in &placed {
                now[place.key as usize] = Some(place.class);
            }
            let (before, gone) = db.read_blocking(|c| classes_before(c, run, &customers))?;
            let gone = gone.into_iter().map(|class| (Some(class), None));
            let moves = movements(before.iter().copied().zip(now).chain(gone));
            (before, moves)
        }
    };
    let previous_id: Option<ValueRunId> = previous
        .map(|run| {
            db.read_blocking(|connection| {
                Ok(value_runs::table
                    .filter(value_runs::number.eq(run))
                    .select(value_runs::id)
                    .first(connection)?)
            })
        })
        .transpose()?;
    let run = ValueRun {
        id: ValueRunId::generate(),
        settings: settings.clone(),
        from: first,
        to,
        customers: 0,
        total: Money::ZERO,
        positive: Money::ZERO,
        gini: 0.0,
        classes: Vec::new(),
        pyramid: Vec::new(),
        curve: Vec::new(),
        movements,
        previous_id,
        by: origin.user_id,
        by_name: origin.user_name.clone(),
        created_at: now,
        duration_ms: 0,
    };
    let summary = summary(&placed)?;
    Ok(Draft {
        run: with_summary(run, summary),
        customers,
        before,
        placed,
        previous,
        began,
    })
}

/// What each customer with an order or return in the window bought, net, in the order of their ids.
fn amounts(
    db: &Db,
    measure: Measure,
    from: Date,
    to: Date,
) -> Result<(Vec<CustomerId>, Vec<Money>)> {
    let ids = bulk::ids(db)?;
    let mut found: Vec<Option<Money>> = vec![None; ids.len()];
    bulk::read(
        db,
        &ids,
        &mut found,
        |connection, ids, found| {
            for (customer, amount) in part(connection, measure, (from, to), ids)? {
                // Who came after the ids were read is in the next run.
                if let Ok(place) = ids.binary_search(&customer) {
                    found[place] = Some(amount);
                }
            }
            Ok(())
        },
        |_, _| true,
    )?;
    let both = ids.into_iter().zip(found);
    Ok(both
        .filter_map(|(customer, amount)| Some((customer, amount?)))
        .unzip())
}

/// The amounts of some customers, whose ids are in order.
fn part(
    connection: &mut AnyConnection,
    measure: Measure,
    (from, to): (Date, Date),
    ids: &[CustomerId],
) -> Result<Vec<(CustomerId, Money)>> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return Ok(Vec::new());
    };
    // PostgreSQL's sum of bigints is numeric.
    let sum = sql::<BigInt>(match measure {
        Measure::Sales => "CAST(sum(customer_days.sales) AS BIGINT)",
        Measure::Margin => "CAST(sum(customer_days.margin) AS BIGINT)",
    });
    Ok(customer_days::table
        .filter(customer_days::customer_id.ge(first))
        .filter(customer_days::customer_id.le(last))
        .filter(customer_days::day.ge(from))
        .filter(customer_days::day.le(to))
        .filter(
            customer_days::orders
                .ne(0)
                .or(customer_days::sales.ne(0))
                .or(customer_days::returns.ne(0)),
        )
        .group_by(customer_days::customer_id)
        .select((customer_days::customer_id, sum))
        .load(connection)?)
}

/// The classes of customers, whose ids are in order, in an earlier run, and the classes of others.
fn classes_before(
    connection: &mut AnyConnection,
    run: i64,
    customers: &[CustomerId],
) -> Result<(Vec<Option<ValueClass>>, Vec<ValueClass>)> {
    let rows = value_places::table
        .filter(value_places::run.eq(run))
        .order(value_places::customer_id)
        .select((value_places::customer_id, value_places::class));
    let (mut before, mut gone) = (vec![None; customers.len()], Vec::new());
    let mut place = 0;
    let mut add = |(customer, class): (CustomerId, ValueClass)| {
        while customers.get(place).is_some_and(|id| *id < customer) {
            place += 1;
        }
        if customers.get(place) == Some(&customer) {
            before[place] = Some(class);
        } else {
            gone.push(class);
        }
    };
    per_backend!(connection, c => {
        for row in rows.load_iter::<(CustomerId, ValueClass), diesel::connection::DefaultLoadingMode>(c)? {
            add(row?);
        }
    });
    Ok((before, gone))
}
