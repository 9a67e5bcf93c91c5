//! Segments: list, form with preview, record with members, composition, growth and overlap.

mod composition;
mod edit;
mod form;
mod growth;
mod list;
mod members;
mod overlap;
mod preview;
mod record;

pub use edit::{SegmentEditPage, SegmentNewPage};
pub use list::SegmentListPage;
pub use record::SegmentPage;

use guanxi_domain::segment::{Segment, SegmentColour, SegmentKind};
use leptos::prelude::*;
use serde_json::Value;

use crate::i18n::{SegmentTexts, lang, t};
use crate::ui::{Badge, Tone, record_link};

/// A text of the segments' area, as a label.
fn label(pick: fn(&SegmentTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().segment).to_owned())
}

const fn fill_of(colour: SegmentColour) -> &'static str {
    match colour {
        SegmentColour::Grey => "bg-neutral-400",
        SegmentColour::Red => "bg-red-500",
        SegmentColour::Orange => "bg-orange-500",
        SegmentColour::Yellow => "bg-yellow-400",
        SegmentColour::Green => "bg-green-500",
        SegmentColour::Teal => "bg-teal-500",
        SegmentColour::Blue => "bg-blue-500",
        SegmentColour::Purple => "bg-purple-500",
        SegmentColour::Pink => "bg-pink-500",
    }
}

/// The colour of a segment; nothing where it has none.
fn dot(colour: Option<SegmentColour>) -> Option<AnyView> {
    colour.map(|colour| {
        let class = format!(
            "inline-block size-2.5 shrink-0 rounded-full {}",
            fill_of(colour)
        );
        view! { <span class=class title=move || colour.label(lang())></span> }.into_any()
    })
}

/// A link to a segment, with its colour.
pub fn segment_link(segment: &Segment) -> impl IntoView + use<> {
    view! {
        <span class="inline-flex max-w-full items-center gap-2">
            {dot(segment.input.colour)} {record_link(address(segment), segment.input.name.clone())}
        </span>
    }
}

#[component]
fn KindBadge(kind: SegmentKind) -> impl IntoView {
    let tone = match kind {
        SegmentKind::Static => Tone::Plain,
        SegmentKind::Dynamic => Tone::Info,
    };
    view! { <Badge tone=tone text=Signal::derive(move || kind.label(lang()).to_owned()) /> }
}

fn address(segment: &Segment) -> String {
    format!("/segments/{}", segment.id)
}

/// The list of customers with this filter.
fn customers_by(filter: &Value) -> String {
    format!("/customers?filter={}", encoded(filter))
}

/// A new segment that begins with this filter.
pub fn new_segment_by(filter: &Value) -> String {
    format!("/segments/new?filter={}", encoded(filter))
}

fn encoded(filter: &Value) -> String {
    js_sys::encode_uri_component(&filter.to_string()).into()
}
