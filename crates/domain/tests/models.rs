//! The models on simulated customers: known parameters are found within their stated errors.

#[path = "../examples/segmentation/simulate.rs"]
mod simulate;

use guanxi_domain::segmentation::clv;
use guanxi_domain::segmentation::holdout::{self, Case};
use guanxi_domain::segmentation::lifetime::{
    Estimate, LifetimeSettings, PurchaseModel, TimeUnit, ValueMethod,
};
use guanxi_domain::segmentation::{bgnbd, gamma_gamma};
use simulate::{Market, Simulated};

fn settings(model: PurchaseModel) -> LifetimeSettings {
    LifetimeSettings {
        model,
        time_unit: TimeUnit::Day,
        discount_rate: 0,
        margin_rate: 10_000,
        ..LifetimeSettings::default()
    }
}

/// Within four standard errors on the logarithm: one of 16,000 would miss by chance.
fn assert_found(name: &str, estimate: Estimate, truth: f64) {
    let off = (estimate.value / truth).ln() / (estimate.standard_error / estimate.value);
    assert!(
        off.abs() < 4.0,
        "{name}: {truth} was found as {estimate:?}, {off:.1} errors off"
    );
    // An error so large that it hides everything would pass, too.
    assert!(
        estimate.standard_error < truth / 3.0,
        "{name}: {estimate:?}"
    );
}

fn assert_purchases_found(model: PurchaseModel) {
    let market = Market::new(model);
    let simulated = market.customers(20_000, 11);
    let groups = bgnbd::group(simulated.iter().map(|s| s.customer.history));
    let fit = bgnbd::fit(&groups, &settings(model)).expect("enough buyers");
    let truth = market.purchases;
    assert_found("r", fit.r, truth.r);
    assert_found("alpha", fit.alpha, truth.alpha);
    assert_found("a", fit.a, truth.a);
    assert_found("b", fit.b, truth.b);
}

#[test]
fn bg_nbd_finds_what_it_was_simulated_with() {
    assert_purchases_found(PurchaseModel::BgNbd);
}

#[test]
fn mbg_nbd_finds_what_it_was_simulated_with() {
    assert_purchases_found(PurchaseModel::MbgNbd);
}

#[test]
fn gamma_gamma_finds_what_it_was_simulated_with() {
    let market = Market::new(PurchaseModel::BgNbd);
    let spends: Vec<gamma_gamma::Spend> = market
        .customers(20_000, 12)
        .iter()
        .map(|s| gamma_gamma::Spend {
            purchases: s.customer.history.repeats,
            mean: s.customer.mean_repeat_value,
        })
        .collect();
    let fit = gamma_gamma::fit(&spends, &settings(PurchaseModel::BgNbd)).expect("enough buyers");
    assert_found("p", fit.p, market.spend.p);
    assert_found("q", fit.q, market.spend.q);
    assert_found("gamma", fit.gamma, market.spend.gamma);
    assert!(
        fit.correlation.is_some_and(|r| r.abs() < 0.05),
        "simulated as independent"
    );
}

#[test]
fn what_was_expected_of_the_year_ahead_comes_about() {
    for model in [PurchaseModel::BgNbd, PurchaseModel::MbgNbd] {
        let simulated = Market::new(model).customers(20_000, 13);
        let case = |s: &Simulated| Case {
            before: s.customer.history,
            after: s.ahead,
        };
        let cases: Vec<Case> = simulated.iter().map(case).collect();
        let report = holdout::report(&cases, 365, &settings(model)).expect("enough buyers");
        assert!(
            report.error.is_some_and(|error| error.abs() < 0.05),
            "{model}: {report:?}"
        );
        assert!(
            report.root_mean_square_error < report.plain_root_mean_square_error,
            "{model}"
        );
    }
}

#[test]
fn values_add_up_to_what_is_earned() {
    let market = Market::new(PurchaseModel::BgNbd);
    let simulated = market.customers(20_000, 14);
    let customers: Vec<clv::Customer> = simulated.iter().map(|s| s.customer).collect();
    let settings = settings(PurchaseModel::BgNbd);
    let models = clv::fit(&customers, &settings);
    let forecasts = clv::forecast(&customers, &models, &settings);
    assert!(
        forecasts
            .iter()
            .all(|f| f.method == ValueMethod::Model && f.value.is_finite())
    );
    let expected: f64 = forecasts.iter().map(|f| f.value).sum();
    let mean = market.spend.p * market.spend.gamma / (market.spend.q - 1.0);
    let earned: f64 = simulated.iter().map(|s| mean * f64::from(s.ahead)).sum();
    assert!(
        (expected / earned - 1.0).abs() < 0.06,
        "{expected} for {earned}"
    );
}
