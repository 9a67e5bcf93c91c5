use guanxi_domain::Page;
use guanxi_domain::approval::Approval;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api;
use crate::i18n::{fill, lang, t};
use crate::live::use_live;
use crate::load::Loader;
use crate::ui::{Glyph, Icon};

/// On a record's page: what waits for a decision about it.
#[component]
pub fn PendingApproval(#[prop(into)] record_id: Signal<String>) -> impl IntoView {
    let pending = Loader::new(move || {
        api::get("/approvals")
            .query("record_id", record_id.get())
            .query("state", "pending")
            .json::<Page<Approval>>()
    });
    use_live().on("approvals", move |_| pending.reload());
    let notice = |approval: Approval| {
        let to = format!("/approvals/{}", approval.id);
        let text = move || {
            fill(
                t().approval.pending,
                &[
                    ("name", &approval.requested_by_name),
                    ("kind", approval.input.kind.label(lang())),
                    ("reason", &approval.input.reason),
                ],
            )
        };
        view! {
            <p
                class="mb-3 flex items-start gap-2.5 rounded-box border border-warning/40 bg-warning/8 px-3.5 py-2.5"
                data-testid="pending-approval"
            >
                <span class="mt-0.5 text-warning">
                    <Icon glyph=Glyph::Clock />
                </span>
                <span class="flex-1">{text}</span>
                <A href=to attr:class="link-plain whitespace-nowrap">
                    {move || t().approval.open}
                </A>
            </p>
        }
    };
    move || {
        let page = pending.data()?;
        Some(page.items.into_iter().map(notice).collect_view())
    }
}
