//! Tickets: list, record with its conversation, form.

mod actions;
mod badges;
mod conversation;
mod edit;
mod form;
mod list;
mod record;
mod reply;

pub use badges::{PriorityBadge, TicketStateBadge};
pub use edit::{TicketEditPage, TicketNewPage};
pub use list::{OPEN_STATES, TicketListPage};
pub use record::TicketPage;

use leptos::prelude::*;

use crate::i18n::{TicketTexts, t};

/// A text of the tickets' area, as a label.
fn label(pick: fn(&TicketTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().ticket).to_owned())
}
