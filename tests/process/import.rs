//! Imports by processes that are killed, and from the command line.

use std::fmt::Write as _;
use std::process::Command;

use guanxi_tests::{Client, Database, Process, until};
use reqwest::Method;
use serde_json::{Value, json};

const ROWS: usize = 3_000;
/// The process is killed when so many rows have been read.
const KILLED_AT: i64 = 600;

/// Every tenth row cannot be taken; every hundredth belongs below a customer further down.
fn file() -> String {
    let mut file = "code,name,phone,parent\n".to_owned();
    for n in 0..ROWS {
        let phone = if n % 10 == 9 { "none" } else { "13800138000" };
        let parent = if n % 100 == 0 && n + 101 < ROWS {
            format!("K{}", n + 101)
        } else {
            String::new()
        };
        writeln!(file, "K{n},Customer {n},{phone},{parent}").expect("memory");
    }
    file
}

async fn read(who: &Client, path: &str) -> i64 {
    who.get(path).await.expect(200)["read"]
        .as_i64()
        .expect("a number")
}

async fn total(who: &Client, path: &str) -> Value {
    who.get(&format!("{path}with_total=true&limit=1"))
        .await
        .expect(200)["total"]
        .clone()
}

async fn killed_while_importing(database: Database) {
    let data = tempfile::tempdir().expect("a folder");
    let start = || Process::start(crate::PROGRAM, &database.url(), data.path(), &[]);
    let process = start();
    let admin = process.register_admin().await;
    let body = Some(("text/csv", file().into_bytes()));
    let import = admin
        .send_bytes(Method::POST, "/imports?record=customers", None, body)
        .await
        .expect(201);
    let path = format!("/imports/{}", import["id"].as_str().expect("an id"));
    let run = json!({"mapping": import["mapping"]});
    admin.post(&format!("{path}/run"), run).await.expect(200);
    until("some rows", async || {
        (read(&admin, &path).await >= KILLED_AT).then_some(())
    })
    .await;
    process.kill();

    let second = start();
    let admin = second.client(&admin);
    let import = until("the end of the import", async || {
        let import = admin.get(&path).await.expect(200);
        (import["state"] == "done").then_some(import)
    })
    .await;
    let (good, bad) = (ROWS - ROWS / 10, ROWS / 10);
    assert_eq!(
        (&import["read"], &import["imported"], &import["rejected"]),
        (&json!(ROWS), &json!(good), &json!(bad))
    );
    assert_eq!(total(&admin, "/customers?").await, good);
    assert_eq!(
        total(&admin, "/audit?record_type=customers&action=created&").await,
        good
    );
    let below = admin.get("/customers?code=K0").await.expect(200);
    assert!(below["items"][0]["parent_id"].is_string(), "{below}");
    let errors = admin.get(&format!("{path}/errors.csv")).await.text;
    assert_eq!(errors.lines().count(), bad + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_goes_on_when_its_process_was_killed_sqlite() {
    killed_while_importing(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_goes_on_when_its_process_was_killed_postgres() {
    killed_while_importing(Database::postgres("import_killed")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_imported_from_the_command_line() {
    let database = Database::sqlite();
    let data = tempfile::tempdir().expect("a folder");
    let process = Process::start(crate::PROGRAM, &database.url(), data.path(), &[]);
    let admin = process.register_admin().await;
    let file = data.path().join("in.csv");
    std::fs::write(
        &file,
        "code,name,email\nA,One,\nB,Two,nobody\nC,Three,c@example.com\n",
    )
    .expect("room on the disk");
    let import = |more: &[&str]| {
        let mut command = Command::new(crate::PROGRAM);
        command
            .args(["import", "customers"])
            .arg(&file)
            .args(more)
            .env("GUANXI_DATA_DIR", data.path())
            .env("DATABASE_URL", database.url());
        let output = command.output().expect("the program runs");
        let lines = String::from_utf8(output.stdout).expect("text");
        let last = lines.lines().last().unwrap_or_default().to_owned();
        (output.status.success(), last)
    };
    let errors = data.path().join("errors.csv");
    let errors = errors.to_str().expect("a name");
    assert_eq!(
        import(&["--dry-run"]),
        (
            true,
            "all 3 rows: would create 2, would update 0, would reject 1".to_owned()
        )
    );
    assert_eq!(total(&admin, "/customers?").await, 0);
    assert_eq!(
        import(&["--errors", errors]),
        (
            true,
            "read 3, imported 2, rejected 1 (email:email 1)".to_owned()
        )
    );
    assert_eq!(
        import(&["--mode", "upsert"]),
        (
            true,
            "read 3, imported 2 (created 0, updated 2), rejected 1 (email:email 1)".to_owned()
        )
    );
    assert!(
        std::fs::read_to_string(errors)
            .expect("the file")
            .contains("nobody")
    );
    assert!(!import(&["--map", "colour=name"]).0, "no such column");
}
