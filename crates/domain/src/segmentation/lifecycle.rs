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
        NewCustomer = "new_customer", "首次购买不久，或只在一天买过", "New, or bought on one day only";
        BehindRhythm = "behind_rhythm", "超过自身购买节奏", "Behind their own rhythm";
        ProbablyLeaving = "probably_leaving", "活跃概率偏低", "Probability of being active is low";
        SalesFell = "sales_fell", "销售额同比下降", "Sales fell against the year before";
        FirstTwoYears = "first_two_years", "合作未满两年，购买持续", "Buying, in the first two years";
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
    /// A customer is new for this many days after the first purchase. Who bought within as many days is not lost by P(active) alone.
    #[validate(range(min = 1, max = 3_650))]
    pub new_days: i32,
    /// Lost after this many days without a purchase, unless the own rhythm is slower: after `decline_gaps` mean gaps then.
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
    /// The most days from one purchase to the next, where it is known. Nobody is lost who was away for that long before.
    pub longest_gap_days: Option<i32>,
    pub sales_365d: Money,
    /// Of the 365 days before those.
    pub sales_365d_before: Money,
    /// Probability of being active, 0 to 1, where a model tells it of this customer (`PurchaseModel::tells_of`).
    pub alive: Option<f64>,
}

/// Who bought first this many days ago or earlier has two full years to compare: today's ends today and has 365 days.
const TWO_YEARS: i32 = 729;

/// A customer who bought on two days in a row has no rhythm of a day: gaps shorter than a week count as one.
const LEAST_GAP: f64 = 7.0;

impl Course {
    /// From the figures kept for a customer, on the day that their windows end on or later. They do not tell the longest gap.
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
            longest_gap_days: None,
            sales_365d: metrics.sales_365d,
            sales_365d_before: metrics.sales_365d_before,
            alive,
        }
    }

    /// Whether the customer was there for the whole of both years.
    fn has_two_years(&self) -> bool {
        self.days_since_first
            .is_some_and(|first| first >= TWO_YEARS)
    }

    /// Growth of the year's sales; `None` unless there is a full year before with sales to compare with.
    pub fn growth(&self) -> Option<f64> {
        let before = real(self.sales_365d_before.0);
        (self.has_two_years() && before > 0.0).then(|| (real(self.sales_365d.0) - before) / before)
    }

    /// Days without a purchase from which on a customer is behind the own rhythm, or none where there is no rhythm.
    fn patience(&self, settings: &LifecycleSettings) -> Option<f64> {
        let gaps = f64::from(settings.decline_gaps) / 100.0;
        self.mean_gap_days.map(|gap| gaps * gap.max(LEAST_GAP))
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
        StageReason::FirstTwoYears | StageReason::SalesRose => LifecycleStage::Growth,
        StageReason::Steady => LifecycleStage::Maturity,
    };
    Lifecycle { stage, reason }
}

fn reason(course: &Course, settings: &LifecycleSettings) -> StageReason {
    let (Some(first), Some(last)) = (course.days_since_first, course.days_since_last) else {
        return StageReason::NoPurchase;
    };
    let alive_below = |limit: i32| course.alive.is_some_and(|alive| alive < basis(limit));
    let patience = course.patience(settings);
    let silent = last >= settings.lost_days && patience.is_none_or(|days| f64::from(last) >= days);
    let away_before = course.longest_gap_days.is_some_and(|gap| last <= gap);
    if silent && !away_before {
        StageReason::Silent
    } else if alive_below(settings.lost_alive) && last >= settings.new_days && !away_before {
        StageReason::ProbablyGone
    } else if first < settings.new_days || course.order_days < 2 {
        StageReason::NewCustomer
    } else if patience.is_some_and(|days| f64::from(last) > days) {
        StageReason::BehindRhythm
    } else if alive_below(settings.decline_alive) {
        StageReason::ProbablyLeaving
    } else if !course.has_two_years() {
        StageReason::FirstTwoYears
    } else {
        match course.growth() {
            Some(growth) if growth <= -basis(settings.decline_sales) => StageReason::SalesFell,
            Some(growth) if growth >= basis(settings.growth_sales) => StageReason::SalesRose,
            None if course.sales_365d.0 > 0 => StageReason::SalesRose,
            _ => StageReason::Steady,
        }
    }
}

/// The rule that decided, in the letters of the numbers that the rules looked at.
fn formula(course: &Course, reason: StageReason) -> String {
    const GROWTH: &str = "growth = (year − before) ÷ before";
    let before = if course.longest_gap_days.is_some() {
        ", last > longest"
    } else {
        ""
    };
    match (reason, course.growth()) {
        (StageReason::NoPurchase, _) => "n = 0".into(),
        (StageReason::Silent, _) if course.mean_gap_days.is_some() => {
            format!("last ≥ max(lost, g·max(gap, 7)){before}")
        }
        (StageReason::Silent, _) => format!("last ≥ lost{before}"),
        (StageReason::ProbablyGone, _) => format!("P < P_lost, last ≥ new{before}"),
        (StageReason::NewCustomer, _) if course.order_days < 2 => "n < 2".into(),
        (StageReason::NewCustomer, _) => "first < new".into(),
        (StageReason::BehindRhythm, _) => "last > g·max(gap, 7)".into(),
        (StageReason::ProbablyLeaving, _) => "P < P_low".into(),
        (StageReason::FirstTwoYears, _) => format!("first < {TWO_YEARS}"),
        (StageReason::SalesFell, _) => format!("growth ≤ −fall, {GROWTH}"),
        (StageReason::SalesRose, Some(_)) => format!("growth ≥ rise, {GROWTH}"),
        (StageReason::SalesRose, None) => "before ≤ 0, year > 0".into(),
        (StageReason::Steady, Some(_)) => format!("growth > −fall, growth < rise, {GROWTH}"),
        (StageReason::Steady, None) => "before ≤ 0, year ≤ 0".into(),
    }
}

/// The rule that decided, with the numbers that the rules looked at and their thresholds.
pub fn explain(course: &Course, found: Lifecycle, settings: &LifecycleSettings) -> Explanation {
    let days = |days: Option<i32>| days.map_or(f64::NAN, f64::from);
    let or_none = |number: Option<f64>| number.unwrap_or(f64::NAN);
    Explanation::new(formula(course, found.reason))
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
            or_none(course.mean_gap_days),
            Unit::Days,
        )
        .with(
            "longest",
            "最长购买间隔",
            "Longest gap",
            days(course.longest_gap_days),
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
            or_none(course.growth()),
            Unit::Share,
        )
        .with(
            "P",
            "活跃概率",
            "Probability of being active",
            or_none(course.alive),
            Unit::Share,
        )
        .and(thresholds(settings))
}

/// What the rules compare the numbers with.
fn thresholds(settings: &LifecycleSettings) -> Explanation {
    let gaps = f64::from(settings.decline_gaps) / 100.0;
    Explanation::default()
        .with(
            "new",
            "新客户天数",
            "Days that a customer is new",
            f64::from(settings.new_days),
            Unit::Days,
        )
        .with(
            "lost",
            "流失天数",
            "Days until a customer is lost",
            f64::from(settings.lost_days),
            Unit::Days,
        )
        .with(
            "P_lost",
            "流失的活跃概率界限",
            "Lost below this probability",
            basis(settings.lost_alive),
            Unit::Share,
        )
        .with(
            "P_low",
            "衰退的活跃概率界限",
            "Declining below this probability",
            basis(settings.decline_alive),
            Unit::Share,
        )
        .with(
            "g",
            "容许的平均间隔倍数",
            "Mean gaps waited for",
            gaps,
            Unit::Number,
        )
        .with(
            "fall",
            "衰退的销售降幅",
            "Fall of sales that is a decline",
            basis(settings.decline_sales),
            Unit::Share,
        )
        .with(
            "rise",
            "成长的销售增幅",
            "Rise of sales that is growth",
            basis(settings.growth_sales),
            Unit::Share,
        )
}

#[cfg(test)]
mod tests;
