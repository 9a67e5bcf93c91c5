use guanxi_domain::custom::{Custom, CustomField, CustomFieldInput};
use guanxi_domain::{CustomFieldId, FieldError, FieldSet, Lang, Rules, Timestamp};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::label;
use crate::custom;
use crate::i18n::t;
use crate::ui::{Card, CustomFields, Form};

const FIELDS: FieldSet = FieldSet {
    record: "preview",
    default_sort: "",
    fields: &[],
};

/// What is tried out: only its custom fields matter, and the form checks those by itself.
#[derive(Deserialize)]
struct Tried {
    #[allow(dead_code, reason = "read by the form from the JSON")]
    custom: Custom,
}

impl Rules for Tried {
    fn problems(&self, _: Lang) -> Vec<FieldError> {
        Vec::new()
    }
}

/// The section of the record's form with the field as it is being defined in it.
#[component]
pub fn Preview(form: Form, id: Option<CustomFieldId>) -> impl IntoView {
    let id = id.unwrap_or_else(CustomFieldId::generate);
    let shown = Memo::new(move |before: Option<&Vec<CustomField>>| {
        // Half written it is no definition: the last one that was stays.
        let Ok(mut input) = serde_json::from_value::<CustomFieldInput>(form.value()) else {
            return before.cloned().unwrap_or_default();
        };
        for (label, unnamed) in [
            (&mut input.label_zh, "未命名"),
            (&mut input.label_en, "Unnamed"),
        ] {
            if label.trim().is_empty() {
                unnamed.clone_into(label);
            }
        }
        let record = input.record;
        let draft = CustomField {
            id,
            version: 1,
            position: 0,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
            input,
        };
        let mut all = custom::definitions(record.as_str());
        match all.iter_mut().find(|field| field.id == id) {
            Some(field) => *field = draft,
            None => all.push(draft),
        }
        all
    });
    let tried = Form::with_custom::<Tried>(&FIELDS, json!({"custom": {}}), shown.into());
    view! {
        <Card title=label(|c| c.preview)>
            <p class="muted mb-3 text-xs">{move || t().custom.preview_text}</p>
            <div data-testid="preview" class="[&_.grid]:block [&_.grid>*]:mb-3.5">
                <CustomFields form=tried />
            </div>
        </Card>
    }
}
