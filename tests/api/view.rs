//! Saved views.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(view: &Value) -> String {
    format!("/views/{}", view["id"].as_str().expect("an id"))
}

fn names(views: &Value) -> Vec<&str> {
    let views = views.as_array().expect("views");
    views.iter().filter_map(|v| v["name"].as_str()).collect()
}

on_both! {
    async fn a_view_is_kept_shared_and_marked(app: &TestApp) {
        let admin = app.admin().await;
        let li = app.user(ShippedRole::Sales, app.company().await, "li@example.com").await;
        let filter = json!({"and": [{"field": "stage", "op": "in", "value": ["active"]}, {"field": "owner_id", "op": "eq", "value": "me"}]});
        let mine = json!({"record": "customers", "name": "Mine", "filter": filter, "sort": "-sales", "columns": [{"field": "name", "width": 200}], "density": "compact"});
        let view = li.post("/views", mine.clone()).await.expect(201);
        assert_eq!((&view["filter"], &view["mine"], &view["default"]), (&filter, &json!(true), &json!(false)));
        assert_eq!(li.post("/views", mine).await.refused(409), "taken");
        // Others see it when it is shared.
        assert_eq!(names(&admin.get("/views?record=customers").await.expect(200)), [""; 0]);
        assert_eq!(admin.get(&path(&view)).await.refused(404), "not_found");
        let shared = li.patch(&path(&view), &view, json!({"shared": true, "filter": {"field": "stage", "op": "eq", "value": "lost"}})).await.expect(200);
        // The tree is another one, not a mixture of both.
        assert_eq!(shared["filter"], json!({"field": "stage", "op": "eq", "value": "lost"}));
        let seen = admin.get(&path(&view)).await.expect(200);
        assert_eq!((&seen["mine"], &seen["owner_name"].is_string()), (&json!(false), &true));
        assert_eq!(li.patch(&path(&view), &view, json!({"name": "X"})).await.refused(412), "stale");

        // Marks are everybody's own.
        let second = li.post("/views", json!({"record": "customers", "name": "Second"})).await.expect(201);
        let mark = |view: &Value, pinned: bool, default: bool| {
            let (li, at) = (li.clone(), format!("{}/mark", path(view)));
            async move { li.send(Method::PUT, &at, None, Some(json!({"pinned": pinned, "default": default}))).await.expect(200) }
        };
        assert_eq!(mark(&view, true, true).await["default"], true);
        assert_eq!(mark(&second, false, true).await["default"], true);
        let views = li.get("/views?record=customers").await.expect(200);
        let marks: Vec<_> = views.as_array().into_iter().flatten().map(|v| (v["name"].clone(), v["pinned"].clone(), v["default"].clone())).collect();
        assert_eq!(json!(marks), json!([["Mine", true, false], ["Second", false, true]]));
        assert_eq!(admin.get(&path(&view)).await.expect(200)["pinned"], false);
        assert_eq!(names(&li.get("/views?record=orders").await.expect(200)), [""; 0]);

        // Administrators tidy up what is shared; colleagues do not.
        let wang = app.user(ShippedRole::Sales, app.company().await, "wang@example.com").await;
        assert_eq!(wang.delete(&path(&view), &shared).await.refused(403), "forbidden");
        admin.delete(&path(&view), &shared).await.expect(204);
        assert_eq!(names(&li.get("/views").await.expect(200)), ["Second"]);
    }
}

on_both! {
    async fn what_a_view_cannot_mean_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        for (change, pointer, code) in [
            (json!({"filter": {"not": {"field": "colour", "op": "eq", "value": 1}}}), "/filter/not/field", "unknown"),
            (json!({"sort": "phone"}), "/sort", "type"),
            (json!({"columns": [{"field": "colour"}]}), "/columns", "columns"),
            (json!({"record": "moons"}), "/record", "type"),
            (json!({"name": " "}), "/name", "required"),
        ] {
            let mut body = json!({"record": "customers", "name": "A"});
            for (name, value) in change.as_object().expect("members") {
                body[name] = value.clone();
            }
            let errors = admin.post("/views", body).await.invalid();
            assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{change}");
        }
        let view = admin.post("/views", json!({"record": "customers", "name": "A"})).await.expect(201);
        let errors = admin.patch(&path(&view), &view, json!({"record": "orders"})).await.invalid();
        assert_eq!(errors[0].0, "/record");
        assert_eq!(admin.get("/views?record=moons").await.refused(400), "invalid_parameter");
        let role = admin.post("/roles", json!({"name_zh": "无", "name_en": "None", "permissions": []})).await.expect(201);
        let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let powerless = app.user_with_role(role, app.company().await, "nobody@example.com").await;
        assert_eq!(powerless.post("/views", json!({"record": "customers", "name": "A"})).await.refused(403), "forbidden");
    }
}
