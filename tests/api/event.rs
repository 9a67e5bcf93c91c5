//! Server-sent events and notifications.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Database, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

async fn customer(who: &guanxi_tests::Client, name: &str) -> Value {
    who.post("/customers", json!({"name": name}))
        .await
        .expect(201)
}

on_both! {
    async fn one_department_hears_nothing_of_another(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let (mut of_ann, mut of_bob, mut of_all) = (ann.listen(None).await, bob.listen(None).await, admin.listen(None).await);
        let hers = customer(&ann, "Hers").await;
        let path = format!("/customers/{}", hers["id"].as_str().expect("an id"));
        ann.patch(&path, &hers, json!({"note": "x"})).await.expect(200);
        let his = customer(&bob, "His").await;

        // What comes last shows what came before it: nothing.
        let heard = of_bob.until(&his["id"]).await;
        assert!(heard.iter().all(|told| told.data["id"] == his["id"]), "{heard:#?}");
        assert!(of_ann.until(&hers["id"]).await.iter().all(|told| told.data["id"] == hers["id"]));
        assert_eq!(of_all.until(&hers["id"]).await.pop().expect("hers").data["record"], "customers");
        of_all.until(&his["id"]).await;
        // Given to him, it is his to hear of, together with the notification.
        let bob_id = bob.get("/me").await.expect(200)["user"]["id"].clone();
        let now = ann.get(&path).await.expect(200);
        admin.patch(&path, &now, json!({"owner_id": bob_id})).await.expect(200);
        let heard = of_bob.until(&hers["id"]).await.pop().expect("a change");
        let admin_id = admin.get("/me").await.expect(200)["user"]["id"].clone();
        assert_eq!(heard.data, json!({"record": "customers", "id": hers["id"], "version": 3, "action": "updated", "by": admin_id}));
        let told = of_bob.next().await.expect("a notification");
        assert_eq!((&told.data["record"], &told.data["action"]), (&json!("notifications"), &json!("created")));
    }
}

on_both! {
    async fn a_broken_stream_goes_on_where_it_ended(app: &TestApp) {
        let admin = app.admin().await;
        let mut stream = admin.listen(None).await;
        let first = customer(&admin, "First").await;
        let heard = stream.until(&first["id"]).await.pop().expect("a change");
        drop(stream);
        let missed = customer(&admin, "Missed").await;
        let mut stream = admin.listen(Some(&heard.id)).await;
        let told = stream.until(&missed["id"]).await;
        assert!(told.iter().all(|told| told.data["id"] != first["id"]), "once only");
        let later = customer(&admin, "Later").await;
        stream.until(&later["id"]).await;
        // A place that there never was: ask for everything again.
        let mut stream = admin.listen(Some("9000000000000000000-1")).await;
        assert_eq!(stream.next().await.expect("a reset").event, "reset");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_opens_many_streams_keeps_the_newest() {
    let app = TestApp::start(Database::sqlite()).await;
    let admin = app.admin().await;
    let mut oldest = admin.listen(None).await;
    let mut newest = admin.listen(None).await;
    for _ in 0..20 {
        newest = admin.listen(None).await;
    }
    while oldest.next().await.is_some() {}
    let made = customer(&admin, "Heard").await;
    newest.until(&made["id"]).await;
}

on_both! {
    async fn a_stream_ends_with_its_log_in(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.company().await, "ann@example.com").await;
        let mut stream = ann.listen(None).await;
        let me = ann.get("/me").await.expect(200);
        let path = format!("/users/{}", me["user"]["id"].as_str().expect("an id"));
        let user = admin.get(&path).await.expect(200);
        admin.post_to(&format!("{path}/freeze"), &user, None).await.expect(200);
        while stream.next().await.is_some() {}
    }
}

on_both! {
    async fn notifications_are_for_whom_they_concern(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::ServiceAgent, app.company().await, "ann@example.com").await;
        let ann_id = ann.get("/me").await.expect(200)["user"]["id"].clone();
        let owner = customer(&admin, "晨光商贸").await;
        let ticket = json!({"customer_id": owner["id"], "kind": "complaint", "subject": "It smokes", "owner_id": ann_id});
        let ticket = admin.post("/tickets", ticket).await.expect(201);
        // Taking something oneself is no news.
        let own = json!({"customer_id": owner["id"], "kind": "complaint", "subject": "Mine", "owner_id": ann_id});
        ann.post("/tickets", own).await.expect(201);
        let all = ann.get("/notifications").await.expect(200);
        assert_eq!((&all["unread"], all["items"].as_array().map(Vec::len)), (&json!(1), Some(1)));
        let told = &all["items"][0];
        assert_eq!(
            [&told["kind"], &told["record"], &told["record_id"], &told["subject"]],
            [&json!("ticket_assigned"), &json!("tickets"), &ticket["id"], &json!("It smokes")]
        );
        assert_eq!(admin.get("/notifications").await.expect(200)["unread"], 0);

        let path = format!("/notifications/{}/read", told["id"].as_str().expect("an id"));
        assert_eq!(admin.send(Method::POST, &path, None, None).await.refused(404), "not_found");
        ann.send(Method::POST, &path, None, None).await.expect(204);
        ann.send(Method::POST, &path, None, None).await.expect(204);
        assert_eq!(ann.get("/notifications?read_at=none").await.expect(200)["items"], json!([]));
        for subject in ["B", "C"] {
            let ticket = json!({"customer_id": owner["id"], "kind": "complaint", "subject": subject, "owner_id": ann_id});
            admin.post("/tickets", ticket).await.expect(201);
        }
        let read = ann.send(Method::POST, "/notifications/read-all", None, None).await.expect(200);
        assert_eq!(read["read"], 2);
        assert_eq!(ann.get("/notifications?kind=ticket_assigned").await.expect(200)["unread"], 0);
    }
}
