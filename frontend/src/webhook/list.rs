use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::webhook::{FIELDS, Webhook};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{StateBadge, label};
use crate::format;
use crate::i18n::t;
use crate::session::use_session;
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, quick, record_link, use_list,
};

fn address(webhook: &Webhook) -> String {
    format!("/webhooks/{}", webhook.id)
}

fn columns() -> Vec<Column<Webhook>> {
    vec![
        Column::field(&FIELDS, "name", |w: &Webhook| {
            record_link(address(w), w.input.name.clone())
        }),
        Column::new(
            "state",
            || t().webhook.state.to_owned(),
            |w: &Webhook| {
                let webhook = w.clone();
                view! { <StateBadge webhook=webhook /> }
            },
        ),
        Column::new(
            "events",
            || t().webhook.events.to_owned(),
            |w: &Webhook| view! { <code class="text-xs">{w.input.events.join(", ")}</code> },
        )
        .clip(),
        Column::field(
            &FIELDS,
            "url",
            |w: &Webhook| view! { <span class="muted">{w.input.url.clone()}</span> },
        )
        .clip()
        .phone_hidden(),
        Column::new(
            "delivered_at",
            || t().webhook.last_delivery.to_owned(),
            |w: &Webhook| {
                let delivered = w.delivered_at;
                view! {
                    <span class="num whitespace-nowrap">
                        {move || delivered.map_or_else(|| t().webhook.never.to_owned(), format::ago)}
                    </span>
                }
            },
        ),
    ]
}

/// All webhooks.
#[component]
pub fn WebhookListPage() -> impl IntoView {
    let session = use_session();
    let list = use_list::<Webhook>("/webhooks", &FIELDS);
    let new_button = move || {
        session.can(Module::Webhooks, Operation::Create).then(|| {
            view! {
                <A href="/webhooks/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-webhook">
                    <Icon glyph=Glyph::Plus />
                    {move || t().webhook.new}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::Webhook
                title=label(|w| w.empty_title)
                text=label(|w| w.empty_text)
            >
                {new_button}
            </EmptyState>
        }
    };
    view! {
        <PageHeader title=label(|w| w.title)>{new_button}</PageHeader>
        <DataTable list=list columns=columns() href=address empty=empty>
            <FilterBar list=list.state() filters=quick(&["active"]) no_search=true />
        </DataTable>
    }
}
