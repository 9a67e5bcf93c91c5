//! Products: ranked when the page asks, over the orders that the reader may see.

use guanxi_domain::value::{Measure, ProductAnalysis, RankedProduct, ValueClass};
use guanxi_domain::{Lang, Money};
use leptos::prelude::*;

use super::csv::CsvButton;
use super::curve::CurveCard;
use super::ranking::ClassChips;
use super::shares::{ClassesCard, PyramidCard};
use super::{Subject, label};
use crate::api;
use crate::customer::ValueBadge;
use crate::format::{self, money_plain};
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::ui::{EmptyState, Glyph, KeyFigure, KeyFigures, RecordSkeleton, record_link, with_data};

/// The settings stand in the address.
const SETTINGS: [&str; 3] = ["measure", "from", "to"];

#[component]
pub fn Products() -> impl IntoView {
    let url = use_url();
    let settings = Memo::new(move |_| url.pairs(&SETTINGS.map(str::to_owned)));
    let analysis = Loader::new(move || {
        api::get("/products/abc")
            .pairs(settings.get())
            .json::<ProductAnalysis>()
    });
    view! {
        <Controls />
        {with_data(analysis, || view! { <RecordSkeleton /> }.into_any(), shown)}
    }
}

/// What products are ranked by, and the window.
#[component]
fn Controls() -> impl IntoView {
    let url = use_url();
    let option = move |measure: &Measure| {
        let measure = *measure;
        let selected = url
            .get_untracked("measure")
            .map_or(measure == Measure::Sales, |word| word == measure.as_str());
        view! {
            <option value=measure.as_str() selected=selected>
                {move || measure.label(lang())}
            </option>
        }
    };
    let day = move |name: &'static str, text: fn() -> &'static str| {
        view! {
            <label class="flex items-center gap-2">
                <span class="muted text-[0.8125rem]">{text}</span>
                <input
                    type="date"
                    class="input input-sm w-auto!"
                    data-testid=format!("products-{name}")
                    prop:value=move || url.get(name).unwrap_or_default()
                    on:change:target=move |event| {
                        let day = event.target().value();
                        url.set(&[(name, (!day.is_empty()).then_some(day))]);
                    }
                />
            </label>
        }
    };
    view! {
        <div class="mb-3 flex flex-wrap items-center gap-3">
            <select
                class="select select-sm w-auto!"
                aria-label=move || t().value.measure
                data-testid="products-measure"
                on:change:target=move |event| {
                    url.set(&[("measure", Some(event.target().value()))]);
                }
            >
                {Measure::ALL.iter().map(option).collect_view()}
            </select>
            {day("from", || t().value.from)}
            {day("to", || t().value.to)}
        </div>
    }
}

fn shown(analysis: ProductAnalysis) -> AnyView {
    if analysis.products == 0 {
        return view! {
            <div class="panel">
                <EmptyState
                    glyph=Glyph::Pyramid
                    title=label(|v| v.no_products)
                    text=label(|v| v.no_products_text)
                />
            </div>
        }
        .into_any();
    }
    let ProductAnalysis {
        curve,
        classes,
        pyramid,
        ..
    } = analysis.clone();
    view! {
        <Figures analysis=analysis.clone() />
        <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
            <CurveCard of=Subject::Products curve=curve classes=classes.clone() />
            <div class="space-y-4">
                <ClassesCard of=Subject::Products figures=classes />
                <PyramidCard of=Subject::Products figures=pyramid />
            </div>
        </div>
        <Ranking analysis=analysis />
    }
    .into_any()
}

#[component]
fn Figures(analysis: ProductAnalysis) -> impl IntoView {
    let ProductAnalysis {
        products,
        total,
        unassigned,
        gini,
        classes,
        ..
    } = analysis;
    let best = classes
        .into_iter()
        .find(|figures| figures.class == ValueClass::A);
    let count = best.as_ref().map_or(0, |best| best.customers);
    let note = move || {
        best.as_ref()
            .map(|best| {
                fill(
                    t().value.a_products_note,
                    &[
                        ("products", &format::percent(best.customer_share)),
                        ("amount", &format::percent(best.amount_share)),
                    ],
                )
            })
            .unwrap_or_default()
    };
    let money = |label, amount: Money, note| {
        view! {
            <KeyFigure
                label=label
                value=Signal::derive(move || format::money_short(amount))
                note=note
                title=Signal::derive(move || format::money(amount))
            />
        }
    };
    view! {
        <KeyFigures>
            <KeyFigure
                label=label(|v| v.products)
                value=Signal::derive(move || format::integer(products))
            />
            {money(label(|v| v.total), total, Signal::stored(String::new()))}
            <KeyFigure
                label=label(|v| v.a_products)
                value=Signal::derive(move || format::integer(count))
                note=Signal::derive(note)
            />
            <KeyFigure
                label=label(|v| v.gini)
                value=Signal::stored(format!("{gini:.3}"))
                note=label(|v| v.gini_note)
            />
            {(unassigned != Money::ZERO)
                .then(|| money(label(|v| v.unassigned), unassigned, label(|v| v.unassigned_note)))}
        </KeyFigures>
    }
}

/// The name in the language that is on. Reactive.
fn name_of(product: &RankedProduct) -> String {
    match (lang(), &product.name_en) {
        (Lang::En, Some(name)) => name.clone(),
        _ => product.name.clone(),
    }
}

/// The ranked products, or those of the class that the address names.
#[component]
fn Ranking(analysis: ProductAnalysis) -> impl IntoView {
    let url = use_url();
    let listed = analysis.items.len();
    let truncated = analysis.truncated;
    let items = StoredValue::new(analysis.items);
    let of_class = move || {
        let class = url.get("class");
        items.with_value(|items| {
            items
                .iter()
                .filter(|item| class.as_deref().is_none_or(|c| c == item.class.as_str()))
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let file = move || {
        let v = t().value;
        let head = [
            v.rank,
            "sku",
            v.product,
            v.class,
            v.level,
            v.amount,
            v.cumulative,
        ];
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(of_class().iter().map(|item| {
                vec![
                    item.rank.to_string(),
                    item.sku.clone(),
                    name_of(item),
                    item.class.to_string(),
                    item.level.to_string(),
                    money_plain(item.amount),
                    item.cumulative_share.to_string(),
                ]
            }))
            .collect()
    };
    view! {
        <section class="mt-4">
            <div class="mb-2 flex flex-wrap items-center gap-2">
                <h2 class="flex-1 text-base">{move || t().value.top_products}</h2>
                <ClassChips />
                <CsvButton file_name="products" rows=file />
            </div>
            {truncated
                .then(|| {
                    view! {
                        <p class="muted mb-2 text-[0.8125rem]">
                            {move || fill(t().value.truncated, &[("n", &listed.to_string())])}
                        </p>
                    }
                })}
            <div class="panel overflow-clip">
                {move || {
                    let rows = of_class();
                    if rows.is_empty() {
                        view! { <EmptyState glyph=Glyph::Pyramid title=label(|v| v.none_in_class) /> }
                            .into_any()
                    } else {
                        view! { <RankingTable rows=rows /> }.into_any()
                    }
                }}
            </div>
        </section>
    }
}

#[component]
fn RankingTable(rows: Vec<RankedProduct>) -> impl IntoView {
    let head = |text: fn() -> &'static str, class: &'static str| {
        view! {
            <th scope="col" class=class>
                {text}
            </th>
        }
    };
    let row = |item: RankedProduct| {
        let (class, level, amount) = (item.class, item.level, item.amount);
        let address = format!("/products/{}", item.product_id);
        let (rank, share) = (item.rank, item.cumulative_share);
        let sku = item.sku.clone();
        view! {
            <tr>
                <td>{move || record_link(address.clone(), name_of(&item))}</td>
                <td data-label="SKU">{sku}</td>
                <td class="right" data-label=move || t().value.rank>
                    {format::integer(rank)}
                </td>
                <td data-label=move || t().value.class>
                    <ValueBadge class=class />
                </td>
                <td data-label=move || t().value.level>{move || level.label(lang())}</td>
                <td class="right" class=("text-error", amount.0 < 0) data-label=move || t().value.amount>
                    {move || format::money(amount)}
                </td>
                <td class="right" data-label=move || t().value.cumulative>
                    {format::percent(share)}
                </td>
            </tr>
        }
    };
    view! {
        <div class="overflow-x-auto">
            <table class="grid-table cards" data-testid="products">
                <thead>
                    <tr>
                        {head(|| t().value.product, "")}
                        {head(|| "SKU", "")}
                        {head(|| t().value.rank, "right")}
                        {head(|| t().value.class, "")}
                        {head(|| t().value.level, "")}
                        {head(|| t().value.amount, "right")}
                        {head(|| t().value.cumulative, "right")}
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
