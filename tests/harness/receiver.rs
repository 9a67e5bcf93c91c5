//! Somebody who receives webhooks: notes what was heard and answers as told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// By name, in lower case.
    pub headers: Vec<(String, String)>,
    pub text: String,
    pub body: Value,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }
}

struct State {
    heard: Vec<Heard>,
    /// The status line's end: `200 OK`.
    answer: String,
    /// So many messages are answered; the next ones wait.
    answered: usize,
}

/// Listens on a port of its own until the test is over.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = State {
            heard: Vec::new(),
            answer: "200 OK".to_owned(),
            answered: usize::MAX,
        };
        let receiver = Self {
            url: format!("http://{address}/hook"),
            state: Arc::new((Mutex::new(state), Condvar::new())),
        };
        let shared = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                // Whoever sent may have been killed meanwhile: that is what the test is about.
                std::thread::spawn(move || drop(shared.hear(stream)));
            }
        });
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut headers = Vec::new();
        let mut line = String::new();
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_lowercase(), value.trim().to_owned()));
            }
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let body = serde_json::from_str(&text).unwrap_or_default();
        let answer = {
            let mut state = self.lock();
            state.heard.push(Heard {
                headers,
                text,
                body,
            });
            let number = state.heard.len();
            while number > state.answered {
                let waited = self.state.1.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
            state.answer.clone()
        };
        write!(
            stream,
            "HTTP/1.1 {answer}\r\ncontent-length: 6\r\nconnection: close\r\n\r\nthanks"
        )
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.lock().heard.clone()
    }

    /// Answers like this from now on: `500 Internal Server Error`.
    pub fn answer(&self, answer: &str) {
        answer.clone_into(&mut self.lock().answer);
    }

    /// Answers so many messages; the next ones are heard, but wait for their answers.
    pub fn answer_only(&self, messages: usize) {
        self.lock().answered = messages;
        self.state.1.notify_all();
    }
}
