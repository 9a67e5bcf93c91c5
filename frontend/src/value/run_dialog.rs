use guanxi_domain::value::{FIELDS, Measure, ValueRunHead, ValueRunInput, ValueSettings};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::runs::{RunDialog, Runs};
use crate::ui::{DateField, Form, FormGrid, SelectField, ShareField, choices};

fn values(settings: &ValueSettings) -> Value {
    json!({ "settings": settings })
}

/// Asks for the settings, beginning with those of the last run.
#[component]
pub fn ValueRunDialog(runs: Runs<ValueRunHead>) -> impl IntoView {
    let form = Form::new::<ValueRunInput>(&FIELDS, values(&ValueSettings::default()));
    let begin = Callback::new(move |()| {
        let last = untrack(|| runs.newest()).map(|run| run.settings);
        form.reset(values(&last.unwrap_or_default()));
    });
    view! {
        <RunDialog runs=runs form=form begin=begin title=label(|v| v.run_title) text=label(|v| v.run_text)>
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
        </RunDialog>
    }
}
