//! Calibration and hold-out: a model is fitted to the past of a day, and its forecast compared with what came after.

use super::bgnbd::{self, Predictor};
use super::lifetime::{History, HoldoutReport, HoldoutRow, LifetimeSettings, Refused};
use super::numbers::{count, quotient};

/// A customer before and after the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub before: History,
    /// Days with a purchase after it.
    pub after: u32,
}

impl Case {
    /// Of the days with a purchase, ascending; `None` for who came after the day of the cut.
    pub fn of_days(days: &[i32], cut: i32, until: i32) -> Option<Self> {
        let before = History::of_days(days, cut)?;
        let mut later: Vec<i32> = days
            .iter()
            .copied()
            .filter(|day| (cut + 1..=until).contains(day))
            .collect();
        later.dedup();
        Some(Self {
            before,
            after: u32::try_from(later.len()).ok()?,
        })
    }
}

/// Rows of the report: 0 to 6 repeat purchases, and more.
const MOST: u32 = 7;

/// Fits the model to the time before and compares with the `days` after.
pub fn report(
    cases: &[Case],
    days: u32,
    settings: &LifetimeSettings,
) -> Result<HoldoutReport, Refused> {
    let groups = bgnbd::group(cases.iter().map(|case| case.before));
    let fit = bgnbd::fit(&groups, settings)?;
    let mut predictor = Predictor::new(fit.parameters());
    let mut sorted: Vec<&Case> = cases.iter().collect();
    sorted.sort_unstable_by_key(|case| (case.before, case.after));
    let mut sums = vec![(0_i64, 0.0, 0.0); MOST as usize + 1];
    let (mut absolute, mut square, mut plain_square) = (0.0, 0.0, 0.0);
    let mut last = (History::default(), None);
    for case in sorted {
        let expected = match last {
            (history, Some(expected)) if history == case.before => expected,
            _ => predictor.purchases(&case.before, f64::from(days)),
        };
        last = (case.before, Some(expected));
        let actual = f64::from(case.after);
        let row = &mut sums[case.before.repeats.min(MOST) as usize];
        *row = (row.0 + 1, row.1 + actual, row.2 + expected);
        absolute += (expected - actual).abs();
        square += (expected - actual).powi(2);
        plain_square += (plain(&case.before, days) - actual).powi(2);
    }
    let n = count(cases.len()).max(1.0);
    let (actual, expected) = sums
        .iter()
        .fold((0.0, 0.0), |(a, e), row| (a + row.1, e + row.2));
    Ok(HoldoutReport {
        fit,
        days: i32::try_from(days).unwrap_or(i32::MAX),
        customers: fit.customers,
        actual,
        expected,
        error: quotient(expected - actual, actual),
        mean_absolute_error: absolute / n,
        root_mean_square_error: (square / n).sqrt(),
        plain_root_mean_square_error: (plain_square / n).sqrt(),
        rows: rows(&sums),
    })
}

fn rows(sums: &[(i64, f64, f64)]) -> Vec<HoldoutRow> {
    (0..)
        .zip(sums)
        .map(|(repeats, (customers, actual, expected))| {
            let n = super::numbers::real(*customers).max(1.0);
            HoldoutRow {
                repeats,
                or_more: i64::from(repeats) == i64::from(MOST),
                customers: *customers,
                actual: actual / n,
                expected: expected / n,
            }
        })
        .collect()
}

fn plain(before: &History, days: u32) -> f64 {
    let rate = quotient(f64::from(before.repeats), f64::from(before.age_days));
    rate.unwrap_or(0.0) * f64::from(days)
}

#[cfg(test)]
mod tests;
