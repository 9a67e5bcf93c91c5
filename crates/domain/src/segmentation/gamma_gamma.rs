//! The Gamma-Gamma model of spending (Fader & Hardie 2013, *The Gamma-Gamma model of monetary value*).
//!
//! Of a customer with x purchases of the mean amount m:
//! L = Γ(px + q) ÷ (Γ(px) Γ(q)) · γ^q m^(px − 1) x^px ÷ (γ + m x)^(px + q) (eq. 1a).

use statrs::function::gamma::{digamma, ln_gamma};

use super::explain::{Explanation, Unit};
use super::lifetime::{Estimate, FitRefusal, LifetimeSettings, Refused, SpendFit, SpendParameters};
use super::numbers::{count, quotient};
use super::optimise::{Local, minimise_from, standard_errors};
use super::parallel;
use super::special::trigamma;

/// What a customer spends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spend {
    /// x: purchases that the mean is over; the convention is the repeat purchases.
    pub purchases: u32,
    /// m: their mean amount, in any unit that is the same for all.
    pub mean: f64,
}

impl Spend {
    /// The model knows positive amounts only.
    fn counts(&self) -> bool {
        self.purchases > 0 && self.mean > 0.0 && self.mean.is_finite()
    }
}

/// All customers with the same number of purchases.
struct Level {
    x: f64,
    customers: f64,
}

struct Prepared {
    levels: Vec<Level>,
    /// x and m·x.
    rows: Vec<(f64, f64)>,
    /// Σ ln m, which does not depend on the parameters.
    ln_means: f64,
}

impl Prepared {
    /// Amounts in units of `scale`.
    fn of(spends: &[Spend], scale: f64) -> Self {
        let mut sorted: Vec<&Spend> = spends.iter().filter(|spend| spend.counts()).collect();
        sorted.sort_by(|a, b| {
            a.purchases
                .cmp(&b.purchases)
                .then_with(|| a.mean.total_cmp(&b.mean))
        });
        let mut levels: Vec<Level> = Vec::new();
        let (mut rows, mut ln_means) = (Vec::with_capacity(sorted.len()), 0.0);
        let mut last = None;
        for spend in sorted {
            let x = f64::from(spend.purchases);
            match levels.last_mut() {
                Some(level) if last == Some(spend.purchases) => level.customers += 1.0,
                _ => levels.push(Level { x, customers: 1.0 }),
            }
            last = Some(spend.purchases);
            rows.push((x, x * spend.mean / scale));
            ln_means += (spend.mean / scale).ln();
        }
        Self {
            levels,
            rows,
            ln_means,
        }
    }

    fn log_likelihood(&self, at: &[f64; 3]) -> Local<3> {
        let mut sum = Local::ZERO;
        sum.value = -self.ln_means;
        for level in &self.levels {
            sum.add(&of_level(level.x, at).scaled(level.customers));
        }
        for chunk in parallel::map_chunks(&self.rows, 4_096, |rows| of_rows(rows, at)) {
            sum.add(&chunk);
        }
        sum
    }
}

/// lnΓ(px + q) − lnΓ(px) − lnΓ(q).
fn of_level(x: f64, [p, q, _]: &[f64; 3]) -> Local<3> {
    let (shape, both) = (p * x, p * x + q);
    let (second_shape, second_both) = (trigamma(shape), trigamma(both));
    Local {
        value: ln_gamma(both) - ln_gamma(shape) - ln_gamma(*q),
        gradient: [
            x * (digamma(both) - digamma(shape)),
            digamma(both) - digamma(*q),
            0.0,
        ],
        hessian: [
            [x * x * (second_both - second_shape), x * second_both, 0.0],
            [x * second_both, second_both - trigamma(*q), 0.0],
            [0.0; 3],
        ],
    }
}

/// q ln(γ ÷ s) + px ln(mx ÷ s) with s = γ + mx, each quotient by the smaller part: exact wherever it is near 1.
fn of_rows(rows: &[(f64, f64)], [p, q, gamma]: &[f64; 3]) -> Local<3> {
    let mut sum = Local::ZERO;
    for (x, total) in rows {
        let s = gamma + total;
        let ln_prior = -(total / gamma).ln_1p();
        let ln_data = -(gamma / total).ln_1p();
        let by_s = s.recip();
        let both = p * x + q;
        let mixed = total / (gamma * s);
        let one = Local {
            value: q * ln_prior + p * x * ln_data,
            gradient: [x * ln_data, ln_prior, q / gamma - both * by_s],
            hessian: [
                [0.0, 0.0, -x * by_s],
                [0.0, 0.0, mixed],
                [-x * by_s, mixed, both * by_s * by_s - q / (gamma * gamma)],
            ],
        };
        sum.add(&one);
    }
    sum
}

/// The log-likelihood of the data at given parameters.
pub fn log_likelihood(spends: &[Spend], parameters: &SpendParameters) -> f64 {
    let SpendParameters { p, q, gamma } = *parameters;
    Prepared::of(spends, 1.0)
        .log_likelihood(&[p, q, gamma])
        .value
}

/// Logarithms of parameters beyond this are on their way to infinity.
const BOUND: f64 = 16.0;

/// Fits the model by maximum likelihood to those who count (x > 0, m > 0), or says why it cannot be fitted.
pub fn fit(spends: &[Spend], settings: &LifetimeSettings) -> Result<SpendFit, Refused> {
    let used: Vec<Spend> = spends.iter().copied().filter(Spend::counts).collect();
    let refused = |reason| {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Refused {
            reason,
            customers: number(spends.len()),
            repeat_buyers: number(used.len()),
        }
    };
    if count(used.len()) < f64::from(settings.min_repeat_buyers) {
        return Err(refused(FitRefusal::TooFewRepeatBuyers));
    }
    // Amounts may be in cents or in millions: the fit sees them around 1.
    let customers = count(used.len());
    let scale = used.iter().map(|spend| spend.mean / customers).sum::<f64>();
    let prepared = Prepared::of(&used, scale);
    let objective = |logs: &[f64; 3]| {
        let at = logs.map(f64::exp);
        let local = prepared.log_likelihood(&at);
        local.scaled(-customers.recip()).in_logs(&at)
    };
    let starts = [[1.0, 1.2, -0.5], [0.0, 1.0, 0.5], [3.0, 1.0, -3.0]];
    let found =
        minimise_from(&starts, &[BOUND; 3], objective).map_err(|why| refused(why.into()))?;
    let errors = standard_errors(&found.local.scaled(customers).hessian)
        .ok_or_else(|| refused(FitRefusal::Undetermined))?;
    let [p, q, gamma] = found.at.map(f64::exp);
    let q_estimate = Estimate::of_log(q, errors[1]);
    // At q = 1 the mean of the population is infinite. Where that lies within the interval the mean is anybody's guess.
    if q_estimate.low <= 1.0 {
        return Err(refused(FitRefusal::NoFiniteMean));
    }
    Ok(SpendFit {
        p: Estimate::of_log(p, errors[0]),
        q: q_estimate,
        gamma: Estimate::of_log(gamma * scale, errors[2]),
        log_likelihood: -found.local.value * customers - customers * scale.ln(),
        customers: i64::try_from(used.len()).unwrap_or(i64::MAX),
        mean_value: p * gamma * scale / (q - 1.0),
        correlation: correlation(&used),
        iterations: found.iterations,
    })
}

/// Pearson's correlation of number and mean amount; `None` where one of them does not vary.
fn correlation(spends: &[Spend]) -> Option<f64> {
    let n = count(spends.len());
    let mean = |f: &dyn Fn(&Spend) -> f64| spends.iter().map(f).sum::<f64>() / n;
    let x = |spend: &Spend| f64::from(spend.purchases);
    let m = |spend: &Spend| spend.mean;
    let (mean_x, mean_m) = (mean(&x), mean(&m));
    let both = mean(&|spend| (x(spend) - mean_x) * (m(spend) - mean_m));
    let (of_x, of_m) = (
        mean(&|spend| (x(spend) - mean_x).powi(2)),
        mean(&|spend| (m(spend) - mean_m).powi(2)),
    );
    quotient(both, (of_x * of_m).sqrt()).map(|r| r.clamp(-1.0, 1.0))
}

/// Expected amount of a purchase of a customer: p (γ + m x) ÷ (p x + q − 1) (eq. 5), the mean of the population (x = 0) drawn
/// towards the own mean the more, the more purchases there are. `None` where it is infinite (q ≤ 1 without purchases), and where
/// purchases add up to no positive amount: the model knows none such, and they are not worth what others spend.
pub fn expected_value(spend: &Spend, parameters: &SpendParameters) -> Option<f64> {
    let SpendParameters { p, q, gamma } = *parameters;
    let (x, total) = match spend.purchases {
        0 => (0.0, 0.0),
        _ if !spend.counts() => return None,
        purchases => (f64::from(purchases), f64::from(purchases) * spend.mean),
    };
    quotient(p * (gamma + total), p * x + q - 1.0).filter(|value| *value > 0.0)
}

/// How the expected amount of a customer came about; `None` where the model gives none.
pub fn explain(spend: &Spend, parameters: &SpendParameters) -> Option<Explanation> {
    let value = expected_value(spend, parameters)?;
    let found = if spend.purchases == 0 {
        Explanation::new("E = p·γ ÷ (q − 1)")
    } else {
        Explanation::new("E = p·(γ + m·x) ÷ (p·x + q − 1)")
            .with(
                "x",
                "重复购买天数",
                "Repeat purchases",
                f64::from(spend.purchases),
                Unit::Count,
            )
            .with("m", "平均每次金额", "Mean amount", spend.mean, Unit::Money)
    };
    let found = found
        .with(
            "E",
            "预期每次购买金额",
            "Expected amount of a purchase",
            value,
            Unit::Money,
        )
        .with("p", "模型参数", "Parameter", parameters.p, Unit::Number)
        .with("q", "模型参数", "Parameter", parameters.q, Unit::Number)
        .with("γ", "模型参数", "Parameter", parameters.gamma, Unit::Money);
    Some(found)
}

#[cfg(test)]
mod tests;
