use guanxi_domain::contact::Birthday;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::ui::{Glyph, Icon};

/// Birthdays of the next two weeks; nothing when there are none.
#[component]
pub fn Birthdays() -> impl IntoView {
    let birthdays = Loader::new(|| {
        api::get("/contacts/birthdays")
            .query("days", 14)
            .items::<Birthday>()
    });
    let list = move || birthdays.data().filter(|list| !list.is_empty());
    let entry = |birthday: Birthday| {
        let days = birthday.in_days;
        view! {
            <li>
                <A href=format!("/contacts/{}", birthday.contact_id) attr:class="link-plain">
                    {birthday.name}
                </A>
                <span class="muted ml-1.5">
                    {birthday.customer_name} " · "
                    {move || {
                        if days == 0 {
                            t().contact.birthday_today.to_owned()
                        } else {
                            fill(t().contact.birthday_in, &[("n", &days.to_string())])
                        }
                    }}
                </span>
            </li>
        }
    };
    move || {
        list().map(|list| {
            view! {
                <section class="panel mb-4 flex flex-wrap items-center gap-x-6 gap-y-1.5 px-4 py-2.5">
                    <h2 class="inline-flex items-center gap-2 text-sm">
                        <Icon glyph=Glyph::Cake class="size-4 text-primary" />
                        {t().contact.birthdays}
                    </h2>
                    <ul class="flex flex-wrap gap-x-6 gap-y-1">
                        {list.into_iter().take(6).map(entry).collect_view()}
                    </ul>
                </section>
            }
        })
    }
}
