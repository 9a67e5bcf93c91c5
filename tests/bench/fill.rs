//! Fills a database with customers and what they bought.

use std::fmt::Write as _;

use guanxi_domain::{Checked, Lang, Rules, Timestamp};
use guanxi_persistence::{Db, bare};

/// Customers that one statement inserts.
const AT_ONCE: u32 = 500;
/// Days back to the first purchases.
const YEARS: f64 = 1_095.0;

/// Random numbers between 0 and 1 (Steele, Lea & Flood 2014, *SplitMix*).
struct Random(u64);

impl Random {
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.next().ln()
    }
}

/// The days with a purchase of one customer, and the sales of each: five days in the mean. Rates are exponential over customers,
/// chances to leave Beta(1, 10).
#[allow(clippy::cast_possible_truncation, reason = "a few years and amounts")]
fn purchases(random: &mut Random, today: i32) -> Vec<(i32, i64)> {
    let age = (random.next() * YEARS).floor();
    let gap = 90.0 / random.exponential(1.0);
    let leaves = 1.0 - random.next().powf(0.1);
    let amount = 20_000.0 * random.exponential(1.0);
    let first = today - age as i32;
    let (mut days, mut time) = (Vec::new(), 0.0);
    loop {
        let day = first + time as i32;
        let sales = (amount * random.exponential(1.0)) as i64 + 100;
        match days.last_mut() {
            Some((last, sum)) if *last == day => *sum += sales,
            _ => days.push((day, sales)),
        }
        time += random.exponential(gap);
        if time > age || random.next() < leaves {
            return days;
        }
    }
}

/// Indexes of orders: made when these are there, as it is quicker.
const INDEXED: [&str; 2] = ["orders", "order_lines"];
const PRODUCTS: u32 = 200;

fn product(number: u32) -> String {
    format!("{number:08x}-0000-7000-8000-aaaaaaaaaaaa")
}

/// Fills customers, their days and their figures, if wanted also an order for each day; how many days.
pub fn fill(db: &Db, customers: u32, with_orders: bool) -> usize {
    let indexes = db
        .read_blocking(|connection| bare::indexes(connection, &INDEXED))
        .expect("their statements");
    if with_orders {
        let mut statements = String::new();
        for (name, _) in &indexes {
            let _ = write!(statements, "DROP INDEX {name};");
        }
        for number in 0..PRODUCTS {
            let _ = write!(
                statements,
                "INSERT INTO products (id, version, sku, name, category, list_price, cost, active, created_at, updated_at) \
                 VALUES ('{}', 1, 'S{number:03}', '产品{number}', 'c{}', 100000, 60000, TRUE, {number}, {number});",
                product(number),
                number % 10
            );
        }
        execute(db, statements);
    }
    let today = Timestamp::now().date().days();
    let mut random = Random(1);
    let mut all = 0;
    for first in (0..customers).step_by(AT_ONCE as usize) {
        let mut heads = String::new();
        let (mut figures, mut rows) = (String::new(), String::new());
        let (mut orders, mut lines) = (String::new(), String::new());
        for number in first..customers.min(first + AT_ONCE) {
            let id = format!("{number:08x}-0000-7000-8000-{number:012x}");
            let days = purchases(&mut random, today);
            all += days.len();
            let sales: i64 = days.iter().map(|(_, sales)| sales).sum();
            let within = |from: i32, to: i32| -> i64 {
                let ages = from..to;
                let sales = days.iter().filter(|(day, _)| ages.contains(&(today - day)));
                sales.map(|(_, sales)| sales).sum()
            };
            let (first_day, last_day) = (days[0].0, days[days.len() - 1].0);
            let comma = if heads.is_empty() { "" } else { "," };
            let _ = write!(
                heads,
                "{comma}('{id}',1,'B{number:07}','客户{number}','company','active','[]','{{}}','{{}}',50,FALSE,{number},{number})"
            );
            let _ = write!(
                figures,
                "{comma}('{id}',{0},{0},{first_day},{last_day},{sales},{1},{2},{3},{today})",
                days.len(),
                sales / 3,
                within(0, 365),
                within(365, 730)
            );
            if with_orders {
                for (place, (day, sales)) in days.iter().enumerate() {
                    order(
                        &mut random,
                        (&mut orders, &mut lines),
                        &id,
                        (number, place),
                        (*day, *sales),
                    );
                }
            }
            for (day, sales) in days {
                let comma = if rows.is_empty() { "" } else { "," };
                let _ = write!(rows, "{comma}('{id}',{day},1,{sales},{},0)", sales / 3);
            }
        }
        let mut statements = format!(
            "INSERT INTO customers (id, version, code, name, kind, stage, tags, company, profile, completeness, blacklisted, created_at, updated_at) VALUES {heads};\
             INSERT INTO customer_metrics (customer_id, orders, order_days, first_order_on, last_order_on, sales, margin, sales_365d, sales_365d_before, as_of) VALUES {figures};\
             INSERT INTO customer_days (customer_id, day, orders, sales, margin, returns) VALUES {rows};"
        );
        if with_orders {
            let _ = write!(
                statements,
                "INSERT INTO orders (id, version, number, customer_id, state, ordered_at, total, discount, margin, line_count, created_at, updated_at) VALUES {orders};\
                 INSERT INTO order_lines (id, order_id, position, product_id, description, quantity, unit_price, discount, total, cost) VALUES {lines};"
            );
        }
        execute(db, statements);
    }
    if with_orders {
        for (_, statement) in indexes {
            execute(db, statement);
        }
    }
    execute(db, "ANALYZE;".to_owned());
    all
}

/// Adds an order of one or two lines. Some products are bought with the one before them more often than by chance.
fn order(
    random: &mut Random,
    (orders, lines): (&mut String, &mut String),
    customer: &str,
    (number, place): (u32, usize),
    (day, sales): (i32, i64),
) {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "fewer than the products"
    )]
    let mut any = || (random.next().powi(2) * f64::from(PRODUCTS)) as u32;
    let first = any();
    let second = any();
    let second = if second % 3 == 0 {
        (first + 1) % PRODUCTS
    } else {
        second
    };
    let count = if second % 2 == 0 && second != first {
        2
    } else {
        1
    };
    let id = format!("{number:08x}-{place:04x}-7000-9000-{number:012x}");
    let at = i64::from(day) * 86_400_000_000 + 36_000_000_000;
    let comma = if orders.is_empty() { "" } else { "," };
    let _ = write!(
        orders,
        "{comma}('{id}',1,'B{number:07}-{place:05}','{customer}','completed',{at},{sales},0,{},{count},{at},{at})",
        sales / 3
    );
    for (position, bought) in [first, second].into_iter().take(count).enumerate() {
        let comma = if lines.is_empty() { "" } else { "," };
        let total = if position == 0 {
            sales - sales / 3 * (i64::try_from(count).unwrap_or(1) - 1)
        } else {
            sales / 3
        };
        let _ = write!(
            lines,
            "{comma}('{number:08x}-{place:04x}-7000-a{position:03x}-{number:012x}','{id}',{position},'{}','x',1000,{total}00,0,{total},{})",
            product(bought),
            total - total / 3
        );
    }
}

fn execute(db: &Db, statements: String) {
    db.housekeep_blocking(move |tx| bare::execute(tx, &statements))
        .expect("good statements");
}

pub fn checked<T: Rules>(input: T) -> Checked<T> {
    input.checked(Lang::En).unwrap_or_else(|p| panic!("{p:?}"))
}
