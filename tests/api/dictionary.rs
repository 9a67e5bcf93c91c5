//! Dictionaries and their administration.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(entry: &Value) -> String {
    format!("/dictionaries/{}", entry["id"].as_str().expect("an id"))
}

/// The entries of a dictionary, in their order.
async fn entries(who: &Client, dictionary: &str) -> Vec<Value> {
    let all = who.get("/dictionaries").await.expect(200);
    let all = all.as_array().expect("entries").iter();
    all.filter(|e| e["dictionary"] == dictionary)
        .cloned()
        .collect()
}

fn codes(entries: &[Value]) -> Vec<&str> {
    entries.iter().filter_map(|e| e["code"].as_str()).collect()
}

on_both! {
    async fn an_entry_is_added_changed_ordered_and_deleted(app: &TestApp) {
        let admin = app.admin().await;
        let input = json!({"dictionary": "region", "code": "antarctica", "label_zh": "南极洲", "label_en": "Antarctica"});
        let made = admin.post("/dictionaries", input.clone()).await.expect(201);
        assert_eq!((&made["active"], &made["version"]), (&json!(true), &json!(1)));
        assert_eq!(admin.post("/dictionaries", input).await.refused(409), "taken");
        let regions = entries(&admin, "region").await;
        assert_eq!(codes(&regions).last(), Some(&"antarctica"));

        let renamed = admin.patch(&path(&made), &made, json!({"label_en": "The Antarctic"})).await.expect(200);
        assert_eq!(admin.get(&path(&made)).await.expect(200), renamed);
        assert_eq!(admin.patch(&path(&made), &made, json!({"label_en": "X"})).await.refused(412), "stale");
        for (change, pointer) in [(json!({"code": "south_pole"}), "/code"), (json!({"dictionary": "industry"}), "/dictionary")] {
            let refused = admin.patch(&path(&made), &renamed, change).await.invalid();
            assert_eq!(refused, [(pointer.to_owned(), "fixed".to_owned())]);
        }
        let broken = json!({"dictionary": "region", "code": "A,B", "label_zh": " ", "label_en": "A"});
        let refused = admin.post("/dictionaries", broken).await.invalid();
        let refused: Vec<_> = refused.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
        assert_eq!(refused, [("/code", "choice_code"), ("/label_zh", "required")]);

        let mut ids: Vec<Value> = regions.iter().map(|e| e["id"].clone()).collect();
        ids.rotate_right(1);
        let order = |ids: &[Value]| json!({"dictionary": "region", "ids": ids});
        let put = |body: Value| {
            let admin = admin.clone();
            async move { admin.send(Method::PUT, "/dictionaries/order", None, Some(body)).await }
        };
        let ordered = put(order(&ids)).await.expect(200);
        assert_eq!(codes(ordered.as_array().expect("entries"))[0], "antarctica");
        assert_eq!(codes(&entries(&admin, "region").await)[0], "antarctica");
        for wrong in [&ids[1..], &[ids.clone(), ids[..1].to_vec()].concat()] {
            assert_eq!(put(order(wrong)).await.invalid(), [("/ids".to_owned(), "members".to_owned())]);
        }

        admin.delete(&path(&made), &renamed).await.expect(204);
        assert_eq!(admin.get(&path(&made)).await.refused(404), "not_found");
        let trail = admin.get("/audit?record_type=dictionaries&sort=at").await.expect(200);
        let did: Vec<_> = trail["items"].as_array().into_iter().flatten().filter_map(|e| e["action"].as_str()).collect();
        assert_eq!(did, ["created", "updated", "reordered", "deleted"]);
    }
}

on_both! {
    async fn an_entry_that_records_hold_is_retired_not_deleted(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "晨光", "region": "cn_east"})).await.expect(201);
        let archived = admin.post("/customers", json!({"name": "远方", "region": "cn_east"})).await.expect(201);
        let at = |customer: &Value| format!("/customers/{}", customer["id"].as_str().expect("an id"));
        admin.post_to(&format!("{}/archive", at(&archived)), &archived, None).await.expect(200);
        let east = entries(&admin, "region").await.into_iter().find(|e| e["code"] == "cn_east").expect("ships");

        let refused = admin.chinese().delete(&path(&east), &east).await.expect(409);
        assert_eq!((&refused["code"], &refused["detail"]), (&json!("in_use"), &json!("仍在使用的记录：2 条")));
        admin.patch(&path(&east), &east, json!({"active": false})).await.expect(200);
        // Kept, but not chosen anew.
        let kept = admin.patch(&at(&customer), &customer, json!({"phone": "13800138000"})).await.expect(200);
        assert_eq!(kept["region"], "cn_east");
        let refused = admin.post("/customers", json!({"name": "新", "region": "cn_east"})).await.invalid();
        assert_eq!(refused, [("/region".to_owned(), "retired_choice".to_owned())]);
        let found = admin.get("/customers?region=cn_east&with_total=true").await.expect(200);
        assert_eq!(found["total"], 1);

        // Products hold codes too.
        let goods = entries(&admin, "product_category").await.swap_remove(0);
        admin.post("/products", json!({"sku": "A", "name": "A", "category": goods["code"]})).await.expect(201);
        assert_eq!(admin.delete(&path(&goods), &goods).await.refused(409), "in_use");
    }
}

on_both! {
    async fn everybody_reads_administrators_write(app: &TestApp) {
        let admin = app.admin().await;
        let li = app.user(ShippedRole::Sales, app.company().await, "li@example.com").await;
        let entry = entries(&li, "industry").await.swap_remove(0);
        li.get(&path(&entry)).await.expect(200);
        assert_eq!(li.patch(&path(&entry), &entry, json!({"label_en": "X"})).await.refused(403), "forbidden");
        assert_eq!(li.delete(&path(&entry), &entry).await.refused(403), "forbidden");
        assert_eq!(admin.send(Method::PATCH, &path(&entry), None, Some(json!({}))).await.refused(428), "precondition_required");
    }
}
