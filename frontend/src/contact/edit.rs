use guanxi_domain::CustomerId;
use guanxi_domain::contact::{Contact, ContactInput, FIELDS};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

use super::form::{ContactFields, member_name, member_value};
use crate::api;
use crate::audit::HistoryButton;
use crate::i18n::{fill, t, t_now};
use crate::load::Loader;
use crate::nav::{use_nav, use_url};
use crate::session::use_session;
use crate::ui::{
    Ask, Editor, EditorForm, Form, FormActions, FormFailure, Glyph, Icon, PageHeader,
    RecordSkeleton, UnsavedGuard, use_confirm, use_toasts, with_data,
};

fn list_label() -> Signal<String> {
    Signal::derive(|| t().contact.title.to_owned())
}

/// A new contact; `?customer=` names the customer.
#[component]
pub fn ContactNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let customer = use_url().get_untracked("customer");
    // The id only gives the struct its shape; without a customer the member is empty until one is chosen.
    let input = ContactInput::named(CustomerId::generate(), "");
    // A plain struct always serialises.
    let mut initial = serde_json::to_value(&input).unwrap_or_default();
    initial["customer_id"] = customer.clone().into();
    let form = Form::new::<ContactInput>(&FIELDS, initial);
    let back = customer.map_or_else(
        || "/contacts".to_owned(),
        |id| format!("/customers/{id}?tab=contacts"),
    );
    let after = back.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let after = after.clone();
        form.submit(
            |value| async move { api::post("/contacts").body(&value).json::<Contact>().await },
            move |_| {
                toasts.done(t_now().contact.created);
                nav.replace(&after);
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=Signal::derive(|| t().contact.new.to_owned()) up=("/contacts", list_label()) />
        <form class="max-w-4xl space-y-4" novalidate on:submit=submit>
            <ContactFields form=form />
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to(&back) />
        </form>
    }
}

#[component]
pub fn ContactEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let contact =
        Loader::new(move || api::get(format!("/contacts/{}", id.get())).json::<Contact>());
    with_data(
        contact,
        || view! { <RecordSkeleton /> }.into_any(),
        |contact| view! { <EditForm contact=contact /> },
    )
}

#[component]
fn EditForm(contact: Contact) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let session = use_session();
    let address = format!("/contacts/{}", contact.id);
    let back = format!("/customers/{}?tab=contacts", contact.input.customer_id);
    let saved = back.clone();
    let editor = Editor::new(
        &FIELDS,
        address,
        contact.version,
        &contact.input,
        move |_: Contact| {
            toasts.done(t_now().common.saved);
            nav.replace(&saved);
        },
    );
    let form = editor.form;
    let customer = (contact.input.customer_id, contact.customer_name.clone());
    let below = move || {
        let (id, name) = customer.clone();
        view! {
            <A href=format!("/customers/{id}") attr:class="muted mt-1 inline-flex items-center gap-1 hover:text-primary">
                <Icon glyph=Glyph::Building class="size-3.5" />
                {name}
            </A>
        }
    };
    let may_delete = move || session.can(Module::Contacts, Operation::Delete);
    let name = contact.input.name.clone();
    let back_after_delete = back.clone();
    view! {
        <PageHeader title=Signal::stored(name) up=("/contacts", list_label()) below=below>
            <HistoryButton record="contacts" id=contact.id.to_string() />
            <Show when=may_delete>
                <DeleteButton contact=contact.clone() back=back_after_delete.clone() />
            </Show>
        </PageHeader>
        <EditorForm editor=editor back=back show=member_value names=member_name>
            <ContactFields form=form />
        </EditorForm>
    }
}

#[component]
fn DeleteButton(contact: Contact, back: String) -> impl IntoView {
    let confirm = use_confirm();
    let toasts = use_toasts();
    let nav = use_nav();
    let (path, version) = (format!("/contacts/{}", contact.id), contact.version);
    let name = contact.input.name;
    let ask = move |_| {
        let c = t_now().contact;
        let ask = Ask {
            title: fill(c.delete_title, &[("name", &name)]),
            text: c.delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        let (path, back) = (path.clone(), back.clone());
        confirm.ask(ask, move |_| {
            let (path, back) = (path.clone(), back.clone());
            spawn_local(async move {
                match api::delete(path).version(version).done().await {
                    Ok(()) => {
                        toasts.done(t_now().contact.deleted);
                        nav.replace(&back);
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    view! {
        <button class="btn-quiet text-error" on:click=ask>
            <Icon glyph=Glyph::Trash />
            {move || t().common.delete}
        </button>
    }
}
