use guanxi_domain::api_key::{ApiKey, FIELDS};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{StateBadge, label};
use crate::format;
use crate::i18n::{fill, t};
use crate::session::{Session, use_session};
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, quick, record_link, use_list,
};

fn address(key: &ApiKey) -> String {
    format!("/api-keys/{}", key.id)
}

fn columns(session: Session) -> Vec<Column<ApiKey>> {
    vec![
        Column::field(&FIELDS, "name", |k: &ApiKey| {
            record_link(address(k), k.input.name.clone())
        }),
        Column::new(
            "state",
            || t().api_key.state.to_owned(),
            |k: &ApiKey| {
                let key = k.clone();
                view! { <StateBadge key=key /> }
            },
        ),
        Column::field(&FIELDS, "user_id", move |k: &ApiKey| {
            let user = k.user_id;
            move || session.person_name(user.as_str())
        }),
        Column::new(
            "prefix",
            || t().api_key.prefix.to_owned(),
            |k: &ApiKey| view! { <code class="text-xs">{k.prefix.clone()} "…"</code> },
        )
        .phone_hidden(),
        Column::new(
            "permissions",
            || t().api_key.rights.to_owned(),
            |k: &ApiKey| {
                let count = k.input.permissions.len().to_string();
                view! {
                    <span class="num muted">{move || fill(t().api_key.rights_count, &[("n", &count)])}</span>
                }
            },
        )
        .right()
        .phone_hidden(),
        Column::field(&FIELDS, "expires_at", |k: &ApiKey| {
            let end = k.input.expires_at;
            view! {
                <span class="num whitespace-nowrap">
                    {move || end.map_or_else(|| t().api_key.always.to_owned(), format::day_of)}
                </span>
            }
        })
        .phone_hidden(),
        Column::field(&FIELDS, "last_used_at", |k: &ApiKey| {
            let used = k.last_used_at;
            view! {
                <span class="num whitespace-nowrap">
                    {move || used.map_or_else(|| t().api_key.never_used.to_owned(), format::ago)}
                </span>
            }
        }),
    ]
}

/// All keys that one may see.
#[component]
pub fn ApiKeyListPage() -> impl IntoView {
    let session = use_session();
    let list = use_list::<ApiKey>("/api-keys", &FIELDS);
    let new_button = move || {
        session.can(Module::Settings, Operation::Update).then(|| {
            view! {
                <A href="/api-keys/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-key">
                    <Icon glyph=Glyph::Plus />
                    {move || t().api_key.new}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::Key
                title=label(|k| k.empty_title)
                text=label(|k| k.empty_text)
            >
                {new_button}
            </EmptyState>
        }
    };
    view! {
        <PageHeader title=label(|k| k.title)>{new_button}</PageHeader>
        <DataTable list=list columns=columns(session) href=address empty=empty>
            <FilterBar list=list.state() filters=quick(&["user_id"]) no_search=true />
        </DataTable>
    }
}
