use guanxi_domain::win_back::{FIELDS, WinBackOutcome, WinBackPlan, WinBackPlanInput};
use guanxi_domain::{CustomerId, Timestamp};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::i18n::{fill, t, t_now};
use crate::ui::{
    DateField, Dialog, Form, FormFailure, FormGrid, PickerSource, RecordField, SelectField,
    TextArea, choices, use_toasts,
};

/// Whose plan is made or changed: the customer, and the plan that is there already.
pub type Planned = Option<(CustomerId, String, Option<WinBackPlan>)>;

fn values(planned: &Planned) -> Value {
    match planned {
        Some((_, _, Some(plan))) => json!(plan.input),
        Some((id, ..)) => empty(json!(id)),
        None => empty(Value::Null),
    }
}

fn empty(customer: Value) -> Value {
    json!({
        "customer_id": customer, "plan": "", "due_on": null, "responsible_id": null,
        "outcome": WinBackOutcome::Open, "outcome_on": null, "outcome_note": null,
    })
}

/// A plan to win somebody back, and what came of it.
#[component]
pub fn PlanDialog(planned: RwSignal<Planned>, done: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let form = Form::new::<WinBackPlanInput>(&FIELDS, values(&None));
    Effect::new(move |_| {
        let now = planned.get();
        if now.is_some() {
            form.reset(values(&now));
        }
        open.set(now.is_some());
    });
    Effect::new(move |before: Option<bool>| {
        let is_open = open.get();
        if before == Some(true) && !is_open {
            planned.set(None);
        }
        is_open
    });
    let is_closed = move || form.text("outcome") != WinBackOutcome::Open.as_str();
    // The day goes with the outcome: today, until another is chosen.
    Effect::new(move |_| {
        let closed = is_closed();
        let day = untrack(|| form.get("outcome_on"));
        if closed && day.is_null() {
            form.set("outcome_on", json!(Timestamp::now().date()));
        } else if !closed && !day.is_null() {
            form.set("outcome_on", Value::Null);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let there = planned.get_untracked().and_then(|(_, _, plan)| plan);
        form.submit(
            move |value| {
                let call = match there {
                    Some(plan) => api::patch(format!("/win-back-plans/{}", plan.id))
                        .version(plan.version)
                        .body(&form.patch()),
                    None => api::post("/win-back-plans").body(&value),
                };
                call.json::<WinBackPlan>()
            },
            move |_| {
                open.set(false);
                toasts.done(t_now().segmentation.plan_saved);
                done.run(());
            },
        );
    };
    let title = Signal::derive(move || {
        let name = planned.with(|planned| planned.as_ref().map(|(_, name, _)| name.clone()));
        fill(
            t().segmentation.plan_title,
            &[("name", &name.unwrap_or_default())],
        )
    });
    view! {
        <Dialog open=open title=title>
            <form class="space-y-4" novalidate on:submit=submit>
                <FormGrid>
                    <TextArea form=form name="plan" required=true rows=4 />
                    <DateField form=form name="due_on" />
                    <RecordField form=form name="responsible_id" source=PickerSource::people() />
                    <SelectField form=form name="outcome" options=choices!(WinBackOutcome) required=true />
                    <Show when=is_closed>
                        <DateField form=form name="outcome_on" required=true />
                    </Show>
                    <Show when=is_closed>
                        <TextArea form=form name="outcome_note" />
                    </Show>
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm"
                        data-testid="plan-save"
                        disabled=move || form.busy()
                    >
                        {move || t().common.save}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
