use guanxi_domain::Timestamp;
use guanxi_domain::job::{FIELDS, Job, JobPlan, JobState};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::json;

use super::{StateBadge, label, schedule_text};
use crate::api;
use crate::format;
use crate::i18n::{lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::{Session, use_session};
use crate::ui::{
    Card, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, Skeleton, quick,
    record_link, use_list, use_toasts, with_data,
};

fn address(job: &Job) -> String {
    format!("/jobs/{}", job.id)
}

fn columns(session: Session) -> Vec<Column<Job>> {
    vec![
        Column::field(&FIELDS, "kind", |job: &Job| {
            let (to, kind) = (address(job), job.kind);
            move || record_link(to.clone(), kind.label(lang()).to_owned())
        })
        .clip(),
        Column::field(&FIELDS, "state", |job: &Job| {
            let percent = job.percent.filter(|_| job.state == JobState::Running);
            view! {
                <StateBadge state=job.state />
                {percent.map(|percent| view! { <span class="num muted ml-2">{format!("{percent}%")}</span> })}
            }
        }),
        Column::new(
            "attempts",
            || t().job.attempts.to_owned(),
            |job: &Job| format::integer(i64::from(job.attempts)),
        )
        .right()
        .phone_hidden(),
        Column::field(&FIELDS, "by", move |job: &Job| {
            let by = job.by;
            move || match by {
                Some(id) => session.person_name(id.as_str()).unwrap_or_default(),
                None => t().job.by_schedule.to_owned(),
            }
        })
        .phone_hidden(),
        Column::field(&FIELDS, "created_at", |job: &Job| {
            let created = job.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::time(created)}</span> }
        }),
        Column::field(&FIELDS, "finished_at", |job: &Job| {
            let finished = job.finished_at;
            view! { <span class="num whitespace-nowrap">{move || finished.map(format::time)}</span> }
        })
        .phone_hidden(),
    ]
}

/// What the server does by itself, and what it did.
#[component]
pub fn JobsPage() -> impl IntoView {
    let session = use_session();
    let list = use_list::<Job>("/jobs", &FIELDS);
    let plans = Loader::new(|| api::get("/jobs/kinds").json::<Vec<JobPlan>>());
    let empty = || view! { <EmptyState glyph=Glyph::Play title=label(|j| j.empty) /> };
    view! {
        <PageHeader title=label(|j| j.title) />
        <div class="mb-4">
            <Card title=label(|j| j.kinds) text=label(|j| j.kinds_text) flush=true>
                {with_data(
                    plans,
                    || view! { <Skeleton lines=3 /> }.into_any(),
                    move |plans| {
                        view! {
                            <ul class="divide-y divide-base-300">
                                {plans.into_iter().map(|plan| view! { <Plan plan=plan /> }).collect_view()}
                            </ul>
                        }
                    },
                )}
            </Card>
        </div>
        <DataTable list=list columns=columns(session) href=address empty=empty>
            <FilterBar
                list=list.state()
                filters=quick(&["kind", "state", "created_at"])
                no_search=true
            />
        </DataTable>
    }
}

/// One kind of job: its schedule, its last run, and a button that starts it.
#[component]
fn Plan(plan: JobPlan) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let nav = use_nav();
    let kind = plan.kind;
    let busy = RwSignal::new(false);
    let running = plan.last.as_ref().is_some_and(|job| job.state.is_active());
    let start = move |_| {
        busy.set(true);
        spawn_local(async move {
            let call = api::post("/jobs").body(&json!({ "kind": kind }));
            match call.json::<Job>().await {
                Ok(job) => {
                    toasts.done(t_now().job.started);
                    nav.to(&address(&job));
                }
                Err(error) => {
                    busy.set(false);
                    toasts.error(&error);
                }
            }
        });
    };
    let moment = |time: Option<Timestamp>| move || time.map(format::time);
    let last = plan.last.map(|job| {
        let (to, when) = (address(&job), job.finished_at.unwrap_or(job.created_at));
        view! {
            <span class="inline-flex items-center gap-2">
                <StateBadge state=job.state />
                <A href=to attr:class="link-plain num">
                    {move || format::ago(when)}
                </A>
            </span>
        }
    });
    let never = last.is_none();
    view! {
        <li class="flex flex-wrap items-center gap-x-6 gap-y-2 px-4 py-3" data-testid=format!("job-{kind}")>
            <div class="min-w-0 flex-1 basis-56">
                <p class="font-medium">{move || kind.label(lang())}</p>
                <p class="muted text-xs">
                    {move || schedule_text(plan.schedule)}
                    {plan.next_at.map(|_| " · ")}
                    {move || plan.next_at.map(|_| t().job.next)} " "
                    <span class="num">{moment(plan.next_at)}</span>
                </p>
            </div>
            <div class="text-[0.8125rem]">
                {last} {move || never.then(|| view! { <span class="muted">{t().job.never}</span> })}
            </div>
            <Show when=move || kind.about().is_none() && session.can(Module::Settings, Operation::Update)>
                <button class="btn-quiet" disabled=move || running || busy.get() on:click=start>
                    <Icon glyph=Glyph::Play />
                    {move || t().job.start}
                </button>
            </Show>
        </li>
    }
}
