//! Value runs: the places, the classes on the customers, movement, and what a narrower scope sees.

use std::sync::{Arc, Barrier};

use diesel::connection::SimpleConnection;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::value::{
    FIELDS, Measure, RANKED_FIELDS, RankedCustomer,
    ValueClass::{self, A, B, C},
    ValueRun, ValueRunInput,
};
use guanxi_domain::{Checked, CustomerId, Date, ErrorCode, Money, ValueRunId};
use guanxi_persistence::{Actor, Db, Error, ListQuery, Origin, customer, value};
use serde_json::json;

use crate::util::{Office, both, checked, count, run_sql};

/// What a customer bought on a day of November 2026: day, sales, margin.
fn days(db: &Db, customer: CustomerId, days: &[(i8, i64, i64)]) {
    let november = |day| Date::new(2026, 11, day).expect("a day").days();
    let rows: Vec<String> = days
        .iter()
        .map(|(day, sales, margin)| {
            let (orders, returns) = if *sales < 0 { (0, -sales) } else { (1, 0) };
            format!(
                "('{customer}', {}, {orders}, {sales}, {margin}, {returns})",
                november(*day)
            )
        })
        .collect();
    db.housekeep_blocking(move |tx| {
        Ok(tx.connection.batch_execute(&format!(
            "INSERT INTO customer_days (customer_id, day, orders, sales, margin, returns) VALUES {}",
            rows.join(", ")
        ))?)
    })
    .expect("days");
}

fn run(db: &Db, actor: &Actor, settings: serde_json::Value) -> ValueRun {
    let input: Checked<ValueRunInput> = checked(json!({ "settings": settings }));
    tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(value::run(db, &Origin::of(actor), &input))
        .expect("a run")
}

fn class_of(office: &Office<'_>, id: CustomerId) -> Option<ValueClass> {
    let found = office
        .db
        .read_blocking(|c| customer::get(c, &guanxi_persistence::Visibility::All, id))
        .expect("the customer");
    assert_eq!(found.version, 1, "a run outdates nobody's edit");
    found.value_class
}

fn ranked(db: &Db, actor: &Actor, run: ValueRunId, pairs: &[(&str, &str)]) -> Vec<RankedCustomer> {
    let query = ListQuery::parse(&RANKED_FIELDS, pairs.iter().copied(), None).expect("a query");
    db.read_blocking(|c| value::ranked(c, actor, run, &query))
        .expect("a page")
        .items
}

/// Six customers with 50, 25, 15, 7, 3 and −4 in November; one more without orders.
fn known(office: &Office<'_>) -> Vec<CustomerId> {
    let ids: Vec<CustomerId> = ["Ann", "Ben", "Cat", "Dan", "Eve", "Fay", "Guy"]
        .iter()
        .map(|name| office.customer(name).id)
        .collect();
    days(office.db, ids[0], &[(1, 20, 2), (2, 30, 2)]);
    days(office.db, ids[1], &[(3, 25, 20)]);
    days(office.db, ids[2], &[(3, 16, 16), (9, -1, -1)]);
    days(office.db, ids[3], &[(4, 7, 7)]);
    days(office.db, ids[4], &[(20, 3, 60)]);
    days(office.db, ids[5], &[(5, -4, -4)]);
    ids
}

#[test]
fn a_run_ranks_what_was_bought_and_sets_the_classes() {
    both(|db, _| {
        let office = Office::open(db);
        let ids = known(&office);
        let run = run(db, &office.administrator, json!({"to": "2026-11-30"}));

        assert_eq!(
            (run.customers, run.total, run.positive),
            (6, Money(96), Money(100))
        );
        assert_eq!(run.from, Date::new(2026, 11, 1), "the first day there is");
        let figures: Vec<(i64, i64)> = run
            .classes
            .iter()
            .map(|c| (c.customers, c.amount.0))
            .collect();
        assert_eq!(figures, [(2, 75), (2, 22), (2, -1)]);
        assert_eq!(run.previous_id, None);
        assert!(run.movements.is_empty());

        let classes: Vec<_> = ids.iter().map(|id| class_of(&office, *id)).collect();
        assert_eq!(
            classes,
            [Some(A), Some(A), Some(B), Some(B), Some(C), Some(C), None]
        );

        let read = db
            .read_blocking(|c| value::get(c, &office.administrator, run.id))
            .expect("the run");
        assert_eq!(read, run);
        let places = ranked(db, &office.administrator, run.id, &[]);
        let shown: Vec<(i64, &str, i64)> = places
            .iter()
            .map(|p| (p.rank, p.name.as_str(), p.amount.0))
            .collect();
        assert_eq!(
            shown,
            [
                (1, "Ann", 50),
                (2, "Ben", 25),
                (3, "Cat", 15),
                (4, "Dan", 7),
                (5, "Eve", 3),
                (6, "Fay", -4)
            ]
        );
        assert!((places[1].cumulative_share - 0.75).abs() < 1e-12);
    });
}

#[test]
fn the_measure_and_the_window_are_the_settings() {
    both(|db, _| {
        let office = Office::open(db);
        known(&office);
        let margin = run(
            db,
            &office.administrator,
            json!({"measure": "margin", "from": "2026-11-03", "to": "2026-11-20"}),
        );
        assert_eq!(margin.settings.measure, Measure::Margin);
        let places = ranked(db, &office.administrator, margin.id, &[]);
        let shown: Vec<(&str, i64)> = places
            .iter()
            .map(|p| (p.name.as_str(), p.amount.0))
            .collect();
        assert_eq!(
            shown,
            [
                ("Eve", 60),
                ("Ben", 20),
                ("Cat", 15),
                ("Dan", 7),
                ("Fay", -4)
            ]
        );

        let nothing = run(
            db,
            &office.administrator,
            json!({"from": "2020-01-01", "to": "2020-01-31"}),
        );
        assert_eq!((nothing.customers, nothing.total), (0, Money(0)));
        assert!(nothing.curve.is_empty());
    });
}

#[test]
fn movement_is_counted_since_the_run_before() {
    both(|db, _| {
        let office = Office::open(db);
        let ids = known(&office);
        let first = run(db, &office.administrator, json!({"to": "2026-11-30"}));
        days(db, ids[6], &[(6, 900, 0)]);
        // Without the 5th, Fay has nothing in the window any more.
        let second = run(
            db,
            &office.administrator,
            json!({"from": "2026-11-06", "to": "2026-11-30"}),
        );

        assert_eq!(second.previous_id, Some(first.id));
        let moved: Vec<_> = second
            .movements
            .iter()
            .map(|m| (m.from, m.to, m.customers))
            .collect();
        assert_eq!(
            moved,
            [
                (None, Some(A), 1),
                (Some(A), None, 2),
                (Some(B), None, 1),
                (Some(B), Some(C), 1),
                (Some(C), None, 1),
                (Some(C), Some(C), 1)
            ]
        );
        assert_eq!(class_of(&office, ids[6]), Some(A));
        assert_eq!(
            class_of(&office, ids[0]),
            None,
            "bought nothing in the window"
        );
        let places = ranked(db, &office.administrator, second.id, &[]);
        assert_eq!(
            places.iter().map(|p| p.previous_class).collect::<Vec<_>>(),
            [None, Some(C), Some(B)]
        );
    });
}

#[test]
fn places_are_filtered_and_paged() {
    both(|db, _| {
        let office = Office::open(db);
        known(&office);
        let run = run(db, &office.administrator, json!({"to": "2026-11-30"}));
        let of_b = ranked(db, &office.administrator, run.id, &[("class", "b")]);
        assert_eq!(of_b.iter().map(|p| p.rank).collect::<Vec<_>>(), [3, 4]);
        let top = ranked(
            db,
            &office.administrator,
            run.id,
            &[("level", "top"), ("amount_min", "50")],
        );
        assert_eq!(top.len(), 1);

        let mut cursor: Option<String> = None;
        let mut ranks = Vec::new();
        loop {
            let mut pairs = vec![("limit", "4"), ("sort", "-rank"), ("with_total", "true")];
            if let Some(cursor) = &cursor {
                pairs.push(("cursor", cursor));
            }
            let query = ListQuery::parse(&RANKED_FIELDS, pairs, None).expect("a query");
            let page = db
                .read_blocking(|c| value::ranked(c, &office.administrator, run.id, &query))
                .expect("a page");
            assert_eq!(page.total, Some(6));
            ranks.extend(page.items.iter().map(|p| p.rank));
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(ranks, [6, 5, 4, 3, 2, 1]);

        let unknown = db.read_blocking(|c| {
            value::ranked(
                c,
                &office.administrator,
                ValueRunId::generate(),
                &ListQuery::all(&RANKED_FIELDS),
            )
        });
        assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
    });
}

/// Both have read before either can write.
async fn two_at_once(db: &Db, writers: usize, by: &Actor) -> [Result<ValueRun, Error>; 2] {
    let gate = Arc::new(Barrier::new(writers + 1));
    let (sender, started) = std::sync::mpsc::channel();
    for _ in 0..writers {
        let (db, gate, sender) = (db.clone(), Arc::clone(&gate), sender.clone());
        tokio::spawn(async move {
            db.housekeep(move |_| {
                sender.send(()).expect("the test listens");
                gate.wait();
                Ok(())
            })
            .await
        });
    }
    let db = db.clone();
    let by = Origin::of(by);
    let runs = [(); 2].map(|()| {
        let (db, by) = (db.clone(), by.clone());
        let input: Checked<ValueRunInput> = checked(json!({"settings": {}}));
        (db, by, input)
    });
    for _ in 0..writers {
        tokio::task::block_in_place(|| started.recv()).expect("a writer is busy");
    }
    let [one, two] =
        runs.map(|(db, by, input)| tokio::spawn(async move { value::run(&db, &by, &input).await }));
    while db.waiting_writes() < 2 {
        tokio::task::yield_now().await;
    }
    tokio::task::block_in_place(|| gate.wait());
    [one.await.expect("no panic"), two.await.expect("no panic")]
}

#[test]
fn of_two_runs_at_once_one_is_kept() {
    both(|db, on| {
        let office = Office::open(db);
        known(&office);
        let writers = if on == "sqlite" { 1 } else { 4 };
        let mut runs = tokio::runtime::Runtime::new()
            .expect("a runtime")
            .block_on(two_at_once(db, writers, &office.administrator));
        runs.sort_by_key(Result::is_err);
        let [Ok(kept), Err(Error::Conflict(ErrorCode::RunMeanwhile))] = &runs else {
            panic!("{runs:?}");
        };
        let page = db
            .read_blocking(|c| value::list(c, &office.administrator, &ListQuery::all(&FIELDS)))
            .expect("a page");
        assert_eq!(
            page.items.iter().map(|run| run.id).collect::<Vec<_>>(),
            [kept.id]
        );
        assert_eq!(places(db), 6, "nothing is left of the other");
    });
}

#[test]
fn what_a_broken_off_run_leaves_is_not_seen_and_swept_away() {
    both(|db, _| {
        let office = Office::open(db);
        let ids = known(&office);
        let kept = run(db, &office.administrator, json!({"to": "2026-11-30"}));
        let left = format!(
            "INSERT INTO value_leftovers (run, beat_at) VALUES (2, {});
             INSERT INTO value_places (run, customer_id, rank, class) VALUES (2, '{}', 1, 'c');",
            guanxi_domain::Timestamp::now().micros(),
            ids[0]
        );
        run_sql(db, &left);
        assert_eq!(
            class_of(&office, ids[0]),
            Some(A),
            "as the run before has it"
        );
        let all = ListQuery::all(&FIELDS);
        let runs = db
            .read_blocking(|c| value::list(c, &office.administrator, &all))
            .expect("the runs");
        assert_eq!(runs.items.len(), 1);
        let of_broken = "SELECT count(*) AS n FROM value_places WHERE run = 2";
        value::sweep(db).expect("sweeps");
        assert_eq!(count(db, of_broken), 1, "it may be alive");
        run_sql(
            db,
            "UPDATE value_leftovers SET beat_at = beat_at - 301000000",
        );
        let next = run(db, &office.administrator, json!({"to": "2026-11-30"}));
        assert_eq!(next.previous_id, Some(kept.id));
        assert_eq!((count(db, of_broken), places(db)), (0, 2 * 6));
    });
}

#[test]
fn a_deleted_customer_leaves_no_place() {
    both(|db, _| {
        let office = Office::open(db);
        let ids = known(&office);
        for _ in 0..2 {
            run(db, &office.administrator, json!({"to": "2026-11-30"}));
        }
        db.write_blocking(Origin::of(&office.administrator), move |tx| {
            customer::delete(tx, &guanxi_persistence::Visibility::All, ids[1], 1)
        })
        .expect("gone");
        assert_eq!(places(db), 2 * 5);
        let next = run(db, &office.administrator, json!({"to": "2026-11-30"}));
        let moved: i64 = next.movements.iter().map(|m| m.customers).sum();
        assert_eq!((next.customers, moved), (5, 5), "who is gone has not moved");
    });
}

#[test]
fn runs_of_before_the_migration_stay_readable() {
    both(|db, on| {
        let office = Office::open(db);
        let ids = known(&office);
        let runs = [(); 2].map(|()| run(db, &office.administrator, json!({"to": "2026-11-30"})));
        let before = ranked(db, &office.administrator, runs[1].id, &[]);
        let (down, up) = if on == "sqlite" {
            (
                include_str!("../../../../migrations/sqlite/0026_runs_in_order/down.sql"),
                include_str!("../../../../migrations/sqlite/0026_runs_in_order/up.sql"),
            )
        } else {
            (
                include_str!("../../../../migrations/postgres/0026_runs_in_order/down.sql"),
                include_str!("../../../../migrations/postgres/0026_runs_in_order/up.sql"),
            )
        };
        run_sql(db, down);
        let of_a = "SELECT count(*) AS n FROM customers WHERE value_class = 'a'";
        assert_eq!(count(db, of_a), 2);
        run_sql(db, up);
        assert_eq!(places(db), 2 * 6);
        assert_eq!(ranked(db, &office.administrator, runs[1].id, &[]), before);
        assert_eq!(class_of(&office, ids[2]), Some(B));
        let next = run(db, &office.administrator, json!({"to": "2026-11-30"}));
        assert_eq!(next.previous_id, Some(runs[1].id));
    });
}

/// Places that are kept: as many by rank as by customer.
fn places(db: &Db) -> i64 {
    let ranks = count(db, "SELECT count(*) AS n FROM value_ranks");
    let both = "SELECT count(*) AS n FROM value_ranks INNER JOIN value_places ON value_places.run = value_ranks.run \
         AND value_places.customer_id = value_ranks.customer_id AND value_places.rank = value_ranks.rank \
         AND value_places.class = value_ranks.class";
    let by_customer = count(db, "SELECT count(*) AS n FROM value_places");
    assert_eq!((count(db, both), by_customer), (ranks, ranks));
    ranks
}

#[test]
fn the_newest_runs_keep_their_places() {
    both(|db, _| {
        let office = Office::open(db);
        known(&office);
        let north = office.department("North");
        let li = office.employee("Li", ShippedRole::Sales, north);
        let runs: Vec<ValueRunId> = (0..13)
            .map(|_| run(db, &office.administrator, json!({"to": "2026-11-30"})).id)
            .collect();
        let all = ListQuery::all(&RANKED_FIELDS);
        let places = |actor: &Actor, id| db.read_blocking(|c| value::ranked(c, actor, id, &all));
        assert_eq!(
            places(&office.administrator, runs[1])
                .expect("kept")
                .items
                .len(),
            6
        );
        assert!(matches!(
            places(&office.administrator, runs[0]),
            Err(Error::Conflict(ErrorCode::PlacesForgotten))
        ));
        let seen = |actor: &Actor, id| db.read_blocking(|c| value::get(c, actor, id));
        assert_eq!(
            seen(&office.administrator, runs[0])
                .expect("its figures")
                .customers,
            6
        );
        assert!(matches!(
            seen(&li, runs[0]),
            Err(Error::Conflict(ErrorCode::PlacesForgotten))
        ));
        assert_eq!(self::places(db), 12 * 6);
        // Against what is not known any more nobody has moved.
        assert_eq!(seen(&li, runs[1]).expect("kept").movements, []);
    });
}

#[test]
fn a_narrower_scope_learns_nothing_of_others() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let seller = office.employee("Sam", ShippedRole::Sales, north);
        let manager = office.employee("Mia", ShippedRole::DepartmentManager, north);
        let clerk = office.employee("Cleo", ShippedRole::DepartmentClerk, north);
        let others = known(&office);
        let mine = office.customer_of(&seller, "Mine").id;
        let small = office.customer_of(&seller, "Small").id;
        days(db, mine, &[(7, 30, 3)]);
        days(db, small, &[(7, 10, 3)]);
        let first = run(db, &office.administrator, json!({"to": "2026-11-30"}));
        let second = run(
            db,
            &office.administrator,
            json!({"from": "2026-11-02", "to": "2026-11-30"}),
        );
        assert_eq!(first.customers, 8);

        for who in [&seller, &manager] {
            let seen = db
                .read_blocking(|c| value::get(c, who, second.id))
                .expect("the run");
            assert_eq!(
                (seen.customers, seen.total, seen.positive),
                (2, Money(40), Money(40))
            );
            assert_eq!(seen.classes.iter().map(|c| c.amount.0).sum::<i64>(), 40);
            assert_eq!(seen.curve.len(), 3);
            assert!((seen.curve[1].amount_share - 0.75).abs() < 1e-12);
            assert_eq!(seen.movements.iter().map(|m| m.customers).sum::<i64>(), 2);

            let places = ranked(db, who, second.id, &[]);
            assert_eq!(
                places.iter().map(|p| p.customer_id).collect::<Vec<_>>(),
                [mine, small]
            );
            assert_eq!(
                places
                    .iter()
                    .map(|p| p.cumulative_share)
                    .collect::<Vec<_>>(),
                [0.75, 1.0]
            );
            assert!(
                others
                    .iter()
                    .all(|id| places.iter().all(|p| p.customer_id != *id))
            );
            let page = db
                .read_blocking(|c| {
                    let query = ListQuery::parse(
                        &RANKED_FIELDS,
                        [("with_total", "true"), ("limit", "1")],
                        None,
                    )?;
                    value::ranked(c, who, second.id, &query)
                })
                .expect("a page");
            assert_eq!(page.total, Some(2));

            let runs = db
                .read_blocking(|c| value::list(c, who, &ListQuery::all(&FIELDS)))
                .expect("the runs");
            assert_eq!(runs.items.len(), 2);
            assert!(
                runs.items
                    .iter()
                    .all(|r| r.total.is_none() && r.customers.is_none())
            );
        }
        // No right to reports at all: nothing is seen, even if the API let such a caller through.
        assert!(ranked(db, &clerk, second.id, &[]).is_empty());

        let runs = db
            .read_blocking(|c| value::list(c, &office.administrator, &ListQuery::all(&FIELDS)))
            .expect("the runs");
        assert_eq!(
            runs.items.iter().map(|r| r.id).collect::<Vec<_>>(),
            [second.id, first.id]
        );
        assert_eq!(runs.items[1].total, Some(Money(136)));
    });
}
