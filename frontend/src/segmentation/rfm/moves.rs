use guanxi_domain::segmentation::rfm::RfmSegment;
use guanxi_domain::segmentation::run::{RunComparison, SegmentationRunHead, Transition};
use leptos::prelude::*;

use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::segmentation::badges::segment_tone;
use crate::segmentation::label;
use crate::ui::{Badge, Card, EmptyState, Glyph, Icon, Skeleton, Tone, with_data};
use crate::value::CsvButton;

/// So many moves are shown; the file has all.
const SHOWN: usize = 12;

fn name(segment: Option<RfmSegment>) -> &'static str {
    segment.map_or(t().segmentation.unscored, |segment| segment.label(lang()))
}

/// Which customers went from which segment to which since the run before, the most first.
#[component]
pub fn MovesCard(run: SegmentationRunHead) -> impl IntoView {
    if run.previous_id.is_none() || !run.scores_kept {
        return ().into_any();
    }
    let path = format!("/segmentation-runs/{}/compare", run.id);
    let found = Loader::new(move || api::get(path.clone()).json::<RunComparison>());
    let text = Signal::derive(move || {
        found.with(|l| {
            let day = l.data.as_ref().map(|found| found.with_as_of);
            day.map(|day| {
                let date = format::date_short(day);
                fill(t().segmentation.change_from, &[("date", &date)])
            })
            .unwrap_or_default()
        })
    });
    let moves = move || {
        let mut moves = found
            .data()
            .map(|found| found.rfm_segments)
            .unwrap_or_default();
        moves.retain(|m| m.from != m.to);
        moves.sort_by_key(|m| std::cmp::Reverse(m.customers));
        moves
    };
    let file = move || {
        let s = t().segmentation;
        let head = [s.moved_from, s.moved_to, s.customers].map(str::to_owned);
        let body = moves().into_iter().map(|m| {
            vec![
                name(m.from).to_owned(),
                name(m.to).to_owned(),
                m.customers.to_string(),
            ]
        });
        std::iter::once(head.to_vec()).chain(body).collect()
    };
    let body = move |_| {
        let moves = moves();
        if moves.is_empty() {
            return view! { <EmptyState glyph=Glyph::CircleCheck title=label(|s| s.nobody_moved) /> }
                .into_any();
        }
        let rows = moves.into_iter().take(SHOWN).map(row).collect_view();
        view! { <ul class="grid grid-cols-1 gap-x-8 gap-y-1.5 p-4 lg:grid-cols-2">{rows}</ul> }
            .into_any()
    };
    view! {
        <div data-testid="moves">
            <Card
                title=label(|s| s.moves)
                text=text
                actions=ViewFn::from(move || view! { <CsvButton file_name="rfm-moves" rows=file /> })
                flush=true
            >
                {with_data(found, || view! { <Skeleton lines=3 /> }.into_any(), body)}
            </Card>
        </div>
    }
    .into_any()
}

fn row(moved: Transition<RfmSegment>) -> impl IntoView {
    let badge = |segment: Option<RfmSegment>| {
        let tone = segment.map_or(Tone::Plain, segment_tone);
        view! { <Badge tone=tone text=Signal::derive(move || name(segment).to_owned()) /> }
    };
    view! {
        <li class="flex flex-wrap items-center gap-2">
            <span class="num mr-1 min-w-8 text-right font-semibold">{format::integer(moved.customers)}</span>
            {badge(moved.from)} <Icon glyph=Glyph::ChevronRight class="size-3.5 opacity-60" /> {badge(moved.to)}
        </li>
    }
}
