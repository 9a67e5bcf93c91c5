//! Accounts: list, those who wait, those who are never here, form.

mod edit;
mod list;
mod state;

pub use edit::{UserEditPage, UserNewPage};
pub use list::UserListPage;

use leptos::prelude::*;

use crate::i18n::{AdminTexts, t};

fn label(pick: fn(&AdminTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().admin).to_owned())
}
