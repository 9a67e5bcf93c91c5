//! Customers who buy as the models say, with known parameters.

use guanxi_domain::segmentation::clv::Customer;
use guanxi_domain::segmentation::lifetime::{
    History, PurchaseModel, PurchaseParameters, SpendParameters,
};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp, Gamma};

/// A market: who buys how, and since when.
pub struct Market {
    pub purchases: PurchaseParameters,
    pub spend: SpendParameters,
    /// The first purchase lies this many days back, at least and at most.
    pub age_days: (u32, u32),
    /// Days that are simulated beyond today.
    pub ahead_days: u32,
}

/// A customer, and the days with a purchase in the days ahead.
pub struct Simulated {
    pub customer: Customer,
    pub ahead: u32,
}

impl Market {
    /// Purchases often a month or more apart, so that whole days cost the estimates little.
    pub fn new(model: PurchaseModel) -> Self {
        Self {
            purchases: PurchaseParameters {
                model,
                unit_days: 1.0,
                r: 0.6,
                alpha: 80.0,
                a: 0.8,
                b: 2.5,
            },
            spend: SpendParameters {
                p: 5.0,
                q: 4.0,
                gamma: 3_000.0,
            },
            age_days: (30, 730),
            ahead_days: 365,
        }
    }

    /// The same customers for the same seed.
    pub fn customers(&self, number: usize, seed: u64) -> Vec<Simulated> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let PurchaseParameters { r, alpha, a, b, .. } = self.purchases;
        let rates = Gamma::new(r, alpha.recip()).expect("positive parameters");
        let chances = Beta::new(a, b).expect("positive parameters");
        let scales = Gamma::new(self.spend.q, self.spend.gamma.recip()).expect("positive");
        (0..number)
            .map(|_| {
                let rate: f64 = rates.sample(&mut random);
                let leaves: f64 = chances.sample(&mut random);
                let age = random.random_range(self.age_days.0..=self.age_days.1);
                let days = self.days(rate, leaves, age + self.ahead_days, &mut random);
                let scale: f64 = scales.sample(&mut random);
                let amounts = Gamma::new(self.spend.p, scale.recip()).expect("positive");
                let now = days.partition_point(|day| *day <= age);
                let total: f64 = (0..now).map(|_| amounts.sample(&mut random)).sum();
                let repeats = u32::try_from(now).expect("less than the days");
                Simulated {
                    customer: Customer {
                        history: History {
                            repeats,
                            age_days: age,
                            recency_days: days[..now].last().copied().unwrap_or(0),
                        },
                        mean_repeat_value: total / f64::from(repeats.max(1)),
                        total_value: total + amounts.sample(&mut random),
                        total_margin: None,
                    },
                    ahead: u32::try_from(days.len() - now).expect("less than the days"),
                }
            })
            .collect()
    }

    /// Days with a purchase after the first one, on day 0.
    fn days(&self, rate: f64, leaves: f64, until: u32, random: &mut ChaCha8Rng) -> Vec<u32> {
        let mut days: Vec<u32> = Vec::new();
        let Ok(gaps) = Exp::new(rate) else {
            return days;
        };
        let mut time = 0.0;
        let stays = |random: &mut ChaCha8Rng| random.random::<f64>() >= leaves;
        if self.purchases.model == PurchaseModel::MbgNbd && !stays(random) {
            return days;
        }
        loop {
            time += gaps.sample(random);
            // Not a number, and whatever lies beyond the end.
            if time.is_nan() || time > f64::from(until) {
                return days;
            }
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to `until`"
            )]
            let day = time.ceil() as u32;
            if days.last() != Some(&day) && day <= until {
                days.push(day);
            }
            if !stays(random) {
                return days;
            }
        }
    }
}
