//! Roles: list, and the grid of what a role may do.

mod edit;
mod grid;
mod list;

pub use edit::{RoleEditPage, RoleNewPage};
pub use list::RoleListPage;

use guanxi_domain::role::Role;
use guanxi_domain::{FieldSet, Lang};
use leptos::prelude::*;

use crate::api;
use crate::i18n::{AdminTexts, lang, t};
use crate::load::Loader;
use crate::ui::Options;

const FIELDS: FieldSet = FieldSet {
    record: "roles",
    default_sort: "name_zh",
    fields: &[],
};

fn label(pick: fn(&AdminTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().admin).to_owned())
}

/// All roles; fails for whoever may not read them.
pub fn load_roles() -> Loader<Vec<Role>> {
    Loader::new(|| api::get("/roles").items::<Role>())
}

/// The name in the language that is on. Reactive.
pub fn role_name(role: &Role) -> String {
    match lang() {
        Lang::Zh => role.input.name_zh.clone(),
        Lang::En => role.input.name_en.clone(),
    }
}

pub fn role_options(roles: Loader<Vec<Role>>) -> Options {
    Signal::derive(move || {
        roles.with(|l| {
            l.data
                .iter()
                .flatten()
                .map(|role| (role.id.to_string(), role_name(role)))
                .collect()
        })
    })
}
