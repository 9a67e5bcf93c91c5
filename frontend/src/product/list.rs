use guanxi_domain::dictionary::PRODUCT_CATEGORY;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::product::{FIELDS, Product};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{label, name_of};
use crate::format;
use crate::i18n::t;
use crate::session::{Session, use_session};
use crate::ui::{
    Actions, Badge, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, quick,
    record_link, use_records,
};

const ACTIONS: Actions = Actions {
    module: Module::Products,
    fields: &["category", "unit", "list_price", "cost", "active"],
    archive: false,
    states: false,
    delete: true,
};

fn address(product: &Product) -> String {
    format!("/products/{}", product.id)
}

fn columns(session: Session) -> Vec<Column<Product>> {
    vec![
        Column::field(&FIELDS, "name", |p: &Product| {
            let (to, input) = (address(p), p.input.clone());
            let active = p.input.active;
            view! {
                <span class="flex flex-wrap items-center gap-x-2 gap-y-0.5">
                    {move || record_link(to.clone(), name_of(&input))}
                    {(!active).then(|| view! { <Badge text=label(|p| p.inactive) /> })}
                </span>
            }
        }),
        Column::field(&FIELDS, "sku", |p: &Product| {
            view! { <span class="num muted">{p.input.sku.clone()}</span> }
        }),
        Column::field(&FIELDS, "category", move |p: &Product| {
            let category = p.input.category.clone();
            move || {
                category
                    .as_ref()
                    .map(|code| session.dictionary_label(PRODUCT_CATEGORY, code))
            }
        }),
        Column::field(&FIELDS, "unit", |p: &Product| p.input.unit.clone()).phone_hidden(),
        Column::field(&FIELDS, "list_price", |p: &Product| {
            let price = p.input.list_price;
            move || format::unit_price(price)
        })
        .right(),
        Column::field(&FIELDS, "cost", |p: &Product| {
            let cost = p.input.cost;
            move || cost.map(format::unit_price)
        })
        .right()
        .phone_hidden(),
        Column::field(&FIELDS, "created_at", |p: &Product| {
            let created = p.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::day_of(created)}</span> }
        })
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "updated_at", |p: &Product| {
            let updated = p.updated_at;
            view! { <span class="num whitespace-nowrap">{move || format::day_of(updated)}</span> }
        })
        .phone_hidden()
        .extra(),
    ]
}

/// Everything that is or was sold.
#[component]
pub fn ProductListPage() -> impl IntoView {
    let session = use_session();
    let list = use_records::<Product>(&FIELDS, Vec::new());
    let new_button = move || {
        session.can(Module::Products, Operation::Create).then(|| {
            view! {
                <A
                    href="/products/new"
                    attr:class="btn btn-primary btn-sm"
                    attr:data-testid="new-product"
                >
                    <Icon glyph=Glyph::Plus />
                    {move || t().product.new}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::Package
                title=label(|p| p.empty_title)
                text=label(|p| p.empty_text)
            >
                {new_button}
            </EmptyState>
        }
    };
    view! {
        <PageHeader title=label(|p| p.title)>{new_button}</PageHeader>
        <DataTable list=list columns=columns(session) href=address empty=empty actions=ACTIONS>
            <FilterBar
                list=list.state()
                filters=quick(&["category", "active", "list_price", "cost"])
                placeholder=label(|p| p.search)
            />
        </DataTable>
    }
}
