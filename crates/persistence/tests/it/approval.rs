//! Approvals: what the database guards, and that nothing is half done.

use std::collections::BTreeSet;

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use guanxi_domain::ErrorCode;
use guanxi_domain::approval::{Approval, ApprovalState};
use guanxi_domain::customer::Customer;
use guanxi_domain::permission::ShippedRole;
use guanxi_persistence::{
    Actor, Db, Error, Origin, Result, Tx, Visibility, approval, customer, seen,
};
use serde_json::json;

use crate::util::{Office, both, checked};

fn blacklisted(office: &Office<'_>) -> Customer {
    let id = office.customer("Northern Light").id;
    let input = checked(json!({"reason": "does not pay"}));
    office
        .db
        .write_blocking(Origin::of(&office.administrator), move |tx| {
            customer::blacklist(tx, &Visibility::All, id, 1, &input)
        })
        .expect("a blacklisting")
}

fn ask(db: &Db, who: &Actor, customer: &Customer) -> Result<Approval> {
    let input =
        checked(json!({"kind": "lift_blacklist", "record_id": customer.id, "reason": "Paid"}));
    let who = who.clone();
    db.write_blocking(Origin::of(&who.clone()), move |tx| {
        approval::request(tx, &who, &input)
    })
}

fn decide(tx: &mut Tx<'_>, who: &Actor, request: &Approval) -> Result<Approval> {
    let note = checked(json!({}));
    approval::decide(tx, who, request.id, request.version, true, &note)
}

#[test]
fn the_database_guards_what_the_program_promises() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let director = office.employee("Fang", ShippedRole::Director, north);
        let customer = blacklisted(&office);
        let request = ask(db, &office.administrator, &customer).expect("a request");
        for statement in [
            "UPDATE approvals SET state = 'approved', decided_by = requested_by, decided_at = 1 WHERE id = $1",
            "UPDATE approvals SET state = 'approved', decided_at = 1 WHERE id = $1",
            "UPDATE approvals SET state = 'withdrawn' WHERE id = $1",
            "INSERT INTO approvals SELECT 'x', version, kind, record_type, record_id, subject, payload, basis, reason, state, requested_by, \
             requested_at, expires_at, decided_by, decided_at, note FROM approvals WHERE id = $1",
        ] {
            let id = request.id;
            let done = db.housekeep_blocking(move |tx| {
                diesel::sql_query(statement)
                    .bind::<Text, _>(id.as_str())
                    .execute(tx.connection)?;
                Ok(())
            });
            assert!(done.is_err(), "{statement}");
        }
        assert!(matches!(
            ask(db, &director, &customer),
            Err(Error::Conflict(ErrorCode::ApprovalPending) | Error::Invalid(_) | Error::NotFound)
        ));
    });
}

#[test]
fn events_of_a_request_reach_those_who_see_it() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let director = office.employee("Fang", ShippedRole::Director, north);
        let stranger = office.employee("Bo", ShippedRole::Sales, office.department("South"));
        let request = ask(db, &office.administrator, &blacklisted(&office)).expect("a request");
        let ids = BTreeSet::from([request.id.to_string()]);
        for (who, version) in [
            (&office.administrator, Some(request.version)),
            (&director, Some(request.version)),
            (&stranger, None),
        ] {
            let seen = db
                .read_blocking(|c| seen(c, who, "approvals", &ids))
                .expect("an answer");
            let told = seen.get(request.id.as_str()).and_then(|s| s.version);
            assert_eq!(told, version, "{}", who.name);
        }
    });
}

#[test]
fn a_decision_is_done_or_not_there() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let director = office.employee("Fang", ShippedRole::Director, north);
        let customer = blacklisted(&office);
        let request = ask(db, &office.administrator, &customer).expect("a request");
        let (who, asked) = (director.clone(), request.clone());
        // Something goes wrong after the customer was taken off the list.
        let failed: Result<()> = db.write_blocking(Origin::of(&director), move |tx| {
            decide(tx, &who, &asked)?;
            Err(Error::Stale)
        });
        assert!(failed.is_err());
        let now = |id| db.read_blocking(move |c| customer::get(c, &Visibility::All, id));
        assert!(now(customer.id).expect("a customer").blacklisted);
        let (who, asked) = (director.clone(), request.clone());
        let approved = db
            .write_blocking(Origin::of(&director), move |tx| decide(tx, &who, &asked))
            .expect("approved");
        assert_eq!(approved.state, ApprovalState::Approved);
        assert!(!now(customer.id).expect("a customer").blacklisted);
    });
}

#[test]
fn of_two_decisions_at_once_one_counts() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let people: Vec<Actor> = ["Fang", "Gao", "Hu", "Jin"]
            .map(|name| office.employee(name, ShippedRole::Director, north))
            .into();
        let request = ask(db, &office.administrator, &blacklisted(&office)).expect("a request");
        let results: Vec<Result<Approval>> = std::thread::scope(|scope| {
            let threads: Vec<_> = people
                .iter()
                .map(|who| {
                    let (who, asked) = (who.clone(), request.clone());
                    scope.spawn(move || {
                        db.write_blocking(Origin::of(&who.clone()), move |tx| {
                            decide(tx, &who, &asked)
                        })
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|t| t.join().expect("no panic"))
                .collect()
        });
        assert_eq!(
            results.iter().filter(|r| r.is_ok()).count(),
            1,
            "{results:?}"
        );
    });
}

#[test]
fn requests_end_by_themselves() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        office.employee("Fang", ShippedRole::Director, north);
        let admin = office.administrator.clone();
        let late = ask(db, &admin, &blacklisted(&office)).expect("a request");
        let id = late.id;
        db.housekeep_blocking(move |tx| {
            diesel::sql_query("UPDATE approvals SET expires_at = 1 WHERE id = $1")
                .bind::<Text, _>(id.as_str())
                .execute(tx.connection)?;
            Ok(())
        })
        .expect("time passes");
        let ended = db.housekeep_blocking(approval::expire).expect("a job");
        assert_eq!(ended, 1);

        // One about a customer that is deleted ends with it.
        let gone = blacklisted(&office);
        let about = ask(db, &admin, &gone).expect("a request");
        db.write_blocking(Origin::of(&admin), move |tx| {
            customer::delete(tx, &Visibility::All, gone.id, gone.version)
        })
        .expect("deleted");
        for id in [late.id, about.id] {
            let now = db
                .read_blocking(|c| approval::get(c, &admin, id))
                .expect("one's own request");
            assert_eq!(now.state, ApprovalState::Expired);
        }
    });
}
