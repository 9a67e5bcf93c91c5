use guanxi_domain::ticket::{Channel, Priority, TicketKind};
use leptos::prelude::*;
use serde_json::Value;

use super::label;
use crate::contact::ContactField;
use crate::i18n::{lang, t};
use crate::product::product_source;
use crate::ui::{
    CustomFields, Form, FormSection, PickerSource, RecordField, SelectField, TagsField, TextArea,
    TextField, choices,
};

const fn order_source() -> PickerSource {
    PickerSource::list("/orders").labelled(
        |record| record["number"].as_str().unwrap_or_default().to_owned(),
        |record| {
            record["customer_name"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        },
    )
}

/// Names of members that lists do not show, by pointer: for the conflict dialog.
pub fn member_name(pointer: &str) -> Option<&'static str> {
    (pointer == "/description").then(|| t().ticket.description)
}

/// Values of enums as people read them: for the conflict dialog.
pub fn member_value(name: &str, value: &Value) -> Option<String> {
    let word = value.as_str()?;
    Some(
        match name {
            "kind" => word.parse::<TicketKind>().ok()?.label(lang()),
            "channel" => word.parse::<Channel>().ok()?.label(lang()),
            "priority" => word.parse::<Priority>().ok()?.label(lang()),
            _ => return None,
        }
        .to_owned(),
    )
}

/// `with_owner`: a new ticket can be given to somebody at once.
#[component]
pub fn TicketFields(form: Form, #[prop(optional)] with_owner: bool) -> impl IntoView {
    view! {
        <FormSection title=label(|s| s.section_what)>
            <TextField form=form name="subject" required=true autofocus=true wide=true />
            <SelectField form=form name="kind" options=choices!(TicketKind) required=true />
            <SelectField form=form name="priority" options=choices!(Priority) required=true />
            <TextArea
                form=form
                name="description"
                label=label(|s| s.description)
                hint=label(|s| s.description_hint)
                rows=5
            />
        </FormSection>
        <FormSection title=label(|s| s.section_who)>
            <RecordField form=form name="customer_id" source=PickerSource::customers() required=true />
            <ContactField form=form name="contact_id" />
            <RecordField form=form name="order_id" source=order_source() />
            <RecordField form=form name="product_id" source=product_source() />
        </FormSection>
        <FormSection title=label(|s| s.section_work)>
            <SelectField form=form name="channel" options=choices!(Channel) required=true />
            <TextField form=form name="team" />
            {with_owner
                .then(|| {
                    view! {
                        <RecordField
                            form=form
                            name="owner_id"
                            source=PickerSource::people()
                            hint=label(|s| s.owner_hint)
                        />
                    }
                })}
            <TagsField form=form name="tags" />
        </FormSection>
        <CustomFields form=form />
    }
}
