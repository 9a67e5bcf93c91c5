//! RFM: the heat map, the groups and segments with what to do, and the customers of those that are chosen.

mod classes;
mod cuts;
mod heat;
mod moves;

use guanxi_domain::segmentation::rfm::{RfmGroup, RfmSegment};
use guanxi_domain::segmentation::run::{RfmFigures, RunFigures, SegmentationRun};
use leptos::prelude::*;

use super::customers::Customers;
use super::label;
use super::runs::RunPage;
use crate::format;
use crate::i18n::{fill, t};
use crate::ui::{KeyFigure, KeyFigures};
use classes::ClassesCard;
use cuts::CutsCard;
use heat::HeatCard;
use moves::MovesCard;

#[component]
pub fn RfmPage() -> impl IntoView {
    view! { <RunPage title=label(|s| s.rfm_title) subtitle=label(|s| s.rfm_subtitle) body=body /> }
}

fn body(run: SegmentationRun) -> AnyView {
    let Some(figures) = run.figures else {
        return ().into_any();
    };
    let cuts = figures.rfm.cuts.clone();
    view! {
        <Figures figures=figures.clone() />
        <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
            <HeatCard cells=figures.rfm.cells.clone() />
            {cuts.map(|cuts| view! { <CutsCard cuts=cuts /> })}
        </div>
        <div class="mt-4">
            <ClassesCard figures=figures.rfm previous=run.head.previous_id />
        </div>
        <div class="mt-4">
            <MovesCard run=run.head.clone() />
        </div>
        <div class="mt-4">
            <Customers run=run.head sort="-lifetime_value" />
        </div>
    }
    .into_any()
}

#[component]
fn Figures(figures: RunFigures) -> impl IntoView {
    let RunFigures { customers, rfm, .. } = figures;
    let RfmFigures {
        customers: scored,
        sales,
        groups,
        segments,
        ..
    } = rfm;
    let best = groups
        .iter()
        .find(|g| g.class == RfmGroup::KeyValue)
        .map_or((0, 0.0), |g| (g.customers, g.sales_share));
    let endangered = segments
        .iter()
        .filter(|s| matches!(s.class, RfmSegment::AtRisk | RfmSegment::CannotLose))
        .fold((0, 0.0), |(n, share), s| {
            (n + s.customers, share + s.sales_share)
        });
    view! {
        <KeyFigures>
            <KeyFigure
                label=label(|s| s.scored)
                value=Signal::derive(move || format::integer(scored))
                note=Signal::derive(move || {
                    fill(t().segmentation.scored_note, &[("n", &format::integer(customers))])
                })
            />
            <KeyFigure
                label=label(|s| s.window_sales)
                value=Signal::derive(move || format::money_short(sales))
                title=Signal::derive(move || format::money(sales))
            />
            <KeyFigure
                label=label(|s| s.best)
                value=Signal::derive(move || format::integer(best.0))
                note=Signal::derive(move || {
                    fill(t().segmentation.best_note, &[("share", &format::percent(best.1))])
                })
            />
            <KeyFigure
                label=label(|s| s.endangered)
                value=Signal::derive(move || format::integer(endangered.0))
                note=Signal::derive(move || {
                    fill(t().segmentation.endangered_note, &[("share", &format::percent(endangered.1))])
                })
            />
        </KeyFigures>
    }
}
