//! Why customers were lost: the losses of a period by type, and what those customers had bought.

use guanxi_domain::segmentation::churn::ChurnType;
use guanxi_domain::win_back::{LossFigures, LossSummary};
use guanxi_domain::{Date, Timestamp};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::format::{self, money_plain};
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::segmentation::chart_card::ChartCard;
use crate::segmentation::label;
use crate::segmentation::parts::Choice;
use crate::ui::{EmptyState, Glyph, Skeleton, with_data};

const YEAR: &str = "year";
const QUARTER: &str = "quarter";
const ALWAYS: &str = "always";

/// The first day of a period that ends today; `None`: from the first loss on.
fn first_day(period: &str, today: Date) -> Option<Date> {
    match period {
        QUARTER => Some(today.plus_days(-89)),
        ALWAYS => None,
        _ => Some(today.plus_days(-364)),
    }
}

/// The losses of the period that the address names.
#[component]
pub fn Reasons() -> impl IntoView {
    let url = use_url();
    let period = Signal::derive(move || match url.get("period").as_deref() {
        Some(QUARTER) => QUARTER,
        Some(ALWAYS) => ALWAYS,
        _ => YEAR,
    });
    let found = Loader::new(move || {
        let from = first_day(period.get(), Timestamp::now().date());
        let mut call = api::get("/customer-losses/summary");
        if let Some(from) = from {
            call = call.query("from", from);
        }
        call.json::<LossSummary>()
    });
    let body = |summary: LossSummary| {
        if summary.customers == 0 {
            return view! {
                <div class="panel">
                    <EmptyState
                        glyph=Glyph::CircleCheck
                        title=label(|s| s.reasons_none)
                        text=label(|s| s.reasons_none_text)
                    />
                </div>
            }
            .into_any();
        }
        view! { <ReasonsCard summary=summary /> }.into_any()
    };
    view! {
        <section class="mt-6" data-testid="reasons">
            <div class="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1">
                <h2 class="flex-1 text-base">{move || t().segmentation.reasons}</h2>
                <Choice
                    options=vec![
                        (QUARTER, label(|s| s.last_quarter)),
                        (YEAR, label(|s| s.last_year)),
                        (ALWAYS, label(|s| s.always)),
                    ]
                    chosen=period
                    on_choose=Callback::new(move |word: &'static str| {
                        url.set(&[("period", (word != YEAR).then(|| word.to_owned()))]);
                    })
                    label=label(|s| s.period)
                />
            </div>
            {with_data(found, || view! { <Skeleton lines=5 /> }.into_any(), body)}
        </section>
    }
}

#[component]
fn ReasonsCard(summary: LossSummary) -> impl IntoView {
    let (customers, sales) = (summary.customers, summary.sales);
    let text = Signal::derive(move || {
        let (n, sales) = (format::integer(customers), format::money(sales));
        fill(
            t().segmentation.reasons_text,
            &[("n", &n), ("sales", &sales)],
        )
    });
    let kept = StoredValue::new(summary.types);
    let option = Signal::derive(move || kept.with_value(|types| option(types)));
    let head = || {
        let s = t().segmentation;
        [s.churn_type, s.customers, s.customer_share, s.lost_sales]
            .map(str::to_owned)
            .to_vec()
    };
    let rows = move |row: fn(&LossFigures) -> Vec<String>| {
        let body = kept.with_value(|types| types.iter().map(row).collect::<Vec<_>>());
        std::iter::once(head()).chain(body).collect::<Vec<_>>()
    };
    view! {
        <ChartCard
            title=label(|s| s.reasons_card)
            text=text
            option=option
            file_name="losses-by-type"
            shown=Callback::new(move |()| rows(shown_row))
            file=Callback::new(move |()| rows(file_row))
        />
    }
}

fn name(kind: ChurnType) -> String {
    kind.label(lang()).to_owned()
}

fn shown_row(f: &LossFigures) -> Vec<String> {
    vec![
        name(f.churn_type),
        format::integer(f.customers),
        format::percent(f.customer_share),
        format::money(f.sales),
    ]
}

fn file_row(f: &LossFigures) -> Vec<String> {
    vec![
        name(f.churn_type),
        f.customers.to_string(),
        f.customer_share.to_string(),
        money_plain(f.sales),
    ]
}

/// Customers and sales side by side, each on an axis of its own; the first type on top.
#[allow(clippy::cast_precision_loss)] // Amounts on an axis.
fn option(types: &[LossFigures]) -> Value {
    let s = t().segmentation;
    let unit = 10_f64.powi(i32::from(format::minor_digits()));
    let names: Vec<String> = types.iter().map(|f| name(f.churn_type)).collect();
    let customers: Vec<i64> = types.iter().map(|f| f.customers).collect();
    let sales: Vec<f64> = types.iter().map(|f| f.sales.0 as f64 / unit).collect();
    let bars = |name: &str, axis: u8, data: Value| json!({"type": "bar", "name": name, "xAxisIndex": axis, "data": data, "barMaxWidth": 14});
    json!({
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"top": 0},
        "grid": {"top": 56, "left": 8, "right": 24, "bottom": 8, "containLabel": true},
        "yAxis": {"type": "category", "data": names, "inverse": true},
        "xAxis": [
            {"type": "value", "minInterval": 1, "position": "top", "splitLine": {"show": false}},
            {"type": "value", "position": "bottom", "splitLine": {"show": true}},
        ],
        "series": [bars(s.customers, 0, json!(customers)), bars(s.lost_sales, 1, json!(sales))],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_today() {
        let today: Date = "2026-11-22".parse().expect("a date");
        let day = |text: &str| text.parse::<Date>().ok();
        assert_eq!(first_day(YEAR, today), day("2025-11-23"));
        assert_eq!(first_day(QUARTER, today), day("2026-08-25"));
        assert_eq!(first_day(ALWAYS, today), None);
    }
}
