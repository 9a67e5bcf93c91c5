//! Reads the JSON tree.

use serde_json::Value;

use super::{
    Context, FieldInfo, Filter, FilterError, MAX_DAYS, MAX_DEPTH, MAX_TESTS, MAX_VALUES, Operator,
    Period, Predicate, Scalar,
};
use crate::check::pointer;
use crate::{Date, FieldKind};

/// Reads a filter. The errors' pointers begin with `at`, the place of the tree in the body that holds it.
///
/// A tree is `{"and": […]}`, `{"or": […]}`, `{"not": …}` or `{"field": …, "op": …, "value": …}`; `empty` and `not_empty` take
/// no value.
pub fn parse(tree: &Value, at: &str, context: &Context<'_>) -> Result<Filter, FilterError> {
    let mut tests = 0;
    node(tree, at, 0, &mut tests, context)
}

fn error(at: &str, code: &'static str, expected: impl Into<String>) -> FilterError {
    FilterError {
        pointer: at.to_owned(),
        code,
        expected: Some(expected.into()),
    }
}

fn node(
    tree: &Value,
    at: &str,
    depth: usize,
    tests: &mut usize,
    context: &Context<'_>,
) -> Result<Filter, FilterError> {
    if depth > MAX_DEPTH {
        return Err(error(at, "depth", MAX_DEPTH.to_string()));
    }
    let members = tree
        .as_object()
        .ok_or_else(|| error(at, "type", "and, or, not or field"))?;
    if members.contains_key("field") {
        *tests += 1;
        if *tests > MAX_TESTS {
            return Err(error(at, "size", MAX_TESTS.to_string()));
        }
        return test(members, at, context);
    }
    let mut entries = members.iter();
    let (Some((word, inner)), None) = (entries.next(), entries.next()) else {
        return Err(error(at, "type", "one of and, or, not or field"));
    };
    let here = pointer(at, word);
    match word.as_str() {
        "not" => Ok(Filter::Not(Box::new(node(
            inner,
            &here,
            depth + 1,
            tests,
            context,
        )?))),
        "and" | "or" => {
            let parts = inner
                .as_array()
                .ok_or_else(|| error(&here, "type", "an array"))?;
            if parts.len() > MAX_TESTS {
                return Err(error(&here, "size", MAX_TESTS.to_string()));
            }
            let parts = parts
                .iter()
                .enumerate()
                .map(|(i, part)| node(part, &pointer(&here, i), depth + 1, tests, context))
                .collect::<Result<_, _>>()?;
            Ok(if word == "and" {
                Filter::And(parts)
            } else {
                Filter::Or(parts)
            })
        }
        _ => Err(error(&here, "unknown", "and, or, not or field")),
    }
}

fn test(
    members: &serde_json::Map<String, Value>,
    at: &str,
    context: &Context<'_>,
) -> Result<Filter, FilterError> {
    if let Some(word) = members
        .keys()
        .find(|k| !["field", "op", "value"].contains(&k.as_str()))
    {
        return Err(error(&pointer(at, word), "unknown", "field, op, value"));
    }
    let word = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| error(&pointer(at, name), "type", "a string"))
    };
    let field = context
        .fields
        .find(word("field")?)
        .ok_or_else(|| FilterError {
            pointer: pointer(at, "field"),
            code: "unknown",
            expected: None,
        })?;
    let known = Operator::of(field.kind, field.optional);
    let operator: Operator = word("op")?
        .parse()
        .ok()
        .filter(|op| known.contains(op))
        .ok_or_else(|| {
            let words: Vec<_> = known.iter().map(|op| op.as_str()).collect();
            error(&pointer(at, "op"), "operator", words.join(", "))
        })?;
    let here = pointer(at, "value");
    let value = members.get("value").unwrap_or(&Value::Null);
    let reader = Reader {
        field: &field,
        here: &here,
        context,
    };
    let (predicate, negated) = reader.predicate(operator, value)?;
    Ok(match predicate {
        Read::Single(predicate) => {
            let test = Filter::Test(field, predicate);
            if negated {
                Filter::Not(Box::new(test))
            } else {
                test
            }
        }
        Read::All(predicates) => Filter::And(
            predicates
                .into_iter()
                .map(|p| Filter::Test(field.clone(), p))
                .collect(),
        ),
    })
}

enum Read {
    Single(Predicate),
    All(Vec<Predicate>),
}

/// Reads the value of one test.
struct Reader<'a> {
    field: &'a FieldInfo,
    here: &'a str,
    context: &'a Context<'a>,
}

impl Reader<'_> {
    fn predicate(&self, operator: Operator, value: &Value) -> Result<(Read, bool), FilterError> {
        let single = |predicate| Ok((Read::Single(predicate), false));
        let negated = |predicate| Ok((Read::Single(predicate), true));
        match operator {
            Operator::Empty | Operator::NotEmpty => {
                if !value.is_null() {
                    return Err(error(self.here, "type", "no value"));
                }
                Ok((
                    Read::Single(Predicate::Empty),
                    operator == Operator::NotEmpty,
                ))
            }
            Operator::Eq => single(self.equal(value)?),
            Operator::Ne => negated(self.equal(value)?),
            Operator::In => single(Predicate::In(self.scalars(value)?)),
            Operator::NotIn => negated(Predicate::In(self.scalars(value)?)),
            Operator::Contains => single(Predicate::Contains(self.text(value)?)),
            Operator::NotContains => negated(Predicate::Contains(self.text(value)?)),
            Operator::StartsWith => single(Predicate::StartsWith(self.text(value)?)),
            Operator::HasAny => single(Predicate::HasAny(self.words(value)?)),
            Operator::HasNone => negated(Predicate::HasAny(self.words(value)?)),
            Operator::HasAll => {
                let words = self.words(value)?;
                let each = words.into_iter().map(|w| Predicate::HasAny(vec![w]));
                Ok((Read::All(each.collect()), false))
            }
            Operator::Ge => single(range(Some(self.number(value, self.here, false)?), None)),
            Operator::Le => single(range(None, Some(self.number(value, self.here, true)?))),
            Operator::Gt => single(
                beyond(self.number(value, self.here, true)?, 1)
                    .map_or_else(nothing, |n| range(Some(n), None)),
            ),
            Operator::Lt => single(
                beyond(self.number(value, self.here, false)?, -1)
                    .map_or_else(nothing, |n| range(None, Some(n))),
            ),
            Operator::Between => {
                let ends = value.as_array().filter(|ends| ends.len() == 2);
                let ends = ends.ok_or_else(|| error(self.here, "type", "two values"))?;
                single(range(
                    Some(self.number(&ends[0], &pointer(self.here, 0), false)?),
                    Some(self.number(&ends[1], &pointer(self.here, 1), true)?),
                ))
            }
            Operator::LastDays => {
                let days = self.days(value)?;
                single(
                    self.days_between(self.context.today.plus_days(1 - days), self.context.today),
                )
            }
            Operator::NextDays => {
                let days = self.days(value)?;
                single(
                    self.days_between(self.context.today, self.context.today.plus_days(days - 1)),
                )
            }
            Operator::BeforeDays => {
                let last = self.context.today.plus_days(-self.days(value)? - 1);
                single(range(None, Some(self.end_of(last))))
            }
            Operator::Period => {
                let period: Period = value
                    .as_str()
                    .and_then(|word| word.parse().ok())
                    .ok_or_else(|| {
                        error(
                            self.here,
                            "type",
                            format!("one of {}", Period::WORDS.join(", ")),
                        )
                    })?;
                let (first, last) = period.days(self.context.today);
                single(self.days_between(first, last))
            }
        }
    }

    /// A point in time that is given as a day is any time of that day.
    fn equal(&self, value: &Value) -> Result<Predicate, FilterError> {
        if self.field.kind == FieldKind::Timestamp {
            return Ok(range(
                Some(self.number(value, self.here, false)?),
                Some(self.number(value, self.here, true)?),
            ));
        }
        Ok(Predicate::In(vec![self.scalar(value, self.here, false)?]))
    }

    fn scalar(&self, value: &Value, at: &str, upper: bool) -> Result<Scalar, FilterError> {
        let kind = self.field.kind;
        if let (FieldKind::Reference("users"), Some("me"), Some(me)) =
            (kind, value.as_str(), self.context.me)
        {
            return Ok(Scalar::Text(me.to_string()));
        }
        let text = match (value, kind) {
            (Value::Bool(flag), FieldKind::Boolean) => flag.to_string(),
            (Value::Number(number), _) if kind.is_number() => number.to_string(),
            // A decimal number may lose digits on its way through JSON.
            (Value::String(text), _)
                if !matches!(
                    kind,
                    FieldKind::Boolean | FieldKind::Integer | FieldKind::Money
                ) =>
            {
                text.clone()
            }
            _ => return Err(error(at, "type", kind.expected())),
        };
        kind.parse(&text, upper).map_err(|expected| {
            let expected = expected.strip_prefix("expected ").unwrap_or(&expected);
            error(at, "type", expected)
        })
    }

    fn number(&self, value: &Value, at: &str, upper: bool) -> Result<i64, FilterError> {
        match self.scalar(value, at, upper)? {
            Scalar::Int(number) => Ok(number),
            _ => Err(error(at, "type", "a number")),
        }
    }

    fn array<'v>(&self, value: &'v Value) -> Result<&'v [Value], FilterError> {
        let values = value
            .as_array()
            .filter(|values| !values.is_empty())
            .ok_or_else(|| error(self.here, "type", "an array of at least one value"))?;
        if values.len() > MAX_VALUES {
            return Err(error(self.here, "size", MAX_VALUES.to_string()));
        }
        Ok(values)
    }

    fn scalars(&self, value: &Value) -> Result<Vec<Scalar>, FilterError> {
        self.array(value)?
            .iter()
            .enumerate()
            .map(|(i, value)| self.scalar(value, &pointer(self.here, i), false))
            .collect()
    }

    fn text(&self, value: &Value) -> Result<String, FilterError> {
        match self.scalar(value, self.here, false)? {
            Scalar::Text(text) if !text.is_empty() => Ok(text),
            _ => Err(error(self.here, "type", "a text")),
        }
    }

    fn words(&self, value: &Value) -> Result<Vec<String>, FilterError> {
        Ok(self
            .scalars(value)?
            .into_iter()
            .filter_map(|scalar| match scalar {
                Scalar::Text(word) => Some(word),
                _ => None,
            })
            .collect())
    }

    fn days(&self, value: &Value) -> Result<i32, FilterError> {
        value
            .as_i64()
            .and_then(|days| i32::try_from(days).ok())
            .filter(|days| (1..=MAX_DAYS).contains(days))
            .ok_or_else(|| {
                error(
                    self.here,
                    "type",
                    format!("a number of days from 1 to {MAX_DAYS}"),
                )
            })
    }

    fn days_between(&self, first: Date, last: Date) -> Predicate {
        let start = match self.field.kind {
            FieldKind::Timestamp => first.start().micros(),
            _ => i64::from(first.days()),
        };
        range(Some(start), Some(self.end_of(last)))
    }

    fn end_of(&self, day: Date) -> i64 {
        match self.field.kind {
            FieldKind::Timestamp => day.plus_days(1).start().micros() - 1,
            _ => i64::from(day.days()),
        }
    }
}

const fn range(min: Option<i64>, max: Option<i64>) -> Predicate {
    Predicate::Range { min, max }
}

const fn nothing() -> Predicate {
    Predicate::In(Vec::new())
}

const fn beyond(number: i64, step: i64) -> Option<i64> {
    number.checked_add(step)
}
