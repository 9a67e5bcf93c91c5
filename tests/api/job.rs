//! Background jobs over HTTP.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both, until};
use serde_json::json;

on_both! {
    async fn a_job_is_started_watched_and_over(app: &TestApp) {
        let admin = app.admin().await;
        admin.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let reply = admin.post("/jobs", json!({"kind": "metrics_rebuild"})).await;
        let location = reply.headers["location"].to_str().expect("text").to_owned();
        let job = reply.expect(201);
        assert_eq!((&job["state"], &job["attempts"]), (&json!("queued"), &json!(0)));
        assert_eq!(admin.post("/jobs", json!({"kind": "metrics_rebuild"})).await.refused(409), "conflict");

        app.app.jobs.start().expect("threads");
        let path = location.strip_prefix("/api/v1").expect("below the API");
        let done = until("the job", async || {
            let job = admin.get(path).await.expect(200);
            (job["state"] == "done").then_some(job)
        })
        .await;
        assert_eq!(done["result"], json!({"customers": 1, "differing": 0}));
        assert_eq!((&done["percent"], &done["runs"][0]["outcome"]), (&json!(100), &json!("done")));
        let found = admin.get("/jobs?kind=metrics_rebuild&state=done").await.expect(200);
        assert_eq!(found["items"][0]["id"], job["id"]);

        assert_eq!(admin.post(&format!("{path}/cancel"), json!({})).await.refused(409), "conflict");
        assert_eq!(admin.post(&format!("{path}/retry"), json!({})).await.refused(409), "conflict");
        assert_eq!(admin.post("/jobs", json!({"kind": "nap"})).await.invalid()[0].0, "/kind");
    }
}

on_both! {
    async fn a_cancelled_job_is_put_back_by_a_retry(app: &TestApp) {
        let admin = app.admin().await;
        let job = admin.post("/jobs", json!({"kind": "cleanup"})).await.expect(201);
        let path = format!("/jobs/{}", job["id"].as_str().expect("an id"));
        let cancelled = admin.post(&format!("{path}/cancel"), json!({})).await.expect(200);
        assert_eq!(cancelled["state"], "cancelled");
        let queued = admin.post(&format!("{path}/retry"), json!({})).await.expect(200);
        assert_eq!(queued["state"], "queued");
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(clerk.get(&path).await.refused(403), "forbidden");
        let trail = admin.get("/audit?record_type=jobs&sort=at").await.expect(200);
        let actions: Vec<_> = trail["items"].as_array().expect("a list").iter().map(|e| e["action"].clone()).collect();
        assert_eq!(actions, ["created", "cancelled", "retried"]);
    }
}
