use super::super::fixtures::cdnow;
use super::super::formula::assert_holds;
use super::super::lifetime::{FitRefusal, PurchaseModel};
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
fn every_value_follows_from_its_terms() {
    let mut customers = cdnow();
    let loss = customers.iter().position(|c| c.history.repeats > 0);
    let loss = loss.expect("946 who bought again");
    customers[loss].mean_repeat_value = -500.0;
    for model in [PurchaseModel::BgNbd, PurchaseModel::MbgNbd] {
        let settings = LifetimeSettings {
            model,
            ..LifetimeSettings::default()
        };
        let models = fit(&customers, &settings);
        let forecasts = forecast(&customers, &models, &settings);
        assert_eq!(forecasts[loss].method, ValueMethod::OwnAverage);
        for (customer, forecast) in customers.iter().zip(&forecasts) {
            assert_holds(&explain(customer, forecast, &models, &settings));
        }
    }
}

#[test]
fn a_loss_maker_is_valued_by_the_own_average() {
    let mut customers = cdnow();
    let last = customers.len() - 1;
    customers[last].mean_repeat_value = -500.0;
    customers[last].total_value = -2_000.0;
    let settings = LifetimeSettings::default();
    let models = fit(&customers, &settings);
    let found = forecast(&customers, &models, &settings)[last];
    let purchases = f64::from(customers[last].history.repeats) + 1.0;
    assert_eq!(found.method, ValueMethod::OwnAverage);
    assert_eq!(found.average_value, Some(-2_000.0 / purchases));
    assert!(found.value < 0.0);
}

#[test]
fn the_margin_earned_is_the_real_one_where_it_is_known() {
    let mut customers: Vec<Customer> = cdnow().into_iter().rev().take(5).collect();
    customers[0].total_margin = Some(-1_234.0);
    let settings = LifetimeSettings::default();
    let models = fit(&customers, &settings);
    let forecasts = forecast(&customers, &models, &settings);
    assert!((forecasts[0].value + 1_234.0).abs() < 1e-9);
    let earned = 0.3 * customers[1].total_value;
    assert!((forecasts[1].value - earned).abs() < 1e-9);
    for (customer, forecast) in customers.iter().zip(&forecasts) {
        assert_holds(&explain(customer, forecast, &models, &settings));
    }
}

#[test]
fn who_is_surely_gone_still_has_a_value_if_active() {
    let mut customers = cdnow();
    // P(active) is 0 to the last digit.
    let gone = Customer {
        history: History {
            repeats: 1_000,
            recency_days: 1_000,
            age_days: 3_000,
        },
        mean_repeat_value: 5_000.0,
        total_value: 5_000_000.0,
        total_margin: None,
    };
    customers.push(gone);
    let settings = LifetimeSettings::default();
    let models = fit(&customers[..customers.len() - 1], &settings);
    let forecasts = forecast(&customers, &models, &settings);
    let last = forecasts[forecasts.len() - 1];
    assert_eq!((last.alive, last.value), (Some(0.0), 0.0));
    assert!(last.value_if_active.is_some_and(|value| value > 100_000.0));
    for forecast in &forecasts {
        let product = forecast.alive.zip(forecast.value_if_active);
        let product = product.map_or(f64::NAN, |(alive, value)| alive * value);
        assert!((product - forecast.value).abs() <= 1e-12 * forecast.value);
    }
}
