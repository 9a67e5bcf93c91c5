//! Value runs over HTTP, on a made-up company.

use guanxi_domain::Timestamp;
use guanxi_domain::permission::ShippedRole;
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_tests::{Client, TestApp, on_both};
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

fn sum(run: &Value, list: &str) -> i64 {
    let parts = run[list].as_array().into_iter().flatten();
    parts.filter_map(|c| c["amount"].as_i64()).sum()
}

on_both! {
    async fn a_run_is_made_and_read(app: &TestApp) {
        let admin = app.admin().await;
        company(app, &admin).await;
        let before = admin.get("/value-runs?with_total=true").await.expect(200)["total"].clone();
        assert_eq!(before, 2, "the seed's own");

        let reply = admin.post("/value-runs", json!({"settings": {"a_share": 8000}})).await;
        let location = reply.headers["location"].to_str().expect("text").to_owned();
        let run = reply.expect(201);
        assert_eq!(run["settings"]["b_share"], 9_500);
        assert_eq!((sum(&run, "classes"), sum(&run, "pyramid")), (run["total"].as_i64().expect("a sum"), run["total"].as_i64().expect("a sum")));
        let path = location.strip_prefix("/api/v1").expect("below the API");
        assert_eq!(admin.get(path).await.expect(200), run);
        let newest = admin.get("/value-runs?limit=1").await.expect(200);
        assert_eq!((&newest["items"][0]["id"], &newest["items"][0]["total"]), (&run["id"], &run["total"]));

        let best = admin.get(&format!("{path}/customers?class=a&limit=200&with_total=true")).await.expect(200);
        assert_eq!(best["total"], run["classes"][0]["customers"]);
        assert_eq!(best["items"][0]["rank"], 1);
        // The class stands on the customer as well.
        let customer = admin.get(&format!("/customers/{}", best["items"][0]["customer_id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(customer["value_class"], "a");
    }
}

on_both! {
    async fn a_seller_sees_figures_of_own_customers_only(app: &TestApp) {
        let admin = app.admin().await;
        let seller = company(app, &admin).await;
        let runs = seller.get("/value-runs").await.expect(200);
        assert_eq!((&runs["items"][0]["total"], &runs["items"][0]["customers"]), (&Value::Null, &Value::Null));
        let path = format!("/value-runs/{}", runs["items"][0]["id"].as_str().expect("an id"));
        let (whole, part) = (admin.get(&path).await.expect(200), seller.get(&path).await.expect(200));
        assert!(part["customers"].as_i64() < whole["customers"].as_i64());
        assert_eq!(sum(&part, "classes"), part["total"].as_i64().expect("a sum"));

        let own = seller.get("/customers?limit=200&archived_at=none").await.expect(200);
        let archived = seller.get("/customers?limit=200&archived_at=any").await.expect(200);
        let ids: Vec<&Value> = [&own, &archived].iter().flat_map(|p| p["items"].as_array().into_iter().flatten()).map(|c| &c["id"]).collect();
        let ranked = seller.get(&format!("{path}/customers?limit=200&with_total=true")).await.expect(200);
        assert_eq!(ranked["total"], part["customers"]);
        let places = ranked["items"].as_array().expect("places");
        assert!(places.iter().all(|p| ids.contains(&&p["customer_id"])));
        assert!(places.iter().any(|p| p["cumulative_share"] == 1.0), "of what the seller sees");
    }
}

on_both! {
    async fn runs_are_refused_to_whom_and_what_they_should(app: &TestApp) {
        let admin = app.admin().await;
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        let seller = app.user(ShippedRole::Sales, app.company().await, "seller@example.com").await;
        assert_eq!(clerk.get("/value-runs").await.refused(403), "forbidden");
        assert_eq!(seller.post("/value-runs", json!({})).await.refused(403), "forbidden");
        assert_eq!(admin.get("/value-runs/01900000-0000-7000-8000-000000000000").await.refused(404), "not_found");
        assert_eq!(admin.get("/value-runs/01900000-0000-7000-8000-000000000000/customers").await.refused(404), "not_found");
        assert_eq!(admin.get("/value-runs?total=1").await.refused(400), "unknown_parameter");
        let wrong = admin.post("/value-runs", json!({"settings": {"a_share": 9_000, "b_share": 8_000}})).await.invalid();
        assert_eq!(wrong, [("/settings/b_share".to_owned(), "order".to_owned())]);
        let wrong = admin.post("/value-runs", json!({"settings": {"from": "2026-02-01", "to": "2026-01-01"}})).await.invalid();
        assert_eq!(wrong, [("/settings/to".to_owned(), "order".to_owned())]);
        // A company without orders has an empty run.
        let run = admin.post("/value-runs", json!({})).await.expect(201);
        assert_eq!((&run["customers"], &run["total"], &run["curve"]), (&json!(0), &json!(0), &json!([])));
    }
}

on_both! {
    async fn products_are_ranked_for_whom_may_see(app: &TestApp) {
        let admin = app.admin().await;
        let seller = company(app, &admin).await;
        let whole = admin.get("/products/abc").await.expect(200);
        let total = whole["total"].as_i64().expect("a sum");
        assert_eq!((sum(&whole, "classes"), sum(&whole, "pyramid")), (total, total));
        assert_eq!((&whole["settings"]["a_share"], &whole["truncated"]), (&json!(7_500), &json!(false)));
        let items = whole["items"].as_array().expect("products");
        assert_eq!(whole["products"], items.len());
        let first = admin.get(&format!("/products/{}", items[0]["product_id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!((&items[0]["rank"], &items[0]["class"], &items[0]["sku"]), (&json!(1), &json!("a"), &first["sku"]));

        let part = seller.get("/products/abc").await.expect(200);
        assert!(part["total"].as_i64().expect("a sum") < total, "own orders only");
        let margin = admin.get("/products/abc?measure=margin&from=2020-01-01&a_share=5000&b_share=9000").await.expect(200);
        assert!(margin["total"].as_i64().expect("a sum") < total);
        let nothing = admin.get("/products/abc?to=2001-01-01").await.expect(200);
        assert_eq!((&nothing["products"], &nothing["curve"], &nothing["items"]), (&json!(0), &json!([]), &json!([])));

        for wrong in ["measure=weight", "from=yesterday", "a_share=0", "b_share=10001", "a_share=9500", "from=2026-02-01&to=2026-01-01"] {
            assert_eq!(admin.get(&format!("/products/abc?{wrong}")).await.refused(400), "invalid_parameter", "{wrong}");
        }
        assert_eq!(admin.get("/products/abc?limit=5").await.refused(400), "unknown_parameter");
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(clerk.get("/products/abc").await.refused(403), "forbidden");
    }
}
