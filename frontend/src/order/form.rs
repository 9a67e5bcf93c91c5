use guanxi_domain::order::Order;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use super::lines::OrderLines;
use crate::contact::ContactField;
use crate::i18n::{fill, t};
use crate::ui::{
    CustomFields, DateField, Form, FormSection, PickerSource, RecordField, TextArea, TextField,
    TimeField,
};

/// The members of an order that people set, as JSON: what the form holds.
pub fn input_of(order: &Order) -> Value {
    let head = &order.head;
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| {
            json!({
                "product_id": line.product_id,
                "description": line.description,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "discount": line.discount,
            })
        })
        .collect();
    json!({
        "number": head.number,
        "customer_id": head.customer_id,
        "contact_id": head.contact_id,
        "owner_id": head.owner_id,
        "ordered_at": head.ordered_at,
        "payment_terms": head.payment_terms,
        "promised_on": head.promised_on,
        "ship_to": head.ship_to,
        "note": head.note,
        "custom": head.custom,
        "lines": lines,
    })
}

/// Names of members that lists do not show, by pointer: for the conflict dialog.
pub fn member_name(pointer: &str) -> Option<&'static str> {
    let o = t().order;
    Some(match pointer {
        "/lines" => o.lines,
        "/payment_terms" => o.payment_terms,
        "/ship_to" => o.ship_to,
        "/note" => o.note,
        _ => return None,
    })
}

/// Lines are compared as a whole: how many there are tells the two sides apart best in one line of text.
pub fn member_value(name: &str, value: &Value) -> Option<String> {
    (name == "lines").then(|| {
        let lines = value.as_array().map_or(0, Vec::len);
        fill(t().order.lines_count, &[("n", &lines.to_string())])
    })
}

#[component]
pub fn OrderFields(form: Form) -> impl IntoView {
    view! {
        <FormSection title=label(|o| o.head)>
            <RecordField form=form name="customer_id" source=PickerSource::customers() required=true />
            <ContactField form=form name="contact_id" />
            <TimeField form=form name="ordered_at" hint=label(|o| o.ordered_hint) />
            <DateField form=form name="promised_on" />
            <RecordField form=form name="owner_id" source=PickerSource::people() hint=label(|o| o.owner_hint) />
            <TextField form=form name="number" hint=label(|o| o.number_hint) />
        </FormSection>
        <OrderLines form=form />
        <FormSection title=label(|o| o.more)>
            <TextField
                form=form
                name="payment_terms"
                label=label(|o| o.payment_terms)
                placeholder=label(|o| o.payment_terms_hint)
            />
            <TextField form=form name="ship_to" label=label(|o| o.ship_to) />
            <TextArea form=form name="note" label=label(|o| o.note) />
        </FormSection>
        <CustomFields form=form />
    }
}
