use leptos::prelude::*;
use serde_json::Value;

use super::field::frame;
use super::form::Form;
use crate::i18n::t_now;

/// What can be typed.
fn out_of_range(times: bool) -> &'static str {
    let common = t_now().common;
    if times {
        common.ratio_range
    } else {
        common.percent_range
    }
}

/// What is typed, in the parts that are kept; the rules of the form may be narrower.
#[allow(clippy::cast_possible_truncation)] // At most a million.
fn read(text: &str, scale: f64, most: f64) -> Option<i64> {
    let text = text.trim().trim_end_matches(['%', '％', '×']).trim();
    let share: f64 = text.parse().ok()?;
    (0.0..=most)
        .contains(&share)
        .then(|| (share * scale).round() as i64)
}

/// A share that is kept in ten-thousandths and typed in per cent: `7500` is 75. With another `scale` it is kept in other parts, and with
/// `times` it is a ratio.
#[component]
pub fn ShareField(
    form: Form,
    #[prop(into)] name: String,
    #[prop(into, optional)] label: Signal<String>,
    #[prop(optional)] required: bool,
    #[prop(into, optional)] hint: Signal<String>,
    /// How many parts are one per cent, or one.
    #[prop(default = 100.0)]
    scale: f64,
    /// Typed as `1.5`, up to 1,000, not in per cent.
    #[prop(optional)]
    times: bool,
) -> impl IntoView {
    let (most, unit) = if times { (1_000.0, "×") } else { (100.0, "%") };
    let key = StoredValue::new(name.clone());
    #[allow(clippy::cast_precision_loss)] // At most a million.
    let written = move |value: &Value| {
        value
            .as_i64()
            .map(|share| (share as f64 / scale).to_string())
            .unwrap_or_default()
    };
    let text = RwSignal::new(key.with_value(|key| written(&untrack(|| form.get(key)))));
    Effect::new(move |_| {
        let value = key.with_value(|key| form.get(key));
        // What is being typed stays as it is typed.
        if !value.is_null() && read(&text.get_untracked(), scale, most) != value.as_i64() {
            text.set(written(&value));
        }
    });
    let typed = move |new: String| {
        text.set(new.clone());
        key.with_value(|key| match read(&new, scale, most) {
            Some(share) => form.set(key, share),
            None => form.set_unreadable(key, out_of_range(times)),
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
                    <span class="muted">{unit}</span>
                </label>
            }
            .into_any()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_share_too() {
        assert_eq!(read("0", 100.0, 100.0), Some(0));
        assert_eq!(read(" 7.5 % ", 100.0, 100.0), Some(750));
        assert_eq!(read("0.0004", 10_000.0, 100.0), Some(4));
        assert_eq!(read("100", 100.0, 100.0), Some(10_000));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "x", "-1", "100.01", "NaN", "inf"] {
            assert_eq!(read(text, 100.0, 100.0), None, "{text}");
        }
    }
}
