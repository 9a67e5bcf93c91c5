//! The filter as a tree that people edit: conditions, groups, negation.

use guanxi_domain::filter::{self, Operator};
use guanxi_domain::pointer;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::ListState;
use super::draft::{Draft, fresh, node_of, usable_fields};
use super::quick::operators;
use super::sentence::op_label;
use super::tree;
use super::value_editor::ValueEditor;
use crate::i18n::{lang, t};
use crate::ui::{Dialog, Glyph, Icon};

/// The dialog in which a filter is put together.
#[component]
pub(super) fn FilterBuilder(list: ListState, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open=open title=Signal::derive(|| t().list.builder.to_owned()) width="max-w-3xl">
            <BuilderForm list=list open=open />
        </Dialog>
    }
}

#[component]
fn BuilderForm(list: ListState, open: RwSignal<bool>) -> impl IntoView {
    let now = list.tree_untracked();
    let is_group = now.get("or").is_some() || now.get("and").is_some();
    let start = if is_group {
        now.clone()
    } else {
        json!({ "and": tree::conjuncts(&now) })
    };
    // The server's, of the filter that is on.
    let shown = list
        .errors()
        .into_iter()
        .filter_map(|error| {
            let place = node_of(error.pointer.strip_prefix(list.pointer())?);
            let place = if is_group {
                place
            } else {
                format!("/and/0{place}")
            };
            Some((place, error.message))
        })
        .collect();
    let draft = Draft {
        list,
        tree: RwSignal::new(start),
        errors: RwSignal::new(shown),
    };
    if now.is_null() {
        draft.add("/and", draft.new_test());
    }
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(tree) = draft.finished() {
            open.set(false);
            list.set_tree(&tree);
        }
    };
    view! {
        <form on:submit=submit novalidate>
            <p class="muted mb-3 text-xs">{move || t().list.builder_text}</p>
            <div class="max-h-[60dvh] min-h-56 overflow-y-auto pb-2">
                <FilterEditor draft=draft />
            </div>
            <div class="mt-4 flex justify-end gap-2">
                <button
                    type="button"
                    class="btn btn-ghost btn-sm mr-auto"
                    on:click=move |_| draft.change("", |tree| *tree = json!({ "and": [] }))
                >
                    {move || t().common.filters_clear}
                </button>
                <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                    {move || t().common.cancel}
                </button>
                <button type="submit" class="btn btn-primary btn-sm">
                    {move || t().list.apply}
                </button>
            </div>
        </form>
    }
}

/// The conditions of a draft, to be changed in their places.
#[component]
pub fn FilterEditor(draft: Draft) -> impl IntoView {
    let shape = Memo::new(move |_| draft.shape());
    move || group(draft, &shape.get(), "", true)
}

/// A group or condition, and whether it is negated.
fn node(draft: Draft, shape: &Value, at: &str) -> AnyView {
    let (inner, place) = match shape.get("not") {
        Some(inner) => (inner, pointer(at, "not")),
        None => (shape, at.to_owned()),
    };
    if tree::field_of(inner).is_some() {
        condition(draft, inner, at, &place)
    } else {
        group(draft, shape, at, false)
    }
}

/// `shape` may be the negation of a group.
fn group(draft: Draft, shape: &Value, at: &str, root: bool) -> AnyView {
    let (inner, place) = match shape.get("not") {
        Some(inner) => (inner, pointer(at, "not")),
        None => (shape, at.to_owned()),
    };
    let word = if inner.get("or").is_some() {
        "or"
    } else {
        "and"
    };
    let Some(parts) = inner.get(word).and_then(Value::as_array) else {
        // Not what this builder writes: it is shown as it is and can be taken away.
        return view! { <code class="text-xs">{inner.to_string()}</code> }.into_any();
    };
    let parts_at = pointer(&place, word);
    let children = parts
        .iter()
        .enumerate()
        .map(|(i, part)| view! { <li>{node(draft, part, &pointer(&parts_at, i))}</li> })
        .collect_view();
    let is_empty = parts.is_empty();
    let own = StoredValue::new(place);
    let turn = move |next: String| {
        draft.change(&own.get_value(), |node| {
            let parts = node.get_mut(word).map_or(json!([]), Value::take);
            *node = json!({ next: parts });
        });
    };
    let parts_at = StoredValue::new(parts_at);
    view! {
        <div class=if root { "" } else { "rounded-box border border-base-300 bg-base-200/50 p-2.5" }>
            <div class="mb-2 flex flex-wrap items-center gap-2">
                <div class="w-48">
                    <select
                        class="select select-sm"
                        aria-label=move || t().list.group_label
                        on:change:target=move |event| turn(event.target().value())
                    >
                        <option value="and" selected=word == "and">{move || t().list.all_of}</option>
                        <option value="or" selected=word == "or">{move || t().list.any_of}</option>
                    </select>
                </div>
                {node_buttons(draft, at, shape.get("not").is_some(), !root)}
            </div>
            {error_text(draft, at)}
            {(is_empty && root)
                .then(|| view! { <p class="muted py-4 text-center">{move || t().list.no_tests}</p> })}
            <ul class="space-y-2">{children}</ul>
            <div class="mt-2 flex gap-1">
                <button
                    type="button"
                    class="btn btn-ghost btn-sm gap-1 px-2 text-primary"
                    on:click=move |_| draft.add(&parts_at.get_value(), draft.new_test())
                >
                    <Icon glyph=Glyph::Plus class="size-3.5" />
                    {move || t().list.add_test}
                </button>
                {(at.matches("and").count() + at.matches("or").count() + 2 < filter::MAX_DEPTH)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn btn-ghost btn-sm gap-1 px-2"
                                on:click=move |_| {
                                    let other = if word == "and" { "or" } else { "and" };
                                    draft.add(&parts_at.get_value(), json!({ other: [draft.new_test()] }));
                                }
                            >
                                <Icon glyph=Glyph::Layers class="size-3.5" />
                                {move || t().list.add_group}
                            </button>
                        }
                    })}
            </div>
        </div>
    }
    .into_any()
}

fn error_text(draft: Draft, at: &str) -> impl IntoView + use<> {
    let at = at.to_owned();
    move || {
        draft
            .error(&at)
            .map(|message| view! { <p class="mt-1 text-xs text-error" role="alert">{message}</p> })
    }
}

/// Negation and removal of what stands at `at`.
fn node_buttons(draft: Draft, at: &str, negated: bool, removable: bool) -> impl IntoView + use<> {
    let at = StoredValue::new(at.to_owned());
    view! {
        <button
            type="button"
            class="btn btn-sm border-base-300 bg-base-100 px-2 shadow-none"
            class=(["border-primary/60", "text-primary"], negated)
            aria-pressed=negated.to_string()
            title=move || t().list.negate_hint
            on:click=move |_| draft.toggle_not(&at.get_value())
        >
            {move || t().list.negate}
        </button>
        {removable
            .then(|| {
                view! {
                    <button
                        type="button"
                        class="btn btn-ghost btn-square btn-sm"
                        aria-label=move || t().list.remove
                        title=move || t().list.remove
                        on:click=move |_| draft.remove(&at.get_value())
                    >
                        <Icon glyph=Glyph::Trash />
                    </button>
                }
            })}
    }
}

/// One condition: field, operator, value. `place` is where the test itself stands, inside its negation.
fn condition(draft: Draft, shape: &Value, at: &str, place: &str) -> AnyView {
    let list = draft.list;
    let place = StoredValue::new(place.to_owned());
    let name = tree::field_of(shape).unwrap_or_default().to_owned();
    let fields = usable_fields(list);
    let field = list.fields().get(&name).filter(|field| field.filterable);
    let op = tree::op_of(shape);
    let choose_field = move |name: String| {
        if let Some(field) = list.fields().get(&name) {
            draft.change(&place.get_value(), |node| *node = fresh(list, field));
        }
    };
    let choose_op = move |word: String| {
        if let Ok(next) = word.parse::<Operator>() {
            draft.change(&place.get_value(), |node| {
                let keeps = op.is_some_and(|op| tree::takes(op) == tree::takes(next));
                let value = if keeps {
                    tree::value_of(node)
                } else {
                    Value::Null
                };
                let field = tree::field_of(node).unwrap_or_default().to_owned();
                *node = tree::test(&field, next, value);
            });
        }
    };
    let value = Signal::derive(move || tree::value_of(&draft.get(&place.get_value())));
    let set_value = Callback::new(move |next: Value| {
        draft.change(&place.get_value(), |node| node["value"] = next);
    });
    let operator_options = field.map(|field| {
        operators(list, field)
            .into_iter()
            .map(|o| {
                let on = op == Some(o);
                view! {
                    <option value=o.as_str() selected=on>
                        {move || op_label(field.kind, o)}
                    </option>
                }
            })
            .collect_view()
    });
    let editor = field.zip(op).map(|(field, op)| {
        view! { <ValueEditor list=list field=field op=op value=value on_change=set_value /> }
    });
    view! {
        <div class="grid items-start gap-2 sm:grid-cols-[11rem_11rem_minmax(0,1fr)_auto]" data-testid="condition">
            <select
                class="select select-sm"
                aria-label=move || t().list.field
                on:change:target=move |event| choose_field(event.target().value())
            >
                {field.is_none().then(|| view! { <option value="" selected=true>{name.clone()}</option> })}
                {fields
                    .into_iter()
                    .map(|one| {
                        let on = one.name == name;
                        view! {
                            <option value=one.name selected=on>
                                {move || one.label(lang())}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <select
                class="select select-sm"
                aria-label=move || t().list.operator
                on:change:target=move |event| choose_op(event.target().value())
            >
                {operator_options}
            </select>
            <div class="min-w-0">{editor} {error_text(draft, at)}</div>
            <div class="flex gap-1">{node_buttons(draft, at, place.get_value() != at, true)}</div>
        </div>
    }
    .into_any()
}
