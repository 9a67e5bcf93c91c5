use guanxi_domain::segment::{SegmentColour, SegmentKind};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::preview::PreviewCard;
use super::{fill_of, label};
use crate::i18n::{lang, t};
use crate::ui::{
    CheckField, Draft, FilterEditor, Form, FormSection, SelectField, TextArea, TextField, choices,
};

/// Names of members that lists do not show, by pointer: for the conflict dialog.
pub fn member_name(pointer: &str) -> Option<&'static str> {
    let words = t().segment;
    match pointer {
        "/description" => Some(words.description),
        pointer if pointer.starts_with("/filter") => Some(words.rule),
        _ => None,
    }
}

/// The form beside what its rule finds. A static segment has a filter at its creation only.
#[component]
pub fn SegmentFields(
    form: Form,
    draft: Draft,
    /// Of a segment that is there already: which.
    segment: Option<(String, SegmentKind)>,
) -> impl IntoView {
    let fresh = segment.is_none();
    let dynamic = Memo::new(move |_| form.text("kind") == SegmentKind::Dynamic.as_str());
    let filter = Memo::new(move |_| draft.complete());
    let empty = json!({ "and": [] });
    Effect::new(move |_| {
        let rule = match filter.get() {
            // A list that begins with everybody is none that people keep.
            Some(tree) if dynamic.get() || tree != empty => tree,
            _ => Value::Null,
        };
        if untrack(|| form.get("filter")) != rule {
            form.set("filter", rule);
        }
    });
    let has_rule = move || fresh || dynamic.get();
    let title = Signal::derive(move || {
        let words = t().segment;
        (if dynamic.get() {
            words.rule
        } else {
            words.start
        })
        .to_owned()
    });
    let text = move || {
        let words = t().segment;
        if dynamic.get() {
            words.rule_text
        } else {
            words.start_text
        }
    };
    let id = segment.map(|(id, _)| id);
    let previewed = Memo::new(move |_| {
        let begins_empty = !dynamic.get() && form.get("filter").is_null();
        filter.get().filter(|_| !begins_empty)
    });
    view! {
        <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
            <div class="min-w-0 space-y-4">
                <FormSection title=label(|s| s.section_basic)>
                    <TextField form=form name="name" required=true autofocus=true />
                    {if fresh {
                        view! {
                            <SelectField
                                form=form
                                name="kind"
                                options=choices!(SegmentKind)
                                required=true
                                hint=label(|s| s.kind_hint)
                            />
                        }
                            .into_any()
                    } else {
                        ().into_any()
                    }}
                    <ColourField form=form />
                    <div class="sm:pt-5">
                        <CheckField form=form name="shared" hint=label(|s| s.shared_hint) />
                    </div>
                    <TextArea form=form name="description" label=label(|s| s.description) />
                </FormSection>
                <Show when=has_rule>
                    <fieldset class="panel p-4" data-testid="rule">
                        <legend class="panel-title float-left w-full">{move || title.get()}</legend>
                        <p class="muted clear-both mb-3 text-xs">{text}</p>
                        <FilterEditor draft=draft />
                        {move || {
                            form.error("filter")
                                .map(|error| {
                                    view! {
                                        <p class="mt-2 text-xs text-error" role="alert">
                                            {error}
                                        </p>
                                    }
                                })
                        }}
                    </fieldset>
                </Show>
            </div>
            <Show when=has_rule>
                <div class="xl:sticky xl:top-16">
                    <PreviewCard filter=previewed segment=id.clone() />
                </div>
            </Show>
        </div>
    }
}

/// The colours as dots.
#[component]
fn ColourField(form: Form) -> impl IntoView {
    let dot = move |colour: Option<SegmentColour>| {
        let word = colour.map(SegmentColour::as_str).unwrap_or_default();
        let on = move || form.text("colour") == word;
        let name =
            move || colour.map_or_else(|| t().segment.no_colour, |colour| colour.label(lang()));
        let class = match colour {
            Some(colour) => format!("block size-4 rounded-full {}", fill_of(colour)),
            None => {
                "block size-4 rounded-full border border-dashed border-base-content/50".to_owned()
            }
        };
        view! {
            <button
                type="button"
                class="grid size-8 cursor-pointer place-items-center rounded-full border-2"
                class=("border-primary", on)
                class=("border-transparent", move || !on())
                aria-pressed=move || on().to_string()
                aria-label=name
                title=name
                on:click=move |_| form.set("colour", colour.map_or(Value::Null, |c| json!(c)))
            >
                <span class=class></span>
            </button>
        }
    };
    let all = std::iter::once(None).chain(SegmentColour::ALL.iter().copied().map(Some));
    view! {
        <div class="min-w-0" role="group" aria-label=move || t().segment.colour>
            <p class="mb-1 text-[0.8125rem] font-medium">{move || t().segment.colour}</p>
            <div class="flex flex-wrap gap-0.5">{all.map(dot).collect_view()}</div>
        </div>
    }
}
