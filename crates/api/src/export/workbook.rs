//! Exports as XLSX: rows go to a temporary file as they come, so that memory stays flat however many there are.

use std::fs::File;
use std::io::Seek;
use std::path::{Path, PathBuf};

use guanxi_domain::FieldKind;
use guanxi_domain::export::Cell;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// Rows of a sheet, the header among them.
const MAX_ROWS: u32 = 1_048_576;

/// What a workbook is made of.
pub struct Layout {
    /// The name of the sheet, and what others are numbered after.
    pub title: &'static str,
    pub headers: Vec<String>,
    /// What stands in each column.
    pub kinds: Vec<FieldKind>,
    pub minor_digits: u8,
}

/// A workbook that is being written. Its temporary files have no name: they are gone with it, whatever happens.
pub struct Book {
    workbook: Workbook,
    layout: Layout,
    formats: Formats,
    folder: PathBuf,
    sheets: usize,
    row: u32,
}

struct Formats {
    header: Format,
    /// Of each column.
    columns: Vec<Format>,
}

impl Book {
    pub fn new(layout: Layout, folder: &Path) -> Result<Self, XlsxError> {
        std::fs::create_dir_all(folder)?;
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder)?;
        let columns = layout.kinds.iter();
        let mut book = Self {
            workbook,
            formats: Formats {
                header: Format::new().set_bold(),
                columns: columns
                    .map(|kind| {
                        Format::new().set_num_format(number_format(*kind, layout.minor_digits))
                    })
                    .collect(),
            },
            layout,
            folder: folder.to_owned(),
            sheets: 0,
            row: 0,
        };
        book.add_sheet()?;
        Ok(book)
    }

    /// A sheet with the headers in a row that stays in sight.
    fn add_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        match self.sheets {
            1 => sheet.set_name(self.layout.title)?,
            n => sheet.set_name(format!("{} {n}", self.layout.title))?,
        };
        sheet.set_freeze_panes(1, 0)?;
        let columns = self.layout.headers.iter().zip(&self.layout.kinds);
        for (at, (header, kind)) in (0..).zip(columns) {
            sheet.set_column_width(at, width(*kind))?;
            sheet.write_string_with_format(0, at, header, &self.formats.header)?;
        }
        self.row = 1;
        Ok(())
    }

    pub fn write(&mut self, rows: &[Vec<Cell>]) -> Result<(), XlsxError> {
        for row in rows {
            if self.row == MAX_ROWS {
                self.add_sheet()?;
            }
            let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
            for ((at, cell), format) in (0..).zip(row).zip(&self.formats.columns) {
                write(sheet, (self.row, at), cell, format)?;
            }
            self.row += 1;
        }
        Ok(())
    }

    /// The finished file, at its beginning, and how long it is.
    pub fn finish(mut self) -> Result<(File, u64), XlsxError> {
        let mut file = tempfile::tempfile_in(&self.folder)?;
        self.workbook.save_to_writer(&mut file)?;
        let bytes = file.stream_position()?;
        file.rewind()?;
        Ok((file, bytes))
    }
}

/// Texts are written as texts, whatever they look like. What is out of Excel's range is a text too.
fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    format: &Format,
) -> Result<(), XlsxError> {
    let date = match cell {
        Cell::Date(date) => ExcelDateTime::parse_from_str(&date.to_string()),
        Cell::Time(time) => ExcelDateTime::from_timestamp(time.micros().div_euclid(1_000_000)),
        _ => Err(XlsxError::DateTimeParseError(String::new())),
    };
    match (cell, date) {
        (Cell::Empty, _) => {}
        (_, Ok(date)) => {
            sheet.write_datetime_with_format(row, column, &date, format)?;
        }
        (Cell::Number(number), _) if let Ok(number) = number.parse::<f64>() => {
            sheet.write_number_with_format(row, column, number, format)?;
        }
        (Cell::Text(text) | Cell::Number(text), _) => {
            sheet.write_string(row, column, text)?;
        }
        (Cell::Date(_) | Cell::Time(_), Err(_)) => {
            sheet.write_string(row, column, cell.csv())?;
        }
    }
    Ok(())
}

fn number_format(kind: FieldKind, minor_digits: u8) -> String {
    let decimals = |digit: &str, digits: u8| digit.repeat(digits.into());
    match kind {
        FieldKind::Date => "yyyy-mm-dd".to_owned(),
        FieldKind::Timestamp => "yyyy-mm-dd hh:mm:ss".to_owned(),
        FieldKind::Money if minor_digits == 0 => "#,##0".to_owned(),
        FieldKind::Money => format!("#,##0.{}", decimals("0", minor_digits)),
        FieldKind::UnitPrice => "#,##0.00##".to_owned(),
        FieldKind::Proportion => "0.0%".to_owned(),
        _ => "General".to_owned(),
    }
}

/// In characters.
const fn width(kind: FieldKind) -> u16 {
    match kind {
        FieldKind::Text | FieldKind::Link => 24,
        FieldKind::Timestamp => 19,
        FieldKind::Boolean | FieldKind::Integer => 10,
        _ => 16,
    }
}
