//! What is exported comes in again as it was: random records, exported, imported into an empty database, exported again.

use std::time::Duration;

use guanxi_domain::export::ExportFormat;
use guanxi_domain::import::ImportRecord;
use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, Database, TestApp, on_both};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};

const CUSTOMERS: usize = 24;
const OTHERS: usize = 16;

/// What spreadsheets, CSV and imports may stumble over.
const PIECES: &[&str] = &[
    "=1+1",
    "+86 138",
    "-3",
    "@x",
    "'q",
    "''",
    "\"",
    ",",
    ";",
    "；",
    "，",
    "0012",
    "1e5",
    "TRUE",
    "2024-01-01",
    "_x0041_",
    "晨光",
    "＝甲",
    "𠮷",
    "é",
    " ",
    "<b>&amp;",
    "17850.0",
    "🙂",
];

/// Records out of thin air.
struct Made(TestRunner);

impl Made {
    fn any<T: std::fmt::Debug>(&mut self, strategy: impl Strategy<Value = T>) -> T {
        strategy.new_tree(&mut self.0).expect("a value").current()
    }

    fn pick(&mut self, from: &[Value]) -> Value {
        let at = self.any(0..from.len());
        from[at].clone()
    }

    /// Such text, with nothing around it.
    fn text(&mut self) -> String {
        let pieces = self.any(prop::collection::vec(prop::sample::select(PIECES), 1..5));
        let text = pieces.concat().trim().to_owned();
        if text.is_empty() {
            "x".to_owned()
        } else {
            text
        }
    }

    /// The same over several lines.
    fn lines(&mut self) -> String {
        format!("{}\n{}", self.text(), self.text())
    }

    fn maybe(&mut self, value: impl Into<Value>) -> Value {
        if self.any(any::<bool>()) {
            value.into()
        } else {
            Value::Null
        }
    }

    fn tags(&mut self) -> Vec<String> {
        let n = self.any(0..4_usize);
        (0..n).map(|n| format!("标签{n} =a")).collect()
    }

    fn date(&mut self) -> String {
        let (year, month, day) = self.any((1901..2100, 1..13, 1..29));
        format!("{year:04}-{month:02}-{day:02}")
    }

    fn amount(&mut self) -> String {
        let n = self.any(0..1_000_000_000_i64);
        format!("{}.{:04}", n / 10_000, n % 10_000)
    }
}

/// A company of which nothing is known but its people and custom fields.
async fn found(app: &TestApp) -> Client {
    let admin = app.admin().await;
    for (department, email) in [("North", "li@example.com"), ("南方", "han@example.com")] {
        let department = app.department(department).await;
        app.user(ShippedRole::DepartmentManager, department, email)
            .await;
    }
    let choices = json!([
        {"code": "gold", "label_zh": "金牌", "label_en": "Gold"},
        {"code": "silver", "label_zh": "银牌", "label_en": "Silver"},
    ]);
    for (key, kind) in [
        ("colour", "text"),
        ("level", "choice"),
        ("levels", "choices"),
        ("limit", "money"),
        ("since", "date"),
        ("vip", "boolean"),
        ("buyer", "user"),
    ] {
        let mut field = json!({"record": "customers", "key": key, "kind": kind, "label_zh": format!("自{key}"), "label_en": format!("Own {key}")});
        if kind.starts_with("choice") {
            field["choices"] = choices.clone();
        }
        admin.post("/custom-fields", field).await.expect(201);
    }
    admin
}

async fn ids(admin: &Client, path: &str) -> Vec<Value> {
    let page = admin.get(path).await.expect(200);
    let items = page["items"].as_array().or(page.as_array()).expect("items");
    items.iter().map(|item| item["id"].clone()).collect()
}

/// Fills the first database.
async fn fill(admin: &Client, made: &mut Made) {
    let mut owners = ids(admin, "/people").await;
    let departments = ids(admin, "/departments").await;
    owners.push(Value::Null);
    let mut customers: Vec<Value> = Vec::new();
    for n in 0..CUSTOMERS {
        let name = format!("客户{n} {}", made.text());
        let mut input = json!({
            "code": format!("K-{n}"), "name": name, "short_name": made.text(), "kind": made.pick(&[json!("company"), json!("person")]),
            "stage": made.pick(&[json!("potential"), json!("active"), json!("lost")]), "tier": made.pick(&[Value::Null, json!("key")]),
            "region": made.pick(&[Value::Null, json!("cn_east"), json!("europe")]), "owner_id": made.pick(&owners), "tags": made.tags(),
        });
        for (member, value) in [
            ("phone", json!("+86 10-6552 9988")),
            ("email", json!(format!("a{n}@example.com"))),
            ("website", json!("https://example.com/?q=1;2")),
            ("address", json!(made.text())),
            ("note", json!(made.lines())),
            ("department_id", made.pick(&departments)),
        ] {
            input[member] = made.maybe(value);
        }
        if !customers.is_empty() {
            let parent = made.pick(&customers);
            input["parent_id"] = made.maybe(parent);
        }
        let (text, day, amount) = (made.text(), made.date(), made.any(0..1_000_000_i64));
        let person = made.pick(&owners[..owners.len() - 1]);
        for (key, value) in [
            ("colour", json!(text)),
            ("level", json!("gold")),
            ("levels", json!(["gold", "silver"])),
            ("limit", json!(amount)),
            ("since", json!(day)),
            ("vip", json!(n % 2 == 0)),
            ("buyer", person),
        ] {
            input["custom"][key] = made.maybe(value);
        }
        let customer = admin.post("/customers", input).await.expect(201);
        customers.push(customer["id"].clone());
    }
    let mut products: Vec<Value> = Vec::new();
    for n in 0..OTHERS {
        let (name, price, cost, text) = (made.text(), made.amount(), made.amount(), made.lines());
        let input = json!({
            "sku": format!("P {n}/{n}"), "name": format!("产品{n} {name}"), "name_en": made.maybe(name), "list_price": price, "cost": made.maybe(cost),
            "unit": made.maybe("件"), "active": made.any(any::<bool>()), "description": made.maybe(text),
        });
        products.push(admin.post("/products", input).await.expect(201)["id"].clone());
    }
    let mut contacts: Vec<(Value, Value)> = Vec::new();
    for n in 0..OTHERS {
        let customer = made.pick(&customers);
        let (text, day, note) = (made.text(), made.date(), made.lines());
        let first = !contacts.iter().any(|(_, of)| *of == customer);
        let above = contacts
            .iter()
            .find(|(_, of)| *of == customer)
            .map_or(Value::Null, |(id, _)| id.clone());
        let input = json!({
            "customer_id": customer, "name": format!("联系人{n} {text}"), "title": made.maybe(text.clone()), "mobile": made.maybe("13800138000"),
            "wechat": made.maybe(text.clone()), "birthday": made.maybe(day), "relationship": made.pick(&[Value::Null, json!(3)]),
            "is_primary": first && made.any(any::<bool>()), "consent_sms": made.any(any::<bool>()), "interests": made.maybe(text), "note": made.maybe(note),
            "reports_to_id": made.maybe(above),
        });
        contacts.push((
            admin.post("/contacts", input).await.expect(201)["id"].clone(),
            customer,
        ));
    }
    for _ in 0..OTHERS {
        let (contact, customer) = contacts[made.any(0..contacts.len())].clone();
        let (text, note, product, owner) = (
            made.text(),
            made.lines(),
            made.pick(&products),
            made.pick(&owners),
        );
        let input = json!({
            "customer_id": customer, "contact_id": made.maybe(contact), "product_id": made.maybe(product), "owner_id": owner, "subject": text,
            "kind": made.pick(&[json!("complaint"), json!("inquiry")]), "channel": made.pick(&[json!("email"), json!("import")]),
            "priority": made.pick(&[json!("low"), json!("urgent")]), "description": made.maybe(note), "tags": made.tags(), "team": made.maybe("A组"),
        });
        admin.post("/tickets", input).await.expect(201);
    }
}

/// The fields that can be exported and imported.
fn columns(record: ImportRecord) -> Vec<String> {
    let fields = record.fields();
    let both = record
        .targets()
        .iter()
        .filter(|t| fields.get(t.name).is_some());
    let mut names: Vec<String> = both.map(|t| t.name.to_owned()).collect();
    if record == ImportRecord::Customers {
        let own = [
            "colour", "level", "levels", "limit", "since", "vip", "buyer",
        ];
        names.extend(own.map(|key| format!("custom.{key}")));
    }
    names
}

async fn export(who: &Client, record: ImportRecord, format: ExportFormat) -> Vec<u8> {
    // Children before their parents, whoever reports before whom: the order in which records are most often exported.
    let body = json!({"format": format, "columns": columns(record), "sort": "-created_at"});
    let reply = who.post(&format!("/{record}/export"), body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.bytes
}

async fn import(who: &Client, record: ImportRecord, format: ExportFormat, file: Vec<u8>) {
    let path = format!("/imports?record={record}&filename=a.{format}");
    let body = Some(("application/octet-stream", file));
    let import = who
        .send_bytes(Method::POST, &path, None, body)
        .await
        .expect(201);
    let mapped = import["mapping"].as_object().expect("a mapping");
    assert_eq!(
        mapped.len(),
        columns(record).len(),
        "every column is told by its header: {mapped:?}"
    );
    let path = format!("/imports/{}", import["id"].as_str().expect("an id"));
    let run = json!({"mapping": import["mapping"], "settings": {"mode": "upsert"}});
    who.post(&format!("{path}/run"), run).await.expect(200);
    for _ in 0..600 {
        let import = who.get(&path).await.expect(200);
        if import["state"] == "done" {
            let errors = who.get(&format!("{path}/errors.csv")).await.text;
            assert_eq!(import["rejected"], 0, "{errors}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} does not end");
}

/// The rows in an order that does not depend on when they were made.
fn sorted(file: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(file);
    let rows = reader.records().map(|row| row.expect("a row"));
    let mut rows: Vec<Vec<String>> = rows
        .map(|row| row.iter().map(str::to_owned).collect())
        .collect();
    rows[1..].sort();
    rows
}

async fn there_and_back(target: &TestApp, format: ExportFormat, chinese: bool) {
    let source = TestApp::start(Database::sqlite()).await;
    let (from, to) = (found(&source).await, found(target).await);
    fill(&from, &mut Made(TestRunner::default())).await;
    let (from, to) = if chinese {
        (from.chinese(), to.chinese())
    } else {
        (from, to)
    };
    for record in [
        ImportRecord::Products,
        ImportRecord::Customers,
        ImportRecord::Contacts,
        ImportRecord::Tickets,
    ] {
        let file = export(&from, record, format).await;
        import(&to, record, format, file.clone()).await;
        let before = sorted(&export(&from, record, ExportFormat::Csv).await);
        let after = sorted(&export(&to, record, ExportFormat::Csv).await);
        assert_eq!(before.len(), after.len(), "{record}");
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "{record}");
        }
        // Once more: everything is there already.
        import(&to, record, format, file).await;
        assert_eq!(
            sorted(&export(&to, record, ExportFormat::Csv).await),
            after,
            "{record}"
        );
    }
}

on_both! {
    async fn csv_comes_in_as_it_went_out(app: &TestApp) {
        there_and_back(app, ExportFormat::Csv, false).await;
    }
}

on_both! {
    async fn workbooks_come_in_as_they_went_out(app: &TestApp) {
        there_and_back(app, ExportFormat::Xlsx, true).await;
    }
}
