//! Sales at a glance: this month against the last, the trend of a year, who brings them, who may leave.

use guanxi_domain::customer::Customer;
use guanxi_domain::report::{
    ReportChart, ReportCompare, ReportDimension, ReportFigure, ReportMeasure, ReportPeriod,
    ReportQuery, ReportResult, ReportRow, ReportSort,
};
use guanxi_domain::{Page, Search};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::json;

use super::daily::{ROWS, label, see_all};
use crate::api;
use crate::format;
use crate::i18n::{HomeTexts, fill, lang, t};
use crate::load::Loader;
use crate::report::{ReportDrawing, address_of, change_text, figure_text};
use crate::ui::{Card, KeyFigure, KeyFigures, Skeleton, record_link, with_data};

/// Rows of a breakdown.
const TOP: i64 = 8;

fn query(
    rows: &[ReportDimension],
    measures: &[ReportMeasure],
    period: ReportPeriod,
) -> ReportQuery {
    ReportQuery {
        rows: rows.to_vec(),
        column: None,
        measures: measures.to_vec(),
        period: Some(period),
        from: None,
        to: None,
        filter: None,
        compare: None,
        sort: None,
        top: None,
    }
}

fn run(query: ReportQuery) -> Loader<ReportResult> {
    Loader::new(move || {
        api::post("/reports/run")
            .body(&query)
            .json::<ReportResult>()
    })
}

/// The month so far against the same days of the last one; `own`: of one's own orders.
#[component]
pub fn SalesFigures(own: bool) -> impl IntoView {
    let measures = [
        ReportMeasure::Sales,
        ReportMeasure::Margin,
        ReportMeasure::MarginRate,
        ReportMeasure::Orders,
        ReportMeasure::Returns,
    ];
    let mut asked = query(&[], &measures, ReportPeriod::MonthToDate);
    asked.compare = Some(ReportCompare::Before);
    asked.filter = own.then(|| json!({"field": "owner_id", "op": "eq", "value": "me"}));
    let body = move |found: ReportResult| {
        let figures = measures.into_iter().zip(found.totals);
        view! {
            <p class="muted mb-2 text-xs">
                {move || if own { t().home.own_month } else { t().home.month }}
            </p>
            <KeyFigures>
                {figures.map(|(measure, figure)| key_figure(measure, figure)).collect_view()}
            </KeyFigures>
        }
        .into_any()
    };
    view! {
        <div data-testid="sales-figures">
            {with_data(run(asked), || view! { <Skeleton lines=2 /> }.into_any(), body)}
        </div>
    }
}

fn key_figure(measure: ReportMeasure, figure: ReportFigure) -> impl IntoView {
    let text = move |value: Option<i64>| {
        value.map_or_else(|| "—".to_owned(), |value| figure_text(measure, value))
    };
    let note = move || {
        let before = text(figure.before);
        match change_text(measure, figure) {
            Some(change) if figure.difference != Some(0) => {
                let sign = if figure.difference < Some(0) {
                    "▼"
                } else {
                    "▲"
                };
                let change = format!("{sign} {change}");
                fill(
                    t().home.against,
                    &[("change", &*change), ("before", &*before)],
                )
            }
            _ => fill(t().home.before, &[("before", &before)]),
        }
    };
    view! {
        <KeyFigure
            label=Signal::derive(move || measure.label(lang()).to_owned())
            value=Signal::derive(move || text(figure.value))
            note=Signal::derive(note)
        />
    }
}

fn nothing_sold() -> AnyView {
    view! { <p class="muted px-4 py-6 text-center">{move || t().home.no_sales}</p> }.into_any()
}

fn trend_query() -> ReportQuery {
    let mut asked = query(
        &[ReportDimension::Month],
        &[ReportMeasure::Sales, ReportMeasure::Margin],
        ReportPeriod::Last12Months,
    );
    asked.compare = Some(ReportCompare::YearBefore);
    asked
}

/// Sales and margin of twelve months against the year before.
pub fn trend() -> Loader<ReportResult> {
    run(trend_query())
}

/// As a chart.
#[component]
pub fn Trend(found: Loader<ReportResult>) -> impl IntoView {
    let asked = trend_query();
    let address = Signal::stored(address_of(None, &asked, ReportChart::Line));
    let stored = StoredValue::new(asked);
    let body = move |found: ReportResult| {
        // Nothing to draw: the library of charts is not fetched.
        if found.rows.is_empty() {
            return nothing_sold();
        }
        view! {
            <ReportDrawing query=stored result=StoredValue::new(found) chart=ReportChart::Line bare=true />
        }
        .into_any()
    };
    view! {
        <div data-testid="trend">
            <Card title=label(|h| h.trend) actions=ViewFn::from(move || see_all(address))>
                {with_data(found, || view! { <Skeleton lines=6 /> }.into_any(), body)}
            </Card>
        </div>
    }
}

/// The first of a dimension over twelve months, as a small table.
#[component]
pub fn Breakdown(
    title: fn(&HomeTexts) -> &'static str,
    by: ReportDimension,
    measures: &'static [ReportMeasure],
    chart: ReportChart,
) -> impl IntoView {
    let mut asked = query(&[by], measures, ReportPeriod::Last12Months);
    asked.sort = measures.first().map(|measure| ReportSort {
        measure: *measure,
        descending: true,
    });
    asked.top = Some(TOP);
    let address = Signal::stored(address_of(None, &asked, chart));
    let body = move |found: ReportResult| {
        if found.rows.is_empty() {
            return nothing_sold();
        }
        let heads = move || {
            let heads = measures.iter();
            heads
                .map(|measure| view! { <th scope="col" class="right">{measure.label(lang())}</th> })
                .collect_view()
        };
        let row = |row: ReportRow| {
            let name = row.keys.first().map(|key| key.label.clone());
            let others = row.others;
            let name = move || name.clone().unwrap_or_else(|| t().report.others.to_owned());
            let figures = measures.iter().copied().zip(row.figures);
            let cells = figures.map(|(measure, figure)| {
                let text = move || {
                    figure
                        .value
                        .map_or_else(|| "—".to_owned(), |v| figure_text(measure, v))
                };
                view! { <td class="right">{text}</td> }
            });
            view! {
                <tr class=("muted", others)>
                    <td class="max-w-48 truncate sm:min-w-0">{name}</td>
                    {cells.collect_view()}
                </tr>
            }
        };
        view! {
            <div class="overflow-x-auto">
                <table class="grid-table compact">
                    <thead>
                        <tr>
                            <th scope="col">{move || by.label(lang())}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{found.rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <Card title=label(title) actions=ViewFn::from(move || see_all(address)) flush=true>
            {with_data(run(asked), || view! { <Skeleton lines=5 /> }.into_any(), body)}
        </Card>
    }
}

/// One's own customers with a high risk of leaving, the most valuable first.
#[component]
pub fn LeavingCard() -> impl IntoView {
    let filter = json!({"and": [
        {"field": "owner_id", "op": "eq", "value": "me"},
        {"field": "churn_level", "op": "in", "value": ["high"]},
    ]});
    let address = format!(
        "/customers?filter={}&sort=-sales",
        js_sys::encode_uri_component(&filter.to_string())
    );
    let search = Search {
        filter: Some(filter),
        sort: Some("-sales".to_owned()),
        limit: Some(i64::from(ROWS)),
        with_total: true,
        ..Search::default()
    };
    let list = Loader::new(move || {
        api::post("/customers/search")
            .body(&search)
            .json::<Page<Customer>>()
    });
    let row = |customer: Customer| {
        let ordered = customer.metrics.as_ref().and_then(|m| m.last_order_on);
        view! {
            <li class="flex items-center gap-3 py-1.5">
                <span class="min-w-0 flex-1 truncate">
                    {record_link(format!("/customers/{}", customer.id), customer.input.name)}
                </span>
                <span class="muted num text-xs">{move || ordered.map(format::date_short)}</span>
            </li>
        }
    };
    let body = move |page: Page<Customer>| {
        if page.items.is_empty() {
            view! { <p class="muted">{move || t().home.nobody_leaves}</p> }.into_any()
        } else {
            view! { <ul>{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <Card
            title=label(|h| h.leaving)
            actions=ViewFn::from(move || {
                let address = address.clone();
                view! {
                    <A href=address attr:class="text-xs font-medium text-primary hover:underline">
                        {move || t().home.all}
                    </A>
                }
            })
        >
            {with_data(list, || view! { <Skeleton lines=4 /> }.into_any(), body)}
        </Card>
    }
}
