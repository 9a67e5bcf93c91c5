//! The file of rejected rows: as they stood, and why.

use guanxi_domain::Lang;
use guanxi_domain::import::Import;
use guanxi_domain::import::correction::{
    IMPORT_HEADER, REASON_CODE_HEADER, REASON_HEADER, ROW_HEADER, defuse, is_added,
};
use guanxi_persistence::import::Reject;

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Writes the rejected rows of an import, piece by piece.
pub struct RejectedFile {
    /// Columns of the imported file that are kept: all but those that an earlier file of rejected rows added.
    kept: Vec<usize>,
    headers: Vec<String>,
    lang: Lang,
}

impl RejectedFile {
    pub fn new(import: &Import, lang: Lang) -> Self {
        let kept: Vec<usize> = (0..import.headers.len())
            .filter(|i| !is_added(&import.headers[*i]))
            .collect();
        Self {
            headers: import.headers.clone(),
            kept,
            lang,
        }
    }

    /// What the file begins with.
    pub fn header(&self) -> Result<Vec<u8>, csv::Error> {
        let added = [IMPORT_HEADER, ROW_HEADER, REASON_CODE_HEADER, REASON_HEADER];
        let kept = self.kept.iter().map(|i| self.headers[*i].as_str());
        let mut file = BYTE_ORDER_MARK.to_vec();
        file.extend(line(kept.chain(added))?);
        Ok(file)
    }

    /// A rejected row. Cells beyond the header come last: they have no column of their own.
    pub fn row(&self, reject: &Reject) -> Result<Vec<u8>, csv::Error> {
        let cell = |i: &usize| reject.cells.get(*i).map_or("", String::as_str);
        let (import, row) = (reject.origin.0.to_string(), reject.origin.1.to_string());
        let added = [
            import.as_str(),
            row.as_str(),
            reject.reason.as_str(),
            reject.reason.label(self.lang),
        ];
        let beyond = reject.cells.iter().skip(self.headers.len());
        line(
            self.kept
                .iter()
                .map(cell)
                .chain(added)
                .chain(beyond.map(String::as_str)),
        )
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for cell in cells {
        writer.write_field(defuse(cell).as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)?;
    writer
        .into_inner()
        .map_err(|e| std::io::Error::from(e.error().kind()).into())
}
