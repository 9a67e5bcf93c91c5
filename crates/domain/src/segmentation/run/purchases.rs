//! What a customer bought, in the few numbers that all models look at.

use serde::{Deserialize, Serialize};

use super::super::lifecycle::Course;
use super::super::lifetime::History;
use super::super::numbers::real;
use super::super::rfm::Activity;
use super::SegmentationSettings;
use crate::{Date, Money};

/// The days that a run looks at: all up to the day of the run, and those that parts of it are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    pub as_of: Date,
    /// First day of the window of RFM.
    window_from: i32,
    /// Last day that the trial of the model is fitted to.
    cut: Option<i32>,
}

impl Frame {
    pub fn new(as_of: Date, settings: &SegmentationSettings) -> Self {
        let back = |days: i32| as_of.days().saturating_sub(days);
        Self {
            as_of,
            window_from: settings
                .rfm
                .window_days
                .map_or(i32::MIN, |days| back(days - 1)),
            cut: settings.holdout_days.map(back),
        }
    }

    /// Whether a day lies in the window of RFM.
    pub fn is_in_window(&self, day: Date) -> bool {
        (self.window_from..=self.as_of.days()).contains(&day.days())
    }

    /// Last day that the trial of the model is fitted to.
    pub const fn cut(&self) -> Option<i32> {
        self.cut
    }
}

/// What a customer bought on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Since 1970.
    pub day: i32,
    /// 0: a day with returns only, which is no purchase.
    pub orders: i64,
    /// Net.
    pub sales: i64,
    /// Of those sales.
    pub margin: i64,
}

/// A customer's purchases up to the day of a run, added up day by day. Days are days since 1970, in ascending order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purchases {
    first: i32,
    last: i32,
    /// Days with a purchase.
    days: u32,
    /// Most days from one of them to the next.
    longest_gap: i32,
    /// Net sales of the first of them.
    first_sales: i64,
    sales: i64,
    margin: i64,
    year: i64,
    year_before: i64,
    window_days: u32,
    window_sales: i64,
    days_to_cut: u32,
    last_to_cut: i32,
}

impl Purchases {
    /// Adds a day: one with returns only lowers sales and is no purchase. Days after the frame are left out.
    pub fn add(&mut self, day: &Day, frame: &Frame) {
        let Day {
            day,
            orders,
            sales,
            margin,
        } = *day;
        let age = i64::from(frame.as_of.days()) - i64::from(day);
        if age < 0 {
            return;
        }
        if orders > 0 {
            if self.days == 0 {
                self.first = day;
                self.first_sales = sales;
            } else {
                self.longest_gap = self.longest_gap.max(day - self.last);
            }
            self.last = day;
            self.days += 1;
            self.window_days += u32::from(day >= frame.window_from);
            if frame.cut.is_some_and(|cut| day <= cut) {
                self.days_to_cut += 1;
                self.last_to_cut = day;
            }
        }
        self.sales = self.sales.saturating_add(sales);
        self.margin = self.margin.saturating_add(margin);
        if age < 365 {
            self.year = self.year.saturating_add(sales);
        } else if age < 730 {
            self.year_before = self.year_before.saturating_add(sales);
        }
        if day >= frame.window_from {
            self.window_sales = self.window_sales.saturating_add(sales);
        }
    }

    /// Days with a purchase.
    pub const fn days(&self) -> u32 {
        self.days
    }

    /// First day with a purchase.
    pub const fn first(&self) -> Option<i32> {
        if self.days > 0 {
            Some(self.first)
        } else {
            None
        }
    }

    /// Last day with a purchase.
    pub const fn last(&self) -> Option<i32> {
        if self.days > 0 { Some(self.last) } else { None }
    }

    /// Net sales of all days.
    pub const fn sales(&self) -> Money {
        Money(self.sales)
    }

    /// Margin of all days.
    pub const fn margin(&self) -> Money {
        Money(self.margin)
    }

    /// x, t_x and T on the day of the run; `None` without a purchase.
    pub fn history(&self, frame: &Frame) -> Option<History> {
        history(self.first()?, self.last, self.days, frame.as_of.days())
    }

    /// x, t_x and T on the day that the trial is fitted to, and the days with a purchase after it.
    pub fn trial(&self, frame: &Frame) -> Option<(History, u32)> {
        let before = self.days_to_cut;
        if before == 0 {
            return None;
        }
        let history = history(self.first, self.last_to_cut, before, frame.cut?)?;
        Some((history, self.days - before))
    }

    /// Mean net sales of a day with a purchase after the first, minor units; 0 where there is none.
    pub fn mean_repeat_value(&self) -> f64 {
        match self.days {
            0 | 1 => 0.0,
            days => real(self.sales.saturating_sub(self.first_sales)) / f64::from(days - 1),
        }
    }

    /// What RFM looks at; `None` without a purchase in the window.
    pub fn activity(&self, frame: &Frame) -> Option<Activity> {
        (self.window_days > 0).then(|| Activity {
            recency_days: frame.as_of.days() - self.last,
            frequency: i32::try_from(self.window_days).unwrap_or(i32::MAX),
            monetary: Money(self.window_sales),
        })
    }

    /// Mean days between purchases; `None` before the second.
    pub fn mean_gap_days(&self) -> Option<f64> {
        (self.days > 1).then(|| f64::from(self.last - self.first) / f64::from(self.days - 1))
    }

    /// What the rules of the lifecycle look at.
    pub fn course(&self, frame: &Frame, alive: Option<f64>) -> Course {
        let since = |day: i32| frame.as_of.days() - day;
        Course {
            days_since_first: self.first().map(since),
            days_since_last: self.last().map(since),
            order_days: i64::from(self.days),
            mean_gap_days: self.mean_gap_days(),
            longest_gap_days: (self.days > 1).then_some(self.longest_gap),
            sales_365d: Money(self.year),
            sales_365d_before: Money(self.year_before),
            alive,
        }
    }
}

fn history(first: i32, last: i32, days: u32, until: i32) -> Option<History> {
    let between = |from: i32, to: i32| u32::try_from(i64::from(to) - i64::from(from)).ok();
    Some(History {
        repeats: days - 1,
        age_days: between(first, until)?,
        recency_days: between(first, last)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: [(i32, i64, i64); 5] = [
        (100, 1, 50),
        (400, 2, 30),
        (450, 0, -10),
        (900, 1, 20),
        (1_001, 1, 99),
    ];

    fn read(settings: &SegmentationSettings) -> (Purchases, Frame) {
        let frame = Frame::new(Date::from_days(1_000), settings);
        let mut purchases = Purchases::default();
        for (day, orders, sales) in DAYS {
            let day = Day {
                day,
                orders,
                sales,
                margin: sales / 10,
            };
            purchases.add(&day, &frame);
        }
        (purchases, frame)
    }

    #[test]
    fn days_add_up_to_what_the_models_look_at() {
        let settings = SegmentationSettings {
            holdout_days: Some(550),
            ..SegmentationSettings::default()
        };
        let (purchases, frame) = read(&settings);
        let days: Vec<i32> = DAYS.iter().filter(|d| d.1 > 0).map(|d| d.0).collect();
        assert_eq!(purchases.history(&frame), History::of_days(&days, 1_000));
        assert_eq!(
            purchases.trial(&frame),
            History::of_days(&days, 450).map(|history| (history, 1))
        );
        assert_eq!(
            (purchases.sales(), purchases.margin()),
            (Money(90), Money(9))
        );
        assert!(
            (purchases.mean_repeat_value() - 20.0).abs() < 1e-12,
            "(30 − 10 + 20) ÷ 2"
        );
        assert_eq!(purchases.mean_gap_days(), Some(400.0));
        let activity = purchases.activity(&frame).expect("bought on day 900");
        assert_eq!(
            (activity.recency_days, activity.frequency, activity.monetary),
            (100, 1, Money(20)),
            "the window of 365 days"
        );
        let course = purchases.course(&frame, None);
        assert_eq!(
            (course.sales_365d, course.sales_365d_before),
            (Money(20), Money(20))
        );
        assert_eq!(
            course.longest_gap_days,
            Some(500),
            "from day 400 to day 900"
        );
        assert_eq!(
            (course.days_since_first, course.days_since_last),
            (Some(900), Some(100))
        );
    }

    #[test]
    fn without_a_purchase_nothing_is_known() {
        let frame = Frame::new(Date::from_days(1_000), &SegmentationSettings::default());
        let mut purchases = Purchases::default();
        let day = Day {
            day: 990,
            orders: 0,
            sales: -10,
            margin: -1,
        };
        purchases.add(&day, &frame);
        assert_eq!(purchases.history(&frame), None);
        assert_eq!(purchases.activity(&frame), None);
        assert_eq!(purchases.course(&frame, None).days_since_last, None);
    }
}
