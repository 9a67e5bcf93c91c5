//! Searches with a filter tree, over every record type that takes one.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use serde_json::{Value, json};

fn names(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("items");
    items.iter().filter_map(|i| i["name"].as_str()).collect()
}

on_both! {
    async fn a_search_takes_a_tree_and_pages(app: &TestApp) {
        let admin = app.admin().await;
        for (name, stage, region) in [("Alpha", "active", json!("cn_east")), ("Beta", "active", Value::Null), ("Gamma", "lost", Value::Null)] {
            admin.post("/customers", json!({"name": name, "stage": stage, "region": region})).await.expect(201);
        }
        let search = |body: Value| {
            let admin = admin.clone();
            async move { admin.post("/customers/search", body).await.expect(200) }
        };
        let tree = json!({"or": [{"field": "region", "op": "not_empty"}, {"not": {"field": "stage", "op": "eq", "value": "active"}}]});
        let found = search(json!({"filter": tree, "sort": "name", "with_total": true})).await;
        assert_eq!((names(&found), &found["total"]), (vec!["Alpha", "Gamma"], &json!(2)));

        let first = search(json!({"filter": tree, "sort": "name", "limit": 1})).await;
        let cursor = &first["next_cursor"];
        let second = search(json!({"filter": tree, "sort": "name", "limit": 1, "cursor": cursor})).await;
        assert_eq!((names(&first), names(&second)), (vec!["Alpha"], vec!["Gamma"]));
        assert_eq!(second["next_cursor"], Value::Null);
        // A cursor belongs to its search.
        let other = json!({"sort": "name", "limit": 1, "cursor": cursor});
        assert_eq!(admin.post("/customers/search", other).await.refused(400), "invalid_cursor");

        let mine = search(json!({"filter": {"and": [{"field": "owner_id", "op": "eq", "value": "me"}, {"field": "created_at", "op": "period", "value": "today"}]}})).await;
        assert_eq!(names(&mine).len(), 3);
        assert_eq!(names(&search(json!({})).await).len(), 3);
    }
}

on_both! {
    async fn errors_point_at_the_node(app: &TestApp) {
        let admin = app.admin().await;
        for (record, filter, pointer, code) in [
            ("customers", json!({"and": [{"field": "colour", "op": "eq", "value": 1}]}), "/filter/and/0/field", "unknown"),
            ("orders", json!({"not": {"field": "total", "op": "contains", "value": "1"}}), "/filter/not/op", "operator"),
            ("tickets", json!({"field": "priority", "op": "in", "value": ["high", "soon"]}), "/filter/value/1", "type"),
            ("products", json!({"field": "list_price", "op": "ge", "value": true}), "/filter/value", "type"),
            ("contacts", json!({"and": [{"or": 1}]}), "/filter/and/0/or", "type"),
        ] {
            let errors = admin.post(&format!("/{record}/search"), json!({"filter": filter})).await.invalid();
            let found: Vec<_> = errors.iter().map(|e| (e.0.as_str(), e.1.as_str())).collect();
            assert_eq!(found, [(pointer, code)], "{record}");
        }
        let unknown = admin.post("/customers/search", json!({"colour": 1})).await.invalid();
        assert_eq!(unknown[0].0, "/colour");
        for (body, pointer) in [(json!({"limit": 0}), "/limit"), (json!({"sort": "phone"}), "/sort")] {
            let errors = admin.post("/customers/search", body).await.invalid();
            assert_eq!(errors, [(pointer.to_owned(), "type".to_owned())]);
        }
        let none = app.nobody().post("/customers/search", json!({})).await;
        assert_eq!(none.refused(401), "unauthenticated");
    }
}

on_both! {
    async fn a_search_stays_within_the_scope(app: &TestApp) {
        let admin = app.admin().await;
        let li = app.user(ShippedRole::Sales, app.department("North").await, "li@example.com").await;
        admin.post("/customers", json!({"name": "Hidden"})).await.expect(201);
        li.post("/customers", json!({"name": "Seen"})).await.expect(201);
        let everything = json!({"filter": {"or": [{"and": []}, {"field": "name", "op": "contains", "value": "i"}]}, "with_total": true});
        let found = li.post("/customers/search", everything).await.expect(200);
        assert_eq!((names(&found), &found["total"]), (vec!["Seen"], &json!(1)));
    }
}

on_both! {
    async fn related_records_are_counted_as_the_caller_sees_them(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "With a contact"})).await.expect(201);
        admin.post("/customers", json!({"name": "Alone"})).await.expect(201);
        admin.post("/contacts", json!({"customer_id": customer["id"], "name": "Mei"})).await.expect(201);
        let search = json!({"filter": {"field": "contacts", "op": "ge", "value": 1}});
        let found = admin.post("/customers/search", search).await.expect(200);
        assert_eq!(names(&found), ["With a contact"]);
        let listed = admin.get("/customers?contacts_max=0").await.expect(200);
        assert_eq!(names(&listed), ["Alone"]);
    }
}
