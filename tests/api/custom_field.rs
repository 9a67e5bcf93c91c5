//! Custom fields: defined while the program runs, then held by records of four types.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(field: &Value) -> String {
    format!("/custom-fields/{}", field["id"].as_str().expect("an id"))
}

fn at(record: &str, item: &Value) -> String {
    format!("/{record}/{}", item["id"].as_str().expect("an id"))
}

/// Defines a field; what is left out is as plain as it can be.
async fn define(admin: &Client, record: &str, key: &str, kind: &str, more: Value) -> Value {
    let mut input = json!({"record": record, "key": key, "kind": kind, "label_zh": format!("{key}（中）"), "label_en": key});
    for (name, value) in more.as_object().expect("members") {
        input[name] = value.clone();
    }
    admin.post("/custom-fields", input).await.expect(201)
}

fn levels() -> Value {
    json!({"choices": [
        {"code": "gold", "label_zh": "金牌", "label_en": "Gold"},
        {"code": "silver", "label_zh": "银牌", "label_en": "Silver"},
    ]})
}

fn names(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("items");
    items.iter().filter_map(|i| i["name"].as_str()).collect()
}

on_both! {
    async fn a_field_is_defined_changed_ordered_and_deleted(app: &TestApp) {
        let admin = app.admin().await;
        let level = define(&admin, "customers", "level", "choice", levels()).await;
        let since = define(&admin, "customers", "since", "date", json!({})).await;
        define(&admin, "orders", "level", "text", json!({})).await;
        let again = json!({"record": "customers", "key": "level", "kind": "text", "label_zh": "级", "label_en": "L"});
        assert_eq!(admin.post("/custom-fields", again).await.refused(409), "taken");
        let broken = json!({"record": "customers", "key": "Level", "kind": "choice", "label_zh": "级", "label_en": "L"});
        let broken = admin.post("/custom-fields", broken).await.invalid();
        let broken: Vec<_> = broken.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
        assert_eq!(broken, [("/choices", "required"), ("/key", "key")]);

        let ids = json!([since["id"], level["id"]]);
        let order = json!({"record": "customers", "ids": ids});
        admin.send(Method::PUT, "/custom-fields/order", None, Some(order)).await.expect(200);
        let listed = admin.get("/custom-fields?record=customers").await.expect(200);
        let listed: Vec<_> = listed.as_array().into_iter().flatten().filter_map(|f| f["key"].as_str()).collect();
        assert_eq!(listed, ["since", "level"]);
        let all = admin.get("/custom-fields").await.expect(200);
        assert_eq!(all.as_array().map(Vec::len), Some(3));
        let order = json!({"record": "customers", "ids": [since["id"]]});
        let refused = admin.send(Method::PUT, "/custom-fields/order", None, Some(order)).await.invalid();
        assert_eq!(refused, [("/ids".to_owned(), "members".to_owned())]);

        for (change, pointer) in [(json!({"key": "rank"}), "/key"), (json!({"record": "orders"}), "/record")] {
            let refused = admin.patch(&path(&since), &since, change).await.invalid();
            assert_eq!(refused, [(pointer.to_owned(), "fixed".to_owned())]);
        }
        // Nobody has filled it in: it may still become something else.
        let text = admin.patch(&path(&since), &since, json!({"kind": "text", "max": 20})).await.expect(200);
        assert_eq!((&text["kind"], &text["version"]), (&json!("text"), &json!(2)));
        assert_eq!(admin.patch(&path(&since), &since, json!({"max": 30})).await.refused(412), "stale");
        admin.delete(&path(&since), &text).await.expect(204);
        assert_eq!(admin.get(&path(&since)).await.refused(404), "not_found");

        let li = app.user(ShippedRole::Sales, app.company().await, "li@example.com").await;
        li.get(&path(&level)).await.expect(200);
        assert_eq!(li.patch(&path(&level), &level, json!({"required": true})).await.refused(403), "forbidden");
        let trail = admin.get("/audit?record_type=custom_fields&sort=at").await.expect(200);
        let did: Vec<_> = trail["items"].as_array().into_iter().flatten().filter_map(|e| e["action"].as_str()).collect();
        assert_eq!(did, ["created", "created", "created", "reordered", "updated", "deleted"]);
    }
}

on_both! {
    async fn records_of_four_types_hold_values(app: &TestApp) {
        let admin = app.admin().await;
        for record in ["customers", "contacts", "orders", "tickets"] {
            define(&admin, record, "amount", "money", json!({"min": 0})).await;
        }
        let custom = json!({"amount": 129_900});
        let customer = admin.post("/customers", json!({"name": "晨光", "custom": custom})).await.expect(201);
        let of = &customer["id"];
        let contact = admin.post("/contacts", json!({"customer_id": of, "name": "Mei", "custom": custom})).await.expect(201);
        let line = json!({"description": "A", "quantity": "1", "unit_price": "2"});
        let order = admin.post("/orders", json!({"customer_id": of, "lines": [line], "custom": custom})).await.expect(201);
        let ticket = admin.post("/tickets", json!({"customer_id": of, "kind": "inquiry", "subject": "Q", "custom": custom})).await.expect(201);
        for (record, item) in [("customers", customer), ("contacts", contact), ("orders", order), ("tickets", ticket)] {
            let at = at(record, &item);
            assert_eq!(admin.get(&at).await.expect(200)["custom"], custom, "{record}");
            let refused = admin.patch(&at, &item, json!({"custom": {"amount": -1}})).await.invalid();
            assert_eq!(refused, [("/custom/amount".to_owned(), "range".to_owned())], "{record}");
            let changed = admin.patch(&at, &item, json!({"custom": {"amount": 5}})).await.expect(200);
            assert_eq!(changed["custom"], json!({"amount": 5}), "{record}");
            let found = admin.post(&format!("/{record}/search"), json!({"filter": {"field": "custom.amount", "op": "le", "value": 5}, "sort": "-custom.amount"})).await.expect(200);
            assert_eq!(found["items"][0]["id"], item["id"], "{record}");
            let found = admin.get(&format!("/{record}?custom.amount_min=6&with_total=true")).await.expect(200);
            assert_eq!(found["total"], 0, "{record}");
            let trail = admin.get(&format!("/audit?record_type={record}&sort=-at")).await.expect(200);
            assert_eq!(trail["items"][0]["changes"]["custom.amount"], json!({"old": 129_900, "new": 5}), "{record}");
            let cleared = admin.patch(&at, &changed, json!({"custom": {"amount": null}})).await.expect(200);
            assert_eq!(cleared["custom"], json!({}), "{record}");
        }
        // Each type has its own.
        let products = admin.get("/products?custom.amount=1").await;
        assert_eq!(products.refused(400), "unknown_parameter");
    }
}

on_both! {
    async fn values_are_held_to_their_definitions(app: &TestApp) {
        let admin = app.admin().await;
        let level = define(&admin, "customers", "level", "choice", levels()).await;
        define(&admin, "customers", "keeper", "user", json!({})).await;
        let note = define(&admin, "customers", "note", "text", json!({"required": true, "max": 4})).await;
        let me = admin.get("/me").await.expect(200)["user"]["id"].clone();

        let made = |custom: Value| {
            let admin = admin.clone();
            async move { admin.post("/customers", json!({"name": "A", "custom": custom})).await }
        };
        let refused = made(json!({"level": "bronze", "colour": 1})).await.invalid();
        let refused: Vec<_> = refused.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
        assert_eq!(refused, [("/custom/level", "choice"), ("/custom/note", "required"), ("/custom/colour", "unknown")]);
        let ghost = json!({"note": "ok", "keeper": "01900000-0000-7000-8000-000000000000"});
        assert_eq!(made(ghost).await.invalid(), [("/custom/keeper".to_owned(), "reference".to_owned())]);
        assert_eq!(admin.post("/customers", json!({"name": "A", "custom": 1})).await.invalid()[0].0, "/custom");
        let long = admin.chinese().post("/customers", json!({"name": "A", "custom": {"note": "12345"}})).await.expect(422);
        assert_eq!(long["errors"][0]["message"], "最多 4 个字符");

        let customer = made(json!({"note": "好", "level": "gold", "keeper": me})).await.expect(201);
        let at = at("customers", &customer);
        assert_eq!(admin.patch(&at, &customer, json!({"custom": {"note": null}})).await.invalid()[0].1, "required");
        // What is used stays: its kind, its choices, the field itself.
        let others = json!({"choices": [{"code": "silver", "label_zh": "银", "label_en": "Silver"}]});
        for (change, pointer) in [(json!({"kind": "text", "choices": []}), "/kind"), (others, "/choices")] {
            let refused = admin.patch(&path(&level), &level, change).await.expect(409);
            assert_eq!((&refused["errors"][0]["pointer"], &refused["detail"]), (&json!(pointer), &json!("Records that still hold it: 1")));
        }
        assert_eq!(admin.delete(&path(&note), &note).await.refused(409), "in_use");
        // A choice that nobody holds goes, one that is not offered any more stays where it is.
        let choices = json!([{"code": "gold", "label_zh": "金", "label_en": "Gold", "active": false}, {"code": "iron", "label_zh": "铁", "label_en": "Iron"}]);
        let level = admin.patch(&path(&level), &level, json!({"choices": choices})).await.expect(200);
        assert_eq!(made(json!({"note": "b", "level": "gold"})).await.invalid(), [("/custom/level".to_owned(), "retired_choice".to_owned())]);
        let customer = admin.patch(&at, &customer, json!({"phone": "13800138000"})).await.expect(200);
        assert_eq!(customer["custom"]["level"], "gold");
        // So does a field.
        admin.patch(&path(&level), &level, json!({"active": false})).await.expect(200);
        assert_eq!(admin.patch(&at, &customer, json!({"custom": {"level": "iron"}})).await.invalid()[0].1, "retired");
        let customer = admin.patch(&at, &customer, json!({"custom": {"note": "新"}})).await.expect(200);
        assert_eq!(customer["custom"], json!({"level": "gold", "note": "新", "keeper": me}));
        assert_eq!(names(&admin.get("/customers?custom.level=gold").await.expect(200)), ["A"]);
    }
}

on_both! {
    async fn lists_views_bulk_and_exports_know_them(app: &TestApp) {
        let admin = app.admin().await;
        define(&admin, "customers", "level", "choice", levels()).await;
        define(&admin, "customers", "areas", "choices", levels()).await;
        define(&admin, "customers", "rate", "number", json!({})).await;
        let mut made = Vec::new();
        for (name, custom) in [
            ("A", json!({"level": "gold", "rate": "10.5"})),
            ("B", json!({"level": "silver", "rate": "9.75", "areas": ["silver", "gold"]})),
            ("C", json!({"rate": "-3"})),
            ("D", json!({})),
        ] {
            made.push(admin.post("/customers", json!({"name": name, "custom": custom})).await.expect(201));
        }
        // Numbers are compared as numbers, and empty ones come last, page by page.
        for (sort, order) in [("custom.rate", ["C", "B", "A", "D"]), ("-custom.rate", ["A", "B", "C", "D"])] {
            let mut path = format!("/customers?limit=1&sort={sort}");
            let mut seen = Vec::new();
            loop {
                let page = admin.get(&path).await.expect(200);
                seen.extend(names(&page).into_iter().map(str::to_owned));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                path = format!("/customers?limit=1&sort={sort}&cursor={cursor}");
            }
            assert_eq!(seen, order, "{sort}");
        }
        for (query, found) in [
            ("custom.level=gold,silver", vec!["A", "B"]),
            ("custom.level=none", vec!["C", "D"]),
            ("custom.areas=gold", vec!["B"]),
            ("custom.rate_min=9.76", vec!["A"]),
        ] {
            assert_eq!(names(&admin.get(&format!("/customers?sort=name&{query}")).await.expect(200)), found, "{query}");
        }
        assert_eq!(admin.get("/customers?custom.level=iron").await.refused(400), "invalid_parameter");
        assert_eq!(admin.get("/customers?custom.colour=red").await.refused(400), "unknown_parameter");
        assert_eq!(admin.get("/customers?sort=custom.areas").await.refused(400), "invalid_parameter");

        let filter = json!({"field": "custom.rate", "op": "between", "value": ["0", "20"]});
        let view = json!({"record": "customers", "name": "Rated", "filter": filter, "sort": "-custom.rate", "columns": [{"field": "name"}, {"field": "custom.rate"}]});
        admin.post("/views", view.clone()).await.expect(201);
        let mut other = view.clone();
        other["columns"][1]["field"] = json!("custom.colour");
        assert_eq!(admin.post("/views", other).await.invalid(), [("/columns".to_owned(), "columns".to_owned())]);

        let ids: Vec<_> = made.iter().map(|c| c["id"].clone()).collect();
        let bulk = json!({"ids": ids, "action": "update", "patch": {"custom": {"level": "gold"}}});
        assert_eq!(admin.post("/customers/bulk", bulk).await.expect(200)["done"], 4);
        assert_eq!(names(&admin.get("/customers?custom.level=gold").await.expect(200)).len(), 4);

        let export = json!({"format": "csv", "columns": ["name", "custom.level", "custom.areas", "custom.rate"], "sort": "name", "filter": filter});
        let file = admin.chinese().post("/customers/export", export.clone()).await;
        assert_eq!(file.text.trim_start_matches('\u{feff}'), "名称,level（中）,areas（中）,rate（中）\r\nA,金牌,,10.5\r\nB,金牌,\"金牌, 银牌\",9.75\r\n");
        let mut plain = export.clone();
        plain["labels"] = json!(false);
        let file = admin.post("/customers/export", plain).await;
        assert!(file.text.contains("name,custom.level,custom.areas,custom.rate\r\nA,gold,,10.5"), "{}", file.text);
        let whole = admin.post("/customers/export", json!({"format": "csv"})).await;
        assert!(whole.text.lines().next().is_some_and(|head| head.ends_with("level,areas,rate")));
    }
}
