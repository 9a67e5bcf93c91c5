use super::super::fixtures::cdnow;
use super::*;

/// Fader & Hardie 2013: p 6.25, q 3.74, γ 15.44 (dollars), over the 946 customers with a repeat purchase.
const PUBLISHED: SpendParameters = SpendParameters {
    p: 6.25,
    q: 3.74,
    gamma: 15.44,
};

/// In units of `scale` cents.
fn spends(scale: f64) -> Vec<Spend> {
    let spend = |customer: &super::super::clv::Customer| Spend {
        purchases: customer.history.repeats,
        mean: customer.mean_repeat_value / scale,
    };
    cdnow().iter().map(spend).collect()
}

fn close(value: f64, expected: f64, tolerance: f64) {
    assert!(
        (value - expected).abs() <= tolerance,
        "{value} is not {expected} to {tolerance}"
    );
}

#[test]
fn the_published_parameters_are_met() {
    let fit = fit(&spends(100.0), &LifetimeSettings::default()).expect("a fit");
    assert_eq!(fit.customers, 946);
    close(fit.p.value, PUBLISHED.p, 0.005);
    close(fit.q.value, PUBLISHED.q, 0.005);
    close(fit.gamma.value, PUBLISHED.gamma, 0.01);
    // At the published parameters the formula gives −4055.92.
    close(log_likelihood(&spends(100.0), &PUBLISHED), -4_055.92, 0.01);
    close(fit.log_likelihood, -4_055.92, 0.01);
    assert!(fit.log_likelihood >= log_likelihood(&spends(100.0), &PUBLISHED));
}

#[test]
fn the_unit_of_money_changes_gamma_alone() {
    let dollars = fit(&spends(100.0), &LifetimeSettings::default()).expect("a fit");
    let cents = fit(&spends(1.0), &LifetimeSettings::default()).expect("a fit");
    close(cents.p.value, dollars.p.value, 1e-6);
    close(cents.gamma.value / 100.0, dollars.gamma.value, 1e-6);
    close(cents.mean_value / 100.0, dollars.mean_value, 1e-6);
}

#[test]
fn the_expected_amount_lies_between_the_own_mean_and_that_of_all() {
    let of = |purchases, mean| {
        expected_value(&Spend { purchases, mean }, &PUBLISHED).expect("q is above 1")
    };
    let all = PUBLISHED.p * PUBLISHED.gamma / (PUBLISHED.q - 1.0);
    close(of(0, 0.0), all, 1e-12);
    assert!(all < of(1, 100.0) && of(1, 100.0) < of(20, 100.0) && of(20, 100.0) < 100.0);
}

#[test]
fn derivatives_are_those_of_the_value() {
    let prepared = Prepared::of(&spends(100.0), 35.0);
    let at = [4.0, 2.5, 0.8];
    let local = prepared.log_likelihood(&at);
    for i in 0..3 {
        let moved = |by: f64| {
            let mut there = at;
            there[i] += by;
            prepared.log_likelihood(&there)
        };
        let (up, down) = (moved(1e-5), moved(-1e-5));
        let slope = (up.value - down.value) / 2e-5;
        close(local.gradient[i], slope, 1e-4 * slope.abs().max(1.0));
        for j in 0..3 {
            let bend = (up.gradient[j] - down.gradient[j]) / 2e-5;
            close(local.hessian[i][j], bend, 1e-5 * bend.abs().max(1.0));
        }
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let settings = LifetimeSettings::default();
    let reason = |spends: &[Spend]| fit(spends, &settings).expect_err("refused").reason;
    let one = |mean| Spend { purchases: 2, mean };
    assert_eq!(reason(&[one(10.0); 5]), FitRefusal::TooFewRepeatBuyers);
    assert_eq!(
        reason(&[one(f64::NAN); 100]),
        FitRefusal::TooFewRepeatBuyers
    );
    assert_eq!(
        reason(&[one(10.0); 100]),
        FitRefusal::Undetermined,
        "no spread"
    );
}
