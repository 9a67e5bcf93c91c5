//! The made-up company: the same every time, and its figures agree.

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl};
use guanxi_domain::ErrorCode;
use guanxi_domain::value::ValueRun;
use guanxi_persistence::seed::{
    SeedOptions, SeedReport,
    Step::{Customers, Findings, Metrics, Orders, Planning, Segmentation, Tickets, Value},
    findings, seed,
};
use guanxi_persistence::{AnyConnection, Db, Error, ListQuery, metrics, user, value};

use crate::util::{Office, both};

#[derive(QueryableByName, PartialEq, Debug)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn options() -> SeedOptions {
    SeedOptions {
        customers: 300,
        orders: 1_500,
        seed: 7,
        // In the past, whenever the test runs: what is made follows from the day.
        now: "2026-11-20T12:00:00Z".parse().expect("a time"),
        force: false,
        password_hash: "no password".to_owned(),
        minor_digits: 2,
    }
}

fn made(db: &Db, options: &SeedOptions) -> SeedReport {
    seed(db, options, |_, _, _| {}).expect("a company")
}

fn lines(db: &Db, query: &str) -> Vec<String> {
    db.read_blocking(|c| {
        let found: Vec<Line> = match c {
            AnyConnection::Sqlite(c) => diesel::sql_query(query).load(c)?,
            AnyConnection::Postgres(c) => diesel::sql_query(query).load(c)?,
        };
        Ok(found.into_iter().map(|l| l.text).collect())
    })
    .expect("lines")
}

fn number(db: &Db, query: &str) -> i64 {
    db.read_blocking(|c| {
        let found: Number = match c {
            AnyConnection::Sqlite(c) => diesel::sql_query(query).get_result(c)?,
            AnyConnection::Postgres(c) => diesel::sql_query(query).get_result(c)?,
        };
        Ok(found.number)
    })
    .expect("a number")
}

const CUSTOMERS: &str = "SELECT c.id || c.code || c.name || coalesce(c.phone, '-') || c.stage || coalesce(u.email, '-') AS text \
     FROM customers c LEFT JOIN users u ON u.id = c.owner_id ORDER BY c.code";
const ORDERS: &str = "SELECT o.id || o.number || o.state || CAST(o.total AS TEXT) || CAST(o.ordered_at AS TEXT) AS text FROM orders o ORDER BY o.number";

const STOCK: &str = "SELECT s.id || p.sku || CAST(s.day AS TEXT) || CAST(s.quantity AS TEXT) || CAST(s.unit_cost AS TEXT) AS text \
     FROM stock_levels s JOIN products p ON p.id = s.product_id ORDER BY p.sku, s.day";

#[test]
fn a_seed_makes_the_same_company_on_both_databases() {
    let found = std::sync::Mutex::new(Vec::new());
    let options = options();
    both(|db, _| {
        made(db, &options);
        let content = (lines(db, CUSTOMERS), lines(db, ORDERS), lines(db, STOCK));
        let goods = number(
            db,
            "SELECT count(*) AS number FROM products WHERE category <> 'service'",
        );
        assert_eq!(
            number(db, "SELECT count(*) AS number FROM stock_levels"),
            goods * 25
        );
        assert_eq!((content.0.len(), content.1.len()), (300, 1_500));
        found.lock().expect("no panic").push(content);
    });
    let found = found.into_inner().expect("no panic");
    assert!(
        found[0] == found[1],
        "SQLite and PostgreSQL hold different companies"
    );
}

#[test]
fn its_figures_agree_and_it_is_alive() {
    both(|db, _| {
        let mut steps = Vec::new();
        // Enough for a few in each of the states that last some days only.
        let lively = SeedOptions {
            orders: 6_000,
            ..options()
        };
        let report = seed(db, &lively, |step, done, all| {
            assert!(done <= all);
            if steps.last() != Some(&step) {
                steps.push(step);
            }
        })
        .expect("a company");
        assert_eq!(
            steps,
            [
                Planning,
                Customers,
                Orders,
                Tickets,
                Metrics,
                Value,
                Segmentation
            ]
        );
        assert!(
            report
                .logins
                .iter()
                .any(|l| l.email == "admin@demo.example")
        );

        let verified = metrics::verify(db).expect("verified");
        assert_eq!((verified.customers, verified.differing), (300, 0));
        for (what, query) in [
            (
                "every state",
                "SELECT 8 - count(DISTINCT state) AS number FROM orders",
            ),
            (
                "totals are the sums of lines",
                "SELECT count(*) AS number FROM orders o WHERE total <> (SELECT sum(l.total) FROM order_lines l WHERE l.order_id = o.id)",
            ),
            (
                "steps end in the state",
                "SELECT count(*) AS number FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_transitions t WHERE t.order_id = o.id AND t.to_state = o.state)",
            ),
            (
                "contacts are the customer's",
                "SELECT count(*) AS number FROM orders o JOIN contacts c ON c.id = o.contact_id WHERE c.customer_id <> o.customer_id",
            ),
            (
                "nothing is of tomorrow",
                "SELECT count(*) AS number FROM tickets WHERE updated_at > (SELECT max(at) FROM audit_entries)",
            ),
        ] {
            assert_eq!(number(db, query), 0, "{what}");
        }
        for (what, query) in [
            (
                "tickets with replies",
                "SELECT count(*) AS number FROM ticket_comments WHERE kind = 'public'",
            ),
            (
                "evaluations",
                "SELECT count(*) AS number FROM customer_evaluations",
            ),
            (
                "customers without a telephone",
                "SELECT count(*) AS number FROM customers WHERE phone IS NULL",
            ),
            (
                "the best class",
                "SELECT count(*) AS number FROM value_places WHERE class = 'a'",
            ),
        ] {
            assert!(number(db, query) > 0, "{what}");
        }
        let sales = number(
            db,
            "SELECT CAST(sum(sales) AS BIGINT) AS number FROM customer_metrics",
        );
        let run: ValueRun = db
            .read_blocking(|c| {
                let id = administrator(c)?;
                let admin = user::actor(c, id)?;
                let runs = value::list(c, &admin, &ListQuery::all(&guanxi_domain::value::FIELDS))?;
                assert_eq!(runs.items.len(), 2);
                value::get(c, &admin, runs.items[0].id)
            })
            .expect("the run");
        assert_eq!(run.total.0, sales);
        assert!(!run.movements.is_empty());
        let top = &run.pyramid[0];
        assert!(
            top.amount_share > 0.2,
            "the best twentieth has {}",
            top.amount_share
        );
    });
}

fn administrator(
    connection: &mut AnyConnection,
) -> guanxi_persistence::Result<guanxi_domain::UserId> {
    let query = "SELECT id AS text FROM users WHERE email = 'admin@demo.example'";
    let found: Line = match connection {
        AnyConnection::Sqlite(c) => diesel::sql_query(query).get_result(c)?,
        AnyConnection::Postgres(c) => diesel::sql_query(query).get_result(c)?,
    };
    Ok(found.text.parse().expect("an id"))
}

#[test]
fn it_fills_no_database_that_is_in_use_unless_forced() {
    both(|db, _| {
        let office = Office::open(db);
        office.customer("Real");
        let small = SeedOptions {
            customers: 20,
            orders: 40,
            ..options()
        };
        let refused = seed(db, &small, |_, _, _| {});
        assert!(
            matches!(refused, Err(Error::Conflict(ErrorCode::Conflict))),
            "{refused:?}"
        );

        let forced = SeedOptions {
            force: true,
            ..small
        };
        made(db, &forced);
        made(db, &forced);
        assert_eq!(number(db, "SELECT count(*) AS number FROM customers"), 41);
        assert_eq!(metrics::verify(db).expect("verified").differing, 0);
        // The next customer gets the next code.
        assert_eq!(
            office.customer("Next").input.code.as_deref(),
            Some("C000042")
        );
    });
}

#[test]
fn analyses_have_found_something() {
    both(|db, _| {
        let company = SeedOptions {
            orders: 4_000,
            ..options()
        };
        made(db, &company);
        let mut last = (0, 0);
        findings(db, |step, done, all| {
            assert_eq!(step, Findings);
            last = (done, all);
        })
        .expect("findings");
        assert_eq!(last, (3, 3));
        for (what, least, query) in [
            (
                "rules",
                8,
                "SELECT count(*) AS number FROM rules WHERE lift >= 1500",
            ),
            (
                "customers in clusters",
                200,
                "SELECT count(*) AS number FROM cluster_members",
            ),
            (
                "members of segments",
                1,
                "SELECT count(*) AS number FROM segment_members WHERE until IS NULL",
            ),
        ] {
            let found = number(db, query);
            assert!(found >= least, "{what}: {found}");
        }
        let named = lines(db, "SELECT names AS text FROM cluster_runs");
        assert!(named[0].contains("核心客户"), "{named:?}");
        // Again: the segments are there already.
        findings(db, |_, _, _| {}).expect("findings");
        assert_eq!(number(db, "SELECT count(*) AS number FROM segments"), 2);
    });
}
