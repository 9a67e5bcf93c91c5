//! `guanxi audit verify`, as an operator runs it. What it finds is tested where the chain is made.

use std::path::Path;
use std::process::{Command, Output};

use guanxi_tests::{Database, Process};

fn verify(url: &str, data: &Path, expect: Option<&str>) -> Output {
    let mut command = Command::new(crate::PROGRAM);
    command
        .args(["audit", "verify"])
        .env("GUANXI_DATA_DIR", data)
        .env("DATABASE_URL", url);
    if let Some(heads) = expect {
        let kept = data.join("heads.txt");
        std::fs::write(&kept, heads).expect("a file");
        command.arg("--expect").arg(kept);
    }
    command.output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn verified(database: Database) {
    let data = tempfile::tempdir().expect("a folder");
    let url = database.url();
    let server = Process::start(crate::PROGRAM, &url, data.path(), &[]);
    server.register_admin().await;
    server.kill();

    let sound = verify(&url, data.path(), None);
    assert!(sound.status.success(), "{}", text(&sound.stderr));
    let heads = text(&sound.stdout);
    assert!(verify(&url, data.path(), Some(&heads)).status.success());

    let head = heads.lines().find_map(|line| line.strip_prefix("head "));
    let (place, hash) = head.and_then(|h| h.rsplit_once(':')).expect("a head");
    let (lane, number) = place.split_once(':').expect("lane and number");
    let later = format!("head {lane}:999:{hash}\n");
    let other = format!("head {place}:{}\n", "f".repeat(64));
    let next = number.parse::<i64>().expect("a number") + 1;
    for (expected, fault) in [
        (later, format!("lane {lane}: entry {next} is missing")),
        (
            other,
            format!("lane {lane}: entry {number} has another hash"),
        ),
    ] {
        let output = verify(&url, data.path(), Some(&expected));
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stderr);
        assert!(told.contains(&fault), "{told}");
    }
    let nonsense = verify(&url, data.path(), Some("head of nothing\n"));
    assert_eq!(nonsense.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_were_kept_are_compared_on_sqlite() {
    verified(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_were_kept_are_compared_on_postgres() {
    verified(Database::postgres("audit_verify")).await;
}
