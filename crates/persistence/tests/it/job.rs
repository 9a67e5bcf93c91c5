//! The queue of background jobs: once only, taken over when lost, repeated when failed.

use std::sync::Barrier;

use diesel::RunQueryDsl;
use guanxi_domain::job::{JobKind, JobOutcome, JobState, RETRY_DELAYS};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::{ErrorCode, JobId, Timestamp};
use guanxi_persistence::job::{self, Claim, Ending};
use guanxi_persistence::{Db, Error, ListQuery, Origin, notification};
use serde_json::json;

use crate::util::{Office, both};

const KIND: JobKind = JobKind::MetricsRefresh;

fn schedule(db: &Db, kind: JobKind, due: &str) {
    let due: Timestamp = due.parse().expect("a time");
    db.housekeep_blocking(move |tx| job::schedule(tx, kind, due))
        .expect("a place in the queue");
}

fn claim(db: &Db, worker: &'static str) -> Option<Claim> {
    db.housekeep_blocking(move |tx| job::claim(tx, worker))
        .expect("an answer")
}

fn finish(db: &Db, claim: &Claim, ending: Ending) {
    let claim = claim.clone();
    db.housekeep_blocking(move |tx| job::finish(tx, &claim, &ending))
        .expect("an ending");
}

fn count(db: &Db) -> usize {
    let query = ListQuery::all(&guanxi_domain::job::FIELDS);
    db.read_blocking(|c| {
        guanxi_persistence::list::<job::Jobs>(c, &guanxi_persistence::Visibility::All, &query)
    })
    .expect("jobs")
    .items
    .len()
}

/// As if time had passed.
fn set(db: &Db, column: &'static str, id: JobId) {
    db.housekeep_blocking(move |tx| {
        diesel::sql_query(format!("UPDATE jobs SET {column} = 1 WHERE id = '{id}'"))
            .execute(tx.connection)
            .map_err(Error::from)
    })
    .expect("a change");
}

#[test]
fn a_due_time_makes_one_job_and_one_worker_gets_it() {
    both(|db, _| {
        for kind in JobKind::ALL {
            schedule(db, *kind, "2026-11-22T00:01:00Z");
            schedule(db, *kind, "2026-11-22T00:01:00Z");
            // Nor does a later one, while the first is not over.
            schedule(db, *kind, "2026-11-23T00:01:00Z");
        }
        assert_eq!(count(db), JobKind::ALL.len());
        let together = Barrier::new(8);
        let mut claimed: Vec<JobId> = std::thread::scope(|scope| {
            let claims: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        std::iter::from_fn(|| claim(db, "one of many"))
                            .map(|claim| claim.job.id)
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            claims
                .into_iter()
                .flat_map(|thread| thread.join().expect("no panic"))
                .collect()
        });
        claimed.sort_unstable();
        claimed.dedup();
        assert_eq!(claimed.len(), JobKind::ALL.len());
        let runs = |id: JobId| {
            db.read_blocking(|c| job::detail(c, id))
                .expect("a job")
                .runs
        };
        assert!(claimed.iter().all(|id| runs(*id).len() == 1));
    });
}

#[test]
fn a_job_of_a_lost_process_is_taken_over() {
    both(|db, _| {
        schedule(db, KIND, "2026-11-22T00:01:00Z");
        let first = claim(db, "first").expect("a job");
        assert!(claim(db, "second").is_none(), "the first one lives");
        set(db, "leased_until", first.job.id);
        let second = claim(db, "second").expect("its time is up");
        assert_eq!((second.job.id, second.job.attempts), (first.job.id, 2));
        let (late, held) = (first.clone(), second.clone());
        let renewed = db
            .housekeep_blocking(move |tx| {
                Ok((
                    job::renew(tx, &late, None)?,
                    job::renew(tx, &held, Some(40))?,
                ))
            })
            .expect("an answer");
        assert_eq!(renewed, (false, true));
        // What the first one has to say comes too late.
        finish(db, &first, Ending::Failed("too late".to_owned()));
        finish(db, &second, Ending::Done(json!({"customers": 7})));
        let detail = db
            .read_blocking(|c| job::detail(c, first.job.id))
            .expect("the job");
        assert_eq!(detail.job.state, JobState::Done);
        assert_eq!(detail.job.result, Some(json!({"customers": 7})));
        let outcomes: Vec<_> = detail.runs.iter().map(|r| r.outcome).collect();
        assert_eq!(outcomes, [Some(JobOutcome::Lost), Some(JobOutcome::Done)]);
    });
}

#[test]
fn a_failed_job_is_repeated_until_its_attempts_are_used_up_and_administrators_are_told() {
    both(|db, _| {
        let ada = Office::open(db).administrator;
        schedule(db, KIND, "2026-11-22T00:01:00Z");
        let stopped = claim(db, "worker").expect("a job");
        let id = stopped.job.id;
        finish(db, &stopped, Ending::Interrupted);
        for failure in 0..=RETRY_DELAYS.len() {
            let claimed = claim(db, "worker").expect("it is due");
            finish(db, &claimed, Ending::Failed(format!("failure {failure}")));
            assert!(claim(db, "worker").is_none(), "not at once");
            set(db, "run_at", id);
        }
        let failed = db.read_blocking(|c| job::get(c, id)).expect("the job");
        assert_eq!((failed.state, failed.attempts), (JobState::Failed, 6));
        assert_eq!(failed.error.as_deref(), Some("failure 4"));
        let query = ListQuery::all(&guanxi_domain::notification::FIELDS);
        let told = db
            .read_blocking(|c| notification::list(c, ada.user_id, &query))
            .expect("notifications");
        let told: Vec<_> = told
            .page
            .items
            .iter()
            .map(|n| (n.kind, n.record_id.as_str()))
            .collect();
        assert_eq!(told, [(NotificationKind::JobFailed, id.as_str())]);
        assert!(claim(db, "worker").is_none());

        let again = db
            .write_blocking(Origin::system(), move |tx| job::retry(tx, id))
            .expect("it failed");
        assert_eq!(again.state, JobState::Queued);
        let claimed = claim(db, "worker").expect("it is due at once");
        finish(db, &claimed, Ending::Failed("once more".to_owned()));
        let queued = db.read_blocking(|c| job::get(c, id)).expect("the job");
        assert_eq!(queued.state, JobState::Queued, "all attempts lie ahead");
    });
}

#[test]
fn a_job_that_kills_its_process_fails_in_the_end() {
    both(|db, _| {
        schedule(db, KIND, "2026-11-22T00:01:00Z");
        for _ in 0..=RETRY_DELAYS.len() {
            let claimed = claim(db, "worker").expect("it is due");
            set(db, "leased_until", claimed.job.id);
        }
        assert!(claim(db, "worker").is_none());
        let last = db
            .read_blocking(|c| job::last(c, KIND))
            .expect("an answer")
            .expect("the job");
        assert_eq!(last.state, JobState::Failed);
    });
}

#[test]
fn a_cancelled_job_is_let_go_and_another_may_be_started() {
    both(|db, _| {
        let ada = Office::open(db).administrator;
        let start = || {
            let ada = ada.clone();
            db.write_blocking(Origin::of(&ada.clone()), move |tx| {
                job::start(tx, &ada, KIND)
            })
        };
        let first = start().expect("nothing runs");
        assert!(matches!(start(), Err(Error::Conflict(ErrorCode::Conflict))));
        let claimed = claim(db, "worker").expect("it is due");
        let cancelled = db
            .write_blocking(Origin::of(&ada), move |tx| job::cancel(tx, first.id))
            .expect("it runs");
        assert_eq!(cancelled.state, JobState::Cancelled);
        let late = claimed.clone();
        let renewed = db.housekeep_blocking(move |tx| job::renew(tx, &late, None));
        assert!(!renewed.expect("an answer"));
        finish(db, &claimed, Ending::Done(json!({})));
        let job = db.read_blocking(|c| job::get(c, first.id)).expect("it");
        assert_eq!(job.state, JobState::Cancelled);

        start().expect("the first one is over");
        let retried = db.write_blocking(Origin::of(&ada), move |tx| job::retry(tx, first.id));
        assert!(matches!(retried, Err(Error::Conflict(ErrorCode::Conflict))));
        // What is over goes after a while, but for the last of its kind.
        let future = Timestamp::now().plus_seconds(60);
        let gone = db.housekeep_blocking(move |tx| job::prune(tx, future));
        assert_eq!(gone.expect("an answer"), 1);
        assert_eq!(count(db), 1);
    });
}
