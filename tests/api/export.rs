//! Lists as files.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, Reply, TestApp, on_both};
use serde_json::{Value, json};

const MARK: &str = "\u{feff}";

/// The rows of an export as CSV, the header first.
async fn rows(who: &Client, record: &str, body: Value) -> Vec<Vec<String>> {
    let reply = who.post(&format!("/{record}/export"), body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let text = reply.text.strip_prefix(MARK).expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

/// The first sheet of an export as XLSX.
fn sheet(reply: &Reply) -> Range<Data> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(&reply.bytes[..])).expect("a workbook");
    book.worksheet_range_at(0)
        .expect("a sheet")
        .expect("that can be read")
}

/// The same by the list, page by page.
async fn listed(who: &Client, mut search: Value, field: &str) -> Vec<String> {
    let mut all = Vec::new();
    search["limit"] = json!(200);
    loop {
        let page = who
            .post("/customers/search", search.clone())
            .await
            .expect(200);
        let items = page["items"].as_array().expect("items");
        all.extend(
            items
                .iter()
                .filter_map(|item| item[field].as_str().map(str::to_owned)),
        );
        if page["next_cursor"].is_null() {
            return all;
        }
        search["cursor"] = page["next_cursor"].clone();
    }
}

/// The administrator's customers, in one transaction.
async fn seed(app: &TestApp, admin: &Client, customers: usize) {
    use guanxi_domain::customer::CustomerInput;
    use guanxi_domain::{Lang, Rules};
    use guanxi_persistence::{Actor, Origin, customer};

    let me = admin.get("/me").await.expect(200)["user"]["id"].clone();
    let actor = Actor {
        user_id: serde_json::from_value(me).expect("an id"),
        name: "Admin".to_owned(),
        department_id: None,
        department_path: None,
        permissions: ShippedRole::Administrator.permissions().into(),
        has_shares: false,
    };

    let inputs: Vec<_> = (0..customers)
        .map(|n| {
            let mut input = CustomerInput::named(format!("Customer {:03}", n * 7 % customers));
            input.tags = if n % 3 == 0 {
                vec!["third".to_owned()]
            } else {
                Vec::new()
            };
            input.checked(Lang::En).expect("a good customer")
        })
        .collect();
    app.app
        .db
        .write(Origin::of(&actor), move |tx| {
            for input in &inputs {
                customer::create(tx, &actor, input, false)?;
            }
            Ok(())
        })
        .await
        .expect("customers");
}

on_both! {
    async fn an_export_holds_what_the_list_shows(app: &TestApp) {
        let admin = app.admin().await;
        seed(app, &admin, 1_203).await;
        let every = json!({"sort": "-name"});
        let third = json!({"filter": {"field": "tags", "op": "has_any", "value": ["third"]}, "sort": "name"});
        let found = json!({"q": "Customer 01", "sort": "-created_at,name"});
        for (search, expected) in [(every, 1_203), (third, 401), (found, 10)] {
            let mut body = search.clone();
            body["format"] = json!("csv");
            body["columns"] = json!(["code", "name"]);
            let file = rows(&admin, "customers", body.clone()).await;
            assert_eq!(file[0], ["Code", "Name"]);
            let codes: Vec<_> = file[1..].iter().map(|row| row[0].clone()).collect();
            assert_eq!(codes.len(), expected, "{search}");
            assert_eq!(codes, listed(&admin, search, "code").await);

            body["format"] = json!("xlsx");
            let sheet = sheet(&admin.post("/customers/export", body).await);
            let same: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
            assert_eq!(same, file);
        }
    }
}

on_both! {
    async fn values_are_written_for_people_or_for_programs(app: &TestApp) {
        let admin = app.admin().await;
        let customer = json!({"name": "=cmd", "phone": "+8613800138000", "region": "cn_east", "stage": "active", "tags": ["VIP", "a"]});
        let customer = admin.post("/customers", customer).await.expect(201);
        let line = json!({"description": "Lamp", "quantity": "1", "unit_price": "1299.05"});
        let order = json!({"customer_id": customer["id"], "ordered_at": "2026-11-02T08:30:00Z", "promised_on": "2026-12-24", "lines": [line]});
        let order = admin.post("/orders", order).await.expect(201);
        admin.post("/products", json!({"sku": "P-1", "name": "Lamp", "list_price": "0.125"})).await.expect(201);
        let ticket = json!({"customer_id": customer["id"], "order_id": order["id"], "subject": "@sum", "kind": "inquiry", "channel": "phone"});
        admin.post("/tickets", ticket).await.expect(201);
        admin.post("/contacts", json!({"customer_id": customer["id"], "name": "－Mei", "is_primary": true})).await.expect(201);

        let body = json!({"format": "csv", "columns": ["name", "phone", "region", "stage", "tier", "owner_id", "department_id", "tags", "blacklisted", "sales"]});
        let said = ["'=cmd", "'+8613800138000", "华东", "现有", "", "Admin"];
        let zh = rows(&admin.chinese(), "customers", body.clone()).await;
        assert_eq!(zh[0], ["名称", "电话", "地区", "阶段", "等级", "负责人", "部门", "标签", "黑名单", "销售额"]);
        assert_eq!(zh[1][..6], said);
        assert_eq!(zh[1][7..], ["VIP, a", "否", "0.00"]);
        let en = rows(&admin, "customers", body.clone()).await;
        assert_eq!((en[0][2].as_str(), en[1][2].as_str(), en[1][8].as_str()), ("Region", "East China", "No"));
        let mut plain = body;
        plain["labels"] = json!(false);
        let plain = rows(&admin, "customers", plain).await;
        assert_eq!(plain[0][5], "owner_id");
        assert_eq!(plain[1][2..6], ["cn_east", "active", "", customer["owner_id"].as_str().expect("an owner")]);
        assert_eq!(plain[1][8..], ["false", "0.00"]);

        let orders = rows(&admin, "orders", json!({"format": "csv", "columns": ["customer_id", "ordered_at", "total", "promised_on"]})).await;
        assert_eq!(orders[1], ["'=cmd", "2026-11-02T08:30:00Z", "1299.05", "2026-12-24"]);
        let tickets = rows(&admin, "tickets", json!({"format": "csv", "columns": ["subject", "order_id", "created_by_id"]})).await;
        assert_eq!(tickets[1], ["'@sum", order["number"].as_str().expect("a number"), "Admin"]);
        let products = rows(&admin, "products", json!({"format": "csv", "columns": ["sku", "list_price", "cost", "active"]})).await;
        assert_eq!(products[1], ["P-1", "0.125", "", "Yes"]);
        // Without columns all of them.
        let contacts = rows(&admin, "contacts", json!({"format": "csv"})).await;
        assert_eq!((contacts[0].len(), contacts[1][0].as_str(), contacts[1][1].as_str()), (24, "'=cmd", "'－Mei"));

        // In a workbook a text is a text, a number a number, a day a day.
        let body = json!({"format": "xlsx", "columns": ["customer_id", "total", "ordered_at", "promised_on"]});
        let sheet = sheet(&admin.chinese().post("/orders/export", body).await);
        assert_eq!(sheet.get((0, 0)), Some(&Data::String("客户".to_owned())));
        assert_eq!(sheet.get((1, 0)), Some(&Data::String("=cmd".to_owned())));
        assert_eq!(sheet.get((1, 1)), Some(&Data::Float(1299.05)));
        let day = |at| match sheet.get((1, at)) {
            Some(Data::DateTime(day)) => day.as_f64(),
            other => panic!("no date: {other:?}"),
        };
        // Days since the end of 1899, with the day that 1900 had not.
        assert!((day(2) - 46_328.354_166).abs() < 1e-5, "{}", day(2));
        assert!((day(3) - 46_380.0).abs() < 1e-9, "{}", day(3));
    }
}

on_both! {
    async fn only_what_somebody_may_see_and_take_along(app: &TestApp) {
        let admin = app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let permissions = |export: &str| json!([
            {"module": "customers", "operation": "read", "scope": "department"},
            {"module": "customers", "operation": "create", "scope": "own"},
            {"module": "customers", "operation": "export", "scope": export},
        ]);
        let mut who = Vec::new();
        for (name, export, department) in [("all", "all", north), ("own", "own", north), ("other", "all", south)] {
            let role = json!({"name_zh": name, "name_en": name, "permissions": permissions(export)});
            let role = admin.post("/roles", role).await.expect(201);
            let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
            let client = app.user_with_role(role, department, &format!("{name}@example.com")).await;
            client.post("/customers", json!({"name": name})).await.expect(201);
            who.push(client);
        }
        let body = json!({"format": "csv", "columns": ["name"], "sort": "name"});
        for (client, seen) in who.iter().zip([["all", "own"].as_slice(), &["own"], &["other"]]) {
            let file = rows(client, "customers", body.clone()).await;
            assert_eq!(file[1..].concat(), seen, "both scopes count");
        }
        // The name of a record that somebody may not see stays away: its id is all that the record itself tells.
        let hidden = admin.post("/customers", json!({"name": "Hidden"})).await.expect(201);
        let own = admin.get("/customers?name=own").await.expect(200)["items"][0].clone();
        let path = format!("/customers/{}", own["id"].as_str().expect("an id"));
        admin.patch(&path, &own, json!({"parent_id": hidden["id"]})).await.expect(200);
        let parent = json!({"format": "csv", "columns": ["parent_id"], "filter": {"field": "name", "op": "eq", "value": "own"}});
        assert_eq!(rows(&who[0], "customers", parent.clone()).await[1], [hidden["id"].as_str().expect("an id")]);
        assert_eq!(rows(&admin, "customers", parent).await[1], ["Hidden"]);

        let sales = app.user(ShippedRole::Sales, north, "sales@example.com").await;
        assert_eq!(sales.post("/customers/export", body.clone()).await.refused(403), "forbidden");
        assert_eq!(app.nobody().post("/customers/export", body.clone()).await.refused(401), "unauthenticated");
        // To take along needs to read.
        let role = json!({"name_zh": "取", "name_en": "Taker", "permissions": [{"module": "customers", "operation": "export", "scope": "all"}]});
        let role = admin.post("/roles", role).await.expect(201);
        let role = role["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let taker = app.user_with_role(role, north, "taker@example.com").await;
        assert_eq!(taker.post("/customers/export", body).await.refused(403), "forbidden");
    }
}

on_both! {
    async fn an_export_leaves_a_trace_and_has_a_name(app: &TestApp) {
        let admin = app.admin().await;
        seed(app, &admin, 3).await;
        for format in ["csv", "xlsx"] {
            let body = json!({"format": format, "columns": ["name"], "q": "Customer", "filter": {"field": "stage", "op": "eq", "value": "potential"}});
            let reply = admin.chinese().post("/customers/export", body).await;
            let name = reply.headers["content-disposition"].to_str().expect("ASCII").to_owned();
            assert!(name.starts_with("attachment; filename=\"customers-20"), "{name}");
            assert!(name.contains("filename*=UTF-8''%E5%AE%A2%E6%88%B7%2D20"), "{name}");
            assert!(name.ends_with(&format!(".{format}")), "{name}");
            let entry = admin.get("/audit?record_type=customers&action=exported&limit=1").await.expect(200)["items"][0].clone();
            assert_eq!((&entry["user_name"], &entry["record_id"]), (&json!("Admin"), &json!("")));
            let new = |member: &str| entry["changes"][member]["new"].clone();
            assert_eq!((new("format"), new("columns"), new("rows"), new("q")), (json!(format), json!(["name"]), json!(3), json!("Customer")));
            assert_eq!(new("filter")["value"], "potential");
        }
        // Nothing of it is left on the disk.
        let left = std::fs::read_dir(app.app.config.data_dir.join("exports")).expect("the folder");
        assert_eq!(left.count(), 0);
    }
}

on_both! {
    async fn what_cannot_be_understood_is_told_where(app: &TestApp) {
        let admin = app.admin().await;
        for (body, pointer, code) in [
            (json!({}), "/format", "required"),
            (json!({"format": "pdf"}), "/format", "type"),
            (json!({"format": "csv", "columns": ["name", "colour"]}), "/columns/1", "columns"),
            (json!({"format": "csv", "columns": ["name", "name"]}), "/columns/1", "columns"),
            (json!({"format": "csv", "columns": ["open_orders"]}), "/columns/0", "columns"),
            (json!({"format": "csv", "columns": vec!["name"; 61]}), "/columns", "length"),
            (json!({"format": "csv", "sort": "phone"}), "/sort", "type"),
            (json!({"format": "csv", "filter": {"field": "name", "op": "is"}}), "/filter/op", "operator"),
            (json!({"format": "csv", "colour": 1}), "/colour", "unknown"),
        ] {
            let errors = admin.post("/customers/export", body.clone()).await.invalid();
            assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{body}");
        }
    }
}
