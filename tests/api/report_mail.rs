//! Saved reports by mail: schedules, and what each recipient gets.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::{ReportId, Timestamp, UserId};
use guanxi_persistence::mail;
use guanxi_persistence::report::schedule;
use guanxi_tests::{Client, Handed, MailServer, TestApp, on_both, until};
use mail_parser::{Message, MessageParser, MimeHeaders};
use reqwest::Method;
use serde_json::{Value, json};

use crate::mail::{lead_to, letter};
use crate::report::sold;

async fn id_of(client: &Client) -> Value {
    client.get("/me").await.expect(200)["user"]["id"].clone()
}

async fn saved(client: &Client, name: &str, shared: bool) -> String {
    let query = json!({"rows": ["customer"], "measures": ["sales", "orders"], "from": "2026-01-01", "to": "2026-12-31"});
    let report = json!({"name": name, "shared": shared, "query": query});
    let report = client.post("/reports", report).await.expect(201);
    format!("/reports/{}", report["id"].as_str().expect("an id"))
}

async fn put(client: &Client, report: &str, version: i64, input: Value) -> guanxi_tests::Reply {
    let path = format!("{report}/schedule");
    client
        .send(Method::PUT, &path, Some(version), Some(input))
        .await
}

fn weekly(recipients: &[&Value]) -> Value {
    json!({"rhythm": "weekly", "weekday": 1, "hour": 8, "attachment": "xlsx", "recipients": recipients})
}

/// With its threads at work.
async fn set_up(app: &TestApp) -> (Client, MailServer) {
    let admin = app.admin().await;
    let server = MailServer::start();
    lead_to(&admin, &server).await;
    app.app.jobs.start().expect("threads");
    app.app.mailer.start().expect("threads");
    (admin, server)
}

/// Until all that was to be mailed was, or could not.
async fn settled(client: &Client, report: &str) -> Value {
    let path = format!("{report}/schedule");
    until("the mails", async || {
        let schedule = client.get(&path).await.expect(200);
        let done = schedule["last"]["done"] == true;
        let people = schedule["people"].as_array().into_iter().flatten();
        let waits = people.into_iter().any(|one| one["outcome"] == "pending");
        (done && !waits).then_some(schedule)
    })
    .await
}

fn to<'a>(handed: &'a [Handed], address: &str) -> Vec<&'a Handed> {
    let of = |mail: &&Handed| mail.to == [address.to_owned()];
    handed.iter().filter(of).collect()
}

fn parsed(handed: &Handed) -> Message<'_> {
    MessageParser::default()
        .parse(&handed.message)
        .expect("a message")
}

/// The cells of a workbook, row by row.
fn cells(file: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.to_vec())).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    let text = |cell: &Data| cell.to_string();
    sheet
        .rows()
        .map(|row| row.iter().map(text).collect())
        .collect()
}

on_both! {
    async fn each_recipient_gets_their_own_figures_in_their_language(app: &TestApp) {
        let (admin, server) = set_up(app).await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let li = app.user(ShippedRole::Sales, north, "li@example.com").await;
        let director = app.user(ShippedRole::Director, south, "director@example.com").await;
        let frozen = app.user(ShippedRole::Director, south, "frozen@example.com").await;
        sold(&admin, "晨光 <商贸>", "cn_east", "2026-01-31", "1200.50").await;
        sold(&li, "Northern", "cn_north", "2026-02-02", "30").await;
        let me = admin.get("/me").await.expect(200);
        admin.patch("/me", &me["user"], json!({"language": "zh"})).await.expect(200);
        let them = director.get("/me").await.expect(200);
        director.patch("/me", &them["user"], json!({"language": "en"})).await.expect(200);
        let cold = id_of(&frozen).await;
        let account = admin.get(&format!("/users/{}", cold.as_str().expect("an id"))).await.expect(200);
        let report = saved(&admin, "客户/销售", true).await;
        let people = [&id_of(&admin).await, &id_of(&li).await, &id_of(&director).await, &cold];
        let set = put(&admin, &report, 0, weekly(&people)).await.expect(200);
        assert_eq!((&set["version"], &set["time_zone"]), (&json!(1), &json!("Asia/Shanghai")));
        admin.post_to(&format!("/users/{}/freeze", cold.as_str().expect("an id")), &account, None).await.expect(200);

        let begun = admin.post(&format!("{report}/schedule/send"), json!({})).await.expect(202);
        assert_eq!(begun["last"]["by"], me["user"]["id"]);
        let schedule = settled(&admin, &report).await;
        let outcomes: Vec<_> = schedule["people"].as_array().expect("a list").iter().map(|p| (p["name"].clone(), p["outcome"].clone())).collect();
        assert_eq!(json!(outcomes), json!([["Admin", "sent"], ["director", "sent"], ["frozen", "inactive"], ["li", "sent"]]));

        let handed = server.handed();
        assert_eq!(handed.len(), 3);
        let whole = parsed(to(&handed, "admin@example.com")[0]);
        assert_eq!(whole.subject(), Some("客户/销售 · 2026-01-01 至 2026-12-31"));
        let html = whole.body_html(0).expect("a table").into_owned();
        assert!(html.contains("晨光 &lt;商贸&gt;") && html.contains(">1,200.50</td>") && html.contains(">1,230.50</td>"), "{html}");
        assert!(whole.body_text(0).expect("a text").contains("销售额"));
        let link = format!("https://crm.example.com{report}");
        assert!(html.contains(&link), "{html}");
        let file = whole.attachment(0).expect("a file");
        let name = file.attachment_name().expect("a name");
        assert!(name.starts_with("客户_销售 20") && std::path::Path::new(name).extension().is_some_and(|e| e == "xlsx"), "{name}");
        let rows = cells(file.contents());
        assert_eq!(rows[0], ["客户", "销售额", "订单数"]);
        assert_eq!(rows.last().map(|row| row[1].as_str()), Some("1230.5"));

        // A seller: own figures, and no file, for want of the right to export.
        let own = parsed(to(&handed, "li@example.com")[0]);
        let html = own.body_html(0).expect("a table").into_owned();
        assert!(html.contains("Northern") && html.contains(">30.00</td>"), "{html}");
        assert!(!html.contains("晨光") && !html.contains("1,2"), "{html}");
        assert_eq!(own.attachment_count(), 0);
        let english = parsed(to(&handed, "director@example.com")[0]);
        assert_eq!(english.subject(), Some("客户/销售 · 2026-01-01 to 2026-12-31"));
        assert_eq!(cells(english.attachment(0).expect("a file").contents())[0], ["Customer", "Sales", "Orders"]);
        let unsubscribe = english.header_raw("List-Unsubscribe").map(str::trim).map(str::to_owned);
        assert_eq!(unsubscribe, Some(format!("<{link}?mail=1>")));

        let id = report.rsplit('/').next().expect("an id");
        let trail = admin.get(&format!("/audit?record_type=reports&record_id={id}&sort=at")).await.expect(200);
        let actions: Vec<_> = trail["items"].as_array().expect("a list").iter().map(|e| e["action"].clone()).collect();
        assert_eq!(actions, ["created", "scheduled", "queued", "mailed"]);
    }
}

on_both! {
    async fn recipients_leave_and_those_who_may_not_see_it_get_nothing(app: &TestApp) {
        let (admin, server) = set_up(app).await;
        let li = app.user(ShippedRole::Sales, app.company().await, "li@example.com").await;
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        let wang = app.user(ShippedRole::DepartmentManager, app.company().await, "wang@example.com").await;
        let report = saved(&admin, "Sales", true).await;
        let people = [&id_of(&li).await, &id_of(&clerk).await, &id_of(&wang).await];
        put(&admin, &report, 0, weekly(&people)).await.expect(200);
        // What is not theirs they do not change, nor do they see who else gets it.
        let seen = li.get(&format!("{report}/schedule")).await.expect(200);
        assert_eq!((&seen["may_change"], &seen["subscribed"], seen["people"].as_array().map(Vec::len)), (&json!(false), &json!(true), Some(1)));
        assert_eq!(put(&li, &report, 1, weekly(&people)).await.refused(403), "forbidden");
        assert_eq!(li.post(&format!("{report}/schedule/send"), json!({})).await.refused(403), "forbidden");
        let subscription = format!("{report}/schedule/subscription");
        let left = li.send(Method::PUT, &subscription, None, Some(json!({"subscribed": false}))).await.expect(200);
        assert_eq!(left["subscribed"], false);
        assert_eq!(admin.send(Method::PUT, &subscription, None, Some(json!({"subscribed": false}))).await.refused(404), "not_found");
        // A change of the rest leaves that as it is.
        let mut daily = weekly(&people);
        daily["rhythm"] = json!("daily");
        put(&admin, &report, 1, daily).await.expect(200);

        admin.post(&format!("{report}/schedule/send"), json!({})).await.expect(202);
        let schedule = settled(&admin, &report).await;
        let outcomes: Vec<_> = schedule["people"].as_array().expect("a list").iter().map(|p| (p["name"].clone(), p["outcome"].clone())).collect();
        assert_eq!(json!(outcomes), json!([["clerk", "no_access"], ["li", "unsubscribed"], ["wang", "sent"]]));
        assert_eq!(server.handed().len(), 1);
        // Sent again: another mail, of another sending.
        li.send(Method::PUT, &subscription, None, Some(json!({"subscribed": true}))).await.expect(200);
        admin.post(&format!("{report}/schedule/send"), json!({})).await.expect(202);
        until("two more", async || (server.handed().len() == 3).then_some(())).await;

        // Shared no more: only the owner may get it.
        let old = admin.get(&report).await.expect(200);
        admin.patch(&report, &old, json!({"shared": false})).await.expect(200);
        assert_eq!(put(&admin, &report, 2, weekly(&people)).await.invalid(), [("/recipients/0".to_owned(), "report_private".to_owned())]);
        settled(&admin, &report).await;
        admin.post(&format!("{report}/schedule/send"), json!({})).await.expect(202);
        let schedule = settled(&admin, &report).await;
        let outcomes: Vec<_> = schedule["people"].as_array().expect("a list").iter().map(|p| p["outcome"].clone()).collect();
        assert_eq!(outcomes, ["no_access", "no_access", "no_access"]);
    }
}

/// What became of whom, and why.
fn fates(schedule: &Value) -> Value {
    let people = schedule["people"].as_array().expect("a list").iter();
    people
        .map(|one| json!([one["name"], one["outcome"], one["fault"]]))
        .collect()
}

on_both! {
    async fn what_waits_leaves_only_for_those_who_may_still_get_it(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        lead_to(&admin, &server).await;
        app.app.jobs.start().expect("threads");
        let company = app.company().await;
        let cold = app.user(ShippedRole::Director, company, "cold@example.com").await;
        let left = app.user(ShippedRole::Director, company, "left@example.com").await;
        let stays = app.user(ShippedRole::Director, company, "stays@example.com").await;
        let report = saved(&admin, "Sales", true).await;
        let people = [&id_of(&cold).await, &id_of(&left).await, &id_of(&stays).await];
        put(&admin, &report, 0, weekly(&people)).await.expect(200);
        admin.post(&format!("{report}/schedule/send"), json!({})).await.expect(202);
        until("mails that wait", async || {
            let schedule = admin.get(&format!("{report}/schedule")).await.expect(200);
            (schedule["last"]["done"] == true).then_some(())
        }).await;
        let path = format!("/users/{}", people[0].as_str().expect("an id"));
        let account = admin.get(&path).await.expect(200);
        admin.post_to(&format!("{path}/freeze"), &account, None).await.expect(200);
        left.send(Method::PUT, &format!("{report}/schedule/subscription"), None, Some(json!({"subscribed": false}))).await.expect(200);

        app.app.mailer.start().expect("threads");
        let schedule = settled(&admin, &report).await;
        let expected = json!([["cold", "failed", "withdrawn"], ["left", "failed", "withdrawn"], ["stays", "sent", null]]);
        assert_eq!(fates(&schedule), expected);
        // By hand neither.
        let failed = admin.get("/mails?state=failed").await.expect(200);
        for mail in failed["items"].as_array().expect("a list") {
            let id = mail["id"].as_str().expect("an id");
            admin.post(&format!("/mails/{id}/resend"), json!({})).await.expect(202);
        }
        let schedule = settled(&admin, &report).await;
        assert_eq!(fates(&schedule), expected);
        assert_eq!(server.handed().len(), 1);

        // It is known still when the mails are not.
        let later = Timestamp::now().plus_seconds(24 * 3600);
        let gone = app.app.db.housekeep(move |tx| mail::prune(tx, later)).await;
        assert_eq!(gone.expect("no fault"), 3);
        let schedule = admin.get(&format!("{report}/schedule")).await.expect(200);
        assert_eq!(fates(&schedule), json!([["cold", "failed", null], ["left", "failed", null], ["stays", "sent", null]]));
    }
}

on_both! {
    async fn who_wants_no_more_is_not_made_to(app: &TestApp) {
        let admin = app.admin().await;
        let (me, li) = (id_of(&admin).await, app.user(ShippedRole::Sales, app.company().await, "li@example.com").await);
        let them = id_of(&li).await;
        let report = saved(&admin, "Sales", true).await;
        put(&admin, &report, 0, weekly(&[&me, &them])).await.expect(200);
        let subscription = format!("{report}/schedule/subscription");
        li.send(Method::PUT, &subscription, None, Some(json!({"subscribed": false}))).await.expect(200);
        let subscribed = async || li.get(&format!("{report}/schedule")).await.expect(200)["subscribed"].clone();
        put(&admin, &report, 1, weekly(&[&me])).await.expect(200);
        assert_eq!(subscribed().await, Value::Null);
        let again = put(&admin, &report, 2, weekly(&[&me, &them])).await.expect(200);
        assert_eq!(subscribed().await, false);
        admin.delete(&format!("{report}/schedule"), &again).await.expect(204);
        put(&admin, &report, 0, weekly(&[&me, &them])).await.expect(200);
        assert_eq!(subscribed().await, false);
        // They may change their mind.
        li.send(Method::PUT, &subscription, None, Some(json!({"subscribed": true}))).await.expect(200);
        assert_eq!(subscribed().await, true);
    }
}

on_both! {
    async fn a_job_that_was_cancelled_queues_nothing_for_the_next_sending(app: &TestApp) {
        let admin = app.admin().await;
        let server = MailServer::start();
        lead_to(&admin, &server).await;
        let me = id_of(&admin).await;
        let report = saved(&admin, "Sales", false).await;
        put(&admin, &report, 0, weekly(&[&me])).await.expect(200);
        let send = async || admin.post(&format!("{report}/schedule/send"), json!({})).await;
        send().await.expect(202);
        let id: ReportId = report.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let old = app.app.db.read(move |c| schedule::sending(c, id)).await.expect("no fault").expect("a sending");
        let jobs = admin.get("/jobs?kind=report_mail").await.expect(200);
        let job = jobs["items"][0]["id"].as_str().expect("an id");
        admin.post(&format!("/jobs/{job}/cancel"), json!({})).await.expect(200);
        send().await.expect(202);

        let user: UserId = me.as_str().and_then(|id| id.parse().ok()).expect("an id");
        let written = Ok(letter("admin@example.com"));
        let settled = app.app.db.housekeep(move |tx| schedule::settle(tx, &old, user, &written)).await;
        assert!(!settled.expect("no fault"), "it is over");
        let mails = admin.get("/mails").await.expect(200);
        assert_eq!(mails["items"], json!([]));
        // What replaced it does.
        let new = app.app.db.read(move |c| schedule::sending(c, id)).await.expect("no fault").expect("a sending");
        let written = Ok(letter("admin@example.com"));
        let settled = app.app.db.housekeep(move |tx| schedule::settle(tx, &new, user, &written)).await;
        assert!(settled.expect("no fault"));
    }
}

on_both! {
    async fn what_makes_no_sense_is_refused(app: &TestApp) {
        let admin = app.admin().await;
        let me = id_of(&admin).await;
        let report = saved(&admin, "Sales", false).await;
        let none = admin.get(&format!("{report}/schedule")).await.expect(200);
        assert_eq!((&none["version"], &none["active"], &none["next_at"], &none["mail_active"]), (&json!(0), &json!(false), &Value::Null, &json!(false)));
        let stranger = json!("01900000-0000-7000-8000-000000000000");
        for (change, pointer, code) in [
            (json!({"recipients": [stranger]}), "/recipients/0", "reference"),
            (json!({"recipients": [me, me]}), "/recipients", "once"),
            (json!({"recipients": []}), "/recipients", "required"),
            (json!({"hour": 24}), "/hour", "range"),
            (json!({"weekday": null}), "/weekday", "required"),
            (json!({"rhythm": "monthly", "day": 0}), "/day", "range"),
            (json!({"rhythm": "hourly"}), "/rhythm", "type"),
        ] {
            let mut input = weekly(&[&me]);
            for (name, value) in change.as_object().expect("an object") {
                input[name] = value.clone();
            }
            assert_eq!(put(&admin, &report, 0, input).await.invalid().first(), Some(&(pointer.to_owned(), code.to_owned())), "{change}");
        }
        assert_eq!(put(&admin, &report, 1, weekly(&[&me])).await.refused(412), "stale");
        let set = put(&admin, &report, 0, weekly(&[&me])).await.expect(200);
        assert_eq!(put(&admin, &report, 0, weekly(&[&me])).await.refused(412), "stale");
        assert_eq!(admin.post(&format!("{report}/schedule/send"), json!({})).await.refused(409), "mail_off");
        // Monday at eight in Shanghai is midnight in UTC; in Berlin it is later.
        let at = set["next_at"].as_str().expect("a time").to_owned();
        assert!(at.ends_with("T00:00:00Z"), "{at}");
        let settings = admin.get("/settings").await.expect(200);
        assert_eq!(admin.patch("/settings", &settings, json!({"time_zone": "Mars/Base"})).await.invalid(), [("/time_zone".to_owned(), "time_zone".to_owned())]);
        admin.patch("/settings", &settings, json!({"time_zone": "Asia/Tokyo"})).await.expect(200);
        let moved = admin.get(&format!("{report}/schedule")).await.expect(200);
        assert!(moved["next_at"].as_str().is_some_and(|at| at.ends_with("T23:00:00Z")), "{moved}");
        admin.delete(&format!("{report}/schedule"), &moved).await.expect(204);
        assert_eq!(admin.get(&format!("{report}/schedule")).await.expect(200)["version"], 0);
    }
}

on_both! {
    async fn what_is_due_is_sent_once_whoever_looks(app: &TestApp) {
        let (admin, server) = set_up(app).await;
        let me = id_of(&admin).await;
        let report = saved(&admin, "Sales", false).await;
        let set = put(&admin, &report, 0, weekly(&[&me])).await.expect(200);
        let due: Timestamp = set["next_at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
        let early = due.plus_seconds(-1);
        let look = |now| app.app.db.housekeep(move |tx| schedule::queue_due(tx, now));
        assert_eq!(look(early).await.expect("no fault"), 0);
        // Two replicas at once.
        let (one, other) = tokio::join!(look(due), look(due));
        assert_eq!(one.expect("no fault") + other.expect("no fault"), 1);
        let sent = settled(&admin, &report).await;
        assert_eq!((&sent["last"]["by"], &sent["people"][0]["outcome"]), (&Value::Null, &json!("sent")));
        let week = due.plus_seconds(7 * 24 * 3600);
        assert_eq!(sent["next_at"], week.to_string());
        assert_eq!(look(due).await.expect("no fault"), 0);
        let jobs = admin.get("/jobs?kind=report_mail").await.expect(200);
        assert_eq!(jobs["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(jobs["items"][0]["result"], json!({"mails": 1}));
        assert_eq!(server.handed().len(), 1);

        // While no mail leaves a time is passed over; turned off, none comes.
        let settings = admin.get("/mail-settings").await.expect(200);
        admin.patch("/mail-settings", &settings, json!({"active": false})).await.expect(200);
        assert_eq!(look(week).await.expect("no fault"), 1);
        let passed = admin.get(&format!("{report}/schedule")).await.expect(200);
        assert_eq!(passed["last"], sent["last"]);
        let mut off = weekly(&[&me]);
        off["active"] = json!(false);
        let off = put(&admin, &report, 1, off).await.expect(200);
        assert_eq!(off["next_at"], Value::Null);
        assert_eq!(look(week.plus_seconds(30 * 24 * 3600)).await.expect("no fault"), 0);
    }
}
