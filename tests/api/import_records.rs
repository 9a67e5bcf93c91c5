//! Imports of customers, contacts, products and tickets.

use std::fmt::Write as _;

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use serde_json::{Value, json};

use crate::importing::{bring_in, figures, path_of, rejected, run_to_end, upload};

async fn only(who: &Client, path: &str) -> Value {
    let page = who.get(path).await.expect(200);
    assert_eq!(
        page["items"].as_array().map(Vec::len),
        Some(1),
        "{path}: {page}"
    );
    page["items"][0].clone()
}

on_both! {
    async fn customers_come_in_as_through_the_api(app: &TestApp) {
        let admin = app.admin().await;
        let north = app.department("North").await;
        app.user(ShippedRole::Sales, north, "li@example.com").await;
        let file = "编号,名称,性质,地区,上级客户,负责人,部门,标签,税号,员工数,注册资本,成立日期,电话\n\
            B-2,上海晨光,企业,华东,A-1,LI@example.com,North,重点; 老客户,91310000,\"1,200\",￥1000.50,2001/3/9,010-65529988\n\
            A-1,Dawn Ltd,Company,Europe,,,,,,,,,\n\
            C-3,,robot,Atlantis,Z-9,nobody@example.com,,,,many,1.005,soon,call me\n\
            D-4,Later,person,cn_east,E-5,,,,,,,,\n\
            A-1,Twice,,,,,,,,,,,\n";
        let import = upload(&admin, "customers", file).await;
        assert_eq!(import["mapping"]["company.tax_number"], "税号");
        assert_eq!(import["mapping"]["parent_id"], "上级客户");
        let done = run_to_end(&admin, &import, json!({})).await;
        assert_eq!(figures(&done), [5, 2, 0, 3], "{done}");
        let child = only(&admin, "/customers?code=B-2").await;
        let parent = only(&admin, "/customers?code=A-1").await;
        let child = admin.get(&format!("/customers/{}", child["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(child["parent_id"], parent["id"], "a parent may come later in the file");
        assert_eq!((&child["tags"], &child["region"], &child["kind"]), (&json!(["重点", "老客户"]), &json!("cn_east"), &json!("company")));
        assert_eq!((&child["company"]["registered_capital"], &child["company"]["founded_on"]), (&json!(100_050), &json!("2001-03-09")));
        assert_eq!((&child["profile"]["staff"], &child["department_id"]), (&json!(1200), &json!(north)));
        assert!(child["owner_id"].is_string());
        assert_eq!(parent["owner_id"], Value::Null, "whoever may assign does not mean to own them all");
        let said = rejected(&admin, &import).await;
        assert_eq!(said[0].0, "company.founded_on:date company.registered_capital:money kind:choice profile.staff:number region:dictionary");
        assert!(said[0].1.contains("; Region: not in the dictionary"), "{}", said[0].1);
        assert_eq!(said[1].0, "parent_id:reference");
        assert_eq!(said[2], ("code:taken".to_owned(), "Code: The value is already taken".to_owned()));
        let reasons: Vec<_> = done["reasons"].as_array().expect("reasons").iter().map(|r| (r["target"].clone(), r["reason"].clone(), r["rows"].clone())).collect();
        assert_eq!(reasons, [
            (json!("code"), json!("taken"), json!(1)),
            (json!("company.founded_on"), json!("date"), json!(1)),
            (json!("parent_id"), json!("reference"), json!(1)),
        ]);
        // What rules of the record say, and what the API would: the same words.
        let bad = bring_in(&admin, "customers", "name,phone,email,region,code\nA,call me,nobody,,x y<\n", json!({})).await;
        assert_eq!(rejected(&admin, &bad).await[0].1, {
            let refused = admin.post("/customers", json!({"name": "A", "phone": "call me", "email": "nobody", "code": "x y<"})).await;
            let problem: Value = serde_json::from_str(&refused.text).expect("a problem");
            let label = |pointer: &str| match pointer { "/code" => "Code", "/email" => "E-mail", _ => "Telephone" };
            let errors = problem["errors"].as_array().expect("errors").iter();
            let texts: Vec<_> = errors.map(|e| format!("{}: {}", label(e["pointer"].as_str().expect("a pointer")), e["message"].as_str().expect("a text"))).collect();
            texts.join("; ")
        });
        // The next code that the program makes is one that nobody has.
        bring_in(&admin, "customers", "code,name\nC000001,Made elsewhere\nC000002,Also\n", json!({})).await;
        let next = admin.post("/customers", json!({"name": "Next"})).await.expect(201);
        assert_eq!(next["code"], "C000003");
        let trail = admin.get("/audit?record_type=customers&action=created&with_total=true").await.expect(200);
        assert_eq!(trail["total"], 5);
    }
}

on_both! {
    async fn an_update_changes_the_mapped_columns_only(app: &TestApp) {
        let admin = app.admin().await;
        admin.post("/customers", json!({"code": "A-1", "name": "Dawn", "phone": "13800138000", "tags": ["old"], "note": "kept"})).await.expect(201);
        let file = "code,name,phone,tags\nA-1,Dawn Ltd,,\nB-2,New,,\n,Nameless,,\n";
        let update = bring_in(&admin, "customers", file, json!({"mode": "update"})).await;
        assert_eq!(figures(&update), [3, 0, 1, 2]);
        let words: Vec<_> = rejected(&admin, &update).await.into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, ["not_found", "key_missing"]);
        let dawn = only(&admin, "/customers?code=A-1").await;
        assert_eq!((&dawn["name"], &dawn["phone"], &dawn["tags"]), (&json!("Dawn Ltd"), &json!("13800138000"), &json!(["old"])));

        let file = "code,name,phone,tags\nA-1,Dawn Ltd,,\nB-2,New,010-65529988,a;b\n";
        let upsert = bring_in(&admin, "customers", file, json!({"mode": "upsert", "clear_blank": true})).await;
        assert_eq!(figures(&upsert), [2, 1, 1, 0]);
        let dawn = only(&admin, "/customers?code=A-1").await;
        assert_eq!((&dawn["phone"], &dawn["tags"]), (&Value::Null, &json!([])));
        assert_eq!(dawn["note"], "kept", "a column that the file has not");
        // The same file again does no harm, and leaves no trace in the records.
        let again = bring_in(&admin, "customers", file, json!({"mode": "upsert", "clear_blank": true})).await;
        assert_eq!(figures(&again), [2, 0, 2, 0]);
        assert_eq!(only(&admin, "/customers?code=A-1").await["version"], dawn["version"]);

        let import = upload(&admin, "customers", "phone\n1\n").await;
        let path = format!("{}/run", path_of(&import));
        let body = json!({"mapping": import["mapping"], "settings": {"mode": "update"}});
        assert_eq!(admin.post(&path, body).await.invalid(), [("/mapping/code".into(), "missing_mapping".into())]);
        let body = json!({"mapping": {"name": "phone"}, "settings": {"match_by": "colour"}});
        assert_eq!(admin.post(&path, body).await.invalid(), [("/settings/match_by".into(), "choice".into())]);
        let orders = upload(&admin, "orders", "sku\n1\n").await;
        let body = json!({"mapping": {}, "settings": {"mode": "update"}});
        let refused = admin.post(&format!("{}/run", path_of(&orders)), body).await;
        assert_eq!(refused.invalid(), [("/settings/mode".into(), "choice".into())]);
    }
}

on_both! {
    async fn contacts_products_and_tickets_come_in_too(app: &TestApp) {
        let admin = app.admin().await;
        let products = "SKU,Name,List price,Cost,Active\nP-1,Lantern,2.55,1.2345,yes\nP-2,Candle,x,,no\n";
        assert_eq!(figures(&bring_in(&admin, "products", products, json!({})).await), [2, 1, 0, 1]);
        let lantern = only(&admin, "/products?sku=P-1").await;
        assert_eq!((&lantern["list_price"], &lantern["cost"], &lantern["active"]), (&json!("2.55"), &json!("1.2345"), &json!(true)));

        for (code, name) in [("A-1", "Dawn"), ("B-2", "Dusk"), ("B-3", "Dusk")] {
            admin.post("/customers", json!({"code": code, "name": name})).await.expect(201);
        }
        let contacts = "客户,姓名,邮箱,上级,主要联系人,生日\n\
            Dawn,李雷,li@example.com,韩梅梅,是,1990-05-01\n\
            A-1,韩梅梅,han@example.com,,,\n\
            Dusk,Jim,,,,\n\
            B-2,Jim,jim@example.com,李雷,,\n";
        let done = bring_in(&admin, "contacts", contacts, json!({})).await;
        assert_eq!(figures(&done), [4, 2, 0, 2]);
        let words: Vec<_> = rejected(&admin, &done).await.into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, ["customer_id:ambiguous", "reports_to_id:reference"]);
        let li = only(&admin, "/contacts?email=li@example.com").await;
        let han = only(&admin, "/contacts?email=han@example.com").await;
        assert_eq!((&li["reports_to_id"], &li["is_primary"], &li["birthday"]), (&han["id"], &json!(true), &json!("1990-05-01")));
        let by_mail = bring_in(&admin, "contacts", "email,title\nli@example.com,Boss\nnobody@example.com,X\n", json!({"mode": "update", "match_by": "email"})).await;
        assert_eq!(figures(&by_mail), [2, 0, 1, 1]);
        assert_eq!(only(&admin, "/contacts?email=li@example.com").await["title"], "Boss");
        let by_name = bring_in(&admin, "contacts", "customer,name,title\nA-1,李雷,Chief\nA-1,Lucy,Clerk\n", json!({"mode": "upsert"})).await;
        assert_eq!(figures(&by_name), [2, 1, 1, 0]);

        let tickets = "Number,Customer,Subject,Kind,Priority,Contact,Product\nOLD-7,A-1,It leaks,投诉,High,李雷,P-1\n,Dusk,Ambiguous,inquiry,,,\n,B-2,Where is it?,Inquiry,,,\nOLD-8,B-2,x,inquiry,,李雷,P-9\n";
        let done = bring_in(&admin, "tickets", tickets, json!({"mode": "upsert"})).await;
        assert_eq!(figures(&done), [4, 2, 0, 2]);
        let leak = only(&admin, "/tickets?number=OLD-7").await;
        assert_eq!((&leak["contact_id"], &leak["product_id"], &leak["priority"], &leak["channel"]), (&li["id"], &lantern["id"], &json!("high"), &json!("import")));
        let again = bring_in(&admin, "tickets", "Number,Customer,Subject,Kind\nOLD-7,A-1,It leaks a lot,complaint\n", json!({"mode": "upsert"})).await;
        assert_eq!(figures(&again), [1, 0, 1, 0]);
        assert_eq!(only(&admin, "/tickets?number=OLD-7").await["subject"], "It leaks a lot");
        let figures = only(&admin, "/customers?code=A-1").await["metrics"].clone();
        assert_eq!(figures["tickets"], 1);
    }
}

on_both! {
    async fn what_was_corrected_comes_in_once(app: &TestApp) {
        let admin = app.admin().await;
        let file = "code,name,phone,parent\nA,One,bad,\nB,Two,13800138000,A\nC,=Three,bad,\n";
        let first = bring_in(&admin, "customers", file, json!({})).await;
        assert_eq!(figures(&first), [3, 0, 0, 3]);
        let errors = admin.get(&format!("{}/errors.csv", path_of(&first))).await.text;
        assert!(errors.contains("'=Three"), "{errors}");
        let zh = admin.chinese().get(&format!("{}/errors.csv", path_of(&first))).await.text;
        assert!(zh.contains("电话：不是有效的电话号码"), "{zh}");
        let corrected = errors.replace("A,One,bad", "A,One,13800138001");
        let second = upload(&admin, "customers", &corrected).await;
        assert_eq!(second["mapping"], first["mapping"]);
        let second = run_to_end(&admin, &second, json!({})).await;
        assert_eq!(figures(&second), [3, 2, 0, 1]);
        let left = rejected(&admin, &first).await;
        assert_eq!(left.len(), 1, "{left:?}");
        // The error file of the error file goes on from there.
        let errors = admin.get(&format!("{}/errors.csv", path_of(&second))).await.text;
        let third = bring_in(&admin, "customers", &errors.replace("bad", "13800138002"), json!({})).await;
        assert_eq!(figures(&third), [1, 1, 0, 0]);
        assert_eq!(only(&admin, "/customers?code=C").await["name"], "=Three");
        assert_eq!((rejected(&admin, &first).await.len(), rejected(&admin, &second).await.len()), (0, 0));
        let again = bring_in(&admin, "customers", &corrected.replace("code,", "x,").replace("bad", "13800138002"), json!({})).await;
        assert_eq!(figures(&again), [3, 0, 0, 3], "each row once, also without a code");
        assert_eq!(rejected(&admin, &again).await.len(), 0, "they are all in");
    }
}

on_both! {
    async fn a_check_says_what_would_become_of_the_rows_and_keeps_nothing(app: &TestApp) {
        let admin = app.admin().await;
        admin.post("/customers", json!({"code": "A", "name": "There"})).await.expect(201);
        let file = "code,name,parent,phone\nA,Here,B,\nB,New,,\nC,Wrong,,bad\nD,Orphan,Z,\n";
        let import = upload(&admin, "customers", file).await;
        let path = format!("{}/check", path_of(&import));
        let body = json!({"mapping": import["mapping"], "settings": {"mode": "upsert"}});
        let check = admin.post(&path, body).await.expect(200);
        assert_eq!((&check["rows"], &check["complete"]), (&json!(4), &json!(true)));
        assert_eq!((&check["created"], &check["updated"], &check["rejected"], &check["waiting"]), (&json!(1), &json!(1), &json!(2), &json!(0)), "{check}");
        assert_eq!(check["findings"][0], json!({"row": 3, "messages": ["Telephone: not a valid telephone number"], "cells": ["C", "Wrong", "", "bad"]}));
        assert_eq!(check["findings"][1]["messages"][0], "Parent customer: refers to a record that does not exist");
        assert_eq!(only(&admin, "/customers").await["name"], "There", "nothing is kept");
        assert_eq!(admin.get(&path_of(&import)).await.expect(200)["state"], "uploaded");

        let mut long = "code,name,parent\nX,Child,Y1999\n".to_owned();
        for n in 0..2_000 {
            writeln!(long, "Y{n},Name,").expect("memory");
        }
        let import = upload(&admin, "customers", &long).await;
        let body = json!({"mapping": import["mapping"]});
        let check = admin.post(&format!("{}/check", path_of(&import)), body).await.expect(200);
        assert_eq!((&check["rows"], &check["complete"], &check["created"], &check["waiting"], &check["rejected"]), (&json!(1_000), &json!(false), &json!(999), &json!(1), &json!(0)));

        let orders = "order_number,ordered_at,customer_code,sku,quantity,unit_price\n1,2024-01-01,A,S,1,2\n1,2024-01-01,A,S,0,2\n";
        let import = upload(&admin, "orders", orders).await;
        let body = json!({"mapping": import["mapping"]});
        let check = admin.post(&format!("{}/check", path_of(&import)), body).await.expect(200);
        assert_eq!((&check["created"], &check["rejected"]), (&json!(1), &json!(1)));
        assert_eq!(admin.get("/orders?with_total=true").await.expect(200)["total"], 0);
    }
}

on_both! {
    async fn rights_and_scope_hold_for_rows(app: &TestApp) {
        let admin = app.admin().await;
        let north = app.department("North").await;
        let south = app.department("South").await;
        let clerk = app.user(ShippedRole::DepartmentClerk, north, "clerk@example.com").await;
        app.user(ShippedRole::Sales, south, "other@example.com").await;
        admin.post("/customers", json!({"code": "THEIRS", "name": "Theirs", "department_id": south})).await.expect(201);
        let file = "code,name,owner\nMINE,Mine,\nTHEIRS,Taken over,\nGIVEN,Given away,other@example.com\n";
        let done = bring_in(&clerk, "customers", file, json!({"mode": "upsert"})).await;
        let words: Vec<_> = rejected(&clerk, &done).await.into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, ["code:taken", "owner_id:forbidden"]);
        let me = clerk.get("/me").await.expect(200)["user"]["id"].clone();
        assert_eq!(only(&clerk, "/customers?code=MINE").await["owner_id"], me);
        let theirs = only(&admin, "/customers?code=THEIRS").await;
        assert_eq!(theirs["name"], "Theirs", "what one does not see one cannot change");
        let update = bring_in(&clerk, "customers", "code,name\nTHEIRS,Mine now\n", json!({"mode": "update"})).await;
        assert_eq!(rejected(&clerk, &update).await[0].0, "not_found");

        // Products are for others to make.
        let import = upload(&clerk, "products", "sku,name\nP,Product\n").await;
        let body = json!({"mapping": import["mapping"]});
        for step in ["run", "check"] {
            let refused = clerk.post(&format!("{}/{step}", path_of(&import)), body.clone()).await;
            assert_eq!(refused.refused(403), "forbidden", "{step}");
        }
        let sales = app.user(ShippedRole::Sales, north, "sales@example.com").await;
        let refused = sales.post(&format!("{}/check", path_of(&import)), body).await;
        assert_eq!(refused.refused(403), "forbidden");
    }
}
