//! A mail server: notes what it is handed and answers as told.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// A mail as it was handed over.
#[derive(Clone, Debug)]
pub struct Handed {
    pub from: String,
    pub to: Vec<String>,
    /// Whoever logged in, as `AUTH PLAIN` has it.
    pub login: Option<String>,
    pub message: Vec<u8>,
}

#[derive(Default)]
struct State {
    handed: Vec<Handed>,
    /// What is answered to a command, in place of what it wants to hear.
    answers: HashMap<String, String>,
    /// Says nothing at all.
    mute: bool,
    /// So many mails are answered; the next ones are heard, but wait.
    answered: Option<usize>,
}

/// Listens on a port of its own until the test is over.
#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self {
            port: listener.local_addr().expect("an address").port(),
            state: Arc::default(),
        };
        let shared = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                // Whoever sends may be killed meanwhile: that is what tests are about.
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        server
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the server's mail settings have to be to send here.
    pub fn settings(&self) -> Value {
        json!({
            "active": true, "host": "127.0.0.1", "port": self.port, "tls": "none",
            "sender_name": "关系 CRM", "sender_address": "crm@example.com", "app_url": "https://crm.example.com/",
        })
    }

    pub fn handed(&self) -> Vec<Handed> {
        self.lock().handed.clone()
    }

    /// Answers a command (`RCPT`, `AUTH`, `.` for the message, `greeting`) like this from now on; `None`: as it should. Nothing at all: `""`.
    pub fn answer(&self, command: &str, answer: Option<&str>) {
        let mut state = self.lock();
        match answer {
            Some(answer) => state.answers.insert(command.to_owned(), answer.to_owned()),
            None => state.answers.remove(command),
        };
    }

    /// Takes connections, but says nothing.
    pub fn be_mute(&self) {
        self.lock().mute = true;
    }

    /// Answers so many mails; the next ones are heard, but wait for their answers.
    pub fn answer_only(&self, mails: usize) {
        self.lock().answered = Some(mails);
        self.state.1.notify_all();
    }

    /// Answers to all mails again.
    pub fn answer_all(&self) {
        self.lock().answered = None;
        self.state.1.notify_all();
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        if self.lock().mute {
            // Until the other side has had enough.
            return BufReader::new(stream)
                .read_line(&mut String::new())
                .map(drop);
        }
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut mail = Handed {
            from: String::new(),
            to: Vec::new(),
            login: None,
            message: Vec::new(),
        };
        let greeting = self.lock().answers.get("greeting").cloned();
        let greeting = greeting.unwrap_or_else(|| "220 mail.example.com ESMTP".to_owned());
        stream.write_all(format!("{greeting}\r\n").as_bytes())?;
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let text = line.trim_end().to_owned();
            let command = text.split(' ').next().unwrap_or_default().to_uppercase();
            let other = self.lock().answers.get(&command).cloned();
            let answer = match (command.as_str(), other) {
                (_, Some(nothing)) if nothing.is_empty() => continue,
                (_, Some(other)) => other,
                ("EHLO", _) => "250-mail.example.com\r\n250-8BITMIME\r\n250 AUTH PLAIN".to_owned(),
                ("AUTH", _) => {
                    mail.login = text.rsplit(' ').next().map(str::to_owned);
                    "235 welcome".to_owned()
                }
                ("MAIL", _) => {
                    mail.from = address(&text);
                    "250 ok".to_owned()
                }
                ("RCPT", _) => {
                    mail.to.push(address(&text));
                    "250 ok".to_owned()
                }
                ("DATA", _) => {
                    stream.write_all(b"354 go on\r\n")?;
                    mail.message = message(&mut reader)?;
                    self.take(&mail)
                }
                ("QUIT", _) => {
                    return stream.write_all(b"221 bye\r\n");
                }
                _ => "502 what?".to_owned(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes())?;
        }
    }

    /// Notes a mail, and what is answered to it, when it may be.
    fn take(&self, mail: &Handed) -> String {
        let mut state = self.lock();
        if let Some(other) = state.answers.get(".") {
            return other.clone();
        }
        state.handed.push(mail.clone());
        let number = state.handed.len();
        while state.answered.is_some_and(|answered| number > answered) {
            let waited = self.state.1.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        format!("250 queued as {number}")
    }
}

fn address(command: &str) -> String {
    let inside = command
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}

/// Up to the line with nothing but a dot.
fn message(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(whole);
        }
        // RFC 5321, 4.5.2.
        whole.extend(line.strip_prefix(b".").unwrap_or(&line));
    }
}
