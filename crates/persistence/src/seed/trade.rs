//! Made-up orders with lines and changes of state.

use guanxi_domain::order::{OrderState, line_total};
use guanxi_domain::settings::format_number;
use guanxi_domain::{Money, OrderId, Overflow, Quantity, RawId, Timestamp, UnitPrice, UserId};

use super::SeedOptions;
use super::made::Reference;
use super::phrases::{CANCEL_REASONS, TERMS};
use super::plan::{Behaviour, Planned};
use super::random::Random;
use super::rows::{LineRow, OrderRow, TransitionRow};
use super::team::{Goods, Team};

const DAY: i64 = 86_400;
/// Orders older than this came from the system before: their steps are not known, only how they ended.
const MIGRATED_AFTER: i64 = 120 * DAY;

/// Orders of a batch, ready to be written.
#[derive(Default)]
pub struct Batch {
    pub orders: Vec<OrderRow>,
    pub lines: Vec<LineRow>,
    pub transitions: Vec<TransitionRow>,
}

/// Makes orders from the seed.
pub struct Trader<'a> {
    pub options: &'a SeedOptions,
    pub team: &'a Team,
    pub pattern: &'a str,
    pub first_number: i64,
}

/// Every state that an order goes through to get to this one, with how many hours each step takes at most.
const fn path(to: OrderState) -> &'static [(OrderState, i64)] {
    use OrderState as S;
    match to {
        S::Draft => &[(S::Draft, 0)],
        S::Submitted => &[(S::Draft, 0), (S::Submitted, 3)],
        S::Confirmed => &[(S::Draft, 0), (S::Submitted, 3), (S::Confirmed, 20)],
        S::PartlyShipped => &[
            (S::Draft, 0),
            (S::Submitted, 3),
            (S::Confirmed, 20),
            (S::PartlyShipped, 48),
        ],
        S::Shipped => &[
            (S::Draft, 0),
            (S::Submitted, 3),
            (S::Confirmed, 20),
            (S::Shipped, 60),
        ],
        S::Delivered => &[
            (S::Draft, 0),
            (S::Submitted, 3),
            (S::Confirmed, 20),
            (S::Shipped, 60),
            (S::Delivered, 96),
        ],
        S::Completed => &[
            (S::Draft, 0),
            (S::Submitted, 3),
            (S::Confirmed, 20),
            (S::Shipped, 60),
            (S::Delivered, 96),
            (S::Completed, 240),
        ],
        S::Cancelled => &[(S::Draft, 0), (S::Submitted, 3), (S::Cancelled, 48)],
    }
}

/// How far an order of this age has come.
fn state(age_days: i64, random: &mut Random) -> OrderState {
    use OrderState as S;
    let likely: &[S] = match age_days {
        ..=1 => &[S::Draft, S::Submitted, S::Submitted, S::Confirmed],
        2..=4 => &[
            S::Draft,
            S::Submitted,
            S::Confirmed,
            S::Confirmed,
            S::PartlyShipped,
        ],
        5..=9 => &[S::Confirmed, S::PartlyShipped, S::Shipped, S::Shipped],
        10..=20 => &[S::PartlyShipped, S::Shipped, S::Delivered, S::Delivered],
        21..=30 => &[S::Shipped, S::Delivered, S::Completed, S::Completed],
        _ => &[S::Completed],
    };
    match random.below(100) {
        0..=3 if age_days > 2 => S::Cancelled,
        4 if age_days > 30 => S::Delivered,
        5 if (30..400).contains(&age_days) => S::Draft,
        _ => *random.pick(likely),
    }
}

impl Trader<'_> {
    /// Adds an order to a batch. `number` is its place among all that are made.
    pub fn make(
        &self,
        number: u32,
        planned: Planned,
        customer: &Reference,
        behaviour: &Behaviour,
        batch: &mut Batch,
    ) -> Result<(), Overflow> {
        let serial = self.first_number + i64::from(number);
        let key = u64::try_from(serial).unwrap_or(0);
        let mut random = Random::of(self.options.seed, 20, key);
        let id: OrderId = random.id(planned.at);
        let age = (self.options.now.micros() - planned.at.micros()) / 1_000_000;
        let state = state(age / DAY, &mut random);
        let (first_line, seller) = (
            batch.lines.len(),
            &self.team.desks[customer.place.desk].sellers[customer.place.seller],
        );
        self.lines(
            id,
            planned.at,
            behaviour.scale,
            &mut random,
            &mut batch.lines,
        )?;
        let lines = &batch.lines[first_line..];
        let total = Money::sum(lines.iter().map(|l| l.total))?;
        let cost = Money::sum(lines.iter().map(|l| l.cost))?;
        let last = self.steps(
            id,
            planned.at,
            age,
            state,
            (seller.id, &seller.name),
            &mut random,
            &mut batch.transitions,
        );
        batch.orders.push(OrderRow {
            id,
            version: 1,
            number: format_number(self.pattern, serial, planned.at.date()),
            customer_id: customer.id,
            contact_id: customer.contact.filter(|_| random.chance(0.8)),
            owner_id: seller.id,
            department_id: self.team.desks[customer.place.desk].department,
            state,
            ordered_at: planned.at,
            total,
            discount: Money::sum(lines.iter().map(|l| l.discount))?,
            margin: total.checked_sub(cost)?,
            line_count: i32::try_from(lines.len()).unwrap_or(i32::MAX),
            payment_terms: random.chance(0.8).then(|| *random.pick_front(TERMS)),
            promised_on: random.chance(0.6).then(|| {
                let days = random.between(3, 21);
                planned.at.plus_seconds(days * DAY).date()
            }),
            cancel_reason: (state == OrderState::Cancelled).then(|| *random.pick(CANCEL_REASONS)),
            created_at: planned.at,
            updated_at: last,
        });
        Ok(())
    }

    fn lines(
        &self,
        order: OrderId,
        at: Timestamp,
        scale: f64,
        random: &mut Random,
        lines: &mut Vec<LineRow>,
    ) -> Result<(), Overflow> {
        // Some orders are returns altogether, some hold one line that comes back.
        let (return_order, return_line) = (random.chance(0.015), random.chance(0.015));
        for (position, goods) in self.basket(random).into_iter().enumerate() {
            // What costs a lot is bought one at a time.
            #[allow(clippy::cast_precision_loss, reason = "prices are far below 2^53")]
            let usual = 60.0 / (goods.price.0 as f64 / 10_000.0).powf(0.6);
            let pieces = (usual * scale * (random.normal() * 0.6).exp()).clamp(1.0, 50_000.0);
            #[allow(clippy::cast_possible_truncation, reason = "at most 50,000")]
            let pieces = pieces.round() as i64;
            let back = return_order || (return_line && position > 0);
            let quantity = Quantity(if back { -pieces.min(20) } else { pieces } * 1_000);
            // Who buys more pays less: down to four fifths of the list price.
            #[allow(clippy::cast_possible_truncation, reason = "at most 14")]
            let percent = 100 - random.between(0, 6) - (scale.ln() * 4.0).clamp(0.0, 14.0) as i64;
            let price = UnitPrice(goods.price.0 * percent / 100 / 100 * 100);
            let gross = line_total(quantity, price, Money::ZERO, self.options.minor_digits)?;
            let discount = if !back && random.chance(0.08) {
                Money(gross.0 * random.between(1, 8) / 100)
            } else {
                Money::ZERO
            };
            lines.push(LineRow {
                id: random.id(at),
                order_id: order,
                position: i32::try_from(position + 1).unwrap_or(i32::MAX),
                product_id: goods.id,
                description: goods.name,
                quantity,
                unit_price: price,
                discount,
                total: gross.checked_sub(discount)?,
                cost: goods.cost.times(quantity, self.options.minor_digits)?,
            });
        }
        Ok(())
    }

    /// What is bought together.
    fn basket(&self, random: &mut Random) -> Vec<&Goods> {
        let count = 1
            + random.below(3).min(random.below(4))
            + usize::from(random.chance(0.15)) * random.below(4);
        let mut basket: Vec<&Goods> = Vec::new();
        while basket.len() < count {
            let goods = random.pick_front(&self.team.goods);
            basket.push(goods);
            let along = goods.goes_with.filter(|_| random.chance(0.35));
            basket.extend(along.map(|place| &self.team.goods[place]));
        }
        basket
    }

    /// Records how the order came to its state; answers when it got there.
    #[allow(clippy::too_many_arguments, reason = "all that a step is made of")]
    fn steps(
        &self,
        order: OrderId,
        at: Timestamp,
        age: i64,
        state: OrderState,
        seller: (UserId, &str),
        random: &mut Random,
        transitions: &mut Vec<TransitionRow>,
    ) -> Timestamp {
        let mut step = |from, to, at, by: Option<(UserId, &str)>, reason, random: &mut Random| {
            transitions.push(TransitionRow {
                id: random.id::<RawId>(at).as_str().to_owned(),
                order_id: order,
                from_state: from,
                to_state: to,
                at,
                by_id: by.map(|b| b.0),
                by_name: by.map_or("system", |b| b.1).to_owned(),
                reason,
            });
        };
        if age > MIGRATED_AFTER {
            let ended = at.plus_seconds(random.between(6 * DAY, 20 * DAY));
            let reason = Some("旧系统迁移 Migrated from the former system");
            step(None, state, ended, None, reason, random);
            return ended;
        }
        let (mut from, mut when) = (None, at);
        for (to, hours) in path(state) {
            if *hours > 0 {
                when = when
                    .plus_seconds(random.between(600, hours * 3_600))
                    .min(self.options.now);
            }
            step(from, *to, when, Some(seller), None, random);
            from = Some(*to);
        }
        when
    }
}
