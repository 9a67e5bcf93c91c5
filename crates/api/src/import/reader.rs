//! Reads a CSV file row by row: compression, encoding and delimiter found out, never more than a row in memory.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{DecoderResult, GB18030};
use flate2::read::MultiGzDecoder;
use guanxi_domain::ImportId;
use guanxi_domain::formula::undo_defuse;
use guanxi_domain::import::ImportFailure;
use guanxi_domain::import::correction::CorrectionColumns;

/// How much of a file tells its encoding and delimiter.
const SAMPLE: u16 = u16::MAX;
/// The longest row in bytes: a quotation mark that is never closed would make one of the rest of the file.
pub(super) const MAX_ROW: u64 = 4 * 1024 * 1024;
/// The bytes of rows that are held at a time.
pub(super) const MANY_BYTES: usize = 16 * 1024 * 1024;
/// The most columns.
pub(super) const MAX_COLUMNS: usize = 500;

/// Why a file cannot be read, or cannot be read on.
#[derive(Debug)]
pub enum ReadError {
    /// Nothing in it, not even a header.
    Empty,
    /// Not text in UTF-8 or GB18030, or with more columns than any table.
    NotCsv,
    RowTooLong,
    CellTooLong,
    /// It unpacks to more than is taken.
    TooLarge,
    Io(io::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::NotCsv => f.write_str("the file is neither CSV in UTF-8 or GB18030 nor XLSX"),
            Self::TooLarge => {
                f.write_str("the file unpacks to more than GUANXI_UNPACK_LIMIT allows")
            }
            Self::CellTooLong => f.write_str("a cell has more than 32,767 characters"),
            Self::RowTooLong => {
                f.write_str("a row is too long; a closing quotation mark may be missing")
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl ReadError {
    /// What an import that meets it ends with.
    pub fn failure(&self) -> ImportFailure {
        match self {
            Self::RowTooLong => ImportFailure::RowTooLong,
            Self::Io(e) if e.kind() == io::ErrorKind::NotFound => ImportFailure::FileMissing,
            Self::Empty | Self::NotCsv | Self::CellTooLong | Self::TooLarge | Self::Io(_) => {
                ImportFailure::FileUnreadable
            }
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        let too_long = error
            .get_ref()
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLong>);
        if too_long {
            Self::RowTooLong
        } else {
            Self::Io(error)
        }
    }
}

impl From<csv::Error> for ReadError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            _ => Self::NotCsv,
        }
    }
}

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Gb18030,
    /// Only ASCII in the sample: each row may be either.
    Open,
}

impl Encoding {
    fn of(sample: &[u8]) -> Self {
        if sample.is_ascii() {
            return Self::Open;
        }
        match std::str::from_utf8(sample) {
            // With no length it is but a character cut off by the end of the sample.
            Err(e) if e.error_len().is_some() && gb18030(sample, false).is_some() => Self::Gb18030,
            // Also if it is neither throughout: what cannot be read is rejected row by row.
            _ => Self::Utf8,
        }
    }

    /// The text of a cell; what is none has a replacement character, for which the row will be rejected.
    fn decode(self, cell: &[u8]) -> String {
        let utf8 = || std::str::from_utf8(cell).ok().map(str::to_owned);
        let text = match self {
            Self::Utf8 => utf8(),
            Self::Gb18030 => gb18030(cell, true),
            Self::Open => utf8().or_else(|| gb18030(cell, true)),
        };
        text.unwrap_or_else(|| {
            let lossy = String::from_utf8_lossy(cell);
            // GB18030 gone wrong may happen to be UTF-8.
            if lossy.contains(char::REPLACEMENT_CHARACTER) {
                lossy.into_owned()
            } else {
                format!("{lossy}{}", char::REPLACEMENT_CHARACTER)
            }
        })
    }
}

/// Decodes GB18030; `None` if it is not. Without `whole` the last character may be cut off.
fn gb18030(bytes: &[u8], whole: bool) -> Option<String> {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len())?;
    let mut text = String::with_capacity(room);
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, whole);
    (result == DecoderResult::InputEmpty).then_some(text)
}

/// The delimiter that stands most often in the first row, outside quotation marks.
fn delimiter(sample: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in sample {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            other if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += u32::from(delimiter == other);
                }
            }
            _ => {}
        }
    }
    // The first of several that stand equally often.
    counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, _)| delimiter)
}

/// Counts what is read of the file on disk, for the progress.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[derive(Debug)]
struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the row is too long")
    }
}

impl std::error::Error for TooLong {}

/// Fails when one row takes more than it may.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => {
                self.left = left;
                Ok(n)
            }
            None => Err(io::Error::other(TooLong)),
        }
    }
}

type Source = Limited<io::Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>>;

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1, without the header.
    pub number: i64,
    pub cells: Vec<String>,
    /// The rejected row of an earlier import that this one corrects.
    pub origin: Option<(ImportId, i64)>,
}

impl Row {
    /// The memory that it takes, more or less.
    pub(super) fn bytes(&self) -> usize {
        let cells = self.cells.iter();
        cells.map(|cell| cell.len() + size_of::<String>()).sum()
    }
}

/// Reads a file of rows under a header.
pub struct Reader {
    csv: csv::Reader<Source>,
    record: csv::ByteRecord,
    encoding: Encoding,
    headers: Vec<String>,
    correction: Option<CorrectionColumns>,
    number: i64,
    read: Arc<AtomicU64>,
    bytes: u64,
}

impl Reader {
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let read = Arc::new(AtomicU64::new(0));
        let mut counted = BufReader::with_capacity(
            SAMPLE.into(),
            Counted {
                file,
                read: Arc::clone(&read),
            },
        );
        let zipped = io::BufRead::fill_buf(&mut counted)?.starts_with(&[0x1f, 0x8b]);
        let mut source: Box<dyn Read + Send> = if zipped {
            Box::new(MultiGzDecoder::new(counted))
        } else {
            Box::new(counted)
        };
        let mut sample = Vec::new();
        (&mut source).take(SAMPLE.into()).read_to_end(&mut sample)?;
        if sample.starts_with(&[0xff, 0xfe]) || sample.starts_with(&[0xfe, 0xff]) {
            return Err(ReadError::NotCsv);
        }
        let mark: &[u8] = b"\xef\xbb\xbf";
        let encoding = if sample.starts_with(mark) {
            sample.drain(..mark.len());
            Encoding::Utf8
        } else {
            Encoding::of(&sample)
        };
        let csv = csv::ReaderBuilder::new()
            .delimiter(delimiter(&sample))
            .has_headers(false)
            .flexible(true)
            .from_reader(Limited {
                inner: Cursor::new(sample).chain(source),
                left: MAX_ROW,
            });
        let mut reader = Self {
            csv,
            record: csv::ByteRecord::new(),
            encoding,
            headers: Vec::new(),
            correction: None,
            number: 0,
            read,
            bytes,
        };
        let headers = reader.cells()?.ok_or(ReadError::Empty)?;
        reader.headers = headers.iter().map(|h| h.trim().to_owned()).collect();
        let text = |h: &String| !h.contains(['\0', char::REPLACEMENT_CHARACTER]);
        if reader.headers.len() > MAX_COLUMNS || !reader.headers.iter().all(text) {
            return Err(ReadError::NotCsv);
        }
        reader.correction = CorrectionColumns::find(&reader.headers);
        Ok(reader)
    }

    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// `utf-8` or `gb18030`; a file that has only ASCII at its beginning counts as the former.
    pub fn encoding(&self) -> &'static str {
        match self.encoding {
            Encoding::Utf8 | Encoding::Open => "utf-8",
            Encoding::Gb18030 => "gb18030",
        }
    }

    /// How much of the file has been read, 0 to 100.
    pub fn percent(&self) -> i32 {
        let read = self.read.load(Ordering::Relaxed).min(self.bytes);
        (100 * read)
            .checked_div(self.bytes)
            .and_then(|p| i32::try_from(p).ok())
            .unwrap_or(100)
    }

    /// The next row, `None` at the end.
    pub fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        let Some(cells) = self.cells()? else {
            return Ok(None);
        };
        self.number += 1;
        Ok(Some(Row {
            number: self.number,
            origin: self.correction.and_then(|c| c.origin(&cells)),
            cells,
        }))
    }

    /// Passes over the next rows.
    pub fn skip(&mut self, rows: i64) -> Result<(), ReadError> {
        for _ in 0..rows {
            if !self.advance()? {
                break;
            }
            self.number += 1;
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<bool, ReadError> {
        self.csv.get_mut().left = MAX_ROW;
        Ok(self.csv.read_byte_record(&mut self.record)?)
    }

    fn cells(&mut self) -> Result<Option<Vec<String>>, ReadError> {
        if !self.advance()? {
            return Ok(None);
        }
        let encoding = self.encoding;
        // Exports and files of rejected rows were made safe for spreadsheets; here is the way back.
        let cell = |cell| undo_defuse(encoding.decode(cell));
        // One more than the widest header: such a row is refused, however much further it goes on.
        let cells = self.record.iter().take(MAX_COLUMNS + 1);
        Ok(Some(cells.map(cell).collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(bytes).expect("room on the disk");
        file
    }

    fn read(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
        let file = file(bytes);
        let mut reader = Reader::open(file.path()).expect("a CSV file");
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row().expect("a row") {
            rows.push(row.cells);
        }
        assert_eq!(reader.percent(), 100);
        (reader.headers().to_vec(), rows)
    }

    #[test]
    fn every_usual_delimiter_is_found() {
        for bytes in ["a,b;b\n1,2\n", "a;\"b,,,\"\n1;2\n", "a\tb\r\n1\t2\r\n"] {
            let (headers, rows) = read(bytes.as_bytes());
            assert_eq!(headers.len(), 2, "{bytes:?}");
            assert_eq!(rows, [["1", "2"]], "{bytes:?}");
        }
    }

    #[test]
    fn quoted_cells_hold_line_breaks_and_delimiters() {
        let (_, rows) = read(b"a,b\n\"x\ny\",\"1,5 \"\"in\"\"\"\n");
        assert_eq!(rows, [["x\ny", "1,5 \"in\""]]);
    }

    #[test]
    fn what_was_made_safe_for_spreadsheets_is_read_as_it_was() {
        let texts = [
            "=1+1",
            "+86 138",
            "'=x",
            "'plain",
            "＝1",
            "\r",
            "a\nb,\"c\"",
            " -1",
            "",
        ];
        let mut file = crate::csv::BYTE_ORDER_MARK.to_vec();
        for cells in [["-a", "b"]]
            .into_iter()
            .chain(texts.map(|text| [text, "x"]))
        {
            crate::csv::line(
                &mut file,
                cells.into_iter().map(guanxi_domain::formula::defuse),
            )
            .expect("memory");
        }
        let (headers, rows) = read(&file);
        assert_eq!(headers, ["-a", "b"]);
        assert_eq!(rows, texts.map(|text| [text, "x"]));
    }

    #[test]
    fn chinese_is_read_in_either_encoding() {
        let text = "客户,金额\n上海晨光商贸有限公司,1\n";
        let (gb, _, _) = GB18030.encode(text);
        let mut marked = b"\xef\xbb\xbf".to_vec();
        marked.extend_from_slice(text.as_bytes());
        for bytes in [text.as_bytes(), &gb, &marked] {
            let (headers, rows) = read(bytes);
            assert_eq!(headers, ["客户", "金额"]);
            assert_eq!(rows, [["上海晨光商贸有限公司", "1"]]);
        }
    }

    #[test]
    fn gb18030_may_begin_after_the_sample() {
        let mut bytes = b"a,b\n".to_vec();
        while bytes.len() < usize::from(SAMPLE) {
            bytes.extend_from_slice(b"plain,text\n");
        }
        bytes.extend_from_slice(&GB18030.encode("晨光,1\n").0);
        assert_eq!(read(&bytes).1.last().expect("rows")[0], "晨光");
    }

    #[test]
    fn what_is_no_text_is_marked() {
        let (_, rows) = read(b"a,b\n\xe6\x99\xa8,\xff\xff\n");
        assert!(rows[0][1].contains(char::REPLACEMENT_CHARACTER));
    }

    #[test]
    fn gzip_is_seen_by_its_magic() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"a,b\n1,2\n").expect("memory");
        let (headers, rows) = read(&packed.finish().expect("memory"));
        assert_eq!((headers.len(), rows.len()), (2, 1));
    }

    #[test]
    fn a_corrected_file_is_undone() {
        let id = ImportId::generate();
        let text = format!("a,_import,_row\n'=1,{id},7\n'x,,\n");
        let file = file(text.as_bytes());
        let mut reader = Reader::open(file.path()).expect("a CSV file");
        let row = reader.next_row().expect("readable").expect("a row");
        assert_eq!(row.cells[0], "=1");
        assert_eq!(row.origin, Some((id, 7)));
        let row = reader.next_row().expect("readable").expect("a row");
        assert_eq!((row.cells[0].as_str(), row.origin), ("'x", None));
    }

    #[test]
    fn an_open_quotation_does_not_fill_the_memory() {
        let mut bytes = b"a,b\n1,2\n\"".to_vec();
        bytes.resize(6 * 1024 * 1024, b'x');
        let file = file(&bytes);
        let mut reader = Reader::open(file.path()).expect("a CSV file");
        assert!(reader.next_row().expect("the first row").is_some());
        let error = reader.next_row().expect_err("a row without end");
        assert!(matches!(error, ReadError::RowTooLong), "{error}");
    }

    #[test]
    fn files_that_are_no_csv_are_refused() {
        for bytes in [&b""[..], b"\xff\xfea\0,\0", b"\0\x01\x02"] {
            assert!(Reader::open(file(bytes).path()).is_err(), "{bytes:?}");
        }
    }
}
