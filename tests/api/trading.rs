//! Trading analysis over HTTP.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
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
        assert_eq!((&types["stock_known"], &types["stock_gap"]), (&json!(false), &json!("customers")));
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

/// Mean stock, turnover, cross ratio and contribution of a row.
fn stock(analysis: &Value, label: &str) -> [Value; 4] {
    let mut items = analysis["items"].as_array().expect("items").iter();
    let row = items.find(|i| i["key"]["label"] == label);
    let row = row.unwrap_or_else(|| panic!("{label}: {analysis}"));
    ["mean_stock", "turnover", "cross_ratio", "contribution"].map(|name| row[name].clone())
}

async fn on_hand(admin: &Client, product: &Value, day: &str, quantity: &str) {
    let id = product["id"].as_str().expect("an id");
    let path = format!("/products/{id}/stock-levels/{day}");
    let count = json!({"quantity": quantity});
    admin
        .send(Method::PUT, &path, Some(0), Some(count))
        .await
        .expect(200);
}

on_both! {
    async fn sales_are_held_against_the_stock(app: &TestApp) {
        let admin = app.admin().await;
        let made = async |sku: &str, category: Option<&str>, cost: Option<&str>| {
            admin.post("/products", json!({"sku": sku, "name": sku, "category": category, "list_price": "1", "cost": cost})).await.expect(201)
        };
        let (lamp, desk) = (made("Lamp", Some("goods"), Some("30")).await, made("Desk", Some("goods"), Some("50")).await);
        let (care, rare) = (made("Care", Some("goods"), Some("10")).await, made("Rare", None, None).await);
        let shop = customer(&admin, "A", "dealer").await;
        // Lamp 80 at 30, desk 100 at 50, care 40 at 10 of which no stock is kept, rare 20 without a cost.
        sold(&admin, &shop, "2026-02-03", &[(Some(&lamp), "80"), (Some(&desk), "100"), (Some(&care), "40"), (Some(&rare), "20")]).await;
        // Desk once more in March.
        sold(&admin, &shop, "2026-03-10", &[(Some(&desk), "100")]).await;
        // February has 28 days. Of lamps 4 are carried in at 120.00, 2 at 60.00 from the 15th on: (14 × 120 + 14 × 60) ÷ 28 = 90.00; what came later
        // does not count.
        on_hand(&admin, &lamp, "2025-12-31", "4").await;
        on_hand(&admin, &lamp, "2026-02-15", "2").await;
        on_hand(&admin, &lamp, "2026-03-01", "0").await;
        // Desks are known from the 22nd on: 7 days at 500.00, nothing before. In March 500.00 until the 11th, then 0: 10 ÷ 31 of it.
        on_hand(&admin, &desk, "2026-02-22", "10").await;
        on_hand(&admin, &desk, "2026-03-11", "0").await;
        // Without a cost a level has no value, unless it is of nothing.
        on_hand(&admin, &rare, "2026-01-01", "9").await;

        let february = "from=2026-02-01&to=2026-02-28";
        let products = admin.get(&format!("/trading?{february}&by=product&measure=turnover")).await.expect(200);
        assert_eq!((&products["stock_known"], &products["stock_gap"]), (&json!(true), &Value::Null));
        // 30 ÷ 90; × margin rate 50 ÷ 80; × sales 80.00.
        let third = 30.0 / 90.0;
        assert_eq!(stock(&products, "Lamp"), [json!(9_000), json!(third), json!(0.625 * third), json!(0.625 * third * 8_000.0)]);
        // 50 ÷ 500; × 0.5; × 100.00.
        assert_eq!(stock(&products, "Desk"), [json!(50_000), json!(0.1), json!(0.05), json!(0.05 * 10_000.0)]);
        let nothing = [const { Value::Null }; 4];
        assert_eq!((stock(&products, "Care"), stock(&products, "Rare")), (nothing.clone(), nothing.clone()));
        let ranks: Vec<_> = products["items"].as_array().into_iter().flatten().map(|i| i["key"]["label"].clone()).collect();
        assert_eq!(ranks[..2], [json!("Lamp"), json!("Desk")], "the unknown come last");

        // Goods: 90.00 + 500.00 against 30 + 50 at cost; care has no stock and takes no part. Margin rate (50 + 50 + 30) ÷ 220.
        let categories = admin.get(&format!("/trading?{february}&by=category")).await.expect(200);
        let turnover = 80.0 / 590.0;
        let goods = categories["items"][0]["key"]["label"].as_str().expect("a label").to_owned();
        assert_eq!(stock(&categories, &goods)[..2], [json!(59_000), json!(turnover)]);
        assert_eq!(stock(&categories, &goods)[2], json!(130.0 / 220.0 * turnover));
        assert_eq!(stock(&categories, "(none)"), nothing, "lines without a product have no stock");

        // A product month by month, the last one until it was sold out.
        let id = desk["id"].as_str().expect("an id");
        let months = admin.get(&format!("/trading?from=2026-01-01&to=2026-03-31&by=month&product={id}")).await.expect(200);
        assert_eq!(stock(&months, "2026-02")[..2], [json!(50_000), json!(0.1)]);
        assert_eq!(stock(&months, "2026-03")[..2], [json!(16_129), json!(5_000.0 / 16_129.0)]);
        let both = admin.get("/trading?from=2026-01-01&to=2026-03-31&by=month&category=goods").await.expect(200);
        assert_eq!(stock(&both, "2026-02")[..2], [json!(59_000), json!(turnover)]);

        // Why it is not known.
        let gap = async |who: &Client, query: &str| who.get(&format!("/trading?{query}")).await.expect(200)["stock_gap"].clone();
        let of = shop["id"].as_str().expect("an id");
        assert_eq!(gap(&admin, &format!("{february}&by=product&customer={of}")).await, "customers");
        assert_eq!(gap(&admin, "from=2025-01-01&to=2025-01-31&by=product").await, "no_levels");
        assert_eq!(gap(&admin, "from=2099-01-01&to=2099-01-31&by=product").await, "no_levels", "nobody knows the future");
        let company = app.company().await;
        let manager = app.user(ShippedRole::DepartmentManager, company, "boss@example.com").await;
        assert_eq!(gap(&manager, &format!("{february}&by=product")).await, "part_of_sales");
        let may = |module: &str| json!({"module": module, "operation": "read", "scope": "all"});
        let rights: Vec<Value> = ["reports", "orders", "customers", "products"].map(may).into();
        let role = admin.post("/roles", json!({"name_zh": "看", "name_en": "Reads", "permissions": rights})).await.expect(201);
        let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let reader = app.user_with_role(role, company, "reader@example.com").await;
        assert_eq!(gap(&reader, &format!("{february}&by=product")).await, "hidden");
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
