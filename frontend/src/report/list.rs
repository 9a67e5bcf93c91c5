//! The reports that somebody has, and those that ship.

use guanxi_domain::report::ready::ReadyReport;
use guanxi_domain::report::{Report, ReportChart};
use leptos::prelude::*;
use leptos_router::components::A;

use super::query::address_of;
use super::{dimensions, label};
use crate::api;
use crate::format;
use crate::i18n::{lang, t};
use crate::load::Loader;
use crate::ui::{EmptyState, Glyph, Icon, PageHeader, Skeleton, record_link, with_data};

#[component]
pub fn ReportListPage() -> impl IntoView {
    let reports = Loader::new(|| api::get("/reports").json::<Vec<Report>>());
    view! {
        <PageHeader
            title=label(|r| r.title)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().report.subtitle}</p> })
        >
            <A
                href=address_of(None, &ReadyReport::ByMonth.query(), ReportChart::Bar)
                attr:class="btn btn-primary btn-sm"
                attr:data-testid="new-report"
            >
                <Icon glyph=Glyph::Plus />
                {move || t().report.new}
            </A>
        </PageHeader>
        <section>
            <h2 class="mb-2 text-base">{move || t().report.saved}</h2>
            <div class="panel overflow-clip">
                {with_data(reports, || view! { <Skeleton lines=3 /> }.into_any(), saved)}
            </div>
        </section>
        <section class="mt-6">
            <h2 class="mb-2 text-base">{move || t().report.ready}</h2>
            <ul class="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
                {ReadyReport::ALL.iter().copied().map(ready).collect_view()}
            </ul>
        </section>
    }
}

fn ready(report: ReadyReport) -> impl IntoView {
    let query = report.query();
    let address = address_of(None, &query, report.chart());
    let period = query.period;
    let measures = query.measures.clone();
    let words = move || {
        let measures: Vec<_> = measures.iter().map(|m| m.label(lang())).collect();
        measures.join(" · ")
    };
    view! {
        <li>
            <A
                href=address
                attr:class="panel flex h-full items-start gap-3 px-4 py-3 transition-colors hover:border-primary/50"
                attr:data-testid=format!("ready-{report}")
            >
                <span class="grid size-8 shrink-0 place-items-center rounded-field bg-primary/10 text-primary">
                    <Icon glyph=if report.chart() == ReportChart::Line { Glyph::Trend } else { Glyph::ChartPie } />
                </span>
                <span class="min-w-0">
                    <span class="block font-medium">{move || report.label(lang())}</span>
                    <span class="muted block text-xs">{words}</span>
                    <span class="muted block text-xs">{move || period.map(|p| p.label(lang()))}</span>
                </span>
            </A>
        </li>
    }
}

fn saved(reports: Vec<Report>) -> AnyView {
    if reports.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::ChartPie title=label(|r| r.none_title) text=label(|r| r.none_text) />
        }
        .into_any();
    }
    let row = |report: Report| {
        let input = report.input;
        let address = address_of(Some(report.id), &input.query, input.chart);
        let (query, changed) = (input.query, report.updated_at);
        view! {
            <tr>
                <td>
                    {record_link(address, input.name)}
                    {report
                        .pinned
                        .then(|| {
                            view! {
                                <span class="tag tag-primary ml-2">{move || t().report.pinned}</span>
                            }
                        })}
                    {input
                        .shared
                        .then(|| view! { <span class="tag tag-info ml-2">{move || t().report.shared}</span> })}
                </td>
                <td data-label=move || t().report.broken_down>{move || dimensions(&query)}</td>
                <td data-label=move || t().report.owner>{report.owner_name}</td>
                <td class="num" data-label=move || t().report.changed>
                    {move || format::ago(changed)}
                </td>
            </tr>
        }
    };
    view! {
        <div class="overflow-x-auto">
            <table class="grid-table cards" data-testid="reports">
                <thead>
                    <tr>
                        <th scope="col">{move || t().report.name}</th>
                        <th scope="col">{move || t().report.broken_down}</th>
                        <th scope="col">{move || t().report.owner}</th>
                        <th scope="col">{move || t().report.changed}</th>
                    </tr>
                </thead>
                <tbody>{reports.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
