//! How scores and classes look.

use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::LifecycleStage;
use guanxi_domain::segmentation::rfm::{RfmGroup, RfmSegment};
use leptos::prelude::*;

use crate::i18n::lang;
use crate::ui::{Badge, Tone};

#[component]
pub fn SegmentBadge(segment: RfmSegment) -> impl IntoView {
    view! { <Badge tone=segment_tone(segment) text=Signal::derive(move || segment.label(lang()).to_owned()) /> }
}

/// Whoever is worth holding is green, whoever is going red.
pub const fn segment_tone(segment: RfmSegment) -> Tone {
    match segment {
        RfmSegment::Champions | RfmSegment::Loyal => Tone::Success,
        RfmSegment::PotentialLoyalist | RfmSegment::New | RfmSegment::Promising => Tone::Info,
        RfmSegment::NeedAttention | RfmSegment::AboutToSleep => Tone::Warning,
        RfmSegment::AtRisk | RfmSegment::CannotLose => Tone::Error,
        RfmSegment::Hibernating | RfmSegment::Lost => Tone::Plain,
    }
}

#[component]
pub fn GroupBadge(group: RfmGroup) -> impl IntoView {
    view! { <Badge tone=group_tone(group) text=Signal::derive(move || group.label(lang()).to_owned()) /> }
}

pub const fn group_tone(group: RfmGroup) -> Tone {
    match group {
        RfmGroup::KeyValue => Tone::Success,
        RfmGroup::KeyDevelop => Tone::Info,
        RfmGroup::KeyKeep => Tone::Warning,
        RfmGroup::KeyRetain => Tone::Error,
        RfmGroup::GeneralValue
        | RfmGroup::GeneralDevelop
        | RfmGroup::GeneralKeep
        | RfmGroup::GeneralRetain => Tone::Plain,
    }
}

#[component]
pub fn LifecycleBadge(stage: LifecycleStage) -> impl IntoView {
    view! { <Badge tone=stage_tone(stage) text=Signal::derive(move || stage.label(lang()).to_owned()) /> }
}

pub const fn stage_tone(stage: LifecycleStage) -> Tone {
    match stage {
        LifecycleStage::Acquisition => Tone::Info,
        LifecycleStage::Growth => Tone::Success,
        LifecycleStage::Maturity => Tone::Primary,
        LifecycleStage::Decline => Tone::Warning,
        LifecycleStage::Lost => Tone::Error,
    }
}

#[component]
pub fn ChurnBadge(level: ChurnLevel) -> impl IntoView {
    view! { <Badge tone=level_tone(level) text=Signal::derive(move || level.label(lang()).to_owned()) /> }
}

pub const fn level_tone(level: ChurnLevel) -> Tone {
    match level {
        ChurnLevel::Low => Tone::Success,
        ChurnLevel::Medium => Tone::Warning,
        ChurnLevel::High => Tone::Error,
    }
}
