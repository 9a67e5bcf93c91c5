//! The arithmetic of a run: all models over all customers.

use super::super::bgnbd;
use super::super::churn::{self, Signs};
use super::super::clv::{self, Customer, Models};
use super::super::holdout::{self, Case};
use super::super::lifecycle;
use super::super::lifetime::{Forecast, History, Refused};
use super::super::numbers::real;
use super::super::rfm::{self, RfmCuts, RfmScore};
use super::{CustomerScores, Frame, ModelReport, Purchases, SegmentationSettings};
use crate::{Money, Proportion, Quantity};

/// Numbers of repeat purchases that are told apart when the model is compared with what was: 0 to 6, and more.
const MOST_REPEATS: u32 = 7;

/// What the models say of all customers, in the order in which those were given.
pub struct Results {
    pub cuts: Option<RfmCuts>,
    pub report: ModelReport,
    frame: Frame,
    settings: SegmentationSettings,
    /// Of those with a purchase in the window.
    rfm: Vec<RfmScore>,
    /// Of those with a purchase.
    forecasts: Vec<Forecast>,
}

/// Applies all models to customers. `told` hears when each of four parts is done.
pub fn score(
    purchases: &[Purchases],
    frame: &Frame,
    settings: &SegmentationSettings,
    mut told: impl FnMut(u8),
) -> Results {
    let activities: Vec<_> = purchases.iter().filter_map(|p| p.activity(frame)).collect();
    let rfm = rfm::score(&activities, &settings.rfm);
    let cuts = (!activities.is_empty()).then_some(rfm.cuts);
    drop(activities);
    told(1);
    let customers: Vec<Customer> = purchases
        .iter()
        .filter_map(|p| customer(p, frame))
        .collect();
    let models = clv::fit(&customers, &settings.lifetime);
    told(2);
    let report = report(purchases, &customers, &models, frame, settings);
    told(3);
    let forecasts = clv::forecast(&customers, &models, &settings.lifetime);
    told(4);
    Results {
        cuts,
        report,
        frame: *frame,
        settings: settings.clone(),
        rfm: rfm.scores,
        forecasts,
    }
}

/// What the models of purchases and spending look at; `None` without a purchase.
pub(super) fn customer(purchases: &Purchases, frame: &Frame) -> Option<Customer> {
    Some(Customer {
        history: purchases.history(frame)?,
        mean_repeat_value: purchases.mean_repeat_value(),
        total_value: real(purchases.sales().0),
        total_margin: Some(real(purchases.margin().0)),
    })
}

fn report(
    purchases: &[Purchases],
    customers: &[Customer],
    models: &Models,
    frame: &Frame,
    settings: &SegmentationSettings,
) -> ModelReport {
    let repeat_counts = models.purchases.as_ref().map_or_else(
        |_| Vec::new(),
        |fit| {
            let groups = bgnbd::group(customers.iter().map(|c| c.history));
            bgnbd::expected_counts(&groups, &fit.parameters(), MOST_REPEATS)
        },
    );
    let trial = settings.holdout_days.map(|days| {
        let cases: Vec<Case> = purchases
            .iter()
            .filter_map(|p| p.trial(frame))
            .map(|(before, after)| Case { before, after })
            .collect();
        holdout::report(&cases, days.unsigned_abs(), &settings.lifetime)
    });
    let (holdout, holdout_refused) = split(trial);
    let (fit, purchases_refused) = split(Some(models.purchases));
    let (spend, spend_refused) = split(Some(models.spend));
    ModelReport {
        purchases: fit,
        purchases_refused,
        spend,
        spend_refused,
        repeat_counts,
        holdout,
        holdout_refused,
    }
}

fn split<T>(result: Option<Result<T, Refused>>) -> (Option<T>, Option<Refused>) {
    match result {
        None => (None, None),
        Some(Ok(found)) => (Some(found), None),
        Some(Err(refused)) => (None, Some(refused)),
    }
}

/// P(active) as stages and risks may take it: `None` where the model says nothing of somebody who bought once.
pub(super) fn telling(
    alive: Option<f64>,
    history: Option<History>,
    settings: &SegmentationSettings,
) -> Option<f64> {
    let model = settings.lifetime.model;
    let told = |history| model.tells_of(&history, settings.lifecycle.new_days);
    alive.filter(|_| history.is_some_and(told))
}

impl Results {
    /// Those of a run that is over, for some customers.
    pub(super) fn of(
        report: &ModelReport,
        frame: &Frame,
        settings: &SegmentationSettings,
        rfm: Vec<RfmScore>,
        forecasts: Vec<Forecast>,
    ) -> Self {
        Self {
            cuts: None,
            report: report.clone(),
            frame: *frame,
            settings: settings.clone(),
            rfm,
            forecasts,
        }
    }

    /// The scores of each customer: the customers must be those that were scored, in their order.
    pub fn each<'a>(
        &'a self,
        purchases: &'a [Purchases],
    ) -> impl Iterator<Item = CustomerScores> + 'a {
        let (mut rfm, mut forecasts) = (self.rfm.iter(), self.forecasts.iter());
        purchases.iter().map(move |one| {
            let score = one.activity(&self.frame).and_then(|_| rfm.next());
            let forecast = one.history(&self.frame).and_then(|_| forecasts.next());
            self.scores(one, score.copied(), forecast.copied())
        })
    }

    /// The lifetime value of each customer, as [`Self::each`] has it.
    pub fn values<'a>(
        &'a self,
        purchases: &'a [Purchases],
    ) -> impl Iterator<Item = Option<Money>> + 'a {
        let mut forecasts = self.forecasts.iter();
        purchases.iter().map(move |one| {
            let forecast = one.history(&self.frame).and_then(|_| forecasts.next());
            forecast.map(|forecast| money(forecast.value))
        })
    }

    /// The scores of a customer from the parts that are known.
    fn scores(
        &self,
        purchases: &Purchases,
        score: Option<RfmScore>,
        forecast: Option<Forecast>,
    ) -> CustomerScores {
        let (frame, settings) = (&self.frame, &self.settings);
        let activity = purchases.activity(frame);
        let alive = telling(
            forecast.and_then(|f| f.alive),
            purchases.history(frame),
            settings,
        );
        let course = purchases.course(frame, alive);
        let lifecycle = lifecycle::stage(&course, &settings.lifecycle);
        let churn =
            signs(purchases, frame, alive).and_then(|signs| churn::risk(&signs, &settings.churn));
        CustomerScores {
            rfm_segment: score.map(|s| s.segment),
            rfm_group: score.map(|s| s.group),
            recency_score: score.map(|s| i32::from(s.recency)),
            frequency_score: score.map(|s| i32::from(s.frequency)),
            monetary_score: score.map(|s| i32::from(s.monetary)),
            recency_days: activity.map(|a| a.recency_days),
            frequency: activity.map(|a| a.frequency),
            monetary: activity.map(|a| a.monetary),
            lifecycle_stage: lifecycle.stage,
            stage_reason: lifecycle.reason,
            probability_active: forecast.and_then(|f| f.alive).map(Proportion::of),
            expected_purchases: forecast
                .and_then(|f| f.purchases)
                .map(|n| Quantity(rounded(n * 1_000.0))),
            average_value: forecast.and_then(|f| f.average_value).map(money),
            lifetime_value: forecast.map(|f| money(f.value)),
            value_if_active: forecast.map(|f| money(f.value_if_active.unwrap_or(f.value))),
            value_method: forecast.map(|f| f.method),
            churn_risk: churn.map(|c| Proportion::of(c.risk)),
            churn_level: churn.map(|c| c.level),
        }
    }
}

/// What the risk of churn is reckoned from; `None` without a purchase.
pub(super) fn signs(purchases: &Purchases, frame: &Frame, alive: Option<f64>) -> Option<Signs> {
    Some(Signs {
        alive,
        days_since_last: f64::from(frame.as_of.days() - purchases.last()?),
        mean_gap_days: purchases.mean_gap_days(),
    })
}

/// To the nearest whole number, within 64 bits.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a cast stays within 64 bits and makes 0 of what is no number"
)]
fn rounded(value: f64) -> i64 {
    value.round() as i64
}

fn money(amount: f64) -> Money {
    Money(rounded(amount))
}
