use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::ticket::{FIELDS, Ticket, TicketInput};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::{Value, json};

use super::form::{TicketFields, member_name, member_value};
use super::label;
use crate::api;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::{use_nav, use_url};
use crate::session::use_session;
use crate::ui::{
    Editor, EditorForm, Form, FormActions, FormFailure, PageHeader, RecordSkeleton, UnsavedGuard,
    use_toasts, with_data,
};

#[component]
pub fn TicketNewPage() -> impl IntoView {
    let nav = use_nav();
    let url = use_url();
    let toasts = use_toasts();
    let session = use_session();
    let given = move |name: &str| url.get_untracked(name).map_or(Value::Null, Value::String);
    let initial = json!({
        "customer_id": given("customer_id"),
        "contact_id": null,
        "order_id": given("order_id"),
        "product_id": given("product_id"),
        "kind": "inquiry",
        "channel": "phone",
        "priority": "normal",
        "subject": "",
        "description": null,
        "team": null,
        "tags": [],
        "custom": {},
        "owner_id": null,
    });
    let form = Form::new::<TicketInput>(&FIELDS, initial);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::post("/tickets").body(&value).json::<Ticket>().await },
            move |ticket| {
                toasts.done(t_now().ticket.created);
                nav.replace(&format!("/tickets/{}", ticket.id));
            },
        );
    };
    let with_owner = untrack(|| session.can(Module::Tickets, Operation::Assign));
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|s| s.new) up=("/tickets", label(|s| s.title)) />
        <form class="max-w-4xl space-y-4" novalidate on:submit=submit>
            <TicketFields form=form with_owner=with_owner />
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to("/tickets") />
        </form>
    }
}

#[component]
pub fn TicketEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let ticket = Loader::new(move || api::get(format!("/tickets/{}", id.get())).json::<Ticket>());
    with_data(
        ticket,
        || view! { <RecordSkeleton /> }.into_any(),
        |ticket| view! { <EditForm ticket=ticket /> },
    )
}

#[component]
fn EditForm(ticket: Ticket) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let address = format!("/tickets/{}", ticket.id);
    let (back, saved) = (address.clone(), address.clone());
    let editor = Editor::new::<TicketInput>(
        &FIELDS,
        address,
        ticket.version,
        &ticket.input,
        move |_: Ticket| {
            toasts.done(t_now().common.saved);
            nav.replace(&saved);
        },
    );
    let form = editor.form;
    let number = ticket.number;
    view! {
        <PageHeader
            title=Signal::derive(move || format!("{}{}{number}", t().ticket.edit, t().common.colon))
            up=("/tickets", label(|s| s.title))
        />
        <EditorForm editor=editor back=back show=member_value names=member_name>
            <TicketFields form=form />
        </EditorForm>
    }
}
