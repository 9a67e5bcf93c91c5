//! The figures of customers: what is kept equals what orders and tickets add up to, whatever happens to them.

use std::collections::BTreeSet;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use guanxi_domain::metrics::{Contribution, CustomerMetrics};
use guanxi_domain::order::{Order, OrderState};
use guanxi_domain::{CustomerId, Date, Money, OrderId, OrderLineId, Timestamp, round_half_even};
use guanxi_persistence::{Db, Origin, Visibility, metrics};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::json;

use crate::util::{Office, both};

fn kept(db: &Db, customer: CustomerId) -> CustomerMetrics {
    db.read_blocking(|c| metrics::get(c, &Visibility::All, customer))
        .expect("figures")
}

/// An order of one line over so much, so many days ago, confirmed.
fn confirmed(office: &Office<'_>, customer: CustomerId, amount: u32, days_ago: i64) -> Order {
    let order = office
        .order(json!({
            "customer_id": customer,
            "ordered_at": Timestamp::now().plus_seconds(-86_400 * days_ago),
            "lines": [{"description": "Lamp", "quantity": "1", "unit_price": amount.to_string()}],
        }))
        .expect("an order");
    office
        .lead(&order, &[OrderState::Submitted, OrderState::Confirmed])
        .expect("a confirmed order")
}

#[test]
fn an_order_counts_from_its_confirmation_until_it_is_cancelled() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Light House").id;
        let empty = kept(db, customer);
        let old = confirmed(&office, customer, 10, 400);
        confirmed(&office, customer, 20, 0);
        let both = kept(db, customer);
        assert_eq!(
            (both.orders, both.order_days, both.sales),
            (2, 2, Money(3_000))
        );
        assert_eq!(
            (both.average_order, both.mean_gap_days),
            (Some(Money(1_500)), Some(400))
        );
        assert_eq!(
            (both.sales_30d, both.sales_365d_before),
            (Money(2_000), Money(1_000))
        );
        assert_eq!(
            (both.sales_90d_before, both.as_of),
            (Money(1_000), Some(Timestamp::now().date()))
        );

        office
            .lead(&old, &[OrderState::Cancelled])
            .expect("not shipped yet");
        let one = kept(db, customer);
        assert_eq!(
            (one.orders, one.sales, one.mean_gap_days),
            (1, Money(2_000), None)
        );
        assert_eq!(one.first_order_on, one.last_order_on);
        assert_eq!(empty.orders, 0);
    });
}

#[test]
fn windows_move_on_days_when_nothing_happens() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Light House").id;
        office.customer("Never ordered");
        confirmed(&office, customer, 10, 5);
        let today = Timestamp::now().date();
        let refresh =
            |today: Date| metrics::refresh(db, today, metrics::to_the_end).expect("a refresh");
        assert_eq!(refresh(today), 0, "they are of today");

        assert_eq!(refresh(today.plus_days(40)), 1);
        let later = kept(db, customer);
        assert_eq!((later.sales_30d, later.sales_90d), (Money(0), Money(1_000)));
        assert_eq!(later.as_of, Some(today.plus_days(40)));
        assert_eq!(refresh(today.plus_days(40)), 0);

        assert_eq!(refresh(today.plus_days(365)), 1);
        assert_eq!(kept(db, customer).sales_30d_before, Money(1_000));
        assert_eq!(refresh(today.plus_days(1_000)), 1);
        assert_eq!(kept(db, customer).sales_365d_before, Money(0));
        assert_eq!(refresh(today.plus_days(1_100)), 0, "nothing moves any more");
        assert_eq!(
            metrics::verify(db).expect("a report").differing,
            0,
            "they were right on their day"
        );
    });
}

#[test]
fn what_differs_is_found_and_mended() {
    both(|db, _| {
        let office = Office::open(db);
        let ids: Vec<CustomerId> = ["A", "B", "C", "D", "E"]
            .map(|n| office.customer(n).id)
            .into();
        for id in &ids {
            confirmed(&office, *id, 10, 3);
        }
        let right = kept(db, ids[1]);
        let damage = format!(
            "UPDATE customer_metrics SET sales = sales + 1 WHERE customer_id = '{}'; \
             UPDATE customer_days SET margin = margin + 1 WHERE customer_id = '{}'; \
             DELETE FROM customer_metrics WHERE customer_id = '{}'; \
             UPDATE customer_metrics SET open_tickets = 4 WHERE customer_id = '{}';",
            ids[1], ids[2], ids[3], ids[4]
        );
        db.housekeep_blocking(move |tx| Ok(tx.connection.batch_execute(&damage)?))
            .expect("some damage");

        let found = metrics::verify(db).expect("a report");
        assert_eq!((found.customers, found.differing), (5, 4));
        assert_eq!(found.examples, ids[1..]);
        let mended = metrics::rebuild(db, Origin::system(), metrics::to_the_end).expect("a report");
        assert_eq!((mended.differing, mended.examples), (4, found.examples));
        assert_eq!(metrics::verify(db).expect("a report").differing, 0);
        let again = kept(db, ids[1]);
        assert_eq!(
            again,
            CustomerMetrics {
                updated_at: again.updated_at,
                ..right
            }
        );
    });
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    const EACH: u32 = 8;

    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Light House").id;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for amount in 1..=EACH {
                        confirmed(&office, customer, amount, i64::from(amount % 3));
                    }
                });
            }
        });
        let sum = kept(db, customer);
        assert_eq!(sum.orders, i64::from(4 * EACH));
        assert_eq!(sum.sales, Money(i64::from(4 * EACH * (EACH + 1) / 2 * 100)));
        assert_eq!(sum.order_days, 3);
        assert_eq!(metrics::verify(db).expect("a report").differing, 0);
    });
}

/// What may happen to the customers of a company.
#[derive(Clone, Debug)]
enum Step {
    /// Customer, days ago, lines as (quantity in thousandths, unit price in ten-thousandths).
    Order(usize, i64, Vec<(i64, i64)>),
    /// Some order goes on to one of its next states.
    Advance(usize, usize),
    /// A past order as a file brings it: customer, days ago, lines as (total, cost); negative totals are returns.
    Import(usize, i64, Vec<(i64, i64)>),
}

const CUSTOMERS: usize = 3;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let days = prop_oneof![0..3_i64, 0..800_i64];
    let lines = prop::collection::vec((1..5_000_i64, 0..100_000_i64), 1..4);
    let imported = prop::collection::vec((-5_000..5_000_i64, -3_000..3_000_i64), 1..4);
    prop::collection::vec(
        prop_oneof![
            2 => (0..CUSTOMERS, days.clone(), lines).prop_map(|(c, d, l)| Step::Order(c, d, l)),
            5 => (any::<usize>(), any::<usize>()).prop_map(|(o, n)| Step::Advance(o, n)),
            1 => (0..CUSTOMERS, days, imported).prop_map(|(c, d, l)| Step::Import(c, d, l)),
        ],
        1..40,
    )
}

/// An order as the test remembers it.
struct Remembered {
    customer: CustomerId,
    day: Date,
    state: OrderState,
    /// Total and cost of each line.
    lines: Vec<(i64, i64)>,
}

#[test]
fn whatever_happens_the_kept_figures_are_the_true_ones() {
    both(|db, name| {
        let office = Office::open(db);
        // The same cases each time.
        let config = Config {
            cases: if name == "sqlite" { 40 } else { 15 },
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::deterministic_rng(config.rng_algorithm);
        TestRunner::new_with_rng(config, rng)
            .run(&steps(), |steps| {
                let customers: Vec<CustomerId> = (0..CUSTOMERS)
                    .map(|_| office.customer("Somebody").id)
                    .collect();
                let remembered = live(&office, &customers, &steps);
                for customer in customers {
                    let kept = kept(db, customer);
                    let as_of = kept.as_of.unwrap_or(Date::from_days(0));
                    let orders: Vec<_> = remembered
                        .iter()
                        .filter(|o| o.customer == customer)
                        .collect();
                    let expected = CustomerMetrics {
                        as_of: kept.as_of,
                        updated_at: kept.updated_at,
                        ..evaluate(&orders, as_of)
                    };
                    prop_assert_eq!(kept, expected);
                }
                let report = metrics::verify(db).expect("a report");
                prop_assert_eq!(report.differing, 0);
                Ok(())
            })
            .expect("true figures");
        let report = metrics::rebuild(db, Origin::system(), metrics::to_the_end).expect("a report");
        assert_eq!(report.differing, 0);
        assert!(report.customers > 0);
    });
}

/// Lets the steps happen, in the database and in memory.
fn live(office: &Office<'_>, customers: &[CustomerId], steps: &[Step]) -> Vec<Remembered> {
    let mut orders: Vec<(Order, Remembered)> = Vec::new();
    let mut imported = Vec::new();
    for step in steps {
        match step {
            Step::Order(customer, days_ago, lines) => {
                let lines: Vec<_> = lines
                    .iter()
                    .map(|(quantity, price)| {
                        json!({
                            "description": "Something",
                            "quantity": guanxi_domain::Quantity(*quantity),
                            "unit_price": guanxi_domain::UnitPrice(*price),
                        })
                    })
                    .collect();
                let order = office
                    .order(json!({
                        "customer_id": customers[*customer],
                        "ordered_at": Timestamp::now().plus_seconds(-86_400 * days_ago),
                        "lines": lines,
                    }))
                    .expect("an order");
                let remembered = Remembered {
                    customer: customers[*customer],
                    day: order.head.ordered_at.date(),
                    state: OrderState::Draft,
                    lines: order.lines.iter().map(|l| (l.total.0, l.cost.0)).collect(),
                };
                orders.push((order, remembered));
            }
            Step::Advance(which, whither) if !orders.is_empty() => {
                let count = orders.len();
                let (order, remembered) = &mut orders[which % count];
                let next = order.head.state.next();
                if !next.is_empty() {
                    *order = office
                        .lead(order, &[next[whither % next.len()]])
                        .expect("a state that may follow");
                    remembered.state = order.head.state;
                }
            }
            Step::Advance(..) => {}
            Step::Import(customer, days_ago, lines) => {
                imported.push(import(office.db, customers[*customer], *days_ago, lines));
            }
        }
    }
    imported.extend(orders.into_iter().map(|(_, remembered)| remembered));
    imported
}

/// A completed order written without its rules, as an import does.
fn import(db: &Db, customer: CustomerId, days_ago: i64, lines: &[(i64, i64)]) -> Remembered {
    let at = Timestamp::now().plus_seconds(-86_400 * days_ago);
    let (order, written) = (OrderId::generate(), lines.to_vec());
    db.housekeep_blocking(move |tx| {
        let total: i64 = written.iter().map(|(total, _)| total).sum();
        diesel::sql_query(format!(
            "INSERT INTO orders (id, version, number, customer_id, state, ordered_at, total, discount, margin, line_count, created_at, updated_at) \
             VALUES ('{order}', 1, '{order}', '{customer}', 'completed', {at}, {total}, 0, 0, {count}, 0, 0)",
            at = at.micros(),
            count = written.len(),
        ))
        .execute(tx.connection)?;
        for (position, (total, cost)) in written.iter().enumerate() {
            diesel::sql_query(format!(
                "INSERT INTO order_lines (id, order_id, position, description, quantity, unit_price, discount, total, cost) \
                 VALUES ('{}', '{order}', {position}, 'Something', 1, 0, 0, {total}, {cost})",
                OrderLineId::generate(),
            ))
            .execute(tx.connection)?;
        }
        let sum = Contribution::of_lines(written.iter().map(|(t, c)| (Money(*t), Money(*c))));
        metrics::apply_many(tx, &[(customer, at.date(), sum)])
    })
    .expect("an imported order");
    Remembered {
        customer,
        day: at.date(),
        state: OrderState::Completed,
        lines: lines.to_vec(),
    }
}

/// The figures by their definition, the plain way.
fn evaluate(orders: &[&Remembered], as_of: Date) -> CustomerMetrics {
    let counted: Vec<_> = orders.iter().filter(|o| o.state.counts()).collect();
    let lines = || counted.iter().flat_map(|o| &o.lines);
    let real: Vec<_> = counted
        .iter()
        .filter(|o| o.lines.iter().any(|(total, _)| *total >= 0))
        .collect();
    let days: BTreeSet<Date> = real.iter().map(|o| o.day).collect();
    let window = |length: i32, shift: i32| {
        let last = as_of.plus_days(-shift);
        let first = last.plus_days(1 - length);
        let inside = counted.iter().filter(|o| first <= o.day && o.day <= last);
        Money(inside.flat_map(|o| &o.lines).map(|(total, _)| total).sum())
    };
    let sales: i64 = lines().map(|(total, _)| total).sum();
    let count = i64::try_from(real.len()).expect("few");
    let gaps = i64::try_from(days.len()).expect("few") - 1;
    let span = days
        .first()
        .zip(days.last())
        .map(|(first, last)| i128::from(last.days() - first.days()));
    let rounded = |n: i128, d: i64| i64::try_from(round_half_even(n, d.into())).expect("small");
    CustomerMetrics {
        orders: count,
        order_days: gaps + 1,
        first_order_on: days.first().copied(),
        last_order_on: days.last().copied(),
        sales: Money(sales),
        margin: Money(lines().map(|(total, cost)| total - cost).sum()),
        returns: Money(lines().map(|(total, _)| (-total).max(0)).sum()),
        average_order: (count > 0).then(|| Money(rounded(sales.into(), count))),
        mean_gap_days: span.filter(|_| gaps > 0).map(|span| rounded(span, gaps)),
        sales_30d: window(30, 0),
        sales_90d: window(90, 0),
        sales_365d: window(365, 0),
        sales_30d_before: window(30, 365),
        sales_90d_before: window(90, 365),
        sales_365d_before: window(365, 365),
        ..CustomerMetrics::default()
    }
}
