//! The columns that an import takes, and how they are told by their headers.

use std::collections::BTreeMap;

use super::{ImportMode, ImportRecord, contact, customer, order, product, stock, ticket};
use crate::custom::PREFIX;
use crate::{Field, FieldKind, FieldSet, Lang};

/// A column that an import can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The member of the record's input that it sets; `company.bank` is a member of a member.
    pub name: &'static str,
    pub kind: FieldKind,
    /// A new record needs it.
    pub required: bool,
    /// A blank cell may empty it.
    pub clearable: bool,
    /// A code: spreadsheets write `17850.0` where `17850` is meant.
    pub code: bool,
    pub zh: &'static str,
    pub en: &'static str,
    /// What else stands above such a column, in lower case without blanks, `_`, `-` and `.`; its name and labels go without
    /// saying.
    pub headers: &'static [&'static str],
}

/// Compares texts at compile time.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl Target {
    /// A field of the record type. Does not compile if there is none of that name.
    pub const fn field(
        fields: &FieldSet,
        name: &'static str,
        headers: &'static [&'static str],
    ) -> Self {
        let all = fields.fields;
        let mut at = 0;
        while at < all.len() {
            if same(all[at].name, name) {
                let mut target = Self::of(&all[at]);
                target.headers = headers;
                return target;
            }
            at += 1;
        }
        panic!("no such field")
    }

    const fn of(field: &Field) -> Self {
        let mut target = Self::new(field.name, field.kind, field.zh, field.en, &[]);
        target.clearable = field.optional || matches!(field.kind, FieldKind::Tags);
        target
    }

    /// What is no field that lists know.
    pub const fn new(
        name: &'static str,
        kind: FieldKind,
        zh: &'static str,
        en: &'static str,
        headers: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            kind,
            required: false,
            clearable: true,
            code: false,
            zh,
            en,
            headers,
        }
    }

    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    #[must_use]
    pub const fn code(mut self) -> Self {
        self.code = true;
        self
    }

    pub const fn label(&self, lang: Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }

    /// The members that lead to the value in the record's input.
    pub fn path(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.name.split('.')
    }

    /// As a JSON pointer into the record's input.
    pub fn pointer(&self) -> String {
        self.path()
            .fold(String::new(), |base, member| crate::pointer(&base, member))
    }
}

/// What tells which record a row means.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    /// The targets that make it up.
    pub targets: &'static [&'static str],
    pub zh: &'static str,
    pub en: &'static str,
}

impl Key {
    pub const fn label(&self, lang: Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }
}

/// What an import of a record type is made of.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub targets: &'static [Target],
    /// What rows may do to records that are there already.
    pub modes: &'static [ImportMode],
    /// How such a record is found; the first is meant if nobody says.
    pub keys: &'static [Key],
}

impl ImportRecord {
    pub const fn layout(self) -> &'static Layout {
        match self {
            Self::Customers => &customer::LAYOUT,
            Self::Contacts => &contact::LAYOUT,
            Self::Products => &product::LAYOUT,
            Self::StockLevels => &stock::LAYOUT,
            Self::Orders => &order::LAYOUT,
            Self::Tickets => &ticket::LAYOUT,
        }
    }

    /// The record type's fields, without custom ones.
    pub const fn fields(self) -> &'static FieldSet {
        match self {
            Self::Customers => &crate::customer::FIELDS,
            Self::Contacts => &crate::contact::FIELDS,
            Self::Products => &crate::product::FIELDS,
            Self::StockLevels => &crate::stock::FIELDS,
            Self::Orders => &crate::order::FIELDS,
            Self::Tickets => &crate::ticket::FIELDS,
        }
    }

    /// Its own columns, without custom fields.
    pub const fn targets(self) -> &'static [Target] {
        self.layout().targets
    }

    pub fn target(self, name: &str) -> Option<&'static Target> {
        self.targets().iter().find(|target| target.name == name)
    }

    /// The key of this name; the first one if none is named.
    pub fn key(self, name: Option<&str>) -> Option<&'static Key> {
        let mut keys = self.layout().keys.iter();
        match name {
            None => keys.next(),
            Some(name) => keys.find(|key| key.name == name),
        }
    }
}

/// The columns that an import takes, with those that administrators have defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    pub record: ImportRecord,
    all: Vec<Target>,
}

impl Targets {
    /// `fields` are the record type's with the custom ones.
    pub fn new(record: ImportRecord, fields: &FieldSet) -> Self {
        // A row of an order's file is one of its lines.
        let custom = fields.fields.iter().filter(|field| {
            record != ImportRecord::Orders && field.name.starts_with(PREFIX) && field.active
        });
        let own = record.targets().iter().copied();
        Self {
            record,
            all: own.chain(custom.map(Target::of)).collect(),
        }
    }

    /// Without custom fields.
    pub fn own(record: ImportRecord) -> Self {
        Self::new(record, record.fields())
    }

    pub fn get(&self, name: &str) -> Option<&Target> {
        self.iter().find(|target| target.name == name)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Target> {
        self.all.iter()
    }
}

impl<'a> IntoIterator for &'a Targets {
    type Item = &'a Target;
    type IntoIter = std::slice::Iter<'a, Target>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Which column of the file feeds which target: target name → header.
pub type Mapping = BTreeMap<String, String>;

/// Guesses the mapping from the headers; each header is used once. A target's own name and labels go before other words for
/// any of them.
pub fn guess_mapping(targets: &Targets, headers: &[String]) -> Mapping {
    let mut mapping = Mapping::new();
    let mut guess = |words: fn(&Target) -> Vec<String>| {
        for target in targets {
            if mapping.contains_key(target.name) {
                continue;
            }
            let found = words(target).into_iter().find_map(|wanted| {
                headers
                    .iter()
                    .find(|h| plain(h) == wanted && !mapping.values().any(|used| used == *h))
            });
            if let Some(header) = found {
                mapping.insert(target.name.to_owned(), header.clone());
            }
        }
    };
    guess(|target| vec![plain(target.name), plain(target.zh), plain(target.en)]);
    guess(|target| target.headers.iter().map(|h| (*h).to_owned()).collect());
    mapping
}

fn plain(header: &str) -> String {
    header
        .trim()
        .trim_end_matches('*')
        .to_lowercase()
        .replace([' ', '_', '-', '.'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(record: ImportRecord, headers: &[&str]) -> Mapping {
        let headers: Vec<_> = headers.iter().map(|h| (*h).to_owned()).collect();
        guess_mapping(&Targets::new(record, record.fields()), &headers)
    }

    #[test]
    fn headers_are_guessed_in_both_languages() {
        let retail = guess(
            ImportRecord::Orders,
            &[
                "invoice",
                "stock_code",
                "description",
                "quantity",
                "invoice_date",
                "unit_price",
                "customer_id",
                "country",
            ],
        );
        assert_eq!(retail.len(), 8);
        assert_eq!(retail["order_number"], "invoice");
        assert_eq!(retail["sku"], "stock_code");
        let chinese = ["订单号", "日期", "客户编号", "货号", "数量", "单价"];
        assert_eq!(guess(ImportRecord::Orders, &chinese).len(), 6);
        assert!(guess(ImportRecord::Orders, &["foo"]).is_empty());
        let people = guess(
            ImportRecord::Contacts,
            &["Customer code", "姓名", "Tel", "E-Mail"],
        );
        assert_eq!(people["customer_id"], "Customer code");
        assert_eq!(people["email"], "E-Mail");
        assert_eq!(people.len(), 4);
    }

    #[test]
    fn names_and_labels_mean_their_own_target() {
        for record in ImportRecord::ALL {
            for words in [
                |target: &Target| target.name,
                |target: &Target| target.zh,
                |target: &Target| target.en,
            ] {
                let headers: Vec<String> = record
                    .targets()
                    .iter()
                    .map(|target| words(target).to_owned())
                    .collect();
                let targets = Targets::new(*record, record.fields());
                let mapping = guess_mapping(&targets, &headers);
                for (target, header) in record.targets().iter().zip(&headers) {
                    assert_eq!(mapping.get(target.name), Some(header), "{record}");
                }
            }
        }
    }

    #[test]
    fn layouts_are_made_of_their_targets() {
        for record in ImportRecord::ALL {
            for key in record.layout().keys {
                for target in key.targets {
                    assert!(record.target(target).is_some(), "{record} {target}");
                }
            }
            for target in record.targets() {
                for header in target.headers {
                    assert_eq!(*header, plain(header), "{record} {}", target.name);
                }
            }
        }
    }
}
