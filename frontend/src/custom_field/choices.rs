use guanxi_domain::pointer;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::i18n::t;
use crate::ui::{CheckField, Form, Glyph, Icon, TextField};

/// The choices that a field offers, one below the other.
#[component]
pub fn ChoicesEditor(form: Form) -> impl IntoView {
    let count = Memo::new(move |_| form.get("choices").as_array().map_or(0, Vec::len));
    let change = move |change: &dyn Fn(&mut Vec<Value>)| {
        form.update(|value| {
            if let Some(choices) = value.get_mut("choices").and_then(Value::as_array_mut) {
                change(choices);
            }
        });
    };
    let row = move |place: usize| {
        let at = |member: &str| pointer(&pointer("/choices", place), member);
        let step = move |glyph: Glyph, text: fn() -> &'static str, to: Option<usize>| {
            view! {
                <button
                    type="button"
                    class="btn btn-ghost btn-square btn-xs"
                    aria-label=move || format!("{} {}", text(), place + 1)
                    disabled=to.is_none()
                    on:click=move |_| {
                        if let Some(to) = to {
                            change(&|choices| choices.swap(place, to));
                        }
                    }
                >
                    <Icon glyph=glyph class="size-3.5" />
                </button>
            }
        };
        view! {
            <li class="grid grid-cols-1 items-start gap-x-3 gap-y-2 border-b border-base-300/70 py-3 last:border-b-0 sm:grid-cols-[1fr_1fr_8rem_auto]">
                <TextField form=form name=at("label_zh") label=label(|c| c.label_zh) required=true />
                <TextField form=form name=at("label_en") label=label(|c| c.label_en) required=true />
                <TextField form=form name=at("code") label=label(|c| c.choice_code) required=true />
                <div class="flex items-center gap-1 sm:pt-6">
                    <CheckField form=form name=at("active") label=label(|c| c.choice_active) />
                    {step(Glyph::ChevronUp, || t().custom.move_up, place.checked_sub(1))}
                    {move || {
                        let below = Some(place + 1).filter(|at| *at < count.get());
                        step(Glyph::ChevronDown, || t().custom.move_down, below)
                    }}
                    <button
                        type="button"
                        class="btn btn-ghost btn-square btn-xs"
                        aria-label=move || format!("{} {}", t().custom.choice_remove, place + 1)
                        on:click=move |_| change(&|choices| _ = choices.remove(place))
                    >
                        <Icon glyph=Glyph::Trash class="size-3.5" />
                    </button>
                </div>
            </li>
        }
    };
    let problem = move || {
        form.error("choices")
            .map(|text| view! { <p class="mt-1 text-xs text-error" role="alert">{text}</p> })
    };
    view! {
        <div class="sm:col-span-2" data-testid="choices">
            <ol>{move || (0..count.get()).map(row).collect_view()}</ol>
            {problem}
            <button
                type="button"
                class="btn-quiet mt-2"
                on:click=move |_| {
                    change(&|choices| {
                        choices.push(json!({"code": "", "label_zh": "", "label_en": "", "active": true}));
                    });
                }
            >
                <Icon glyph=Glyph::Plus />
                {move || t().custom.choice_add}
            </button>
        </div>
    }
}
