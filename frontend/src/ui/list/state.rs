use std::collections::HashMap;
use std::sync::Arc;

use guanxi_domain::{FieldError, FieldSet, Search};
use leptos::prelude::*;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::feed::{Feed, Part};
use super::tree;
use crate::clusters::{CurrentClusters, use_current_clusters};
use crate::live::use_live;
use crate::names::{Names, use_names};
use crate::nav::{UrlQuery, use_url};
use crate::session::{Session, use_session};
use crate::ui::Options;
use crate::{api, custom, format};

/// How a whole number is read.
type Format = fn(i64) -> String;

/// What a page says of fields that their kind does not.
struct Wording {
    clusters: CurrentClusters,
    options: HashMap<&'static str, Options>,
    formats: HashMap<&'static str, Format>,
}

/// A record of a list: as its type, and as the answer wrote it, for what works on fields by name.
#[derive(Clone)]
pub struct Row<T> {
    pub record: T,
    pub(super) json: Arc<Value>,
    /// Tells it from the other rows of its list.
    pub(super) key: String,
}

/// A record goes by its id, a row of an analysis by the customer that it is about, or by its number.
fn key_of(json: &Value) -> String {
    let text = ["id", "customer_id"]
        .iter()
        .find_map(|name| json[*name].as_str());
    text.map_or_else(|| json["number"].to_string(), str::to_owned)
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        let record = T::deserialize(&json).map_err(D::Error::custom)?;
        Ok(Self {
            record,
            key: key_of(&json),
            json: Arc::new(json),
        })
    }
}

/// What a list shows, as far as the type of its records does not matter. The filter, search, sort and page stand in the address.
#[derive(Clone, Copy)]
pub struct ListState {
    fields: &'static FieldSet,
    url: UrlQuery,
    session: Session,
    /// Takes a filter tree; others have typed parameters only.
    takes_trees: bool,
    /// Not a list, but a rule that is the same for everybody.
    rule: bool,
    /// The typed parameters, which older links have.
    parameters: StoredValue<Vec<String>>,
    /// Conditions that always hold (of one customer, in a tab).
    fixed: StoredValue<Vec<Value>>,
    tree: Memo<Value>,
    names: Names,
    wording: StoredValue<Wording>,
    /// What the server finds wrong with the filter.
    errors: RwSignal<Vec<FieldError>>,
}

/// A list and its rows.
pub struct List<T: Send + Sync + 'static> {
    state: ListState,
    feed: Feed<T>,
}

impl<T: Send + Sync + 'static> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for List<T> {}

/// The list at `path`, filtered by typed parameters.
pub fn use_list<T>(path: impl Into<String>, fields: &'static FieldSet) -> List<T>
where
    T: Clone + Send + Sync + DeserializeOwned + 'static,
{
    let path = path.into();
    let state = ListState::new(fields, false, Vec::new());
    let question = Memo::new(move |_| {
        let mut pairs = tree::to_parameters(&tree::conjuncts(&state.tree()));
        pairs.extend(state.url.pairs(&["q", "sort"].map(str::to_owned)));
        pairs
    });
    let of = path.clone();
    let call = move |pairs: &Vec<(String, String)>, part: &Part| {
        let mut call = api::get(path.clone())
            .pairs(pairs.clone())
            .query("limit", part.limit);
        if let Some(cursor) = &part.cursor {
            call = call.query("cursor", cursor);
        }
        if part.with_total {
            call = call.query("with_total", true);
        }
        call
    };
    let feed = Feed::new(question, call, move || {
        format!("{of} {}", state.url.address())
    });
    List::new(state, feed)
}

/// The records of a type that has a search by filter tree; `fixed` conditions always hold.
pub fn use_records<T>(fields: &'static FieldSet, fixed: Vec<Value>) -> List<T>
where
    T: Clone + Send + Sync + DeserializeOwned + 'static,
{
    let state = ListState::new(fields, true, fixed);
    let question = Memo::new(move |_| state.search());
    let call = move |search: &Search, part: &Part| {
        let search = Search {
            limit: Some(part.limit),
            cursor: part.cursor.clone(),
            with_total: part.with_total,
            ..search.clone()
        };
        api::post(format!("/{}/search", fields.record)).body(&search)
    };
    let address = move || format!("{} {}", fields.record, state.url.address());
    let feed = Feed::new(question, call, address);
    Effect::new(move |_| {
        let errors = feed.with(|known| {
            let error = known.error.as_ref();
            error.map(|error| error.field_errors().to_vec())
        });
        state.errors.set(errors.unwrap_or_default());
    });
    List::new(state, feed)
}

/// The filter of a page that lists no records itself: the tree in the address, for a [`super::FilterBar`].
pub fn use_filter(fields: &'static FieldSet) -> ListState {
    ListState::new(fields, true, Vec::new())
}

impl ListState {
    fn new(fields: &'static FieldSet, takes_trees: bool, fixed: Vec<Value>) -> Self {
        let fields = untrack(|| custom::fields(fields));
        let url = use_url();
        let mut parameters = Vec::new();
        for field in fields.fields.iter().filter(|field| field.filterable) {
            if field.kind.is_range() {
                parameters.push(format!("{}_min", field.name));
                parameters.push(format!("{}_max", field.name));
            }
            parameters.push(field.name.to_owned());
        }
        let parameters = StoredValue::new(parameters);
        let tree = Memo::new(move |_| {
            let written = url
                .get("filter")
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or(Value::Null);
            let mut parts = tree::conjuncts(&written);
            let typed = parameters.with_value(|names| url.pairs(names));
            parts.extend(
                typed
                    .iter()
                    .filter_map(|(name, value)| tree::of_parameter(fields, name, value)),
            );
            tree::of_conjuncts(parts)
        });
        Self {
            fields,
            url,
            session: use_session(),
            takes_trees,
            rule: false,
            parameters,
            fixed: StoredValue::new(fixed),
            tree,
            names: use_names(),
            wording: StoredValue::new(Wording {
                clusters: use_current_clusters(),
                options: HashMap::new(),
                formats: HashMap::new(),
            }),
            errors: RwSignal::new(Vec::new()),
        }
    }

    /// What a rule over these fields is written and read with.
    pub fn of_rule(fields: &'static FieldSet) -> Self {
        Self {
            rule: true,
            ..Self::new(fields, true, Vec::new())
        }
    }

    pub fn is_rule(self) -> bool {
        self.rule
    }

    pub fn fields(self) -> &'static FieldSet {
        self.fields
    }

    pub fn url(self) -> UrlQuery {
        self.url
    }

    pub fn clusters(self) -> CurrentClusters {
        self.wording.with_value(|all| all.clusters)
    }

    pub fn session(self) -> Session {
        self.session
    }

    pub fn takes_trees(self) -> bool {
        self.takes_trees
    }

    /// The filter of the address; null when there is none. Reactive.
    pub fn tree(self) -> Value {
        self.tree.get()
    }

    pub fn tree_untracked(self) -> Value {
        self.tree.get_untracked()
    }

    /// Filters by this tree, as a new step of the history.
    pub fn set_tree(self, tree: &Value) {
        let (text, typed) = if self.takes_trees {
            (self.filter_text(tree), Vec::new())
        } else {
            (None, tree::to_parameters(&tree::conjuncts(tree)))
        };
        let mut changes = vec![("filter", text)];
        for (name, value) in &typed {
            changes.push((name, Some(value.clone())));
        }
        self.go(&changes, false);
    }

    /// A filter in the address. Where a view is open that there is none is written too: nothing would mean the view's own.
    fn filter_text(self, tree: &Value) -> Option<String> {
        let of_view = self.url.get_untracked("view").is_some();
        (of_view || !tree.is_null()).then(|| tree.to_string())
    }

    /// Changes the address, without the typed parameters of older links.
    pub fn go(self, changes: &[(&str, Option<String>)], replace: bool) {
        self.parameters.with_value(|names| {
            let mut all: Vec<(&str, Option<String>)> =
                names.iter().map(|name| (name.as_str(), None)).collect();
            all.extend(changes.iter().cloned());
            if replace {
                self.url.replace(&all);
            } else {
                self.url.set(&all);
            }
        });
    }

    /// Which records are meant, without page: for the list itself, for actions on all of them, for exports. Reactive.
    pub fn search(self) -> Search {
        let tree = self.tree();
        // The visitor's tree comes first, so that the server's errors point into it.
        let filter = self.fixed.with_value(|fixed| match (fixed.len(), &tree) {
            (0, Value::Null) => None,
            (0, _) => Some(tree.clone()),
            (_, Value::Null) => Some(json!({ "and": fixed })),
            _ => {
                let mut parts = vec![tree.clone()];
                parts.extend(fixed.iter().cloned());
                Some(json!({ "and": parts }))
            }
        });
        Search {
            filter,
            q: self.url.get("q"),
            sort: self.url.get("sort"),
            ..Search::default()
        }
    }

    pub fn has_fixed(self) -> bool {
        !self.fixed.with_value(Vec::is_empty)
    }

    /// Where in the body of a search the visitor's tree stands.
    pub fn pointer(self) -> &'static str {
        if self.has_fixed() {
            "/filter/and/0"
        } else {
            "/filter"
        }
    }

    /// What the server finds wrong with the filter that is on.
    pub fn errors(self) -> Vec<FieldError> {
        self.errors.get_untracked()
    }

    /// Whether a condition of this field always holds.
    pub fn is_fixed(self, field: &str) -> bool {
        self.fixed
            .with_value(|fixed| fixed.iter().any(|node| tree::field_of(node) == Some(field)))
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

    /// Whether a search or filter is on. Reactive.
    pub fn is_filtered(self) -> bool {
        !self.tree().is_null() || self.url.get("q").is_some()
    }

    /// Takes away search and filter.
    pub fn clear_filters(self) {
        let none = if self.takes_trees {
            self.filter_text(&Value::Null)
        } else {
            None
        };
        self.go(&[("filter", none), ("q", None)], false);
    }

    /// What the record of this type and id is called; asked for once. Reactive.
    pub fn name_of(self, record: &'static str, id: &str) -> String {
        self.names.of(record, id)
    }

    /// Words that a field of free text has in fact, and their labels.
    pub fn set_options(self, field: &'static str, options: Options) {
        self.wording
            .update_value(|all| _ = all.options.insert(field, options));
    }

    /// How a whole number is read in which a field holds parts of something: shares, ratios.
    pub fn set_format(self, field: &'static str, read: Format) {
        self.wording
            .update_value(|all| _ = all.formats.insert(field, read));
    }

    /// A whole number of a field as people read it. Reactive.
    pub fn number(self, field: &str, number: i64) -> String {
        let read = self
            .wording
            .with_value(|all| all.formats.get(field).copied());
        read.map_or_else(|| format::integer(number), |read| read(number))
    }

    pub fn options(self, field: &str) -> Option<Options> {
        self.wording
            .with_value(|all| all.options.get(field).copied())
    }
}

impl<T: Clone + Send + Sync + DeserializeOwned + 'static> List<T> {
    fn new(state: ListState, feed: Feed<T>) -> Self {
        use_live().refresh(state.fields.record, move || feed.reload());
        Self { state, feed }
    }

    pub fn state(self) -> ListState {
        self.state
    }

    pub(super) fn feed(self) -> Feed<T> {
        self.feed
    }

    /// Whether such a record is among those that are there.
    pub fn any(self, is: impl Fn(&T) -> bool) -> bool {
        self.feed
            .with_untracked(|known| known.rows.iter().any(|row| is(&row.record)))
    }

    /// Asks again (after a change).
    pub fn reload(self) {
        self.feed.reload();
    }
}
