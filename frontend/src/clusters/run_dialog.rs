use guanxi_domain::segmentation::kmeans::{
    ClusterRunHead, ClusterRunInput, FIELDS, Feature, KMeansSettings, Missing, Transform,
};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::i18n::{lang, t};
use crate::runs::{RunDialog, Runs};
use crate::ui::{Form, FormGrid, NumberField, SelectField, choices};

const FEATURES: &str = "/settings/features";

fn values(settings: &KMeansSettings) -> Value {
    json!({ "settings": settings })
}

/// Asks for the settings, beginning with those of the last run.
#[component]
pub fn ClusterRunDialog(runs: Runs<ClusterRunHead>) -> impl IntoView {
    let form = Form::new::<ClusterRunInput>(&FIELDS, values(&KMeansSettings::default()));
    let begin = Callback::new(move |()| {
        let last = untrack(|| runs.newest()).map(|run| run.settings);
        form.reset(values(&last.unwrap_or_default()));
    });
    let incomplete = Signal::derive(move || chosen(form).is_empty());
    view! {
        <RunDialog
            runs=runs
            form=form
            begin=begin
            title=label(|c| c.run_title)
            text=label(|c| c.run_text)
            incomplete=incomplete
        >
                <FeatureBoxes form=form />
                <FormGrid>
                    <NumberField
                        form=form
                        name="/settings/clusters"
                        label=label(|c| c.clusters)
                        hint=label(|c| c.clusters_hint)
                    />
                    <SelectField
                        form=form
                        name="/settings/transform"
                        label=label(|c| c.transform)
                        options=choices!(Transform)
                        required=true
                    />
                    <SelectField
                        form=form
                        name="/settings/missing"
                        label=label(|c| c.missing)
                        hint=label(|c| c.missing_hint)
                        options=choices!(Missing)
                        required=true
                        wide=true
                    />
                    <NumberField
                        form=form
                        name="/settings/min_clusters"
                        label=label(|c| c.min_clusters)
                        required=true
                    />
                    <NumberField
                        form=form
                        name="/settings/max_clusters"
                        label=label(|c| c.max_clusters)
                        required=true
                    />
                    <NumberField
                        form=form
                        name="/settings/restarts"
                        label=label(|c| c.restarts)
                        hint=label(|c| c.restarts_hint)
                        required=true
                    />
                    <NumberField
                        form=form
                        name="/settings/seed"
                        label=label(|c| c.seed)
                        hint=label(|c| c.seed_hint)
                        required=true
                    />
                </FormGrid>
        </RunDialog>
    }
}

/// The features that are chosen. Reactive.
fn chosen(form: Form) -> Vec<Feature> {
    serde_json::from_value(form.get(FEATURES)).unwrap_or_default()
}

/// A box for each feature; the order of the choice is that of the list.
#[component]
fn FeatureBoxes(form: Form) -> impl IntoView {
    let switch = move |feature: Feature, on: bool| {
        let chosen = untrack(|| chosen(form));
        let wanted = |f: &&Feature| {
            if **f == feature {
                on
            } else {
                chosen.contains(f)
            }
        };
        let features: Vec<&Feature> = Feature::ALL.iter().filter(wanted).collect();
        form.set(FEATURES, json!(features));
    };
    let boxes = Feature::ALL
        .iter()
        .map(|feature| {
            let feature = *feature;
            view! {
                <label class="flex cursor-pointer items-center gap-2">
                    <input
                        type="checkbox"
                        class="checkbox checkbox-sm"
                        data-testid=format!("feature-{feature}")
                        prop:checked=move || chosen(form).contains(&feature)
                        on:change:target=move |event| switch(feature, event.target().checked())
                    />
                    {move || feature.label(lang())}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset>
            <legend class="mb-1.5 text-xs font-medium">
                {move || t().clusters.features} " "
                <span class="muted font-normal">{move || t().clusters.features_hint}</span>
            </legend>
            <div class="grid grid-cols-1 gap-x-4 gap-y-1.5 sm:grid-cols-2">{boxes}</div>
        </fieldset>
    }
}
