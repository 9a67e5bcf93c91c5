//! Measures of sums.

use serde::{Deserialize, Serialize};

use super::ReportMeasure;
use crate::{Overflow, round_half_even};

/// What lines of orders add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// How many lines, or orders where no line was looked at; 0: there is nothing.
    pub count: i64,
    /// Minor units, net of returns.
    pub sales: i64,
    pub cost: i64,
    /// What came back, not negative.
    pub returns: i64,
    /// Thousandths of the unit, net of returns.
    pub quantity: i64,
    pub orders: i64,
    pub customers: i64,
}

/// A measure's value, and the one that it is compared with. Money in minor units, quantities in thousandths, rates in ten-thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportFigure {
    /// `null`: a rate or average of nothing.
    pub value: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// Value less before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<i64>,
    /// Difference ÷ |before|; left out where that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
}

impl Facts {
    /// The value of a measure; `None` for a rate or average of nothing.
    pub fn value(&self, measure: ReportMeasure) -> Result<Option<i64>, Overflow> {
        let margin = || self.sales.checked_sub(self.cost).ok_or(Overflow);
        let quotient = |numerator: i64, by: i64, scale: i128| {
            i64::try_from(round_half_even(i128::from(numerator) * scale, by.into()))
                .map_err(|_| Overflow)
        };
        Ok(Some(match measure {
            ReportMeasure::Sales => self.sales,
            ReportMeasure::Margin => margin()?,
            ReportMeasure::MarginRate if self.sales <= 0 => return Ok(None),
            ReportMeasure::MarginRate => quotient(margin()?, self.sales, 10_000)?,
            ReportMeasure::Orders => self.orders,
            ReportMeasure::Customers => self.customers,
            ReportMeasure::Quantity => self.quantity,
            ReportMeasure::AverageOrder if self.orders <= 0 => return Ok(None),
            ReportMeasure::AverageOrder => quotient(self.sales, self.orders, 1)?,
            ReportMeasure::Returns => self.returns,
        }))
    }

    /// The figure of a measure; `before`: what it is compared with.
    pub fn figure(
        &self,
        measure: ReportMeasure,
        before: Option<&Self>,
    ) -> Result<ReportFigure, Overflow> {
        let value = self.value(measure)?;
        let before = match before {
            Some(facts) => facts.value(measure)?,
            None => None,
        };
        let difference = match value.zip(before) {
            Some((now, then)) => Some(now.checked_sub(then).ok_or(Overflow)?),
            None => None,
        };
        Ok(ReportFigure {
            value,
            before,
            difference,
            change: difference.zip(before).and_then(|(d, b)| change(d, b)),
        })
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a rate of change is read to a few digits"
)]
fn change(difference: i64, before: i64) -> Option<f64> {
    (before != 0).then(|| difference as f64 / before.unsigned_abs() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts {
        count: 3,
        sales: 1_000,
        cost: 667,
        returns: 50,
        quantity: 2_500,
        orders: 3,
        customers: 2,
    };

    #[test]
    fn measures_follow_from_sums() {
        let value = |measure| FACTS.value(measure).expect("fits");
        assert_eq!(value(ReportMeasure::Margin), Some(333));
        assert_eq!(value(ReportMeasure::MarginRate), Some(3_330));
        assert_eq!(value(ReportMeasure::AverageOrder), Some(333));
        let nothing = Facts::default();
        assert_eq!(nothing.value(ReportMeasure::MarginRate), Ok(None));
        assert_eq!(nothing.value(ReportMeasure::AverageOrder), Ok(None));
        let huge = Facts {
            cost: -i64::MAX,
            ..FACTS
        };
        assert_eq!(huge.value(ReportMeasure::Margin), Err(Overflow));
    }

    #[test]
    fn a_loss_that_becomes_a_gain_went_up() {
        let then = Facts {
            sales: -500,
            ..FACTS
        };
        let figure = FACTS.figure(ReportMeasure::Sales, Some(&then));
        assert_eq!(
            figure,
            Ok(ReportFigure {
                value: Some(1_000),
                before: Some(-500),
                difference: Some(1_500),
                change: Some(3.0)
            })
        );
        let figure = FACTS.figure(ReportMeasure::Sales, Some(&Facts::default()));
        assert_eq!(
            figure.map(|f| (f.difference, f.change)),
            Ok((Some(1_000), None))
        );
    }
}
