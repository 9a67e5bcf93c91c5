//! Messages to webhooks from processes that are killed.

use std::collections::{HashMap, HashSet};

use guanxi_tests::{Client, Database, Process, Receiver, until};
use serde_json::{Value, json};

const LOOPBACK: &[(&str, &str)] = &[("GUANXI_WEBHOOK_NETWORKS", "127.0.0.0/8")];
const CUSTOMERS: usize = 40;
/// The process is killed while this message is being delivered.
const KILLED_AT: usize = 10;

async fn subscribe(admin: &Client, receiver: &Receiver) -> Value {
    let hook = json!({"name": "ERP", "url": receiver.url, "events": ["customers.created"]});
    admin.post("/webhooks", hook).await.expect(201)
}

async fn create_customers(admin: &Client) -> HashSet<String> {
    let mut made = HashSet::new();
    for number in 0..CUSTOMERS {
        let customer = admin
            .post("/customers", json!({"name": format!("Customer {number}")}))
            .await;
        made.insert(
            customer.expect(201)["id"]
                .as_str()
                .expect("an id")
                .to_owned(),
        );
    }
    made
}

fn id_of(heard: &guanxi_tests::Heard) -> String {
    heard.body["data"]["id"].as_str().expect("an id").to_owned()
}

/// All of them were heard; what was heard twice was being delivered when the process was killed, and had the same id.
fn check(receiver: &Receiver, made: &HashSet<String>) {
    let mut ids: HashMap<String, Vec<String>> = HashMap::new();
    for heard in receiver.heard() {
        let message = heard.header("webhook-id").to_owned();
        ids.entry(id_of(&heard)).or_default().push(message);
    }
    assert_eq!(&ids.keys().cloned().collect::<HashSet<_>>(), made);
    let mut twice = 0;
    for messages in ids.values() {
        assert!(messages.iter().all(|id| *id == messages[0]), "{messages:?}");
        twice += messages.len() - 1;
    }
    assert!(twice <= 1, "{twice} messages came twice");
}

async fn all_heard(receiver: &Receiver, made: &HashSet<String>) {
    until("every message", async || {
        let heard: HashSet<String> = receiver.heard().iter().map(id_of).collect();
        (heard.len() == made.len()).then_some(())
    })
    .await;
}

async fn killed_while_delivering(database: Database, other: bool) {
    let data = tempfile::tempdir().expect("a folder");
    let start = || Process::start(crate::PROGRAM, &database.url(), data.path(), LOOPBACK);
    let receiver = Receiver::start();
    receiver.answer_only(KILLED_AT - 1);
    let process = start();
    let admin = process.register_admin().await;
    subscribe(&admin, &receiver).await;
    let made = create_customers(&admin).await;
    until("a message under way", async || {
        (receiver.heard().len() == KILLED_AT).then_some(())
    })
    .await;
    let second = other.then(start);
    process.kill();
    receiver.answer_only(usize::MAX);
    let second = second.unwrap_or_else(start);
    all_heard(&receiver, &made).await;
    until("the log of deliveries", async || {
        let admin = second.client(&admin);
        let hooks = admin.get("/webhooks").await.expect(200);
        let path = format!(
            "/webhooks/{}/deliveries?state=pending",
            hooks["items"][0]["id"].as_str()?
        );
        let pending = admin.get(&path).await.expect(200);
        pending["items"].as_array()?.is_empty().then_some(())
    })
    .await;
    check(&receiver, &made);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_only_process_is_killed() {
    killed_while_delivering(Database::sqlite(), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_goes_on_when_one_is_killed() {
    killed_while_delivering(Database::postgres("webhooks_killed"), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_send_each_message_once() {
    let database = Database::postgres("webhooks_of_two");
    let data = tempfile::tempdir().expect("a folder");
    let start = || Process::start(crate::PROGRAM, &database.url(), data.path(), LOOPBACK);
    let (first, _second) = (start(), start());
    let receiver = Receiver::start();
    let admin = first.register_admin().await;
    subscribe(&admin, &receiver).await;
    let made = create_customers(&admin).await;
    all_heard(&receiver, &made).await;
    assert_eq!(receiver.heard().len(), made.len());
}
