//! The figures, ranked; each row leads on to its parts and to its orders.

use guanxi_domain::Money;
use guanxi_domain::segmentation::trading::{
    StockGap, TradingAnalysis, TradingDimension, TradingItem,
};
use leptos::prelude::*;

use crate::format::{self, money_plain};
use crate::i18n::{fill, lang, t};
use crate::nav::UrlQuery;
use crate::report::orders_address;
use crate::ui::{Card, Glyph, Icon};
use crate::value::CsvButton;

const UNKNOWN: &str = "—";

#[component]
pub fn TradingTable(analysis: TradingAnalysis, url: UrlQuery) -> impl IntoView {
    let (by, gap) = (analysis.by, analysis.stock_gap);
    let listed = analysis.items.iter().any(|item| item.rank.is_none());
    let rows = {
        let base = &analysis.filter;
        let items = analysis.items.iter();
        items
            .map(|item| {
                let orders = item
                    .filter
                    .as_ref()
                    .map(|filter| orders_address(&[base, filter]));
                row(item.clone(), by, orders, url)
            })
            .collect_view()
    };
    let (sales, before, margin) = (analysis.sales, analysis.sales_before, analysis.margin);
    let items = StoredValue::new(analysis.items);
    let file = move || items.with_value(|items| table(by, items));
    let heads = || {
        heads()
            .map(|(text, note)| {
                view! { <th scope="col" class="right" title=note>{text}</th> }
            })
            .collect_view()
    };
    let why = move |gap: StockGap| fill(t().trading.no_stock, &[("why", gap.label(lang()))]);
    view! {
        <Card
            title=Signal::derive(move || by.label(lang()).to_owned())
            actions=ViewFn::from(move || view! { <CsvButton file_name="trading" rows=file /> })
            flush=true
        >
            {gap
                .map(|gap| {
                    view! {
                        <p class="muted px-4 py-2 text-xs" data-testid="stock-gap">
                            {move || why(gap)}
                        </p>
                    }
                })}
            {listed
                .then(|| view! { <p class="muted px-4 py-2 text-xs">{move || t().trading.top_note}</p> })}
            <div class="max-h-[75dvh] overflow-auto">
                <table class="grid-table compact pivot" data-testid="trading">
                    <thead>
                        <tr>
                            <th scope="col" class="name">
                                {move || t().trading.name}
                            </th>
                            {heads}
                            <th scope="col">{move || t().trading.orders}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row">{move || t().trading.total}</th>
                            <td class="right">{move || format::money(sales)}</td>
                            <td></td>
                            <td class="right">{move || format::money(before)}</td>
                            <td></td>
                            <td class="right">{move || format::money(margin)}</td>
                            <td colspan="6"></td>
                        </tr>
                    </tfoot>
                </table>
            </div>
        </Card>
    }
}

/// What the figures are called, and how they are reckoned where that needs to be told.
fn heads() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let words = t().trading;
    let plain = [
        words.sales,
        words.share,
        words.before,
        words.growth,
        words.margin,
        words.margin_rate,
    ];
    let explained = [
        (words.mean_stock, words.mean_stock_note),
        (words.turnover, words.turnover_note),
        (words.cross_ratio, words.cross_ratio_note),
        (words.contribution, words.contribution_note),
    ];
    let plain = plain.into_iter().map(|text| (text, None));
    plain.chain(explained.map(|(text, note)| (text, Some(note))))
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), format::percent)
}

fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| format!("{value:.2}"))
}

fn money(value: Option<Money>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), format::money)
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "minor units, of which nobody sees a fraction"
)]
fn rounded(amount: f64) -> Money {
    Money(amount.round() as i64)
}

fn row(
    item: TradingItem,
    by: TradingDimension,
    orders: Option<String>,
    url: UrlQuery,
) -> impl IntoView {
    let figures = item.figures;
    let (before, key) = (item.sales_before, item.key.value.clone());
    let rank = item.rank;
    let name = item.key.label.clone();
    // The others are no one's: there is nothing to go into.
    let next = by.next().filter(|_| rank.is_some());
    let into = move |next: TradingDimension| {
        let key = key.clone().unwrap_or_else(|| "none".to_owned());
        url.set(&[(by.as_str(), Some(key)), ("by", Some(next.to_string()))]);
    };
    let shown = match next {
        Some(next) => view! {
            <button
                type="button"
                class="link-plain truncate text-left"
                title=move || fill(t().trading.deeper, &[("what", next.label(lang()))])
                on:click=move |_| into(next)
            >
                {name}
            </button>
        }
        .into_any(),
        None => view! { <span class="truncate">{name}</span> }.into_any(),
    };
    let tone = match figures.growth {
        Some(growth) if growth > 0.0 => "right text-success",
        Some(growth) if growth < 0.0 => "right text-error",
        _ => "right",
    };
    view! {
        <tr class=("others", rank.is_none())>
            <th scope="row" class="name">
                <span class="flex items-center gap-2">
                    <span class="muted num w-6 shrink-0 text-right text-xs">{rank.map(format::integer)}</span>
                    {shown}
                </span>
            </th>
            <td class="right" class=("text-error", figures.sales.0 < 0)>
                {move || format::money(figures.sales)}
            </td>
            <td class="right">{share(figures.share)}</td>
            <td class="right">{move || format::money(before)}</td>
            <td class=tone>{share(figures.growth)}</td>
            <td class="right">{move || format::money(figures.margin)}</td>
            <td class="right">{share(figures.margin_rate)}</td>
            <td class="right">{move || money(figures.mean_stock)}</td>
            <td class="right">{ratio(figures.turnover)}</td>
            <td class="right">{ratio(figures.cross_ratio)}</td>
            <td class="right">{move || money(figures.contribution.map(rounded))}</td>
            <td>
                {orders
                    .map(|address| {
                        view! {
                            <a
                                href=address
                                class="btn btn-ghost btn-square btn-xs"
                                aria-label=move || t().trading.list_orders
                                title=move || t().trading.list_orders
                            >
                                <Icon glyph=Glyph::Receipt class="size-3.5" />
                            </a>
                        }
                    })}
            </td>
        </tr>
    }
}

/// The table as a file.
fn table(by: TradingDimension, items: &[TradingItem]) -> Vec<Vec<String>> {
    let names = heads().map(|(text, _)| text);
    let head = [t().trading.rank, by.label(lang())]
        .into_iter()
        .chain(names);
    let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
    let row = |item: &TradingItem| {
        let figures = &item.figures;
        vec![
            item.rank.map(|rank| rank.to_string()).unwrap_or_default(),
            item.key.label.clone(),
            money_plain(figures.sales),
            number(figures.share),
            money_plain(item.sales_before),
            number(figures.growth),
            money_plain(figures.margin),
            number(figures.margin_rate),
            figures.mean_stock.map(money_plain).unwrap_or_default(),
            number(figures.turnover),
            number(figures.cross_ratio),
            figures
                .contribution
                .map(|c| money_plain(rounded(c)))
                .unwrap_or_default(),
        ]
    };
    std::iter::once(head.map(str::to_owned).collect())
        .chain(items.iter().map(row))
        .collect()
}
