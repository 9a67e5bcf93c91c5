//! Segmentation runs over HTTP, on a made-up company.

use guanxi_domain::Timestamp;
use guanxi_domain::permission::ShippedRole;
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_tests::{Client, TestApp, on_both, until};
use reqwest::Method;
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

/// The runs that the seed has made, the newest first.
async fn seeded(who: &Client) -> Vec<String> {
    let runs = who.get("/segmentation-runs?state=done").await.expect(200);
    let runs = runs["items"].as_array().expect("a list");
    runs.iter()
        .map(|run| run["id"].as_str().expect("an id").to_owned())
        .collect()
}

on_both! {
    async fn runs_are_compared_and_explained(app: &TestApp) {
        let admin = app.admin().await;
        let seller = company(app, &admin).await;
        let runs = seeded(&admin).await;
        assert_eq!(runs.len(), 2, "now and a quarter ago");
        let path = format!("/segmentation-runs/{}", runs[0]);
        let compared = admin.get(&format!("{path}/compare")).await.expect(200);
        assert_eq!(compared["with_id"], runs[1].as_str());
        for list in ["rfm_segments", "rfm_groups", "lifecycle_stages", "churn_levels"] {
            assert_eq!(sum(&compared[list], "customers"), compared["customers"].as_i64().expect("a count"), "{list}");
        }
        let part = seller.get(&format!("{path}/compare?with={}", runs[1])).await.expect(200);
        assert!(part["customers"].as_i64() < compared["customers"].as_i64());

        let moved: i64 = compared["rfm_segments"].as_array().expect("a list").iter().filter(|t| t["from"] != t["to"]).filter_map(|t| t["customers"].as_i64()).sum();
        let moves = admin.get(&format!("{path}/moves?with_total=true&limit=200")).await.expect(200);
        assert_eq!(moves["total"], moved);
        assert!(moves["items"].as_array().expect("a page").iter().all(|m| m["rfm_segment"] != m["previous_rfm_segment"]));
        let lost = admin.get(&format!("{path}/moves?dimension=lifecycle_stage&previous_lifecycle_stage=decline&lifecycle_stage=lost&sort=-previous_lifetime_value")).await.expect(200);
        assert!(lost["items"].as_array().expect("a page").iter().all(|m| m["previous_lifecycle_stage"] == "decline"));

        let best = admin.get(&format!("{path}/customers?limit=1")).await.expect(200);
        let id = best["items"][0]["customer_id"].as_str().expect("an id");
        let explained = admin.get(&format!("/customers/{id}/scores/explain")).await.expect(200);
        assert_eq!((&explained["run_id"], &explained["reproduced"]), (&json!(runs[0]), &json!(true)));
        assert!(!explained["orders"].as_array().expect("a list").is_empty());
        let before = admin.get(&format!("/customers/{id}/scores/explain?run={}", runs[1])).await.expect(200);
        assert_eq!(before["run_id"], runs[1].as_str());

        let own = seller.get(&format!("{path}/customers?limit=200&with_total=true")).await.expect(200);
        assert!(own["total"].as_i64() < Some(150));
        let hidden = own["items"].as_array().expect("a page").iter().all(|c| c["customer_id"] != id);
        if hidden {
            assert_eq!(seller.get(&format!("/customers/{id}/scores")).await.refused(404), "not_found");
            assert_eq!(seller.get(&format!("/customers/{id}/scores/explain")).await.refused(404), "not_found");
        }
        let seen = seller.get(&path).await.expect(200);
        assert_eq!((&seen["customers"], &seen["models"], &seen["figures"]["customers"]), (&Value::Null, &Value::Null, &own["total"]));
    }
}

on_both! {
    async fn runs_are_refused_to_whom_and_what_they_should(app: &TestApp) {
        let admin = app.admin().await;
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        let seller = app.user(ShippedRole::Sales, app.company().await, "seller@example.com").await;
        assert_eq!(clerk.get("/segmentation-runs").await.refused(403), "forbidden");
        assert_eq!(seller.post("/segmentation-runs", json!({})).await.refused(403), "forbidden");
        let nobody = "/segmentation-runs/01900000-0000-7000-8000-000000000000";
        for below in ["", "/customers", "/compare", "/moves"] {
            assert_eq!(admin.get(&format!("{nobody}{below}")).await.refused(404), "not_found", "{below}");
        }
        let customer = admin.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        assert_eq!(customer["scores"], Value::Null);
        let explain = format!("/customers/{}/scores/explain", customer["id"].as_str().expect("an id"));
        assert_eq!(admin.get(&explain).await.refused(409), "no_run_yet");

        let run = admin.post("/segmentation-runs", json!({"as_of": "2026-11-01"})).await.expect(202);
        let path = format!("/segmentation-runs/{}", run["id"].as_str().expect("an id"));
        assert_eq!(admin.post("/segmentation-runs", json!({})).await.refused(409), "run_under_way");
        assert_eq!(admin.get(&format!("{path}/customers")).await.refused(409), "run_not_done");
        let cancel = format!("{path}/cancel");
        assert_eq!(seller.post(&cancel, json!({})).await.refused(403), "forbidden");
        let failed = admin.post(&cancel, json!({})).await.expect(200);
        assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("stopped")));
        assert_eq!(admin.post(&cancel, json!({})).await.refused(409), "conflict", "it is over");

        let wrong = admin.post("/segmentation-runs", json!({"settings": {"churn": {"medium_from": 8_000}}})).await.invalid();
        assert_eq!(wrong, [("/settings/churn/high_from".to_owned(), "order".to_owned())]);
        assert_eq!(admin.get(&format!("{path}/moves?dimension=weight")).await.refused(400), "invalid_parameter");
        assert_eq!(admin.get(&format!("{path}/compare?against=x")).await.refused(400), "unknown_parameter");
    }
}

on_both! {
    async fn a_run_is_made_every_night_where_the_settings_want_it(app: &TestApp) {
        let admin = app.admin().await;
        let kept = admin.get("/segmentation-settings").await.expect(200);
        assert_eq!((&kept["nightly"], &kept["settings"]["lifetime"]["model"]), (&json!(false), &json!("bg_nbd")));
        let due = kept["next_at"].as_str().expect("when it would be made");
        assert!(due.ends_with("T01:00:00Z") && kept["time_zone"] == "Asia/Shanghai", "{kept}");
        let change = json!({"nightly": true, "settings": {"lifetime": {"model": "mbg_nbd"}}});
        assert_eq!(admin.send(Method::PATCH, "/segmentation-settings", None, Some(change.clone())).await.refused(428), "precondition_required");
        let changed = admin.patch("/segmentation-settings", &kept, change.clone()).await.expect(200);
        assert_eq!((&changed["nightly"], &changed["version"]), (&json!(true), &json!(2)));
        assert_eq!(admin.patch("/segmentation-settings", &kept, change).await.refused(412), "stale");

        app.app.jobs.start().expect("threads");
        let run = until("the run of the night", async || {
            let runs = admin.get("/segmentation-runs?state=done").await.expect(200);
            runs["items"].get(0).cloned()
        })
        .await;
        assert_eq!((&run["by"], &run["settings"]["lifetime"]["model"]), (&Value::Null, &json!("mbg_nbd")));
    }
}
