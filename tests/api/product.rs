//! Products.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(record: &Value) -> String {
    format!("/products/{}", record["id"].as_str().expect("an id"))
}

on_both! {
    async fn a_product_lives_and_goes(app: &TestApp) {
        let admin = app.admin().await;
        let reply = admin.post("/products", json!({"sku": "LAMP-01", "name": "台灯", "name_en": "Desk lamp", "category": "goods", "unit": "piece", "list_price": "129.9", "cost": "80"})).await;
        assert_eq!(reply.headers["etag"], "\"1\"");
        let product = reply.expect(201);
        assert_eq!((&product["list_price"], &product["active"]), (&json!("129.9"), &json!(true)));
        assert_eq!(admin.get(&path(&product)).await.expect(200), product);

        let changed = admin.patch(&path(&product), &product, json!({"list_price": "119.95", "cost": null})).await.expect(200);
        assert_eq!((&changed["list_price"], &changed["cost"], &changed["version"]), (&json!("119.95"), &Value::Null, &json!(2)));
        assert_eq!(admin.patch(&path(&product), &product, json!({"name": "X"})).await.refused(412), "stale");
        assert_eq!(admin.delete(&path(&product), &product).await.refused(412), "stale");
        for method in [Method::PATCH, Method::DELETE] {
            let body = (method == Method::PATCH).then(|| json!({"name": "X"}));
            let without = admin.send(method, &path(&product), None, body).await;
            assert_eq!(without.refused(428), "precondition_required");
        }
        admin.delete(&path(&product), &changed).await.expect(204);
        assert_eq!(admin.get(&path(&product)).await.refused(404), "not_found");

        let history = admin.get("/audit?record_type=products&sort=at").await.expect(200);
        let actions: Vec<_> = history["items"].as_array().into_iter().flatten().map(|e| e["action"].clone()).collect();
        assert_eq!(json!(actions), json!(["created", "updated", "deleted"]));
    }
}

on_both! {
    async fn bad_products_are_refused(app: &TestApp) {
        let admin = app.admin().await;
        let errors = |body: Value| {
            let admin = admin.clone();
            async move { admin.post("/products", body).await.invalid() }
        };
        assert_eq!(errors(json!({"name": "A"})).await, [("/sku".into(), "required".into())]);
        assert_eq!(errors(json!({"sku": "A", "name": "A", "colour": 1})).await, [("/colour".into(), "unknown".into())]);
        assert_eq!(errors(json!({"sku": "A", "name": "A", "list_price": 5})).await, [("/list_price".into(), "type".into())]);
        assert_eq!(errors(json!({"sku": "A", "name": "A", "list_price": "0.00001"})).await, [("/list_price".into(), "type".into())]);
        assert_eq!(errors(json!({"sku": "A", "name": "A", "list_price": "-1"})).await, [("/list_price".into(), "negative".into())]);
        assert_eq!(errors(json!({"sku": "A", "name": " ", "category": "goods"})).await, [("/name".into(), "required".into())]);
        assert_eq!(errors(json!({"sku": "A", "name": "A", "category": "none such"})).await, [("/category".into(), "dictionary".into())]);

        let one = admin.post("/products", json!({"sku": "A", "name": "A"})).await.expect(201);
        assert_eq!(admin.post("/products", json!({"sku": "A", "name": "B"})).await.refused(409), "taken");
        let two = admin.post("/products", json!({"sku": "B", "name": "B"})).await.expect(201);
        assert_eq!(admin.patch(&path(&two), &two, json!({"sku": "A"})).await.refused(409), "taken");

        let customer = admin.post("/customers", json!({"name": "甲"})).await.expect(201);
        admin.post("/orders", json!({"customer_id": customer["id"], "lines": [{"product_id": one["id"], "quantity": "1"}]})).await.expect(201);
        assert_eq!(admin.delete(&path(&one), &one).await.refused(409), "in_use");
    }
}

on_both! {
    async fn sales_read_products_and_change_none(app: &TestApp) {
        let admin = app.admin().await;
        let product = admin.post("/products", json!({"sku": "A", "name": "A"})).await.expect(201);
        let ann = app.user(ShippedRole::Sales, app.company().await, "ann@example.com").await;
        assert_eq!(ann.get(&path(&product)).await.expect(200), product);
        assert_eq!(ann.get("/products?with_total=true&active=true").await.expect(200)["total"], 1);
        assert_eq!(ann.post("/products", json!({"sku": "B", "name": "B"})).await.refused(403), "forbidden");
        assert_eq!(ann.patch(&path(&product), &product, json!({"name": "B"})).await.refused(403), "forbidden");
        assert_eq!(ann.delete(&path(&product), &product).await.refused(403), "forbidden");
        assert_eq!(app.nobody().get("/products").await.refused(401), "unauthenticated");
    }
}

on_both! {
    async fn pages_hold_every_product_once_in_order(app: &TestApp) {
        let admin = app.admin().await;
        for i in 0..11 {
            // Equal prices and names, and costs that are empty: what paging stumbles over.
            let cost = (i % 3 != 0).then(|| format!("{}.5", i % 2));
            admin.post("/products", json!({"sku": format!("P{i}"), "name": "A", "list_price": format!("{}.25", i / 4), "cost": cost})).await.expect(201);
        }
        for sort in ["list_price", "-list_price", "cost", "-cost", "cost,-list_price", "name", "-created_at", "sku"] {
            let whole = admin.get(&format!("/products?limit=200&sort={sort}")).await.expect(200)["items"].clone();
            let mut seen = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = admin.get(&format!("/products?limit=3&sort={sort}{cursor}")).await.expect(200);
                seen.extend(page["items"].as_array().expect("items").iter().cloned());
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(json!(seen), whole, "sort={sort}");
            assert_eq!(seen.len(), 11);
        }
    }
}
