//! Tickets over the API.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(record: &Value) -> String {
    format!(
        "/tickets/{}",
        record["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id in {record}"))
    )
}

fn about(customer: &Value) -> Value {
    json!({"customer_id": customer["id"], "kind": "complaint", "subject": "包装机无法启动"})
}

async fn my_id(who: &Client) -> Value {
    who.get("/me").await.expect(200)["user"]["id"].clone()
}

on_both! {
    async fn a_ticket_goes_its_way(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let reply = admin.post("/tickets", about(&customer)).await;
        assert_eq!(reply.headers["etag"], "\"1\"");
        let ticket = reply.expect(201);
        assert_eq!((&ticket["state"], &ticket["owner_id"], &ticket["priority"]), (&json!("new"), &Value::Null, &json!("normal")));
        assert_eq!(admin.get(&path(&ticket)).await.expect(200), ticket);

        let changed = admin.patch(&path(&ticket), &ticket, json!({"priority": "urgent", "tags": ["二线"]})).await.expect(200);
        assert_eq!(admin.patch(&path(&ticket), &ticket, json!({"priority": "low"})).await.refused(412), "stale");
        let without = admin.send(Method::PATCH, &path(&ticket), None, Some(json!({"priority": "low"}))).await;
        assert_eq!(without.refused(428), "precondition_required");

        let transitions = format!("{}/transitions", path(&ticket));
        assert_eq!(admin.post_to(&transitions, &changed, Some(json!({"to": "closed"}))).await.refused(409), "illegal_transition");
        assert_eq!(admin.post_to(&transitions, &ticket, Some(json!({"to": "open"}))).await.refused(412), "stale");
        assert_eq!(admin.post(&transitions, json!({"to": "open"})).await.refused(428), "precondition_required");
        let missing = admin.post_to(&transitions, &changed, Some(json!({}))).await.invalid();
        assert_eq!(missing, [("/to".into(), "required".into())]);
        let resolved = admin.post_to(&transitions, &changed, Some(json!({"to": "resolved", "note": "Fuse replaced"}))).await.expect(200);
        assert_eq!(resolved["first_responder_id"], my_id(&admin).await);
        let metrics = admin.get(&format!("/customers/{}/metrics", customer["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!((&metrics["tickets"], &metrics["open_tickets"], &metrics["complaints"]), (&json!(1), &json!(0), &json!(1)));

        let comments = format!("{}/comments", path(&ticket));
        let reply = admin.post(&comments, json!({"body": "It works again?", "public": true})).await.expect(201);
        assert_eq!((&reply["kind"], &reply["author_name"]), (&json!("public"), &json!("Admin")));
        assert_eq!(admin.post(&comments, json!({"body": ""})).await.invalid(), [("/body".into(), "length".into())]);
        let history = admin.get(&format!("{comments}?with_total=true")).await.expect(200);
        let told: Vec<_> = history["items"].as_array().into_iter().flatten().map(|c| (c["kind"].clone(), c["body"].clone())).collect();
        assert_eq!(json!(told), json!([["event", "updated"], ["internal", "Fuse replaced"], ["event", "resolved"], ["public", "It works again?"]]));
        assert_eq!(history["items"][0]["changes"]["priority"], json!({"old": "normal", "new": "urgent"}));
        assert_eq!(history["total"], 4);
        let notes = admin.get(&format!("{comments}?kind=internal,public&limit=1")).await.expect(200);
        let next = notes["next_cursor"].as_str().expect("more");
        let rest = admin.get(&format!("{comments}?kind=internal,public&limit=1&cursor={next}")).await.expect(200);
        assert_eq!((&rest["items"][0]["kind"], &rest["next_cursor"]), (&json!("public"), &Value::Null));
    }
}

on_both! {
    async fn bad_input_is_named_by_its_place(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "A"})).await.expect(201);
        let other = admin.post("/customers", json!({"name": "B"})).await.expect(201);
        let stranger = admin.post("/contacts", json!({"customer_id": other["id"], "name": "Jun"})).await.expect(201);
        let nowhere = "01900000-0000-7000-8000-000000000000";
        for (member, value, code) in [
            ("customer_id", json!(nowhere), "reference"),
            ("contact_id", stranger["id"].clone(), "reference"),
            ("order_id", json!(nowhere), "reference"),
            ("product_id", json!(nowhere), "reference"),
            ("owner_id", json!(nowhere), "reference"),
            ("kind", json!("wish"), "type"),
            ("subject", json!("\n"), "required"),
            ("state", json!("closed"), "unknown"),
        ] {
            let mut input = about(&customer);
            input[member] = value;
            assert_eq!(admin.post("/tickets", input).await.invalid(), [(format!("/{member}"), code.to_owned())]);
        }
        let ticket = admin.post("/tickets", about(&customer)).await.expect(201);
        let assign = format!("{}/assign", path(&ticket));
        // An owner that was forgotten does not put the ticket back.
        let forgotten = admin.post_to(&assign, &ticket, Some(json!({}))).await.invalid();
        assert_eq!(forgotten, [("/owner_id".into(), "required".into())]);
        assert_eq!(admin.get("/tickets?priority=soon").await.refused(400), "invalid_parameter");
        assert_eq!(admin.get(&format!("/tickets/{nowhere}/comments")).await.refused(404), "not_found");
    }
}

on_both! {
    async fn the_first_responder_answers_until_another_has_taken_over(app: &TestApp) {
        app.admin().await;
        let service = app.department("Service").await;
        let ann = app.user(ShippedRole::ServiceAgent, service, "ann@example.com").await;
        let bob = app.user(ShippedRole::ServiceAgent, service, "bob@example.com").await;
        let clerk = app.user(ShippedRole::DepartmentClerk, service, "clerk@example.com").await;
        let sales = app.user(ShippedRole::Sales, app.company().await, "sales@example.com").await;
        let customer = sales.post("/customers", json!({"name": "A"})).await.expect(201);
        let ticket = ann.post("/tickets", about(&customer)).await.expect(201);
        let assign = format!("{}/assign", path(&ticket));

        let ticket = clerk.post_to(&assign, &ticket, Some(json!({"owner_id": my_id(&clerk).await}))).await.expect(200);
        assert_eq!(ticket["responsible_id"], my_id(&clerk).await);
        let bob_id = my_id(&bob).await;
        assert_eq!(clerk.post_to(&assign, &ticket, Some(json!({"owner_id": bob_id}))).await.refused(403), "forbidden");
        assert_eq!(clerk.patch(&path(&ticket), &ticket, json!({"owner_id": bob_id})).await.refused(403), "forbidden");
        let given = ann.post_to(&assign, &ticket, Some(json!({"owner_id": bob_id}))).await.expect(200);
        assert_eq!((&given["owner_id"], &given["responsible_id"]), (&bob_id, &my_id(&clerk).await));
        let accepted = bob.post_to(&assign, &given, Some(json!({"owner_id": bob_id}))).await.expect(200);
        assert_eq!(accepted["responsible_id"], bob_id);
        assert_eq!(bob.post_to(&assign, &accepted, Some(json!({"owner_id": bob_id}))).await.refused(409), "conflict");
        let released = ann.post_to(&assign, &accepted, Some(json!({"owner_id": null}))).await.expect(200);
        assert_eq!((&released["owner_id"], &released["responsible_id"]), (&Value::Null, &bob_id));
        let queue = ann.get("/tickets?owner_id=none&with_total=true").await.expect(200);
        assert_eq!(queue["total"], 1);
        // Sales may read the tickets of its customers and write comments, not work on them.
        assert_eq!(sales.patch(&path(&released), &released, json!({"priority": "low"})).await.refused(403), "forbidden");
        sales.post(&format!("{}/comments", path(&released)), json!({"body": "Important customer"})).await.expect(201);
    }
}

on_both! {
    async fn another_department_sees_nothing(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::DepartmentClerk, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::DepartmentClerk, south, "bob@example.com").await;
        let customer = ann.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let ticket = ann.post("/tickets", about(&customer)).await.expect(201);
        for (who, sees) in [(&ann, 1), (&bob, 0), (&admin, 1)] {
            for query in ["", "&q=%E5%8C%85%E8%A3%85", "&state=new"] {
                let page = who.get(&format!("/tickets?with_total=true{query}")).await.expect(200);
                assert_eq!((&page["total"], page["items"].as_array().map(Vec::len)), (&json!(sees), Some(sees)));
            }
            let status = if sees == 1 { 200 } else { 404 };
            assert_eq!(who.get(&path(&ticket)).await.status, status);
            assert_eq!(who.get(&format!("{}/comments", path(&ticket))).await.status, status);
        }
        assert_eq!(bob.post("/tickets", about(&customer)).await.invalid(), [("/customer_id".into(), "reference".into())]);
        assert_eq!(bob.patch(&path(&ticket), &ticket, json!({"priority": "low"})).await.refused(404), "not_found");
        for (action, body) in [("transitions", json!({"to": "open"})), ("assign", json!({"owner_id": my_id(&bob).await}))] {
            let reply = bob.post_to(&format!("{}/{action}", path(&ticket)), &ticket, Some(body)).await;
            assert_eq!(reply.refused(404), "not_found", "{action}");
        }
        let comment = bob.post(&format!("{}/comments", path(&ticket)), json!({"body": "Hello"})).await;
        assert_eq!(comment.refused(404), "not_found");
    }
}

on_both! {
    async fn pages_sorted_by_priority_hold_every_ticket_once(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "A"})).await.expect(201);
        for priority in ["high", "low", "urgent", "normal", "high", "low", "urgent"] {
            let mut input = about(&customer);
            input["priority"] = json!(priority);
            admin.post("/tickets", input).await.expect(201);
        }
        for (sort, expected) in [
            ("-priority", ["urgent", "urgent", "high", "high", "normal", "low", "low"]),
            ("priority,-created_at", ["low", "low", "normal", "high", "high", "urgent", "urgent"]),
        ] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = admin.get(&format!("/tickets?limit=2&sort={sort}{cursor}")).await.expect(200);
                seen.extend(page["items"].as_array().into_iter().flatten().map(|t| t["priority"].clone()));
                assert!(seen.len() <= expected.len(), "a page leads back: {seen:?}");
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(json!(seen), json!(expected), "{sort}");
        }
    }
}

on_both! {
    async fn tickets_are_counted_by_state_for_those_who_see_them(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.department("North").await, "ann@example.com").await;
        let customer = admin.post("/customers", json!({"name": "A"})).await.expect(201);
        let mut urgent = about(&customer);
        urgent["priority"] = json!("urgent");
        let urgent = admin.post("/tickets", urgent).await.expect(201);
        let mut mine = about(&customer);
        mine["owner_id"] = my_id(&admin).await;
        admin.post("/tickets", mine).await.expect(201);
        let of = |summary: &serde_json::Value, state: &str| {
            let states = summary["states"].as_array().into_iter().flatten();
            states.clone().find(|s| s["state"] == state).expect("every state")["tickets"].clone()
        };
        let summary = admin.get("/tickets/summary").await.expect(200);
        assert_eq!((of(&summary, "new"), of(&summary, "open"), of(&summary, "closed")), (json!(2), json!(0), json!(0)));
        assert_eq!((&summary["unassigned"], &summary["urgent"]), (&json!(1), &json!(1)));
        let to = format!("{}/transitions", path(&urgent));
        let opened = admin.post_to(&to, &urgent, Some(json!({"to": "open"}))).await.expect(200);
        admin.post_to(&to, &opened, Some(json!({"to": "resolved"}))).await.expect(200);
        let summary = admin.get("/tickets/summary").await.expect(200);
        assert_eq!((of(&summary, "new"), of(&summary, "resolved")), (json!(1), json!(1)));
        assert_eq!(summary["urgent"], 0, "it is not open any more");
        assert_eq!(of(&ann.get("/tickets/summary").await.expect(200), "new"), json!(0), "nothing of hers");
    }
}
