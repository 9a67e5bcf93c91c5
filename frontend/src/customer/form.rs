//! The fields of a customer, for creating and editing.

use guanxi_domain::customer::{CustomerKind, Stage, Tier};
use guanxi_domain::dictionary::{CUSTOMER_SIZE, CUSTOMER_SOURCE, CUSTOMER_TYPE, INDUSTRY, REGION};
use leptos::prelude::*;
use serde_json::Value;

use crate::i18n::{lang, t};
use crate::session::use_session;
use crate::ui::{
    CustomFields, DateField, Form, FormSection, MoneyInput, NumberField, PickerSource, RecordField,
    SelectField, TagsField, TextArea, TextField, choices,
};

/// A text of the customer's area, as a label.
fn label(pick: fn(&crate::i18n::CustomerTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().customer).to_owned())
}

/// Names of members that lists do not show, by pointer: for the conflict dialog.
pub fn member_name(pointer: &str) -> Option<&'static str> {
    let c = t().customer;
    Some(match pointer {
        "/website" => c.website,
        "/address" => c.address,
        "/latitude" => c.latitude,
        "/longitude" => c.longitude,
        "/note" => c.note,
        "/company/legal_representative" => c.legal_representative,
        "/company/tax_number" => c.tax_number,
        "/company/bank" => c.bank,
        "/company/bank_account" => c.bank_account,
        "/company/founded_on" => c.founded_on,
        "/company/registered_capital" => c.registered_capital,
        "/profile/market_area" => c.market_area,
        "/profile/sales_capability" => c.sales_capability,
        "/profile/growth_potential" => c.growth_potential,
        "/profile/management_philosophy" => c.management_philosophy,
        "/profile/policy" => c.policy,
        "/profile/brands" => c.brands,
        "/profile/stores" => c.stores,
        "/profile/staff" => c.staff,
        "/profile/vehicles" => c.vehicles,
        "/profile/warehouse_area" => c.warehouse_area,
        _ => return None,
    })
}

/// Values of enums as people read them: for the conflict dialog.
pub fn member_value(name: &str, value: &Value) -> Option<String> {
    let word = value.as_str()?;
    Some(
        match name {
            "kind" => word.parse::<CustomerKind>().ok()?.label(lang()),
            "stage" => word.parse::<Stage>().ok()?.label(lang()),
            "tier" => word.parse::<Tier>().ok()?.label(lang()),
            _ => return None,
        }
        .to_owned(),
    )
}

#[component]
pub fn CustomerFields(form: Form) -> impl IntoView {
    let session = use_session();
    let dictionary = move |name: &'static str| Signal::derive(move || session.dictionary(name));
    let is_company = Memo::new(move |_| form.text("kind") == CustomerKind::Company.as_str());
    view! {
        <FormSection title=label(|c| c.section_basic)>
            <TextField form=form name="name" required=true autofocus=true wide=true />
            <TextField form=form name="short_name" />
            <TextField form=form name="code" hint=label(|c| c.code_hint) />
            <SelectField form=form name="kind" options=choices!(CustomerKind) required=true />
            <SelectField form=form name="customer_type" options=dictionary(CUSTOMER_TYPE) />
            <SelectField form=form name="stage" options=choices!(Stage) required=true />
            <SelectField form=form name="tier" options=choices!(Tier) />
            <SelectField form=form name="region" options=dictionary(REGION) />
            <SelectField form=form name="industry" options=dictionary(INDUSTRY) />
            <SelectField form=form name="size" options=dictionary(CUSTOMER_SIZE) />
            <SelectField form=form name="source" options=dictionary(CUSTOMER_SOURCE) />
        </FormSection>
        <FormSection title=label(|c| c.section_contact)>
            <TextField form=form name="phone" kind="tel" />
            <TextField form=form name="email" kind="email" />
            <TextField form=form name="website" kind="url" label=label(|c| c.website) placeholder=Signal::stored("https://".to_owned()) wide=true />
            <TextField form=form name="address" label=label(|c| c.address) wide=true />
            <NumberField form=form name="latitude" label=label(|c| c.latitude) float=true unit="°" />
            <NumberField form=form name="longitude" label=label(|c| c.longitude) float=true unit="°" />
        </FormSection>
        <FormSection title=label(|c| c.section_more)>
            <RecordField form=form name="owner_id" source=PickerSource::people() hint=label(|c| c.owner_hint) />
            <RecordField form=form name="parent_id" source=PickerSource::customers() />
            <TagsField form=form name="tags" wide=true />
            <TextArea form=form name="note" label=label(|c| c.note) rows=4 />
        </FormSection>
        <CustomFields form=form />
        <Show when=move || is_company.get()>
            <FormSection title=label(|c| c.section_company)>
                <TextField form=form name="/company/legal_representative" label=label(|c| c.legal_representative) />
                <TextField form=form name="/company/tax_number" label=label(|c| c.tax_number) />
                <TextField form=form name="/company/bank" label=label(|c| c.bank) />
                <TextField form=form name="/company/bank_account" label=label(|c| c.bank_account) />
                <DateField form=form name="/company/founded_on" label=label(|c| c.founded_on) />
                <MoneyInput form=form name="/company/registered_capital" label=label(|c| c.registered_capital) />
            </FormSection>
            <FormSection title=label(|c| c.section_profile)>
                <TextField form=form name="/profile/market_area" label=label(|c| c.market_area) />
                <TextField form=form name="/profile/brands" label=label(|c| c.brands) />
                <TextField form=form name="/profile/sales_capability" label=label(|c| c.sales_capability) />
                <TextField form=form name="/profile/growth_potential" label=label(|c| c.growth_potential) />
                <NumberField form=form name="/profile/stores" label=label(|c| c.stores) />
                <NumberField form=form name="/profile/staff" label=label(|c| c.staff) />
                <NumberField form=form name="/profile/vehicles" label=label(|c| c.vehicles) />
                <NumberField form=form name="/profile/warehouse_area" label=label(|c| c.warehouse_area) />
                <TextArea form=form name="/profile/management_philosophy" label=label(|c| c.management_philosophy) />
                <TextArea form=form name="/profile/policy" label=label(|c| c.policy) />
            </FormSection>
        </Show>
    }
}
