//! Trading analysis over HTTP.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use serde_json::{Value, json};

/// A customer of a type.
async fn customer(admin: &Client, name: &str, kind: &str) -> Value {
    let input = json!({"name": name, "customer_type": kind});
    admin.post("/customers", input).await.expect(201)
}

/// A confirmed order of lines: product, amount.
async fn sold(admin: &Client, customer: &Value, day: &str, lines: &[(Option<&Value>, &str)]) {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(product, amount)| json!({"product_id": product.map(|p| p["id"].clone()), "description": "Goods", "quantity": "1", "unit_price": amount}))
        .collect();
    let order = json!({"customer_id": customer["id"], "ordered_at": format!("{day}T08:00:00Z"), "lines": lines});
    let mut order = admin.post("/orders", order).await.expect(201);
    for state in ["submitted", "confirmed"] {
        let at = format!(
            "/orders/{}/transitions",
            order["id"].as_str().expect("an id")
        );
        order = admin
            .post_to(&at, &order, Some(json!({"to": state})))
            .await
            .expect(200);
    }
}

fn rows(analysis: &Value) -> Value {
    let items = analysis["items"].as_array().expect("items").iter();
    items
        .map(|i| {
            json!([
                i["rank"],
                i["key"]["label"],
                i["sales"],
                i["share"],
                i["growth"]
            ])
        })
        .collect()
}

on_both! {
    async fn what_each_contributes_is_ranked_and_gone_into(app: &TestApp) {
        let admin = app.admin().await;
        let lamp = admin.post("/products", json!({"sku": "LAMP", "name": "Lamp", "list_price": "1", "cost": "30"})).await.expect(201);
        let (dealer, shop) = (customer(&admin, "A", "dealer").await, customer(&admin, "B", "retailer").await);
        sold(&admin, &dealer, "2026-02-03", &[(Some(&lamp), "60"), (None, "20")]).await;
        sold(&admin, &shop, "2026-02-28", &[(Some(&lamp), "20")]).await;
        sold(&admin, &shop, "2026-01-31", &[(Some(&lamp), "40")]).await;
        let february = "from=2026-02-01&to=2026-02-28";
        let types = admin.get(&format!("/trading?{february}")).await.expect(200);
        let labels: Vec<_> = types["items"].as_array().into_iter().flatten().map(|i| i["key"]["value"].clone()).collect();
        assert_eq!(json!(labels), json!(["dealer", "retailer"]));
        assert_eq!(types["before"], json!({"from": "2026-01-01", "to": "2026-01-31"}));
        assert_eq!((&types["sales"], &types["sales_before"], &types["margin"]), (&json!(10_000), &json!(4_000), &json!(4_000)));
        // What stock would tell is not made up.
        assert_eq!(types["stock_known"], false);
        for name in ["turnover", "cross_ratio", "contribution", "contribution_share"] {
            assert_eq!(types["items"][0][name], Value::Null, "{name}");
        }
        assert_eq!(types["items"][0]["margin_rate"], 0.625);

        let by_growth = admin.get(&format!("/trading?{february}&by=customer&measure=growth")).await.expect(200);
        assert_eq!(rows(&by_growth), json!([[1, "B", 2_000, 0.2, -0.5], [2, "A", 8_000, 0.8, null]]));
        // Into the dealers, then into one of them: its product mix, and the orders behind it.
        let dealers = admin.get(&format!("/trading?{february}&by=customer&customer_type=dealer")).await.expect(200);
        assert_eq!(rows(&dealers), json!([[1, "A", 8_000, 1.0, null]]));
        let id = dealer["id"].as_str().expect("an id");
        let mix = admin.get(&format!("/trading?{february}&by=product&customer_type=dealer&customer={id}")).await.expect(200);
        assert_eq!(rows(&mix), json!([[1, "Lamp", 6_000, 0.75, null], [2, "(none)", 2_000, 0.25, null]]));
        let filter = json!({"and": [mix["filter"], mix["items"][0]["filter"]]});
        let orders = admin.post("/orders/search", json!({"filter": filter})).await.expect(200);
        assert_eq!((&orders["items"][0]["total"], &orders["items"][1]), (&json!(8_000), &Value::Null));
        let without = admin.get(&format!("/trading?{february}&by=customer&product=none")).await.expect(200);
        assert_eq!(rows(&without), json!([[1, "A", 2_000, 1.0, null]]));

        let seller = app.user(ShippedRole::Sales, app.department("North").await, "li@example.com").await;
        assert_eq!(rows(&seller.get(&format!("/trading?{february}")).await.expect(200)), json!([]));
    }
}

on_both! {
    async fn what_trading_cannot_mean_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        for wrong in ["by=colour", "measure=weight", "period=someday", "from=2026-01-01", "from=2026-02-01&to=2026-01-01", "period=today&from=2026-01-01&to=2026-01-02", "customer=me"] {
            assert_eq!(admin.get(&format!("/trading?{wrong}")).await.refused(400), "invalid_parameter", "{wrong}");
        }
        assert_eq!(admin.get("/trading?limit=5").await.refused(400), "unknown_parameter");
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(clerk.get("/trading").await.refused(403), "forbidden");
        let empty = admin.get("/trading").await.expect(200);
        assert_eq!((&empty["items"], &empty["sales"]), (&json!([]), &json!(0)));
    }
}
