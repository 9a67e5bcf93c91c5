//! The fields of a record type, declared once: they drive typed query parameters, sort keys, the API's
//! documentation, import mapping and the columns of lists.

use serde_json::Value;

use crate::permission::Module;
use crate::{Choices, Lang, custom, joined};

/// What a field holds, and so which filters it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    Text,
    /// A web address.
    Link,
    /// One of the words.
    Choice(Choices),
    /// Several of the words; a filter asks for one of them.
    ManyOf(Choices),
    /// The code of an entry in this dictionary.
    Dictionary(&'static str),
    /// The id of a record of this type, by its plural name: `users`.
    Reference(&'static str),
    Integer,
    Money,
    /// Thousandths of the unit.
    Quantity,
    /// Ten-thousandths of the currency unit.
    UnitPrice,
    /// Ten-thousandths of a whole.
    Proportion,
    Boolean,
    Date,
    Timestamp,
    /// Several words; a filter asks for one of them.
    Tags,
}

impl FieldKind {
    /// Filtered by `_min` and `_max`.
    pub const fn is_range(self) -> bool {
        matches!(
            self,
            Self::Integer
                | Self::Money
                | Self::Quantity
                | Self::UnitPrice
                | Self::Proportion
                | Self::Date
                | Self::Timestamp
        )
    }

    /// Holds several words.
    pub const fn is_many(self) -> bool {
        matches!(self, Self::Tags | Self::ManyOf(_))
    }

    /// Written as a number in JSON.
    pub const fn is_number(self) -> bool {
        matches!(
            self,
            Self::Integer | Self::Money | Self::Quantity | Self::UnitPrice | Self::Proportion
        )
    }

    /// What a value looks like, for messages.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Text | Self::Link | Self::Tags => "a text",
            Self::Choice(_) | Self::ManyOf(_) | Self::Dictionary(_) => "a word of the choice",
            Self::Reference(_) => "a UUID",
            Self::Integer | Self::Money => "an integer",
            Self::Quantity | Self::UnitPrice | Self::Proportion => "a decimal number",
            Self::Boolean => "true or false",
            Self::Date => "a date as in 2026-11-21",
            Self::Timestamp => "a date or time as in 2026-11-21T08:30:00Z",
        }
    }
}

/// One field of a record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The name on the wire.
    pub name: &'static str,
    pub kind: FieldKind,
    /// May be empty.
    pub optional: bool,
    pub sortable: bool,
    /// A choice that is sorted by the place of its word, the first lowest, not by the word itself.
    pub ranked: bool,
    pub filterable: bool,
    /// Offered in lists and forms; one that is not is still understood, where a saved view or a record has it.
    pub active: bool,
    /// Not part of the record: counts records of this module that belong to it, as far as the caller sees them. One of yes or no
    /// asks what the record of this module is to the caller, a reference whether the record is a member of one of this module. One
    /// with a dot in its name is of a record that this one refers to.
    pub related: Option<Module>,
    /// The member of the record that tells what its number is called: a cluster has a name, or goes by its number.
    pub named: Option<&'static str>,
    pub zh: &'static str,
    pub en: &'static str,
}

impl Field {
    /// A required field that can be filtered and sorted by.
    pub const fn new(
        name: &'static str,
        kind: FieldKind,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        let sortable = !kind.is_many();
        Self {
            name,
            kind,
            optional: false,
            sortable,
            ranked: false,
            filterable: true,
            active: true,
            related: None,
            named: None,
            zh,
            en,
        }
    }

    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// A number whose name stands in this member of the record.
    #[must_use]
    pub const fn named(mut self, member: &'static str) -> Self {
        self.named = Some(member);
        self
    }

    #[must_use]
    pub const fn unsorted(mut self) -> Self {
        self.sortable = false;
        self
    }

    /// How many records of a module belong to this one: for filters only.
    pub const fn count(
        name: &'static str,
        module: Module,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        let mut field = Self::new(name, FieldKind::Integer, zh, en).unsorted();
        field.related = Some(module);
        field
    }

    /// What a record of this module is to whoever asks: for filters only.
    pub const fn of_caller(
        name: &'static str,
        module: Module,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        let mut field = Self::new(name, FieldKind::Boolean, zh, en).unsorted();
        field.related = Some(module);
        field
    }

    /// Records of this module and type that the record is a member of: for filters only.
    pub const fn member_of(
        name: &'static str,
        module: Module,
        record: &'static str,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        let mut field = Self::new(name, FieldKind::Reference(record), zh, en).unsorted();
        field.related = Some(module);
        field
    }

    #[must_use]
    pub const fn ranked(mut self) -> Self {
        self.ranked = true;
        self
    }

    /// The key of a field that administrators have defined.
    pub fn custom(&self) -> Option<&'static str> {
        self.name.strip_prefix(custom::PREFIX)
    }

    pub const fn label(&self, lang: Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }

    /// What a record's JSON holds in it; the figures of a record stand in `metrics` and `scores`, values of custom fields in `custom`.
    pub fn value<'a>(&self, item: &'a Value) -> &'a Value {
        if let Some(key) = self.custom() {
            let held = item.get("custom").and_then(|custom| custom.get(key));
            return held.unwrap_or(&Value::Null);
        }
        let own = item.get(self.name);
        own.or_else(|| item.get("metrics")?.get(self.name))
            .or_else(|| item.get("scores")?.get(self.name))
            .unwrap_or(&Value::Null)
    }
}

/// All fields of a record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldSet {
    /// The plural name on the wire: `customers`.
    pub record: &'static str,
    pub fields: &'static [Field],
    /// How a list is sorted when nobody says: as in the `sort` parameter.
    pub default_sort: &'static str,
}

/// One key of a list's order.
#[derive(Clone, Copy, Debug)]
pub struct SortKey {
    pub field: &'static Field,
    pub descending: bool,
}

impl FieldSet {
    /// A field of the record, or of one that it refers to.
    pub fn get(&self, name: &str) -> Option<&'static Field> {
        let of = |fields: &'static [Field]| fields.iter().find(|f| f.name == name);
        of(self.fields).or_else(|| of(joined::fields(self.record)))
    }

    /// Parses `-created_at,name`. The error is the key that is unknown, cannot be sorted by or stands twice.
    pub fn parse_sort(&self, text: &str) -> Result<Vec<SortKey>, String> {
        let mut keys: Vec<SortKey> = Vec::new();
        for part in text.split(',') {
            let (descending, name) = part
                .strip_prefix('-')
                .map_or((false, part), |name| (true, name));
            let field = self
                .get(name)
                .filter(|f| f.sortable)
                .ok_or_else(|| name.to_owned())?;
            if keys.iter().any(|k| k.field.name == name) {
                return Err(name.to_owned());
            }
            keys.push(SortKey { field, descending });
        }
        Ok(keys)
    }

    /// The names that can be sorted by.
    pub fn sortable(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().filter(|f| f.sortable).map(|f| f.name)
    }
}
