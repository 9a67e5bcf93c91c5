//! A bounded load on loopback: connections that stay open, requests that are made beforehand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// A request as its bytes.
pub struct Request(Vec<u8>);

impl Request {
    pub fn get(path: &str, token: Option<&str>) -> Self {
        let token = token
            .map(|t| format!("Authorization: Bearer {t}\r\n"))
            .unwrap_or_default();
        Self(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{token}\r\n").into_bytes())
    }

    pub fn post(path: &str, token: &str, body: &str) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Self((head + body).into_bytes())
    }
}

/// Requests per second over so many connections for so long. Panics on an answer that is no success.
pub fn measure(address: &str, requests: &[Request], connections: usize, time: Duration) -> f64 {
    let address = address
        .to_socket_addrs()
        .expect("an address")
        .next()
        .expect("an address");
    assert!(address.ip().is_loopback(), "load goes to this machine only");
    // A moment to fill caches and open pools.
    let mut total = 0;
    for round in [time / 8, time] {
        total = std::thread::scope(|scope| {
            let end = Instant::now() + round;
            let workers: Vec<_> = (0..connections)
                .map(|number| {
                    scope.spawn(move || one_connection(address, requests, number * 7, end))
                })
                .collect();
            workers
                .into_iter()
                .map(|w| w.join().expect("no panic"))
                .sum::<u32>()
        });
    }
    f64::from(total) / time.as_secs_f64()
}

fn one_connection(
    address: std::net::SocketAddr,
    requests: &[Request],
    first: usize,
    end: Instant,
) -> u32 {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_nodelay(true).expect("a socket option");
    let mut answers =
        BufReader::with_capacity(256 << 10, stream.try_clone().expect("a second handle"));
    let (mut line, mut body) = (String::new(), Vec::new());
    let mut count = 0;
    for request in requests.iter().cycle().skip(first % requests.len()) {
        if Instant::now() >= end {
            break;
        }
        stream.write_all(&request.0).expect("the server reads");
        let mut length = 0;
        let mut status = true;
        loop {
            line.clear();
            answers.read_line(&mut line).expect("the server answers");
            if std::mem::take(&mut status) {
                assert!(line.contains(" 200 ") || line.contains(" 201 "), "{line}");
            }
            if line.trim_end().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        body.resize(length, 0);
        answers.read_exact(&mut body).expect("the whole answer");
        count += 1;
    }
    count
}
