//! A record type that the product knows nothing of, with its fields declared once: lists, filters, sort, pages, totals, scope and
//! export follow from them.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::{QueryDsl, RunQueryDsl};
use guanxi_domain::export::{Cell, Words};
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::{Choices, Date, Field, FieldKind, FieldSet, Lang, Search, Timestamp, UserId};
use guanxi_persistence::export::Export;
use guanxi_persistence::{
    Actor, AnyConnection, Condition, Db, ListQuery, ListSpec, Ordering, Record, Result, Visibility,
    list,
};
use serde_json::json;

use crate::util::{Office, both};

diesel::table! {
    rentals (id) {
        id -> Text,
        name -> Text,
        state -> Text,
        deposit -> BigInt,
        returned_on -> Nullable<Integer>,
        owner_id -> Text,
        department_id -> Nullable<Text>,
    }
}

const STATES: Choices = Choices {
    words: &["out", "back"],
    labels: &[("借出", "Out"), ("归还", "Back")],
};

const FIELDS: FieldSet = FieldSet {
    record: "rentals",
    default_sort: "name",
    fields: &[
        Field::new("name", FieldKind::Text, "名称", "Name"),
        Field::new("state", FieldKind::Choice(STATES), "状态", "State"),
        Field::new("deposit", FieldKind::Money, "押金", "Deposit"),
        Field::new("returned_on", FieldKind::Date, "归还日期", "Returned").optional(),
        Field::new("owner_id", FieldKind::Reference("users"), "负责人", "Owner"),
    ],
};

#[derive(diesel::Queryable, serde::Serialize)]
struct Rental {
    id: String,
    name: String,
    state: String,
    deposit: i64,
    returned_on: Option<Date>,
    owner_id: UserId,
    department_id: Option<String>,
}

struct Rentals;

impl Record for Rentals {
    type Item = Rental;
    const LIST: ListSpec = ListSpec::new(&FIELDS, "rentals");
    // Stands in for a module of its own.
    const MODULE: Module = Module::Orders;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.owned("rentals")
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<Rental>> {
        Ok(rentals::table
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .load(connection)?)
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(rentals::table
            .filter(condition)
            .count()
            .get_result(connection)?)
    }
}

const ROWS: [(&str, &str, &str, i64, Option<&str>); 5] = [
    ("1", "Drill", "out", 5_000, None),
    ("2", "Ladder", "back", 2_500, Some("2026-05-01")),
    ("3", "Mixer", "out", 40_000, None),
    ("4", "Saw", "back", 7_500, Some("2026-06-15")),
    ("5", "Trailer", "back", 90_000, Some("2026-07-01")),
];

/// The first three are Ann's, the others Bob's.
fn rent(db: &Db, ann: &Actor, bob: &Actor) {
    let mut sql = "CREATE TABLE rentals (id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, deposit BIGINT NOT NULL, \
                   returned_on INTEGER, owner_id TEXT NOT NULL, department_id TEXT);"
        .to_owned();
    for (index, (id, name, state, deposit, returned)) in ROWS.into_iter().enumerate() {
        let owner = if index < 3 { ann } else { bob };
        let day = returned.map_or("NULL".to_owned(), |date| {
            let date: Date = date.parse().expect("a date");
            date.days().to_string()
        });
        let department = owner.department_id.expect("a department");
        let user = &owner.user_id;
        let row =
            format!("'{id}', '{name}', '{state}', {deposit}, {day}, '{user}', '{department}'");
        sql.push_str("INSERT INTO rentals VALUES (");
        sql.push_str(&row);
        sql.push_str(");");
    }
    db.housekeep_blocking(move |tx| Ok(tx.connection.batch_execute(&sql)?))
        .expect("a table");
}

fn names(db: &Db, actor: &Actor, pairs: &[(&str, &str)]) -> (Vec<String>, Option<i64>) {
    let query = ListQuery::parse(&FIELDS, pairs.iter().copied(), Some(actor)).expect("a query");
    let visibility = actor
        .visibility(Module::Orders, Operation::Read)
        .expect("a right");
    let page = db
        .read_blocking(|c| list::<Rentals>(c, &visibility, &query))
        .expect("a page");
    (page.items.into_iter().map(|r| r.name).collect(), page.total)
}

#[test]
fn a_record_type_gets_the_lists_from_its_fields() {
    both(|db, _| {
        let office = Office::open(db);
        let ann = office.employee("Ann", ShippedRole::Sales, office.department("North"));
        let bob = office.employee("Bob", ShippedRole::Sales, office.department("South"));
        rent(db, &ann, &bob);
        let admin = &office.administrator;

        // Scope and totals.
        let all = ["Drill", "Ladder", "Mixer", "Saw", "Trailer"];
        let counted = [("with_total", "true")];
        assert_eq!(names(db, admin, &counted).0, all);
        assert_eq!(
            names(db, &ann, &counted),
            (all[..3].iter().map(ToString::to_string).collect(), Some(3))
        );
        assert_eq!(names(db, &bob, &[("state", "out")]).0, [""; 0]);

        // Typed filters and sort.
        assert_eq!(
            names(db, admin, &[("deposit_min", "5000"), ("sort", "-deposit")]).0,
            ["Trailer", "Mixer", "Saw", "Drill"]
        );
        assert_eq!(
            names(
                db,
                admin,
                &[("returned_on_max", "2026-06-30"), ("state", "back")]
            )
            .0,
            ["Ladder", "Saw"]
        );
        let owner = ann.user_id.to_string();
        assert_eq!(
            names(db, admin, &[("owner_id", &owner), ("limit", "2")]).0,
            ["Drill", "Ladder"]
        );
        assert!(ListQuery::parse(&FIELDS, [("deposit_min", "much")], None).is_err());
        assert!(ListQuery::parse(&FIELDS, [("colour", "red")], None).is_err());

        // The filter grammar.
        let search: Search = serde_json::from_value(json!({"filter": {"or": [
            {"field": "state", "op": "eq", "value": "out"},
            {"not": {"field": "returned_on", "op": "lt", "value": "2026-07-01"}},
        ]}}))
        .expect("a search");
        let query =
            ListQuery::search(&FIELDS, &search, Some(admin), Timestamp::now()).expect("a query");
        let page = db
            .read_blocking(|c| list::<Rentals>(c, &Visibility::All, &query))
            .expect("a page");
        let found: Vec<_> = page.items.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(found, ["Drill", "Mixer", "Trailer"]);

        // Pages.
        let mut walked = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let mut pairs = vec![("limit", "2"), ("sort", "-state,deposit")];
            if let Some(cursor) = &cursor {
                pairs.push(("cursor", cursor));
            }
            let query = ListQuery::parse(&FIELDS, pairs, Some(admin)).expect("a query");
            let page = db
                .read_blocking(|c| list::<Rentals>(c, &Visibility::All, &query))
                .expect("a page");
            walked.extend(page.items.into_iter().map(|r| r.name));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, ["Drill", "Mixer", "Ladder", "Saw", "Trailer"]);
    });
}

#[test]
fn a_record_type_gets_the_export_from_its_fields() {
    both(|db, _| {
        let office = Office::open(db);
        let ann = office.employee("Ann", ShippedRole::Sales, office.department("North"));
        let bob = office.employee("Bob", ShippedRole::Sales, office.department("South"));
        rent(db, &ann, &bob);
        let scope = ann
            .visibility(Module::Orders, Operation::Read)
            .expect("a right");
        let query = ListQuery::parse(&FIELDS, [("state", "out")], Some(&ann)).expect("a query");
        let mut export = Export::<Rentals>::new(
            Arc::new(ann.clone()),
            &[scope],
            query,
            FIELDS.fields.iter().collect(),
            Words::new(Lang::Zh, true, 2, Vec::new()),
        );
        assert_eq!(
            export.headers(),
            ["名称", "状态", "押金", "归还日期", "负责人"]
        );
        let rows = db
            .read_blocking(|c| export.next_rows(c))
            .expect("rows")
            .expect("some");
        let written: Vec<Vec<_>> = rows
            .iter()
            .map(|row| row.iter().map(Cell::csv).collect())
            .collect();
        assert_eq!(
            written,
            [
                ["Drill", "借出", "50.00", "", "Ann"],
                ["Mixer", "借出", "400.00", "", "Ann"],
            ]
        );
    });
}
