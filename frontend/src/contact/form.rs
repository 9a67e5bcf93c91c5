//! The fields of a contact, for creating and editing.

use guanxi_domain::contact::DecisionRole;
use leptos::prelude::*;
use serde_json::Value;

use crate::i18n::{ContactTexts, lang, t};
use crate::ui::{
    CheckField, CustomFields, DateField, Form, FormSection, PickerSource, RecordField, SelectField,
    TextArea, TextField, choices,
};

fn label(pick: fn(&ContactTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().contact).to_owned())
}

/// Names of members that lists do not show, by pointer: for the conflict dialog.
pub fn member_name(pointer: &str) -> Option<&'static str> {
    let c = t().contact;
    Some(match pointer {
        "/phone" => c.phone,
        "/wechat" => c.wechat,
        "/interests" => c.interests,
        "/education" => c.education,
        "/family" => c.family,
        "/temperament" => c.temperament,
        "/reports_to_id" => c.reports_to,
        "/consent_phone" => c.consent_phone,
        "/consent_sms" => c.consent_sms,
        "/consent_email" => c.consent_email,
        "/consent_wechat" => c.consent_wechat,
        "/note" => c.note,
        _ => return None,
    })
}

/// Values of enums as people read them: for the conflict dialog.
pub fn member_value(name: &str, value: &Value) -> Option<String> {
    match name {
        "decision_role" => value
            .as_str()?
            .parse::<DecisionRole>()
            .ok()
            .map(|role| role.label(lang()).to_owned()),
        _ => None,
    }
}

#[component]
pub fn ContactFields(form: Form) -> impl IntoView {
    let strengths = Signal::derive(|| {
        (1..=5)
            .map(|n| (n.to_string(), n.to_string()))
            .collect::<Vec<_>>()
    });
    view! {
        <FormSection title=label(|c| c.section_person)>
            <TextField form=form name="name" required=true autofocus=true />
            <RecordField form=form name="customer_id" source=PickerSource::customers() required=true />
            <TextField form=form name="title" />
            <TextField form=form name="department" />
            <SelectField form=form name="decision_role" options=choices!(DecisionRole) />
            <SelectField
                form=form
                name="relationship"
                options=strengths
                number=true
                hint=label(|c| c.relationship_hint)
            />
            <RecordField
                form=form
                name="reports_to_id"
                label=label(|c| c.reports_to)
                source=PickerSource::list("/contacts").labelled(named, at_customer)
            />
            <CheckField form=form name="is_primary" />
        </FormSection>
        <FormSection title=label(|c| c.section_reach)>
            <TextField form=form name="mobile" kind="tel" />
            <TextField form=form name="phone" kind="tel" label=label(|c| c.phone) />
            <TextField form=form name="email" kind="email" />
            <TextField form=form name="wechat" label=label(|c| c.wechat) />
        </FormSection>
        <FormSection title=label(|c| c.section_consent)>
            <CheckField form=form name="consent_phone" label=label(|c| c.consent_phone) />
            <CheckField form=form name="consent_sms" label=label(|c| c.consent_sms) />
            <CheckField form=form name="consent_email" label=label(|c| c.consent_email) />
            <CheckField form=form name="consent_wechat" label=label(|c| c.consent_wechat) />
        </FormSection>
        <FormSection title=label(|c| c.section_personal)>
            <DateField form=form name="birthday" />
            <TextField form=form name="interests" label=label(|c| c.interests) />
            <TextField form=form name="education" label=label(|c| c.education) />
            <TextField form=form name="family" label=label(|c| c.family) />
            <TextField form=form name="temperament" label=label(|c| c.temperament) wide=true />
            <TextArea form=form name="note" label=label(|c| c.note) />
        </FormSection>
        <CustomFields form=form />
    }
}

fn named(contact: &Value) -> String {
    contact
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn at_customer(contact: &Value) -> String {
    contact
        .get("customer_name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
