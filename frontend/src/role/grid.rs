//! Module × operation × scope: who may do what, on which records.

use guanxi_domain::permission::{Module, Operation, Permission, Permissions, Scope};
use leptos::prelude::*;

use super::label;
use crate::i18n::{lang, t};
use crate::ui::{Card, Form};

/// The permissions that stand in the form.
fn permissions_of(form: Form) -> Permissions {
    serde_json::from_value(form.get("permissions")).unwrap_or_default()
}

/// Sets the scope of some operations of a module, or takes them away.
fn grant(form: Form, module: Module, operations: &[Operation], scope: Option<Scope>) {
    let kept: Vec<_> = untrack(|| permissions_of(form))
        .iter()
        .filter(|p| p.module != module || !operations.contains(&p.operation))
        .copied()
        .collect();
    let given = operations.iter().filter_map(|&operation| {
        scope.map(|scope| Permission {
            module,
            operation,
            scope,
        })
    });
    let all = Permissions::new(kept.into_iter().chain(given));
    // A list of plain words always serialises.
    form.set(
        "permissions",
        serde_json::to_value(&all).unwrap_or_default(),
    );
}

fn short(scope: Scope) -> &'static str {
    let a = t().admin;
    match scope {
        Scope::Own => a.scope_own,
        Scope::Department => a.scope_department,
        Scope::DepartmentTree => a.scope_tree,
        Scope::All => a.scope_all,
    }
}

fn choices() -> impl IntoView {
    Scope::ALL
        .iter()
        .map(|scope| view! { <option value=scope.as_str()>{move || short(*scope)}</option> })
        .collect_view()
}

#[component]
pub fn PermissionGrid(form: Form, #[prop(into)] readonly: Signal<bool>) -> impl IntoView {
    let permissions = Memo::new(move |_| permissions_of(form));
    let row = move |module: &'static Module| {
        let module = *module;
        view! {
            <tr>
                <th
                    scope="row"
                    class="sticky left-0 z-10 border-b border-base-300/70 bg-base-100 px-3 py-1.5 text-left text-[0.8125rem] font-medium whitespace-nowrap"
                >
                    {move || module.label(lang())}
                </th>
                {Operation::ALL
                    .iter()
                    .map(|operation| {
                        view! {
                            <Cell
                                form=form
                                module=module
                                operation=*operation
                                permissions=permissions
                                readonly=readonly
                            />
                        }
                    })
                    .collect_view()}
                <td class="border-b border-base-300/70 px-1 py-1">
                    <Show when=move || !readonly.get()>
                        <WholeRow form=form module=module />
                    </Show>
                </td>
            </tr>
        }
    };
    let head = "border-b border-base-300 bg-base-200/80 px-2 py-2 text-left text-xs font-medium whitespace-nowrap";
    view! {
        <Card title=label(|a| a.grid) text=label(|a| a.grid_text) flush=true>
            <div class="max-h-[70vh] overflow-auto">
                <table class="w-full border-separate border-spacing-0" data-testid="grid">
                    <thead class="sticky top-0 z-20">
                        <tr>
                            <th scope="col" class=format!("{head} sticky left-0 z-30 bg-base-200 pl-3")>
                                {move || t().admin.module}
                            </th>
                            {Operation::ALL
                                .iter()
                                .map(|operation| {
                                    view! {
                                        <th scope="col" class=format!("{head} bg-base-200")>
                                            {move || operation.label(lang())}
                                        </th>
                                    }
                                })
                                .collect_view()}
                            <th scope="col" class=format!("{head} bg-base-200")></th>
                        </tr>
                    </thead>
                    <tbody>{Module::ALL.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </Card>
    }
}

#[component]
fn Cell(
    form: Form,
    module: Module,
    operation: Operation,
    permissions: Memo<Permissions>,
    readonly: Signal<bool>,
) -> impl IntoView {
    let scope = Memo::new(move |_| permissions.with(|all| all.scope(module, operation)));
    // The wider, the stronger.
    let tint = move || match scope.get() {
        None => "text-base-content/45",
        Some(Scope::Own) => "bg-primary/8",
        Some(Scope::Department) => "bg-primary/14",
        Some(Scope::DepartmentTree) => "bg-primary/20",
        Some(Scope::All) => "bg-primary/28 font-medium",
    };
    view! {
        <td class="border-b border-base-300/70 px-1 py-1">
            <select
                class=move || format!("w-full min-w-20 cursor-pointer rounded-field px-1.5 py-1 text-xs {}", tint())
                aria-label=move || format!("{} · {}", module.label(lang()), operation.label(lang()))
                data-testid=format!("{module}-{operation}")
                disabled=move || readonly.get()
                prop:value=move || scope.get().map(Scope::as_str).unwrap_or_default()
                on:change:target=move |event| {
                    grant(form, module, &[operation], event.target().value().parse().ok());
                }
            >
                <option value="">{move || t().admin.scope_none}</option>
                {choices()}
            </select>
        </td>
    }
}

/// Sets all operations of a module at once.
#[component]
fn WholeRow(form: Form, module: Module) -> impl IntoView {
    view! {
        <select
            class="muted w-full min-w-24 cursor-pointer rounded-field px-1.5 py-1 text-xs"
            aria-label=move || format!("{} · {}", module.label(lang()), t().admin.whole_row)
            on:change:target=move |event| {
                let word = event.target().value();
                if word != "keep" {
                    grant(form, module, Operation::ALL, word.parse().ok());
                    event.target().set_value("keep");
                }
            }
        >
            <option value="keep">{move || t().admin.whole_row}</option>
            <option value="">{move || t().admin.scope_none}</option>
            {choices()}
        </select>
    }
}
