//! Special functions that the crates lack, or lack in the form that the models need.
//!
//! lnΓ and ψ are those of statrs. ψ′ it does not have; and the likelihoods need differences such as lnΓ(z + n) − lnΓ(z), which
//! lose all digits when two large values are subtracted.

use statrs::function::gamma::{digamma, ln_gamma};

/// Up to here differences are summed term by term.
const TERMS: u32 = 64;

/// A function's difference between z + n and z, with those of its first two derivatives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rise {
    /// lnΓ(z + n) − lnΓ(z)
    pub value: f64,
    /// ψ(z + n) − ψ(z)
    pub first: f64,
    /// ψ′(z + n) − ψ′(z)
    pub second: f64,
}

/// The rise of lnΓ from `z` > 0 by a whole number.
pub(super) fn rise(z: f64, n: u32) -> Rise {
    let end = z + f64::from(n);
    if n > TERMS {
        return Rise {
            value: ln_gamma(end) - ln_gamma(z),
            first: digamma(end) - digamma(z),
            second: trigamma(end) - trigamma(z),
        };
    }
    let mut rise = Rise::default();
    for step in 0..n {
        let at = z + f64::from(step);
        rise.value += at.ln();
        rise.first += at.recip();
        rise.second -= (at * at).recip();
    }
    rise
}

/// ψ′, the second derivative of lnΓ, for z > 0: recurrence up to 16, then the asymptotic series (Abramowitz & Stegun 6.4.12).
pub(super) fn trigamma(z: f64) -> f64 {
    let (mut z, mut sum) = (z, 0.0);
    while z < 16.0 {
        sum += (z * z).recip();
        z += 1.0;
    }
    let y = (z * z).recip();
    // Bernoulli numbers 1/6, −1/30, 1/42, −1/30, 5/66.
    let series =
        y * (1.0 / 6.0 - y * (1.0 / 30.0 - y * (1.0 / 42.0 - y * (1.0 / 30.0 - y * (5.0 / 66.0)))));
    sum + z.recip() * (1.0 + series) + 0.5 * y
}

/// ln(1 + eᵈ) without overflow, and its derivative 1 ÷ (1 + e⁻ᵈ).
pub(super) fn softplus(d: f64) -> (f64, f64) {
    let small = (-d.abs()).exp();
    let share = small / (1.0 + small);
    if d > 0.0 {
        (d + small.ln_1p(), 1.0 - share)
    } else {
        (small.ln_1p(), share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        assert!(
            (value - expected).abs() <= relative * expected.abs(),
            "{value} is not {expected}"
        );
    }

    #[test]
    fn trigamma_at_known_points() {
        let pi2 = std::f64::consts::PI.powi(2);
        close(trigamma(1.0), pi2 / 6.0, 1e-15);
        close(trigamma(0.5), pi2 / 2.0, 1e-15);
        // Abramowitz & Stegun, table 6.1: ψ′(1.5) = 0.9348022005.
        close(trigamma(1.5), pi2 / 2.0 - 4.0, 1e-14);
        close(trigamma(1e8), 1e-8 + 0.5e-16, 1e-15);
        close(trigamma(1e-8), 1e16 + pi2 / 6.0, 1e-15);
    }

    #[test]
    fn both_ways_to_a_difference_agree() {
        for z in [1e-3, 0.243, 1.0, 17.5, 900.0] {
            let (summed, next) = (rise(z, TERMS), rise(z, TERMS + 1));
            let at = z + f64::from(TERMS);
            close(next.value, summed.value + at.ln(), 1e-12);
            close(next.first, summed.first + at.recip(), 1e-12);
            close(next.second, summed.second - at.powi(-2), 1e-11);
        }
    }

    #[test]
    fn small_differences_of_large_values_keep_their_digits() {
        close(rise(1e12, 1).value, 1e12_f64.ln(), 1e-15);
        close(rise(1e12, 1).first, 1e-12, 1e-15);
    }

    #[test]
    fn softplus_overflows_nowhere() {
        assert_eq!(softplus(1e300), (1e300, 1.0));
        assert_eq!(softplus(-1e300), (0.0, 0.0));
        close(softplus(0.0).0, std::f64::consts::LN_2, 1e-15);
        close(softplus(-40.0).1, (-40.0_f64).exp(), 1e-15);
    }
}
