//! Webhooks: what becomes a message, who sends it, and what becomes of it.

use diesel::RunQueryDsl;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::webhook::{
    DELIVERY_FIELDS, Delivery, DeliveryAttempt, DeliveryState, PauseReason, RETRY_DELAYS, Webhook,
};
use guanxi_domain::{Checked, ErrorCode, Timestamp, WebhookId};
use guanxi_persistence::webhook::{self, delivery, sending};
use guanxi_persistence::{Actor, Db, Error, ListQuery, Origin, Visibility, user};
use serde_json::{Value, json};

use crate::util::{Office, both, checked, run_sql};

fn create(db: &Db, owner: &Actor, events: &[&str]) -> Webhook {
    let input: Checked<guanxi_domain::webhook::WebhookInput> =
        checked(json!({"name": "ERP", "url": "https://erp.example.com", "events": events}));
    let owner = owner.clone();
    db.write_blocking(Origin::of(&owner.clone()), move |tx| {
        webhook::create(tx, &owner, &input, "whsec_c2VjcmV0")
    })
    .expect("a webhook")
    .webhook
}

/// Makes messages of all that happened.
fn make(db: &Db) {
    while db.housekeep_blocking(delivery::make).expect("an answer") {}
}

fn messages(db: &Db, webhook: WebhookId) -> Vec<Delivery> {
    let query = ListQuery::parse(&DELIVERY_FIELDS, [("sort", "created_at")], None).expect("good");
    db.read_blocking(|c| delivery::list(c, &Visibility::All, webhook, &query))
        .expect("messages")
        .items
}

fn get(db: &Db, id: WebhookId) -> Webhook {
    db.read_blocking(|c| webhook::get(c, &Visibility::All, id))
        .expect("the webhook")
}

fn claim(db: &Db, worker: &'static str) -> Option<sending::Claim> {
    db.housekeep_blocking(move |tx| sending::claim(tx, worker))
        .expect("an answer")
}

fn release(db: &Db, claim: sending::Claim) {
    db.housekeep_blocking(move |tx| sending::release(tx, &claim))
        .expect("an answer");
}

/// The receiver's answer to the first message of a claim; whether to send on.
fn answer(db: &Db, claim: &sending::Claim, message: usize, status: i32) -> bool {
    let attempt = DeliveryAttempt {
        at: Timestamp::now(),
        duration_ms: 3,
        status: Some(status),
        error: None,
        response: Some("thanks".to_owned()),
    };
    let (claim, id) = (claim.clone(), claim.messages[message].id);
    db.housekeep_blocking(move |tx| sending::note(tx, &claim, id, &attempt))
        .expect("an answer")
}

/// As if a day had passed.
fn wait(db: &Db) {
    db.housekeep_blocking(|tx| {
        for sql in [
            "UPDATE webhooks SET not_before = 1, leased_until = 1",
            "UPDATE webhook_deliveries SET next_at = 1 WHERE state = 'pending'",
        ] {
            diesel::sql_query(sql)
                .execute(tx.connection)
                .map_err(Error::from)?;
        }
        Ok(())
    })
    .expect("a change");
}

#[test]
fn messages_tell_of_what_the_owner_may_see() {
    both(|db, _| {
        let office = Office::open(db);
        office.customer("Before");
        let (north, south) = (office.department("North"), office.department("South"));
        let ann = office.employee("Ann", ShippedRole::Sales, north);
        let bob = office.employee("Bob", ShippedRole::Sales, south);
        let all = create(db, &office.administrator, &["customers.*"]);
        let some = create(db, &ann, &["*"]);
        let none = create(db, &bob, &["orders.*"]);
        let mine = office.customer_of(&ann, "Hers");
        let other = office.customer_of(&bob, "His");
        make(db);
        make(db);
        let told_to = |reader: &Actor, hook: &Webhook| -> Vec<(String, Value)> {
            messages(db, hook.id)
                .into_iter()
                .map(|message| {
                    let detail = db
                        .read_blocking(|c| {
                            delivery::detail(c, &Visibility::All, reader, message.id)
                        })
                        .expect("a message");
                    let body = detail.body.unwrap_or_default();
                    (message.kind, body["data"]["id"].clone())
                })
                .collect()
        };
        let told = |hook: &Webhook| told_to(&office.administrator, hook);
        let created = |id| ("customers.created".to_owned(), json!(id));
        assert_eq!(told(&all), [created(mine.id), created(other.id)]);
        assert_eq!(told(&some), [created(mine.id)]);
        assert_eq!(told(&none), []);
        // Somebody who may look into everybody's webhooks reads nothing there of records that are hidden.
        let hidden = ("customers.created".to_owned(), Value::Null);
        assert_eq!(told_to(&ann, &all), [created(mine.id), hidden]);
    });
}

#[test]
fn an_owner_who_is_frozen_tells_nobody_anything() {
    both(|db, _| {
        let office = Office::open(db);
        let ann = office.employee("Ann", ShippedRole::Sales, office.department("North"));
        let hook = create(db, &ann, &["*"]);
        office.customer_of(&ann, "Hers");
        db.write_blocking(Origin::system(), move |tx| {
            user::freeze(tx, &Visibility::All, ann.user_id, 1)
        })
        .expect("frozen");
        make(db);
        assert_eq!(messages(db, hook.id), []);
        let hook = get(db, hook.id);
        assert_eq!(hook.pause_reason, Some(PauseReason::OwnerInactive));
    });
}

#[test]
fn nothing_is_sent_by_a_claim_on_what_the_webhook_was_before() {
    both(|db, _| {
        let office = Office::open(db);
        let ann = office.employee("Ann", ShippedRole::Sales, office.department("North"));
        let hook = create(db, &ann, &["customers.*"]);
        for name in ["A", "B", "C"] {
            office.customer_of(&ann, name);
        }
        make(db);
        let first = claim(db, "first").expect("three messages");
        let moved: Checked<guanxi_domain::webhook::WebhookInput> = checked(
            json!({"name": "ERP", "url": "https://elsewhere.example.com", "events": ["customers.*"]}),
        );
        let id = hook.id;
        db.write_blocking(Origin::of(&ann), move |tx| {
            webhook::update(tx, &Visibility::All, id, 1, &moved)
        })
        .expect("moved");
        assert!(!answer(db, &first, 0, 200), "the rest goes elsewhere");
        release(db, first);
        let second = claim(db, "second").expect("two messages");
        assert_eq!(second.input.url, "https://elsewhere.example.com");
        assert_eq!(second.messages.len(), 2);
        let frozen = ann.user_id;
        db.write_blocking(Origin::system(), move |tx| {
            user::freeze(tx, &Visibility::All, frozen, 1)
        })
        .expect("frozen");
        assert!(!answer(db, &second, 0, 200), "nothing in her name");
        release(db, second);
        assert!(claim(db, "third").is_none(), "it is paused at once");
    });
}

#[test]
fn one_process_at_a_time_sends_to_a_webhook_in_order() {
    both(|db, _| {
        let office = Office::open(db);
        let hook = create(db, &office.administrator, &["customers.*"]);
        let ids = ["A", "B", "C"].map(|name| office.customer(name).id.to_string());
        make(db);
        let first = claim(db, "first").expect("three messages");
        let order: Vec<Value> = first
            .messages
            .iter()
            .map(|m| serde_json::from_str::<Value>(&m.body).expect("JSON")["data"]["id"].clone())
            .collect();
        assert_eq!(order, ids.map(Value::from));
        assert!(claim(db, "second").is_none());
        assert!(answer(db, &first, 0, 200));
        // It is killed; another one takes over what it has not noted.
        wait(db);
        let second = claim(db, "second").expect("its time is up");
        assert_eq!(second.messages.len(), 2);
        assert_eq!(second.messages[0].event, first.messages[1].event);
        assert!(!answer(db, &first, 1, 200), "it is not its any more");
        assert!(answer(db, &second, 1, 204));
        release(db, second);
        assert!(claim(db, "first").is_none(), "all is sent");
        assert!(
            messages(db, hook.id)
                .iter()
                .all(|m| m.state == DeliveryState::Delivered)
        );
    });
}

#[test]
fn a_receiver_that_fails_for_a_day_is_paused_and_resumed_without_loss() {
    both(|db, _| {
        let office = Office::open(db);
        let hook = create(db, &office.administrator, &["customers.*"]);
        office.customer("A");
        make(db);
        for attempt in 0..=RETRY_DELAYS.len() {
            assert_eq!(get(db, hook.id).paused_at, None, "after {attempt}");
            let claimed = claim(db, "sender").expect("it is due");
            assert!(!answer(db, &claimed, 0, 500));
            release(db, claimed);
            assert!(claim(db, "sender").is_none(), "not at once");
            wait(db);
        }
        let paused = get(db, hook.id);
        assert_eq!(paused.pause_reason, Some(PauseReason::Failing));
        assert!(claim(db, "sender").is_none(), "it is paused");
        office.customer("B");
        make(db);

        let resumed = db
            .write_blocking(Origin::system(), move |tx| {
                webhook::resume(tx, &Visibility::All, paused.id, paused.version)
            })
            .expect("it is paused");
        assert_eq!((resumed.paused_at, resumed.failures), (None, 0));
        let claimed = claim(db, "sender").expect("both are due");
        assert_eq!(claimed.messages.len(), 2);
        assert!(answer(db, &claimed, 0, 200) && answer(db, &claimed, 1, 200));
        let first = &messages(db, hook.id)[0];
        assert_eq!(first.attempts, 11);
    });
}

#[test]
fn one_message_that_is_refused_does_not_pause_the_others() {
    both(|db, _| {
        let office = Office::open(db);
        let hook = create(db, &office.administrator, &["customers.*"]);
        office.customer("Bad");
        for attempt in 0..=RETRY_DELAYS.len() {
            office.customer(&format!("Good {attempt}"));
            make(db);
            let claimed = claim(db, "sender").expect("two are due");
            assert_eq!(claimed.messages.len(), 2);
            assert!(!answer(db, &claimed, 0, 422));
            assert!(answer(db, &claimed, 1, 200));
            wait(db);
        }
        let hook = get(db, hook.id);
        assert_eq!((hook.paused_at, hook.failures), (None, 0));
        let all = messages(db, hook.id);
        let bad = &all[0];
        assert_eq!((bad.state, bad.status), (DeliveryState::Failed, Some(422)));
        assert_eq!(all.len(), RETRY_DELAYS.len() + 2);
        // Sent again by hand, under the same id.
        let id = bad.id;
        let again = db
            .write_blocking(Origin::system(), move |tx| {
                delivery::resend(tx, &Visibility::All, id)
            })
            .expect("it failed");
        assert_eq!(
            (again.state, again.event_id),
            (DeliveryState::Pending, bad.event_id)
        );
        let claimed = claim(db, "sender").expect("it is due");
        assert_eq!(claimed.messages[0].event, bad.event_id);
    });
}

#[test]
fn a_receiver_that_is_gone_is_paused_at_once() {
    both(|db, _| {
        let office = Office::open(db);
        let hook = create(db, &office.administrator, &["customers.*"]);
        office.customer("A");
        make(db);
        let claimed = claim(db, "sender").expect("it is due");
        answer(db, &claimed, 0, 410);
        assert_eq!(get(db, hook.id).pause_reason, Some(PauseReason::Gone));
        assert_eq!(messages(db, hook.id)[0].state, DeliveryState::Pending);
    });
}

#[test]
fn a_rotated_secret_is_good_for_a_while() {
    both(|db, _| {
        let office = Office::open(db);
        let hook = create(db, &office.administrator, &["customers.*"]);
        let rotate = |who: &Actor| {
            db.write_blocking(Origin::of(who), move |tx| {
                webhook::rotate(tx, &Visibility::All, hook.id, 1, "whsec_bmV3")
            })
        };
        // Messages tell what the owner sees, so nobody else signs them.
        let manager = office.employee("Li", ShippedRole::Administrator, office.department("North"));
        let refused = rotate(&manager).expect_err("somebody else's");
        assert!(
            matches!(refused, Error::Conflict(ErrorCode::Forbidden)),
            "{refused}"
        );
        rotate(&office.administrator).expect("a new secret");
        office.customer("A");
        make(db);
        let claimed = claim(db, "sender").expect("it is due");
        assert_eq!(claimed.secrets, ["whsec_bmV3", "whsec_c2VjcmV0"]);
        db.housekeep_blocking(|tx| {
            diesel::sql_query("UPDATE webhooks SET rotation_ends_at = 1, leased_until = 1")
                .execute(tx.connection)
                .map_err(Error::from)
        })
        .expect("a change");
        let claimed = claim(db, "sender").expect("it is due");
        assert_eq!(claimed.secrets, ["whsec_bmV3"]);
    });
}

#[test]
fn a_log_from_another_cluster_is_neither_passed_over_nor_told_twice() {
    both(|db, which| {
        if which == "sqlite" {
            return;
        }
        let office = Office::open(db);
        let hook = create(db, &office.administrator, &["customers.created"]);
        make(db);
        let made = ["Late", "First", "Second"].map(|name| office.customer(name).id);
        // As if restored from a cluster that had come much further, where the one with the lowest number committed last: the
        // other two have been read.
        run_sql(
            db,
            "UPDATE outbox_events SET txid = 4000000000000 + txid; \
             UPDATE outbox_events SET txid = 4000000900000 WHERE seq = \
               (SELECT MIN(seq) FROM (SELECT seq FROM outbox_events ORDER BY seq DESC LIMIT 3) AS newest); \
             UPDATE event_cursors SET (txid, seq) = (SELECT txid, seq FROM outbox_events ORDER BY seq DESC LIMIT 1);",
        );
        guanxi_persistence::Db::open(&guanxi_persistence::DbConfig::new(db.url()))
            .expect("the database");
        make(db);
        let told = |message: &Delivery| {
            let detail = db
                .read_blocking(|c| {
                    delivery::detail(c, &Visibility::All, &office.administrator, message.id)
                })
                .expect("a message");
            detail.body.unwrap_or_default()["data"]["id"].clone()
        };
        let heard: Vec<Value> = messages(db, hook.id).iter().map(told).collect();
        assert_eq!(heard, [json!(made[0])], "the one that had not been read");
        let new = office.customer("New").id;
        make(db);
        let heard: Vec<Value> = messages(db, hook.id).iter().map(told).collect();
        assert_eq!(heard, [json!(made[0]), json!(new)]);
    });
}

#[test]
fn an_event_becomes_one_message_however_often_it_is_read() {
    both(|db, _| {
        let office = Office::open(db);
        let hook = create(db, &office.administrator, &["customers.*"]);
        office.customer("Once");
        make(db);
        run_sql(db, "UPDATE event_cursors SET txid = -1, seq = 0");
        office.customer("After");
        make(db);
        assert_eq!(messages(db, hook.id).len(), 2);
    });
}
