//! Webhooks over HTTP.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, Database, Receiver, TestApp, on_both, until};
use serde_json::{Value, json};

fn hook(url: &str) -> Value {
    json!({"name": "ERP", "url": url, "events": ["customers.*"]})
}

/// A server that may send to this machine, with its sender at work.
async fn sending(database: Database) -> TestApp {
    let app = TestApp::start_with(database, |config| {
        config.webhook_networks = vec!["127.0.0.1".parse().expect("a network")];
    })
    .await;
    app.app.sender.start().expect("threads");
    app
}

async fn deliveries(admin: &Client, hook: &Value) -> Vec<Value> {
    let path = format!(
        "/webhooks/{}/deliveries?sort=created_at",
        hook["id"].as_str().expect("an id")
    );
    admin.get(&path).await.expect(200)["items"]
        .as_array()
        .expect("a list")
        .clone()
}

async fn in_state(admin: &Client, hook: &Value, state: &str) -> Vec<Value> {
    until("a message", async || {
        let all = deliveries(admin, hook).await;
        (!all.is_empty() && all.iter().all(|m| m["state"] == state)).then_some(all)
    })
    .await
}

on_both! {
    async fn a_webhook_is_made_changed_and_deleted(app: &TestApp) {
        let admin = app.admin().await;
        let made = admin.post("/webhooks", hook("https://erp.example.com/hook")).await.expect(201);
        let secret = made["secret"].as_str().expect("a secret");
        assert!(secret.starts_with("whsec_") && secret.len() > 40, "{secret}");
        let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
        let read = admin.get(&path).await.expect(200);
        assert_eq!((&read["secret"], &read["active"]), (&Value::Null, &json!(true)));
        let off = admin.patch(&path, &read, json!({"active": false})).await.expect(200);
        assert_eq!(admin.patch(&path, &read, json!({"active": true})).await.refused(412), "stale");
        let rotated = admin.post_to(&format!("{path}/rotate-secret"), &off, None).await.expect(200);
        assert_ne!(rotated["secret"], made["secret"]);
        assert_eq!(admin.post_to(&format!("{path}/resume"), &rotated, None).await.refused(409), "conflict");
        // Nothing of the secrets stands in the trail.
        let trail = admin.get("/audit?record_type=webhooks").await.expect(200).to_string();
        assert!(!trail.contains("whsec_") && trail.contains("secret_rotated"));
        let manager = app.user(ShippedRole::DepartmentManager, app.company().await, "manager@example.com").await;
        assert_eq!(manager.get("/webhooks").await.refused(403), "forbidden");
        admin.delete(&path, &rotated).await.expect(204);
        assert_eq!(admin.get(&path).await.refused(404), "not_found");
    }
}

on_both! {
    async fn private_addresses_are_refused(app: &TestApp) {
        let admin = app.admin().await;
        for (url, code) in [
            ("https://127.0.0.1/hook", "private_address"),
            ("https://[::ffff:192.168.1.1]/hook", "private_address"),
            ("http://erp.example.com/hook", "insecure_address"),
            ("ftp://erp.example.com/hook", "website"),
        ] {
            let problems = admin.post("/webhooks", hook(url)).await.invalid();
            assert_eq!(problems, [("/url".to_owned(), code.to_owned())], "{url}");
        }
        let mut bad = hook("https://erp.example.com");
        bad["events"] = json!(["pets.created"]);
        assert_eq!(admin.post("/webhooks", bad).await.invalid()[0].0, "/events");
        // A name that leads inside is found out when something is sent.
        let receiver = Receiver::start();
        let port = receiver.url.rsplit(':').next().and_then(|rest| rest.split('/').next()).expect("a port").to_owned();
        let made = admin.post("/webhooks", hook(&format!("https://localhost:{port}/hook"))).await.expect(201);
        app.app.sender.start().expect("threads");
        let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
        let message = admin.post(&format!("{path}/test"), json!({})).await.expect(202);
        let path = format!("/webhook-deliveries/{}", message["id"].as_str().expect("an id"));
        let tried = until("an attempt", async || {
            let detail = admin.get(&path).await.expect(200);
            (detail["attempts"] != 0).then_some(detail)
        })
        .await;
        let error = tried["log"][0]["error"].as_str().expect("an error").to_owned();
        assert!(error.contains("private network"), "{error}");
        assert!(receiver.heard().is_empty());
    }
}

async fn is_told(database: Database) {
    let app = sending(database).await;
    let (admin, receiver) = (app.admin().await, Receiver::start());
    let made = admin
        .post("/webhooks", hook(&receiver.url))
        .await
        .expect(201);
    let customer = admin
        .post("/customers", json!({"name": "晨光商贸"}))
        .await
        .expect(201);
    let message = in_state(&admin, &made, "delivered").await.remove(0);
    assert_eq!(
        (&message["status"], &message["attempts"]),
        (&json!(200), &json!(1))
    );
    let heard = receiver.heard().remove(0);
    assert_eq!(message["event_id"], heard.header("webhook-id"));
    assert_eq!(heard.body["type"], "customers.created");
    assert_eq!(heard.body["data"]["id"], customer["id"]);
    assert_eq!(heard.body["data"]["changes"]["name"]["new"], "晨光商贸");
    assert_eq!(heard.header("content-type"), "application/json");
    let seconds = heard.header("webhook-timestamp").parse().expect("seconds");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let expected =
        guanxi_api::webhook::sign(&[secret], heard.header("webhook-id"), seconds, &heard.text);
    assert_eq!(heard.header("webhook-signature"), expected);

    // Sent again by hand: the same message under the same id.
    let path = format!(
        "/webhook-deliveries/{}",
        message["id"].as_str().expect("an id")
    );
    admin
        .post(&format!("{path}/resend"), json!({}))
        .await
        .expect(202);
    in_state(&admin, &made, "delivered").await;
    let detail = admin.get(&path).await.expect(200);
    assert_eq!(detail["log"].as_array().map(Vec::len), Some(2));
    assert_eq!(detail["log"][1]["response"], "thanks");
    assert_eq!(receiver.heard()[1].text, heard.text);
    assert_eq!(
        receiver.heard()[1].header("webhook-id"),
        heard.header("webhook-id")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_is_told_what_happens_on_sqlite() {
    is_told(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_is_told_what_happens_on_postgres() {
    is_told(Database::postgres("webhook_is_told")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_fails_is_tried_again_and_one_that_redirects_is_not_followed() {
    let app = sending(Database::sqlite()).await;
    let (admin, receiver, elsewhere) = (app.admin().await, Receiver::start(), Receiver::start());
    receiver.answer(&format!(
        "307 Temporary Redirect\r\nlocation: {}",
        elsewhere.url
    ));
    let made = admin
        .post("/webhooks", hook(&receiver.url))
        .await
        .expect(201);
    admin
        .post("/customers", json!({"name": "A"}))
        .await
        .expect(201);
    until("an attempt", async || {
        let all = deliveries(&admin, &made).await;
        (all.first()?["status"] == 307).then_some(())
    })
    .await;
    receiver.answer("200 OK");
    // The second attempt comes by itself, some seconds later.
    let message = in_state(&admin, &made, "delivered").await.remove(0);
    assert_eq!(message["attempts"], 2);
    assert!(elsewhere.heard().is_empty());
    let read = admin
        .get(&format!(
            "/webhooks/{}",
            made["id"].as_str().expect("an id")
        ))
        .await
        .expect(200);
    assert_eq!(read["failures"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_gone_pauses_the_webhook() {
    let app = sending(Database::sqlite()).await;
    let (admin, receiver) = (app.admin().await, Receiver::start());
    receiver.answer("410 Gone");
    let made = admin
        .post("/webhooks", hook(&receiver.url))
        .await
        .expect(201);
    let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
    admin
        .post(&format!("{path}/test"), json!({}))
        .await
        .expect(202);
    let paused = until("a pause", async || {
        let hook = admin.get(&path).await.expect(200);
        (hook["pause_reason"] == "gone").then_some(hook)
    })
    .await;
    assert_eq!(
        admin
            .post(&format!("{path}/test"), json!({}))
            .await
            .refused(409),
        "conflict"
    );
    receiver.answer("204 No Content");
    admin
        .post_to(&format!("{path}/resume"), &paused, None)
        .await
        .expect(200);
    in_state(&admin, &made, "delivered").await;
}
