//! What records are called that are known by their ids.

use std::collections::HashMap;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::session::{Session, use_session};
use crate::ui::PickerSource;

/// Names that a page has asked for.
#[derive(Clone, Copy)]
pub struct Names {
    /// Stored: the value itself would make whatever holds names large.
    session: StoredValue<Session>,
    known: RwSignal<HashMap<String, String>>,
}

pub fn use_names() -> Names {
    Names {
        session: StoredValue::new(use_session()),
        known: RwSignal::new(HashMap::new()),
    }
}

impl Names {
    pub fn session(self) -> Session {
        self.session.get_value()
    }

    /// What the record of this type and id is called; asked for once. Reactive.
    pub fn of(self, record: &'static str, id: &str) -> String {
        let known = match record {
            "users" => self.session().person_name(id),
            _ => self.known.with(|names| names.get(id).cloned()),
        };
        if let Some(name) = known {
            return name;
        }
        if let Some(source) = PickerSource::of(record)
            && record != "users"
        {
            let id = id.to_owned();
            self.known
                .update_untracked(|names| _ = names.insert(id.clone(), "…".to_owned()));
            spawn_local(async move {
                // A record that is gone, or out of sight, is shown as its id.
                let name = source.name(&id).await.unwrap_or_else(|| id.clone());
                self.known.try_update(|names| names.insert(id, name));
            });
            return "…".to_owned();
        }
        id.to_owned()
    }
}
