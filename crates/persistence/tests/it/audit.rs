//! The chain of the audit trail: whoever changes the past is found out.

use diesel::connection::SimpleConnection;
use guanxi_domain::Timestamp;
use guanxi_persistence::audit::{Expected, Fault, Lane, verify};
use guanxi_persistence::{Db, DbConfig, Origin};
use serde_json::json;

use crate::util::both;

/// What happens to a thing; all in one transaction.
fn write(db: &Db, thing: &str, times: usize) {
    let thing = thing.to_owned();
    db.write_blocking(Origin::system(), move |tx| {
        for time in 0..times {
            tx.record(
                "things",
                &thing,
                "updated",
                json!({"size": {"old": time, "new": time + 1}}),
            )?;
        }
        Ok(())
    })
    .expect("entries");
}

/// The same database with one writer, which stays in its lane.
fn alone(db: &Db) -> Db {
    Db::open(&DbConfig {
        writers: 1,
        ..DbConfig::new(db.url())
    })
    .expect("the same database")
}

/// As somebody with the rights of the database's owner, who has taken the triggers away.
fn tamper(db: &Db, statements: &str) {
    let statements = statements.to_owned();
    let drop = match db.backend() {
        guanxi_persistence::Backend::Sqlite => {
            "DROP TRIGGER IF EXISTS audit_entries_unchanged; DROP TRIGGER IF EXISTS audit_entries_kept;"
        }
        guanxi_persistence::Backend::Postgres => {
            "DROP TRIGGER IF EXISTS audit_entries_unchanged ON audit_entries; \
             DROP TRIGGER IF EXISTS audit_entries_kept ON audit_entries;"
        }
    };
    db.housekeep_blocking(move |tx| {
        tx.connection.batch_execute(drop)?;
        Ok(tx.connection.batch_execute(&statements)?)
    })
    .expect("a change behind the program's back");
}

/// The lane that holds entries, of which there must be one, and what is wrong with it.
fn lane(db: &Db, expected: &[Expected]) -> Lane {
    let lanes = verify(db, expected).expect("a check");
    let mut used = lanes
        .into_iter()
        .filter(|l| l.number > 0 || l.fault.is_some());
    let one = used.next().expect("entries");
    assert_eq!(used.next(), None);
    one
}

fn fault(db: &Db) -> Option<Fault> {
    lane(db, &[]).fault
}

#[test]
fn what_was_written_is_sound() {
    both(|db, _| {
        let db = alone(db);
        for number in 0..5 {
            write(&db, &format!("thing {number}"), 100);
        }
        let sound = lane(&db, &[]);
        assert_eq!((sound.sound, sound.number, sound.fault), (500, 500, None));
    });
}

#[test]
fn a_change_is_refused_and_one_by_force_is_found() {
    both(|db, _| {
        write(db, "thing", 5);
        for statement in [
            "UPDATE audit_entries SET changes = '{}' WHERE number = 2",
            "DELETE FROM audit_entries WHERE number = 2",
        ] {
            let refused =
                db.housekeep_blocking(move |tx| Ok(tx.connection.batch_execute(statement)?));
            let why = refused.expect_err("a trigger").to_string();
            assert!(why.contains("never"), "{why}");
        }
        assert_eq!(fault(db), None);
        tamper(
            db,
            "UPDATE audit_entries SET changes = '{}' WHERE number = 2",
        );
        assert!(matches!(fault(db), Some(Fault::Changed(2, _))));
    });
}

#[test]
fn every_column_counts() {
    both(|db, _| {
        write(db, "thing", 3);
        tamper(db, "CREATE TABLE kept AS SELECT * FROM audit_entries");
        for change in [
            "id = '01900000-0000-7000-8000-000000000000'",
            "at = at + 1",
            "user_id = '01900000-0000-7000-8000-000000000000'",
            "user_name = 'somebody else'",
            "key_id = '01900000-0000-7000-8000-000000000000'",
            "key_name = ''",
            "ip = '127.0.0.1'",
            "request_id = 'another'",
            "record_type = 'others'",
            "record_id = 'another'",
            "action = 'created'",
            "changes = '{}'",
            "hash = '0000000000000000000000000000000000000000000000000000000000000000'",
        ] {
            tamper(
                db,
                &format!("UPDATE audit_entries SET {change} WHERE number = 2"),
            );
            let found = fault(db);
            assert!(
                matches!(found, Some(Fault::Changed(2, _))),
                "{change}: {found:?}"
            );
            tamper(
                db,
                "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept",
            );
            assert_eq!(fault(db), None);
        }
    });
}

#[test]
fn a_missing_entry_is_found() {
    both(|db, _| {
        write(db, "thing", 5);
        tamper(db, "DELETE FROM audit_entries WHERE number = 3");
        assert_eq!(fault(db), Some(Fault::Missing(3)));
    });
}

#[test]
fn the_newest_entry_is_missed() {
    both(|db, _| {
        write(db, "thing", 5);
        tamper(db, "DELETE FROM audit_entries WHERE number = 5");
        assert_eq!(fault(db), Some(Fault::Missing(5)));
    });
}

#[test]
fn an_entry_that_closes_the_gap_is_found() {
    both(|db, _| {
        write(db, "thing", 5);
        tamper(
            db,
            "DELETE FROM audit_entries WHERE number = 3; \
             UPDATE audit_entries SET number = 3 WHERE number = 4; \
             UPDATE audit_entries SET number = 4 WHERE number = 5; \
             UPDATE audit_lanes SET number = 4 WHERE number = 5;",
        );
        assert!(matches!(fault(db), Some(Fault::Changed(3, _))));
    });
}

#[test]
fn swapped_entries_are_found() {
    both(|db, _| {
        write(db, "thing", 5);
        tamper(
            db,
            "UPDATE audit_entries SET number = 99 WHERE number = 2; \
             UPDATE audit_entries SET number = 2 WHERE number = 4; \
             UPDATE audit_entries SET number = 4 WHERE number = 99;",
        );
        assert!(matches!(fault(db), Some(Fault::Changed(2, _))));
    });
}

#[test]
fn an_inserted_entry_is_found() {
    both(|db, _| {
        write(db, "thing", 5);
        for number in [0, 6] {
            tamper(
                db,
                &format!(
                    "INSERT INTO audit_entries (id, at, user_name, ip, request_id, record_type, record_id, action, changes, lane, number, hash) \
                     SELECT '01900000-0000-7000-8000-000000000000', at, 'nobody', ip, request_id, record_type, record_id, action, changes, lane, {number}, hash \
                     FROM audit_entries WHERE number = 5"
                ),
            );
            assert!(matches!(fault(db), Some(Fault::Inserted(n, _)) if n == number));
            tamper(
                db,
                &format!("DELETE FROM audit_entries WHERE number = {number}"),
            );
            assert_eq!(fault(db), None);
        }
    });
}

#[test]
fn a_tail_that_was_cut_off_with_its_head_is_missed_by_whoever_kept_the_head() {
    both(|db, _| {
        let db = &alone(db);
        write(db, "thing", 3);
        let early: Expected = lane(db, &[]).to_string().parse().expect("a head");
        write(db, "thing", 2);
        let late: Expected = lane(db, &[]).to_string().parse().expect("a head");
        tamper(
            db,
            "DELETE FROM audit_entries WHERE number > 3; \
             UPDATE audit_lanes SET number = 3, hash = (SELECT hash FROM audit_entries WHERE audit_entries.number = 3) WHERE number = 5",
        );
        assert_eq!(fault(db), None, "nothing tells of it from inside");
        assert_eq!(lane(db, &[late]).fault, Some(Fault::Missing(4)));
        assert_eq!(lane(db, std::slice::from_ref(&early)).fault, None);
        let other = Expected {
            hash: "f".repeat(64),
            ..early
        };
        assert_eq!(lane(db, &[other]).fault, Some(Fault::Unexpected(3)));
    });
}

#[test]
fn many_writers_of_two_replicas_leave_whole_chains() {
    const WRITES: i64 = 60;
    both(|db, which| {
        let replica = Db::open(&DbConfig::new(db.url())).expect("the same database");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let db = if writer % 2 == 0 { db } else { &replica };
                scope.spawn(move || {
                    for number in 0..WRITES {
                        write(
                            db,
                            &format!("{writer}-{number}"),
                            1 + usize::from(number % 7 == 0),
                        );
                        // One that fails in the end leaves no gap.
                        let failed: Result<(), _> = db.write_blocking(Origin::system(), |tx| {
                            tx.record("things", "none", "updated", json!({}))?;
                            Err(guanxi_persistence::Error::Stale)
                        });
                        failed.expect_err("no write");
                    }
                });
            }
        });
        let lanes = verify(db, &[]).expect("a check");
        let used: Vec<&Lane> = lanes.iter().filter(|l| l.number > 0).collect();
        let entries: i64 = used.iter().map(|l| l.sound).sum();
        assert_eq!(entries, 8 * (WRITES + (WRITES + 6) / 7));
        assert!(lanes.iter().all(|l| l.fault.is_none()), "{lanes:?}");
        match which {
            "sqlite" => assert_eq!(lanes.len(), 1),
            _ => assert!(used.len() > 1, "all wrote into one lane"),
        }
    });
}

/// As the migration leaves a trail that was begun without a chain.
#[test]
fn what_was_there_before_is_chained_at_the_next_start() {
    both(|db, _| {
        let before = Timestamp::now();
        let entries: Vec<String> = (0..450)
            .map(|number| {
                let id = guanxi_domain::AuditId::generate();
                let at = before.micros() + number;
                format!(
                    "('{id}', {at}, 'Ada', '', '', 'things', 'old', 'updated', '{{}}', {})",
                    number + 1
                )
            })
            .collect();
        tamper(
            db,
            &format!(
                "INSERT INTO audit_entries (id, at, user_name, ip, request_id, record_type, record_id, action, changes, number) VALUES {}",
                entries.join(", ")
            ),
        );
        tamper(db, "UPDATE audit_lanes SET hash = '' WHERE lane = 0");
        let again = alone(db);
        let sound = lane(&again, &[]);
        assert_eq!((sound.sound, sound.number, sound.fault), (450, 450, None));
        write(&again, "new", 1);
        assert!(
            verify(db, &[])
                .expect("a check")
                .iter()
                .all(|l| l.fault.is_none())
        );
    });
}
