use serde_json::{Value, json};

use super::*;
use crate::{Choices, Field};

const STAGES: Choices = Choices {
    words: &["new", "old"],
    labels: &[("新", "new"), ("旧", "old")],
};

const FIELDS: FieldSet = FieldSet {
    record: "things",
    default_sort: "name",
    fields: &[
        Field::new("name", FieldKind::Text, "名称", "Name"),
        Field::new("stage", FieldKind::Choice(STAGES), "阶段", "Stage").optional(),
        Field::new("owner_id", FieldKind::Reference("users"), "负责人", "Owner").optional(),
        Field::new("sales", FieldKind::Money, "销售额", "Sales").optional(),
        Field::new("born_on", FieldKind::Date, "日期", "Day").optional(),
        Field::new("made_at", FieldKind::Timestamp, "时间", "Time"),
        Field::new("tags", FieldKind::Tags, "标签", "Tags"),
        Field::new("good", FieldKind::Boolean, "好", "Good"),
    ],
};

const ME: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn read(tree: &Value) -> Result<Filter, FilterError> {
    let context = Context {
        fields: &FIELDS,
        today: Date::new(2026, 11, 22).expect("a date"),
        me: ME.parse().ok(),
    };
    parse(tree, "/filter", &context)
}

fn holds(tree: &Value, record: &Value) -> bool {
    read(tree).expect("a filter").matches(&|name| {
        let kind = FIELDS.get(name).expect("a field").kind;
        kind.held(&record[name])
    })
}

fn test(field: &str, op: &str, value: &Value) -> Value {
    json!({"field": field, "op": op, "value": value})
}

#[test]
fn each_operator_means_what_it_says() {
    let record = json!({
        "name": "上海晨光 Trading", "stage": "old", "owner_id": ME, "sales": 100, "born_on": "2026-10-31",
        "made_at": "2026-11-22T08:00:00Z", "tags": ["VIP", "重点"], "good": true,
    });
    for (field, op, value, expected) in [
        ("name", "contains", json!("晨光"), true),
        ("name", "contains", json!("TRADING"), true),
        ("name", "not_contains", json!("晨光"), false),
        ("name", "starts_with", json!("晨光"), false),
        ("name", "starts_with", json!("上海"), true),
        ("stage", "in", json!(["new", "old"]), true),
        ("stage", "ne", json!("old"), false),
        ("owner_id", "eq", json!("me"), true),
        ("sales", "gt", json!(100), false),
        ("sales", "ge", json!(100), true),
        ("sales", "lt", json!(101), true),
        ("sales", "between", json!([50, 100]), true),
        ("born_on", "period", json!("last_month"), true),
        ("born_on", "last_days", json!(22), false),
        ("born_on", "last_days", json!(23), true),
        ("born_on", "before_days", json!(21), true),
        ("born_on", "before_days", json!(22), false),
        ("made_at", "eq", json!("2026-11-22"), true),
        ("made_at", "gt", json!("2026-11-22"), false),
        ("made_at", "le", json!("2026-11-22"), true),
        ("made_at", "period", json!("today"), true),
        ("made_at", "next_days", json!(1), true),
        ("tags", "has_any", json!(["vip", "x"]), true),
        ("tags", "has_all", json!(["vip", "x"]), false),
        ("tags", "has_none", json!(["x"]), true),
        ("good", "eq", json!(true), true),
    ] {
        let tree = test(field, op, &value);
        assert_eq!(holds(&tree, &record), expected, "{tree}");
        assert_ne!(
            holds(&json!({"not": tree}), &record),
            expected,
            "not {tree}"
        );
    }
}

#[test]
fn an_empty_field_fulfils_negations_only() {
    let record = json!({"name": "a", "made_at": "2026-11-22T08:00:00Z", "tags": [], "good": false});
    for (field, op, value, expected) in [
        ("stage", "eq", json!("old"), false),
        ("stage", "ne", json!("old"), true),
        ("stage", "not_in", json!(["old"]), true),
        ("stage", "empty", Value::Null, true),
        ("stage", "not_empty", Value::Null, false),
        ("sales", "lt", json!(1), false),
        ("born_on", "before_days", json!(1), false),
        ("tags", "empty", Value::Null, true),
        ("tags", "has_none", json!(["x"]), true),
    ] {
        let tree = test(field, op, &value);
        assert_eq!(holds(&tree, &record), expected, "{tree}");
    }
    assert!(holds(&json!({"and": []}), &record));
    assert!(!holds(&json!({"or": []}), &record));
}

#[test]
fn errors_point_at_the_node() {
    let nested = |inner: Value| json!({"and": [{"or": []}, {"not": inner}]});
    for (tree, pointer, code) in [
        (json!([]), "/filter", "type"),
        (json!({}), "/filter", "type"),
        (json!({"xor": []}), "/filter/xor", "unknown"),
        (json!({"and": {}}), "/filter/and", "type"),
        (
            nested(test("colour", "eq", &json!(1))),
            "/filter/and/1/not/field",
            "unknown",
        ),
        (
            nested(test("name", "gt", &json!("a"))),
            "/filter/and/1/not/op",
            "operator",
        ),
        (
            nested(test("name", "empty", &Value::Null)),
            "/filter/and/1/not/op",
            "operator",
        ),
        (
            nested(test("sales", "gt", &json!("a"))),
            "/filter/and/1/not/value",
            "type",
        ),
        (
            nested(test("sales", "gt", &json!(1.5))),
            "/filter/and/1/not/value",
            "type",
        ),
        (
            nested(test("stage", "in", &json!(["new", "x"]))),
            "/filter/and/1/not/value/1",
            "type",
        ),
        (
            nested(test("stage", "in", &json!([]))),
            "/filter/and/1/not/value",
            "type",
        ),
        (
            nested(test("good", "eq", &json!("true"))),
            "/filter/and/1/not/value",
            "type",
        ),
        (
            nested(test("born_on", "last_days", &json!(0))),
            "/filter/and/1/not/value",
            "type",
        ),
        (
            nested(test("sales", "between", &json!([1]))),
            "/filter/and/1/not/value",
            "type",
        ),
        (
            nested(test("tags", "has_any", &json!(["a\"b"]))),
            "/filter/and/1/not/value/0",
            "type",
        ),
        (
            nested(test("stage", "empty", &json!(1))),
            "/filter/and/1/not/value",
            "type",
        ),
        (
            json!({"field": "name", "op": "eq", "value": "a", "x": 1}),
            "/filter/x",
            "unknown",
        ),
    ] {
        let error = read(&tree).expect_err("no filter");
        assert_eq!(
            (error.pointer.as_str(), error.code),
            (pointer, code),
            "{tree}"
        );
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let leaf = test("good", "eq", &json!(true));
    let deep = |levels: usize| (0..levels).fold(leaf.clone(), |inner, _| json!({"not": inner}));
    assert!(read(&deep(MAX_DEPTH)).is_ok());
    assert_eq!(
        read(&deep(MAX_DEPTH + 1)).expect_err("too deep").code,
        "depth"
    );
    let wide = |n: usize| json!({"or": [{"and": vec![leaf.clone(); n / 2]}, {"and": vec![leaf.clone(); n - n / 2]}]});
    assert!(read(&wide(MAX_TESTS)).is_ok());
    assert_eq!(
        read(&wide(MAX_TESTS + 1)).expect_err("too many").code,
        "size"
    );
    let values = |n: usize| test("name", "in", &json!(vec!["a"; n]));
    assert!(read(&values(MAX_VALUES)).is_ok());
    assert_eq!(
        read(&values(MAX_VALUES + 1)).expect_err("too many").code,
        "size"
    );
    assert!(read(&test("name", "eq", &json!("长".repeat(MAX_TEXT + 1)))).is_err());
}

#[test]
fn the_ends_of_numbers_are_no_trap() {
    let record = json!({"sales": i64::MAX});
    assert!(!holds(&test("sales", "gt", &json!(i64::MAX)), &record));
    assert!(!holds(
        &test("sales", "lt", &json!(i64::MIN)),
        &json!({"sales": i64::MIN})
    ));
}

#[test]
fn periods_are_whole() {
    let day = |text: &str| text.parse::<Date>().expect("a date");
    for (period, today, first, last) in [
        (Period::ThisWeek, "2026-11-22", "2026-11-16", "2026-11-22"),
        (Period::NextWeek, "2026-11-22", "2026-11-23", "2026-11-29"),
        (Period::LastMonth, "2026-03-31", "2026-02-01", "2026-02-28"),
        (Period::NextMonth, "2026-12-31", "2027-01-01", "2027-01-31"),
        (
            Period::ThisQuarter,
            "2026-11-22",
            "2026-10-01",
            "2026-12-31",
        ),
        (
            Period::LastQuarter,
            "2026-02-01",
            "2025-10-01",
            "2025-12-31",
        ),
        (Period::ThisYear, "2026-11-22", "2026-01-01", "2026-12-31"),
        (Period::LastYear, "2026-01-01", "2025-01-01", "2025-12-31"),
    ] {
        assert_eq!(period.days(day(today)), (day(first), day(last)), "{period}");
    }
}

#[test]
fn parameters_are_tests_too() {
    let read = |name: &str, text: &str| parameter(&FIELDS, name, text);
    let sales = |predicate| Filter::Test(FIELDS.find("sales").expect("a field"), predicate);
    let range = |min, max| sales(Predicate::Range { min, max });
    assert_eq!(read("sales_min", "5"), Some(Ok(range(Some(5), None))));
    assert_eq!(read("sales_max", "5"), Some(Ok(range(None, Some(5)))));
    assert_eq!(read("sales", "none"), Some(Ok(sales(Predicate::Empty))));
    assert_eq!(read("colour", "red"), None);
    assert_eq!(read("stage_min", "new"), None);
    assert!(read("stage", "new,blue").is_some_and(|r| r.is_err()));
    assert!(read("made_at", "2026-01-01").is_some_and(|r| r.is_err()));
}
