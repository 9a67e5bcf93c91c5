//! The reports that somebody has put on the start page.

use guanxi_domain::report::{Report, ReportChart, ReportQuery, ReportResult};
use leptos::prelude::*;
use leptos_router::components::A;

use super::daily::label;
use crate::api;
use crate::i18n::t;
use crate::load::Loader;
use crate::report::{ReportDrawing, address_of};
use crate::ui::{Card, Skeleton, record_link, with_data};

/// Links to the pinned reports; `drawn`: the first one as a chart too, which is a call more.
#[component]
pub fn Pinned(drawn: bool) -> impl IntoView {
    let reports = Loader::new(|| async {
        let mut all: Vec<Report> = api::get("/reports").json().await?;
        all.retain(|report| report.pinned);
        Ok(all)
    });
    let body = move |all: Vec<Report>| {
        if all.is_empty() {
            return view! {
                <p class="muted">{move || t().home.no_pinned}</p>
                <A href="/reports" attr:class="link-plain">
                    {move || t().report.title}
                </A>
            }
            .into_any();
        }
        let first = all.first().filter(|_| drawn).cloned();
        let links = all.into_iter().map(|report| {
            let input = report.input;
            let address = address_of(Some(report.id), &input.query, input.chart);
            view! { <li class="py-1">{record_link(address, input.name)}</li> }
        });
        view! {
            <ul>{links.collect_view()}</ul>
            {first.map(|report| view! { <First report=report /> })}
        }
        .into_any()
    };
    view! {
        <Card title=label(|h| h.pinned)>
            {with_data(reports, || view! { <Skeleton lines=3 /> }.into_any(), body)}
        </Card>
    }
}

#[component]
fn First(report: Report) -> impl IntoView {
    let (id, query) = (report.id, StoredValue::new(report.input.query));
    let chart = match report.input.chart {
        ReportChart::None => ReportChart::Bar,
        chart => chart,
    };
    let result = Loader::new(move || api::get(format!("/reports/{id}/run")).json::<ReportResult>());
    let body = move |found: ReportResult| draw(query, found, chart);
    with_data(result, || view! { <Skeleton lines=4 /> }.into_any(), body)
}

fn draw(query: StoredValue<ReportQuery>, found: ReportResult, chart: ReportChart) -> AnyView {
    view! { <ReportDrawing query=query result=StoredValue::new(found) chart=chart bare=true /> }
        .into_any()
}
