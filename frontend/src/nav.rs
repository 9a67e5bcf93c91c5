//! Going to another address, and the query string of this one.

use std::cell::Cell;

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::params::ParamsMap;
use leptos_router::{NavigateOptions, hooks::use_location};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

type Navigate = Box<dyn Fn(&str, NavigateOptions)>;

/// Goes to addresses; copied into handlers.
#[derive(Clone, Copy)]
pub struct Nav(StoredValue<Navigate, LocalStorage>);

impl Nav {
    /// Puts it into the context; inside the router.
    pub fn provide() {
        let navigate = use_navigate();
        provide_context(Self(StoredValue::new_local(Box::new(
            move |to: &str, options| navigate(to, options),
        ))));
    }

    /// Opens an address of the app as a new step of the history.
    pub fn to(self, address: &str) {
        self.0
            .with_value(|navigate| navigate(address, NavigateOptions::default()));
    }

    /// Opens an address in the place of the present one.
    pub fn replace(self, address: &str) {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        self.0.with_value(|navigate| navigate(address, options));
    }

    /// As `to`, without moving the page to its top.
    pub fn to_quietly(self, address: &str) {
        let options = NavigateOptions {
            scroll: false,
            ..NavigateOptions::default()
        };
        self.0.with_value(|navigate| navigate(address, options));
    }
}

pub fn use_nav() -> Nav {
    expect_context()
}

thread_local! {
    /// The page was reached by "back" or "forward".
    static BACK: Cell<bool> = const { Cell::new(false) };
}

/// Notices "back" and "forward". Before the router, which opens the page at once.
pub fn watch_history() {
    // A click or Enter leads somewhere new.
    window_event_listener(leptos::ev::popstate, |_| BACK.set(true));
    let document = document();
    for event in ["click", "keydown"] {
        let forget = Closure::<dyn Fn()>::new(|| BACK.set(false));
        // Only fails for a document that is gone.
        let _ = document.add_event_listener_with_callback_and_bool(
            event,
            forget.as_ref().unchecked_ref(),
            true,
        );
        forget.forget();
    }
}

/// Whether somebody came to this page by "back" or "forward".
pub fn came_back() -> bool {
    BACK.get()
}

/// The query string of the address: where views keep filters, sort, page and tab.
#[derive(Clone, Copy)]
pub struct UrlQuery {
    map: Memo<ParamsMap>,
    path: Memo<String>,
    nav: Nav,
}

/// The query string of the page that is open.
pub fn use_url() -> UrlQuery {
    UrlQuery {
        map: use_query_map(),
        path: use_location().pathname,
        nav: use_nav(),
    }
}

impl UrlQuery {
    /// A parameter; empty counts as absent. Reactive.
    pub fn get(self, name: &str) -> Option<String> {
        self.map
            .with(|map| map.get(name))
            .filter(|value| !value.is_empty())
    }

    pub fn get_untracked(self, name: &str) -> Option<String> {
        self.map
            .with_untracked(|map| map.get(name))
            .filter(|value| !value.is_empty())
    }

    /// Those of the parameters that are set. Reactive.
    pub fn pairs(self, names: &[String]) -> Vec<(String, String)> {
        names
            .iter()
            .filter_map(|name| self.get(name).map(|value| (name.clone(), value)))
            .collect()
    }

    /// Changes parameters as a new step of the history, so that "back" undoes it. The page starts over.
    pub fn set(self, changes: &[(&str, Option<String>)]) {
        self.nav.to_quietly(&self.address_with(changes));
    }

    /// As `set`, but in the place of the present step (while somebody types).
    pub fn replace(self, changes: &[(&str, Option<String>)]) {
        self.nav.replace(&self.address_with(changes));
    }

    /// Path and query string.
    pub fn address(self) -> String {
        self.address_with(&[])
    }

    fn address_with(self, changes: &[(&str, Option<String>)]) -> String {
        let mut map = self.map.get_untracked();
        // Of older links: lists go on by themselves now.
        map.remove("cursor");
        for (name, value) in changes {
            map.remove(name);
            if let Some(value) = value
                && !value.is_empty()
            {
                map.insert((*name).to_owned(), value.clone());
            }
        }
        format!("{}{}", self.path.get_untracked(), map.to_query_string())
    }
}
