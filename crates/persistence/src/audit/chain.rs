//! The chain of the audit trail: each entry carries the hash of the one before it.
//!
//! One chain would make all writers of all replicas wait for each other, so there are several, the lanes: one on SQLite, which has
//! one writer, 32 on PostgreSQL. `audit_lanes` holds the number and hash of each lane's last entry; to move that on is to hold
//! the lane until the commit. A writer remembers where it left its lane and goes on there: one update more than a write without
//! a chain. When somebody else was there meanwhile, it takes any lane that is free.
//!
//! A transaction's entries are kept back until its end. So a lane is held as briefly as can be, and whoever holds one
//! waits for nothing else: two writers cannot lock each other out.

use diesel::dsl::sql;
use diesel::sql_types::Integer;
use diesel::{
    Connection, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use guanxi_domain::{ApiKeyId, AuditId, Timestamp, UserId};
use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::schema::{audit_entries, audit_lanes};
use crate::tx::BATCH;
use crate::{AnyConnection, Result};

/// What stands in the place of the hash before the first entry of a lane.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An entry as it is stored.
#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub(crate) struct Entry {
    pub id: AuditId,
    pub at: Timestamp,
    pub user_id: Option<UserId>,
    pub user_name: String,
    pub key_id: Option<ApiKeyId>,
    pub key_name: Option<String>,
    pub ip: String,
    pub request_id: String,
    pub record_type: String,
    pub record_id: String,
    pub action: String,
    /// JSON: `{field: {old, new}}`, to the letter.
    pub changes: String,
    pub lane: i32,
    /// From 1 in each lane, without gaps.
    pub number: i64,
    pub hash: String,
}

impl Entry {
    /// SHA-256 over all that the entry says, its place, and the hash of the entry before it.
    ///
    /// What is hashed is a row of texts, each with its length in bytes before it, so that no two entries give the same row:
    /// `8:customer,`. Numbers and times (microseconds) are decimal, what is missing is `-,`. See docs/ARCHITECTURE.md.
    pub fn digest(&self, previous: &str) -> String {
        let mut hash = Sha256::new();
        let mut put = |text: Option<&str>| match text {
            Some(text) => {
                hash.update(text.len().to_string());
                hash.update(b":");
                hash.update(text);
                hash.update(b",");
            }
            None => hash.update(b"-,"),
        };
        put(Some("guanxi-audit-1"));
        put(Some(previous));
        put(Some(&self.lane.to_string()));
        put(Some(&self.number.to_string()));
        put(Some(self.id.as_str()));
        put(Some(&self.at.micros().to_string()));
        put(self.user_id.as_ref().map(UserId::as_str));
        put(Some(&self.user_name));
        put(self.key_id.as_ref().map(ApiKeyId::as_str));
        put(self.key_name.as_deref());
        put(Some(&self.ip));
        put(Some(&self.request_id));
        put(Some(&self.record_type));
        put(Some(&self.record_id));
        put(Some(&self.action));
        put(Some(&self.changes));
        hex(&hash.finalize())
    }
}

/// The end of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub lane: i32,
    pub number: i64,
    pub hash: String,
}

impl Head {
    fn new((lane, number, hash): (i32, i64, String)) -> Self {
        Self { lane, number, hash }
    }

    /// Chains entries behind this one; answers the new end.
    fn chain(&self, entries: &mut [Entry]) -> Self {
        let mut head = self.clone();
        for entry in entries {
            entry.lane = head.lane;
            entry.number = head.number + 1;
            entry.hash = entry.digest(&head.hash);
            head.number = entry.number;
            head.hash.clone_from(&entry.hash);
        }
        head
    }
}

/// Writes a transaction's entries as its last act. `known` is where this writer left its lane, and is where it leaves it now.
///
/// What is known may be wrong, as after a commit that failed: then the lane is looked up.
pub(crate) fn append(
    connection: &mut AnyConnection,
    known: &mut Option<Head>,
    mut entries: Vec<Entry>,
) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let head = loop {
        // A lane that was taken is held: it ends where it says.
        let old = known.take().map_or_else(|| take_lane(connection), Ok)?;
        let new = old.chain(&mut entries);
        if move_on(connection, &old, &new)? {
            break new;
        }
    };
    match entries.as_slice() {
        // Kept prepared, as a statement of many rows is not.
        [entry] => {
            diesel::insert_into(audit_entries::table)
                .values(entry)
                .execute(connection)?;
        }
        many => insert_many!(connection, audit_entries::table, many),
    }
    *known = Some(head);
    Ok(())
}

/// Moves the end of a lane, and holds the lane until the commit. False if it ends elsewhere.
fn move_on(connection: &mut AnyConnection, old: &Head, new: &Head) -> Result<bool> {
    let moved = diesel::update(
        audit_lanes::table
            .find(old.lane)
            .filter(audit_lanes::number.eq(old.number))
            .filter(audit_lanes::hash.eq(&old.hash)),
    )
    .set((
        audit_lanes::number.eq(new.number),
        audit_lanes::hash.eq(&new.hash),
    ))
    .execute(connection)?;
    Ok(moved == 1)
}

/// A lane that nobody holds, held until the commit.
fn take_lane(connection: &mut AnyConnection) -> Result<Head> {
    let columns = (audit_lanes::lane, audit_lanes::number, audit_lanes::hash);
    let lane = match connection {
        AnyConnection::Sqlite(c) => audit_lanes::table.select(columns).first(c)?,
        AnyConnection::Postgres(c) => {
            // Any of them: two writers that always took the first would meet there again and again.
            let any = audit_lanes::table
                .select(columns)
                .order(sql::<Integer>("random()"));
            let free = any.clone().for_update().skip_locked().first(c).optional()?;
            match free {
                Some(lane) => lane,
                None => any.for_update().first(c)?,
            }
        }
    };
    Ok(Head::new(lane))
}

/// Chains the entries from before there was a chain, which the migration has numbered in lane 0. Once, whatever replica starts first.
pub(crate) fn begin(connection: &mut AnyConnection) -> Result<()> {
    connection.transaction(|connection| {
        let unchained = audit_lanes::table.find(0).filter(audit_lanes::hash.eq(""));
        // A write comes first: it makes others wait, on both databases.
        let mine = diesel::update(unchained)
            .set(audit_lanes::hash.eq(GENESIS))
            .execute(connection)?;
        if mine == 0 {
            return Ok(());
        }
        let mut head = Head {
            lane: 0,
            number: 0,
            hash: GENESIS.to_owned(),
        };
        loop {
            let mut entries = entries_after(connection, 0, head.number, i64::MAX)?;
            if entries.is_empty() {
                break;
            }
            head = head.chain(&mut entries);
            for entry in entries {
                diesel::update(audit_entries::table.find(entry.id))
                    .set((
                        audit_entries::number.eq(entry.number),
                        audit_entries::hash.eq(entry.hash),
                    ))
                    .execute(connection)?;
            }
        }
        if head.number > 0 {
            log::info!("chained {} entries of the audit trail", head.number);
        }
        diesel::update(audit_lanes::table.find(0))
            .set((
                audit_lanes::number.eq(head.number),
                audit_lanes::hash.eq(head.hash),
            ))
            .execute(connection)?;
        Ok(())
    })
}

/// The next entries of a lane, up to this number.
pub(super) fn entries_after(
    connection: &mut AnyConnection,
    lane: i32,
    after: i64,
    to: i64,
) -> Result<Vec<Entry>> {
    let batch = i64::try_from(BATCH).unwrap_or(i64::MAX);
    Ok(audit_entries::table
        .filter(audit_entries::lane.eq(lane))
        .filter(audit_entries::number.gt(after))
        .filter(audit_entries::number.le(to))
        .order(audit_entries::number)
        .limit(batch)
        .select(Entry::as_select())
        .load(connection)?)
}

/// The ends of all lanes.
pub(super) fn heads(connection: &mut AnyConnection) -> Result<Vec<Head>> {
    let rows: Vec<(i32, i64, String)> = audit_lanes::table
        .order(audit_lanes::lane)
        .load(connection)?;
    Ok(rows.into_iter().map(Head::new).collect())
}
