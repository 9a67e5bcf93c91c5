use super::super::fixtures::cdnow;
use super::super::lifetime::FitRefusal;
use super::*;

#[test]
fn a_forecast_is_the_product_of_its_parts() {
    let customers = cdnow();
    let settings = LifetimeSettings {
        discount_rate: 0,
        margin_rate: 10_000,
        ..LifetimeSettings::default()
    };
    let models = fit(&customers, &settings);
    for forecast in forecast(&customers, &models, &settings) {
        let parts = forecast.purchases.zip(forecast.average_value);
        let product = parts.map(|(purchases, average)| purchases * average);
        assert!(
            product.is_some_and(|p| (p - forecast.value).abs() < 1e-9 * p),
            "{forecast:?}"
        );
        assert_eq!(forecast.method, ValueMethod::Model);
    }
}

#[test]
fn later_money_is_worth_less() {
    let customers = cdnow();
    let value = |discount_rate| {
        let settings = LifetimeSettings {
            discount_rate,
            ..LifetimeSettings::default()
        };
        let models = fit(&customers, &settings);
        let forecasts = forecast(&customers, &models, &settings);
        forecasts.iter().map(|f| f.value).sum::<f64>()
    };
    let (plain, discounted) = (value(0), value(1_000));
    assert!(
        discounted < plain && discounted > plain / 1.1,
        "{discounted} {plain}"
    );
}

#[test]
fn a_month_is_discounted_once() {
    let found = if_active(&[2.0, 3.0], 1_000);
    let monthly = 1.1_f64.powf(-1.0 / 12.0);
    assert!((found.discounted - (2.0 * monthly + monthly * monthly)).abs() < 1e-14);
    assert!((found.purchases - 3.0).abs() < 1e-15);
}

#[test]
fn without_a_model_the_value_is_what_was_earned_and_says_so() {
    let customers: Vec<Customer> = cdnow().into_iter().rev().take(20).collect();
    let settings = LifetimeSettings::default();
    let models = fit(&customers, &settings);
    assert_eq!(
        models.purchases.map_err(|refused| refused.reason),
        Err(FitRefusal::TooFewRepeatBuyers)
    );
    for (customer, forecast) in customers
        .iter()
        .zip(forecast(&customers, &models, &settings))
    {
        assert_eq!(
            (forecast.method, forecast.alive),
            (ValueMethod::Historic, None)
        );
        assert!((forecast.value - 0.3 * customer.total_value).abs() < 1e-9);
        let explanation = explain(customer, &forecast, &models, &settings);
        assert_eq!(explanation.value("S"), Some(customer.total_value));
    }
}

#[test]
fn an_explanation_holds_what_the_formula_needs() {
    let customers = cdnow();
    let settings = LifetimeSettings::default();
    let models = fit(&customers, &settings);
    let forecasts = forecast(&customers, &models, &settings);
    let (customer, forecast) = (
        &customers[customers.len() - 1],
        &forecasts[forecasts.len() - 1],
    );
    let explanation = explain(customer, forecast, &models, &settings);
    let value = |symbol| explanation.value(symbol).expect(symbol);
    let odds = value("a") / (value("b") + value("k") - 1.0)
        * ((value("α") + value("T")) / (value("α") + value("t_x"))).powf(value("r") + value("x"));
    assert!((value("P") - 1.0 / (1.0 + odds)).abs() < 1e-12);
}
