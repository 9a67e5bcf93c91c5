//! 客户流失: how likely a customer is to be gone, and whom to win back first.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::explain::{Explanation, Unit};
use super::numbers::basis;

choice! {
    /// 流失类型: recorded when a customer is lost.
    pub enum ChurnType {
        Dropped = "dropped", "主动放弃（我方）", "Dropped by us";
        Unintended = "unintended", "无意流失", "Lost without intent";
        Competitor = "competitor", "竞争流失", "Drawn away by a competitor";
        Price = "price", "低价争夺流失", "Bought away by price";
        ConditionGone = "condition_gone", "条件丧失", "Condition gone";
    }
}

choice! {
    /// 流失风险等级
    pub enum ChurnLevel {
        Low = "low", "低", "Low";
        Medium = "medium", "中", "Medium";
        High = "high", "高", "High";
    }
}

/// Weights and thresholds in ten-thousandths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_settings"))]
pub struct ChurnSettings {
    /// How much the model's probability counts against the customer's own rhythm, where both are known.
    #[validate(range(min = 0, max = 10_000))]
    pub model_weight: i32,
    /// Risk from here on is medium.
    #[validate(range(min = 1, max = 9_999))]
    pub medium_from: i32,
    /// Risk from here on is high.
    #[validate(range(min = 1, max = 9_999))]
    pub high_from: i32,
}

impl Default for ChurnSettings {
    fn default() -> Self {
        Self {
            model_weight: 7_000,
            medium_from: 4_000,
            high_from: 7_000,
        }
    }
}

fn check_settings(settings: &ChurnSettings) -> Result<(), ValidationError> {
    if settings.medium_from < settings.high_from {
        return Ok(());
    }
    let mut error = ValidationError::new("order");
    error.add_param("field".into(), &"high_from");
    Err(error)
}

/// What the risk is reckoned from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signs {
    /// Probability of being active, 0 to 1, where a model says something; `None` of whom it does not tell anything
    /// (`PurchaseModel::tells_of`).
    pub alive: Option<f64>,
    pub days_since_last: f64,
    /// Mean days between purchases; `None` after one purchase only.
    pub mean_gap_days: Option<f64>,
}

/// A customer's risk of being gone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChurnRisk {
    /// 0 to 1.
    pub risk: f64,
    pub level: ChurnLevel,
    /// The part of the model, 1 − P(active).
    pub from_model: Option<f64>,
    /// The part of the own rhythm.
    pub from_rhythm: Option<f64>,
}

/// How late somebody is against the own rhythm: 1 − exp(−(elapsed ÷ gap − 1)), the chance that one who buys at random with this
/// mean gap would have bought again, counted from the end of the first gap: within it nothing is late. Gaps count as a week at least.
fn rhythm(signs: &Signs) -> Option<f64> {
    let gap = signs.mean_gap_days.filter(|gap| gap.is_finite())?.max(7.0);
    let late = (signs.days_since_last / gap - 1.0).max(0.0);
    late.is_finite().then(|| -(-late).exp_m1())
}

/// The risk from what is known; `None` when nothing is: a first purchase and no model.
pub fn risk(signs: &Signs, settings: &ChurnSettings) -> Option<ChurnRisk> {
    let from_model = signs
        .alive
        .filter(|alive| alive.is_finite())
        .map(|alive| 1.0 - alive.clamp(0.0, 1.0));
    let from_rhythm = rhythm(signs);
    let weight = basis(settings.model_weight);
    let risk = match (from_model, from_rhythm) {
        (Some(model), Some(rhythm)) => weight * model + (1.0 - weight) * rhythm,
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => return None,
    };
    let level = if risk >= basis(settings.high_from) {
        ChurnLevel::High
    } else if risk >= basis(settings.medium_from) {
        ChurnLevel::Medium
    } else {
        ChurnLevel::Low
    };
    Some(ChurnRisk {
        risk,
        level,
        from_model,
        from_rhythm,
    })
}

/// Why the risk is what it is.
pub fn explain(signs: &Signs, risk: &ChurnRisk, settings: &ChurnSettings) -> Explanation {
    let formula = match (risk.from_model, risk.from_rhythm) {
        (Some(_), Some(_)) => "risk = w·(1 − P) + (1 − w)·(1 − exp(−max(0, t ÷ max(gap, 7) − 1)))",
        (Some(_), None) => "risk = 1 − P",
        (None, _) => "risk = 1 − exp(−max(0, t ÷ max(gap, 7) − 1))",
    };
    let mut found =
        Explanation::new(formula).with("risk", "流失风险", "Churn risk", risk.risk, Unit::Share);
    if risk.from_model.is_some() && risk.from_rhythm.is_some() {
        found = found.with(
            "w",
            "模型权重",
            "Weight of the model",
            basis(settings.model_weight),
            Unit::Share,
        );
    }
    if let Some(gone) = risk.from_model {
        found = found.with(
            "P",
            "活跃概率",
            "Probability of being active",
            1.0 - gone,
            Unit::Share,
        );
    }
    let Some(gap) = signs.mean_gap_days.filter(|_| risk.from_rhythm.is_some()) else {
        return found;
    };
    found
        .with(
            "t",
            "距最近购买天数",
            "Days since the last purchase",
            signs.days_since_last,
            Unit::Days,
        )
        .with("gap", "平均购买间隔", "Mean gap", gap, Unit::Days)
}

/// A customer that may be won back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WinBack<K> {
    pub key: K,
    /// Chance that they are gone, 0 to 1.
    pub risk: f64,
    /// What they would bring over the horizon if active, minor units.
    pub value_if_active: f64,
    /// What there is to win: risk × value if active, minor units.
    pub expected_gain: f64,
}

/// Those at risk with something to win, the largest gain first (equal gains by key). What somebody is worth who is surely active
/// cannot be won back; the gain of one who is surely gone is all that they were worth.
pub fn win_back<K: Copy + Ord>(
    customers: impl IntoIterator<Item = (K, f64, f64)>,
    least_risk: f64,
) -> Vec<WinBack<K>> {
    let mut list: Vec<_> = customers
        .into_iter()
        .filter(|(_, risk, value)| *risk >= least_risk && *value > 0.0 && value.is_finite())
        .map(|(key, risk, value_if_active)| WinBack {
            key,
            risk,
            value_if_active,
            expected_gain: risk * value_if_active,
        })
        .collect();
    list.sort_by(|a, b| {
        b.expected_gain
            .total_cmp(&a.expected_gain)
            .then_with(|| a.key.cmp(&b.key))
    });
    list
}

#[cfg(test)]
mod tests;
