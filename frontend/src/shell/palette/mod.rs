//! The command palette: records, pages and actions from one box, by keyboard.

mod items;
mod recent;

use std::time::Duration;

use guanxi_domain::search::{SearchAnswer, SearchHit};
use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::i18n::{fill, t};
use crate::nav::{Nav, use_nav};
use crate::prefs::{Prefs, choose_lang, use_prefs};
use crate::session::{Session, use_session};
use crate::ui::{Glyph, Icon};
use items::{Act, Group, Item, Opened};
pub use recent::forget as forget_recent;

/// How long somebody may think between two letters.
const PAUSE: Duration = Duration::from_millis(120);
const LIMIT: usize = 12;

/// What the server said last.
#[derive(Clone, Default)]
struct Found {
    /// To which text.
    text: String,
    hits: Vec<SearchHit>,
    error: Option<ApiError>,
}

/// The palette; open by the box in the top bar, or by Ctrl or ⌘ and K.
#[derive(Clone, Copy)]
pub struct Palette {
    open: RwSignal<bool>,
    text: RwSignal<String>,
    found: RwSignal<Found>,
    items: Memo<Vec<Item>>,
    marked: RwSignal<usize>,
    /// Enter came before the answer: the first item of the answer is meant.
    hasty: StoredValue<bool>,
    newest: StoredValue<u32>,
    waiting: StoredValue<Option<TimeoutHandle>>,
    session: Session,
    nav: Nav,
    prefs: Prefs,
}

impl Palette {
    /// Makes it, and listens to its key.
    pub fn provide() -> Self {
        let session = use_session();
        let (text, found) = (
            RwSignal::new(String::new()),
            RwSignal::new(Found::default()),
        );
        let open = RwSignal::new(false);
        let items = Memo::new(move |_| {
            if open.get() {
                text.with(|text| listed(session, text.trim(), found))
            } else {
                Vec::new()
            }
        });
        let palette = Self {
            open,
            text,
            found,
            items,
            marked: RwSignal::new(0),
            hasty: StoredValue::new(false),
            newest: StoredValue::new(0),
            waiting: StoredValue::new(None),
            session,
            nav: use_nav(),
            prefs: use_prefs(),
        };
        let keys = window_event_listener(leptos::ev::keydown, move |event| {
            let wanted = (event.ctrl_key() || event.meta_key())
                && !event.alt_key()
                && !event.shift_key()
                && event.key().eq_ignore_ascii_case("k");
            if wanted && session.me().is_some() {
                event.prevent_default();
                palette.open.update(|open| *open = !*open);
            }
        });
        on_cleanup(move || {
            keys.remove();
            palette.stop_waiting();
        });
        palette
    }

    pub fn show(self) {
        self.open.set(true);
    }

    fn begin(self) {
        self.text.set(String::new());
        self.found.set(Found::default());
        self.marked.set(0);
        self.hasty.set_value(false);
        // What is still under way is no answer any more.
        self.newest.update_value(|n| *n += 1);
    }

    fn stop_waiting(self) {
        if let Some(handle) = self.waiting.try_get_value().flatten() {
            handle.clear();
        }
    }

    fn typed(self, typed: String) {
        self.text.set(typed);
        self.marked.set(0);
        self.hasty.set_value(false);
        self.stop_waiting();
        if self.text.with_untracked(|text| text.trim().is_empty()) {
            self.newest.update_value(|n| *n += 1);
            self.found.set(Found::default());
        } else {
            self.waiting
                .set_value(set_timeout_with_handle(move || self.search(), PAUSE).ok());
        }
    }

    fn search(self) {
        self.newest.update_value(|n| *n += 1);
        let mine = self.newest.get_value();
        let text = self.text.with_untracked(|text| text.trim().to_owned());
        spawn_local(async move {
            let call = api::get("/search").query("q", &text).query("limit", LIMIT);
            let answer = call.json::<SearchAnswer>().await;
            if self.newest.try_get_value() != Some(mine) {
                return;
            }
            let (hits, error) = match answer {
                Ok(answer) => (answer.items, None),
                Err(error) => (Vec::new(), Some(error)),
            };
            self.found.set(Found { text, hits, error });
            if self.hasty.get_value() {
                self.choose_marked();
            }
        });
    }

    /// Whether the server has not answered yet to what stands in the box. Reactive.
    fn pending(self) -> bool {
        let text = self.text.with(|text| text.trim().to_owned());
        !text.is_empty() && self.found.with(|found| found.text != text)
    }

    fn choose_marked(self) {
        let at = self.marked.get_untracked();
        if let Some(item) = self.items.with_untracked(|items| items.get(at).cloned()) {
            self.choose(&item);
        }
    }

    fn choose(self, item: &Item) {
        self.open.set(false);
        let user = self.session.me().map(|me| me.user.id.to_string());
        if let (Some(user), Some(opened)) = (user, Opened::of(item)) {
            recent::add(&user, opened);
        }
        match &item.act {
            Act::Open(address) => self.nav.to(address),
            Act::Speak(lang) => choose_lang(*lang),
            Act::Paint(theme) => self.prefs.set_theme(*theme),
            Act::LogOut => log_out(self.session),
        }
    }

    fn mark(self, index: usize) {
        self.marked.set(index);
        if let Some(row) = document().get_element_by_id(&row_id(index)) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    fn on_key(self, event: &leptos::ev::KeyboardEvent) {
        // Enter ends the spelling of an ideograph, it chooses nothing.
        if event.is_composing() {
            return;
        }
        let last = self
            .items
            .with_untracked(|items| items.len().saturating_sub(1));
        let at = self.marked.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => self.mark(if at >= last { 0 } else { at + 1 }),
            "ArrowUp" => self.mark(if at == 0 { last } else { at - 1 }),
            "Escape" => self.open.set(false),
            "PageDown" => self.mark((at + 8).min(last)),
            "PageUp" => self.mark(at.saturating_sub(8)),
            "Enter" if at == 0 && untrack(move || self.pending()) => self.hasty.set_value(true),
            "Enter" => self.choose_marked(),
            _ => return,
        }
        event.prevent_default();
    }
}

/// Ends the log-in, and forgets what was opened: others may use the browser next.
pub fn log_out(session: Session) {
    if let Some(me) = untrack(move || session.me()) {
        forget_recent(me.user.id.as_str());
    }
    session.log_out();
}

/// What the palette shows for a text.
fn listed(session: Session, text: &str, found: RwSignal<Found>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    if text.is_empty() {
        let user = session.me().map(|me| me.user.id.to_string());
        let opened = user.map(|user| recent::all(&user)).unwrap_or_default();
        items.extend(opened.iter().filter_map(|opened| opened.item(session)));
    } else {
        // Each type stands together, where its best would stand.
        let hits: Vec<Item> = found.with(|found| found.hits.iter().map(items::record).collect());
        for hit in hits {
            let place = items.iter().rposition(|item| item.group == hit.group);
            items.insert(place.map_or(items.len(), |place| place + 1), hit);
        }
    }
    items.extend(items::commands(session, text));
    items
}

fn row_id(index: usize) -> String {
    format!("palette-row-{index}")
}

/// The dialog itself; once in the frame.
#[component]
pub fn PaletteDialog(palette: Palette) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        if palette.open.get() && !dialog.open() {
            palette.begin();
            // Only fails for an element outside the document.
            let _ = dialog.show_modal();
            if let Some(input) = input.get_untracked() {
                let _ = input.focus();
            }
        } else if !palette.open.get() && dialog.open() {
            dialog.close();
        }
    });
    let current = move || {
        let some = palette.items.with(|items| !items.is_empty());
        some.then(|| row_id(palette.marked.get()))
    };
    let said = move || {
        let count = palette.items.with(Vec::len).to_string();
        if palette.pending() {
            t().palette.searching.to_owned()
        } else {
            fill(t().palette.count, &[("n", &count)])
        }
    };
    view! {
        <dialog
            node_ref=element
            class="sheet palette"
            aria-label=move || t().palette.title
            // Comes late: the palette may be open again.
            on:close=move |_| {
                if element.get_untracked().is_some_and(|dialog| !dialog.open()) {
                    palette.open.set(false);
                }
            }
            // The backdrop belongs to the dialog, what lies in it to the box.
            on:click=move |_| palette.open.set(false)
        >
            <div class="flex min-h-0 flex-1 flex-col" on:click=|event| event.stop_propagation()>
                <label class="flex items-center gap-3 border-b border-base-300 px-4">
                    <Icon glyph=Glyph::Search class="size-[1.125rem] opacity-60" />
                    <input
                        node_ref=input
                        type="text"
                        class="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
                        role="combobox"
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="100"
                        aria-label=move || t().palette.open
                        aria-expanded="true"
                        aria-autocomplete="list"
                        aria-controls="palette-list"
                        aria-activedescendant=current
                        placeholder=move || t().palette.hint
                        prop:value=move || palette.text.get()
                        on:input:target=move |event| palette.typed(event.target().value())
                        on:keydown=move |event| palette.on_key(&event)
                    />
                    <button
                        type="button"
                        class="btn btn-ghost btn-square btn-sm -mr-2"
                        aria-label=move || t().common.close
                        on:click=move |_| palette.open.set(false)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </label>
                <p role="status" class="sr-only">{said}</p>
                <div
                    id="palette-list"
                    class="min-h-0 flex-1 overflow-y-auto p-1.5"
                    class:opacity-60=move || palette.pending()
                    role="listbox"
                    aria-label=move || t().palette.results
                >
                    {move || groups(palette)}
                </div>
                {move || remark(palette)}
                <p class="muted hidden gap-4 border-t border-base-300 px-4 py-2 text-xs sm:flex" aria-hidden="true">
                    <span><kbd class="kbd kbd-xs">"↑"</kbd> " " <kbd class="kbd kbd-xs">"↓"</kbd> " " {move || t().palette.key_move}</span>
                    <span><kbd class="kbd kbd-xs">"Enter"</kbd> " " {move || t().palette.key_open}</span>
                    <span><kbd class="kbd kbd-xs">"Esc"</kbd> " " {move || t().palette.key_close}</span>
                </p>
            </div>
        </dialog>
    }
}

/// That nothing was found, or what went wrong. Reactive.
fn remark(palette: Palette) -> Option<AnyView> {
    if let Some(error) = palette.found.with(|found| found.error.clone()) {
        return Some(
            view! { <p class="px-4 pb-4 text-error" role="alert">{error.message()}</p> }.into_any(),
        );
    }
    let text = palette.text.with(|text| text.trim().to_owned());
    let nothing = palette.items.with(Vec::is_empty) && !text.is_empty() && !palette.pending();
    nothing.then(|| {
        view! {
            <div class="px-4 pt-3 pb-6 text-center">
                <p class="font-medium">{fill(t().palette.nothing, &[("text", &text)])}</p>
                <p class="muted mt-1 text-xs">{t().palette.nothing_hint}</p>
            </div>
        }
        .into_any()
    })
}

/// The items under their headings. Reactive.
fn groups(palette: Palette) -> Vec<AnyView> {
    let items = palette.items.get();
    let mut groups: Vec<(Group, Vec<(usize, Item)>)> = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        match groups.last_mut() {
            Some((group, of_group)) if *group == item.group => of_group.push((index, item)),
            _ => groups.push((item.group, vec![(index, item)])),
        }
    }
    groups
        .into_iter()
        .map(|(group, items)| {
            let rows = items
                .into_iter()
                .map(|(index, item)| row(palette, index, item))
                .collect_view();
            view! {
                <div role="group" aria-label=group.label()>
                    <p class="muted px-2.5 pt-2 pb-1 text-xs" aria-hidden="true">{group.label()}</p>
                    {rows}
                </div>
            }
            .into_any()
        })
        .collect()
}

fn row(palette: Palette, index: usize, item: Item) -> impl IntoView {
    let (title, detail, glyph) = (item.title.clone(), item.detail.clone(), item.glyph);
    view! {
        <div
            id=row_id(index)
            role="option"
            class="menu-row"
            aria-selected=move || (palette.marked.get() == index).to_string()
            on:mousemove=move |_| {
                if palette.marked.get_untracked() != index {
                    palette.marked.set(index);
                }
            }
            // The box keeps the focus.
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| palette.choose(&item)
        >
            <Icon glyph=glyph class="size-4 shrink-0 opacity-70" />
            <span class="min-w-0 shrink truncate">{title}</span>
            <span class="muted ml-auto min-w-0 shrink-[2] truncate pl-3 text-xs">{detail}</span>
        </div>
    }
}

/// The box in the top bar that opens the palette.
#[component]
pub fn PaletteBox(palette: Palette) -> impl IntoView {
    view! {
        <button
            type="button"
            class="flex h-8 min-w-0 flex-1 cursor-text items-center gap-2 rounded-field bg-base-200 px-3 text-left hover:bg-base-300/60 sm:max-w-sm"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            on:click=move |_| palette.show()
        >
            <Icon glyph=Glyph::Search class="size-3.5 opacity-60" />
            <span class="muted min-w-0 flex-1 truncate">{move || t().palette.open}</span>
            <kbd class="kbd kbd-xs hidden sm:inline-flex" aria-hidden="true">{shortcut()}</kbd>
        </button>
    }
}

/// The key as this system names it.
fn shortcut() -> &'static str {
    let apple = window()
        .navigator()
        .user_agent()
        .is_ok_and(|agent| agent.contains("Mac OS") || agent.contains("iPhone"));
    if apple { "⌘ K" } else { "Ctrl K" }
}
