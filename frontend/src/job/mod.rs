//! Background jobs: what the server does by itself, and how it went.

mod list;
mod page;

pub use list::JobsPage;
pub use page::JobPage;

use guanxi_domain::job::{JobOutcome, JobState};
use leptos::prelude::*;

use crate::i18n::{JobTexts, lang, t};
use crate::ui::{Badge, Tone};

/// A text of the jobs' area, as a label.
fn label(pick: fn(&JobTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().job).to_owned())
}

#[component]
fn StateBadge(state: JobState) -> impl IntoView {
    let tone = match state {
        JobState::Queued | JobState::Running => Tone::Primary,
        JobState::Done => Tone::Success,
        JobState::Cancelled => Tone::Warning,
        JobState::Failed => Tone::Error,
    };
    view! { <Badge tone=tone text=Signal::derive(move || state.label(lang()).to_owned()) /> }
}

#[component]
fn OutcomeBadge(outcome: JobOutcome) -> impl IntoView {
    let tone = match outcome {
        JobOutcome::Done => Tone::Success,
        JobOutcome::Failed | JobOutcome::Lost => Tone::Error,
        JobOutcome::Cancelled | JobOutcome::Interrupted => Tone::Warning,
    };
    view! { <Badge tone=tone text=Signal::derive(move || outcome.label(lang()).to_owned()) /> }
}
