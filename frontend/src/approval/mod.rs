//! Approvals: the inbox, a request, and what record pages show of them.

mod decide;
mod lift;
mod list;
mod notice;
mod record;

pub use lift::LiftDialog;
pub use list::ApprovalsPage;
pub use notice::PendingApproval;
pub use record::ApprovalPage;

use guanxi_domain::Page;
use guanxi_domain::approval::{Approval, ApprovalState, WAITING_FOR_ME};
use leptos::prelude::*;

use crate::api;
use crate::i18n::{ApprovalTexts, fill, lang, t};
use crate::live::use_live;
use crate::load::Loader;
use crate::ui::{Badge, Tone};

fn label(pick: fn(&ApprovalTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().approval).to_owned())
}

#[component]
pub fn StateBadge(state: ApprovalState) -> impl IntoView {
    let tone = match state {
        ApprovalState::Pending => Tone::Warning,
        ApprovalState::Approved => Tone::Success,
        ApprovalState::Rejected => Tone::Error,
        ApprovalState::Withdrawn | ApprovalState::Expired => Tone::Plain,
    };
    view! { <Badge tone=tone text=Signal::derive(move || state.label(lang()).to_owned()) /> }
}

/// How many requests wait for the visitor, beside the entry of the navigation.
#[component]
pub fn WaitingCount() -> impl IntoView {
    let waiting = Loader::new(|| {
        api::get("/approvals")
            .query(WAITING_FOR_ME, true)
            .query("with_total", true)
            .query("limit", 1)
            .json::<Page<Approval>>()
    });
    // One's own decisions too.
    use_live().on("approvals", move |_| waiting.reload());
    let count = move || {
        waiting
            .with(|l| l.data.as_ref().and_then(|page| page.total))
            .filter(|n| *n > 0)
    };
    move || {
        count().map(|n| {
            let told = move || fill(t().approval.waiting_count, &[("n", &n.to_string())]);
            view! {
                <span
                    class="num ml-auto grid h-4.5 min-w-4.5 place-items-center rounded-full bg-error px-1 text-[0.6875rem] leading-none font-semibold text-error-content"
                    data-testid="approvals-waiting"
                    title=told
                >
                    {n}
                </span>
            }
        })
    }
}
