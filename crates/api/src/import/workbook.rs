//! XLSX as CSV: a workbook's first sheet is written out once, when it is uploaded, so that an import reads it row by row, tells how
//! far it is, and goes on after a restart, like any other file.
//!
//! A workbook is packed, and may unpack to anything. Its parts are measured before they are read.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx, XlsxError};
use guanxi_domain::formula::defuse;
use guanxi_domain::import::correction::CorrectionColumns;
use zip::ZipArchive;

use super::reader::{MAX_COLUMNS, MAX_ROW, ReadError};

/// What the other parts of a workbook may unpack to, all together: the texts of the cells among them are held in memory.
const MOST_REST: u64 = 256 * 1024 * 1024;
/// What a row of a sheet may unpack to: it is held in memory.
const MOST_ROW: u64 = 32 * 1024 * 1024;
/// The most characters of a cell; spreadsheets have no longer ones.
const MOST_CELL: usize = 32_767;
/// Bytes that are looked at together.
const PIECE: usize = 64 * 1024;

/// Writes the first sheet of a workbook as CSV.
///
/// `limit`: the bytes that its parts may unpack to, and those of the CSV: a text that stands in many cells is in the workbook once.
pub(super) fn write_csv(workbook: &Path, csv: &Path, limit: u64) -> Result<(), ReadError> {
    measure(workbook, limit)?;
    let file = BufReader::new(File::open(workbook)?);
    let mut book = Xlsx::new(file).map_err(unreadable)?;
    let sheets = book.sheets_metadata().iter();
    let shown = sheets.clone().find(|s| s.visible == SheetVisible::Visible);
    let name = shown.or_else(|| book.sheets_metadata().first());
    let name = name.ok_or(ReadError::Empty)?.name.clone();
    let mut cells = book.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut out = Rows::new(File::create(csv)?, limit);
    let mut at = None;
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if at != Some(row) {
            out.end_row()?;
            at = Some(row);
        }
        out.put(column, text)?;
    }
    out.end_row()?;
    let file = out.finish()?;
    Ok(file.sync_all()?)
}

fn unreadable(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Io(error) => ReadError::Io(error),
        _ => ReadError::NotCsv,
    }
}

/// What a cell says, as it would stand in CSV.
fn text<'a>(value: &'a DataRef<'_>) -> Cow<'a, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cow::Borrowed(text)
        }
        DataRef::SharedString(text) => Cow::Borrowed(text),
        // The shortest number that reads the same: 2.55, and 17850 without decimals.
        DataRef::Float(number) => Cow::Owned(number.to_string()),
        DataRef::Int(number) => Cow::Owned(number.to_string()),
        DataRef::Bool(flag) => Cow::Owned(flag.to_string()),
        DataRef::DateTime(time) => Cow::Owned(moment(time)),
        // As people see it: `#N/A`. No field takes it for a value.
        DataRef::Error(error) => Cow::Owned(error.to_string()),
    }
}

/// `2026-11-22`, or with the time of day.
fn moment(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => day,
        (_, _, _, 0) => format!("{day} {hour:02}:{minute:02}:{second:02}"),
        _ => format!("{day} {hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

/// Rows that are written as CSV: blank ones are left out, short ones filled up.
struct Rows {
    csv: csv::Writer<BufWriter<File>>,
    row: Vec<String>,
    /// Bytes of the row.
    bytes: u64,
    /// Bytes that may still be written.
    left: u64,
    /// Columns of the header.
    width: usize,
    /// The file is one of rejected rows, made safe for spreadsheets already.
    defused: bool,
}

impl Rows {
    fn new(file: File, limit: u64) -> Self {
        Self {
            csv: csv::WriterBuilder::new()
                .flexible(true)
                .from_writer(BufWriter::new(file)),
            row: Vec::new(),
            bytes: 0,
            left: limit,
            width: 0,
            defused: false,
        }
    }

    fn put(&mut self, column: u32, text: Cow<'_, str>) -> Result<(), ReadError> {
        let column = usize::try_from(column).map_err(|_| ReadError::NotCsv)?;
        if column >= MAX_COLUMNS {
            return Err(ReadError::NotCsv);
        }
        if self.row.len() <= column {
            self.row.resize(column + 1, String::new());
        }
        if text.len() > MOST_CELL && text.chars().count() > MOST_CELL {
            return Err(ReadError::CellTooLong);
        }
        self.bytes += text.len() as u64;
        if self.bytes > MAX_ROW {
            return Err(ReadError::RowTooLong);
        }
        self.row[column] = text.into_owned();
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        if self.row.is_empty() {
            return Ok(());
        }
        if self.width == 0 {
            self.width = self.row.len();
            self.defused = CorrectionColumns::find(&self.row).is_some();
        }
        self.row
            .resize(self.width.max(self.row.len()), String::new());
        take(&mut self.left, self.bytes + self.row.len() as u64)?;
        self.bytes = 0;
        let defused = self.defused;
        // Whoever reads the file takes the apostrophes off again.
        let safe = |text: &String| -> Vec<u8> {
            let text = if defused {
                Cow::Borrowed(text.as_str())
            } else {
                defuse(text)
            };
            text.as_bytes().to_vec()
        };
        self.csv.write_record(self.row.iter().map(safe))?;
        self.row.clear();
        Ok(())
    }

    fn finish(self) -> Result<File, ReadError> {
        let mut out = self
            .csv
            .into_inner()
            .map_err(|e| ReadError::Io(io::Error::other(e.to_string())))?;
        out.flush()?;
        out.into_inner().map_err(|e| ReadError::Io(e.into_error()))
    }
}

/// Takes what is used up from what may still be.
fn take(left: &mut u64, bytes: u64) -> Result<(), ReadError> {
    *left = left.checked_sub(bytes).ok_or(ReadError::TooLarge)?;
    Ok(())
}

/// Refuses a workbook whose parts unpack to more than they may.
fn measure(path: &Path, limit: u64) -> Result<(), ReadError> {
    let no_zip = |_| ReadError::NotCsv;
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(no_zip)?;
    let (mut sheets, mut rest) = (limit, MOST_REST.min(limit));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(no_zip)?;
        let name = part.name().map_err(no_zip)?.to_lowercase();
        if name.contains("worksheets/") {
            measure_sheet(&mut part, &mut sheets)?;
        } else {
            measure_rest(&mut part, &mut rest)?;
        }
    }
    Ok(())
}

fn measure_rest(part: &mut impl Read, left: &mut u64) -> Result<(), ReadError> {
    let mut piece = vec![0; PIECE];
    // The end of the piece before: what is looked for may begin there.
    let mut all: Vec<u8> = Vec::new();
    let (mut size, mut announced) = (0, 0);
    loop {
        let n = part.read(&mut piece).map_err(damaged)?;
        if n == 0 {
            break;
        }
        size += n as u64;
        take(left, n as u64)?;
        all.extend_from_slice(&piece[..n]);
        announced = announced.max(largest_count(&all));
        let keep = all.len().saturating_sub(64);
        all.drain(..keep);
    }
    // Room is made for as many texts as are announced, before any is read.
    if announced > size {
        return Err(ReadError::NotCsv);
    }
    Ok(())
}

/// The largest number that stands behind `uniqueCount="`.
fn largest_count(xml: &[u8]) -> u64 {
    let name = b"uniqueCount";
    let found = memchr::memmem::find_iter(xml, name);
    let numbers = found.map(|at| {
        let digits = xml[at + name.len()..]
            .iter()
            .skip_while(|b| b"=\"' \t\r\n".contains(b))
            .take_while(|b| b.is_ascii_digit());
        digits.fold(0_u64, |number, digit| {
            number
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        })
    });
    numbers.max().unwrap_or_default()
}

fn measure_sheet(part: &mut impl Read, left: &mut u64) -> Result<(), ReadError> {
    let mut piece = vec![0; PIECE];
    let mut all: Vec<u8> = Vec::new();
    let mut row = 0_u64;
    loop {
        let n = part.read(&mut piece).map_err(damaged)?;
        if n == 0 {
            return Ok(());
        }
        take(left, n as u64)?;
        row += n as u64;
        all.extend_from_slice(&piece[..n]);
        if ends_row(&all) {
            row = 0;
        }
        // What stands in such a section may look like the end of a row.
        if memchr::memmem::find(&all, b"<![CDATA[").is_some() {
            return Err(ReadError::NotCsv);
        }
        if row > MOST_ROW {
            return Err(ReadError::TooLarge);
        }
        let keep = all.len().saturating_sub(64);
        all.drain(..keep);
    }
}

/// Whether a row ends here: `</row>`, or with a prefix before the name.
fn ends_row(xml: &[u8]) -> bool {
    memchr::memmem::find_iter(xml, b"</").any(|at| {
        let name = xml[at + 2..].split(|b| *b == b'>').next();
        name.is_some_and(|name| name == b"row" || name.ends_with(b":row"))
    })
}

/// What cannot be unpacked is no workbook.
fn damaged(error: io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ReadError::NotCsv
        }
        _ => ReadError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::import::Reader;

    const LIMIT: u64 = 4 << 30;

    fn read(book: &mut Workbook) -> (Vec<String>, Vec<Vec<String>>) {
        let folder = tempfile::tempdir().expect("a folder");
        let (xlsx, csv) = (folder.path().join("a.xlsx"), folder.path().join("a.csv"));
        book.save(&xlsx).expect("room on the disk");
        write_csv(&xlsx, &csv, LIMIT).expect("a workbook");
        let mut reader = Reader::open(&csv).expect("a CSV file");
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row().expect("a row") {
            rows.push(row.cells);
        }
        (reader.headers().to_vec(), rows)
    }

    #[test]
    fn cells_are_read_as_people_see_them() {
        let mut book = Workbook::new();
        let hidden = book.add_worksheet();
        hidden.write_string(0, 0, "notes").expect("a cell");
        hidden.set_hidden(true);
        let sheet = book.add_worksheet();
        sheet.set_active(true);
        for (column, text) in (0..).zip(["编号", "name", "amount", "day", "time", "flag"]) {
            sheet.write_string(0, column, text).expect("a cell");
        }
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let moment = |text| ExcelDateTime::parse_from_str(text).expect("a time");
        sheet.write_number(1, 0, 17_850).expect("a cell");
        sheet
            .write_string(1, 1, "=1+1 \"quoted\",\nlines")
            .expect("a cell");
        sheet.write_number(1, 2, 2.55).expect("a cell");
        sheet
            .write_datetime_with_format(1, 3, moment("2010-12-01"), &date)
            .expect("a cell");
        sheet
            .write_datetime_with_format(1, 4, moment("2010-12-01T08:26:00"), &time)
            .expect("a cell");
        sheet.write_boolean(1, 5, true).expect("a cell");
        // A blank row between, and one that ends early.
        sheet.write_string(4, 1, "'plain").expect("a cell");
        let (headers, rows) = read(&mut book);
        assert_eq!(headers, ["编号", "name", "amount", "day", "time", "flag"]);
        assert_eq!(
            rows,
            [
                [
                    "17850",
                    "=1+1 \"quoted\",\nlines",
                    "2.55",
                    "2010-12-01",
                    "2010-12-01 08:26:00",
                    "true"
                ],
                ["", "'plain", "", "", "", ""]
            ]
        );
    }

    #[test]
    fn a_file_of_rejected_rows_loses_its_apostrophes() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let rows = [["name", "_import", "_row"], ["'=Three", "x", "3"]];
        for (row, cells) in (0..).zip(rows) {
            for (column, text) in (0..).zip(cells) {
                sheet.write_string(row, column, text).expect("a cell");
            }
        }
        assert_eq!(read(&mut book).1, [["=Three", "x", "3"]]);
    }

    /// A part of a zip file: its name, and what writes it.
    type Part<'a> = (&'a str, &'a dyn Fn(&mut dyn Write));

    /// A zip file of these parts.
    fn packed(parts: &[Part<'_>]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut archive = zip::ZipWriter::new(file.reopen().expect("the file"));
        for (name, write) in parts {
            archive
                .start_file(*name, SimpleFileOptions::default())
                .expect("a part");
            write(&mut archive);
        }
        archive.finish().expect("a zip file");
        file
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let zeros = |size: u64| {
            move |out: &mut dyn Write| {
                io::copy(&mut io::repeat(b' ').take(size), out).expect("memory");
            }
        };
        let row = packed(&[("xl/worksheets/sheet1.xml", &zeros(MOST_ROW + 1))]);
        let refused = |file: &tempfile::NamedTempFile, limit| measure(file.path(), limit).err();
        assert!(matches!(refused(&row, LIMIT), Some(ReadError::TooLarge)));
        let strings = packed(&[("xl/sharedStrings.xml", &zeros(MOST_REST + 1))]);
        assert!(matches!(
            refused(&strings, LIMIT),
            Some(ReadError::TooLarge)
        ));
        let announced = |out: &mut dyn Write| {
            out.write_all(b"<sst uniqueCount=\"99999999999\">")
                .expect("memory");
        };
        let announced = packed(&[("xl/sharedStrings.xml", &announced)]);
        assert!(matches!(
            refused(&announced, LIMIT),
            Some(ReadError::NotCsv)
        ));
        let rows = |out: &mut dyn Write| {
            for _ in 0..3 {
                io::copy(&mut io::repeat(b' ').take(MOST_ROW / 2), out).expect("memory");
                out.write_all(b"</x:row>").expect("memory");
            }
        };
        let sheets: [Part<'_>; 2] = [
            ("xl/worksheets/sheet1.xml", &rows),
            ("xl/worksheets/sheet2.xml", &rows),
        ];
        let sheets = packed(&sheets);
        assert!(
            refused(&sheets, LIMIT).is_none(),
            "row by row it is not too much"
        );
        // Each of them is less than the limit.
        assert!(matches!(
            refused(&sheets, 2 * MOST_ROW),
            Some(ReadError::TooLarge)
        ));
    }

    #[test]
    fn a_text_that_stands_in_many_cells_counts_each_time() {
        let put = |text: &str, columns: u32, rows: u32, limit: u64| {
            let file = tempfile::tempfile().expect("a file");
            let mut out = Rows::new(file, limit);
            for _ in 0..rows {
                for column in 0..columns {
                    out.put(column, Cow::Borrowed(text))?;
                }
                out.end_row()?;
            }
            Ok(())
        };
        let long = "长".repeat(MOST_CELL);
        assert!(put(&long, 1, 1, LIMIT).is_ok());
        let longer = format!("{long}x");
        assert!(matches!(
            put(&longer, 1, 1, LIMIT),
            Err(ReadError::CellTooLong)
        ));
        assert!(matches!(
            put(&long, 50, 1, LIMIT),
            Err(ReadError::RowTooLong)
        ));
        assert!(put(&long, 20, 5, 10 << 20).is_ok());
        assert!(matches!(
            put(&long, 20, 6, 10 << 20),
            Err(ReadError::TooLarge)
        ));
    }

    #[test]
    fn what_is_no_workbook_is_no_workbook() {
        let file = packed(&[("readme.txt", &|out| out.write_all(b"x").expect("memory"))]);
        let out = tempfile::NamedTempFile::new().expect("a file");
        let read = write_csv(file.path(), out.path(), LIMIT);
        assert!(matches!(read, Err(ReadError::NotCsv)), "{read:?}");
    }
}
