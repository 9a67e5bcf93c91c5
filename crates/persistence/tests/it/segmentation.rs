//! Segmentation runs: what is kept, what becomes of a run that is not made to the end, what a narrower scope sees.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use guanxi_domain::permission::ShippedRole;
use guanxi_domain::segmentation::lifecycle::LifecycleStage;
use guanxi_domain::segmentation::lifetime::{FitRefusal, ValueMethod};
use guanxi_domain::segmentation::run::{
    ComparisonInput, CustomerScores, MOVED_FIELDS, MoveDimension, RunFailure, RunState,
    SCORED_FIELDS, ScoreTopic, SegmentationRun, SegmentationRunInput,
};
use guanxi_domain::{Checked, CustomerId, ErrorCode, Money, SegmentationRunId};
use guanxi_persistence::segmentation::{self, Made};
use guanxi_persistence::{Actor, Db, Error, ListQuery, Origin, Visibility, customer, job};
use serde_json::json;

use crate::util::{Office, both, checked, count, run_sql};

/// The day that the runs of these tests look from, 2026-11-30, and days before it.
const AS_OF: &str = "2026-11-30";
const TODAY: i32 = 20_787;

/// What a customer bought: days before the day of the run, and net sales.
fn bought(db: &Db, customer: CustomerId, days: &[(i32, i64)]) {
    let mut rows = String::new();
    for (ago, sales) in days {
        let comma = if rows.is_empty() { "" } else { ", " };
        let orders = i32::from(*sales > 0);
        let day = TODAY - ago;
        let _ = write!(
            rows,
            "{comma}('{customer}', {day}, {orders}, {sales}, {}, 0)",
            sales / 4
        );
    }
    run_sql(
        db,
        &format!(
            "INSERT INTO customer_days (customer_id, day, orders, sales, margin, returns) VALUES {rows}"
        ),
    );
}

fn input(as_of: &str) -> Checked<SegmentationRunInput> {
    checked(json!({ "as_of": as_of }))
}

fn go_on(_: i64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn get(db: &Db, actor: &Actor, id: SegmentationRunId) -> SegmentationRun {
    db.read_blocking(|c| segmentation::get(c, actor, id))
        .expect("the run")
}

fn made(office: &Office<'_>, as_of: &str) -> SegmentationRun {
    let origin = Origin::of(&office.administrator);
    match segmentation::run(office.db, &origin, &input(as_of), go_on) {
        Ok(Made::Run { id, .. }) => get(office.db, &office.administrator, id),
        other => panic!("no run: {other:?}"),
    }
}

fn newest(office: &Office<'_>) -> SegmentationRun {
    let query = ListQuery::all(&guanxi_domain::segmentation::run::FIELDS);
    let page = office
        .db
        .read_blocking(|c| segmentation::list(c, &office.administrator, &query))
        .expect("runs");
    get(office.db, &office.administrator, page.items[0].id)
}

fn scores(db: &Db, id: CustomerId) -> Option<CustomerScores> {
    db.read_blocking(|c| customer::get(c, &Visibility::All, id))
        .expect("the customer")
        .scores
}

/// Scores that are kept, of which each has its place by value.
fn rows(db: &Db) -> i64 {
    let scores = count(db, "SELECT count(*) AS n FROM segmentation_scores");
    let placed = "SELECT count(*) AS n FROM segmentation_scores INNER JOIN segmentation_values \
         ON segmentation_values.run = segmentation_scores.run AND segmentation_values.customer_id = segmentation_scores.customer_id \
         AND segmentation_values.value = coalesce(segmentation_scores.lifetime_value, -9223372036854775807)";
    let values = count(db, "SELECT count(*) AS n FROM segmentation_values");
    assert_eq!((count(db, placed), values), (scores, scores));
    scores
}

/// Three customers who bought, and one who did not.
fn known(office: &Office<'_>) -> [CustomerId; 4] {
    let ids = ["Ann", "Ben", "Cat", "Dan"].map(|name| office.customer(name).id);
    bought(
        office.db,
        ids[0],
        &[(300, 1_000), (200, 500), (100, 500), (10, 2_000)],
    );
    bought(office.db, ids[1], &[(700, 400), (690, -100)]);
    bought(office.db, ids[2], &[(20, 300)]);
    ids
}

#[test]
fn thin_data_gives_historic_values_and_says_so() {
    both(|db, _| {
        let office = Office::open(db);
        let [ann, ben, cat, dan] = known(&office);
        let run = made(&office, AS_OF);
        let head = &run.head;
        assert_eq!(
            (head.state, head.current, head.scores_kept),
            (RunState::Done, true, true)
        );
        assert_eq!((head.customers, head.purchases), (Some(4), Some(6)));
        assert_eq!(head.from.map(guanxi_domain::Date::days), Some(TODAY - 700));

        let models = run.models.expect("for who sees all");
        let refused = models.purchases_refused.expect("three customers");
        assert_eq!(
            (refused.reason, refused.customers),
            (FitRefusal::TooFewRepeatBuyers, 3)
        );
        assert!(models.purchases.is_none() && models.repeat_counts.is_empty());

        let of = |id| scores(db, id).expect("scored");
        assert_eq!(
            (
                of(ann).value_method,
                of(ann).lifetime_value,
                of(ann).probability_active
            ),
            (Some(ValueMethod::Historic), Some(Money(1_000)), None),
            "the margin that was earned"
        );
        assert_eq!(
            (of(ann).recency_days, of(ann).frequency, of(ann).monetary),
            (Some(10), Some(4), Some(Money(4_000)))
        );
        assert_eq!(
            (of(ben).rfm_segment, of(ben).lifetime_value),
            (None, Some(Money(75)))
        );
        assert_eq!(of(ben).value_if_active, of(ben).lifetime_value);
        assert_eq!(of(ben).lifecycle_stage, LifecycleStage::Lost);
        assert_eq!(of(cat).churn_risk, None, "one purchase and no model");
        assert_eq!(
            (of(dan).lifecycle_stage, of(dan).lifetime_value),
            (LifecycleStage::Acquisition, None)
        );

        let figures = run.figures.expect("done");
        assert_eq!(
            (figures.customers, figures.buyers, figures.rfm.customers),
            (4, 3, 2)
        );
        assert_eq!(figures.rfm.sales, Money(4_300));
        assert_eq!(figures.lifetime.total, Money(1_000 + 75 + 75));
    });
}

#[test]
fn a_run_whose_process_died_is_given_up_and_swept_away() {
    both(|db, _| {
        let office = Office::open(db);
        known(&office);
        let origin = Origin::of(&office.administrator);
        let died = catch_unwind(AssertUnwindSafe(|| {
            segmentation::run(db, &origin, &input(AS_OF), |percent| {
                assert!(
                    percent < 100,
                    "the process dies when all is written but published"
                );
                ControlFlow::Continue(())
            })
        }));
        assert!(died.is_err());
        let left = newest(&office);
        assert_eq!((left.head.state, rows(db)), (RunState::Running, 4));
        assert!(
            matches!(
                segmentation::run(db, &origin, &input(AS_OF), go_on),
                Err(Error::Conflict(ErrorCode::RunUnderWay))
            ),
            "it might be alive"
        );

        run_sql(
            db,
            "UPDATE segmentation_runs SET beat_at = beat_at - 301000000",
        );
        let run = made(&office, AS_OF);
        let left = get(db, &office.administrator, left.head.id);
        assert_eq!(
            (left.head.state, left.head.failure),
            (RunState::Failed, Some(RunFailure::Lost))
        );
        assert_eq!((run.head.current, rows(db)), (true, 4), "its rows alone");
    });
}

#[test]
fn a_job_that_is_taken_up_again_makes_its_run_anew() {
    both(|db, _| {
        let office = Office::open(db);
        known(&office);
        let (actor, asked) = (office.administrator.clone(), input(AS_OF));
        let first = db
            .write_blocking(Origin::of(&office.administrator), move |tx| {
                segmentation::request(tx, &actor, &asked)
            })
            .expect("a run that waits");
        assert_eq!(first.head.state, RunState::Running);
        let claim = db
            .housekeep_blocking(|tx| job::claim(tx, "a worker"))
            .expect("claims")
            .expect("its job");
        let died = catch_unwind(AssertUnwindSafe(|| {
            segmentation::run_job(db, &claim.job, |percent| {
                assert!(percent < 100, "the process dies");
                ControlFlow::Continue(())
            })
        }));
        assert!(died.is_err());
        let again = segmentation::run_job(db, &claim.job, go_on);
        let Ok(Made::Run { id, customers: 4 }) = again else {
            panic!("no run: {again:?}");
        };
        let (lost, made) = (
            get(db, &office.administrator, first.head.id),
            get(db, &office.administrator, id),
        );
        assert_eq!(lost.head.failure, Some(RunFailure::Lost));
        assert_eq!(
            (made.head.current, made.head.by, made.head.job_id, rows(db)),
            (true, first.head.by, first.head.job_id, 4)
        );
        let third = segmentation::run_job(db, &claim.job, go_on);
        assert!(matches!(third, Ok(Made::Nothing)), "it is made already");
    });
}

#[test]
fn two_runs_are_not_made_at_once() {
    both(|db, _| {
        let office = Office::open(db);
        known(&office);
        let origin = Origin::of(&office.administrator);
        let mut refused = 0;
        let first = segmentation::run(db, &origin, &input(AS_OF), |_| {
            let second = segmentation::run(db, &origin, &input(AS_OF), go_on);
            assert!(matches!(
                second,
                Err(Error::Conflict(ErrorCode::RunUnderWay))
            ));
            refused += 1;
            ControlFlow::Continue(())
        });
        assert!(matches!(first, Ok(Made::Run { customers: 4, .. })) && refused > 0);
    });
}

#[test]
fn a_run_that_is_stopped_leaves_nothing() {
    both(|db, _| {
        let office = Office::open(db);
        let ids = known(&office);
        let origin = Origin::of(&office.administrator);
        for stop_at in [40, 60, 100] {
            let stopped = segmentation::run(db, &origin, &input(AS_OF), |percent| {
                if percent >= stop_at {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            assert!(matches!(stopped, Ok(Made::Stopped)), "{stop_at}");
            let run = newest(&office);
            assert_eq!(
                (run.head.state, run.head.failure),
                (RunState::Failed, Some(RunFailure::Stopped))
            );
            assert_eq!((run.figures, rows(db)), (None, 0));
        }
        assert_eq!(scores(db, ids[0]), None);
    });
}

#[test]
fn runs_are_compared_and_one_of_an_earlier_day_does_not_become_current() {
    both(|db, _| {
        let office = Office::open(db);
        let [ann, _, cat, _] = known(&office);
        let now = made(&office, AS_OF);
        let none = db
            .read_blocking(|c| segmentation::compare(c, &office.administrator, now.head.id, None));
        assert!(matches!(
            none,
            Err(Error::Conflict(ErrorCode::NothingToCompare))
        ));
        let before = made(&office, "2026-08-30");
        assert!(!before.head.current && before.head.previous_id.is_none());
        assert!(
            newest(&office).head.id == before.head.id
                && get(db, &office.administrator, now.head.id).head.current
        );

        let with = Some(before.head.id);
        let compared = db
            .read_blocking(|c| segmentation::compare(c, &office.administrator, now.head.id, with))
            .expect("both are kept");
        assert_eq!(compared.customers, 4);
        for sum in [
            compared
                .rfm_segments
                .iter()
                .map(|t| t.customers)
                .sum::<i64>(),
            compared.rfm_groups.iter().map(|t| t.customers).sum(),
            compared.lifecycle_stages.iter().map(|t| t.customers).sum(),
            compared.churn_levels.iter().map(|t| t.customers).sum(),
        ] {
            assert_eq!(sum, 4);
        }
        let moves = |dimension, pairs: &[(&str, &str)]| {
            let query =
                ListQuery::parse(&MOVED_FIELDS, pairs.iter().copied(), None).expect("a query");
            let input = ComparisonInput { with, dimension };
            let page = db
                .read_blocking(|c| {
                    segmentation::moves(c, &office.administrator, now.head.id, input, &query)
                })
                .expect("a page");
            page.items
                .iter()
                .map(|moved| moved.customer_id)
                .collect::<Vec<_>>()
        };
        let new = moves(
            MoveDimension::RfmSegment,
            &[("previous_rfm_segment", "none")],
        );
        assert_eq!(new, [cat], "who had not bought three months before");
        assert!(
            !moves(MoveDimension::ChurnLevel, &[]).contains(&cat),
            "of whom no risk is known"
        );

        let next = made(&office, AS_OF);
        assert_eq!(
            (next.head.current, next.head.previous_id),
            (true, Some(now.head.id))
        );
        let course = db
            .read_blocking(|c| segmentation::course(c, &Visibility::All, ann))
            .expect("a course");
        assert_eq!(course.course.len(), 3);
        assert_eq!(course.current.map(|at| at.run_id), Some(next.head.id));
    });
}

#[test]
fn scores_are_explained_until_orders_change() {
    both(|db, _| {
        let office = Office::open(db);
        let [ann, ..] = known(&office);
        let run = made(&office, AS_OF);
        let explain = || {
            db.read_blocking(|c| {
                segmentation::explain(
                    c,
                    &office.administrator,
                    &Visibility::All,
                    ann,
                    Some(run.head.id),
                )
            })
            .expect("an explanation")
        };
        let explained = explain();
        assert!(explained.reproduced);
        assert_eq!(explained.days.len(), 4);
        assert_eq!(
            (explained.days[0].day.days(), explained.days[0].sales),
            (TODAY - 10, Money(2_000))
        );
        let topics: Vec<_> = explained.parts.iter().map(|part| part.topic).collect();
        assert_eq!(
            topics,
            [
                ScoreTopic::Rfm,
                ScoreTopic::LifetimeValue,
                ScoreTopic::LifecycleStage,
                ScoreTopic::ChurnRisk
            ]
        );
        assert_eq!(explained.parts[0].explanation.value("m"), Some(4_000.0));
        assert_eq!(explained.parts[1].explanation.value("V"), Some(1_000.0));
        bought(db, ann, &[(5, 700)]);
        assert!(!explain().reproduced);
    });
}

#[test]
fn the_newest_runs_keep_their_scores_and_a_deleted_customer_leaves_none() {
    both(|db, _| {
        let office = Office::open(db);
        let ids = known(&office);
        let runs: Vec<SegmentationRunId> = (0..13).map(|_| made(&office, AS_OF).head.id).collect();
        assert_eq!(rows(db), 12 * 4);
        let all = ListQuery::all(&SCORED_FIELDS);
        let of =
            |id| db.read_blocking(|c| segmentation::customers(c, &office.administrator, id, &all));
        assert!(matches!(
            of(runs[0]),
            Err(Error::Conflict(ErrorCode::PlacesForgotten))
        ));
        let kept = of(runs[1]).expect("kept");
        assert_eq!(kept.items[0].customer_id, ids[0], "the most valuable first");
        assert_eq!(
            kept.items.last().map(|c| c.scores.lifetime_value),
            Some(None),
            "empty values last"
        );
        assert!(
            get(db, &office.administrator, runs[0]).figures.is_some(),
            "the figures stay"
        );

        db.write_blocking(Origin::of(&office.administrator), move |tx| {
            customer::delete(tx, &Visibility::All, ids[3], 1)
        })
        .expect("gone");
        assert_eq!(rows(db), 12 * 3);
    });
}

#[test]
fn pages_by_value_pass_over_to_those_without_one() {
    both(|db, _| {
        let office = Office::open(db);
        let [ann, ben, cat, dan] = known(&office);
        let eve = office.customer("Eve").id;
        let run = made(&office, AS_OF).head.id;
        // Of equal values the later id first, as of those without any.
        for (sort, wanted) in [
            ("-lifetime_value", [ann, cat, ben, eve, dan]),
            ("lifetime_value", [ben, cat, ann, dan, eve]),
        ] {
            let (mut seen, mut cursor) = (Vec::new(), None::<String>);
            loop {
                let mut pairs = vec![("sort", sort), ("limit", "2")];
                pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
                let query = ListQuery::parse(&SCORED_FIELDS, pairs, None).expect("a query");
                let page = db
                    .read_blocking(|c| {
                        segmentation::customers(c, &office.administrator, run, &query)
                    })
                    .expect("a page");
                seen.extend(page.items.iter().map(|c| c.customer_id));
                match page.next_cursor {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen, wanted, "{sort}");
        }
    });
}

#[test]
fn a_narrower_scope_learns_nothing_of_others() {
    both(|db, _| {
        let office = Office::open(db);
        known(&office);
        let north = office.department("North");
        let seller = office.employee("Sam", ShippedRole::Sales, north);
        let mine = office.customer_of(&seller, "Mine").id;
        bought(db, mine, &[(30, 800), (3, 200)]);
        let run = made(&office, AS_OF);
        let seen = get(db, &seller, run.head.id);
        assert_eq!(
            (seen.head.customers, seen.head.purchases, seen.models),
            (None, None, None)
        );
        let figures = seen.figures.expect("of own customers");
        assert_eq!(
            (figures.customers, figures.rfm.sales, figures.lifetime.total),
            (1, Money(1_000), Money(250))
        );
        let all = ListQuery::all(&SCORED_FIELDS);
        let page = db
            .read_blocking(|c| segmentation::customers(c, &seller, run.head.id, &all))
            .expect("a page");
        assert_eq!(
            page.items.iter().map(|c| c.customer_id).collect::<Vec<_>>(),
            [mine]
        );
        let next = made(&office, AS_OF);
        let compared = db
            .read_blocking(|c| segmentation::compare(c, &seller, next.head.id, None))
            .expect("both are kept");
        assert_eq!((compared.customers, compared.value), (1, Money(250)));
    });
}
