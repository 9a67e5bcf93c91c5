//! The custom fields that administrators have defined, as this page of the app knows them: read after the log-in.

use std::sync::LazyLock;

use guanxi_domain::FieldSet;
use guanxi_domain::custom::{self, CustomField};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::{self, ApiError};

static DEFINITIONS: LazyLock<ArcRwSignal<Vec<CustomField>>> =
    LazyLock::new(|| ArcRwSignal::new(Vec::new()));

/// Reads them anew.
pub async fn load() -> Result<(), ApiError> {
    let all = api::get("/custom-fields").items().await?;
    DEFINITIONS.set(all);
    Ok(())
}

/// Those of a record type, in their order. Reactive.
pub fn definitions(record: &str) -> Vec<CustomField> {
    DEFINITIONS.with(|all| {
        let of_record = all.iter().filter(|d| d.input.record.as_str() == record);
        of_record.cloned().collect()
    })
}

/// A record type's fields, with the custom ones. Reactive.
pub fn fields(own: &'static FieldSet) -> &'static FieldSet {
    DEFINITIONS.with(|all| custom::fields(own, all))
}

/// Gives every custom field a place in a form's values, so that each can be edited and compared by its pointer.
pub fn make_room(values: &mut Value, definitions: &[CustomField]) {
    let Some(members) = values.as_object_mut().filter(|_| !definitions.is_empty()) else {
        return;
    };
    let held = members.entry("custom").or_insert_with(|| json!({}));
    if let Some(held) = held.as_object_mut() {
        for definition in definitions {
            held.entry(&definition.input.key).or_insert(Value::Null);
        }
    }
}

/// Shows these, all of one record type, in this order.
pub fn put_in_order(order: &[CustomField]) {
    let Some(record) = order.first().map(|field| field.input.record) else {
        return;
    };
    DEFINITIONS.update(|all| {
        all.retain(|field| field.input.record != record);
        all.extend_from_slice(order);
    });
}
