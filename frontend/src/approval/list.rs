use guanxi_domain::approval::{Approval, FIELDS, WAITING_FOR_ME};
use guanxi_domain::{Page, UserId};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{StateBadge, label};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::live::use_live;
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, Skeleton, TabItem, Tabs,
    quick, record_link, use_list, use_tab, with_data,
};

fn address(approval: &Approval) -> String {
    format!("/approvals/{}", approval.id)
}

/// What waits for the visitor, what they asked for, and everything they see.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let session = use_session();
    let tab = use_tab(&["waiting", "mine", "all"]);
    let tabs = vec![
        TabItem::new("waiting", || t().approval.waiting.to_owned()),
        TabItem::new("mine", || t().approval.mine.to_owned()),
        TabItem::new("all", || t().approval.all.to_owned()),
    ];
    let me = Memo::new(move |_| session.me().map(|me| me.user.id));
    view! {
        <PageHeader title=label(|a| a.title) />
        <div class="mb-4">
            <Tabs items=tabs current=tab />
        </div>
        {move || match tab.get() {
            "mine" => me.get().map(|me| view! { <Inbox of=Some(me) /> }).into_any(),
            "all" => view! { <All /> }.into_any(),
            _ => view! { <Inbox of=None /> }.into_any(),
        }}
    }
}

/// The newest requests: those that somebody made, or those that wait for the visitor.
#[component]
fn Inbox(of: Option<UserId>) -> impl IntoView {
    let requests = Loader::new(move || {
        let call = api::get("/approvals").query("limit", 100);
        match of {
            Some(me) => call.query("requested_by", me),
            None => call.query(WAITING_FOR_ME, true),
        }
        .json::<Page<Approval>>()
    });
    use_live().on("approvals", move |_| requests.reload());
    let title = label(if of.is_some() {
        |a| a.none_mine
    } else {
        |a| a.none_waiting
    });
    with_data(
        requests,
        || view! { <Skeleton lines=5 /> }.into_any(),
        move |page: Page<Approval>| {
            if page.items.is_empty() {
                let text = label(|a| a.empty_text);
                return view! { <EmptyState glyph=Glyph::CircleCheck title=title text=text /> }
                    .into_any();
            }
            view! {
                <ul class="panel max-w-4xl overflow-clip" data-testid="inbox">
                    {page.items.into_iter().map(|a| view! { <Line approval=a /> }).collect_view()}
                </ul>
            }
            .into_any()
        },
    )
}

#[component]
fn Line(approval: Approval) -> impl IntoView {
    let to = address(&approval);
    let (kind, at) = (approval.input.kind, approval.requested_at);
    let by = approval.requested_by_name.clone();
    view! {
        <li class="border-b border-base-300/70 last:border-b-0">
            <A href=to attr:class="flex items-center gap-3 px-4 py-3 hover:bg-base-200/70">
                <span class="min-w-0 flex-1">
                    <span class="flex flex-wrap items-center gap-x-2 font-medium">
                        {move || kind.label(lang())} <span class="text-base-content/70">{approval.subject.clone()}</span>
                    </span>
                    <span class="mt-0.5 line-clamp-2 text-[0.8125rem]">{approval.input.reason.clone()}</span>
                    <span class="muted mt-0.5 block text-xs">
                        {move || fill(t().approval.asked_by, &[("name", &by)])} " · "
                        <span class="num">{move || format::ago(at)}</span>
                    </span>
                </span>
                <StateBadge state=approval.state />
                <Icon glyph=Glyph::ChevronRight />
            </A>
        </li>
    }
}

fn columns() -> Vec<Column<Approval>> {
    vec![
        Column::field(&FIELDS, "kind", |a: &Approval| {
            let (to, kind) = (address(a), a.input.kind);
            move || record_link(to.clone(), kind.label(lang()).to_owned())
        }),
        Column::field(&FIELDS, "subject", |a: &Approval| a.subject.clone()).clip(),
        Column::field(&FIELDS, "state", |a: &Approval| {
            view! { <StateBadge state=a.state /> }
        }),
        Column::field(&FIELDS, "requested_by", |a: &Approval| {
            a.requested_by_name.clone()
        }),
        Column::field(&FIELDS, "requested_at", |a: &Approval| {
            let at = a.requested_at;
            view! { <span class="num whitespace-nowrap">{move || format::time(at)}</span> }
        }),
        Column::field(&FIELDS, "decided_by", |a: &Approval| {
            a.decided_by_name.clone()
        })
        .phone_hidden(),
        Column::field(&FIELDS, "decided_at", |a: &Approval| {
            let at = a.decided_at;
            view! { <span class="num whitespace-nowrap">{move || at.map(format::time)}</span> }
        })
        .phone_hidden(),
    ]
}

#[component]
fn All() -> impl IntoView {
    let list = use_list::<Approval>("/approvals", &FIELDS);
    let empty = || view! { <EmptyState glyph=Glyph::CircleCheck title=label(|a| a.none) /> };
    view! {
        <DataTable list=list columns=columns() href=address empty=empty>
            <FilterBar
                list=list.state()
                filters=quick(&["state", "kind", "requested_by", "requested_at"])
                no_search=true
            />
        </DataTable>
    }
}
