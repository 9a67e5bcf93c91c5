//! The file of rejected rows: as they stood, and why.

use guanxi_domain::Lang;
use guanxi_domain::formula::defuse_cell;
use guanxi_domain::import::correction::{
    IMPORT_HEADER, REASON_CODE_HEADER, REASON_HEADER, ROW_HEADER, is_added,
};
use guanxi_domain::import::{Import, RowProblem, Targets};
use guanxi_persistence::import::Reject;

use crate::csv::{BYTE_ORDER_MARK, line};

/// Writes the rejected rows of an import, piece by piece.
pub struct RejectedFile {
    /// Columns of the imported file that are kept: all but those that an earlier file of rejected rows added.
    kept: Vec<usize>,
    headers: Vec<String>,
    targets: Targets,
    lang: Lang,
}

impl RejectedFile {
    pub fn new(import: &Import, targets: Targets, lang: Lang) -> Self {
        let kept: Vec<usize> = (0..import.headers.len())
            .filter(|i| !is_added(&import.headers[*i]))
            .collect();
        Self {
            headers: import.headers.clone(),
            kept,
            targets,
            lang,
        }
    }

    /// What the file begins with.
    pub fn header(&self) -> Result<Vec<u8>, csv::Error> {
        let added = [IMPORT_HEADER, ROW_HEADER, REASON_CODE_HEADER, REASON_HEADER];
        let kept = self.kept.iter().map(|i| self.headers[*i].as_str());
        let mut file = BYTE_ORDER_MARK.to_vec();
        line(&mut file, kept.chain(added).map(defuse_cell))?;
        Ok(file)
    }

    /// A rejected row. Cells beyond the header come last: they have no column of their own.
    pub fn row(&self, reject: &Reject) -> Result<Vec<u8>, csv::Error> {
        let cell = |i: &usize| reject.cells.get(*i).map_or("", String::as_str);
        let (import, row) = (reject.origin.0.to_string(), reject.origin.1.to_string());
        let problems = reject.problems.iter();
        let words: Vec<String> = problems.clone().map(RowProblem::word).collect();
        let texts: Vec<String> = problems.map(|p| p.text(&self.targets, self.lang)).collect();
        let (words, texts) = (words.join(" "), texts.join(self.lang.pick("；", "; ")));
        let added = [
            import.as_str(),
            row.as_str(),
            words.as_str(),
            texts.as_str(),
        ];
        let beyond = reject.cells.iter().skip(self.headers.len());
        let cells = self.kept.iter().map(cell).chain(added);
        let mut text = Vec::new();
        line(
            &mut text,
            cells.chain(beyond.map(String::as_str)).map(defuse_cell),
        )?;
        Ok(text)
    }
}
