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
    let address = loopback(address);
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

/// How long each request took on a connection of its own, one after the other, the shortest first.
pub fn durations(address: &str, requests: &[Request]) -> Vec<Duration> {
    let mut connection = Connection::open(loopback(address));
    // A moment to fill caches and open pools.
    for request in requests.iter().take(requests.len() / 8) {
        connection.ask(request);
    }
    let mut durations: Vec<Duration> = requests
        .iter()
        .map(|request| {
            let began = Instant::now();
            connection.ask(request);
            began.elapsed()
        })
        .collect();
    durations.sort_unstable();
    durations
}

fn loopback(address: &str) -> std::net::SocketAddr {
    let address = address
        .to_socket_addrs()
        .expect("an address")
        .next()
        .expect("an address");
    assert!(address.ip().is_loopback(), "load goes to this machine only");
    address
}

fn one_connection(
    address: std::net::SocketAddr,
    requests: &[Request],
    first: usize,
    end: Instant,
) -> u32 {
    let mut connection = Connection::open(address);
    let mut count = 0;
    for request in requests.iter().cycle().skip(first % requests.len()) {
        if Instant::now() >= end {
            break;
        }
        connection.ask(request);
        count += 1;
    }
    count
}

struct Connection {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    fn open(address: std::net::SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        let answers =
            BufReader::with_capacity(256 << 10, stream.try_clone().expect("a second handle"));
        Self {
            stream,
            answers,
            line: String::new(),
            body: Vec::new(),
        }
    }

    /// Sends a request and reads its answer to the end. Panics on an answer that is no success.
    fn ask(&mut self, request: &Request) {
        let Self {
            stream,
            answers,
            line,
            body,
        } = self;
        stream.write_all(&request.0).expect("the server reads");
        let mut length = 0;
        let mut status = true;
        loop {
            line.clear();
            answers.read_line(line).expect("the server answers");
            if std::mem::take(&mut status) {
                let asked = String::from_utf8_lossy(&request.0);
                let asked = asked.lines().next().unwrap_or_default();
                assert!(
                    line.contains(" 200 ") || line.contains(" 201 "),
                    "{asked} answered {line}"
                );
            }
            if line.trim_end().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        body.resize(length, 0);
        answers.read_exact(body).expect("the whole answer");
    }
}
