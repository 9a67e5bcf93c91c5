//! The data of a customer, to be read.

use guanxi_domain::customer::{Customer, FIELDS};
use guanxi_domain::dictionary::{CUSTOMER_SIZE, CUSTOMER_SOURCE, CUSTOMER_TYPE, INDUSTRY, REGION};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{CustomerId, Money};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api;
use crate::format;
use crate::i18n::{CustomerTexts, field_label, lang, t};
use crate::load::Loader;
use crate::rules::NextProductsCard;
use crate::segmentation::{LossesCard, ScoresCard};
use crate::session::use_session;
use crate::ui::{Card, CustomCard, Fact, Facts};

fn name(pick: fn(&CustomerTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().customer).to_owned())
}

fn field(field: &'static str) -> Signal<String> {
    Signal::derive(move || field_label(&FIELDS, field))
}

#[component]
pub fn CustomerDetails(customer: Loader<Customer>) -> impl IntoView {
    let session = use_session();
    let value = move |read: fn(&Customer) -> Option<String>| {
        Signal::derive(move || customer.with(|l| l.data.as_ref().and_then(read)))
    };
    let dictionary = move |dictionary: &'static str, read: fn(&Customer) -> Option<String>| {
        Signal::derive(move || {
            customer
                .with(|l| l.data.as_ref().and_then(read))
                .map(|code| session.dictionary_label(dictionary, &code))
        })
    };
    let parent =
        Memo::new(move |_| customer.with(|l| l.data.as_ref().and_then(|c| c.input.parent_id)));
    let tags = Memo::new(move |_| {
        customer.with(|l| {
            l.data
                .as_ref()
                .map(|c| c.input.tags.clone())
                .unwrap_or_default()
        })
    });
    let custom = Memo::new(move |_| {
        customer.with(|l| {
            let found = l.data.as_ref().map(|c| c.input.custom.clone());
            found.unwrap_or_default()
        })
    });
    let id = Memo::new(move |_| customer.with(|l| l.data.as_ref().map(|c| c.id)));
    let website = Memo::new(move |_| {
        customer.with(|l| l.data.as_ref().and_then(|c| c.input.website.clone()))
    });
    view! {
        <div class="grid items-start gap-4 lg:grid-cols-2">
            <div class="space-y-4">
                <Card title=name(|c| c.section_basic)>
                    <Facts>
                        <Fact label=field("kind") value=value(|c| Some(c.input.kind.label(lang()).to_owned())) />
                        <Fact
                            label=field("customer_type")
                            value=dictionary(CUSTOMER_TYPE, |c| c.input.customer_type.clone())
                        />
                        <Fact label=field("short_name") value=value(|c| c.input.short_name.clone()) />
                        <Fact label=field("region") value=dictionary(REGION, |c| c.input.region.clone()) />
                        <Fact label=field("industry") value=dictionary(INDUSTRY, |c| c.input.industry.clone()) />
                        <Fact label=field("size") value=dictionary(CUSTOMER_SIZE, |c| c.input.size.clone()) />
                        <Fact label=field("source") value=dictionary(CUSTOMER_SOURCE, |c| c.input.source.clone()) />
                        <Fact label=field("parent_id")>
                            {move || match parent.get() {
                                Some(id) => view! { <CustomerLink id=id /> }.into_any(),
                                None => "—".into_any(),
                            }}
                        </Fact>
                        <Fact label=field("completeness") value=value(|c| Some(format!("{}%", c.completeness))) />
                        <Fact label=field("created_at") value=value(|c| Some(format::time(c.created_at))) />
                        <Fact label=field("tags") wide=true>
                            {move || {
                                let tags = tags.get();
                                if tags.is_empty() {
                                    return "—".into_any();
                                }
                                tags.into_iter()
                                    .map(|tag| view! { <span class="tag tag-plain mr-1">{tag}</span> })
                                    .collect_view()
                                    .into_any()
                            }}
                        </Fact>
                        <Fact label=name(|c| c.note) value=value(|c| c.input.note.clone()) wide=true />
                    </Facts>
                </Card>
                <CustomCard record="customers" values=custom />
            </div>
            <div class="space-y-4">
                <Card title=name(|c| c.section_contact)>
                    <Facts>
                        <Fact label=field("phone") value=value(|c| c.input.phone.clone()) />
                        <Fact label=field("email") value=value(|c| c.input.email.clone()) />
                        <Fact label=name(|c| c.website) wide=true>
                            {move || match website.get() {
                                Some(to) => {
                                    view! {
                                        <a class="link-plain" href=to.clone() target="_blank" rel="noopener noreferrer">
                                            {to.clone()}
                                        </a>
                                    }
                                        .into_any()
                                }
                                None => "—".into_any(),
                            }}
                        </Fact>
                        <Fact label=name(|c| c.address) value=value(|c| c.input.address.clone()) wide=true />
                    </Facts>
                </Card>
                {move || {
                    id.get()
                        .map(|id| {
                            view! {
                                <ScoresCard customer_id=id customer=customer />
                                {session
                                    .can(Module::Reports, Operation::Read)
                                    .then(|| view! { <NextProductsCard customer_id=id.to_string() /> })}
                                <LossesCard customer_id=id changed=Callback::new(move |()| customer.reload()) />
                            }
                        })
                }}
                <CompanyCards customer=customer />
            </div>
        </div>
    }
}

#[component]
fn CompanyCards(customer: Loader<Customer>) -> impl IntoView {
    use guanxi_domain::customer::CustomerKind;

    let value = move |read: fn(&Customer) -> Option<String>| {
        Signal::derive(move || customer.with(|l| l.data.as_ref().and_then(read)))
    };
    let company = Memo::new(move |_| {
        customer.with(|l| {
            l.data
                .as_ref()
                .is_some_and(|c| c.input.kind == CustomerKind::Company)
        })
    });
    view! {
        <Show when=move || company.get()>
            <Card title=name(|c| c.section_company)>
                <Facts>
                    <Fact
                        label=name(|c| c.legal_representative)
                        value=value(|c| c.input.company.legal_representative.clone())
                    />
                    <Fact label=name(|c| c.tax_number) value=value(|c| c.input.company.tax_number.clone()) />
                    <Fact label=name(|c| c.bank) value=value(|c| c.input.company.bank.clone()) />
                    <Fact label=name(|c| c.bank_account) value=value(|c| c.input.company.bank_account.clone()) />
                    <Fact label=name(|c| c.founded_on) value=value(|c| c.input.company.founded_on.map(format::date)) />
                    <Fact
                        label=name(|c| c.registered_capital)
                        value=value(|c| c.input.company.registered_capital.map(|minor| format::money(Money(minor))))
                    />
                </Facts>
            </Card>
            <Card title=name(|c| c.section_profile)>
                <Facts>
                    <Fact label=name(|c| c.market_area) value=value(|c| c.input.profile.market_area.clone()) />
                    <Fact label=name(|c| c.brands) value=value(|c| c.input.profile.brands.clone()) />
                    <Fact label=name(|c| c.sales_capability) value=value(|c| c.input.profile.sales_capability.clone()) />
                    <Fact label=name(|c| c.growth_potential) value=value(|c| c.input.profile.growth_potential.clone()) />
                    <Fact label=name(|c| c.stores) value=value(|c| count(c.input.profile.stores)) />
                    <Fact label=name(|c| c.staff) value=value(|c| count(c.input.profile.staff)) />
                    <Fact label=name(|c| c.vehicles) value=value(|c| count(c.input.profile.vehicles)) />
                    <Fact label=name(|c| c.warehouse_area) value=value(|c| count(c.input.profile.warehouse_area)) />
                    <Fact
                        label=name(|c| c.management_philosophy)
                        value=value(|c| c.input.profile.management_philosophy.clone())
                        wide=true
                    />
                    <Fact label=name(|c| c.policy) value=value(|c| c.input.profile.policy.clone()) wide=true />
                </Facts>
            </Card>
        </Show>
    }
}

fn count(number: Option<i32>) -> Option<String> {
    number.map(|number| format::integer(number.into()))
}

/// Another customer by its name.
#[component]
fn CustomerLink(id: CustomerId) -> impl IntoView {
    let customer = Loader::new(move || api::get(format!("/customers/{id}")).json::<Customer>());
    let text = move || {
        customer
            .data()
            .map_or_else(|| "…".to_owned(), |c| c.input.name)
    };
    view! {
        <A href=format!("/customers/{id}") attr:class="link-plain">
            {text}
        </A>
    }
}
