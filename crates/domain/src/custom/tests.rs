use serde_json::{Value, json};

use super::*;
use crate::filter::{self, Context, Held};
use crate::{Date, Lang, Rules, UserId, customer};

fn input(kind: &str, more: &Value) -> CustomFieldInput {
    let mut body = json!({
        "record": "customers", "key": kind, "kind": kind, "label_zh": "字段", "label_en": "Field",
    });
    if matches!(kind, "choice" | "choices") {
        body["choices"] = json!([
            {"code": "gold", "label_zh": "金牌", "label_en": "Gold"},
            {"code": "silver", "label_zh": "银牌", "label_en": "Silver"},
            {"code": "old", "label_zh": "旧", "label_en": "Old", "active": false},
        ]);
    }
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    serde_json::from_value(body).expect("the shape")
}

fn definition(kind: &str, more: &Value) -> CustomField {
    CustomField {
        id: CustomFieldId::generate(),
        version: 1,
        position: 0,
        created_at: Timestamp::from_micros(0),
        updated_at: Timestamp::from_micros(0),
        input: input(kind, more),
    }
}

fn every_kind() -> Vec<CustomField> {
    let kinds = CustomKind::WORDS.iter();
    kinds.map(|kind| definition(kind, &json!({}))).collect()
}

fn custom(values: Value) -> Custom {
    serde_json::from_value(values).expect("an object")
}

fn broken(definition: &CustomField, old: Option<Value>, new: Value) -> Vec<(String, String)> {
    let old = old.map(custom);
    let found = problems([definition], old.as_ref(), &custom(new), Lang::En);
    found.into_iter().map(|e| (e.pointer, e.code)).collect()
}

#[test]
fn settings_fit_their_kind() {
    let wrong = |kind, more| {
        let found = input(kind, &more).problems(Lang::En);
        found.first().map(|e| (e.pointer.clone(), e.code.clone()))
    };
    for kind in CustomKind::WORDS {
        assert_eq!(wrong(kind, json!({})), None, "{kind}");
    }
    let choice = json!({"code": "a", "label_zh": "甲", "label_en": "A"});
    for (kind, more, pointer, code) in [
        ("text", json!({"key": "Größe"}), "/key", "key"),
        ("text", json!({"key": "1st"}), "/key", "key"),
        ("text", json!({"key": "it's"}), "/key", "key"),
        ("text", json!({"label_en": " "}), "/label_en", "required"),
        ("text", json!({"min": -1}), "/min", "bounds"),
        (
            "text",
            json!({"choices": [choice]}),
            "/choices",
            "unfitting",
        ),
        ("number", json!({"min": 3, "max": 2}), "/max", "order"),
        ("date", json!({"max": 2}), "/max", "unfitting"),
        ("choice", json!({"choices": []}), "/choices", "required"),
        (
            "choice",
            json!({"choices": [choice, choice]}),
            "/choices",
            "taken",
        ),
        (
            "choices",
            json!({"choices": [{"code": "a,b", "label_zh": "甲", "label_en": "A"}]}),
            "/choices/0/code",
            "choice_code",
        ),
    ] {
        let found = wrong(kind, more);
        assert_eq!(found, Some((pointer.to_owned(), code.to_owned())));
    }
}

#[test]
fn values_are_kept_in_one_way_of_writing() {
    let user = UserId::generate();
    let written = custom(json!({
        "text": " 一行 ", "number": 12.50, "money": 129_900, "date": "2026-11-22", "boolean": false, "choice": "gold",
        "choices": ["silver", "gold", "silver"], "user": user.to_string().to_uppercase(), "link": "https://example.com/a",
    }));
    let kept = custom(json!({
        "text": "一行", "number": "12.5", "money": 129_900, "date": "2026-11-22", "boolean": false, "choice": "gold",
        "choices": ["gold", "silver"], "user": user, "link": "https://example.com/a",
    }));
    let definitions = every_kind();
    assert_eq!(settle(&definitions, None, &written), Ok(kept.clone()));
    assert_eq!(settle(&definitions, Some(&kept), &kept), Ok(kept.clone()));
    assert_eq!(users(&definitions, None, &kept), [("user", user)]);
    assert_eq!(users(&definitions, Some(&kept), &kept), []);
    let none = custom(json!({"text": null, "choices": []}));
    assert_eq!(
        settle(&definitions, Some(&kept), &none),
        Ok(Custom::default())
    );
}

#[test]
fn what_does_not_fit_is_refused_at_its_place() {
    for (kind, more, value, code) in [
        ("text", json!({}), json!(7), "type"),
        ("text", json!({}), json!(""), "required"),
        ("text", json!({}), json!("a\nb"), "characters"),
        ("text", json!({"max": 3}), json!("四个字的"), "length"),
        ("text", json!({"min": 3}), json!("ab"), "length"),
        ("number", json!({}), json!("1.2345"), "number"),
        ("number", json!({}), json!("many"), "number"),
        ("number", json!({}), json!("1000000000000000"), "overflow"),
        ("number", json!({"min": 1}), json!("0.999"), "range"),
        ("number", json!({"max": 1}), json!("1.001"), "range"),
        ("money", json!({}), json!("12"), "type"),
        ("money", json!({}), json!(1.5), "type"),
        ("money", json!({"min": 0}), json!(-1), "range"),
        ("money", json!({}), json!(i64::MAX), "overflow"),
        ("date", json!({}), json!("2026-02-30"), "date"),
        ("date", json!({}), json!("-000001-01-01"), "date"),
        ("boolean", json!({}), json!("true"), "type"),
        ("choice", json!({}), json!("bronze"), "choice"),
        ("choice", json!({}), json!("old"), "retired_choice"),
        ("choices", json!({}), json!("gold"), "type"),
        ("choices", json!({}), json!(["gold", "bronze"]), "choice"),
        ("choices", json!({"required": true}), json!([]), "required"),
        ("user", json!({}), json!("Li"), "reference"),
        ("link", json!({}), json!("javascript:alert(1)"), "website"),
        ("text", json!({"active": false}), json!("a"), "retired"),
        ("text", json!({"required": true}), json!(null), "required"),
    ] {
        let found = broken(&definition(kind, &more), None, json!({kind: value}));
        assert_eq!(found, [(format!("/custom/{kind}"), code.to_owned())]);
    }
    let found = broken(&definition("text", &json!({})), None, json!({"colour": 1}));
    assert_eq!(found, [("/custom/colour".to_owned(), "unknown".to_owned())]);
}

#[test]
fn what_a_record_holds_already_may_stay() {
    let retired = definition("choice", &json!({"active": false}));
    let old = json!({"choice": "gold"});
    assert_eq!(broken(&retired, Some(old.clone()), old.clone()), []);
    assert_eq!(broken(&retired, Some(old.clone()), json!({})), []);
    let found = broken(&retired, Some(old), json!({"choice": "silver"}));
    assert_eq!(found[0].1, "retired");

    let several = definition("choices", &json!({}));
    let old = json!({"choices": ["old"]});
    let more = json!({"choices": ["old", "gold"]});
    assert_eq!(broken(&several, Some(old), more), []);

    // It became required after the record was made.
    let needed = definition("text", &json!({"required": true}));
    assert_eq!(broken(&needed, Some(json!({})), json!({})), []);
    let found = broken(&needed, Some(json!({"text": "a"})), json!({}));
    assert_eq!(found[0].1, "required");
}

#[test]
fn cells_are_read_as_people_write_them() {
    let li = UserId::generate();
    let reader = CellReader {
        minor_digits: 2,
        user: &|name| (name == "李雷").then_some(li),
    };
    let read = |kind: &str, text: &str| {
        let field = definition(kind, &json!({}));
        parse_cell(&field, text, &reader).map_err(|b| b.in_words(Lang::En).code)
    };
    for (kind, text, value) in [
        ("text", "  a ", json!("a")),
        ("number", "1,234.5", json!("1234.5")),
        ("money", "¥1,299.00", json!(129_900)),
        ("date", "2026年11月22日", json!("2026-11-22")),
        ("boolean", "是", json!(true)),
        ("boolean", "No", json!(false)),
        ("choice", "金牌", json!("gold")),
        ("choice", "SILVER", json!("silver")),
        ("choices", "Silver、金牌", json!(["gold", "silver"])),
        ("user", "李雷", json!(li)),
        ("link", "https://example.com", json!("https://example.com")),
        ("money", " ", Value::Null),
    ] {
        assert_eq!(read(kind, text), Ok(value), "{kind} {text}");
    }
    for (kind, text, code) in [
        ("number", "many", "number"),
        ("money", "1.255", "number"),
        ("date", "soon", "date"),
        ("boolean", "maybe", "boolean"),
        ("choice", "bronze", "choice"),
        ("choice", "Old", "retired_choice"),
        ("user", "Nobody", "reference"),
        ("link", "example.com", "website"),
    ] {
        assert_eq!(read(kind, text), Err(code.to_owned()), "{kind} {text}");
    }
}

#[test]
fn definitions_are_fields_of_their_record_type() {
    let definitions = every_kind();
    let all = fields(&customer::FIELDS, &definitions);
    assert_eq!(all.fields.len(), customer::FIELDS.fields.len() + 9);
    assert!(std::ptr::eq(all, fields(&customer::FIELDS, &definitions)));
    let others = fields(&crate::contact::FIELDS, &definitions);
    assert_eq!(others, &crate::contact::FIELDS, "not theirs");

    let held = json!({"custom": {"number": "12.5", "choices": ["gold"], "date": "2026-11-22"}});
    let context = Context {
        fields: all,
        today: Date::new(2026, 11, 22).expect("a day"),
        me: None,
    };
    let holds = |name: &str, op: &str, value: Value| {
        let tree = json!({"field": name, "op": op, "value": value});
        let filter = filter::parse(&tree, "", &context).expect("a filter");
        filter.matches(&|name: &str| -> Held {
            let field = all.get(name).expect("a field");
            field.kind.held(field.value(&held))
        })
    };
    assert!(holds("custom.number", "ge", json!("12.5")));
    assert!(!holds("custom.number", "gt", json!("12.5")));
    assert!(holds(
        "custom.choices",
        "has_any",
        json!(["silver", "gold"])
    ));
    assert!(holds("custom.date", "period", json!("today")));
    assert!(holds("custom.money", "empty", Value::Null));
    let unknown = json!({"field": "custom.colour", "op": "empty"});
    assert_eq!(
        filter::parse(&unknown, "", &context)
            .expect_err("unknown")
            .code,
        "unknown"
    );
}

#[test]
fn each_record_type_has_its_fields() {
    for record in CustomRecord::ALL {
        assert_eq!(record.fields().record, record.as_str());
    }
}
