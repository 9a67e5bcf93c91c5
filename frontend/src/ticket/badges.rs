use guanxi_domain::ticket::{Priority, TicketState};
use leptos::prelude::*;

use crate::i18n::lang;
use crate::ui::{Badge, Tone};

#[component]
pub fn TicketStateBadge(state: TicketState) -> impl IntoView {
    let tone = match state {
        TicketState::New => Tone::Info,
        TicketState::Open => Tone::Primary,
        TicketState::Waiting => Tone::Warning,
        TicketState::Resolved => Tone::Success,
        TicketState::Closed => Tone::Plain,
    };
    view! { <Badge tone=tone text=Signal::derive(move || state.label(lang()).to_owned()) /> }
}

#[component]
pub fn PriorityBadge(priority: Priority) -> impl IntoView {
    let tone = match priority {
        Priority::Low | Priority::Normal => Tone::Plain,
        Priority::High => Tone::Warning,
        Priority::Urgent => Tone::Error,
    };
    view! { <Badge tone=tone text=Signal::derive(move || priority.label(lang()).to_owned()) /> }
}
