//! Which rows of a table are in the document: those in sight and some around them. The place of the others is kept by two gaps.

use std::collections::HashMap;
use std::ops::Range;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::feed::{Spot, Status};
use super::heights::Heights;
use super::layout::Layout;

/// How far around the window rows are drawn, in CSS pixels.
const MARGIN: f64 = 700.0;
/// A narrower window shows cards, which have no columns.
const NARROW: f64 = 640.0;
/// Looks for where somebody was: the rows have to be there, and as high as they will be.
const SEARCHES: u32 = 4;
/// Frames in which a row that was asked for is looked for: it has to be drawn, and those above it as high as they will be.
const LOOKS: u32 = 8;

type Columns = HashMap<&'static str, i32>;

/// Not of the rows' type, so that it is compiled once.
#[derive(Clone, Copy)]
pub(super) struct Viewport {
    status: Signal<Status>,
    spot: StoredValue<Spot>,
    /// Hears which rows are in sight.
    show: Callback<Range<usize>>,
    body: NodeRef<leptos::html::Tbody>,
    /// The rows that are drawn.
    drawn: RwSignal<Range<usize>>,
    /// The rows that are seen.
    seen: RwSignal<Range<usize>>,
    /// The gaps above and below them.
    gaps: RwSignal<(f64, f64)>,
    /// Widths of the columns while somebody is on the way: else they would change with the rows that are drawn.
    widths: RwSignal<Option<Columns>>,
    due: StoredValue<bool>,
    /// The row that was asked for last.
    sought: StoredValue<Option<usize>>,
}

impl Viewport {
    /// Follows the window.
    pub fn new(
        status: Signal<Status>,
        spot: StoredValue<Spot>,
        show: Callback<Range<usize>>,
        body: NodeRef<leptos::html::Tbody>,
        layout: Layout,
    ) -> Self {
        let port = Self {
            status,
            spot,
            show,
            body,
            drawn: RwSignal::new(0..0),
            seen: RwSignal::new(0..0),
            gaps: RwSignal::new((0.0, 0.0)),
            widths: RwSignal::new(None),
            due: StoredValue::new(false),
            sought: StoredValue::new(None),
        };
        let look = move || port.look_soon();
        let scrolled = window_event_listener(leptos::ev::scroll, move |_| look());
        let resized = window_event_listener(leptos::ev::resize, move |_| {
            port.widths.set(None);
            look();
        });
        on_cleanup(move || {
            scrolled.remove();
            resized.remove();
        });
        // Other rows, or rows of another height.
        Effect::new(move |_| {
            status.track();
            port.body.track();
            look();
        });
        // What a view says again is no change.
        let measures = Memo::new(move |_| layout.measures());
        Effect::new(move |before: Option<()>| {
            measures.track();
            if before.is_some() {
                spot.update_value(|spot| spot.heights = Heights::default());
                port.widths.set(None);
                look();
            }
        });
        Effect::new(move |_| {
            port.drawn.track();
            request_animation_frame(move || port.measure(layout));
        });
        port.return_to_spot();
        port
    }

    /// The rows to draw. Reactive.
    pub fn drawn(self) -> Range<usize> {
        self.drawn.get()
    }

    /// The rows that are seen. Reactive.
    pub fn seen(self) -> Range<usize> {
        self.seen.get()
    }

    /// How high the gaps above and below are. Reactive.
    pub fn gaps(self) -> (f64, f64) {
        self.gaps.get()
    }

    pub fn width(self, key: &str) -> Option<i32> {
        self.widths
            .with(|widths| widths.as_ref().and_then(|widths| widths.get(key).copied()))
    }

    pub fn has_widths(self) -> bool {
        self.widths.with(Option::is_some)
    }

    /// Looks once a frame, however often it is called.
    fn look_soon(self) {
        if self.due.try_get_value() != Some(false) {
            return;
        }
        self.due.set_value(true);
        request_animation_frame(move || {
            // The view may be gone.
            if self.due.try_set_value(false).is_none() {
                self.look();
            }
        });
    }

    /// Finds out which rows are in sight.
    fn look(self) {
        let Some(body) = self.body.get_untracked() else {
            return;
        };
        let top = -body.get_bounding_client_rect().top();
        let window = window();
        let height = window
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64())
            .unwrap_or_default();
        let count = self.status.with_untracked(|status| status.count);
        let scrolled = window.scroll_y().unwrap_or_default();
        let (drawn, seen, gaps) = self
            .spot
            .try_update_value(|spot| {
                let heights = &spot.heights;
                let row = |distance: f64| heights.row_at(distance, count);
                let last = |distance: f64| (row(distance) + 1).min(count);
                let drawn = row(top - MARGIN)..last(top + height + MARGIN);
                let seen = row(top.max(0.0))..last(top + height);
                if count > 0 {
                    let within = top - heights.between(0, seen.start);
                    spot.place = (scrolled > 0.0).then_some((seen.start, within));
                }
                let gaps = (
                    heights.between(0, drawn.start),
                    heights.between(drawn.end, count),
                );
                (drawn, seen, gaps)
            })
            .unwrap_or_default();
        // Each change draws anew.
        if self.drawn.with_untracked(|now| *now != drawn) {
            self.drawn.set(drawn);
        }
        if self.gaps.get_untracked() != gaps {
            self.gaps.set(gaps);
        }
        if self.seen.with_untracked(|now| *now != seen) {
            self.seen.set(seen.clone());
        }
        self.show.run(seen);
    }

    /// Notes how high the rows are that are drawn, and how wide the columns. Where rows above the window are not as high as was
    /// thought, what is seen stays where it is.
    fn measure(self, layout: Layout) {
        let Some(body) = self.body.try_get_untracked().flatten() else {
            return;
        };
        let rows = drawn_rows(&body);
        let first = self.seen.with_untracked(|seen| seen.start);
        let moved = self.spot.try_update_value(|spot| {
            let before = spot.heights.between(0, first);
            for (index, row) in &rows {
                spot.heights
                    .set(*index, row.get_bounding_client_rect().height());
            }
            spot.heights.between(0, first) - before
        });
        self.hold_widths(&body, &rows, &untrack(|| layout.shown()));
        self.look();
        if let Some(moved) = moved.filter(|moved| moved.abs() >= 1.0) {
            window().scroll_by_with_x_and_y(0.0, moved);
        }
    }

    /// While somebody is on the way columns keep their widths, but that they become wider for what would not fit.
    fn hold_widths(self, body: &HtmlElement, rows: &[(usize, HtmlElement)], keys: &[&'static str]) {
        let on_the_way = self.drawn.with_untracked(|drawn| drawn.start > 0);
        if !on_the_way || window_width() < NARROW {
            return;
        }
        let held = self.widths.get_untracked();
        let mut widths = held.clone().unwrap_or_else(|| head_widths(body, keys));
        // The first column wraps, and others say themselves that they cut off.
        for (_, row) in rows {
            let cells = row.children();
            for (i, key) in (0..).zip(keys).skip(1) {
                let Some(cell) = cells.item(i) else { continue };
                let missing = cell.scroll_width() - cell.client_width();
                if missing > 0 && held.is_some() && !cuts_off(&cell) {
                    *widths.entry(*key).or_default() += missing;
                }
            }
        }
        if held.as_ref() != Some(&widths) {
            self.widths.set(Some(widths));
        }
    }

    /// Scrolls to a row: no further than needed. Somebody who is quicker than the frames goes to the last row asked for.
    pub fn reveal(self, row: usize) {
        self.sought.set_value(Some(row));
        self.seek(row, LOOKS);
    }

    fn seek(self, row: usize, looks: u32) {
        let Some(body) = self.body.try_get_untracked().flatten() else {
            return;
        };
        self.scroll_to(&body, row);
        if looks > 1 {
            request_animation_frame(move || {
                if self.sought.try_get_value() == Some(Some(row)) {
                    self.seek(row, looks - 1);
                }
            });
        }
    }

    fn scroll_to(self, body: &HtmlElement, row: usize) {
        let drawn = body
            .query_selector(&format!("tr[data-row='{row}']"))
            .ok()
            .flatten();
        if let Some(drawn) = drawn {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            drawn.scroll_into_view_with_scroll_into_view_options(&options);
            return;
        }
        let above = self.spot.with_value(|spot| spot.heights.between(0, row));
        let here = window().scroll_y().unwrap_or_default();
        let top = here + body.get_bounding_client_rect().top() + above;
        window().scroll_to_with_x_and_y(0.0, top - 200.0);
    }

    /// Where somebody was who comes back.
    fn return_to_spot(self) {
        if let Some(place) = self.spot.with_value(|spot| spot.place) {
            self.scroll_back(place, SEARCHES);
        }
    }

    fn scroll_back(self, place: (usize, f64), searches: u32) {
        request_animation_frame(move || {
            let Some(body) = self.body.try_get_untracked().flatten() else {
                return;
            };
            self.look();
            let (row, within) = place;
            let above = self.spot.with_value(|spot| spot.heights.between(0, row));
            let top = body.get_bounding_client_rect().top();
            window().scroll_by_with_x_and_y(0.0, top + above + within);
            if searches > 1 {
                self.scroll_back(place, searches - 1);
            }
        });
    }
}

/// The rows that are drawn, and which they are.
fn drawn_rows(body: &HtmlElement) -> Vec<(usize, HtmlElement)> {
    let Ok(found) = body.query_selector_all("tr[data-row]") else {
        return Vec::new();
    };
    let row = |i: u32| {
        let row = found.item(i)?.dyn_into::<HtmlElement>().ok()?;
        let index = row.get_attribute("data-row")?.parse().ok()?;
        Some((index, row))
    };
    (0..found.length()).filter_map(row).collect()
}

#[allow(clippy::cast_possible_truncation)] // Widths on a screen.
fn head_widths(body: &HtmlElement, keys: &[&'static str]) -> Columns {
    let heads = body
        .closest("table")
        .ok()
        .flatten()
        .and_then(|table| table.query_selector_all("thead th").ok());
    let Some(heads) = heads else {
        return Columns::new();
    };
    let width = |i: u32| {
        let head = heads.item(i)?.dyn_into::<HtmlElement>().ok()?;
        Some(head.get_bounding_client_rect().width().ceil() as i32)
    };
    let widths = (0..).zip(keys);
    widths
        .filter_map(|(i, key)| Some((*key, width(i)?)))
        .collect()
}

fn window_width() -> f64 {
    let width = window().inner_width().ok();
    width.and_then(|width| width.as_f64()).unwrap_or_default()
}

/// Whether a cell is of a column that shows the beginning of long texts.
fn cuts_off(cell: &web_sys::Element) -> bool {
    cell.class_name()
        .split_whitespace()
        .any(|class| class == "clip")
}
