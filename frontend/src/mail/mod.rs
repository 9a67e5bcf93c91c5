//! Outgoing mail: the account that it leaves by, and what became of each.

mod list;
mod settings;
mod test;

use guanxi_domain::mail::MailSettings;
use leptos::prelude::*;

use crate::api;
use crate::i18n::{MailTexts, t};
use crate::load::Loader;
use crate::ui::{PageHeader, RecordSkeleton, TabItem, Tabs, use_tab, with_data};

/// A text of the mail's area, as a label.
fn label(pick: fn(&MailTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().mail).to_owned())
}

#[component]
pub fn MailPage() -> impl IntoView {
    let tab = use_tab(&["log", "settings"]);
    let settings = Loader::new(|| api::get("/mail-settings").json::<MailSettings>());
    let tabs = vec![
        TabItem::new("log", || t().mail.tab_log.to_owned()),
        TabItem::new("settings", || t().mail.tab_settings.to_owned()),
    ];
    view! {
        <PageHeader title=label(|m| m.title) />
        <div class="mb-4">
            <Tabs items=tabs current=tab />
        </div>
        {move || {
            if tab.get() == "settings" {
                with_data(
                        settings,
                        || view! { <RecordSkeleton /> }.into_any(),
                        move |found| {
                            view! { <settings::SettingsForm found=found settings=settings /> }
                        },
                    )
                    .into_any()
            } else {
                view! { <list::Outgoing settings=settings /> }.into_any()
            }
        }}
    }
}
