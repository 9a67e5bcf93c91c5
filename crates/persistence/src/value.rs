//! Value runs: what customers are worth, kept with every customer's place.

use std::time::Instant;

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Text};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use guanxi_domain::value::{
    FIELDS, Measure, Movement, Placed, PyramidLevel, Summary, ValueClass, ValueRun, ValueRunHead,
    ValueRunInput, ValueSettings, movements, rank, summarise,
};
use guanxi_domain::{
    Checked, CustomerId, Date, ErrorCode, Money, Page, Timestamp, UserId, ValueRunId,
};

use crate::condition::Condition;
use crate::list::{ListQuery, ListSpec};
use crate::schema::{customer_days, value_ranks, value_runs};
use crate::sight::Sight;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Db, Error, Origin, Result, Tx};

mod products;
mod seen;

pub use products::products;
pub use seen::ranked;

const RECORD: &str = "value_runs";
/// Ranks in one statement: below the 32,766 parameters that `SQLite` binds.
const CHUNK: usize = 2_000;
/// How many runs, the newest, keep their customers' places.
const KEPT: i64 = 12;
/// How often a run begins anew when a customer that it ranked was deleted meanwhile.
const ATTEMPTS: usize = 3;

const LIST: ListSpec = ListSpec::new(&FIELDS, "value_runs");

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = value_runs, treat_none_as_default_value = false)]
struct Row {
    id: ValueRunId,
    previous_id: Option<ValueRunId>,
    customers: i64,
    total: Money,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
    duration_ms: i64,
    data: Json<ValueRun>,
}

impl Row {
    fn into_run(self) -> Result<ValueRun> {
        Ok(ValueRun {
            duration_ms: self.duration_ms,
            previous_id: self.previous_id,
            ..self.data.get()?
        })
    }
}

#[derive(diesel::Insertable)]
#[diesel(table_name = value_ranks, treat_none_as_default_value = false)]
struct RankRow {
    run_id: ValueRunId,
    rank: i64,
    customer_id: CustomerId,
    class: ValueClass,
    level: PyramidLevel,
    amount: Money,
    cumulative_share: f64,
    previous_class: Option<ValueClass>,
}

/// The classes of a run, by customer.
struct Classes {
    run: ValueRunId,
    sorted: Vec<(CustomerId, ValueClass)>,
}

impl Classes {
    fn of(&self, customer: CustomerId) -> Option<ValueClass> {
        let found = self.sorted.binary_search_by_key(&customer, |(id, _)| *id);
        found.ok().map(|index| self.sorted[index].1)
    }
}

/// Who went from which class to which; both lists are cut to the customers of the same sight.
fn moved(before: &Classes, placed: &[Placed<CustomerId>]) -> Vec<Movement> {
    let mut still: Vec<CustomerId> = placed.iter().map(|p| p.key).collect();
    still.sort_unstable();
    let gone = before
        .sorted
        .iter()
        .filter(|(customer, _)| still.binary_search(customer).is_err())
        .map(|(_, class)| (Some(*class), None));
    movements(
        placed
            .iter()
            .map(|p| (before.of(p.key), Some(p.class)))
            .chain(gone),
    )
}

/// What a run has found before it is kept.
struct Draft {
    run: ValueRun,
    placed: Vec<Placed<CustomerId>>,
    previous: Option<Classes>,
    began: Instant,
}

/// Makes a run: ranks the customers by their days in the window, keeps every place and sets the customers' classes.
///
/// The figures are read and ranked beside the writer; one write then keeps them. Customers without an order or return in the
/// window have no class afterwards. The customers' versions stay: nobody's edit is outdated by a run.
///
/// Of two runs at once the first that is done is kept; the other is refused ([`ErrorCode::RunMeanwhile`]): it was compared with
/// a run that is no longer the one before.
pub async fn run(db: &Db, origin: &Origin, input: &Checked<ValueRunInput>) -> Result<ValueRun> {
    let mut attempt = 1;
    loop {
        let (by, settings) = (origin.clone(), input.settings.clone());
        let draft = db
            .read(move |connection| draft(connection, &by, &settings))
            .await?;
        match db.write(origin.clone(), move |tx| keep(tx, &draft)).await {
            Err(error) if error.is_foreign_key() && attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

/// As [`run`], for a thread that may block.
pub fn run_blocking(db: &Db, origin: &Origin, input: &Checked<ValueRunInput>) -> Result<ValueRun> {
    let draft = db.read_blocking(|connection| draft(connection, origin, &input.settings))?;
    db.write_blocking(origin.clone(), move |tx| keep(tx, &draft))
}

fn draft(
    connection: &mut AnyConnection,
    origin: &Origin,
    settings: &ValueSettings,
) -> Result<Draft> {
    let began = Instant::now();
    let now = Timestamp::now();
    let first: Option<Date> = customer_days::table
        .select(diesel::dsl::min(customer_days::day))
        .first(connection)?;
    let (from, to) = (
        settings.from.or(first),
        settings.to.unwrap_or_else(|| now.date()),
    );
    let amounts = amounts(connection, settings.measure, from.unwrap_or(to), to)?;
    let previous = previous(connection)?;
    let placed = rank(amounts, settings.a_share, settings.b_share);
    let summary = summary(&placed)?;
    let moved = previous
        .as_ref()
        .map(|classes| moved(classes, &placed))
        .unwrap_or_default();
    let run = ValueRun {
        id: ValueRunId::generate(),
        settings: settings.clone(),
        from,
        to,
        customers: 0,
        total: Money::ZERO,
        positive: Money::ZERO,
        gini: 0.0,
        classes: Vec::new(),
        pyramid: Vec::new(),
        curve: Vec::new(),
        movements: moved,
        previous_id: previous.as_ref().map(|p| p.run),
        by: origin.user_id,
        by_name: origin.user_name.clone(),
        created_at: now,
        duration_ms: 0,
    };
    Ok(Draft {
        run: with_summary(run, summary),
        placed,
        previous,
        began,
    })
}

fn summary<K>(placed: &[Placed<K>]) -> Result<Summary> {
    summarise(placed).map_err(|e| Error::Internal(format!("the total of an analysis: {e}")))
}

fn with_summary(run: ValueRun, summary: Summary) -> ValueRun {
    ValueRun {
        customers: summary.customers,
        total: summary.total,
        positive: summary.positive,
        gini: summary.gini,
        classes: summary.classes,
        pyramid: summary.pyramid,
        curve: summary.curve,
        ..run
    }
}

/// What each customer with an order or return in the window bought, net.
fn amounts(
    connection: &mut AnyConnection,
    measure: Measure,
    from: Date,
    to: Date,
) -> Result<Vec<(CustomerId, Money)>> {
    // PostgreSQL's sum of bigints is numeric.
    let sum = sql::<BigInt>(match measure {
        Measure::Sales => "CAST(sum(customer_days.sales) AS BIGINT)",
        Measure::Margin => "CAST(sum(customer_days.margin) AS BIGINT)",
    });
    Ok(customer_days::table
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

fn newest(connection: &mut AnyConnection) -> Result<Option<ValueRunId>> {
    Ok(value_runs::table
        .order((value_runs::created_at.desc(), value_runs::id.desc()))
        .select(value_runs::id)
        .first(connection)
        .optional()?)
}

/// The newest run and its classes.
fn previous(connection: &mut AnyConnection) -> Result<Option<Classes>> {
    newest(connection)?
        .map(|run| {
            let mut sorted: Vec<(CustomerId, ValueClass)> = value_ranks::table
                .filter(value_ranks::run_id.eq(run))
                .select((value_ranks::customer_id, value_ranks::class))
                .load(connection)?;
            sorted.sort_unstable();
            Ok(Classes { run, sorted })
        })
        .transpose()
}

fn keep(tx: &mut Tx<'_>, draft: &Draft) -> Result<ValueRun> {
    if let AnyConnection::Postgres(connection) = &mut *tx.connection {
        // One after the other, as on SQLite; readers go on.
        diesel::sql_query("LOCK TABLE value_runs IN SHARE ROW EXCLUSIVE MODE")
            .execute(connection)?;
    }
    let mut run = draft.run.clone();
    if newest(tx.connection)? != run.previous_id {
        return Err(Error::Conflict(ErrorCode::RunMeanwhile));
    }
    diesel::insert_into(value_runs::table)
        .values(Row {
            id: run.id,
            previous_id: run.previous_id,
            customers: run.customers,
            total: run.total,
            by_id: run.by,
            by_name: run.by_name.clone(),
            created_at: run.created_at,
            duration_ms: 0,
            data: Json::new(&run)?,
        })
        .execute(tx.connection)?;
    let mut rows = Vec::with_capacity(CHUNK);
    let mut rank = 0;
    for places in draft.placed.chunks(CHUNK) {
        rows.clear();
        for place in places {
            rank += 1;
            rows.push(RankRow {
                run_id: run.id,
                rank,
                customer_id: place.key,
                class: place.class,
                level: place.level,
                amount: place.amount,
                cumulative_share: place.cumulative_share,
                previous_class: draft.previous.as_ref().and_then(|p| p.of(place.key)),
            });
        }
        per_backend!(tx.connection, c => diesel::insert_into(value_ranks::table)
            .values(&rows)
            .execute(c))?;
    }
    classify(tx.connection, run.id)?;
    forget_old_places(tx.connection)?;
    run.duration_ms = i64::try_from(draft.began.elapsed().as_millis()).unwrap_or(i64::MAX);
    diesel::update(value_runs::table.find(run.id))
        .set(value_runs::duration_ms.eq(run.duration_ms))
        .execute(tx.connection)?;
    tx.created(
        RECORD,
        run.id.as_str(),
        &serde_json::json!({
            "settings": run.settings, "from": run.from, "to": run.to, "customers": run.customers, "total": run.total,
        }),
    )?;
    Ok(run)
}

/// Deletes the places of all but the newest runs: a row for each customer and run would grow without end. The figures of a run
/// stay.
fn forget_old_places(connection: &mut AnyConnection) -> Result<()> {
    let old: Vec<ValueRunId> = value_runs::table
        .order((value_runs::created_at.desc(), value_runs::id.desc()))
        .offset(KEPT)
        .limit(i64::MAX)
        .select(value_runs::id)
        .load(connection)?;
    for run in old {
        diesel::delete(value_ranks::table.filter(value_ranks::run_id.eq(run)))
            .execute(connection)?;
    }
    Ok(())
}

/// Whether a run's places have been deleted as too old.
fn forgotten(connection: &mut AnyConnection, run: &Row) -> Result<bool> {
    let newer: i64 = value_runs::table
        .filter(
            value_runs::created_at
                .gt(run.created_at)
                .or(value_runs::created_at
                    .eq(run.created_at)
                    .and(value_runs::id.gt(run.id))),
        )
        .count()
        .get_result(connection)?;
    Ok(newer >= KEPT)
}

/// Gives the customers the classes of a run. Touches only those whose class changes.
fn classify(connection: &mut AnyConnection, run: ValueRunId) -> Result<()> {
    diesel::sql_query(
        "UPDATE customers SET value_class = value_ranks.class FROM value_ranks \
         WHERE value_ranks.run_id = $1 AND value_ranks.customer_id = customers.id \
         AND customers.value_class IS DISTINCT FROM value_ranks.class",
    )
    .bind::<Text, _>(run)
    .execute(connection)?;
    diesel::sql_query(
        "UPDATE customers SET value_class = NULL WHERE value_class IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM value_ranks WHERE value_ranks.run_id = $1 AND value_ranks.customer_id = customers.id)",
    )
    .bind::<Text, _>(run)
    .execute(connection)?;
    Ok(())
}

/// The runs, the newest first. Their totals are for those only who may see all customers.
pub fn list(
    connection: &mut AnyConnection,
    actor: &Actor,
    query: &ListQuery,
) -> Result<Page<ValueRunHead>> {
    let whole = Sight::of(actor).whole;
    LIST.page(
        connection,
        query,
        Condition::Always,
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = value_runs::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            rows.into_iter().map(|row| head(row, whole)).collect()
        },
        |connection, condition| {
            Ok(value_runs::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

fn head(row: Row, whole: bool) -> Result<ValueRunHead> {
    let run = row.into_run()?;
    Ok(ValueRunHead {
        id: run.id,
        settings: run.settings,
        from: run.from,
        to: run.to,
        customers: whole.then_some(run.customers),
        total: whole.then_some(run.total),
        previous_id: run.previous_id,
        by: run.by,
        by_name: run.by_name,
        created_at: run.created_at,
        duration_ms: run.duration_ms,
    })
}

fn find(connection: &mut AnyConnection, id: ValueRunId) -> Result<Row> {
    Ok(value_runs::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?)
}

/// A run, if its places are still known.
fn placed_run(connection: &mut AnyConnection, id: ValueRunId) -> Result<Row> {
    let row = find(connection, id)?;
    if forgotten(connection, &row)? {
        return Err(Error::Conflict(ErrorCode::PlacesForgotten));
    }
    Ok(row)
}

/// A run. For somebody who may not see all customers every figure is made anew from those that they may see, as long as the
/// places are known.
pub fn get(connection: &mut AnyConnection, actor: &Actor, id: ValueRunId) -> Result<ValueRun> {
    let sight = Sight::of(actor);
    if sight.whole {
        return find(connection, id)?.into_run();
    }
    let run = placed_run(connection, id)?.into_run()?;
    let placed = sight.placed(connection, id)?;
    let summary = summary(&placed)?;
    let before = run.previous_id.map(|previous| find(connection, previous));
    let movements = match before.transpose()? {
        Some(before) if !forgotten(connection, &before)? => {
            moved(&sight.classes(connection, before.id)?, &placed)
        }
        _ => Vec::new(),
    };
    Ok(with_summary(ValueRun { movements, ..run }, summary))
}
