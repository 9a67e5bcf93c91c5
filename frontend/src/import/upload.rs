use guanxi_domain::import::{Import, ImportRecord, targets};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use super::{Steps, label};
use crate::api::{self, ApiError};
use crate::i18n::{fill, lang, t};
use crate::nav::use_nav;
use crate::ui::{Card, ErrorState, FileDrop, PageHeader, ProgressBar};

/// Bytes; as much as the server takes.
const MOST_BYTES: f64 = 1_073_741_824.0;

#[component]
pub fn ImportNewPage() -> impl IntoView {
    let nav = use_nav();
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
                ImportRecord::Orders,
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
    let area = move || match sending.get() {
        None => view! {
            <FileDrop
                accept=".csv,.tsv,.txt,.gz,text/csv,application/gzip"
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
    };
    view! {
        <PageHeader title=label(|i| i.new) up=("/imports", label(|i| i.title)) />
        <Steps at=0 />
        <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <Card title=label(|i| i.upload_title)>
                {area}
                {move || failure.get().map(|error| view! { <ErrorState error=error /> })}
            </Card>
            <Card title=label(|i| i.columns_title) text=label(|i| i.columns_text)>
                <ul class="space-y-1.5">
                    {targets(ImportRecord::Orders)
                        .iter()
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
                        .collect_view()}
                </ul>
            </Card>
        </div>
    }
}
