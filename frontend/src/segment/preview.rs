//! What a rule finds, while it is being written.

use std::time::Duration;

use guanxi_domain::segment::Preview;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::{Value, json};

use super::composition::PartRows;
use super::label;
use crate::api::{self, ApiError};
use crate::format;
use crate::i18n::{fill, t};
use crate::ui::{Card, Skeleton};

/// How long somebody has to stop typing.
const PAUSE: Duration = Duration::from_millis(350);

/// What the newest answer says.
#[derive(Clone)]
enum Found {
    Nothing,
    Waiting,
    Preview(Box<Preview>),
    Refused(ApiError),
}

/// Who fits the filter; `None` while it is not complete.
#[component]
pub fn PreviewCard(
    filter: Memo<Option<Value>>,
    /// The segment that the rule is of, if it is there already.
    segment: Option<String>,
) -> impl IntoView {
    let found = RwSignal::new(Found::Waiting);
    let newest = StoredValue::new(0_u32);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(handle) = waiting.try_get_value().flatten() {
            handle.clear();
        }
    };
    let segment = StoredValue::new(segment);
    let ask = move |filter: Value, mine: u32| {
        let body = json!({ "filter": filter, "segment_id": segment.get_value() });
        spawn_local(async move {
            let answer = api::post("/segments/preview").body(&body).json().await;
            // A later one may be under way, or the page left.
            if newest.try_get_value() == Some(mine) {
                found.set(match answer {
                    Ok(preview) => Found::Preview(Box::new(preview)),
                    Err(error) => Found::Refused(error),
                });
            }
        });
    };
    Effect::new(move |before: Option<()>| {
        stop();
        newest.update_value(|n| *n += 1);
        let mine = newest.get_value();
        let Some(filter) = filter.get() else {
            found.set(Found::Nothing);
            return;
        };
        if before.is_none() {
            ask(filter, mine);
            return;
        }
        let later = move || ask(filter, mine);
        waiting.set_value(set_timeout_with_handle(later, PAUSE).ok());
    });
    on_cleanup(stop);
    view! {
        <Card title=label(|s| s.preview) text=label(|s| s.overlap_text)>
            <div aria-live="polite" data-testid="preview">
                {move || match found.get() {
                    Found::Nothing => view! { <p class="muted">{move || t().segment.preview_incomplete}</p> }.into_any(),
                    Found::Waiting => view! { <Skeleton lines=4 /> }.into_any(),
                    Found::Preview(preview) => shown(*preview),
                    Found::Refused(error) => {
                        let first = error.field_errors().first().map(|e| e.message.clone());
                        view! {
                            <p class="text-error" role="alert">
                                {first.unwrap_or_else(|| error.message())}
                            </p>
                        }
                            .into_any()
                    }
                }}
            </div>
        </Card>
    }
}

fn shown(preview: Preview) -> AnyView {
    let total = preview.composition.customers;
    let rows = preview.customers.items;
    let rest = total.saturating_sub(i64::try_from(rows.len()).unwrap_or_default());
    let rows = rows
        .into_iter()
        .map(|customer| {
            let code = customer.input.code.unwrap_or_default();
            view! {
                <li class="flex justify-between gap-3 py-1">
                    <A href=format!("/customers/{}", customer.id) attr:class="link-plain min-w-0 truncate">
                        {customer.input.name}
                    </A>
                    <span class="num muted shrink-0 text-xs">{code}</span>
                </li>
            }
        })
        .collect_view();
    let parts = preview
        .composition
        .parts
        .into_iter()
        .filter(|part| part.groups.len() > 1)
        .take(3)
        .map(|part| view! { <PartRows part=part total=total short=true /> })
        .collect_view();
    view! {
        <p class="muted text-xs">{move || t().segment.preview_count}</p>
        <p class="num text-2xl font-semibold tracking-tight" data-testid="preview-count">
            {move || format::integer(total)}
        </p>
        {(total == 0).then(|| view! { <p class="muted mt-2">{move || t().segment.preview_none}</p> })}
        <ul class="mt-2 divide-y divide-base-300 text-[0.8125rem]">{rows}</ul>
        {(rest > 0)
            .then(|| {
                view! {
                    <p class="muted mt-1 text-xs">
                        {move || fill(t().segment.preview_more, &[("n", &format::integer(rest))])}
                    </p>
                }
            })}
        <div class="mt-4 space-y-4">{parts}</div>
    }
    .into_any()
}
