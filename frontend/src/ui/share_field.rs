use leptos::prelude::*;
use serde_json::Value;

use super::field::frame;
use super::form::Form;
use crate::i18n::t_now;

/// A share that is kept in ten-thousandths and typed in per cent: `7500` is 75.
#[component]
pub fn ShareField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    #[allow(clippy::cast_precision_loss)] // At most 10,000.
    let written = |value: &Value| {
        value
            .as_i64()
            .map(|share| (share as f64 / 100.0).to_string())
            .unwrap_or_default()
    };
    #[allow(clippy::cast_possible_truncation)] // At most 10,000.
    let read = |text: &str| {
        let share = text
            .trim()
            .trim_end_matches(['%', '％'])
            .trim()
            .parse::<f64>()
            .ok()?;
        (share > 0.0 && share <= 100.0).then(|| (share * 100.0).round() as i64)
    };
    let text = RwSignal::new(key.with_value(|key| written(&untrack(|| form.get(key)))));
    Effect::new(move |_| {
        let value = key.with_value(|key| form.get(key));
        // What is being typed stays as it is typed.
        if !value.is_null() && read(&text.get_untracked()) != value.as_i64() {
            text.set(written(&value));
        }
    });
    let typed = move |new: String| {
        text.set(new.clone());
        key.with_value(|key| match read(&new) {
            Some(share) => form.set(key, share),
            None => form.set_unreadable(key, t_now().common.percent_range),
        });
    };
    frame(
        form,
        &name,
        label,
        required,
        hint,
        false,
        move |id, invalid| {
            view! {
                <label class="input input-sm h-9" class:invalid=move || invalid.get()>
                    <input
                        id=id
                        class="num text-right"
                        inputmode="decimal"
                        autocomplete="off"
                        aria-invalid=move || invalid.get().to_string()
                        prop:value=move || text.get()
                        on:input:target=move |event| typed(event.target().value())
                    />
                    <span class="muted">"%"</span>
                </label>
            }
            .into_any()
        },
    )
}
