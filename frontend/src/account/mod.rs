//! A person's own account: profile, password, log-ins.

mod password;
mod profile;
mod sessions;

use leptos::prelude::*;

use crate::api_key::OwnKeysCard;
use crate::i18n::t;
use crate::ui::{PageHeader, TabItem, Tabs, use_tab};
use password::PasswordCard;
use profile::ProfileCard;
use sessions::SessionsCard;

#[component]
pub fn AccountPage() -> impl IntoView {
    let tab = use_tab(&["profile", "password", "sessions", "keys"]);
    let tabs = vec![
        TabItem::new("profile", || t().account.profile.to_owned()),
        TabItem::new("password", || t().account.password.to_owned()),
        TabItem::new("sessions", || t().account.sessions.to_owned()),
        TabItem::new("keys", || t().api_key.title.to_owned()),
    ];
    view! {
        <PageHeader title=Signal::derive(|| t().account.title.to_owned()) />
        <Tabs items=tabs current=tab />
        <div class="mt-4 max-w-3xl">
            {move || match tab.get() {
                "password" => view! { <PasswordCard /> }.into_any(),
                "sessions" => view! { <SessionsCard /> }.into_any(),
                "keys" => view! { <OwnKeysCard /> }.into_any(),
                _ => view! { <ProfileCard /> }.into_any(),
            }}
        </div>
    }
}
