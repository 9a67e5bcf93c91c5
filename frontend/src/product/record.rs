use guanxi_domain::dictionary::PRODUCT_CATEGORY;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::product::{FIELDS, Product};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::{label, name_of};
use crate::api;
use crate::audit::HistoryButton;
use crate::format;
use crate::i18n::{field_label, fill, t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::rules::BoughtWithCard;
use crate::session::use_session;
use crate::stock::StockCard;
use crate::ui::{
    Ask, Badge, Card, ChangedElsewhere, Fact, Facts, Glyph, Icon, KeyFigure, KeyFigures, Menu,
    MenuItem, PageHeader, RecordSkeleton, use_confirm, use_toasts, with_data,
};

#[component]
pub fn ProductPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let product =
        Loader::new(move || api::get(format!("/products/{}", id.get())).json::<Product>());
    view! {
        <ChangedElsewhere record="products" loader=product of=|c: &Product| (c.id.to_string(), c.version) />
        {with_data(
        product,
        || view! { <RecordSkeleton /> }.into_any(),
        move |found| view! { <Record found=found product=product /> },
    )}
    }
}

#[component]
fn Record(found: Product, product: Loader<Product>) -> impl IntoView {
    let session = use_session();
    let input = StoredValue::new(found.input.clone());
    let edit = format!("/products/{}/edit", found.id);
    let (history, id) = (found.id.to_string(), found.id.to_string());
    let analyses = move || session.can(Module::Reports, Operation::Read);
    let stock = move || session.can(Module::Stock, Operation::Read);
    let stocked = found.clone();
    let sku = found.input.sku.clone();
    let active = found.input.active;
    let field = |name: &'static str| Signal::derive(move || field_label(&FIELDS, name));
    let category = Signal::derive(move || {
        input.with_value(|i| {
            i.category
                .as_ref()
                .map(|code| session.dictionary_label(PRODUCT_CATEGORY, code))
        })
    });
    let other = Signal::derive(move || input.with_value(|i| i.name_en.clone()));
    let unit = found.input.unit.clone();
    let per_unit = Signal::derive(move || {
        unit.as_ref()
            .map(|unit| fill(t().product.per_unit, &[("unit", unit)]))
            .unwrap_or_default()
    });
    let (price, cost) = (found.input.list_price, found.input.cost);
    let (created, updated) = (found.created_at, found.updated_at);
    #[allow(clippy::cast_precision_loss)] // A percentage with one decimal.
    let margin = cost
        .filter(|_| price.0 > 0)
        .map(|cost| (price.0 - cost.0) as f64 / price.0 as f64);
    view! {
        <PageHeader
            title=Signal::derive(move || input.with_value(name_of))
            up=("/products", label(|p| p.title))
            beside=ViewFn::from(move || {
                (!active).then(|| view! { <Badge text=label(|p| p.inactive) /> })
            })
            below=ViewFn::from(move || view! { <p class="num muted mt-1 text-[0.8125rem]">{sku.clone()}</p> })
        >
            <Show when=move || session.can(Module::Products, Operation::Update)>
                <A href=edit.clone() attr:class="btn btn-primary btn-sm" attr:data-testid="edit">
                    <Icon glyph=Glyph::Pencil />
                    {move || t().common.edit}
                </A>
            </Show>
            <HistoryButton record="products" id=history />
            <Actions product=product />
        </PageHeader>
        <KeyFigures>
            <KeyFigure
                label=field("list_price")
                value=Signal::derive(move || format::unit_price(price))
                note=per_unit
            />
            <KeyFigure
                label=field("cost")
                value=Signal::derive(move || cost.map_or_else(|| "—".to_owned(), format::unit_price))
            />
            <KeyFigure
                label=label(|p| p.margin)
                value=Signal::derive(move || margin.map_or_else(|| "—".to_owned(), format::percent))
            />
            <KeyFigure label=label(|p| p.changed) value=Signal::derive(move || format::day_of(updated)) />
        </KeyFigures>
        <div class="mt-4 grid grid-cols-1 items-start gap-4" class=("lg:grid-cols-2", stock)>
            <div class="space-y-4">
                <Card title=label(|p| p.section_details)>
                    <Facts>
                        <Fact label=field("name") value=Signal::stored(Some(found.input.name)) />
                        <Fact label=label(|p| p.name_en) value=other />
                        <Fact label=field("category") value=category />
                        <Fact label=field("unit") value=Signal::stored(found.input.unit) />
                        <Fact label=field("created_at") value=Signal::derive(move || Some(format::time(created))) />
                        <Fact
                            label=label(|p| p.description)
                            value=Signal::stored(found.input.description)
                            wide=true
                        />
                    </Facts>
                </Card>
                {analyses().then(|| view! { <BoughtWithCard product_id=id /> })}
            </div>
            {stock().then(|| view! { <StockCard product=stocked /> })}
        </div>
    }
}

#[component]
fn Actions(product: Loader<Product>) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let nav = use_nav();
    let switch = move |active: bool| {
        let Some(now) = product.data_untracked() else {
            return;
        };
        spawn_local(async move {
            let call = api::patch(format!("/products/{}", now.id))
                .version(now.version)
                .body(&json!({ "active": active }));
            product
                .change(call, toasts, |_| t_now().common.saved.to_owned())
                .await;
        });
    };
    let delete = move |()| {
        let p = t_now().product;
        let ask = Ask {
            title: p.delete_title.to_owned(),
            text: p.delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let Some(now) = product.data_untracked() else {
                return;
            };
            spawn_local(async move {
                let call = api::delete(format!("/products/{}", now.id)).version(now.version);
                match call.done().await {
                    Ok(()) => {
                        toasts.done(t_now().common.deleted);
                        nav.replace("/products");
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let active = move || product.with(|l| l.data.as_ref().is_some_and(|p| p.input.active));
    let may_update = move || session.can(Module::Products, Operation::Update);
    let may_delete = move || session.can(Module::Products, Operation::Delete);
    view! {
        <Show when=move || may_update() || may_delete()>
            <Menu
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
                label=Signal::derive(|| t().common.more.to_owned())
                button_class="btn-quiet btn-square"
            >
                <Show when=may_update>
                    <Show
                        when=active
                        fallback=move || {
                            view! {
                                <MenuItem
                                    glyph=Glyph::CircleCheck
                                    label=label(|p| p.activate)
                                    on_click=move |()| switch(true)
                                />
                            }
                        }
                    >
                        <MenuItem
                            glyph=Glyph::Ban
                            label=label(|p| p.deactivate)
                            on_click=move |()| switch(false)
                        />
                    </Show>
                </Show>
                <Show when=may_delete>
                    <MenuItem
                        glyph=Glyph::Trash
                        label=Signal::derive(|| t().common.delete.to_owned())
                        danger=true
                        on_click=delete
                    />
                </Show>
            </Menu>
        </Show>
    }
}
