use leptos::prelude::*;

use super::feed::Status;
use super::viewport::Viewport;
use crate::format::integer;
use crate::i18n::{fill, t};
use crate::ui::{Glyph, Icon};

/// Below the rows, always in sight: which of them are seen, how many there are, and the way back up.
#[component]
pub(super) fn Position(
    status: Signal<Status>,
    port: Viewport,
    /// Asks again for rows that could not be had.
    retry: Callback<()>,
) -> impl IntoView {
    let number = |n: usize| integer(i64::try_from(n).unwrap_or(i64::MAX));
    let text = move || {
        let (count, total, more) = status.with(|s| (s.count, s.total, s.more));
        let seen = port.seen();
        let all = seen.start == 0 && seen.end == count && !more;
        let (from, to) = (number(seen.start + 1), number(seen.end));
        let values = [("from", from.as_str()), ("to", to.as_str())];
        match total.map(integer) {
            Some(n) if all => fill(t().common.total, &[("n", &n)]),
            Some(n) => fill(&fill(t().common.seen_of, &values), &[("n", &n)]),
            None => fill(t().common.seen, &values),
        }
    };
    let failed = move || status.with(|s| s.further_error.clone());
    let waiting =
        move || status.with(|s| s.more && s.further_error.is_none() && port.seen().end == s.count);
    let scrolled = move || port.drawn().start > 0;
    view! {
        <div class="sticky bottom-0 z-10 flex min-h-10 items-center gap-3 rounded-b-box border-t border-base-300 bg-base-100 px-3 py-1 text-xs">
            <span class="muted num" data-testid="position">
                {text}
            </span>
            <Show when=waiting>
                <span class="loading loading-spinner loading-xs" role="status" aria-label=move || t().common.loading></span>
            </Show>
            {move || {
                failed()
                    .map(|error| {
                        view! {
                            <span class="text-error" role="alert">
                                {error.message()}
                            </span>
                            <button class="link-plain cursor-pointer text-primary" on:click=move |_| retry.run(())>
                                {t().common.retry}
                            </button>
                        }
                    })
            }}
            <span class="flex-1"></span>
            <Show when=scrolled>
                <button class="btn-quiet" on:click=|_| window().scroll_to_with_x_and_y(0.0, 0.0)>
                    <Icon glyph=Glyph::ArrowUp />
                    {move || t().common.to_top}
                </button>
            </Show>
        </div>
    }
}
