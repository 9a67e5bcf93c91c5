//! What happens at one process is heard at another.

use guanxi_tests::{Database, Process};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_at_one_process_is_heard_at_the_other() {
    let database = Database::postgres("events_of_two");
    let data = tempfile::tempdir().expect("a folder");
    let start = || Process::start(crate::PROGRAM, &database.url(), data.path(), &[]);
    let (first, second) = (start(), start());
    let admin = first.register_admin().await;
    let mut stream = second.client(&admin).listen(None).await;
    let mut ids = Vec::new();
    for number in 0..20 {
        let customer = admin
            .post("/customers", json!({"name": format!("Customer {number}")}))
            .await;
        ids.push(customer.expect(201)["id"].clone());
    }
    for id in &ids {
        stream.until(id).await;
    }
    // The process that was listened to is gone: another one goes on where it ended.
    let last = stream.last.clone();
    drop(stream);
    second.kill();
    let missed = admin
        .post("/customers", json!({"name": "Missed"}))
        .await
        .expect(201);
    let third = start();
    let mut stream = third.client(&admin).listen(Some(&last)).await;
    let told = stream.until(&missed["id"]).await;
    assert!(
        told.iter().all(|told| !ids.contains(&told.data["id"])),
        "once only"
    );
}
