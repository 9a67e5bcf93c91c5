use guanxi_domain::api_key::ApiKey;
use leptos::prelude::*;

use super::{StateBadge, label, revoke};
use crate::api;
use crate::format;
use crate::i18n::{field_label, t};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Card, Skeleton, use_confirm, use_toasts, with_data};

/// The keys that act in the name of whoever is logged in.
#[component]
pub fn OwnKeysCard() -> impl IntoView {
    let session = use_session();
    let (confirm, toasts) = (use_confirm(), use_toasts());
    let me = untrack(|| session.me()).map(|me| me.user.id.to_string());
    let keys = Loader::new(move || {
        api::get("/api-keys")
            .query("user_id", me.clone().unwrap_or_default())
            .query("limit", 200)
            .items::<ApiKey>()
    });
    let row = move |key: ApiKey| {
        let (used, revoked) = (key.last_used_at, key.revoked_at.is_some());
        let shown = key.clone();
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-base-300/70 px-4 py-3 last:border-b-0">
                <div class="min-w-0 flex-1 basis-56">
                    <p class="flex flex-wrap items-center gap-2 font-medium">
                        {key.input.name.clone()} <StateBadge key=shown />
                    </p>
                    <p class="muted text-xs">
                        <code>{key.prefix.clone()} "…"</code> " · "
                        {move || field_label(&guanxi_domain::api_key::FIELDS, "last_used_at")} " "
                        {move || used.map_or_else(|| t().api_key.never_used.to_owned(), format::ago)}
                    </p>
                </div>
                {(!revoked)
                    .then(|| {
                        let key = key.clone();
                        view! {
                            <button
                                class="btn-quiet text-error"
                                on:click=move |_| {
                                    revoke(&key, confirm, toasts, Callback::new(move |_| keys.reload()));
                                }
                            >
                                {move || t().api_key.revoke}
                            </button>
                        }
                    })}
            </li>
        }
    };
    view! {
        <Card title=label(|k| k.title) text=label(|k| k.mine_text) flush=true>
            {with_data(
                keys,
                || view! { <Skeleton lines=2 /> }.into_any(),
                move |list: Vec<ApiKey>| {
                    if list.is_empty() {
                        view! { <p class="muted px-4 py-6 text-center">{move || t().api_key.mine_none}</p> }
                            .into_any()
                    } else {
                        view! { <ul>{list.into_iter().map(row).collect_view()}</ul> }.into_any()
                    }
                },
            )}
        </Card>
    }
}
