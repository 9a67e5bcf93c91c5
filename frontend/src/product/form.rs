use guanxi_domain::dictionary::PRODUCT_CATEGORY;
use leptos::prelude::*;

use super::label;
use crate::format::currency_code;
use crate::i18n::t;
use crate::session::use_session;
use crate::ui::{CheckField, Form, FormSection, NumberField, SelectField, TextArea, TextField};

/// Names of members that lists do not show, by pointer: for the conflict dialog.
pub fn member_name(pointer: &str) -> Option<&'static str> {
    match pointer {
        "/name_en" => Some(t().product.name_en),
        "/description" => Some(t().product.description),
        _ => None,
    }
}

#[component]
pub fn ProductFields(form: Form) -> impl IntoView {
    let session = use_session();
    let categories = Signal::derive(move || session.dictionary(PRODUCT_CATEGORY));
    view! {
        <FormSection title=label(|p| p.section_basic)>
            <TextField form=form name="name" required=true autofocus=true />
            <TextField form=form name="name_en" label=label(|p| p.name_en) hint=label(|p| p.name_en_hint) />
            <TextField form=form name="sku" required=true />
            <SelectField form=form name="category" options=categories />
            <TextField form=form name="unit" placeholder=label(|p| p.unit_hint) />
            <div class="sm:self-end sm:pb-1.5">
                <CheckField form=form name="active" hint=label(|p| p.active_hint) />
            </div>
            <TextArea form=form name="description" label=label(|p| p.description) />
        </FormSection>
        <FormSection title=label(|p| p.section_price)>
            <NumberField
                form=form
                name="list_price"
                decimals=4
                unit=currency_code()
                required=true
                hint=label(|p| p.price_hint)
            />
            <NumberField form=form name="cost" decimals=4 unit=currency_code() hint=label(|p| p.cost_hint) />
        </FormSection>
    }
}
