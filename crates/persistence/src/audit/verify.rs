//! Whether the audit trail is as it was written: every entry of every lane is hashed again.

use std::collections::BTreeMap;
use std::fmt;

use diesel::{QueryDsl, RunQueryDsl};
use guanxi_domain::AuditId;

use super::chain::{GENESIS, Head, entries_after, heads};
use crate::schema::audit_entries;
use crate::{AnyConnection, Db, Result};

/// An entry that was there at an earlier time: what an operator has kept of a lane's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub lane: i32,
    pub number: i64,
    pub hash: String,
}

/// `LANE:NUMBER:HASH`, as [`Lane`] is shown.
impl std::str::FromStr for Expected {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let parsed = match parts.as_slice() {
            [lane, number, hash] if hash.len() == GENESIS.len() => lane
                .parse()
                .ok()
                .zip(number.parse().ok())
                .map(|(lane, number)| Self {
                    lane,
                    number,
                    hash: (*hash).to_owned(),
                }),
            _ => None,
        };
        parsed.ok_or_else(|| format!("{text:?} is not LANE:NUMBER:HASH"))
    }
}

/// The first thing that is wrong in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The entry with this number is not there, though later ones are, or were.
    Missing(i64),
    /// What the entry says, or the one before it, is not what was written.
    Changed(i64, AuditId),
    /// The entry has no place in the chain: it was not written by the program.
    Inserted(i64, AuditId),
    /// The lane is said to end with another hash than its last entry has.
    End(i64),
    /// At an earlier time the entry had another hash: the chain was made anew.
    Unexpected(i64),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(number) => write!(f, "entry {number} is missing"),
            Self::Changed(number, id) => write!(f, "entry {number} ({id}) was changed"),
            Self::Inserted(number, id) => write!(f, "entry {number} ({id}) was inserted"),
            Self::End(number) => write!(f, "the end at entry {number} was changed"),
            Self::Unexpected(number) => {
                write!(f, "entry {number} has another hash than was expected")
            }
        }
    }
}

/// What was found of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    pub lane: i32,
    /// Entries that are as they were written.
    pub sound: i64,
    /// The end of the lane.
    pub number: i64,
    pub hash: String,
    pub fault: Option<Fault>,
}

/// `LANE:NUMBER:HASH`: what to keep elsewhere, and to expect the next time.
impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.lane, self.number, self.hash)
    }
}

/// Reads all entries, a batch at a time, and hashes them again. Writers go on meanwhile: what they add is not looked at.
pub fn verify(db: &Db, expected: &[Expected]) -> Result<Vec<Lane>> {
    let (heads, last) = db.snapshot_blocking(|c| Ok((heads(c)?, last_entries(c)?)))?;
    let mut known: BTreeMap<i32, Head> = heads.into_iter().map(|h| (h.lane, h)).collect();
    // A lane that the program knows nothing of should be empty.
    for lane in last.keys().copied().chain(expected.iter().map(|e| e.lane)) {
        known.entry(lane).or_insert_with(|| Head {
            lane,
            number: 0,
            hash: GENESIS.to_owned(),
        });
    }
    known
        .into_values()
        .map(|head| {
            let last = last.get(&head.lane).copied().unwrap_or_default();
            let expected: BTreeMap<i64, &str> = expected
                .iter()
                .filter(|e| e.lane == head.lane && e.number > 0)
                .map(|e| (e.number, e.hash.as_str()))
                .collect();
            verify_lane(db, head, last, &expected)
        })
        .collect()
}

/// The highest number of each lane.
fn last_entries(connection: &mut AnyConnection) -> Result<BTreeMap<i32, i64>> {
    let rows: Vec<(i32, Option<i64>)> = audit_entries::table
        .group_by(audit_entries::lane)
        .select((audit_entries::lane, diesel::dsl::max(audit_entries::number)))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(lane, last)| (lane, last.unwrap_or_default()))
        .collect())
}

fn verify_lane(db: &Db, head: Head, last: i64, expected: &BTreeMap<i64, &str>) -> Result<Lane> {
    let mut lane = Lane {
        lane: head.lane,
        sound: 0,
        number: head.number,
        hash: head.hash,
        fault: None,
    };
    let mut previous = GENESIS.to_owned();
    // From the lowest number there is: nothing may stand before the first entry.
    let (mut after, to) = (i64::MIN, last.max(lane.number));
    loop {
        let entries = db.read_blocking(|c| entries_after(c, lane.lane, after, to))?;
        let Some(end) = entries.last() else {
            break;
        };
        after = end.number;
        for entry in entries {
            let due = lane.sound + 1;
            let digest = entry.digest(&previous);
            lane.fault = if entry.number > due {
                Some(Fault::Missing(due))
            } else if entry.number < due || due > lane.number {
                Some(Fault::Inserted(entry.number, entry.id))
            } else if digest != entry.hash {
                Some(Fault::Changed(entry.number, entry.id))
            } else if expected.get(&due).is_some_and(|hash| **hash != digest) {
                Some(Fault::Unexpected(due))
            } else {
                None
            };
            if lane.fault.is_some() {
                return Ok(lane);
            }
            lane.sound = due;
            previous = digest;
        }
    }
    let wanted = expected.keys().next_back().copied().unwrap_or_default();
    lane.fault = if lane.sound < lane.number.max(wanted) {
        Some(Fault::Missing(lane.sound + 1))
    } else if previous != lane.hash {
        Some(Fault::End(lane.number))
    } else {
        None
    };
    Ok(lane)
}
