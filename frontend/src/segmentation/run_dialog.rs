use guanxi_domain::segmentation::lifetime::{PurchaseModel, TimeUnit};
use guanxi_domain::segmentation::rfm::RfmScoring;
use guanxi_domain::segmentation::run::{
    FIELDS, SegmentationRunHead, SegmentationRunInput, SegmentationSettings,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::kept::{KeepButton, Kept, KeptConflict, keeper};
use super::label;
use crate::i18n::{SegmentationTexts, fill, t};
use crate::runs::{RunDialog, Runs};
use crate::ui::{
    DateField, Form, FormGrid, MoneyInput, NumberField, Options, SelectField, ShareField, choices,
    use_toasts,
};

fn begin_with(settings: &SegmentationSettings) -> Value {
    json!({ "as_of": null, "settings": settings })
}

/// Asks for the settings, beginning with those that are kept.
#[component]
pub fn SegmentationRunDialog(runs: Runs<SegmentationRunHead>, kept: Kept) -> impl IntoView {
    let toasts = use_toasts();
    let none = SegmentationSettings::default();
    let form = Form::new::<SegmentationRunInput>(&FIELDS, begin_with(&none));
    let editor = keeper(kept, form);
    let begin = Callback::new(move |()| {
        spawn_local(async move {
            match kept.fetch().await {
                Ok(settings) => form.reset(begin_with(&settings)),
                Err(error) => toasts.error(&error),
            }
        });
    });
    view! {
        <RunDialog
            runs=runs
            form=form
            begin=begin
            title=label(|s| s.run_title)
            text=label(|s| s.run_text)
            width="max-w-2xl"
            aside=ViewFn::from(move || view! { <KeepButton kept=kept form=form editor=editor /> })
        >
                <FormGrid>
                    <DateField form=form name="/as_of" label=label(|s| s.as_of) hint=label(|s| s.as_of_hint) />
                </FormGrid>
                <Part title=label(|s| s.set_rfm) open=true>
                    <RfmPart form=form />
                </Part>
                <Part title=label(|s| s.set_lifetime) open=true>
                    <LifetimePart form=form />
                </Part>
                <Part title=label(|s| s.set_stages)>
                    <StagePart form=form />
                </Part>
        </RunDialog>
        <KeptConflict editor=editor />
    }
}

/// A group of settings that can be folded.
#[component]
fn Part(
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="panel px-4 py-2.5" open=open>
            <summary class="panel-title cursor-pointer">{move || title.get()}</summary>
            <div class="pt-3 pb-1.5">{children()}</div>
        </details>
    }
}

#[component]
fn RfmPart(form: Form) -> impl IntoView {
    let high = Options::derive(|| (2..=5).map(|n| (n.to_string(), n.to_string())).collect());
    let by_limits = move || form.text("/settings/rfm/scoring") == RfmScoring::Limits.as_str();
    view! {
        <FormGrid>
            <NumberField
                form=form
                name="/settings/rfm/window_days"
                label=label(|s| s.window_days)
                hint=label(|s| s.window_hint)
            />
            <SelectField
                form=form
                name="/settings/rfm/scoring"
                label=label(|s| s.scoring)
                options=choices!(RfmScoring)
                required=true
            />
            <SelectField
                form=form
                name="/settings/rfm/high_from"
                label=label(|s| s.high_from)
                hint=label(|s| s.high_hint)
                options=high
                number=true
                required=true
            />
        </FormGrid>
        <Show when=by_limits>
            <div class="mt-4 space-y-3">
                <Limits form=form name="recency_days" title=|s| s.limit_recency scores=[5, 4, 3, 2] />
                <Limits form=form name="frequency" title=|s| s.limit_frequency scores=[2, 3, 4, 5] />
                <Limits form=form name="monetary" title=|s| s.limit_monetary scores=[2, 3, 4, 5] />
            </div>
        </Show>
    }
}

/// Four limits of a dimension, from the first to the last.
#[component]
fn Limits(
    form: Form,
    name: &'static str,
    title: fn(&SegmentationTexts) -> &'static str,
    scores: [i32; 4],
) -> impl IntoView {
    let pointer = format!("/settings/rfm/limits/{name}");
    let field = |place: usize, score: i32| {
        let name = format!("{pointer}/{place}");
        let text =
            Signal::derive(move || fill(t().segmentation.limit_of, &[("n", &score.to_string())]));
        if pointer.ends_with("monetary") {
            view! { <MoneyInput form=form name=name label=text required=true /> }.into_any()
        } else {
            view! { <NumberField form=form name=name label=text required=true /> }.into_any()
        }
    };
    let fields = scores
        .into_iter()
        .enumerate()
        .map(|(place, score)| field(place, score))
        .collect_view();
    let wrong = pointer.clone();
    view! {
        <fieldset>
            <legend class="mb-1.5 text-[0.8125rem] font-medium">{move || title(t().segmentation)}</legend>
            <div class="grid grid-cols-2 gap-3 sm:grid-cols-4">{fields}</div>
            {move || form.error(&wrong).map(|message| view! { <p class="mt-1 text-xs text-error">{message}</p> })}
        </fieldset>
    }
}

#[component]
fn LifetimePart(form: Form) -> impl IntoView {
    view! {
        <FormGrid>
            <SelectField
                form=form
                name="/settings/lifetime/model"
                label=label(|s| s.model)
                options=choices!(PurchaseModel)
                required=true
            />
            <SelectField
                form=form
                name="/settings/lifetime/time_unit"
                label=label(|s| s.time_unit)
                options=choices!(TimeUnit)
                required=true
            />
            <NumberField form=form name="/settings/lifetime/horizon_months" label=label(|s| s.horizon) required=true />
            <ShareField form=form name="/settings/lifetime/margin_rate" label=label(|s| s.margin_rate) required=true />
            <ShareField form=form name="/settings/lifetime/discount_rate" label=label(|s| s.discount) required=true />
            <NumberField
                form=form
                name="/settings/lifetime/min_repeat_buyers"
                label=label(|s| s.min_repeat)
                hint=label(|s| s.min_repeat_hint)
                required=true
            />
            <NumberField
                form=form
                name="/settings/holdout_days"
                label=label(|s| s.holdout)
                hint=label(|s| s.holdout_hint)
            />
        </FormGrid>
    }
}

#[component]
fn StagePart(form: Form) -> impl IntoView {
    view! {
        <FormGrid>
            <NumberField form=form name="/settings/lifecycle/new_days" label=label(|s| s.new_days) required=true />
            <NumberField form=form name="/settings/lifecycle/lost_days" label=label(|s| s.lost_days) required=true />
            <ShareField form=form name="/settings/lifecycle/decline_sales" label=label(|s| s.decline_sales) required=true />
            <ShareField form=form name="/settings/lifecycle/growth_sales" label=label(|s| s.growth_sales) required=true />
            <ShareField form=form name="/settings/churn/medium_from" label=label(|s| s.medium_from) required=true />
            <ShareField form=form name="/settings/churn/high_from" label=label(|s| s.high_risk_from) required=true />
        </FormGrid>
    }
}
