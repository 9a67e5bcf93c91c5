//! Cells that a spreadsheet would run: how text is made safe in CSV, and how that is undone.

use std::borrow::Cow;

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

/// A text as it may safely stand in a spreadsheet: what would run as a formula gets an apostrophe before it.
///
/// Also +8613800138000, of which a spreadsheet would make a number.
pub fn defuse(text: &str) -> Cow<'_, str> {
    if is_formula(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// As [`defuse`], for a cell of which nobody knows whether it is a text or a number: signed numbers are left alone.
pub fn defuse_cell(cell: &str) -> Cow<'_, str> {
    if is_number(cell) {
        Cow::Borrowed(cell)
    } else {
        defuse(cell)
    }
}

/// The inverse of [`defuse`] and [`defuse_cell`], for a file that comes back.
#[must_use]
pub fn undo_defuse(mut cell: String) -> String {
    if cell.strip_prefix('\'').is_some_and(is_formula) {
        cell.remove(0);
    }
    cell
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_defused() {
        for cell in [
            "=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "'=x", "＝x", "＋x", "－x", "＠x",
            "+86 138",
        ] {
            assert_eq!(defuse(cell), format!("'{cell}"));
            assert_eq!(defuse_cell(cell), format!("'{cell}"));
        }
        for cell in ["", "plain", "'plain", "a=b", "12.5"] {
            assert_eq!(defuse(cell), cell);
        }
    }

    #[test]
    fn a_signed_number_may_be_a_text() {
        for cell in ["-12.5", "+1,000", "+8613800138000"] {
            assert_eq!(defuse_cell(cell), cell);
            assert_eq!(defuse(cell), format!("'{cell}"));
        }
    }

    proptest! {
        #[test]
        fn a_cell_survives_the_way_there_and_back(shaped in "['=+\\-@\\t\\r\\n0-9,.a＝＋]{0,8}", any in any::<String>()) {
            for cell in [shaped, any] {
                prop_assert_eq!(&undo_defuse(defuse(&cell).into_owned()), &cell);
                prop_assert_eq!(&undo_defuse(defuse_cell(&cell).into_owned()), &cell);
            }
        }

        #[test]
        fn nothing_is_left_that_runs(text in any::<String>(), sign in "[=+\\-@\\t\\r＝＋－＠]") {
            let cell = format!("{sign}{text}");
            prop_assert!(defuse(&cell).starts_with('\''));
        }
    }
}
