//! May somebody do this to a record, and why?

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::rights::RightsCheck;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::label;
use crate::api::{self, ApiError};
use crate::i18n::{fill, lang, t};
use crate::ui::{Badge, Card, PickerSource, RecordPicker, Tone};

/// The types whose records can be picked.
const TYPES: &[Module] = &[
    Module::Customers,
    Module::Contacts,
    Module::Orders,
    Module::Tickets,
    Module::Products,
];

#[component]
pub fn CheckCard(path: Signal<String>) -> impl IntoView {
    let module = RwSignal::new(Module::Customers);
    let record = RwSignal::new(None::<String>);
    let operation = RwSignal::new(Operation::Read);
    let answer = RwSignal::new(None::<Result<RightsCheck, ApiError>>);
    let ask = move || {
        let Some(id) = record.get_untracked() else {
            answer.set(None);
            return;
        };
        let call = api::get(format!("{}/rights/check", path.get_untracked()))
            .query("record", module.get_untracked())
            .query("record_id", id)
            .query("operation", operation.get_untracked());
        spawn_local(async move { answer.set(Some(call.json::<RightsCheck>().await)) });
    };
    let options = move || {
        TYPES
            .iter()
            .map(|m| view! { <option value=m.as_str()>{move || m.label(lang())}</option> })
            .collect_view()
    };
    let operations = move || {
        module
            .get()
            .operations()
            .iter()
            .filter(|o| **o != Operation::Create)
            .map(|o| view! { <option value=o.as_str()>{move || o.label(lang())}</option> })
            .collect_view()
    };
    let picker = move || {
        PickerSource::of(module.get().as_str()).map(|source| {
            view! {
                <RecordPicker
                    source=source
                    value=record
                    id="check-record"
                    on_change=move |id| {
                        record.set(id);
                        ask();
                    }
                />
            }
        })
    };
    let choose_module = move |word: String| {
        if let Ok(chosen) = word.parse() {
            record.set(None);
            answer.set(None);
            operation.set(Operation::Read);
            module.set(chosen);
        }
    };
    let field = "mb-1 block text-[0.8125rem] font-medium";
    view! {
        <Card title=label(|r| r.check) text=label(|r| r.check_text)>
            <div class="space-y-3" data-testid="rights-check">
                <div class="grid grid-cols-2 gap-3">
                    <div>
                        <label class=field for="check-type">
                            {move || t().rights.record_type}
                        </label>
                        <select
                            id="check-type"
                            class="select select-sm h-9 w-full"
                            prop:value=move || module.get().as_str()
                            on:change:target=move |event| choose_module(event.target().value())
                        >
                            {options}
                        </select>
                    </div>
                    <div>
                        <label class=field for="check-operation">
                            {move || t().rights.operation}
                        </label>
                        <select
                            id="check-operation"
                            class="select select-sm h-9 w-full"
                            prop:value=move || operation.get().as_str()
                            on:change:target=move |event| {
                                if let Ok(chosen) = event.target().value().parse() {
                                    operation.set(chosen);
                                    ask();
                                }
                            }
                        >
                            {operations}
                        </select>
                    </div>
                </div>
                <div>
                    <label class=field for="check-record">
                        {move || t().rights.record}
                    </label>
                    {picker}
                </div>
                {move || answer.get().map(|answer| view! { <Answer answer=answer /> })}
            </div>
        </Card>
    }
}

#[component]
fn Answer(answer: Result<RightsCheck, ApiError>) -> impl IntoView {
    match answer {
        Err(error) => view! { <p class="text-error">{move || error.message()}</p> }.into_any(),
        Ok(check) => {
            let allowed = check.allowed;
            let why = move || match (check.because, check.scope) {
                (Some(because), _) => because.label(lang()).to_owned(),
                (None, None) => t().rights.lacks.to_owned(),
                (None, Some(scope)) => {
                    fill(t().rights.out_of_reach, &[("scope", scope.label(lang()))])
                }
            };
            let tone = if allowed { Tone::Success } else { Tone::Error };
            let word = label(if allowed { |r| r.yes } else { |r| r.no });
            view! {
                <p class="flex items-start gap-2" data-testid="rights-answer" aria-live="polite">
                    <Badge tone=tone text=word />
                    <span>{why}</span>
                </p>
            }
            .into_any()
        }
    }
}
