//! BG/NBD (Fader, Hardie & Lee 2005) and MBG/NBD (Batislam et al. 2007): likelihood and fit.
//!
//! With k = x for BG/NBD and k = x + 1 for MBG/NBD both have the likelihood
//!
//! L = Γ(r + x) α^r ÷ Γ(r) · B(a, b + k) ÷ B(a, b) · [(α + T)^−(r + x) + δ·a ÷ (b + k − 1) · (α + t_x)^−(r + x)], δ = 1 where k > 0.
//!
//! Everything is summed in logarithms. Customers with equal (x, t_x, T) are one group; what depends on x alone is reckoned once
//! for each x, so a group costs two logarithms and an exponential. Gradient and Hessian are exact and come with the value.

use super::lifetime::{
    Estimate, FitRefusal, History, LifetimeSettings, PurchaseFit, PurchaseModel,
    PurchaseParameters, Refused,
};
use super::optimise::{Local, Minimum, NoMinimum, minimise_from, standard_errors};
use super::parallel;
use super::special::{rise, softplus};

mod predict;

pub use predict::{Predictor, expected_counts};

/// Customers with equal histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub history: History,
    pub customers: u32,
}

/// Groups equal histories, in the order x, T, t_x.
pub fn group(histories: impl IntoIterator<Item = History>) -> Vec<Group> {
    let mut sorted: Vec<History> = histories.into_iter().collect();
    sorted.sort_unstable();
    let mut groups: Vec<Group> = Vec::new();
    for history in sorted {
        match groups.last_mut() {
            Some(group) if group.history == history => group.customers += 1,
            _ => groups.push(Group {
                history,
                customers: 1,
            }),
        }
    }
    groups
}

impl PurchaseModel {
    /// k: purchases after which the customer stayed.
    pub(super) const fn stays(self, repeats: u32) -> u32 {
        match self {
            Self::BgNbd => repeats,
            Self::MbgNbd => repeats.saturating_add(1),
        }
    }
}

/// A group, ready to be summed.
struct Row {
    /// r + x is r plus this.
    x: f64,
    /// b + k − 1 is b plus this; negative where nobody can have left yet.
    stayed: f64,
    age: f64,
    recency: f64,
    customers: f64,
}

/// All customers with the same x.
struct Level {
    x: u32,
    k: u32,
    customers: f64,
}

/// The data in the form that the likelihood wants it in.
struct Prepared {
    rows: Vec<Row>,
    levels: Vec<Level>,
    customers: f64,
}

impl Prepared {
    fn of(groups: &[Group], model: PurchaseModel, unit_days: f64) -> Self {
        let mut levels: Vec<Level> = Vec::new();
        let rows: Vec<Row> = groups
            .iter()
            .map(|group| {
                let (x, customers) = (group.history.repeats, f64::from(group.customers));
                let k = model.stays(x);
                match levels.last_mut() {
                    Some(level) if level.x == x => level.customers += customers,
                    _ => levels.push(Level { x, k, customers }),
                }
                Row {
                    x: f64::from(x),
                    stayed: f64::from(k) - 1.0,
                    age: f64::from(group.history.age_days) / unit_days,
                    recency: f64::from(group.history.recency_days) / unit_days,
                    customers,
                }
            })
            .collect();
        let customers = rows.iter().map(|row| row.customers).sum();
        Self {
            rows,
            levels,
            customers,
        }
    }

    /// Log-likelihood with gradient and Hessian at (r, α, a, b).
    fn log_likelihood(&self, at: &[f64; 4]) -> Local<4> {
        let mut sum = Local::ZERO;
        for level in &self.levels {
            sum.add(&of_level(level, at).scaled(level.customers));
        }
        for chunk in parallel::map_chunks(&self.rows, 4_096, |rows| of_rows(rows, at)) {
            sum.add(&chunk);
        }
        sum
    }
}

/// lnΓ(r + x) − lnΓ(r) + r ln α + ln B(a, b + k) − ln B(a, b).
fn of_level(level: &Level, [r, alpha, a, b]: &[f64; 4]) -> Local<4> {
    let rate = rise(*r, level.x);
    let stay = rise(*b, level.k);
    let both = rise(a + b, level.k);
    Local {
        value: rate.value + r * alpha.ln() + stay.value - both.value,
        gradient: [
            rate.first + alpha.ln(),
            r / alpha,
            -both.first,
            stay.first - both.first,
        ],
        hessian: [
            [rate.second, alpha.recip(), 0.0, 0.0],
            [alpha.recip(), -r / (alpha * alpha), 0.0, 0.0],
            [0.0, 0.0, -both.second, -both.second],
            [0.0, 0.0, -both.second, stay.second - both.second],
        ],
    }
}

/// The bracket of the likelihood: ln[(α + T)^−c + δ·a ÷ (b + k − 1) · (α + t_x)^−c] with c = r + x, as −c ln(α + T) + softplus(d).
fn of_rows(rows: &[Row], [r, alpha, a, b]: &[f64; 4]) -> Local<4> {
    let mut sum = Local::ZERO;
    for row in rows {
        let c = r + row.x;
        let (end, last) = (alpha + row.age, alpha + row.recency);
        let (ln_end, by_end) = (end.ln(), end.recip());
        let mut one = Local {
            value: -c * ln_end,
            gradient: [-ln_end, -c * by_end, 0.0, 0.0],
            hessian: [[0.0; 4]; 4],
        };
        one.hessian[0][1] = -by_end;
        one.hessian[1][1] = c * by_end * by_end;
        if row.stayed >= 0.0 {
            let odds = Odds::of(c, last, end, *a, b + row.stayed);
            let (value, share) = softplus(odds.ln);
            one.value += value;
            odds.add_to(&mut one, share);
        }
        one.hessian[1][0] = one.hessian[0][1];
        sum.add(&one.scaled(row.customers));
    }
    sum
}

/// The odds of having left, a ÷ (b + k − 1) · ((α + T) ÷ (α + t_x))^c: their logarithm with its derivatives.
struct Odds {
    ln: f64,
    gradient: [f64; 4],
    /// By r and α, by α twice, by a twice, by b twice; the others are 0.
    curvature: [f64; 4],
}

impl Odds {
    fn of(c: f64, last: f64, end: f64, a: f64, stayed: f64) -> Self {
        // By the gap, not by the quotient: exact however small it is against the rest.
        let ratio = ((end - last) / last).ln_1p();
        let (by_end, by_last) = (end.recip(), last.recip());
        let slope = by_end - by_last;
        Self {
            ln: (a / stayed).ln() + c * ratio,
            gradient: [ratio, c * slope, a.recip(), -stayed.recip()],
            curvature: [
                slope,
                -c * slope * (by_end + by_last),
                -(a * a).recip(),
                (stayed * stayed).recip(),
            ],
        }
    }

    /// Adds the derivatives of softplus(ln odds), whose own derivative is `share`.
    fn add_to(&self, one: &mut Local<4>, share: f64) {
        let spread = share * (1.0 - share);
        for i in 0..4 {
            one.gradient[i] += share * self.gradient[i];
            for j in 0..4 {
                one.hessian[i][j] += spread * self.gradient[i] * self.gradient[j];
            }
        }
        one.hessian[0][1] += share * self.curvature[0];
        for (i, curvature) in self.curvature.iter().enumerate().skip(1) {
            one.hessian[i][i] += share * curvature;
        }
    }
}

/// The log-likelihood of the data at given parameters.
pub fn log_likelihood(groups: &[Group], parameters: &PurchaseParameters) -> f64 {
    let prepared = Prepared::of(groups, parameters.model, parameters.unit_days);
    prepared.log_likelihood(&parameters.as_array()).value
}

impl PurchaseParameters {
    pub(super) const fn as_array(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }
}

/// Logarithms of parameters beyond this (1 to 10 million) are on their way to infinity.
const BOUND: f64 = 16.0;

/// Fits a model by maximum likelihood, or says why it cannot be fitted.
pub fn fit(groups: &[Group], settings: &LifetimeSettings) -> Result<PurchaseFit, Refused> {
    let total = |groups: &mut dyn Iterator<Item = &Group>| -> i64 {
        groups.map(|group| i64::from(group.customers)).sum()
    };
    let customers = total(&mut groups.iter());
    let repeat_buyers = total(&mut groups.iter().filter(|g| g.history.repeats > 0));
    let refused = |reason| Refused {
        reason,
        customers,
        repeat_buyers,
    };
    if let Some(reason) = objection(groups, repeat_buyers, settings) {
        return Err(refused(reason));
    }
    let prepared = Prepared::of(groups, settings.model, settings.time_unit.days());
    let found = search(&prepared).map_err(|why| refused(why.into()))?;
    let hessian = found.local.scaled(prepared.customers).hessian;
    let errors = standard_errors(&hessian).ok_or_else(|| refused(FitRefusal::Undetermined))?;
    let [r, alpha, a, b] = std::array::from_fn(|i| Estimate::of_log(found.at[i].exp(), errors[i]));
    Ok(PurchaseFit {
        model: settings.model,
        time_unit: settings.time_unit,
        r,
        alpha,
        a,
        b,
        log_likelihood: -found.local.value * prepared.customers,
        customers,
        repeat_buyers,
        groups: i64::try_from(groups.len()).unwrap_or(i64::MAX),
        iterations: found.iterations,
    })
}

fn objection(
    groups: &[Group],
    repeat_buyers: i64,
    settings: &LifetimeSettings,
) -> Option<FitRefusal> {
    if groups.is_empty() {
        Some(FitRefusal::NoCustomers)
    } else if groups.iter().any(|group| !group.history.is_possible()) {
        Some(FitRefusal::ImpossibleHistory)
    } else if groups.iter().all(|group| group.history.age_days == 0) {
        Some(FitRefusal::NoTime)
    } else if repeat_buyers < i64::from(settings.min_repeat_buyers) {
        Some(FitRefusal::TooFewRepeatBuyers)
    } else {
        None
    }
}

/// Minimises the mean negative log-likelihood over the logarithms of the parameters, from several starts if need be.
fn search(prepared: &Prepared) -> Result<Minimum<4>, NoMinimum> {
    let age: f64 = prepared.rows.iter().map(|r| r.customers * r.age).sum();
    let scale = (age / prepared.customers).max(f64::MIN_POSITIVE).ln();
    let objective = |logs: &[f64; 4]| {
        let at = logs.map(f64::exp);
        prepared
            .log_likelihood(&at)
            .scaled(-prepared.customers.recip())
            .in_logs(&at)
    };
    let starts = [
        [-0.5, scale - 1.0, 0.0, 1.0],
        [0.0, scale, -1.0, 0.0],
        [1.0, scale + 1.0, 0.0, 2.0],
        [-2.0, scale - 3.0, 1.0, 1.0],
    ];
    // Of the parameters α alone is measured in time.
    let bounds = [BOUND, BOUND + scale.abs(), BOUND, BOUND];
    minimise_from(&starts, &bounds, objective)
}

#[cfg(test)]
mod tests;
