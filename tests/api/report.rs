//! Reports over HTTP.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(report: &Value) -> String {
    format!("/reports/{}", report["id"].as_str().expect("an id"))
}

/// A customer with a confirmed order of one line.
pub async fn sold(client: &Client, name: &str, region: &str, day: &str, amount: &str) -> Value {
    let customer = json!({"name": name, "region": region});
    let customer = client.post("/customers", customer).await.expect(201);
    let order = json!({
        "customer_id": customer["id"],
        "ordered_at": format!("{day}T08:00:00Z"),
        "lines": [{"description": "Lamp", "quantity": "1", "unit_price": amount}],
    });
    let order = client.post("/orders", order).await.expect(201);
    let at = format!(
        "/orders/{}/transitions",
        order["id"].as_str().expect("an id")
    );
    let order = client
        .post_to(&at, &order, Some(json!({"to": "submitted"})))
        .await
        .expect(200);
    client
        .post_to(&at, &order, Some(json!({"to": "confirmed"})))
        .await
        .expect(200)
}

/// Labels of the rows and their first figure.
fn rows(result: &Value) -> Value {
    let rows = result["rows"].as_array().expect("rows").iter();
    let row = |row: &Value| {
        let labels = row["keys"].as_array().into_iter().flatten();
        let labels: Vec<_> = labels.map(|key| key["label"].clone()).collect();
        json!([labels, row["figures"][0]["value"]])
    };
    rows.map(row).collect()
}

on_both! {
    async fn figures_are_broken_down_compared_and_traced_to_orders(app: &TestApp) {
        let admin = app.admin().await;
        sold(&admin, "A", "cn_east", "2026-01-31", "100").await;
        sold(&admin, "B", "cn_north", "2026-02-01", "40").await;
        sold(&admin, "C", "cn_east", "2026-02-28", "60").await;
        let query = json!({"rows": ["region"], "column": "month", "measures": ["sales", "orders", "customers"], "from": "2026-01-01", "to": "2026-02-28"});
        let result = admin.post("/reports/run", query.clone()).await.expect(200);
        assert_eq!(rows(&result), json!([[["East China"], 16_000], [["North China"], 4_000]]));
        let totals: Vec<_> = result["totals"].as_array().into_iter().flatten().map(|f| f["value"].clone()).collect();
        assert_eq!(json!(totals), json!([20_000, 3, 3]));
        let months: Vec<_> = result["columns"].as_array().into_iter().flatten().map(|c| c["label"].clone()).collect();
        assert_eq!(json!(months), json!(["2026-01", "2026-02"]));
        assert_eq!(result["rows"][0]["cells"][1][0]["value"], 6_000);
        let chinese = admin.chinese().post("/reports/run", query).await.expect(200);
        assert_eq!(chinese["rows"][0]["keys"][0], json!({"value": "cn_east", "label": "华东"}));

        // The orders behind a cell.
        let filter = json!({"and": [result["filter"], result["rows"][0]["filter"], result["columns"][1]["filter"]]});
        let orders = admin.post("/orders/search", json!({"filter": filter, "with_total": true})).await.expect(200);
        assert_eq!((&orders["total"], &orders["items"][0]["total"]), (&json!(1), &json!(6_000)));

        let query = json!({"measures": ["sales"], "from": "2026-02-01", "to": "2026-02-28", "compare": "before"});
        let result = admin.post("/reports/run", query).await.expect(200);
        assert_eq!(result["before"], json!({"from": "2026-01-01", "to": "2026-01-31"}));
        assert_eq!(result["totals"][0], json!({"value": 10_000, "before": 10_000, "difference": 0, "change": 0.0}));
        // A customer's field of somebody's choice, and the first rows only.
        let query = json!({"rows": ["customer"], "measures": ["sales"], "top": 1, "filter": {"field": "customer.region", "op": "eq", "value": "cn_east"}});
        let result = admin.post("/reports/run", query).await.expect(200);
        assert_eq!(rows(&result), json!([[["A"], 10_000], [[], 6_000]]));
        let others = json!({"and": [result["filter"], result["rows"][1]["filter"]]});
        let orders = admin.post("/orders/search", json!({"filter": others})).await.expect(200);
        assert_eq!(orders["items"][0]["customer_name"], "C");
    }
}

on_both! {
    async fn a_seller_of_a_department_sees_figures_of_own_orders_only(app: &TestApp) {
        let admin = app.admin().await;
        let north = app.department("North").await;
        let seller = app.user(ShippedRole::Sales, north, "li@example.com").await;
        let manager = app.user(ShippedRole::DepartmentManager, north, "wang@example.com").await;
        sold(&admin, "A", "cn_east", "2026-01-31", "100").await;
        sold(&manager, "B", "cn_north", "2026-02-01", "40").await;
        sold(&seller, "C", "cn_north", "2026-02-02", "5").await;
        let query = json!({"rows": ["customer"], "measures": ["sales"]});
        for (who, expected) in [
            (&admin, json!([[["A"], 10_000], [["B"], 4_000], [["C"], 500]])),
            (&manager, json!([[["B"], 4_000], [["C"], 500]])),
            (&seller, json!([[["C"], 500]])),
        ] {
            let result = who.post("/reports/run", query.clone()).await.expect(200);
            assert_eq!(rows(&result), expected);
        }
        // An order of theirs whose customer went to somebody else is in none of their figures, and the list agrees.
        let customers = admin.get("/customers?q=C&limit=1").await.expect(200);
        let customer = admin.get(&format!("/customers/{}", customers["items"][0]["id"].as_str().expect("an id"))).await.expect(200);
        let me = admin.get("/me").await.expect(200);
        admin.patch(&format!("/customers/{}", customer["id"].as_str().expect("an id")), &customer, json!({"owner_id": me["user"]["id"], "department_id": null})).await.expect(200);
        let result = seller.post("/reports/run", query.clone()).await.expect(200);
        assert_eq!((rows(&result), &result["totals"][0]["value"]), (json!([]), &json!(0)));
        assert_eq!(seller.get("/orders?with_total=true").await.expect(200)["total"], 1);
        let behind = seller.post("/orders/search", json!({"filter": result["filter"], "with_total": true})).await.expect(200);
        assert_eq!(behind["total"], 0);
    }
}

on_both! {
    async fn a_report_is_saved_shared_pinned_and_run(app: &TestApp) {
        let admin = app.admin().await;
        let li = app.user(ShippedRole::Sales, app.company().await, "li@example.com").await;
        sold(&admin, "A", "cn_east", "2026-01-31", "100").await;
        let input = json!({"name": "Regions", "chart": "stacked", "query": {"rows": ["region"], "measures": ["sales"], "filter": {"field": "state", "op": "ne", "value": "completed"}}});
        let report = admin.post("/reports", input.clone()).await.expect(201);
        assert_eq!((&report["mine"], &report["pinned"], &report["shared"]), (&json!(true), &json!(false), &json!(false)));
        assert_eq!(admin.post("/reports", input).await.refused(409), "taken");
        assert_eq!(li.get(&path(&report)).await.refused(404), "not_found");
        assert_eq!(li.get("/reports").await.expect(200), json!([]));

        let query = json!({"rows": ["customer"], "measures": ["sales", "margin"]});
        let shared = admin.patch(&path(&report), &report, json!({"shared": true, "query": query})).await.expect(200);
        assert_eq!(shared["query"]["filter"], Value::Null, "another question, not a mixture");
        assert_eq!(admin.patch(&path(&report), &report, json!({"name": "X"})).await.refused(412), "stale");
        assert_eq!(admin.send(Method::PATCH, &path(&report), None, Some(json!({"name": "X"}))).await.refused(428), "precondition_required");
        // Everybody runs it over what they may see.
        let at = format!("{}/run", path(&report));
        assert_eq!(rows(&admin.get(&at).await.expect(200)), json!([[["A"], 10_000]]));
        assert_eq!(rows(&li.get(&at).await.expect(200)), json!([]));
        assert_eq!(li.patch(&path(&report), &shared, json!({"name": "X"})).await.refused(403), "forbidden");
        assert_eq!(li.delete(&path(&report), &shared).await.refused(403), "forbidden");

        let pin = |who: &Client, pinned: bool| {
            let (who, at) = (who.clone(), format!("{}/pin", path(&report)));
            async move { who.send(Method::PUT, &at, None, Some(json!({"pinned": pinned}))).await.expect(200)["pinned"].clone() }
        };
        assert_eq!(pin(&li, true).await, true);
        assert_eq!(pin(&li, true).await, true);
        assert_eq!(li.get("/reports").await.expect(200)[0]["pinned"], true);
        assert_eq!(admin.get("/reports").await.expect(200)[0]["pinned"], false);
        assert_eq!(pin(&li, false).await, false);

        admin.delete(&path(&report), &shared).await.expect(204);
        assert_eq!(admin.get(&path(&report)).await.refused(404), "not_found");
        let told = admin.get("/audit?record_type=reports").await.expect(200);
        let actions: Vec<_> = told["items"].as_array().into_iter().flatten().map(|e| e["action"].clone()).collect();
        assert_eq!(json!(actions), json!(["deleted", "marked", "marked", "marked", "updated", "created"]));
    }
}

on_both! {
    async fn a_report_is_exported(app: &TestApp) {
        let admin = app.admin().await;
        sold(&admin, "=A", "cn_east", "2026-01-31", "100").await;
        sold(&admin, "B", "cn_north", "2026-02-01", "40.5").await;
        let query = json!({"rows": ["customer"], "measures": ["sales", "margin_rate"], "from": "2026-01-01", "to": "2026-02-28", "compare": "year_before"});
        let file = admin.post("/reports/export", json!({"format": "csv", "query": query})).await;
        assert_eq!(file.status, 200);
        assert_eq!(
            file.text,
            "\u{feff}Customer,Sales,\"Sales, before\",\"Sales, change\",Margin rate,\"Margin rate, before\",\"Margin rate, change\"\r\n\
             '=A,100.00,0.00,,1.0000,,\r\nB,40.50,0.00,,1.0000,,\r\nTotal,140.50,0.00,,1.0000,,\r\n"
        );
        let book = admin.post("/reports/export", json!({"format": "xlsx", "query": query})).await;
        assert_eq!((book.status, &book.bytes[..2]), (200, &b"PK"[..]));
        let told = admin.get("/audit?record_type=reports").await.expect(200);
        assert_eq!((&told["items"][0]["action"], &told["items"][0]["changes"]["rows"]["new"]), (&json!("exported"), &json!(3)));
        let seller = app.user(ShippedRole::Sales, app.company().await, "li@example.com").await;
        assert_eq!(seller.post("/reports/export", json!({"format": "csv", "query": query})).await.refused(403), "forbidden");
        let wrong = json!({"format": "csv", "query": {"measures": ["sales"], "filter": {"field": "colour", "op": "empty"}}});
        assert_eq!(admin.post("/reports/export", wrong).await.invalid()[0].0, "/query/filter/field");
    }
}

on_both! {
    async fn what_a_report_cannot_mean_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        for (query, pointer, code) in [
            (json!({"measures": []}), "/measures", "length"),
            (json!({"measures": ["weight"]}), "/measures/0", "type"),
            (json!({"measures": ["sales"], "rows": ["month", "month"]}), "/rows", "once"),
            (json!({"measures": ["sales"], "rows": ["day", "week", "month"]}), "/rows", "length"),
            (json!({"measures": ["sales"], "compare": "before"}), "/compare", "needs_period"),
            (json!({"measures": ["sales"], "colour": 1}), "/colour", "unknown"),
            (json!({"measures": ["sales"], "filter": {"and": [{"field": "customer.colour", "op": "empty"}]}}), "/filter/and/0/field", "unknown"),
        ] {
            let errors = admin.post("/reports/run", query.clone()).await.invalid();
            assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{query}");
        }
        let errors = admin.post("/reports", json!({"name": "A", "query": {"measures": ["sales"], "filter": {"field": "colour", "op": "empty"}}})).await.invalid();
        assert_eq!(errors, [("/query/filter/field".to_owned(), "unknown".to_owned())]);
        assert_eq!(app.nobody().post("/reports/run", json!({"measures": ["sales"]})).await.refused(401), "unauthenticated");
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(clerk.post("/reports/run", json!({"measures": ["sales"]})).await.refused(403), "forbidden");
        assert_eq!(clerk.get("/reports").await.refused(403), "forbidden");
        // Fields of customers are for those who may read customers.
        let role = admin.post("/roles", json!({"name_zh": "仅订单", "name_en": "Orders only", "permissions": [{"module": "orders", "operation": "read", "scope": "all"}]})).await.expect(201);
        let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let packer = app.user_with_role(role, app.company().await, "packer@example.com").await;
        let by_region = json!({"filter": {"field": "customer.region", "op": "empty"}});
        assert_eq!(packer.post("/orders/search", by_region.clone()).await.invalid()[0], ("/filter/field".to_owned(), "unknown".to_owned()));
        admin.post("/orders/search", by_region).await.expect(200);
    }
}
