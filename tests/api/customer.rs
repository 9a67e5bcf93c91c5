//! Customers: the pattern for every record type.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

fn path(record: &Value) -> String {
    format!(
        "/customers/{}",
        record["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id in {record}"))
    )
}

on_both! {
    async fn a_customer_lives_and_goes(app: &TestApp) {
        let admin = app.admin().await;
        let reply = admin.post("/customers", json!({"name": "上海晨光", "region": "cn_east", "tags": ["VIP"]})).await;
        assert_eq!(reply.headers["etag"], "\"1\"");
        let customer = reply.expect(201);
        assert_eq!(customer["code"], "C000001");
        assert_eq!(admin.get(&path(&customer)).await.expect(200), customer);

        let changed = admin.patch(&path(&customer), &customer, json!({"stage": "active", "region": null})).await.expect(200);
        assert_eq!((&changed["stage"], &changed["region"], &changed["version"]), (&json!("active"), &Value::Null, &json!(2)));
        // The first version is stale now.
        assert_eq!(admin.patch(&path(&customer), &customer, json!({"name": "X"})).await.refused(412), "stale");
        let without = admin.send(Method::PATCH, &path(&customer), None, Some(json!({"name": "X"}))).await;
        assert_eq!(without.refused(428), "precondition_required");

        let archived = admin.post_to(&format!("{}/archive", path(&customer)), &changed, None).await.expect(200);
        assert_eq!(admin.get("/customers?with_total=true").await.expect(200)["total"], 0);
        assert_eq!(admin.get("/customers?with_total=true&archived_at=any").await.expect(200)["total"], 1);
        assert_eq!(admin.post_to(&format!("{}/archive", path(&customer)), &archived, None).await.refused(409), "conflict");
        let restored = admin.post_to(&format!("{}/restore", path(&customer)), &archived, None).await.expect(200);

        let black = json!({"reason": "三张发票未付", "until": "2999-12-31"});
        let listed = admin.post_to(&format!("{}/blacklist", path(&customer)), &restored, Some(black)).await.expect(200);
        assert_eq!((&listed["blacklisted"], &listed["blacklist"]["reason"]), (&json!(true), &json!("三张发票未付")));
        let free = admin.post_to(&format!("{}/unblacklist", path(&customer)), &listed, None).await.expect(200);
        admin.delete(&path(&customer), &free).await.expect(204);
        assert_eq!(admin.get(&path(&customer)).await.refused(404), "not_found");

        // Everything is in the audit trail.
        let history = admin.get(&format!("/audit?record_type=customers&sort=at&record_id={}", customer["id"].as_str().expect("id"))).await.expect(200);
        let actions: Vec<_> = history["items"].as_array().into_iter().flatten().map(|e| e["action"].clone()).collect();
        assert_eq!(json!(actions), json!(["created", "updated", "archived", "restored", "blacklisted", "unblacklisted", "deleted"]));
        assert_eq!(history["items"][1]["changes"], json!({"stage": {"old": "potential", "new": "active"}, "region": {"old": "cn_east", "new": null}, "completeness": {"old": 14, "new": 7}}));
    }
}

on_both! {
    async fn bad_input_is_named_by_its_place(app: &TestApp) {
        let admin = app.admin().await;
        let errors = |body: Value| {
            let admin = admin.clone();
            async move { admin.post("/customers", body).await.invalid() }
        };
        assert_eq!(errors(json!({})).await, [("/name".into(), "required".into())]);
        assert_eq!(errors(json!({"name": "A", "colour": 1})).await, [("/colour".into(), "unknown".into())]);
        assert_eq!(errors(json!({"name": "A", "version": 7})).await, [("/version".into(), "unknown".into())]);
        assert_eq!(errors(json!({"name": "A", "stage": "asleep"})).await, [("/stage".into(), "type".into())]);
        assert_eq!(errors(json!({"name": "A", "region": "mars"})).await, [("/region".into(), "dictionary".into())]);
        assert_eq!(errors(json!({"name": "A", "phone": "call me", "company": {"registered_capital": -1}})).await,
            [("/company/registered_capital".into(), "range".into()), ("/phone".into(), "phone".into())]);
        let nowhere = "01900000-0000-7000-8000-000000000000";
        assert_eq!(errors(json!({"name": "A", "parent_id": nowhere})).await, [("/parent_id".into(), "reference".into())]);
        assert_eq!(errors(json!({"name": "A", "owner_id": nowhere})).await, [("/owner_id".into(), "reference".into())]);

        admin.post("/customers", json!({"name": "A", "code": "K-1"})).await.expect(201);
        assert_eq!(admin.post("/customers", json!({"name": "B", "code": "K-1"})).await.refused(409), "taken");
        let broken = admin.send_bytes(Method::POST, "/customers", None, Some(("application/json", b"{".to_vec()))).await;
        assert_eq!(broken.refused(400), "malformed_json");
        let xml = admin.send_bytes(Method::POST, "/customers", None, Some(("text/xml", b"<a/>".to_vec()))).await;
        assert_eq!(xml.refused(415), "unsupported_media_type");
        let huge = format!("{{\"name\": \"{}\"}}", "a".repeat(2 << 20));
        let huge = admin.send_bytes(Method::POST, "/customers", None, Some(("application/json", huge.into_bytes()))).await;
        assert_eq!(huge.refused(413), "body_too_large");
        let listed = admin.post("/customers/search", json!([])).await;
        assert_eq!(listed.invalid(), [(String::new(), "type".into())]);
        let text = json!({"name": "A", "company": {"bank": "I\u{0}C"}});
        assert_eq!(errors(text).await, [("/company/bank".into(), "characters".into())]);
        assert_eq!(admin.get("/customers/no-id").await.refused(404), "not_found");
        assert_eq!(admin.get("/customers?colour=red").await.refused(400), "unknown_parameter");
        assert_eq!(admin.get("/customers?cursor=00").await.refused(400), "invalid_cursor");
    }
}

on_both! {
    async fn what_was_expected_is_said_in_the_callers_language(app: &TestApp) {
        let en = app.admin().await;
        let zh = en.chinese();
        for (parameter, expected, chinese) in [
            ("limit=0", "expected 1 to 200", "应为 1 到 200"),
            ("owner_id=x", "expected a UUID", "应为 UUID"),
            ("kind=x", "expected one of company, person", "应为以下之一：company、person"),
        ] {
            let path = format!("/customers?{parameter}");
            assert_eq!(en.get(&path).await.expect(400)["errors"][0]["message"], expected);
            assert_eq!(zh.get(&path).await.expect(400)["errors"][0]["message"], chinese);
        }
        let nameless = json!({"name": {"first": "A"}});
        let refused = en.post("/customers", nameless.clone()).await.expect(422);
        assert_eq!(refused["errors"][0]["message"], "not of the expected type: expected a string");
        let refused = zh.post("/customers", nameless).await.expect(422);
        assert_eq!(refused["errors"][0]["message"], "类型不符：应为字符串");
    }
}

on_both! {
    async fn pages_hold_every_customer_once_in_order(app: &TestApp) {
        let admin = app.admin().await;
        for i in 0..25 {
            // Equal names, and regions that are empty: what paging stumbles over.
            let region = if i % 3 == 0 { Value::Null } else { json!(["cn_east", "cn_north"][i % 2]) };
            admin.post("/customers", json!({"name": format!("客户{}", i / 5), "region": region})).await.expect(201);
        }
        for sort in ["name", "-name", "created_at", "region", "-region", "region,-name", "-name,region", "code,-created_at", "sales"] {
            let whole = admin.get(&format!("/customers?limit=200&sort={sort}")).await.expect(200)["items"].clone();
            let whole = whole.as_array().expect("items");
            assert_eq!(whole.len(), 25);
            let mut seen = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = admin.get(&format!("/customers?limit=4&sort={sort}{cursor}")).await.expect(200);
                seen.extend(page["items"].as_array().expect("items").iter().map(|c| c["id"].clone()));
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let ids: Vec<_> = whole.iter().map(|c| c["id"].clone()).collect();
            assert_eq!(seen, ids, "sort={sort}");
            let first = sort.split(',').next().unwrap_or_default();
            if first.ends_with("region") {
                let empty: Vec<bool> = whole.iter().map(|c| c["region"].is_null()).collect();
                assert!(empty.is_sorted(), "{sort}: empty values come last");
            }
        }
        // A cursor belongs to its query.
        let page = admin.get("/customers?limit=4&sort=name").await.expect(200);
        let cursor = page["next_cursor"].as_str().expect("more").to_owned();
        assert_eq!(admin.get(&format!("/customers?limit=4&sort=-name&cursor={cursor}")).await.refused(400), "invalid_cursor");
    }
}

on_both! {
    async fn filters_are_typed(app: &TestApp) {
        let admin = app.admin().await;
        admin.post("/customers", json!({"name": "甲", "stage": "active", "tags": ["a_b"], "phone": "010-6552 9988"})).await.expect(201);
        admin.post("/customers", json!({"name": "乙", "stage": "lost", "tags": ["axb"], "owner_id": null})).await.expect(201);
        for (query, total) in [
            ("stage=active", 1), ("stage=active,lost", 2), ("stage=potential", 0), ("tags=a_b", 1), ("owner_id=none", 1),
            ("owner_id=any", 1), ("created_at_min=2020-01-01", 2), ("created_at_max=2020-01-01", 0), ("sales_min=1", 0),
            ("sales_max=0", 2), ("blacklisted=true", 0), ("q=65529988", 1), ("q=%25", 0), ("q=%E7%94%B2", 1), ("name=%E4%B9%99", 1),
        ] {
            let page = admin.get(&format!("/customers?with_total=true&{query}")).await.expect(200);
            assert_eq!(page["total"], total, "{query}");
            assert_eq!(page["items"].as_array().map(Vec::len), Some(total), "{query}");
        }
    }
}

on_both! {
    async fn evaluations_are_kept_and_quality_is_counted(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "甲", "email": "a@b.cn"})).await.expect(201);
        admin.post("/customers", json!({"name": "甲"})).await.expect(201);
        let evaluations = format!("{}/evaluations", path(&customer));
        let scores = |day: &str, n: i32| json!({"evaluated_on": day, "keenness": n, "capability": 3, "credit": 5, "social_standing": 1});
        admin.post(&evaluations, scores("2026-01-01", 2)).await.expect(201);
        admin.post(&evaluations, scores("2026-06-01", 4)).await.expect(201);
        assert_eq!(admin.post(&evaluations, scores("2026-06-01", 6)).await.invalid(), [("/keenness".into(), "range".into())]);
        assert_eq!(admin.post(&evaluations, scores("2999-01-01", 4)).await.invalid(), [("/evaluated_on".into(), "future".into())]);
        let kept = admin.get(&evaluations).await.expect(200);
        assert_eq!((&kept[0]["keenness"], &kept[1]["keenness"]), (&json!(4), &json!(2)));

        let report = admin.get("/customers/quality").await.expect(200);
        let count = |finding: &str| {
            report["findings"].as_array().into_iter().flatten().find(|f| f["finding"] == finding).map(|f| f["customers"].clone())
        };
        assert_eq!(count("double"), Some(json!(2)));
        assert_eq!(count("no_phone_or_email"), Some(json!(1)));
        assert_eq!(count("no_owner"), Some(json!(0)));
        let doubles = admin.get("/customers/quality/double").await.expect(200);
        assert_eq!(doubles["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(admin.get("/customers/quality/nonsense").await.refused(404), "not_found");
    }
}

on_both! {
    async fn only_administrators_delete_for_good(app: &TestApp) {
        app.admin().await;
        let manager = app.user(ShippedRole::DepartmentManager, app.company().await, "m@example.com").await;
        let customer = manager.post("/customers", json!({"name": "甲"})).await.expect(201);
        assert_eq!(manager.delete(&path(&customer), &customer).await.refused(403), "forbidden");
        let analyst = app.user(ShippedRole::Analyst, app.company().await, "a@example.com").await;
        assert_eq!(analyst.patch(&path(&customer), &customer, json!({"name": "乙"})).await.refused(403), "forbidden");
        assert_eq!(analyst.get(&path(&customer)).await.expect(200)["name"], "甲");
    }
}

on_both! {
    async fn a_blacklisting_is_replaced_by_no_shorter_one(app: &TestApp) {
        let admin = app.admin().await;
        let customer = admin.post("/customers", json!({"name": "甲"})).await.expect(201);
        let address = format!("{}/blacklist", path(&customer));
        let today = guanxi_domain::Timestamp::now().date();
        let until = |reason: &str, day: Value| Some(json!({"reason": reason, "until": day}));
        let first = admin.post_to(&address, &customer, until("三张发票未付", json!("2998-12-31"))).await.expect(200);
        for sooner in [json!(today.plus_days(1)), json!("2998-12-30")] {
            assert_eq!(admin.post_to(&address, &first, until("Paid", sooner)).await.refused(409), "approval_needed");
        }
        let second = admin.post_to(&address, &first, until("五张", json!("2998-12-31"))).await.expect(200);
        let last = admin.post_to(&address, &second, until("全部", Value::Null)).await.expect(200);
        assert_eq!(admin.post_to(&address, &last, until("Paid", json!("2999-12-31"))).await.refused(409), "approval_needed");
        let history = admin.get(&format!("{}/history", path(&customer))).await.expect(200);
        let reasons: Vec<_> = history["items"].as_array().into_iter().flatten().filter(|e| e["action"] == "blacklisted").map(|e| e["changes"]["blacklist"]["new"]["reason"].clone()).collect();
        assert_eq!(json!(reasons), json!(["全部", "五张", "三张发票未付"]));
    }
}

on_both! {
    async fn a_department_is_changed_by_those_who_assign(app: &TestApp) {
        app.admin().await;
        let (company, north, south) = (app.company().await, app.department("North").await, app.department("South").await);
        let clerk = app.user(ShippedRole::DepartmentClerk, north, "clerk@example.com").await;
        let manager = app.user(ShippedRole::DepartmentManager, company, "manager@example.com").await;
        let customer = clerk.post("/customers", json!({"name": "甲"})).await.expect(201);
        assert_eq!(clerk.patch(&path(&customer), &customer, json!({"department_id": south})).await.refused(403), "forbidden");
        let changed = clerk.patch(&path(&customer), &customer, json!({"department_id": north, "name": "乙"})).await.expect(200);
        let moved = manager.patch(&path(&customer), &changed, json!({"department_id": south})).await.expect(200);
        assert_eq!(moved["department_id"], json!(south));
    }
}

on_both! {
    async fn a_parent_is_one_that_is_seen(app: &TestApp) {
        let admin = app.admin().await;
        let ann = app.user(ShippedRole::Sales, app.department("North").await, "ann@example.com").await;
        let hidden = admin.post("/customers", json!({"name": "Hidden"})).await.expect(201);
        let mine = ann.post("/customers", json!({"name": "Mine"})).await.expect(201);
        let unknown = [("/parent_id".to_owned(), "reference".to_owned())];
        assert_eq!(ann.post("/customers", json!({"name": "New", "parent_id": hidden["id"]})).await.invalid(), unknown);
        assert_eq!(ann.patch(&path(&mine), &mine, json!({"parent_id": hidden["id"]})).await.invalid(), unknown);
        // One that somebody else has chosen may stay.
        let child = admin.patch(&path(&mine), &mine, json!({"parent_id": hidden["id"]})).await.expect(200);
        let changed = ann.patch(&path(&mine), &child, json!({"name": "Still mine"})).await.expect(200);
        assert_eq!(changed["parent_id"], hidden["id"]);
    }
}
