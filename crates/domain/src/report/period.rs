//! The days that a report looks at, and those that it compares them with.

use serde::{Deserialize, Serialize};

use super::ReportCompare;
use crate::Date;
use crate::filter::Period;

choice! {
    /// A period named by its place to today (UTC).
    pub enum ReportPeriod {
        Today = "today", "今天", "Today";
        ThisWeek = "this_week", "本周", "This week";
        LastWeek = "last_week", "上周", "Last week";
        ThisMonth = "this_month", "本月", "This month";
        /// From the first of the month to today.
        MonthToDate = "month_to_date", "本月至今", "Month to date";
        LastMonth = "last_month", "上月", "Last month";
        ThisQuarter = "this_quarter", "本季度", "This quarter";
        QuarterToDate = "quarter_to_date", "本季度至今", "Quarter to date";
        LastQuarter = "last_quarter", "上季度", "Last quarter";
        ThisYear = "this_year", "今年", "This year";
        YearToDate = "year_to_date", "今年至今", "Year to date";
        LastYear = "last_year", "去年", "Last year";
        /// Today and the 29 days before.
        Last30Days = "last_30_days", "近 30 天", "Last 30 days";
        Last90Days = "last_90_days", "近 90 天", "Last 90 days";
        /// This month and the eleven before.
        Last12Months = "last_12_months", "近 12 个月", "Last 12 months";
    }
}

/// First and last day, both included; without one of them it is open there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayRange {
    pub from: Option<Date>,
    pub to: Option<Date>,
}

impl ReportPeriod {
    pub fn days(self, today: Date) -> DayRange {
        let whole = |period: Period| period.days(today);
        let to_date = |period: Period| (period.days(today).0, today);
        let last = |days: i32| (today.plus_days(1 - days), today);
        let (from, to) = match self {
            Self::Today => (today, today),
            Self::ThisWeek => whole(Period::ThisWeek),
            Self::LastWeek => whole(Period::LastWeek),
            Self::ThisMonth => whole(Period::ThisMonth),
            Self::MonthToDate => to_date(Period::ThisMonth),
            Self::LastMonth => whole(Period::LastMonth),
            Self::ThisQuarter => whole(Period::ThisQuarter),
            Self::QuarterToDate => to_date(Period::ThisQuarter),
            Self::LastQuarter => whole(Period::LastQuarter),
            Self::ThisYear => whole(Period::ThisYear),
            Self::YearToDate => to_date(Period::ThisYear),
            Self::LastYear => whole(Period::LastYear),
            Self::Last30Days => last(30),
            Self::Last90Days => last(90),
            Self::Last12Months => (today.month_start(-11), today.month_start(1).plus_days(-1)),
        };
        DayRange {
            from: Some(from),
            to: Some(to),
        }
    }
}

impl DayRange {
    /// What this one is compared with; `None` where it is open at an end.
    ///
    /// A range that begins with a month is moved by as many months as it touches, whole months to whole months and a part of a month to
    /// the same part: 1 to 22 November becomes 1 to 22 October.
    #[must_use]
    pub fn compared(self, with: ReportCompare) -> Option<Self> {
        let (from, to) = (self.from?, self.to?);
        let touched = months(to) - months(from) + 1;
        let (from, to) = match with {
            ReportCompare::YearBefore => (back(from, 12, false), back(to, 12, ends_month(to))),
            ReportCompare::Before if from.day() == 1 => (
                back(from, touched, false),
                back(to, touched, ends_month(to)),
            ),
            ReportCompare::Before => {
                let days = to.days() - from.days() + 1;
                (from.plus_days(-days), to.plus_days(-days))
            }
        };
        Some(Self {
            from: Some(from),
            to: Some(to),
        })
    }
}

/// Months since the year 0.
pub(super) fn months(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

fn ends_month(day: Date) -> bool {
    day.plus_days(1).day() == 1
}

/// The same day so many months before, or the last of its month where there is none; `end`: the last in any case.
fn back(day: Date, months: i32, end: bool) -> Date {
    let first = day.month_start(-months);
    let last = first.month_start(1).plus_days(-1);
    if end {
        last
    } else {
        last.min(first.plus_days(i32::from(day.day()) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    #[test]
    fn a_range_is_compared_with_its_like() {
        use ReportCompare::{Before, YearBefore};

        for (from, to, with, then) in [
            ("2026-11-01", "2026-11-30", Before, "2026-10-01 2026-10-31"),
            ("2026-11-01", "2026-11-22", Before, "2026-10-01 2026-10-22"),
            ("2026-03-01", "2026-03-30", Before, "2026-02-01 2026-02-28"),
            ("2026-10-01", "2026-12-31", Before, "2026-07-01 2026-09-30"),
            ("2026-01-01", "2026-12-31", Before, "2025-01-01 2025-12-31"),
            ("2026-11-16", "2026-11-22", Before, "2026-11-09 2026-11-15"),
            (
                "2024-02-01",
                "2024-02-29",
                YearBefore,
                "2023-02-01 2023-02-28",
            ),
            (
                "2025-02-01",
                "2025-02-28",
                YearBefore,
                "2024-02-01 2024-02-29",
            ),
            (
                "2026-11-16",
                "2026-11-22",
                YearBefore,
                "2025-11-16 2025-11-22",
            ),
        ] {
            let range = DayRange {
                from: Some(day(from)),
                to: Some(day(to)),
            };
            let before = range.compared(with).expect("closed");
            let found = before.from.zip(before.to).map(|(f, t)| format!("{f} {t}"));
            assert_eq!(found.as_deref(), Some(then), "{from} to {to}");
        }
        let open = DayRange {
            from: None,
            to: Some(day("2026-11-22")),
        };
        assert_eq!(open.compared(Before), None);
    }

    #[test]
    fn periods_lie_where_they_are_named_after() {
        let today = day("2026-11-22");
        for (period, days) in [
            (ReportPeriod::MonthToDate, "2026-11-01 2026-11-22"),
            (ReportPeriod::QuarterToDate, "2026-10-01 2026-11-22"),
            (ReportPeriod::Last30Days, "2026-10-24 2026-11-22"),
            (ReportPeriod::Last12Months, "2025-12-01 2026-11-30"),
        ] {
            let range = period.days(today);
            let found = range.from.zip(range.to).map(|(f, t)| format!("{f} {t}"));
            assert_eq!(found.as_deref(), Some(days), "{period}");
        }
    }
}
