//! Who is logged in, what they may do, and what the app knows of the deployment.

use guanxi_domain::dictionary::DictionaryEntry;
use guanxi_domain::meta::Meta;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::user::{Me, Person};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::custom;
use crate::format::set_currency;
use crate::i18n::lang;

#[derive(Clone, Debug)]
pub enum SessionState {
    /// The app has just been opened.
    Starting,
    /// The server could not be reached when the app was opened.
    Failed(ApiError),
    Anonymous,
    LoggedIn(Box<Me>),
}

/// In the context of every page.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    meta: RwSignal<Option<Meta>>,
    dictionaries: RwSignal<Vec<DictionaryEntry>>,
    people: RwSignal<Vec<Person>>,
    /// The log-in ended by itself: the log-in page says so.
    expired: RwSignal<bool>,
}

impl Session {
    /// Puts it into the context and picks up the log-in of an earlier visit.
    pub fn provide() -> Self {
        let session = Self {
            state: RwSignal::new(SessionState::Starting),
            meta: RwSignal::new(None),
            dictionaries: RwSignal::new(Vec::new()),
            people: RwSignal::new(Vec::new()),
            expired: RwSignal::new(false),
        };
        api::on_session_end(Box::new(move || {
            session.expired.set(true);
            session.state.set(SessionState::Anonymous);
        }));
        provide_context(session);
        session.start();
        session
    }

    /// Begins (again).
    pub fn start(self) {
        self.state.set(SessionState::Starting);
        spawn_local(async move {
            if let Err(error) = self.begin().await {
                self.state.set(SessionState::Failed(error));
            }
        });
    }

    async fn begin(self) -> Result<(), ApiError> {
        self.load_meta().await?;
        if api::resume().await? {
            self.enter().await
        } else {
            self.state.set(SessionState::Anonymous);
            Ok(())
        }
    }

    async fn load_meta(self) -> Result<(), ApiError> {
        let meta: Meta = api::get("/meta").json().await?;
        set_currency(&meta.currency, meta.minor_digits);
        self.meta.set(Some(meta));
        Ok(())
    }

    /// After a log-in: reads who it is.
    pub async fn enter(self) -> Result<(), ApiError> {
        let me: Me = api::get("/me").json().await?;
        // Labels of dictionaries make pages readable; without them the codes are shown.
        if let Ok(entries) = api::get("/dictionaries").items::<DictionaryEntry>().await {
            self.dictionaries.set(entries);
        }
        // So do the fields that administrators have defined; without them forms and lists have fewer.
        let _ = custom::load().await;
        if let Ok(people) = api::get("/people").items::<Person>().await {
            self.people.set(people);
        }
        self.expired.set(false);
        self.state.set(SessionState::LoggedIn(Box::new(me)));
        Ok(())
    }

    pub fn log_out(self) {
        spawn_local(async move {
            // Also when the server is away: the token is gone from this page.
            let _ = api::log_out().await;
            // A first account may have been made meanwhile.
            let _ = self.load_meta().await;
            self.state.set(SessionState::Anonymous);
        });
    }

    pub fn state(self) -> SessionState {
        self.state.get()
    }

    pub fn expired(self) -> bool {
        self.expired.get()
    }

    pub fn meta(self) -> Option<Meta> {
        self.meta.get()
    }

    pub fn me(self) -> Option<Me> {
        self.state.with(|state| match state {
            SessionState::LoggedIn(me) => Some((**me).clone()),
            _ => None,
        })
    }

    pub fn set_me(self, me: Me) {
        self.state.set(SessionState::LoggedIn(Box::new(me)));
    }

    /// Whether the role has this operation on some records. Reactive. The server checks again, also which records.
    pub fn can(self, module: Module, operation: Operation) -> bool {
        self.state.with(|state| match state {
            SessionState::LoggedIn(me) => me.permissions.allows(module, operation),
            _ => false,
        })
    }

    /// What people read for a dictionary's code; the code itself when the entry is gone. Reactive.
    pub fn dictionary_label(self, dictionary: &str, code: &str) -> String {
        self.dictionaries.with(|entries| {
            entries
                .iter()
                .find(|entry| {
                    entry.input.dictionary.as_str() == dictionary && entry.input.code == code
                })
                .map_or_else(
                    || code.to_owned(),
                    |entry| entry.input.label(lang()).to_owned(),
                )
        })
    }

    /// Puts the entries of all dictionaries in place, after they have been edited.
    pub fn set_dictionaries(self, entries: Vec<DictionaryEntry>) {
        self.dictionaries.set(entries);
    }

    /// The name of an active user. Reactive.
    pub fn person_name(self, id: &str) -> Option<String> {
        self.people.with(|people| {
            people
                .iter()
                .find(|person| person.id.as_str() == id)
                .map(|person| person.name.clone())
        })
    }

    /// The active users, by name. Reactive.
    pub fn people(self) -> Vec<Person> {
        let mut people = self.people.get();
        people.sort_by(|a, b| a.name.cmp(&b.name));
        people
    }

    /// The active entries of a dictionary as (code, label), in their order. Reactive.
    pub fn dictionary(self, dictionary: &str) -> Vec<(String, String)> {
        self.dictionaries.with(|entries| {
            let mut entries: Vec<_> = entries
                .iter()
                .filter(|entry| entry.input.dictionary.as_str() == dictionary && entry.input.active)
                .collect();
            entries.sort_by_key(|entry| entry.position);
            entries
                .into_iter()
                .map(|entry| {
                    (
                        entry.input.code.clone(),
                        entry.input.label(lang()).to_owned(),
                    )
                })
                .collect()
        })
    }
}

pub fn use_session() -> Session {
    expect_context()
}
