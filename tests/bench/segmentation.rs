//! `make bench-segmentation`: everything that is reckoned of a million customers, against one sequential read of their figures.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use guanxi_domain::segmentation::run::SegmentationRunInput;
use guanxi_domain::value::ValueRunInput;
use guanxi_domain::{Checked, Lang, Rules, Timestamp};
use guanxi_persistence::{Db, DbConfig, Origin, bare, segmentation, value};
use guanxi_tests::Database;

/// Customers that one statement inserts.
const AT_ONCE: u32 = 500;
/// Times as long as the read of the figures that everything may take.
const GOAL: f64 = 20.0;
/// Days back to the first purchases.
const YEARS: f64 = 1_095.0;

/// `segmentation [CUSTOMERS [DATABASE]]`
pub fn run(mut arguments: impl Iterator<Item = String>) {
    let customers: u32 = arguments.next().map_or(1_000_000, |a| {
        a.parse()
            .expect("bench segmentation [CUSTOMERS [DATABASE]]")
    });
    let only = arguments.next();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        one_database("SQLite", &Database::sqlite(), customers);
    }
    if wanted("postgres") {
        one_database("PostgreSQL", &Database::postgres("bench"), customers);
    }
}

fn one_database(name: &str, database: &Database, customers: u32) {
    let db = Db::open(&DbConfig::new(database.url())).expect("the database");
    let filling = Instant::now();
    let days = fill(&db, customers);
    println!(
        "\n{name}: {customers} customers with {days} days of purchases, made in {:.0} s",
        filling.elapsed().as_secs_f64()
    );
    let read = || {
        let (rows, _) = db.read_blocking(bare::read_metrics).expect("the figures");
        assert_eq!(rows, customers as usize);
    };
    read();
    let (floor, _) = timed(read);
    let wanted: Checked<SegmentationRunInput> = checked(SegmentationRunInput::default());
    let (run_took, memory) = timed(|| {
        let go_on = |_| ControlFlow::Continue(());
        segmentation::run(&db, &Origin::system(), &wanted, go_on).expect("a run");
    });
    let ranking: Checked<ValueRunInput> = checked(ValueRunInput::default());
    let (abc_took, memory_of_abc) = timed(|| {
        value::run_blocking(&db, &Origin::system(), &ranking).expect("a run");
    });
    println!("{:<44} {:>9} {:>8} {:>8}", "what", "seconds", "ratio", "MB");
    let line = |what: &str, time: Duration, memory: u64| {
        let ratio = time.as_secs_f64() / floor.as_secs_f64();
        println!(
            "{what:<44} {:>9.2} {ratio:>8.1} {memory:>8}",
            time.as_secs_f64()
        );
        ratio
    };
    line("one sequential read of customer_metrics", floor, 0);
    line(
        "RFM, BG/NBD, lifetime, lifecycle, churn, kept",
        run_took,
        memory,
    );
    line("ABC, kept", abc_took, memory_of_abc);
    let all = line("everything", run_took + abc_took, memory.max(memory_of_abc));
    let mark = if all <= GOAL { "" } else { " <" };
    println!("goal {GOAL}{mark}");
}

fn checked<T: Rules>(input: T) -> Checked<T> {
    input.checked(Lang::En).unwrap_or_else(|p| panic!("{p:?}"))
}

/// How long something takes, and the most memory that the process held meanwhile, in MB.
fn timed(f: impl FnOnce()) -> (Duration, u64) {
    // Forgets the highest mark so far; where the kernel has none it reads 0.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let started = Instant::now();
    f();
    let took = started.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let highest = status.lines().find_map(|line| {
        let kilobytes = line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?;
        kilobytes.parse::<u64>().ok()
    });
    (took, highest.unwrap_or(0) / 1_024)
}

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

/// Fills customers, their days and their figures; how many days.
fn fill(db: &Db, customers: u32) -> usize {
    let today = Timestamp::now().date().days();
    let mut random = Random(1);
    let mut all = 0;
    for first in (0..customers).step_by(AT_ONCE as usize) {
        let mut heads = String::new();
        let (mut figures, mut rows) = (String::new(), String::new());
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
            for (day, sales) in days {
                let comma = if rows.is_empty() { "" } else { "," };
                let _ = write!(rows, "{comma}('{id}',{day},1,{sales},{},0)", sales / 3);
            }
        }
        let statements = format!(
            "INSERT INTO customers (id, version, code, name, kind, stage, tags, company, profile, completeness, blacklisted, created_at, updated_at) VALUES {heads};\
             INSERT INTO customer_metrics (customer_id, orders, order_days, first_order_on, last_order_on, sales, margin, sales_365d, sales_365d_before, as_of) VALUES {figures};\
             INSERT INTO customer_days (customer_id, day, orders, sales, margin, returns) VALUES {rows};"
        );
        db.housekeep_blocking(move |tx| bare::execute(tx, &statements))
            .expect("good statements");
    }
    let settle = "ANALYZE;".to_owned();
    db.housekeep_blocking(move |tx| bare::execute(tx, &settle))
        .expect("statistics");
    all
}
