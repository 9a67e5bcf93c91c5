//! Filters: both databases find what the plain meaning of a filter says.

use std::collections::BTreeMap;

use guanxi_domain::custom::CustomFieldInput;
use guanxi_domain::customer::{Customer, FIELDS};
use guanxi_domain::filter::{Context, Held, Operator, Scalar, parse};
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::segment::SegmentInput;
use guanxi_domain::share::{ShareInput, Shareable};
use guanxi_domain::{Checked, Field, FieldKind, FieldSet, Search, Timestamp};
use guanxi_persistence::contact::Contacts;
use guanxi_persistence::customer::Customers;
use guanxi_persistence::order::Orders;
use guanxi_persistence::{
    Actor, Db, Error, ListQuery, Origin, QueryError, Visibility, custom_field, list, segment, share,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::util::{Office, both, checked};

const FILTERS: u32 = 400;
const WORDS: &[&str] = &[
    "a",
    "B",
    "晨光",
    "100%",
    "a_b",
    "!x",
    "客户",
    "Northern",
    "ÜBER",
    "ＶＩＰ",
];

/// A value that may or may not fit the field, near to what the customers of the test hold.
fn value(field: Field, op: Operator, segments: &[String]) -> BoxedStrategy<Value> {
    let small = prop_oneof![-2i64..6, Just(i64::MAX), Just(i64::MIN), 1_000i64..200_000];
    let day = (0i32..40).prop_map(|ago| Timestamp::now().date().plus_days(5 - ago).to_string());
    let scalar = match field.kind {
        FieldKind::Text | FieldKind::Link | FieldKind::Dictionary(_) | FieldKind::Tags => {
            prop_oneof![
                proptest::sample::select(WORDS).prop_map(|w| json!(w)),
                Just(json!("cn_east")),
                Just(json!("dealer")),
            ]
            .boxed()
        }
        FieldKind::Choice(choice) | FieldKind::ManyOf(choice) => {
            proptest::sample::select(choice.words)
                .prop_map(|w| json!(w))
                .boxed()
        }
        FieldKind::Reference("users") => Just(json!("me")).boxed(),
        FieldKind::Reference("segments") => proptest::sample::select(segments.to_vec())
            .prop_map(|id| json!(id))
            .boxed(),
        FieldKind::Reference(_) => Just(json!("01890a5d-ac96-774b-bcce-b302099a8057")).boxed(),
        FieldKind::Boolean => any::<bool>().prop_map(|b| json!(b)).boxed(),
        FieldKind::Date | FieldKind::Timestamp => day.prop_map(|d| json!(d)).boxed(),
        FieldKind::Proportion | FieldKind::UnitPrice => prop_oneof![
            (-2i64..6).prop_map(|n| json!(n)),
            proptest::sample::select(&["0.5", "0.25", "0.2501"][..]).prop_map(|n| json!(n)),
        ]
        .boxed(),
        FieldKind::Quantity => prop_oneof![
            (-2i64..6).prop_map(|n| json!(n)),
            proptest::sample::select(&["0.5", "1000.125", "1000.126", "9000000000000000"][..])
                .prop_map(|n| json!(n)),
        ]
        .boxed(),
        _ => small.prop_map(|n| json!(n)).boxed(),
    };
    match op {
        Operator::Empty | Operator::NotEmpty => Just(Value::Null).boxed(),
        Operator::In
        | Operator::NotIn
        | Operator::HasAny
        | Operator::HasAll
        | Operator::HasNone => proptest::collection::vec(scalar, 1..4)
            .prop_map(Value::from)
            .boxed(),
        Operator::Between => proptest::collection::vec(scalar, 2)
            .prop_map(Value::from)
            .boxed(),
        Operator::LastDays | Operator::NextDays | Operator::BeforeDays => {
            (1i64..40).prop_map(|n| json!(n)).boxed()
        }
        Operator::Period => proptest::sample::select(guanxi_domain::filter::Period::WORDS)
            .prop_map(|w| json!(w))
            .boxed(),
        _ => scalar,
    }
}

fn test(fields: &'static FieldSet, segments: Vec<String>) -> impl Strategy<Value = Value> {
    proptest::sample::select(fields.fields).prop_flat_map(move |field| {
        let segments = segments.clone();
        proptest::sample::select(Operator::of(field.kind, field.optional)).prop_flat_map(
            move |op| {
                value(field, op, &segments).prop_map(
                    move |value| json!({"field": field.name, "op": op.as_str(), "value": value}),
                )
            },
        )
    })
}

fn tree(fields: &'static FieldSet, segments: Vec<String>) -> impl Strategy<Value = Value> {
    test(fields, segments).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|all| json!({ "and": all })),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|any| json!({ "or": any })),
            inner.prop_map(|one| json!({ "not": one })),
        ]
    })
}

/// The fields of customers, with one of each kind that administrators define.
fn with_custom_fields(db: &Db) -> &'static FieldSet {
    let choices = json!([
        {"code": "a", "label_zh": "甲", "label_en": "A"},
        {"code": "a_b", "label_zh": "乙", "label_en": "A and B"},
        {"code": "b", "label_zh": "丙", "label_en": "B"},
    ]);
    for kind in guanxi_domain::custom::CustomKind::ALL {
        let choices = if kind.chooses() {
            choices.clone()
        } else {
            json!([])
        };
        let input: Checked<CustomFieldInput> = checked(json!({
            "record": "customers", "key": format!("a_{kind}"), "kind": kind, "label_zh": "字段", "label_en": "Field", "choices": choices,
        }));
        db.write_blocking(Origin::system(), move |tx| custom_field::create(tx, &input))
            .expect("a field");
    }
    db.read_blocking(|c| custom_field::fields(c, &FIELDS))
        .expect("the fields")
}

/// Values of the custom fields, of some customers.
fn custom(i: usize, li: &Actor) -> Value {
    let day = |ago: usize| {
        let ago = i32::try_from(ago).expect("small");
        Timestamp::now().date().plus_days(3 - ago).to_string()
    };
    let number = ["0", "0.5", "-1", "2", "1000.125", "199999.999"][i % 6];
    let mut values = json!({});
    for (every, key, value) in [
        (2, "text", json!(WORDS[(i * 7) % WORDS.len()])),
        (2, "number", json!(number)),
        (
            3,
            "money",
            json!(i64::try_from(i * 1_000).expect("small") - 2),
        ),
        (2, "date", json!(day(i))),
        (3, "boolean", json!(i.is_multiple_of(4))),
        (2, "choice", json!((["a", "a_b", "b"][(i / 2) % 3]))),
        (2, "choices", json!((["a", "a_b", "b"][..=i % 3]))),
        (3, "user", json!(li.user_id)),
        (5, "link", json!(format!("https://example.com/{i}"))),
    ] {
        if (i + key.len()).is_multiple_of(every) {
            values[format!("a_{key}")] = value;
        }
    }
    values
}

/// Customers that differ in everything a filter may ask.
fn company(office: &Office<'_>, li: &Actor) -> Vec<Customer> {
    let mut made: Vec<Customer> = Vec::new();
    for i in 0..24usize {
        let mut input = json!({
            "name": format!("{} {}", WORDS[i % WORDS.len()], i),
            "stage": (["potential", "intent", "active"][i % 3]),
            "kind": (["company", "person"][i % 2]),
            "tags": (&WORDS[..i % 4]),
            "custom": custom(i, li),
        });
        let set = |input: &mut Value, name: &str, value: Value| {
            input[name] = value;
        };
        if i % 2 == 0 {
            set(&mut input, "region", json!("cn_east"));
            set(
                &mut input,
                "short_name",
                json!(WORDS[(i / 2) % WORDS.len()]),
            );
        }
        if i % 3 == 0 {
            set(&mut input, "tier", json!("key"));
            set(&mut input, "email", json!(format!("A{i}@example.com")));
        }
        if i % 5 == 0
            && let Some(parent) = made.first()
        {
            set(&mut input, "parent_id", json!(parent.id));
        }
        let owner = if i % 4 == 0 {
            li
        } else {
            &office.administrator
        };
        made.push(office.customer_with(owner, input));
    }
    for (i, customer) in made.iter().enumerate().filter(|(i, _)| i % 3 == 1) {
        for n in 0..=(i % 2) {
            office.contact_of(customer, &format!("Contact {n}"));
        }
        office.confirmed_order(customer, 100 * i64::try_from(i).expect("small"));
    }
    made
}

fn search(filter: &Value, with_total: bool) -> Search {
    Search {
        filter: Some(filter.clone()),
        limit: Some(200),
        with_total,
        sort: Some("code".to_owned()),
        ..Search::default()
    }
}

fn found(
    db: &Db,
    fields: &FieldSet,
    actor: &Actor,
    filter: &Value,
    now: Timestamp,
) -> Vec<Customer> {
    let query = ListQuery::search(fields, &search(filter, true), Some(actor), now)
        .unwrap_or_else(|e| panic!("{filter}: {e}"));
    let page = db
        .read_blocking(|c| list::<Customers>(c, &Visibility::All, &query))
        .unwrap_or_else(|e| panic!("{filter}: {e}"));
    assert_eq!(page.total, i64::try_from(page.items.len()).ok(), "{filter}");
    page.items
}

/// The customers of all contacts, and of all orders, which are all open.
fn related(db: &Db) -> (Vec<String>, Vec<String>) {
    let contacts = ListQuery::parse(&guanxi_domain::contact::FIELDS, [("limit", "200")], None);
    let orders = ListQuery::parse(&guanxi_domain::order::FIELDS, [("limit", "200")], None);
    let (contacts, orders) = (contacts.expect("a query"), orders.expect("a query"));
    db.read_blocking(|c| {
        let contacts = list::<Contacts>(c, &Visibility::All, &contacts)?.items;
        let orders = list::<Orders>(c, &Visibility::All, &orders)?.items;
        Ok((
            contacts
                .iter()
                .map(|c| c.input.customer_id.to_string())
                .collect(),
            orders.iter().map(|o| o.customer_id.to_string()).collect(),
        ))
    })
    .expect("all of them")
}

/// The customers of each segment, by id.
type Members = BTreeMap<String, Vec<String>>;

/// A segment of a list, one with a rule and one that is built upon both, with the members that they mean.
fn segments(
    db: &Db,
    admin: &Actor,
    everything: &[Value],
    holds: &dyn Fn(&Value, &Value, &Members) -> bool,
) -> Members {
    let mut members = Members::new();
    let make = |input: Value| {
        let (input, admin): (Checked<SegmentInput>, _) = (checked(input), admin.clone());
        db.write_blocking(Origin::of(&admin.clone()), move |tx| {
            segment::create(tx, &admin, &input)
        })
        .expect("a segment")
        .id
        .to_string()
    };
    let meant = |rule: &Value, members: &Members| -> Vec<String> {
        let found = everything.iter().filter(|c| holds(rule, c, members));
        found
            .map(|c| c["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let dealers = json!({"field": "stage", "op": "eq", "value": "intent"});
    let list = make(json!({"name": "List", "kind": "static", "filter": dealers}));
    members.insert(list.clone(), meant(&dealers, &members));
    let rule = json!({"or": [
        {"field": "open_orders", "op": "ge", "value": 2},
        {"field": "short_name", "op": "contains", "value": "a"},
        {"field": "custom.a_text", "op": "starts_with", "value": "!"},
    ]});
    let dynamic = make(json!({"name": "Rule", "kind": "dynamic", "filter": rule}));
    members.insert(dynamic.clone(), meant(&rule, &members));
    let upon = json!({"and": [
        {"not": {"field": "segment", "op": "in", "value": [list]}},
        {"or": [{"field": "segment", "op": "ne", "value": dynamic}, {"field": "email", "op": "not_empty"}]},
    ]});
    let built = make(json!({"name": "Both", "kind": "dynamic", "filter": upon}));
    members.insert(built, meant(&upon, &members));
    assert!(
        members
            .values()
            .all(|m| !m.is_empty() && m.len() < everything.len())
    );
    members
}

/// What the customer holds in a field; related counts are counted by hand.
fn held(
    fields: &FieldSet,
    customer: &Value,
    counts: &dyn Fn(&str, &str) -> i64,
    members: &Members,
    name: &str,
) -> Held {
    let field = fields.get(name).expect("a field");
    if field.related.is_some() {
        let id = customer["id"].as_str().expect("an id");
        if name == "segment" {
            let of = members.iter().filter(|(_, m)| m.iter().any(|m| m == id));
            return Held::Words(of.map(|(segment, _)| segment.clone()).collect());
        }
        if field.kind == FieldKind::Boolean {
            return Held::One(Scalar::Bool(counts(id, name) > 0));
        }
        return Held::One(Scalar::Int(counts(id, name)));
    }
    field.kind.held(field.value(customer))
}

fn share_with(db: &Db, with: &Actor, customers: &[String]) {
    let input: Checked<ShareInput> = checked(json!({"user_id": with.user_id, "level": "read"}));
    let customers = customers.to_vec();
    db.write_blocking(Origin::system(), move |tx| {
        for id in &customers {
            share::put(tx, &Visibility::All, Shareable::Customers, id, &input)?;
        }
        Ok(())
    })
    .expect("shares");
}

#[test]
fn databases_find_what_a_filter_means() {
    both(|db, name| {
        let office = Office::open(db);
        let li = office.employee(
            "Li",
            ShippedRole::DepartmentManager,
            office.department("North"),
        );
        let fields = with_custom_fields(db);
        company(&office, &li);
        let now = Timestamp::now();
        let admin = &office.administrator;
        let everything: Vec<Value> = found(db, fields, admin, &json!({"and": []}), now)
            .iter()
            .map(|c| serde_json::to_value(c).expect("JSON"))
            .collect();
        assert_eq!(everything.len(), 24);
        let (contacts, orders) = related(db);
        let shared: Vec<String> = everything
            .iter()
            .step_by(3)
            .map(|c| c["id"].as_str().expect("an id").to_owned())
            .collect();
        share_with(db, admin, &shared);
        let counts = |id: &str, field: &str| {
            let among: Vec<&str> = match field {
                "shared_with_me" => shared.iter().map(String::as_str).collect(),
                "contacts" => contacts.iter().map(String::as_str).collect(),
                "open_orders" => orders.iter().map(String::as_str).collect(),
                "children" => everything
                    .iter()
                    .filter_map(|c| c["parent_id"].as_str())
                    .collect(),
                other => panic!("what does {other} count?"),
            };
            i64::try_from(among.iter().filter(|c| **c == id).count()).expect("small")
        };

        let context = Context {
            fields,
            today: now.date(),
            me: Some(admin.user_id),
        };
        let holds = |filter: &Value, customer: &Value, members: &Members| {
            let meaning =
                parse(filter, "/filter", &context).unwrap_or_else(|e| panic!("{filter}: {e:?}"));
            meaning.matches(&|field| held(fields, customer, &counts, members, field))
        };
        let members = segments(db, admin, &everything, &holds);

        let mut runner = TestRunner::new_with_rng(
            Config::with_cases(FILTERS),
            proptest::test_runner::TestRng::deterministic_rng(
                proptest::test_runner::RngAlgorithm::ChaCha,
            ),
        );
        let (mut some, mut none) = (0, 0);
        for _ in 0..FILTERS {
            use proptest::strategy::ValueTree;

            let filter = tree(fields, members.keys().cloned().collect())
                .new_tree(&mut runner)
                .expect("a tree")
                .current();
            // Archived customers are left out unless asked for, and there are none.
            let expected: Vec<&str> = everything
                .iter()
                .filter(|c| holds(&filter, c, &members))
                .map(|c| c["code"].as_str().expect("a code"))
                .collect();
            let items = found(db, fields, admin, &filter, now);
            let actual: Vec<&str> = items
                .iter()
                .filter_map(|c| c.input.code.as_deref())
                .collect();
            assert_eq!(actual, expected, "{name}: {filter}");
            if expected.is_empty() {
                none += 1;
            } else {
                some += 1;
            }
        }
        assert!(
            some > 50 && none > 50,
            "{some} filters found something, {none} nothing"
        );
    });
}

#[test]
fn counts_of_other_records_keep_to_their_scope() {
    both(|db, _| {
        let office = Office::open(db);
        let (north, south) = (office.department("North"), office.department("South"));
        let li = office.employee("Li", ShippedRole::DepartmentClerk, north);
        let customer = office.customer_of(&li, "Northern Light");
        office.confirmed_order(&customer, 100);
        let open = json!({"field": "open_orders", "op": "ge", "value": 1});
        let query = |actor: &Actor| {
            ListQuery::search(&FIELDS, &search(&open, true), Some(actor), Timestamp::now())
        };
        let count = |actor: &Actor, visibility: &Visibility| {
            let query = query(actor).expect("a query");
            db.read_blocking(|c| list::<Customers>(c, visibility, &query))
                .expect("a page")
                .items
                .len()
        };
        assert_eq!(count(&li, &Visibility::All), 1);
        // Sees the customer, but not the orders of the other department.
        let wang = office.employee("Wang", ShippedRole::DepartmentClerk, south);
        assert!(wang.visibility(Module::Orders, Operation::Read).is_some());
        assert_eq!(count(&wang, &Visibility::All), 0);
        // Reads no orders at all: there is no such field.
        let blind = Actor {
            permissions: std::sync::Arc::default(),
            ..wang
        };
        let error = query(&blind).expect_err("no such field");
        assert!(
            matches!(&error, Error::Query(QueryError::Filter(e)) if e.pointer == "/filter/field" && e.code == "unknown"),
            "{error}"
        );
    });
}

proptest! {
    #[test]
    fn reading_a_filter_never_panics(text in "\\PC{0,200}", tree in tree(&FIELDS, vec!["01890a5d-ac96-774b-bcce-b302099a8057".to_owned()]), member in "(and|or|not|field|op|value)") {
        let context = Context { fields: &FIELDS, today: Timestamp::now().date(), me: None };
        if let Ok(json) = serde_json::from_str::<Value>(&text) {
            let _ = parse(&json, "", &context);
        }
        let _ = parse(&json!({ member.as_str(): text.as_str() }), "", &context);
        let _ = parse(&json!({ member.as_str(): tree }), "", &context);
    }
}
