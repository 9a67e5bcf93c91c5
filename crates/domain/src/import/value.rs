//! What a cell says, as the value of a field.

use std::collections::HashMap;

use serde_json::Value;

use super::cell::{
    clean_number, parse_integer, parse_money, parse_price, parse_quantity, parse_time,
};
use super::{
    ImportMode, ImportRecord, ImportSettings, Mapping, MappingError, RowProblem, Target, Targets,
};
use crate::FieldKind;
use crate::dictionary::DictionaryEntry;

/// The words of all dictionaries: codes, and labels in both languages.
#[derive(Clone, Debug, Default)]
pub struct Dictionaries(HashMap<String, HashMap<String, String>>);

impl Dictionaries {
    pub fn new(entries: &[DictionaryEntry]) -> Self {
        let mut all: HashMap<String, HashMap<String, String>> = HashMap::new();
        // A code goes before a label that reads the same; of two labels the first.
        let entries = || entries.iter().map(|entry| &entry.input);
        let codes = entries().map(|e| (e, &e.code));
        let labels = entries().flat_map(|e| [(e, &e.label_zh), (e, &e.label_en)]);
        for (entry, word) in codes.chain(labels) {
            all.entry(entry.dictionary.to_string())
                .or_default()
                .entry(word.to_lowercase())
                .or_insert_with(|| entry.code.clone());
        }
        Self(all)
    }

    /// The code of the entry that a text means.
    pub fn code(&self, dictionary: &str, text: &str) -> Option<&str> {
        self.0
            .get(dictionary)?
            .get(&text.to_lowercase())
            .map(String::as_str)
    }
}

/// What is needed to read cells.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The decimals of the deployment's currency.
    pub minor_digits: u8,
    /// Minutes that the file's local times are ahead of UTC.
    pub utc_offset_minutes: i32,
    pub dictionaries: Dictionaries,
}

/// What a cell says.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// Nothing.
    Blank,
    Json(Value),
    /// A record of this type, by its code or name.
    Reference(&'static str, String),
}

/// A row: what each mapped column says.
pub type Values = Vec<(Target, CellValue)>;

/// Several words in a cell: what separates them is in none of them.
pub const SEPARATORS: [char; 4] = [';', '；', ',', '，'];

impl Reading {
    /// The value in a cell; the error is a code of [`crate::ErrorCode::field_message`].
    pub fn read(&self, target: &Target, cell: &str) -> Result<CellValue, &'static str> {
        let text = match (target.code, target.kind) {
            (true, _) | (_, FieldKind::Reference(_)) => clean_number(cell),
            _ => cell.trim(),
        };
        if text.is_empty() {
            return Ok(CellValue::Blank);
        }
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err("not_text");
        }
        // No database takes it.
        if text.contains('\0') {
            return Err("characters");
        }
        let json = match target.kind {
            FieldKind::Reference(record) => {
                return Ok(CellValue::Reference(record, text.to_owned()));
            }
            FieldKind::Text | FieldKind::Link => Ok(text.into()),
            FieldKind::Choice(choices) => choices.word(text).map(Into::into).ok_or("choice"),
            FieldKind::Dictionary(dictionary) => self
                .dictionaries
                .code(dictionary, text)
                .map(Into::into)
                .ok_or("dictionary"),
            FieldKind::Integer => parse_integer(text).map(Into::into).ok_or("number"),
            FieldKind::Money => parse_money(text, self.minor_digits)
                .map(|money| money.0.into())
                .ok_or("money"),
            FieldKind::Quantity => parse_quantity(text)
                .map(|quantity| quantity.to_string().into())
                .ok_or("number"),
            FieldKind::UnitPrice => parse_price(text)
                .map(|price| price.to_string().into())
                .ok_or("money"),
            FieldKind::Proportion => text
                .parse::<crate::Proportion>()
                .map(|share| share.to_string().into())
                .map_err(|_| "number"),
            FieldKind::Boolean => yes_or_no(text).map(Into::into).ok_or("boolean"),
            FieldKind::Date => parse_time(text, 0)
                .map(|time| time.date().to_string().into())
                .ok_or("date"),
            FieldKind::Timestamp => parse_time(text, self.utc_offset_minutes)
                .map(|time| time.to_string().into())
                .ok_or("date"),
            FieldKind::Tags => Ok(words(text).into()),
            FieldKind::ManyOf(choices) => words(text)
                .into_iter()
                .map(|word| choices.word(word))
                .collect::<Option<Vec<_>>>()
                .map(Into::into)
                .ok_or("choice"),
        };
        json.map(CellValue::Json)
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "是" | "对" | "有" | "√" | "✓" | "x" => {
            Some(true)
        }
        "no" | "n" | "false" | "f" | "0" | "否" | "不" | "无" | "×" => Some(false),
        _ => None,
    }
}

/// The words of a cell, each once.
fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split(SEPARATORS) {
        let word = word.trim();
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Where the targets stand in a row.
#[derive(Clone, Debug)]
pub struct Columns {
    width: usize,
    mapped: Vec<(usize, Target)>,
}

impl Columns {
    /// Finds the mapped columns among the headers; the first of several with the same name.
    pub fn new(
        targets: &Targets,
        headers: &[String],
        mapping: &Mapping,
        settings: &ImportSettings,
    ) -> Result<Self, Vec<MappingError>> {
        let mut wrong: Vec<MappingError> = Vec::new();
        let mut mapped = Vec::new();
        for (name, header) in mapping {
            let at = headers.iter().position(|h| h == header);
            match (at, targets.get(name)) {
                (Some(at), Some(target)) => mapped.push((at, *target)),
                _ => wrong.push((name.clone(), "reference")),
            }
        }
        for name in needed(targets.record, settings) {
            if !mapping.contains_key(name) {
                wrong.push((name.to_owned(), "missing_mapping"));
            }
        }
        if wrong.is_empty() {
            Ok(Self {
                width: headers.len(),
                mapped,
            })
        } else {
            Err(wrong)
        }
    }

    /// What a row says; or everything that is wrong with it.
    pub fn read(&self, cells: &[String], reading: &Reading) -> Result<Values, Vec<RowProblem>> {
        if cells.len() != self.width {
            return Err(vec![RowProblem::of_row("columns_differ")]);
        }
        let mut wrong = Vec::new();
        let mut values = Values::with_capacity(self.mapped.len());
        for (at, target) in &self.mapped {
            match reading.read(target, &cells[*at]) {
                Ok(value) => values.push((*target, value)),
                Err(code) => wrong.push(RowProblem::at(target.name, code)),
            }
        }
        if wrong.is_empty() {
            Ok(values)
        } else {
            Err(wrong)
        }
    }
}

/// The targets that rows cannot do without.
pub fn needed(
    record: ImportRecord,
    settings: &ImportSettings,
) -> impl Iterator<Item = &'static str> {
    let makes = settings.mode != ImportMode::Update;
    let finds = settings.mode != ImportMode::Create;
    let required = record
        .targets()
        .iter()
        .filter(move |target| makes && target.required)
        .map(|target| target.name);
    let key = record
        .key(settings.match_by.as_deref())
        .filter(|_| finds)
        .map_or(&[][..], |key| key.targets);
    let key = key.iter().copied().filter(move |name| {
        let required = record.target(name).is_some_and(|target| target.required);
        !(makes && required)
    });
    required.chain(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dictionary::DictionaryEntryInput;

    fn reading() -> Reading {
        let entry = |code: &str, zh: &str, en: &str| DictionaryEntry {
            id: crate::DictionaryEntryId::generate(),
            version: 1,
            position: 0,
            input: DictionaryEntryInput {
                dictionary: crate::dictionary::REGION.parse().expect("a dictionary"),
                code: code.to_owned(),
                label_zh: zh.to_owned(),
                label_en: en.to_owned(),
                active: true,
            },
        };
        Reading {
            minor_digits: 2,
            utc_offset_minutes: 480,
            dictionaries: Dictionaries::new(&[
                entry("cn_east", "华东", "East China"),
                entry("europe", "欧洲", "Europe"),
            ]),
        }
    }

    fn targets() -> Targets {
        Targets::new(ImportRecord::Customers, ImportRecord::Customers.fields())
    }

    fn read(name: &str, cell: &str) -> Result<CellValue, &'static str> {
        let target = ImportRecord::Customers.target(name).expect("a target");
        reading().read(target, cell)
    }

    #[test]
    fn cells_are_read_in_the_forms_that_people_write() {
        for (name, cell, value) in [
            ("code", "17850.0", json!("17850")),
            ("name", " A & B ", json!("A & B")),
            ("kind", "个人", json!("person")),
            ("kind", "PERSON", json!("person")),
            ("region", "east china", json!("cn_east")),
            ("region", "华东", json!("cn_east")),
            ("region", "cn_east", json!("cn_east")),
            ("tags", "a; b；a,c，, ", json!(["a", "b", "c"])),
            ("profile.staff", "1,200", json!(1200)),
            ("profile.staff", "12.0", json!(12)),
            ("company.registered_capital", "￥1,000.5", json!(100_050)),
            ("company.founded_on", "2001年3月9日", json!("2001-03-09")),
            (
                "company.founded_on",
                "2001-03-09 00:00:00",
                json!("2001-03-09"),
            ),
        ] {
            assert_eq!(
                read(name, cell),
                Ok(CellValue::Json(value)),
                "{name} {cell}"
            );
        }
        assert_eq!(read("note", "  "), Ok(CellValue::Blank));
        assert_eq!(
            read("owner_id", "li@example.com"),
            Ok(CellValue::Reference("users", "li@example.com".to_owned()))
        );
        for (name, cell, code) in [
            ("kind", "robot", "choice"),
            ("region", "Atlantis", "dictionary"),
            ("profile.staff", "many", "number"),
            ("profile.staff", "1.5", "number"),
            ("company.registered_capital", "1.005", "money"),
            ("company.founded_on", "soon", "date"),
            ("note", "caf\u{FFFD}", "not_text"),
            ("note", "a\0b", "characters"),
        ] {
            assert_eq!(read(name, cell), Err(code), "{name} {cell}");
        }
        let product = ImportRecord::Products.target("active").expect("a target");
        for (cell, flag) in [("是", true), ("No", false), ("TRUE", true), ("0", false)] {
            let read = reading().read(product, cell);
            assert_eq!(read, Ok(CellValue::Json(flag.into())), "{cell}");
        }
    }

    #[test]
    fn what_rows_cannot_do_without_follows_from_what_they_do() {
        let names = |mode, key: Option<&str>| {
            let settings = ImportSettings {
                mode,
                match_by: key.map(str::to_owned),
                ..ImportSettings::default()
            };
            needed(ImportRecord::Contacts, &settings).collect::<Vec<_>>()
        };
        assert_eq!(names(ImportMode::Create, None), ["customer_id", "name"]);
        assert_eq!(names(ImportMode::Update, None), ["customer_id", "name"]);
        assert_eq!(names(ImportMode::Update, Some("email")), ["email"]);
        assert_eq!(
            names(ImportMode::Upsert, Some("email")),
            ["customer_id", "name", "email"]
        );
    }

    #[test]
    fn a_row_tells_everything_that_is_wrong() {
        let headers = ["name", "kind", "staff"].map(str::to_owned);
        let mapping = Mapping::from([
            ("name".to_owned(), "name".to_owned()),
            ("kind".to_owned(), "kind".to_owned()),
            ("profile.staff".to_owned(), "staff".to_owned()),
        ]);
        let settings = ImportSettings::default();
        let columns =
            Columns::new(&targets(), &headers, &mapping, &settings).expect("a good mapping");
        let row = |cells: [&str; 3]| columns.read(&cells.map(str::to_owned), &reading());
        assert_eq!(row(["A", "", "3"]).map(|values| values.len()), Ok(3));
        let wrong = row(["A", "robot", "x"]).expect_err("two faults");
        assert_eq!(
            wrong.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(),
            ["choice", "number"]
        );
        let short = columns.read(&["A".to_owned()], &reading());
        assert_eq!(short, Err(vec![RowProblem::of_row("columns_differ")]));
        let unmapped = Columns::new(
            &targets(),
            &headers,
            &Mapping::from([("colour".to_owned(), "kind".to_owned())]),
            &settings,
        );
        assert_eq!(
            unmapped.expect_err("unusable"),
            [
                ("colour".to_owned(), "reference"),
                ("name".to_owned(), "missing_mapping")
            ]
        );
    }
}
