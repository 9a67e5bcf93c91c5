//! How a customer's classes look, in lists and on the record.

use guanxi_domain::customer::{Stage, Tier};
use guanxi_domain::value::ValueClass;
use leptos::prelude::*;

use crate::i18n::lang;
use crate::ui::{Badge, Tone};

#[component]
pub fn StageBadge(stage: Stage) -> impl IntoView {
    let tone = match stage {
        Stage::Potential => Tone::Plain,
        Stage::Intent => Tone::Info,
        Stage::Active => Tone::Success,
        Stage::Dormant => Tone::Warning,
        Stage::Lost => Tone::Error,
    };
    view! { <Badge tone=tone text=Signal::derive(move || stage.label(lang()).to_owned()) /> }
}

#[component]
pub fn TierBadge(tier: Tier) -> impl IntoView {
    let tone = match tier {
        Tier::Strategic | Tier::Key => Tone::Primary,
        Tier::General | Tier::Potential => Tone::Plain,
    };
    view! { <Badge tone=tone text=Signal::derive(move || tier.label(lang()).to_owned()) /> }
}

/// A, B or C by the last value run.
#[component]
pub fn ValueBadge(class: ValueClass) -> impl IntoView {
    let tone = match class {
        ValueClass::A => Tone::Success,
        ValueClass::B => Tone::Info,
        ValueClass::C => Tone::Plain,
    };
    view! { <Badge tone=tone text=Signal::derive(move || class.label(lang()).to_owned()) /> }
}
