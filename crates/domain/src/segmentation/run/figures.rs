//! What a run adds up to: over all customers, or over those of them that somebody may see.

use serde::{Deserialize, Serialize};

use super::super::churn::ChurnLevel;
use super::super::lifecycle::LifecycleStage;
use super::super::lifetime::{
    HoldoutReport, PurchaseFit, Refused, RepeatCount, SpendFit, ValueMethod,
};
use super::super::numbers::quotient;
use super::super::rfm::{RfmCuts, RfmGroup, RfmSegment};
use super::CustomerScores;
use crate::value::share;
use crate::{Lang, Money, Proportion, Quantity};

/// The figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunFigures {
    pub customers: i64,
    /// Those with a purchase, who have a lifetime value.
    pub buyers: i64,
    pub rfm: RfmFigures,
    pub lifetime: LifetimeFigures,
    /// All stages, in their order.
    pub stages: Vec<StageFigures>,
    /// All levels, in their order; last, with `level` `null`, those of whom no risk is known.
    pub churn: Vec<ChurnFigures>,
}

/// RFM: the heat map, the eight groups and the eleven segments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RfmFigures {
    /// With a purchase in the window: those that are scored.
    pub customers: i64,
    /// Net sales in the window of those that are scored.
    pub sales: Money,
    /// What the scores were cut by, among all customers; `null` where nobody was scored.
    pub cuts: Option<RfmCuts>,
    /// 25 cells: recency 5 to 1, in each frequency 1 to 5.
    pub cells: Vec<RfmCell>,
    /// All eight, in their order.
    pub groups: Vec<RfmClass<RfmGroup>>,
    /// All eleven, in their order.
    pub segments: Vec<RfmClass<RfmSegment>>,
}

/// A cell of the heat map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RfmCell {
    pub recency: i32,
    pub frequency: i32,
    pub customers: i64,
    /// Net sales in the window.
    pub sales: Money,
    /// Mean net sales of a customer; `null` in an empty cell.
    pub mean_sales: Option<Money>,
    /// Mean monetary score, 1 to 5.
    pub mean_monetary: Option<f64>,
}

/// A group or segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RfmClass<C> {
    pub class: C,
    pub customers: i64,
    /// Of those that are scored, 0 to 1.
    pub customer_share: f64,
    /// Net sales in the window.
    pub sales: Money,
    /// Of the positive sales, 0 to 1.
    pub sales_share: f64,
    /// Lifetime value of all of them.
    pub value: Money,
    /// What to do with them, in Chinese.
    pub action_zh: String,
    /// What to do with them, in English.
    pub action_en: String,
}

/// Lifetime values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LifetimeFigures {
    /// With a purchase.
    pub customers: i64,
    /// Sum of the values.
    pub total: Money,
    pub mean: Option<Money>,
    pub median: Option<Money>,
    /// Expected number of customers who are active; `null` without a model.
    pub active: Option<f64>,
    /// Purchases expected over the horizon; `null` without a model.
    pub purchases: Option<f64>,
    /// What the values rest on: those that occur.
    pub methods: Vec<MethodFigures>,
    /// From the first bin with a customer to the last one.
    pub histogram: Vec<ValueBin>,
    /// Tenths of the customers by value, the best first; empty without customers.
    pub deciles: Vec<Decile>,
}

/// The values that rest on the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MethodFigures {
    pub method: ValueMethod,
    pub customers: i64,
    pub value: Money,
}

/// A bar of the distribution: values from `from` to below `to`. Limits are 1, 2 and 5 times powers of ten of the minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueBin {
    /// `null`: no lower limit, values of zero and below.
    pub from: Option<Money>,
    /// `null`: no upper limit.
    pub to: Option<Money>,
    pub customers: i64,
    pub value: Money,
}

/// A tenth of the customers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decile {
    /// 1 is the best.
    pub decile: i32,
    pub customers: i64,
    pub value: Money,
    /// Of all positive values, 0 to 1.
    pub value_share: f64,
    /// The least value in it.
    pub least: Money,
}

/// A stage of the lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageFigures {
    pub stage: LifecycleStage,
    pub customers: i64,
    /// Of all customers, 0 to 1.
    pub customer_share: f64,
    /// Net sales of all of them in the window of RFM; `null` in runs that did not keep it.
    #[serde(default)]
    pub sales: Option<Money>,
    /// Lifetime value of all of them.
    pub value: Money,
}

/// A level of the risk of churn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChurnFigures {
    /// `null`: no risk is known.
    pub level: Option<ChurnLevel>,
    pub customers: i64,
    /// Of all customers, 0 to 1.
    pub customer_share: f64,
    /// Net sales of all of them in the window of RFM; `null` in runs that did not keep it.
    #[serde(default)]
    pub sales: Option<Money>,
    /// Lifetime value of all of them.
    pub value: Money,
}

/// The models behind the forecasts. Of each model there is the fit or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelReport {
    pub purchases: Option<PurchaseFit>,
    /// Why purchases are not forecast: lifetime values are historic then.
    pub purchases_refused: Option<Refused>,
    pub spend: Option<SpendFit>,
    /// Why amounts are not modelled: they are the customers' own means then.
    pub spend_refused: Option<Refused>,
    /// Customers by repeat purchases, as they are and as the model expects them; empty without a model.
    pub repeat_counts: Vec<RepeatCount>,
    /// How the model fared on the last days; `null` where the settings ask for no trial.
    pub holdout: Option<HoldoutReport>,
    /// Why that trial was not made.
    pub holdout_refused: Option<Refused>,
}

/// What figures are made of: the scores of one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Scores of recency, frequency and monetary value, with what follows from them.
    pub rfm: Option<(u8, u8, u8, RfmGroup, RfmSegment)>,
    /// Net sales in the window.
    pub monetary: Money,
    /// Lifetime value, and what it rests on.
    pub value: Option<(ValueMethod, Money)>,
    pub alive: Option<Proportion>,
    pub purchases: Option<Quantity>,
    pub stage: LifecycleStage,
    pub churn: Option<ChurnLevel>,
}

impl From<&CustomerScores> for Scored {
    fn from(scores: &CustomerScores) -> Self {
        let score = |score: Option<i32>| u8::try_from(score?).ok();
        let rfm = || {
            Some((
                score(scores.recency_score)?,
                score(scores.frequency_score)?,
                score(scores.monetary_score)?,
                scores.rfm_group?,
                scores.rfm_segment?,
            ))
        };
        Self {
            rfm: rfm(),
            monetary: scores.monetary.unwrap_or_default(),
            value: scores.value_method.zip(scores.lifetime_value),
            alive: scores.probability_active,
            purchases: scores.expected_purchases,
            stage: scores.lifecycle_stage,
            churn: scores.churn_level,
        }
    }
}

/// Customers and their sums.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    customers: i64,
    sales: i128,
    positive: i128,
    value: i128,
    monetary_scores: i64,
}

impl Sum {
    fn add(&mut self, sales: i64, value: i64, monetary_score: u8) {
        self.customers += 1;
        self.sales += i128::from(sales);
        self.positive += i128::from(sales.max(0));
        self.value += i128::from(value);
        self.monetary_scores += i64::from(monetary_score);
    }
}

/// Adds up customers one by one.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    customers: i64,
    rfm: Sum,
    cells: [[Sum; 5]; 5],
    groups: [Sum; RfmGroup::ALL.len()],
    segments: [Sum; RfmSegment::ALL.len()],
    stages: [Sum; LifecycleStage::ALL.len()],
    /// The last counts those without a level.
    levels: [Sum; ChurnLevel::ALL.len() + 1],
    methods: [Sum; ValueMethod::ALL.len()],
    /// Ten-thousandths.
    alive: Option<i64>,
    /// Thousandths.
    purchases: Option<i64>,
    values: Vec<i64>,
}

impl Tally {
    pub fn add(&mut self, scored: &Scored) {
        let sales = scored.monetary.0;
        let value = scored.value.map_or(0, |(_, value)| value.0);
        self.customers += 1;
        if let Some((recency, frequency, monetary, group, segment)) = scored.rfm {
            let place = |score: u8| usize::from(score.clamp(1, 5) - 1);
            for sum in [
                &mut self.rfm,
                &mut self.cells[place(recency)][place(frequency)],
                &mut self.groups[group as usize],
                &mut self.segments[segment as usize],
            ] {
                sum.add(sales, value, monetary);
            }
        }
        self.stages[scored.stage as usize].add(sales, value, 0);
        let level = scored.churn.map_or(ChurnLevel::ALL.len(), |l| l as usize);
        self.levels[level].add(sales, value, 0);
        if let Some((method, value)) = scored.value {
            self.methods[method as usize].add(sales, value.0, 0);
            self.values.push(value.0);
        }
        if let Some(Proportion(alive)) = scored.alive {
            *self.alive.get_or_insert(0) += alive;
        }
        if let Some(Quantity(purchases)) = scored.purchases {
            *self.purchases.get_or_insert(0) += purchases;
        }
    }

    /// The figures; the cuts are those of all customers.
    pub fn finish(mut self, cuts: Option<RfmCuts>) -> RunFigures {
        let all = i128::from(self.customers);
        self.values.sort_unstable_by(|a, b| b.cmp(a));
        RunFigures {
            customers: self.customers,
            buyers: length(self.values.len()),
            rfm: self.rfm(cuts),
            lifetime: self.lifetime(),
            stages: LifecycleStage::ALL
                .iter()
                .zip(&self.stages)
                .map(|(stage, sum)| StageFigures {
                    stage: *stage,
                    customers: sum.customers,
                    customer_share: share(sum.customers.into(), all),
                    sales: Some(money(sum.sales)),
                    value: money(sum.value),
                })
                .collect(),
            churn: ChurnLevel::ALL
                .iter()
                .map(|level| Some(*level))
                .chain([None])
                .zip(&self.levels)
                .map(|(level, sum)| ChurnFigures {
                    level,
                    customers: sum.customers,
                    customer_share: share(sum.customers.into(), all),
                    sales: Some(money(sum.sales)),
                    value: money(sum.value),
                })
                .collect(),
        }
    }

    fn rfm(&self, cuts: Option<RfmCuts>) -> RfmFigures {
        let cells = (1..=5).rev().flat_map(|recency: u8| {
            (1..=5).map(move |frequency: u8| {
                (
                    recency,
                    frequency,
                    &self.cells[usize::from(recency) - 1][usize::from(frequency) - 1],
                )
            })
        });
        RfmFigures {
            customers: self.rfm.customers,
            sales: money(self.rfm.sales),
            cuts: cuts.filter(|_| self.rfm.customers > 0),
            cells: cells
                .map(|(recency, frequency, sum)| RfmCell {
                    recency: i32::from(recency),
                    frequency: i32::from(frequency),
                    customers: sum.customers,
                    sales: money(sum.sales),
                    mean_sales: mean(sum.sales, sum.customers),
                    mean_monetary: quotient(
                        real(sum.monetary_scores.into()),
                        real(sum.customers.into()),
                    ),
                })
                .collect(),
            groups: self.classes(RfmGroup::ALL, &self.groups, RfmGroup::action),
            segments: self.classes(RfmSegment::ALL, &self.segments, RfmSegment::action),
        }
    }

    fn classes<C: Copy>(
        &self,
        classes: &[C],
        sums: &[Sum],
        action: fn(C, Lang) -> &'static str,
    ) -> Vec<RfmClass<C>> {
        let scored = i128::from(self.rfm.customers);
        classes
            .iter()
            .zip(sums)
            .map(|(class, sum)| RfmClass {
                class: *class,
                customers: sum.customers,
                customer_share: share(sum.customers.into(), scored),
                sales: money(sum.sales),
                sales_share: share(sum.positive, self.rfm.positive),
                value: money(sum.value),
                action_zh: action(*class, Lang::Zh).to_owned(),
                action_en: action(*class, Lang::En).to_owned(),
            })
            .collect()
    }

    /// The values are in order, the best first.
    fn lifetime(&self) -> LifetimeFigures {
        let total: i128 = self.values.iter().map(|v| i128::from(*v)).sum();
        let methods = ValueMethod::ALL.iter().zip(&self.methods);
        LifetimeFigures {
            customers: length(self.values.len()),
            total: money(total),
            mean: mean(total, length(self.values.len())),
            median: self.values.get(self.values.len() / 2).map(|v| Money(*v)),
            active: self.alive.map(|sum| real(sum.into()) / 10_000.0),
            purchases: self.purchases.map(|sum| real(sum.into()) / 1_000.0),
            methods: methods
                .filter(|(_, sum)| sum.customers > 0)
                .map(|(method, sum)| MethodFigures {
                    method: *method,
                    customers: sum.customers,
                    value: money(sum.value),
                })
                .collect(),
            histogram: histogram(&self.values),
            deciles: deciles(&self.values),
        }
    }
}

/// Where bins begin: 1 minor unit, then 1, 2 and 5 times the powers of ten from 100 minor units on.
fn limits() -> Vec<i64> {
    let powers = (2..=16).map(|power| 10_i64.pow(power));
    let steps = powers.flat_map(|power| [power, 2 * power, 5 * power]);
    [1].into_iter().chain(steps).collect()
}

fn histogram(values: &[i64]) -> Vec<ValueBin> {
    let limits = limits();
    let mut bins = vec![Sum::default(); limits.len() + 1];
    for value in values {
        bins[limits.partition_point(|limit| limit <= value)].add(0, *value, 0);
    }
    let filled = |sum: &Sum| sum.customers > 0;
    let (Some(first), Some(last)) = (bins.iter().position(filled), bins.iter().rposition(filled))
    else {
        return Vec::new();
    };
    (first..=last)
        .map(|place| ValueBin {
            from: place.checked_sub(1).map(|below| Money(limits[below])),
            to: limits.get(place).map(|limit| Money(*limit)),
            customers: bins[place].customers,
            value: money(bins[place].value),
        })
        .collect()
}

/// Of values in order, the best first. Of fewer than ten some are left out.
fn deciles(values: &[i64]) -> Vec<Decile> {
    let positive: i128 = values.iter().map(|v| i128::from((*v).max(0))).sum();
    (1..=10)
        .filter_map(|decile: i32| {
            let k = usize::try_from(decile).ok()?;
            let part = &values[values.len() * (k - 1) / 10..values.len() * k / 10];
            let gross: i128 = part.iter().map(|v| i128::from((*v).max(0))).sum();
            Some(Decile {
                decile,
                customers: length(part.len()),
                value: money(part.iter().map(|v| i128::from(*v)).sum()),
                value_share: share(gross, positive),
                least: Money(*part.last()?),
            })
        })
        .collect()
}

fn length(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A sum of 64 bits' worth of money that does not fit into them stays at the end of them.
fn money(sum: i128) -> Money {
    let end = if sum < 0 { i64::MIN } else { i64::MAX };
    Money(i64::try_from(sum).unwrap_or(end))
}

fn mean(sum: i128, customers: i64) -> Option<Money> {
    (customers > 0).then(|| money(crate::round_half_even(sum, customers.into())))
}

#[allow(clippy::cast_precision_loss, reason = "shown, not reckoned with")]
const fn real(n: i128) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;
