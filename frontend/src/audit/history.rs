//! The history of one record: a button on its page, and what it opens.

use guanxi_domain::Page;
use guanxi_domain::audit::HistoryEntry;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::actions::{action_name, tone};
use super::changes::Changes;
use super::label;
use crate::api::{self, ApiError};
use crate::format;
use crate::i18n::{fill, t};
use crate::names::{Names, use_names};
use crate::ui::{Badge, Dialog, EmptyState, ErrorState, Glyph, Icon, Skeleton};

/// Entries that are fetched at a time.
const PAGE: usize = 20;

/// Opens the history of a record. Whoever may read the record may read it.
#[component]
pub fn HistoryButton(
    /// The plural name of the record's type, as in the API's paths.
    record: &'static str,
    #[prop(into)] id: String,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button
            type="button"
            class="btn-quiet"
            data-testid="history"
            aria-haspopup="dialog"
            on:click=move |_| open.set(true)
        >
            <Icon glyph=Glyph::Clock />
            {move || t().admin.history}
        </button>
        <HistoryDialog open=open record=record id=Signal::stored(id) />
    }
}

/// The history of a record, opened by something else.
#[component]
pub fn HistoryDialog(
    open: RwSignal<bool>,
    record: &'static str,
    #[prop(into)] id: Signal<String>,
) -> impl IntoView {
    view! {
        <Dialog open=open title=label(|a| a.history) width="max-w-3xl">
            <History record=record id=id.get_untracked() />
        </Dialog>
    }
}

/// What has been fetched so far.
#[derive(Clone, Copy)]
struct Fetched {
    entries: RwSignal<Vec<HistoryEntry>>,
    next: RwSignal<Option<String>>,
    error: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
}

impl Fetched {
    fn more(self, path: String) {
        self.busy.set(true);
        spawn_local(async move {
            let mut call = api::get(path).query("limit", PAGE);
            if let Some(cursor) = self.next.get_untracked() {
                call = call.query("cursor", cursor);
            }
            let answer = call.json::<Page<HistoryEntry>>().await;
            // The dialog may be closed by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => {
                    self.error.set(None);
                    self.next.set(page.next_cursor);
                    self.entries.update(|all| all.extend(page.items));
                }
                Err(error) => self.error.set(Some(error)),
            }
        });
    }
}

#[component]
fn History(record: &'static str, id: String) -> impl IntoView {
    let path = StoredValue::new(format!("/{record}/{id}/history"));
    let fetched = Fetched {
        entries: RwSignal::new(Vec::new()),
        next: RwSignal::new(None),
        error: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    let names = use_names();
    let more = move || fetched.more(path.get_value());
    more();
    let empty = move || fetched.entries.with(Vec::is_empty);
    view! {
        <ol class="space-y-4" data-testid="history-entries">
            <For each=move || fetched.entries.get() key=|e| e.id let:entry>
                <Entry record=record entry=entry names=names />
            </For>
        </ol>
        {move || {
            fetched.error.get().map(|error| {
                view! { <ErrorState error=error retry=Callback::new(move |()| more()) /> }
            })
        }}
        <Show when=move || fetched.busy.get() && empty()>
            <Skeleton />
        </Show>
        <Show when=move || !fetched.busy.get() && empty() && fetched.error.with(Option::is_none)>
            <EmptyState glyph=Glyph::Clock title=label(|a| a.audit_empty) />
        </Show>
        <Show when=move || fetched.next.with(Option::is_some)>
            <div class="mt-4 flex justify-center">
                <button
                    type="button"
                    class="btn-quiet"
                    disabled=move || fetched.busy.get()
                    on:click=move |_| more()
                >
                    {move || t().admin.history_more}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Entry(record: &'static str, entry: HistoryEntry, names: Names) -> impl IntoView {
    let HistoryEntry {
        at,
        user_id,
        user_name,
        key_name,
        action,
        changes,
        ..
    } = entry;
    let tone = tone(&action);
    let by_system = user_id.is_none();
    let who = move || by_whom(by_system, &user_name, key_name.as_deref());
    view! {
        <li>
            <div class="mb-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-[0.8125rem]">
                <Badge tone=tone text=Signal::derive(move || action_name(&action)) />
                <span class="font-medium">{who}</span>
                <span class="num muted">{move || format::time(at)}</span>
            </div>
            <Changes names=names record_type=record.replace('-', "_") changes=changes />
        </li>
    }
}

/// Who did something, and by which API key. Reactive.
pub fn by_whom(by_system: bool, name: &str, key: Option<&str>) -> String {
    match key {
        Some(key) => fill(t().admin.by_key, &[("name", name), ("key", key)]),
        None if by_system && (name.is_empty() || name == "system") => t().admin.system.to_owned(),
        None => name.to_owned(),
    }
}
