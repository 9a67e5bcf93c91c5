//! The web app. `frontend/README.md` tells how a page is made.

mod account;
mod api;
mod api_key;
mod app;
mod approval;
mod audit;
mod auth;
mod backup;
mod clusters;
mod contact;
mod custom;
mod custom_field;
mod customer;
mod department;
mod dictionary;
mod format;
mod home;
mod i18n;
mod import;
mod job;
mod live;
mod load;
mod mail;
mod names;
mod nav;
mod order;
mod part;
mod prefs;
mod product;
mod report;
mod rights;
mod role;
mod rules;
mod runs;
mod segment;
mod segmentation;
mod session;
mod settings;
mod share;
mod shell;
mod stock;
mod ticket;
mod trading;
mod ui;
mod user;
mod value;
mod webhook;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

fn main() {
    console_error_panic_hook::set_once();
    let Some(root) = document()
        .get_element_by_id("app")
        .and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    // The sketch of the page that stood there while the app was loading.
    root.set_inner_html("");
    mount_to(root, app::App).forget();
}
