use guanxi_domain::contact::{Contact, FIELDS};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::json;

use super::birthdays::Birthdays;
use crate::format;
use crate::i18n::{lang, t};
use crate::session::use_session;
use crate::ui::{
    Actions, Badge, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, Quick, Tone,
    quick, record_link, use_records,
};

const ACTIONS: Actions = Actions {
    module: Module::Contacts,
    fields: &[
        "title",
        "department",
        "decision_role",
        "relationship",
        "is_primary",
    ],
    archive: false,
    states: false,
    delete: true,
};

fn address(contact: &Contact) -> String {
    format!("/contacts/{}", contact.id)
}

fn columns(with_customer: bool) -> Vec<Column<Contact>> {
    let mut columns = vec![
        Column::field(&FIELDS, "name", |c: &Contact| {
            let primary = c.input.is_primary;
            view! {
                <span class="flex flex-wrap items-center gap-2">
                    {record_link(address(c), c.input.name.clone())}
                    {primary
                        .then(|| {
                            view! {
                                <Badge
                                    tone=Tone::Primary
                                    text=Signal::derive(|| t().contact.is_primary.to_owned())
                                />
                            }
                        })}
                </span>
            }
        }),
        Column::field(&FIELDS, "title", |c: &Contact| c.input.title.clone()),
        Column::field(&FIELDS, "department", |c: &Contact| c.input.department.clone()).phone_hidden(),
        Column::field(&FIELDS, "decision_role", |c: &Contact| {
            let role = c.input.decision_role;
            move || role.map(|role| role.label(lang()))
        }),
        Column::field(&FIELDS, "mobile", |c: &Contact| {
            let number = c.input.mobile.clone().or_else(|| c.input.phone.clone());
            number.map(|number| {
                view! {
                    <a class="num whitespace-nowrap hover:text-primary" href=format!("tel:{number}")>
                        {number.clone()}
                    </a>
                }
            })
        }),
        Column::field(&FIELDS, "email", |c: &Contact| {
            c.input.email.clone().map(|email| {
                view! {
                    <a class="hover:text-primary" href=format!("mailto:{email}")>
                        {email.clone()}
                    </a>
                }
            })
        }),
        Column::field(&FIELDS, "birthday", |c: &Contact| {
            let birthday = c.input.birthday;
            view! { <span class="num whitespace-nowrap">{move || birthday.map(format::date_short)}</span> }
        })
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "relationship", |c: &Contact| c.input.relationship.map(i64::from).map(format::integer))
            .right()
            .phone_hidden()
            .extra(),
    ];
    if with_customer {
        let customer = Column::field(&FIELDS, "customer_id", |c: &Contact| {
            let (id, name) = (c.input.customer_id, c.customer_name.clone());
            view! {
                <A href=format!("/customers/{id}") attr:class="hover:text-primary hover:underline">
                    {name}
                </A>
            }
        });
        columns.insert(1, customer);
    }
    columns
}

/// The customer is left out where it is the same for all.
fn filters() -> Vec<Quick> {
    quick(&["customer_id", "decision_role", "is_primary", "relationship"])
}

/// All contacts that the caller may see.
#[component]
pub fn ContactListPage() -> impl IntoView {
    let list = use_records::<Contact>(&FIELDS, Vec::new());
    let empty = || {
        view! {
            <EmptyState
                glyph=Glyph::Contact
                title=Signal::derive(|| t().contact.empty_title.to_owned())
                text=Signal::derive(|| t().contact.empty_text.to_owned())
            >
                <NewContact />
            </EmptyState>
        }
    };
    view! {
        <PageHeader title=Signal::derive(|| t().contact.title.to_owned())>
            <NewContact />
        </PageHeader>
        <Birthdays />
        <DataTable list=list columns=columns(true) href=address empty=empty actions=ACTIONS>
            <FilterBar
                list=list.state()
                filters=filters()
                placeholder=Signal::derive(|| t().contact.search.to_owned())
            />
        </DataTable>
    }
}

/// The contacts of one customer.
#[component]
pub fn ContactsOf(customer_id: String) -> impl IntoView {
    let list = use_records::<Contact>(
        &FIELDS,
        vec![json!({ "field": "customer_id", "op": "eq", "value": customer_id })],
    );
    let id = StoredValue::new(customer_id);
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::Contact
                title=Signal::derive(|| t().contact.empty_title.to_owned())
                text=Signal::derive(|| t().contact.empty_customer_text.to_owned())
            >
                <NewContact customer_id=id.get_value() />
            </EmptyState>
        }
    };
    view! {
        <DataTable list=list columns=columns(false) href=address empty=empty actions=ACTIONS>
            <div class="flex flex-wrap items-start justify-between gap-1.5">
                <FilterBar
                    list=list.state()
                    filters=filters()
                    placeholder=Signal::derive(|| t().contact.search.to_owned())
                />
                <NewContact customer_id=id.get_value() />
            </div>
        </DataTable>
    }
}

/// Leads to the form, for whoever may create.
#[component]
fn NewContact(#[prop(optional, into)] customer_id: String) -> impl IntoView {
    let session = use_session();
    let address = if customer_id.is_empty() {
        "/contacts/new".to_owned()
    } else {
        format!("/contacts/new?customer={customer_id}")
    };
    move || {
        session.can(Module::Contacts, Operation::Create).then(|| {
            view! {
                <A href=address.clone() attr:class="btn btn-primary btn-sm">
                    <Icon glyph=Glyph::Plus />
                    {move || t().contact.new}
                </A>
            }
        })
    }
}
