use guanxi_domain::customer::{Customer, CustomerInput, FIELDS};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::form::{CustomerFields, member_name, member_value};
use crate::api;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{
    Editor, EditorForm, Form, FormActions, FormFailure, PageHeader, RecordSkeleton, UnsavedGuard,
    use_toasts, with_data,
};

#[component]
pub fn CustomerNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let me = untrack(|| use_session().me());
    let mut input = CustomerInput::named("");
    input.owner_id = me.as_ref().map(|me| me.user.id);
    // A plain struct always serialises.
    let mut initial = serde_json::to_value(&input).unwrap_or_default();
    // Left out, so that the server takes that of whoever creates it.
    if let Some(members) = initial.as_object_mut() {
        members.remove("department_id");
    }
    let form = Form::new::<CustomerInput>(&FIELDS, initial);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                api::post("/customers")
                    .body(&value)
                    .json::<Customer>()
                    .await
            },
            move |customer| {
                toasts.done(t_now().customer.created);
                nav.replace(&format!("/customers/{}", customer.id));
            },
        );
    };
    let list = Signal::derive(|| t().customer.title.to_owned());
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=Signal::derive(|| t().customer.new.to_owned()) up=("/customers", list) />
        <form class="max-w-4xl space-y-4" novalidate on:submit=submit>
            <CustomerFields form=form />
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to("/customers") />
        </form>
    }
}

#[component]
pub fn CustomerEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let customer =
        Loader::new(move || api::get(format!("/customers/{}", id.get())).json::<Customer>());
    with_data(
        customer,
        || view! { <RecordSkeleton /> }.into_any(),
        |customer| view! { <EditForm customer=customer /> },
    )
}

#[component]
fn EditForm(customer: Customer) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let address = format!("/customers/{}", customer.id);
    let back = address.clone();
    let saved = address.clone();
    let editor = Editor::new(
        &FIELDS,
        address,
        customer.version,
        &customer.input,
        move |_: Customer| {
            toasts.done(t_now().common.saved);
            nav.replace(&saved);
        },
    );
    let form = editor.form;
    let name = customer.input.name.clone();
    let list = Signal::derive(|| t().customer.title.to_owned());
    view! {
        <PageHeader
            title=Signal::derive(move || format!("{}{}{name}", t().customer.edit, t().common.colon))
            up=("/customers", list)
        />
        <EditorForm editor=editor back=back show=member_value names=member_name>
            <CustomerFields form=form />
        </EditorForm>
    }
}
