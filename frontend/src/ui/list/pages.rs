//! The rows of a list as they come in, page by page, and which page to ask for next.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use guanxi_domain::Page;

/// Rows that are asked for before they are in sight.
const AHEAD: usize = 60;

/// A row of a list.
pub(super) trait Listed: Clone {
    fn id(&self) -> &str;
    /// Whether it says the same as another row.
    fn same(&self, other: &Self) -> bool;
}

#[derive(Clone)]
struct Chunk<R> {
    /// What it was asked for by; `None`: the first.
    from: Option<String>,
    rows: Vec<R>,
    next: Option<String>,
    /// Has to be asked for again when it is in sight.
    stale: bool,
}

/// The pages from the first on, without a gap.
#[derive(Clone)]
pub(super) struct Pages<R> {
    chunks: Vec<Chunk<R>>,
}

/// A page to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub index: usize,
    pub cursor: Option<String>,
}

impl<R> Default for Pages<R> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<R: Listed> Pages<R> {
    /// All rows, each once: while pages are asked for again a row may stand in two.
    pub fn rows(&self) -> Vec<R> {
        let mut seen = HashSet::new();
        let rows = self.chunks.iter().flat_map(|chunk| &chunk.rows);
        rows.filter(|row| seen.insert(row.id())).cloned().collect()
    }

    /// Whether there are rows after the last one.
    pub fn has_more(&self) -> bool {
        self.chunks.last().is_none_or(|chunk| chunk.next.is_some())
    }

    /// The page that is missing, or has to be asked for again, so that these rows can be shown.
    pub fn wanted(&self, shown: &Range<usize>) -> Option<Wanted> {
        let mut start = 0;
        for (index, chunk) in self.chunks.iter().enumerate() {
            let end = start + chunk.rows.len();
            let in_sight = start < shown.end && end > shown.start || index == 0 && shown.start == 0;
            if chunk.stale && in_sight {
                return Some(Wanted {
                    index,
                    cursor: chunk.from.clone(),
                });
            }
            start = end;
        }
        let more = self.has_more() && shown.end + AHEAD > start;
        more.then(|| Wanted {
            index: self.chunks.len(),
            cursor: self.chunks.last().and_then(|chunk| chunk.next.clone()),
        })
    }

    /// Puts an answer in its place, unless it was asked for by a place that has moved. Rows that say the same stay the same.
    pub fn put(&mut self, wanted: &Wanted, page: Page<R>) {
        let index = wanted.index;
        let expected = match self.chunks.get(index) {
            Some(chunk) => &chunk.from,
            None if index == self.chunks.len() => match self.chunks.last() {
                Some(last) => &last.next,
                None => &None,
            },
            None => return,
        };
        if *expected != wanted.cursor {
            return;
        }
        let near = &self.chunks[index.saturating_sub(1)..self.chunks.len().min(index + 2)];
        let known: HashMap<&str, &R> = near
            .iter()
            .flat_map(|chunk| &chunk.rows)
            .map(|row| (row.id(), row))
            .collect();
        let keep = |new: R| match known.get(new.id()) {
            Some(old) if old.same(&new) => (*old).clone(),
            _ => new,
        };
        let chunk = Chunk {
            from: wanted.cursor.clone(),
            rows: page.items.into_iter().map(keep).collect(),
            next: page.next_cursor,
            stale: false,
        };
        let next = chunk.next.clone();
        if index == self.chunks.len() {
            self.chunks.push(chunk);
        } else {
            self.chunks[index] = chunk;
        }
        match (next, self.chunks.get_mut(index + 1)) {
            (None, _) => self.chunks.truncate(index + 1),
            (next, Some(following)) if following.from != next => {
                // Rows came or went: what follows begins elsewhere.
                following.from = next;
                following.stale = true;
            }
            _ => {}
        }
    }

    /// All pages have to be asked for again, when they are in sight.
    pub fn outdate(&mut self) {
        for chunk in &mut self.chunks {
            chunk.stale = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Id and content.
    type Row = (String, u32);

    impl Listed for Row {
        fn id(&self) -> &str {
            &self.0
        }

        fn same(&self, other: &Self) -> bool {
            self.1 == other.1
        }
    }

    const SIZE: usize = 100;

    /// A server with these rows; a cursor is the id of the last row of the page before.
    fn answer(rows: &[Row], wanted: &Wanted) -> Page<Row> {
        let start = wanted.cursor.as_ref().map_or(0, |cursor| {
            rows.iter()
                .position(|row| row.0 > *cursor)
                .unwrap_or(rows.len())
        });
        let items: Vec<Row> = rows.iter().skip(start).take(SIZE).cloned().collect();
        let more = start + items.len() < rows.len();
        Page {
            next_cursor: items.last().filter(|_| more).map(|row| row.0.clone()),
            items,
            total: None,
        }
    }

    fn rows(numbers: Range<u32>) -> Vec<Row> {
        numbers.map(|n| (format!("{n:05}"), 0)).collect()
    }

    /// Asks until nothing is wanted; how often.
    fn fill(pages: &mut Pages<Row>, server: &[Row], shown: &Range<usize>) -> usize {
        let mut asked = 0;
        while let Some(wanted) = pages.wanted(shown) {
            pages.put(&wanted, answer(server, &wanted));
            asked += 1;
            assert!(asked < 1_000, "it never ends");
        }
        asked
    }

    #[test]
    fn pages_are_asked_for_as_they_come_into_sight() {
        let server = rows(0..1_050);
        let mut pages = Pages::default();
        assert_eq!(fill(&mut pages, &server, &(0..20)), 1);
        assert_eq!(fill(&mut pages, &server, &(0..20)), 0);
        assert_eq!(fill(&mut pages, &server, &(20..60)), 1, "ahead of the eye");
        assert!(pages.has_more());
        fill(&mut pages, &server, &(1_000..1_050));
        assert_eq!(pages.rows(), server);
        assert!(!pages.has_more());
        assert_eq!(pages.wanted(&(1_000..1_100)), None);
    }

    #[test]
    fn an_empty_list_is_asked_for_once() {
        let mut pages = Pages::default();
        assert_eq!(fill(&mut pages, &[], &(0..20)), 1);
        pages.outdate();
        assert_eq!(fill(&mut pages, &rows(0..1), &(0..20)), 1);
        assert_eq!(pages.rows().len(), 1);
    }

    #[test]
    fn a_refresh_asks_for_what_is_in_sight_and_later_for_the_rest() {
        let mut server = rows(0..1_000);
        let mut pages = Pages::default();
        fill(&mut pages, &server, &(600..640));
        server[5].1 = 1;
        server[610].1 = 1;
        pages.outdate();
        assert_eq!(fill(&mut pages, &server, &(610..640)), 1);
        assert_eq!(pages.rows()[610].1, 1);
        assert_eq!(pages.rows()[5].1, 0, "out of sight");
        assert_eq!(fill(&mut pages, &server, &(0..20)), 1);
        assert_eq!(pages.rows()[5].1, 1);
    }

    #[test]
    fn rows_that_come_and_go_leave_no_gap() {
        let mut server = rows(0..500);
        let mut pages = Pages::default();
        fill(&mut pages, &server, &(0..420));
        server.remove(7);
        server.insert(150, ("00150a".to_owned(), 0));
        server.sort();
        pages.outdate();
        fill(&mut pages, &server, &(0..420));
        assert_eq!(pages.rows(), server);
        // All at once gone.
        server.truncate(30);
        pages.outdate();
        fill(&mut pages, &server, &(0..20));
        assert_eq!(pages.rows(), server);
    }

    #[test]
    fn an_answer_that_comes_too_late_is_left_out() {
        let mut server = rows(0..500);
        let mut pages = Pages::default();
        fill(&mut pages, &server, &(0..300));
        pages.outdate();
        let late = pages.wanted(&(150..160)).expect("stale");
        let old = answer(&server, &late);
        server.remove(3);
        fill(&mut pages, &server, &(0..300));
        pages.put(&late, old);
        fill(&mut pages, &server, &(0..500));
        assert_eq!(pages.rows(), server);
    }
}
