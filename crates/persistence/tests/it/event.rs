//! The event log: nothing is passed over, whatever the order of commits.

use std::collections::{BTreeSet, HashSet};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::RunQueryDsl;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::{CustomerId, Timestamp};
use guanxi_persistence::event::{self, Position};
use guanxi_persistence::{Db, DbConfig, Error, Origin, seen};
use serde_json::json;

use crate::util::{Office, both};

fn write(db: &Db, id: &str) {
    let id = id.to_owned();
    db.write_blocking(Origin::system(), move |tx| {
        tx.record("customers", &id, "updated", json!({}))
    })
    .expect("an event");
}

fn read(db: &Db, place: Position) -> Vec<event::Event> {
    db.read_blocking(|c| event::after(c, place, 1_000))
        .expect("the log")
}

#[test]
fn a_reader_passes_over_nothing_while_many_write() {
    const WRITERS: usize = 4;
    const EVENTS: usize = 100;
    both(|db, _| {
        let place = db.read_blocking(event::end).expect("a place");
        let together = Barrier::new(WRITERS + 1);
        let over = AtomicBool::new(false);
        let heard: Vec<String> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let together = &together;
                    scope.spawn(move || {
                        together.wait();
                        for event in 0..EVENTS {
                            write(db, &format!("{writer}-{event}"));
                        }
                    })
                })
                .collect();
            let reader = scope.spawn(|| {
                together.wait();
                let (mut place, mut heard) = (place, Vec::new());
                loop {
                    let last = over.load(Ordering::SeqCst);
                    let events = read(db, place);
                    if let Some(event) = events.last() {
                        place = event.position;
                    } else if last && heard.len() == WRITERS * EVENTS {
                        return heard;
                    }
                    heard.extend(events.into_iter().map(|e| e.record_id));
                    assert!(heard.len() <= WRITERS * EVENTS, "an event twice");
                }
            });
            for writer in writers {
                writer.join().expect("no panic");
            }
            over.store(true, Ordering::SeqCst);
            reader.join().expect("no panic")
        });
        let different: HashSet<_> = heard.iter().collect();
        assert_eq!(different.len(), WRITERS * EVENTS);
    });
}

#[test]
fn a_transaction_that_commits_late_is_read_in_its_turn() {
    both(|db, which| {
        if which == "sqlite" {
            return;
        }
        let start = db.read_blocking(event::end).expect("a place");
        let (first, second) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            let slow = scope.spawn(|| {
                let mut connection = DbConfig::new(db.url());
                connection.writers = 1;
                let other = Db::open(&connection).expect("the database");
                // SAFETY of the test: the barriers outlive the closure because the write is waited for.
                let (first, second) = (&first, &second);
                std::thread::scope(|inner| {
                    let (begun, go_on) = std::sync::mpsc::channel::<()>();
                    let (told, tell) = std::sync::mpsc::channel::<()>();
                    let tell = std::sync::Mutex::new(tell);
                    let write = inner.spawn(move || {
                        other.write_blocking(Origin::system(), move |tx| {
                            tx.record("customers", "slow", "updated", json!({}))?;
                            let _ = begun.send(());
                            let _ = tell.lock().map(|tell| tell.recv());
                            Ok(())
                        })
                    });
                    go_on.recv().expect("it has begun");
                    first.wait();
                    second.wait();
                    told.send(()).expect("it waits");
                    write.join().expect("no panic").expect("a commit");
                });
            });
            first.wait();
            write(db, "quick");
            assert!(read(db, start).is_empty(), "a lower number is under way");
            second.wait();
            slow.join().expect("no panic");
        });
        let ids: Vec<_> = read(db, start).into_iter().map(|e| e.record_id).collect();
        assert_eq!(ids, ["slow", "quick"]);
    });
}

#[test]
fn old_events_go_and_the_numbers_go_on() {
    both(|db, _| {
        for id in ["a", "b", "c"] {
            write(db, id);
        }
        let all = read(db, Position::default());
        let prune = |before: Timestamp| {
            db.housekeep_blocking(move |tx| event::prune(tx, before))
                .expect("an answer")
        };
        assert_eq!(prune(Timestamp::from_micros(1)), 0);
        let future = Timestamp::now().plus_seconds(60);
        assert_eq!(prune(future), all.len() - 1, "the newest stays");
        assert_eq!(prune(future), 0);
        let place = all.last().expect("an event").position;
        write(db, "d");
        let new: Vec<_> = read(db, place).into_iter().map(|e| e.record_id).collect();
        assert_eq!(new, ["d"]);
    });
}

#[test]
fn a_log_from_another_cluster_is_read_on() {
    both(|db, which| {
        write(db, "old");
        if which == "postgres" {
            // As if restored from a cluster that had come much further.
            db.housekeep_blocking(|tx| {
                diesel::sql_query("UPDATE outbox_events SET txid = 4000000000000")
                    .execute(tx.connection)
                    .map_err(Error::from)
            })
            .expect("a change");
            Db::open(&DbConfig::new(db.url())).expect("the database");
        }
        let place = read(db, Position::default())
            .last()
            .expect("the old event")
            .position;
        write(db, "new");
        let ids: Vec<_> = read(db, place).into_iter().map(|e| e.record_id).collect();
        assert_eq!(ids, ["new"]);
    });
}

#[test]
fn a_place_is_text_and_back() {
    let place = Position { txid: 7, seq: 12 };
    assert_eq!(place.to_string().parse(), Ok(place));
    for bad in ["", "7", "7-", "-7", "a-b", "7-12-3"] {
        assert!(bad.parse::<Position>().is_err(), "{bad}");
    }
}

#[test]
fn records_are_seen_in_scope() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let ann = office.employee("Ann", ShippedRole::Sales, north);
        let bob = office.employee("Bob", ShippedRole::Sales, north);
        let clerk = office.employee("Cleo", ShippedRole::DepartmentClerk, north);
        let customer = office.customer_of(&ann, "晨光商贸");
        let gone = CustomerId::generate().to_string();
        let ids = BTreeSet::from([customer.id.to_string(), gone.clone()]);
        let sees = |actor: &guanxi_persistence::Actor, record: &str| {
            let found = db
                .read_blocking(|c| seen(c, actor, record, &ids))
                .expect("an answer");
            let mut versions: Vec<_> = found.values().map(|s| s.version).collect();
            versions.sort_unstable();
            versions
        };
        assert_eq!(sees(&ann, "customers"), [Some(1)]);
        assert_eq!(sees(&bob, "customers"), []);
        assert_eq!(sees(&clerk, "customers"), [Some(1)]);
        assert_eq!(sees(&office.administrator, "customers"), [None, Some(1)]);
        // Of types that one may not read, or that there are not, nothing is told.
        assert_eq!(sees(&ann, "webhooks"), []);
        assert_eq!(sees(&office.administrator, "sessions"), []);
        // Requests, which are never deleted, and segments, some of which are somebody's own, nobody sees altogether: their tests tell
        // who sees those that are there.
        let some = ["approvals", "segments"];
        let records = guanxi_domain::event::RECORDS.iter();
        for record in records.filter(|record| !some.contains(record)) {
            assert!(!sees(&office.administrator, record).is_empty(), "{record}");
        }
    });
}
