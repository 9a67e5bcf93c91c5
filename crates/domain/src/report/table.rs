//! A report as one table: for files, and for whoever wants to go on reckoning.

use super::{ReportFigure, ReportMeasure, ReportQuery, ReportResult};
use crate::export::Cell;
use crate::{FieldKind, Lang, Money, Quantity};

/// Headers, what stands below each, and the rows; the last one is the total.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportTable {
    pub headers: Vec<String>,
    pub kinds: Vec<FieldKind>,
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a column of figures.
#[derive(Clone, Copy)]
enum Shown {
    Value,
    Before,
    Change,
}

struct Figures<'a> {
    measures: &'a [ReportMeasure],
    shown: &'static [Shown],
    minor_digits: u8,
    lang: Lang,
}

/// The answer of a report as people read it: money in the currency's unit, rates and changes as fractions of one.
pub fn table(
    query: &ReportQuery,
    result: &ReportResult,
    lang: Lang,
    minor_digits: u8,
) -> ReportTable {
    let figures = Figures {
        measures: &query.measures,
        shown: if result.before.is_some() {
            &[Shown::Value, Shown::Before, Shown::Change]
        } else {
            &[Shown::Value]
        },
        minor_digits,
        lang,
    };
    let total = lang.pick("合计", "Total");
    let mut headers: Vec<String> = query
        .rows
        .iter()
        .map(|d| d.label(lang).to_owned())
        .collect();
    if headers.is_empty() {
        headers.push(String::new());
    }
    let keys = headers.len();
    let mut kinds = vec![FieldKind::Text; keys];
    for column in &result.columns {
        figures.head(Some(&column.key.label), &mut headers, &mut kinds);
    }
    let whole = (!result.columns.is_empty()).then_some(total);
    figures.head(whole, &mut headers, &mut kinds);

    let text = |text: &str| Cell::Text(text.to_owned());
    let mut rows = Vec::with_capacity(result.rows.len() + 1);
    for row in &result.rows {
        let mut cells: Vec<Cell> = row.keys.iter().map(|key| text(&key.label)).collect();
        if row.others {
            cells.push(text(lang.pick("其他", "Others")));
        }
        cells.resize(keys, Cell::Empty);
        for of_column in row.cells.iter().chain([&row.figures]) {
            figures.cells(of_column, &mut cells);
        }
        rows.push(cells);
    }
    let mut cells = vec![text(total)];
    cells.resize(keys, Cell::Empty);
    let columns = result.columns.iter().map(|column| &column.figures);
    for of_column in columns.chain([&result.totals]) {
        figures.cells(of_column, &mut cells);
    }
    rows.push(cells);
    ReportTable {
        headers,
        kinds,
        rows,
    }
}

impl Figures<'_> {
    fn head(&self, column: Option<&str>, headers: &mut Vec<String>, kinds: &mut Vec<FieldKind>) {
        for measure in self.measures {
            for shown in self.shown {
                let label = measure.label(self.lang);
                let name = match (shown, self.lang) {
                    (Shown::Value, _) => label.to_owned(),
                    (Shown::Before, Lang::Zh) => format!("{label}（对比期）"),
                    (Shown::Before, Lang::En) => format!("{label}, before"),
                    (Shown::Change, Lang::Zh) => format!("{label}（变化率）"),
                    (Shown::Change, Lang::En) => format!("{label}, change"),
                };
                headers.push(match column {
                    Some(column) => format!("{column} · {name}"),
                    None => name,
                });
                kinds.push(match shown {
                    Shown::Change => FieldKind::Proportion,
                    _ if *measure == ReportMeasure::MarginRate => FieldKind::Proportion,
                    _ if measure.is_money() => FieldKind::Money,
                    _ => FieldKind::Quantity,
                });
            }
        }
    }

    fn cells(&self, figures: &[ReportFigure], cells: &mut Vec<Cell>) {
        for (measure, figure) in self.measures.iter().zip(figures) {
            for shown in self.shown {
                let cell = match shown {
                    Shown::Value => figure.value.map(|n| self.number(*measure, n)),
                    Shown::Before => figure.before.map(|n| self.number(*measure, n)),
                    Shown::Change => figure.change.map(|share| format!("{share:.4}")),
                };
                cells.push(cell.map_or(Cell::Empty, Cell::Number));
            }
        }
    }

    fn number(&self, measure: ReportMeasure, value: i64) -> String {
        match measure {
            ReportMeasure::MarginRate => Money(value).decimal(4),
            ReportMeasure::Quantity => Quantity(value).to_string(),
            _ if measure.is_money() => Money(value).decimal(self.minor_digits),
            _ => value.to_string(),
        }
    }
}
