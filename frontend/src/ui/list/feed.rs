//! The rows of a list and how they come: page by page as they come into sight, again when others change them.

use std::any::Any;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use guanxi_domain::Page;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::heights::Heights;
use super::pages::{Listed, Pages, Wanted};
use super::state::Row;
use crate::api::{ApiError, Call};
use crate::nav::came_back;

/// Rows of the first page, which shall be there at once, and of the others.
const FIRST: i64 = 50;
const OTHERS: i64 = 100;
/// Lists that are remembered for those who come back.
const REMEMBERED: usize = 8;

/// Which part of a list is asked for.
pub(super) struct Part {
    pub cursor: Option<String>,
    pub limit: i64,
    pub with_total: bool,
}

pub(super) type Shared<T> = Arc<Row<T>>;

impl<T> Listed for Shared<T> {
    fn id(&self) -> &str {
        &self.key
    }

    fn same(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

/// What is known of a list.
pub(super) struct Known<T> {
    pages: Pages<Shared<T>>,
    pub rows: Arc<Vec<Shared<T>>>,
    /// How many there are in all, once that is known.
    pub total: Option<i64>,
    /// Why there is nothing to show.
    pub error: Option<ApiError>,
    /// Why there are no further rows.
    pub further_error: Option<ApiError>,
    /// Another question has been asked; what is shown answers the last one.
    pub busy: bool,
    /// Something has been answered.
    pub loaded: bool,
}

impl<T> Known<T> {
    pub fn has_more(&self) -> bool {
        self.loaded && self.pages.has_more()
    }
}

/// Where somebody was in a list when they left it.
#[derive(Clone, Default)]
pub(super) struct Spot {
    /// The first row that was seen, and how much of it was out of sight; `None`: the page stood at its top.
    pub place: Option<(usize, f64)>,
    pub heights: Heights,
    pub active: Option<usize>,
}

struct Left<T> {
    pages: Pages<Shared<T>>,
    total: Option<i64>,
    spot: Spot,
}

thread_local! {
    /// The lists that were left, the last one last, by their addresses.
    static LEFT: RefCell<Vec<(String, Box<dyn Any>)>> = const { RefCell::new(Vec::new()) };
}

type Ask = Arc<dyn Fn(&Part) -> Call + Send + Sync>;

/// What is being asked.
#[derive(Default)]
struct Course {
    /// The rows that are in sight.
    shown: Range<usize>,
    /// The question, and how often it has changed.
    ask: Option<Ask>,
    turn: u64,
    /// An answer is on its way.
    asking: bool,
    /// The address of what is shown.
    address: String,
}

/// The rows of a list.
pub(super) struct Feed<T: Send + Sync + 'static> {
    known: RwSignal<Known<T>>,
    course: StoredValue<Course>,
    pub spot: StoredValue<Spot>,
}

impl<T: Send + Sync + 'static> Clone for Feed<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Feed<T> {}

impl<T: Clone + Send + Sync + DeserializeOwned + 'static> Feed<T> {
    /// The rows that `question` asks for, from the first on; asked anew whenever it changes. `address` tells lists apart.
    pub fn new<Q: PartialEq + Clone + Send + Sync + 'static>(
        question: Memo<Q>,
        call: impl Fn(&Q, &Part) -> Call + Send + Sync + 'static,
        address: impl Fn() -> String + 'static,
    ) -> Self {
        let feed = Self {
            known: RwSignal::new(Known {
                pages: Pages::default(),
                rows: Arc::default(),
                total: None,
                error: None,
                further_error: None,
                busy: true,
                loaded: false,
            }),
            course: StoredValue::new(Course::default()),
            spot: StoredValue::new(Spot::default()),
        };
        let call = Arc::new(call);
        let begin = move |question: Q, back: bool| {
            let call = Arc::clone(&call);
            let address = untrack(&address);
            feed.course.update_value(|course| {
                course.ask = Some(Arc::new(move |part| call(&question, part)));
                course.address = address;
            });
            feed.begin(back);
        };
        // At once: whoever comes back finds the rows where they were.
        let asked = StoredValue::new(question.get_untracked());
        begin(asked.get_value(), came_back());
        Effect::new(move |_| {
            let question = question.get();
            if asked.with_value(|asked| *asked != question) {
                asked.set_value(question.clone());
                begin(question, false);
            }
        });
        on_cleanup(move || feed.leave());
        feed
    }

    /// Asks for the first page; or goes on where somebody left, if they come back.
    fn begin(self, back: bool) {
        self.course.update_value(|course| {
            course.turn += 1;
            course.asking = false;
            course.shown = 0..1;
        });
        let left = if back { self.take_left() } else { None };
        if let Some(left) = left {
            self.spot.set_value(left.spot);
            self.known.update(|known| {
                known.pages = left.pages;
                known.pages.outdate();
                known.rows = Arc::new(known.pages.rows());
                known.total = left.total;
                known.busy = false;
                known.loaded = true;
            });
        } else {
            self.spot.set_value(Spot::default());
            self.known.update(|known| known.busy = true);
        }
        self.pump();
    }

    fn take_left(self) -> Option<Left<T>> {
        let address = self.course.with_value(|course| course.address.clone());
        LEFT.with_borrow_mut(|all| {
            let at = all.iter().position(|(known, _)| *known == address)?;
            let (_, left) = all.remove(at);
            left.downcast().ok().map(|left| *left)
        })
    }

    fn leave(self) {
        let left = self.known.try_with_untracked(|known| {
            (known.loaded && known.error.is_none()).then(|| Left {
                pages: known.pages.clone(),
                total: known.total,
                spot: self.spot.get_value(),
            })
        });
        if let Some(left) = left.flatten() {
            let address = self.course.with_value(|course| course.address.clone());
            LEFT.with_borrow_mut(|all| {
                all.retain(|(known, _)| *known != address);
                all.push((address, Box::new(left)));
                if all.len() > REMEMBERED {
                    all.remove(0);
                }
            });
        }
    }

    /// Asks for what is wanted, one page at a time.
    fn pump(self) {
        let course = self.course.try_with_value(|course| {
            let ask = course.ask.clone().filter(|_| !course.asking)?;
            Some((ask, course.turn, course.shown.clone()))
        });
        let Some((ask, turn, shown)) = course.flatten() else {
            return;
        };
        let wanted = self.known.with_untracked(|known| {
            if known.busy {
                return Some(Wanted {
                    index: 0,
                    cursor: None,
                });
            }
            let stuck = known.error.is_some() || known.further_error.is_some();
            known.pages.wanted(&shown).filter(|_| !stuck)
        });
        let Some(wanted) = wanted else { return };
        self.course.update_value(|course| course.asking = true);
        let part = Part {
            cursor: wanted.cursor.clone(),
            limit: if wanted.index == 0 { FIRST } else { OTHERS },
            with_total: false,
        };
        let call = ask(&part);
        spawn_local(async move {
            let answer = call.json::<Page<Row<T>>>().await;
            // The view may be gone, or another question asked.
            if !self.is_turn(turn) {
                return;
            }
            self.course.update_value(|course| course.asking = false);
            self.take(&wanted, answer);
            if wanted.index == 0 {
                self.count();
            }
            self.pump();
        });
    }

    /// Whether the question is still the one of this turn; not when the view is gone.
    fn is_turn(self, turn: u64) -> bool {
        self.course.try_with_value(|course| course.turn) == Some(turn)
    }

    fn take(self, wanted: &Wanted, answer: Result<Page<Row<T>>, ApiError>) {
        self.known.update(|known| match answer {
            Ok(page) => {
                if std::mem::take(&mut known.busy) {
                    known.pages = Pages::default();
                    known.total = None;
                }
                known.error = None;
                known.further_error = None;
                known.loaded = true;
                known.pages.put(wanted, page.map(Arc::new));
                known.rows = Arc::new(known.pages.rows());
                if !known.pages.has_more() {
                    known.total = i64::try_from(known.rows.len()).ok();
                }
            }
            Err(error) if known.busy || !known.loaded => {
                known.busy = false;
                known.error = Some(error);
            }
            Err(error) => known.further_error = Some(error),
        });
    }

    /// Asks how many there are in all, beside the rows: nobody waits for it.
    fn count(self) {
        let ended = self.known.with_untracked(|known| !known.has_more());
        let (turn, ask) = self
            .course
            .with_value(|course| (course.turn, course.ask.clone()));
        let Some(ask) = ask.filter(|_| !ended) else {
            return;
        };
        let call = ask(&Part {
            cursor: None,
            limit: 1,
            with_total: true,
        });
        spawn_local(async move {
            // Without it the list shows how many are there so far.
            if let Ok(page) = call.json::<Page<Value>>().await
                && self.is_turn(turn)
                && page.total.is_some()
            {
                self.known.update(|known| {
                    if known.has_more() {
                        known.total = page.total;
                    }
                });
            }
        });
    }

    /// Tells which rows are in sight.
    pub fn show(self, rows: Range<usize>) {
        self.course.update_value(|course| course.shown = rows);
        self.pump();
    }

    /// Asks again for what is in sight, and for the rest when it is.
    pub fn reload(self) {
        self.known.update(|known| {
            known.pages.outdate();
            known.further_error = None;
            if known.error.take().is_some() {
                known.busy = true;
            }
        });
        self.pump();
    }

    /// The newest that is known of a record.
    pub fn find(self, id: &str) -> Option<Arc<Value>> {
        self.known.with_untracked(|known| {
            let row = known.rows.iter().find(|row| row.id() == id)?;
            Some(Arc::clone(&row.json))
        })
    }
}

/// What there is of a list, without the rows.
#[derive(Clone, Default)]
pub(super) struct Status {
    pub count: usize,
    pub total: Option<i64>,
    pub more: bool,
    /// Why there are no further rows.
    pub further_error: Option<ApiError>,
}

impl<T: Send + Sync + 'static> Feed<T> {
    pub fn status(self) -> Signal<Status> {
        Signal::derive(move || {
            self.with(|known| Status {
                count: known.rows.len(),
                total: known.total,
                more: known.has_more(),
                further_error: known.further_error.clone(),
            })
        })
    }

    pub fn with<R>(self, f: impl FnOnce(&Known<T>) -> R) -> R {
        self.known.with(f)
    }

    pub fn with_untracked<R>(self, f: impl FnOnce(&Known<T>) -> R) -> R {
        self.known.with_untracked(f)
    }
}
