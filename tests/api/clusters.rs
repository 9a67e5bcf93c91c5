//! Clusters over HTTP: asked for, made by a background job, read, named, and what somebody with a narrower scope is told.

use guanxi_domain::Timestamp;
use guanxi_domain::permission::ShippedRole;
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_tests::{Client, TestApp, on_both, until};
use serde_json::{Value, json};

/// Fills the database; answers one of its sellers, who sees own customers only.
async fn company(app: &TestApp, admin: &Client) -> Client {
    let db = app.app.db.clone();
    let options = SeedOptions {
        customers: 80,
        orders: 400,
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

fn id(record: &Value) -> &str {
    record["id"].as_str().expect("an id")
}

/// A run, made.
async fn made(app: &TestApp, who: &Client, settings: Value) -> (String, Value) {
    let reply = who
        .post("/cluster-runs", json!({"settings": settings}))
        .await;
    let location = reply.headers["location"].to_str().expect("text").to_owned();
    assert_eq!(reply.expect(201)["state"], "queued");
    app.app.jobs.start().expect("threads");
    let path = location
        .strip_prefix("/api/v1")
        .expect("below the API")
        .to_owned();
    let done = until("the run", async || {
        let run = who.get(&path).await.expect(200);
        (run["state"] == "done").then_some(run)
    })
    .await;
    (path, done)
}

fn sum(run: &Value, name: &str) -> i64 {
    let parts = run["result"][name].as_array().into_iter().flatten();
    parts.filter_map(|part| part["customers"].as_i64()).sum()
}

on_both! {
    async fn a_run_groups_the_customers_and_is_named(app: &TestApp) {
        let admin = app.admin().await;
        company(app, &admin).await;
        let (path, run) = made(app, &admin, json!({"max_clusters": 5, "restarts": 5})).await;
        let customers = run["result"]["customers"].as_i64().expect("a count");
        assert!(customers > 40);
        assert_eq!(sum(&run, "profiles"), customers);
        assert_eq!(run["result"]["tried"].as_array().map(Vec::len), Some(4), "2 to 5");
        assert_eq!((&run["current"], &run["kept"], &run["result"]["moves"]), (&json!(true), &json!(true), &json!([])));
        let head = &admin.get("/cluster-runs").await.expect(200)["items"][0];
        assert_eq!((&head["clusters"], &head["id"]), (&run["result"]["chosen"], &run["id"]));

        let named = admin.patch(&path, &run, json!({"names": ["重点", null]})).await.expect(200);
        assert_eq!((&named["names"], &named["version"]), (&json!(["重点", null]), &json!(2)));
        assert_eq!(admin.patch(&path, &run, json!({"names": []})).await.refused(412), "stale");
        let trail = admin.get("/audit?record_type=cluster_runs&sort=-at").await.expect(200);
        assert_eq!(trail["items"][0]["changes"]["names"]["new"], json!(["重点", null]));

        let first = &run["result"]["profiles"][0];
        let members = admin.get(&format!("{path}/customers?cluster=1&with_total=true&limit=1")).await.expect(200);
        assert_eq!(members["total"], first["customers"]);
        assert_eq!(members["items"][0]["values"].as_array().map(Vec::len), Some(3));
        // The customers' own list knows it too.
        let filter = json!({"filter": {"field": "cluster", "op": "eq", "value": 1}, "with_total": true, "limit": 1});
        let found = admin.post("/customers/search", filter.clone()).await.expect(200);
        assert_eq!(found["total"], first["customers"]);
        let customer = &found["items"][0];
        assert_eq!((&customer["cluster"], &customer["cluster_name"]), (&json!(1), &json!("重点")));
        let path_of = format!("/customers/{}", id(customer));
        assert_eq!(admin.get(&path_of).await.expect(200)["cluster_name"], "重点");
        let export = json!({"format": "csv", "columns": ["cluster"], "filter": filter["filter"]});
        let file = admin.post("/customers/export", export).await;
        assert!(file.text.lines().skip(1).all(|line| line == "重点"), "named");
        let unnamed = json!({"format": "csv", "columns": ["cluster"], "filter": {"field": "cluster", "op": "eq", "value": 2}});
        let file = admin.post("/customers/export", unnamed).await;
        assert!(file.text.lines().skip(1).all(|line| line == "Cluster 2"), "by its number");
        let filter = json!({"filter": {"field": "customer.cluster", "op": "eq", "value": 1}, "limit": 1});
        let orders = admin.post("/orders/search", filter).await.expect(200);
        assert_eq!(orders["items"].as_array().map(Vec::len), Some(1), "orders by their customers' cluster");
        let found = admin.get("/customers?cluster=none&archived_at=none&with_total=true").await.expect(200);
        let all = admin.get("/customers?with_total=true").await.expect(200);
        assert_eq!(found["total"].as_i64(), all["total"].as_i64().map(|all| all - customers));

        // Again: nobody has moved, and the names stay with their run.
        let (_, again) = made(app, &admin, json!({"max_clusters": 5, "restarts": 5})).await;
        assert_eq!((&again["result"]["previous_id"], &again["names"]), (&run["id"], &json!([])));
        let moves = again["result"]["moves"].as_array().expect("moves");
        assert!(moves.iter().all(|m| m["from"] == m["to"]), "{moves:?}");
        assert_eq!(admin.get(&path).await.expect(200)["current"], false);
    }
}

on_both! {
    async fn a_seller_sees_figures_of_own_customers_only(app: &TestApp) {
        let admin = app.admin().await;
        let seller = company(app, &admin).await;
        let (path, whole) = made(app, &admin, json!({"clusters": 3, "restarts": 3})).await;
        let part = seller.get(&path).await.expect(200);
        let customers = part["result"]["customers"].as_i64().expect("a count");
        assert!(customers < whole["result"]["customers"].as_i64().expect("a count"));
        assert_eq!(sum(&part, "profiles"), customers);
        assert_eq!((&part["result"]["quality"], &part["result"]["tried"]), (&Value::Null, &json!([])));
        assert_ne!(part["result"]["means"], whole["result"]["means"]);
        assert_eq!(part["result"]["points"].as_array().map(Vec::len), usize::try_from(customers).ok());
        let own = seller.get("/customers?limit=200").await.expect(200);
        let ids: Vec<&Value> = own["items"].as_array().into_iter().flatten().map(|c| &c["id"]).collect();
        let members = seller.get(&format!("{path}/customers?limit=200&with_total=true")).await.expect(200);
        assert_eq!(members["total"], part["result"]["customers"]);
        assert!(members["items"].as_array().expect("members").iter().all(|m| ids.contains(&&m["customer_id"])));
        assert_eq!(seller.patch(&path, &whole, json!({"names": ["X"]})).await.refused(403), "forbidden");
    }
}

on_both! {
    async fn what_makes_no_sense_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        for (settings, pointer, code) in [
            (json!({"features": []}), "/settings/features", "length"),
            (json!({"features": ["recency", "recency"]}), "/settings/features", "order"),
            (json!({"clusters": 1}), "/settings/clusters", "range"),
            (json!({"min_clusters": 5, "max_clusters": 4}), "/settings/max_clusters", "order"),
        ] {
            let wrong = admin.post("/cluster-runs", json!({"settings": settings})).await.invalid();
            assert_eq!(wrong, [(pointer.to_owned(), code.to_owned())]);
        }
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(clerk.get("/cluster-runs").await.refused(403), "forbidden");
        let seller = app.user(ShippedRole::Sales, app.company().await, "seller@example.com").await;
        assert_eq!(seller.post("/cluster-runs", json!({})).await.refused(403), "forbidden");
        let nowhere = "/cluster-runs/01900000-0000-7000-8000-000000000000";
        assert_eq!(admin.get(nowhere).await.refused(404), "not_found");
        assert_eq!(admin.get(&format!("{nowhere}/customers")).await.refused(404), "not_found");

        let queued = admin.post("/cluster-runs", json!({})).await.expect(201);
        let path = format!("/cluster-runs/{}", id(&queued));
        assert_eq!(admin.get(&format!("{path}/customers")).await.refused(404), "run_unfinished");
        assert_eq!(admin.patch(&path, &queued, json!({"names": ["X"]})).await.refused(409), "conflict");
        // A company without orders has nobody to group.
        let (path, run) = made(app, &admin, json!({})).await;
        assert_eq!((&run["result"]["refusal"], &run["current"]), (&json!("too_few_customers"), &json!(false)));
        assert_eq!(admin.patch(&path, &run, json!({"names": ["X"]})).await.invalid()[0].0, "/names");
        assert_eq!(admin.patch(&path, &run, json!({"names": [" X"]})).await.invalid()[0].1, "cluster_names");
    }
}

on_both! {
    async fn a_run_is_cancelled_by_who_may_ask_for_one(app: &TestApp) {
        let admin = app.admin().await;
        let queued = admin.post("/cluster-runs", json!({})).await.expect(201);
        let cancel = format!("/cluster-runs/{}/cancel", id(&queued));
        let seller = app.user(ShippedRole::Sales, app.company().await, "seller@example.com").await;
        assert_eq!(seller.post(&cancel, json!({})).await.refused(403), "forbidden");
        let run = admin.post(&cancel, json!({})).await.expect(200);
        assert_eq!((&run["state"], &run["result"]), (&json!("cancelled"), &Value::Null));
        assert_eq!(admin.post(&cancel, json!({})).await.refused(409), "conflict");
        let nowhere = "/cluster-runs/01900000-0000-7000-8000-000000000000/cancel";
        assert_eq!(admin.post(nowhere, json!({})).await.refused(404), "not_found");
    }
}

on_both! {
    async fn a_run_tells_which_features_customers_lack(app: &TestApp) {
        let admin = app.admin().await;
        let seller = company(app, &admin).await;
        let features = json!(["recency", "mean_gap"]);
        let settings = json!({"features": features, "missing": "exclude", "clusters": 2, "restarts": 1});
        let (path, run) = made(app, &admin, settings).await;
        let gaps = &run["result"]["gaps"];
        let left_out = gaps["left_out"].as_i64().expect("a count");
        assert!(left_out > 0, "who bought once has no gap between purchases");
        assert_eq!(gaps["features"], json!([{"feature": "mean_gap", "customers": left_out}]));
        assert_eq!(seller.get(&path).await.expect(200)["result"]["gaps"], Value::Null, "it is of all customers");
        let settings = json!({"features": features, "missing": "median", "clusters": 2, "restarts": 1});
        let (_, filled) = made(app, &admin, settings).await;
        assert_eq!((&filled["result"]["gaps"]["left_out"], &filled["result"]["gaps"]["features"]), (&json!(0), &gaps["features"]));
        let count = |run: &Value| run["result"]["customers"].as_i64().expect("a count");
        assert_eq!(count(&filled), count(&run) + left_out);
    }
}
