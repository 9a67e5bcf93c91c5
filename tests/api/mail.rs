//! Outgoing mail over HTTP: the account, a test of it, the queue.

use guanxi_domain::Timestamp;
use guanxi_domain::mail::MailKind;
use guanxi_domain::permission::ShippedRole;
use guanxi_persistence::mail::{self, Attachment, NewMail};
use guanxi_tests::{Client, Database, Handed, MailServer, TestApp, on_both, until};
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::{Value, json};

/// Makes the server send there.
pub async fn lead_to(admin: &Client, server: &MailServer) -> Value {
    let old = admin.get("/mail-settings").await.expect(200);
    admin
        .patch("/mail-settings", &old, server.settings())
        .await
        .expect(200)
}

pub fn letter(address: &str) -> NewMail {
    NewMail {
        kind: MailKind::Report,
        about: None,
        user_id: None,
        to_name: "王芳，销售部".to_owned(),
        to_address: address.to_owned(),
        subject: "各地区每月销售：二〇二六年十一月，含上一期的对比和全部产品类别的毛利率"
            .to_owned(),
        text: "合计 1,299.00\n.\n一行只有一个点".to_owned(),
        html: Some("<p>合计 <b>1,299.00</b></p>".to_owned()),
        unsubscribe: Some("https://crm.example.com/reports".to_owned()),
        attachments: vec![Attachment {
            name: "销售报表 2026-11.csv".to_owned(),
            content_type: "text/csv; charset=utf-8".to_owned(),
            data: "月,销售额\r\n2026-11,1299.00\r\n".as_bytes().to_vec(),
        }],
    }
}

/// Puts a mail into the queue, as what causes one does.
async fn queue(app: &TestApp, letter: NewMail) -> String {
    let queued = app
        .app
        .db
        .housekeep(move |tx| mail::queue(tx, &letter))
        .await;
    app.app.mailer.wake();
    queued.expect("mail leaves").expect("a new one").to_string()
}

async fn in_state(admin: &Client, id: &str, state: &str) -> Value {
    until(state, async || {
        let mail = admin.get(&format!("/mails/{id}")).await.expect(200);
        (mail["state"] == state).then_some(mail)
    })
    .await
}

/// With an attempt behind it that failed.
async fn after_a_failure(admin: &Client, id: &str) -> Value {
    until("an attempt", async || {
        let mail = admin.get(&format!("/mails/{id}")).await.expect(200);
        (!mail["fault"].is_null()).then_some(mail)
    })
    .await
}

on_both! {
    async fn the_account_is_set_and_its_password_told_to_nobody(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        let first = admin.get("/mail-settings").await.expect(200);
        assert_eq!((&first["active"], &first["has_password"]), (&json!(false), &json!(false)));
        assert_eq!(admin.post("/mail-settings/test", json!({})).await.refused(409), "mail_off");
        let off = admin.patch("/mail-settings", &first, json!({"active": true})).await.invalid();
        assert_eq!(off, [("/host".to_owned(), "required".to_owned())]);
        // Of which no message could be made.
        for (member, address) in [("sender_address", "a..b@example.com"), ("reply_to", "a(b)@example.com")] {
            let refused = admin.patch("/mail-settings", &first, json!({member: address})).await.invalid();
            assert_eq!(refused, [(format!("/{member}"), "email".to_owned())]);
        }

        let mut account = server.settings();
        account["user"] = json!("crm");
        account["password"] = json!("hidden treasure");
        let set = admin.patch("/mail-settings", &first, account).await.expect(200);
        assert_eq!(set["has_password"], true);
        assert_eq!(admin.patch("/mail-settings", &first, json!({})).await.refused(412), "stale");
        let named = admin.patch("/mail-settings", &set, json!({"sender_name": "CRM"})).await.expect(200);
        assert_eq!(named["has_password"], true, "it is the same account");
        let changed = admin.patch("/mail-settings", &named, json!({"password": "another one"})).await.expect(200);
        // To another server the password does not go along.
        let led = admin.patch("/mail-settings", &changed, json!({"host": "localhost"})).await.expect(200);
        assert_eq!(led["has_password"], false);

        let trail = admin.get("/audit?record_type=mail_settings&sort=at").await.expect(200);
        let actions: Vec<_> = trail["items"].as_array().expect("a list").iter().map(|e| e["action"].clone()).collect();
        assert_eq!(actions, ["updated", "updated", "updated", "password_changed", "updated"]);
        for told in [&trail, &led, &set] {
            let told = told.to_string();
            assert!(!told.contains("hidden treasure") && !told.contains("another one"), "{told}");
        }
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        for path in ["/mail-settings", "/mails"] {
            assert_eq!(clerk.get(path).await.refused(403), "forbidden");
        }
    }
}

on_both! {
    async fn a_test_tells_at_once_how_it_went(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        let mut account = server.settings();
        account["user"] = json!("crm");
        account["password"] = json!("hidden treasure");
        // Before mail is turned on.
        account["active"] = json!(false);
        let old = admin.get("/mail-settings").await.expect(200);
        let set = admin.patch("/mail-settings", &old, account).await.expect(200);
        let sent = admin.chinese().post("/mail-settings/test", json!({})).await.expect(200);
        assert_eq!((&sent["state"], &sent["to_address"]), (&json!("sent"), &json!("admin@example.com")));
        assert_eq!(sent["answer"], "250 queued as 1");
        let handed = server.handed().remove(0);
        assert_eq!((handed.from.as_str(), handed.to.as_slice()), ("crm@example.com", ["admin@example.com".to_owned()].as_slice()));
        // "\0crm\0hidden treasure" in base64.
        assert_eq!(handed.login.as_deref(), Some("AGNybQBoaWRkZW4gdHJlYXN1cmU="));
        let message = MessageParser::default().parse(&handed.message).expect("a message");
        assert_eq!(message.subject(), Some("关系 CRM 测试邮件"));

        for (command, answer, fault, state) in [
            ("AUTH", "535 5.7.8 who are you?", "authentication", "failed"),
            ("RCPT", "550 5.1.1 no such user", "refused", "failed"),
            ("MAIL", "451 4.7.1 greylisted", "deferred", "failed"),
            ("EHLO", "hello", "protocol", "failed"),
        ] {
            server.answer(command, Some(answer));
            let failed = admin.post("/mail-settings/test", json!({"to": "li.lei@example.com"})).await.expect(200);
            assert_eq!((&failed["fault"], &failed["state"]), (&json!(fault), &json!(state)), "{failed}");
            if fault != "protocol" {
                assert!(failed["answer"].as_str().is_some_and(|a| a.contains(&answer[4..])), "{failed}");
            }
            server.answer(command, None);
        }
        server.answer("AUTH", Some("535 no"));
        let failed = admin.chinese().post("/mail-settings/test", json!({})).await.expect(200);
        assert!(failed["message"].as_str().is_some_and(|m| m.starts_with("邮件服务器拒绝登录")), "{failed}");
        // Encrypted, which that server is not; and where no server is.
        let tls = json!({"tls": "tls"});
        let set = admin.patch("/mail-settings", &set, tls).await.expect(200);
        let failed = admin.post("/mail-settings/test", json!({})).await.expect(200);
        assert_eq!(failed["fault"], "tls", "{failed}");
        let set = admin.patch("/mail-settings", &set, json!({"tls": "starttls"})).await.expect(200);
        let failed = admin.post("/mail-settings/test", json!({})).await.expect(200);
        assert_eq!(failed["fault"], "tls", "{failed}");
        let nowhere = json!({"tls": "none", "host": "mail.invalid"});
        admin.patch("/mail-settings", &set, nowhere).await.expect(200);
        let failed = admin.post("/mail-settings/test", json!({})).await.expect(200);
        assert_eq!(failed["fault"], "unreachable", "{failed}");
        let failed = admin.get("/mails?state=failed&fault=authentication").await.expect(200);
        assert_eq!(failed["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(admin.post("/mail-settings/test", json!({"to": "nobody"})).await.invalid()[0].0, "/to");
    }
}

#[track_caller]
fn is_the_letter(handed: &Handed, written: &NewMail) {
    let message = MessageParser::default()
        .parse(&handed.message)
        .expect("a message");
    assert!(handed.message.is_ascii(), "any server takes it");
    assert_eq!(message.subject(), Some(written.subject.as_str()));
    let to = message.to().and_then(|to| to.first()).expect("a recipient");
    assert_eq!(to.name(), Some(written.to_name.as_str()));
    assert_eq!(to.address(), Some(written.to_address.as_str()));
    let from = message.from().and_then(|from| from.first());
    assert_eq!(from.and_then(|from| from.name()), Some("关系 CRM"));
    let text = message.body_text(0).expect("a text").replace("\r\n", "\n");
    assert_eq!(text.trim_end(), written.text);
    assert_eq!(
        message.body_html(0).as_deref().map(str::trim_end),
        written.html.as_deref()
    );
    let attachment = message.attachment(0).expect("an attachment");
    assert_eq!(
        attachment.attachment_name(),
        Some(written.attachments[0].name.as_str())
    );
    assert_eq!(attachment.contents(), written.attachments[0].data);
    let unsubscribe = message.header_raw("List-Unsubscribe").map(str::trim);
    assert_eq!(unsubscribe, Some("<https://crm.example.com/reports>"));
    let by_itself = message.header_raw("Auto-Submitted").map(str::trim);
    assert_eq!(by_itself, Some("auto-generated"));
}

on_both! {
    async fn what_is_queued_arrives_as_it_was_written(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        lead_to(&admin, &server).await;
        app.app.mailer.start().expect("threads");
        let written = letter("wang.fang@example.com");
        let id = queue(app, written.clone()).await;
        let sent = in_state(&admin, &id, "sent").await;
        assert_eq!((&sent["attempts"], &sent["fault"]), (&json!(1), &Value::Null));
        assert_eq!(sent["message_id"], format!("<{id}@example.com>"));
        let handed = server.handed();
        is_the_letter(&handed[0], &written);

        // Sent again by hand: the same, under the same id.
        admin.post(&format!("/mails/{id}/resend"), json!({})).await.expect(202);
        until("the same again", async || (server.handed().len() == 2).then_some(())).await;
        in_state(&admin, &id, "sent").await;
        let ids: Vec<_> = server.handed().iter().map(|handed| {
            let message = MessageParser::default().parse(&handed.message).expect("a message");
            (message.message_id().map(str::to_owned), message.date().copied())
        }).collect();
        assert_eq!(ids[0], ids[1]);
        assert_eq!(ids[0].0, Some(format!("{id}@example.com")));
    }
}

on_both! {
    async fn a_refused_mail_has_failed_and_a_deferred_one_waits(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        lead_to(&admin, &server).await;
        app.app.mailer.start().expect("threads");
        server.answer("RCPT", Some("550 5.1.1 no such user here"));
        let id = queue(app, letter("gone@example.com")).await;
        let failed = in_state(&admin, &id, "failed").await;
        assert_eq!((&failed["fault"], &failed["attempts"]), (&json!("refused"), &json!(1)));
        assert!(failed["answer"].as_str().is_some_and(|a| a.contains("no such user here")), "{failed}");
        server.answer("RCPT", None);
        admin.post(&format!("/mails/{id}/resend"), json!({})).await.expect(202);
        in_state(&admin, &id, "sent").await;

        server.answer("MAIL", Some("421 too busy"));
        let id = queue(app, letter("busy@example.com")).await;
        let waits = after_a_failure(&admin, &id).await;
        assert_eq!((&waits["fault"], &waits["state"]), (&json!("deferred"), &json!("pending")));
        assert!(waits["next_at"].as_str() > waits["created_at"].as_str(), "{waits}");
        assert_eq!(admin.post(&format!("/mails/{id}/resend"), json!({})).await.refused(409), "conflict");
    }
}

/// Saves the account, which makes what waits be sent at once.
async fn try_again(admin: &Client) {
    let old = admin.get("/mail-settings").await.expect(200);
    admin
        .patch("/mail-settings", &old, json!({}))
        .await
        .expect(200);
}

on_both! {
    async fn what_the_account_is_to_blame_for_costs_no_mail(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        lead_to(&admin, &server).await;
        let ids = [
            queue(app, letter("li.lei@example.com")).await,
            queue(app, letter("wang.fang@example.com")).await,
        ];
        let refusals = [
            ("MAIL", "553 Mail from must equal authorized user"),
            ("greeting", "554 no service for you"),
            ("greeting", "421 too many connections"),
            ("RCPT", "550 5.4.5 Daily user sending limit exceeded"),
            (".", "550 5.7.60 not allowed to send as this sender"),
        ];
        server.answer(refusals[0].0, Some(refusals[0].1));
        app.app.mailer.start().expect("threads");
        // More often than a mail is tried that has itself to blame.
        for (command, answer) in refusals.iter().chain(&refusals) {
            server.answer(command, Some(answer));
            try_again(&admin).await;
            for id in &ids {
                let mail = until(answer, async || {
                    let mail = admin.get(&format!("/mails/{id}")).await.expect(200);
                    mail["answer"].as_str().is_some_and(|said| said.contains(&answer[4..])).then_some(mail)
                }).await;
                assert_eq!(mail["state"], "pending", "{mail}");
            }
            server.answer(command, None);
        }
        try_again(&admin).await;
        for id in &ids {
            in_state(&admin, id, "sent").await;
        }
        assert_eq!(server.handed().len(), 2);
    }
}

on_both! {
    async fn what_a_mail_said_is_forgotten_first_and_what_waits_stays(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        lead_to(&admin, &server).await;
        app.app.mailer.start().expect("threads");
        let sent = queue(app, letter("li.lei@example.com")).await;
        in_state(&admin, &sent, "sent").await;
        server.answer("RCPT", Some("550 5.1.1 no such user here"));
        let failed = queue(app, letter("gone@example.com")).await;
        in_state(&admin, &failed, "failed").await;
        server.answer("RCPT", Some("450 not now"));
        let waits = queue(app, letter("busy@example.com")).await;
        after_a_failure(&admin, &waits).await;

        let later = Timestamp::now().plus_seconds(24 * 3600);
        let earlier = later.plus_seconds(-2 * 24 * 3600);
        let empty = |before| app.app.db.housekeep(move |tx| mail::empty(tx, before));
        assert_eq!(empty(earlier).await.expect("no fault"), 0);
        assert_eq!(empty(later).await.expect("no fault"), 1);
        assert_eq!(empty(later).await.expect("no fault"), 0);
        assert_eq!(admin.post(&format!("/mails/{sent}/resend"), json!({})).await.refused(409), "mail_emptied");
        let prune = |before| app.app.db.housekeep(move |tx| mail::prune(tx, before));
        assert_eq!(prune(earlier).await.expect("no fault"), 0);
        assert_eq!(prune(later).await.expect("no fault"), 2);
        assert_eq!(prune(later).await.expect("no fault"), 0);
        let left = admin.get("/mails").await.expect(200);
        assert_eq!((left["items"].as_array().map(Vec::len), &left["items"][0]["id"]), (Some(1), &json!(waits)));
    }
}

on_both! {
    async fn addresses_beyond_ascii_are_handed_over_in_ascii(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        let mut account = server.settings();
        account["sender_address"] = json!("crm@例子.中国");
        let old = admin.get("/mail-settings").await.expect(200);
        admin.patch("/mail-settings", &old, account).await.expect(200);
        let sent = admin.post("/mail-settings/test", json!({"to": "li@例子.中国"})).await.expect(200);
        assert_eq!(sent["state"], "sent", "{sent}");
        assert!(sent["message_id"].as_str().is_some_and(|id| id.ends_with("@xn--fsqu00a.xn--fiqs8s>")), "{sent}");
        let handed = server.handed().remove(0);
        assert_eq!((handed.from.as_str(), handed.to[0].as_str()), ("crm@xn--fsqu00a.xn--fiqs8s", "li@xn--fsqu00a.xn--fiqs8s"));
        assert!(handed.message.is_ascii(), "any server takes it");
    }
}

on_both! {
    async fn what_is_about_one_thing_is_queued_once(app: &TestApp) {
        let admin = app.admin().await;
        let about = NewMail { about: Some("digest/1".to_owned()), ..letter("wang.fang@example.com") };
        let refused = app.app.db.housekeep({ let about = about.clone(); move |tx| mail::queue(tx, &about) }).await;
        assert!(refused.is_err(), "no mail leaves yet");
        lead_to(&admin, &MailServer::start()).await;
        queue(app, about.clone()).await;
        let again = app.app.db.housekeep(move |tx| mail::queue(tx, &about)).await;
        assert_eq!(again.expect("no fault"), None);
        // And nothing of what is undone.
        let undone: Result<(), _> = app.app.db.housekeep(|tx| {
            mail::queue(tx, &letter("li.lei@example.com"))?;
            Err(guanxi_persistence::Error::NotFound)
        }).await;
        assert!(undone.is_err());
        let all = admin.get("/mails").await.expect(200);
        assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_nothing_holds_nobody_up_for_long() {
    let app = TestApp::start_with(Database::sqlite(), |config| config.mail_timeout = 1).await;
    let admin = app.admin().await;
    let server = MailServer::start();
    server.be_mute();
    lead_to(&admin, &server).await;
    let failed = admin
        .post("/mail-settings/test", json!({}))
        .await
        .expect(200);
    assert_eq!(failed["fault"], "timed_out", "{failed}");
    app.app.mailer.start().expect("threads");
    let id = queue(&app, letter("wang.fang@example.com")).await;
    let waits = after_a_failure(&admin, &id).await;
    assert_eq!(
        (&waits["fault"], &waits["state"]),
        (&json!("timed_out"), &json!("pending"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_was_taken_is_sent_however_the_server_parts() {
    let app = TestApp::start_with(Database::sqlite(), |config| config.mail_timeout = 1).await;
    let admin = app.admin().await;
    let server = MailServer::start();
    lead_to(&admin, &server).await;
    server.answer("QUIT", Some(""));
    app.app.mailer.start().expect("threads");
    let id = queue(&app, letter("wang.fang@example.com")).await;
    let sent = in_state(&admin, &id, "sent").await;
    assert_eq!(
        (&sent["attempts"], &sent["answer"]),
        (&json!(1), &json!("250 queued as 1"))
    );
}
