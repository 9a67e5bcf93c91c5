//! Levels and stages with their customers; a click filters the list of whom to win back.

use guanxi_domain::segmentation::run::{ChurnFigures, StageFigures};
use guanxi_domain::{Lang, Money};
use leptos::prelude::*;

use crate::format::{self, money_plain};
use crate::i18n::{lang, t};
use crate::nav::use_url;
use crate::segmentation::badges::{level_tone, stage_tone};
use crate::segmentation::label;
use crate::segmentation::parts::bar;
use crate::ui::{Badge, Card, Tone};
use crate::value::CsvButton;

/// A level or stage as the table has it.
#[derive(Clone)]
struct Line {
    /// On the wire; `None`: nothing is known, which filters nothing.
    word: Option<&'static str>,
    zh: &'static str,
    en: &'static str,
    tone: Tone,
    customers: i64,
    share: f64,
    /// `None`: the run did not keep it.
    sales: Option<Money>,
    value: Money,
}

#[component]
pub fn LevelsCard(levels: Vec<ChurnFigures>) -> impl IntoView {
    let lines = levels
        .iter()
        .map(|f| {
            let name = |lang: Lang| match f.level {
                Some(level) => level.label(lang),
                None => crate::i18n::texts_of(lang).segmentation.unknown_risk,
            };
            Line {
                word: f
                    .level
                    .map(guanxi_domain::segmentation::churn::ChurnLevel::as_str),
                zh: name(Lang::Zh),
                en: name(Lang::En),
                tone: f.level.map_or(Tone::Plain, level_tone),
                customers: f.customers,
                share: f.customer_share,
                sales: f.sales,
                value: f.value,
            }
        })
        .collect();
    view! { <Lines title=label(|s| s.levels) field="churn_level" file_name="churn-levels" lines=lines /> }
}

#[component]
pub fn StagesCard(stages: Vec<StageFigures>) -> impl IntoView {
    let lines = stages
        .iter()
        .map(|f| Line {
            word: Some(f.stage.as_str()),
            zh: f.stage.label(Lang::Zh),
            en: f.stage.label(Lang::En),
            tone: stage_tone(f.stage),
            customers: f.customers,
            share: f.customer_share,
            sales: f.sales,
            value: f.value,
        })
        .collect();
    view! { <Lines title=label(|s| s.stages) field="lifecycle_stage" file_name="stages" lines=lines /> }
}

#[component]
fn Lines(
    #[prop(into)] title: Signal<String>,
    /// The parameter of the address that a click sets.
    field: &'static str,
    file_name: &'static str,
    lines: Vec<Line>,
) -> impl IntoView {
    let kept = StoredValue::new(lines.clone());
    let file = move || {
        let s = t().segmentation;
        let head = [s.class, s.customers, s.customer_share, s.sales, s.value];
        let body = kept.with_value(|lines| {
            lines
                .iter()
                .map(|l| {
                    vec![
                        lang().pick(l.zh, l.en).to_owned(),
                        l.customers.to_string(),
                        l.share.to_string(),
                        l.sales.map(money_plain).unwrap_or_default(),
                        money_plain(l.value),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(body)
            .collect()
    };
    view! {
        <Card
            title=title
            actions=ViewFn::from(move || view! { <CsvButton file_name=file_name rows=file /> })
            flush=true
        >
            <div class="overflow-x-auto">
                <table class="grid-table cards" data-testid=file_name>
                    <thead>
                        <tr>
                            <th scope="col">{move || t().segmentation.class}</th>
                            <th scope="col" class="right">
                                {move || t().segmentation.customers}
                            </th>
                            <th scope="col">{move || t().segmentation.customer_share}</th>
                            <th scope="col" class="right">
                                {move || t().segmentation.sales}
                            </th>
                            <th scope="col" class="right">
                                {move || t().segmentation.value}
                            </th>
                        </tr>
                    </thead>
                    <tbody>{lines.into_iter().map(|line| view! { <Row line=line field=field /> }).collect_view()}</tbody>
                </table>
            </div>
        </Card>
    }
}

#[component]
fn Row(line: Line, field: &'static str) -> impl IntoView {
    let url = use_url();
    let (zh, en, word, value) = (line.zh, line.en, line.word, line.value);
    let chosen = Signal::derive(move || word.is_some() && url.get(field).as_deref() == word);
    let choose = move |_| {
        let next = word.filter(|_| !chosen.get_untracked()).map(str::to_owned);
        url.set(&[(field, next), ("tab", None)]);
    };
    let badge = move || {
        view! { <Badge tone=line.tone text=Signal::derive(move || lang().pick(zh, en).to_owned()) /> }
    };
    let name = if word.is_some() {
        view! {
            <button
                type="button"
                class="cursor-pointer rounded-full hover:brightness-95"
                aria-pressed=move || chosen.get().to_string()
                data-testid=format!("{field}-{}", word.unwrap_or_default())
                on:click=choose
            >
                {badge()}
            </button>
        }
        .into_any()
    } else {
        badge().into_any()
    };
    view! {
        <tr class=("active", move || chosen.get())>
            <td class="sm:min-w-0!">{name}</td>
            <td class="right" data-label=move || t().segmentation.customers>
                {format::integer(line.customers)}
            </td>
            <td data-label=move || t().segmentation.customer_share>{bar(line.share, "bg-primary")}</td>
            <td
                class="right"
                data-label=move || t().segmentation.sales
                title=move || line.sales.map(format::money)
            >
                {move || line.sales.map_or_else(|| "—".to_owned(), format::money_short)}
            </td>
            <td
                class="right"
                data-label=move || t().segmentation.value
                title=move || format::money(value)
            >
                {move || format::money_short(value)}
            </td>
        </tr>
    }
}
