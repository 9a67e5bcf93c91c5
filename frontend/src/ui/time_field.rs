use guanxi_domain::Timestamp;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsValue;

use super::field::frame;
use super::form::Form;

/// A point in time as the browser's input has it: `2026-11-21T08:30` in the local zone.
fn local(value: &Value) -> String {
    let Some(moment) = serde_json::from_value::<Timestamp>(value.clone()).ok() else {
        return String::new();
    };
    #[allow(clippy::cast_precision_loss)] // Milliseconds since 1970 fit exactly for 285,000 years.
    let date = js_sys::Date::new(&JsValue::from_f64((moment.micros() / 1_000) as f64));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// What the input holds, as a point in time; `Null` when it is empty or half typed.
fn moment(typed: &str) -> Value {
    let date = js_sys::Date::new(&JsValue::from_str(typed));
    if typed.is_empty() || date.get_time().is_nan() {
        return Value::Null;
    }
    #[allow(clippy::cast_possible_truncation)] // Whole milliseconds of a year with four digits.
    let micros = date.get_time() as i64 * 1_000;
    serde_json::to_value(Timestamp::from_micros(micros)).unwrap_or_default()
}

/// A day and a time of day, in the browser's time zone.
#[component]
pub fn TimeField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let value = Memo::new(move |_| local(&key.with_value(|key| form.get(key))));
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
                    type="datetime-local"
                    class="input input-sm h-9"
                    class:invalid=move || invalid.get()
                    aria-invalid=move || invalid.get().to_string()
                    prop:value=move || value.get()
                    on:change:target=move |event| {
                        key.with_value(|key| {
                            form.set(key, moment(&event.target().value()));
                            form.touch(key);
                        });
                    }
                />
            }
            .into_any()
        },
    )
}
