//! Mail from processes that are killed, and from two at once.

use std::collections::{HashMap, HashSet};

use guanxi_tests::{Client, Database, MailServer, Process, until};
use mail_parser::MessageParser;
use serde_json::json;

const MAILS: usize = 12;
/// The process is killed while this mail is being handed over.
const KILLED_AT: usize = 4;
/// The claim of a process that was killed runs out within a minute.
const QUICK: &[(&str, &str)] = &[("GUANXI_MAIL_TIMEOUT", "2")];

/// Mails that wait: tests that were refused by nobody, to be sent again.
async fn set_up(admin: &Client, server: &MailServer) -> Vec<String> {
    let old = admin.get("/mail-settings").await.expect(200);
    let settings = server.settings();
    admin
        .patch("/mail-settings", &old, settings)
        .await
        .expect(200);
    server.answer("RCPT", Some("550 not yet"));
    let mut ids = Vec::new();
    for number in 0..MAILS {
        let to = json!({"to": format!("user{number}@example.com")});
        let mail = admin.post("/mail-settings/test", to).await.expect(200);
        assert_eq!(mail["fault"], "refused");
        ids.push(mail["id"].as_str().expect("an id").to_owned());
    }
    server.answer("RCPT", None);
    ids
}

async fn send_again(admin: &Client, ids: &[String]) {
    for id in ids {
        let path = format!("/mails/{id}/resend");
        admin.post(&path, json!({})).await.expect(202);
    }
}

/// How often each mail arrived, by its id.
fn heard(server: &MailServer) -> HashMap<String, usize> {
    let mut heard = HashMap::new();
    for handed in server.handed() {
        let message = MessageParser::default()
            .parse(&handed.message)
            .expect("a message");
        let id = message.message_id().expect("an id").split('@').next();
        *heard.entry(id.unwrap_or_default().to_owned()).or_insert(0) += 1;
    }
    heard
}

async fn all_sent(admin: &Client) {
    until("every mail", async || {
        let waiting = admin.get("/mails?state=pending").await.expect(200);
        waiting["items"].as_array()?.is_empty().then_some(())
    })
    .await;
}

async fn killed_while_sending(database: Database) {
    let data = tempfile::tempdir().expect("a folder");
    let start = || Process::start(crate::PROGRAM, &database.url(), data.path(), QUICK);
    let server = MailServer::start();
    let process = start();
    let admin = process.register_admin().await;
    let ids = set_up(&admin, &server).await;
    server.answer_only(KILLED_AT - 1);
    send_again(&admin, &ids).await;
    until("a mail under way", async || {
        (server.handed().len() >= KILLED_AT).then_some(())
    })
    .await;
    process.kill();
    server.answer_all();
    let second = start();
    all_sent(&second.client(&admin)).await;
    let heard = heard(&server);
    let expected: HashSet<&String> = ids.iter().collect();
    assert_eq!(heard.keys().collect::<HashSet<_>>(), expected);
    // Two threads send: what each of them was at may have come twice.
    let twice: usize = heard.values().map(|times| times - 1).sum();
    assert!(twice <= 2, "{twice} mails came twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mail_is_lost_when_the_process_is_killed_on_sqlite() {
    killed_while_sending(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mail_is_lost_when_the_process_is_killed_on_postgres() {
    killed_while_sending(Database::postgres("mail_killed")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_send_each_mail_once() {
    let database = Database::postgres("mail_of_two");
    let data = tempfile::tempdir().expect("a folder");
    let start = || Process::start(crate::PROGRAM, &database.url(), data.path(), QUICK);
    let (first, _second) = (start(), start());
    let server = MailServer::start();
    let admin = first.register_admin().await;
    let ids = set_up(&admin, &server).await;
    send_again(&admin, &ids).await;
    all_sent(&admin).await;
    let heard = heard(&server);
    assert_eq!(heard.len(), ids.len());
    assert!(heard.values().all(|times| *times == 1), "{heard:?}");
}
