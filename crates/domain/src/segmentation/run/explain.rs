//! Why a customer has these scores: what went in, the formulas, the numbers.

use serde::{Deserialize, Serialize};

use super::super::explain::Explanation;
use super::{CustomerScores, SegmentationSettings};
use crate::{Date, Money, OrderId, SegmentationRunId, Timestamp};

choice! {
    /// What a part of an explanation is about.
    pub enum ScoreTopic {
        Rfm = "rfm", "RFM 得分", "RFM scores";
        ProbabilityActive = "probability_active", "活跃概率", "Probability of being active";
        AverageValue = "average_value", "预期每次金额", "Expected amount of a purchase";
        LifetimeValue = "lifetime_value", "终身价值", "Lifetime value";
        LifecycleStage = "lifecycle_stage", "生命周期", "Lifecycle stage";
        ChurnRisk = "churn_risk", "流失风险", "Churn risk";
    }
}

/// How the scores of a customer came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreExplanation {
    pub run_id: SegmentationRunId,
    pub as_of: Date,
    pub settings: SegmentationSettings,
    /// As the run kept them.
    pub scores: CustomerScores,
    /// The orders, as they are now, still give these scores; else some have been changed since.
    pub reproduced: bool,
    /// Days with an order or return that went in, the newest first.
    pub days: Vec<PurchaseDay>,
    /// There are more days than are listed.
    pub days_truncated: bool,
    /// The orders behind them that the caller may see, the newest first.
    pub orders: Vec<ExplainedOrder>,
    /// There are more orders than are listed.
    pub orders_truncated: bool,
    /// One for each score that there is.
    pub parts: Vec<ScorePart>,
}

/// A day that went in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PurchaseDay {
    pub day: Date,
    /// 0: a day with returns only, which is no purchase.
    pub orders: i64,
    /// Net.
    pub sales: Money,
    /// Within the window of RFM.
    pub in_window: bool,
}

/// An order that went in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedOrder {
    pub id: OrderId,
    pub number: String,
    pub ordered_at: Timestamp,
    pub total: Money,
}

/// A formula with its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScorePart {
    pub topic: ScoreTopic,
    pub explanation: Explanation,
}

#[cfg(feature = "models")]
pub use again::{again, parts};

#[cfg(feature = "models")]
mod again {
    use super::super::super::churn;
    use super::super::super::clv::{self, Models};
    use super::super::super::gamma_gamma::{self, Spend};
    use super::super::super::lifecycle::{self, Lifecycle};
    use super::super::super::rfm::{self, RfmCuts, RfmScore};
    use super::super::score::{Results, customer, signs, telling};
    use super::super::{CustomerScores, Frame, ModelReport, Purchases, SegmentationSettings};
    use super::{ScorePart, ScoreTopic};

    /// The models of a run, as it reported them.
    fn models(report: &ModelReport) -> Option<Models> {
        Some(Models {
            purchases: match (report.purchases, report.purchases_refused) {
                (Some(fit), _) => Ok(fit),
                (None, refused) => Err(refused?),
            },
            spend: match (report.spend, report.spend_refused) {
                (Some(fit), _) => Ok(fit),
                (None, refused) => Err(refused?),
            },
        })
    }

    /// RFM as a customer's kept scores have it.
    fn kept_rfm(kept: &CustomerScores) -> Option<RfmScore> {
        let score = |score: Option<i32>| u8::try_from(score?).ok();
        Some(RfmScore {
            recency: score(kept.recency_score)?,
            frequency: score(kept.frequency_score)?,
            monetary: score(kept.monetary_score)?,
            group: kept.rfm_group?,
            segment: kept.rfm_segment?,
        })
    }

    /// The scores that a run would give a customer now, with its own models and cuts: other than those that are kept if the orders
    /// have changed since. `None` where the run does not tell its models.
    pub fn again(
        purchases: &Purchases,
        frame: &Frame,
        settings: &SegmentationSettings,
        report: &ModelReport,
        kept: &CustomerScores,
    ) -> Option<CustomerScores> {
        let models = models(report)?;
        let forecasts = customer(purchases, frame)
            .map(|customer| clv::forecast(&[customer], &models, &settings.lifetime))
            .unwrap_or_default();
        let rfm = kept_rfm(kept).into_iter().collect();
        let results = Results::of(report, frame, settings, rfm, forecasts);
        results.each(std::slice::from_ref(purchases)).next()
    }

    /// The formulas behind a customer's scores, with the numbers that went into them.
    pub fn parts(
        purchases: &Purchases,
        frame: &Frame,
        settings: &SegmentationSettings,
        report: &ModelReport,
        cuts: Option<&RfmCuts>,
        kept: &CustomerScores,
    ) -> Vec<ScorePart> {
        let mut parts = Vec::new();
        let mut add = |topic, explanation| parts.push(ScorePart { topic, explanation });
        if let (Some(activity), Some(score), Some(cuts)) =
            (purchases.activity(frame), kept_rfm(kept), cuts)
        {
            add(ScoreTopic::Rfm, rfm::explain(&activity, &score, cuts));
        }
        let mut alive = None;
        if let (Some(models), Some(customer)) = (models(report), customer(purchases, frame)) {
            let forecast = clv::forecast(&[customer], &models, &settings.lifetime);
            if let Some(forecast) = forecast.first() {
                alive = forecast.alive;
                if let Ok(fit) = &models.purchases {
                    let topic = ScoreTopic::ProbabilityActive;
                    add(topic, clv::explain_alive(&customer.history, forecast, fit));
                }
                let spend = Spend {
                    purchases: customer.history.repeats,
                    mean: customer.mean_repeat_value,
                };
                if let (Ok(_), Ok(fit)) = (&models.purchases, &models.spend)
                    && let Some(explained) = gamma_gamma::explain(&spend, &fit.parameters())
                {
                    add(ScoreTopic::AverageValue, explained);
                }
                let explained = clv::explain(&customer, forecast, &models, &settings.lifetime);
                add(ScoreTopic::LifetimeValue, explained);
            }
        }
        let alive = telling(alive, purchases.history(frame), settings);
        let found = Lifecycle {
            stage: kept.lifecycle_stage,
            reason: kept.stage_reason,
        };
        let course = purchases.course(frame, alive);
        add(
            ScoreTopic::LifecycleStage,
            lifecycle::explain(&course, found, &settings.lifecycle),
        );
        if let Some(signs) = signs(purchases, frame, alive)
            && let Some(risk) = churn::risk(&signs, &settings.churn)
        {
            add(
                ScoreTopic::ChurnRisk,
                churn::explain(&signs, &risk, &settings.churn),
            );
        }
        parts
    }
}
