use guanxi_domain::{FieldSet, Page};
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::api;
use crate::live::use_live;
use crate::load::Loader;
use crate::nav::{UrlQuery, use_url};

/// A list of the API whose filters, sort and page stand in the address.
pub struct List<T: Send + Sync + 'static> {
    fields: &'static FieldSet,
    rows: Loader<Page<T>>,
    url: UrlQuery,
    names: StoredValue<Vec<String>>,
}

impl<T: Send + Sync + 'static> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for List<T> {}

/// The list at `path`, as the address of the page says; `fixed` parameters always hold (`customer_id` in a tab).
pub fn use_list<T>(
    path: impl Into<String>,
    fields: &'static FieldSet,
    fixed: Vec<(String, String)>,
) -> List<T>
where
    T: Clone + Send + Sync + DeserializeOwned + 'static,
{
    let path = path.into();
    let url = use_url();
    // Only what the list understands is passed on: it refuses unknown parameters.
    let mut names: Vec<String> = ["q", "sort", "cursor", "limit", "with_total"]
        .map(str::to_owned)
        .to_vec();
    for field in fields.fields.iter().filter(|field| field.filterable) {
        if field.kind.is_range() {
            names.push(format!("{}_min", field.name));
            names.push(format!("{}_max", field.name));
        }
        names.push(field.name.to_owned());
    }
    names.retain(|name| !fixed.iter().any(|(fixed, _)| fixed == name));
    let names = StoredValue::new(names);
    // A memo: a parameter that the list does not know (the tab) does not fetch it again.
    let query = Memo::new(move |_| names.with_value(|names| url.pairs(names)));
    let rows = Loader::new(move || {
        let call = api::get(path.clone())
            .pairs(query.get())
            .pairs(fixed.clone());
        async move { call.json().await }
    });
    use_live().refresh(fields.record, move || rows.reload());
    List {
        fields,
        rows,
        url,
        names,
    }
}

impl<T: Clone + Send + Sync + 'static> List<T> {
    pub fn fields(self) -> &'static FieldSet {
        self.fields
    }

    pub fn rows(self) -> Loader<Page<T>> {
        self.rows
    }

    pub fn url(self) -> UrlQuery {
        self.url
    }

    /// Asks again (after a change).
    pub fn reload(self) {
        self.rows.reload();
    }

    /// The first sort key: name and whether it descends. Reactive.
    pub fn sort(self) -> (String, bool) {
        let sort = self
            .url
            .get("sort")
            .unwrap_or_else(|| self.fields.default_sort.to_owned());
        let first = sort.split(',').next().unwrap_or_default();
        first
            .strip_prefix('-')
            .map_or_else(|| (first.to_owned(), false), |name| (name.to_owned(), true))
    }

    /// Sorts by this field; once more turns the direction.
    pub fn sort_by(self, name: &str) {
        let (now, descending) = self.sort();
        let next = if now == name && !descending {
            format!("-{name}")
        } else {
            name.to_owned()
        };
        self.url.set(&[("sort", Some(next))]);
    }

    pub fn open_page(self, cursor: Option<String>) {
        self.url.set(&[("cursor", cursor)]);
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }

    /// Whether a search or filter is on. Reactive.
    pub fn is_filtered(self) -> bool {
        self.names.with_value(|names| {
            names.iter().any(|name| {
                !matches!(name.as_str(), "sort" | "cursor" | "limit" | "with_total")
                    && self.url.get(name).is_some()
            })
        })
    }

    /// Takes away search and filters.
    pub fn clear_filters(self) {
        let names = self.names.get_value();
        let changes: Vec<_> = names
            .iter()
            .filter(|name| !matches!(name.as_str(), "sort" | "limit" | "with_total"))
            .map(|name| (name.as_str(), None))
            .collect();
        self.url.set(&changes);
    }
}
