//! The log of what happened: the outbox, which [`Tx`] writes with every change, read from a place on.
//!
//! On SQLite one writer commits one row after the other, so their numbers are in the order of the commits. On PostgreSQL
//! transactions commit in another order than they take numbers, and a reader that remembers the highest number would pass over
//! those that commit late. So a row carries the number of its transaction, and is read only when no transaction of this database
//! with that number or a lower one is under way: what comes later stands behind what was read, and nothing is passed over.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{
    Connection, ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, QueryableByName,
    RunQueryDsl,
};
use guanxi_domain::{EventId, Timestamp, UserId};
use serde_json::Value;

use crate::db::MIGRATION_LOCK;
use crate::schema::{event_cursors, outbox_events, webhooks};
use crate::stored::Json;
use crate::{AnyConnection, Result, Tx};

/// A place in the log: everything up to here has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The number of the transaction; 0 on SQLite.
    pub txid: i64,
    pub seq: i64,
}

/// As in a `Last-Event-ID`.
impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.txid, self.seq)
    }
}

impl std::str::FromStr for Position {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        // The first may be negative: see `settle`.
        let (txid, seq) = text.rsplit_once('-').unwrap_or((text, ""));
        Ok(Self {
            txid: txid.parse()?,
            seq: seq.parse()?,
        })
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    pub position: Position,
    pub id: EventId,
    pub at: Timestamp,
    /// `customers.created`
    pub kind: String,
    pub record_id: String,
    /// Who did it, `None`: the system; of a notification whom it is for.
    pub user_id: Option<UserId>,
    changes: Json<Value>,
}

impl Event {
    /// `{field: {old, new}}`
    pub fn changes(&self) -> Result<Value> {
        self.changes.get()
    }

    /// The record's type and what was done.
    pub fn parts(&self) -> (&str, &str) {
        self.kind.split_once('.').unwrap_or((&self.kind, ""))
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    txid: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    id: EventId,
    #[diesel(sql_type = BigInt)]
    at: Timestamp,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    record_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    user_id: Option<UserId>,
    #[diesel(sql_type = Text)]
    payload: Json<Value>,
}

const SQLITE: &str = "SELECT txid, seq, id, at, kind, record_id, user_id, payload FROM outbox_events \
     WHERE txid >= $1 AND seq > $2 ORDER BY seq LIMIT $3";
const POSTGRES: &str = "SELECT txid, seq, id, at, kind, record_id, user_id, payload FROM outbox_events \
     WHERE (txid, seq) > ($1, $2) AND txid < $3 ORDER BY txid, seq LIMIT $4";

/// What happened after this place, the first of it.
pub fn after(connection: &mut AnyConnection, place: Position, limit: i64) -> Result<Vec<Event>> {
    let rows: Vec<Row> = match connection {
        AnyConnection::Sqlite(c) => diesel::sql_query(SQLITE)
            .bind::<BigInt, _>(place.txid)
            .bind::<BigInt, _>(place.seq)
            .bind::<BigInt, _>(limit)
            .load(c)?,
        AnyConnection::Postgres(c) => {
            let horizon = horizon(c)?;
            diesel::sql_query(POSTGRES)
                .bind::<BigInt, _>(place.txid)
                .bind::<BigInt, _>(place.seq)
                .bind::<BigInt, _>(horizon)
                .bind::<BigInt, _>(limit)
                .load(c)?
        }
    };
    let events = rows.into_iter().map(|row| Event {
        position: Position {
            txid: row.txid,
            seq: row.seq,
        },
        id: row.id,
        at: row.at,
        kind: row.kind,
        record_id: row.record_id,
        user_id: row.user_id,
        changes: row.payload,
    });
    Ok(events.collect())
}

#[derive(QueryableByName)]
struct UnderWay {
    #[diesel(sql_type = BigInt)]
    completed: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    running: Option<i64>,
}

const UNDER_WAY: &str = "SELECT known.completed, running.backend_xid::text::bigint AS running \
     FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS completed) AS known \
     LEFT JOIN pg_stat_activity AS running ON running.datname = current_database() AND running.backend_xid IS NOT NULL";

/// Every transaction of this database with a lower number is over, and seen by the next statement. Not in a snapshot that was taken
/// before.
///
/// `pg_snapshot_xmin` would say so more briefly, but for all databases of the cluster: an hour-long transaction of somebody
/// else would hold our events back for an hour.
fn horizon(connection: &mut PgConnection) -> Result<i64> {
    // Within a transaction the list of activities would be that of the first time.
    connection.batch_execute("SELECT pg_stat_clear_snapshot()")?;
    let rows: Vec<UnderWay> = diesel::sql_query(UNDER_WAY).load(connection)?;
    let completed = rows.first().map_or(0, |row| row.completed);
    let running = rows.iter().filter_map(|row| row.running);
    // These have 32 bits; the upper ones are those of the newest, or one less.
    let whole = |low: i64| {
        let near = (completed & !0xffff_ffff) + low;
        if near > completed + 0x7fff_ffff {
            near - (1 << 32)
        } else {
            near
        }
    };
    Ok(running.map(whole).fold(completed, i64::min))
}

/// The place behind everything that can be read now.
pub fn end(connection: &mut AnyConnection) -> Result<Position> {
    Ok(match connection {
        AnyConnection::Sqlite(c) => Position {
            txid: 0,
            seq: outbox_events::table
                .select(diesel::dsl::max(outbox_events::seq))
                .first::<Option<i64>>(c)?
                .unwrap_or_default(),
        },
        AnyConnection::Postgres(c) => Position {
            txid: horizon(c)? - 1,
            seq: i64::MAX,
        },
    })
}

/// The readers that remember their place.
const WEBHOOKS: &str = "webhooks";

/// How far the webhooks have read. With `lock` no other replica reads on meanwhile; `None` if one does already.
pub(crate) fn place_of_webhooks(
    connection: &mut AnyConnection,
    lock: bool,
) -> Result<Option<Position>> {
    let row = event_cursors::table
        .find(WEBHOOKS)
        .select((event_cursors::txid, event_cursors::seq));
    let place: Option<(i64, i64)> = match connection {
        AnyConnection::Postgres(c) if lock => row.for_update().skip_locked().first(c).optional()?,
        other => row.first(other).optional()?,
    };
    Ok(place.map(|(txid, seq)| Position { txid, seq }))
}

pub(crate) fn set_place_of_webhooks(tx: &mut Tx<'_>, place: Position) -> Result<()> {
    diesel::update(event_cursors::table.find(WEBHOOKS))
        .set((
            event_cursors::txid.eq(place.txid),
            event_cursors::seq.eq(place.seq),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Rows that are deleted in one transaction.
const PRUNED: i64 = 1_000;

/// Deletes the oldest events that are from before this time and that webhooks have read; how many. Zero: there are no more.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    let hooks: i64 = webhooks::table.count().get_result(tx.connection)?;
    let read = if hooks == 0 {
        end(tx.connection)?
    } else {
        place_of_webhooks(tx.connection, false)?.unwrap_or_default()
    };
    let rows: Vec<(i64, i64, i64)> = outbox_events::table
        .order((outbox_events::txid, outbox_events::seq))
        .limit(PRUNED + 1)
        .select((outbox_events::txid, outbox_events::seq, outbox_events::at))
        .load(tx.connection)?;
    // The newest row stays: SQLite numbers on from it.
    let Some((_, rows)) = rows.split_last() else {
        return Ok(0);
    };
    let old = rows.iter().take_while(|(txid, seq, at)| {
        let place = Position {
            txid: *txid,
            seq: *seq,
        };
        *at < before.micros() && place <= read
    });
    let old: Vec<i64> = old.map(|(_, seq, _)| *seq).collect();
    let lowest = rows.first().map_or(0, |(txid, ..)| *txid);
    let highest = rows.last().map_or(0, |(txid, ..)| *txid);
    Ok(diesel::delete(
        outbox_events::table
            .filter(outbox_events::txid.between(lowest, highest))
            .filter(outbox_events::seq.eq_any(old)),
    )
    .execute(tx.connection)?)
}

/// Numbers of transactions are a cluster's own: a dump that was restored into another one may hold higher ones than that has
/// come to, and what happens from now on would stand before them. Then all numbers that are there are lowered by the same, so that none
/// is above zero: their order, and what readers have read of them, stay as they were, and everything new stands behind them.
pub(crate) fn settle(connection: &mut AnyConnection) -> Result<()> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = Nullable<BigInt>)]
        highest: Option<i64>,
        #[diesel(sql_type = BigInt)]
        next: i64,
    }

    const KNOWN: &str = "SELECT GREATEST((SELECT MAX(txid) FROM outbox_events), (SELECT MAX(txid) FROM event_cursors)) AS highest, \
         pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next";

    let AnyConnection::Postgres(connection) = connection else {
        return Ok(());
    };
    connection.transaction(|connection| {
        // Of several replicas that start together one does it.
        connection.batch_execute(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))?;
        let known: Known = diesel::sql_query(KNOWN).get_result(connection)?;
        if let Some(highest) = known.highest.filter(|highest| *highest >= known.next) {
            log::warn!("the event log comes from another database cluster: it is renumbered");
            diesel::update(outbox_events::table)
                .set(outbox_events::txid.eq(outbox_events::txid - highest))
                .execute(connection)?;
            diesel::update(event_cursors::table)
                .set(event_cursors::txid.eq(event_cursors::txid - highest))
                .execute(connection)?;
        }
        Ok(())
    })
}
