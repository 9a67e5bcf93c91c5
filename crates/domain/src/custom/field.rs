//! Custom fields as fields of lists and filters.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::{CustomField, CustomFieldInput, CustomKind};
use crate::{Choices, Field, FieldKind, FieldSet};

/// What the name of a custom field begins with.
pub const PREFIX: &str = "custom.";

/// Values that are kept for as long as the program runs, each once.
///
/// Fields are compared, copied and shown by the thousand, so they are plain `&'static`. Those that administrators define join
/// them here; what a changed definition was before stays, some hundred bytes for each change.
struct Kept<T: ?Sized + 'static>(LazyLock<Mutex<HashSet<&'static T>>>);

impl<T: ?Sized + Eq + Hash> Kept<T> {
    const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    fn keep(&self, value: Box<T>) -> &'static T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&*value) {
            return known;
        }
        let value: &'static T = Box::leak(value);
        kept.insert(value);
        value
    }
}

static TEXTS: Kept<str> = Kept::new();
static WORDS: Kept<[&'static str]> = Kept::new();
static LABELS: Kept<[(&'static str, &'static str)]> = Kept::new();
static FIELDS: Kept<[Field]> = Kept::new();
static SETS: Kept<FieldSet> = Kept::new();

fn text(text: &str) -> &'static str {
    TEXTS.keep(text.into())
}

/// A record type's fields, with those that administrators have defined for it.
pub fn fields<'a>(
    own: &'static FieldSet,
    definitions: impl IntoIterator<Item = &'a CustomField>,
) -> &'static FieldSet {
    let custom: Vec<Field> = definitions
        .into_iter()
        .filter(|definition| definition.input.record.as_str() == own.record)
        .map(|definition| field(&definition.input))
        .collect();
    if custom.is_empty() {
        return own;
    }
    let all: Vec<Field> = own.fields.iter().copied().chain(custom).collect();
    SETS.keep(Box::new(FieldSet {
        fields: FIELDS.keep(all.into()),
        ..*own
    }))
}

/// A definition as a field.
pub fn field(definition: &CustomFieldInput) -> Field {
    let kind = match definition.kind {
        CustomKind::Text => FieldKind::Text,
        CustomKind::Number => FieldKind::Quantity,
        CustomKind::Money => FieldKind::Money,
        CustomKind::Date => FieldKind::Date,
        CustomKind::Boolean => FieldKind::Boolean,
        CustomKind::Choice => FieldKind::Choice(choices(definition)),
        CustomKind::Choices => FieldKind::ManyOf(choices(definition)),
        CustomKind::User => FieldKind::Reference("users"),
        CustomKind::Link => FieldKind::Link,
    };
    let name = text(&format!("{PREFIX}{}", definition.key));
    let mut field = Field::new(
        name,
        kind,
        text(&definition.label_zh),
        text(&definition.label_en),
    )
    .optional();
    field.active = definition.active;
    field
}

fn choices(definition: &CustomFieldInput) -> Choices {
    let all = &definition.choices;
    let words: Vec<_> = all.iter().map(|c| text(&c.code)).collect();
    let labels: Vec<_> = all
        .iter()
        .map(|c| (text(&c.label_zh), text(&c.label_en)))
        .collect();
    Choices {
        words: WORDS.keep(words.into()),
        labels: LABELS.keep(labels.into()),
    }
}
