use guanxi_domain::segmentation::rules::{
    BasketKind, FIELDS, ItemKind, RuleRun, RuleRunInput, RuleSettings,
};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::i18n::{t, t_now};
use crate::ui::{
    DateField, Dialog, Form, FormFailure, FormGrid, NumberField, SelectField, ShareField, choices,
    use_toasts,
};

fn values(settings: &RuleSettings) -> Value {
    json!({ "settings": settings })
}

/// Asks for the settings, beginning with those of the last run, and queues a run.
#[component]
pub fn RunDialog(
    open: RwSignal<bool>,
    #[prop(into)] last: Signal<Option<RuleSettings>>,
    done: Callback<RuleRun>,
) -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<RuleRunInput>(&FIELDS, values(&RuleSettings::default()));
    Effect::new(move |_| {
        if open.get() {
            form.reset(values(&last.get_untracked().unwrap_or_default()));
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::post("/rule-runs").body(&value).json::<RuleRun>().await },
            move |run| {
                open.set(false);
                toasts.done(t_now().rules.queued);
                done.run(run);
            },
        );
    };
    view! {
        <Dialog open=open title=label(|r| r.run_title)>
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{move || t().rules.run_text}</p>
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
                        {move || t().rules.run_button}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
