//! Products: list, record, form.

mod edit;
mod form;
mod list;
mod record;

pub use edit::{ProductEditPage, ProductNewPage};
pub use list::ProductListPage;
pub use record::ProductPage;

use guanxi_domain::Lang;
use guanxi_domain::product::ProductInput;
use leptos::prelude::*;
use serde_json::Value;

use crate::i18n::{ProductTexts, lang, lang_now, t};
use crate::ui::PickerSource;

/// A text of the products' area, as a label.
fn label(pick: fn(&ProductTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().product).to_owned())
}

/// The name in the language that is on. Reactive.
fn name_of(input: &ProductInput) -> String {
    match (lang(), &input.name_en) {
        (Lang::En, Some(name)) => name.clone(),
        _ => input.name.clone(),
    }
}

fn member<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_str)
}

/// What a product given as JSON is called in the language that is on.
pub fn picked_name(record: &Value) -> String {
    let name = match lang_now() {
        Lang::En => member(record, "name_en").or_else(|| member(record, "name")),
        Lang::Zh => member(record, "name"),
    };
    name.unwrap_or_default().to_owned()
}

/// Products for a picker: name and SKU.
pub const fn product_source() -> PickerSource {
    PickerSource::list("/products").labelled(picked_name, |record| {
        member(record, "sku").unwrap_or_default().to_owned()
    })
}
