//! A filter while it is being written.

use guanxi_domain::filter::{self, Context, FilterError, Operator};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{Date, Field, FieldKind, FieldSet, joined};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::quick::operators;
use super::{ListState, tree};
use crate::i18n::t_now;

/// What is being written, by JSON pointers into it.
#[derive(Clone, Copy)]
pub struct Draft {
    pub(super) list: ListState,
    pub(super) tree: RwSignal<Value>,
    /// Pointer of a node, and what is wrong there.
    pub(super) errors: RwSignal<Vec<(String, String)>>,
}

/// A filter as a group, which it need not be.
pub fn grouped(tree: &Value) -> Value {
    if ["and", "or", "not"]
        .iter()
        .any(|word| tree.get(word).is_some())
    {
        tree.clone()
    } else {
        json!({ "and": tree::conjuncts(tree) })
    }
}

impl Draft {
    /// A rule for everybody that begins with this filter.
    pub fn of_rule(fields: &'static FieldSet, tree: &Value) -> Self {
        Self {
            list: ListState::of_rule(fields),
            tree: RwSignal::new(grouped(tree)),
            errors: RwSignal::new(Vec::new()),
        }
    }

    /// The filter as it is now; `None` while something of it is missing. Reactive.
    pub fn complete(self) -> Option<Value> {
        let tree = self.tree.with(pruned);
        if tree.is_null() {
            return Some(json!({ "and": [] }));
        }
        let fine = filter::parse(&tree, "", &self.context()).is_ok();
        fine.then_some(tree)
    }

    /// Shows where something is missing; whether nothing is.
    pub fn check(self) -> bool {
        self.finished().is_some()
    }

    fn context(&self) -> Context<'static> {
        let me = self.list.session().me();
        Context {
            fields: self.list.fields(),
            // Any day: what is found does not matter here.
            today: Date::from_days(20_000),
            me: me.filter(|_| !self.list.is_rule()).map(|me| me.user.id),
        }
    }

    pub(super) fn get(self, at: &str) -> Value {
        self.tree
            .with(|tree| tree.pointer(at).cloned().unwrap_or(Value::Null))
    }

    pub(super) fn change(self, at: &str, change: impl FnOnce(&mut Value)) {
        self.errors.set(Vec::new());
        self.tree.update(|tree| {
            if let Some(node) = tree.pointer_mut(at) {
                change(node);
            }
        });
    }

    pub(super) fn add(self, group: &str, node: Value) {
        self.change(group, |parts| {
            if let Some(parts) = parts.as_array_mut() {
                parts.push(node);
            }
        });
    }

    /// Takes the node away; `at` ends in its place among its group's parts.
    pub(super) fn remove(self, at: &str) {
        let Some((group, place)) = at.rsplit_once('/') else {
            return;
        };
        self.change(group, |parts| {
            if let (Some(parts), Ok(place)) = (parts.as_array_mut(), place.parse::<usize>())
                && place < parts.len()
            {
                parts.remove(place);
            }
        });
    }

    pub(super) fn toggle_not(self, at: &str) {
        self.change(at, |node| {
            let inner = node.take();
            *node = match inner.get("not") {
                Some(part) => part.clone(),
                None => json!({ "not": inner }),
            };
        });
    }

    pub(super) fn error(self, at: &str) -> Option<String> {
        self.errors.with(|errors| {
            errors
                .iter()
                .find(|(place, _)| place == at)
                .map(|(_, message)| message.clone())
        })
    }

    /// A condition to begin with: the field that comes first.
    pub(super) fn new_test(self) -> Value {
        let fields = usable_fields(self.list);
        fields
            .first()
            .map_or(Value::Null, |field| fresh(self.list, field))
    }

    /// The tree without values: what the view is made for. Values change under it.
    pub(super) fn shape(self) -> Value {
        fn bare(node: &Value) -> Value {
            match node {
                Value::Object(members) => members
                    .iter()
                    .filter(|(name, _)| *name != "value")
                    .map(|(name, member)| (name.clone(), bare(member)))
                    .collect(),
                Value::Array(parts) => parts.iter().map(bare).collect(),
                other => other.clone(),
            }
        }
        self.tree.with(bare)
    }

    /// Checks with the rules of the server; `None` when something is wrong, which is then shown where it is.
    pub(super) fn finished(self) -> Option<Value> {
        let tree = tree::of_conjuncts(tree::conjuncts(&pruned(&self.tree.get_untracked())));
        if tree.is_null() {
            return Some(tree);
        }
        let context = self.context();
        // The places are those of what is shown, with its empty groups.
        match filter::parse(&self.tree.get_untracked(), "", &context) {
            Ok(_) => Some(tree),
            Err(error) => {
                self.errors.set(vec![node_error(&error)]);
                None
            }
        }
    }
}

fn node_error(error: &FilterError) -> (String, String) {
    let words = t_now().list;
    let message = match error.code {
        "unknown" => words.error_unknown,
        "size" => words.error_size,
        "depth" => words.error_depth,
        _ if error.pointer.ends_with("/value") => words.incomplete,
        _ => words.error_type,
    };
    (node_of(&error.pointer), message.to_owned())
}

/// The condition or group that a pointer leads into.
pub(super) fn node_of(pointer: &str) -> String {
    let mut node = pointer;
    for member in ["/value", "/op", "/field"] {
        if let Some(at) = node.find(member) {
            node = &node[..at];
        }
    }
    // A condition is shown with its negation as one.
    node.trim_end_matches("/not").to_owned()
}

/// Without groups that hold nothing.
fn pruned(node: &Value) -> Value {
    for word in ["and", "or"] {
        if let Some(parts) = node.get(word).and_then(Value::as_array) {
            let parts: Vec<_> = parts.iter().map(pruned).filter(|p| !p.is_null()).collect();
            return if parts.is_empty() {
                Value::Null
            } else {
                json!({ word: parts })
            };
        }
    }
    match node.get("not") {
        Some(part) => match pruned(part) {
            Value::Null => Value::Null,
            part => json!({ "not": part }),
        },
        None => node.clone(),
    }
}

pub(super) fn fresh(list: ListState, field: &Field) -> Value {
    let op = operators(list, field)
        .first()
        .copied()
        .unwrap_or(Operator::Eq);
    tree::test(field.name, op, Value::Null)
}

/// What conditions can be about: fields whose values the visitor may choose among.
pub(super) fn usable_fields(list: ListState) -> Vec<&'static Field> {
    let session = list.session();
    let own = list.fields();
    own.fields
        .iter()
        .chain(joined::fields(own.record))
        .filter(|field| field.filterable && field.active && !list.is_fixed(field.name))
        .filter(|field| match field.kind {
            FieldKind::Reference("departments") => session.can(Module::Users, Operation::Read),
            _ => true,
        })
        .filter(|field| {
            field
                .related
                .is_none_or(|module| session.can(module, Operation::Read))
        })
        // What depends on who looks is no rule for everybody.
        .filter(|field| {
            !(list.is_rule() && field.related.is_some() && field.kind == FieldKind::Boolean)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_shown_at_its_condition() {
        for (pointer, node) in [
            ("/and/0/value", "/and/0"),
            ("/and/1/not/value/2", "/and/1"),
            ("/and/1/or/0/op", "/and/1/or/0"),
            ("/and/3/or", "/and/3/or"),
        ] {
            assert_eq!(node_of(pointer), node, "{pointer}");
        }
    }

    #[test]
    fn empty_groups_are_left_out() {
        let test = json!({"field": "name", "op": "empty"});
        let tree = json!({"and": [{"or": []}, {"not": {"and": []}}, test]});
        assert_eq!(pruned(&tree), json!({"and": [test]}));
        assert_eq!(pruned(&json!({"and": [{"or": []}]})), Value::Null);
    }
}
