//! The file of rejected rows, and how it comes back corrected.
//!
//! It holds the columns of the imported file and four more. `_import` and `_row` say where the row comes from: with them
//! a corrected row may join the order that the rest of its rows already made, and no row is imported twice.

use crate::ImportId;

/// The import that a row was first rejected by.
pub const IMPORT_HEADER: &str = "_import";
/// The row's number there.
pub const ROW_HEADER: &str = "_row";
/// The stable word of the reason.
pub const REASON_CODE_HEADER: &str = "_reason_code";
/// The reason for people.
pub const REASON_HEADER: &str = "_reason";

/// Where the columns of a file of rejected rows stand; `None` for other files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorrectionColumns {
    import: usize,
    row: usize,
}

impl CorrectionColumns {
    pub fn find(headers: &[String]) -> Option<Self> {
        let find = |name: &str| headers.iter().position(|h| h == name);
        Some(Self {
            import: find(IMPORT_HEADER)?,
            row: find(ROW_HEADER)?,
        })
    }

    /// The import and row that these cells correct; `None` if they name none, as a row that somebody added.
    pub fn origin(&self, cells: &[String]) -> Option<(ImportId, i64)> {
        let import = cells.get(self.import)?.trim().parse().ok()?;
        let row = super::cell::clean_number(cells.get(self.row)?)
            .parse()
            .ok()
            .filter(|row| *row > 0)?;
        Some((import, row))
    }
}

/// Whether a column is one that the file of rejected rows adds.
pub fn is_added(header: &str) -> bool {
    [IMPORT_HEADER, ROW_HEADER, REASON_CODE_HEADER, REASON_HEADER].contains(&header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_it_corrects() {
        let headers = ["a", "_import", "_row"].map(str::to_owned);
        let columns = CorrectionColumns::find(&headers).expect("the columns are there");
        let id = ImportId::generate();
        let cells = |row: &str| ["x".to_owned(), id.to_string(), row.to_owned()];
        assert_eq!(columns.origin(&cells("7")), Some((id, 7)));
        assert_eq!(columns.origin(&cells("7.0")), Some((id, 7)));
        assert_eq!(columns.origin(&cells("0")), None);
        assert_eq!(columns.origin(&["x".to_owned()]), None);
        assert_eq!(CorrectionColumns::find(&headers[..2]), None);
    }
}
