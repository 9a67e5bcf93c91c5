//! Webhooks: telling other systems what happens.

mod delivery;
mod edit;
mod list;
mod record;

pub use edit::{WebhookEditPage, WebhookNewPage};
pub use list::WebhookListPage;
pub use record::WebhookPage;

use guanxi_domain::webhook::Webhook;
use leptos::prelude::*;

use crate::i18n::{WebhookTexts, t};
use crate::ui::{Badge, Tone};

/// A text of the webhooks' area, as a label.
fn label(pick: fn(&WebhookTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().webhook).to_owned())
}

#[component]
fn StateBadge(webhook: Webhook) -> impl IntoView {
    let (tone, text): (Tone, fn(&WebhookTexts) -> &'static str) = if !webhook.input.active {
        (Tone::Plain, |w| w.off)
    } else if webhook.paused_at.is_some() {
        (Tone::Error, |w| w.paused)
    } else if webhook.failures > 0 {
        (Tone::Warning, |w| w.failing)
    } else {
        (Tone::Success, |w| w.on)
    };
    view! { <Badge tone=tone text=label(text) /> }
}
