//! Members: who is one, and since when. Those of a static segment are kept by people, those of a dynamic one are written down
//! from time to time.

use std::collections::BTreeSet;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::permission::Operation;
use guanxi_domain::segment::{MAX_ADDED, MembersChange, NewMembers, SegmentKind, members_of};
use guanxi_domain::{Checked, CustomerId, Date, ErrorCode, Search, SegmentId, Timestamp};
use serde_json::{Value, json};

use super::{RECORD, expect, find, seen_customers, visible};
use crate::condition::{Column, Condition, Value as Bound};
use crate::customer::{self, Customers};
use crate::list::ListQuery;
use crate::record::Record;
use crate::schema::{segment_members as table, segments};
use crate::tx::BATCH;
use crate::{Actor, AnyConnection, Db, Error, Origin, Result, Tx, custom_field};

/// Members that one transaction writes down: others get their turn in between.
const STEP: usize = 2_000;

/// How often a recording begins anew when a customer was deleted under way.
const ATTEMPTS: usize = 3;

#[derive(Clone, diesel::Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct Row {
    segment_id: SegmentId,
    customer_id: CustomerId,
    since: Date,
    until: Option<Date>,
}

/// The ids of customers that a filter finds, of those that fulfil a condition.
fn found(
    connection: &mut AnyConnection,
    actor: Option<&Actor>,
    filter: &Value,
    visible: Condition,
    limit: i64,
) -> Result<Vec<CustomerId>> {
    let search = Search {
        filter: Some(filter.clone()),
        ..Search::default()
    };
    let fields = custom_field::fields(connection, Customers::LIST.fields)?;
    let query = ListQuery::search(fields, &search, actor, Timestamp::now())?;
    let condition = visible.and(Customers::LIST.matching(connection, &query)?);
    customer::ids(connection, condition, limit)
}

/// Those of these customers that are members, with the day since when.
fn members_among(
    connection: &mut AnyConnection,
    segment: SegmentId,
    customers: &[CustomerId],
    until: Option<Date>,
) -> Result<Vec<(CustomerId, Date)>> {
    let rows = table::table
        .filter(table::segment_id.eq(segment))
        .filter(table::customer_id.eq_any(customers))
        .select((table::customer_id, table::since))
        .into_boxed();
    let rows = match until {
        None => rows.filter(table::until.is_null()),
        Some(day) => rows.filter(table::until.eq(day)),
    };
    Ok(rows.load(connection)?)
}

/// Makes members of those customers that are none. Whoever left earlier on the same day never did.
fn join(
    connection: &mut AnyConnection,
    segment: SegmentId,
    customers: &[CustomerId],
    today: Date,
) -> Result<i64> {
    let mut joined = 0;
    for customers in customers.chunks(BATCH) {
        let ids = |rows: Vec<(CustomerId, Date)>| -> BTreeSet<CustomerId> {
            rows.into_iter().map(|(id, _)| id).collect()
        };
        let members = ids(members_among(connection, segment, customers, None)?);
        let back = ids(members_among(connection, segment, customers, Some(today))?);
        let back: Vec<CustomerId> = back.difference(&members).copied().collect();
        if !back.is_empty() {
            let ended = table::table
                .filter(table::segment_id.eq(segment))
                .filter(table::customer_id.eq_any(&back))
                .filter(table::until.eq(today));
            diesel::update(ended)
                .set(table::until.eq(None::<Date>))
                .execute(connection)?;
        }
        let new: BTreeSet<CustomerId> = customers
            .iter()
            .filter(|id| !members.contains(id) && !back.contains(id))
            .copied()
            .collect();
        let rows: Vec<Row> = new
            .into_iter()
            .map(|customer_id| Row {
                segment_id: segment,
                customer_id,
                since: today,
                until: None,
            })
            .collect();
        joined += back.len() + rows.len();
        insert_many!(connection, table::table, rows);
    }
    Ok(i64::try_from(joined).unwrap_or(i64::MAX))
}

/// Ends the membership of those customers that are members. One of less than a day is none.
fn leave(
    connection: &mut AnyConnection,
    segment: SegmentId,
    customers: &[CustomerId],
    today: Date,
) -> Result<i64> {
    let mut left = 0;
    for customers in customers.chunks(BATCH) {
        let members = || {
            table::table
                .filter(table::segment_id.eq(segment))
                .filter(table::customer_id.eq_any(customers))
                .filter(table::until.is_null())
        };
        left += diesel::delete(members().filter(table::since.eq(today))).execute(connection)?;
        left += diesel::update(members())
            .set(table::until.eq(today))
            .execute(connection)?;
    }
    Ok(i64::try_from(left).unwrap_or(i64::MAX))
}

/// The static segment, if the actor may change it. Nobody else changes its members until the transaction ends.
fn expect_static(tx: &mut Tx<'_>, actor: &Actor, id: SegmentId) -> Result<()> {
    let row = expect(tx.connection, actor, Operation::Update, id)?;
    if row.kind == SegmentKind::Dynamic {
        return Err(Error::Conflict(ErrorCode::SegmentDynamic));
    }
    hold(tx.connection, id)
}

/// Waits for the transactions that change members of the segment.
fn hold(connection: &mut AnyConnection, id: SegmentId) -> Result<()> {
    let held = diesel::update(segments::table.find(id))
        .set(segments::version.eq(segments::version))
        .execute(connection)?;
    if held == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

fn gone(error: Error) -> Error {
    if error.is_foreign_key() {
        Error::invalid("/customer_ids", "reference")
    } else {
        error
    }
}

/// Puts customers that the actor sees into a static segment.
pub fn add(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: SegmentId,
    new: &Checked<NewMembers>,
) -> Result<MembersChange> {
    expect_static(tx, actor, id)?;
    if let Some(filter) = &new.filter {
        let joined = add_found(tx, actor, id, filter)?;
        return Ok(MembersChange { joined, left: 0 });
    }
    let own = Column {
        table: "customers",
        name: "id",
    };
    let named = new.customer_ids.iter();
    let named = Condition::In(own, named.map(|id| Bound::Text(id.to_string())).collect());
    let seen = Customers::scope(&seen_customers(actor)?);
    let seen = customer::ids(tx.connection, seen.and(named), MAX_ADDED)?;
    let unseen = new.customer_ids.iter().position(|id| !seen.contains(id));
    if let Some(place) = unseen {
        let pointer = format!("/customer_ids/{place}");
        return Err(Error::invalid(pointer, "reference"));
    }
    let today = tx.now.date();
    let joined = join(tx.connection, id, &seen, today).map_err(gone)?;
    let changes = json!({"customer_ids": {"old": null, "new": seen}});
    tx.record(RECORD, id.as_str(), "members_added", changes)?;
    Ok(MembersChange { joined, left: 0 })
}

/// Puts the customers that a filter finds into a static segment, as far as the actor sees them.
pub(super) fn add_found(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: SegmentId,
    filter: &Value,
) -> Result<i64> {
    let seen = Customers::scope(&seen_customers(actor)?);
    let customers = found(tx.connection, Some(actor), filter, seen, MAX_ADDED + 1)?;
    if i64::try_from(customers.len()).unwrap_or(i64::MAX) > MAX_ADDED {
        return Err(Error::invalid("/filter", "size"));
    }
    let today = tx.now.date();
    let joined = join(tx.connection, id, &customers, today).map_err(gone)?;
    // How many they were is not for everybody who sees the segment.
    let changes = json!({"members": {"old": null, "new": filter}});
    tx.record(RECORD, id.as_str(), "members_added", changes)?;
    Ok(joined)
}

/// Takes customers that the actor sees out of a static segment. That one is no member is no error.
pub fn remove(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: SegmentId,
    customers: &[CustomerId],
) -> Result<MembersChange> {
    expect_static(tx, actor, id)?;
    let visibility = seen_customers(actor)?;
    for customer in customers {
        customer::get(tx.connection, &visibility, *customer)?;
    }
    let today = tx.now.date();
    let left = leave(tx.connection, id, customers, today)?;
    let changes = json!({"customer_ids": {"old": customers, "new": null}});
    tx.record(RECORD, id.as_str(), "members_removed", changes)?;
    Ok(MembersChange { joined: 0, left })
}

/// Writes down who is in a dynamic segment now: who has joined and left since the last time.
pub async fn record(
    db: &Db,
    origin: &Origin,
    actor: &Actor,
    id: SegmentId,
) -> Result<MembersChange> {
    let (own, origin, actor) = (db.clone(), origin.clone(), actor.clone());
    // Reads and many small writes in turn: on a thread that may block.
    let work = move || {
        own.read_blocking(|c| find(c, visible(&actor), id))?;
        record_blocking(&own, &origin, id)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::Internal(format!("a recording panicked: {error}"))),
    }
}

/// As [`record`], by the program, on this thread.
pub fn record_blocking(db: &Db, origin: &Origin, id: SegmentId) -> Result<MembersChange> {
    let mut attempt = 1;
    loop {
        match written_down(db, origin, id) {
            // A customer was deleted meanwhile. What is written already stays.
            Err(error) if error.is_foreign_key() && attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

fn written_down(db: &Db, origin: &Origin, id: SegmentId) -> Result<MembersChange> {
    let (joined, left, all) = db.snapshot_blocking(|connection| differences(connection, id))?;
    let mut change = MembersChange::default();
    for customers in joined.chunks(STEP) {
        let customers = customers.to_vec();
        change.joined += step(
            db,
            move |tx| join(tx.connection, id, &customers, tx.now.date()),
            id,
        )?;
    }
    for customers in left.chunks(STEP) {
        let customers = customers.to_vec();
        change.left += step(
            db,
            move |tx| leave(tx.connection, id, &customers, tx.now.date()),
            id,
        )?;
    }
    db.write_blocking(origin.clone(), move |tx| {
        let now = tx.now;
        diesel::update(segments::table.find(id))
            .set((segments::recorded_at.eq(now), segments::recorded.eq(all)))
            .execute(tx.connection)?;
        // How many they are is not for everybody who sees the segment.
        tx.record(RECORD, id.as_str(), "recorded", json!({}))
    })?;
    Ok(change)
}

fn step(
    db: &Db,
    mut f: impl FnMut(&mut Tx<'_>) -> Result<i64> + Send + 'static,
    id: SegmentId,
) -> Result<i64> {
    db.housekeep_blocking(move |tx| {
        hold(tx.connection, id)?;
        f(tx)
    })
}

type Differences = (Vec<CustomerId>, Vec<CustomerId>, i64);

/// Who has joined and left since the last recording, and how many there are now.
fn differences(connection: &mut AnyConnection, id: SegmentId) -> Result<Differences> {
    let (row, _) = find(connection, Condition::Always, id)?;
    if row.kind == SegmentKind::Static {
        return Err(Error::Conflict(ErrorCode::SegmentStatic));
    }
    let now = found(
        connection,
        None,
        &members_of(id),
        Condition::Always,
        i64::MAX,
    )?;
    let mut before: Vec<CustomerId> = table::table
        .filter(table::segment_id.eq(id))
        .filter(table::until.is_null())
        .select(table::customer_id)
        .load(connection)?;
    before.sort_unstable();
    let joined = without(&now, &before);
    let left = without(&before, &now);
    Ok((joined, left, i64::try_from(now.len()).unwrap_or(i64::MAX)))
}

/// Those of `all` that are not among the others, which are sorted.
fn without(all: &[CustomerId], others: &[CustomerId]) -> Vec<CustomerId> {
    let among = |id: &&CustomerId| others.binary_search(id).is_err();
    all.iter().filter(among).copied().collect()
}

/// Writes down the members of all dynamic segments; how many there are, and the names of those whose rule does not hold any more.
/// `go_on` is asked before each.
pub fn record_all(
    db: &Db,
    mut go_on: impl FnMut(i64, i64) -> std::ops::ControlFlow<()>,
) -> Result<(i64, Vec<String>)> {
    let all: Vec<(SegmentId, String)> = db.read_blocking(|connection| {
        Ok(segments::table
            .filter(segments::kind.eq(SegmentKind::Dynamic))
            .order(segments::id)
            .select((segments::id, segments::name))
            .load(connection)?)
    })?;
    let (mut done, mut broken) = (0, Vec::new());
    for (id, name) in &all {
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        if go_on(done, total).is_break() {
            break;
        }
        match record_blocking(db, &Origin::system(), *id) {
            // Its owner sees why on its page.
            Err(Error::Query(_)) => broken.push(name.clone()),
            // Done, or deleted meanwhile.
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        done += 1;
    }
    Ok((done, broken))
}
