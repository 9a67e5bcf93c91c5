use guanxi_domain::Lang;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::user::{FIELDS, User, UserCreate, UserInput, UserState};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::label;
use super::state::{ActivateDialog, UserStateBadge, freeze, unfreeze};
use crate::api;
use crate::audit::HistoryButton;
use crate::department::{department_options, load_departments};
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::role::{load_roles, role_options};
use crate::session::use_session;
use crate::ui::{
    ConflictDialog, Editor, Form, FormActions, FormFailure, FormSection, Glyph, Icon, PageHeader,
    RecordSkeleton, SelectField, TextField, UnsavedGuard, choices, use_confirm, use_toasts,
    with_data,
};

#[component]
pub fn UserNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let form = Form::new::<UserCreate>(
        &FIELDS,
        json!({
            "name": "", "email": "", "password": "",
            "role_id": null, "department_id": null, "language": null,
        }),
    );
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::post("/users").body(&value).json::<User>().await },
            move |_| {
                toasts.done(t_now().admin.user_created);
                nav.replace("/users");
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|a| a.user_new) up=("/users", label(|a| a.users)) />
        <form class="max-w-3xl space-y-4" novalidate on:submit=submit>
            <FormSection title=label(|a| a.account)>
                <TextField form=form name="name" required=true autofocus=true />
                <TextField form=form name="email" kind="email" required=true />
                <TextField
                    form=form
                    name="password"
                    kind="password"
                    autocomplete="new-password"
                    label=label(|a| a.password)
                    hint=label(|a| a.password_hint)
                    required=true
                />
                <SelectField form=form name="language" label=label(|a| a.language) options=choices!(Lang) />
                <Place form=form required=true />
            </FormSection>
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to("/users") />
        </form>
    }
}

/// Role and department.
#[component]
fn Place(form: Form, required: bool) -> impl IntoView {
    let (roles, departments) = (load_roles(), load_departments());
    view! {
        <SelectField form=form name="role_id" options=role_options(roles) required=required />
        <SelectField
            form=form
            name="department_id"
            options=department_options(departments)
            required=required
        />
    }
}

#[component]
pub fn UserEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let user = Loader::new(move || api::get(format!("/users/{}", id.get())).json::<User>());
    with_data(
        user,
        || view! { <RecordSkeleton /> }.into_any(),
        move |found| view! { <EditForm found=found user=user /> },
    )
}

#[component]
fn EditForm(found: User, user: Loader<User>) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let session = use_session();
    let editor = Editor::new::<UserInput>(
        &FIELDS,
        format!("/users/{}", found.id),
        found.version,
        &found.input,
        move |_: User| {
            toasts.done(t_now().common.saved);
            nav.replace("/users");
        },
    );
    let form = editor.form;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    let state = found.state;
    let email = found.email.clone();
    let may_update = move || session.can(Module::Users, Operation::Update);
    view! {
        <UnsavedGuard form=form />
        <PageHeader
            title=Signal::stored(found.input.name.clone())
            up=("/users", label(|a| a.users))
            beside=ViewFn::from(move || view! { <UserStateBadge state=state /> })
            below=ViewFn::from(move || view! { <p class="muted mt-1">{email.clone()}</p> })
        >
            <HistoryButton record="users" id=found.id.to_string() />
            <A href=format!("/users/{}/rights", found.id) attr:class="btn-quiet" attr:data-testid="rights">
                <Icon glyph=Glyph::Shield />
                {move || t().rights.show}
            </A>
            <Show when=may_update>
                <StateButton found=found.clone() user=user />
            </Show>
        </PageHeader>
        <form class="max-w-3xl space-y-4" novalidate on:submit=submit>
            <FormSection title=label(|a| a.user_edit)>
                <TextField form=form name="name" required=true />
                <SelectField form=form name="language" label=label(|a| a.language) options=choices!(Lang) />
                <Place form=form required=false />
            </FormSection>
            <FormFailure form=form />
            <Show when=may_update>
                <FormActions form=form cancel=move |()| nav.to("/users") />
            </Show>
        </form>
        <ConflictDialog editor=editor />
    }
}

/// What can be done with the account as it is: activate, freeze or unfreeze.
#[component]
fn StateButton(found: User, user: Loader<User>) -> impl IntoView {
    let confirm = use_confirm();
    let toasts = use_toasts();
    let session = use_session();
    let activating = RwSignal::new(None::<User>);
    let done = Callback::new(move |changed: User| user.set(changed));
    // Nobody locks himself out.
    let own = untrack(|| session.me()).is_some_and(|me| me.user.id == found.id);
    let button = match found.state {
        UserState::Pending => view! {
            <button
                class="btn btn-primary btn-sm"
                data-testid="activate"
                on:click=move |_| activating.set(Some(found.clone()))
            >
                {move || t().admin.activate}
            </button>
        }
        .into_any(),
        UserState::Active if own => ().into_any(),
        UserState::Active => view! {
            <button
                class="btn-quiet text-error"
                data-testid="freeze"
                on:click=move |_| freeze(found.clone(), confirm, toasts, done)
            >
                {move || t().admin.freeze}
            </button>
        }
        .into_any(),
        UserState::Frozen => view! {
            <button
                class="btn-quiet"
                data-testid="unfreeze"
                on:click=move |_| unfreeze(&found, toasts, done)
            >
                {move || t().admin.unfreeze}
            </button>
        }
        .into_any(),
    };
    view! {
        {button}
        <ActivateDialog user=activating done=done />
    }
}
