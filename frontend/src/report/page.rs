//! One report: what it asks, its chart, its table.

use guanxi_domain::order::FIELDS;
use guanxi_domain::report::{Report, ReportChart, ReportQuery, ReportResult};
use leptos::prelude::*;

use super::chart::ReportDrawing;
use super::controls::Controls;
use super::query::Shown;
use super::save::ReportActions;
use super::table::ReportTable;
use super::{days, label};
use crate::api;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::ui::{
    EmptyState, FilterBar, Glyph, PageHeader, RecordSkeleton, quick, use_filter, with_data,
};

#[component]
pub fn ReportPage() -> impl IntoView {
    let url = use_url();
    let shown = Memo::new(move |_| Shown::of(url));
    let query = Memo::new(move |_| shown.with(|shown| shown.query.clone()));
    let result = Loader::new(move || {
        let asked = query.get();
        let call = api::post("/reports/run").body(&asked);
        async move {
            let result = call.json::<ReportResult>().await?;
            Ok((asked, result))
        }
    });
    let report = RwSignal::new(None::<Report>);
    Effect::new(move |_| {
        let id = shown.with(|shown| shown.report.clone());
        let known = report.with_untracked(|r| r.as_ref().map(|r| r.id.to_string()));
        if id == known {
            return;
        }
        report.set(None);
        if let Some(id) = id {
            leptos::task::spawn_local(async move {
                // A report that is gone, or not shared any more, leaves what the address says.
                if let Ok(found) = api::get(format!("/reports/{id}")).json::<Report>().await {
                    report.try_set(Some(found));
                }
            });
        }
    });
    let title = Signal::derive(move || {
        report.with(|report| match report {
            Some(report) => report.input.name.clone(),
            None => t().report.new.to_owned(),
        })
    });
    let changed = move || {
        report.with(|report| {
            report.as_ref().is_some_and(|report| {
                shown.with(|s| s.query != report.input.query || s.chart != report.input.chart)
            })
        })
    };
    let filter = use_filter(&FIELDS);
    let body = move |(asked, found): (ReportQuery, ReportResult)| {
        if found.rows.is_empty() {
            return view! {
                <div class="panel">
                    <EmptyState
                        glyph=Glyph::ChartPie
                        title=label(|r| r.empty_title)
                        text=label(|r| r.empty_text)
                    />
                </div>
            }
            .into_any();
        }
        let (range, before) = (found.range, found.before);
        let (asked, found) = (StoredValue::new(asked), StoredValue::new(found));
        let compared = move || {
            before.map(|range| {
                let day = |day: Option<guanxi_domain::Date>| {
                    day.map(crate::format::date_short).unwrap_or_default()
                };
                let days = [("from", &*day(range.from)), ("to", &*day(range.to))];
                fill(t().report.before, &days)
            })
        };
        view! {
            <p class="muted mb-3 flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem]">
                <span class="num">{move || days(range)}</span>
                <span class="num">{compared}</span>
            </p>
            {move || {
                let chart = shown.with(|shown| shown.chart);
                (chart != ReportChart::None && !asked.with_value(|q| q.rows.is_empty()))
                    .then(|| view! { <ReportDrawing query=asked result=found chart=chart /> })
            }}
            <ReportTable query=asked result=found />
        }
        .into_any()
    };
    view! {
        <PageHeader
            title=title
            up=("/reports", label(|r| r.title))
            beside=ViewFn::from(move || {
                view! {
                    <Show when=changed>
                        <span class="tag tag-warning">{move || t().report.unsaved}</span>
                    </Show>
                }
            })
        >
            <ReportActions shown=shown report=report />
        </PageHeader>
        <Controls shown=shown />
        <div class="mb-4">
            <FilterBar
                list=filter
                filters=quick(
                    &[
                        "customer.region",
                        "customer.customer_type",
                        "customer.value_class",
                        "product.category",
                        "owner_id",
                        "customer_id",
                    ],
                )
                no_search=true
            />
        </div>
        {with_data(result, || view! { <RecordSkeleton /> }.into_any(), body)}
    }
}
