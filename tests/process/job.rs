//! Background jobs of several processes on one database.

use guanxi_tests::{Database, Process, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_job_runs_once_however_many_processes_there_are() {
    let database = Database::postgres("jobs_of_two_processes");
    let (one, other) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let start = |data: &tempfile::TempDir| {
        Process::start(crate::PROGRAM, &database.url(), data.path(), &[])
    };
    let (first, second) = (start(&one), start(&other));
    let admin = first.register_admin().await;
    let colleague = second.client(&admin);
    let kinds = until("every scheduled job", async || {
        let kinds = colleague.get("/jobs/kinds").await.expect(200);
        let kinds = kinds.as_array().expect("a list").clone();
        let over = kinds
            .iter()
            .filter(|kind| !kind["schedule"].is_null())
            .all(|kind| kind["last"]["state"] == "done");
        over.then_some(kinds)
    })
    .await;
    let scheduled = kinds.iter().filter(|k| !k["schedule"].is_null()).count();
    let jobs = admin.get("/jobs?with_total=true").await.expect(200);
    assert_eq!(jobs["total"], scheduled, "{jobs:#}");
    for job in jobs["items"].as_array().expect("a list") {
        let path = format!("/jobs/{}", job["id"].as_str().expect("an id"));
        let runs = admin.get(&path).await.expect(200)["runs"].clone();
        assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs:#}");
    }
}
