//! Schedules of reports: what is due is sent, whoever moves it meanwhile.

use guanxi_domain::report::Report;
use guanxi_domain::report::schedule::ReportSchedule;
use guanxi_persistence::report::schedule;
use guanxi_persistence::{Origin, mail, report, settings};
use serde_json::{Value, json};

use crate::util::{Office, both, checked, run_sql};

/// Its administrator has a report, which mail may leave for.
fn set_up(office: &Office<'_>) -> Report {
    let account = checked(json!({
        "active": true, "host": "localhost", "port": 25, "tls": "none",
        "sender_name": "CRM", "sender_address": "crm@example.com",
    }));
    let query = json!({"rows": ["customer"], "measures": ["sales"], "from": "2026-01-01", "to": "2026-12-31"});
    let input = checked(json!({"name": "Sales", "query": query}));
    let me = office.administrator.clone();
    office
        .db
        .write_blocking(Origin::of(&office.administrator), move |tx| {
            mail::settings::update(tx, 1, &account)?;
            report::create(tx, &me, &input)
        })
        .expect("a report")
}

fn put(office: &Office<'_>, report: &Report, version: i64, change: Value) -> ReportSchedule {
    let mut input =
        json!({"rhythm": "daily", "hour": 8, "recipients": [office.administrator.user_id]});
    for (name, value) in change.as_object().expect("an object") {
        input[name] = value.clone();
    }
    let (me, id, input) = (office.administrator.clone(), report.id, checked(input));
    office
        .db
        .write_blocking(Origin::of(&office.administrator), move |tx| {
            schedule::put(tx, &me, id, version, &input)
        })
        .expect("a schedule")
}

fn get(office: &Office<'_>, report: &Report) -> ReportSchedule {
    let (me, id) = (office.administrator.clone(), report.id);
    let found = office.db.read_blocking(|c| schedule::get(c, &me, id));
    found.expect("a schedule")
}

/// As if its hour had just struck.
const STRIKE: &str = "UPDATE report_schedules SET next_at = 1";

#[test]
fn what_is_due_is_not_dropped_by_a_change_of_the_schedule() {
    both(|db, _| {
        let office = Office::open(db);
        let report = set_up(&office);
        put(&office, &report, 0, json!({}));
        let early = put(&office, &report, 1, json!({"hour": 9}));
        assert_eq!(early.last, None);
        run_sql(db, STRIKE);
        let off = put(&office, &report, 2, json!({"active": false}));
        assert_eq!(off.last, None, "it is turned off");
        run_sql(db, STRIKE);
        let on = put(&office, &report, 3, json!({"active": true}));
        assert_eq!(on.last, None, "it was turned off at the time");
        run_sql(db, STRIKE);
        let moved = put(&office, &report, 4, json!({"hour": 10}));
        let last = moved.last.expect("a sending");
        assert_eq!((last.by, last.done), (None, false));
        assert!(moved.next_at > Some(last.at));
    });
}

#[test]
fn what_is_due_is_not_dropped_by_a_change_of_the_clocks() {
    both(|db, _| {
        let office = Office::open(db);
        let report = set_up(&office);
        put(&office, &report, 0, json!({}));
        let zone = |name: &str| {
            let old = db.read_blocking(settings::get).expect("settings");
            let mut input = json!(old.input);
            input["time_zone"] = json!(name);
            let input = checked(input);
            db.write_blocking(Origin::of(&office.administrator), move |tx| {
                settings::update(tx, old.version, &input)
            })
            .expect("other settings");
        };
        zone("Asia/Tokyo");
        assert_eq!(get(&office, &report).last, None);
        run_sql(db, STRIKE);
        zone("Europe/Berlin");
        let moved = get(&office, &report);
        let last = moved.last.expect("a sending");
        assert!(moved.next_at > Some(last.at));
    });
}
