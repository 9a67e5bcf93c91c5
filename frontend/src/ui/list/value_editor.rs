//! The value of a condition, edited as its field's kind and its operator want it.

use guanxi_domain::filter::{Operator, Period};
use guanxi_domain::{Field, FieldKind, Proportion, Quantity, UnitPrice};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::ListState;
use super::sentence::value_text;
use super::tree::{Takes, takes};
use crate::format::{money_plain, parse_money};
use crate::i18n::{lang, t};
use crate::ui::{Glyph, Icon, Options, PickerSource, RecordPicker};

/// Half-typed values are null; `on_change` gets every step that somebody finishes.
#[component]
pub(super) fn ValueEditor(
    list: ListState,
    field: &'static Field,
    op: Operator,
    #[prop(into)] value: Signal<Value>,
    #[prop(into)] on_change: Callback<Value>,
    /// Text that is no value changes nothing; otherwise it is no value.
    #[prop(optional)]
    keep_wrong: bool,
) -> impl IntoView {
    let one = move || single(list, field, value, on_change, keep_wrong);
    match takes(op) {
        Takes::Nothing => ().into_any(),
        Takes::One => one(),
        Takes::Many => match (choices_of(list, field), field.kind) {
            (Some(options), _) => checkboxes(options, value, on_change),
            (None, FieldKind::Reference(record)) => {
                several_records(list, field, record, value, on_change)
            }
            (None, _) => words(value, on_change),
        },
        Takes::Two => {
            let end = move |at: usize| {
                let part = Signal::derive(move || value.with(|value| value[at].clone()));
                let set = Callback::new(move |next: Value| {
                    let mut ends = value.with_untracked(|v| [v[0].clone(), v[1].clone()]);
                    ends[at] = next;
                    on_change.run(json!(ends));
                });
                single(list, field, part, set, keep_wrong)
            };
            view! {
                <div class="flex items-center gap-1.5">
                    <div class="min-w-0 flex-1">{end(0)}</div>
                    <span class="muted">"–"</span>
                    <div class="min-w-0 flex-1">{end(1)}</div>
                </div>
            }
            .into_any()
        }
        Takes::Days => {
            let read = |text: &str| text.trim().parse::<u32>().ok().map(Value::from);
            view! {
                <div class="flex items-center gap-2">
                    <div class="w-24">{typed("number", value, on_change, written, read, false)}</div>
                    <span class="muted">{move || t().list.days}</span>
                </div>
            }
            .into_any()
        }
        Takes::Period => dropdown(crate::ui::choices!(Period), value, on_change),
    }
}

/// What the field can hold, if that is a short list.
fn choices_of(list: ListState, field: &'static Field) -> Option<Options> {
    match field.kind {
        FieldKind::Choice(choices) | FieldKind::ManyOf(choices) => {
            Some(Signal::derive(move || {
                choices
                    .words
                    .iter()
                    .map(|word| {
                        let label = choices.label(word, lang()).unwrap_or(word);
                        ((*word).to_owned(), label.to_owned())
                    })
                    .collect()
            }))
        }
        FieldKind::Dictionary(name) => {
            Some(Signal::derive(move || list.session().dictionary(name)))
        }
        _ => list.options(field.name),
    }
}

fn single(
    list: ListState,
    field: &'static Field,
    value: Signal<Value>,
    on_change: Callback<Value>,
    keep: bool,
) -> AnyView {
    if let Some(options) = choices_of(list, field) {
        return dropdown(options, value, on_change);
    }
    if field.named.is_some() {
        return named_number(list, value, on_change);
    }
    match field.kind {
        FieldKind::Boolean => yes_or_no(value, on_change),
        FieldKind::Reference(record) => one_record(list, record, value, on_change),
        FieldKind::Date | FieldKind::Timestamp => {
            let read = |text: &str| (!text.is_empty()).then(|| Value::from(text));
            let write = |value: &Value| {
                let text = value.as_str().unwrap_or_default();
                text.get(..10).unwrap_or(text).to_owned()
            };
            typed("date", value, on_change, write, read, keep)
        }
        FieldKind::Money => typed(
            "decimal",
            value,
            on_change,
            |value| {
                value
                    .as_i64()
                    .map(|minor| money_plain(guanxi_domain::Money(minor)))
                    .unwrap_or_default()
            },
            |text| parse_money(text).map(|amount| Value::from(amount.0)),
            keep,
        ),
        FieldKind::Integer => typed(
            "decimal",
            value,
            on_change,
            written,
            |text| ungrouped(text).parse::<i64>().ok().map(Value::from),
            keep,
        ),
        FieldKind::Quantity => typed(
            "decimal",
            value,
            on_change,
            written,
            |text| {
                let text = ungrouped(text);
                text.parse::<Quantity>().ok().map(|_| Value::from(text))
            },
            keep,
        ),
        // In percent.
        FieldKind::Proportion => typed(
            "decimal",
            value,
            on_change,
            |value| {
                let share = value
                    .as_str()
                    .and_then(|text| text.parse::<Proportion>().ok());
                share.map_or_else(String::new, |share| format!("{}", share.value() * 100.0))
            },
            |text| {
                let percent: f64 = text.trim().trim_end_matches('%').trim_end().parse().ok()?;
                (0.0..=100.0)
                    .contains(&percent)
                    .then(|| Value::from(Proportion::of(percent / 100.0).to_string()))
            },
            keep,
        ),
        FieldKind::UnitPrice => typed(
            "decimal",
            value,
            on_change,
            written,
            |text| {
                let text = ungrouped(text);
                text.parse::<UnitPrice>().ok().map(|_| Value::from(text))
            },
            keep,
        ),
        _ => typed(
            "text",
            value,
            on_change,
            written,
            |text| {
                let text = text.trim();
                (!text.is_empty()).then(|| Value::from(text))
            },
            keep,
        ),
    }
}

/// A number by its name, or typed where the names are not known.
fn named_number(list: ListState, value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let word = Signal::derive(move || Value::from(value.with(written)));
    let read = |text: &str| text.trim().parse::<i64>().ok().map(Value::from);
    let choose = Callback::new(move |word: Value| {
        on_change.run(word.as_str().and_then(read).unwrap_or_default());
    });
    let editor = move || match list.clusters().options() {
        Some(options) => dropdown(options, word, choose),
        None => typed("decimal", value, on_change, written, read, false),
    };
    editor.into_any()
}

fn ungrouped(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ',' | '，' | ' '))
        .collect()
}

fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An input whose text is read as a value; text that is none makes the field red and the value null.
fn typed(
    kind: &'static str,
    value: Signal<Value>,
    on_change: Callback<Value>,
    write: fn(&Value) -> String,
    read: fn(&str) -> Option<Value>,
    keep_wrong: bool,
) -> AnyView {
    let text = RwSignal::new(value.with_untracked(write));
    let wrong = move || text.with(|text| !text.trim().is_empty() && read(text).is_none());
    let (input_kind, mode) = match kind {
        "decimal" => ("text", "decimal"),
        kind => (kind, ""),
    };
    let finish = move |typed: String| {
        let next = read(&typed);
        let is_wrong = next.is_none() && !typed.trim().is_empty();
        text.set(typed);
        if is_wrong && keep_wrong {
            return;
        }
        let next = next.unwrap_or(Value::Null);
        if value.with_untracked(|value| *value != next) {
            on_change.run(next);
        }
    };
    view! {
        <input
            class="input input-sm"
            class:invalid=wrong
            type=input_kind
            inputmode=mode
            maxlength="200"
            min=(input_kind == "number").then_some("1")
            autocomplete="off"
            aria-label=move || t().list.value
            aria-invalid=move || wrong().to_string()
            prop:value=move || text.get()
            on:change:target=move |event| finish(event.target().value())
        />
    }
    .into_any()
}

fn dropdown(options: Options, value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let chosen = move || value.with(|value| value.as_str().unwrap_or_default().to_owned());
    let change = move |word: String| {
        on_change.run(if word.is_empty() {
            Value::Null
        } else {
            Value::String(word)
        });
    };
    view! {
        <select
            class="select select-sm"
            aria-label=move || t().list.value
            prop:value=chosen
            on:change:target=move |event| change(event.target().value())
        >
            <option value="">{move || t().common.choose}</option>
            {move || {
                let now = chosen();
                options
                    .get()
                    .into_iter()
                    .map(|(word, label)| {
                        view! {
                            <option value=word.clone() selected=word == now>
                                {label}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
    }
    .into_any()
}

fn yes_or_no(value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let options: Options = Signal::derive(|| {
        let common = t().common;
        vec![
            ("true".to_owned(), common.yes.to_owned()),
            ("false".to_owned(), common.no.to_owned()),
        ]
    });
    let word = Signal::derive(move || match value.get() {
        Value::Bool(flag) => Value::from(flag.to_string()),
        _ => Value::Null,
    });
    let change = Callback::new(move |next: Value| {
        on_change.run(
            next.as_str()
                .map_or(Value::Null, |word| Value::Bool(word == "true")),
        );
    });
    dropdown(options, word, change)
}

fn all_of(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// The list with this value turned on or off.
fn toggled(value: &Value, item: &Value) -> Value {
    let mut all = all_of(value);
    if let Some(at) = all.iter().position(|one| one == item) {
        all.remove(at);
    } else {
        all.push(item.clone());
    }
    Value::Array(all)
}

fn checkboxes(options: Options, value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    view! {
        <div class="grid max-h-60 grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] overflow-y-auto">
            {move || {
                options
                    .get()
                    .into_iter()
                    .map(|(word, label)| {
                        let word = StoredValue::new(Value::String(word));
                        let checked = move || {
                            value.with(|v| v.as_array().is_some_and(|all| word.with_value(|w| all.contains(w))))
                        };
                        view! {
                            <label class="menu-row">
                                <input
                                    type="checkbox"
                                    class="checkbox checkbox-primary checkbox-xs"
                                    prop:checked=checked
                                    on:change=move |_| {
                                        on_change.run(value.with_untracked(|v| word.with_value(|w| toggled(v, w))));
                                    }
                                />
                                {label}
                            </label>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

fn me_button(value: Signal<Value>, on_click: Callback<()>) -> AnyView {
    let on = move || {
        value.with(|value| match value {
            Value::Array(all) => all.iter().any(|one| one == "me"),
            value => value == "me",
        })
    };
    view! {
        <button
            type="button"
            class="btn btn-xs border-base-300 bg-base-100 shadow-none"
            class=(["border-primary/60", "text-primary"], on)
            aria-pressed=move || on().to_string()
            on:click=move |_| on_click.run(())
        >
            {move || t().list.me}
        </button>
    }
    .into_any()
}

/// Whether the visitor can be meant by a word.
fn takes_me(list: ListState, record: &str) -> bool {
    record == "users" && !list.is_rule()
}

fn one_record(
    list: ListState,
    record: &'static str,
    value: Signal<Value>,
    on_change: Callback<Value>,
) -> AnyView {
    let Some(source) = PickerSource::of(record) else {
        return ().into_any();
    };
    let id = Signal::derive(move || {
        value.with(|value| value.as_str().filter(|id| *id != "me").map(str::to_owned))
    });
    let me = takes_me(list, record).then(|| {
        let choose = Callback::new(move |()| on_change.run(Value::from("me")));
        me_button(value, choose)
    });
    let choose = move |id: Option<String>| on_change.run(id.map_or(Value::Null, Value::String));
    view! {
        <div class="flex items-center gap-1.5">
            {me}
            <div class="min-w-0 flex-1">
                <RecordPicker
                    source=source
                    value=id
                    on_change=choose
                />
            </div>
        </div>
    }
    .into_any()
}

/// Values that are chosen, each with a button that takes it away.
fn removable(
    value: Signal<Value>,
    on_change: Callback<Value>,
    label: impl Fn(&Value) -> String + Copy + Send + Sync + 'static,
) -> impl IntoView {
    move || {
        value
            .with(all_of)
            .into_iter()
            // The button for oneself shows by itself that it is on.
            .filter(|item| item != "me")
            .map(|item| {
                let text = label(&item);
                let name = format!("{} {text}", t().list.remove);
                view! {
                    <span class="tag tag-plain">
                        {text}
                        <button
                            type="button"
                            class="cursor-pointer hover:text-error"
                            aria-label=name
                            on:click=move |_| on_change.run(value.with_untracked(|v| toggled(v, &item)))
                        >
                            <Icon glyph=Glyph::Close class="size-3" />
                        </button>
                    </span>
                }
            })
            .collect_view()
    }
}

fn several_records(
    list: ListState,
    field: &'static Field,
    record: &'static str,
    value: Signal<Value>,
    on_change: Callback<Value>,
) -> AnyView {
    let Some(source) = PickerSource::of(record) else {
        return ().into_any();
    };
    let toggle = move |item: Value| on_change.run(value.with_untracked(|v| toggled(v, &item)));
    // The picker starts over after each choice.
    let picked = RwSignal::new(None::<String>);
    let me = takes_me(list, record)
        .then(|| me_button(value, Callback::new(move |()| toggle(Value::from("me")))));
    let pick = move |id: Option<String>| {
        if let Some(item) = id.map(Value::String)
            && !value.with_untracked(all_of).contains(&item)
        {
            toggle(item);
        }
        picked.set(None);
    };
    view! {
        <div class="flex flex-wrap items-center gap-1.5">
            {removable(value, on_change, move |item| value_text(list, field, item))} {me}
            <div class="min-w-36 flex-1">
                <RecordPicker
                    source=source
                    value=picked
                    on_change=pick
                />
            </div>
        </div>
    }
    .into_any()
}

/// Several words, each taken by Enter, a comma or leaving the field.
fn words(value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let text = RwSignal::new(String::new());
    let take = move || {
        let word = text.get_untracked().trim().to_owned();
        text.set(String::new());
        let item = Value::from(word.as_str());
        if !word.is_empty() && !value.with_untracked(all_of).contains(&item) {
            on_change.run(value.with_untracked(|v| toggled(v, &item)));
        }
    };
    view! {
        <div class="flex flex-wrap items-center gap-1.5">
            {removable(value, on_change, |item| item.as_str().unwrap_or_default().to_owned())}
            <input
                class="input input-sm min-w-28 flex-1"
                maxlength="200"
                autocomplete="off"
                aria-label=move || t().list.value
                placeholder=move || t().list.add_value
                prop:value=move || text.get()
                on:input:target=move |event| text.set(event.target().value())
                on:keydown=move |event| {
                    if matches!(event.key().as_str(), "Enter" | "," | "，") {
                        event.prevent_default();
                        take();
                    }
                }
                on:blur=move |_| take()
            />
        </div>
    }
    .into_any()
}
