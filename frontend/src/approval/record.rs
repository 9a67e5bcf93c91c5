use guanxi_domain::approval::{Approval, ApprovalKind, ApprovalState};
use guanxi_domain::customer::Blacklisting;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::decide::Decide;
use super::{StateBadge, label};
use crate::api;
use crate::audit::HistoryButton;
use crate::format;
use crate::i18n::{field_label, lang, t};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Card, ChangedElsewhere, Fact, Facts, PageHeader, RecordSkeleton, record_link, with_data,
};

/// One request: what is asked for, what it was asked of, what became of it.
#[component]
pub fn ApprovalPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let approval =
        Loader::new(move || api::get(format!("/approvals/{}", id.get())).json::<Approval>());
    view! {
        <ChangedElsewhere record="approvals" loader=approval of=|a: &Approval| (a.id.to_string(), a.version) />
        {with_data(
            approval,
            || view! { <RecordSkeleton /> }.into_any(),
            move |found| view! { <Request found=found approval=approval /> },
        )}
    }
}

fn field(name: &'static str) -> Signal<String> {
    Signal::derive(move || field_label(&guanxi_domain::approval::FIELDS, name))
}

#[component]
fn Request(found: Approval, approval: Loader<Approval>) -> impl IntoView {
    let (kind, state) = (found.input.kind, found.state);
    let (requested, expires, decided) = (found.requested_at, found.expires_at, found.decided_at);
    let subject = (
        format!("/{}/{}", found.record, found.input.record_id),
        found.subject.clone(),
    );
    let pending = state == ApprovalState::Pending;
    let asked = found.clone();
    let (shown, settled) = (found.clone(), found.clone());
    view! {
        <PageHeader
            title=Signal::derive(move || kind.label(lang()).to_owned())
            up=("/approvals", label(|a| a.title))
            beside=ViewFn::from(move || view! { <StateBadge state=state /> })
        >
            <HistoryButton record="approvals" id=found.id.to_string() />
        </PageHeader>
        <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
            <Card title=label(|a| a.one)>
                <Facts>
                    <Fact label=field("subject")>{record_link(subject.0, subject.1)}</Fact>
                    <Fact label=field("requested_by") value=Signal::stored(Some(found.requested_by_name.clone())) />
                    <Fact label=field("requested_at") value=Signal::derive(move || Some(format::time(requested))) />
                    <Fact
                        label=field("expires_at")
                        value=Signal::derive(move || pending.then(|| format::time(expires)))
                    />
                    <Fact label=field("reason") value=Signal::stored(Some(found.input.reason.clone())) wide=true />
                    <Basis found=shown />
                </Facts>
            </Card>
            <Card title=label(|a| a.decision)>
                {if pending {
                    view! { <Decide found=asked approval=approval /> }.into_any()
                } else {
                    view! {
                        <div class="xl:[&_dl]:grid-cols-1">
                            <Facts>
                                <Fact label=field("state") value=Signal::derive(move || Some(state.label(lang()).to_owned())) />
                                <Fact label=field("decided_by") value=Signal::stored(settled.decided_by_name) />
                                <Fact label=field("decided_at") value=Signal::derive(move || decided.map(format::time)) />
                                <Fact label=label(|a| a.note) value=Signal::stored(settled.note) wide=true />
                            </Facts>
                        </div>
                    }
                        .into_any()
                }}
            </Card>
        </div>
    }
}

/// What the request was asked of, as it stood then.
#[component]
fn Basis(found: Approval) -> impl IntoView {
    let session = use_session();
    match found.input.kind {
        ApprovalKind::LiftBlacklist => {
            let entry: Option<Blacklisting> = serde_json::from_value(found.basis).ok();
            entry.map(|entry| {
                let (by, at, until) = (entry.by, entry.at, entry.until);
                let text = move || {
                    let by = by.and_then(|id| session.person_name(id.as_str()));
                    let since = Some(format::time(at));
                    let until = until.map(|day| {
                        crate::i18n::fill(
                            t().customer.blacklisted_until,
                            &[("date", &format::date(day))],
                        )
                    });
                    let told: Vec<_> = [by, since, until].into_iter().flatten().collect();
                    format!("{}\n{}", entry.reason, told.join(" · "))
                };
                view! { <Fact label=label(|a| a.basis) value=Signal::derive(move || Some(text())) wide=true /> }
            })
        }
    }
}
