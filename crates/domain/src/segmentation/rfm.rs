//! RFM: recency, frequency and monetary value of each customer, scored 1 to 5, and the groups that follow.
//!
//! Hughes, *Strategic Database Marketing* (1994). A score by quintiles is one more than the number of cut points that the value
//! exceeds; the cut points are the quantiles 0.2, 0.4, 0.6, 0.8 of type 7 (Hyndman & Fan 1996), at the position (n − 1)·k/5, in
//! exact arithmetic. Equal values so always share a score, and a score may stay empty: when more than half of the customers
//! bought once, no one gets F = 2. For recency the later day is the better one.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::explain::{Explanation, Unit};
use super::numbers::real;
use crate::{Lang, Money};

choice! {
    /// How values become scores.
    pub enum RfmScoring {
        Quintiles = "quintiles", "五分位", "Quintiles";
        Limits = "limits", "固定界限", "Fixed limits";
    }
}

choice! {
    /// RFM 客户价值分组: by whether R, F and M are high.
    pub enum RfmGroup {
        KeyValue = "key_value", "重要价值客户", "Key: valued";
        KeyDevelop = "key_develop", "重要发展客户", "Key: to develop";
        KeyKeep = "key_keep", "重要保持客户", "Key: to keep";
        KeyRetain = "key_retain", "重要挽留客户", "Key: to win back";
        GeneralValue = "general_value", "一般价值客户", "General: valued";
        GeneralDevelop = "general_develop", "一般发展客户", "General: to develop";
        GeneralKeep = "general_keep", "一般保持客户", "General: to keep";
        GeneralRetain = "general_retain", "一般挽留客户", "General: to win back";
    }
}

choice! {
    /// The usual eleven groups of recency against the mean of frequency and money.
    pub enum RfmSegment {
        Champions = "champions", "冠军客户", "Champions";
        Loyal = "loyal", "忠诚客户", "Loyal";
        PotentialLoyalist = "potential_loyalist", "潜在忠诚客户", "Potential loyalists";
        New = "new", "新客户", "New customers";
        Promising = "promising", "有希望的客户", "Promising";
        NeedAttention = "need_attention", "需要关注的客户", "Need attention";
        AboutToSleep = "about_to_sleep", "即将沉睡的客户", "About to sleep";
        AtRisk = "at_risk", "有流失风险的客户", "At risk";
        CannotLose = "cannot_lose", "不能失去的客户", "Cannot lose them";
        Hibernating = "hibernating", "休眠客户", "Hibernating";
        Lost = "lost", "已流失客户", "Lost";
    }
}

impl RfmGroup {
    /// From whether recency, frequency and money are high.
    pub const fn of(recency: bool, frequency: bool, monetary: bool) -> Self {
        match (monetary, recency, frequency) {
            (true, true, true) => Self::KeyValue,
            (true, true, false) => Self::KeyDevelop,
            (true, false, true) => Self::KeyKeep,
            (true, false, false) => Self::KeyRetain,
            (false, true, true) => Self::GeneralValue,
            (false, true, false) => Self::GeneralDevelop,
            (false, false, true) => Self::GeneralKeep,
            (false, false, false) => Self::GeneralRetain,
        }
    }

    /// What to do with customers of the group.
    pub const fn action(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::KeyValue => (
                "优先服务，专人维护，给予专属权益，邀请其参与新品",
                "Serve first, with a person of their own and privileges; invite them to what is new",
            ),
            Self::KeyDevelop => (
                "最近买过、金额高但次数少：推荐相关产品，引入会员或定期订货",
                "Recent and large, but seldom: suggest related products, membership or standing orders",
            ),
            Self::KeyKeep => (
                "过去常买且金额高，最近没来：主动联系，了解原因，安排回访",
                "Often and large, but not lately: call, learn why, arrange a visit",
            ),
            Self::KeyRetain => (
                "金额高但久未购买：由负责人亲自挽留，给出有期限的方案",
                "Large, but long ago: win back in person, with an offer that ends on a date",
            ),
            Self::GeneralValue => (
                "常来但金额小：搭配销售、满额优惠，提高客单价",
                "Recent and often, but small: bundles and thresholds that raise the order",
            ),
            Self::GeneralDevelop => (
                "刚买过、次数少、金额小：跟进最近一单，推动再次购买",
                "Recent, seldom and small: follow up the last order and lead to the next",
            ),
            Self::GeneralKeep => (
                "曾经常买、金额小、最近没来：用低成本的群发提醒保持联系",
                "Often and small, but not lately: keep in touch at low cost",
            ),
            Self::GeneralRetain => (
                "久未购买、次数少、金额小：只做低成本触达，不投入销售人力",
                "Long ago, seldom and small: low-cost messages only, no sales time",
            ),
        };
        lang.pick(zh, en)
    }
}

impl RfmSegment {
    /// From the score of recency and the mean of the other two, rounded half up; each of the 25 pairs has one segment.
    pub const fn of(recency: u8, frequency_monetary: u8) -> Self {
        match (recency, frequency_monetary) {
            (5, 4..) => Self::Champions,
            (3 | 4, 4..) => Self::Loyal,
            (4.., 2 | 3) => Self::PotentialLoyalist,
            (5.., _) => Self::New,
            (4, _) => Self::Promising,
            (3, 3) => Self::NeedAttention,
            (3, _) => Self::AboutToSleep,
            (_, 5..) => Self::CannotLose,
            (_, 3 | 4) => Self::AtRisk,
            (0 | 1, 0 | 1) => Self::Lost,
            _ => Self::Hibernating,
        }
    }

    /// What to do with customers of the segment. RFM sees the window only: who is "new" may have one order in it after ten years.
    pub const fn action(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::Champions => (
                "奖励他们，请其试用新品并推荐他人",
                "Reward them; let them try what is new and ask for referrals",
            ),
            Self::Loyal => (
                "推荐更高价值的产品，请其评价，加入忠诚计划",
                "Offer products of higher value, ask for reviews, enrol in the loyalty plan",
            ),
            Self::PotentialLoyalist => (
                "推荐其他产品，提供会员资格，建立购买习惯",
                "Suggest other products, offer membership, build the habit",
            ),
            Self::New => (
                "首次购买者：做好支持，引导第二次购买；老客户：回访了解订货为何变少",
                "A first purchase: support it and lead to the second. A customer of old: ask why orders became few",
            ),
            Self::Promising => (
                "增加品牌接触，提供试用或小额优惠",
                "Be seen more often; offer a trial or a small advantage",
            ),
            Self::NeedAttention => (
                "按过去的购买做限时推荐，重新激活",
                "Reactivate with offers for a limited time, from what they bought",
            ),
            Self::AboutToSleep => (
                "提醒并推荐热门产品，重新建立联系",
                "Remind them, show what sells well, renew the contact",
            ),
            Self::AtRisk => (
                "个性化联系，了解原因，给出续购方案",
                "Write or call personally, learn why, offer a way back",
            ),
            Self::CannotLose => (
                "由负责人登门或电话挽回，提供升级服务，不要让给竞争对手",
                "Visit or call, by the person responsible; better service; do not leave them to a competitor",
            ),
            Self::Hibernating => (
                "用低成本的方式推荐相关产品，重新说明价值",
                "Suggest related products at low cost; show the value again",
            ),
            Self::Lost => (
                "用一次挽回活动试探，无反应则停止投入",
                "One win-back campaign; without an answer spend no more",
            ),
        };
        lang.pick(zh, en)
    }
}

/// How customers are scored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RfmSettings {
    /// Days looked back from the day of the run; without it all.
    #[validate(range(min = 1, max = 36_500))]
    pub window_days: Option<i32>,
    pub scoring: RfmScoring,
    /// Used when scored by limits only.
    #[validate(nested)]
    pub limits: RfmLimits,
    /// Scores from here on are high, in the eight groups.
    #[validate(range(min = 2, max = 5))]
    pub high_from: i32,
}

/// Fixed limits, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_limits"))]
pub struct RfmLimits {
    /// Days since the last purchase: up to the first 5, up to the second 4, …, beyond the last 1.
    pub recency_days: [i32; 4],
    /// Purchases: below the first 1, from the first 2, …, from the last 5.
    pub frequency: [i32; 4],
    /// Amounts, likewise.
    pub monetary: [Money; 4],
}

impl Default for RfmSettings {
    fn default() -> Self {
        Self {
            window_days: Some(365),
            scoring: RfmScoring::Quintiles,
            limits: RfmLimits::default(),
            high_from: 4,
        }
    }
}

impl Default for RfmLimits {
    fn default() -> Self {
        Self {
            // The last one lies within the usual window of 365 days, or nobody could score 1.
            recency_days: [30, 90, 180, 270],
            frequency: [2, 4, 7, 12],
            monetary: [100_000, 500_000, 2_000_000, 10_000_000].map(Money),
        }
    }
}

fn check_limits(limits: &RfmLimits) -> Result<(), ValidationError> {
    fn ascending<T: PartialOrd>(limits: &[T; 4]) -> bool {
        limits.windows(2).all(|pair| pair[0] < pair[1])
    }
    let wrong = if !ascending(&limits.recency_days) {
        "recency_days"
    } else if !ascending(&limits.frequency) {
        "frequency"
    } else if !ascending(&limits.monetary) {
        "monetary"
    } else {
        return Ok(());
    };
    let mut error = ValidationError::new("order");
    error.add_param("field".into(), &wrong);
    Err(error)
}

/// What a customer did in the window. Customers without a purchase are not scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Days from the last purchase to the day of the run.
    pub recency_days: i32,
    /// Purchases, or days with a purchase: whatever the caller counts.
    pub frequency: i32,
    pub monetary: Money,
}

/// What a value must exceed (quintiles) or reach (fixed limits, as they were set) to score one higher.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RfmCuts {
    /// Days since the last purchase; the customer with fewer days scores higher. Ascending.
    pub recency_days: [f64; 4],
    pub frequency: [f64; 4],
    /// Minor units.
    pub monetary: [f64; 4],
    /// Which of both they are. Runs of old kept limits as cut points just below them, and did not tell.
    #[serde(default = "quintiles_of_old")]
    pub scoring: RfmScoring,
}

const fn quintiles_of_old() -> RfmScoring {
    RfmScoring::Quintiles
}

/// A customer's scores, 1 to 5, and groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RfmScore {
    pub recency: u8,
    pub frequency: u8,
    pub monetary: u8,
    pub group: RfmGroup,
    pub segment: RfmSegment,
}

/// All scores, in the order of the customers given.
#[derive(Clone, Debug, PartialEq)]
pub struct Rfm {
    pub cuts: RfmCuts,
    pub scores: Vec<RfmScore>,
}

/// Scores customers among each other.
pub fn score(customers: &[Activity], settings: &RfmSettings) -> Rfm {
    let cuts = match settings.scoring {
        RfmScoring::Quintiles => [
            // The later day is the better one: days are turned round, so that more is better.
            quintiles(customers.iter().map(|c| -i64::from(c.recency_days))),
            quintiles(customers.iter().map(|c| i64::from(c.frequency))),
            quintiles(customers.iter().map(|c| c.monetary.0)),
        ],
        RfmScoring::Limits => limits(&settings.limits),
    };
    let scores = customers
        .iter()
        .map(|customer| {
            let values = [
                -i64::from(customer.recency_days),
                i64::from(customer.frequency),
                customer.monetary.0,
            ];
            let [recency, frequency, monetary] =
                std::array::from_fn(|dimension| cuts[dimension].score(values[dimension]));
            grouped(recency, frequency, monetary, settings.high_from)
        })
        .collect();
    let cuts = match settings.scoring {
        RfmScoring::Quintiles => shown(&cuts),
        RfmScoring::Limits => settings.limits.shown(),
    };
    Rfm { cuts, scores }
}

/// Cut points in the units of the values.
#[allow(
    clippy::cast_precision_loss,
    reason = "cut points are shown, not reckoned with"
)]
fn shown(cuts: &[Cuts; 3]) -> RfmCuts {
    let [recency, frequency, monetary] =
        [0, 1, 2].map(|dimension: usize| cuts[dimension].0.map(|cut| cut as f64 / 5.0));
    RfmCuts {
        recency_days: [3, 2, 1, 0].map(|index: usize| 0.0 - recency[index]),
        frequency,
        monetary,
        scoring: RfmScoring::Quintiles,
    }
}

impl RfmLimits {
    fn shown(&self) -> RfmCuts {
        RfmCuts {
            recency_days: self.recency_days.map(f64::from),
            frequency: self.frequency.map(f64::from),
            monetary: self.monetary.map(|limit| real(limit.0)),
            scoring: RfmScoring::Limits,
        }
    }
}

fn grouped(recency: u8, frequency: u8, monetary: u8, high_from: i32) -> RfmScore {
    let high = |score: u8| i32::from(score) >= high_from;
    RfmScore {
        recency,
        frequency,
        monetary,
        group: RfmGroup::of(high(recency), high(frequency), high(monetary)),
        segment: RfmSegment::of(recency, (frequency + monetary).div_ceil(2)),
    }
}

/// Cut points in fifths of the unit, so that they are whole numbers; a value scores one more for each that it exceeds.
struct Cuts([i128; 4]);

impl Cuts {
    fn score(&self, value: i64) -> u8 {
        let fifths = 5 * i128::from(value);
        // Four comparisons without a branch: the scores of a million customers are as good as random.
        1 + self.0.iter().map(|cut| u8::from(fifths > *cut)).sum::<u8>()
    }
}

/// Quantiles of type 7 at 1/5 to 4/5.
fn quintiles(values: impl Iterator<Item = i64>) -> Cuts {
    let mut values: Vec<i64> = values.collect();
    let Some(last) = values.len().checked_sub(1) else {
        return Cuts([0; 4]);
    };
    let mut from = 0;
    Cuts([1, 2, 3, 4].map(|k| {
        let (at, rest) = (last * k / 5, last * k % 5);
        // What is before `from` is in place already: selecting is linear, sorting is not.
        let (_, &mut low, above) = values[from..].select_nth_unstable(at - from);
        let high = above.iter().copied().min().unwrap_or(low);
        from = at;
        let (low, high) = (i128::from(low), i128::from(high));
        5 * low + i128::try_from(rest).unwrap_or(0) * (high - low)
    }))
}

/// Fixed limits as cut points just below them.
fn limits(limits: &RfmLimits) -> [Cuts; 3] {
    let [a, b, c, d] = limits.recency_days;
    [
        Cuts([d, c, b, a].map(|days| -5 * i128::from(days) - 1)),
        Cuts(limits.frequency.map(|from| 5 * i128::from(from) - 1)),
        Cuts(limits.monetary.map(|from| 5 * i128::from(from.0) - 1)),
    ]
}

/// Why a customer has these scores.
pub fn explain(customer: &Activity, score: &RfmScore, cuts: &RfmCuts) -> Explanation {
    let mut explanation = Explanation::new(match cuts.scoring {
        RfmScoring::Quintiles => {
            "R = 1 + #{k : days < R_k}, F = 1 + #{k : f > F_k}, M = 1 + #{k : m > M_k}"
        }
        RfmScoring::Limits => {
            "R = 1 + #{k : days ≤ R_k}, F = 1 + #{k : f ≥ F_k}, M = 1 + #{k : m ≥ M_k}"
        }
    })
    .with(
        "days",
        "距最近购买天数",
        "Days since the last purchase",
        f64::from(customer.recency_days),
        Unit::Days,
    )
    .with(
        "f",
        "购买次数",
        "Purchases",
        f64::from(customer.frequency),
        Unit::Count,
    )
    .with(
        "m",
        "购买金额",
        "Amount",
        real(customer.monetary.0),
        Unit::Money,
    )
    .with(
        "R",
        "近度得分",
        "Recency score",
        f64::from(score.recency),
        Unit::Score,
    )
    .with(
        "F",
        "频度得分",
        "Frequency score",
        f64::from(score.frequency),
        Unit::Score,
    )
    .with(
        "M",
        "金额得分",
        "Monetary score",
        f64::from(score.monetary),
        Unit::Score,
    );
    for (letter, values, unit) in [
        ("R", &cuts.recency_days, Unit::Days),
        ("F", &cuts.frequency, Unit::Count),
        ("M", &cuts.monetary, Unit::Money),
    ] {
        for (k, value) in values.iter().enumerate() {
            let symbol = format!("{letter}_{}", k + 1);
            explanation = explanation.with(&symbol, "分界值", "Cut point", *value, unit);
        }
    }
    explanation
}

#[cfg(test)]
mod tests;
