use std::time::Duration;

use guanxi_domain::Timestamp;
use guanxi_domain::job::{Job, JobDetail, JobRun, JobState};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;
use serde_json::Value;

use super::{OutcomeBadge, StateBadge, label};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    Ask, Card, Fact, Facts, Glyph, Icon, PageHeader, ProgressBar, RecordSkeleton, use_confirm,
    use_toasts, with_data,
};

/// How often a job that is not over is asked after.
const POLL: Duration = Duration::from_secs(2);

/// One job: how far it is, what came out, and its attempts.
#[component]
pub fn JobPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let job = Loader::new(move || api::get(format!("/jobs/{}", id.get())).json::<JobDetail>());
    let state = Memo::new(move |_| job.with(|l| l.data.as_ref().map(|d| d.job.state)));
    let poll = move || {
        // One question at a time, also when the server is slow.
        let active = state
            .try_get_untracked()
            .flatten()
            .is_some_and(JobState::is_active);
        if active && !job.with_untracked(|l| l.busy) {
            job.reload();
        }
    };
    if let Ok(handle) = set_interval_with_handle(poll, POLL) {
        on_cleanup(move || handle.clear());
    }
    let title = Signal::derive(move || {
        job.with(|l| l.data.as_ref().map(|d| d.job.kind.label(lang()).to_owned()))
            .unwrap_or_default()
    });
    view! {
        <PageHeader
            title=title
            up=("/jobs", label(|j| j.title))
            beside=ViewFn::from(move || {
                move || state.get().map(|state| view! { <StateBadge state=state /> })
            })
        >
            <Actions job=job />
        </PageHeader>
        {with_data(
            job,
            || view! { <RecordSkeleton /> }.into_any(),
            |detail| view! { <Detail detail=detail /> },
        )}
    }
}

#[component]
fn Actions(job: Loader<JobDetail>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let send = move |what: &'static str| {
        let Some(id) = job.with_untracked(|l| l.data.as_ref().map(|d| d.job.id)) else {
            return;
        };
        spawn_local(async move {
            match api::post(format!("/jobs/{id}/{what}")).json::<Job>().await {
                Ok(_) => job.reload(),
                Err(error) => toasts.error(&error),
            }
        });
    };
    let cancel = move |_| {
        let j = t_now().job;
        let ask = Ask {
            title: j.cancel_title.to_owned(),
            text: j.cancel_text.to_owned(),
            button: j.cancel.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| send("cancel"));
    };
    let state = move || job.with(|l| l.data.as_ref().map(|d| d.job.state));
    let over = move || matches!(state(), Some(JobState::Failed | JobState::Cancelled));
    view! {
        <Show when=move || session.can(Module::Settings, Operation::Update)>
            <Show when=move || state().is_some_and(JobState::is_active)>
                <button class="btn-quiet" on:click=cancel>
                    <Icon glyph=Glyph::Ban />
                    {move || t().job.cancel}
                </button>
            </Show>
            <Show when=over>
                <button class="btn btn-primary btn-sm" on:click=move |_| send("retry")>
                    <Icon glyph=Glyph::Refresh />
                    {move || t().job.retry}
                </button>
            </Show>
        </Show>
    }
}

#[component]
fn Detail(detail: JobDetail) -> impl IntoView {
    let session = use_session();
    let job = detail.job;
    let by = job.by;
    let started_by = Signal::derive(move || {
        Some(match by {
            Some(id) => session.person_name(id.as_str()).unwrap_or_default(),
            None => t().job.by_schedule.to_owned(),
        })
    });
    let moment = |time: Option<Timestamp>| Signal::derive(move || time.map(format::time));
    let found = job.result.clone();
    let result = Signal::derive(move || found.as_ref().map(shown));
    let failed = job.error.clone();
    let bar = (job.state == JobState::Running).then(|| {
        let share = job.percent.map(|percent| f64::from(percent) / 100.0);
        let text = Signal::derive(move || job.state.label(lang()).to_owned());
        view! {
            <div class="mb-4">
                <ProgressBar share=Signal::stored(share) label=text />
            </div>
        }
    });
    view! {
        <div class="grid gap-4 lg:grid-cols-2">
            <Card>
                {bar}
                <Facts>
                    <Fact label=label(|j| j.finished) value=moment(job.finished_at) />
                    <Fact label=label(|j| j.run_at) value=moment(Some(job.run_at)) />
                    <Fact label=label(|j| j.started_by) value=started_by />
                    <Fact label=label(|j| j.result) value=result />
                    <Fact label=label(|j| j.error) value=Signal::stored(failed) wide=true />
                </Facts>
            </Card>
            <Card title=label(|j| j.attempts) flush=true>
                <ol class="divide-y divide-base-300">
                    {detail.runs.into_iter().rev().map(|run| view! { <Run run=run /> }).collect_view()}
                </ol>
            </Card>
        </div>
    }
}

/// What a job found, as lines of name and value. Reactive.
fn shown(result: &Value) -> String {
    let line = |(name, value): (&String, &Value)| {
        let j = t().job;
        let name = match name.as_str() {
            "customers" => j.name_customers,
            "differing" => j.name_differing,
            "file" => j.name_file,
            "bytes" => j.name_bytes,
            "deleted" => j.name_deleted,
            "jobs" => j.name_jobs,
            "messages" => j.name_messages,
            "events" => j.name_events,
            "notifications" => j.name_notifications,
            "mails" => j.name_mails,
            "idempotency_keys" => j.name_keys,
            "shares" => j.name_shares,
            "scores" => j.name_scores,
            "places" => j.name_places,
            "expired" => j.name_expired,
            "segments" => j.name_segments,
            "broken" => j.name_broken,
            "lines" => j.name_lines,
            "rules" => j.name_rules,
            "clusters" => j.name_clusters,
            "run" => j.name_run,
            other => other,
        };
        let value = match value {
            Value::String(text) => text.clone(),
            // Of many things their number: which they are stands in the log.
            Value::Array(all) => all.len().to_string(),
            _ => value
                .as_i64()
                .map_or_else(|| value.to_string(), format::integer),
        };
        fill(
            lang().pick("{name}：{value}", "{name}: {value}"),
            &[("name", name), ("value", &value)],
        )
    };
    let lines: Vec<_> = result.as_object().into_iter().flatten().map(line).collect();
    lines.join("\n")
}

#[component]
fn Run(run: JobRun) -> impl IntoView {
    let (started, finished) = (run.started_at, run.finished_at);
    #[allow(clippy::cast_precision_loss)] // Seconds with one decimal.
    let took = finished.map(|end| (end.micros() - started.micros()) as f64 / 1e6);
    let number = run.number.to_string();
    view! {
        <li class="px-4 py-3 text-[0.8125rem]">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span class="font-medium">{move || fill(t().job.attempt, &[("n", &number)])}</span>
                {match run.outcome {
                    Some(outcome) => view! { <OutcomeBadge outcome=outcome /> }.into_any(),
                    None => view! { <StateBadge state=JobState::Running /> }.into_any(),
                }}
                <span class="num muted ml-auto">
                    {move || format::time(started)} {took.map(|took| format!(" · {took:.1} s"))}
                </span>
            </div>
            <p class="muted mt-1 text-xs break-all">{move || t().job.worker} " " {run.worker}</p>
            {run.error.map(|error| view! { <p class="mt-1 break-words text-error">{error}</p> })}
        </li>
    }
}
