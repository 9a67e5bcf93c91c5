use guanxi_domain::segmentation::run::{Decile, ValueBin};
use leptos::prelude::*;
use serde_json::json;

use crate::format::{self, money_plain};
use crate::i18n::t;
use crate::segmentation::chart_card::ChartCard;
use crate::segmentation::label;
use crate::segmentation::parts::bar;
use crate::ui::Card;
use crate::value::CsvButton;

/// From where on the values of a bar are.
fn bin_name(bin: &ValueBin) -> String {
    match (bin.from, bin.to) {
        (None, _) => t().segmentation.below_zero.to_owned(),
        (Some(from), Some(to)) => {
            format!(
                "{} – {}",
                format::money_short(from),
                format::money_short(to)
            )
        }
        (Some(from), None) => format!("≥ {}", format::money_short(from)),
    }
}

/// How many customers are worth how much.
#[component]
pub fn HistogramCard(bins: Vec<ValueBin>) -> impl IntoView {
    let bins = StoredValue::new(bins);
    let option = Signal::derive(move || {
        let (names, counts): (Vec<_>, Vec<_>) = bins.with_value(|bins| {
            bins.iter()
                .map(|bin| (bin_name(bin), bin.customers))
                .unzip()
        });
        json!({
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
            "grid": {"left": 12, "right": 16, "top": 16, "bottom": 12, "containLabel": true},
            "xAxis": {"type": "category", "data": names, "axisLabel": {"rotate": 40, "hideOverlap": true}},
            "yAxis": {"type": "value", "minInterval": 1},
            "series": [{
                "type": "bar", "name": t().segmentation.customers, "data": counts,
                "barCategoryGap": "12%", "itemStyle": {"borderRadius": [3, 3, 0, 0]},
            }],
        })
    });
    let head = || {
        let s = t().segmentation;
        [s.range, s.customers, s.value].map(str::to_owned).to_vec()
    };
    let shown = move |()| {
        let body = bins.with_value(|bins| {
            bins.iter()
                .map(|bin| {
                    vec![
                        bin_name(bin),
                        format::integer(bin.customers),
                        format::money(bin.value),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head()).chain(body).collect::<Vec<_>>()
    };
    let file = move |()| {
        let s = t().segmentation;
        let limit =
            |amount: Option<guanxi_domain::Money>| amount.map(money_plain).unwrap_or_default();
        let head = vec![
            "from".to_owned(),
            "to".to_owned(),
            s.customers.to_owned(),
            s.value.to_owned(),
        ];
        let body = bins.with_value(|bins| {
            bins.iter()
                .map(|bin| {
                    vec![
                        limit(bin.from),
                        limit(bin.to),
                        bin.customers.to_string(),
                        money_plain(bin.value),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head).chain(body).collect::<Vec<_>>()
    };
    view! {
        <ChartCard
            title=label(|s| s.distribution)
            text=label(|s| s.distribution_text)
            option=option
            file_name="value-distribution"
            shown=shown
            file=file
        />
    }
}

/// Tenths of the customers, and how much of the value each has.
#[component]
pub fn DecilesCard(deciles: Vec<Decile>) -> impl IntoView {
    let kept = StoredValue::new(deciles.clone());
    let file = move || {
        let s = t().segmentation;
        let head = [s.decile, s.customers, s.value, s.value_share, s.least];
        let body = kept.with_value(|all| {
            all.iter()
                .map(|d| {
                    vec![
                        d.decile.to_string(),
                        d.customers.to_string(),
                        money_plain(d.value),
                        d.value_share.to_string(),
                        money_plain(d.least),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(body)
            .collect()
    };
    let row = |d: Decile| {
        view! {
            <tr>
                <td class="sm:min-w-0!">
                    <span class="num font-medium">{d.decile}</span>
                </td>
                <td class="right" data-label=move || t().segmentation.customers>
                    {format::integer(d.customers)}
                </td>
                <td class="right" data-label=move || t().segmentation.value>
                    {move || format::money(d.value)}
                </td>
                <td data-label=move || t().segmentation.value_share>{bar(d.value_share, "bg-primary")}</td>
                <td class="right" data-label=move || t().segmentation.least>
                    {move || format::money(d.least)}
                </td>
            </tr>
        }
    };
    view! {
        <Card
            title=label(|s| s.deciles)
            text=label(|s| s.deciles_text)
            actions=ViewFn::from(move || view! { <CsvButton file_name="value-tenths" rows=file /> })
            flush=true
        >
            <div class="overflow-x-auto">
                <table class="grid-table cards" data-testid="deciles">
                    <thead>
                        <tr>
                            <th scope="col">{move || t().segmentation.decile}</th>
                            <th scope="col" class="right">
                                {move || t().segmentation.customers}
                            </th>
                            <th scope="col" class="right">
                                {move || t().segmentation.value}
                            </th>
                            <th scope="col">{move || t().segmentation.value_share}</th>
                            <th scope="col" class="right">
                                {move || t().segmentation.least}
                            </th>
                        </tr>
                    </thead>
                    <tbody>{deciles.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </Card>
    }
}
