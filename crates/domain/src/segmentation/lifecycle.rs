//! 客户生命周期: the stage of each customer, by rules on metrics and trend.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::explain::{Explanation, Unit};
use super::numbers::{basis, real};
use crate::{Date, Money, metrics::CustomerMetrics};

choice! {
    /// 生命周期阶段
    pub enum LifecycleStage {
        Acquisition = "acquisition", "获取期", "Acquisition";
        Growth = "growth", "成长期", "Growth";
        Maturity = "maturity", "成熟期", "Maturity";
        Decline = "decline", "衰退期", "Decline";
        Lost = "lost", "流失期", "Lost";
    }
}

choice! {
    /// The rule that decided the stage: the first that holds, in this order.
    pub enum StageReason {
        NoPurchase = "no_purchase", "尚未购买", "No purchase yet";
        Silent = "silent", "长期未购买", "No purchase for a long time";
        ProbablyGone = "probably_gone", "活跃概率很低", "Probably gone";
        NewCustomer = "new_customer", "首次购买不久或只买过一天", "New, or one purchase only";
        BehindRhythm = "behind_rhythm", "超过自身购买节奏", "Behind their own rhythm";
        ProbablyLeaving = "probably_leaving", "活跃概率下降", "Probability of being active is low";
        SalesFell = "sales_fell", "销售额同比下降", "Sales fell against the year before";
        FirstYear = "first_year", "合作未满一年，购买持续", "Buying, in the first year";
        SalesRose = "sales_rose", "销售额同比上升", "Sales rose against the year before";
        Steady = "steady", "购买稳定", "Buys steadily";
    }
}

/// Thresholds. Shares in ten-thousandths, gaps in hundredths: 200 is twice the mean gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_settings"))]
pub struct LifecycleSettings {
    /// A customer is new for this many days after the first purchase.
    #[validate(range(min = 1, max = 3_650))]
    pub new_days: i32,
    /// Lost after this many days without a purchase.
    #[validate(range(min = 1, max = 3_650))]
    pub lost_days: i32,
    /// Lost when the probability of being active is below this.
    #[validate(range(min = 0, max = 10_000))]
    pub lost_alive: i32,
    /// Declining when it is below this.
    #[validate(range(min = 0, max = 10_000))]
    pub decline_alive: i32,
    /// Declining after this many mean gaps without a purchase.
    #[validate(range(min = 100, max = 10_000))]
    pub decline_gaps: i32,
    /// Declining when sales of 365 days fell by this share or more against the year before.
    #[validate(range(min = 1, max = 10_000))]
    pub decline_sales: i32,
    /// Growing when they rose by this share or more.
    #[validate(range(min = 1, max = 100_000))]
    pub growth_sales: i32,
}

impl Default for LifecycleSettings {
    fn default() -> Self {
        Self {
            new_days: 90,
            lost_days: 365,
            lost_alive: 1_000,
            decline_alive: 5_000,
            decline_gaps: 200,
            decline_sales: 2_000,
            growth_sales: 2_000,
        }
    }
}

fn check_settings(settings: &LifecycleSettings) -> Result<(), ValidationError> {
    if settings.lost_alive <= settings.decline_alive {
        return Ok(());
    }
    let mut error = ValidationError::new("order");
    error.add_param("field".into(), &"decline_alive");
    Err(error)
}

/// What the rules look at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Course {
    /// Days from the first and from the last purchase to the day of the run; `None` without a purchase.
    pub days_since_first: Option<i32>,
    pub days_since_last: Option<i32>,
    /// Distinct days with a purchase.
    pub order_days: i64,
    /// Days from the first to the last purchase ÷ (order days − 1).
    pub mean_gap_days: Option<f64>,
    pub sales_365d: Money,
    /// Of the 365 days before those.
    pub sales_365d_before: Money,
    /// Probability of being active, 0 to 1, where a model gives one.
    pub alive: Option<f64>,
}

impl Course {
    /// From the figures kept for a customer, on the day that their windows end on or later.
    pub fn of(metrics: &CustomerMetrics, as_of: Date, alive: Option<f64>) -> Self {
        let since = |day: Option<Date>| day.map(|day| (as_of.days() - day.days()).max(0));
        let mean_gap_days = match (metrics.first_order_on, metrics.last_order_on) {
            (Some(first), Some(last)) if metrics.order_days > 1 => {
                Some(f64::from(last.days() - first.days()) / real(metrics.order_days - 1))
            }
            _ => None,
        };
        Self {
            days_since_first: since(metrics.first_order_on),
            days_since_last: since(metrics.last_order_on),
            order_days: metrics.order_days,
            mean_gap_days,
            sales_365d: metrics.sales_365d,
            sales_365d_before: metrics.sales_365d_before,
            alive,
        }
    }

    /// Growth of the year's sales; `None` without sales the year before.
    fn growth(&self) -> Option<f64> {
        let before = real(self.sales_365d_before.0);
        (before > 0.0).then(|| (real(self.sales_365d.0) - before) / before)
    }
}

/// A customer's stage and the rule that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lifecycle {
    pub stage: LifecycleStage,
    pub reason: StageReason,
}

/// The first rule that holds decides.
pub fn stage(course: &Course, settings: &LifecycleSettings) -> Lifecycle {
    let reason = reason(course, settings);
    let stage = match reason {
        StageReason::NoPurchase | StageReason::NewCustomer => LifecycleStage::Acquisition,
        StageReason::Silent | StageReason::ProbablyGone => LifecycleStage::Lost,
        StageReason::BehindRhythm | StageReason::ProbablyLeaving | StageReason::SalesFell => {
            LifecycleStage::Decline
        }
        StageReason::FirstYear | StageReason::SalesRose => LifecycleStage::Growth,
        StageReason::Steady => LifecycleStage::Maturity,
    };
    Lifecycle { stage, reason }
}

fn reason(course: &Course, settings: &LifecycleSettings) -> StageReason {
    let (Some(first), Some(last)) = (course.days_since_first, course.days_since_last) else {
        return StageReason::NoPurchase;
    };
    let alive_below = |limit: i32| course.alive.is_some_and(|alive| alive < basis(limit));
    let gaps = f64::from(settings.decline_gaps) / 100.0;
    // A customer who bought on two days in a row has no rhythm of a day: gaps shorter than a week count as one.
    let behind = |gap: f64| f64::from(last) > gaps * gap.max(7.0);
    if last >= settings.lost_days {
        StageReason::Silent
    } else if alive_below(settings.lost_alive) {
        StageReason::ProbablyGone
    } else if first < settings.new_days || course.order_days < 2 {
        StageReason::NewCustomer
    } else if course.mean_gap_days.is_some_and(behind) {
        StageReason::BehindRhythm
    } else if alive_below(settings.decline_alive) {
        StageReason::ProbablyLeaving
    } else {
        match course.growth() {
            Some(growth) if growth <= -basis(settings.decline_sales) => StageReason::SalesFell,
            Some(growth) if growth >= basis(settings.growth_sales) => StageReason::SalesRose,
            None if first < 365 => StageReason::FirstYear,
            None if course.sales_365d.0 > 0 => StageReason::SalesRose,
            _ => StageReason::Steady,
        }
    }
}

/// The numbers that the rules looked at.
pub fn explain(course: &Course, found: Lifecycle) -> Explanation {
    let days = |days: Option<i32>| days.map_or(f64::NAN, f64::from);
    Explanation::new(found.reason.as_str())
        .with(
            "first",
            "距首次购买天数",
            "Days since the first purchase",
            days(course.days_since_first),
            Unit::Days,
        )
        .with(
            "last",
            "距最近购买天数",
            "Days since the last purchase",
            days(course.days_since_last),
            Unit::Days,
        )
        .with(
            "n",
            "购买天数",
            "Days with a purchase",
            real(course.order_days),
            Unit::Count,
        )
        .with(
            "gap",
            "平均购买间隔",
            "Mean gap",
            course.mean_gap_days.unwrap_or(f64::NAN),
            Unit::Days,
        )
        .with(
            "year",
            "近 365 天销售额",
            "Sales of 365 days",
            real(course.sales_365d.0),
            Unit::Money,
        )
        .with(
            "before",
            "上年同期销售额",
            "Sales of the year before",
            real(course.sales_365d_before.0),
            Unit::Money,
        )
        .with(
            "growth",
            "同比增长",
            "Growth",
            course.growth().unwrap_or(f64::NAN),
            Unit::Share,
        )
        .with(
            "alive",
            "活跃概率",
            "Probability of being active",
            course.alive.unwrap_or(f64::NAN),
            Unit::Share,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady() -> Course {
        Course {
            days_since_first: Some(800),
            days_since_last: Some(20),
            order_days: 27,
            mean_gap_days: Some(30.0),
            sales_365d: Money(100_000),
            sales_365d_before: Money(100_000),
            alive: Some(0.95),
        }
    }

    #[test]
    fn each_rule_decides_its_case() {
        let base = steady();
        let cases = [
            (base, LifecycleStage::Maturity, StageReason::Steady),
            (
                Course::default(),
                LifecycleStage::Acquisition,
                StageReason::NoPurchase,
            ),
            (
                Course {
                    days_since_last: Some(365),
                    ..base
                },
                LifecycleStage::Lost,
                StageReason::Silent,
            ),
            (
                Course {
                    alive: Some(0.05),
                    ..base
                },
                LifecycleStage::Lost,
                StageReason::ProbablyGone,
            ),
            (
                Course {
                    order_days: 1,
                    mean_gap_days: None,
                    ..base
                },
                LifecycleStage::Acquisition,
                StageReason::NewCustomer,
            ),
            (
                Course {
                    days_since_last: Some(61),
                    ..base
                },
                LifecycleStage::Decline,
                StageReason::BehindRhythm,
            ),
            (
                Course {
                    alive: Some(0.4),
                    ..base
                },
                LifecycleStage::Decline,
                StageReason::ProbablyLeaving,
            ),
            (
                Course {
                    sales_365d: Money(80_000),
                    ..base
                },
                LifecycleStage::Decline,
                StageReason::SalesFell,
            ),
            (
                Course {
                    sales_365d: Money(120_000),
                    ..base
                },
                LifecycleStage::Growth,
                StageReason::SalesRose,
            ),
            (
                Course {
                    days_since_first: Some(200),
                    sales_365d_before: Money(0),
                    ..base
                },
                LifecycleStage::Growth,
                StageReason::FirstYear,
            ),
        ];
        for (course, stage_wanted, reason_wanted) in cases {
            let found = stage(&course, &LifecycleSettings::default());
            assert_eq!(
                (found.stage, found.reason),
                (stage_wanted, reason_wanted),
                "{course:?}"
            );
        }
    }

    #[test]
    fn a_gap_of_days_is_no_rhythm() {
        let course = Course {
            days_since_last: Some(13),
            mean_gap_days: Some(1.0),
            ..steady()
        };
        assert_eq!(
            stage(&course, &LifecycleSettings::default()).reason,
            StageReason::Steady
        );
    }

    #[test]
    fn explanations_hold_numbers_only() {
        let course = Course::default();
        let found = stage(&course, &LifecycleSettings::default());
        let explanation = explain(&course, found);
        assert!(explanation.terms.iter().all(|term| term.value.is_finite()));
        assert_eq!(explanation.value("last"), None);
        assert_eq!(explanation.value("n"), Some(0.0));
    }
}
