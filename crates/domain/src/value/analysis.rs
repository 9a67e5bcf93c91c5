//! The arithmetic of a run: pure, exact until a share is shown.
//!
//! Amounts are compared and summed as integers. A share is always a share of the sum of positive amounts, so that the shares of the
//! classes add up to 1 and the curve never turns back; the amounts of the classes are net, so that they add up to the net total.

use std::cmp::Reverse;

use super::{ClassFigures, CurvePoint, Movement, PyramidLevel, ValueClass};
use crate::{Money, Overflow};

/// The curve is cut into this many steps.
const STEPS: usize = 200;

/// A customer or product in its place. The place in the list is the rank, less one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed<K> {
    pub key: K,
    pub amount: Money,
    pub class: ValueClass,
    pub level: PyramidLevel,
    /// Share of all positive amounts up to and with this one, 0 to 1.
    pub cumulative_share: f64,
}

/// What a ranked list adds up to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub customers: i64,
    pub total: Money,
    pub positive: Money,
    pub gini: f64,
    pub classes: Vec<ClassFigures<ValueClass>>,
    pub pyramid: Vec<ClassFigures<PyramidLevel>>,
    pub curve: Vec<CurvePoint>,
}

/// Ranks customers or products by amount, the largest first (equal amounts by key), and puts each into a class and a level.
///
/// One is in A while those before it have less than `a_share` ten-thousandths of all positive amounts, in B while they have
/// less than `b_share`: the one with which a threshold is reached still belongs to the better class. Without a positive amount
/// it is in C. Levels go by count: the top holds ⌈5%⌉ of all, top and middle together ⌈20%⌉.
pub fn rank<K: Copy + Ord>(
    amounts: impl IntoIterator<Item = (K, Money)>,
    a_share: i32,
    b_share: i32,
) -> Vec<Placed<K>> {
    let mut sorted: Vec<(K, Money)> = amounts.into_iter().collect();
    sorted.sort_unstable_by_key(|(key, amount)| (Reverse(*amount), *key));
    let positive = positive_sum(sorted.iter().map(|(_, amount)| *amount));
    let top = (sorted.len() * 5).div_ceil(100);
    let middle = (sorted.len() * 20).div_ceil(100);
    let mut before = 0_i128;
    sorted
        .into_iter()
        .enumerate()
        .map(|(index, (key, amount))| {
            let below = |share: i32| before * 10_000 < positive * i128::from(share);
            let class = if amount.0 <= 0 {
                ValueClass::C
            } else if below(a_share) {
                ValueClass::A
            } else if below(b_share) {
                ValueClass::B
            } else {
                ValueClass::C
            };
            let level = if index < top {
                PyramidLevel::Top
            } else if index < middle {
                PyramidLevel::Middle
            } else {
                PyramidLevel::Base
            };
            before += i128::from(amount.0.max(0));
            Placed {
                key,
                amount,
                class,
                level,
                cumulative_share: share(before, positive),
            }
        })
        .collect()
}

/// Adds up a ranked list, or those of it that somebody may see: they keep the class and level that they have among all.
pub fn summarise<K>(placed: &[Placed<K>]) -> Result<Summary, Overflow> {
    let total: i128 = placed.iter().map(|p| i128::from(p.amount.0)).sum();
    let positive = positive_sum(placed.iter().map(|p| p.amount));
    Ok(Summary {
        customers: count(placed.len()),
        total: money(total)?,
        positive: money(positive)?,
        gini: gini(placed, positive),
        classes: figures(placed, positive, ValueClass::ALL, |p| p.class)?,
        pyramid: figures(placed, positive, PyramidLevel::ALL, |p| p.level)?,
        curve: curve(placed, positive),
    })
}

/// Counts pairs of (class before, class now); who is in none both times is left out.
pub fn movements(
    pairs: impl IntoIterator<Item = (Option<ValueClass>, Option<ValueClass>)>,
) -> Vec<Movement> {
    let mut counts = std::collections::BTreeMap::new();
    for pair in pairs {
        if pair != (None, None) {
            *counts.entry(pair).or_insert(0) += 1;
        }
    }
    counts
        .into_iter()
        .map(|((from, to), customers)| Movement {
            from,
            to,
            customers,
        })
        .collect()
}

fn positive_sum(amounts: impl Iterator<Item = Money>) -> i128 {
    amounts.map(|amount| i128::from(amount.0.max(0))).sum()
}

fn money(amount: i128) -> Result<Money, Overflow> {
    i64::try_from(amount).map(Money).map_err(|_| Overflow)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// `part / whole`; 0 of nothing.
#[allow(
    clippy::cast_precision_loss,
    reason = "a share is shown, not reckoned with"
)]
pub fn share(part: i128, whole: i128) -> f64 {
    if whole > 0 {
        part as f64 / whole as f64
    } else {
        0.0
    }
}

fn figures<K, C: Copy + PartialEq>(
    placed: &[Placed<K>],
    positive: i128,
    classes: &[C],
    of: impl Fn(&Placed<K>) -> C,
) -> Result<Vec<ClassFigures<C>>, Overflow> {
    let all = i128::try_from(placed.len()).unwrap_or(i128::MAX);
    classes
        .iter()
        .map(|&class| {
            let (mut customers, mut net, mut gross) = (0_i64, 0_i128, 0_i128);
            for one in placed.iter().filter(|p| of(p) == class) {
                customers += 1;
                net += i128::from(one.amount.0);
                gross += i128::from(one.amount.0.max(0));
            }
            Ok(ClassFigures {
                class,
                customers,
                amount: money(net)?,
                customer_share: share(customers.into(), all),
                amount_share: share(gross, positive),
            })
        })
        .collect()
}

/// The Pareto curve: at each 200th of the customers the share of the positive amounts that the best so many have.
fn curve<K>(placed: &[Placed<K>], positive: i128) -> Vec<CurvePoint> {
    if positive <= 0 {
        return Vec::new();
    }
    let all = placed.len();
    let steps = all.min(STEPS);
    let mut points = Vec::with_capacity(steps + 1);
    let (mut reached, mut sum) = (0, 0_i128);
    for step in 0..=steps {
        let end = all * step / steps;
        sum += positive_sum(placed[reached..end].iter().map(|p| p.amount));
        reached = end;
        points.push(CurvePoint {
            customer_share: share(
                i128::try_from(end).unwrap_or(i128::MAX),
                i128::try_from(all).unwrap_or(i128::MAX),
            ),
            amount_share: share(sum, positive),
        });
    }
    points
}

/// Gini coefficient G = (2·Σ i·xᵢ) ÷ (n·Σ xᵢ) − (n + 1) ÷ n, with x ascending and i from 1: half the relative mean difference
/// (Sen, On Economic Inequality, 1973, section 2.7). Negative amounts count as 0. From 0 (all alike) to 1 − 1/n.
fn gini<K>(placed: &[Placed<K>], positive: i128) -> f64 {
    let n = i128::from(count(placed.len()));
    // The list is in descending order: the first has i = n.
    let weighted: i128 = placed
        .iter()
        .zip((1..=n).rev())
        .map(|(p, i)| i * i128::from(p.amount.0.max(0)))
        .sum();
    share(2 * weighted - (n + 1) * positive, n * positive)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranked(amounts: &[i64]) -> Vec<Placed<usize>> {
        rank(
            amounts
                .iter()
                .enumerate()
                .map(|(i, amount)| (i, Money(*amount))),
            7_500,
            9_500,
        )
    }

    fn classes(amounts: &[i64]) -> String {
        ranked(amounts).iter().map(|p| p.class.as_str()).collect()
    }

    #[test]
    fn whoever_reaches_a_threshold_belongs_to_the_better_class() {
        // Of 100: 50, 75 (reached exactly), 85, 95 (reached exactly), 98, 100.
        assert_eq!(classes(&[50, 25, 10, 10, 3, 2]), "aabbcc");
        // Of 100: 74 is short of 75, so the next is in A as well; 94 is short of 95.
        assert_eq!(classes(&[74, 10, 10, 6]), "aabb");
        assert_eq!(classes(&[100]), "a");
    }

    #[test]
    fn returns_lower_no_threshold_and_are_always_c() {
        let with_returns = ranked(&[50, 25, 10, 10, 3, 2, 0, -80]);
        let letters: String = with_returns.iter().map(|p| p.class.as_str()).collect();
        assert_eq!(letters, "aabbcccc");
        assert!((with_returns[7].cumulative_share - 1.0).abs() < f64::EPSILON);
        let summary = summarise(&with_returns).expect("fits");
        assert_eq!((summary.total, summary.positive), (Money(20), Money(100)));
        let amounts: Vec<i64> = summary.classes.iter().map(|c| c.amount.0).collect();
        assert_eq!(amounts, [75, 20, -75]);
        let shares: Vec<f64> = summary.classes.iter().map(|c| c.amount_share).collect();
        assert_eq!(shares, [0.75, 0.2, 0.05]);
        assert_eq!(classes(&[0, -1, -2]), "ccc");
    }

    #[test]
    fn equal_amounts_are_ranked_by_key() {
        let order: Vec<usize> = ranked(&[5, 9, 5, 9]).iter().map(|p| p.key).collect();
        assert_eq!(order, [1, 3, 0, 2]);
    }

    #[test]
    fn levels_go_by_count_rounded_up() {
        let levels = |n: i64| {
            let summary = summarise(&ranked(&(1..=n).collect::<Vec<_>>())).expect("fits");
            summary
                .pyramid
                .iter()
                .map(|l| l.customers)
                .collect::<Vec<_>>()
        };
        assert_eq!(levels(100), [5, 15, 80]);
        assert_eq!(levels(101), [6, 15, 80], "⌈5.05⌉ = 6, ⌈20.2⌉ = 21");
        assert_eq!(levels(1), [1, 0, 0]);
        assert_eq!(levels(0), [0, 0, 0]);
    }

    #[test]
    fn gini_agrees_with_hand_computed_values() {
        let gini = |amounts: &[i64]| summarise(&ranked(amounts)).expect("fits").gini;
        for (amounts, expected) in [
            (&[7, 7, 7, 7][..], 0.0),
            (&[10, 0, 0, 0], 0.75),
            // Σ|xᵢ−xⱼ| = 2·(1+2+3+1+2+1) = 20; ÷ (2·n²·mean) = 2·16·2.5 = 80
            (&[4, 1, 3, 2], 0.25),
            // −5 as 0: as 10, 0
            (&[10, -5], 0.5),
            (&[], 0.0),
            (&[0, 0], 0.0),
        ] {
            assert!((gini(amounts) - expected).abs() < 1e-12, "{amounts:?}");
        }
    }

    #[test]
    fn the_curve_is_thin_and_goes_from_corner_to_corner() {
        let curve = |n: i64| summarise(&ranked(&vec![3; usize::try_from(n).expect("small")]));
        let points = curve(12_345).expect("fits").curve;
        assert_eq!(points.len(), 201);
        assert_eq!(
            (points[0].customer_share, points[0].amount_share),
            (0.0, 0.0)
        );
        assert_eq!(
            (points[200].customer_share, points[200].amount_share),
            (1.0, 1.0)
        );
        assert_eq!(curve(3).expect("fits").curve.len(), 4);
        assert!(summarise(&ranked(&[-3])).expect("fits").curve.is_empty());
    }

    #[test]
    fn sums_beyond_64_bits_are_refused() {
        assert_eq!(summarise(&ranked(&[i64::MAX, 1])), Err(Overflow));
        // Comparing them is fine.
        assert_eq!(classes(&[i64::MAX, i64::MAX, 1]), "aac");
    }

    #[test]
    fn movements_are_counted() {
        use ValueClass::{A, B};
        let found = movements([
            (Some(A), Some(B)),
            (None, Some(A)),
            (Some(A), Some(B)),
            (Some(B), None),
            (None, None),
            (Some(B), Some(B)),
        ]);
        let found: Vec<_> = found.iter().map(|m| (m.from, m.to, m.customers)).collect();
        assert_eq!(
            found,
            [
                (None, Some(A), 1),
                (Some(A), Some(B), 2),
                (Some(B), None, 1),
                (Some(B), Some(B), 1)
            ]
        );
    }

    proptest! {
        #[test]
        fn whatever_the_amounts(
            amounts in prop::collection::vec(-1_000_i64..1_000_000, 0..300),
            a in 1_i32..9_999,
            step in 1_i32..5_000,
        ) {
            let b = (a + step).min(10_000);
            let keyed = || amounts.iter().enumerate().map(|(i, m)| (i, Money(*m)));
            let placed = rank(keyed(), a, b);
            let summary = summarise(&placed).expect("fits");

            // The order of the input is of no account.
            prop_assert_eq!(&placed, &rank(keyed().collect::<Vec<_>>().into_iter().rev(), a, b));
            // Classes and levels add up to the whole.
            prop_assert_eq!(summary.total.0, amounts.iter().sum::<i64>());
            prop_assert_eq!(summary.classes.iter().map(|c| c.amount.0).sum::<i64>(), summary.total.0);
            prop_assert_eq!(summary.pyramid.iter().map(|c| c.amount.0).sum::<i64>(), summary.total.0);
            prop_assert_eq!(summary.classes.iter().map(|c| c.customers).sum::<i64>(), summary.customers);
            // Nobody with more is in a worse class, and the curve bulges: each step adds no more than the one before.
            prop_assert!(placed.is_sorted_by_key(|p| (Reverse(p.amount), p.class)));
            prop_assert!(placed.is_sorted_by(|p, q| p.class <= q.class && p.level <= q.level
                && p.cumulative_share <= q.cumulative_share));
            prop_assert!(summary.curve.is_sorted_by(|p, q| p.amount_share <= q.amount_share));
            prop_assert!((0.0..1.0).contains(&summary.gini));
            // A holds its share, and would not without its last customer.
            let positive: i128 = i128::from(summary.positive.0);
            let of_a: Vec<i128> = placed.iter().filter(|p| p.class == ValueClass::A).map(|p| i128::from(p.amount.0)).collect();
            if let Some(last) = of_a.last() {
                let sum: i128 = of_a.iter().sum();
                prop_assert!(sum * 10_000 >= positive * i128::from(a));
                prop_assert!((sum - last) * 10_000 < positive * i128::from(a));
            } else {
                prop_assert_eq!(positive, 0);
            }
        }
    }
}
