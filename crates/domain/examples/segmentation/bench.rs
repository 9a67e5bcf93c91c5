//! How long everything takes for many customers, against one sequential read of their figures from memory.

use std::hint::black_box;
use std::time::{Duration, Instant};

use guanxi_domain::Money;
use guanxi_domain::segmentation::clv::{self, Customer};
use guanxi_domain::segmentation::kmeans::{self, KMeansSettings, Table};
use guanxi_domain::segmentation::lifecycle::{self, Course, LifecycleSettings};
use guanxi_domain::segmentation::lifetime::{LifetimeSettings, PurchaseModel};
use guanxi_domain::segmentation::rfm::{self, Activity, RfmSettings};
use guanxi_domain::segmentation::{bgnbd, parallel};
use guanxi_domain::value;

use crate::simulate::Market;

#[allow(clippy::cast_possible_truncation, reason = "amounts of a simulation")]
fn cents(amount: f64) -> Money {
    Money(amount.round() as i64)
}

fn days(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

pub fn run(number: usize) {
    let simulated = Market::new(PurchaseModel::BgNbd).customers(number, 1);
    let customers: Vec<Customer> = simulated.iter().map(|s| s.customer).collect();
    let settings = LifetimeSettings::default();
    let mut total = Duration::ZERO;
    let mut timed = |name: &str, work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        let took = start.elapsed();
        total += took;
        println!("{name:<28} {:>8.1} ms", took.as_secs_f64() * 1e3);
    };
    let activities: Vec<Activity> = customers
        .iter()
        .map(|c| Activity {
            recency_days: days(c.history.age_days - c.history.recency_days),
            frequency: days(c.history.repeats) + 1,
            monetary: cents(c.total_value),
        })
        .collect();
    timed("RFM", &mut || {
        black_box(rfm::score(&activities, &RfmSettings::default()));
    });
    timed("ABC, curve, Gini", &mut || {
        let amounts = activities.iter().map(|a| a.monetary).enumerate();
        let placed = value::rank(amounts, 7_500, 9_500);
        black_box(value::summarise(&placed).is_ok());
    });
    let mut groups = Vec::new();
    timed("grouping", &mut || {
        groups = bgnbd::group(customers.iter().map(|c| c.history));
    });
    timed("fit of BG/NBD", &mut || {
        black_box(bgnbd::fit(&groups, &settings).is_ok());
    });
    let mut models = None;
    timed("both fits, with grouping", &mut || {
        models = Some(clv::fit(&customers, &settings));
    });
    let models = models.expect("just fitted");
    let mut forecasts = Vec::new();
    timed("forecasts", &mut || {
        forecasts = clv::forecast(&customers, &models, &settings);
    });
    let courses: Vec<Course> = customers
        .iter()
        .zip(&forecasts)
        .map(|(c, forecast)| Course {
            days_since_first: Some(days(c.history.age_days)),
            days_since_last: Some(days(c.history.age_days - c.history.recency_days)),
            order_days: i64::from(c.history.repeats) + 1,
            mean_gap_days: (c.history.repeats > 0)
                .then(|| f64::from(c.history.recency_days) / f64::from(c.history.repeats)),
            longest_gap_days: None,
            sales_365d: cents(c.total_value),
            sales_365d_before: cents(c.total_value * 0.9),
            alive: forecast.alive,
        })
        .collect();
    timed("lifecycle", &mut || {
        let settings = LifecycleSettings::default();
        black_box(parallel::map(&courses, |course| {
            lifecycle::stage(course, &settings)
        }));
    });
    println!(
        "{number} customers, {} groups, together {:.1} ms",
        groups.len(),
        total.as_secs_f64() * 1e3
    );
    let values = activities.iter().flat_map(|a| {
        #[allow(clippy::cast_precision_loss, reason = "amounts of a simulation")]
        let amount = a.monetary.0 as f64;
        [f64::from(a.recency_days), f64::from(a.frequency), amount]
    });
    let table = Table::new(values.collect(), 3).expect("rows of three");
    let start = Instant::now();
    let found = kmeans::cluster(&table, &KMeansSettings::default());
    println!(
        "k-means: {} clusters of 2 to 8 in {:.1} s",
        found.map_or(0, |found| found.clusters.len()),
        start.elapsed().as_secs_f64()
    );
    let expected: f64 = forecasts.iter().filter_map(|f| f.purchases).sum();
    let came: u32 = simulated.iter().map(|s| s.ahead).sum();
    println!("{expected:.0} purchases expected in the year ahead, {came} came");
    println!(
        "{:#?}",
        models
            .purchases
            .map(|fit| (fit.r, fit.alpha, fit.a, fit.b, fit.iterations))
    );
}
