use super::super::fixtures::cdnow;
use super::super::formula::assert_holds;
use super::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Gamma};

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

#[test]
fn who_returned_more_than_they_bought_is_not_valued_like_everybody() {
    let of = |purchases, mean| expected_value(&Spend { purchases, mean }, &PUBLISHED);
    assert_eq!(of(3, -20.0), None);
    assert_eq!(of(3, 0.0), None);
    assert!(
        of(0, 0.0).is_some(),
        "of who bought once nothing else is known"
    );
}

#[test]
fn a_mean_that_the_data_does_not_determine_is_refused() {
    // q = 1.15: the mean is finite, but of 60 customers nobody can tell.
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let scales = Gamma::new(1.15, 1.0).expect("positive");
    let spends: Vec<Spend> = (0..60_u32)
        .map(|n| {
            let scale: f64 = scales.sample(&mut random);
            let amounts = Gamma::new(5.0, scale.recip()).expect("positive");
            let purchases = 2 + n % 5;
            let total: f64 = (0..purchases).map(|_| amounts.sample(&mut random)).sum();
            Spend {
                purchases,
                mean: total / f64::from(purchases),
            }
        })
        .collect();
    let refused = fit(&spends, &LifetimeSettings::default()).expect_err("refused");
    assert_eq!(refused.reason, FitRefusal::NoFiniteMean);
}

#[test]
fn every_expected_amount_follows_from_its_terms() {
    for spend in spends(100.0) {
        let found = explain(&spend, &PUBLISHED).expect("positive amounts");
        assert_holds(&found);
        assert_eq!(found.value("m").is_some(), spend.purchases > 0);
    }
    let loss = Spend {
        purchases: 3,
        mean: -20.0,
    };
    assert_eq!(explain(&loss, &PUBLISHED), None);
}
