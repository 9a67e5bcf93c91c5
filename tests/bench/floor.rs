//! The floors: what the machine can do at best for the same work.

use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use guanxi_domain::Page;
use guanxi_domain::customer::Customer;
use guanxi_persistence::{Backend, Db, bare, raw_postgres};

/// The page that the server answers, as it asks PostgreSQL for it.
pub const PAGE_SQL: &str = "SELECT c.*, m.* FROM customers c INNER JOIN customer_metrics m ON m.customer_id = c.id \
     WHERE c.archived_at IS NULL AND c.stage = 'active' ORDER BY c.created_at DESC, c.id DESC LIMIT 51;";

/// The rows of an order, and nothing but the inserts.
pub const ORDER_SQL: &str = bare::ORDER_SQL;

/// Lets PostgreSQL look at the new tables before it is asked.
pub fn settle(url: &str) {
    if Backend::of(url) == Backend::Postgres {
        raw_postgres(url, "VACUUM ANALYZE").expect("statistics");
    }
}

/// A server that puts the page into JSON for each request, and does nothing else. Its address.
pub fn serialising_server(page: &str) -> String {
    let page: Page<Customer> = serde_json::from_str(page).expect("a page of customers");
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let page = web::Data::new(page);
            let server = HttpServer::new(move || {
                App::new().app_data(page.clone()).route(
                    "/",
                    web::get().to(|page: web::Data<Page<Customer>>| async move {
                        HttpResponse::Ok().json(&**page)
                    }),
                )
            })
            .workers(2)
            .bind(("127.0.0.1", 0))
            .expect("a port");
            sender.send(server.addrs()[0]).expect("somebody waits");
            server.run().await.expect("the server runs");
        });
    });
    receiver.recv().expect("the server started").to_string()
}

/// Transactions per second of a script with as many clients.
pub fn pgbench(url: &str, sql: &str, clients: usize, time: Duration) -> f64 {
    let mut script = tempfile::NamedTempFile::new().expect("a file for the script");
    script.write_all(sql.as_bytes()).expect("the script");
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-j", "2"])
        .args([
            "-c",
            &clients.to_string(),
            "-T",
            &time.as_secs().to_string(),
            "-f",
        ])
        .arg(script.path())
        .arg(url)
        .output()
        .expect("pgbench, of the package postgresql-contrib or postgresql-15");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .find_map(|line| {
            line.strip_prefix("tps = ")?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or_else(|| panic!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// The same rows as an order's through the same writer, by prepared inserts.
pub fn bare_orders(db: &Db, threads: usize, time: Duration) -> f64 {
    let count = AtomicU32::new(0);
    let end = Instant::now() + time;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while Instant::now() < end {
                    db.housekeep_blocking(bare::insert_order).expect("an order");
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    f64::from(count.into_inner()) / time.as_secs_f64()
}
