//! Custom fields in forms and on the pages of records.

use guanxi_domain::custom::{Custom, CustomField, CustomKind, field};
use guanxi_domain::{Date, Field, FieldKind, Money, Quantity};
use leptos::prelude::*;
use serde_json::Value;

use super::field::frame;
use super::form::Form;
use super::{
    Card, DateField, Fact, Facts, FormSection, MoneyInput, NumberField, Options, PickerSource,
    RecordField, SelectField, TextField,
};
use crate::i18n::{lang, t};
use crate::session::use_session;
use crate::{custom, format};

/// The section of a form with the custom fields of its record type; nothing where there are none.
#[component]
pub fn CustomFields(form: Form) -> impl IntoView {
    let offered = Memo::new(move |_| {
        let mut all = form.custom();
        all.retain(|definition| definition.input.active);
        all
    });
    move || {
        let offered = offered.get();
        (!offered.is_empty()).then(|| {
            let title = Signal::derive(|| t().custom.section.to_owned());
            let inputs = offered
                .into_iter()
                .map(|definition| view! { <CustomInput form=form definition=definition /> })
                .collect_view();
            view! { <FormSection title=title>{inputs}</FormSection> }
        })
    }
}

/// The input of one custom field.
#[component]
fn CustomInput(form: Form, definition: CustomField) -> impl IntoView {
    let CustomField {
        input: definition, ..
    } = definition;
    let name = format!("/custom/{}", definition.key);
    let required = definition.required;
    let kind = definition.kind;
    let definition = StoredValue::new(definition);
    let label = Signal::derive(move || definition.with_value(|d| d.label(lang()).to_owned()));
    let hint = Signal::derive(move || {
        definition.with_value(|d| d.help(lang()).unwrap_or_default().to_owned())
    });
    match kind {
        CustomKind::Text => {
            view! { <TextField form=form name=name label=label hint=hint required=required /> }
                .into_any()
        }
        CustomKind::Link => {
            let start = Signal::stored("https://".to_owned());
            view! { <TextField form=form name=name label=label hint=hint required=required kind="url" placeholder=start /> }
                .into_any()
        }
        CustomKind::Number => {
            view! { <NumberField form=form name=name label=label hint=hint required=required decimals=3 /> }
                .into_any()
        }
        CustomKind::Money => {
            view! { <MoneyInput form=form name=name label=label hint=hint required=required /> }
                .into_any()
        }
        CustomKind::Date => {
            view! { <DateField form=form name=name label=label hint=hint required=required /> }
                .into_any()
        }
        CustomKind::User => {
            view! { <RecordField form=form name=name label=label hint=hint required=required source=PickerSource::people() /> }
                .into_any()
        }
        CustomKind::Choice => {
            let own = name.clone();
            let options: Options = Signal::derive(move || {
                let now = form.get(&own);
                offered(definition, |code| now == *code)
            });
            view! { <SelectField form=form name=name label=label hint=hint required=required options=options /> }
                .into_any()
        }
        CustomKind::Boolean => yes_or_no(form, &name, label, hint, required),
        CustomKind::Choices => several(form, &name, label, hint, required, definition),
    }
}

/// The choices that can be made: those that are active, and what the record holds already.
fn offered(
    definition: StoredValue<guanxi_domain::custom::CustomFieldInput>,
    held: impl Fn(&str) -> bool,
) -> Vec<(String, String)> {
    definition.with_value(|definition| {
        let choices = definition.choices.iter();
        choices
            .filter(|choice| choice.active || held(&choice.code))
            .map(|choice| (choice.code.clone(), choice.label(lang()).to_owned()))
            .collect()
    })
}

/// Yes, no, or not said.
fn yes_or_no(
    form: Form,
    name: &str,
    label: Signal<String>,
    hint: Signal<String>,
    required: bool,
) -> AnyView {
    let key = StoredValue::new(name.to_owned());
    let choose = move |word: String| {
        let value = match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Null,
        };
        key.with_value(|key| {
            form.set(key, value);
            form.touch(key);
        });
    };
    frame(
        form,
        name,
        label,
        required,
        hint,
        false,
        move |id, invalid| {
            view! {
            <select
                id=id
                class="select select-sm h-9"
                class:invalid=move || invalid.get()
                aria-invalid=move || invalid.get().to_string()
                prop:value=move || key.with_value(|key| form.text(key))
                on:change:target=move |event| choose(event.target().value())
            >
                <option value="" disabled=required>{move || if required { t().common.choose } else { "—" }}</option>
                <option value="true">{move || t().common.yes}</option>
                <option value="false">{move || t().common.no}</option>
            </select>
        }
        .into_any()
        },
    )
}

/// Boxes to tick.
fn several(
    form: Form,
    name: &str,
    label: Signal<String>,
    hint: Signal<String>,
    required: bool,
    definition: StoredValue<guanxi_domain::custom::CustomFieldInput>,
) -> AnyView {
    let key = StoredValue::new(name.to_owned());
    let chosen = Memo::new(move |_| match key.with_value(|key| form.get(key)) {
        Value::Array(codes) => codes
            .iter()
            .filter_map(|code| code.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::<String>::new(),
    });
    let toggle = move |code: &str| {
        let mut all = chosen.get_untracked();
        match all.iter().position(|one| one == code) {
            Some(at) => _ = all.remove(at),
            None => all.push(code.to_owned()),
        }
        let value = if all.is_empty() {
            Value::Null
        } else {
            Value::from(all)
        };
        key.with_value(|key| {
            form.set(key, value);
            form.touch(key);
        });
    };
    frame(
        form,
        name,
        label,
        required,
        hint,
        true,
        move |id, invalid| {
            let boxes = move || {
                let now = chosen.get();
                offered(definition, |code| now.iter().any(|one| one == code))
                    .into_iter()
                    .map(|(code, label)| {
                        let checked = now.contains(&code);
                        view! {
                            <label class="flex cursor-pointer items-center gap-2">
                                <input
                                    type="checkbox"
                                    class="checkbox checkbox-primary checkbox-sm"
                                    prop:checked=checked
                                    on:change=move |_| toggle(&code)
                                />
                                {label}
                            </label>
                        }
                    })
                    .collect_view()
            };
            view! {
                <div
                    id=id
                    class="flex min-h-9 flex-wrap items-center gap-x-5 gap-y-2"
                    role="group"
                    aria-label=move || label.get()
                    aria-invalid=move || invalid.get().to_string()
                >
                    {boxes}
                </div>
            }
            .into_any()
        },
    )
}

/// What a record holds in its custom fields, as a card; nothing where its type has none.
#[component]
pub fn CustomCard(record: &'static str, #[prop(into)] values: Signal<Custom>) -> impl IntoView {
    let offered = Memo::new(move |_| {
        let mut all = custom::definitions(record);
        all.retain(|definition| definition.input.active);
        all
    });
    move || {
        let offered = offered.get();
        (!offered.is_empty()).then(|| {
            let facts = offered
                .into_iter()
                .map(|definition| {
                    let field = field(&definition.input);
                    let key = definition.input.key;
                    let wide = field.kind.is_many();
                    let label = Signal::derive(move || field.label(lang()).to_owned());
                    let value = move || {
                        values.with(|values| {
                            values
                                .get(&key)
                                .map_or_else(|| "—".into_any(), |value| value_view(field, value))
                        })
                    };
                    view! {
                        <Fact label=label wide=wide>
                            {value}
                        </Fact>
                    }
                })
                .collect_view();
            view! {
                <Card title=Signal::derive(|| t().custom.section.to_owned())>
                    <Facts>{facts}</Facts>
                </Card>
            }
        })
    }
}

/// A value as people read it.
pub(super) fn value_view(field: Field, value: &Value) -> AnyView {
    if let (FieldKind::ManyOf(choices), Value::Array(codes)) = (field.kind, value) {
        return codes
            .iter()
            .filter_map(|code| code.as_str().map(str::to_owned))
            .map(|code| {
                let label = move || choices.label(&code, lang()).unwrap_or(&code).to_owned();
                view! { <span class="tag tag-plain mr-1">{label}</span> }
            })
            .collect_view()
            .into_any();
    }
    if let (FieldKind::Link, Value::String(address)) = (field.kind, value) {
        return link(address.clone());
    }
    let text = value_text(field, value);
    (move || text()).into_any()
}

/// A web address, opened beside the app.
pub(super) fn link(address: String) -> AnyView {
    let shown = address
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .to_owned();
    view! {
        <a class="link-plain" href=address target="_blank" rel="noopener noreferrer">
            {shown}
        </a>
    }
    .into_any()
}

/// A single value in words, of custom fields of any kind. Reactive.
fn value_text(field: Field, value: &Value) -> impl Fn() -> String + Send + use<> {
    let session = use_session();
    let value = value.clone();
    move || match (field.kind, &value) {
        (_, Value::Bool(true)) => t().common.yes.to_owned(),
        (_, Value::Bool(false)) => t().common.no.to_owned(),
        (FieldKind::Money, Value::Number(amount)) => amount
            .as_i64()
            .map_or_else(String::new, |minor| format::money(Money(minor))),
        (FieldKind::Quantity, Value::String(number)) => number
            .parse::<Quantity>()
            .map_or_else(|_| number.clone(), format::quantity),
        (FieldKind::Date, Value::String(day)) => day
            .parse::<Date>()
            .map_or_else(|_| day.clone(), format::date),
        (FieldKind::Choice(choices), Value::String(code)) => {
            choices.label(code, lang()).unwrap_or(code).to_owned()
        }
        (FieldKind::Reference(_), Value::String(id)) => {
            session.person_name(id).unwrap_or_else(|| id.clone())
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}
