//! The file of rejected rows, and how it comes back corrected.
//!
//! It holds the columns of the imported file and four more. `_import` and `_row` say where the row comes from: with them
//! a corrected row may join the order that the rest of its rows already made, and no row is imported twice.

use std::borrow::Cow;

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

/// Whether a spreadsheet would take the text, less apostrophes before it, for a formula.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A signed number: harmless, and useless with an apostrophe before it.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
}

/// A cell as it may safely stand in a spreadsheet: text that would run as a formula gets an apostrophe before it.
pub fn defuse(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The inverse of [`defuse`], for a corrected file.
pub fn undo_defuse(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_left_alone() {
        for cell in ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "'=x", "＝x"] {
            assert_eq!(defuse(cell), format!("'{cell}"));
        }
        for cell in ["", "-12.5", "+1,000", "plain", "'plain", "a=b"] {
            assert_eq!(defuse(cell), cell);
        }
    }

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

    proptest! {
        #[test]
        fn a_cell_survives_the_way_there_and_back(cell in "['=+\\-@\\t\\r\\n0-9,.a＝]{0,8}") {
            let there = defuse(&cell).into_owned();
            prop_assert_eq!(undo_defuse(&there), cell);
        }
    }
}
