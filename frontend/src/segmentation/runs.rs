//! The frame of the pages about a segmentation run.

use guanxi_domain::segmentation::run::{SegmentationRun, SegmentationRunHead};
use leptos::prelude::*;

use super::kept::{Kept, Nightly};
use super::label;
use super::run_dialog::SegmentationRunDialog;
use crate::api;
use crate::audit::by_whom;
use crate::format;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::runs::{RunBody, RunHead, Runs};
use crate::ui::{Glyph, RecordSkeleton, with_data};

/// A page about a run: the current one, or the one that the address names.
#[component]
pub fn RunPage(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] subtitle: Signal<String>,
    /// What is told of the run.
    body: fn(SegmentationRun) -> AnyView,
) -> impl IntoView {
    let runs = Runs::<SegmentationRunHead>::new(&[]);
    let kept = Kept::load();
    let button = label(|s| s.run);
    view! {
        <RunHead
            runs=runs
            title=title
            subtitle=subtitle
            button=button
            note=ViewFn::from(move || view! { <Nightly kept=kept /> })
        />
        <RunBody
            runs=runs
            glyph=Glyph::ChartPie
            none_title=label(|s| s.none_title)
            none_text=label(|s| s.none_text)
            button=button
            body=move |id| view! { <Run id=id body=body /> }
        />
        <SegmentationRunDialog runs=runs kept=kept />
    }
}

#[component]
fn Run(id: String, body: fn(SegmentationRun) -> AnyView) -> impl IntoView {
    let path = format!("/segmentation-runs/{id}");
    let run = Loader::new(move || api::get(path.clone()).json::<SegmentationRun>());
    with_data(
        run,
        || view! { <RecordSkeleton /> }.into_any(),
        move |run| {
            view! {
                <Made head=run.head.clone() />
                {body(run)}
            }
        },
    )
}

/// What the run looked at, when and by whom.
#[component]
fn Made(head: SegmentationRunHead) -> impl IntoView {
    let (as_of, at) = (head.as_of, head.finished_at);
    let (by_system, who) = (head.by.is_none(), head.by_name);
    let seconds = head.duration_ms.map(|ms| {
        #[allow(clippy::cast_precision_loss)] // Two figures are shown.
        let seconds = ms as f64 / 1_000.0;
        format!("{seconds:.1}")
    });
    let made = move || {
        let values = [
            ("date", format::date_short(as_of)),
            ("time", at.map(format::time).unwrap_or_default()),
            ("who", by_whom(by_system, &who, None)),
        ];
        fill(
            t().segmentation.made,
            &values
                .each_ref()
                .map(|(name, value)| (*name, value.as_str())),
        )
    };
    view! {
        <p class="muted mb-3 flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem]">
            <span class="num">{made}</span>
            {seconds
                .map(|n| view! { <span class="num">{move || fill(t().segmentation.made_in, &[("n", &n)])}</span> })}
        </p>
    }
}
