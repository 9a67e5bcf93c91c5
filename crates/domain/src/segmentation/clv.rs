//! Customer lifetime value: the models of purchases and of spending together.
//!
//! Value = margin rate × expected amount × P(active) × Σ_i v^i (E(t_i) − E(t_{i−1})), over the months i of the horizon, with E(t)
//! the purchases expected within t of an active customer and v = (1 + yearly rate)^(−1/12): money of a month counts as of its end
//! (the discrete form of Fader, Hardie & Lee 2005, *RFM and CLV*). The expected amount is that of the model of spending; where it
//! gives none, as of customers whose purchases and returns add up to nothing, it is the customer's own average. Without a model of
//! purchases there is no forecast, and the value is the margin earned so far, labelled as such.

use super::bgnbd::{self, Predictor};
use super::explain::{Explanation, Unit};
use super::gamma_gamma::{self, Spend};
use super::lifetime::{
    Forecast, History, LifetimeSettings, PurchaseFit, Refused, SpendFit, SpendParameters, TimeUnit,
    ValueMethod,
};
use super::numbers::basis;
use super::parallel;

/// What the models look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Customer {
    pub history: History,
    /// Mean amount of a day with a purchase after the first, minor units; not looked at where there is none.
    pub mean_repeat_value: f64,
    /// All that the customer bought, minor units.
    pub total_value: f64,
    /// The margin of all that, minor units, where it is known; otherwise the margin rate of the settings stands in.
    pub total_margin: Option<f64>,
}

impl Customer {
    const fn spend(&self) -> Spend {
        Spend {
            purchases: self.history.repeats,
            mean: self.mean_repeat_value,
        }
    }
}

/// Both models, each fitted or refused with the reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Models {
    pub purchases: Result<PurchaseFit, Refused>,
    pub spend: Result<SpendFit, Refused>,
}

/// Fits both models.
pub fn fit(customers: &[Customer], settings: &LifetimeSettings) -> Models {
    let groups = bgnbd::group(customers.iter().map(|customer| customer.history));
    let spends: Vec<Spend> = customers.iter().map(Customer::spend).collect();
    Models {
        purchases: bgnbd::fit(&groups, settings),
        spend: gamma_gamma::fit(&spends, settings),
    }
}

/// What is expected of an active customer with these repeats and age.
#[derive(Clone, Copy, Debug, PartialEq)]
struct IfActive {
    purchases: f64,
    discounted: f64,
}

/// What is expected of each customer, in the order given.
pub fn forecast(
    customers: &[Customer],
    models: &Models,
    settings: &LifetimeSettings,
) -> Vec<Forecast> {
    let margin = basis(settings.margin_rate);
    let Ok(fit) = &models.purchases else {
        return parallel::map(customers, |customer| historic(customer, margin));
    };
    let predictor = Predictor::new(fit.parameters());
    let spend = models.spend.as_ref().ok().map(SpendFit::parameters);
    let (keys, expected) = expectations(customers, &predictor, settings);
    parallel::map(customers, |customer| {
        let alive = predictor.alive(&customer.history);
        // Every customer's key is among them.
        let place = keys.binary_search(&key(&customer.history)).unwrap_or(0);
        let if_active = expected[place];
        let (method, average) = average_value(customer, spend.as_ref());
        let value_if_active = margin * average * if_active.discounted;
        let value = alive * value_if_active;
        let forecast = Forecast {
            method,
            alive: Some(alive),
            purchases: Some(alive * if_active.purchases),
            average_value: Some(average),
            value,
            value_if_active: Some(value_if_active),
        };
        if value_if_active.is_finite() {
            forecast
        } else {
            historic(customer, margin)
        }
    })
}

fn historic(customer: &Customer, margin: f64) -> Forecast {
    let value = customer
        .total_margin
        .unwrap_or(margin * customer.total_value);
    Forecast {
        method: ValueMethod::Historic,
        alive: None,
        purchases: None,
        average_value: None,
        value: if value.is_finite() { value } else { 0.0 },
        value_if_active: None,
    }
}

/// By the model of spending, or the customer's own mean.
fn average_value(customer: &Customer, spend: Option<&SpendParameters>) -> (ValueMethod, f64) {
    let modelled = spend.and_then(|spend| gamma_gamma::expected_value(&customer.spend(), spend));
    if let Some(value) = modelled {
        return (ValueMethod::Model, value);
    }
    let purchases = f64::from(customer.history.repeats) + 1.0;
    (ValueMethod::OwnAverage, customer.total_value / purchases)
}

/// Repeats and age, in the order of the repeats.
const fn key(history: &History) -> (u32, u32) {
    (history.repeats, history.age_days)
}

/// The expectations depend on (x, T) alone, of which there are few: reckoned once each.
fn expectations(
    customers: &[Customer],
    predictor: &Predictor,
    settings: &LifetimeSettings,
) -> (Vec<(u32, u32)>, Vec<IfActive>) {
    let mut keys: Vec<(u32, u32)> = customers.iter().map(|c| key(&c.history)).collect();
    keys.sort_unstable();
    keys.dedup();
    let months = months(settings);
    let chunks = parallel::map_chunks(&keys, 256, |keys| {
        let mut predictor = predictor.clone();
        let mut within = vec![0.0; months.len()];
        keys.iter()
            .map(|(repeats, age)| {
                predictor.each_purchases(*repeats, *age, &months, &mut within);
                if_active(&within, settings.discount_rate)
            })
            .collect::<Vec<_>>()
    });
    (keys, chunks.into_iter().flatten().collect())
}

/// Days to the end of each month of the horizon.
fn months(settings: &LifetimeSettings) -> Vec<f64> {
    (1..=settings.horizon_months)
        .map(|month| f64::from(month) * TimeUnit::Month.days())
        .collect()
}

fn if_active(within: &[f64], yearly_rate: i32) -> IfActive {
    let monthly = (-basis(yearly_rate).ln_1p() / 12.0).exp();
    let (mut discounted, mut factor, mut before) = (0.0, 1.0, 0.0);
    for purchases in within {
        factor *= monthly;
        discounted += factor * (purchases - before);
        before = *purchases;
    }
    IfActive {
        purchases: before,
        discounted,
    }
}

/// How a customer's value came about.
pub fn explain(
    customer: &Customer,
    forecast: &Forecast,
    models: &Models,
    settings: &LifetimeSettings,
) -> Explanation {
    match &models.purchases {
        Ok(fit) if forecast.method != ValueMethod::Historic => {
            explain_forecast(customer, forecast, fit, settings)
        }
        _ => explain_historic(customer, forecast, settings),
    }
}

fn explain_historic(
    customer: &Customer,
    forecast: &Forecast,
    settings: &LifetimeSettings,
) -> Explanation {
    let value = |formula| {
        Explanation::new(formula).with(
            "V",
            "历史毛利",
            "Margin earned so far",
            forecast.value,
            Unit::Money,
        )
    };
    if let Some(margin) = customer.total_margin {
        return value("V = G").with("G", "累计毛利", "Margin of all sales", margin, Unit::Money);
    }
    value("V = margin × S")
        .with(
            "margin",
            "毛利率",
            "Margin rate",
            basis(settings.margin_rate),
            Unit::Share,
        )
        .with(
            "S",
            "累计销售额",
            "Sales so far",
            customer.total_value,
            Unit::Money,
        )
}

fn explain_forecast(
    customer: &Customer,
    forecast: &Forecast,
    fit: &PurchaseFit,
    settings: &LifetimeSettings,
) -> Explanation {
    let history = &customer.history;
    let mut predictor = Predictor::new(fit.parameters());
    let months = months(settings);
    let mut within = vec![0.0; months.len()];
    predictor.each_purchases(history.repeats, history.age_days, &months, &mut within);
    let if_active = if_active(&within, settings.discount_rate);
    let alive = explain_alive(history, forecast, fit);
    let own = forecast.method == ValueMethod::OwnAverage;
    let formula = [
        "V = margin × E[M] × P × D, N = P × n, ",
        if own { "E[M] = S ÷ (x + 1), " } else { "" },
        &alive.formula,
    ];
    let or_none = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let found = Explanation::new(formula.concat())
        .with(
            "V",
            "预期价值",
            "Expected value",
            forecast.value,
            Unit::Money,
        )
        .with(
            "margin",
            "毛利率",
            "Margin rate",
            basis(settings.margin_rate),
            Unit::Share,
        )
        .with(
            "E[M]",
            "预期每次金额",
            "Expected amount of a purchase",
            or_none(forecast.average_value),
            Unit::Money,
        )
        .with(
            "D",
            "活跃时各月预期购买次数的折现和",
            "Purchases if active, those of each month discounted",
            if_active.discounted,
            Unit::Count,
        )
        .with(
            "N",
            "预期购买次数",
            "Expected purchases",
            or_none(forecast.purchases),
            Unit::Count,
        )
        .with(
            "n",
            "活跃时预期购买次数",
            "Purchases if active",
            if_active.purchases,
            Unit::Count,
        )
        .with(
            "months",
            "预测月数",
            "Months ahead",
            f64::from(settings.horizon_months),
            Unit::Number,
        )
        .with(
            "rate",
            "年折现率",
            "Yearly discount rate",
            basis(settings.discount_rate),
            Unit::Share,
        );
    let found = if own {
        found.with(
            "S",
            "累计销售额",
            "Sales so far",
            customer.total_value,
            Unit::Money,
        )
    } else {
        found
    };
    found.and(alive)
}

/// How probable it is that a customer is active, and why.
pub fn explain_alive(history: &History, forecast: &Forecast, fit: &PurchaseFit) -> Explanation {
    let parameters = fit.parameters();
    let stays = fit.model.stays(history.repeats);
    // Before the first chance to leave all are active.
    let found = Explanation::new(match stays {
        0 => "P = 1",
        _ => "P = 1 ÷ (1 + a ÷ (b + k − 1) · ((α + T) ÷ (α + t_x))^(r + x))",
    })
    .with(
        "P",
        "活跃概率",
        "Probability of being active",
        forecast.alive.unwrap_or(f64::NAN),
        Unit::Share,
    )
    .with(
        "x",
        "重复购买天数",
        "Repeat purchases",
        f64::from(history.repeats),
        Unit::Count,
    );
    if stays == 0 {
        return found;
    }
    let periods = |days: u32| f64::from(days) / parameters.unit_days;
    found
        .with(
            "t_x",
            "首末次购买间隔",
            "From first to last purchase",
            periods(history.recency_days),
            Unit::Periods,
        )
        .with(
            "T",
            "观察时长",
            "From first purchase to today",
            periods(history.age_days),
            Unit::Periods,
        )
        .with(
            "k",
            "购买后仍留存的次数",
            "Purchases after which they stayed",
            f64::from(stays),
            Unit::Count,
        )
        .with("r", "模型参数", "Parameter", parameters.r, Unit::Number)
        .with(
            "α",
            "模型参数",
            "Parameter",
            parameters.alpha,
            Unit::Periods,
        )
        .with("a", "模型参数", "Parameter", parameters.a, Unit::Number)
        .with("b", "模型参数", "Parameter", parameters.b, Unit::Number)
}

#[cfg(test)]
mod tests;
