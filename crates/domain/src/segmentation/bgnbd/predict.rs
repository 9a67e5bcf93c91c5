//! What a fitted model says of a customer, and of all of them.
//!
//! The papers give expectations as Gauss hypergeometric functions, with a − 1 in the denominator and sums that cancel or converge
//! slowly for new customers and long horizons. Here they are what those functions come from: the mean, over the chance p of leaving
//! of somebody who is active (p ~ Beta(a, b + k)), of the purchases expected in t,
//! (1 − (1 + p·t ÷ (α + T))^−(r + x)) ÷ p. All terms are positive, a = 1 is no special case.

use super::super::lifetime::{History, PurchaseParameters, RepeatCount};
use super::super::numbers::count;
use super::super::special::rise;
use super::Group;

/// Answers questions about customers. For many, ask in the order of their x: what depends on x alone is kept.
#[derive(Clone, Debug)]
pub struct Predictor {
    parameters: PurchaseParameters,
    /// k that `chances` are for.
    stays: u32,
    chances: Vec<Chance>,
}

/// A node of the mean over p, with its weight.
#[derive(Clone, Copy, Debug)]
struct Chance {
    p: f64,
    weight: f64,
}

impl Predictor {
    pub fn new(parameters: PurchaseParameters) -> Self {
        Self {
            parameters,
            stays: u32::MAX,
            chances: Vec::new(),
        }
    }

    pub const fn parameters(&self) -> &PurchaseParameters {
        &self.parameters
    }

    fn time(&self, days: u32) -> f64 {
        f64::from(days) / self.parameters.unit_days
    }

    /// Probability that the customer is active at the end of the observation (Fader, Hardie & Lee 2008, eq. 7; 0 to 1).
    pub fn alive(&self, history: &History) -> f64 {
        let PurchaseParameters { r, alpha, a, b, .. } = self.parameters;
        let k = self.parameters.model.stays(history.repeats);
        if k == 0 {
            return 1.0;
        }
        let last = alpha + self.time(history.recency_days);
        let gap = self.time(history.age_days) - self.time(history.recency_days);
        let ratio = (gap / last).ln_1p();
        let ln_odds = (a / (b + f64::from(k - 1))).ln() + (r + f64::from(history.repeats)) * ratio;
        // Beyond e^709 this is 1 ÷ ∞ = 0, as it should be.
        (1.0 + ln_odds.exp()).recip()
    }

    /// Purchases expected within `days` after the end of the observation of a customer with these repeats and age who is active.
    pub fn purchases_if_active(&mut self, repeats: u32, age_days: u32, days: f64) -> f64 {
        let [purchases] = self.purchases_within(repeats, age_days, &[days]);
        purchases
    }

    /// The same for several lengths of time at once.
    pub fn purchases_within<const N: usize>(
        &mut self,
        repeats: u32,
        age_days: u32,
        days: &[f64; N],
    ) -> [f64; N] {
        let mut sums = [0.0; N];
        self.each_purchases(repeats, age_days, days, &mut sums);
        sums
    }

    /// The same into a slice as long as `days`.
    pub fn each_purchases(&mut self, repeats: u32, age_days: u32, days: &[f64], sums: &mut [f64]) {
        self.prepare(repeats);
        let c = self.parameters.r + f64::from(repeats);
        let start = self.parameters.alpha + self.time(age_days);
        for (sum, days) in sums.iter_mut().zip(days) {
            let length = days / self.parameters.unit_days / start;
            *sum = self
                .chances
                .iter()
                .map(|chance| chance.weight * -(-c * (chance.p * length).ln_1p()).exp_m1())
                .sum();
        }
    }

    /// Purchases expected within `days` of a customer (Fader, Hardie & Lee 2005, eq. 10).
    pub fn purchases(&mut self, history: &History, days: f64) -> f64 {
        self.alive(history) * self.purchases_if_active(history.repeats, history.age_days, days)
    }

    /// Repeat purchases expected of a new customer within `days` (eq. 9).
    pub fn purchases_of_new(&mut self, days: f64) -> f64 {
        self.purchases(&History::default(), days)
    }

    fn prepare(&mut self, repeats: u32) {
        let k = self.parameters.model.stays(repeats);
        if self.stays != k {
            let PurchaseParameters { a, b, .. } = self.parameters;
            self.chances = chances(a, b + f64::from(k));
            self.stays = k;
        }
    }
}

/// Nodes for the mean of f(p)/p over p ~ Beta(a, b), weights divided by p already.
///
/// The trapezium rule in v, with p = 1 ÷ (1 + e^−u), u = π sinh v (Takahasi & Mori 1974): exponentially good, whatever the
/// density does at 0 and 1. A narrow density gets a narrow step.
fn chances(a: f64, b: f64) -> Vec<Chance> {
    let spread = (a.recip() + b.recip()).sqrt();
    let step = (spread / 8.0).clamp(1.0 / 2_048.0, 1.0 / 10.0);
    // Logarithm of the density of v, up to a constant, with that of p itself.
    let ln_density = |v: f64| {
        let u = std::f64::consts::PI * v.sinh();
        let small = (-u.abs()).exp().ln_1p();
        let (ln_p, ln_q) = (-small - (-u).max(0.0), -small - u.max(0.0));
        (a * ln_p + b * ln_q + v.cosh().ln(), ln_p)
    };
    // The density of v has one maximum, near that of u.
    let middle = ((a / b).ln() / std::f64::consts::PI).asinh();
    let mut nodes = Vec::new();
    let top = ln_density(middle).0;
    for (first, direction) in [(0, 1.0), (1, -1.0)] {
        for index in first..20_000 {
            let (ln_weight, ln_p) = ln_density(middle + direction * step * count(index));
            if ln_weight < top - 34.0 && index > 4 {
                break;
            }
            // Divided by a p of e^−709 or less a weight would be infinite. Down here the mean is over a straight line in p, so a
            // larger p gives the same product.
            nodes.push((ln_p.max(-600.0).exp(), ln_weight - top));
        }
    }
    let total: f64 = nodes.iter().map(|(_, ln_weight)| ln_weight.exp()).sum();
    nodes
        .into_iter()
        .map(|(p, ln_weight)| Chance {
            p,
            weight: ln_weight.exp() / total / p,
        })
        .collect()
}

/// How many customers have 0, 1, …, `most` − 1 and at least `most` repeat purchases, and how many the model expects, each over
/// the customer's own time (Fader, Hardie & Lee 2005, eq. 8).
pub fn expected_counts(
    groups: &[Group],
    parameters: &PurchaseParameters,
    most: u32,
) -> Vec<RepeatCount> {
    let mut ages: Vec<(u32, f64)> = Vec::new();
    let mut actual = vec![0_i64; most as usize + 1];
    for group in groups {
        ages.push((group.history.age_days, f64::from(group.customers)));
        actual[group.history.repeats.min(most) as usize] += i64::from(group.customers);
    }
    ages.sort_unstable_by_key(|(age, _)| *age);
    ages.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    let mut expected = vec![0.0; actual.len()];
    for (age, customers) in ages {
        let chances = repeat_chances(parameters, f64::from(age) / parameters.unit_days, most);
        for (sum, chance) in expected.iter_mut().zip(chances) {
            *sum += customers * chance;
        }
    }
    (0..)
        .zip(actual)
        .zip(expected)
        .map(|((repeats, actual), expected)| RepeatCount {
            repeats,
            or_more: usize::try_from(repeats) == Ok(most as usize),
            actual,
            expected,
        })
        .collect()
}

/// P(X(t) = x) of a new customer for x below `most`, and what is left for the rest.
#[allow(clippy::many_single_char_names, reason = "the letters of the papers")]
pub(super) fn repeat_chances(parameters: &PurchaseParameters, time: f64, most: u32) -> Vec<f64> {
    let PurchaseParameters { r, alpha, a, b, .. } = *parameters;
    // Poisson counts with gamma rates: Γ(r + x) ÷ (Γ(r) x!) · (α ÷ (α + t))^r · (t ÷ (α + t))^x, without anybody leaving.
    let stay = -r * (time / alpha).ln_1p();
    let ln_step = (time / (alpha + time)).ln();
    let mut fewer = 0.0;
    let mut rest = 1.0;
    let mut chances = Vec::new();
    for x in 0..most {
        let power = if x == 0 { 0.0 } else { f64::from(x) * ln_step };
        let plain = (stay + power + rise(r, x).value - rise(1.0, x).value).exp();
        let k = parameters.model.stays(x);
        // B(a, b + k) ÷ B(a, b): stayed after k purchases. B(a + 1, b + k − 1) ÷ B(a, b): left after the k-th.
        let stayed = (rise(b, k).value - rise(a + b, k).value).exp();
        let left = if k > 0 {
            (a.ln() + rise(b, k - 1).value - rise(a + b, k).value).exp()
        } else {
            0.0
        };
        let chance = stayed * plain + left * (1.0 - fewer);
        fewer = f64::min(fewer + plain, 1.0);
        rest -= chance;
        chances.push(chance);
    }
    chances.push(f64::max(rest, 0.0));
    chances
}
