//! The conditions that a list offers at once, each as a button.

use guanxi_domain::Field;
use guanxi_domain::filter::Operator;
use guanxi_domain::permission::Operation;
use leptos::prelude::*;
use serde_json::Value;

use super::ListState;
use super::sentence::op_label;
use super::tree;
use super::value_editor::ValueEditor;
use crate::i18n::{lang, t};
use crate::ui::{Glyph, Icon, Options};

/// A field that has a button of its own above the list.
#[derive(Clone, Copy)]
pub struct Quick {
    name: &'static str,
    options: Option<Options>,
}

impl Quick {
    /// A field of free text that in fact holds one of these words.
    pub const fn of(name: &'static str, options: Options) -> Self {
        Self {
            name,
            options: Some(options),
        }
    }
}

/// Buttons for these fields.
pub fn quick(names: &[&'static str]) -> Vec<Quick> {
    names
        .iter()
        .map(|name| Quick {
            name,
            options: None,
        })
        .collect()
}

impl Quick {
    pub(super) fn field(self, list: ListState) -> Option<&'static Field> {
        if let Some(options) = self.options {
            list.set_options(self.name, options);
        }
        list.fields()
            .get(self.name)
            .filter(|field| field.filterable && !list.is_fixed(field.name))
            .filter(|field| {
                let may = |module| untrack(|| list.session().can(module, Operation::Read));
                field.related.is_none_or(may)
            })
    }
}

/// The operators of a field that this list understands.
pub(super) fn operators(list: ListState, field: &Field) -> Vec<Operator> {
    let mut all = Operator::of(field.kind, field.optional);
    if field.named.is_some() {
        // Names have no order.
        all.retain(|op| {
            matches!(
                op,
                Operator::Eq | Operator::Ne | Operator::Empty | Operator::NotEmpty
            )
        });
    }
    if list.options(field.name).is_some() {
        all.retain(|op| matches!(op, Operator::In | Operator::NotIn));
        if field.optional {
            all.extend([Operator::Empty, Operator::NotEmpty]);
        }
    }
    if !list.takes_trees() {
        all.retain(|op| tree::has_parameter(*op));
    }
    all
}

#[component]
pub(super) fn QuickButton(list: ListState, field: &'static Field) -> impl IntoView {
    let open = RwSignal::new(false);
    let current = Memo::new(move |_| {
        tree::conjuncts(&list.tree())
            .into_iter()
            .find(|node| tree::field_of(node) == Some(field.name))
    });
    view! {
        <div
            class="relative"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    open.set(false);
                }
            }
        >
            <button
                type="button"
                class="btn btn-sm max-w-64 gap-1.5 border-base-300 bg-base-100 px-2.5 shadow-none hover:bg-base-200"
                class=(["border-primary/60", "text-primary"], move || current.with(Option::is_some))
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="truncate">{move || field.label(lang())}</span>
                <Icon glyph=Glyph::ChevronDown class="size-3.5 opacity-60" />
            </button>
            <Show when=move || open.get()>
                <div class="fixed inset-0 z-30" on:click=move |_| open.set(false)></div>
                <div class="menu-pop left-0 w-72 max-w-[calc(100vw-2rem)] p-2">
                    <QuickEditor list=list field=field />
                </div>
            </Show>
        </div>
    }
}

/// Writes one condition of the filter while it is open.
#[component]
fn QuickEditor(list: ListState, field: &'static Field) -> impl IntoView {
    let operators = operators(list, field);
    let first = operators.first().copied().unwrap_or(Operator::Eq);
    let now = tree::conjuncts(&list.tree_untracked())
        .into_iter()
        .find(|node| tree::field_of(node) == Some(field.name));
    let op = RwSignal::new(now.as_ref().and_then(tree::op_of).unwrap_or(first));
    let value = RwSignal::new(now.as_ref().map_or(Value::Null, tree::value_of));
    let write = move || {
        let mut parts = tree::conjuncts(&list.tree_untracked());
        let at = parts
            .iter()
            .position(|node| tree::field_of(node) == Some(field.name));
        let (op, value) = (op.get_untracked(), value.get_untracked());
        match (at, tree::is_complete(op, &value)) {
            (Some(at), true) => parts[at] = tree::test(field.name, op, value),
            (None, true) => parts.push(tree::test(field.name, op, value)),
            (Some(at), false) => _ = parts.remove(at),
            (None, false) => return,
        }
        list.set_tree(&tree::of_conjuncts(parts));
    };
    let choose = move |word: String| {
        let Ok(next) = word.parse::<Operator>() else {
            return;
        };
        if tree::takes(next) != tree::takes(op.get_untracked()) {
            value.set(Value::Null);
        }
        op.set(next);
        if tree::is_complete(next, &value.get_untracked()) {
            write();
        }
    };
    view! {
        <select
            class="select select-sm mb-2"
            aria-label=move || t().list.operator
            prop:value=move || op.get().as_str()
            on:change:target=move |event| choose(event.target().value())
        >
            {operators
                .into_iter()
                .map(|op| view! { <option value=op.as_str()>{move || op_label(field.kind, op)}</option> })
                .collect_view()}
        </select>
        {move || {
            view! {
                <ValueEditor
                    list=list
                    field=field
                    op=op.get()
                    value=value
                    on_change=move |next: Value| {
                        value.set(next);
                        write();
                    }
                />
            }
        }}
    }
}
