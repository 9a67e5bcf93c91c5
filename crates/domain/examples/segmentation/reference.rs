//! Random and generated data with the results for them, as JSON.

use guanxi_domain::Money;
use guanxi_domain::segmentation::bgnbd::{self, Predictor};
use guanxi_domain::segmentation::gamma_gamma::{self, Spend};
use guanxi_domain::segmentation::kmeans::{self, KMeansSettings, Scale, Table, Transform};
use guanxi_domain::segmentation::lifetime::{
    Estimate, History, LifetimeSettings, PurchaseModel, TimeUnit,
};
use guanxi_domain::segmentation::rfm::{self, Activity, RfmSettings};
use guanxi_domain::segmentation::rules::{self, RuleSettings};
use guanxi_domain::value;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::simulate::Market;

pub fn results() -> Value {
    let numbers = [1, 2, 5, 6, 7, 101, 1_000, 4_999];
    let markets = [(40, 6, 100_000), (500, 12, 30_000), (2_000, 25, 20_000)];
    let clouds = [(60, 2, 3), (500, 3, 5), (2_000, 4, 8)];
    let models = [PurchaseModel::BgNbd, PurchaseModel::MbgNbd];
    json!({
        "rfm": numbers.map(rfm_and_abc).to_vec(),
        "rules": markets.map(|(n, items, support)| rules(n, items, support)).to_vec(),
        "kmeans": clouds.map(|(n, width, k)| kmeans(n, width, k)).to_vec(),
        "purchases": models.map(purchases).to_vec(),
        "spend": spend(),
    })
}

/// Few different values, so that many tie; amounts of both signs and of very different size.
fn rfm_and_abc(number: usize) -> Value {
    let mut random = ChaCha8Rng::seed_from_u64(number as u64);
    let customers: Vec<Activity> = (0..number)
        .map(|_| {
            let size = random.random_range(0..6);
            Activity {
                recency_days: random.random_range(0..400),
                frequency: random.random_range(1..4) * random.random_range(1..3),
                monetary: Money(random.random_range(-50..=10_i64.pow(size) * 100)),
            }
        })
        .collect();
    let rfm = rfm::score(&customers, &RfmSettings::default());
    let placed = value::rank(
        customers.iter().map(|c| c.monetary).enumerate(),
        7_500,
        9_500,
    );
    let summary = value::summarise(&placed).expect("small amounts");
    let mut classes = vec![""; number];
    for place in &placed {
        classes[place.key] = place.class.as_str();
    }
    json!({
        "recency": customers.iter().map(|c| c.recency_days).collect::<Vec<_>>(),
        "frequency": customers.iter().map(|c| c.frequency).collect::<Vec<_>>(),
        "monetary": customers.iter().map(|c| c.monetary.0).collect::<Vec<_>>(),
        "scores": rfm.scores.iter().map(|s| [s.recency, s.frequency, s.monetary]).collect::<Vec<_>>(),
        "classes": classes,
        "gini": summary.gini,
    })
}

fn rules(number: usize, items: u32, min_support: i32) -> Value {
    let mut random = ChaCha8Rng::seed_from_u64(number as u64);
    let baskets: Vec<Vec<u32>> = (0..number)
        .map(|_| {
            let taste = random.random_range(0..3);
            let chance = |item: u32| {
                if item % 3 == taste {
                    0.4
                } else {
                    1.0 / f64::from(item + 2)
                }
            };
            (0..items)
                .filter(|item| random.random_bool(chance(*item)))
                .collect()
        })
        .collect();
    let settings = RuleSettings {
        min_support,
        min_confidence: 300_000,
        min_lift: 0,
        max_items: 5,
        max_consequent: 4,
        ..RuleSettings::default()
    };
    let found = rules::associate(&baskets, &settings).expect("not too many sets");
    json!({
        "baskets": baskets,
        "items": items,
        "min_baskets": found.min_baskets,
        "sets": found.sets.iter().map(|s| (&s.items, s.baskets)).collect::<Vec<_>>(),
        "rules": found.rules,
    })
}

fn kmeans(number: usize, width: usize, clusters: i32) -> Value {
    let mut random = ChaCha8Rng::seed_from_u64(number as u64);
    let values: Vec<f64> = (0..number)
        .flat_map(|_| {
            let cloud = f64::from(random.random_range(0..clusters));
            let row =
                |column: u32| cloud * (1.0 + f64::from(column)) + random.random::<f64>() * 3.0;
            (0..u32::try_from(width).expect("few"))
                .map(row)
                .collect::<Vec<_>>()
        })
        .collect();
    let table = Table::new(values.clone(), width).expect("whole rows");
    let scaled = Scale::of(&table).apply(&table);
    let start: Vec<f64> = (0..clusters)
        .flat_map(|k| scaled.row(usize::try_from(k).expect("few") * 7).to_vec())
        .collect();
    let settings = KMeansSettings {
        transform: Transform::Plain,
        clusters: Some(clusters),
        silhouette_sample: 20_000,
        ..KMeansSettings::default()
    };
    let found = kmeans::lloyd(
        &scaled,
        Table::new(start.clone(), width).expect("whole rows"),
        300,
    );
    let best = kmeans::partition(&scaled, clusters, &settings).expect("different rows");
    json!({
        "values": values,
        "width": width,
        "clusters": clusters,
        "scaled": (0..number).map(|row| scaled.row(row)).collect::<Vec<_>>(),
        "start": start,
        "labels": found.labels,
        "inertia": found.inertia,
        "silhouette": kmeans::silhouette(&scaled, &found.labels, &settings),
        "best_inertia": best.inertia,
    })
}

fn estimates(estimates: &[Estimate]) -> Value {
    json!({
        "values": estimates.iter().map(|e| e.value).collect::<Vec<_>>(),
        "errors": estimates.iter().map(|e| e.standard_error).collect::<Vec<_>>(),
    })
}

fn purchases(model: PurchaseModel) -> Value {
    let simulated = Market::new(model).customers(3_000, 3);
    let groups = bgnbd::group(simulated.iter().map(|s| s.customer.history));
    let settings = LifetimeSettings {
        model,
        time_unit: TimeUnit::Week,
        ..LifetimeSettings::default()
    };
    let fit = bgnbd::fit(&groups, &settings).expect("enough buyers");
    let mut predictor = Predictor::new(fit.parameters());
    let told =
        |history: &History| [7.0, 91.0, 730.0].map(|days| predictor.purchases(history, days));
    let histories: Vec<History> = simulated
        .iter()
        .take(300)
        .map(|s| s.customer.history)
        .collect();
    let expected: Vec<[f64; 3]> = histories.iter().map(told).collect();
    json!({
        "model": model,
        "groups": groups.iter().map(|g| (g.history.repeats, g.history.recency_days, g.history.age_days, g.customers)).collect::<Vec<_>>(),
        "fit": estimates(&[fit.r, fit.alpha, fit.a, fit.b]),
        "log_likelihood": fit.log_likelihood,
        "histories": histories.iter().map(|h| (h.repeats, h.recency_days, h.age_days)).collect::<Vec<_>>(),
        "alive": histories.iter().map(|h| predictor.alive(h)).collect::<Vec<_>>(),
        "days": [7, 91, 730],
        "expected": expected,
    })
}

fn spend() -> Value {
    let simulated = Market::new(PurchaseModel::BgNbd).customers(3_000, 4);
    let spends: Vec<Spend> = simulated
        .iter()
        .map(|s| Spend {
            purchases: s.customer.history.repeats,
            mean: s.customer.mean_repeat_value,
        })
        .filter(|spend| spend.purchases > 0)
        .collect();
    let fit = gamma_gamma::fit(&spends, &LifetimeSettings::default()).expect("enough buyers");
    json!({
        "spends": spends.iter().map(|s| (s.purchases, s.mean)).collect::<Vec<_>>(),
        "fit": estimates(&[fit.p, fit.q, fit.gamma]),
        "log_likelihood": fit.log_likelihood,
    })
}
