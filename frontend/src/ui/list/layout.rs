//! Which columns a list shows, in which order and how wide.

use std::collections::HashMap;

use guanxi_domain::FieldSet;
use guanxi_domain::view::ViewColumn;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;

use super::Column;
use crate::i18n::t;
use crate::prefs;
use crate::ui::{Glyph, Icon, Menu, MenuItem};

/// No column is narrower or wider, in CSS pixels.
const NARROWEST: i32 = 64;
const WIDEST: i32 = 900;

/// The columns of a list; remembered by the browser per record type.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    record: &'static str,
    /// Every column there is, and the ones that are shown when nobody chooses.
    all: StoredValue<Vec<(&'static str, Signal<String>)>>,
    own: StoredValue<Vec<&'static str>>,
    shown: RwSignal<Vec<&'static str>>,
    widths: RwSignal<HashMap<&'static str, i32>>,
    compact: RwSignal<bool>,
    of_view: StoredValue<bool>,
}

/// Columns, their widths, and whether the rows stand close.
pub(super) type Measures = (Vec<&'static str>, HashMap<&'static str, i32>, bool);

/// What the browser remembers.
#[derive(Default, Serialize, Deserialize)]
struct Remembered {
    columns: Vec<ViewColumn>,
    compact: bool,
}

impl Layout {
    pub fn new<T>(record: &'static str, columns: &[Column<T>]) -> Self {
        let own: Vec<_> = columns
            .iter()
            .filter(|column| !column.extra)
            .map(|column| column.key)
            .collect();
        let layout = Self {
            record,
            all: StoredValue::new(columns.iter().map(|c| (c.key, c.label)).collect()),
            shown: RwSignal::new(own.clone()),
            own: StoredValue::new(own),
            widths: RwSignal::new(HashMap::new()),
            compact: RwSignal::new(false),
            of_view: StoredValue::new(false),
        };
        layout.recall();
        layout
    }

    /// As the browser remembers it.
    pub fn recall(self) {
        let remembered = prefs::read(&format!("layout.{}", self.record))
            .and_then(|text| serde_json::from_str::<Remembered>(&text).ok())
            .unwrap_or_default();
        self.apply(&remembered.columns, remembered.compact);
    }

    /// Columns that the list does not know are left out; when none is left, its own are shown.
    pub fn apply(self, columns: &[ViewColumn], compact: bool) {
        let known = |name: &str| {
            self.all.with_value(|all| {
                let column = all.iter().find(|(key, _)| *key == name);
                column.map(|(key, _)| *key)
            })
        };
        let mut shown = Vec::new();
        let mut widths = HashMap::new();
        for column in columns {
            let Some(key) = known(&column.field) else {
                continue;
            };
            shown.push(key);
            if let Some(width) = column.width {
                widths.insert(key, width.clamp(NARROWEST, WIDEST));
            }
        }
        if shown.is_empty() {
            shown = self.own.get_value();
        }
        self.shown.set(shown);
        self.widths.set(widths);
        self.compact.set(compact);
    }

    fn remember(self) {
        if self.of_view.get_value() {
            return;
        }
        let remembered = Remembered {
            columns: untrack(|| self.columns()),
            compact: self.compact.get_untracked(),
        };
        // Names and numbers always serialise.
        if let Ok(text) = serde_json::to_string(&remembered) {
            prefs::write(&format!("layout.{}", self.record), &text);
        }
    }

    /// The columns with their widths; none while they are the list's own. Reactive.
    pub fn columns(self) -> Vec<ViewColumn> {
        let shown = self.shown.get();
        let widths = self.widths.get();
        if widths.is_empty() && self.own.with_value(|own| *own == shown) {
            return Vec::new();
        }
        shown
            .into_iter()
            .map(|key| ViewColumn {
                field: key.to_owned(),
                width: widths.get(key).copied(),
            })
            .collect()
    }

    /// The columns as a saved view keeps them: fields of the record only. Reactive.
    pub fn savable(self, fields: &FieldSet) -> Vec<ViewColumn> {
        let mut columns = self.columns();
        columns.retain(|column| fields.get(&column.field).is_some());
        columns
    }

    /// Everything that rows and columns take their size from. Reactive.
    pub fn measures(self) -> Measures {
        (self.shown.get(), self.widths.get(), self.compact.get())
    }

    /// Whether the rows stand close. Reactive.
    pub fn is_compact(self) -> bool {
        self.compact.get()
    }

    fn set_compact(self, compact: bool) {
        self.compact.set(compact);
        self.remember();
    }

    /// From now on the columns are those of a saved view, and the browser does not remember them; or no longer.
    pub fn belongs_to_view(self, of_view: bool) {
        self.of_view.set_value(of_view);
    }

    /// The keys of the columns, from left to right. Reactive.
    pub fn shown(self) -> Vec<&'static str> {
        self.shown.get()
    }

    /// How wide a column is, if somebody has said so. Reactive.
    pub fn width(self, key: &'static str) -> Option<i32> {
        self.widths.with(|widths| widths.get(key).copied())
    }

    fn toggle(self, key: &'static str) {
        self.shown
            .update(|shown| match shown.iter().position(|name| *name == key) {
                // One column has to stay.
                Some(at) if shown.len() > 1 => _ = shown.remove(at),
                Some(_) => {}
                None => shown.push(key),
            });
        self.remember();
    }

    /// Puts a column into the place of another.
    fn put(self, key: &'static str, place: usize) {
        self.shown.update(|shown| {
            if let Some(at) = shown.iter().position(|name| *name == key)
                && place < shown.len()
            {
                let key = shown.remove(at);
                shown.insert(place, key);
            }
        });
        self.remember();
    }

    /// `finished` once the hand is off.
    pub fn resize(self, key: &'static str, width: i32, finished: bool) {
        self.widths
            .update(|widths| _ = widths.insert(key, width.clamp(NARROWEST, WIDEST)));
        if finished {
            self.remember();
        }
    }

    fn reset(self) {
        self.apply(&[], false);
        self.remember();
    }
}

/// Chooses and orders the columns, and how close the rows stand.
#[component]
pub(super) fn LayoutMenu(layout: Layout) -> impl IntoView {
    // Which column is being dragged.
    let dragged = RwSignal::new(None::<&'static str>);
    let label_of = move |key: &'static str| {
        layout.all.with_value(|all| {
            let column = all.iter().find(|(name, _)| *name == key);
            column.map_or_else(|| key.to_owned(), |(_, label)| label.get())
        })
    };
    let rows = move || {
        let shown = layout.shown();
        let count = shown.len();
        let hidden: Vec<_> = layout.all.with_value(|all| {
            let keys = all.iter().map(|(key, _)| *key);
            keys.filter(|key| !shown.contains(key)).collect()
        });
        let first = shown
            .into_iter()
            .enumerate()
            .map(|(place, key)| {
                view! {
                    <ShownColumn layout=layout key=key label=label_of(key) place=place count=count dragged=dragged />
                }
            })
            .collect_view();
        let rest = hidden
            .into_iter()
            .map(|key| {
                view! {
                    <label class="menu-row pl-7">
                        <input
                            type="checkbox"
                            class="checkbox checkbox-primary checkbox-xs"
                            on:change=move |_| layout.toggle(key)
                        />
                        <span class="whitespace-nowrap">{label_of(key)}</span>
                    </label>
                }
            })
            .collect_view();
        (first, rest)
    };
    view! {
        <Menu
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Columns /> })
            label=Signal::derive(|| t().common.columns.to_owned())
            button_class="btn btn-ghost btn-square btn-sm"
        >
            <MenuItem
                glyph=Glyph::Comfortable
                label=Signal::derive(|| t().common.density_normal.to_owned())
                checked=Signal::derive(move || !layout.is_compact())
                on_click=move |()| layout.set_compact(false)
            />
            <MenuItem
                glyph=Glyph::Compact
                label=Signal::derive(|| t().common.density_compact.to_owned())
                checked=Signal::derive(move || layout.is_compact())
                on_click=move |()| layout.set_compact(true)
            />
            <MenuItem
                glyph=Glyph::Undo
                label=Signal::derive(|| t().list.columns_reset.to_owned())
                on_click=move |()| layout.reset()
            />
            <div
                class="mt-1 max-h-96 w-72 overflow-y-auto border-t border-base-300 pt-1"
                role="group"
                aria-label=move || t().common.columns
                on:click=|event| event.stop_propagation()
            >
                {rows}
            </div>
        </Menu>
    }
}

/// A column that is shown: dragged to its place, or moved by its buttons.
#[component]
fn ShownColumn(
    layout: Layout,
    key: &'static str,
    label: String,
    place: usize,
    count: usize,
    dragged: RwSignal<Option<&'static str>>,
) -> impl IntoView {
    let step = |glyph: Glyph, text: fn() -> &'static str, to: Option<usize>| {
        let name = format!("{} {label}", text());
        view! {
            <button
                type="button"
                class="btn btn-ghost btn-square btn-xs"
                aria-label=name
                disabled=to.is_none()
                on:click=move |_| {
                    if let Some(to) = to {
                        layout.put(key, to);
                    }
                }
            >
                <Icon glyph=glyph class="size-3.5" />
            </button>
        }
    };
    let up = step(
        Glyph::ChevronUp,
        || t().list.column_left,
        place.checked_sub(1),
    );
    let below = Some(place + 1).filter(|at| *at < count);
    let down = step(Glyph::ChevronDown, || t().list.column_right, below);
    view! {
        <div
            class="flex items-center rounded-field pr-1 hover:bg-base-200"
            class=("opacity-50", move || dragged.get() == Some(key))
            draggable="true"
            on:dragstart=move |_| dragged.set(Some(key))
            on:dragend=move |_| dragged.set(None)
            on:dragover=move |event| event.prevent_default()
            on:drop=move |event| {
                event.prevent_default();
                if let Some(other) = dragged.get_untracked() {
                    layout.put(other, place);
                }
            }
        >
            <span class="cursor-grab pl-1.5 opacity-40" aria-hidden="true">
                "⠿"
            </span>
            <label class="menu-row min-w-0 flex-1 hover:bg-transparent">
                <input
                    type="checkbox"
                    class="checkbox checkbox-primary checkbox-xs"
                    prop:checked=true
                    on:change=move |_| layout.toggle(key)
                />
                <span class="truncate">{label.clone()}</span>
            </label>
            {up}
            {down}
        </div>
    }
}

/// The right edge of a column's head: pulled, or moved by the arrow keys.
#[component]
pub(super) fn WidthHandle(
    layout: Layout,
    key: &'static str,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    // Where the hand took hold, and how wide the column was.
    let hold = RwSignal::new(None::<(i32, i32)>);
    let handle = NodeRef::<leptos::html::Span>::new();
    let width_now = move || {
        let head = handle.get_untracked()?.closest("th").ok().flatten()?;
        Some(head.dyn_into::<web_sys::HtmlElement>().ok()?.offset_width())
    };
    let pull = move |event: &leptos::ev::PointerEvent, finished: bool| {
        if let Some((from, width)) = hold.get_untracked() {
            layout.resize(key, width + event.client_x() - from, finished);
        }
    };
    view! {
        <span
            node_ref=handle
            class="col-handle"
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=move || format!("{} {}", t().list.column_width, label.get())
            aria-valuenow=move || layout.width(key).unwrap_or_default().to_string()
            on:pointerdown=move |event| {
                event.prevent_default();
                if let (Some(width), Some(handle)) = (width_now(), handle.get_untracked()) {
                    // Without capture the column only stops following outside the edge.
                    let _ = handle.set_pointer_capture(event.pointer_id());
                    hold.set(Some((event.client_x(), width)));
                }
            }
            on:pointermove=move |event| pull(&event, false)
            on:pointerup=move |event| {
                pull(&event, true);
                hold.set(None);
            }
            on:keydown=move |event| {
                let step = match event.key().as_str() {
                    "ArrowLeft" => -16,
                    "ArrowRight" => 16,
                    _ => return,
                };
                event.prevent_default();
                if let Some(width) = width_now() {
                    layout.resize(key, width + step, true);
                }
            }
        ></span>
    }
}
