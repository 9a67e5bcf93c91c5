//! Who may do what: every route, and what different people see.

use guanxi_domain::DepartmentId;
use guanxi_domain::permission::{Module, Operation, Scope, ShippedRole};
use guanxi_tests::{Client, TestApp, on_both, operations};
use reqwest::Method;
use serde_json::{Value, json};

/// Routes for everybody who is logged in: they concern the caller, or what all colleagues may know.
pub const FOR_EVERYBODY: &[&str] = &[
    "GET /me",
    "PATCH /me",
    "PUT /me/password",
    "GET /me/sessions",
    "DELETE /me/sessions/{id}",
    "GET /people",
    // Those that act for the caller: see api_key.rs.
    "GET /api-keys",
    "GET /api-keys/{id}",
    "GET /api-keys/{id}/history",
    "POST /api-keys/{id}/revoke",
    "GET /events",
    "GET /notifications",
    "POST /notifications/read-all",
    "POST /notifications/{id}/read",
    "GET /departments",
    "GET /dictionaries",
    "GET /dictionaries/{id}",
    "GET /custom-fields",
    "GET /custom-fields/{id}",
    "GET /me/rights",
    "GET /me/rights/check",
    // Each kind by the permissions on its records: see approval.rs.
    "GET /approvals",
    "POST /approvals",
    "GET /approvals/{id}",
    "GET /approvals/{id}/history",
    "POST /approvals/{id}/approve",
    "POST /approvals/{id}/reject",
    "POST /approvals/{id}/withdraw",
    // Each record type by its own permission: see search.rs.
    "GET /search",
    // Each by the permission to read its records: see view.rs.
    "GET /views",
    "POST /views",
    "GET /views/{id}",
    "PATCH /views/{id}",
    "DELETE /views/{id}",
    "PUT /views/{id}/mark",
];

const SOME_ID: &str = "01900000-0000-7000-8000-000000000000";

on_both! {
    async fn every_route_names_its_permission(app: &TestApp) {
        let admin = app.admin().await;
        let role = admin.post("/roles", json!({"name_zh": "无", "name_en": "None", "permissions": []})).await.expect(201);
        let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let powerless = app.user_with_role(role, app.company().await, "nobody@example.com").await;
        for operation in operations() {
            let at = format!("{} {}", operation.method, operation.path);
            let path = operation.path.replace("{id}", SOME_ID).replace("{user_id}", SOME_ID);
            let method: Method = operation.method.parse().expect("a method");
            if operation.is_public() {
                continue;
            }
            let reply = app.nobody().send(method.clone(), &path, None, None).await;
            assert_eq!(reply.refused(401), "unauthenticated", "{at}");
            let forged = app.nobody().with_token("e30.e30.e30").send(method.clone(), &path, None, None).await;
            assert_eq!(forged.refused(401), "invalid_token", "{at}");
            if FOR_EVERYBODY.contains(&at.as_str()) {
                continue;
            }
            let reply = powerless.send(method, &path, None, None).await;
            let body = reply.expect(403);
            let named = body["detail"].as_str().is_some_and(|d| d.contains(':'));
            assert!(named, "{at} refuses without naming its permission: {body}");
            let permission = body["detail"].as_str().expect("a detail").split_once(':').expect("module:operation");
            let (module, operation): (Module, Operation) = (permission.0.parse().expect("a module"), permission.1.parse().expect("an operation"));
            assert!(module.takes(operation), "{at} takes {module}:{operation}, which no role can have");
        }
    }
}

on_both! {
    async fn one_department_sees_nothing_of_another(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let clerk = app.user(ShippedRole::DepartmentClerk, north, "clerk@example.com").await;
        let customer = ann.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let path = format!("/customers/{}", customer["id"].as_str().expect("an id"));

        for (who, sees) in [(&ann, true), (&bob, false), (&clerk, true), (&admin, true)] {
            let page = who.get("/customers?with_total=true").await.expect(200);
            assert_eq!(page["total"], i32::from(sees));
            assert_eq!(page["items"].as_array().map(Vec::len), Some(usize::from(sees)));
            let found = who.get("/customers?q=%E6%99%A8%E5%85%89&with_total=true").await.expect(200);
            assert_eq!(found["total"], i32::from(sees));
            assert_eq!(who.get(&path).await.status, if sees { 200 } else { 404 });
            assert_eq!(who.get(&format!("{path}/metrics")).await.status, if sees { 200 } else { 404 });
            assert_eq!(who.get(&format!("{path}/evaluations")).await.status, if sees { 200 } else { 404 });
            let quality = who.get("/customers/quality").await.expect(200);
            assert_eq!(quality["customers"], i32::from(sees));
        }
        // Of the same name as a customer that one does not see: nothing tells.
        bob.post("/customers", json!({"name": "晨光商贸"})).await.expect(201);
        let doubles = bob.get("/customers/quality/double?with_total=true").await.expect(200);
        assert_eq!(doubles["total"], 0);
        assert_eq!(admin.get("/customers/quality/double?with_total=true").await.expect(200)["total"], 2);
        // Not to be changed either, and not to be told apart from a customer that does not exist.
        assert_eq!(bob.patch(&path, &customer, json!({"name": "Mine"})).await.refused(404), "not_found");
        assert_eq!(bob.post_to(&format!("{path}/archive"), &customer, None).await.refused(404), "not_found");
        // Nobody gives customers to themselves or away without the right to.
        let bob_id = bob.get("/me").await.expect(200)["user"]["id"].clone();
        assert_eq!(ann.patch(&path, &customer, json!({"owner_id": bob_id})).await.refused(403), "forbidden");
        let moved = admin.patch(&path, &customer, json!({"owner_id": bob_id})).await.expect(200);
        assert_eq!(moved["department_id"], json!(south));
        assert_eq!(ann.get(&path).await.status, 404);
        assert_eq!(bob.get(&path).await.status, 200);
    }
}

/// What a route answers to somebody who asks properly.
async fn statuses(who: &Client, customer: &Value, with: &Value) -> [u16; 5] {
    let path = format!("/customers/{}", customer["id"].as_str().expect("an id"));
    let share = json!({"user_id": with, "level": "read"});
    let request = json!({"kind": "lift_blacklist", "record_id": customer["id"], "reason": "Paid"});
    [
        who.get(&format!("{path}/shares")).await.status,
        who.get(&format!("{path}/access")).await.status,
        who.send(Method::PUT, &format!("{path}/shares"), None, Some(share))
            .await
            .status,
        who.send(
            Method::DELETE,
            &format!("{path}/shares/{SOME_ID}"),
            None,
            None,
        )
        .await
        .status,
        who.post("/approvals", request).await.status,
    ]
}

on_both! {
    async fn every_shipped_role_shares_within_its_scope(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let with = app.user(ShippedRole::Sales, south, "with@example.com").await;
        let with = with.get("/me").await.expect(200)["user"]["id"].clone();
        for role in ShippedRole::ALL {
            let may = role.permissions();
            let who = app.user(*role, north, &format!("{role}@example.com")).await;
            let me = who.get("/me").await.expect(200)["user"]["id"].clone();
            let customer = |owner: Value, department: DepartmentId| {
                let admin = admin.clone();
                async move {
                    let input = json!({"name": "A", "owner_id": owner, "department_id": department});
                    admin.post("/customers", input).await.expect(201)
                }
            };
            for (owner, department, near) in [(me, north, Scope::Own), (Value::Null, north, Scope::Department), (Value::Null, south, Scope::All)] {
                let customer = customer(owner, department).await;
                let reaches = |operation| may.scope(Module::Customers, operation).map(|scope| scope >= near);
                let answer = |operation, fine: u16| match (reaches(operation), reaches(Operation::Read)) {
                    (Some(true), _) => fine,
                    // Seen, but out of reach.
                    (None, _) | (Some(false), Some(true)) => 403,
                    (Some(false), _) => 404,
                };
                let seen = answer(Operation::Read, 200);
                // A customer who is not on the blacklist cannot be taken off it.
                let asked = match reaches(Operation::Update) {
                    None => 403,
                    Some(true) => 409,
                    Some(false) => 422,
                };
                let expected = [seen, seen, answer(Operation::Update, 200), answer(Operation::Update, 404), asked];
                assert_eq!(statuses(&who, &customer, &with).await, expected, "{role} {near}");
            }
        }
    }
}
