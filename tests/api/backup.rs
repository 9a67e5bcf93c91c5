//! Backups over HTTP.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both, until};
use serde_json::json;

on_both! {
    async fn a_backup_is_started_made_and_listed(app: &TestApp) {
        let admin = app.admin().await;
        admin.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let none = admin.get("/backups").await.expect(200);
        assert_eq!(none["items"], json!([]));
        // On SQLite one is made each day by itself; PostgreSQL has means of its own.
        let scheduled = !none["schedule"].is_null();
        assert_eq!(none["overdue"], scheduled);

        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(clerk.get("/backups").await.refused(403), "forbidden");
        assert_eq!(clerk.post("/backups", json!({})).await.refused(403), "forbidden");

        let job = admin.post("/backups", json!({})).await.expect(201);
        assert_eq!((&job["kind"], &job["state"]), (&json!("backup"), &json!("queued")));
        assert_eq!(admin.post("/backups", json!({})).await.refused(409), "conflict");
        app.app.jobs.start().expect("threads");
        let path = format!("/jobs/{}", job["id"].as_str().expect("an id"));
        let done = until("the backup", async || {
            let job = admin.get(&path).await.expect(200);
            (job["state"] == "done").then_some(job)
        })
        .await;

        let backups = admin.get("/backups").await.expect(200);
        let newest = &backups["items"][0];
        assert_eq!((&newest["name"], &newest["size"]), (&done["result"]["file"], &done["result"]["bytes"]));
        assert_eq!(newest["manifest"]["counts"]["customers"], 1);
        assert_eq!(newest["manifest"]["product_version"], guanxi_api::VERSION);
        assert_eq!(backups["overdue"], false);
        let file = std::path::Path::new(backups["folder"].as_str().expect("a folder")).join(newest["name"].as_str().expect("a name"));
        assert!(file.is_file());
    }
}
