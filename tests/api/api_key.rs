//! API keys: what a program may do in somebody's name, and what it never may.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both, operations, until};
use reqwest::Method;
use serde_json::{Value, json};

use crate::permission::FOR_EVERYBODY;

/// What concerns a person's account: not for keys, whatever they may do.
const PEOPLE_ONLY: &[&str] = &[
    "PATCH /me",
    "PUT /me/password",
    "GET /me/sessions",
    "DELETE /me/sessions/{id}",
    "GET /notifications",
    "POST /notifications/read-all",
    "POST /notifications/{id}/read",
    "GET /api-keys",
    "GET /api-keys/{id}",
    "GET /api-keys/{id}/history",
    "POST /api-keys/{id}/revoke",
];

fn rights(words: &[&str]) -> Value {
    let right = |word: &&str| {
        let (module, operation) = word.split_once(':').expect("module:operation");
        json!({"module": module, "operation": operation})
    };
    words.iter().map(right).collect()
}

/// A key, and a client that uses it.
async fn key(
    app: &TestApp,
    by: &Client,
    whom: &Client,
    name: &str,
    words: &[&str],
) -> (Value, Client) {
    let whom = whom.get("/me").await.expect(200)["user"]["id"].clone();
    let body = json!({"user_id": whom, "name": name, "permissions": rights(words)});
    let made = by.post("/api-keys", body).await.expect(201);
    let client = app
        .nobody()
        .with_token(made["secret"].as_str().expect("a key"));
    (made["key"].clone(), client)
}

fn path(record: &str, value: &Value) -> String {
    format!("/{record}/{}", value["id"].as_str().expect("an id"))
}

on_both! {
    async fn a_key_does_what_it_was_given_and_nothing_else(app: &TestApp) {
        let admin = app.admin().await;
        let (shown, erp) = key(app, &admin, &admin, "ERP", &["customers:read", "customers:create"]).await;
        let prefix = shown["prefix"].as_str().expect("a beginning");
        assert!(prefix.starts_with("gx_") && prefix.len() == 7, "{prefix}");
        let customer = erp.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        erp.get(&path("customers", &customer)).await.expect(200);
        assert_eq!(erp.patch(&path("customers", &customer), &customer, json!({"name": "B"})).await.refused(403), "forbidden");
        assert_eq!(erp.get("/orders").await.refused(403), "forbidden");
        // Events and search by the same rights.
        assert_eq!(erp.get("/search?q=%E6%99%A8%E5%85%89").await.expect(200)["items"][0]["id"], customer["id"]);

        let me = erp.get("/me").await.expect(200);
        assert_eq!(me["permissions"].as_array().map(Vec::len), Some(2));
        // The list tells neither the key nor its hash.
        let listed = admin.get("/api-keys").await.expect(200).to_string();
        assert!(listed.contains(prefix) && !listed.contains("secret") && !listed.contains("hash"), "{listed}");
        // By which key it was done is known for good.
        let history = admin.get(&format!("{}/history", path("customers", &customer))).await.expect(200);
        assert_eq!(history["items"][0]["key_name"], "ERP");
        assert_eq!(history["items"][0]["user_id"], me["user"]["id"]);
        let trail = admin.get(&format!("/audit?key_id={}", shown["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(trail["items"].as_array().map(Vec::len), Some(1));
    }
}

on_both! {
    async fn no_route_gives_a_key_more_than_its_rights(app: &TestApp) {
        let admin = app.admin().await;
        let (_, erp) = key(app, &admin, &admin, "ERP", &["warnings:read"]).await;
        for operation in operations() {
            let at = format!("{} {}", operation.method, operation.path);
            let for_people = PEOPLE_ONLY.contains(&at.as_str());
            if operation.is_public() || FOR_EVERYBODY.contains(&at.as_str()) && !for_people {
                continue;
            }
            let method: Method = operation.method.parse().expect("a method");
            let path = operation.path.replace("{id}", "01900000-0000-7000-8000-000000000000");
            let refused = erp.send(method, &path, None, None).await.refused(403);
            let expected = if for_people { "people_only" } else { "forbidden" };
            assert_eq!(refused, expected, "{at}");
        }
    }
}

on_both! {
    async fn a_key_acts_within_the_scope_of_the_person(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let (_, erp) = key(app, &admin, &ann, "ERP", &["customers:read"]).await;
        let mine = ann.post("/customers", json!({"name": "Mine"})).await.expect(201);
        let other = bob.post("/customers", json!({"name": "Other"})).await.expect(201);
        let page = erp.get("/customers?with_total=true").await.expect(200);
        assert_eq!(page["total"], 1);
        assert_eq!(page["items"][0]["id"], mine["id"]);
        assert_eq!(erp.get(&path("customers", &other)).await.refused(404), "not_found");
        let me = json!({"filter": {"field": "owner_id", "op": "in", "value": ["me"]}});
        let owned = erp.post("/customers/search", me).await.expect(200);
        assert_eq!(owned["items"][0]["id"], mine["id"], "me is the person that the key acts for");
    }
}

on_both! {
    async fn a_key_ends_with_whatever_it_rests_on(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.company().await, "ann@example.com").await;
        let (_, erp) = key(app, &admin, &ann, "ERP", &["customers:read", "products:read"]).await;
        erp.get("/customers").await.expect(200);

        // The role shrinks: felt at once.
        let roles = admin.get("/roles").await.expect(200);
        let sales = roles.as_array().expect("roles").iter().find(|r| r["shipped"] == "sales").expect("sales").clone();
        let less: Vec<_> = sales["permissions"].as_array().expect("rights").iter().filter(|p| p["module"] != "customers").cloned().collect();
        admin.patch(&path("roles", &sales), &sales, json!({"permissions": less})).await.expect(200);
        assert_eq!(erp.get("/customers").await.refused(403), "forbidden");
        erp.get("/products").await.expect(200);

        // The person is frozen, and comes back.
        let id = ann.get("/me").await.expect(200)["user"]["id"].as_str().expect("an id").to_owned();
        let user = admin.get(&format!("/users/{id}")).await.expect(200);
        let frozen = admin.post_to(&format!("/users/{id}/freeze"), &user, None).await.expect(200);
        let refused = erp.get("/products").await.expect(401);
        assert_eq!((&refused["code"], &refused["detail"]), (&json!("invalid_token"), &json!("account_frozen")));
        admin.post_to(&format!("/users/{id}/unfreeze"), &frozen, None).await.expect(200);
        erp.get("/products").await.expect(200);
    }
}

on_both! {
    async fn a_revoked_and_an_expired_key_are_refused(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.company().await, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, app.company().await, "bob@example.com").await;
        let (shown, erp) = key(app, &admin, &ann, "ERP", &["customers:read"]).await;
        let at = path("api-keys", &shown);
        // Whom it acts for may end it; nobody else without the right to change settings knows of it.
        assert_eq!(bob.get(&at).await.refused(404), "not_found");
        assert_eq!(bob.post_to(&format!("{at}/revoke"), &shown, None).await.refused(404), "not_found");
        assert_eq!(ann.get("/api-keys").await.expect(200)["items"][0]["id"], shown["id"]);
        assert_eq!(ann.patch(&at, &shown, json!({"name": "Mine"})).await.refused(403), "forbidden");
        let mine = json!({"name": "Mine", "permissions": rights(&["customers:read"])});
        assert_eq!(ann.post("/api-keys", mine).await.refused(403), "forbidden");
        let revoked = ann.post_to(&format!("{at}/revoke"), &shown, None).await.expect(200);
        assert!(revoked["revoked_at"].is_string());
        let refused = erp.get("/customers").await.expect(401);
        assert_eq!((&refused["code"], &refused["detail"]), (&json!("invalid_token"), &json!("key_revoked")));
        // For good.
        assert_eq!(admin.patch(&at, &revoked, json!({"name": "Again"})).await.refused(409), "conflict");

        let (shown, erp) = key(app, &admin, &admin, "Soon", &["customers:read"]).await;
        let soon = guanxi_domain::Timestamp::now().plus_seconds(1);
        admin.patch(&path("api-keys", &shown), &shown, json!({"expires_at": soon})).await.expect(200);
        until("the end of the key", async || (erp.get("/customers").await.status == 401).then_some(())).await;
        assert_eq!(erp.get("/customers").await.expect(401)["detail"], "key_expired");
    }
}

on_both! {
    async fn making_a_key_makes_nobody_mightier(app: &TestApp) {
        let admin = app.admin().await;
        let company = app.company().await;
        let keeper = json!([
            {"module": "settings", "operation": "read", "scope": "all"},
            {"module": "settings", "operation": "update", "scope": "all"},
            {"module": "customers", "operation": "read", "scope": "department"},
        ]);
        let role = admin.post("/roles", json!({"name_zh": "钥匙", "name_en": "Keeper", "permissions": keeper})).await.expect(201);
        let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let keeper = app.user_with_role(role, company, "keeper@example.com").await;
        let director = app.user(ShippedRole::Director, company, "director@example.com").await;
        let director = director.get("/me").await.expect(200)["user"]["id"].clone();
        let make = async |whom: &Value, words: &[&str]| {
            keeper.post("/api-keys", json!({"user_id": whom, "name": "Key", "permissions": rights(words)})).await
        };
        // More than one has oneself: of more records, or at all.
        for words in [&["customers:read"][..], &["orders:read"]] {
            let wrong = make(&director, words).await.invalid();
            assert_eq!(wrong, [("/permissions/0".to_owned(), "right_not_held".to_owned())], "{words:?}");
        }
        let me = keeper.get("/me").await.expect(200)["user"]["id"].clone();
        make(&me, &["customers:read"]).await.expect(201);
        assert_eq!(make(&me, &["customers:read"]).await.refused(409), "taken");
        // What would let a key give itself, or another log-in, more.
        for words in [&["users:create"][..], &["roles:update"], &["settings:update"], &["webhooks:create"], &["customers:approve"], &[]] {
            let body = json!({"name": "Too much", "permissions": rights(words)});
            let wrong = admin.post("/api-keys", body).await.invalid();
            assert_eq!(wrong, [("/permissions".to_owned(), "rights".to_owned())], "{words:?}");
        }
        let nobody = json!("01900000-0000-7000-8000-000000000000");
        assert_eq!(make(&nobody, &["customers:read"]).await.invalid()[0].0, "/user_id");
        let past = json!({"name": "Past", "permissions": rights(&["customers:read"]), "expires_at": "2020-01-01T00:00:00Z"});
        assert_eq!(admin.post("/api-keys", past).await.invalid(), [("/expires_at".to_owned(), "past".to_owned())]);
    }
}

on_both! {
    async fn a_key_for_another_reaches_what_its_maker_reaches(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let ann = ann.get("/me").await.expect(200)["user"]["id"].clone();
        // Another's own is not one's own; it is within a tree that holds their department.
        for (scope, at, allowed) in [
            ("own", north, false), ("department", north, false), ("department_tree", south, false),
            ("department_tree", north, true), ("department_tree", app.company().await, true), ("all", south, true),
        ] {
            let name = format!("{scope} {at}");
            let may = |module: &str, operation: &str, scope: &str| json!({"module": module, "operation": operation, "scope": scope});
            let rights = json!([may("settings", "read", "all"), may("settings", "update", "all"), may("customers", "read", scope)]);
            let role = admin.post("/roles", json!({"name_zh": name, "name_en": name, "permissions": rights})).await.expect(201);
            let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
            let maker = app.user_with_role(role, at, &format!("{scope}{at}@example.com")).await;
            let body = json!({"user_id": ann, "name": name, "permissions": self::rights(&["customers:read"])});
            let made = maker.post("/api-keys", body).await;
            if allowed {
                made.expect(201);
            } else {
                assert_eq!(made.invalid(), [("/permissions/0".to_owned(), "right_not_held".to_owned())], "{name}");
            }
        }
    }
}

on_both! {
    async fn its_use_is_noted(app: &TestApp) {
        let admin = app.admin().await;
        let (shown, erp) = key(app, &admin, &admin, "ERP", &["customers:read"]).await;
        assert_eq!(shown["last_used_at"], json!(null));
        let at = path("api-keys", &shown);
        erp.get("/customers").await.expect(200);
        let first = until("a note of its use", async || {
            let key = admin.get(&at).await.expect(200);
            key["last_used_at"].is_string().then_some(key)
        }).await;
        assert_eq!((&first["version"], &first["last_used_ip"]), (&shown["version"], &json!("127.0.0.1")));
        for _ in 0..5 {
            erp.get("/customers").await.expect(200);
        }
        // What comes within the minute writes nothing: this change would wait behind it.
        let changed = admin.patch(&at, &first, json!({"name": "ERP 2"})).await.expect(200);
        assert_eq!(changed["last_used_at"], first["last_used_at"]);
    }
}

on_both! {
    async fn whoever_tries_keys_has_to_wait(app: &TestApp) {
        let admin = app.admin().await;
        let (_, erp) = key(app, &admin, &admin, "ERP", &["customers:read"]).await;
        erp.get("/customers").await.expect(200);
        let try_one = async |number: u32| app.nobody().with_token(&format!("gx_{number:064}")).get("/customers").await;
        for number in 0..4 {
            assert_eq!(try_one(number).await.refused(401), "invalid_token");
        }
        let number = std::cell::Cell::new(4);
        let waiting = until("patience", async || {
            number.set(number.get() + 1);
            let reply = try_one(number.get()).await;
            (reply.status == 429).then_some(reply)
        }).await;
        assert!(waiting.headers.contains_key("retry-after"));
        assert_eq!(waiting.refused(429), "too_many_attempts");
        // A program behind the same address that has the right key goes on.
        erp.get("/customers").await.expect(200);
        admin.get("/customers").await.expect(200);
    }
}

on_both! {
    async fn a_key_and_its_person_are_two_senders(app: &TestApp) {
        let admin = app.admin().await;
        let (_, erp) = key(app, &admin, &admin, "ERP", &["customers:create", "tickets:create", "tickets:read", "tickets:assign", "customers:read"]).await;
        let body = json!({"name": "Once"});
        let by_person = admin.with_key("42").post("/customers", body.clone()).await.expect(201);
        let by_key = erp.with_key("42").post("/customers", body.clone()).await.expect(201);
        assert_ne!(by_person["id"], by_key["id"], "their Idempotency-Keys are their own");
        assert_eq!(erp.with_key("42").post("/customers", body).await.expect(201)["id"], by_key["id"]);

        // Work that a program gives to its own person is news to them.
        let me = admin.get("/me").await.expect(200)["user"]["id"].clone();
        let ticket = json!({"customer_id": by_key["id"], "subject": "From the shop", "kind": "inquiry", "channel": "portal", "priority": "normal", "owner_id": me});
        let ticket = erp.post("/tickets", ticket).await.expect(201);
        let told = admin.get("/notifications").await.expect(200);
        assert_eq!(told["items"][0]["record_id"], ticket["id"], "{told}");
    }
}
