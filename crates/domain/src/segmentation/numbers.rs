//! Numbers on their way into and out of floating point.

/// A count or an amount in minor units as a real number; exact up to 2⁵³.
#[allow(
    clippy::cast_precision_loss,
    reason = "counts and amounts beyond 2^53 are rounded to 16 digits"
)]
pub(super) const fn real(n: i64) -> f64 {
    n as f64
}

/// How many, as a real number.
#[allow(
    clippy::cast_precision_loss,
    reason = "no machine holds 2^53 customers"
)]
pub(super) const fn count(n: usize) -> f64 {
    n as f64
}

/// `part / whole`; `None` where the quotient is no number.
pub(super) fn quotient(part: f64, whole: f64) -> Option<f64> {
    let quotient = part / whole;
    quotient.is_finite().then_some(quotient)
}

/// Ten-thousandths as a share.
pub(super) fn basis(points: i32) -> f64 {
    f64::from(points) / 10_000.0
}
