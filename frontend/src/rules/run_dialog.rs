use guanxi_domain::segmentation::rules::{
    BasketKind, FIELDS, ItemKind, RuleRun, RuleRunInput, RuleSettings,
};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::runs::{RunDialog, Runs};
use crate::ui::{DateField, Form, FormGrid, NumberField, SelectField, ShareField, choices};

fn values(settings: &RuleSettings) -> Value {
    json!({ "settings": settings })
}

/// Asks for the settings, beginning with those of the last run.
#[component]
pub fn RuleRunDialog(runs: Runs<RuleRun>) -> impl IntoView {
    let form = Form::new::<RuleRunInput>(&FIELDS, values(&RuleSettings::default()));
    let begin = Callback::new(move |()| {
        let last = untrack(|| runs.newest()).map(|run| run.settings);
        form.reset(values(&last.unwrap_or_default()));
    });
    view! {
        <RunDialog runs=runs form=form begin=begin title=label(|r| r.run_title) text=label(|r| r.run_text)>
                <FormGrid>
                    <SelectField
                        form=form
                        name="/settings/items"
                        label=label(|r| r.items)
                        options=choices!(ItemKind)
                        required=true
                    />
                    <SelectField
                        form=form
                        name="/settings/baskets"
                        label=label(|r| r.baskets)
                        options=choices!(BasketKind)
                        required=true
                    />
                    <DateField form=form name="/settings/from" label=label(|r| r.from) hint=label(|r| r.from_hint) />
                    <DateField form=form name="/settings/to" label=label(|r| r.to) hint=label(|r| r.to_hint) />
                    <ShareField
                        form=form
                        name="/settings/min_support"
                        label=label(|r| r.min_support)
                        hint=label(|r| r.min_support_hint)
                        scale=10_000.0
                        required=true
                    />
                    <ShareField
                        form=form
                        name="/settings/min_confidence"
                        label=label(|r| r.min_confidence)
                        hint=label(|r| r.min_confidence_hint)
                        scale=10_000.0
                        required=true
                    />
                    <ShareField
                        form=form
                        name="/settings/min_lift"
                        label=label(|r| r.min_lift)
                        hint=label(|r| r.min_lift_hint)
                        scale=1_000.0
                        times=true
                        required=true
                    />
                    <NumberField
                        form=form
                        name="/settings/max_items"
                        label=label(|r| r.max_items)
                        hint=label(|r| r.max_items_hint)
                        required=true
                    />
                </FormGrid>
        </RunDialog>
    }
}
