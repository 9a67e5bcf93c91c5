//! Orders: list, record, form with lines.

mod edit;
mod form;
mod lines;
mod list;
mod paste;
mod record;
mod transitions;

pub use edit::{OrderEditPage, OrderNewPage};
pub use list::OrderListPage;
pub use record::OrderPage;

use guanxi_domain::order::OrderState;
use leptos::prelude::*;

use crate::i18n::{OrderTexts, lang, t};
use crate::ui::{Badge, Tone};

/// A text of the orders' area, as a label.
fn label(pick: fn(&OrderTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().order).to_owned())
}

#[component]
pub fn OrderStateBadge(state: OrderState) -> impl IntoView {
    let tone = match state {
        OrderState::Draft => Tone::Plain,
        OrderState::Submitted => Tone::Info,
        OrderState::Confirmed | OrderState::PartlyShipped | OrderState::Shipped => Tone::Primary,
        OrderState::Delivered | OrderState::Completed => Tone::Success,
        OrderState::Cancelled => Tone::Error,
    };
    view! { <Badge tone=tone text=Signal::derive(move || state.label(lang()).to_owned()) /> }
}
