//! Product rules over HTTP: asked for, made by a background job, read, and what follows from them.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both, until};
use serde_json::{Value, json};

fn id(record: &Value) -> &str {
    record["id"].as_str().expect("an id")
}

async fn product(admin: &Client, sku: &str) -> Value {
    let input = json!({"sku": sku, "name": sku, "category": "goods", "list_price": "10"});
    admin.post("/products", input).await.expect(201)
}

async fn buy(who: &Client, customer: &Value, products: &[&Value]) {
    let lines: Vec<Value> = products
        .iter()
        .map(|p| json!({"product_id": p["id"], "quantity": "1"}))
        .collect();
    let order = who
        .post(
            "/orders",
            json!({"customer_id": customer["id"], "lines": lines}),
        )
        .await
        .expect(201);
    let to = format!("/orders/{}/transitions", id(&order));
    let order = who
        .post_to(&to, &order, Some(json!({"to": "submitted"})))
        .await
        .expect(200);
    who.post_to(&to, &order, Some(json!({"to": "confirmed"})))
        .await
        .expect(200);
}

/// Four orders, three with tea, two of those with a cup. Answers tea, cup, and the customer who has tea only.
async fn shop(admin: &Client) -> (Value, Value, Value) {
    let (tea, cup, rug) = (
        product(admin, "TEA").await,
        product(admin, "CUP").await,
        product(admin, "RUG").await,
    );
    let ann = admin
        .post("/customers", json!({"name": "Ann"}))
        .await
        .expect(201);
    let ben = admin
        .post("/customers", json!({"name": "Ben"}))
        .await
        .expect(201);
    for products in [&[&tea, &cup][..], &[&tea, &cup], &[&rug]] {
        buy(admin, &ann, products).await;
    }
    buy(admin, &ben, &[&tea]).await;
    (tea, cup, ben)
}

/// A run, made.
async fn made(app: &TestApp, who: &Client, settings: Value) -> (String, Value) {
    let reply = who.post("/rule-runs", json!({"settings": settings})).await;
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

on_both! {
    async fn a_run_is_asked_for_made_and_read(app: &TestApp) {
        let admin = app.admin().await;
        let (tea, cup, ben) = shop(&admin).await;
        let none = admin.get(&format!("/customers/{}/next-products", id(&ben))).await.expect(200);
        assert_eq!((&none["run_id"], &none["items"]), (&Value::Null, &json!([])));
        let (path, done) = made(app, &admin, json!({"min_support": 400_000})).await;
        assert_eq!((&done["result"]["baskets"], &done["result"]["rules"], &done["kept"]), (&json!(4), &json!(2), &json!(true)));
        assert_eq!(admin.get("/rule-runs").await.expect(200)["items"], json!([done]));

        let rules = admin.get(&format!("{path}/rules?product={}&sort=-confidence&with_total=true", id(&cup))).await.expect(200);
        assert_eq!(rules["total"], 2);
        let first = &rules["items"][0];
        assert_eq!((&first["antecedent"][0]["sku"], &first["consequent"][0]["product_id"]), (&json!("CUP"), &tea["id"]));
        assert_eq!((&first["support"], &first["confidence"], &first["lift"], &first["conviction"]), (&json!(500_000), &json!(1_000_000), &json!(1_333), &Value::Null));
        assert_eq!(admin.get(&format!("{path}/rules?lift_min=1334")).await.expect(200)["items"], json!([]));

        let next = admin.get(&format!("/customers/{}/next-products?limit=3", id(&ben))).await.expect(200);
        let offer = &next["items"][0];
        assert_eq!((&next["run_id"], &next["basis"]), (&done["id"], &json!("company")));
        assert_eq!((&offer["item"]["product_id"], &offer["because"][0]["sku"], &offer["confidence"]), (&cup["id"], &json!("TEA"), &json!(666_667)));
        assert_eq!(next["items"].as_array().map(Vec::len), Some(1), "he has tea already");
        let with = admin.get(&format!("/products/{}/bought-with", id(&tea))).await.expect(200);
        assert_eq!((&with["items"][0]["item"]["sku"], &with["items"][0]["both_sides"]), (&json!("CUP"), &json!(2)));
        // Who asked is told, and led to the run.
        let told = until("the notification", async || {
            let all = admin.get("/notifications").await.expect(200);
            all["items"].as_array()?.first().cloned()
        })
        .await;
        assert_eq!((&told["record"], &told["record_id"], &told["subject"]), (&json!("rule_runs"), &done["id"], &json!("rule_run")));
    }
}

on_both! {
    async fn rules_of_the_company_are_for_who_sees_all_its_orders(app: &TestApp) {
        let admin = app.admin().await;
        let (tea, _, ben) = shop(&admin).await;
        let east = app.department("East").await;
        let clerk = app.user(ShippedRole::DepartmentClerk, east, "clerk@example.com").await;
        let seller = app.user(ShippedRole::Sales, east, "seller@example.com").await;
        let manager = app.user(ShippedRole::DepartmentManager, east, "manager@example.com").await;
        let analyst = app.user(ShippedRole::Analyst, east, "analyst@example.com").await;
        let (path, _) = made(app, &analyst, json!({"min_support": 400_000})).await;

        assert_eq!(clerk.get("/rule-runs").await.refused(403), "forbidden");
        assert_eq!(clerk.get(&format!("/products/{}/bought-with", id(&tea))).await.refused(403), "forbidden");
        assert_eq!(seller.post("/rule-runs", json!({})).await.refused(403), "forbidden");
        for who in [&seller, &manager] {
            for path in ["/rule-runs", &path, &format!("{path}/rules")] {
                assert_eq!(who.get(path).await.refused(403), "whole_company", "{path}");
            }
            assert_eq!(who.get(&format!("/customers/{}/next-products", id(&ben))).await.refused(404), "not_found");
            let with = who.get(&format!("/products/{}/bought-with", id(&tea))).await.expect(200);
            assert_eq!((&with["basis"], &with["refusal"], &with["items"]), (&json!("seen"), &json!("too_few_baskets"), &json!([])));
        }
        assert_eq!(manager.post("/rule-runs", json!({})).await.refused(403), "whole_company");
    }
}

on_both! {
    async fn what_makes_no_sense_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        let wrong = |settings: Value| {
            let admin = &admin;
            async move { admin.post("/rule-runs", json!({"settings": settings})).await.invalid() }
        };
        for (settings, pointer, code) in [
            (json!({"min_support": 0}), "/settings/min_support", "range"),
            (json!({"from": "2026-02-01", "to": "2026-01-01"}), "/settings/to", "order"),
            (json!({"max_items": 2, "max_consequent": 2}), "/settings/max_consequent", "order"),
            (json!({"baskets": "visit"}), "/settings/baskets", "type"),
        ] {
            assert_eq!(wrong(settings).await, [(pointer.to_owned(), code.to_owned())]);
        }
        let nowhere = "/rule-runs/01900000-0000-7000-8000-000000000000";
        assert_eq!(admin.get(nowhere).await.refused(404), "not_found");
        assert_eq!(admin.get(&format!("{nowhere}/rules")).await.refused(404), "not_found");
        let queued = admin.post("/rule-runs", json!({})).await.expect(201);
        let rules = format!("/rule-runs/{}/rules", id(&queued));
        assert_eq!(admin.get(&rules).await.refused(404), "run_unfinished");
        assert_eq!(admin.get(&format!("{rules}?colour=red")).await.refused(400), "unknown_parameter");
        assert_eq!(admin.get(&format!("{rules}?sort=product")).await.refused(400), "invalid_parameter");
        assert_eq!(admin.get("/products/01900000-0000-7000-8000-000000000000/bought-with").await.refused(404), "not_found");
        assert_eq!(admin.get("/products/01900000-0000-7000-8000-000000000000/bought-with?limit=0").await.refused(400), "invalid_parameter");
        // A run is asked for as such, not by the kind of its job.
        assert_eq!(admin.post("/jobs", json!({"kind": "rule_run"})).await.invalid(), [("/kind".to_owned(), "choice".to_owned())]);
        let job = &admin.get("/jobs?kind=rule_run").await.expect(200)["items"][0];
        assert_eq!((&job["subject"], &job["state"]), (&queued["id"], &json!("queued")));
    }
}

on_both! {
    async fn a_run_is_cancelled_by_who_may_ask_for_one(app: &TestApp) {
        let admin = app.admin().await;
        let queued = admin.post("/rule-runs", json!({})).await.expect(201);
        let cancel = format!("/rule-runs/{}/cancel", id(&queued));
        let seller = app.user(ShippedRole::Sales, app.company().await, "seller@example.com").await;
        assert_eq!(seller.post(&cancel, json!({})).await.refused(403), "forbidden");
        assert_eq!(admin.post(&cancel, json!({})).await.expect(200)["state"], "cancelled");
        assert_eq!(admin.post(&cancel, json!({})).await.refused(409), "conflict");
    }
}
