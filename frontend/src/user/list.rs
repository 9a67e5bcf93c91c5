use guanxi_domain::Page;
use guanxi_domain::department::Department;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::role::Role;
use guanxi_domain::user::{FIELDS, User, UserState};
use leptos::prelude::*;
use leptos_router::components::A;

use super::label;
use super::state::{ActivateDialog, UserStateBadge, freeze};
use crate::api;
use crate::department::load_departments;
use crate::format;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::role::{load_roles, role_name};
use crate::session::use_session;
use crate::ui::{
    Card, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, Skeleton, TabItem,
    Tabs, quick, record_link, use_confirm, use_list, use_tab, use_toasts, with_data,
};

fn address(user: &User) -> String {
    format!("/users/{}", user.id)
}

fn columns(roles: Loader<Vec<Role>>, departments: Loader<Vec<Department>>) -> Vec<Column<User>> {
    vec![
        Column::field(&FIELDS, "name", |u: &User| {
            record_link(address(u), u.input.name.clone())
        }),
        Column::field(&FIELDS, "email", |u: &User| u.email.clone()),
        Column::field(&FIELDS, "state", |u: &User| {
            view! { <UserStateBadge state=u.state /> }
        }),
        Column::field(&FIELDS, "role_id", move |u: &User| {
            let id = u.input.role_id;
            move || {
                roles.with(|l| {
                    let role = l.data.iter().flatten().find(|role| Some(role.id) == id)?;
                    Some(role_name(role))
                })
            }
        }),
        Column::field(&FIELDS, "department_id", move |u: &User| {
            let id = u.input.department_id;
            move || {
                departments.with(|l| {
                    let mut all = l.data.iter().flatten();
                    all.find(|d| Some(d.id) == id).map(|d| d.input.name.clone())
                })
            }
        }),
        Column::field(&FIELDS, "last_login_at", |u: &User| {
            let at = u.last_login_at;
            view! {
                <span class="num whitespace-nowrap" title=move || at.map(format::time)>
                    {move || at.map(format::ago)}
                </span>
            }
        }),
        Column::field(&FIELDS, "created_at", |u: &User| {
            let at = u.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::day_of(at)}</span> }
        })
        .phone_hidden(),
    ]
}

#[component]
pub fn UserListPage() -> impl IntoView {
    let session = use_session();
    let tab = use_tab(&["all", "inactive"]);
    let tabs = vec![
        TabItem::new("all", || t().admin.tab_all.to_owned()),
        TabItem::new("inactive", || t().admin.tab_inactive.to_owned()),
    ];
    let new_button = move || {
        session.can(Module::Users, Operation::Create).then(|| {
            view! {
                <A href="/users/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-user">
                    <Icon glyph=Glyph::UserPlus />
                    {move || t().admin.user_new}
                </A>
            }
        })
    };
    view! {
        <PageHeader title=label(|a| a.users)>{new_button}</PageHeader>
        <div class="mb-4">
            <Tabs items=tabs current=tab />
        </div>
        {move || match tab.get() {
            "inactive" => view! { <Inactive /> }.into_any(),
            _ => view! { <All /> }.into_any(),
        }}
    }
}

#[component]
fn All() -> impl IntoView {
    let list = use_list::<User>("/users", &FIELDS);
    let (roles, departments) = (load_roles(), load_departments());
    let empty = || view! { <EmptyState glyph=Glyph::Users title=label(|a| a.user_empty) /> };
    view! {
        <Waiting changed=Callback::new(move |()| list.reload()) />
        <DataTable list=list columns=columns(roles, departments) href=address empty=empty>
            <FilterBar
                list=list.state()
                filters=quick(&["state", "department_id", "last_login_at"])
                placeholder=label(|a| a.user_search)
            />
        </DataTable>
    }
}

/// Those who have registered and cannot do anything yet; nothing when there are none.
#[component]
fn Waiting(changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let chosen = RwSignal::new(None::<User>);
    let waiting = Loader::new(|| {
        api::get("/users")
            .query("state", "pending")
            .query("limit", 20)
            .json::<Page<User>>()
    });
    let done = Callback::new(move |_: User| {
        waiting.reload();
        changed.run(());
    });
    let row = move |user: User| {
        let (name, email, since) = (user.input.name.clone(), user.email.clone(), user.created_at);
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5">
                <span class="font-medium">{name}</span>
                <span class="muted">{email}</span>
                <span class="muted num flex-1 text-xs">{move || format::ago(since)}</span>
                <button
                    class="btn btn-primary btn-xs"
                    data-testid="activate"
                    on:click=move |_| chosen.set(Some(user.clone()))
                >
                    {move || t().admin.activate}
                </button>
            </li>
        }
    };
    let list = move || {
        waiting
            .data()
            .map(|page| page.items)
            .filter(|users| !users.is_empty() && session.can(Module::Users, Operation::Update))
            .map(|users| {
                let count = users.len().to_string();
                view! {
                    <section class="mb-4 rounded-box border border-warning/40 bg-warning/8 px-4 py-3">
                        <h2 class="text-sm">{move || fill(t().admin.pending_title, &[("n", &count)])}</h2>
                        <ul class="mt-1">{users.into_iter().map(row).collect_view()}</ul>
                    </section>
                }
            })
    };
    view! {
        {list}
        <ActivateDialog user=chosen done=done />
    }
}

/// Accounts without a log-in for a while: a risk that nobody looks after.
#[component]
fn Inactive() -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let days = RwSignal::new(90_i32);
    let users = Loader::new(move || {
        api::get("/users/inactive")
            .query("days", days.get())
            .items::<User>()
    });
    let done = Callback::new(move |_: User| users.reload());
    let row = move |user: User| {
        let (name, email, last) = (
            user.input.name.clone(),
            user.email.clone(),
            user.last_login_at,
        );
        let to = address(&user);
        let may_freeze = user.state == UserState::Active
            && untrack(|| session.can(Module::Users, Operation::Update));
        let state = user.state;
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-base-300/70 px-4 py-2.5 last:border-b-0">
                <div class="min-w-0 flex-1">
                    {record_link(to, name)} <span class="muted ml-2">{email}</span>
                </div>
                <UserStateBadge state=state />
                <span class="muted num text-xs">
                    {move || last.map_or_else(|| t().admin.never.to_owned(), format::ago)}
                </span>
                {may_freeze
                    .then(|| {
                        view! {
                            <button
                                class="btn-quiet"
                                on:click=move |_| freeze(user.clone(), confirm, toasts, done)
                            >
                                {move || t().admin.freeze}
                            </button>
                        }
                    })}
            </li>
        }
    };
    let body = move |list: Vec<User>| {
        if list.is_empty() {
            view! { <EmptyState glyph=Glyph::CircleCheck title=label(|a| a.inactive_none) /> }
                .into_any()
        } else {
            view! { <ul>{list.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    };
    let choice = move || {
        view! {
            <select
                class="select select-sm w-auto"
                aria-label=move || t().admin.tab_inactive
                prop:value=move || days.get().to_string()
                on:change:target=move |event| {
                    days.set(event.target().value().parse().unwrap_or(90));
                }
            >
                {[30, 90, 180, 365]
                    .map(|n| {
                        view! {
                            <option value=n.to_string() selected=n == 90>
                                {move || fill(t().admin.inactive_days, &[("n", &n.to_string())])}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        }
    };
    let text =
        Signal::derive(move || fill(t().admin.inactive_text, &[("n", &days.get().to_string())]));
    view! {
        <Card title=label(|a| a.tab_inactive) text=text actions=ViewFn::from(choice) flush=true>
            {with_data(users, || view! { <Skeleton lines=5 /> }.into_any(), body)}
        </Card>
    }
}
