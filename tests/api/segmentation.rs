//! Segmentation runs over HTTP, on a made-up company.

use guanxi_domain::Timestamp;
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_tests::{Client, TestApp, on_both, until};
use serde_json::{Value, json};

/// Fills the database; answers one of its sellers, who sees own customers only.
async fn company(app: &TestApp, admin: &Client) -> Client {
    let db = app.app.db.clone();
    let options = SeedOptions {
        customers: 150,
        orders: 900,
        seed: 1,
        now: Timestamp::now(),
        force: false,
        password_hash: "no password".to_owned(),
        minor_digits: 2,
    };
    tokio::task::spawn_blocking(move || seed(&db, &options, |_, _, _| {}))
        .await
        .expect("no panic")
        .expect("a company");
    let found = admin.get("/users?q=sales1.east").await.expect(200);
    let id = found["items"][0]["id"]
        .as_str()
        .and_then(|id| id.parse().ok());
    app.token_of(id.expect("the seller")).await
}

/// Asks for a run, begins to work and waits until it is over.
async fn made(app: &TestApp, admin: &Client, input: Value) -> Value {
    let reply = admin.post("/segmentation-runs", input).await;
    let location = reply.headers["location"].to_str().expect("text").to_owned();
    let run = reply.expect(202);
    assert_eq!(
        (&run["state"], &run["figures"]),
        (&json!("running"), &Value::Null)
    );
    let path = location.strip_prefix("/api/v1").expect("below the API");
    app.app.jobs.start().expect("threads");
    until("the run", async || {
        let run = admin.get(path).await.expect(200);
        (run["state"] != "running").then_some(run)
    })
    .await
}

fn sum(list: &Value, of: &str) -> i64 {
    let parts = list.as_array().into_iter().flatten();
    parts.filter_map(|part| part[of].as_i64()).sum()
}

on_both! {
    async fn a_run_is_asked_for_and_made(app: &TestApp) {
        let admin = app.admin().await;
        company(app, &admin).await;
        let run = made(app, &admin, json!({"settings": {"holdout_days": 180}})).await;
        assert_eq!((&run["state"], &run["current"], &run["scores_kept"]), (&json!("done"), &json!(true), &json!(true)), "{run}");
        assert_eq!(run["customers"], 150);
        let figures = &run["figures"];
        let scored = figures["rfm"]["customers"].as_i64().expect("a count");
        for list in ["cells", "groups", "segments"] {
            assert_eq!(sum(&figures["rfm"][list], "customers"), scored, "{list}");
            assert_eq!(sum(&figures["rfm"][list], "sales"), figures["rfm"]["sales"].as_i64().expect("a sum"), "{list}");
        }
        assert_eq!(sum(&figures["stages"], "customers"), 150);
        assert_eq!(sum(&figures["churn"], "customers"), 150);
        let lifetime = &figures["lifetime"];
        assert_eq!(sum(&lifetime["deciles"], "value"), lifetime["total"].as_i64().expect("a sum"));
        assert_eq!(sum(&lifetime["histogram"], "customers"), figures["buyers"].as_i64().expect("a count"));

        let best = admin.get(&format!("/segmentation-runs/{}/customers?rfm_segment=champions&limit=200&with_total=true", run["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(best["total"], figures["rfm"]["segments"][0]["customers"]);
        // The scores stand on the customer as well, and can be asked for there.
        let first = &best["items"][0];
        let id = first["customer_id"].as_str().expect("an id");
        let customer = admin.get(&format!("/customers/{id}")).await.expect(200);
        assert_eq!(customer["scores"]["lifetime_value"], first["lifetime_value"]);
        let found = admin.get("/customers?rfm_segment=champions&with_total=true&limit=200&archived_at=none").await.expect(200);
        assert!(found["items"].as_array().expect("a page").iter().all(|c| c["scores"]["rfm_segment"] == "champions"));
        let course = admin.get(&format!("/customers/{id}/scores")).await.expect(200);
        assert_eq!((&course["current"]["run_id"], &course["course"][0]["recency_score"]), (&run["id"], &first["recency_score"]));
    }
}
