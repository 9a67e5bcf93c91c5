//! Approvals over the API: who asks does not decide, and what is approved is done.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use serde_json::{Value, json};

fn id(record: &Value) -> &str {
    record["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {record}"))
}

fn path(approval: &Value) -> String {
    format!("/approvals/{}", id(approval))
}

async fn my_id(who: &Client) -> Value {
    who.get("/me").await.expect(200)["user"]["id"].clone()
}

/// A customer of somebody, on the blacklist.
async fn blacklisted(owner: &Client) -> Value {
    let customer = owner
        .post("/customers", json!({"name": "晨光商贸"}))
        .await
        .expect(201);
    let address = format!("/customers/{}/blacklist", id(&customer));
    owner
        .post_to(&address, &customer, Some(json!({"reason": "does not pay"})))
        .await
        .expect(200)
}

async fn ask(who: &Client, customer: &Value) -> guanxi_tests::Reply {
    let body = json!({"kind": "lift_blacklist", "record_id": customer["id"], "reason": "All invoices are paid"});
    who.post("/approvals", body).await
}

async fn total(who: &Client, query: &str) -> Value {
    let page = who
        .get(&format!("/approvals?with_total=true&{query}"))
        .await;
    page.expect(200)["total"].clone()
}

async fn newest(who: &Client) -> Value {
    who.get("/notifications").await.expect(200)["items"][0].clone()
}

on_both! {
    async fn one_asks_and_another_approves(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let boss = app.user(ShippedRole::DepartmentManager, north, "boss@example.com").await;
        let other = app.user(ShippedRole::DepartmentManager, south, "other@example.com").await;
        let customer = blacklisted(&ann).await;
        let address = format!("/customers/{}", id(&customer));
        // There are others who may approve: nobody lifts it alone, not even the administrator.
        for who in [&ann, &boss, &admin] {
            let direct = who.post_to(&format!("{address}/unblacklist"), &customer, None).await;
            assert_eq!(direct.refused(409), "approval_needed");
        }
        let request = ask(&ann, &customer).await.expect(201);
        assert_eq!((&request["state"], &request["subject"]), (&json!("pending"), &json!("晨光商贸")));
        assert_eq!((&request["requested_by"], &request["basis"]["reason"]), (&my_id(&ann).await, &json!("does not pay")));
        assert_eq!(ask(&ann, &customer).await.refused(409), "approval_pending");
        // Who may decide is told, and nobody else.
        for who in [&boss, &admin] {
            assert_eq!(newest(who).await["kind"], "approval_requested");
            assert_eq!(total(who, "waiting_for_me=true").await, 1);
        }
        assert_eq!(newest(&other).await, Value::Null);
        assert_eq!(other.get(&path(&request)).await.refused(404), "not_found");
        assert_eq!((total(&other, "").await, total(&ann, "waiting_for_me=true").await), (json!(0), json!(0)));

        let note = Some(json!({"note": "Checked"}));
        let approve = format!("{}/approve", path(&request));
        assert_eq!(ann.post_to(&approve, &request, note.clone()).await.refused(409), "own_request");
        assert_eq!(other.post_to(&approve, &request, note.clone()).await.refused(404), "not_found");
        assert_eq!(ann.get(&address).await.expect(200)["blacklisted"], true);
        let approved = boss.post_to(&approve, &request, note.clone()).await.expect(200);
        assert_eq!((&approved["state"], &approved["note"], &approved["decided_by_name"]), (&json!("approved"), &json!("Checked"), &json!("boss")));
        assert_eq!(ann.get(&address).await.expect(200)["blacklisted"], false);
        assert_eq!(newest(&ann).await["kind"], "approval_approved");
        assert_eq!(total(&boss, "waiting_for_me=true").await, 0);
        assert_eq!(admin.post_to(&approve, &approved, note).await.refused(409), "approval_over");

        let trail = admin.get(&format!("/audit?record_id={}&sort=at", id(&request))).await.expect(200);
        let actions: Vec<_> = trail["items"].as_array().expect("entries").iter().map(|e| e["action"].clone()).collect();
        assert_eq!(actions, ["requested", "decided"]);
    }
}

on_both! {
    async fn a_request_is_rejected_or_withdrawn(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.department("North").await, "ann@example.com").await;
        let customer = blacklisted(&ann).await;
        let first = ask(&ann, &customer).await.expect(201);
        let reject = format!("{}/reject", path(&first));
        assert_eq!(admin.post_to(&reject, &first, Some(json!({}))).await.invalid(), [("/note".to_owned(), "reason".to_owned())]);
        let rejected = admin.post_to(&reject, &first, Some(json!({"note": "Still one open"}))).await.expect(200);
        assert_eq!(rejected["state"], "rejected");
        assert_eq!(newest(&ann).await["kind"], "approval_rejected");
        assert_eq!(ann.get(&format!("/customers/{}", id(&customer))).await.expect(200)["blacklisted"], true);

        let second = ask(&ann, &customer).await.expect(201);
        let withdraw = format!("{}/withdraw", path(&second));
        assert_eq!(admin.post_to(&withdraw, &second, None).await.refused(403), "forbidden");
        let withdrawn = ann.post_to(&withdraw, &second, None).await.expect(200);
        assert_eq!((&withdrawn["state"], &withdrawn["decided_by"]), (&json!("withdrawn"), &Value::Null));
        assert_eq!(total(&admin, "state=withdrawn,rejected").await, 2);
        assert_eq!(total(&ann, &format!("record_id={}", id(&customer))).await, 2);
    }
}

on_both! {
    async fn what_has_changed_is_not_approved(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.department("North").await, "ann@example.com").await;
        let customer = blacklisted(&ann).await;
        let request = ask(&ann, &customer).await.expect(201);
        // Another entry, with another reason. Any other change of the customer would not matter.
        let address = format!("/customers/{}/blacklist", id(&customer));
        ann.post_to(&address, &customer, Some(json!({"reason": "threatened a driver"}))).await.expect(200);
        let approve = format!("{}/approve", path(&request));
        assert_eq!(admin.post_to(&approve, &request, Some(json!({}))).await.refused(409), "approval_stale");
        assert_eq!(ann.get(&path(&request)).await.expect(200)["state"], "pending");
        let stale = json!({"version": 7});
        assert_eq!(admin.post_to(&approve, &stale, Some(json!({}))).await.refused(412), "stale");
    }
}

on_both! {
    async fn whoever_is_alone_lifts_it_at_once(app: &TestApp) {
        let admin = app.admin().await;
        let customer = blacklisted(&admin).await;
        assert_eq!(ask(&admin, &customer).await.refused(409), "nobody_to_approve");
        let address = format!("/customers/{}/unblacklist", id(&customer));
        assert_eq!(admin.post_to(&address, &customer, None).await.expect(200)["blacklisted"], false);
    }
}

on_both! {
    async fn what_makes_no_sense_is_not_asked_for(app: &TestApp) {
        let admin = app.admin().await;
        let north = app.department("North").await;
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let analyst = app.user(ShippedRole::Analyst, north, "analyst@example.com").await;
        let fine = ann.post("/customers", json!({"name": "Fine"})).await.expect(201);
        assert_eq!(ask(&ann, &fine).await.refused(409), "conflict");
        assert_eq!(ask(&analyst, &fine).await.refused(403), "forbidden");
        let hidden = blacklisted(&admin).await;
        assert_eq!(ask(&ann, &hidden).await.invalid(), [("/record_id".to_owned(), "reference".to_owned())]);
        let customer = blacklisted(&ann).await;
        let with = |member: &str, value: Value| {
            let mut body = json!({"kind": "lift_blacklist", "record_id": customer["id"], "reason": "Paid"});
            body[member] = value;
            body
        };
        for (member, value, code) in [
            ("reason", json!(" "), "required"),
            ("kind", json!("fire_everybody"), "type"),
            ("payload", json!({"amount": 1}), "type"),
        ] {
            let place = format!("/{member}");
            assert_eq!(ann.post("/approvals", with(member, value)).await.invalid(), [(place, code.to_owned())]);
        }
    }
}
