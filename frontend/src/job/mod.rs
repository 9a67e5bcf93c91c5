//! Background jobs: what the server does by itself, and how it went.

mod list;
mod page;

pub use list::JobsPage;
pub use page::JobPage;

use guanxi_domain::Date;
use guanxi_domain::job::{JobOutcome, JobState, Schedule};
use leptos::prelude::*;

use crate::format;
use crate::i18n::{JobTexts, fill, lang, t};
use crate::ui::{Badge, Tone};

/// A text of the jobs' area, as a label.
fn label(pick: fn(&JobTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().job).to_owned())
}

/// `daily at 08:01`, in the time of the browser. Reactive.
pub fn schedule_text(schedule: Option<Schedule>) -> String {
    let j = t().job;
    match schedule {
        None => j.by_hand.to_owned(),
        Some(schedule) if schedule.every_minutes == 24 * 60 => {
            let day = Date::from_days(0).start();
            let moment = format::time(day.plus_seconds(schedule.offset_minutes * 60));
            // Date and time of day: the date is any.
            let time = moment.rsplit(' ').next().unwrap_or_default().to_owned();
            fill(j.daily, &[("time", &time)])
        }
        Some(schedule) => fill(j.every, &[("n", &schedule.every_minutes.to_string())]),
    }
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
