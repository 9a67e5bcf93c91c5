//! Contacts over the API.

use guanxi_domain::permission::ShippedRole;
use guanxi_domain::{Date, Timestamp};
use guanxi_tests::{TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn id(record: &Value) -> &str {
    record["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {record}"))
}

fn path(record: &Value) -> String {
    format!("/contacts/{}", id(record))
}

on_both! {
    async fn a_contact_lives_and_goes(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let input = json!({"customer_id": customer["id"], "name": "陈美玲", "mobile": "138 0013 8000", "is_primary": true});
        let reply = admin.post("/contacts", input).await;
        assert_eq!(reply.headers["etag"], "\"1\"");
        let location = reply.headers["location"].to_str().expect("text").to_owned();
        let contact = reply.expect(201);
        assert_eq!(location, format!("/api/v1{}", path(&contact)));
        assert_eq!(contact["customer_name"], "晨光商贸");
        assert_eq!(admin.get(&path(&contact)).await.expect(200), contact);

        let changed = admin.patch(&path(&contact), &contact, json!({"title": "采购总监", "mobile": null})).await.expect(200);
        assert_eq!((&changed["title"], &changed["mobile"], &changed["version"]), (&json!("采购总监"), &Value::Null, &json!(2)));
        assert_eq!(admin.patch(&path(&contact), &contact, json!({"title": "X"})).await.refused(412), "stale");
        let without = admin.send(Method::PATCH, &path(&contact), None, Some(json!({"title": "X"}))).await;
        assert_eq!(without.refused(428), "precondition_required");

        let second = admin.post("/contacts", json!({"customer_id": customer["id"], "name": "Jun", "is_primary": true, "reports_to_id": contact["id"]})).await.expect(201);
        let first = admin.get(&path(&contact)).await.expect(200);
        assert_eq!((&first["is_primary"], &first["version"]), (&json!(false), &json!(3)));
        let page = admin.get(&format!("/contacts?with_total=true&customer_id={}&is_primary=true", id(&customer))).await.expect(200);
        assert_eq!((&page["total"], &page["items"][0]["id"]), (&json!(1), &second["id"]));

        assert_eq!(admin.delete(&path(&contact), &changed).await.refused(412), "stale");
        assert_eq!(admin.send(Method::DELETE, &path(&contact), None, None).await.refused(428), "precondition_required");
        admin.delete(&path(&contact), &first).await.expect(204);
        assert_eq!(admin.get(&path(&contact)).await.refused(404), "not_found");
        assert_eq!(admin.get(&path(&second)).await.expect(200)["reports_to_id"], Value::Null);
    }
}

on_both! {
    async fn bad_input_is_named_by_its_place(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "A"})).await.expect(201);
        let other = admin.post("/customers", json!({"name": "B"})).await.expect(201);
        let contact = admin.post("/contacts", json!({"customer_id": customer["id"], "name": "Mei"})).await.expect(201);
        let nowhere = "01900000-0000-7000-8000-000000000000";
        for (member, value, code) in [
            ("name", json!(" "), "required"),
            ("email", json!("nobody"), "email"),
            ("relationship", json!(6), "range"),
            ("decision_role", json!("boss"), "type"),
            ("birthday", json!("1988-02-30"), "type"),
            ("customer_id", json!(nowhere), "reference"),
            ("reports_to_id", json!(nowhere), "reference"),
            ("version", json!(7), "unknown"),
        ] {
            let mut input = json!({"customer_id": customer["id"], "name": "Jun"});
            input[member] = value;
            assert_eq!(admin.post("/contacts", input).await.invalid(), [(format!("/{member}"), code.to_owned())]);
        }
        let patch = |changes: Value| {
            let (admin, contact) = (admin.clone(), contact.clone());
            async move { admin.patch(&path(&contact), &contact, changes).await.invalid() }
        };
        assert_eq!(patch(json!({"customer_id": other["id"]})).await, [("/customer_id".into(), "fixed".into())]);
        assert_eq!(patch(json!({"reports_to_id": contact["id"]})).await, [("/reports_to_id".into(), "cycle".into())]);
        assert_eq!(admin.get("/contacts?colour=red").await.refused(400), "unknown_parameter");
        assert_eq!(admin.get("/contacts/no-id").await.refused(404), "not_found");
    }
}

on_both! {
    async fn contacts_are_seen_through_their_customer(app: &TestApp) {
        app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let analyst = app.user(ShippedRole::Analyst, south, "eve@example.com").await;
        let customer = ann.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let input = json!({"customer_id": customer["id"], "name": "陈美玲"});
        let contact = ann.post("/contacts", input.clone()).await.expect(201);
        for (who, sees) in [(&ann, 1), (&bob, 0), (&analyst, 1)] {
            for query in ["", "&q=%E9%99%88"] {
                let page = who.get(&format!("/contacts?with_total=true{query}")).await.expect(200);
                assert_eq!((&page["total"], page["items"].as_array().map(Vec::len)), (&json!(sees), Some(sees)));
            }
            assert_eq!(who.get(&path(&contact)).await.status, if sees == 1 { 200 } else { 404 });
        }
        assert_eq!(bob.post("/contacts", input.clone()).await.invalid(), [("/customer_id".into(), "reference".into())]);
        assert_eq!(bob.patch(&path(&contact), &contact, json!({"name": "X"})).await.refused(404), "not_found");
        assert_eq!(analyst.post("/contacts", input).await.refused(403), "forbidden");
        assert_eq!(analyst.patch(&path(&contact), &contact, json!({"name": "X"})).await.refused(403), "forbidden");
        // Sales may not delete.
        assert_eq!(ann.delete(&path(&contact), &contact).await.refused(403), "forbidden");
    }
}

on_both! {
    async fn birthdays_come_up_for_the_owner(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.company().await, "ann@example.com").await;
        let hers = ann.post("/customers", json!({"name": "Hers"})).await.expect(201);
        let ours = admin.post("/customers", json!({"name": "Ours"})).await.expect(201);
        // Soon, however late in the year the test runs; in a leap year, so that there is such a day.
        let soon = Timestamp::now().date().plus_days(3);
        let born = Date::new(1988, soon.month(), soon.day()).expect("a date");
        for (customer, name) in [(&hers, "Mei"), (&ours, "Jun")] {
            admin.post("/contacts", json!({"customer_id": customer["id"], "name": name, "birthday": born})).await.expect(201);
        }
        let names = |body: Value| -> Vec<String> {
            body.as_array().into_iter().flatten().map(|b| b["name"].as_str().unwrap_or_default().to_owned()).collect()
        };
        // Midnight may pass meanwhile, and 29 February is celebrated a day early.
        assert_eq!(names(admin.get("/contacts/birthdays?days=7").await.expect(200)), ["Jun"]);
        assert_eq!(names(admin.get("/contacts/birthdays?all=true").await.expect(200)).len(), 2);
        assert_eq!(names(ann.get("/contacts/birthdays?all=true").await.expect(200)), ["Mei"]);
        assert_eq!(names(ann.get("/contacts/birthdays?days=0").await.expect(200)), [""; 0]);
        for query in ["days=366", "days=x", "all=yes"] {
            assert_eq!(admin.get(&format!("/contacts/birthdays?{query}")).await.refused(400), "invalid_parameter");
        }
        assert_eq!(admin.get("/contacts/birthdays?limit=5").await.refused(400), "unknown_parameter");
    }
}
