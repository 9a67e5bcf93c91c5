use guanxi_domain::Timestamp;
use guanxi_domain::import::{Import, ImportRecord, ImportState, ReasonCount};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::{label, sign, targets_of};
use crate::api;
use crate::format;
use crate::i18n::{ImportTexts, fill, lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{Ask, Card, Glyph, Icon, KeyFigure, KeyFigures, Tone, use_confirm, use_toasts};

/// `less than a second`, `42 s`, `3 min 20 s`. Reactive.
fn duration(from: Timestamp, to: Timestamp) -> String {
    let seconds = (to.micros() - from.micros()).max(0) / 1_000_000;
    let i = t().import;
    if seconds == 0 {
        return i.moment.to_owned();
    }
    if seconds < 60 {
        return fill(i.seconds, &[("n", &seconds.to_string())]);
    }
    fill(
        i.minutes,
        &[
            ("m", &(seconds / 60).to_string()),
            ("s", &(seconds % 60).to_string()),
        ],
    )
}

#[component]
pub fn ResultStep(import: Loader<Import>) -> impl IntoView {
    move || {
        import
            .data()
            .map(|import| view! { <Outcome import=import /> })
    }
}

#[component]
fn Outcome(import: Import) -> impl IntoView {
    let session = use_session();
    let (tone, glyph, title): (Tone, Glyph, fn(&ImportTexts) -> &'static str) = match import.state {
        ImportState::Failed => (Tone::Error, Glyph::CircleX, |i| i.failed_title),
        ImportState::Cancelled => (Tone::Warning, Glyph::Warning, |i| i.cancelled_title),
        _ => (Tone::Success, Glyph::CircleCheck, |i| i.done_title),
    };
    let (read, imported, rejected) = (import.read, import.imported, import.rejected);
    let (record, updated) = (import.record, import.updated);
    let span = import.started_at.zip(import.finished_at);
    let failure = import.failure;
    let share = move |rows: i64| {
        #[allow(clippy::cast_precision_loss)] // A percentage with one decimal.
        let share = if read > 0 {
            rows as f64 / read as f64
        } else {
            0.0
        };
        Signal::stored(if read > 0 {
            format::percent(share)
        } else {
            String::new()
        })
    };
    view! {
        <div class="mb-4 flex flex-wrap items-center gap-3" data-testid="import-result">
            <span class=format!("{} grid size-10 place-items-center rounded-full p-0", tone.class())>
                <Icon glyph=glyph class="size-5" />
            </span>
            <div class="min-w-40 flex-1">
                <h2 class="text-base">{move || title(t().import)}</h2>
                <p class="muted">
                    {move || {
                        span.map(|(from, to)| fill(t().import.took, &[("n", &duration(from, to))]))
                    }}
                </p>
            </div>
            <Actions id=import.id.to_string() />
        </div>
        {failure
            .map(|failure| {
                view! {
                    <p class="mb-4 rounded-box border border-error/30 bg-error/8 px-3.5 py-2.5 break-words">{move || failure.label(lang())}</p>
                }
            })}
        <KeyFigures>
            <KeyFigure label=label(|i| i.read) value=Signal::stored(format::integer(read)) />
            <KeyFigure
                label=label(|i| i.created)
                value=Signal::stored(format::integer(imported - updated))
                note=share(imported - updated)
            />
            {(updated > 0)
                .then(|| {
                    view! {
                        <KeyFigure
                            label=label(|i| i.updated)
                            value=Signal::stored(format::integer(updated))
                            note=share(updated)
                        />
                    }
                })}
            <KeyFigure
                label=label(|i| i.rejected)
                value=Signal::stored(format::integer(rejected))
                note=share(rejected)
            />
        </KeyFigures>
        <div class="mt-4">
            <Reasons id=import.id.to_string() name=import.filename record=record reasons=import.reasons rejected=rejected />
        </div>
        <div class="mt-4 flex flex-wrap gap-2">
            <Show when=move || session.can(record.module(), Operation::Read)>
                <A href=records_address(record) attr:class="btn-quiet">
                    <Icon glyph=sign(record) />
                    {move || fill(t().import.to_records, &[("records", record.module().label(lang()))])}
                </A>
            </Show>
            <Show when=move || {
                record == ImportRecord::Orders && session.can(Module::Reports, Operation::Read)
            }>
                <A href="/value" attr:class="btn-quiet">
                    <Icon glyph=Glyph::Pyramid />
                    {move || t().import.to_value}
                </A>
            </Show>
        </div>
    }
}

/// Where what was brought in is listed.
fn records_address(record: ImportRecord) -> String {
    match record {
        // Each on the page of its product.
        ImportRecord::StockLevels => "/products".to_owned(),
        _ => format!("/{record}"),
    }
}

#[component]
fn Reasons(
    id: String,
    name: String,
    record: ImportRecord,
    reasons: Vec<ReasonCount>,
    rejected: i64,
) -> impl IntoView {
    let toasts = use_toasts();
    if rejected == 0 {
        return view! {
            <p class="muted flex items-center gap-2">
                <span class="text-success">
                    <Icon glyph=Glyph::CircleCheck />
                </span>
                {move || t().import.all_fine}
            </p>
        }
        .into_any();
    }
    let busy = RwSignal::new(false);
    let file_name = format!(
        "{}-errors.csv",
        name.trim_end_matches(".gz")
            .trim_end_matches(".csv")
            .trim_end_matches(".xlsx")
    );
    let target = StoredValue::new((format!("/imports/{id}/errors.csv"), file_name));
    let download = move |_| {
        busy.set(true);
        spawn_local(async move {
            let (path, file_name) = target.get_value();
            if let Err(error) = api::download(api::get(&path), &file_name).await {
                toasts.error(&error);
            }
            busy.try_set(false);
        });
    };
    let mut reasons = reasons;
    reasons.sort_by_key(|count| std::cmp::Reverse(count.rows));
    let row = move |count: ReasonCount| {
        #[allow(clippy::cast_precision_loss)] // A percentage.
        let share = count.rows as f64 / rejected as f64;
        let rows = count.rows;
        let id = format!("reason-{}", count.reason);
        view! {
            <tr data-testid=id>
                <td class="wrap">{move || count.text(&targets_of(record), lang())}</td>
                <td class="right w-28" data-label=move || t().import.rows>
                    {format::integer(rows)}
                </td>
                <td class="w-1/3" data-label=move || t().import.share>
                    <div class="flex items-center gap-2">
                        <div class="h-2 min-w-12 flex-1 overflow-hidden rounded-full bg-base-300/70">
                            <div class="h-full rounded-full bg-error" style:width=format!("{:.2}%", share * 100.0)></div>
                        </div>
                        <span class="num w-14 text-right">{format::percent(share)}</span>
                    </div>
                </td>
            </tr>
        }
    };
    let actions = move || {
        view! {
            <button
                class="btn btn-primary btn-sm"
                data-testid="download-errors"
                disabled=move || busy.get()
                on:click=download
            >
                <Icon glyph=Glyph::Download />
                {move || t().import.download}
            </button>
        }
    };
    view! {
        <Card
            title=label(|i| i.reasons)
            text=label(|i| i.download_text)
            actions=ViewFn::from(actions)
            flush=true
        >
            <div class="overflow-x-auto">
                <table class="grid-table cards">
                    <thead>
                        <tr>
                            <th scope="col">{move || t().import.reason}</th>
                            <th scope="col" class="right">
                                {move || t().import.rows}
                            </th>
                            <th scope="col">{move || t().import.share}</th>
                        </tr>
                    </thead>
                    <tbody>{reasons.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </Card>
    }
    .into_any()
}

#[component]
fn Actions(id: String) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let nav = use_nav();
    let id = StoredValue::new(id);
    let delete = move |_| {
        let i = t_now().import;
        let ask = Ask {
            title: i.delete_title.to_owned(),
            text: i.delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            spawn_local(async move {
                match api::delete(format!("/imports/{}", id.get_value()))
                    .done()
                    .await
                {
                    Ok(()) => {
                        toasts.done(t_now().common.deleted);
                        nav.replace("/imports");
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    view! {
        <Show when=move || session.can(Module::Imports, Operation::Delete)>
            <button class="btn-quiet" on:click=delete>
                <Icon glyph=Glyph::Trash />
                {move || t().import.delete}
            </button>
        </Show>
        <Show when=move || session.can(Module::Imports, Operation::Create)>
            <A href="/imports/new" attr:class="btn-quiet">
                <Icon glyph=Glyph::Upload />
                {move || t().import.another}
            </A>
        </Show>
    }
}
