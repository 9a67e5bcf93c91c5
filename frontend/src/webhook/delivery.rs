use std::time::Duration;

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::webhook::{
    DELIVERY_FIELDS, Delivery, DeliveryAttempt, DeliveryDetail, DeliveryState,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::label;
use crate::api;
use crate::format;
use crate::i18n::{lang, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Badge, Column, DataTable, Dialog, EmptyState, Fact, Facts, FilterBar, Glyph, Icon, List,
    Skeleton, Tone, quick, use_list, use_toasts, with_data,
};

/// How often messages that wait are asked after.
const POLL: Duration = Duration::from_secs(3);

const fn tone(state: DeliveryState) -> Tone {
    match state {
        DeliveryState::Pending => Tone::Primary,
        DeliveryState::Delivered => Tone::Success,
        DeliveryState::Failed => Tone::Error,
    }
}

fn columns() -> Vec<Column<Delivery>> {
    vec![
        Column::field(
            &DELIVERY_FIELDS,
            "kind",
            |d: &Delivery| view! { <code class="text-xs">{d.kind.clone()}</code> },
        ),
        Column::field(&DELIVERY_FIELDS, "state", |d: &Delivery| {
            let state = d.state;
            view! {
                <Badge tone=tone(state) text=Signal::derive(move || state.label(lang()).to_owned()) />
            }
        }),
        Column::new(
            "status",
            || t().webhook.status.to_owned(),
            |d: &Delivery| d.status.map(|status| status.to_string()),
        )
        .right(),
        Column::new(
            "attempts",
            || t().webhook.attempts.to_owned(),
            |d: &Delivery| format::integer(i64::from(d.attempts)),
        )
        .right(),
        Column::field(&DELIVERY_FIELDS, "created_at", |d: &Delivery| {
            let created = d.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::time(created)}</span> }
        }),
        Column::new(
            "next_at",
            || t().webhook.next.to_owned(),
            |d: &Delivery| {
                let next = d.next_at;
                view! { <span class="num whitespace-nowrap">{move || next.map(format::time)}</span> }
            },
        )
        .phone_hidden(),
    ]
}

/// The messages to a webhook; a row opens what was sent and how that went.
#[component]
pub fn Deliveries(webhook: String, sent: RwSignal<u32>) -> impl IntoView {
    let list = use_list::<Delivery>(format!("/webhooks/{webhook}/deliveries"), &DELIVERY_FIELDS);
    let chosen = RwSignal::new(None::<String>);
    let open = RwSignal::new(false);
    Effect::new(move |before: Option<()>| {
        sent.track();
        if before.is_some() {
            list.reload();
        }
    });
    let poll = move || {
        if list.any(|delivery| delivery.state == DeliveryState::Pending) {
            list.reload();
        }
    };
    if let Ok(handle) = set_interval_with_handle(poll, POLL) {
        on_cleanup(move || handle.clear());
    }
    let show = Callback::new(move |delivery: Delivery| {
        chosen.set(Some(delivery.id.to_string()));
        open.set(true);
    });
    let empty = || view! { <EmptyState glyph=Glyph::Send title=label(|w| w.deliveries_empty) /> };
    view! {
        <h2 class="mb-2 text-base font-semibold">{move || t().webhook.deliveries}</h2>
        <DataTable list=list columns=columns() on_row=show empty=empty keyboard=false>
            <FilterBar
                list=list.state()
                filters=quick(&["state", "created_at"])
                no_search=true
            />
        </DataTable>
        <Dialog open=open title=label(|w| w.delivery) width="max-w-3xl">
            {move || chosen.get().map(|id| view! { <Detail id=id list=list open=open /> })}
        </Dialog>
    }
}

#[component]
fn Detail(id: String, list: List<Delivery>, open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let path = format!("/webhook-deliveries/{id}");
    let resend_path = StoredValue::new(format!("{path}/resend"));
    let detail = Loader::new(move || api::get(path.clone()).json::<DeliveryDetail>());
    let resend = move |_| {
        spawn_local(async move {
            match api::post(resend_path.get_value()).json::<Delivery>().await {
                Ok(_) => {
                    toasts.done(t_now().webhook.resent);
                    open.set(false);
                    list.reload();
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let body = move |found: DeliveryDetail| {
        let delivery = found.delivery;
        let may = delivery.state != DeliveryState::Pending;
        let text = found
            .body
            .and_then(|body| serde_json::to_string_pretty(&body).ok());
        view! {
            <Facts>
                <Fact label=label(|w| w.message_id) value=Signal::stored(Some(delivery.event_id.to_string())) />
                <Fact
                    label=label(|w| w.next)
                    value=Signal::derive(move || delivery.next_at.map(format::time))
                />
            </Facts>
            <h3 class="mt-4 mb-1 font-medium">{move || t().webhook.log}</h3>
            <ol class="divide-y divide-base-300 rounded-md border border-base-300">
                {found.log.into_iter().map(|attempt| view! { <Attempt attempt=attempt /> }).collect_view()}
            </ol>
            <h3 class="mt-4 mb-1 font-medium">{move || t().webhook.body}</h3>
            {match text {
                Some(text) => {
                    view! {
                        <pre class="max-h-80 overflow-auto rounded-md bg-base-200 p-3 text-xs" tabindex="0">
                            {text}
                        </pre>
                    }
                        .into_any()
                }
                None => {
                    view! { <p class="text-sm text-base-content/70">{move || t().webhook.body_hidden}</p> }.into_any()
                }
            }}
            <Show when=move || may && session.can(Module::Webhooks, Operation::Update)>
                <div class="mt-4 flex justify-end">
                    <button class="btn-quiet" on:click=resend>
                        <Icon glyph=Glyph::Refresh />
                        {move || t().webhook.resend}
                    </button>
                </div>
            </Show>
        }
    };
    with_data(detail, || view! { <Skeleton lines=5 /> }.into_any(), body)
}

#[component]
fn Attempt(attempt: DeliveryAttempt) -> impl IntoView {
    let at = attempt.at;
    let good = attempt.status.is_some_and(|s| (200..300).contains(&s));
    let text = Signal::derive(move || {
        attempt
            .status
            .map_or_else(|| t().webhook.no_answer.to_owned(), |s| s.to_string())
    });
    let tone = if good { Tone::Success } else { Tone::Error };
    view! {
        <li class="px-3 py-2 text-[0.8125rem]">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Badge tone=tone text=text />
                <span class="num muted ml-auto">
                    {move || format::time(at)} {format!(" · {} ms", attempt.duration_ms)}
                </span>
            </div>
            {attempt.error.map(|error| view! { <p class="mt-1 break-words text-error">{error}</p> })}
            {attempt
                .response
                .map(|response| view! { <p class="muted mt-1 text-xs break-words">{response}</p> })}
        </li>
    }
}
