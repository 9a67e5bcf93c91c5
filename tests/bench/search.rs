//! How long a search takes, as people type it.

use std::time::Duration;

use guanxi_domain::search::{Kind, Tokens};
use guanxi_tests::{Client, TestApp};
use serde_json::Value;

use crate::load::{Request, durations};
use crate::token;

/// Searches of a kind.
const SEARCHES: usize = 400;

/// One line of the table of searches.
pub struct Line {
    what: &'static str,
    who: &'static str,
    database: &'static str,
    p50: Duration,
    p99: Duration,
}

pub fn print(lines: &[Line]) {
    println!(
        "\n{:<26} {:<20} {:<11} {:>8} {:>8}  goal",
        "GET /search", "who", "database", "p50 ms", "p99 ms"
    );
    for line in lines {
        let ms = |duration: Duration| duration.as_secs_f64() * 1_000.0;
        let mark = if ms(line.p99) < 50.0 { "" } else { " <" };
        println!(
            "{:<26} {:<20} {:<11} {:>8.1} {:>8.1}  p99 < 50{mark}",
            line.what,
            line.who,
            line.database,
            ms(line.p50),
            ms(line.p99)
        );
    }
}

/// Searches by an administrator, who sees all, and by a salesperson, who sees few.
pub async fn measure(app: &TestApp, admin: &Client, database: &'static str) -> Vec<Line> {
    eprintln!("{database}: search");
    let mut customers: Vec<Value> = Vec::new();
    for sort in ["created_at", "-created_at", "name", "-code"] {
        let page = admin
            .get(&format!("/customers?limit=200&sort={sort}"))
            .await
            .expect(200);
        customers.extend(page["items"].as_array().cloned().unwrap_or_default());
    }
    let names = texts(&customers, "name");
    let phones: Vec<Vec<char>> = texts(&customers, "phone")
        .iter()
        .map(|phone| phone.chars().filter(char::is_ascii_digit).collect())
        // Some are malformed on purpose.
        .filter(|digits: &Vec<char>| digits.len() >= 7)
        .collect();
    let kinds: [(&'static str, Vec<String>); 3] = [
        (
            "two Chinese characters",
            names.iter().filter_map(|n| two_characters(n)).collect(),
        ),
        (
            "initials in pinyin",
            names.iter().filter_map(|n| initials(n)).collect(),
        ),
        (
            "digits of a telephone",
            phones
                .iter()
                .enumerate()
                // The last four, and the first seven.
                .map(|(i, p)| match i % 2 {
                    0 => p.iter().skip(p.len() - 4).collect(),
                    _ => p.iter().take(7).collect(),
                })
                .collect(),
        ),
    ];
    let seller = admin.get("/users?q=sales1&limit=1").await.expect(200);
    let seller = seller["items"][0]["id"].as_str().expect("a seller");
    let seller = app.token_of(seller.parse().expect("an id")).await;
    let address = app.address.trim_start_matches("http://").to_owned();
    let mut lines = Vec::new();
    for (what, words) in kinds {
        assert!(!words.is_empty(), "{what}: the company has none");
        for (who, client) in [("all is seen", admin), ("own are seen", &seller)] {
            let requests: Vec<Request> = words
                .iter()
                .cycle()
                .take(SEARCHES)
                .map(|word| {
                    let path = format!("/api/v1/search?q={}", escaped(word));
                    Request::get(&path, Some(token(client)))
                })
                .collect();
            let address = address.clone();
            let took = tokio::task::spawn_blocking(move || durations(&address, &requests))
                .await
                .expect("no panic");
            lines.push(Line {
                what,
                who,
                database,
                p50: took[took.len() / 2],
                p99: took[took.len() * 99 / 100],
            });
        }
    }
    lines
}

fn texts(records: &[Value], member: &str) -> Vec<String> {
    let texts = records.iter().filter_map(|record| record[member].as_str());
    texts.map(str::to_owned).collect()
}

/// The first two neighbouring ideographs.
fn two_characters(name: &str) -> Option<String> {
    let characters: Vec<char> = name.chars().collect();
    let two = characters
        .windows(2)
        .find(|two| two.iter().all(|c| ('\u{4e00}'..='\u{9fff}').contains(c)))?;
    Some(two.iter().collect())
}

/// The first two or three initials of a Chinese name.
fn initials(name: &str) -> Option<String> {
    let length = name.chars().filter(|c| !c.is_ascii()).count();
    let tokens = Tokens::of([(Kind::Name, name)]);
    let whole = tokens
        .iter()
        .filter_map(|token| token.strip_prefix('a'))
        .find(|text| text.len() == length && text.bytes().all(|b| b.is_ascii_lowercase()))?;
    Some(whole.chars().take(2 + length % 2).collect())
}

fn escaped(text: &str) -> String {
    use std::fmt::Write;

    text.bytes().fold(String::new(), |mut escaped, byte| {
        // Writing to a String cannot fail.
        let _ = write!(escaped, "%{byte:02X}");
        escaped
    })
}
