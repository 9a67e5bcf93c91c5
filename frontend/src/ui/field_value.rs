//! Fields whose text has to be read as a value: numbers, amounts, records.

use leptos::prelude::*;
use serde_json::{Number, Value};

use super::field::frame;
use super::form::Form;
use super::{PickerSource, RecordPicker};
use crate::format::{currency_sign, minor_digits, money_plain, parse_money};
use crate::i18n::{fill, t_now};

/// Keeps what is typed while it is no value; follows the form when that changes otherwise.
fn typed_text(
    form: Form,
    name: String,
    write: fn(&Value) -> String,
    read: fn(&str) -> Option<Value>,
) -> RwSignal<String> {
    let text = RwSignal::new(write(&untrack(|| form.get(&name))));
    Effect::new(move |_| {
        let value = form.get(&name);
        let typed = text.get_untracked();
        let same = if typed.trim().is_empty() {
            value.is_null()
        } else {
            read(&typed).is_none_or(|typed| typed == value)
        };
        if !same {
            text.set(write(&value));
        }
    });
    text
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum NumberKind {
    Integer,
    /// Text with this many decimals at most: quantities 3, unit prices 4.
    Decimal(u8),
    /// A JSON number with decimals: coordinates.
    Float,
    Money,
}

fn read_as(kind: NumberKind, text: &str) -> Option<Value> {
    let clean: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, ',' | '，' | ' '))
        .collect();
    match kind {
        NumberKind::Integer => clean.parse::<i64>().ok().map(Value::from),
        NumberKind::Float => clean
            .parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number),
        NumberKind::Money => parse_money(text).map(|amount| Value::from(amount.0)),
        NumberKind::Decimal(decimals) => {
            let digits = clean.strip_prefix('-').unwrap_or(&clean);
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
            let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
            let fine = !whole.is_empty()
                && numeric(whole)
                && numeric(fraction)
                && fraction.len() <= usize::from(decimals)
                && !digits.ends_with('.');
            fine.then_some(Value::String(clean))
        }
    }
}

fn write_plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn write_money(value: &Value) -> String {
    value
        .as_i64()
        .map(|minor| money_plain(guanxi_domain::Money(minor)))
        .unwrap_or_default()
}

type Write = fn(&Value) -> String;
type Read = fn(&str) -> Option<Value>;

/// What a typed field needs to turn into an input.
struct NumberInput {
    form: Form,
    name: String,
    kind: NumberKind,
    id: String,
    invalid: Signal<bool>,
    before: Option<&'static str>,
    after: &'static str,
}

fn number_input(field: NumberInput) -> AnyView {
    let NumberInput {
        form,
        name,
        kind,
        id,
        invalid,
        before,
        after,
    } = field;
    let (write, read): (Write, Read) = match kind {
        NumberKind::Integer => (write_plain, |text| read_as(NumberKind::Integer, text)),
        NumberKind::Float => (write_plain, |text| read_as(NumberKind::Float, text)),
        NumberKind::Money => (write_money, |text| read_as(NumberKind::Money, text)),
        // Which number of decimals does not matter for telling whether two texts mean the same.
        NumberKind::Decimal(_) => (write_plain, |text| {
            read_as(NumberKind::Decimal(u8::MAX), text)
        }),
    };
    let key = StoredValue::new(name.clone());
    let text = typed_text(form, name, write, read);
    let typed = move |new: String| {
        text.set(new.clone());
        key.with_value(|key| {
            if new.trim().is_empty() {
                form.set(key, Value::Null);
            } else if let Some(value) = read_as(kind, &new) {
                form.set(key, value);
            } else {
                let decimals = match kind {
                    NumberKind::Decimal(decimals) => decimals,
                    NumberKind::Money => minor_digits(),
                    NumberKind::Integer | NumberKind::Float => 0,
                };
                let common = t_now().common;
                let numeric = new.trim().replace(',', "").parse::<f64>().is_ok();
                if numeric && kind != NumberKind::Float {
                    form.set_unreadable(
                        key,
                        &fill(common.too_many_decimals, &[("n", &decimals.to_string())]),
                    );
                } else {
                    form.set_unreadable(key, common.not_a_number);
                }
            }
        });
    };
    view! {
        <label class="input input-sm h-9" class:invalid=move || invalid.get()>
            {before.map(|sign| view! { <span class="muted">{sign}</span> })}
            <input
                id=id
                class="num text-right"
                inputmode="decimal"
                autocomplete="off"
                aria-invalid=move || invalid.get().to_string()
                prop:value=move || text.get()
                on:input:target=move |event| typed(event.target().value())
                on:change=move |_| key.with_value(|key| form.touch(key))
            />
            {(!after.is_empty()).then(|| view! { <span class="muted">{after}</span> })}
        </label>
    }
    .into_any()
}

/// A number: an integer, with `decimals` a decimal text (quantity 3, unit price 4), with `float` a JSON number.
#[component]
pub fn NumberField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
    #[prop(optional)] decimals: u8,
    #[prop(optional)] float: bool,
    /// Written behind the number.
    #[prop(default = "")]
    unit: &'static str,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let kind = match (float, decimals) {
        (true, _) => NumberKind::Float,
        (false, 0) => NumberKind::Integer,
        (false, decimals) => NumberKind::Decimal(decimals),
    };
    let own_name = name.clone();
    frame(
        form,
        &name,
        label,
        required,
        hint,
        wide,
        move |id, invalid| {
            number_input(NumberInput {
                form,
                name: own_name,
                kind,
                id,
                invalid,
                before: None,
                after: unit,
            })
        },
    )
}

/// An amount in the deployment's currency: typed with decimals, kept in minor units.
#[component]
pub fn MoneyInput(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let own_name = name.clone();
    frame(
        form,
        &name,
        label,
        required,
        hint,
        wide,
        move |id, invalid| {
            let before = Some(currency_sign());
            number_input(NumberInput {
                form,
                name: own_name,
                kind: NumberKind::Money,
                id,
                invalid,
                before,
                after: "",
            })
        },
    )
}

/// Another record, chosen by type-ahead; its id is kept.
#[component]
pub fn RecordField(
    form: Form,
    #[prop(into)] name: String,
    source: PickerSource,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
    #[prop(optional, into)] on_record: Option<Callback<Value>>,
    #[prop(optional)] wide: bool,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let value =
        Signal::derive(move || key.with_value(|key| form.get(key).as_str().map(str::to_owned)));
    let on_change = move |id: Option<String>| {
        key.with_value(|key| {
            form.set(key, id.map_or(Value::Null, Value::String));
            form.touch(key);
        });
    };
    let record = Callback::new(move |record| {
        if let Some(on_record) = on_record {
            on_record.run(record);
        }
    });
    frame(
        form,
        &name,
        label,
        required,
        hint,
        wide,
        move |id, invalid| {
            view! {
            <RecordPicker source=source value=value on_change=on_change on_record=record id=id invalid=invalid />
        }
        .into_any()
        },
    )
}
