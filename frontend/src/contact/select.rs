use guanxi_domain::ContactId;
use guanxi_domain::Page;
use guanxi_domain::contact::Contact;
use leptos::prelude::*;

use crate::api;
use crate::i18n::t;
use crate::load::Loader;
use crate::ui::{Form, Options, SelectField, record_link};

/// Chooses one of the contacts of the customer that stands in the form as `customer_id`.
#[component]
pub fn ContactField(form: Form, #[prop(into)] name: String) -> impl IntoView {
    let customer = Memo::new(move |_| form.text("customer_id"));
    let contacts = Loader::new(move || {
        let customer = customer.get();
        async move {
            if customer.is_empty() {
                return Ok(Vec::new());
            }
            let call = api::get("/contacts")
                .query("customer_id", customer)
                .query("limit", 200);
            call.json::<Page<Contact>>().await.map(|page| page.items)
        }
    });
    // Somebody else's contact is none of this customer.
    let before = StoredValue::new(untrack(|| customer.get()));
    let key = StoredValue::new(name.clone());
    Effect::new(move |_| {
        let now = customer.get();
        if before.get_value() != now {
            before.set_value(now);
            key.with_value(|key| form.set(key, serde_json::Value::Null));
        }
    });
    let options: Options = Signal::derive(move || {
        contacts
            .data()
            .unwrap_or_default()
            .into_iter()
            .map(|contact| {
                let label = match &contact.input.title {
                    Some(title) => format!("{} · {title}", contact.input.name),
                    None => contact.input.name.clone(),
                };
                (contact.id.to_string(), label)
            })
            .collect()
    });
    let hint = Signal::derive(move || {
        if customer.with(String::is_empty) {
            t().contact.customer_first.to_owned()
        } else {
            String::new()
        }
    });
    view! { <SelectField form=form name=name options=options hint=hint /> }
}

/// The name of a contact, as a link; a dash where there is none.
#[component]
pub fn ContactName(id: Option<ContactId>) -> impl IntoView {
    let Some(id) = id else {
        return "—".into_any();
    };
    let contact = Loader::new(move || api::get(format!("/contacts/{id}")).json::<Contact>());
    (move || {
        contact
            .data()
            .map(|contact| record_link(format!("/contacts/{id}"), contact.input.name))
    })
    .into_any()
}
