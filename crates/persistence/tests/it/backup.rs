//! Backups: whole, of one moment, and restored to what they were.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use guanxi_domain::OrderId;
use guanxi_domain::backup::{Backup, Retention};
use guanxi_domain::order::OrderState;
use guanxi_persistence::{Db, Visibility, backup, metrics, order, search};

use crate::util::{Office, PostgresDatabase, both, open};

/// Another, empty database of the same kind.
enum Spare {
    Sqlite(tempfile::TempDir),
    Postgres(PostgresDatabase),
}

impl Spare {
    fn new(which: &str) -> Self {
        if which == "sqlite" {
            return Self::Sqlite(tempfile::tempdir().expect("a folder"));
        }
        let server = std::env::var("TEST_DATABASE_URL").expect("checked by `both`");
        Self::Postgres(PostgresDatabase::create(&server))
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => folder.path().join("spare.db").display().to_string(),
            Self::Postgres(database) => database.url(),
        }
    }
}

fn create(db: &Db, folder: &Path) -> Backup {
    let mut step = |_, _| ControlFlow::Continue(());
    backup::create(db.url(), folder, "1.2.3", &mut step)
        .expect("a backup")
        .expect("it was not broken off")
}

fn restore(url: &str, file: &Path, force: bool) -> Result<Option<String>, String> {
    backup::restore(url, file, force)
        .map(|restored| restored.previous)
        .map_err(|e| e.to_string())
}

#[track_caller]
fn refused(result: Result<Option<String>, String>, why: &str) {
    let error = result.expect_err("refused");
    assert!(error.contains(why), "{error}");
}

fn number(db: &Db, sql: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }

    db.read_blocking(|c| {
        Ok(
            diesel::sql_query(format!("SELECT COUNT(*) AS number FROM {sql}"))
                .get_result::<Row>(c)?
                .number,
        )
    })
    .expect("a number")
}

/// Nothing that belongs together is there in part only.
fn check_consistent(db: &Db) {
    const HALF: &[&str] = &[
        "orders AS o WHERE line_count <> (SELECT COUNT(*) FROM order_lines AS l WHERE l.order_id = o.id) \
         OR total <> (SELECT SUM(l.total) FROM order_lines AS l WHERE l.order_id = o.id)",
        "orders AS o WHERE NOT EXISTS (SELECT 1 FROM audit_entries AS a WHERE a.record_id = o.id AND a.action = 'created') \
         OR NOT EXISTS (SELECT 1 FROM outbox_events AS e WHERE e.record_id = o.id AND e.kind = 'orders.created')",
        "orders AS o WHERE o.state <> (SELECT t.to_state FROM order_transitions AS t WHERE t.order_id = o.id ORDER BY t.at DESC, t.id DESC LIMIT 1)",
        "orders AS o WHERE o.state = 'confirmed' AND NOT EXISTS \
         (SELECT 1 FROM audit_entries AS a WHERE a.record_id = o.id AND a.action = 'confirmed')",
    ];
    for half in HALF {
        assert_eq!(number(db, half), 0, "{half}");
    }
    let report = metrics::verify(db).expect("an answer");
    assert_eq!(report.differing, 0, "{:?}", report.examples);
}

#[test]
fn a_backup_under_write_load_restores_to_the_state_of_one_moment() {
    const WRITERS: usize = 4;
    const FIRST: usize = 24;
    both(|db, which| {
        let office = Office::open(db);
        let customers = ["晨光商贸", "Harbour Ltd"].map(|name| office.customer(name));
        let folder = tempfile::tempdir().expect("a folder");
        let stop = AtomicBool::new(false);
        let acknowledged: Mutex<Vec<OrderId>> = Mutex::default();
        let so_far = || acknowledged.lock().expect("no panic").clone();
        let (before, made) = std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (office, customers) = (&office, &customers);
                let (stop, acknowledged) = (&stop, &acknowledged);
                scope.spawn(move || {
                    while !stop.load(Ordering::SeqCst) {
                        let order = office.confirmed_order(&customers[writer % 2], 19_99);
                        acknowledged.lock().expect("no panic").push(order.head.id);
                    }
                });
            }
            while so_far().len() < FIRST {
                std::thread::yield_now();
            }
            let before = so_far();
            let made = create(db, folder.path());
            stop.store(true, Ordering::SeqCst);
            (before, made)
        });
        let manifest = made.manifest.clone().expect("a manifest");
        assert_eq!(manifest.product_version, "1.2.3");
        assert_eq!(manifest.database.as_str(), which);
        assert_eq!(
            backup::list(folder.path()).expect("a list"),
            std::slice::from_ref(&made)
        );

        let spare = Spare::new(which);
        let file = folder.path().join(&made.name);
        assert_eq!(restore(&spare.url(), &file, false), Ok(None));
        let restored = open(&spare.url());
        for id in &before {
            let order = restored
                .read_blocking(|c| order::get(c, &Visibility::All, *id))
                .expect("acknowledged before the backup began");
            assert_eq!(order.head.state, OrderState::Confirmed);
        }
        check_consistent(&restored);
        let orders = number(&restored, "orders");
        assert_eq!(manifest.counts["orders"], orders);
        assert!(orders <= i64::try_from(so_far().len() + WRITERS).expect("few"));
        // Work goes on: people, the search, numbers, figures.
        let again = Office::of(&restored, office.administrator.clone());
        let actor = &again.administrator;
        let found = restored.read_blocking(|c| search::find(c, actor, "晨光", &[], 20));
        assert_eq!(found.expect("an answer").items.len(), 1);
        again.confirmed_order(&customers[0], 5_00);
        check_consistent(&restored);
    });
}

#[test]
fn a_database_that_is_in_use_or_has_data_is_not_replaced_by_accident() {
    both(|db, which| {
        let office = Office::open(db);
        office.customer("Old");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(create(db, folder.path()).name);
        office.customer("Since then");
        let spare = Spare::new(which);
        let url = spare.url();
        assert_eq!(restore(&url, &file, false), Ok(None));
        let served = open(&url);
        refused(restore(&url, &file, false), "is in use");
        refused(restore(&url, &file, true), "is in use");
        Office::of(&served, office.administrator.clone()).customer("New");
        assert_eq!(number(&served, "customers"), 2);
        let kept = kept_beside(served, || {
            refused(restore(&url, &file, false), "is not empty");
            restore(&url, &file, true).expect("forced")
        });
        assert_eq!(number(&open(&url), "customers"), 1);
        // What was replaced is still there.
        let kept = match &spare {
            Spare::Sqlite(_) => kept,
            Spare::Postgres(database) => database.url_of(&kept),
        };
        assert_eq!(number(&open(&kept), "customers"), 2);
    });
}

/// Closes a database and tries until its connections are gone: its threads end on their own.
fn kept_beside(served: Db, mut replace: impl FnMut() -> Option<String>) -> String {
    let url = served.url().to_owned();
    drop(served);
    crate::util::until_unused(&url);
    replace().expect("the old one is kept")
}

#[test]
fn what_is_damaged_unfinished_or_from_elsewhere_is_not_restored() {
    both(|db, which| {
        Office::open(db).customer("Ann");
        let folder = tempfile::tempdir().expect("a folder");
        let whole = folder.path().join(create(db, folder.path()).name);
        let bytes = fs::read(&whole).expect("the backup");
        let spare = Spare::new(which);
        let try_with = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).expect("a file");
            restore(&spare.url(), &path, false)
        };
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 1;
        refused(try_with("a.backup", &damaged), "damaged");
        refused(
            try_with("b.backup", &bytes[..bytes.len() - 1]),
            "not a complete backup",
        );
        refused(try_with("c.backup", b""), "not a complete backup");
        // As long as before: the manifest behind it still tells where it begins.
        let text = String::from_utf8_lossy(&bytes[bytes.len() - 700..]).into_owned();
        let version = text
            .split("\"schema_version\":\"")
            .nth(1)
            .expect("a version")[..4]
            .to_owned();
        let newer = replaced(
            &bytes,
            &format!("\"schema_version\":\"{version}\""),
            "\"schema_version\":\"9999\"",
        );
        refused(try_with("d.backup", &newer), "newer version");
        let other = if which == "sqlite" {
            "postgres://127.0.0.1:1/crm"
        } else {
            "never.db"
        };
        refused(restore(other, &whole, false), "the configured database is");
        if let Spare::Sqlite(folder) = &spare {
            let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
            assert!(left.is_empty(), "{left:?}");
        }
        let listed = backup::list(folder.path()).expect("a list");
        let complete: Vec<bool> = listed.iter().map(|b| b.manifest.is_some()).collect();
        assert_eq!(complete, [true, true, false, false, true], "{listed:?}");
        // Nobody but the program itself prunes what it does not understand.
        let none = Retention {
            daily: 0,
            weekly: 0,
            monthly: 0,
        };
        backup::prune(folder.path(), none).expect("pruned");
        assert!(folder.path().join("c.backup").exists() && whole.exists());
    });
}

/// The last occurrence of a text among bytes, replaced by one of the same length.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes
        .windows(from.len())
        .rposition(|window| window == from.as_bytes())
        .expect("the text");
    let mut bytes = bytes.to_vec();
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn an_older_backup_is_brought_up_to_date() {
    both(|db, which| {
        Office::open(db).customer("Ann");
        let folder = tempfile::tempdir().expect("a folder");
        let undo = if which == "sqlite" {
            "sqlite"
        } else {
            "postgres"
        };
        let migrations = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../migrations")
            .join(undo);
        let mut names: Vec<_> = fs::read_dir(&migrations)
            .expect("migrations")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        names.sort();
        let newest = names.pop().expect("a migration");
        let down = fs::read_to_string(newest.join("down.sql")).expect("a way back");
        let version = newest.file_name().expect("a name").to_string_lossy()[..4].to_owned();
        crate::util::run_sql(
            db,
            &format!("{down}; DELETE FROM __diesel_schema_migrations WHERE version = '{version}';"),
        );
        let made = create(db, folder.path());
        assert!(made.manifest.expect("a manifest").schema_version < version);
        let spare = Spare::new(which);
        let file = folder.path().join(&made.name);
        assert_eq!(restore(&spare.url(), &file, false), Ok(None));
        let restored = open(&spare.url());
        let known = format!("__diesel_schema_migrations WHERE version = '{version}'");
        assert_eq!(number(&restored, &known), 1);
        assert_eq!(number(&restored, "customers"), 1);
    });
}

#[test]
fn a_backup_can_be_broken_off() {
    both(|db, _| {
        Office::open(db);
        let folder = tempfile::tempdir().expect("a folder");
        let mut steps = 0;
        let mut step = |_, _| {
            steps += 1;
            ControlFlow::Break(())
        };
        let made = backup::create(db.url(), folder.path(), "1.2.3", &mut step).expect("an answer");
        // A small database may be quicker than the first look.
        assert_eq!(made.is_none(), steps > 0);
        let expected = usize::from(made.is_some());
        assert_eq!(backup::list(folder.path()).expect("a list").len(), expected);
    });
}
