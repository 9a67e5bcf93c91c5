//! Stock levels: what was on hand of a product on a day.

use guanxi_domain::Timestamp;
use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, Reply, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use crate::importing::{bring_in, figures, rejected, run_to_end, upload};

async fn product(admin: &Client, sku: &str, cost: Option<&str>) -> Value {
    let input =
        json!({"sku": sku, "name": sku, "unit": "piece", "list_price": "100", "cost": cost});
    admin.post("/products", input).await.expect(201)
}

fn levels(product: &Value) -> String {
    let id = product["id"].as_str().expect("an id");
    format!("/products/{id}/stock-levels")
}

async fn put(who: &Client, product: &Value, day: &str, version: i64, count: Value) -> Reply {
    let path = format!("{}/{day}", levels(product));
    who.send(Method::PUT, &path, Some(version), Some(count))
        .await
}

/// Day, quantity and unit cost of the levels of a product, the newest first.
async fn said(who: &Client, product: &Value) -> Vec<[Value; 3]> {
    let page = who.get(&levels(product)).await.expect(200);
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|i| ["day", "quantity", "unit_cost"].map(|name| i[name].clone()))
        .collect()
}

on_both! {
    async fn a_level_is_written_changed_and_deleted(app: &TestApp) {
        let admin = app.admin().await;
        let lamp = product(&admin, "LAMP", Some("30")).await;
        let reply = put(&admin, &lamp, "2026-01-01", 0, json!({"quantity": "120"})).await;
        assert_eq!(reply.headers["etag"], "\"1\"");
        let first = reply.expect(200);
        assert_eq!((&first["unit_cost"], &first["product_id"]), (&json!("30"), &lamp["id"]), "at the product's cost");
        put(&admin, &lamp, "2026-02-01", 0, json!({"quantity": "2.5", "unit_cost": "31.25"})).await.expect(200);
        // It keeps the cost of its moment.
        let path = format!("/products/{}", lamp["id"].as_str().expect("an id"));
        admin.patch(&path, &lamp, json!({"cost": "50"})).await.expect(200);
        assert_eq!(said(&admin, &lamp).await, [
            [json!("2026-02-01"), json!("2.5"), json!("31.25")],
            [json!("2026-01-01"), json!("120"), json!("30")],
        ]);
        let page = admin.get(&format!("{}?limit=1&with_total=true", levels(&lamp))).await.expect(200);
        assert_eq!((&page["items"][0]["day"], &page["total"]), (&json!("2026-02-01"), &json!(2)));
        let next = format!("{}?limit=1&cursor={}", levels(&lamp), page["next_cursor"].as_str().expect("more"));
        assert_eq!(admin.get(&next).await.expect(200)["items"][0]["day"], "2026-01-01");

        let at = format!("{}/2026-01-01", levels(&lamp));
        assert_eq!(put(&admin, &lamp, "2026-01-01", 0, json!({"quantity": "1"})).await.refused(412), "stale");
        let changed = put(&admin, &lamp, "2026-01-01", 1, json!({"quantity": "90", "unit_cost": "29"})).await.expect(200);
        assert_eq!((&changed["version"], &changed["quantity"], &changed["id"]), (&json!(2), &json!("90"), &first["id"]));
        assert_eq!(admin.get(&at).await.expect(200), changed);
        assert_eq!(admin.delete(&at, &first).await.refused(412), "stale");
        let without = admin.send(Method::DELETE, &at, None, None).await;
        assert_eq!(without.refused(428), "precondition_required");
        // While it is in stock the product stays.
        let now = admin.get(&path).await.expect(200);
        assert_eq!(admin.delete(&path, &now).await.refused(409), "in_use");
        admin.delete(&at, &changed).await.expect(204);
        assert_eq!(admin.get(&at).await.refused(404), "not_found");
        assert_eq!(put(&admin, &lamp, "2026-01-01", 2, json!({"quantity": "1"})).await.refused(412), "stale");

        let trail = admin.get("/audit?record_type=stock_levels&sort=at").await.expect(200);
        let actions: Vec<_> = trail["items"].as_array().into_iter().flatten().map(|e| e["action"].clone()).collect();
        assert_eq!(json!(actions), json!(["created", "created", "updated", "deleted"]));
        assert_eq!(trail["items"][2]["changes"]["quantity"], json!({"old": "120", "new": "90"}));
    }
}

on_both! {
    async fn what_cannot_be_on_hand_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        let lamp = product(&admin, "LAMP", None).await;
        let wrong = |day: &'static str, count: Value| {
            let (admin, lamp) = (admin.clone(), lamp.clone());
            async move { put(&admin, &lamp, day, 0, count).await.invalid() }
        };
        let at = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        assert_eq!(wrong("2026-01-01", json!({})).await, at("/quantity", "required"));
        assert_eq!(wrong("2026-01-01", json!({"quantity": "-1"})).await, at("/quantity", "negative"));
        assert_eq!(wrong("2026-01-01", json!({"quantity": "1.0001"})).await, at("/quantity", "type"));
        assert_eq!(wrong("2026-01-01", json!({"quantity": "1", "unit_cost": "-1"})).await, at("/unit_cost", "negative"));
        assert_eq!(wrong("2026-01-01", json!({"quantity": "1", "warehouse": "A"})).await, at("/warehouse", "unknown"));
        let soon = Timestamp::now().date().plus_days(3).to_string();
        let future = put(&admin, &lamp, &soon, 0, json!({"quantity": "1"})).await;
        assert_eq!(future.invalid(), at("/day", "future"));
        let chinese = put(&admin.chinese(), &lamp, &soon, 0, json!({"quantity": "1"})).await.expect(422);
        assert_eq!(chinese["errors"][0]["message"], "不能晚于今天");
        // No day, no product.
        assert_eq!(put(&admin, &lamp, "yesterday", 0, json!({"quantity": "1"})).await.refused(404), "not_found");
        let nowhere = json!({"id": "01900000-0000-7000-8000-000000000000"});
        assert_eq!(put(&admin, &nowhere, "2026-01-01", 0, json!({"quantity": "1"})).await.refused(404), "not_found");
        assert_eq!(admin.get(&levels(&nowhere)).await.refused(404), "not_found");
        // Without a cost it is kept, without a value.
        put(&admin, &lamp, "2026-01-01", 0, json!({"quantity": "7"})).await.expect(200);
        assert_eq!(said(&admin, &lamp).await[0][2], Value::Null);
    }
}

on_both! {
    async fn sales_read_stock_and_finance_writes_it(app: &TestApp) {
        let admin = app.admin().await;
        let lamp = product(&admin, "LAMP", Some("30")).await;
        let company = app.company().await;
        let finance = app.user(ShippedRole::Finance, company, "fin@example.com").await;
        let manager = app.user(ShippedRole::DepartmentManager, company, "boss@example.com").await;
        let sales = app.user(ShippedRole::Sales, company, "ann@example.com").await;
        let level = put(&finance, &lamp, "2026-01-01", 0, json!({"quantity": "5"})).await.expect(200);
        put(&manager, &lamp, "2026-01-02", 0, json!({"quantity": "6"})).await.expect(200);
        assert_eq!(said(&sales, &lamp).await.len(), 2);
        let at = format!("{}/2026-01-01", levels(&lamp));
        assert_eq!(put(&sales, &lamp, "2026-01-01", 1, json!({"quantity": "1"})).await.refused(403), "forbidden");
        assert_eq!(sales.delete(&at, &level).await.refused(403), "forbidden");
        assert_eq!(app.nobody().get(&levels(&lamp)).await.refused(401), "unauthenticated");
    }
}

on_both! {
    async fn levels_come_in_from_a_file(app: &TestApp) {
        let admin = app.admin().await;
        let lamp = product(&admin, "LAMP", Some("30")).await;
        product(&admin, "DESK", None).await;
        let file = "产品编码,盘点日期,库存数量,成本价\nLAMP,2026/1/1,120,\nDESK,2026-01-31,4,￥200.5\nCHAIR,2026-01-31,1,\nDESK,2026-02-28,-1,\nLAMP,2026-01-01,5,\n";
        let import = upload(&admin, "stock_levels", file).await;
        assert_eq!(import["mapping"], json!({"product_id": "产品编码", "day": "盘点日期", "quantity": "库存数量", "unit_cost": "成本价"}));
        let check = json!({"mapping": import["mapping"], "settings": {}});
        let path = format!("/imports/{}/check", import["id"].as_str().expect("an id"));
        let tried = admin.post(&path, check).await.expect(200);
        assert_eq!((&tried["created"], &tried["rejected"]), (&json!(2), &json!(3)), "{tried}");
        assert_eq!(said(&admin, &lamp).await, Vec::<[Value; 3]>::new(), "a trial keeps nothing");
        let done = run_to_end(&admin, &import, json!({})).await;
        assert_eq!(figures(&done), [5, 2, 0, 3], "{done}");
        let codes: Vec<String> = rejected(&admin, &import).await.into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["product_id:reference", "quantity:negative", "day:taken"]);
        assert_eq!(said(&admin, &lamp).await, [[json!("2026-01-01"), json!("120"), json!("30")]]);

        // Again, with what has changed: a blank cost leaves what is there.
        let again = "SKU,Date,On hand,Unit cost\nLAMP,2026-01-01,110,\nLAMP,2026-02-01,90,31\n";
        let done = bring_in(&admin, "stock_levels", again, json!({"mode": "upsert"})).await;
        assert_eq!(figures(&done), [2, 1, 1, 0], "{done}");
        assert_eq!(said(&admin, &lamp).await, [
            [json!("2026-02-01"), json!("90"), json!("31")],
            [json!("2026-01-01"), json!("110"), json!("30")],
        ]);
        let template = admin.get("/imports/template?record=stock_levels&format=csv").await;
        assert_eq!(template.text.trim_start_matches('\u{feff}').trim(), "Product*,Day*,Quantity*,Unit cost");
        // Who may import but not write stock.
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        let import = upload(&clerk, "stock_levels", again).await;
        let run = json!({"mapping": import["mapping"], "settings": {}});
        let path = format!("/imports/{}/run", import["id"].as_str().expect("an id"));
        assert_eq!(clerk.post(&path, run).await.refused(403), "forbidden");
    }
}
