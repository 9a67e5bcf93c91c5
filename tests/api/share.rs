//! Sharing over the API: who sees what was shared, what they may do with it, who is told.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn id(record: &Value) -> &str {
    record["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {record}"))
}

async fn my_id(who: &Client) -> Value {
    who.get("/me").await.expect(200)["user"]["id"].clone()
}

async fn put(who: &Client, path: &str, with: &Value, level: &str) -> guanxi_tests::Reply {
    let share = json!({"user_id": with, "level": level});
    who.send(Method::PUT, &format!("{path}/shares"), None, Some(share))
        .await
}

on_both! {
    async fn a_customer_is_shared_and_taken_back(app: &TestApp) {
        app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let (ann_id, bob_id) = (my_id(&ann).await, my_id(&bob).await);
        let customer = ann.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let contact = ann.post("/contacts", json!({"customer_id": customer["id"], "name": "陈美玲"})).await.expect(201);
        let path = format!("/customers/{}", id(&customer));
        let contact_path = format!("/contacts/{}", id(&contact));
        // Not seen: there is no such record.
        assert_eq!(bob.get(&format!("{path}/shares")).await.refused(404), "not_found");
        assert_eq!(put(&bob, &path, &bob_id, "read").await.refused(404), "not_found");

        let share = put(&ann, &path, &bob_id, "read").await.expect(200);
        assert_eq!((&share["user_name"], &share["by"]), (&json!("bob"), &ann_id));
        assert_eq!(bob.get(&path).await.expect(200)["id"], customer["id"]);
        assert_eq!(bob.get(&contact_path).await.expect(200)["id"], contact["id"]);
        assert_eq!(bob.get("/customers?with_total=true&shared_with_me=true").await.expect(200)["total"], 1);
        assert_eq!(bob.get("/customers?with_total=true&shared_with_me=false").await.expect(200)["total"], 0);
        let hits = bob.get("/search?q=%E6%99%A8%E5%85%89&types=customers").await.expect(200);
        assert_eq!(hits["items"][0]["id"], customer["id"]);
        let told = bob.get("/notifications").await.expect(200);
        assert_eq!((&told["items"][0]["kind"], &told["items"][0]["subject"]), (&json!("record_shared"), &json!("晨光商贸")));

        // To be seen, so another answer than for what is not there; but not to be changed, given on or deleted.
        assert_eq!(bob.patch(&path, &customer, json!({"name": "Mine"})).await.refused(403), "forbidden");
        assert_eq!(bob.post_to(&format!("{path}/archive"), &customer, None).await.refused(403), "forbidden");
        assert_eq!(put(&bob, &path, &ann_id, "read").await.refused(403), "forbidden");
        assert_eq!(bob.patch(&contact_path, &contact, json!({"title": "X"})).await.refused(403), "forbidden");
        let report = bob.post("/customers/bulk", json!({"ids": [id(&customer)], "action": "add_tags", "tags": ["VIP"]})).await.expect(200);
        assert_eq!(report["results"][0]["code"], "forbidden");

        put(&ann, &path, &bob_id, "write").await.expect(200);
        let changed = bob.patch(&path, &customer, json!({"phone": "021-6552 9988"})).await.expect(200);
        bob.patch(&contact_path, &contact, json!({"title": "采购"})).await.expect(200);
        bob.post("/contacts", json!({"customer_id": customer["id"], "name": "Jun"})).await.expect(201);
        assert_eq!(put(&bob, &path, &bob_id, "read").await.refused(403), "forbidden");
        assert_eq!(bob.patch(&path, &changed, json!({"owner_id": bob_id})).await.refused(403), "forbidden");
        assert_eq!(bob.delete(&path, &changed).await.refused(403), "forbidden");
        // Nor is another department, which would make it theirs.
        assert_eq!(bob.patch(&path, &changed, json!({"department_id": south})).await.refused(403), "forbidden");
        let moved = json!({"ids": [id(&customer)], "action": "update", "patch": {"department_id": south}});
        assert_eq!(bob.post("/customers/bulk", moved).await.expect(200)["results"][0]["code"], "forbidden");

        let shares = ann.get(&format!("{path}/shares")).await.expect(200);
        assert_eq!(shares.as_array().map(Vec::len), Some(1), "changed, not shared twice");
        let access = ann.get(&format!("{path}/access")).await.expect(200);
        let why = |who: &Value| {
            let all = access.as_array().expect("people").iter();
            all.filter(|a| a["user_id"] == *who).map(|a| (a["read"].clone(), a["update"].clone())).next()
        };
        assert_eq!(why(&ann_id), Some((json!("own"), json!("own"))));
        assert_eq!(why(&bob_id), Some((json!("shared"), json!("shared"))));

        let one = format!("{path}/shares/{}", bob_id.as_str().expect("an id"));
        assert_eq!(bob.send(Method::DELETE, &one, None, None).await.refused(403), "forbidden");
        ann.send(Method::DELETE, &one, None, None).await.expect(204);
        assert_eq!(ann.send(Method::DELETE, &one, None, None).await.refused(404), "not_found");
        assert_eq!(bob.get(&path).await.refused(404), "not_found");
        assert_eq!(bob.get("/customers?with_total=true").await.expect(200)["total"], 0);
    }
}

on_both! {
    async fn orders_and_tickets_are_shared_by_themselves(app: &TestApp) {
        app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let bob_id = my_id(&bob).await;
        let customer = ann.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let order = ann.post("/orders", json!({"customer_id": customer["id"], "lines": [{"description": "Goods", "quantity": "1", "unit_price": "5"}]})).await.expect(201);
        let ticket = ann.post("/tickets", json!({"customer_id": customer["id"], "kind": "inquiry", "subject": "How?"})).await.expect(201);
        let order_path = format!("/orders/{}", id(&order));
        let ticket_path = format!("/tickets/{}", id(&ticket));
        put(&ann, &format!("/customers/{}", id(&customer)), &bob_id, "write").await.expect(200);
        assert_eq!(bob.get(&order_path).await.refused(404), "not_found");
        assert_eq!(bob.get(&ticket_path).await.refused(404), "not_found");

        put(&ann, &order_path, &bob_id, "write").await.expect(200);
        let seen = bob.get(&order_path).await.expect(200);
        let terms = bob.patch(&order_path, &seen, json!({"payment_terms": "30 days"})).await.expect(200);
        assert_eq!(bob.patch(&order_path, &terms, json!({"owner_id": bob_id})).await.refused(403), "forbidden");
        assert_eq!(bob.delete(&order_path, &terms).await.refused(403), "forbidden");
        assert_eq!(bob.get(&ticket_path).await.refused(404), "not_found");

        // Sales may read tickets, not change them.
        assert_eq!(put(&manager(app).await, &ticket_path, &bob_id, "write").await.invalid(), [("/level".to_owned(), "no_right".to_owned())]);
        put(&manager(app).await, &ticket_path, &bob_id, "read").await.expect(200);
        assert_eq!(bob.get(&ticket_path).await.expect(200)["id"], ticket["id"]);
        assert_eq!(bob.get(&format!("{ticket_path}/comments")).await.status, 200);
    }
}

/// Somebody who may change any ticket: a manager of the whole company.
async fn manager(app: &TestApp) -> Client {
    let email = format!("{}@example.com", guanxi_domain::UserId::generate());
    app.user(ShippedRole::DepartmentManager, app.company().await, &email)
        .await
}

on_both! {
    async fn what_cannot_be_shared_is_named_by_its_place(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "A"})).await.expect(201);
        let path = format!("/customers/{}/shares", id(&customer));
        let clerk = app.user(ShippedRole::Finance, app.company().await, "finance@example.com").await;
        let clerk = my_id(&clerk).await;
        for (body, place, code) in [
            (json!({"user_id": "01900000-0000-7000-8000-000000000000", "level": "read"}), "/user_id", "reference"),
            (json!({"user_id": clerk, "level": "write"}), "/level", "no_right"),
            (json!({"user_id": clerk, "level": "own"}), "/level", "type"),
            (json!({"user_id": clerk, "level": "read", "until": "2020-01-01"}), "/until", "past"),
        ] {
            let reply = admin.send(Method::PUT, &path, None, Some(body)).await;
            assert_eq!(reply.invalid(), [(place.to_owned(), code.to_owned())]);
        }
    }
}
