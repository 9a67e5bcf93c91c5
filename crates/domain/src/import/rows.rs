//! Rows of any record type's file, as far as they can be read without the database.

use super::{
    Columns, Dictionaries, ImportRecord, ImportSettings, Mapping, MappingError, OrderColumns,
    OrderRow, Reading, RowProblem, Targets, Values,
};

/// What a row holds.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// A line of an order.
    Order(OrderRow),
    /// What its columns say.
    Values(Values),
}

enum Places {
    Order(OrderColumns),
    Record(Columns),
}

impl Places {
    fn new(
        targets: &Targets,
        headers: &[String],
        mapping: &Mapping,
        settings: &ImportSettings,
    ) -> Result<Self, Vec<MappingError>> {
        match targets.record {
            ImportRecord::Orders => OrderColumns::new(headers, mapping).map(Self::Order),
            _ => Columns::new(targets, headers, mapping, settings).map(Self::Record),
        }
    }
}

/// Refuses a mapping that lacks a needed column, or names one that does not exist.
pub fn check_mapping(
    targets: &Targets,
    headers: &[String],
    mapping: &Mapping,
    settings: &ImportSettings,
) -> Result<(), Vec<MappingError>> {
    Places::new(targets, headers, mapping, settings).map(drop)
}

/// Reads the rows of a file.
pub struct RowReader {
    places: Places,
    settings: ImportSettings,
    reading: Reading,
}

impl RowReader {
    /// `minor_digits` are the decimals of the deployment's currency.
    pub fn new(
        targets: &Targets,
        headers: &[String],
        mapping: &Mapping,
        settings: &ImportSettings,
        minor_digits: u8,
        dictionaries: Dictionaries,
    ) -> Result<Self, Vec<MappingError>> {
        Ok(Self {
            places: Places::new(targets, headers, mapping, settings)?,
            reading: Reading {
                minor_digits,
                utc_offset_minutes: settings.utc_offset_minutes,
                dictionaries,
            },
            settings: settings.clone(),
        })
    }

    /// What a row holds; or everything that is wrong with it.
    pub fn read(&self, cells: &[String]) -> Result<Parsed, Vec<RowProblem>> {
        match &self.places {
            Places::Order(columns) => {
                OrderRow::parse(columns, cells, &self.settings, self.reading.minor_digits)
                    .map(Parsed::Order)
                    .map_err(|reason| vec![reason.into()])
            }
            Places::Record(columns) => columns.read(cells, &self.reading).map(Parsed::Values),
        }
    }

    /// Whether a row goes on with what the row before began, also where the rest of it is wrong: such rows stay together.
    pub fn goes_on(&self, before: &[String], cells: &[String]) -> bool {
        match &self.places {
            Places::Order(columns) => columns.order_number(before) == columns.order_number(cells),
            Places::Record(_) => false,
        }
    }
}
