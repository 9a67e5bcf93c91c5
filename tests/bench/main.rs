//! `make bench` and `make bench-segmentation`: how fast the server is, as ratios to floors that are measured in the same run on the same machine.
//!
//! A seconds figure says something about the machine; a ratio says something about the program. Each row names its floor and
//! the goal. Nothing here asserts: a slow machine fails no build.

mod analyses;
mod fill;
mod floor;
mod load;
mod search;
mod segmentation;
mod took;

use std::path::{Path, PathBuf};
use std::time::Duration;

use guanxi_domain::Timestamp;
use guanxi_domain::permission::ShippedRole;
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_tests::{Client, Database, TestApp};
use serde_json::{Value, json};

use load::{Request, measure};

/// Connections that ask at once.
const CONNECTIONS: usize = 32;
const ROUND: Duration = Duration::from_secs(4);

/// One line of the table.
struct Row {
    what: &'static str,
    database: &'static str,
    per_second: f64,
    floor: &'static str,
    floor_per_second: f64,
    goal: f64,
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("segmentation") => return on_databases(segmentation::one_database),
        Some("analyses") => return on_databases(analyses::one_database),
        _ => {}
    }
    let mut sizes = std::env::args()
        .skip(1)
        .map(|a| a.parse().expect("bench [CUSTOMERS [ORDERS]]"));
    let customers: u32 = sizes.next().unwrap_or(20_000);
    let orders: u32 = sizes.next().unwrap_or(customers * 5);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (mut rows, mut searches) = (Vec::new(), Vec::new());
    for database in [Database::sqlite(), Database::postgres("bench")] {
        let (of_database, searches_of_database) =
            runtime.block_on(one_database(database, customers, orders));
        rows.extend(of_database);
        searches.extend(searches_of_database);
    }
    print(&rows, customers, orders);
    search::print(&searches);
}

/// `segmentation [CUSTOMERS [DATABASE]]`, and `analyses` likewise.
fn on_databases(measure: fn(&str, &Database, u32)) {
    let mut arguments = std::env::args().skip(2);
    let customers: u32 = arguments.next().map_or(1_000_000, |a| {
        a.parse()
            .expect("bench segmentation [CUSTOMERS [DATABASE]]")
    });
    let only = arguments.next();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        measure("SQLite", &Database::sqlite(), customers);
    }
    if wanted("postgres") {
        measure("PostgreSQL", &Database::postgres("bench"), customers);
    }
}

fn print(rows: &[Row], customers: u32, orders: u32) {
    println!(
        "\n{customers} customers, {orders} orders, {CONNECTIONS} connections, {} s each",
        ROUND.as_secs()
    );
    println!(
        "{:<26} {:<11} {:>10} {:>10}  {:>6} {:>5}  floor",
        "what", "database", "per s", "floor", "ratio", "goal"
    );
    for row in rows {
        let ratio = row.per_second / row.floor_per_second;
        let mark = if ratio >= row.goal { "" } else { " <" };
        println!(
            "{:<26} {:<11} {:>10.0} {:>10.0}  {:>6.2} {:>5.2}  {}{mark}",
            row.what,
            row.database,
            row.per_second,
            row.floor_per_second,
            ratio,
            row.goal,
            row.floor
        );
    }
}

fn ids(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["id"].as_str().map(str::to_owned))
        .collect()
}

async fn one_database(
    database: Database,
    customers: u32,
    orders: u32,
) -> (Vec<Row>, Vec<search::Line>) {
    let (name, sqlite) = match &database {
        Database::Sqlite(_) => ("SQLite", true),
        Database::Postgres { .. } => ("PostgreSQL", false),
    };
    let url = database.url();
    let files = tempfile::tempdir().expect("a folder for the floor's files");
    let folder: PathBuf = files.path().to_owned();
    let app = TestApp::start_with(database, |config| {
        config.workers = 2;
        config.app_dir.clone_from(&folder);
    })
    .await;
    eprintln!("{name}: seeding");
    let db = app.app.db.clone();
    let options = SeedOptions {
        customers,
        orders,
        seed: 1,
        now: Timestamp::now(),
        force: false,
        password_hash: String::new(),
        minor_digits: 2,
    };
    tokio::task::spawn_blocking(move || seed(&db, &options, |_, _, _| {}))
        .await
        .expect("no panic")
        .expect("a company");
    floor::settle(&url);
    let admin = app
        .user(
            ShippedRole::Administrator,
            app.company().await,
            "bench@example.com",
        )
        .await;
    let page = admin
        .get("/customers?limit=200&blacklisted=false")
        .await
        .expect(200);
    let customer_ids = ids(&page);
    let products = ids(&admin
        .get("/products?limit=200&active=true")
        .await
        .expect(200));

    let searches = search::measure(&app, &admin, name).await;
    let mut rows = Vec::new();
    rows.push(get_one(&app, &admin, name, &folder, &customer_ids, sqlite).await);
    rows.push(get_page(&app, &admin, name, &url, sqlite).await);
    rows.push(post_order(&app, &admin, name, &url, &customer_ids, &products, sqlite).await);
    (rows, searches)
}

async fn run(app: &TestApp, requests: Vec<Request>) -> f64 {
    let address = app.address.trim_start_matches("http://").to_owned();
    tokio::task::spawn_blocking(move || measure(&address, &requests, CONNECTIONS, ROUND))
        .await
        .expect("no panic")
}

fn token(client: &Client) -> &str {
    client.token.as_deref().expect("logged in")
}

/// GET one customer, against the same server answering constant JSON of that size.
async fn get_one(
    app: &TestApp,
    admin: &Client,
    name: &'static str,
    folder: &Path,
    ids: &[String],
    sqlite: bool,
) -> Row {
    eprintln!("{name}: GET one");
    let requests: Vec<_> = ids
        .iter()
        .map(|id| Request::get(&format!("/api/v1/customers/{id}"), Some(token(admin))))
        .collect();
    let per_second = run(app, requests).await;
    let one = admin.get(&format!("/customers/{}", ids[0])).await.text;
    // A server of its own, because the files are read when it starts.
    std::fs::write(folder.join("one.json"), &one).expect("the floor's file");
    let constant = TestApp::start_with(Database::sqlite(), |config| {
        config.workers = 2;
        folder.clone_into(&mut config.app_dir);
    })
    .await;
    let floor_per_second = run(&constant, vec![Request::get("/one.json", None)]).await;
    Row {
        what: "GET one customer",
        database: name,
        per_second,
        floor: "the same server, constant JSON of that size",
        floor_per_second,
        goal: if sqlite { 0.6 } else { 0.35 },
    }
}

/// GET a filtered, sorted page of 50.
async fn get_page(
    app: &TestApp,
    admin: &Client,
    name: &'static str,
    url: &str,
    sqlite: bool,
) -> Row {
    eprintln!("{name}: GET a page");
    let path = "/customers?limit=50&stage=active&sort=-created_at";
    let per_second = run(
        app,
        vec![Request::get(&format!("/api/v1{path}"), Some(token(admin)))],
    )
    .await;
    let (floor, floor_per_second) = if sqlite {
        let page = admin.get(path).await.text;
        let address = floor::serialising_server(&page);
        let requests = vec![Request::get("/", None)];
        let rate =
            tokio::task::spawn_blocking(move || measure(&address, &requests, CONNECTIONS, ROUND))
                .await;
        (
            "the same page serialised from memory over HTTP",
            rate.expect("no panic"),
        )
    } else {
        (
            "pgbench, the same query",
            floor::pgbench(url, floor::PAGE_SQL, CONNECTIONS, ROUND),
        )
    };
    Row {
        what: "GET a page of 50",
        database: name,
        per_second,
        floor,
        floor_per_second,
        goal: if sqlite { 0.4 } else { 0.6 },
    }
}

/// POST an order with three lines; each answer comes after a durable commit.
async fn post_order(
    app: &TestApp,
    admin: &Client,
    name: &'static str,
    url: &str,
    customers: &[String],
    products: &[String],
    sqlite: bool,
) -> Row {
    eprintln!("{name}: POST an order");
    let requests: Vec<_> = customers
        .iter()
        .enumerate()
        .map(|(i, customer)| {
            let line = |n: usize| json!({"product_id": products[(i + n) % products.len()], "quantity": "2", "unit_price": "19.99"});
            let order = json!({"customer_id": customer, "lines": [line(0), line(1), line(2)]});
            Request::post("/api/v1/orders", token(admin), &order.to_string())
        })
        .collect();
    let per_second = run(app, requests).await;
    let (floor, floor_per_second) = if sqlite {
        let db = app.app.db.clone();
        let rate =
            tokio::task::spawn_blocking(move || floor::bare_orders(&db, CONNECTIONS, ROUND)).await;
        (
            "bare inserts of the same rows, same group commit",
            rate.expect("no panic"),
        )
    } else {
        (
            "pgbench, bare inserts of the same rows",
            floor::pgbench(url, floor::ORDER_SQL, CONNECTIONS, ROUND),
        )
    };
    Row {
        what: "POST an order, 3 lines",
        database: name,
        per_second,
        floor,
        floor_per_second,
        goal: 0.4,
    }
}
