//! Whose customers are shown: everybody's, the visitor's own, or those of one of the people whose customers they may see.

use guanxi_domain::DepartmentId;
use guanxi_domain::department::Department;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::user::{Me, Person};
use leptos::prelude::*;

use crate::department::load_departments;
use crate::i18n::t;
use crate::load::Loader;
use crate::nav::use_url;
use crate::session::use_session;

/// The visitor, in the address.
pub const ME: &str = "me";

/// How far somebody sees customers in reports: the narrower of both rights.
fn scope_of(me: &Me) -> Option<Scope> {
    let of = |module| me.permissions.scope(module, Operation::Read);
    Some(of(Module::Reports)?.min(of(Module::Customers)?))
}

/// The people whose customers somebody may see, but for that person.
fn others(people: Vec<Person>, me: &Me, departments: &[Department]) -> Vec<Person> {
    let home = me.user.input.department_id;
    let scope = scope_of(me);
    let within = |department: Option<DepartmentId>| match scope {
        None | Some(Scope::Own) => false,
        Some(Scope::Department) => home.is_some() && department == home,
        Some(Scope::DepartmentTree) => {
            home.is_some_and(|home| is_below(department, home, departments))
        }
        Some(Scope::All) => true,
    };
    let others = people.into_iter();
    others
        .filter(|person| person.id != me.user.id && within(person.department_id))
        .collect()
}

/// Whether a department is `home` or below it.
fn is_below(department: Option<DepartmentId>, home: DepartmentId, all: &[Department]) -> bool {
    let mut at = department;
    // Not deeper than there are departments.
    for _ in 0..=all.len() {
        match at {
            Some(id) if id == home => return true,
            Some(id) => {
                let found = all.iter().find(|department| department.id == id);
                at = found.and_then(|department| department.input.parent_id);
            }
            None => return false,
        }
    }
    false
}

/// Chooses the owner; the choice stands in the address.
#[component]
pub fn OwnerChoice() -> impl IntoView {
    let session = use_session();
    let url = use_url();
    let me = Memo::new(move |_| session.me());
    let needs_tree =
        me.with_untracked(|me| me.as_ref().and_then(scope_of) == Some(Scope::DepartmentTree));
    let departments = needs_tree.then(load_departments);
    let people = move || {
        let departments = departments.and_then(Loader::data).unwrap_or_default();
        me.with(|me| {
            let me = me.as_ref()?;
            Some(others(session.people(), me, &departments))
        })
        .unwrap_or_default()
    };
    let now = move || url.get("owner").unwrap_or_default();
    let option = move |value: String, text: String| {
        let selected = now() == value;
        view! {
            <option value=value selected=selected>
                {text}
            </option>
        }
    };
    let choose = move |value: String| {
        url.set(&[("owner", Some(value).filter(|value| !value.is_empty()))]);
    };
    view! {
        <label class="flex items-center gap-2 text-[0.8125rem]">
            <span class="muted">{move || t().segmentation.whose}</span>
            <select
                class="select select-sm w-auto! max-w-56"
                data-testid="owner"
                on:change:target=move |event| choose(event.target().value())
            >
                {move || option(String::new(), t().segmentation.everybody.to_owned())}
                {move || option(ME.to_owned(), t().segmentation.mine.to_owned())}
                {move || {
                    people().into_iter().map(|person| option(person.id.to_string(), person.name)).collect_view()
                }}
            </select>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn id(n: u8) -> String {
        format!("01900000-0000-7000-8000-00000000000{n}")
    }

    fn me(reports: &str, customers: &str) -> Me {
        let at = "2026-11-22T00:00:00Z";
        let me = json!({
            "user": {"id": id(1), "version": 1, "email": "a@example.com", "name": "A", "role_id": id(9), "department_id": id(2),
                "state": "active", "last_login_at": null, "created_at": at, "updated_at": at},
            "role_zh": "", "role_en": "", "department": null,
            "permissions": [
                {"module": "reports", "operation": "read", "scope": reports},
                {"module": "customers", "operation": "read", "scope": customers},
            ],
        });
        serde_json::from_value(me).expect("somebody")
    }

    fn department(n: u8, parent: Option<u8>) -> Department {
        let at = "2026-11-22T00:00:00Z";
        let department = json!({"id": id(n), "version": 1, "created_at": at, "updated_at": at, "name": "D", "parent_id": parent.map(id)});
        serde_json::from_value(department).expect("a department")
    }

    /// One in each of the departments 2 (home), 3 (below home), 4 (elsewhere), and the visitor.
    fn seen(reports: &str, customers: &str) -> Vec<String> {
        let person = |n: u8, department: u8| {
            let person = json!({"id": id(n), "name": format!("in {department}"), "department_id": id(department), "department": null});
            serde_json::from_value(person).expect("a person")
        };
        let people = vec![person(1, 2), person(5, 2), person(6, 3), person(7, 4)];
        let tree = [
            department(2, None),
            department(3, Some(2)),
            department(4, None),
        ];
        let found = others(people, &me(reports, customers), &tree);
        found.into_iter().map(|person| person.name).collect()
    }

    #[test]
    fn the_narrower_right_decides_whose_customers_are_seen() {
        assert_eq!(seen("all", "all"), ["in 2", "in 3", "in 4"]);
        assert_eq!(seen("all", "department_tree"), ["in 2", "in 3"]);
        assert_eq!(seen("department", "all"), ["in 2"]);
        assert!(seen("all", "own").is_empty());
    }
}
