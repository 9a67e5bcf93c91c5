//! The same done to many records.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use serde_json::{Value, json};

fn id(record: &Value) -> &str {
    record["id"].as_str().expect("an id")
}

on_both! {
    async fn each_row_is_done_or_told_why_not(app: &TestApp) {
        let admin = app.admin().await;
        let li = app.user(ShippedRole::Sales, app.department("North").await, "li@example.com").await;
        let hidden = admin.post("/customers", json!({"name": "Hidden"})).await.expect(201);
        let mine = li.post("/customers", json!({"name": "Mine", "tags": ["a"]})).await.expect(201);
        let body = json!({"ids": [id(&mine), id(&hidden), "no id"], "action": "update", "patch": {"stage": "active"}});
        let report = li.post("/customers/bulk", body).await.expect(200);
        assert_eq!((&report["done"], &report["failed"]), (&json!(1), &json!(2)));
        assert_eq!(report["results"][0], json!({"id": mine["id"], "ok": true, "version": 2}));
        // Outside the scope is the same as not there.
        for row in [1, 2] {
            assert_eq!((&report["results"][row]["ok"], &report["results"][row]["code"]), (&json!(false), &json!("not_found")));
        }
        assert_eq!(admin.get(&format!("/customers/{}", id(&hidden))).await.expect(200)["stage"], "potential");

        let act = |body: Value| {
            let admin = admin.clone();
            async move { admin.post("/customers/bulk", body).await.expect(200)["results"][0].clone() }
        };
        let ids = json!([id(&mine)]);
        act(json!({"ids": ids, "action": "add_tags", "tags": ["b", "a"]})).await;
        assert_eq!(admin.get(&format!("/customers/{}", id(&mine))).await.expect(200)["tags"], json!(["a", "b"]));
        act(json!({"ids": ids, "action": "remove_tags", "tags": ["a"]})).await;
        assert_eq!(admin.get(&format!("/customers/{}", id(&mine))).await.expect(200)["tags"], json!(["b"]));
        let wrong = act(json!({"ids": ids, "action": "update", "patch": {"email": "nobody"}})).await;
        assert_eq!(wrong["code"], "invalid");
        assert!(wrong["message"].as_str().is_some_and(|m| m.contains("/email")), "{wrong}");
        assert_eq!(act(json!({"ids": ids, "action": "assign", "owner_id": null})).await["ok"], true);
        assert_eq!(act(json!({"ids": ids, "action": "archive"})).await["ok"], true);
        assert_eq!(act(json!({"ids": ids, "action": "archive"})).await["code"], "conflict");
        assert_eq!(act(json!({"ids": ids, "action": "transition", "to": "lost"})).await["code"], "action_not_taken");
        assert_eq!(act(json!({"ids": ids, "action": "restore"})).await["ok"], true);
        let deleted = act(json!({"ids": ids, "action": "delete"})).await;
        assert_eq!(deleted, json!({"id": mine["id"], "ok": true}));
        // Each change is in the trail as if it were made alone.
        let history = admin.get(&format!("/audit?record_type=customers&sort=at&record_id={}", id(&mine))).await.expect(200);
        assert_eq!(history["items"].as_array().map(Vec::len), Some(8));
    }
}

on_both! {
    async fn other_records_take_it_too(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "A"})).await.expect(201);
        let contact = admin.post("/contacts", json!({"customer_id": id(&customer), "name": "Mei"})).await.expect(201);
        let product = admin.post("/products", json!({"sku": "P-1", "name": "Lamp", "list_price": "1"})).await.expect(201);
        let line = json!({"description": "Lamp", "quantity": "1", "unit_price": "10"});
        let order = admin.post("/orders", json!({"customer_id": id(&customer), "lines": [line]})).await.expect(201);
        let ticket = admin.post("/tickets", json!({"customer_id": id(&customer), "subject": "Broken", "kind": "inquiry", "channel": "phone"})).await.expect(201);
        for (record, of, body) in [
            ("contacts", &contact, json!({"action": "update", "patch": {"title": "Buyer"}})),
            ("products", &product, json!({"action": "update", "patch": {"active": false}})),
            ("orders", &order, json!({"action": "update", "patch": {"note": "soon"}})),
            ("orders", &order, json!({"action": "transition", "to": "submitted"})),
            ("tickets", &ticket, json!({"action": "add_tags", "tags": ["VIP"]})),
            ("tickets", &ticket, json!({"action": "transition", "to": "open"})),
            ("contacts", &contact, json!({"action": "delete"})),
            ("products", &product, json!({"action": "delete"})),
        ] {
            let mut body = body;
            body["ids"] = json!([id(of)]);
            let report = admin.post(&format!("/{record}/bulk"), body.clone()).await.expect(200);
            assert_eq!(report["done"], 1, "{record} {body}: {report}");
        }
        let tags = json!({"ids": [id(&order)], "action": "add_tags", "tags": ["a"]});
        assert_eq!(admin.post("/orders/bulk", tags).await.expect(200)["results"][0]["code"], "action_not_taken");
        let nowhere = json!({"ids": [id(&order)], "action": "transition", "to": "moon"});
        assert_eq!(admin.post("/orders/bulk", nowhere).await.expect(200)["results"][0]["code"], "invalid");
    }
}

on_both! {
    async fn a_bad_body_changes_nothing(app: &TestApp) {
        let admin = app.admin().await;
        let many: Vec<String> = (0..201).map(|n| n.to_string()).collect();
        for (body, pointer) in [
            (json!({"ids": [], "action": "archive"}), "/ids"),
            (json!({"ids": many, "action": "archive"}), "/ids"),
            (json!({"ids": ["a"], "action": "explode"}), "/action"),
            (json!({"ids": ["a"], "action": "update"}), "/patch"),
        ] {
            assert_eq!(admin.post("/customers/bulk", body).await.invalid()[0].0, pointer);
        }
        let analyst = app.user(ShippedRole::Analyst, app.company().await, "analyst@example.com").await;
        let refused = analyst.post("/customers/bulk", json!({"ids": ["a"], "action": "archive"})).await;
        assert_eq!(refused.refused(403), "forbidden");
    }
}
