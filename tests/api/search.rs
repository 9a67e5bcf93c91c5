//! The search over all record types.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use serde_json::{Value, json};

/// Type and title of each hit.
fn hits(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = answer["items"].as_array().expect("items");
    items
        .iter()
        .map(|hit| (text(&hit["type"]), text(&hit["title"])))
        .collect()
}

fn hit(record_type: &str, title: &str) -> (String, String) {
    (record_type.to_owned(), title.to_owned())
}

on_both! {
    async fn one_box_over_all_types(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "张三茶行", "phone": "021-65529988"})).await.expect(201);
        let id = &customer["id"];
        admin.post("/contacts", json!({"customer_id": id, "name": "张三", "mobile": "138 0013 8000"})).await.expect(201);
        admin.post("/products", json!({"sku": "ZS-1", "name": "张三茶"})).await.expect(201);
        admin.post("/tickets", json!({"customer_id": id, "subject": "张三的茶", "kind": "inquiry", "channel": "phone"})).await.expect(201);
        let order = admin.post("/orders", json!({"customer_id": id, "lines": [{"description": "茶", "quantity": "1", "unit_price": "9.9"}]})).await.expect(201);

        let found = admin.get("/search?q=zhangsan").await.expect(200);
        assert_eq!(
            hits(&found),
            [hit("contacts", "张三"), hit("customers", "张三茶行"), hit("products", "张三茶"), hit("tickets", "张三的茶")]
        );
        assert_eq!(found["items"][0]["subtitle"], "张三茶行");
        assert_eq!(found["items"][1]["id"], *id);
        for text in ["%E5%BC%A0", "zs", "%E5%BC%A0%E4%B8%89", "zhang"] {
            assert_eq!(admin.get(&format!("/search?q={text}")).await.expect(200)["items"].as_array().map(Vec::len), Some(4), "{text}");
        }
        let by_phone = admin.get("/search?q=8000").await.expect(200);
        assert_eq!(hits(&by_phone), [hit("contacts", "张三")]);
        assert_eq!(by_phone["items"][0]["matched"], json!({"field": "mobile", "text": "138 0013 8000"}));
        let number = order["number"].as_str().expect("a number");
        assert_eq!(hits(&admin.get(&format!("/search?q={number}")).await.expect(200)), [hit("orders", number)]);
        assert_eq!(hits(&admin.get("/search?q=zs&types=products,tickets&limit=1").await.expect(200)), [hit("products", "张三茶")]);
        assert_eq!(hits(&admin.get("/search?q=%25").await.expect(200)), []);
    }
}

on_both! {
    async fn a_type_that_the_role_cannot_read_is_not_searched(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "Rosebud"})).await.expect(201);
        admin.post("/products", json!({"sku": "R-1", "name": "Rosebud sled"})).await.expect(201);
        admin.post("/contacts", json!({"customer_id": customer["id"], "name": "Rosebud"})).await.expect(201);
        let role = json!({"name_zh": "看产品", "name_en": "Looker", "permissions": [{"module": "products", "operation": "read", "scope": "all"}]});
        let role = admin.post("/roles", role).await.expect(201);
        let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let looker = app.user_with_role(role, app.company().await, "looker@example.com").await;
        assert_eq!(hits(&looker.get("/search?q=rose").await.expect(200)), [hit("products", "Rosebud sled")]);
        assert_eq!(hits(&looker.get("/search?q=rose&types=customers").await.expect(200)), []);

        let ann = app.user(ShippedRole::Sales, app.department("North").await, "ann@example.com").await;
        assert_eq!(hits(&ann.get("/search?q=rosebud").await.expect(200)), [hit("products", "Rosebud sled")]);
        ann.post("/customers", json!({"name": "Rosebud of hers"})).await.expect(201);
        assert_eq!(ann.get("/search?q=rosebud&types=customers").await.expect(200)["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(admin.get("/search?q=rosebud&types=customers").await.expect(200)["items"].as_array().map(Vec::len), Some(2));
    }
}

on_both! {
    async fn a_search_that_cannot_be_understood_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        let long = "x".repeat(101);
        for query in ["", "?q=", "?q=%20", &format!("?q={long}"), "?q=a&limit=0", "?q=a&limit=51", "?q=a&types=planets"] {
            assert_eq!(admin.get(&format!("/search{query}")).await.refused(400), "invalid_parameter", "{query}");
        }
        assert_eq!(admin.get("/search?q=a&colour=red").await.refused(400), "unknown_parameter");
        let chinese = admin.chinese().get("/search?q=a&types=planets").await.expect(400);
        assert!(chinese["title"].as_str().is_some_and(|t| !t.is_ascii()), "{chinese}");
        assert_eq!(app.nobody().get("/search?q=a").await.refused(401), "unauthenticated");
    }
}

on_both! {
    async fn segments_are_found_by_those_who_see_them(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Marketing, app.company().await, "ann@example.com").await;
        let mine = json!({"name": "华东重点客户", "kind": "static", "shared": false, "description": "to be called"});
        let mine = ann.post("/segments", mine).await.expect(201);
        let shared = json!({"name": "华东沉睡客户", "kind": "static", "shared": true});
        let shared = ann.post("/segments", shared).await.expect(201);
        let hits_of = async |who: &guanxi_tests::Client, text: &str| hits(&who.get(&format!("/search?q={text}&types=segments")).await.expect(200));
        let both = [hit("segments", "华东沉睡客户"), hit("segments", "华东重点客户")];
        let mut found = hits_of(&ann, "huadong").await;
        found.sort();
        assert_eq!(found, both);
        assert_eq!(hits_of(&admin, "huadong").await, [hit("segments", "华东沉睡客户")], "the other is hers alone");
        assert_eq!(hits_of(&ann, "called").await, [hit("segments", "华东重点客户")]);
        let path = format!("/segments/{}", mine["id"].as_str().expect("an id"));
        ann.patch(&path, &mine, json!({"name": "Old friends"})).await.expect(200);
        assert_eq!(hits_of(&ann, "huadong").await, [hit("segments", "华东沉睡客户")]);
        assert_eq!(hits_of(&ann, "friends").await, [hit("segments", "Old friends")]);
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(hits_of(&clerk, "huadong").await, []);
        ann.delete(&format!("/segments/{}", shared["id"].as_str().expect("an id")), &shared).await.expect(204);
        assert_eq!(hits_of(&admin, "huadong").await, []);
    }
}
