//! Backups: what a file says of itself, which files are kept, and when the newest is too old.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::job::Schedule;

choice! {
    /// Which database a backup is of.
    pub enum DatabaseKind {
        Sqlite = "sqlite", "SQLite", "SQLite";
        Postgres = "postgres", "PostgreSQL", "PostgreSQL";
    }
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Manifest {
    /// How the file is made up: 1.
    pub format: i32,
    /// Of the program that wrote it.
    pub product_version: String,
    /// The newest migration that its tables have.
    pub schema_version: String,
    pub database: DatabaseKind,
    /// The backup holds what was there at this time.
    pub created_at: Timestamp,
    /// Bytes of the database in it.
    pub size: i64,
    /// Of these bytes, in hexadecimal digits.
    pub sha256: String,
    /// Rows of the tables that people know.
    pub counts: BTreeMap<String, i64>,
}

/// A backup in the folder of backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backup {
    /// The file's name.
    pub name: String,
    /// Bytes of the file.
    pub size: i64,
    /// `null`: the file is no complete backup.
    pub manifest: Option<Manifest>,
}

/// The folder of backups, and how they are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backups {
    /// On the server.
    pub folder: String,
    /// `null`: only when asked.
    pub schedule: Option<Schedule>,
    pub retention: Retention,
    /// The newest is older than the schedule allows, or there is none.
    pub overdue: bool,
    /// The newest first.
    pub items: Vec<Backup>,
}

/// How many backups are kept: the newest of each of the last days, weeks and months that have any. The newest of all is always kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retention {
    pub daily: u16,
    pub weekly: u16,
    pub monthly: u16,
}

impl Retention {
    /// Those of the times that are kept. Days, weeks (from Monday) and months are those of UTC.
    ///
    /// Periods without a backup do not count: after a long standstill the last backups are still there.
    pub fn kept(self, times: &[Timestamp]) -> BTreeSet<Timestamp> {
        let mut newest_first = times.to_vec();
        newest_first.sort_unstable_by(|a, b| b.cmp(a));
        let day = |time: Timestamp| i64::from(time.date().days());
        // 1970-01-01 was a Thursday.
        let week = |time: Timestamp| (day(time) + 3).div_euclid(7);
        let month = |time: Timestamp| {
            let date = time.date();
            i64::from(date.year()) * 12 + i64::from(date.month())
        };
        let newest = newest_first.first().copied().into_iter().collect();
        [
            newest,
            newest_of_each(&newest_first, self.daily, day),
            newest_of_each(&newest_first, self.weekly, week),
            newest_of_each(&newest_first, self.monthly, month),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The newest of each of the last so many periods that have any.
fn newest_of_each(
    newest_first: &[Timestamp],
    periods: u16,
    period_of: impl Fn(Timestamp) -> i64,
) -> Vec<Timestamp> {
    let mut seen = BTreeSet::new();
    newest_first
        .iter()
        .copied()
        .filter(|time| seen.insert(period_of(*time)))
        .take(usize::from(periods))
        .collect()
}

/// Whether a backup was missed: half a period more than one has passed since the newest.
pub fn overdue(schedule: Option<Schedule>, newest: Option<Timestamp>, now: Timestamp) -> bool {
    schedule.is_some_and(|schedule| {
        newest.is_none_or(|newest| newest.plus_seconds(schedule.every_minutes * 90) < now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// A backup each day at this time, the last one on this day.
    fn each_day(days: i64, last: &str) -> Vec<Timestamp> {
        (0..days)
            .map(|day| at(last).plus_seconds(-day * 24 * 3600))
            .collect()
    }

    fn dates(kept: BTreeSet<Timestamp>) -> Vec<String> {
        kept.into_iter()
            .map(|time| time.date().to_string())
            .collect()
    }

    #[test]
    fn days_weeks_and_months_keep_their_newest() {
        // 2026-11-22 is a Sunday.
        let times = each_day(400, "2026-11-22T02:10:00Z");
        let retention = Retention {
            daily: 3,
            weekly: 3,
            monthly: 3,
        };
        assert_eq!(
            dates(retention.kept(&times)),
            [
                "2026-09-30",
                "2026-10-31",
                "2026-11-08",
                "2026-11-15",
                "2026-11-20",
                "2026-11-21",
                "2026-11-22"
            ]
        );
    }

    #[test]
    fn of_several_a_day_the_newest_is_kept() {
        let times = [
            at("2026-11-22T02:10:00Z"),
            at("2026-11-22T15:00:00Z"),
            at("2026-11-21T23:59:59Z"),
            at("2026-11-21T02:10:00Z"),
        ];
        let retention = Retention {
            daily: 7,
            weekly: 0,
            monthly: 0,
        };
        let kept = retention.kept(&times);
        assert_eq!(kept.into_iter().collect::<Vec<_>>(), [times[2], times[1]]);
    }

    #[test]
    fn a_standstill_loses_nothing_and_the_newest_always_stays() {
        let old = [at("2024-01-01T00:00:00Z"), at("2025-01-01T00:00:00Z")];
        let none = Retention {
            daily: 0,
            weekly: 0,
            monthly: 0,
        };
        assert_eq!(dates(none.kept(&old)), ["2025-01-01"]);
        let two = Retention { daily: 2, ..none };
        assert_eq!(two.kept(&old).len(), 2);
        assert!(none.kept(&[]).is_empty());
    }

    #[test]
    fn weeks_begin_on_monday_before_1970_too() {
        let one_week = Retention {
            daily: 0,
            weekly: 9,
            monthly: 0,
        };
        // A Monday, and the Sunday before and after.
        let times = [
            at("1969-12-28T12:00:00Z"),
            at("1969-12-29T12:00:00Z"),
            at("1970-01-04T12:00:00Z"),
        ];
        assert_eq!(dates(one_week.kept(&times)), ["1969-12-28", "1970-01-04"]);
    }

    #[test]
    fn a_missed_backup_is_noticed() {
        let daily = Some(Schedule::daily(2, 10));
        let now = at("2026-11-22T12:00:00Z");
        let hours_ago = |hours: i64| Some(now.plus_seconds(-hours * 3600));
        assert!(overdue(daily, None, now));
        assert!(overdue(daily, hours_ago(37), now));
        assert!(!overdue(daily, hours_ago(35), now));
        assert!(!overdue(None, None, now));
    }
}
