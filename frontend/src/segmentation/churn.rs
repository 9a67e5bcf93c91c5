//! Churn: levels of risk and stages, whom to win back first and why, the plans to do so.

mod candidates;
mod losses;
mod owners;
mod plan_dialog;
mod plans;
mod reasons;
mod shares;

pub use losses::LossesCard;

use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::LifecycleStage;
use guanxi_domain::segmentation::run::{RunFigures, SegmentationRun};
use leptos::prelude::*;

use super::label;
use super::runs::RunPage;
use crate::format;
use crate::i18n::{fill, t};
use crate::ui::{KeyFigure, KeyFigures, TabItem, Tabs, use_tab};
use candidates::Candidates;
use plans::PlansList;
use reasons::Reasons;
use shares::{LevelsCard, StagesCard};

#[component]
pub fn ChurnPage() -> impl IntoView {
    view! {
        <RunPage title=label(|s| s.churn_title) subtitle=label(|s| s.churn_subtitle) body=body />
        // Losses are recorded by people: they are there also before the first run.
        <Reasons />
    }
}

fn body(run: SegmentationRun) -> AnyView {
    let Some(figures) = run.figures else {
        return ().into_any();
    };
    let tab = use_tab(&["first", "plans"]);
    let tabs = vec![
        TabItem::new("first", || t().segmentation.tab_first.to_owned()),
        TabItem::new("plans", || t().segmentation.tab_plans.to_owned()),
    ];
    let current = run.head.current;
    view! {
        <Figures figures=figures.clone() />
        <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
            <LevelsCard levels=figures.churn.clone() />
            <StagesCard stages=figures.stages.clone() />
        </div>
        <div class="mt-5 mb-4">
            <Tabs items=tabs current=tab />
        </div>
        {move || match tab.get() {
            "plans" => view! { <PlansList /> }.into_any(),
            _ if current => view! { <Candidates /> }.into_any(),
            // Whom to win back is asked of today, not of an earlier run.
            _ => view! { <p class="panel muted p-4">{move || t().segmentation.first_current}</p> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn Figures(figures: RunFigures) -> impl IntoView {
    let of = |level: ChurnLevel| {
        let found = figures.churn.iter().find(|f| f.level == Some(level));
        found.map_or((0, guanxi_domain::Money(0)), |f| (f.customers, f.value))
    };
    let (high, medium) = (of(ChurnLevel::High), of(ChurnLevel::Medium));
    let at_risk = guanxi_domain::Money(high.1.0.saturating_add(medium.1.0));
    let lost = figures
        .stages
        .iter()
        .find(|f| f.stage == LifecycleStage::Lost)
        .map_or((0, 0.0), |f| (f.customers, f.customer_share));
    view! {
        <KeyFigures>
            <KeyFigure label=label(|s| s.high_count) value=Signal::derive(move || format::integer(high.0)) />
            <KeyFigure label=label(|s| s.medium_count) value=Signal::derive(move || format::integer(medium.0)) />
            <KeyFigure
                label=label(|s| s.at_risk_value)
                value=Signal::derive(move || format::money_short(at_risk))
                title=Signal::derive(move || format::money(at_risk))
                note=label(|s| s.at_risk_note)
            />
            <KeyFigure
                label=label(|s| s.lost_count)
                value=Signal::derive(move || format::integer(lost.0))
                note=Signal::derive(move || {
                    fill(t().segmentation.of_all, &[("share", &format::percent(lost.1))])
                })
            />
        </KeyFigures>
    }
}
