//! Module × operation × scope: who may do what, on which records.

use guanxi_domain::permission::{Module, ModuleGroup, Operation, Permission, Permissions, Scope};
use leptos::prelude::*;

use super::label;
use crate::i18n::{fill, lang, t};
use crate::ui::{Card, Form, Glyph, Icon};

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

/// How many cells differ from what the role shipped with.
fn differing(now: &Permissions, shipped: &Permissions) -> usize {
    Module::ALL
        .iter()
        .flat_map(|module| module.operations().iter().map(move |o| (*module, *o)))
        .filter(|(module, operation)| {
            now.scope(*module, *operation) != shipped.scope(*module, *operation)
        })
        .count()
}

#[component]
pub fn PermissionGrid(
    form: Form,
    #[prop(into)] readonly: Signal<bool>,
    /// What the role shipped with; cells that differ are marked.
    #[prop(default = None)]
    shipped: Option<Permissions>,
) -> impl IntoView {
    let permissions = Memo::new(move |_| permissions_of(form));
    let shipped = StoredValue::new(shipped);
    let row = move |module: Module| {
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
                                shipped=shipped
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
            <Compare form=form permissions=permissions shipped=shipped readonly=readonly />
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
                    {ModuleGroup::ALL
                        .iter()
                        .map(|group| {
                            view! {
                                <tbody>
                                    <tr>
                                        <th
                                            scope="rowgroup"
                                            colspan=Operation::ALL.len() + 2
                                            class="bg-base-200/60 text-left"
                                        >
                                            <span class="muted sticky left-0 inline-block px-3 py-1 text-xs font-medium">
                                                {move || group.label(lang())}
                                            </span>
                                        </th>
                                    </tr>
                                    {group.modules().map(row).collect_view()}
                                </tbody>
                            }
                        })
                        .collect_view()}
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
    shipped: StoredValue<Option<Permissions>>,
) -> impl IntoView {
    if !module.takes(operation) {
        return view! { <td class="border-b border-base-300/70 bg-base-200/35"></td> }.into_any();
    }
    let scope = Memo::new(move |_| permissions.with(|all| all.scope(module, operation)));
    let before = shipped.with_value(|s| s.as_ref().map(|s| s.scope(module, operation)));
    let differs = move || before.is_some_and(|before| before != scope.get());
    let told = move || {
        let before = before?;
        let word = before.map_or(t().admin.scope_none, short);
        differs().then(|| fill(t().admin.shipped_was, &[("scope", word)]))
    };
    // The wider, the stronger.
    let tint = move || match scope.get() {
        None => "text-base-content/45",
        Some(Scope::Own) => "bg-primary/8",
        Some(Scope::Department) => "bg-primary/14",
        Some(Scope::DepartmentTree) => "bg-primary/20",
        Some(Scope::All) => "bg-primary/28 font-medium",
    };
    view! {
        <td class="border-b border-base-300/70 px-1 py-1" class:cell-differs=differs title=told>
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
    .into_any()
}

/// Says how far a role that ships has come from what it was, and takes it back there.
#[component]
fn Compare(
    form: Form,
    permissions: Memo<Permissions>,
    shipped: StoredValue<Option<Permissions>>,
    readonly: Signal<bool>,
) -> impl IntoView {
    let count = Memo::new(move |_| {
        shipped.with_value(|shipped| {
            let shipped = shipped.as_ref()?;
            Some(permissions.with(|now| differing(now, shipped)))
        })
    });
    let reset = move |_| {
        let all = shipped.with_value(Clone::clone);
        // A list of plain words always serialises.
        form.set("permissions", serde_json::to_value(all).unwrap_or_default());
    };
    move || {
        count.get().map(|n| {
            let text = move || match n {
                0 => t().admin.shipped_same.to_owned(),
                n => fill(t().admin.shipped_differs, &[("n", &n.to_string())]),
            };
            view! {
                <div class="flex flex-wrap items-center gap-3 border-b border-base-300 px-4 py-2" data-testid="compare">
                    <span class="muted flex-1 text-[0.8125rem]">{text}</span>
                    <Show when=move || { n > 0 && !readonly.get() }>
                        <button type="button" class="btn-quiet" data-testid="reset" on:click=reset>
                            <Icon glyph=Glyph::Undo />
                            {move || t().admin.shipped_reset}
                        </button>
                    </Show>
                </div>
            }
        })
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
                    grant(form, module, module.operations(), word.parse().ok());
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
