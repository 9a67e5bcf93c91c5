//! Keys of requests: what remains when an attempt dies.

use diesel::connection::SimpleConnection;
use guanxi_domain::ErrorCode;
use guanxi_persistence::idempotency::{Answer, Claim, Claimed, answer, claim, prune, release};
use guanxi_persistence::{Db, Error, Origin, customer};
use serde_json::json;

use crate::util::{Office, both, checked};

fn claimed(db: &Db, by: &Claim, hash: &str) -> Claimed {
    let (by, hash) = (by.clone(), hash.to_owned());
    db.housekeep_blocking(move |tx| claim(tx, &by, &hash))
        .expect("an answer")
}

/// As if so many seconds had gone by.
fn wait(db: &Db, seconds: i64) {
    let micros = seconds * 1_000_000;
    db.housekeep_blocking(move |tx| {
        tx.connection.batch_execute(&format!(
            "UPDATE idempotency_keys SET claimed_at = claimed_at - {micros}, created_at = created_at - {micros}"
        ))?;
        Ok(())
    })
    .expect("the clock");
}

fn create(office: &Office<'_>, by: &Claim) -> Result<(), Error> {
    let actor = office.administrator.clone();
    let origin = Origin {
        claim: Some(by.clone()),
        ..Origin::of(&actor)
    };
    let input = checked(json!({"name": "Once"}));
    office
        .db
        .write_blocking(origin, move |tx| {
            customer::create(tx, &actor, &input, false)
        })
        .map(|_| ())
}

#[test]
fn what_was_changed_is_known_though_the_answer_is_lost() {
    both(|db, _| {
        let office = Office::open(db);
        let attempt = |token: &str| Claim {
            user: office.administrator.user_id,
            key: "k".to_owned(),
            token: token.to_owned(),
        };
        let (first, second) = (attempt("1"), attempt("2"));
        assert_eq!(claimed(db, &first, "h"), Claimed::First);
        assert_eq!(claimed(db, &second, "h"), Claimed::Running);
        assert_eq!(claimed(db, &second, "other"), Claimed::Other);
        // It changes something and dies before it answers.
        create(&office, &first).expect("a customer");
        wait(db, 61);
        assert_eq!(claimed(db, &second, "h"), Claimed::Lost);
        // What has changed something is not given back.
        let dead = first.clone();
        db.housekeep_blocking(move |tx| release(tx, &dead))
            .expect("nothing");
        assert_eq!(claimed(db, &second, "h"), Claimed::Lost);
        // After a day the key is free.
        wait(db, 24 * 3600);
        assert_eq!(claimed(db, &second, "other"), Claimed::First);
    });
}

#[test]
fn an_attempt_that_was_taken_for_dead_changes_nothing() {
    both(|db, _| {
        let office = Office::open(db);
        let attempt = |token: &str| Claim {
            user: office.administrator.user_id,
            key: "k".to_owned(),
            token: token.to_owned(),
        };
        let (slow, second) = (attempt("1"), attempt("2"));
        assert_eq!(claimed(db, &slow, "h"), Claimed::First);
        wait(db, 61);
        assert_eq!(claimed(db, &second, "h"), Claimed::First);
        let refused = create(&office, &slow).expect_err("taken over");
        assert!(
            matches!(refused, Error::Conflict(ErrorCode::IdempotencyRunning)),
            "{refused}"
        );
        create(&office, &second).expect("a customer");
        let given = Answer {
            status: 201,
            headers: std::iter::once(("etag".to_owned(), "\"1\"".to_owned())).collect(),
            body: "{}".to_owned(),
        };
        let (by, kept) = (second.clone(), given.clone());
        db.housekeep_blocking(move |tx| answer(tx, &by, &kept))
            .expect("kept");
        assert_eq!(claimed(db, &attempt("3"), "h"), Claimed::Answered(given));
        wait(db, 24 * 3600);
        assert_eq!(db.housekeep_blocking(prune).expect("a number"), 1);
    });
}
