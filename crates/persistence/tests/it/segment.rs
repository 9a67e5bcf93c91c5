//! Segments: rules upon rules, members in scope, and what is written down of them.

use guanxi_domain::customer::FIELDS;
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::segment::{
    MAX_DEPTH, MembersChange, NewMembers, PreviewInput, SEGMENT, Segment, SegmentInput, members_of,
};
use guanxi_domain::{Checked, CustomerId, Date, ErrorCode, Search, SegmentId, Timestamp};
use guanxi_persistence::customer::Customers;
use guanxi_persistence::{
    Actor, Db, Error, ListQuery, Origin, QueryError, Result, customer, list, segment,
};
use serde_json::{Value, json};

use crate::util::{Office, both, checked, run_sql};

fn create(db: &Db, actor: &Actor, input: Value) -> Result<Segment> {
    let (actor, input): (_, Checked<SegmentInput>) = (actor.clone(), checked(input));
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        segment::create(tx, &actor, &input)
    })
}

fn dynamic(db: &Db, actor: &Actor, name: &str, filter: Value) -> Result<Segment> {
    create(
        db,
        actor,
        json!({"name": name, "kind": "dynamic", "shared": true, "filter": filter}),
    )
}

fn change(db: &Db, actor: &Actor, old: &Segment, filter: Value) -> Result<Segment> {
    let input = SegmentInput {
        filter: Some(filter),
        ..old.input.clone()
    };
    let input: Checked<SegmentInput> = checked(serde_json::to_value(input)?);
    let (actor, id, version) = (actor.clone(), old.id, old.version);
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        segment::update(tx, &actor, id, version, &input)
    })
}

fn within(id: SegmentId) -> Value {
    members_of(id)
}

/// The names of the customers that an actor finds by a tree.
fn found(db: &Db, actor: &Actor, filter: &Value) -> Result<Vec<String>> {
    let search = Search {
        filter: Some(filter.clone()),
        sort: Some("name".to_owned()),
        ..Search::default()
    };
    let query = ListQuery::search(&FIELDS, &search, Some(actor), Timestamp::now())?;
    let visibility = actor
        .visibility(Module::Customers, Operation::Read)
        .expect("reads customers");
    let page = db.read_blocking(|c| list::<Customers>(c, &visibility, &query))?;
    Ok(page.items.into_iter().map(|c| c.input.name).collect())
}

/// The code of a refused filter, and what it says.
fn refusal<T: std::fmt::Debug>(result: Result<T>) -> (&'static str, String) {
    match result.expect_err("a refusal") {
        Error::Query(QueryError::Filter(error)) => {
            assert_eq!(error.pointer, "/filter");
            (error.code, error.expected.unwrap_or_default())
        }
        other => panic!("{other}"),
    }
}

fn today() -> Date {
    Timestamp::now().date()
}

#[test]
fn segments_are_built_upon_others_but_not_upon_themselves() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        for (name, stage) in [("A", "active"), ("B", "active"), ("C", "lost")] {
            office.customer_with(admin, json!({"name": name, "stage": stage}));
        }
        let active = json!({"field": "stage", "op": "eq", "value": "active"});
        let lower = dynamic(db, admin, "Lower", active).expect("a segment");
        let named = json!({"and": [within(lower.id), {"field": "name", "op": "ne", "value": "A"}]});
        let upper = dynamic(db, admin, "Upper", named).expect("a segment");
        assert_eq!(found(db, admin, &within(upper.id)).expect("some"), ["B"]);
        let not = json!({"not": within(upper.id)});
        assert_eq!(found(db, admin, &not).expect("some"), ["A", "C"]);

        let (code, chain) = refusal(change(db, admin, &lower, within(upper.id)));
        assert_eq!(
            (code, chain.as_str()),
            ("segment_cycle", "Lower → Upper → Lower")
        );
        let (code, chain) = refusal(change(db, admin, &lower, within(lower.id)));
        assert_eq!((code, chain.as_str()), ("segment_cycle", "Lower → Lower"));

        // As many upon each other as there may be, from both ends.
        let mut top = upper;
        for level in 3..=MAX_DEPTH {
            top = dynamic(db, admin, &format!("Level {level}"), within(top.id)).expect("a segment");
        }
        assert_eq!(found(db, admin, &within(top.id)).expect("some"), ["B"]);
        assert_eq!(
            refusal(dynamic(db, admin, "Too high", within(top.id))).0,
            "segment_depth"
        );
        let other = dynamic(db, admin, "Other", json!({"and": []})).expect("a segment");
        assert_eq!(
            refusal(change(db, admin, &lower, within(other.id))).0,
            "segment_depth"
        );

        // What is built upon is not deleted.
        let (actor, id) = (admin.clone(), lower.id);
        let deleted = db.write_blocking(Origin::of(admin), move |tx| {
            segment::delete(tx, &actor, id, 1)
        });
        assert!(
            matches!(deleted, Err(Error::Held { records: 1, .. })),
            "{deleted:?}"
        );
        let gone = SegmentId::generate();
        assert_eq!(
            refusal(found(db, admin, &within(gone))),
            ("reference", gone.to_string())
        );
    });
}

#[test]
fn a_rule_is_the_same_for_everybody() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let li = office.employee("Li", ShippedRole::DepartmentManager, north);
        let shared = json!({"field": "shared_with_me", "op": "eq", "value": true});
        assert_eq!(
            refusal(dynamic(db, &li, "A", shared)),
            ("segment_personal", "shared_with_me".to_owned())
        );
        // Sees the orders of a department only.
        let open = json!({"field": "open_orders", "op": "ge", "value": 1});
        assert_eq!(
            refusal(dynamic(db, &li, "A", open.clone())),
            ("segment_count", "open_orders".to_owned())
        );
        dynamic(db, &office.administrator, "A", open).expect("a segment");
        let mine = json!({"field": "owner_id", "op": "eq", "value": "me"});
        let error = dynamic(db, &li, "B", mine).expect_err("nobody is me");
        assert!(
            matches!(&error, Error::Query(QueryError::Filter(e)) if e.pointer == "/filter/value"),
            "{error}"
        );

        // Others neither use nor see what is not shared.
        let secret = json!({"name": "Mine", "kind": "dynamic", "filter": {"and": []}});
        let secret = create(db, &li, secret).expect("a segment");
        let within = within(secret.id);
        assert_eq!(
            refusal(found(db, &office.administrator, &within)).0,
            "reference"
        );
        assert_eq!(
            refusal(dynamic(db, &office.administrator, "C", within.clone())).0,
            "reference"
        );
        assert_eq!(
            refusal(dynamic(db, &li, "C", within)),
            ("segment_private", "Mine".to_owned())
        );
    });
}

#[test]
fn members_and_figures_are_those_that_the_caller_sees() {
    both(|db, _| {
        let office = Office::open(db);
        let (admin, north) = (&office.administrator, office.department("North"));
        let li = office.employee("Li", ShippedRole::DepartmentManager, north);
        let hers = office.customer_with(&li, json!({"name": "Hers", "region": "cn_east"}));
        let other = office.customer_with(admin, json!({"name": "Other"}));
        let all = dynamic(db, admin, "All", json!({"and": []})).expect("a segment");
        let list = create(
            db,
            admin,
            json!({"name": "List", "kind": "static", "shared": true, "filter": {"and": []}}),
        )
        .expect("a segment");
        assert_eq!(list.customers, Some(2));
        segment::record_blocking(db, &Origin::system(), all.id).expect("a recording");

        for (actor, seen) in [(admin, 2), (&li, 1)] {
            for id in [all.id, list.id] {
                let count = |c: &mut _| segment::get(c, actor, id);
                let segment = db.read_blocking(count).expect("a segment");
                assert_eq!(segment.customers, Some(seen));
                let composition = db
                    .read_blocking(|c| segment::composition(c, actor, id))
                    .expect("a composition");
                assert_eq!(composition.customers, seen);
                for part in &composition.parts {
                    let sum: i64 = part.groups.iter().map(|g| g.customers).sum();
                    assert_eq!(sum, seen, "{}", part.field);
                }
                let growth = db.read_blocking(|c| segment::growth(c, actor, id));
                let days = growth.expect("growth").days;
                assert_eq!((days.len(), days[0].members), (1, seen));
            }
            let input: PreviewInput =
                serde_json::from_value(json!({"filter": within(all.id)})).expect("the shape");
            let preview = db.read_blocking(|c| segment::preview(c, actor, &input));
            let preview = preview.expect("a preview");
            assert_eq!(preview.customers.total, Some(seen));
            assert_eq!(preview.composition.customers, seen);
            let overlap = db.read_blocking(|c| segment::overlap(c, actor, all.id, list.id));
            assert_eq!(overlap.expect("an overlap").both.customers, seen);
        }

        // What she does not see she does not put into a segment either.
        let hers_only = create(db, &li, json!({"name": "L", "kind": "static"})).expect("a segment");
        let add = |ids: Vec<CustomerId>| {
            let (li, id) = (li.clone(), hers_only.id);
            let new: Checked<NewMembers> = checked(json!({"customer_ids": ids}));
            db.write_blocking(Origin::of(&li.clone()), move |tx| {
                segment::add(tx, &li, id, &new)
            })
        };
        let refused = add(vec![hers.id, other.id]).expect_err("one is not seen");
        assert!(
            matches!(&refused, Error::Invalid(at) if at[0].0 == "/customer_ids/1"),
            "{refused}"
        );
        assert_eq!(add(vec![hers.id, hers.id]).expect("one").joined, 1);
        assert_eq!(add(vec![hers.id]).expect("none").joined, 0);
    });
}

#[test]
fn what_is_written_down_tells_who_joined_and_left() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        let potential = json!({"field": "stage", "op": "eq", "value": "potential"});
        let segment = dynamic(db, admin, "Potential", potential).expect("a segment");
        let a = office.customer("A");
        let b = office.customer("B");
        let record = || segment::record_blocking(db, &Origin::system(), segment.id);
        assert_eq!(record().expect("a recording").joined, 2);
        assert_eq!(record().expect("a recording"), MembersChange::default());

        // As if that had been three days ago.
        run_sql(db, "UPDATE segment_members SET since = since - 3");
        run_sql(
            db,
            &format!("UPDATE customers SET stage = 'lost' WHERE id = '{}'", a.id),
        );
        office.customer("C");
        let change = record().expect("a recording");
        assert_eq!((change.joined, change.left), (1, 1));
        let growth = || {
            let growth = db.read_blocking(|c| segment::growth(c, admin, segment.id));
            let days = growth.expect("growth").days.into_iter();
            days.map(|d| (today().days() - d.day.days(), d.joined, d.left, d.members))
                .collect::<Vec<_>>()
        };
        assert_eq!(growth(), [(3, 2, 0, 2), (0, 1, 1, 2)]);

        // Who comes back on the same day never left; who goes on the day of joining was never there.
        run_sql(db, "UPDATE customers SET stage = 'potential'");
        run_sql(db, "UPDATE customers SET stage = 'lost' WHERE name = 'C'");
        record().expect("a recording");
        assert_eq!(growth(), [(3, 2, 0, 2)]);

        // A customer that goes for good leaves no trace.
        db.write_blocking(Origin::system(), move |tx| {
            customer::delete(tx, &guanxi_persistence::Visibility::All, b.id, b.version)
        })
        .expect("deleted");
        let (done, broken) =
            segment::record_all(db, |_, _| std::ops::ControlFlow::Continue(())).expect("all");
        assert_eq!((done, broken.len()), (1, 0));
        assert_eq!(growth(), [(3, 1, 0, 1)]);
        let seen = db.read_blocking(|c| segment::get(c, admin, segment.id));
        assert_eq!(seen.expect("the segment").customers, Some(1));
    });
}

#[test]
fn a_rule_that_does_not_hold_any_more_says_so() {
    both(|db, _| {
        let office = Office::open(db);
        let admin = &office.administrator;
        let segment = dynamic(db, admin, "Old", json!({"and": []})).expect("a segment");
        let tree = r#"{"field":"custom.gone","op":"eq","value":"x"}"#;
        run_sql(db, &format!("UPDATE segments SET filter = '{tree}'"));
        assert_eq!(
            refusal(found(db, admin, &within(segment.id))),
            ("segment_rule", "Old".to_owned())
        );
        let query = ListQuery::parse(&FIELDS, [(SEGMENT, segment.id.as_str())], Some(admin));
        let query = query.expect("a query");
        let error = db
            .read_blocking(|c| list::<Customers>(c, &guanxi_persistence::Visibility::All, &query))
            .expect_err("no rule");
        assert!(
            matches!(&error, Error::Query(QueryError::Invalid(name, _)) if name == SEGMENT),
            "{error}"
        );
        let (done, broken) =
            segment::record_all(db, |_, _| std::ops::ControlFlow::Continue(())).expect("all");
        assert_eq!((done, broken), (1, vec!["Old".to_owned()]));
        let list = create(db, admin, json!({"name": "L", "kind": "static"})).expect("a segment");
        let error = segment::record_blocking(db, &Origin::system(), list.id).expect_err("static");
        assert!(
            matches!(error, Error::Conflict(ErrorCode::SegmentStatic)),
            "{error}"
        );
    });
}
