//! Departments: the tree, and its nodes as choices.

use std::collections::HashMap;

use guanxi_domain::department::{Department, DepartmentInput};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::user::Person;
use guanxi_domain::{DepartmentId, FieldSet};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::api;
use crate::i18n::{AdminTexts, fill, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Ask, Card, ConflictDialog, Dialog, Editor, EmptyState, Form, FormFailure, Glyph, Icon, Options,
    PageHeader, SelectField, Skeleton, TextField, use_confirm, use_toasts, with_data,
};

const FIELDS: FieldSet = FieldSet {
    record: "departments",
    default_sort: "name",
    fields: &[],
};

fn label(pick: fn(&AdminTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().admin).to_owned())
}

pub fn load_departments() -> Loader<Vec<Department>> {
    Loader::new(|| api::get("/departments").items::<Department>())
}

/// The departments in the order of the tree, each with how deep it stands.
fn tree(mut all: Vec<Department>) -> Vec<(usize, Department)> {
    all.sort_by(|a, b| a.input.name.cmp(&b.input.name));
    let known: Vec<_> = all.iter().map(|d| d.id).collect();
    let mut below: HashMap<Option<DepartmentId>, Vec<Department>> = HashMap::new();
    for department in all {
        // One whose parent cannot be seen stands at the top.
        let parent = department.input.parent_id.filter(|id| known.contains(id));
        below.entry(parent).or_default().push(department);
    }
    let mut open: Vec<(usize, Department)> = Vec::new();
    let mut ordered = Vec::new();
    let push = |open: &mut Vec<_>, depth: usize, children: Option<Vec<Department>>| {
        open.extend(
            children
                .into_iter()
                .flatten()
                .rev()
                .map(|child| (depth, child)),
        );
    };
    push(&mut open, 0, below.remove(&None));
    while let Some((depth, department)) = open.pop() {
        push(&mut open, depth + 1, below.remove(&Some(department.id)));
        ordered.push((depth, department));
    }
    ordered
}

/// The departments as choices, indented like the tree.
pub fn department_options(departments: Loader<Vec<Department>>) -> Options {
    Signal::derive(move || {
        tree(departments.data().unwrap_or_default())
            .into_iter()
            .map(|(depth, department)| {
                let name = format!("{}{}", "\u{2003}".repeat(depth), department.input.name);
                (department.id.to_string(), name)
            })
            .collect()
    })
}

/// What the dialog is for.
#[derive(Clone)]
enum Task {
    Add { below: Option<DepartmentId> },
    Edit(Department),
}

#[component]
pub fn DepartmentsPage() -> impl IntoView {
    let session = use_session();
    let departments = load_departments();
    let people = Loader::new(|| api::get("/people").items::<Person>());
    let task = RwSignal::new(None::<Task>);
    let may_create = move || session.can(Module::Users, Operation::Create);
    let new_button = move || {
        may_create().then(|| {
            view! {
                <button
                    class="btn btn-primary btn-sm"
                    data-testid="new-department"
                    on:click=move |_| task.set(Some(Task::Add { below: None }))
                >
                    <Icon glyph=Glyph::Plus />
                    {move || t().admin.department_new}
                </button>
            }
        })
    };
    let count = move |id: DepartmentId| {
        people.with(|l| {
            l.data
                .iter()
                .flatten()
                .filter(|person| person.department_id == Some(id))
                .count()
        })
    };
    let body = move |all: Vec<Department>| {
        if all.is_empty() {
            return view! {
                <EmptyState glyph=Glyph::Layers title=label(|a| a.departments) text=label(|a| a.department_text)>
                    {new_button}
                </EmptyState>
            }
            .into_any();
        }
        let row = move |(depth, department): (usize, Department)| {
            let id = department.id;
            let members = move || fill(t().admin.people, &[("n", &count(id).to_string())]);
            view! {
                <li class="flex items-center gap-2 border-b border-base-300/70 py-2 pr-2 pl-4 last:border-b-0">
                    <span style:width=format!("{}rem", depth * 2) class="shrink-0"></span>
                    <span class="text-base-content/50">
                        <Icon glyph=if depth == 0 { Glyph::Building } else { Glyph::Layers } />
                    </span>
                    <span class="min-w-0 flex-1 truncate font-medium">{department.input.name.clone()}</span>
                    <span class="muted num text-xs max-sm:hidden">{members}</span>
                    <RowActions department=department task=task departments=departments />
                </li>
            }
        };
        view! { <ul data-testid="departments">{tree(all).into_iter().map(row).collect_view()}</ul> }
            .into_any()
    };
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(task.with(Option::is_some)));
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            task.set(None);
        }
        now
    });
    let title = Signal::derive(move || {
        task.with(|task| match task {
            Some(Task::Edit(_)) => t().admin.department_rename,
            _ => t().admin.department_new,
        })
        .to_owned()
    });
    view! {
        <PageHeader title=label(|a| a.departments)>{new_button}</PageHeader>
        <div class="max-w-3xl">
            <Card title=label(|a| a.departments) text=label(|a| a.department_text) flush=true>
                {with_data(departments, || view! { <Skeleton lines=6 /> }.into_any(), body)}
            </Card>
        </div>
        <Dialog open=open title=title width="max-w-md">
            {move || {
                task.get()
                    .map(|task| match task {
                        Task::Add { below } => {
                            view! { <AddForm below=below departments=departments open=open /> }.into_any()
                        }
                        Task::Edit(department) => {
                            view! { <EditForm department=department departments=departments open=open /> }
                                .into_any()
                        }
                    })
            }}
        </Dialog>
    }
}

#[component]
fn RowActions(
    department: Department,
    task: RwSignal<Option<Task>>,
    departments: Loader<Vec<Department>>,
) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let id = department.id;
    let department = StoredValue::new(department);
    let delete = move |_| {
        let a = t_now().admin;
        let (name, version) = department.with_value(|d| (d.input.name.clone(), d.version));
        let ask = Ask {
            title: fill(a.department_delete_title, &[("name", &name)]),
            text: a.department_delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            spawn_local(async move {
                let call = api::delete(format!("/departments/{id}")).version(version);
                match call.done().await {
                    Ok(()) => toasts.done(t_now().common.deleted),
                    Err(error) => toasts.error(&error),
                }
                departments.reload();
            });
        });
    };
    let button = "btn btn-ghost btn-square btn-sm opacity-70 hover:opacity-100";
    view! {
        <Show when=move || session.can(Module::Users, Operation::Create)>
            <button
                class=button
                aria-label=move || t().admin.department_below
                title=move || t().admin.department_below
                on:click=move |_| task.set(Some(Task::Add { below: Some(id) }))
            >
                <Icon glyph=Glyph::Plus />
            </button>
        </Show>
        <Show when=move || session.can(Module::Users, Operation::Update)>
            <button
                class=button
                aria-label=move || t().admin.department_rename
                title=move || t().admin.department_rename
                on:click=move |_| task.set(Some(Task::Edit(department.get_value())))
            >
                <Icon glyph=Glyph::Pencil />
            </button>
        </Show>
        <Show when=move || session.can(Module::Users, Operation::Delete)>
            <button
                class=button
                aria-label=move || t().common.delete
                title=move || t().common.delete
                on:click=delete
            >
                <Icon glyph=Glyph::Trash />
            </button>
        </Show>
    }
}

#[component]
fn AddForm(
    below: Option<DepartmentId>,
    departments: Loader<Vec<Department>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<DepartmentInput>(&FIELDS, json!({ "name": "", "parent_id": below }));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                api::post("/departments")
                    .body(&value)
                    .json::<Department>()
                    .await
            },
            move |_| {
                toasts.done(t_now().admin.department_saved);
                departments.reload();
                open.set(false);
            },
        );
    };
    view! {
        <form class="space-y-4" novalidate on:submit=submit>
            <Fields form=form departments=departments />
            <Buttons form=form open=open />
        </form>
    }
}

#[component]
fn EditForm(
    department: Department,
    departments: Loader<Vec<Department>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let editor = Editor::new::<DepartmentInput>(
        &FIELDS,
        format!("/departments/{}", department.id),
        department.version,
        &department.input,
        move |_: Department| {
            toasts.done(t_now().admin.department_saved);
            departments.reload();
            open.set(false);
        },
    );
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    view! {
        <form class="space-y-4" novalidate on:submit=submit>
            <Fields form=editor.form departments=departments />
            <Buttons form=editor.form open=open />
        </form>
        <ConflictDialog editor=editor />
    }
}

#[component]
fn Fields(form: Form, departments: Loader<Vec<Department>>) -> impl IntoView {
    view! {
        <TextField form=form name="name" label=label(|a| a.department_name) required=true autofocus=true />
        <SelectField
            form=form
            name="parent_id"
            label=label(|a| a.department_parent)
            options=department_options(departments)
        />
        <FormFailure form=form />
    }
}

#[component]
fn Buttons(form: Form, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="flex justify-end gap-2">
            <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                {move || t().common.cancel}
            </button>
            <button type="submit" class="btn btn-primary btn-sm" disabled=move || form.busy()>
                {move || t().common.save}
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use guanxi_domain::Timestamp;

    use super::*;

    #[test]
    fn children_follow_their_parent_and_orphans_stand_at_the_top() {
        let make = |name: &str, parent_id: Option<DepartmentId>| Department {
            id: DepartmentId::generate(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
            input: DepartmentInput {
                name: name.to_owned(),
                parent_id,
            },
        };
        let top = make("B", None);
        let (one, two) = (make("Y", Some(top.id)), make("X", Some(top.id)));
        let below = make("Z", Some(two.id));
        let orphan = make("A", Some(DepartmentId::generate()));
        let ordered: Vec<_> = tree(vec![below, one, orphan, two, top])
            .into_iter()
            .map(|(depth, department)| format!("{depth}{}", department.input.name))
            .collect();
        assert_eq!(ordered, ["0A", "0B", "1X", "2Z", "1Y"]);
    }
}
