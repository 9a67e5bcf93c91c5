//! Clusters: the same on both databases, kept and published, named, and what a narrower scope sees.

use std::ops::ControlFlow;

use std::sync::Mutex;

use guanxi_domain::job::JobState;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::segmentation::kmeans::{
    ClusterMove, ClusterRefusal, ClusterResult, ClusterRun, ClusteredCustomer, FIELDS,
    KMeansQuality, MEMBER_FIELDS,
};
use guanxi_domain::{ClusterRunId, CustomerId, ErrorCode, Timestamp};
use guanxi_persistence::{
    Actor, Db, Error, ListQuery, Origin, Result, Visibility, clusters, customer,
};
use serde_json::{Value, json};

use crate::util::{Office, both, checked, count, run_sql};

/// A customer with figures: days since the last purchase, days with one, sales.
fn bought(office: &Office<'_>, owner: &Actor, figures: (i32, i64, i64)) -> CustomerId {
    let (recency, days, sales) = figures;
    let id = office.customer_of(owner, "Somebody").id;
    let last = Timestamp::now().date().plus_days(-recency).days();
    run_sql(
        office.db,
        &format!(
            "UPDATE customer_metrics SET orders = {days}, order_days = {days}, first_order_on = {last} - 100, last_order_on = {last}, sales = {sales} \
             WHERE customer_id = '{id}'"
        ),
    );
    id
}

/// Two groups far apart and some in between, mixed.
fn known(office: &Office<'_>, owner: &Actor) -> Vec<CustomerId> {
    (0..40)
        .map(|n| {
            let spread = i32::try_from(n * 7 % 13).expect("small");
            let figures = match n % 4 {
                0 => (5 + spread, 30 + n, 900_000 + n * 1_000),
                1 | 2 => (200 + spread, 2, 3_000 + n * 10),
                _ => (60 + 3 * spread, 6 + n % 5, 40_000 + n * 900),
            };
            bought(office, owner, figures)
        })
        .collect()
}

fn ask(db: &Db, actor: &Actor, settings: &Value) -> ClusterRun {
    let (actor, input) = (actor.clone(), checked(json!({ "settings": settings })));
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        clusters::create(tx, &actor, &input)
    })
    .expect("a run")
}

fn run(db: &Db, actor: &Actor, settings: &Value) -> (ClusterRunId, ClusterResult) {
    let id = ask(db, actor, settings).head.id;
    let made = clusters::make(db, id, |_| ControlFlow::Continue(())).expect("made");
    (id, made.expect("it was asked for"))
}

fn members(
    db: &Db,
    actor: &Actor,
    run: ClusterRunId,
    pairs: &[(&str, &str)],
) -> Result<Vec<ClusteredCustomer>> {
    let pairs = [pairs, &[("limit", "200")]].concat();
    let query = ListQuery::parse(&MEMBER_FIELDS, pairs, None)?;
    db.read_blocking(|c| clusters::members(c, actor, run, &query))
        .map(|page| page.items)
}

/// The cluster of each customer, in their order.
fn labels(db: &Db, actor: &Actor, run: ClusterRunId) -> Vec<i64> {
    let mut all = members(db, actor, run, &[]).expect("members");
    all.sort_unstable_by_key(|member| member.customer_id);
    all.iter().map(|member| member.cluster).collect()
}

fn get(db: &Db, actor: &Actor, run: ClusterRunId) -> ClusterRun {
    db.read_blocking(|c| clusters::get(c, actor, run))
        .expect("the run")
}

#[test]
fn a_seed_gives_the_same_clusters_on_both_databases() {
    let first: Mutex<Option<Vec<i64>>> = Mutex::new(None);
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        let ids = known(&office, admin);
        office.customer("Without a purchase");
        let settings = json!({"clusters": 6, "restarts": 1, "seed": 11, "max_iterations": 3});
        let (id, result) = run(db, admin, &settings);
        assert_eq!((result.chosen, result.figures.customers), (6, 40));
        let found = labels(db, admin, id);
        let sizes: Vec<i64> = result
            .figures
            .profiles
            .iter()
            .map(|p| p.customers)
            .collect();
        let counted = |cluster| found.iter().filter(|label| **label == cluster).count();
        let counted: Vec<i64> = (1..=6)
            .map(|c| i64::try_from(counted(c)).expect("few"))
            .collect();
        assert_eq!(sizes, counted);
        assert!(
            sizes.is_sorted_by(|a, b| a >= b),
            "the largest first: {sizes:?}"
        );

        let (again, _) = run(db, admin, &settings);
        assert_eq!(labels(db, admin, again), found);
        let mut first = first.lock().expect("no panic");
        assert_eq!(
            first.get_or_insert_with(|| found.clone()),
            &found,
            "as on the other database"
        );
        drop(first);

        let customer = db
            .read_blocking(|c| customer::get(c, &Visibility::All, ids[0]))
            .expect("a customer");
        assert_eq!(
            (customer.cluster, customer.version),
            (Some(found[0]), 1),
            "nobody's edit is outdated"
        );
    });
}

#[test]
fn the_number_of_clusters_is_found_and_profiles_add_up() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        known(&office, admin);
        let (id, result) = run(db, admin, &json!({"max_clusters": 5, "restarts": 3}));
        let tried: Vec<i32> = result
            .tried
            .iter()
            .map(|quality| quality.clusters)
            .collect();
        assert_eq!(tried, [2, 3, 4, 5]);
        let score = |quality: &KMeansQuality| quality.silhouette.unwrap_or(-1.0);
        let best = result
            .tried
            .iter()
            .max_by(|a, b| score(a).total_cmp(&score(b)));
        assert_eq!(best.map(|q| i64::from(q.clusters)), Some(result.chosen));
        // Weighted by size, the means of the clusters are the mean of all.
        for feature in 0..3 {
            let sum: f64 = result
                .figures
                .profiles
                .iter()
                .map(|p| p.share * p.means[feature])
                .sum();
            let mean = result.figures.means[feature];
            assert!((sum - mean).abs() <= 1e-9 * mean.abs(), "{sum} is {mean}");
        }
        assert_eq!(result.figures.points.len(), 40);
        let of_one = members(db, admin, id, &[("cluster", "1")]).expect("members");
        assert_eq!(
            i64::try_from(of_one.len()).ok(),
            Some(result.figures.profiles[0].customers)
        );
        assert!(
            of_one
                .iter()
                .all(|m| m.cluster == 1 && m.values.len() == 3 && m.previous.is_none())
        );
    });
}

#[test]
fn who_moved_is_told_against_the_run_before() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        let ids = known(&office, admin);
        let settings = json!({"clusters": 2, "restarts": 2});
        let (first, result) = run(db, admin, &settings);
        assert_eq!((result.previous_id, result.moves.len()), (None, 0));
        let new = bought(&office, admin, (5, 40, 900_000));
        run_sql(
            db,
            &format!(
                "UPDATE customer_metrics SET order_days = 0 WHERE customer_id = '{}'",
                ids[3]
            ),
        );
        let (second, result) = run(db, admin, &settings);
        assert_eq!(result.previous_id, Some(first));
        let count = |from: bool, to: bool| -> i64 {
            let fits = |m: &&ClusterMove| m.from.is_some() == from && m.to.is_some() == to;
            result.moves.iter().filter(fits).map(|m| m.customers).sum()
        };
        assert_eq!(
            (count(true, true), count(false, true), count(true, false)),
            (39, 1, 1)
        );
        let moved = members(db, admin, second, &[]).expect("members");
        let of_new = moved.iter().find(|m| m.customer_id == new);
        assert_eq!(of_new.map(|m| m.previous), Some(None));
        assert_eq!(moved.iter().filter(|m| m.previous.is_some()).count(), 39);
    });
}

#[test]
fn a_run_that_is_cancelled_while_it_is_made_is_not_published() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        known(&office, admin);
        let settings = json!({"clusters": 2, "restarts": 1});
        let (first, _) = run(db, admin, &settings);
        let cancelled = ask(db, admin, &settings).head.id;
        // Whoever makes it has not heard of it yet.
        let cancel = |id| {
            let asks = admin.clone();
            db.write_blocking(Origin::of(admin), move |tx| clusters::cancel(tx, &asks, id))
        };
        let mut told = false;
        let made = clusters::make(db, cancelled, |_| {
            if !std::mem::replace(&mut told, true) {
                let run = cancel(cancelled).expect("it can be cancelled");
                assert_eq!(run.head.state, JobState::Cancelled);
            }
            ControlFlow::Continue(())
        });
        assert_eq!(made.expect("no error"), None);
        let run = get(db, admin, cancelled);
        assert_eq!((run.head.state, run.result), (JobState::Cancelled, None));
        assert!(get(db, admin, first).head.current);
        let of_cancelled = "SELECT count(*) AS n FROM cluster_members WHERE run = 2";
        assert_eq!(count(db, of_cancelled), 0, "nothing of it is left");
        assert!(matches!(
            cancel(first),
            Err(Error::Conflict(ErrorCode::Conflict))
        ));
    });
}

#[test]
fn the_newest_twelve_runs_and_the_current_one_keep_their_customers() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        known(&office, admin);
        let settings = json!({"clusters": 2, "restarts": 1});
        let (first, _) = run(db, admin, &settings);
        assert_eq!(
            clusters::make(db, first, |_| ControlFlow::Continue(())).expect("no error"),
            None,
            "it is made already"
        );
        // An attempt that was killed left some customers.
        let broken = ask(db, admin, &settings).head.id;
        run_sql(
            db,
            "INSERT INTO cluster_members SELECT 2, customer_id, cluster, NULL, data FROM cluster_members WHERE run = 1",
        );
        clusters::make(db, broken, |_| ControlFlow::Continue(())).expect("made");
        assert_eq!(labels(db, admin, broken).len(), 40);
        // Refused runs move nothing.
        let (refused, result) = run(
            db,
            admin,
            &json!({"clusters": 20, "features": ["complaints"]}),
        );
        assert_eq!(result.refusal, Some(ClusterRefusal::NoSpread));
        assert!(get(db, admin, broken).head.current && !get(db, admin, refused).head.current);
        for _ in 0..11 {
            run(db, admin, &json!({"features": ["complaints"]}));
        }
        let forgotten = members(db, admin, first, &[]).expect_err("forgotten");
        assert!(matches!(
            forgotten,
            Error::Conflict(ErrorCode::PlacesForgotten)
        ));
        assert_eq!(
            labels(db, admin, broken).len(),
            40,
            "what customers are in now stays"
        );
        assert_eq!(
            get(db, admin, first).result.map(|r| r.figures.customers),
            Some(40)
        );
        let all = db.read_blocking(|c| clusters::list(c, &ListQuery::all(&FIELDS)));
        assert_eq!(all.expect("runs").items.len(), 14);
    });
}

#[test]
fn who_sees_a_part_is_told_of_that_part_only() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        known(&office, admin);
        let east = office.department("East");
        let seller = office.employee("Sam", ShippedRole::Sales, east);
        let own = [
            bought(&office, &seller, (7, 33, 910_000)),
            bought(&office, &seller, (210, 2, 3_000)),
        ];
        let settings = json!({"clusters": 2, "restarts": 2});
        let (first, _) = run(db, admin, &settings);
        let (second, whole) = run(db, admin, &settings);
        let seen = get(db, &seller, second).result.expect("a result");
        assert_eq!((whole.figures.customers, seen.figures.customers), (42, 2));
        assert!(
            (seen.figures.means[2] - 456_500.0).abs() < 1e-6,
            "{:?}",
            seen.figures.means
        );
        assert_eq!(
            (seen.quality, seen.tried.len(), seen.figures.points.len()),
            (None, 0, 2)
        );
        assert_eq!(seen.moves.iter().map(|m| m.customers).sum::<i64>(), 2);
        assert_eq!(seen.previous_id, Some(first));
        let listed = members(db, &seller, second, &[]).expect("members");
        assert_eq!(listed.len(), 2);
        assert!(listed.iter().all(|m| own.contains(&m.customer_id)));
        // No right to reports at all: nothing is seen, even if the API let such a caller through.
        let clerk = office.employee("Cat", ShippedRole::DepartmentClerk, east);
        assert!(
            members(db, &clerk, second, &[])
                .expect("no error")
                .is_empty()
        );
    });
}

#[test]
fn names_belong_to_a_run_and_its_version() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        known(&office, admin);
        let (id, _) = run(db, admin, &json!({"clusters": 2, "restarts": 1}));
        let rename = |version: i64, names: Value| {
            let (actor, change) = (admin.clone(), checked(json!({ "names": names })));
            db.write_blocking(Origin::of(admin), move |tx| {
                clusters::rename(tx, &actor, id, version, &change)
            })
        };
        let named = rename(1, json!(["Best", null])).expect("named");
        assert_eq!(
            (named.head.version, named.head.names),
            (2, vec![Some("Best".to_owned()), None])
        );
        assert!(matches!(rename(1, json!(["Late"])), Err(Error::Stale)));
        assert!(matches!(
            rename(2, json!(["A", "B", "C"])),
            Err(Error::Invalid(_))
        ));
    });
}
