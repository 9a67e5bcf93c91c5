//! Imports over HTTP, and what the runner does when it is interrupted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use guanxi_api::import::Importer;
use guanxi_api::{App, Config};
use guanxi_domain::import::{
    Import, ImportFailure, ImportRecord, ImportRun, ImportState, Mapping, Targets, guess_mapping,
};
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::user::{UserInput, UserState};
use guanxi_domain::{ImportId, Lang, Rules, UserId};
use guanxi_persistence::import::{self, NewImport};
use guanxi_persistence::{
    Actor, ListQuery, Origin, Visibility, customer, department, dictionary, list, metrics, order,
    role, user,
};
use guanxi_tests::{Client, Database, TestApp, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use crate::importing::run_to_end;

const HEADER: &str =
    "invoice,stock_code,description,quantity,invoice_date,unit_price,customer_id,country\n";

async fn upload(who: &Client, filename: &str, content: &[u8]) -> Value {
    let path = format!("/imports?record=orders&filename={filename}");
    let body = Some(("text/csv", content.to_vec()));
    who.send_bytes(Method::POST, &path, None, body)
        .await
        .expect(201)
}

fn figures(import: &Value) -> (&str, i64, i64, i64, BTreeMap<String, i64>) {
    let reasons = import["reasons"].as_array().expect("reasons").iter();
    (
        import["state"].as_str().expect("a state"),
        import["read"].as_i64().expect("a number"),
        import["imported"].as_i64().expect("a number"),
        import["rejected"].as_i64().expect("a number"),
        reasons
            .map(|r| {
                (
                    r["reason"].as_str().expect("a word").to_owned(),
                    r["rows"].as_i64().expect("rows"),
                )
            })
            .collect(),
    )
}

async fn total_of(who: &Client, number: &str) -> Value {
    let page = who
        .get(&format!("/orders?number={number}"))
        .await
        .expect(200);
    page["items"][0]["total"].clone()
}

on_both! {
    async fn every_row_ends_in_the_system_or_in_the_error_file(app: &TestApp) {
        let admin = app.admin().await;
        let text = format!("{HEADER}\
            1001,A-1,,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n\
            1001,B-2,\"=CUPID, \"\"red\"\"\",2,2010-12-01 08:26:00,1.5,17850,United Kingdom\n\
            1002,A-1,LANTERN,1,2010-12-02 10:00:00,2.55,,France\n\
            1003,A-1,LANTERN,1,2010-12-02 11:00:00,2.55,12583,europe\n\
            C1004,A-1,LANTERN,-2,2010-12-03 11:00:00,2.55,12583,France\n\
            1001,C-3,=HYPERLINK(\"x\"),0,2010-12-01 08:26:00,1,17850,United Kingdom\n\
            1003,A-1,LANTERN,1,2010-12-02 11:00:00,-1,12583,France\n\
            1001,A-1,LANTERN,1,2010-12-01 08:26:00,2.55,17850,United Kingdom\n\
            1001,A-1,LANTERN,1,2010-12-01 08:26:00,2.55,12583,United Kingdom\n");
        let import = upload(&admin, "orders.csv", text.as_bytes()).await;
        assert_eq!((&import["state"], &import["encoding"]), (&json!("uploaded"), &json!("utf-8")));
        assert_eq!(import["mapping"]["customer_code"], "customer_id");
        assert_eq!(import["samples"][1][2], "=CUPID, \"red\"");
        let done = run_to_end(&admin, &import, json!({})).await;
        let reasons = [("customer_missing", 1), ("quantity_zero", 1), ("price_negative", 1), ("customer_differs", 1)];
        let reasons = reasons.map(|(r, n)| (r.to_owned(), n)).into();
        assert_eq!(figures(&done), ("done", 9, 5, 4, reasons));
        assert_eq!(done["percent"], 100);
        assert_eq!(total_of(&admin, "1001").await, 1530 + 300 + 255);
        assert_eq!(total_of(&admin, "C1004").await, -510);

        let products = admin.get("/products?sku=A-1").await.expect(200);
        let lantern = &products["items"][0];
        assert_eq!((&lantern["name"], &lantern["list_price"]), (&json!("LANTERN"), &json!("2.55")));

        let customers = admin.get("/customers?sort=code").await.expect(200);
        let french = &customers["items"][0];
        assert_eq!((&french["code"], &french["name"], &french["stage"]), (&json!("12583"), &json!("12583"), &json!("active")));
        assert_eq!((&french["region"], &french["note"]), (&json!("europe"), &Value::Null));
        assert_eq!((&french["owner_id"], &french["metrics"]["sales"], &french["metrics"]["returns"]), (&Value::Null, &json!(255 - 510), &json!(510)));
        let british = &customers["items"][1];
        assert_eq!((&british["region"], &british["note"]), (&Value::Null, &json!("United Kingdom")));

        // The rows that were refused, corrected, join the orders that the rest of their rows made.
        let path = format!("/imports/{}/errors.csv", import["id"].as_str().expect("an id"));
        let errors = admin.get(&path).await;
        assert_eq!(errors.status, 200);
        let file = errors.text.clone();
        assert!(file.contains("'=HYPERLINK"), "a formula is defused: {file}");
        assert!(file.contains(",quantity_zero,The quantity is zero"), "{file}");
        assert_eq!(file.lines().count(), 5);
        let corrected = file
            .replace("2.55,,France", "2.55,12583,France")
            .replace("C-3,\"'=HYPERLINK(\"\"x\"\")\",0,", "C-3,\"'=HYPERLINK(\"\"x\"\")\",1,")
            .replace(",-1,12583", ",1,12583");
        let again = upload(&admin, "corrected.csv", corrected.as_bytes()).await;
        assert_eq!(again["mapping"], import["mapping"]);
        let done = run_to_end(&admin, &again, json!({})).await;
        assert_eq!(figures(&done), ("done", 4, 3, 1, [("customer_differs".to_owned(), 1)].into()));
        assert_eq!(total_of(&admin, "1001").await, 1530 + 300 + 255 + 100);
        assert_eq!(total_of(&admin, "1002").await, 255);
        let lines = admin.get("/orders?number=1001").await.expect(200);
        let order = admin.get(&format!("/orders/{}", lines["items"][0]["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(order["lines"][3]["description"], "=HYPERLINK(\"x\")", "the apostrophe is off again");
        // Only what is still open is left in the error files.
        assert_eq!(admin.get(&path).await.text.lines().count(), 2);

        // Nothing comes in twice: neither the corrected file nor the first one.
        let twice = upload(&admin, "corrected.csv", corrected.as_bytes()).await;
        let done = run_to_end(&admin, &twice, json!({})).await;
        assert_eq!(figures(&done).4, [("already_imported".to_owned(), 3), ("customer_differs".to_owned(), 1)].into());
        let first = upload(&admin, "orders.csv", text.as_bytes()).await;
        let done = run_to_end(&admin, &first, json!({})).await;
        assert_eq!(figures(&done).2, 0, "{done}");

        let report = metrics::verify(&app.app.db).expect("the figures");
        assert_eq!(report.differing, 0, "{report:?}");
        // Every record has an audit entry.
        let trail = admin.get("/audit?record_type=orders&action=created&with_total=true").await.expect(200);
        assert_eq!(trail["total"], 4);
    }
}

on_both! {
    async fn files_and_mappings_are_checked(app: &TestApp) {
        let admin = app.admin().await;
        let send = |body: &[u8]| {
            let (admin, body) = (admin.clone(), Some(("text/csv", body.to_vec())));
            async move { admin.send_bytes(Method::POST, "/imports", None, body).await }
        };
        assert_eq!(send(b"").await.invalid(), [(String::new(), "file_empty".into())]);
        assert_eq!(send(b"\xff\xfea\0").await.invalid(), [(String::new(), "file_unreadable".into())]);
        let json = Some(("application/json", b"{}".to_vec()));
        assert_eq!(admin.send_bytes(Method::POST, "/imports", None, json).await.refused(415), "unsupported_media_type");
        assert_eq!(admin.post("/imports?record=plans", json!({})).await.refused(400), "invalid_parameter");
        let kept = std::fs::read_dir(app.app.imports.folder()).expect("the folder").count();
        assert_eq!(kept, 0, "what was refused is not kept");

        let import = upload(&admin, "orders.csv", HEADER.as_bytes()).await;
        let path = format!("/imports/{}", import["id"].as_str().expect("an id"));
        let run = admin.post(&format!("{path}/run"), json!({"mapping": {"sku": "gone", "quantity": "quantity"}, "settings": {"order_state": "cancelled"}})).await;
        assert_eq!(run.invalid(), [("/settings/order_state".into(), "reason".into())]);
        let run = admin.post(&format!("{path}/run"), json!({"mapping": {"sku": "gone", "quantity": "quantity"}})).await;
        let wrong = run.invalid();
        assert!(wrong.contains(&("/mapping/sku".into(), "reference".into())), "{wrong:?}");
        assert!(wrong.contains(&("/mapping/unit_price".into(), "missing_mapping".into())), "{wrong:?}");
        assert_eq!(admin.post(&format!("{path}/cancel"), json!({})).await.refused(409), "conflict");

        let clerk = app.user(ShippedRole::DepartmentClerk, app.department("North").await, "clerk@example.com").await;
        assert_eq!(clerk.get(&path).await.refused(404), "not_found");
        assert_eq!(clerk.get("/imports?with_total=true").await.expect(200)["total"], 0);
        assert_eq!(admin.get("/imports?with_total=true&state=uploaded").await.expect(200)["total"], 1);
        admin.send(Method::DELETE, &path, None, None).await.expect(204);
        assert!(!app.app.imports.path(import["id"].as_str().and_then(|i| i.parse().ok()).expect("an id")).exists());
    }
}

on_both! {
    async fn an_import_has_the_rights_of_whoever_starts_it(app: &TestApp) {
        let admin = app.admin().await;
        let north = app.department("North").await;
        let clerk = app.user(ShippedRole::DepartmentClerk, north, "clerk@example.com").await;
        admin.post("/customers", json!({"name": "Theirs", "code": "K1"})).await.expect(201);
        admin.post("/products", json!({"sku": "A-1", "name": "Lantern"})).await.expect(201);
        let text = format!("{HEADER}1,A-1,,1,2010-12-01,1,K1,\n2,A-1,,1,2010-12-01,1,K2,\n3,B-2,,1,2010-12-01,1,K2,\n");
        let import = upload(&clerk, "orders.csv", text.as_bytes()).await;
        let done = run_to_end(&clerk, &import, json!({})).await;
        // Another's customer looks as one that may not be used; products are for others to make.
        let reasons = [("customer_unknown".to_owned(), 1), ("product_unknown".to_owned(), 1)];
        assert_eq!(figures(&done), ("done", 3, 1, 2, reasons.into()));
        let made = clerk.get("/customers").await.expect(200)["items"][0].clone();
        let me = clerk.get("/me").await.expect(200)["user"]["id"].clone();
        assert_eq!((&made["code"], &made["owner_id"], &made["department_id"]), (&json!("K2"), &me, &json!(north)));
        let sales = app.user(ShippedRole::Sales, north, "sales@example.com").await;
        assert_eq!(sales.post("/imports", json!({})).await.refused(403), "forbidden");
    }
}

on_both! {
    async fn chinese_files_are_read(app: &TestApp) {
        let admin = app.admin().await;
        // 订单号;日期;客户编号;客户名称;货号;品名;数量;单价 in GB18030, semicolons between the cells.
        let header = b"\xb6\xa9\xb5\xa5\xba\xc5;\xc8\xd5\xc6\xda;\xbf\xcd\xbb\xa7\xb1\xe0\xba\xc5;\xbf\xcd\xbb\xa7\xc3\xfb\xb3\xc6;\xbb\xf5\xba\xc5;\xc6\xb7\xc3\xfb;\xca\xfd\xc1\xbf;\xb5\xa5\xbc\xdb\n";
        // D1;2024年3月1日;K-1;晨光;P1;灯;2;￥9.90
        let row = b"D1;2024\xc4\xea3\xd4\xc21\xc8\xd5;K-1;\xb3\xbf\xb9\xe2;P1;\xb5\xc6;2;\xa3\xa49.90\n";
        let import = upload(&admin, "%E8%AE%A2%E5%8D%95.csv", &[&header[..], row].concat()).await;
        assert_eq!((&import["encoding"], &import["filename"]), (&json!("gb18030"), &json!("订单.csv")));
        let done = run_to_end(&admin, &import, json!({"utc_offset_minutes": 480, "order_state": "draft"})).await;
        assert_eq!(figures(&done).2, 1, "{done}");
        let order = admin.get("/orders").await.expect(200)["items"][0].clone();
        assert_eq!((&order["total"], &order["customer_name"], &order["state"]), (&json!(1980), &json!("晨光"), &json!("draft")));
        assert_eq!(order["ordered_at"], "2024-02-29T16:00:00Z");
        let customer = admin.get("/customers").await.expect(200)["items"][0].clone();
        assert_eq!(customer["metrics"]["sales"], 0, "a draft does not count");
    }
}

/// A program with a database and no server: imports run when the test says so.
struct Bare {
    app: App,
    mapping: Mapping,
    text: String,
    _folder: tempfile::TempDir,
    _database: Database,
}

/// Rows of the file: several batches.
const ROWS: i64 = 9_000;

impl Bare {
    fn open(database: Database) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(Config {
            database_url: Some(database.url()),
            data_dir: folder.path().to_owned(),
            ..Config::default()
        })
        .expect("the database opens");
        app.db
            .write_blocking(Origin::system(), |tx| {
                dictionary::ship(tx)?;
                user::register(tx, "Ada", "ada@example.com", "no password", None)
            })
            .expect("an administrator");
        let mut text = HEADER.to_owned();
        for row in 0..ROWS {
            // Orders of seven rows; every tenth row cannot be taken; some rows come long after the rest of their order.
            let order = if row % 1_000 == 999 { 1 } else { row / 7 };
            let quantity = if row % 10 == 3 { 0 } else { row % 5 + 1 };
            let customer = if order == 1 { 1 } else { order % 50 };
            writeln!(
                text,
                "{order},S{},THING,{quantity},2020-01-01,1.25,{customer},",
                row % 90
            )
            .expect("memory");
        }
        let headers: Vec<String> = HEADER.trim().split(',').map(str::to_owned).collect();
        Self {
            mapping: guess_mapping(&Targets::own(ImportRecord::Orders), &headers),
            app,
            text,
            _folder: folder,
            _database: database,
        }
    }

    /// Puts the file into the queue.
    fn queue(&self) -> ImportId {
        let ada = self.app.db.read_blocking(user::any_administrator);
        self.queue_by(ada.expect("Ada"))
    }

    fn queue_by(&self, actor: Actor) -> ImportId {
        let id = ImportId::generate();
        std::fs::create_dir_all(self.app.imports.folder()).expect("a folder");
        std::fs::write(self.app.imports.path(id), &self.text).expect("room on the disk");
        let run = ImportRun {
            mapping: self.mapping.clone(),
            settings: guanxi_domain::import::ImportSettings::default(),
        };
        let new = NewImport {
            id,
            record: ImportRecord::Orders,
            filename: "big.csv".to_owned(),
            bytes: i64::try_from(self.text.len()).expect("small"),
            encoding: "utf-8".to_owned(),
            headers: HEADER.trim().split(',').map(str::to_owned).collect(),
            samples: Vec::new(),
            mapping: run.mapping.clone(),
            settings: run.settings.clone(),
        };
        let run = run.checked(Lang::En).expect("good settings");
        let db = &self.app.db;
        db.write_blocking(Origin::of(&actor.clone()), move |tx| {
            import::create(tx, &actor, &new)?;
            import::queue(tx, &actor, &Visibility::All, id, &run)
        })
        .expect("a place in the queue");
        id
    }

    fn importer(&self) -> Importer {
        Importer::new(self.app.db.clone(), self.app.imports.folder().to_owned(), 2)
    }

    /// Sum of the orders' totals, sum of the customers' sales.
    fn sums(&self) -> (i64, i64) {
        let read = |sum: fn(&mut guanxi_persistence::AnyConnection) -> i64| {
            self.app.db.read_blocking(|c| Ok(sum(c))).expect("a sum")
        };
        let orders = read(|c| {
            let mut query = ListQuery::all(&guanxi_domain::order::FIELDS);
            query.limit = 100_000;
            let page = list::<order::Orders>(c, &Visibility::All, &query).expect("orders");
            page.items.iter().map(|o| o.total.0).sum()
        });
        let sales = read(|c| {
            let mut query = ListQuery::all(&guanxi_domain::customer::FIELDS);
            query.limit = 100_000;
            let page = list::<customer::Customers>(c, &Visibility::All, &query).expect("customers");
            page.items
                .iter()
                .filter_map(|c| c.metrics.as_ref().map(|m| m.sales.0))
                .sum()
        });
        (orders, sales)
    }

    fn expected(&self) -> (i64, i64, i64) {
        let (mut imported, mut total) = (0, 0);
        for line in self.text.lines().skip(1) {
            let quantity: i64 = line
                .split(',')
                .nth(3)
                .and_then(|q| q.parse().ok())
                .expect("a quantity");
            imported += i64::from(quantity != 0);
            total += quantity * 125;
        }
        (imported, ROWS - imported, total)
    }

    fn check(&self, import: &Import) {
        let (imported, rejected, total) = self.expected();
        assert_eq!(import.state, ImportState::Done);
        assert_eq!(
            (import.read, import.imported, import.rejected),
            (ROWS, imported, rejected)
        );
        assert_eq!(self.sums(), (total, total));
        let report = metrics::verify(&self.app.db).expect("the figures");
        assert_eq!(report.differing, 0, "{report:?}");
    }
}

fn both(name: &str, test: impl Fn(Bare)) {
    test(Bare::open(Database::sqlite()));
    test(Bare::open(Database::postgres(name)));
}

#[test]
fn an_interrupted_import_goes_on_after_the_last_row_it_wrote() {
    both("import_interrupted", |bare| {
        let id = bare.queue();
        let first = bare.importer();
        let stopped = first.run(id, |job| {
            if job.read > 3_000 {
                first.stop();
            }
        });
        let stopped = stopped.expect("it runs").expect("its turn");
        assert_eq!(stopped.state, ImportState::Running);
        assert!((3_001..ROWS).contains(&stopped.read), "{}", stopped.read);
        let done = bare
            .importer()
            .run(id, |_| ())
            .expect("it runs")
            .expect("its turn");
        bare.check(&done);
    });
}

#[test]
fn a_cancelled_import_stops_and_goes_on_when_it_is_run_again() {
    both("import_cancelled", |bare| {
        let id = bare.queue();
        let db = bare.app.db.clone();
        let cancelled = bare.importer().run(id, |job| {
            if job.read < 5_000 && job.read > 2_000 {
                db.write_blocking(Origin::system(), move |tx| {
                    import::cancel(tx, &Visibility::All, id)
                })
                .expect("it runs just now");
            }
        });
        let cancelled = cancelled.expect("it runs").expect("its turn");
        assert_eq!(cancelled.state, ImportState::Cancelled);
        assert!(cancelled.read < ROWS);
        let run = ImportRun {
            mapping: cancelled.mapping.clone(),
            settings: cancelled.settings.clone(),
        };
        let run = run.checked(Lang::En).expect("as before");
        let actor = db.read_blocking(user::any_administrator).expect("Ada");
        db.write_blocking(Origin::system(), move |tx| {
            import::queue(tx, &actor, &Visibility::All, id, &run)
        })
        .expect("a cancelled import may go on");
        let done = bare
            .importer()
            .run(id, |_| ())
            .expect("it runs")
            .expect("its turn");
        bare.check(&done);
    });
}

#[test]
fn an_import_ends_with_the_rights_of_whoever_started_it() {
    both("import_rights", |bare| {
        let db = bare.app.db.clone();
        for failure in [ImportFailure::AccountClosed, ImportFailure::RightsLost] {
            let id = db.write_blocking(Origin::system(), move |tx| {
                let role = role::shipped(tx.connection, ShippedRole::DepartmentManager)?;
                let new = user::NewUser {
                    name: "Li".to_owned(),
                    email: format!("{failure}@example.com"),
                    password_hash: "no password".to_owned(),
                    state: UserState::Active,
                    role_id: Some(role),
                    department_id: department::all(tx.connection)?.first().map(|d| d.id),
                    language: None,
                };
                Ok(user::create(tx, None, &new)?.id)
            });
            let li = db.read_blocking(|c| user::actor(c, *id.as_ref().expect("a user")));
            let li = li.expect("a user");
            let take_away = |li: UserId| {
                db.write_blocking(Origin::system(), move |tx| {
                    let old = user::find(tx.connection, li)?;
                    if failure == ImportFailure::AccountClosed {
                        return user::freeze(tx, &Visibility::All, li, old.version);
                    }
                    let role = role::shipped(tx.connection, ShippedRole::Analyst)?;
                    let input = UserInput {
                        role_id: Some(role),
                        ..old.input
                    };
                    let input = input.checked(Lang::En).expect("good");
                    user::update(tx, None, &Visibility::All, li, old.version, &input)
                })
            };
            let ended = bare.importer().run(bare.queue_by(li.clone()), |job| {
                if (1..3_000).contains(&job.read) {
                    take_away(li.user_id).expect("an administrator remains");
                }
            });
            let ended = ended.expect("it runs").expect("its turn");
            assert_eq!(
                (ended.state, ended.failure),
                (ImportState::Failed, Some(failure))
            );
            assert!((1..3_000).contains(&ended.read), "{}", ended.read);
        }
    });
}

#[test]
fn one_import_runs_at_a_time() {
    both("import_turns", |bare| {
        let (first, second) = (bare.queue(), bare.queue());
        let other = bare.importer();
        let done = bare.importer().run(first, |_| {
            assert!(
                other.run(second, |_| ()).expect("no error").is_none(),
                "it is not its turn"
            );
        });
        bare.check(&done.expect("it runs").expect("its turn"));
        // The same orders again: every row is refused, none is lost.
        let again = other
            .run(second, |_| ())
            .expect("it runs")
            .expect("its turn");
        assert_eq!((again.imported, again.rejected), (0, ROWS));
        assert_eq!(bare.sums().0, bare.expected().2);
    });
}

on_both! {
    async fn what_is_imported_is_found(app: &TestApp) {
        let admin = app.admin().await;
        let file = format!("{HEADER}536365,LAMP-01,台灯,6,2026-11-21 08:26,12.99,Z98765,China\n");
        let import = upload(&admin, "a.csv", file.as_bytes()).await;
        run_to_end(&admin, &import, json!({})).await;
        for (text, record, title) in [("536365", "orders", "536365"), ("td", "products", "台灯"), ("z98765", "customers", "")] {
            let found = admin.get(&format!("/search?q={text}")).await.expect(200);
            let hit = &found["items"][0];
            assert_eq!(hit["type"], record, "{found}");
            assert!(title.is_empty() || hit["title"] == title, "{found}");
        }
    }
}
