//! When whom buys: behaviour of each customer, and the days of all orders.

use guanxi_domain::{Date, Timestamp};

use super::random::Random;

/// Years of orders.
const YEARS: i32 = 3;
const DAY: i64 = 86_400_000_000;
/// Chinese New Year's Day of the years that are known.
const NEW_YEAR: &[(i16, i8, i8)] = &[
    (2020, 1, 25),
    (2021, 2, 12),
    (2022, 2, 1),
    (2023, 1, 22),
    (2024, 2, 10),
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
    (2031, 1, 23),
];

/// What is known of a customer before any of its words are made up.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    pub since: Timestamp,
    /// Of what it usually buys, as a multiple of what others buy.
    pub scale: f64,
    /// The day of its last order.
    pub last_order: Option<Date>,
    pub orders: u32,
}

/// An order that will be: when, and whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    pub at: Timestamp,
    pub customer: u32,
}

pub struct Plan {
    /// By the day since which they are customers.
    pub customers: Vec<Behaviour>,
    /// In the order of time.
    pub orders: Vec<Planned>,
}

/// How much more than usual is bought on a day: the week, the festivals, and growth over the years.
fn weight(day: Date, first: Date) -> f64 {
    // 1970-01-01 was a Thursday.
    let week = match (day.days() + 3).rem_euclid(7) {
        5 => 0.35,
        6 => 0.15,
        _ => 1.0,
    };
    let to_new_year = NEW_YEAR
        .iter()
        .filter_map(|(y, m, d)| Date::new(*y, *m, *d))
        .map(|festival| day.days() - festival.days())
        .min_by_key(|days| days.abs())
        .unwrap_or(i32::MAX);
    let season = match (day.month(), day.day()) {
        _ if (-3..=8).contains(&to_new_year) => 0.12,
        _ if (-10..=14).contains(&to_new_year) => 0.45,
        // People order before the holidays.
        _ if (-25..=-11).contains(&to_new_year) => 1.2,
        (10, 1..=7) => 0.3,
        (11, 9..=12) => 1.9,
        (11, _) => 1.35,
        (12, 1..=24) | (6, 10..=18) => 1.3,
        (7 | 8, _) => 0.9,
        _ => 1.0,
    };
    let years = f64::from(day.days() - first.days()) / 365.25;
    week * season * (1.0 + 0.12 * years)
}

/// Plans so many customers and exactly so many orders, up to and with a point in time.
pub fn plan(seed: u64, customers: u32, orders: u32, now: Timestamp) -> Plan {
    let until = now.date();
    let first = until.plus_days(-365 * YEARS);
    let weights: Vec<f64> = (first.days()..=until.days())
        .map(|day| weight(Date::from_days(day), first))
        .collect();
    let top = weights.iter().copied().fold(0.1, f64::max);

    let mut lives: Vec<Life> = (0..customers)
        .map(|index| Life::new(Random::of(seed, 1, index.into()), first, now))
        .collect();
    lives.sort_by_key(|life| life.since);
    let all: f64 = lives.iter().map(|life| life.wish).sum();
    let mut planned = Vec::with_capacity(orders as usize);
    let (mut wished, mut given) = (0.0, 0);
    let mut behaviours = Vec::with_capacity(lives.len());
    for (index, life) in (0_u32..).zip(&lives) {
        wished += life.wish;
        // Rounded as a running sum, so that all orders are given out and none twice.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of orders"
        )]
        let due = (wished / all * f64::from(orders)).round() as u32;
        let mut random = Random::of(seed, 2, index.into());
        let mut last_order = None;
        for number in given..due {
            let at = life.order_time(&mut random, (number - given, due - given), now, |day| {
                usize::try_from(day - first.days())
                    .ok()
                    .and_then(|i| weights.get(i))
                    .map_or(0.0, |w| w / top)
            });
            last_order = last_order.max(Some(at.date()));
            planned.push(Planned {
                at,
                customer: index,
            });
        }
        behaviours.push(Behaviour {
            since: life.since,
            scale: life.scale,
            last_order,
            orders: due - given,
        });
        given = due;
    }
    planned.sort_unstable();
    Plan {
        customers: behaviours,
        orders: planned,
    }
}

struct Life {
    since: Timestamp,
    /// The days between which it buys.
    from: Timestamp,
    to: Timestamp,
    /// Orders that it would make, in a measure of its own.
    wish: f64,
    scale: f64,
    /// 0: like clockwork; 1: at random.
    whim: f64,
}

impl Life {
    fn new(mut random: Random, first: Date, now: Timestamp) -> Self {
        let begin = first.start();
        let span = (now.micros() - begin.micros()).max(DAY);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a moment to a millisecond is near enough"
        )]
        let after = |from: Timestamp, share: f64| {
            Timestamp::from_micros(from.micros() + (span as f64 * share) as i64)
        };
        // Half were customers before the first order that is known.
        let since = if random.chance(0.5) {
            after(begin, -0.8 * random.unit())
        } else {
            after(begin, 0.98 * random.unit())
        };
        let from = since.max(begin);
        // Some leave for good, most within two or three years.
        let to = if random.chance(0.35) {
            after(from, random.exponential(0.35)).min(now)
        } else {
            now
        };
        let prospect = random.chance(0.18);
        let pace = (random.normal() * 1.1).exp();
        #[allow(clippy::cast_precision_loss, reason = "a share")]
        let active = (to.micros() - from.micros()).max(DAY) as f64 / span as f64;
        Self {
            since,
            from,
            to,
            // Next to nothing, so that somebody buys even where there are only prospects.
            wish: if prospect {
                1e-9
            } else {
                pace * active.max(0.01)
            },
            scale: (random.normal() * 1.15).exp(),
            whim: random.unit(),
        }
    }

    /// The time of one of so many orders: near its place in an even row, but moved to where people buy.
    fn order_time(
        &self,
        random: &mut Random,
        (number, of): (u32, u32),
        now: Timestamp,
        likely: impl Fn(i32) -> f64,
    ) -> Timestamp {
        #[allow(
            clippy::cast_precision_loss,
            reason = "a moment to a second is near enough"
        )]
        let length = (self.to.micros() - self.from.micros()).max(DAY / 24) as f64;
        let mut at = self.from;
        for _ in 0..12 {
            let even = (f64::from(number) + random.unit()) / f64::from(of);
            let place = if random.chance(self.whim) {
                random.unit()
            } else {
                even
            };
            #[allow(clippy::cast_possible_truncation, reason = "within the life")]
            let moment = self.from.micros() + (length * place) as i64;
            let day = Timestamp::from_micros(moment).date();
            // Working hours in China are 00:30 to 10:00 in UTC; some order in the evening or from abroad.
            let second = if random.chance(0.85) {
                random.between(1_800, 36_000)
            } else {
                random.between(0, 86_399)
            };
            at = day.start().plus_seconds(second);
            if random.chance(likely(day.days())) {
                break;
            }
        }
        at.clamp(self.from, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn so_many_orders_as_asked_for_and_none_in_the_future() {
        for (customers, orders) in [(1, 1), (300, 2_000), (50, 7), (10, 0)] {
            let plan = plan(1, customers, orders, now());
            assert_eq!(plan.orders.len(), orders as usize);
            assert_eq!(plan.customers.len(), customers as usize);
            assert!(plan.orders.is_sorted());
            assert!(plan.orders.iter().all(|o| o.at <= now()));
            let since = |o: &Planned| plan.customers[o.customer as usize].since;
            assert!(plan.orders.iter().all(|o| o.at >= since(o)));
        }
    }

    #[test]
    fn the_new_year_is_quiet_and_november_busy() {
        let plan = plan(1, 2_000, 40_000, now());
        let in_days = |from: &str, to: &str| {
            let day = |text: &str| text.parse::<Date>().expect("a date");
            let (from, to) = (day(from), day(to));
            let found = plan
                .orders
                .iter()
                .filter(|o| (from..=to).contains(&o.at.date()));
            found.count()
        };
        let usual = in_days("2026-04-06", "2026-04-19");
        assert!(in_days("2026-02-14", "2026-02-27") * 2 < usual, "New Year");
        assert!(in_days("2025-11-03", "2025-11-16") > usual, "Singles' Day");
        let week = |weekday: i32| {
            let found = plan
                .orders
                .iter()
                .filter(|o| (o.at.date().days() + 3).rem_euclid(7) == weekday);
            found.count()
        };
        assert!(week(6) * 3 < week(1), "Sundays");
    }

    #[test]
    fn a_few_buy_most() {
        let mut counts: Vec<u32> = plan(3, 1_000, 20_000, now())
            .customers
            .iter()
            .map(|c| c.orders)
            .collect();
        counts.sort_unstable();
        let best: u32 = counts.iter().rev().take(200).sum();
        assert!(best > 10_000, "the best fifth has {best} of 20,000");
        assert!(counts[..100].iter().all(|n| *n == 0), "some only look");
    }
}
