use guanxi_domain::value::{FIELDS, Measure, ValueRun, ValueRunInput, ValueSettings};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::format;
use crate::i18n::{fill, t, t_now};
use crate::ui::{
    DateField, Dialog, Form, FormFailure, FormGrid, SelectField, ShareField, choices, use_toasts,
};

fn values(settings: &ValueSettings) -> Value {
    json!({ "settings": settings })
}

/// Asks for the settings, beginning with those of the last run, and makes a run.
#[component]
pub fn RunDialog(
    open: RwSignal<bool>,
    #[prop(into)] last: Signal<Option<ValueSettings>>,
    done: Callback<ValueRun>,
) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<ValueRunInput>(&FIELDS, values(&ValueSettings::default()));
    Effect::new(move |_| {
        if open.get() {
            form.reset(values(&last.get_untracked().unwrap_or_default()));
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                api::post("/value-runs")
                    .body(&value)
                    .json::<ValueRun>()
                    .await
            },
            move |run| {
                open.set(false);
                let customers = format::integer(run.customers);
                toasts.done(fill(t_now().value.done, &[("n", &customers)]));
                done.run(run);
            },
        );
    };
    view! {
        <Dialog open=open title=label(|v| v.run_title)>
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || t().value.run_text}</p>
                <FormGrid>
                    <SelectField
                        form=form
                        name="/settings/measure"
                        label=label(|v| v.measure)
                        options=choices!(Measure)
                        required=true
                        wide=true
                    />
                    <DateField form=form name="/settings/from" label=label(|v| v.from) hint=label(|v| v.from_hint) />
                    <DateField form=form name="/settings/to" label=label(|v| v.to) hint=label(|v| v.to_hint) />
                    <ShareField
                        form=form
                        name="/settings/a_share"
                        label=label(|v| v.a_share)
                        hint=label(|v| v.share_hint)
                        required=true
                    />
                    <ShareField
                        form=form
                        name="/settings/b_share"
                        label=label(|v| v.b_share)
                        hint=label(|v| v.share_hint)
                        required=true
                    />
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm min-w-24"
                        data-testid="run-start"
                        disabled=move || form.busy()
                    >
                        {move || if form.busy() { t().value.running } else { t().value.run_button }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
