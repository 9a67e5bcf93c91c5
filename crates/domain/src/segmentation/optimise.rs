//! Newton's method with damping, for likelihoods of three or four parameters.
//!
//! Own code, because argmin 0.11 does not fit: its trust region method ends only when the iterations run out (there is no test
//! of the gradient), and it asks for value, gradient and Hessian one after the other, where one pass over a million customers
//! gives all three.

use super::lifetime::FitRefusal;

/// A function's value, gradient and Hessian at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Local<const N: usize> {
    pub value: f64,
    pub gradient: [f64; N],
    pub hessian: [[f64; N]; N],
}

impl<const N: usize> Local<N> {
    pub(super) const ZERO: Self = Self {
        value: 0.0,
        gradient: [0.0; N],
        hessian: [[0.0; N]; N],
    };

    pub(super) fn add(&mut self, other: &Self) {
        self.value += other.value;
        for i in 0..N {
            self.gradient[i] += other.gradient[i];
            for j in 0..N {
                self.hessian[i][j] += other.hessian[i][j];
            }
        }
    }

    /// The same times a factor.
    pub(super) fn scaled(mut self, factor: f64) -> Self {
        self.value *= factor;
        self.gradient = self.gradient.map(|g| g * factor);
        self.hessian = self.hessian.map(|row| row.map(|h| h * factor));
        self
    }

    /// As a function of the logarithms of its (positive) parameters.
    pub(super) fn in_logs(mut self, at: &[f64; N]) -> Self {
        for (i, scale) in at.iter().enumerate() {
            self.gradient[i] *= scale;
            for (curvature, other) in self.hessian[i].iter_mut().zip(at) {
                *curvature *= scale * other;
            }
            self.hessian[i][i] += self.gradient[i];
        }
        self
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|g| g.is_finite())
            && self.hessian.iter().flatten().all(|h| h.is_finite())
    }

    fn slope(&self) -> f64 {
        self.gradient.iter().fold(0.0, |max, g| g.abs().max(max))
    }
}

/// A minimum: the gradient vanishes, the Hessian is positive definite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Minimum<const N: usize> {
    pub at: [f64; N],
    pub local: Local<N>,
    pub iterations: i32,
}

/// Why there is no minimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoMinimum {
    /// A coordinate left its bounds: the function falls towards infinity.
    Unbounded,
    NotConverged,
}

impl From<NoMinimum> for FitRefusal {
    fn from(why: NoMinimum) -> Self {
        match why {
            NoMinimum::Unbounded => Self::Undetermined,
            NoMinimum::NotConverged => Self::NotConverged,
        }
    }
}

/// The gradient of a mean log-likelihood is zero to rounding below this.
const FLAT: f64 = 1e-10;
/// A Newton step below this moves a parameter by less than its digits that anybody reads, however steep the function is around.
const SETTLED: f64 = 1e-8;
/// A standard error of a logarithm from here on (a factor of e⁹⁸ to either end of the interval) says that the data determines nothing.
const MOST_ERROR: f64 = 50.0;
/// Longest step of a coordinate: e¹·⁵ is a factor of 4.5.
const LONGEST: f64 = 1.5;

/// Iterations from a start; a good one needs ten to twenty.
const MOST: i32 = 150;

/// Minimises `f` from the first of the starts that leads to a minimum.
pub(super) fn minimise_from<const N: usize>(
    starts: &[[f64; N]],
    bounds: &[f64; N],
    f: impl Fn(&[f64; N]) -> Local<N>,
) -> Result<Minimum<N>, NoMinimum> {
    let mut result = Err(NoMinimum::NotConverged);
    for start in starts {
        match minimise(*start, bounds, MOST, &f) {
            Ok(found) => return Ok(found),
            // That it runs to infinity says more than that it took too long.
            Err(NoMinimum::Unbounded) => result = Err(NoMinimum::Unbounded),
            Err(NoMinimum::NotConverged) => {}
        }
    }
    result
}

/// Minimises `f` from `start`, with each coordinate within ± its bound.
///
/// Each step solves (H + λI) s = −g, with λ as small as makes the matrix positive definite and the value fall
/// (Levenberg–Marquardt damping).
fn minimise<const N: usize>(
    start: [f64; N],
    bounds: &[f64; N],
    most: i32,
    f: impl Fn(&[f64; N]) -> Local<N>,
) -> Result<Minimum<N>, NoMinimum> {
    let mut at = start;
    let mut local = f(&at);
    let mut damping = 0.0;
    for iterations in 0..most {
        if !local.is_finite() {
            return Err(NoMinimum::NotConverged);
        }
        if beyond(&at, bounds, 1.0) {
            return Err(NoMinimum::Unbounded);
        }
        if settled(&local) {
            return Ok(Minimum {
                at,
                local,
                iterations,
            });
        }
        let step = step(&local, &mut damping);
        let next: [f64; N] = std::array::from_fn(|i| at[i] + step[i]);
        let there = f(&next);
        // At the minimum the value is level to rounding, while the gradient still falls.
        let level = 1e-13 * local.value.abs();
        let better = there.value < local.value - level
            || (there.value <= local.value + level && there.slope() < local.slope());
        if there.is_finite() && better {
            (at, local) = (next, there);
            damping = if damping < 1e-6 { 0.0 } else { damping / 10.0 };
        } else {
            damping = (damping * 8.0).max(1e-4 * trace(&local.hessian).max(1e-8));
        }
    }
    // What creeps on far out, ever slower, is on its way to infinity as well.
    if beyond(&at, bounds, 0.5) {
        return Err(NoMinimum::Unbounded);
    }
    Err(NoMinimum::NotConverged)
}

/// Whether a coordinate lies beyond this part of its bound.
fn beyond<const N: usize>(at: &[f64; N], bounds: &[f64; N], part: f64) -> bool {
    at.iter()
        .zip(bounds)
        .any(|(x, bound)| x.abs() > bound * part)
}

/// Whether this is a minimum: curved upwards, and level or with nothing left to go.
fn settled<const N: usize>(local: &Local<N>) -> bool {
    cholesky(&local.hessian).is_some_and(|lower| {
        let step = solve(&lower, &local.gradient);
        local.slope() < FLAT || step.iter().all(|s| s.abs() < SETTLED)
    })
}

/// A descent step; raises the damping as far as needed.
fn step<const N: usize>(local: &Local<N>, damping: &mut f64) -> [f64; N] {
    loop {
        let mut damped = local.hessian;
        for (i, row) in damped.iter_mut().enumerate() {
            row[i] += *damping;
        }
        if let Some(lower) = cholesky(&damped) {
            let step = solve(&lower, &local.gradient.map(|g| -g));
            let longest = step.iter().fold(0.0_f64, |max, s| s.abs().max(max));
            let factor = if longest > LONGEST {
                LONGEST / longest
            } else {
                1.0
            };
            return step.map(|s| s * factor);
        }
        *damping = (*damping * 4.0).max(1e-3 * trace(&local.hessian).max(1e-8));
    }
}

/// Mean size of the diagonal.
fn trace<const N: usize>(matrix: &[[f64; N]; N]) -> f64 {
    (0..N).map(|i| matrix[i][i].abs()).sum::<f64>() / super::numbers::count(N)
}

/// The lower triangle L with L·Lᵀ the matrix; `None` unless it is positive definite beyond rounding.
fn cholesky<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut lower = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - dot;
            if i == j {
                if rest.is_nan() || rest <= 1e-14 * matrix[i][i].abs() {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    Some(lower)
}

/// Solves L·Lᵀ x = v.
fn solve<const N: usize>(lower: &[[f64; N]; N], v: &[f64; N]) -> [f64; N] {
    let mut x = *v;
    for i in 0..N {
        let dot: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
        x[i] = (x[i] - dot) / lower[i][i];
    }
    for i in (0..N).rev() {
        let dot: f64 = (i + 1..N).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - dot) / lower[i][i];
    }
    x
}

/// Square roots of the diagonal of the inverse: standard errors of logarithms, of the Hessian of a negative log-likelihood. `None`
/// where the data does not determine them.
pub(super) fn standard_errors<const N: usize>(hessian: &[[f64; N]; N]) -> Option<[f64; N]> {
    let lower = cholesky(hessian)?;
    let errors: [f64; N] = std::array::from_fn(|i| {
        let unit = std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 });
        solve(&lower, &unit)[i].sqrt()
    });
    errors
        .iter()
        .all(|error| *error < MOST_ERROR)
        .then_some(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's function.
    fn rosenbrock(p: &[f64; 2]) -> Local<2> {
        let [x, y] = *p;
        Local {
            value: (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2),
            gradient: [
                -2.0 * (1.0 - x) - 400.0 * x * (y - x * x),
                200.0 * (y - x * x),
            ],
            hessian: [
                [2.0 - 400.0 * (y - 3.0 * x * x), -400.0 * x],
                [-400.0 * x, 200.0],
            ],
        }
    }

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        for start in [[-1.2, 1.0], [3.0, -4.0], [0.0, 0.0]] {
            let found = minimise(start, &[100.0; 2], 200, rosenbrock).expect("a minimum");
            assert!(found.at.iter().all(|x| (x - 1.0).abs() < 1e-8), "{found:?}");
        }
    }

    #[test]
    fn what_falls_for_ever_is_said_to() {
        let falls = |p: &[f64; 1]| Local {
            value: -p[0],
            gradient: [-1.0],
            hessian: [[0.0]],
        };
        assert_eq!(
            minimise([0.0], &[10.0], 500, falls),
            Err(NoMinimum::Unbounded)
        );
        assert_eq!(
            minimise([0.0], &[10.0], 1, falls),
            Err(NoMinimum::NotConverged)
        );
    }

    #[test]
    fn a_step_below_rounding_is_the_end() {
        // Beside 22/7 the gradient is never as flat as a mean of a million terms has to be.
        let steep = |p: &[f64; 1]| Local {
            value: 1e7 * (p[0] - 22.0 / 7.0).powi(2),
            gradient: [2e7 * (p[0] - 22.0 / 7.0) + 1e-8],
            hessian: [[2e7]],
        };
        assert!(minimise([0.0], &[10.0], 100, steep).is_ok());
    }

    #[test]
    fn errors_are_roots_of_the_inverse() {
        let errors = standard_errors(&[[4.0, 2.0], [2.0, 3.0]]).expect("definite");
        assert!((errors[0] - (3.0_f64 / 8.0).sqrt()).abs() < 1e-15);
        assert!((errors[1] - (4.0_f64 / 8.0).sqrt()).abs() < 1e-15);
        assert_eq!(standard_errors(&[[1.0, 1.0], [1.0, 1.0]]), None);
        assert_eq!(standard_errors(&[[1.0, 0.0], [0.0, 3e-4]]), None, "57.7");
    }
}
