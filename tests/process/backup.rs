//! Backups by a program that is killed.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use guanxi_tests::{Database, PATIENCE};

/// Attempts to kill the program in the middle.
const ATTEMPTS: usize = 20;

fn guanxi(database: &Database, data: &Path, arguments: &[&str]) -> Child {
    Command::new(crate::PROGRAM)
        .args(arguments)
        .env("DATABASE_URL", database.url())
        .env("GUANXI_DATA_DIR", data)
        .env("RUST_LOG", "warn")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts")
}

#[track_caller]
fn succeeds(database: &Database, data: &Path, arguments: &[&str]) {
    let status = guanxi(database, data, arguments).wait().expect("it ends");
    assert!(status.success(), "{arguments:?}");
}

/// Names in the folder with this ending.
fn names(folder: &Path, ending: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(ending))
        .collect()
}

/// Starts a backup and kills it as soon as its file is there; false if it was quicker.
fn kill_in_the_middle(database: &Database, data: &Path) -> bool {
    let folder = data.join("backups");
    let mut child = guanxi(database, data, &["backup"]);
    let began = Instant::now();
    loop {
        if child.try_wait().expect("a state").is_some() {
            return false;
        }
        if !names(&folder, ".partial").is_empty() {
            // As `kill -9`.
            child.kill().expect("it runs");
            child.wait().expect("it ends");
            return names(&folder, ".backup").is_empty();
        }
        assert!(began.elapsed() < PATIENCE, "no file appears");
        std::thread::yield_now();
    }
}

fn killed_in_the_middle(database: &Database) {
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().join("backups");
    succeeds(
        database,
        data.path(),
        &["seed", "--customers", "300", "--orders", "2000"],
    );
    let killed = (0..ATTEMPTS).any(|_| {
        let killed = kill_in_the_middle(database, data.path());
        if !killed {
            fs::remove_dir_all(&folder).expect("the folder");
        }
        killed
    });
    assert!(killed, "never in the middle");
    assert_eq!(names(&folder, ".partial").len(), 1, "what it left behind");

    succeeds(database, data.path(), &["backup"]);
    assert_eq!(
        names(&folder, ".partial"),
        [""; 0],
        "the next one clears it away"
    );
    let backups = names(&folder, ".backup");
    assert_eq!(backups.len(), 1);

    // What the next one wrote is whole, and goes into the place of the database.
    let file = folder.join(&backups[0]).display().to_string();
    let refused = guanxi(database, data.path(), &["restore", &file]).wait();
    assert!(
        !refused.expect("it ends").success(),
        "the database is not empty"
    );
    succeeds(database, data.path(), &["restore", "--force", &file]);
    succeeds(database, data.path(), &["metrics", "verify"]);
}

#[test]
fn a_backup_that_is_killed_leaves_nothing_that_looks_complete() {
    killed_in_the_middle(&Database::sqlite());
}

#[test]
fn a_dump_that_is_killed_leaves_nothing_that_looks_complete() {
    killed_in_the_middle(&Database::postgres("backup_killed"));
}
