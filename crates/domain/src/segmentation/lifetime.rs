//! Lifetime value: settings and results of the models of purchases and of spending.

use serde::{Deserialize, Serialize};
use validator::Validate;

choice! {
    /// The model of purchases.
    pub enum PurchaseModel {
        /// Fader, Hardie & Lee 2005. Says of everybody who bought once that they are active.
        BgNbd = "bg_nbd", "BG/NBD", "BG/NBD";
        /// Batislam, Denizel & Filiztekin 2007: customers may leave right after the first purchase, too.
        MbgNbd = "mbg_nbd", "MBG/NBD", "MBG/NBD";
    }
}

choice! {
    /// What a time of 1 is, in the parameters of a model.
    pub enum TimeUnit {
        Day = "day", "天", "Day";
        Week = "week", "周", "Week";
        /// 365.25 ÷ 12 days.
        Month = "month", "月", "Month";
    }
}

impl TimeUnit {
    pub const fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.4375,
        }
    }
}

/// How lifetime values are reckoned. Rates in ten-thousandths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LifetimeSettings {
    pub model: PurchaseModel,
    pub time_unit: TimeUnit,
    /// Months looked ahead.
    #[validate(range(min = 1, max = 120))]
    pub horizon_months: i32,
    /// A year; money that comes later is worth less.
    #[validate(range(min = 0, max = 10_000))]
    pub discount_rate: i32,
    /// Margin ÷ sales.
    #[validate(range(min = 0, max = 10_000))]
    pub margin_rate: i32,
    /// With fewer customers who bought again nothing is fitted.
    #[validate(range(min = 10, max = 1_000_000))]
    pub min_repeat_buyers: i32,
}

impl Default for LifetimeSettings {
    fn default() -> Self {
        Self {
            model: PurchaseModel::BgNbd,
            time_unit: TimeUnit::Week,
            horizon_months: 12,
            discount_rate: 1_000,
            margin_rate: 3_000,
            min_repeat_buyers: 30,
        }
    }
}

/// When a customer bought. Purchases of one day count once; the first is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct History {
    /// x: days with a purchase after the first.
    pub repeats: u32,
    /// T: days from the first purchase to the end of the observation.
    pub age_days: u32,
    /// t_x: days from the first purchase to the last; 0 when there is only one.
    pub recency_days: u32,
}

impl History {
    /// Of the days with a purchase, ascending, up to `until`; `None` without one.
    pub fn of_days(days: &[i32], until: i32) -> Option<Self> {
        let days = &days[..days.partition_point(|day| *day <= until)];
        let (first, last) = (*days.first()?, *days.last()?);
        let distinct = 1 + days.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let between = |from: i32, to: i32| u32::try_from(i64::from(to) - i64::from(from)).ok();
        Some(Self {
            repeats: u32::try_from(distinct - 1).ok()?,
            age_days: between(first, until)?,
            recency_days: between(first, last)?,
        })
    }

    /// Nobody bought after the end, or on more days than there were.
    pub const fn is_possible(&self) -> bool {
        self.recency_days <= self.age_days
            && self.repeats <= self.recency_days
            && (self.repeats > 0 || self.recency_days == 0)
    }
}

impl PurchaseModel {
    /// Whether the probability of being active says something of a customer, so that stages and risks may rest on it. BG/NBD says
    /// 1 of everybody who bought once. MBG/NBD doubts them from the first day on, in a shop where few buy again nearly all of them:
    /// that is no news of somebody whose first purchase lies less than `new_days` back.
    pub const fn tells_of(self, history: &History, new_days: i32) -> bool {
        match self {
            _ if history.repeats > 0 => true,
            Self::BgNbd => false,
            Self::MbgNbd => history.age_days >= new_days.unsigned_abs(),
        }
    }
}

choice! {
    /// Why a model was not fitted.
    pub enum FitRefusal {
        NoCustomers = "no_customers", "没有可用的客户", "There are no customers to fit";
        ImpossibleHistory = "impossible_history", "购买记录有矛盾", "A purchase lies outside of its customer's time";
        TooFewRepeatBuyers = "too_few_repeat_buyers", "重复购买的客户太少", "Too few customers bought again";
        NoTime = "no_time", "观察时间为零", "No time has passed for any customer";
        Undetermined = "undetermined", "数据无法确定模型参数", "The data does not determine the parameters";
        NotConverged = "not_converged", "计算未收敛", "The fit did not converge";
        NoFiniteMean = "no_finite_mean", "金额差异过大，无法确定均值", "The amounts vary too much to tell their mean";
    }
}

/// A model that was not fitted, and the count that it failed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refused {
    pub reason: FitRefusal,
    pub customers: i64,
    pub repeat_buyers: i64,
}

/// A parameter. The interval holds the true value in 95 of 100 cases; it is taken on the logarithm, so it is positive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Estimate {
    pub value: f64,
    pub standard_error: f64,
    pub low: f64,
    pub high: f64,
}

impl Estimate {
    /// From a value and the standard error of its logarithm (delta method).
    pub fn of_log(value: f64, log_error: f64) -> Self {
        let factor = (1.959_963_984_540_054 * log_error).exp();
        Self {
            value,
            standard_error: value * log_error,
            low: value / factor,
            high: value * factor,
        }
    }
}

/// The parameters of a model of purchases: rates λ ~ Gamma(r, α), in purchases per time unit; chance of leaving after a purchase
/// p ~ Beta(a, b).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PurchaseParameters {
    pub model: PurchaseModel,
    /// Days in a time of 1.
    pub unit_days: f64,
    pub r: f64,
    pub alpha: f64,
    pub a: f64,
    pub b: f64,
}

/// A fitted model of purchases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PurchaseFit {
    pub model: PurchaseModel,
    pub time_unit: TimeUnit,
    pub r: Estimate,
    /// In time units.
    pub alpha: Estimate,
    pub a: Estimate,
    pub b: Estimate,
    /// Over all customers, without terms that do not depend on the parameters, as in the paper.
    pub log_likelihood: f64,
    pub customers: i64,
    pub repeat_buyers: i64,
    /// Different (x, t_x, T): what the fit was reckoned on.
    pub groups: i64,
    pub iterations: i32,
}

impl PurchaseFit {
    pub const fn parameters(&self) -> PurchaseParameters {
        PurchaseParameters {
            model: self.model,
            unit_days: self.time_unit.days(),
            r: self.r.value,
            alpha: self.alpha.value,
            a: self.a.value,
            b: self.b.value,
        }
    }
}

/// The parameters of the Gamma-Gamma model of spending: a purchase ~ Gamma(p, ν), ν ~ Gamma(q, γ).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpendParameters {
    pub p: f64,
    pub q: f64,
    /// In the unit of the amounts.
    pub gamma: f64,
}

/// A fitted model of spending.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpendFit {
    pub p: Estimate,
    pub q: Estimate,
    /// In the unit of the amounts.
    pub gamma: Estimate,
    pub log_likelihood: f64,
    /// Customers who bought again for a positive amount.
    pub customers: i64,
    /// Mean amount of a purchase over the population, p·γ ÷ (q − 1).
    pub mean_value: f64,
    /// Between number and mean amount of purchases. The model takes them as independent: near 0 is well.
    pub correlation: Option<f64>,
    pub iterations: i32,
}

impl SpendFit {
    pub const fn parameters(&self) -> SpendParameters {
        SpendParameters {
            p: self.p.value,
            q: self.q.value,
            gamma: self.gamma.value,
        }
    }
}

/// Customers with a number of repeat purchases, as they are and as the model expects them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RepeatCount {
    pub repeats: i32,
    /// The last row counts those with more, too.
    pub or_more: bool,
    pub actual: i64,
    pub expected: f64,
}

/// Customers with a number of repeat purchases before the day, and their mean purchases after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldoutRow {
    pub repeats: i32,
    /// The last row holds those with more, too.
    pub or_more: bool,
    pub customers: i64,
    pub actual: f64,
    pub expected: f64,
}

/// How well the forecast fared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldoutReport {
    pub fit: PurchaseFit,
    /// Length of the time after.
    pub days: i32,
    pub customers: i64,
    /// Purchases of all after the day.
    pub actual: f64,
    pub expected: f64,
    /// (expected − actual) ÷ actual; `null` when nobody bought.
    pub error: Option<f64>,
    /// Mean of |expected − actual| over customers.
    pub mean_absolute_error: f64,
    /// Root of the mean of (expected − actual)².
    pub root_mean_square_error: f64,
    /// The same of the plain guess that everybody goes on as before, x ÷ T × days: what a model has to beat.
    pub plain_root_mean_square_error: f64,
    pub rows: Vec<HoldoutRow>,
}

choice! {
    /// What a value rests on.
    pub enum ValueMethod {
        Model = "model", "模型预测", "Forecast by the models";
        OwnAverage = "own_average", "购买次数由模型预测，金额取自身均值", "Purchases by the model, amount from the own mean";
        Historic = "historic", "历史毛利（未预测）", "Margin earned so far, no forecast";
    }
}

/// What is expected of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forecast {
    pub method: ValueMethod,
    /// Probability of being active now, 0 to 1; `null` without a model.
    pub alive: Option<f64>,
    /// Purchases expected over the horizon; `null` without a model.
    pub purchases: Option<f64>,
    /// Expected amount of a purchase, minor units; `null` without a model.
    pub average_value: Option<f64>,
    /// Discounted margin expected over the horizon, minor units. With the method `historic` the margin earned so far.
    pub value: f64,
    /// What `value` would be if the customer were surely active; `null` without a model.
    pub value_if_active: Option<f64>,
}
