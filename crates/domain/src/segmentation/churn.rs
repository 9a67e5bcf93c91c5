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
    /// Probability of being active, 0 to 1, where a model says something. BG/NBD says 1 of everyone who bought once: give `None`.
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
    let or_none = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Explanation::new("risk = w·(1 − P) + (1 − w)·(1 − exp(−max(0, t/gap − 1)))")
        .with("risk", "流失风险", "Churn risk", risk.risk, Unit::Share)
        .with(
            "w",
            "模型权重",
            "Weight of the model",
            basis(settings.model_weight),
            Unit::Share,
        )
        .with(
            "P",
            "活跃概率",
            "Probability of being active",
            or_none(signs.alive),
            Unit::Share,
        )
        .with(
            "t",
            "距最近购买天数",
            "Days since the last purchase",
            signs.days_since_last,
            Unit::Days,
        )
        .with(
            "gap",
            "平均购买间隔",
            "Mean gap",
            or_none(signs.mean_gap_days),
            Unit::Days,
        )
}

/// P(active) counts as this at least where a value is divided by it: below, both are too small to be exact.
pub const LEAST_ALIVE: f64 = 0.01;

/// What a customer would bring if active, from the lifetime value, in which P(active) is a factor. Without a model the value itself.
pub fn value_if_active(lifetime_value: f64, alive: Option<f64>) -> f64 {
    alive.map_or(lifetime_value, |alive| {
        lifetime_value / alive.clamp(LEAST_ALIVE, 1.0)
    })
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
mod tests {
    use super::*;

    #[test]
    fn nothing_is_late_within_the_mean_gap() {
        let signs = |days| Signs {
            alive: None,
            days_since_last: days,
            mean_gap_days: Some(30.0),
        };
        let settings = ChurnSettings::default();
        let at = |days| risk(&signs(days), &settings).map(|r| r.risk);
        assert_eq!(at(30.0), Some(0.0));
        let two = at(60.0).expect("a rhythm");
        assert!((two - (1.0 - (-1.0_f64).exp())).abs() < 1e-15);
        assert!(at(1e9).is_some_and(|r| r <= 1.0));
    }

    #[test]
    fn model_and_rhythm_are_weighted() {
        let signs = Signs {
            alive: Some(0.2),
            days_since_last: 10.0,
            mean_gap_days: Some(30.0),
        };
        let found = risk(&signs, &ChurnSettings::default()).expect("both known");
        assert!((found.risk - 0.56).abs() < 1e-12, "0.7 × 0.8 + 0.3 × 0");
        assert_eq!(found.level, ChurnLevel::Medium);
        let explanation = explain(&signs, &found, &ChurnSettings::default());
        assert_eq!(explanation.value("gap"), Some(30.0));
    }

    #[test]
    fn who_bought_once_without_a_model_has_no_risk_to_show() {
        let signs = Signs {
            days_since_last: 100.0,
            ..Signs::default()
        };
        assert_eq!(risk(&signs, &ChurnSettings::default()), None);
    }

    #[test]
    fn who_is_nearly_gone_is_worth_what_they_would_bring_if_active() {
        let near = |found: f64, wanted: f64| (found - wanted).abs() < 1e-9;
        assert!(near(value_if_active(50.0, Some(0.25)), 200.0));
        assert!(near(value_if_active(50.0, Some(0.0)), 5_000.0));
        assert!(near(value_if_active(50.0, None), 50.0));
    }

    #[test]
    fn the_largest_gain_is_first() {
        let list = win_back(
            [
                (1, 0.9, 100.0),
                (2, 0.5, 1_000.0),
                (3, 0.1, 9e9),
                (4, 0.9, 0.0),
                (5, 0.9, 100.0),
            ],
            0.4,
        );
        let keys: Vec<i32> = list.iter().map(|w| w.key).collect();
        assert_eq!(keys, [2, 1, 5]);
    }
}
