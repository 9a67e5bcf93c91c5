use guanxi_domain::report::ReportPeriod;
use guanxi_domain::segmentation::trading::{
    TradingAnalysis, TradingDimension, TradingItem, TradingMeasure,
};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::path::{Breadcrumb, WITHIN, by, steps};
use super::table::TradingTable;
use super::{label, value};
use crate::api;
use crate::format;
use crate::i18n::{TradingTexts, fill, lang, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::report::name_labels;
use crate::ui::{Card, Chart, EmptyState, Glyph, PageHeader, RecordSkeleton, with_data};

/// Bars that are told apart.
const BARS: usize = 20;

#[component]
pub fn TradingPage() -> impl IntoView {
    let url = use_url();
    let analysis = Loader::new(move || {
        let names = ["by", "measure", "period", "from", "to"];
        let within = WITHIN.iter().map(|of| of.as_str());
        let names: Vec<String> = names.into_iter().chain(within).map(str::to_owned).collect();
        api::get("/trading")
            .pairs(url.pairs(&names))
            .json::<TradingAnalysis>()
    });
    let dimensions = move || {
        let taken = steps(url);
        let free = TradingDimension::ALL.iter();
        let free = free.filter(move |d| !taken.iter().any(|(of, _)| of == *d));
        free.map(|d| (d.to_string(), d.label(lang()))).collect()
    };
    let measures = || {
        let all = TradingMeasure::ALL.iter();
        all.map(|m| (m.to_string(), m.label(lang()))).collect()
    };
    let periods = || {
        let all = ReportPeriod::ALL.iter();
        all.map(|p| (p.to_string(), p.label(lang()))).collect()
    };
    let chosen = move |name: &'static str, default: &'static str| {
        move || url.get(name).unwrap_or_else(|| default.to_owned())
    };
    let choose = move |name: &'static str| move |word: String| url.set(&[(name, Some(word))]);
    let choose_period = move |word: String| {
        url.set(&[("period", Some(word)), ("from", None), ("to", None)]);
    };
    let body = move |found: TradingAnalysis| {
        if found.items.is_empty() {
            return view! {
                <div class="panel">
                    <EmptyState
                        glyph=Glyph::Trend
                        title=label(|w| w.empty_title)
                        text=label(|w| w.empty_text)
                    />
                </div>
            }
            .into_any();
        }
        view! {
            <Bars items=found.items.clone() by=found.by measure=found.measure />
            <TradingTable analysis=found url=url />
        }
        .into_any()
    };
    view! {
        <PageHeader
            title=label(|w| w.title)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().trading.subtitle}</p> })
        />
        <div class="panel mb-3 flex flex-wrap items-end gap-3 p-3">
            {choice("by", |w| w.by, dimensions, move || by(url).to_string(), choose("by"))}
            {choice("measure", |w| w.measure, measures, chosen("measure", "sales"), choose("measure"))}
            {choice(
                "period",
                |_| t().report.period,
                periods,
                chosen("period", "last_12_months"),
                choose_period,
            )}
        </div>
        <div class="mb-3">
            <Breadcrumb url=url />
        </div>
        {with_data(analysis, || view! { <RecordSkeleton /> }.into_any(), body)}
    }
}

fn choice(
    name: &'static str,
    text: fn(&TradingTexts) -> &'static str,
    options: impl Fn() -> Vec<(String, &'static str)> + Send + 'static,
    value: impl Fn() -> String + Send + Sync + 'static,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    let value = Memo::new(move |_| value());
    let options = move || {
        let options = options().into_iter();
        options
            .map(|(word, label)| {
                let selected = value.get() == word;
                view! {
                    <option value=word selected=selected>
                        {label}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <label class="block w-44">
            <span class="muted mb-1 block text-xs">{move || text(t().trading)}</span>
            <select
                class="select select-sm w-full"
                data-testid=name
                on:change:target=move |event| choose(event.target().value())
            >
                {options}
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn Bars(items: Vec<TradingItem>, by: TradingDimension, measure: TradingMeasure) -> impl IntoView {
    // What cannot be reckoned for anybody has no picture.
    let known = items.iter().any(|item| value(item, measure).is_some());
    let items = StoredValue::new(items);
    let option = Signal::derive(move || items.with_value(|items| bars(items, measure)));
    let title = Signal::derive(move || {
        let words = [("measure", measure.label(lang())), ("by", by.label(lang()))];
        fill(t().trading.chart, &words)
    });
    known.then(|| {
        view! {
            <div class="mb-4" data-testid="chart">
                <Card title=title>
                    <Chart option=option label=title />
                </Card>
            </div>
        }
    })
}

fn bars(items: &[TradingItem], measure: TradingMeasure) -> Value {
    let (scale, unit) = match measure {
        TradingMeasure::Sales | TradingMeasure::Margin | TradingMeasure::Contribution => (
            10_f64.powi(-i32::from(format::minor_digits())),
            format::currency_sign(),
        ),
        TradingMeasure::Growth | TradingMeasure::MarginRate => (100.0, "%"),
        TradingMeasure::Turnover | TradingMeasure::CrossRatio => (1.0, ""),
    };
    let shown: Vec<&TradingItem> = items
        .iter()
        .filter(|i| i.rank.is_some())
        .take(BARS)
        .collect();
    let names: Vec<&str> = shown.iter().map(|item| item.key.label.as_str()).collect();
    let values: Vec<Option<f64>> = shown
        .iter()
        .map(|item| value(item, measure).map(|v| v * scale))
        .collect();
    json!({
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "category", "axisLabel": name_labels(names.len()), "data": names},
        "yAxis": {"type": "value", "name": unit},
        "series": [{"type": "bar", "name": measure.label(lang()), "data": values, "barMaxWidth": 42}],
    })
}
