//! Orders, and the figures that follow from them.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(record: &Value) -> String {
    format!("/orders/{}", record["id"].as_str().expect("an id"))
}

/// A customer and an order over 100.00 for it.
async fn order_by(who: &Client) -> (Value, Value) {
    let customer = who
        .post("/customers", json!({"name": "上海晨光"}))
        .await
        .expect(201);
    let order = who
        .post(
            "/orders",
            json!({"customer_id": customer["id"], "lines": [{"description": "台灯", "quantity": "1", "unit_price": "100"}]}),
        )
        .await
        .expect(201);
    (customer, order)
}

async fn lead(who: &Client, order: &Value, states: &[&str]) -> Value {
    let mut order = order.clone();
    for state in states {
        let to = format!("{}/transitions", path(&order));
        order = who
            .post_to(&to, &order, Some(json!({"to": state})))
            .await
            .expect(200);
    }
    order
}

on_both! {
    async fn an_order_goes_from_draft_to_completed(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "上海晨光"})).await.expect(201);
        let lamp = admin.post("/products", json!({"sku": "LAMP-01", "name": "台灯", "unit": "piece", "list_price": "129.9", "cost": "80"})).await.expect(201);
        let reply = admin.post("/orders", json!({
            "customer_id": customer["id"],
            "promised_on": "2026-12-24",
            "lines": [
                {"product_id": lamp["id"], "quantity": "10", "discount": 9900},
                {"description": "送货", "quantity": "1", "unit_price": "120"},
            ],
        })).await;
        assert_eq!(reply.headers["etag"], "\"1\"");
        let location = reply.headers["location"].to_str().expect("text").to_owned();
        let order = reply.expect(201);
        assert_eq!(location, format!("/api/v1{}", path(&order)));
        assert_eq!((&order["total"], &order["discount"], &order["margin"]), (&json!(132_000), &json!(9_900), &json!(52_000)));
        assert_eq!((&order["lines"][0]["sku"], &order["lines"][0]["description"]), (&json!("LAMP-01"), &json!("台灯")));
        assert_eq!((&order["state"], &order["customer_name"]), (&json!("draft"), &json!("上海晨光")));
        assert_eq!(admin.get(&path(&order)).await.expect(200), order);

        // A patch of one member leaves the lines; lines replace lines.
        let noted = admin.patch(&path(&order), &order, json!({"note": "先打电话", "promised_on": null})).await.expect(200);
        assert_eq!((&noted["note"], &noted["promised_on"], &noted["total"]), (&json!("先打电话"), &Value::Null, &order["total"]));
        let shorter = admin.patch(&path(&order), &noted, json!({"lines": [{"product_id": lamp["id"], "quantity": "2"}]})).await.expect(200);
        assert_eq!((&shorter["total"], &shorter["line_count"]), (&json!(25_980), &json!(1)));
        assert_eq!(admin.get(&path(&order)).await.expect(200), shorter);
        assert_eq!(admin.patch(&path(&order), &order, json!({"note": "X"})).await.refused(412), "stale");

        let metrics = format!("/customers/{}/metrics", customer["id"].as_str().expect("an id"));
        assert_eq!(admin.get(&metrics).await.expect(200)["orders"], 0);
        let confirmed = lead(&admin, &shorter, &["submitted", "confirmed"]).await;
        let figures = admin.get(&metrics).await.expect(200);
        assert_eq!((&figures["orders"], &figures["sales"], &figures["margin"], &figures["sales_30d"]), (&json!(1), &json!(25_980), &json!(9_980), &json!(25_980)));
        assert_eq!(admin.patch(&path(&order), &confirmed, json!({"note": "X"})).await.refused(409), "conflict");
        assert_eq!(admin.delete(&path(&order), &confirmed).await.refused(409), "conflict");

        let done = lead(&admin, &confirmed, &["partly_shipped", "shipped", "delivered", "completed"]).await;
        let steps: Vec<_> = done["transitions"].as_array().into_iter().flatten().map(|t| t["to"].clone()).collect();
        assert_eq!(json!(steps), json!(["draft", "submitted", "confirmed", "partly_shipped", "shipped", "delivered", "completed"]));
        assert_eq!(done["transitions"][6]["by_name"], "Admin");
        let history = admin.get("/audit?record_type=orders&sort=at").await.expect(200);
        let actions: Vec<_> = history["items"].as_array().into_iter().flatten().map(|e| e["action"].clone()).collect();
        assert_eq!(json!(actions), json!(["created", "updated", "updated", "submitted", "confirmed", "partly_shipped", "shipped", "delivered", "completed"]));
    }
}

on_both! {
    async fn a_cancelled_order_leaves_the_figures(app: &TestApp) {
        let admin = app.admin().await;
        let (customer, order) = order_by(&admin).await;
        let to = format!("{}/transitions", path(&order));
        assert_eq!(admin.post_to(&to, &order, Some(json!({"to": "shipped"}))).await.refused(409), "illegal_transition");
        assert_eq!(admin.post_to(&to, &order, Some(json!({"to": "held"}))).await.invalid(), [("/to".into(), "type".into())]);
        assert_eq!(admin.send(Method::POST, &to, None, Some(json!({"to": "submitted"}))).await.refused(428), "precondition_required");
        let confirmed = lead(&admin, &order, &["submitted", "confirmed"]).await;
        assert_eq!(admin.post_to(&to, &order, Some(json!({"to": "submitted"}))).await.refused(412), "stale");
        assert_eq!(admin.post_to(&to, &confirmed, Some(json!({"to": "cancelled"}))).await.invalid(), [("/reason".into(), "reason".into())]);
        let cancelled = admin.post_to(&to, &confirmed, Some(json!({"to": "cancelled", "reason": "客户改了主意"}))).await.expect(200);
        assert_eq!(cancelled["cancel_reason"], "客户改了主意");
        let figures = admin.get(&format!("/customers/{}/metrics", customer["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!((&figures["orders"], &figures["sales"], &figures["last_order_on"]), (&json!(0), &json!(0), &Value::Null));

        let report = admin.send(Method::POST, "/metrics/rebuild", None, None).await.expect(200);
        assert_eq!((&report["customers"], &report["differing"]), (&json!(1), &json!(0)));
    }
}

on_both! {
    async fn bad_orders_are_refused(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "甲"})).await.expect(201);
        let line = json!({"description": "台灯", "quantity": "1", "unit_price": "10"});
        let errors = |mut body: Value| {
            let (admin, id) = (admin.clone(), customer["id"].clone());
            async move {
                if body.get("customer_id").is_none() {
                    body["customer_id"] = id;
                }
                admin.post("/orders", body).await.invalid()
            }
        };
        let nowhere = "01900000-0000-7000-8000-000000000000";
        assert_eq!(errors(json!({})).await, [("/lines".into(), "required".into())]);
        assert_eq!(errors(json!({"lines": []})).await, [("/lines".into(), "lines".into())]);
        assert_eq!(errors(json!({"lines": [line], "total": 5})).await, [("/total".into(), "unknown".into())]);
        assert_eq!(errors(json!({"lines": [line, {"description": "A", "quantity": "-1", "unit_price": "-1", "discount": -1}]})).await,
            [("/lines/1/discount".into(), "negative".into()), ("/lines/1/quantity".into(), "positive".into()), ("/lines/1/unit_price".into(), "negative".into())]);
        assert_eq!(errors(json!({"lines": [{"description": "A", "quantity": "1", "unit_price": "1", "discount": 101}]})).await, [("/lines/0/discount".into(), "discount".into())]);
        assert_eq!(errors(json!({"lines": [{"product_id": nowhere, "quantity": "1"}]})).await, [("/lines/0/product_id".into(), "reference".into())]);
        assert_eq!(errors(json!({"lines": [line], "customer_id": nowhere})).await, [("/customer_id".into(), "reference".into())]);
        assert_eq!(errors(json!({"lines": [line], "contact_id": nowhere})).await, [("/contact_id".into(), "reference".into())]);
        assert_eq!(errors(json!({"lines": [line], "owner_id": nowhere})).await, [("/owner_id".into(), "reference".into())]);
        assert_eq!(errors(json!({"lines": [line], "ordered_at": "2999-01-01T00:00:00Z"})).await, [("/ordered_at".into(), "future".into())]);
        let dear = json!({"description": "A", "quantity": "9000000000000", "unit_price": "900000000000"});
        assert_eq!(errors(json!({"lines": [dear]})).await, [("/lines/0/quantity".into(), "overflow".into())]);

        let order = json!({"customer_id": customer["id"], "number": "N-1", "lines": [line]});
        admin.post("/orders", order.clone()).await.expect(201);
        assert_eq!(admin.post("/orders", order).await.refused(409), "taken");
        let id = customer["id"].as_str().expect("an id");
        admin.post_to(&format!("/customers/{id}/blacklist"), &customer, Some(json!({"reason": "三张发票未付"}))).await.expect(200);
        assert_eq!(admin.post("/orders", json!({"customer_id": id, "lines": [line]})).await.refused(409), "blacklisted");
    }
}

on_both! {
    async fn orders_are_seen_within_the_scope(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let clerk = app.user(ShippedRole::DepartmentClerk, north, "clerk@example.com").await;
        let (customer, order) = order_by(&ann).await;
        for (who, sees) in [(&ann, true), (&bob, false), (&clerk, true), (&admin, true)] {
            for query in ["", "&q=%E6%99%A8%E5%85%89", "&state=draft", "&total_min=10000"] {
                let page = who.get(&format!("/orders?with_total=true{query}")).await.expect(200);
                assert_eq!(page["total"], i32::from(sees), "{query}");
                assert_eq!(page["items"].as_array().map(Vec::len), Some(usize::from(sees)));
            }
            assert_eq!(who.get(&path(&order)).await.status, if sees { 200 } else { 404 });
        }
        assert_eq!(bob.patch(&path(&order), &order, json!({"note": "X"})).await.refused(404), "not_found");
        assert_eq!(bob.delete(&path(&order), &order).await.refused(403), "forbidden");
        let stranger = app.user(ShippedRole::DepartmentManager, south, "stranger@example.com").await;
        assert_eq!(stranger.delete(&path(&order), &order).await.refused(404), "not_found");
        let to = format!("{}/transitions", path(&order));
        assert_eq!(bob.post_to(&to, &order, Some(json!({"to": "submitted"}))).await.refused(404), "not_found");
        let line = json!({"description": "台灯", "quantity": "1", "unit_price": "10"});
        assert_eq!(bob.post("/orders", json!({"customer_id": customer["id"], "lines": [line]})).await.invalid(), [("/customer_id".into(), "reference".into())]);

        // Reading is not changing, and nobody gives orders away without the right to.
        let agent = app.user(ShippedRole::ServiceAgent, north, "agent@example.com").await;
        assert_eq!(agent.get(&path(&order)).await.status, 200);
        assert_eq!(agent.patch(&path(&order), &order, json!({"note": "X"})).await.refused(403), "forbidden");
        assert_eq!(agent.post_to(&to, &order, Some(json!({"to": "submitted"}))).await.refused(403), "forbidden");
        let bob_id = bob.get("/me").await.expect(200)["user"]["id"].clone();
        assert_eq!(ann.patch(&path(&order), &order, json!({"owner_id": bob_id})).await.refused(403), "forbidden");
        assert_eq!(app.nobody().get("/orders").await.refused(401), "unauthenticated");
        assert_eq!(ann.send(Method::POST, "/metrics/rebuild", None, None).await.refused(403), "forbidden");
        let manager = app.user(ShippedRole::DepartmentManager, north, "manager@example.com").await;
        manager.delete(&path(&order), &order).await.expect(204);
        assert_eq!(ann.get(&path(&order)).await.refused(404), "not_found");
    }
}

on_both! {
    async fn pages_hold_every_order_once_in_order(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "甲"})).await.expect(201);
        for i in 0..11 {
            // Equal totals and days, and promises that are empty: what paging stumbles over.
            let promised = (i % 3 != 0).then(|| format!("2026-12-{:02}", 10 + i % 2));
            let line = json!({"description": "台灯", "quantity": "1", "unit_price": format!("{}", i / 4)});
            admin.post("/orders", json!({"customer_id": customer["id"], "ordered_at": format!("2026-10-0{}T08:00:00Z", 1 + i % 3), "promised_on": promised, "lines": [line]})).await.expect(201);
        }
        for sort in ["ordered_at", "-ordered_at", "promised_on", "-promised_on", "total,-ordered_at", "-total", "number", "state,-number"] {
            let whole = admin.get(&format!("/orders?limit=200&sort={sort}")).await.expect(200)["items"].clone();
            let mut seen = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = admin.get(&format!("/orders?limit=3&sort={sort}{cursor}")).await.expect(200);
                seen.extend(page["items"].as_array().expect("items").iter().cloned());
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(json!(seen), whole, "sort={sort}");
            assert_eq!(seen.len(), 11);
        }
        assert_eq!(admin.get("/orders?sort=note").await.refused(400), "invalid_parameter");
        assert_eq!(admin.get("/orders?with_total=true&promised_on=none").await.expect(200)["total"], 4);
        assert_eq!(admin.get("/orders?with_total=true&ordered_at_max=2026-10-01").await.expect(200)["total"], 4);
    }
}
