//! The administration of custom fields.

mod choices;
mod edit;
mod list;
mod preview;

pub use edit::{CustomFieldEditPage, CustomFieldNewPage};
pub use list::CustomFieldsPage;

use leptos::prelude::*;

use crate::i18n::{CustomTexts, t};

/// A text of this area, as a label.
fn label(pick: fn(&CustomTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().custom).to_owned())
}
