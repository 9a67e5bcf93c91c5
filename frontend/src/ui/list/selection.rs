//! Which rows are marked: some by themselves, or all that match.

use std::collections::BTreeMap;

use guanxi_domain::{Lang, Page, Search};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::ListState;
use crate::api::{self, ApiError};
use crate::format::integer;
use crate::i18n::{fill, lang, t};
use crate::ui::use_toasts;

/// How many records are asked for at once.
const PAGE: i64 = 200;

#[derive(Clone, Copy)]
pub(super) struct Selection {
    list: ListState,
    /// Ids, and what the records are called.
    marked: RwSignal<BTreeMap<String, String>>,
    /// How many match, when all of them are meant.
    all: RwSignal<Option<i64>>,
}

/// What a record is called among others.
pub(super) fn title(record: &Value) -> String {
    let translated = (lang() == Lang::En).then_some("name_en");
    translated
        .iter()
        .chain(&["name", "subject", "number", "sku"])
        .find_map(|name| record[name].as_str())
        .unwrap_or_default()
        .to_owned()
}

impl Selection {
    pub fn new(list: ListState) -> Self {
        let selection = Self {
            list,
            marked: RwSignal::new(BTreeMap::new()),
            all: RwSignal::new(None),
        };
        // Another filter, another set of records: nobody shall change what is out of sight.
        let meant = Memo::new(move |_| {
            let Search { filter, q, .. } = list.search();
            (filter, q)
        });
        Effect::new(move |before: Option<()>| {
            meant.track();
            if before.is_some() {
                selection.clear();
            }
        });
        selection
    }

    pub fn clear(self) {
        self.all.set(None);
        self.marked.update(BTreeMap::clear);
    }

    pub fn count(self) -> i64 {
        self.all.get().unwrap_or_else(|| {
            self.marked
                .with(|marked| i64::try_from(marked.len()).unwrap_or(i64::MAX))
        })
    }

    pub fn is_empty(self) -> bool {
        self.count() == 0
    }

    pub fn is_all(self) -> bool {
        self.all.get().is_some()
    }

    pub fn has(self, id: &str) -> bool {
        self.is_all() || self.marked.with(|marked| marked.contains_key(id))
    }

    pub fn toggle(self, record: &Value) {
        let Some(id) = record["id"].as_str() else {
            return;
        };
        self.all.set(None);
        self.marked.update(|marked| {
            if marked.remove(id).is_none() {
                marked.insert(id.to_owned(), title(record));
            }
        });
    }

    /// Marks all of a page, or takes all their marks away.
    pub fn set_page<'a>(self, records: impl Iterator<Item = &'a Value>, on: bool) {
        self.all.set(None);
        self.marked.update(|marked| {
            for record in records {
                let Some(id) = record["id"].as_str() else {
                    continue;
                };
                if on {
                    marked.insert(id.to_owned(), title(record));
                } else {
                    marked.remove(id);
                }
            }
        });
    }

    /// The records that were done are no longer marked; those that failed stay.
    pub fn keep(self, failed: BTreeMap<String, String>) {
        self.all.set(None);
        self.marked.set(failed);
    }

    fn meant(self) -> Search {
        untrack(|| self.list.search())
    }

    async fn page(self, search: &Search) -> Result<Page<Value>, ApiError> {
        api::post(format!("/{}/search", self.list.fields().record))
            .body(search)
            .json()
            .await
    }

    async fn how_many(self) -> Result<i64, ApiError> {
        let search = Search {
            limit: Some(1),
            with_total: true,
            ..self.meant()
        };
        self.page(&search)
            .await
            .map(|page| page.total.unwrap_or_default())
    }

    /// The records that are meant, before the first of them is changed; `seen` hears how many are known so far.
    pub async fn records(
        self,
        seen: impl Fn(usize) -> bool,
    ) -> Result<Vec<(String, String)>, ApiError> {
        if self.all.get_untracked().is_none() {
            return Ok(self.marked.get_untracked().into_iter().collect());
        }
        let mut found = Vec::new();
        let mut search = Search {
            limit: Some(PAGE),
            ..self.meant()
        };
        loop {
            let page = self.page(&search).await?;
            found.extend(
                page.items
                    .iter()
                    .filter_map(|record| Some((record["id"].as_str()?.to_owned(), title(record)))),
            );
            if !seen(found.len()) || page.next_cursor.is_none() {
                return Ok(found);
            }
            search.cursor = page.next_cursor;
        }
    }
}

/// How many are marked; offers all that match when the page is marked.
#[component]
pub(super) fn SelectionCount(
    selection: Selection,
    #[prop(into)] page_is_marked: Signal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let text = move || {
        let words = t().list;
        let text = if selection.is_all() {
            words.selected_all
        } else {
            words.selected
        };
        fill(text, &[("n", &integer(selection.count()))])
    };
    let choose_all = move |_| {
        spawn_local(async move {
            match selection.how_many().await {
                Ok(count) => selection.all.set(Some(count)),
                Err(error) => toasts.error(&error),
            }
        });
    };
    view! {
        <span class="font-medium" role="status">
            {text}
        </span>
        <Show when=move || page_is_marked.get() && !selection.is_all()>
            <button class="btn btn-ghost btn-sm px-2 text-primary" on:click=choose_all>
                {move || t().list.select_all}
            </button>
        </Show>
    }
}
