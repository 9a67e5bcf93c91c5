//! Segments over HTTP.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both, until};
use reqwest::Method;
use serde_json::{Value, json};

fn path(segment: &Value) -> String {
    format!("/segments/{}", segment["id"].as_str().expect("an id"))
}

fn names(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("a page");
    items.iter().filter_map(|c| c["name"].as_str()).collect()
}

/// Three customers: two active ones, of them one of the department's, and a lost one.
async fn customers(admin: &Client, manager: &Client) -> [Value; 3] {
    let hers = manager
        .post(
            "/customers",
            json!({"name": "A", "stage": "active", "region": "cn_east"}),
        )
        .await
        .expect(201);
    let other = admin
        .post("/customers", json!({"name": "B", "stage": "active"}))
        .await
        .expect(201);
    let lost = admin
        .post("/customers", json!({"name": "C", "stage": "lost"}))
        .await
        .expect(201);
    [hers, other, lost]
}

const ACTIVE: &str = r#"{"field": "stage", "op": "eq", "value": "active"}"#;

fn active() -> Value {
    serde_json::from_str(ACTIVE).expect("JSON")
}

on_both! {
    async fn a_dynamic_segment_from_rule_to_export(app: &TestApp) {
        let admin = app.admin().await;
        let manager = app.user(ShippedRole::DepartmentManager, app.department("North").await, "mei@example.com").await;
        let [hers, ..] = customers(&admin, &manager).await;
        let preview = admin.post("/segments/preview", json!({"filter": active()})).await.expect(200);
        assert_eq!((&preview["customers"]["total"], &preview["composition"]["customers"]), (&json!(2), &json!(2)));
        let region = preview["composition"]["parts"].as_array().into_iter().flatten().find(|p| p["field"] == "region").cloned();
        assert_eq!(region.expect("regions")["groups"], json!([{"value": "cn_east", "customers": 1, "sales": 0}, {"value": null, "customers": 1, "sales": 0}]));

        let segment = admin.post("/segments", json!({"name": "活跃客户", "colour": "green", "kind": "dynamic", "shared": true, "filter": active()})).await.expect(201);
        assert_eq!((&segment["customers"], &segment["mine"], &segment["version"]), (&Value::Null, &json!(true), &json!(1)));
        let at = path(&segment);
        let refreshed = admin.post(&format!("{at}/refresh"), json!({})).await.expect(200);
        assert_eq!((&refreshed["customers"], &refreshed["version"]), (&json!(2), &json!(1)));

        // A manager of one department sees hers: members, numbers, export.
        for (who, seen) in [(&admin, vec!["A", "B"]), (&manager, vec!["A"])] {
            let members = who.get(&format!("{at}/members?with_total=true&sort=name")).await.expect(200);
            assert_eq!((names(&members), &members["total"]), (seen.clone(), &json!(seen.len())));
            assert_eq!(who.get(&format!("{at}/composition")).await.expect(200)["customers"], seen.len());
            assert_eq!(who.get(&at).await.expect(200)["customers"], seen.len());
            assert_eq!(who.get(&format!("{at}/growth")).await.expect(200)["days"][0]["members"], seen.len());
            assert_eq!(who.get(&format!("{at}/memberships?with_total=true")).await.expect(200)["total"], seen.len());
            // The parameter and the tree mean the same.
            let listed = who.get(&format!("/customers?sort=name&segment={}", segment["id"].as_str().expect("an id"))).await.expect(200);
            assert_eq!(names(&listed), seen);
            let outside = json!({"filter": {"field": "segment", "op": "not_in", "value": [segment["id"]]}, "sort": "name"});
            let outside = who.post("/customers/search", outside).await.expect(200);
            assert!(names(&outside).iter().all(|name| !seen.contains(name)));
        }
        let inside = json!({"field": "segment", "op": "in", "value": [segment["id"]]});
        let file = admin.post("/customers/export", json!({"format": "csv", "columns": ["name"], "filter": inside, "sort": "name", "labels": false})).await;
        assert_eq!(file.text.trim_start_matches('\u{feff}'), "name\r\nA\r\nB\r\n");
        admin.post("/views", json!({"record": "customers", "name": "Active", "filter": inside})).await.expect(201);
        assert_eq!(names(&admin.get(&format!("{at}/members?q=a&stage=active")).await.expect(200)), ["A"]);

        // A rule follows its customers at once; what is written down follows when it is told to.
        manager.patch(&format!("/customers/{}", hers["id"].as_str().expect("an id")), &hers, json!({"stage": "lost"})).await.expect(200);
        assert_eq!(names(&admin.get(&format!("{at}/members")).await.expect(200)), ["B"]);
        let now = admin.get(&at).await.expect(200);
        assert_eq!((&now["customers"], &now["change"]), (&json!(2), &json!(2)), "who came and went is no change");
        let job = admin.post("/jobs", json!({"kind": "segment_record"})).await.expect(201);
        app.app.jobs.start().expect("threads");
        let job = format!("/jobs/{}", job["id"].as_str().expect("an id"));
        let done = until("the job", async || {
            let job = admin.get(&job).await.expect(200);
            (job["state"] == "done").then_some(job)
        })
        .await;
        assert_eq!(done["result"], json!({"segments": 1, "broken": []}));
        assert_eq!(admin.get(&at).await.expect(200)["customers"], 1);
    }
}

on_both! {
    async fn a_static_segment_is_a_list(app: &TestApp) {
        let admin = app.admin().await;
        let manager = app.user(ShippedRole::DepartmentManager, app.department("North").await, "mei@example.com").await;
        let [hers, other, lost] = customers(&admin, &manager).await;
        let frozen = admin.post("/segments", json!({"name": "Frozen", "kind": "static", "filter": active()})).await.expect(201);
        assert_eq!((&frozen["customers"], &frozen["filter"]), (&json!(2), &Value::Null));
        let at = path(&frozen);
        let added = admin.post(&format!("{at}/members"), json!({"customer_ids": [lost["id"], other["id"]]})).await.expect(200);
        assert_eq!(added, json!({"joined": 1, "left": 0}));
        let member = format!("{at}/members/{}", other["id"].as_str().expect("an id"));
        for _ in 0..2 {
            admin.send(Method::DELETE, &member, None, None).await.expect(204);
        }
        assert_eq!(names(&admin.get(&format!("{at}/members?sort=name")).await.expect(200)), ["A", "C"]);
        let found = admin.post(&format!("{at}/members"), json!({"filter": active()})).await.expect(200);
        assert_eq!(found["joined"], 1);

        // In bulk, each told by itself.
        let bulk = |action: &str, ids: Value| json!({"ids": ids, "action": action, "segment_id": frozen["id"]});
        let report = admin.post("/customers/bulk", bulk("remove_from_segment", json!([hers["id"], lost["id"]]))).await.expect(200);
        assert_eq!((&report["done"], &report["results"][0]["version"]), (&json!(2), &json!(1)));
        assert_eq!(names(&admin.get(&format!("{at}/members")).await.expect(200)), ["B"]);
        let report = admin.post("/customers/bulk", bulk("add_to_segment", json!([hers["id"]]))).await.expect(200);
        assert_eq!(report["done"], 1);
        assert_eq!(admin.get(&at).await.expect(200)["customers"], 2);
        // It is not hers.
        let report = manager.post("/customers/bulk", bulk("add_to_segment", json!([hers["id"]]))).await.expect(200);
        assert_eq!(report["results"][0]["code"], "not_found");
        let shared = admin.patch(&at, &frozen, json!({"shared": true})).await.expect(200);
        let report = manager.post("/customers/bulk", bulk("add_to_segment", json!([hers["id"]]))).await.expect(200);
        assert_eq!(report["results"][0]["code"], "forbidden");

        // What happened is told, but not how many that somebody else sees.
        let history = admin.get(&format!("{at}/history")).await.expect(200);
        let actions: Vec<&str> = history["items"].as_array().into_iter().flatten().filter_map(|e| e["action"].as_str()).collect();
        assert!(actions.contains(&"created") && actions.contains(&"members_added") && actions.contains(&"members_removed") && actions.contains(&"updated"), "{actions:?}");
        assert_eq!(admin.post(&format!("{at}/refresh"), json!({})).await.refused(409), "segment_static");
        admin.delete(&at, &shared).await.expect(204);
        admin.get(&at).await.refused(404);
    }
}

on_both! {
    async fn the_overlap_of_two_segments_is_listed(app: &TestApp) {
        let admin = app.admin().await;
        let manager = app.user(ShippedRole::DepartmentManager, app.department("North").await, "mei@example.com").await;
        let [hers, ..] = customers(&admin, &manager).await;
        let a = admin.post("/segments", json!({"name": "A", "kind": "dynamic", "shared": true, "filter": active()})).await.expect(201);
        let b = admin.post("/segments", json!({"name": "B", "kind": "static", "shared": true})).await.expect(201);
        let lost = json!({"field": "stage", "op": "eq", "value": "lost"});
        admin.post(&format!("{}/members", path(&b)), json!({"filter": lost})).await.expect(200);
        admin.post(&format!("{}/members", path(&b)), json!({"customer_ids": [hers["id"]]})).await.expect(200);
        let with = format!("{}/overlap?with={}", path(&a), b["id"].as_str().expect("an id"));
        let overlap = admin.get(&with).await.expect(200);
        for (part, seen) in [("only_this", vec!["B"]), ("both", vec!["A"]), ("only_other", vec!["C"])] {
            assert_eq!(overlap[part]["customers"], seen.len(), "{part}");
            let listed = admin.post("/customers/search", json!({"filter": overlap[part]["filter"]})).await.expect(200);
            assert_eq!(names(&listed), seen, "{part}");
        }
        let part = manager.get(&with).await.expect(200);
        assert_eq!((&part["only_this"]["customers"], &part["both"]["customers"], &part["only_other"]["customers"]), (&json!(0), &json!(1), &json!(0)));
        assert_eq!(admin.get(&format!("{}/overlap", path(&a))).await.refused(400), "invalid_parameter");
    }
}

on_both! {
    async fn segments_are_refused_to_whom_and_what_they_should(app: &TestApp) {
        let admin = app.admin().await;
        let company = app.company().await;
        let manager = app.user(ShippedRole::DepartmentManager, company, "mei@example.com").await;
        let seller = app.user(ShippedRole::Sales, company, "li@example.com").await;
        let shared = admin.post("/segments", json!({"name": "A", "kind": "dynamic", "shared": true, "filter": active()})).await.expect(201);
        let private = admin.post("/segments", json!({"name": "B", "kind": "static"})).await.expect(201);
        let at = path(&shared);

        app.nobody().get("/segments").await.refused(401);
        assert_eq!(seller.get("/segments").await.refused(403), "forbidden");
        let filter = json!({"filter": {"field": "segment", "op": "in", "value": [shared["id"]]}});
        assert_eq!(seller.post("/customers/search", filter).await.invalid(), [("/filter/field".to_owned(), "unknown".to_owned())]);
        assert_eq!(manager.get(&path(&private)).await.refused(404), "not_found");
        assert_eq!(names(&manager.get("/segments").await.expect(200)), ["A"]);
        // Hers is not the right to change everybody's.
        assert_eq!(manager.patch(&at, &shared, json!({"name": "X"})).await.refused(403), "forbidden");
        assert_eq!(manager.delete(&at, &shared).await.refused(403), "forbidden");

        assert_eq!(admin.send(Method::PATCH, &at, None, Some(json!({"name": "X"}))).await.refused(428), "precondition_required");
        let renamed = admin.patch(&at, &shared, json!({"name": "X"})).await.expect(200);
        assert_eq!(admin.patch(&at, &shared, json!({"name": "Y"})).await.refused(412), "stale");
        assert_eq!(admin.patch(&at, &renamed, json!({"kind": "static"})).await.invalid()[0].0, "/kind");
        assert_eq!(admin.patch(&at, &renamed, json!({"name": "B"})).await.refused(409), "taken");
        assert_eq!(admin.patch(&path(&private), &private, json!({"filter": active()})).await.invalid()[0], ("/filter".to_owned(), "fixed".to_owned()));
        assert_eq!(admin.post(&format!("{at}/members"), json!({"filter": active()})).await.refused(409), "segment_dynamic");
        assert_eq!(admin.post(&format!("{}/members", path(&private)), json!({})).await.invalid()[0].1, "either");

        for (body, pointer, code) in [
            (json!({"name": "C", "kind": "dynamic"}), "/filter", "required"),
            (json!({"name": "C", "kind": "dynamic", "filter": {"field": "colour", "op": "eq", "value": 1}}), "/filter/field", "unknown"),
            (json!({"name": "C", "kind": "dynamic", "filter": {"field": "segment", "op": "in", "value": ["x"]}}), "/filter/value/0", "type"),
            (json!({"name": "C", "kind": "dynamic", "filter": {"field": "segment", "op": "in", "value": [company]}}), "/filter", "reference"),
            (json!({"name": "C", "kind": "dynamic", "shared": true, "filter": {"field": "segment", "op": "in", "value": [private["id"]]}}), "/filter", "segment_private"),
            (json!({"name": "C", "kind": "dynamic", "filter": {"field": "shared_with_me", "op": "eq", "value": true}}), "/filter", "segment_personal"),
            (json!({"name": "C", "kind": "static", "owner_id": company}), "/owner_id", "reference"),
        ] {
            assert_eq!(admin.post("/segments", body).await.invalid()[0], (pointer.to_owned(), code.to_owned()));
        }

        // A circle is refused with the names that lead round, in both languages.
        let upon = admin.post("/segments", json!({"name": "Z", "kind": "dynamic", "shared": true, "filter": {"not": {"field": "segment", "op": "eq", "value": shared["id"]}}})).await.expect(201);
        let circle = json!({"filter": {"field": "segment", "op": "in", "value": [upon["id"]]}});
        for (who, words) in [(&admin, "the segments lead back to each other: X → Z → X"), (&admin.chinese(), "细分之间互相引用：X → Z → X")] {
            let problem = who.patch(&at, &renamed, circle.clone()).await.expect(422);
            assert_eq!((&problem["errors"][0]["code"], &problem["errors"][0]["message"]), (&json!("segment_cycle"), &json!(words)));
        }
        let preview = json!({"filter": circle["filter"], "segment_id": shared["id"]});
        assert_eq!(admin.post("/segments/preview", preview).await.invalid()[0].1, "segment_cycle");
        assert_eq!(admin.delete(&at, &renamed).await.refused(409), "in_use");
        assert_eq!(admin.patch(&at, &renamed, json!({"shared": false})).await.refused(409), "in_use");
        admin.delete(&path(&upon), &upon).await.expect(204);
        admin.delete(&at, &renamed).await.expect(204);
        // A filter for what is gone says so.
        let gone = format!("/customers?segment={}", shared["id"].as_str().expect("an id"));
        assert_eq!(admin.get(&gone).await.refused(400), "invalid_parameter");
    }
}
