//! Accounts from the command line.

use std::io::Write;
use std::process::{Command, Stdio};

use guanxi_tests::{Database, Process};
use serde_json::{Value, json};

struct Shell<'a> {
    database: &'a Database,
    data: tempfile::TempDir,
}

impl Shell<'_> {
    /// What `guanxi user …` printed, or complained of.
    fn user(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut child = Command::new(crate::PROGRAM)
            .arg("user")
            .args(arguments)
            .env("DATABASE_URL", self.database.url())
            .env("GUANXI_DATA_DIR", self.data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input");
        // It may have refused without reading.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text(output.stderr))
        }
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        self.user(arguments, "").expect("it succeeds")
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str], why: &str) {
        let error = self.user(arguments, "").expect_err("refused");
        assert!(error.contains(why), "{error}");
    }
}

fn password(told: &str) -> &str {
    let (_, password) = told.split_once("password: ").expect("a password");
    password.trim()
}

async fn log_in(server: &Process, email: &str, password: &str) -> Result<String, String> {
    let body = json!({"email": email, "password": password});
    let reply = server.nobody().post("/auth/login", body).await;
    match reply.status {
        200 => Ok(reply.body["access_token"]
            .as_str()
            .expect("a token")
            .to_owned()),
        _ => Err(reply.body["code"].as_str().expect("a code").to_owned()),
    }
}

/// The administrator's password.
fn create(shell: &Shell<'_>) -> String {
    shell.refuses(&["create", "ada", "--name", "Ada"], "email");
    let first = shell.does(&["create", "Ada@example.com", "--name", "Ada"]);
    shell.refuses(&["create", "bob@example.com", "--name", "Bob"], "--role");
    let again = [
        "create",
        "ada@example.com",
        "--name",
        "Ada",
        "--role",
        "sales",
    ];
    shell.refuses(&again, "already taken");
    let bob = [
        "create",
        "bob@example.com",
        "--name",
        "Bob",
        "--role",
        "销售",
        "--password-stdin",
    ];
    shell
        .user(&bob, "1234567890\n")
        .expect_err("a common password");
    shell
        .user(&bob, "correct horse battery\n")
        .expect("an account");
    let listed = shell.does(&["list"]);
    for line in [
        "ada@example.com\tAda\tactive\tAdministrator\t",
        "bob@example.com\tBob\tactive\tSales\t",
    ] {
        assert!(listed.contains(line), "{listed}");
    }
    password(&first).to_owned()
}

/// Each change is felt by the next request; Bob's new password.
async fn change(shell: &Shell<'_>, server: &Process) -> String {
    let token = log_in(server, "bob@example.com", "correct horse battery").await;
    let bob = server.nobody().with_token(&token.expect("logged in"));
    assert_eq!(bob.get("/me").await.expect(200)["role_en"], "Sales");
    shell.does(&["set-role", "bob@example.com", "analyst"]);
    assert_eq!(bob.get("/me").await.expect(200)["role_en"], "Analyst");
    shell.does(&["freeze", "bob@example.com"]);
    assert_eq!(bob.get("/me").await.refused(401), "invalid_token");
    shell.refuses(&["freeze", "bob@example.com"], "does not allow");
    shell.does(&["unfreeze", "bob@example.com"]);
    let new = shell.does(&["reset-password", "bob@example.com"]);
    assert_eq!(bob.get("/me").await.refused(401), "invalid_token");
    let old = log_in(server, "bob@example.com", "correct horse battery").await;
    assert_eq!(old, Err("invalid_credentials".to_owned()));
    let again = log_in(server, "bob@example.com", password(&new)).await;
    again.expect("logged in");

    shell.refuses(&["freeze", "ada@example.com"], "manage users");
    shell.refuses(&["freeze", "nobody@example.com"], "no such account");
    let body =
        json!({"name": "Cleo", "email": "cleo@example.com", "password": "correct horse battery"});
    let registered = server.nobody().post("/auth/register", body).await;
    registered.expect(201);
    shell.refuses(&["activate", "cleo@example.com"], "--role");
    shell.does(&["activate", "cleo@example.com", "--role", "finance"]);
    password(&new).to_owned()
}

async fn accounts(database: Database) {
    let data = tempfile::tempdir().expect("a folder");
    let shell = Shell {
        database: &database,
        data,
    };
    let first = create(&shell);
    let server = Process::start(crate::PROGRAM, &database.url(), shell.data.path(), &[]);
    let token = log_in(&server, "ada@example.com", &first).await;
    let admin = server.nobody().with_token(&token.expect("logged in"));
    let new = change(&shell, &server).await;

    let trail = admin
        .get("/audit?record_type=users&limit=200&sort=at")
        .await;
    let trail = trail.expect(200);
    let entries = trail["items"].as_array().expect("a list").iter();
    let actions: Vec<&Value> = entries
        .filter(|entry| entry["user_name"] == "command line")
        .map(|entry| &entry["action"])
        .collect();
    assert_eq!(
        actions,
        [
            "created",
            "created",
            "updated",
            "frozen",
            "unfrozen",
            "password_changed",
            "activated"
        ]
    );
    assert!(!trail.to_string().contains(&new), "no password is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_made_and_changed_on_sqlite() {
    accounts(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_made_and_changed_on_postgresql() {
    accounts(Database::postgres("accounts_by_command")).await;
}
