//! Whether an account may be used: what it looks like, and what changes it.

use guanxi_domain::FieldSet;
use guanxi_domain::user::{User, UserState};
use guanxi_domain::{DepartmentId, RoleId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::api;
use crate::department::{department_options, load_departments};
use crate::i18n::{fill, lang, t, t_now};
use crate::role::{load_roles, role_options};
use crate::ui::{
    Ask, Badge, Confirm, Dialog, Form, FormFailure, SelectField, Toasts, Tone, use_toasts,
};

#[component]
pub fn UserStateBadge(state: UserState) -> impl IntoView {
    let tone = match state {
        UserState::Pending => Tone::Warning,
        UserState::Active => Tone::Success,
        UserState::Frozen => Tone::Error,
    };
    view! { <Badge tone=tone text=Signal::derive(move || state.label(lang()).to_owned()) /> }
}

/// Posts a change of state and tells how it went.
fn post(user: &User, action: &'static str, toasts: Toasts, done: Callback<User>) {
    let call = api::post(format!("/users/{}/{action}", user.id)).version(user.version);
    spawn_local(async move {
        match call.json::<User>().await {
            Ok(changed) => {
                let a = t_now().admin;
                toasts.done(if action == "freeze" {
                    a.frozen
                } else {
                    a.unfrozen
                });
                done.try_run(changed);
            }
            Err(error) => toasts.error(&error),
        }
    });
}

/// Asks, then locks somebody out.
pub fn freeze(user: User, confirm: Confirm, toasts: Toasts, done: Callback<User>) {
    let a = t_now().admin;
    let ask = Ask {
        title: fill(a.freeze_title, &[("name", &user.input.name)]),
        text: a.freeze_text.to_owned(),
        button: a.freeze.to_owned(),
        danger: true,
        reason: None,
    };
    confirm.ask(ask, move |_| post(&user, "freeze", toasts, done));
}

pub fn unfreeze(user: &User, toasts: Toasts, done: Callback<User>) {
    post(user, "unfreeze", toasts, done);
}

/// As the domain's `UserActivation`, with the rules that a form asks for: both are needed.
#[derive(serde::Serialize, serde::Deserialize, validator::Validate)]
struct Activation {
    role_id: RoleId,
    department_id: DepartmentId,
}

const FIELDS: FieldSet = guanxi_domain::user::FIELDS;

/// Gives a waiting account its role and department.
#[component]
pub fn ActivateDialog(user: RwSignal<Option<User>>, done: Callback<User>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(user.with(Option::is_some)));
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            user.set(None);
        }
        now
    });
    let title = Signal::derive(move || {
        let name = user.with(|user| user.as_ref().map(|u| u.input.name.clone()));
        fill(
            t().admin.activate_title,
            &[("name", &name.unwrap_or_default())],
        )
    });
    view! {
        <Dialog open=open title=title width="max-w-md">
            {move || user.get().map(|found| view! { <ActivateForm user=found open=open done=done /> })}
        </Dialog>
    }
}

#[component]
fn ActivateForm(user: User, open: RwSignal<bool>, done: Callback<User>) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<Activation>(
        &FIELDS,
        json!({ "role_id": user.input.role_id, "department_id": user.input.department_id }),
    );
    let roles = load_roles();
    let departments = load_departments();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let path = format!("/users/{}/activate", user.id);
        let version = user.version;
        form.submit(
            move |value| {
                let call = api::post(path).version(version).body(&value);
                call.json::<User>()
            },
            move |active| {
                toasts.done(t_now().admin.activated);
                open.set(false);
                done.run(active);
            },
        );
    };
    view! {
        <form class="space-y-4" novalidate on:submit=submit>
            <p class="muted">{move || t().admin.activate_text}</p>
            <SelectField form=form name="role_id" options=role_options(roles) required=true />
            <SelectField
                form=form
                name="department_id"
                options=department_options(departments)
                required=true
            />
            <FormFailure form=form />
            <div class="flex justify-end gap-2">
                <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                    {move || t().common.cancel}
                </button>
                <button
                    type="submit"
                    class="btn btn-primary btn-sm"
                    data-testid="activate-save"
                    disabled=move || form.busy()
                >
                    {move || t().admin.activate}
                </button>
            </div>
        </form>
    }
}
