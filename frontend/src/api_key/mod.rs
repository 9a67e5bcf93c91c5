//! API keys: by which other systems act in somebody's name.

mod edit;
mod list;
mod own;
mod rights;

pub use edit::{ApiKeyNewPage, ApiKeyPage};
pub use list::ApiKeyListPage;
pub use own::OwnKeysCard;

use guanxi_domain::Timestamp;
use guanxi_domain::api_key::ApiKey;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::i18n::{ApiKeyTexts, fill, t, t_now};
use crate::ui::{Ask, Badge, Confirm, Toasts, Tone};

/// A text of the area of keys, as a label.
fn label(pick: fn(&ApiKeyTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().api_key).to_owned())
}

#[component]
fn StateBadge(key: ApiKey) -> impl IntoView {
    let (tone, text): (Tone, fn(&ApiKeyTexts) -> &'static str) = if key.revoked_at.is_some() {
        (Tone::Plain, |k| k.revoked)
    } else if key.is_good(Timestamp::now()) {
        (Tone::Success, |k| k.good)
    } else {
        (Tone::Warning, |k| k.expired)
    };
    view! { <Badge tone=tone text=label(text) /> }
}

/// Asks, then ends a key for good.
fn revoke(key: &ApiKey, confirm: Confirm, toasts: Toasts, done: Callback<ApiKey>) {
    let k = t_now().api_key;
    let ask = Ask {
        title: fill(k.revoke_title, &[("name", &key.input.name)]),
        text: k.revoke_text.to_owned(),
        button: k.revoke.to_owned(),
        danger: true,
        reason: None,
    };
    let (path, version) = (format!("/api-keys/{}/revoke", key.id), key.version);
    confirm.ask(ask, move |_| {
        let call = api::post(path.clone()).version(version);
        spawn_local(async move {
            match call.json::<ApiKey>().await {
                Ok(key) => {
                    toasts.done(t_now().api_key.revoke_done);
                    done.run(key);
                }
                Err(error) => toasts.error(&error),
            }
        });
    });
}
