//! The real program as a process: to be stopped, killed, and run several times on one database.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;

use crate::client::Client;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A running `guanxi serve`. Killed when the value goes.
pub struct Process {
    child: Child,
    pub address: String,
}

impl Process {
    /// Starts `program` on a port of its own and waits until it serves.
    pub fn start(
        program: &str,
        database_url: &str,
        data: &Path,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut command = Command::new(program);
        command
            .arg("serve")
            .env("GUANXI_LISTEN", "127.0.0.1:0")
            .env("GUANXI_DATA_DIR", data)
            .env("GUANXI_APP_DIR", data.join("no-app"))
            .env("DATABASE_URL", database_url)
            .env("RUST_LOG", "info")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let log = child.stderr.take().expect("its log");
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("serving on ") {
                    // The test may have given up.
                    let _ = sender.send(address.trim().to_owned());
                }
                // Shown by the test runner if the test fails.
                println!("{line}");
            }
        });
        let address = receiver.recv_timeout(PATIENCE).expect("the program serves");
        Self { child, address }
    }

    /// As `kill -9`: nothing can be tidied up.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Somebody who is not logged in.
    pub fn nobody(&self) -> Client {
        Client::new(&self.address, None)
    }

    /// The same caller at this process.
    pub fn client(&self, of: &Client) -> Client {
        Client::new(&self.address, of.token.clone())
    }

    /// The first account of the deployment.
    pub async fn register_admin(&self) -> Client {
        let body =
            json!({"name": "Admin", "email": "admin@example.com", "password": crate::PASSWORD});
        let tokens = self.nobody().post("/auth/register", body).await.expect(200);
        Client::new(
            &self.address,
            tokens["access_token"].as_str().map(str::to_owned),
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Asks until the answer is there; panics with `what` when that takes too long.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(answer) => answer,
        Err(error) => panic!("waited in vain for {what}: {error}"),
    }
}
