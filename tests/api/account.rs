//! Registering, logging in and out, freezing.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

on_both! {
    async fn the_first_account_is_the_administrator(app: &TestApp) {
        let nobody = app.nobody();
        assert_eq!(nobody.get("/meta").await.expect(200)["setup_needed"], true);
        let admin = app.admin().await;
        let me = admin.get("/me").await.expect(200);
        assert_eq!(me["role_en"], "Administrator");
        assert_eq!(nobody.get("/meta").await.expect(200)["setup_needed"], false);

        let second = json!({"name": "韩梅梅", "email": "Han@Example.com", "password": PASSWORD});
        let waiting = nobody.post("/auth/register", second.clone()).await.expect(201);
        assert_eq!(waiting["access_token"], Value::Null);
        assert_eq!(waiting["user"]["state"], "pending");
        assert_eq!(nobody.post("/auth/register", second).await.refused(409), "taken");
        let login = json!({"email": "han@example.com", "password": PASSWORD});
        assert_eq!(nobody.post("/auth/login", login.clone()).await.refused(403), "account_pending");

        let user = admin.get("/users?state=pending").await.expect(200)["items"][0].clone();
        let roles = admin.get("/roles").await.expect(200);
        let sales = roles.as_array().into_iter().flatten().find(|r| r["shipped"] == "sales").expect("sales").clone();
        let path = format!("/users/{}/activate", text(&user["id"]));
        let body = json!({"role_id": sales["id"], "department_id": app.company().await});
        let active = admin.post_to(&path, &user, Some(body.clone())).await.expect(200);
        assert_eq!(active["state"], "active");
        assert_eq!(admin.post_to(&path, &active, Some(body)).await.refused(409), "conflict");
        assert!(nobody.post("/auth/login", login).await.expect(200)["access_token"].is_string());
    }
}

on_both! {
    async fn bad_registrations_are_refused(app: &TestApp) {
        let bad = json!({"name": " ", "email": "nobody", "password": "short"});
        let errors = app.nobody().post("/auth/register", bad).await.invalid();
        let expected = [("/email", "email"), ("/name", "required"), ("/password", "length")];
        assert_eq!(errors, expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
        let common = json!({"name": "A", "email": "a@b.cn", "password": "password123"});
        let reply = app.nobody().chinese().post("/auth/register", common).await;
        assert!(!reply.text.contains("password123"), "values are never echoed");
        assert_eq!(reply.body["title"], "填写的内容有误");
        let admin = app.admin().await;
        let settings = admin.get("/settings").await.expect(200);
        admin.patch("/settings", &settings, json!({"registration_open": false})).await.expect(200);
        let late = json!({"name": "A", "email": "a@b.cn", "password": PASSWORD});
        assert_eq!(app.nobody().post("/auth/register", late).await.refused(403), "registration_closed");
    }
}

on_both! {
    async fn an_old_refresh_token_ends_the_whole_log_in(app: &TestApp) {
        app.admin().await;
        let nobody = app.nobody();
        let login = json!({"email": "admin@example.com", "password": PASSWORD});
        let first = nobody.post("/auth/login", login).await.expect(200);
        let refresh = |token: &Value| nobody.post("/auth/refresh", json!({"refresh_token": token}));
        let second = refresh(&first["refresh_token"]).await.expect(200);
        // Lost answers happen: the one before the newest is still good for a moment.
        let third = refresh(&first["refresh_token"]).await.expect(200);
        let fourth = refresh(&third["refresh_token"]).await.expect(200);
        let client = nobody.with_token(text(&fourth["access_token"]));
        client.get("/me").await.expect(200);
        // The first is two rotations old now: somebody else has it.
        assert_eq!(refresh(&first["refresh_token"]).await.refused(401), "invalid_token");
        assert_eq!(refresh(&fourth["refresh_token"]).await.refused(401), "invalid_token");
        assert_eq!(client.get("/me").await.refused(401), "invalid_token");
        assert_eq!(nobody.with_token(text(&second["access_token"])).get("/me").await.status, 401);
    }
}

on_both! {
    async fn a_browser_gets_its_token_as_a_cookie_only(app: &TestApp) {
        app.admin().await;
        let login = json!({"email": "admin@example.com", "password": PASSWORD, "cookie": true});
        let reply = app.nobody().post("/auth/login", login).await;
        let cookie = reply.headers["set-cookie"].to_str().expect("text").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        assert!(reply.expect(200).get("refresh_token").is_none());
    }
}

on_both! {
    async fn wrong_passwords_slow_down(app: &TestApp) {
        app.admin().await;
        let nobody = app.nobody();
        let wrong = || json!({"email": "admin@example.com", "password": "wrong horse battery"});
        for _ in 0..4 {
            assert_eq!(nobody.post("/auth/login", wrong()).await.refused(401), "invalid_credentials");
        }
        let right = json!({"email": "admin@example.com", "password": PASSWORD});
        let reply = nobody.post("/auth/login", right).await;
        assert!(reply.headers.contains_key("retry-after"));
        assert_eq!(reply.refused(429), "too_many_attempts");
        let unknown = json!({"email": "nobody@example.com", "password": PASSWORD});
        assert_eq!(nobody.post("/auth/login", unknown).await.refused(401), "invalid_credentials");
    }
}

on_both! {
    async fn freezing_is_felt_by_the_next_request(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.company().await, "ann@example.com").await;
        let me = ann.get("/me").await.expect(200)["user"].clone();
        let path = format!("/users/{}", text(&me["id"]));
        let frozen = admin.post_to(&format!("{path}/freeze"), &me, None).await.expect(200);
        assert_eq!(ann.get("/me").await.refused(401), "invalid_token");
        let login = json!({"email": "ann@example.com", "password": PASSWORD});
        assert_eq!(app.nobody().post("/auth/login", login).await.refused(403), "account_frozen");
        admin.post_to(&format!("{path}/unfreeze"), &frozen, None).await.expect(200);
        ann.get("/me").await.expect(200);
        // The last administrator stays.
        let me = admin.get("/me").await.expect(200)["user"].clone();
        let path = format!("/users/{}/freeze", text(&me["id"]));
        assert_eq!(admin.post_to(&path, &me, None).await.refused(409), "last_administrator");
    }
}

on_both! {
    async fn a_new_password_ends_the_other_log_ins(app: &TestApp) {
        app.admin().await;
        let login = json!({"email": "admin@example.com", "password": PASSWORD});
        let mut clients = Vec::new();
        for _ in 0..2 {
            let tokens = app.nobody().post("/auth/login", login.clone()).await.expect(200);
            clients.push(app.nobody().with_token(text(&tokens["access_token"])));
        }
        let change = |current: &str| json!({"current_password": current, "new_password": "battery horse correct"});
        let wrong = clients[0].send(Method::PUT, "/me/password", None, Some(change("no such password"))).await;
        assert_eq!(wrong.invalid(), [("/current_password".to_owned(), "wrong_password".to_owned())]);
        clients[0].send(Method::PUT, "/me/password", None, Some(change(PASSWORD))).await.expect(204);
        clients[0].get("/me").await.expect(200);
        assert_eq!(clients[1].get("/me").await.refused(401), "invalid_token");
        let sessions = clients[0].get("/me/sessions").await.expect(200);
        assert_eq!(sessions.as_array().map(Vec::len), Some(1));
        assert_eq!(app.nobody().post("/auth/login", login).await.refused(401), "invalid_credentials");
        let path = format!("/me/sessions/{}", text(&sessions[0]["id"]));
        clients[0].send(Method::DELETE, &path, None, None).await.expect(204);
        assert_eq!(clients[0].get("/me").await.refused(401), "invalid_token");
    }
}

on_both! {
    async fn departments_form_a_tree(app: &TestApp) {
        let admin = app.admin().await;
        let company = app.company().await;
        let north = admin.post("/departments", json!({"name": "North", "parent_id": company})).await.expect(201);
        let path = format!("/departments/{}", text(&north["id"]));
        let below = admin.post("/departments", json!({"name": "Beijing", "parent_id": north["id"]})).await.expect(201);
        let circle = admin.patch(&path, &north, json!({"parent_id": below["id"]})).await.invalid();
        assert_eq!(circle, [("/parent_id".to_owned(), "cycle".to_owned())]);
        assert_eq!(admin.delete(&path, &north).await.refused(409), "in_use");
        let below_path = format!("/departments/{}", text(&below["id"]));
        admin.delete(&below_path, &below).await.expect(204);
        assert_eq!(admin.send(Method::DELETE, &path, None, None).await.refused(428), "precondition_required");
        admin.delete(&path, &north).await.expect(204);
        assert_eq!(admin.get(&path).await.refused(404), "not_found");
    }
}
