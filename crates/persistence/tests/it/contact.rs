//! Contacts: who is seen, who is primary, who reports to whom, whose birthday comes up.

use guanxi_domain::contact::{Contact, FIELDS};
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::{ContactId, CustomerId, Date};
use guanxi_persistence::{Db, Error, ListQuery, Origin, Result, Visibility, contact, list};
use serde_json::{Value, json};

use crate::util::{Office, both, checked};

const ALL: Visibility = Visibility::All;

fn create(db: &Db, visibility: &Visibility, input: Value) -> Result<Contact> {
    let (visibility, input) = (visibility.clone(), checked(input));
    db.write_blocking(Origin::system(), move |tx| {
        contact::create(tx, &visibility, &input)
    })
}

/// Changes members of a contact.
fn update(db: &Db, old: &Contact, changes: &Value) -> Result<Contact> {
    let mut input = serde_json::to_value(&old.input).expect("JSON");
    for (name, value) in changes.as_object().expect("members") {
        input[name] = value.clone();
    }
    let (id, version, input) = (old.id, old.version, checked(input));
    db.write_blocking(Origin::system(), move |tx| {
        contact::update(tx, &ALL, id, version, &input)
    })
}

fn get(db: &Db, id: ContactId) -> Contact {
    db.read_blocking(|c| contact::get(c, &ALL, id))
        .expect("a contact")
}

fn named(customer: CustomerId, name: &str) -> Value {
    json!({"customer_id": customer, "name": name})
}

fn assert_invalid<T: std::fmt::Debug>(result: Result<T>, pointer: &str, code: &'static str) {
    match result {
        Err(Error::Invalid(errors)) => assert_eq!(errors, [(pointer.to_owned(), code)]),
        other => panic!("expected {code} at {pointer}: {other:?}"),
    }
}

#[test]
fn contacts_are_seen_through_their_customer() {
    both(|db, _| {
        let office = Office::open(db);
        let (north, south) = (office.department("North"), office.department("South"));
        let li = office.employee("Li", ShippedRole::DepartmentClerk, north);
        let wang = office.employee("Wang", ShippedRole::DepartmentClerk, south);
        let hers = office.customer_of(&li, "Northern Light");
        let his = office.customer_of(&wang, "Southern Cross");
        let mei = create(db, &ALL, named(hers.id, "Mei")).expect("a contact");
        let jun = create(db, &ALL, named(his.id, "Jun")).expect("a contact");

        let read = li
            .visibility(Module::Contacts, Operation::Read)
            .expect("clerks read contacts");
        let query = ListQuery::parse(&FIELDS, [("with_total", "true")], None).expect("a query");
        let page = db
            .read_blocking(|c| list::<contact::Contacts>(c, &read, &query))
            .expect("a page");
        assert_eq!(page.items, [mei]);
        assert_eq!(page.total, Some(1));
        assert_eq!(page.items[0].customer_name, "Northern Light");
        let other = db.read_blocking(|c| contact::get(c, &read, jun.id));
        assert!(matches!(other, Err(Error::NotFound)), "{other:?}");
        assert_invalid(
            create(db, &read, named(his.id, "Nobody")),
            "/customer_id",
            "reference",
        );
    });
}

#[test]
fn a_new_primary_contact_takes_over() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Acme").id;
        let primary = |name| json!({"customer_id": customer, "name": name, "is_primary": true});
        let first = create(db, &ALL, primary("First")).expect("a contact");
        let second = create(db, &ALL, primary("Second")).expect("a contact");
        let before = get(db, first.id);
        assert!(!before.input.is_primary);
        assert_eq!(before.version, 2, "the change is a change");

        update(db, &before, &json!({"is_primary": true})).expect("a change");
        assert!(!get(db, second.id).input.is_primary);
        let query = ListQuery::parse(
            &guanxi_domain::audit::FIELDS,
            [("record_id", second.id.as_str())],
            None,
        )
        .expect("a query");
        let audit = db
            .read_blocking(|c| {
                guanxi_persistence::list::<guanxi_persistence::audit::Audit>(c, &ALL, &query)
            })
            .expect("the trail");
        assert_eq!(
            audit.items[0].changes,
            json!({"is_primary": {"old": true, "new": false}})
        );
    });
}

#[test]
fn of_many_at_once_one_stays_primary() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Acme").id;
        std::thread::scope(|threads| {
            for i in 0..8 {
                threads.spawn(move || {
                    let input = json!({"customer_id": customer, "name": format!("No {i}"), "is_primary": true});
                    create(db, &ALL, input).expect("a contact");
                });
            }
        });
        let query = ListQuery::parse(&FIELDS, [("is_primary", "true")], None).expect("a query");
        let page = db
            .read_blocking(|c| list::<contact::Contacts>(c, &ALL, &query))
            .expect("a page");
        assert_eq!(page.items.len(), 1);
    });
}

#[test]
fn reports_go_up_within_the_customer() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Acme").id;
        let stranger = create(db, &ALL, named(office.customer("Other").id, "Stranger"));
        let stranger = stranger.expect("a contact");
        let boss = create(db, &ALL, named(customer, "Boss")).expect("a contact");
        let below = |name: &str, above: ContactId| json!({"customer_id": customer, "name": name, "reports_to_id": above});
        assert_invalid(
            create(db, &ALL, below("Lost", stranger.id)),
            "/reports_to_id",
            "reference",
        );
        let middle = create(db, &ALL, below("Middle", boss.id)).expect("a contact");
        let clerk = create(db, &ALL, below("Clerk", middle.id)).expect("a contact");
        for above in [boss.id, clerk.id] {
            assert_invalid(
                update(db, &boss, &json!({"reports_to_id": above})),
                "/reports_to_id",
                "cycle",
            );
        }
        assert_invalid(
            update(
                db,
                &boss,
                &json!({"customer_id": stranger.input.customer_id}),
            ),
            "/customer_id",
            "fixed",
        );

        db.write_blocking(Origin::system(), move |tx| {
            contact::delete(tx, &ALL, middle.id, middle.version)
        })
        .expect("nothing holds a contact back");
        let clerk = get(db, clerk.id);
        assert_eq!(clerk.input.reports_to_id, None);
        assert_eq!(clerk.version, 2);
    });
}

#[test]
fn an_old_version_changes_nothing() {
    both(|db, _| {
        let office = Office::open(db);
        let old = create(db, &ALL, named(office.customer("Acme").id, "Mei")).expect("a contact");
        update(db, &old, &json!({"title": "Buyer"})).expect("a change");
        let again = update(db, &old, &json!({"title": "Director"}));
        assert!(matches!(again, Err(Error::Stale)), "{again:?}");
        let deleted = db.write_blocking(Origin::system(), move |tx| {
            contact::delete(tx, &ALL, old.id, old.version)
        });
        assert!(matches!(deleted, Err(Error::Stale)), "{deleted:?}");
    });
}

#[test]
fn a_search_finds_names_and_digits() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Acme").id;
        let input =
            json!({"customer_id": customer, "name": "单美 Mei", "mobile": "+86 138-0013-8000"});
        let mei = create(db, &ALL, input).expect("a contact");
        create(db, &ALL, named(customer, "Jun")).expect("a contact");
        for text in ["单", "MEI", "13800138000", "mei 0013"] {
            let query = ListQuery::parse(&FIELDS, [("q", text)], None).expect("a query");
            let page = db
                .read_blocking(|c| list::<contact::Contacts>(c, &ALL, &query))
                .expect("a page");
            assert_eq!(page.items.len(), 1, "{text}");
            assert_eq!(page.items[0].id, mei.id);
        }
    });
}

#[test]
fn birthdays_come_up_across_the_year_and_in_february() {
    both(|db, _| {
        let office = Office::open(db);
        let li = office.employee("Li", ShippedRole::Sales, office.department("North"));
        let (ours, hers) = (
            office.customer("Ours").id,
            office.customer_of(&li, "Hers").id,
        );
        let born = |customer: CustomerId, name: &str, day: &str| {
            create(
                db,
                &ALL,
                json!({"customer_id": customer, "name": name, "birthday": day}),
            )
            .expect("a contact");
        };
        born(ours, "New Year", "1980-01-01");
        born(ours, "Silvester", "1990-12-31");
        born(ours, "Leap", "1992-02-29");
        born(hers, "Advent", "1985-12-24");
        create(db, &ALL, named(ours, "Unknown")).expect("a contact");

        let me = office.administrator.user_id;
        let names = |owner, (year, month, day), days| {
            let today = Date::new(year, month, day).expect("a date");
            db.read_blocking(|c| contact::birthdays(c, &ALL, owner, today, days))
                .expect("birthdays")
                .into_iter()
                .map(|b| format!("{} in {}", b.name, b.in_days))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(None, (2026, 12, 24), 8),
            ["Advent in 0", "Silvester in 7", "New Year in 8"]
        );
        assert_eq!(
            names(Some(me), (2026, 12, 24), 8),
            ["Silvester in 7", "New Year in 8"]
        );
        assert_eq!(names(None, (2027, 2, 25), 3), ["Leap in 3"]);
        assert_eq!(names(None, (2028, 2, 25), 3), [""; 0]);
        assert_eq!(names(None, (2028, 2, 25), 4), ["Leap in 4"]);
        assert_eq!(names(None, (2026, 11, 21), 365).len(), 4);

        let own = li
            .visibility(Module::Contacts, Operation::Read)
            .expect("sales read contacts");
        let today = Date::new(2026, 12, 24).expect("a date");
        let seen = db
            .read_blocking(|c| contact::birthdays(c, &own, None, today, 30))
            .expect("birthdays");
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].customer_name, "Hers");
    });
}
