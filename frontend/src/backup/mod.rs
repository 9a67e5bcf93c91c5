//! Backups: what there is, starting one, and how to restore one.

use guanxi_domain::backup::{Backup, Backups, Manifest};
use guanxi_domain::job::Job;
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::json;

use crate::api;
use crate::format;
use crate::i18n::{BackupTexts, fill, lang, t, t_now};
use crate::job::schedule_text;
use crate::live::{NOTIFICATIONS, use_live};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{
    Badge, Card, CopyButton, EmptyState, Fact, Facts, Glyph, Icon, PageHeader, RecordSkeleton,
    Tone, use_toasts, with_data,
};

fn label(pick: fn(&BackupTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().backup).to_owned())
}

#[component]
pub fn BackupsPage() -> impl IntoView {
    let backups = Loader::new(|| api::get("/backups").json::<Backups>());
    // Whoever started one is told of its end.
    use_live().on(NOTIFICATIONS, move |_| backups.reload());
    view! {
        <PageHeader title=label(|b| b.title)>
            <StartButton />
        </PageHeader>
        {with_data(
            backups,
            || view! { <RecordSkeleton /> }.into_any(),
            |backups| view! { <Overview backups=backups /> },
        )}
    }
}

#[component]
fn StartButton() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let nav = use_nav();
    let busy = RwSignal::new(false);
    let start = move |_| {
        busy.set(true);
        spawn_local(async move {
            match api::post("/backups").body(&json!({})).json::<Job>().await {
                Ok(job) => {
                    toasts.done(t_now().backup.started);
                    nav.to(&format!("/jobs/{}", job.id));
                }
                Err(error) => {
                    busy.set(false);
                    toasts.error(&error);
                }
            }
        });
    };
    view! {
        <Show when=move || session.can(Module::Settings, Operation::Update)>
            <button class="btn btn-primary btn-sm" disabled=move || busy.get() on:click=start>
                <Icon glyph=Glyph::Play />
                {move || t().backup.start}
            </button>
        </Show>
    }
}

#[component]
fn Overview(backups: Backups) -> impl IntoView {
    let newest = backups
        .items
        .iter()
        .find_map(|b| b.manifest.as_ref().map(|m| m.created_at));
    let (schedule, kept) = (backups.schedule, backups.retention);
    let folder = backups.folder.clone();
    let example = backups
        .items
        .iter()
        .find(|backup| backup.manifest.is_some())
        .map_or_else(
            || "guanxi-….backup".to_owned(),
            |backup| backup.name.clone(),
        );
    let command = format!("guanxi restore --force {folder}/{example}");
    let schedule = Signal::derive(move || {
        Some(match schedule {
            Some(_) => schedule_text(schedule),
            None => t().backup.schedule_off.to_owned(),
        })
    });
    let kept = Signal::derive(move || {
        let number = |n: u16| format::integer(i64::from(n));
        let values = [
            ("daily", number(kept.daily)),
            ("weekly", number(kept.weekly)),
            ("monthly", number(kept.monthly)),
        ];
        Some(fill(
            t().backup.kept_text,
            &values.each_ref().map(|(name, n)| (*name, n.as_str())),
        ))
    });
    let age = Signal::derive(move || newest.map(format::ago));
    view! {
        {backups.overdue.then(|| view! { <Warning any=newest.is_some() /> })}
        <div class="grid gap-4 lg:grid-cols-2">
            <Card>
                <Facts>
                    <Fact label=label(|b| b.newest) value=age />
                    <Fact label=label(|b| b.schedule) value=schedule />
                    <Fact label=label(|b| b.kept) value=kept />
                    <Fact label=label(|b| b.folder) wide=true>
                        <code class="text-xs break-all">{folder}</code>
                    </Fact>
                </Facts>
            </Card>
            <Card title=label(|b| b.restore)>
                <p>{move || t().backup.restore_text}</p>
                <div class="my-3 flex flex-wrap items-center gap-3">
                    <code class="min-w-0 flex-1 basis-64 rounded-md bg-base-200 px-3 py-2 text-xs break-all select-all">
                        {command.clone()}
                    </code>
                    <CopyButton text=command label=label(|b| b.copy) done=|| t_now().backup.copied />
                </div>
                <p class="muted text-xs">{move || t().backup.restore_copy}</p>
            </Card>
        </div>
        <div class="mt-4">
            <Card title=label(|b| b.list) flush=true>
                <List items=backups.items />
            </Card>
        </div>
    }
}

#[component]
fn Warning(any: bool) -> impl IntoView {
    let text = move || {
        if any {
            t().backup.overdue
        } else {
            t().backup.overdue_none
        }
    };
    view! {
        <div
            class="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-warning/40 bg-warning/10 px-4 py-2.5"
            role="status"
            data-testid="backup-overdue"
        >
            <Icon glyph=Glyph::Warning class="size-4 text-warning" />
            <p class="min-w-0 flex-1">{text}</p>
            <A href="/jobs?kind=backup" attr:class="link-plain">
                {move || t().backup.jobs}
            </A>
        </div>
    }
}

#[component]
fn List(items: Vec<Backup>) -> impl IntoView {
    if items.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::Database title=label(|b| b.none) text=label(|b| b.none_text) />
        }
        .into_any();
    }
    let rows = items
        .into_iter()
        .map(|backup| view! { <Row backup=backup /> });
    view! { <ul class="divide-y divide-base-300" data-testid="backups">{rows.collect_view()}</ul> }
        .into_any()
}

#[component]
fn Row(backup: Backup) -> impl IntoView {
    let size = format::bytes(u64::try_from(backup.size).unwrap_or_default());
    let name = backup.name.clone();
    let body = match backup.manifest {
        Some(manifest) => view! { <Described manifest=manifest /> }.into_any(),
        None => view! {
            <p class="min-w-0 flex-1 basis-64">
                <Badge tone=Tone::Error text=label(|b| b.incomplete) />
            </p>
        }
        .into_any(),
    };
    view! {
        <li class="flex flex-wrap items-center gap-x-6 gap-y-1 px-4 py-3">
            {body} <code class="muted min-w-0 text-xs break-all">{name}</code>
            <span class="num ml-auto whitespace-nowrap">{size}</span>
        </li>
    }
}

/// When a backup was made, by which version, and what is in it.
#[component]
fn Described(manifest: Manifest) -> impl IntoView {
    let created = manifest.created_at;
    let counts = move || {
        let count = |(table, rows): (&String, &i64)| {
            let module: Module = table.parse().ok()?;
            Some(format!(
                "{} {}",
                module.label(lang()),
                format::integer(*rows)
            ))
        };
        let known: Vec<String> = manifest.counts.iter().filter_map(count).collect();
        known.join(" · ")
    };
    let version = manifest.product_version;
    let database = manifest.database;
    view! {
        <div class="min-w-0 flex-1 basis-64">
            <p class="num font-medium">{move || format::time(created)}</p>
            <p class="muted text-xs">{counts}</p>
        </div>
        <p class="muted text-xs">
            {move || database.label(lang())} " · "
            {move || fill(t().backup.version, &[("version", &version)])}
        </p>
    }
}
