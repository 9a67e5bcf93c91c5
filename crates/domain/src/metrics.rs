//! What a customer's orders and tickets add up to.

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Date, Money, Overflow, Timestamp};

/// Days from a window to the one that it is compared with.
const YEAR: i64 = 365;

/// The figures of one customer.
///
/// Only orders that count (confirmed, not cancelled) enter. A negative line is a return: it lowers `sales` and `margin` and
/// adds to `returns`. An order with negative lines only is a return altogether: it counts neither in `orders` nor in `order_days`.
/// Days are days in UTC. The windows end on `as_of`, inclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerMetrics {
    pub orders: i64,
    /// Distinct days with an order.
    pub order_days: i64,
    pub first_order_on: Option<Date>,
    pub last_order_on: Option<Date>,
    /// Net of returns.
    pub sales: Money,
    /// Sales less cost.
    pub margin: Money,
    /// What came back, as a positive amount.
    pub returns: Money,
    /// Sales ÷ orders, rounded half-even.
    pub average_order: Option<Money>,
    /// Days between the first and the last order ÷ (order days − 1), rounded half-even.
    pub mean_gap_days: Option<i64>,
    pub sales_30d: Money,
    pub sales_90d: Money,
    pub sales_365d: Money,
    /// The same windows a year (365 days) before.
    pub sales_30d_before: Money,
    pub sales_90d_before: Money,
    pub sales_365d_before: Money,
    pub tickets: i64,
    pub open_tickets: i64,
    pub complaints: i64,
    /// The day that the windows end on.
    pub as_of: Option<Date>,
    pub updated_at: Option<Timestamp>,
}

impl CustomerMetrics {
    /// The figures that follow from what each day adds up to; those of tickets are left at zero.
    pub fn of_days(
        days: impl IntoIterator<Item = (Date, Contribution)>,
        as_of: Date,
    ) -> Result<Self, Overflow> {
        let mut sum = Self {
            as_of: Some(as_of),
            ..Self::default()
        };
        let mut total = Contribution::default();
        for (day, contribution) in days {
            total = total.checked_add(contribution)?;
            if contribution.orders > 0 {
                sum.order_days += 1;
                sum.first_order_on = Some(sum.first_order_on.map_or(day, |first| first.min(day)));
                sum.last_order_on = sum.last_order_on.max(Some(day));
            }
            let age = i64::from(as_of.days()) - i64::from(day.days());
            for (length, window, before) in [
                (30, &mut sum.sales_30d, &mut sum.sales_30d_before),
                (90, &mut sum.sales_90d, &mut sum.sales_90d_before),
                (365, &mut sum.sales_365d, &mut sum.sales_365d_before),
            ] {
                if (0..length).contains(&age) {
                    *window = window.checked_add(Money(contribution.sales))?;
                }
                if (0..length).contains(&(age - YEAR)) {
                    *before = before.checked_add(Money(contribution.sales))?;
                }
            }
        }
        sum.orders = total.orders;
        sum.sales = Money(total.sales);
        sum.margin = Money(total.margin);
        sum.returns = Money(total.returns);
        sum.derive();
        Ok(sum)
    }

    /// Sets what follows from the other figures.
    pub fn derive(&mut self) {
        let rounded = |numerator: i64, denominator: i64| {
            i64::try_from(crate::round_half_even(numerator.into(), denominator.into()))
                .unwrap_or(i64::MAX)
        };
        self.average_order = (self.orders > 0).then(|| Money(rounded(self.sales.0, self.orders)));
        self.mean_gap_days = match (self.first_order_on, self.last_order_on) {
            (Some(first), Some(last)) if self.order_days > 1 => Some(rounded(
                i64::from(last.days() - first.days()),
                self.order_days - 1,
            )),
            _ => None,
        };
    }
}

/// What one order adds to its customer's figures on its day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contribution {
    /// 1 if it has a line that is not negative, else 0.
    pub orders: i64,
    pub sales: i64,
    pub margin: i64,
    pub returns: i64,
}

impl Contribution {
    /// Of lines given as (total, cost) in minor units.
    pub fn of_lines(lines: impl IntoIterator<Item = (Money, Money)>) -> Self {
        let mut sum = Self::default();
        for (total, cost) in lines {
            sum.sales += total.0;
            sum.margin += total.0 - cost.0;
            if total.0 < 0 {
                sum.returns -= total.0;
            } else {
                sum.orders = 1;
            }
        }
        sum
    }

    /// The sum, refusing overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        let add = |a: i64, b: i64| a.checked_add(b).ok_or(Overflow);
        Ok(Self {
            orders: add(self.orders, other.orders)?,
            sales: add(self.sales, other.sales)?,
            margin: add(self.margin, other.margin)?,
            returns: add(self.returns, other.returns)?,
        })
    }

    #[must_use]
    pub const fn negated(self) -> Self {
        Self {
            orders: -self.orders,
            sales: -self.sales,
            margin: -self.margin,
            returns: -self.returns,
        }
    }
}

/// What a rebuild of all metrics found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RebuildReport {
    /// Customers looked at.
    pub customers: i64,
    /// Customers whose kept figures differed from the rebuilt ones; a rebuild has mended them, a verification has not.
    pub differing: i64,
    /// Some of them.
    pub examples: Vec<CustomerId>,
    pub as_of: Date,
    pub duration_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_on_their_day_and_are_as_long_as_they_say() {
        let as_of = Date::from_days(20_000);
        let one = Contribution {
            orders: 1,
            sales: 1,
            ..Contribution::default()
        };
        let aged = |ages: &[i32]| {
            let days = ages.iter().map(|age| (as_of.plus_days(-age), one));
            CustomerMetrics::of_days(days, as_of).expect("small numbers")
        };
        let ends = aged(&[0, 29, 30, 89, 90, 364, 365, 394, 395, 729, 730, -1]);
        assert_eq!(ends.sales_30d, Money(2));
        assert_eq!(ends.sales_90d, Money(4));
        assert_eq!(ends.sales_365d, Money(6));
        assert_eq!(ends.sales_30d_before, Money(2), "365 and 394 days ago");
        assert_eq!(ends.sales_365d_before, Money(4), "365 to 729 days ago");
        assert_eq!((ends.orders, ends.order_days), (12, 12));
        assert_eq!(ends.mean_gap_days, Some(66), "731 days between 12");
    }

    #[test]
    fn a_return_is_no_order() {
        let back = Contribution::of_lines([(Money(-500), Money(-300))]);
        assert_eq!(
            back,
            Contribution {
                orders: 0,
                sales: -500,
                margin: -200,
                returns: 500
            }
        );
        let mixed = Contribution::of_lines([(Money(1000), Money(600)), (Money(-500), Money(-300))]);
        assert_eq!(
            mixed,
            Contribution {
                orders: 1,
                sales: 500,
                margin: 200,
                returns: 500
            }
        );
    }
}
