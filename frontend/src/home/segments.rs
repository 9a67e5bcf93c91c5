//! The segments with the most recent work on them: how many customers, and how that has changed.

use guanxi_domain::Page;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segment::Segment;
use leptos::prelude::*;
use leptos_router::components::A;

use super::daily::{ROWS, first, label, see_all};
use crate::format;
use crate::i18n::t;
use crate::segment::segment_link;
use crate::session::use_session;
use crate::ui::{Card, Skeleton, with_data};

/// Name, members, and their change over 30 days; nothing for whoever may not read segments.
#[component]
pub fn SegmentsCard() -> impl IntoView {
    let session = use_session();
    untrack(|| session.can(Module::Segments, Operation::Read)).then(|| {
        let sorted = vec![("sort", "-updated_at".to_owned())];
        let list = first::<Segment>("/segments", sorted, ROWS);
        let address = Signal::stored("/segments".to_owned());
        view! {
            <div data-testid="segments">
                <Card
                    title=label(|h| h.segments)
                    text=label(|h| h.segments_text)
                    actions=ViewFn::from(move || see_all(address))
                >
                    {with_data(list, || view! { <Skeleton lines=3 /> }.into_any(), body)}
                </Card>
            </div>
        }
    })
}

fn body(page: Page<Segment>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <p class="muted">{move || t().home.no_segments}</p>
            <A href="/segments/new" attr:class="link-plain">
                {move || t().segment.new}
            </A>
        }
        .into_any();
    }
    let row = |segment: Segment| {
        let (customers, change) = (segment.customers, segment.change);
        let count = move || customers.map_or_else(|| "—".to_owned(), format::integer);
        view! {
            <li class="flex items-center gap-3 py-1.5">
                <span class="min-w-0 flex-1 truncate">{segment_link(&segment)}</span>
                <span class="num">{count}</span>
                <span class="num w-14 text-right text-xs">{change.map(change_text)}</span>
            </li>
        }
    };
    view! { <ul>{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
}

/// More, fewer, or as many as before.
fn change_text(change: i64) -> impl IntoView {
    let (class, sign) = match change {
        1.. => ("text-success", "▲ "),
        0 => ("muted", "±"),
        _ => ("text-error", "▼ "),
    };
    view! { <span class=class>{move || format!("{sign}{}", format::integer(change.abs()))}</span> }
}
