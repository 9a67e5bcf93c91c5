//! What changed, as people read it.

use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::{Date, Field, FieldKind, Money, Timestamp, UnitPrice};
use serde_json::{Map, Value};

use super::fields::{member_field, member_label, place};
use crate::format;
use crate::i18n::{lang, t};
use crate::names::Names;

/// These say nothing to people: they are told by the entry itself, or change with every write.
const NOISE: &[&str] = &[
    "id",
    "version",
    "created_at",
    "updated_at",
    "position",
    "session",
    // The names of whom the members beside them refer to.
    "by_name",
    "author_name",
    "owner_name",
    "decided_by_name",
    "requested_by_name",
    // For whoever made the change.
    "mine",
];

/// One member that changed. A member of a member stands by itself: `["company", "bank"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub members: Vec<String>,
    pub old: Value,
    pub new: Value,
}

/// The differences of an entry, in the order in which people know the fields.
pub fn differences(record_type: &str, changes: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let Some(changes) = changes.as_object() else {
        return found;
    };
    for (name, change) in changes {
        // What was said beside a change has no old and new.
        let (old, new) = match change.as_object() {
            Some(pair) if pair.contains_key("old") || pair.contains_key("new") => {
                let of = |which| pair.get(which).cloned().unwrap_or_default();
                (of("old"), of("new"))
            }
            _ => (Value::Null, change.clone()),
        };
        compare(vec![name.clone()], old, new, &mut found);
    }
    found.sort_by_key(|d| place(record_type, &d.members[0]));
    found
}

fn compare(members: Vec<String>, old: Value, new: Value, found: &mut Vec<Difference>) {
    let last = members.last().map_or("", String::as_str);
    if old == new || NOISE.contains(&last) {
        return;
    }
    let empty = Map::new();
    let (before, after) = match (&old, &new) {
        (Value::Object(before), Value::Object(after)) => (before, after),
        (Value::Object(before), Value::Null) => (before, &empty),
        (Value::Null, Value::Object(after)) => (&empty, after),
        _ => {
            let (old, new) = without_common(old, new);
            found.push(Difference { members, old, new });
            return;
        }
    };
    let names = before
        .keys()
        .chain(after.keys().filter(|name| !before.contains_key(*name)));
    for name in names {
        let of = |side: &Map<String, Value>| side.get(name).cloned().unwrap_or_default();
        let mut deeper = members.clone();
        deeper.push(name.clone());
        compare(deeper, of(before), of(after), found);
    }
}

/// Of two lists of things (lines, permissions) what the other does not have.
fn without_common(old: Value, new: Value) -> (Value, Value) {
    let things = |value: &Value| {
        value
            .as_array()
            .is_some_and(|all| all.iter().any(Value::is_object))
    };
    if !things(&old) && !things(&new) {
        return (old, new);
    }
    let less = |these: &Value, those: &Value| {
        let Some(all) = these.as_array() else {
            return these.clone();
        };
        let others = those.as_array();
        let kept = all
            .iter()
            .filter(|one| others.is_none_or(|others| !others.contains(one)));
        Value::Array(kept.cloned().collect())
    };
    (less(&old, &new), less(&new, &old))
}

/// What the changed member is called. Reactive.
pub fn label(record_type: &str, members: &[String]) -> String {
    let names: Vec<_> = members
        .iter()
        .map(|member| member_label(record_type, member))
        .collect();
    names.join(" · ")
}

/// A value in the language that is on; a dash for none. Reactive.
pub fn text(names: Names, record_type: &str, member: &str, value: &Value) -> String {
    let field = member_field(record_type, member);
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(true) => t().common.yes.to_owned(),
        Value::Bool(false) => t().common.no.to_owned(),
        Value::Number(number) => match (field.map(|f| f.kind), number.as_i64()) {
            (Some(FieldKind::Money), Some(minor)) => format::money(Money(minor)),
            (_, Some(number)) => format::integer(number),
            _ => number.to_string(),
        },
        Value::String(text) if text.is_empty() => "—".to_owned(),
        Value::String(text) => word(names, field, text),
        Value::Array(all) if all.is_empty() => "—".to_owned(),
        Value::Array(all) => {
            let between = if all.iter().any(Value::is_object) {
                "\n"
            } else {
                t().list.comma
            };
            let texts: Vec<_> = all
                .iter()
                .map(|one| self::text(names, record_type, member, one))
                .collect();
            texts.join(between)
        }
        Value::Object(members) => {
            permission(members).unwrap_or_else(|| thing(names, record_type, members))
        }
    }
}

fn word(names: Names, field: Option<&'static Field>, text: &str) -> String {
    let own = || text.to_owned();
    match field.map(|f| f.kind) {
        Some(FieldKind::Choice(choices) | FieldKind::ManyOf(choices)) => {
            choices.label(text, lang()).map_or_else(own, str::to_owned)
        }
        Some(FieldKind::Dictionary(name)) => names.session().dictionary_label(name, text),
        Some(FieldKind::Reference(record)) => names.of(record, text),
        Some(FieldKind::UnitPrice) => text
            .parse::<UnitPrice>()
            .map_or_else(|_| own(), format::unit_price),
        _ => {
            // Only what is written to the letter like one: ten digits may be anything.
            if let Ok(day) = text.parse::<Date>() {
                return format::date(day);
            }
            let moment = text
                .ends_with('Z')
                .then(|| text.parse::<Timestamp>().ok())
                .flatten();
            moment.map_or_else(own, format::time)
        }
    }
}

/// A right: module, operation and, if it says so, scope.
fn permission(members: &Map<String, Value>) -> Option<String> {
    let word = |name: &str| members.get(name)?.as_str();
    let module: Module = word("module")?.parse().ok()?;
    let operation: Operation = word("operation")?.parse().ok()?;
    let scope = word("scope").and_then(|word| word.parse::<Scope>().ok());
    let mut text = format!("{} · {}", module.label(lang()), operation.label(lang()));
    if let Some(scope) = scope {
        text = format!("{text} · {}", scope.label(lang()));
    }
    Some(text)
}

/// Anything with members, on one line: what is known of it.
fn thing(names: Names, record_type: &str, members: &Map<String, Value>) -> String {
    let mut texts = Vec::new();
    for (name, value) in members {
        if value.is_null() || NOISE.contains(&name.as_str()) {
            continue;
        }
        let value = text(names, record_type, name, value);
        texts.push(format!("{} {value}", member_label(record_type, name)));
    }
    texts.join(lang().pick("，", ", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(changes: &Value) -> Vec<(String, Value, Value)> {
        differences("customers", changes)
            .into_iter()
            .map(|d| (d.members.join("/"), d.old, d.new))
            .collect()
    }

    #[test]
    fn members_of_members_stand_by_themselves() {
        let changes = json!({
            "version": {"old": 1, "new": 2},
            "company": {
                "old": {"bank": "ICBC", "tax_number": "1"},
                "new": {"bank": "ABC", "tax_number": "1"},
            },
            "name": {"old": "A", "new": "B"},
        });
        let expected = [
            ("name".to_owned(), json!("A"), json!("B")),
            ("company/bank".to_owned(), json!("ICBC"), json!("ABC")),
        ];
        assert_eq!(found(&changes), expected);
    }

    #[test]
    fn of_lists_of_things_only_the_differences_are_told() {
        let read = json!({"module": "orders", "operation": "read", "scope": "own"});
        let all = json!({"module": "orders", "operation": "read", "scope": "all"});
        let kept = json!({"module": "customers", "operation": "read", "scope": "own"});
        let changes = json!({"permissions": {"old": [kept, read], "new": [kept, all]}});
        assert_eq!(
            found(&changes),
            [("permissions".to_owned(), json!([read]), json!([all]))]
        );
        assert_eq!(
            permission(all.as_object().expect("a right")).as_deref(),
            Some("Orders · Read · All")
        );
    }

    #[test]
    fn what_has_no_old_and_new_is_new() {
        let changes = json!({"format": "csv", "records": 12});
        assert_eq!(
            found(&changes),
            [
                ("format".to_owned(), Value::Null, json!("csv")),
                ("records".to_owned(), Value::Null, json!(12)),
            ]
        );
        let lines = json!({"lines": {"old": null, "new": [{"sku": "A"}]}});
        let expected = ("lines".to_owned(), Value::Null, json!([{"sku": "A"}]));
        assert_eq!(found(&lines), [expected]);
    }
}
