//! Exports: a list as a file, for people with a spreadsheet or for programs.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::Validate;

use crate::dictionary::DictionaryEntry;
use crate::formula::defuse;
use crate::segmentation::kmeans::cluster_label;
use crate::{Date, Field, FieldKind, FieldSet, Lang, Money, Search, Timestamp};

choice! {
    pub enum ExportFormat {
        Csv = "csv", "CSV", "CSV";
        Xlsx = "xlsx", "Excel", "Excel";
    }
}

/// What is exported, and how it is written.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportInput {
    pub format: ExportFormat,
    /// The fields from left to right, each once; none: all of the record.
    #[serde(default)]
    #[validate(length(max = 60))]
    pub columns: Vec<String>,
    /// A tree of `and`, `or` and `not` over `{field, op, value}`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::filter::FilterTree>))]
    pub filter: Option<Value>,
    /// Text to look for.
    #[serde(default)]
    pub q: Option<String>,
    /// Comma-separated keys, `-` for descending.
    #[serde(default)]
    pub sort: Option<String>,
    /// For people: labels in the caller's language, names of what is referred to. Else for programs: names of fields, words,
    /// codes and ids as the API has them.
    #[serde(default = "yes")]
    pub labels: bool,
}

const fn yes() -> bool {
    true
}

impl ExportInput {
    /// The search whose records are exported.
    pub fn search(&self) -> Search {
        Search {
            filter: self.filter.clone(),
            q: self.q.clone(),
            sort: self.sort.clone(),
            ..Search::default()
        }
    }

    /// The columns as fields of the record. The error is the place of one that is none, or stands twice.
    pub fn fields(&self, fields: &FieldSet) -> Result<Vec<&'static Field>, usize> {
        let own = |field: &&'static Field| field.related.is_none();
        if self.columns.is_empty() {
            let offered = fields.fields.iter().filter(|field| field.active);
            return Ok(offered.filter(own).collect());
        }
        let columns = self.columns.iter().enumerate().map(|(place, name)| {
            fields
                .get(name)
                .filter(own)
                .filter(|_| !self.columns[..place].contains(name))
                .ok_or(place)
        });
        columns.collect()
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A decimal number as text: nothing of it gets lost.
    Number(String),
    Date(Date),
    Time(Timestamp),
}

impl Cell {
    /// As it stands in CSV, safe for spreadsheets.
    pub fn csv(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => defuse(text),
            Self::Number(number) => Cow::Borrowed(number),
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::Time(time) => Cow::Owned(time.to_string()),
        }
    }
}

/// How values are put into words.
#[derive(Clone, Debug)]
pub struct Words {
    lang: Lang,
    labels: bool,
    minor_digits: u8,
    /// Labels by dictionary and code.
    dictionaries: HashMap<&'static str, HashMap<String, String>>,
}

impl Words {
    pub fn new(lang: Lang, labels: bool, minor_digits: u8, entries: Vec<DictionaryEntry>) -> Self {
        let mut dictionaries: HashMap<&str, HashMap<String, String>> = HashMap::new();
        for entry in entries {
            let entry = entry.input;
            let label = entry.label(lang).to_owned();
            dictionaries
                .entry(entry.dictionary.as_str())
                .or_default()
                .insert(entry.code, label);
        }
        Self {
            lang,
            labels,
            minor_digits,
            dictionaries,
        }
    }

    /// What stands above a column.
    pub const fn header(&self, field: &Field) -> &'static str {
        if self.labels {
            field.label(self.lang)
        } else {
            field.name
        }
    }

    /// Decimals of the currency.
    pub const fn minor_digits(&self) -> u8 {
        self.minor_digits
    }

    /// The type and id of a record whose name is wanted, where the item does not tell it itself.
    pub fn wants_name<'a>(
        &self,
        field: &Field,
        item: &'a Value,
    ) -> Option<(&'static str, &'a str)> {
        match field.kind {
            FieldKind::Reference(record)
                if self.labels && name_beside(item, field.name).is_none() =>
            {
                Some((record, field.value(item).as_str()?))
            }
            _ => None,
        }
    }

    /// The cell of a field, from a record's JSON. `name` knows the records that it refers to, by type and id; what it does not know
    /// is left as the id.
    pub fn cell<'a>(
        &self,
        field: &Field,
        item: &Value,
        name: impl Fn(&'static str, &str) -> Option<&'a str>,
    ) -> Cell {
        match field.value(item) {
            Value::Null => Cell::Empty,
            Value::Bool(flag) => Cell::Text(self.yes_or_no(*flag).to_owned()),
            Value::Number(number) if self.labels && field.named.is_some() => {
                let name = field.named.and_then(|member| item.get(member)?.as_str());
                let number = number.as_i64().unwrap_or_default();
                Cell::Text(cluster_label(number, name, self.lang))
            }
            Value::Number(number) => Cell::Number(match (field.kind, number.as_i64()) {
                (FieldKind::Money, Some(amount)) => Money(amount).decimal(self.minor_digits),
                _ => number.to_string(),
            }),
            Value::Array(words) => {
                let words = words.iter().filter_map(Value::as_str);
                let words: Vec<&str> = words.map(|word| self.label(field, word)).collect();
                Cell::Text(words.join(", "))
            }
            Value::String(text) => self.text(field, text, || {
                name_beside(item, field.name).or_else(|| match field.kind {
                    FieldKind::Reference(record) => name(record, text),
                    _ => None,
                })
            }),
            Value::Object(members) => Cell::Text(Value::Object(members.clone()).to_string()),
        }
    }

    fn text<'a>(&self, field: &Field, text: &str, name: impl FnOnce() -> Option<&'a str>) -> Cell {
        let label = match field.kind {
            FieldKind::Quantity | FieldKind::UnitPrice | FieldKind::Proportion => {
                return Cell::Number(text.to_owned());
            }
            FieldKind::Date => {
                return text
                    .parse()
                    .map_or_else(|_| Cell::Text(text.to_owned()), Cell::Date);
            }
            FieldKind::Timestamp => {
                return text
                    .parse()
                    .map_or_else(|_| Cell::Text(text.to_owned()), Cell::Time);
            }
            _ if !self.labels => None,
            FieldKind::Choice(_) => return Cell::Text(self.label(field, text).to_owned()),
            FieldKind::Dictionary(dictionary) => self
                .dictionaries
                .get(dictionary)
                .and_then(|labels| labels.get(text))
                .map(String::as_str),
            FieldKind::Reference(_) => name(),
            _ => None,
        };
        Cell::Text(label.unwrap_or(text).to_owned())
    }

    /// What people read for a word of a choice.
    fn label<'a>(&self, field: &Field, word: &'a str) -> &'a str {
        match field.kind {
            FieldKind::Choice(choices) | FieldKind::ManyOf(choices) if self.labels => {
                choices.label(word, self.lang).unwrap_or(word)
            }
            _ => word,
        }
    }

    const fn yes_or_no(&self, flag: bool) -> &'static str {
        match (self.labels, flag) {
            (true, true) => self.lang.pick("是", "Yes"),
            (true, false) => self.lang.pick("否", "No"),
            (false, true) => "true",
            (false, false) => "false",
        }
    }
}

/// The name that an item tells of a record that it refers to: `customer_name` beside `customer_id`.
fn name_beside<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    let record = field.strip_suffix("_id")?;
    item.get(format!("{record}_name"))?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Rules;
    use crate::customer::FIELDS;
    use crate::dictionary::{Dictionary, DictionaryEntryInput};

    fn input(columns: &[&str]) -> ExportInput {
        let body = json!({"format": "csv", "columns": columns});
        serde_json::from_value(body).expect("the shape")
    }

    fn words(lang: Lang, labels: bool) -> Words {
        let entry = DictionaryEntry {
            id: crate::DictionaryEntryId::generate(),
            version: 1,
            position: 0,
            input: DictionaryEntryInput {
                dictionary: Dictionary::Region,
                code: "cn_east".to_owned(),
                label_zh: "华东".to_owned(),
                label_en: "East China".to_owned(),
                active: true,
            },
        };
        Words::new(lang, labels, 2, vec![entry])
    }

    #[test]
    fn columns_are_fields_each_once() {
        assert_eq!(input(&["name", "colour"]).fields(&FIELDS).err(), Some(1));
        assert_eq!(
            input(&["name", "code", "name"]).fields(&FIELDS).err(),
            Some(2)
        );
        assert_eq!(
            input(&["open_orders"]).fields(&FIELDS).err(),
            Some(0),
            "a count is for filters"
        );
        let some = input(&["sales", "name"]).fields(&FIELDS).expect("fields");
        assert_eq!(
            some.iter().map(|f| f.name).collect::<Vec<_>>(),
            ["sales", "name"]
        );
        let all = input(&[]).fields(&FIELDS).expect("fields");
        assert!(all.len() > 30 && all.len() <= 60);
        let many = vec!["name"; 61];
        assert_eq!(input(&many).problems(Lang::En)[0].pointer, "/columns");
    }

    #[test]
    fn values_are_put_into_words() {
        let item = json!({
            "name": "=1+1", "kind": "company", "region": "cn_east", "tier": null, "tags": ["a", "b"], "blacklisted": true,
            "owner_id": "u1", "department_id": "d1", "created_at": "2026-11-21T08:30:00Z", "completeness": 40,
            "metrics": {"sales": -129_905, "last_order_on": "2026-11-20"},
        });
        let name =
            |record: &'static str, id: &str| ((record, id) == ("users", "u1")).then_some("李雷");
        let row = |words: &Words| -> Vec<String> {
            let columns = [
                "name",
                "kind",
                "region",
                "tier",
                "tags",
                "blacklisted",
                "owner_id",
                "department_id",
                "created_at",
                "completeness",
                "sales",
                "last_order_on",
            ];
            let cells = columns
                .iter()
                .filter_map(|column| FIELDS.get(column))
                .map(|field| words.cell(field, &item, name));
            cells.map(|cell| cell.csv().into_owned()).collect()
        };
        let plain = ["2026-11-21T08:30:00Z", "40", "-1299.05", "2026-11-20"];
        for (words, said) in [
            (
                words(Lang::Zh, true),
                ["'=1+1", "企业", "华东", "", "a, b", "是", "李雷", "d1"],
            ),
            (
                words(Lang::En, true),
                [
                    "'=1+1",
                    "Company",
                    "East China",
                    "",
                    "a, b",
                    "Yes",
                    "李雷",
                    "d1",
                ],
            ),
            (
                words(Lang::En, false),
                [
                    "'=1+1", "company", "cn_east", "", "a, b", "true", "u1", "d1",
                ],
            ),
        ] {
            assert_eq!(row(&words), [said.as_slice(), plain.as_slice()].concat());
        }
        let of_contact = crate::contact::FIELDS.get("customer_id").expect("a field");
        let contact = json!({"customer_id": "c1", "customer_name": "晨光"});
        assert_eq!(
            words(Lang::En, true).wants_name(of_contact, &contact),
            None,
            "it is told beside"
        );
        assert_eq!(
            words(Lang::En, true).cell(of_contact, &contact, |_, _| None),
            Cell::Text("晨光".to_owned())
        );
        assert_eq!(
            words(Lang::En, false).cell(of_contact, &contact, |_, _| None),
            Cell::Text("c1".to_owned())
        );
    }
}
