use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::role::{Role, RoleInput};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::grid::PermissionGrid;
use super::{FIELDS, label, role_name};
use crate::api;
use crate::audit::HistoryButton;
use crate::i18n::{fill, t, t_now};
use crate::load::Loader;
use crate::nav::{use_nav, use_url};
use crate::session::use_session;
use crate::ui::{
    Ask, Badge, ConflictDialog, Editor, Form, FormActions, FormFailure, FormSection, Glyph, Icon,
    PageHeader, RecordSkeleton, TextField, UnsavedGuard, record_link, use_confirm, use_toasts,
    with_data,
};

/// A new role, from nothing or as a copy of the one in `?copy=`.
#[component]
pub fn RoleNewPage() -> impl IntoView {
    let copied = use_url().get_untracked("copy");
    match copied {
        None => view! { <NewForm copied=None /> }.into_any(),
        Some(id) => {
            let role = Loader::new(move || api::get(format!("/roles/{id}")).json::<Role>());
            with_data(
                role,
                || view! { <RecordSkeleton /> }.into_any(),
                |role| view! { <NewForm copied=Some(role) /> },
            )
            .into_any()
        }
    }
}

#[component]
fn NewForm(copied: Option<Role>) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let permissions = copied
        .map(|role| role.input.permissions)
        .unwrap_or_default();
    let form = Form::new::<RoleInput>(
        &FIELDS,
        json!({ "name_zh": "", "name_en": "", "permissions": permissions }),
    );
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::post("/roles").body(&value).json::<Role>().await },
            move |_| {
                toasts.done(t_now().admin.role_created);
                nav.replace("/roles");
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|a| a.role_new) up=("/roles", label(|a| a.roles)) />
        <form class="space-y-4" novalidate on:submit=submit>
            <Names form=form />
            <PermissionGrid form=form readonly=Signal::stored(false) />
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to("/roles") />
        </form>
    }
}

#[component]
fn Names(form: Form) -> impl IntoView {
    view! {
        <FormSection title=label(|a| a.roles)>
            <TextField form=form name="name_zh" label=label(|a| a.role_name_zh) required=true />
            <TextField form=form name="name_en" label=label(|a| a.role_name_en) required=true />
        </FormSection>
    }
}

#[component]
pub fn RoleEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let role = Loader::new(move || api::get(format!("/roles/{}", id.get())).json::<Role>());
    with_data(
        role,
        || view! { <RecordSkeleton /> }.into_any(),
        |role| view! { <EditForm role=role /> },
    )
}

fn member_name(pointer: &str) -> Option<&'static str> {
    let a = t().admin;
    Some(match pointer {
        "/name_zh" => a.role_name_zh,
        "/name_en" => a.role_name_en,
        "/permissions" => a.grid,
        _ => return None,
    })
}

#[component]
fn EditForm(role: Role) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let session = use_session();
    let editor = Editor::new::<RoleInput>(
        &FIELDS,
        format!("/roles/{}", role.id),
        role.version,
        &role.input,
        move |_: Role| {
            toasts.done(t_now().common.saved);
            nav.replace("/roles");
        },
    );
    let form = editor.form;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    let may_update = move || session.can(Module::Roles, Operation::Update);
    let shipped = role.shipped.is_some();
    let permissions = role
        .shipped
        .as_deref()
        .and_then(|word| word.parse::<ShippedRole>().ok())
        .map(ShippedRole::permissions);
    let (holders, held_by) = (role.holders, format!("/users?role_id={}", role.id));
    let copy = format!("/roles/new?copy={}", role.id);
    let shown = role.clone();
    view! {
        <UnsavedGuard form=form />
        <PageHeader
            title=Signal::derive(move || role_name(&shown))
            up=("/roles", label(|a| a.roles))
            beside=ViewFn::from(move || {
                shipped.then(|| view! { <Badge text=label(|a| a.role_shipped) /> })
            })
            below=ViewFn::from(move || {
                view! { <Holders n=holders address=held_by.clone() /> }
            })
        >
            <Show when=move || session.can(Module::Roles, Operation::Create)>
                <A href=copy.clone() attr:class="btn-quiet">
                    <Icon glyph=Glyph::Copy />
                    {move || t().admin.role_copy}
                </A>
            </Show>
            <HistoryButton record="roles" id=role.id.to_string() />
            <DeleteButton role=role />
        </PageHeader>
        <form class="space-y-4" novalidate on:submit=submit>
            <Names form=form />
            <PermissionGrid
                form=form
                readonly=Signal::derive(move || !may_update())
                shipped=permissions
            />
            <FormFailure form=form />
            <Show when=may_update>
                <FormActions form=form cancel=move |()| nav.to("/roles") />
            </Show>
        </form>
        <ConflictDialog editor=editor names=member_name />
    }
}

/// How many people have the role, and who.
#[component]
fn Holders(n: i64, address: String) -> impl IntoView {
    let session = use_session();
    let text = move || fill(t().admin.role_holders, &[("n", &n.to_string())]);
    move || {
        if n > 0 && session.can(Module::Users, Operation::Read) {
            record_link(address.clone(), text())
        } else {
            view! { <span class="muted">{text()}</span> }.into_any()
        }
    }
}

/// Roles that ship cannot be deleted.
#[component]
fn DeleteButton(role: Role) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let nav = use_nav();
    let shipped = role.shipped.is_some();
    let role = StoredValue::new(role);
    let delete = move |_| {
        let a = t_now().admin;
        let name = untrack(|| role.with_value(role_name));
        let ask = Ask {
            title: fill(a.role_delete_title, &[("name", &name)]),
            text: a.role_delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let call = role.with_value(|role| {
                api::delete(format!("/roles/{}", role.id)).version(role.version)
            });
            spawn_local(async move {
                match call.done().await {
                    Ok(()) => {
                        toasts.done(t_now().common.deleted);
                        nav.replace("/roles");
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    view! {
        <Show when=move || !shipped && session.can(Module::Roles, Operation::Delete)>
            <button class="btn-quiet text-error" on:click=delete>
                <Icon glyph=Glyph::Trash />
                {move || t().common.delete}
            </button>
        </Show>
    }
}
