//! Why a customer has these scores: in plain words, the formulas with their numbers, and the orders behind them.

use guanxi_domain::segmentation::explain::{Term, Unit};
use guanxi_domain::segmentation::lifecycle::LifecycleSettings;
use guanxi_domain::segmentation::run::{PurchaseDay, ScoreExplanation, ScorePart, ScoreTopic};
use guanxi_domain::{CustomerId, Money};
use leptos::prelude::*;
use leptos_router::components::A;

use super::badges::{ChurnBadge, LifecycleBadge};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::ui::{Dialog, Glyph, Icon, Skeleton, with_data};

/// Whose scores are explained, and what the customer is called.
pub type Asked = Option<(CustomerId, String)>;

/// The explanation of the customer who is asked about.
#[component]
pub fn ExplainDialog(asked: RwSignal<Asked>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(asked.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let is_open = open.get();
        if before == Some(true) && !is_open {
            asked.set(None);
        }
        is_open
    });
    let title = Signal::derive(move || {
        let name = asked.with(|asked| asked.as_ref().map(|(_, name)| name.clone()));
        fill(
            t().segmentation.why_title,
            &[("name", &name.unwrap_or_default())],
        )
    });
    view! {
        <Dialog open=open title=title width="max-w-3xl">
            {move || {
                asked
                    .with(|asked| asked.as_ref().map(|(id, _)| *id))
                    .map(|id| view! { <Explanation customer_id=id /> })
            }}
        </Dialog>
    }
}

#[component]
fn Explanation(customer_id: CustomerId) -> impl IntoView {
    let found = Loader::new(move || {
        api::get(format!("/customers/{customer_id}/scores/explain")).json::<ScoreExplanation>()
    });
    with_data(
        found,
        || view! { <Skeleton lines=8 /> }.into_any(),
        |found| {
            let reproduced = found.reproduced;
            let parts = found.parts.clone();
            let settings = found.settings.lifecycle.clone();
            view! {
                <div class="max-h-[70vh] space-y-4 overflow-y-auto" data-testid="explanation">
                    <Summary found=found.clone() />
                    {(!reproduced)
                        .then(|| {
                            view! {
                                <p class="flex items-start gap-2 rounded-box bg-warning/10 px-3 py-2">
                                    <Icon glyph=Glyph::Warning class="mt-0.5 size-4 text-warning" />
                                    {move || t().segmentation.why_changed}
                                </p>
                            }
                        })}
                    {parts.into_iter().map(|part| view! { <Part part=part settings=settings.clone() /> }).collect_view()}
                    <Sources found=found />
                </div>
            }
        },
    )
}

/// What a manager wants to know first.
#[component]
fn Summary(found: ScoreExplanation) -> impl IntoView {
    let as_of = found.as_of;
    let (stage, reason) = (found.scores.lifecycle_stage, found.scores.stage_reason);
    let (level, risk) = (found.scores.churn_level, found.scores.churn_risk);
    let rhythm = rhythm(&found.days, as_of);
    let last = rhythm.map(|(since, gap)| {
        move || {
            let s = t().segmentation;
            let since = format::integer(since);
            match gap {
                Some(gap) => fill(
                    s.why_rhythm,
                    &[("since", &since), ("gap", &format!("{gap:.0}"))],
                ),
                None => fill(s.why_once, &[("since", &since)]),
            }
        }
    });
    let chance = found.scores.probability_active.map(|alive| {
        move || {
            fill(
                t().segmentation.why_alive,
                &[("alive", &format::share(alive))],
            )
        }
    });
    view! {
        <div class="space-y-1">
            <p class="muted text-xs">
                {move || fill(t().segmentation.scores_text, &[("date", &format::date_short(as_of))])}
            </p>
            <p class="flex flex-wrap items-center gap-2">
                <LifecycleBadge stage=stage />
                <span>{move || reason.label(lang())}</span>
                {level.map(|level| view! { <ChurnBadge level=level /> })}
                {risk
                    .map(|risk| {
                        view! {
                            <span class="num">{move || format!("{} {}", t().segmentation.churn, format::share(risk))}</span>
                        }
                    })}
            </p>
            {last.map(|text| view! { <p>{text}</p> })}
            {chance.map(|text| view! { <p>{text}</p> })}
        </div>
    }
}

/// Days since the last purchase, and the mean gap between purchases where there are two; of the days that are listed.
fn rhythm(days: &[PurchaseDay], as_of: guanxi_domain::Date) -> Option<(i64, Option<f64>)> {
    let mut bought = days
        .iter()
        .filter(|day| day.orders > 0)
        .map(|day| day.day.days());
    let last = bought.next()?;
    let (first, count) = bought.fold((last, 1), |(_, count), day| (day, count + 1));
    let gap = (count > 1).then(|| f64::from(last - first) / f64::from(count - 1));
    Some((i64::from(as_of.days() - last), gap))
}

#[component]
fn Part(part: ScorePart, settings: LifecycleSettings) -> impl IntoView {
    let topic = part.topic;
    // A stage is found by rules: its "formula" is the rule that held.
    let formula = if topic == ScoreTopic::LifecycleStage {
        let days = settings.lost_days;
        view! {
            <p class="muted text-xs">
                {move || fill(t().segmentation.why_stage, &[("days", &days.to_string())])}
            </p>
        }
        .into_any()
    } else {
        let formula = part.explanation.formula.clone();
        view! { <code class="block overflow-x-auto rounded bg-base-200 px-2 py-1.5 text-xs whitespace-pre-wrap">{formula}</code> }
            .into_any()
    };
    let terms = part
        .explanation
        .terms
        .into_iter()
        .map(|term| view! { <TermRow term=term /> })
        .collect_view();
    view! {
        <details class="panel px-4 py-2.5" data-testid=format!("why-{topic}")>
            <summary class="panel-title cursor-pointer">{move || topic.label(lang())}</summary>
            <div class="space-y-2 pt-2">
                {formula} <table class="w-full text-[0.8125rem]">
                    <tbody>{terms}</tbody>
                </table>
            </div>
        </details>
    }
}

#[component]
fn TermRow(term: Term) -> impl IntoView {
    let (zh, en) = (term.zh.clone(), term.en.clone());
    let name = move || lang().pick(zh.as_str(), en.as_str()).to_owned();
    let (value, unit) = (term.value, term.unit);
    view! {
        <tr class="border-b border-base-300/60 last:border-b-0">
            <td class="num w-16 py-1 pr-2 font-medium">{term.symbol}</td>
            <td class="py-1 pr-2">{name}</td>
            <td class="num py-1 text-right whitespace-nowrap">{move || value_text(value, unit)}</td>
        </tr>
    }
}

/// A number as its unit is read. Reactive.
fn value_text(value: f64, unit: Unit) -> String {
    let whole = |value: f64| {
        if value.fract() == 0.0 {
            format!("{value:.0}")
        } else {
            format!("{value:.2}")
        }
    };
    match unit {
        #[allow(clippy::cast_possible_truncation)] // An amount.
        Unit::Money => format::money(Money(value.round() as i64)),
        Unit::Share => format::percent(value),
        Unit::Days => fill(t().segmentation.days_n, &[("n", &whole(value))]),
        Unit::Count | Unit::Score => whole(value),
        Unit::Periods | Unit::Number => format!("{value:.4}"),
    }
}

/// The orders and days that went in.
#[component]
fn Sources(found: ScoreExplanation) -> impl IntoView {
    let (orders, more) = (found.orders, found.orders_truncated || found.days_truncated);
    let count = orders.len();
    let rows = orders
        .into_iter()
        .map(|order| {
            let (at, total) = (order.ordered_at, order.total);
            view! {
                <tr class="border-b border-base-300/60 last:border-b-0">
                    <td class="py-1 pr-2">
                        <A href=format!("/orders/{}", order.id) attr:class="link-plain num">
                            {order.number}
                        </A>
                    </td>
                    <td class="num py-1 pr-2">{move || format::day_of(at)}</td>
                    <td class="num py-1 text-right">{move || format::money(total)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="panel px-4 py-2.5" data-testid="why-orders">
            <summary class="panel-title cursor-pointer">
                {move || fill(t().segmentation.why_orders, &[("n", &count.to_string())])}
            </summary>
            <table class="mt-2 w-full text-[0.8125rem]">
                <tbody>{rows}</tbody>
            </table>
            {more.then(|| view! { <p class="muted pt-1 text-xs">{move || t().segmentation.why_more}</p> })}
        </details>
    }
}
