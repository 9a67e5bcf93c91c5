//! Fields of a form: label, input, hint and error. Name, label, whether it may be empty and its rules come
//! from the form; `name` may be a JSON pointer (`/company/bank`), then give a label.

use leptos::prelude::*;
use serde_json::Value;

use super::form::{Form, fresh_id};
use super::{Glyph, Icon, Options};
use crate::i18n::t;

/// Label above, hint or error below; `input` gets the element's id and whether the value is wrong.
pub(super) fn frame(
    form: Form,
    name: &str,
    label: Signal<String>,
    required: bool,
    hint: Signal<String>,
    wide: bool,
    input: impl FnOnce(String, Signal<bool>) -> AnyView,
) -> AnyView {
    let id = fresh_id("field");
    let (name, own_name) = (name.to_owned(), name.to_owned());
    let error = Memo::new(move |_| form.error(&own_name));
    let invalid = Signal::derive(move || error.with(Option::is_some));
    let text = move || {
        label.with(|label| {
            if label.is_empty() {
                form.label(&name)
            } else {
                label.clone()
            }
        })
    };
    let field = input(id.clone(), invalid);
    view! {
        <div class=if wide { "min-w-0 sm:col-span-2" } else { "min-w-0" }>
            <label class="mb-1 block text-[0.8125rem] font-medium" for=id>
                {text}
                {required.then(|| view! { <span class="required-mark ml-0.5 text-error" title=move || t().common.required>"*"</span> })}
            </label>
            {field}
            {move || match error.get() {
                Some(error) => view! { <p class="mt-1 text-xs text-error" role="alert">{error}</p> }.into_any(),
                None => hint.with(|hint| (!hint.is_empty()).then(|| view! { <p class="muted mt-1 text-xs">{hint.clone()}</p> })).into_any(),
            }}
        </div>
    }
    .into_any()
}

/// Empty optional text is `null` on the wire.
pub(super) fn text_value(text: String, required: bool) -> Value {
    if text.is_empty() && !required {
        Value::Null
    } else {
        Value::String(text)
    }
}

/// Fields side by side where there is room.
#[component]
pub fn FormGrid(children: Children) -> impl IntoView {
    view! { <div class="grid grid-cols-1 gap-x-4 gap-y-3.5 sm:grid-cols-2">{children()}</div> }
}

/// A titled group of fields.
#[component]
pub fn FormSection(#[prop(into)] title: Signal<String>, children: Children) -> impl IntoView {
    view! {
        <fieldset class="panel p-4">
            <legend class="panel-title float-left mb-3 w-full">{move || title.get()}</legend>
            <div class="clear-both">
                <FormGrid>{children()}</FormGrid>
            </div>
        </fieldset>
    }
}

/// One line of text; `kind` as in the `type` attribute (`email`, `tel`, `url`, `password`).
#[component]
pub fn TextField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
    #[prop(into, optional)] placeholder: Signal<String>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let value = Memo::new(move |_| key.with_value(|key| form.text(key)));
    let shown = RwSignal::new(false);
    frame(
        form,
        &name,
        label,
        required,
        hint,
        wide,
        move |id, invalid| {
            let password = kind == "password";
            view! {
            <label class="input input-sm h-9" class:invalid=move || invalid.get()>
                <input
                    id=id
                    type=move || if password && shown.get() { "text" } else { kind }
                    autocomplete=autocomplete
                    autofocus=autofocus
                    placeholder=move || placeholder.get()
                    aria-invalid=move || invalid.get().to_string()
                    aria-required=required.to_string()
                    prop:value=move || value.get()
                    on:input:target=move |event| {
                        key.with_value(|key| form.set(key, text_value(event.target().value(), required)));
                    }
                    on:change=move |_| key.with_value(|key| form.touch(key))
                />
                {password
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn btn-ghost btn-square btn-xs -mr-1.5"
                                tabindex="-1"
                                aria-label=move || {
                                    if shown.get() { t().common.hide_password } else { t().common.show_password }
                                }
                                on:click=move |_| shown.update(|shown| *shown = !*shown)
                            >
                                <Icon glyph=Signal::derive(move || {
                                    if shown.get() { Glyph::EyeOff } else { Glyph::Eye }
                                }) />
                            </button>
                        }
                    })}
            </label>
        }
        .into_any()
        },
    )
}

/// Several lines of text.
#[component]
pub fn TextArea(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
    #[prop(default = 3)] rows: u8,
    #[prop(default = true)] wide: bool,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let value = Memo::new(move |_| key.with_value(|key| form.text(key)));
    frame(
        form,
        &name,
        label,
        required,
        hint,
        wide,
        move |id, invalid| {
            view! {
            <textarea
                id=id
                class="textarea min-h-0"
                class:invalid=move || invalid.get()
                rows=rows
                aria-invalid=move || invalid.get().to_string()
                prop:value=move || value.get()
                on:input:target=move |event| {
                    key.with_value(|key| form.set(key, text_value(event.target().value(), required)));
                }
                on:change=move |_| key.with_value(|key| form.touch(key))
            ></textarea>
        }
        .into_any()
        },
    )
}

/// One of several choices (`choices!(…)`, `session.dictionary(…)`).
#[component]
pub fn SelectField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into)] options: Options,
    /// The values are integers on the wire.
    #[prop(optional)]
    number: bool,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let value = Memo::new(move |_| key.with_value(|key| form.text(key)));
    frame(
        form,
        &name,
        label,
        required,
        hint,
        wide,
        move |id, invalid| {
            let entries = move || {
                let mut entries = options.get();
                let now = value.get();
                // A choice that is no longer offered stays what it is.
                if !now.is_empty() && !entries.iter().any(|(word, _)| *word == now) {
                    entries.push((now.clone(), now));
                }
                entries
                    .into_iter()
                    .map(|(word, label)| {
                        let selected = word == value.get_untracked();
                        view! { <option value=word selected=selected>{label}</option> }
                    })
                    .collect_view()
            };
            view! {
            <select
                id=id
                class="select select-sm h-9"
                class:invalid=move || invalid.get()
                aria-invalid=move || invalid.get().to_string()
                prop:value=move || value.get()
                on:change:target=move |event| {
                    let chosen = event.target().value();
                    let value = match chosen.parse::<i64>() {
                        Ok(chosen) if number => Value::from(chosen),
                        _ => text_value(chosen, false),
                    };
                    key.with_value(|key| {
                        form.set(key, value);
                        form.touch(key);
                    });
                }
            >
                <option value="" disabled=required>{move || if required { t().common.choose } else { "—" }}</option>
                {entries}
            </select>
        }
        .into_any()
        },
    )
}

/// Yes or no.
#[component]
pub fn CheckField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(into, optional)] hint: Signal<String>,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let checked = Memo::new(move |_| key.with_value(|key| form.get(key)) == Value::Bool(true));
    let text = move || {
        label.with(|label| {
            if label.is_empty() {
                form.label(&name)
            } else {
                label.clone()
            }
        })
    };
    view! {
        <label class="flex min-w-0 cursor-pointer items-start gap-2.5 py-1">
            <input
                type="checkbox"
                class="checkbox checkbox-primary checkbox-sm mt-px"
                prop:checked=move || checked.get()
                on:change:target=move |event| key.with_value(|key| form.set(key, event.target().checked()))
            />
            <span>
                {text}
                <Show when=move || hint.with(|hint| !hint.is_empty())>
                    <span class="muted block text-xs">{move || hint.get()}</span>
                </Show>
            </span>
        </label>
    }
}

/// A calendar day.
#[component]
pub fn DateField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let value = Memo::new(move |_| key.with_value(|key| form.text(key)));
    frame(
        form,
        &name,
        label,
        required,
        hint,
        false,
        move |id, invalid| {
            view! {
                <input
                    id=id
                    type="date"
                    class="input input-sm h-9"
                    class:invalid=move || invalid.get()
                    aria-invalid=move || invalid.get().to_string()
                    prop:value=move || value.get()
                    on:change:target=move |event| {
                        key.with_value(|key| {
                            form.set(key, text_value(event.target().value(), false));
                            form.touch(key);
                        });
                    }
                />
            }
            .into_any()
        },
    )
}

/// Words, added one at a time.
#[component]
pub fn TagsField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let tags = Memo::new(move |_| -> Vec<String> {
        match key.with_value(|key| form.get(key)) {
            Value::Array(tags) => tags
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    });
    let text = RwSignal::new(String::new());
    let add = move || {
        // Several can be pasted, separated by commas of either kind.
        let mut all = tags.get_untracked();
        for tag in text
            .get_untracked()
            .split([',', '，', ';', '；'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
        {
            if !all.iter().any(|known| known == tag) {
                all.push(tag.to_owned());
            }
        }
        text.set(String::new());
        key.with_value(|key| {
            form.set(key, all);
            form.touch(key);
        });
    };
    let remove = move |tag: &str| {
        let all: Vec<_> = tags
            .get_untracked()
            .into_iter()
            .filter(|known| known != tag)
            .collect();
        key.with_value(|key| form.set(key, all));
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" || event.key() == "," {
            event.prevent_default();
            add();
        } else if event.key() == "Backspace"
            && text.with_untracked(String::is_empty)
            && let Some(last) = tags.get_untracked().last()
        {
            remove(last);
        }
    };
    let hint = Signal::derive(|| t().common.tags_hint.to_owned());
    frame(
        form,
        &name,
        label,
        false,
        Signal::derive(String::new),
        wide,
        move |id, invalid| {
            view! {
            <label class="input input-sm h-auto min-h-9 flex-wrap gap-1 py-1" class:invalid=move || invalid.get()>
                {move || {
                    tags.get()
                        .into_iter()
                        .map(|tag| {
                            let gone = tag.clone();
                            view! {
                                <span class="tag tag-plain">
                                    {tag}
                                    <button
                                        type="button"
                                        class="cursor-pointer opacity-60 hover:opacity-100"
                                        aria-label=move || t().common.delete
                                        on:click=move |_| remove(&gone)
                                    >
                                        <Icon glyph=Glyph::Close class="size-3" />
                                    </button>
                                </span>
                            }
                        })
                        .collect_view()
                }}
                <input
                    id=id
                    class="min-w-20 flex-1"
                    aria-invalid=move || invalid.get().to_string()
                    placeholder=move || hint.get()
                    prop:value=move || text.get()
                    on:input:target=move |event| text.set(event.target().value())
                    on:keydown=on_key
                    on:blur=move |_| add()
                />
            </label>
        }
        .into_any()
        },
    )
}
