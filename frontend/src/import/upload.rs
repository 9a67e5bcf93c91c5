use guanxi_domain::export::ExportFormat;
use guanxi_domain::import::{Import, ImportRecord};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use super::{Steps, label, sign, targets_of};
use crate::api::{self, ApiError};
use crate::i18n::{fill, lang, t};
use crate::nav::{use_nav, use_url};
use crate::ui::{Card, ErrorState, FileDrop, Glyph, Icon, PageHeader, ProgressBar, use_toasts};

/// Bytes; as much as the server takes.
const MOST_BYTES: f64 = 1_073_741_824.0;

#[component]
pub fn ImportNewPage() -> impl IntoView {
    let nav = use_nav();
    let url = use_url();
    let record = Memo::new(move |_| {
        let named = url.get("record").and_then(|word| word.parse().ok());
        named.unwrap_or(ImportRecord::Customers)
    });
    let sending = RwSignal::new(None::<String>);
    let share = RwSignal::new(0.0);
    let failure = RwSignal::new(None::<ApiError>);
    let send = move |file: File| {
        let name = file.name();
        share.set(0.0);
        failure.set(None);
        sending.set(Some(name.clone()));
        spawn_local(async move {
            let path = format!(
                "/imports?record={}&filename={}",
                record.get_untracked(),
                js_sys::encode_uri_component(&name)
            );
            let answer = api::upload::<Import>(&path, &file, move |now| {
                share.try_set(now);
            })
            .await;
            // The page may have been left.
            if sending.try_set(None).is_some() {
                return;
            }
            match answer {
                Ok(import) => nav.to(&format!("/imports/{}", import.id)),
                Err(error) => failure.set(Some(error)),
            }
        });
    };
    let area = move || {
        match sending.get() {
        None => view! {
            <FileDrop
                accept=".csv,.tsv,.txt,.gz,.xlsx,text/csv,application/gzip,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                max_size=MOST_BYTES
                hint=label(|i| i.upload_hint)
                on_file=send
            />
        }
        .into_any(),
        Some(name) => view! {
            <div class="px-2 py-12">
                <ProgressBar
                    share=Signal::derive(move || Some(share.get()))
                    label=Signal::derive(move || {
                        // Sent in full, the server still looks into it.
                        if share.get() < 1.0 {
                            fill(t().import.uploading, &[("name", &name)])
                        } else {
                            t().import.reading.to_owned()
                        }
                    })
                />
            </div>
        }
        .into_any(),
    }
    };
    view! {
        <PageHeader title=label(|i| i.new) up=("/imports", label(|i| i.title)) />
        <Steps at=0 />
        <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <div class="space-y-4">
                <Card title=label(|i| i.record_title)>
                    <RecordChoice record=record />
                </Card>
                <Card title=label(|i| i.upload_title)>
                    {area}
                    {move || failure.get().map(|error| view! { <ErrorState error=error /> })}
                </Card>
            </div>
            <Needed record=record />
        </div>
    }
}

/// What the rows of the file become.
#[component]
fn RecordChoice(record: Memo<ImportRecord>) -> impl IntoView {
    let url = use_url();
    let choice = move |word: &'static ImportRecord| {
        let chosen = move || record.get() == *word;
        view! {
            <button
                type="button"
                role="radio"
                aria-checked=move || chosen().to_string()
                data-testid=format!("record-{word}")
                class="flex min-h-11 items-center gap-2 rounded-field border px-3 py-2 text-left transition-colors"
                class=(["border-primary", "bg-primary/8", "font-medium"], chosen)
                class=(["border-base-300", "hover:border-primary/60"], move || !chosen())
                on:click=move |_| url.replace(&[("record", Some(word.to_string()))])
            >
                <Icon glyph=sign(*word) class="size-4 shrink-0 opacity-70" />
                <span>{move || word.label(lang())}</span>
            </button>
        }
    };
    view! {
        <div
            role="radiogroup"
            aria-label=move || t().import.record_title
            class="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-5"
        >
            {ImportRecord::ALL.iter().map(choice).collect_view()}
        </div>
    }
}

/// The columns that the record takes, and an empty file that has them.
#[component]
fn Needed(record: Memo<ImportRecord>) -> impl IntoView {
    let toasts = use_toasts();
    let fetch = move |format: ExportFormat| {
        let record = record.get_untracked();
        spawn_local(async move {
            let call = api::get("/imports/template")
                .query("record", record.as_str())
                .query("format", format.as_str());
            if let Err(error) = api::download(call, &format!("{record}.{format}")).await {
                toasts.error(&error);
            }
        });
    };
    let button = move |format: ExportFormat| {
        view! {
            <button
                type="button"
                class="btn-quiet"
                data-testid=format!("template-{format}")
                on:click=move |_| fetch(format)
            >
                <Icon glyph=Glyph::Download />
                {move || format.label(lang())}
            </button>
        }
    };
    let rows = move || {
        targets_of(record.get())
            .iter()
            .copied()
            .map(|target| {
                view! {
                    <li class="flex items-baseline justify-between gap-3">
                        <span>{move || target.label(lang())}</span>
                        <span class="muted text-xs">
                            {move || if target.required { t().common.required } else { "" }}
                        </span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Card title=label(|i| i.columns_title) text=label(|i| i.columns_text)>
            <div class="mb-3 flex flex-wrap items-center gap-2">
                <span class="muted flex-1">{move || t().import.template}</span>
                {button(ExportFormat::Xlsx)} {button(ExportFormat::Csv)}
            </div>
            <ul class="max-h-96 space-y-1.5 overflow-y-auto pr-1" tabindex="0">
                {rows}
            </ul>
        </Card>
    }
}
