//! `Idempotency-Key`: what is sent again is not carried out again.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use serde_json::json;

on_both! {
    async fn the_same_request_is_answered_again(app: &TestApp) {
        let admin = app.admin().await;
        let keyed = admin.with_key("order-42");
        let first = keyed.post("/customers", json!({"name": "Once"})).await;
        assert!(first.headers.get("idempotent-replayed").is_none());
        let again = keyed.post("/customers", json!({"name": "Once"})).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        for header in ["etag", "location"] {
            assert_eq!(first.headers[header], again.headers[header]);
        }
        assert_eq!(first.expect(201), again.expect(201));
        let total = |who: &guanxi_tests::Client| {
            let who = who.clone();
            async move { who.get("/customers?with_total=true").await.expect(200)["total"].clone() }
        };
        assert_eq!(total(&admin).await, 1);
        // Another body, another address: another request.
        assert_eq!(keyed.post("/customers", json!({"name": "Twice"})).await.refused(422), "idempotency_mismatch");
        assert_eq!(keyed.post("/products", json!({"name": "Once"})).await.refused(422), "idempotency_mismatch");
        assert_eq!(total(&admin).await, 1);
        // A refusal is remembered too.
        let wrong = admin.with_key("wrong");
        assert_eq!(wrong.post("/customers", json!({})).await.invalid(), wrong.post("/customers", json!({})).await.invalid());
        // Another version is another request, and a stale one may be sent again.
        let customer = admin.get("/customers").await.expect(200)["items"][0].clone();
        let path = format!("/customers/{}/archive", customer["id"].as_str().expect("an id"));
        let archive = admin.with_key("archive");
        let stale = json!({"version": 7});
        assert_eq!(archive.post_to(&path, &stale, None).await.refused(412), "stale");
        archive.post_to(&path, &customer, None).await.expect(200);
        assert_eq!(archive.post_to(&path, &stale, None).await.refused(422), "idempotency_mismatch");
        // What only reads is read again.
        let search = admin.with_key("search");
        for _ in 0..2 {
            assert!(search.post("/customers/search", json!({})).await.headers.get("idempotent-replayed").is_none());
        }
        // Keys are everybody's own; other methods take none.
        let li = app.user(ShippedRole::Sales, app.company().await, "li@example.com").await;
        let hers = li.with_key("order-42").post("/customers", json!({"name": "Hers"})).await.expect(201);
        assert_eq!(hers["name"], "Hers");
        keyed.get("/customers").await.expect(200);
        for key in ["", "with blank", &"k".repeat(256)] {
            assert_eq!(admin.with_key(key).post("/customers", json!({"name": "A"})).await.refused(400), "invalid_header");
        }
        let nobody = app.nobody().with_key("order-42").post("/customers", json!({"name": "Once"})).await;
        assert_eq!(nobody.refused(401), "unauthenticated");
    }
}

on_both! {
    async fn of_many_at_once_one_is_carried_out(app: &TestApp) {
        let admin = app.admin().await.with_key("at-once");
        let requests = (0..16).map(|_| {
            let admin = admin.clone();
            async move { admin.post("/customers", json!({"name": "Once"})).await }
        });
        let replies = futures_util::future::join_all(requests).await;
        for reply in replies {
            match reply.status {
                201 => {}
                409 => assert_eq!(reply.refused(409), "idempotency_running"),
                other => panic!("answered {other}"),
            }
        }
        let after = admin.post("/customers", json!({"name": "Once"})).await;
        assert_eq!(after.headers["idempotent-replayed"], "true");
        assert_eq!(admin.get("/customers?with_total=true").await.expect(200)["total"], 1);
    }
}
