//! What has happened to a record: for whoever may read it, and nobody else.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use serde_json::json;

on_both! {
    async fn a_record_tells_its_history_to_those_who_read_it(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let customer = ann.post("/customers", json!({"name": "晨光商贸", "phone": "13800138000"})).await.expect(201);
        let path = format!("/customers/{}", customer["id"].as_str().expect("an id"));
        let changed = ann.patch(&path, &customer, json!({"name": "晨光贸易", "phone": null})).await.expect(200);
        admin.post_to(&format!("{path}/archive"), &changed, None).await.expect(200);

        // Sales reads no audit trail, but what happened to an own customer.
        ann.get("/audit").await.expect(403);
        let history = ann.get(&format!("{path}/history?with_total=true")).await.expect(200);
        let actions: Vec<_> = history["items"].as_array().expect("a list").iter().map(|e| e["action"].clone()).collect();
        assert_eq!(actions, ["archived", "updated", "created"]);
        assert_eq!(history["total"], 3);
        let update = &history["items"][1];
        assert_eq!(update["changes"]["name"], json!({"old": "晨光商贸", "new": "晨光贸易"}));
        assert_eq!(update["changes"]["phone"], json!({"old": "13800138000", "new": null}));
        let id = ann.get("/me").await.expect(200)["user"]["id"].clone();
        assert_eq!((&update["user_id"], &update["key_name"]), (&id, &json!(null)));
        // Where somebody sat is for those who read the audit trail.
        assert!(update.get("ip").is_none());

        let newest = ann.get(&format!("{path}/history?limit=1")).await.expect(200);
        assert_eq!(newest["items"][0]["action"], "archived");
        let cursor = newest["next_cursor"].as_str().expect("more");
        let next = ann.get(&format!("{path}/history?limit=1&cursor={cursor}")).await.expect(200);
        assert_eq!(next["items"][0]["action"], "updated");
        let mine = ann.get(&format!("{path}/history?user_id={}&action=created", id.as_str().expect("an id"))).await.expect(200);
        assert_eq!(mine["items"].as_array().map(Vec::len), Some(1));

        // Outside the scope, and never there: the same answer.
        assert_eq!(bob.get(&format!("{path}/history")).await.refused(404), "not_found");
        let nowhere = "/customers/01900000-0000-7000-8000-000000000000/history";
        assert_eq!(bob.get(nowhere).await.refused(404), "not_found");
    }
}

on_both! {
    async fn who_comes_and_goes_is_known(app: &TestApp) {
        let admin = app.admin().await;
        let registered = app.nobody().post("/auth/register", json!({"name": "Eve", "email": "eve@example.com", "password": guanxi_tests::PASSWORD})).await.expect(201);
        let path = format!("/users/{}", registered["user"]["id"].as_str().expect("an id"));
        let try_it = async |password: &str| app.nobody().post("/auth/login", json!({"email": "eve@example.com", "password": password})).await;
        assert_eq!(try_it(guanxi_tests::PASSWORD).await.refused(403), "account_pending");
        for _ in 0..4 {
            assert_eq!(try_it("not the password").await.refused(401), "invalid_credentials");
        }
        assert_eq!(try_it("not the password").await.refused(429), "too_many_attempts");

        let history = admin.get(&format!("{path}/history")).await.expect(200);
        let entries: Vec<_> = history["items"].as_array().expect("a list").iter().rev().collect();
        let actions: Vec<_> = entries.iter().map(|e| e["action"].as_str().expect("a word")).collect();
        assert_eq!(actions, ["created", "login_refused", "login_failed", "login_failed", "login_failed", "login_failed"]);
        assert_eq!(entries[0]["user_name"], "Eve", "who registers acts");
        assert!(entries[4]["changes"].get("locked_until").is_none());
        assert!(entries[5]["changes"]["locked_until"]["new"].is_string(), "{}", entries[5]);

        // A refresh token says who logs out.
        let bob = app.user(ShippedRole::Sales, app.company().await, "bob@example.com").await;
        let path = format!("/users/{}", bob.get("/me").await.expect(200)["user"]["id"].as_str().expect("an id"));
        let login = json!({"email": "bob@example.com", "password": guanxi_tests::PASSWORD});
        let tokens = app.nobody().post("/auth/login", login).await.expect(200);
        app.nobody().post("/auth/logout", json!({"refresh_token": tokens["refresh_token"]})).await.expect(204);
        let history = admin.get(&format!("{path}/history?limit=1")).await.expect(200);
        assert_eq!(history["items"][0]["action"], "logged_out");
        assert_eq!(history["items"][0]["user_id"], tokens["user"]["id"]);
    }
}

on_both! {
    async fn what_administrators_keep_has_a_history_too(app: &TestApp) {
        let admin = app.admin().await;
        let seller = app.user(ShippedRole::Sales, app.company().await, "seller@example.com").await;
        let id = |record: &serde_json::Value| record["id"].as_str().expect("an id").to_owned();
        let entry = json!({"dictionary": "region", "code": "moon", "label_zh": "月球", "label_en": "Moon", "active": true});
        let entry = admin.post("/dictionaries", entry).await.expect(201);
        let dictionary = format!("/dictionaries/{}", id(&entry));
        admin.patch(&dictionary, &entry, json!({"label_en": "The moon"})).await.expect(200);
        let field = json!({"record": "customers", "key": "mood", "kind": "text", "label_zh": "心情", "label_en": "Mood"});
        let field = admin.post("/custom-fields", field).await.expect(201);
        let custom = format!("/custom-fields/{}", id(&field));
        for (path, actions) in [(&dictionary, vec!["updated", "created"]), (&custom, vec!["created"])] {
            let history = admin.get(&format!("{path}/history")).await.expect(200);
            let found: Vec<_> = history["items"].as_array().expect("a list").iter().map(|e| e["action"].clone()).collect();
            assert_eq!(found, actions, "{path}");
            assert_eq!(seller.get(&format!("{path}/history")).await.refused(403), "forbidden");
        }
        let nowhere = "01900000-0000-7000-8000-000000000000/history";
        for record in ["dictionaries", "custom-fields", "approvals"] {
            assert_eq!(admin.get(&format!("/{record}/{nowhere}")).await.refused(404), "not_found");
        }
    }
}
