//! Roles and rights over the API: the grid, the last administrator, what somebody may do and why.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn id(record: &Value) -> &str {
    record["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {record}"))
}

fn path(role: &Value) -> String {
    format!("/roles/{}", id(role))
}

async fn shipped(who: &Client, word: &str) -> Value {
    let roles = who.get("/roles").await.expect(200);
    let mut all = roles.as_array().expect("roles").iter();
    all.find(|role| role["shipped"] == word)
        .expect("a role")
        .clone()
}

fn may(module: &str, operation: &str, scope: &str) -> Value {
    json!({"module": module, "operation": operation, "scope": scope})
}

on_both! {
    async fn somebody_who_gives_rights_remains(app: &TestApp) {
        let admin = app.admin().await;
        let role = shipped(&admin, "administrator").await;
        assert_eq!(role["holders"], 1);
        let fewer = json!({"permissions": [may("users", "read", "all"), may("users", "update", "all"), may("customers", "read", "own")]});
        assert_eq!(admin.patch(&path(&role), &role, fewer).await.refused(409), "last_administrator");
        // A role with these rights will do, whatever its name; then the other may lose them.
        let second = json!({"name_zh": "人事", "name_en": "People", "permissions": [
            may("users", "read", "all"), may("users", "update", "all"), may("roles", "read", "all"), may("roles", "update", "all"),
        ]});
        let second = admin.post("/roles", second).await.expect(201);
        let ann = app.user_with_role(id(&second).parse().expect("an id"), app.company().await, "ann@example.com").await;
        let less = json!({"permissions": [may("users", "read", "all"), may("users", "update", "all"), may("roles", "read", "all"), may("roles", "update", "all"), may("audit", "read", "all")]});
        let less = admin.patch(&path(&role), &role, less).await.expect(200);
        admin.patch(&path(&second), &second, json!({"permissions": []})).await.expect(200);
        ann.get("/users").await.refused(403);
        // The trail names each permission.
        let trail = admin.get(&format!("/audit?record_id={}&action=updated", id(&role))).await.expect(200);
        let changes = &trail["items"][0]["changes"];
        assert_eq!((&changes["customers:read"]["old"], &changes["customers:read"]["new"]), (&json!("all"), &Value::Null));
        assert_eq!(changes["users:read"], Value::Null);
        let reset = admin.post_to(&format!("{}/reset", path(&role)), &less, None).await.expect(200);
        assert_eq!(reset["permissions"], role["permissions"]);
        assert_eq!(admin.post_to(&format!("{}/reset", path(&second)), &json!({"version": 2}), None).await.refused(409), "conflict");
    }
}

/// Somebody with a role of these rights.
async fn with_rights(app: &TestApp, admin: &Client, name: &str, rights: Value) -> Client {
    let role = json!({"name_zh": name, "name_en": name, "permissions": rights});
    let role = admin.post("/roles", role).await.expect(201);
    let role = id(&role).parse().expect("an id");
    let email = format!("{name}@example.com");
    app.user_with_role(role, app.company().await, &email).await
}

/// What is wrong, and the text for people.
fn beyond(reply: guanxi_tests::Reply) -> (String, String) {
    let problem = reply.expect(422);
    let error = &problem["errors"][0];
    assert_eq!(error["code"], "rights_beyond", "{problem}");
    let text = |member: &str| error[member].as_str().expect("a text").to_owned();
    (text("pointer"), text("message"))
}

on_both! {
    async fn whoever_keeps_accounts_gives_no_more_than_they_have(app: &TestApp) {
        let admin = app.admin().await;
        let rights = json!([may("users", "read", "all"), may("users", "create", "all"), may("users", "update", "all"), may("customers", "read", "department")]);
        let keeper = with_rights(app, &admin, "keeper", rights).await;
        let me = keeper.get("/me").await.expect(200)["user"].clone();
        let (director, viewer) = (shipped(&admin, "director").await, json!([may("customers", "read", "department")]));
        let viewer = admin.post("/roles", json!({"name_zh": "查看", "name_en": "Viewer", "permissions": viewer})).await.expect(201);
        let (company, north) = (app.company().await, app.department("North").await);

        // Neither another role nor another department for oneself.
        let own = format!("/users/{}", id(&me));
        for change in [json!({"role_id": director["id"]}), json!({"role_id": viewer["id"]}), json!({"department_id": north})] {
            assert_eq!(keeper.patch(&own, &me, change).await.refused(403), "forbidden");
        }
        keeper.patch(&own, &me, json!({"name": "Key"})).await.expect(200);

        let account = |email: &str, role: &Value| json!({"name": "Li", "email": email, "password": "correct horse battery", "role_id": role["id"], "department_id": company});
        let (pointer, said) = beyond(keeper.post("/users", account("li@example.com", &director)).await);
        assert_eq!(pointer, "/role_id");
        assert!(said.starts_with("rights beyond your own: customers:read (all), "), "{said}");
        let li = keeper.post("/users", account("li@example.com", &viewer)).await.expect(201);
        let path = format!("/users/{}", id(&li));
        assert_eq!(beyond(keeper.patch(&path, &li, json!({"role_id": director["id"]})).await).0, "/role_id");
        // One's own rights too are given where one has them only.
        let (pointer, said) = beyond(keeper.patch(&path, &li, json!({"department_id": north})).await);
        assert_eq!((pointer.as_str(), said.as_str()), ("/department_id", "rights beyond your own: customers:read (department)"));
        let elsewhere = json!({"name": "Li", "email": "ning@example.com", "password": "correct horse battery", "role_id": viewer["id"], "department_id": north});
        assert_eq!(beyond(keeper.post("/users", elsewhere).await).0, "/role_id");
        let moved = admin.patch(&path, &li, json!({"department_id": north})).await.expect(200);
        // What somebody else has given is no obstacle to other changes.
        let given = admin.patch(&path, &moved, json!({"role_id": director["id"]})).await.expect(200);
        keeper.patch(&path, &given, json!({"name": "Li Lei"})).await.expect(200);

        let waiting = json!({"name": "Han", "email": "han@example.com", "password": "correct horse battery"});
        let waiting = app.nobody().post("/auth/register", waiting).await.expect(201)["user"].clone();
        let path = format!("/users/{}/activate", id(&waiting));
        let with = |role: &Value| Some(json!({"role_id": role["id"], "department_id": company}));
        assert_eq!(beyond(keeper.post_to(&path, &waiting, with(&director)).await).0, "/role_id");
        keeper.post_to(&path, &waiting, with(&viewer)).await.expect(200);
    }
}

on_both! {
    async fn whoever_keeps_roles_adds_no_more_than_they_have(app: &TestApp) {
        let admin = app.admin().await;
        let rights = json!([may("roles", "read", "all"), may("roles", "create", "all"), may("roles", "update", "all"), may("customers", "read", "department")]);
        let keeper = with_rights(app, &admin, "keeper", rights).await;
        let role = |rights: Value| json!({"name_zh": "新", "name_en": "New", "permissions": rights});
        let wider = json!([may("customers", "read", "all"), may("audit", "read", "all")]);
        let (pointer, said) = beyond(keeper.post("/roles", role(wider)).await);
        assert_eq!((pointer.as_str(), said.as_str()), ("/permissions", "rights beyond your own: customers:read (all), audit:read (all)"));
        let made = keeper.post("/roles", role(json!([may("customers", "read", "department")]))).await.expect(201);
        let wider = json!({"permissions": [may("customers", "read", "department_tree")]});
        beyond(keeper.patch(&path(&made), &made, wider).await);

        // What a role has it keeps; what it has lost only others give back.
        let sales = shipped(&keeper, "sales").await;
        let renamed = keeper.patch(&path(&sales), &sales, json!({"name_en": "Seller"})).await.expect(200);
        assert_eq!(renamed["permissions"], sales["permissions"]);
        let less = keeper.patch(&path(&sales), &renamed, json!({"permissions": []})).await.expect(200);
        beyond(keeper.post_to(&format!("{}/reset", path(&sales)), &less, None).await);
        admin.post_to(&format!("{}/reset", path(&sales)), &less, None).await.expect(200);
    }
}

on_both! {
    async fn an_area_takes_its_operations_only(app: &TestApp) {
        let admin = app.admin().await;
        let body = json!({"name_zh": "怪", "name_en": "Odd", "permissions": [may("settings", "approve", "all")]});
        assert_eq!(admin.post("/roles", body).await.invalid(), [("/permissions".to_owned(), "no_operation".to_owned())]);
    }
}

on_both! {
    async fn rights_are_told_with_their_reasons(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::DepartmentClerk, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let me = |who: Client| async move { who.get("/me").await.expect(200)["user"]["id"].as_str().expect("an id").to_owned() };
        let (ann_id, bob_id) = (me(ann.clone()).await, me(bob.clone()).await);
        let mine = ann.post("/customers", json!({"name": "A"})).await.expect(201);
        let his = bob.post("/customers", json!({"name": "B"})).await.expect(201);
        let rights = admin.get(&format!("/users/{ann_id}/rights")).await.expect(200);
        assert_eq!((&rights["role_en"], &rights["department"], &rights["active"]), (&json!("Department clerk"), &json!("North"), &json!(true)));
        let of_customers = |rights: &Value| rights["reach"].as_array().expect("a list").iter().find(|r| r["module"] == "customers").cloned();
        assert_eq!(of_customers(&rights), Some(json!({"module": "customers", "records": 1, "of": 2})));
        // How many others have is for those who see them.
        let told = ann.get("/me/rights").await.expect(200);
        assert_eq!(of_customers(&told), Some(json!({"module": "customers", "records": 1, "of": null})));
        assert_eq!(told["permissions"], rights["permissions"]);
        assert_eq!(ann.get(&format!("/users/{bob_id}/rights")).await.refused(403), "forbidden");

        let ask = |user: &str, record: &Value, operation: &str| format!("/users/{user}/rights/check?record=customers&record_id={}&operation={operation}", id(record));
        let answer = |value: &Value| (value["allowed"].clone(), value["because"].clone(), value["scope"].clone());
        let check = admin.get(&ask(&ann_id, &mine, "update")).await.expect(200);
        assert_eq!(answer(&check), (json!(true), json!("own"), json!("department")));
        let check = admin.get(&ask(&ann_id, &his, "read")).await.expect(200);
        assert_eq!(answer(&check), (json!(false), Value::Null, json!("department")));
        let check = admin.get(&ask(&ann_id, &mine, "delete")).await.expect(200);
        assert_eq!(answer(&check), (json!(false), Value::Null, Value::Null));
        let share = json!({"user_id": ann_id, "level": "read"});
        bob.send(Method::PUT, &format!("/customers/{}/shares", id(&his)), None, Some(share)).await.expect(200);
        let check = admin.get(&ask(&ann_id, &his, "read")).await.expect(200);
        assert_eq!((answer(&check), &check["share"]["level"]), ((json!(true), json!("shared"), json!("department")), &json!("read")));
        let check = admin.get(&ask(&ann_id, &his, "update")).await.expect(200);
        assert_eq!(check["allowed"], false);
        assert_eq!(ann.get("/me/rights").await.expect(200)["shares"], 1);
        // Nothing is told of records that the caller does not see.
        let mine_only = format!("/me/rights/check?record=customers&record_id={}&operation=read", id(&mine));
        assert_eq!(bob.get(&mine_only).await.refused(404), "not_found");
        assert_eq!(ann.get(&mine_only).await.expect(200)["because"], "own");
        assert_eq!(ann.get("/me/rights/check?record=planets&record_id=x&operation=read").await.refused(400), "invalid_parameter");
    }
}
