//! What people read of the keys of a report.

use std::collections::{BTreeSet, HashMap};

use guanxi_domain::report::{ReportDimension, ReportQuery};
use guanxi_domain::{FieldKind, Lang};

use super::facts::Keys;
use crate::export::Titles;
use crate::{AnyConnection, Column, Condition, Result, Value, dictionary};

/// The names of the keys of each dimension.
pub(super) struct Labels {
    lang: Lang,
    names: HashMap<ReportDimension, HashMap<String, String>>,
}

/// How keys of a dimension are sorted: by place, then by name; what names none comes last.
pub(super) type Rank = (bool, i64, String);

impl Labels {
    pub fn load(
        connection: &mut AnyConnection,
        query: &ReportQuery,
        rows: &[Keys],
        columns: &[Option<String>],
        lang: Lang,
    ) -> Result<Self> {
        let mut names = HashMap::new();
        for (at, dimension) in query.dimensions().enumerate() {
            let of_rows = rows.iter().filter_map(|keys| keys.get(at)?.as_deref());
            let of_columns = columns.iter().filter_map(Option::as_deref);
            let keys: BTreeSet<&str> = if at < query.rows.len() {
                of_rows.collect()
            } else {
                of_columns.collect()
            };
            names.insert(dimension, read(connection, dimension, &keys, lang)?);
        }
        Ok(Self { lang, names })
    }

    pub fn label(&self, dimension: ReportDimension, key: Option<&str>) -> String {
        let Some(key) = key else {
            return self.lang.pick("（无）", "(none)").to_owned();
        };
        if dimension.is_time() {
            return key.parse().map_or_else(
                |_| key.to_owned(),
                |day| dimension.bucket_label(dimension.bucket(day), self.lang),
            );
        }
        let word = || {
            let choices = dimension.choices()?;
            Some(choices.label(key, self.lang)?.to_owned())
        };
        let name = self.names.get(&dimension).and_then(|names| names.get(key));
        name.cloned()
            .or_else(word)
            .unwrap_or_else(|| key.to_owned())
    }

    pub fn rank(&self, dimension: ReportDimension, key: Option<&str>) -> Rank {
        let Some(word) = key else {
            return (true, 0, String::new());
        };
        let place = if dimension.is_time() {
            word.parse()
                .ok()
                .map(|day| i64::from(dimension.bucket(day)))
        } else {
            let words = dimension.choices().map(|choices| choices.words);
            let place = words.and_then(|words| words.iter().position(|w| *w == word));
            place.and_then(|place| i64::try_from(place).ok())
        };
        (false, place.unwrap_or_default(), self.label(dimension, key))
    }
}

fn read(
    connection: &mut AnyConnection,
    dimension: ReportDimension,
    keys: &BTreeSet<&str>,
    lang: Lang,
) -> Result<HashMap<String, String>> {
    match dimension.kind() {
        FieldKind::Dictionary(wanted) => {
            let entries = dictionary::all(connection)?.into_iter();
            let entries = entries.filter(|e| e.input.dictionary.as_str() == wanted);
            Ok(entries
                .map(|e| (e.input.code.clone(), e.input.label(lang).to_owned()))
                .collect())
        }
        FieldKind::Reference(record) => {
            // Whoever sees the order may know what it names, also a customer or product that has been put away since.
            let title = match (record, lang) {
                ("products", Lang::En) => "COALESCE(name_en, name)",
                _ => "name",
            };
            let id = Column {
                table: record,
                name: "id",
            };
            let ids = keys.iter().map(|key| Value::Text((*key).to_owned()));
            let titles = Titles {
                record,
                title,
                condition: Condition::In(id, ids.collect()),
            };
            let found: Vec<(String, String)> = diesel::RunQueryDsl::load(titles, connection)?;
            Ok(found.into_iter().collect())
        }
        _ => Ok(HashMap::new()),
    }
}
