use guanxi_domain::product::{FIELDS, Product, ProductInput};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::form::{ProductFields, member_name};
use super::label;
use crate::api;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::ui::{
    Editor, EditorForm, Form, FormActions, FormFailure, PageHeader, RecordSkeleton, UnsavedGuard,
    use_toasts, with_data,
};

#[component]
pub fn ProductNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let initial = json!({
        "sku": "", "name": "", "name_en": null, "category": null, "unit": null,
        "list_price": "0", "cost": null, "active": true, "description": null,
    });
    let form = Form::new::<ProductInput>(&FIELDS, initial);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::post("/products").body(&value).json::<Product>().await },
            move |product| {
                toasts.done(t_now().product.created);
                nav.replace(&format!("/products/{}", product.id));
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|p| p.new) up=("/products", label(|p| p.title)) />
        <form class="max-w-4xl space-y-4" novalidate on:submit=submit>
            <ProductFields form=form />
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to("/products") />
        </form>
    }
}

#[component]
pub fn ProductEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let product =
        Loader::new(move || api::get(format!("/products/{}", id.get())).json::<Product>());
    with_data(
        product,
        || view! { <RecordSkeleton /> }.into_any(),
        |product| view! { <EditForm product=product /> },
    )
}

#[component]
fn EditForm(product: Product) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let address = format!("/products/{}", product.id);
    let (back, saved) = (address.clone(), address.clone());
    let editor = Editor::new(
        &FIELDS,
        address,
        product.version,
        &product.input,
        move |_: Product| {
            toasts.done(t_now().common.saved);
            nav.replace(&saved);
        },
    );
    let form = editor.form;
    let name = product.input.name;
    view! {
        <PageHeader
            title=Signal::derive(move || format!("{}{}{name}", t().product.edit, t().common.colon))
            up=("/products", label(|p| p.title))
        />
        <EditorForm editor=editor back=back names=member_name>
            <ProductFields form=form />
        </EditorForm>
    }
}
