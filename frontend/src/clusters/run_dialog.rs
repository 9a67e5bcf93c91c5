use guanxi_domain::segmentation::kmeans::{
    ClusterRun, ClusterRunInput, FIELDS, Feature, KMeansSettings, Transform,
};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::i18n::{lang, t, t_now};
use crate::ui::{
    Dialog, Form, FormFailure, FormGrid, NumberField, SelectField, choices, use_toasts,
};

const FEATURES: &str = "/settings/features";

fn values(settings: &KMeansSettings) -> Value {
    json!({ "settings": settings })
}

/// Asks for the settings, beginning with those of the last run, and queues a run.
#[component]
pub fn RunDialog(
    open: RwSignal<bool>,
    #[prop(into)] last: Signal<Option<KMeansSettings>>,
    done: Callback<ClusterRun>,
) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<ClusterRunInput>(&FIELDS, values(&KMeansSettings::default()));
    Effect::new(move |_| {
        if open.get() {
            form.reset(values(&last.get_untracked().unwrap_or_default()));
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                api::post("/cluster-runs")
                    .body(&value)
                    .json::<ClusterRun>()
                    .await
            },
            move |run| {
                open.set(false);
                toasts.done(t_now().clusters.queued);
                done.run(run);
            },
        );
    };
    view! {
        <Dialog open=open title=label(|c| c.run_title)>
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || t().clusters.run_text}</p>
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
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm min-w-24"
                        data-testid="run-start"
                        disabled=move || form.busy() || chosen(form).is_empty()
                    >
                        {move || t().clusters.run_button}
                    </button>
                </div>
            </form>
        </Dialog>
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
