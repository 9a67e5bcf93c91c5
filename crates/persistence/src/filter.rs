//! Filters as conditions: what [`guanxi_domain::filter`] means, in SQL that means the same on both databases.

use guanxi_domain::FieldKind;
use guanxi_domain::filter::{FieldInfo, Filter, Predicate, Scalar};
use guanxi_domain::permission::Module;

use crate::condition::{Column, Condition, Op, Value, containing, escaped};
use crate::list::ListSpec;
use crate::member::{Operand, Test};
use crate::segment::{Rule, Segments};
use crate::{Actor, Visibility};

const SEGMENT: Column = Column {
    table: "segment_members",
    name: "segment_id",
};

const MEMBER: Column = Column {
    name: "customer_id",
    ..SEGMENT
};

/// Records of another table that a field counts.
pub struct Related {
    pub field: &'static str,
    /// The column of the other table that names this record.
    pub key: Column,
    /// Which of them the caller sees.
    pub scope: fn(&Visibility) -> Condition,
    /// Which of them count.
    pub among: fn() -> Condition,
}

/// Records that others refer to, whose fields the filters of those take.
pub struct Joint {
    /// What their fields' names begin with, before the dot.
    pub prefix: &'static str,
    pub spec: &'static ListSpec,
    /// The records that refer to one where this holds, of those that the caller sees.
    pub referring: fn(Condition, &Visibility) -> Condition,
    /// The records that refer to none, where that may be.
    pub none: Option<fn() -> Condition>,
}

/// A field that asks what a record is to the caller, and the condition that it is.
pub type OfCaller = (&'static str, fn(&Actor) -> Condition);

/// Who asks, as far as a filter depends on it, and what the segments that it names come to.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// What the caller sees of the modules whose records fields count.
    pub sees: Vec<(Module, Visibility)>,
    /// The program itself, which is nobody, if there is none.
    pub actor: Option<Actor>,
    pub segments: Segments,
}

impl Caller {
    /// The program itself, which sees everything: a segment is the same for everybody.
    fn program(segments: &Segments) -> Self {
        let everything = |module: &Module| (*module, Visibility::All);
        Self {
            sees: Module::ALL.iter().map(everything).collect(),
            actor: None,
            segments: segments.clone(),
        }
    }
}

impl ListSpec {
    /// The rows that fulfil a filter.
    pub(crate) fn condition(&self, filter: &Filter, caller: &Caller) -> Condition {
        self.walk(filter, caller, false)
    }

    /// `negated`: somewhere below a `not`, where a comparison with an empty column must be false, not unknown.
    fn walk(&self, filter: &Filter, caller: &Caller, negated: bool) -> Condition {
        let each = |parts: &[Filter]| {
            let parts = parts.iter();
            parts.map(|p| self.walk(p, caller, negated)).collect()
        };
        match filter {
            Filter::And(parts) => parts.iter().fold(Condition::Always, |all, part| {
                all.and(self.walk(part, caller, negated))
            }),
            Filter::Or(parts) => Condition::Or(each(parts)),
            Filter::Not(part) => Condition::Not(Box::new(self.walk(part, caller, true))),
            Filter::Test(field, predicate) => {
                if let Some((prefix, name)) = field.joined() {
                    return self.joined(prefix, name, (field, predicate), caller);
                }
                if field.related.is_some() {
                    return match field.kind {
                        FieldKind::Boolean => self.of_caller(field, predicate, caller),
                        FieldKind::Reference(_) => self.member_of(predicate, caller, negated),
                        _ => self.counted(field, predicate, caller),
                    };
                }
                let operand = self.filter_operand(field);
                let condition = test(operand, field.kind, predicate);
                if negated && field.optional && *predicate != Predicate::Empty {
                    operand.holds(Test::NotNull).and(condition)
                } else {
                    condition
                }
            }
        }
    }

    /// The test of a field of a record that this one refers to.
    fn joined(
        &self,
        prefix: &str,
        name: &'static str,
        (field, predicate): (&FieldInfo, &Predicate),
        caller: &Caller,
    ) -> Condition {
        let joint = self.joints.iter().find(|joint| joint.prefix == prefix);
        let seen = caller
            .sees
            .iter()
            .find(|(module, _)| Some(*module) == field.related);
        let (Some(joint), Some((_, visibility))) = (joint, seen) else {
            return Condition::Never;
        };
        let own = FieldInfo {
            name,
            related: None,
            ..field.clone()
        };
        let test = Filter::Test(own, predicate.clone());
        let referring = (joint.referring)(joint.spec.walk(&test, caller, false), visibility);
        match (&joint.none, predicate) {
            (Some(none), Predicate::Empty) => none().or(referring),
            _ => referring,
        }
    }

    fn of_caller(&self, field: &FieldInfo, predicate: &Predicate, caller: &Caller) -> Condition {
        let asked = self.of_caller.iter().find(|(name, _)| *name == field.name);
        let holds = match (asked, &caller.actor) {
            (Some((_, condition)), Some(actor)) => condition(actor),
            _ => Condition::Never,
        };
        match predicate {
            Predicate::In(values) => Condition::Or(
                values
                    .iter()
                    .map(|value| match value {
                        Scalar::Bool(true) => holds.clone(),
                        _ => Condition::Not(Box::new(holds.clone())),
                    })
                    .collect(),
            ),
            _ => Condition::Never,
        }
    }

    /// The rows that are in one of the segments.
    fn member_of(&self, predicate: &Predicate, caller: &Caller, negated: bool) -> Condition {
        let Predicate::In(values) = predicate else {
            return Condition::Never;
        };
        let each = values.iter().map(|value| {
            let id = match value {
                Scalar::Text(id) => id.as_str(),
                _ => return Condition::Never,
            };
            match caller.segments.rule(id) {
                Some(Rule::Members) => Condition::InSelect(
                    self.own_id(),
                    MEMBER,
                    Box::new(Condition::is(SEGMENT, id).and(Condition::IsNull(Column {
                        name: "until",
                        ..SEGMENT
                    }))),
                ),
                Some(Rule::Filter(filter)) => {
                    let program = Caller::program(&caller.segments);
                    self.walk(filter, &program, negated)
                        .and(self.not_put_away(filter))
                }
                None => Condition::Never,
            }
        });
        Condition::Or(each.collect())
    }

    fn counted(&self, field: &FieldInfo, predicate: &Predicate, caller: &Caller) -> Condition {
        let related = self.related.iter().find(|r| r.field == field.name);
        let visibility = caller
            .sees
            .iter()
            .find(|(module, _)| Some(*module) == field.related);
        let (Some(related), Some((_, visibility))) = (related, visibility) else {
            return Condition::Never;
        };
        let ranges: Vec<(i64, i64)> = match predicate {
            Predicate::Range { min, max } => {
                vec![(min.unwrap_or(0).max(0), max.unwrap_or(i64::MAX))]
            }
            Predicate::In(values) => values.iter().filter_map(one).collect(),
            _ => Vec::new(),
        };
        let among = (related.scope)(visibility).and((related.among)());
        let own = self.own_id();
        Condition::Or(
            ranges
                .into_iter()
                .filter(|(min, max)| min <= max)
                .map(|(min, max)| Condition::counted(own, related.key, among.clone(), min, max))
                .collect(),
        )
    }
}

const fn one(value: &Scalar) -> Option<(i64, i64)> {
    match value {
        Scalar::Int(number) if *number >= 0 => Some((*number, *number)),
        _ => None,
    }
}

/// The test of one field.
fn test(operand: Operand, kind: FieldKind, predicate: &Predicate) -> Condition {
    match predicate {
        Predicate::In(values) => match values.as_slice() {
            [value] => operand.holds(Test::Compare(Op::Eq, bound(kind, value))),
            values => operand.holds(Test::In(values.iter().map(|v| bound(kind, v)).collect())),
        },
        Predicate::Range { min, max } => {
            let end = |op, number: Option<i64>| {
                number.map_or(Condition::Always, |n| {
                    operand.holds(Test::Compare(op, bound(kind, &Scalar::Int(n))))
                })
            };
            end(Op::Ge, *min).and(end(Op::Le, *max))
        }
        Predicate::Contains(part) => operand.holds(Test::InAnyCase(containing(&fold(part)))),
        Predicate::StartsWith(part) => {
            operand.holds(Test::InAnyCase(format!("{}%", escaped(&fold(part)))))
        }
        // The words stand in the column as JSON; no word holds a character that JSON writes differently.
        Predicate::HasAny(words) => Condition::Or(
            words
                .iter()
                .map(|word| {
                    operand.holds(Test::InAnyCase(containing(&format!("\"{}\"", fold(word)))))
                })
                .collect(),
        ),
        Predicate::Empty if kind == FieldKind::Tags => {
            operand.holds(Test::Compare(Op::Eq, Value::Text("[]".to_owned())))
        }
        Predicate::Empty => operand.holds(Test::IsNull),
    }
}

/// Both databases know the case of ASCII letters only.
fn fold(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// A value as its column holds it.
pub(crate) fn bound(kind: FieldKind, value: &Scalar) -> Value {
    match (value, kind) {
        (Scalar::Int(days), FieldKind::Date) => {
            let end = if *days < 0 { i32::MIN } else { i32::MAX };
            Value::Small(i32::try_from(*days).unwrap_or(end))
        }
        (Scalar::Int(number), _) => Value::Int(*number),
        (Scalar::Text(text), _) => Value::Text(text.clone()),
        (Scalar::Bool(flag), _) => Value::Bool(*flag),
    }
}
