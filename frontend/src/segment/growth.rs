//! How the members of a segment came and went.

use guanxi_domain::segment::{Growth, GrowthDay, MEMBERSHIP_FIELDS, Membership};
use guanxi_domain::{Date, Page};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::format;
use crate::i18n::{lang, t};
use crate::live::use_live;
use crate::load::Loader;
use crate::ui::{Card, Chart, EmptyState, Glyph, RecordSkeleton, with_data};
use crate::value::CsvButton;

/// Memberships that the page tells of; all of them the API has.
const NEWEST: i64 = 100;

#[component]
pub fn GrowthTab(id: String) -> impl IntoView {
    let path = StoredValue::new(format!("/segments/{id}"));
    let growth =
        Loader::new(move || api::get(format!("{}/growth", path.get_value())).json::<Growth>());
    let moves = Loader::new(move || {
        api::get(format!("{}/memberships", path.get_value()))
            .query("limit", NEWEST)
            .json::<Page<Membership>>()
    });
    use_live().on("segments", move |_| {
        growth.reload();
        moves.reload();
    });
    with_data(
        growth,
        || view! { <RecordSkeleton /> }.into_any(),
        move |growth| {
            if growth.days.is_empty() {
                return view! {
                    <div class="panel">
                        <EmptyState
                            glyph=Glyph::Trend
                            title=label(|s| s.no_growth)
                            text=label(|s| s.no_growth_text)
                        />
                    </div>
                }
                .into_any();
            }
            view! {
                <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
                    <CurveCard days=growth.days />
                    {with_data(
                        moves,
                        || view! { <RecordSkeleton /> }.into_any(),
                        |page| view! { <MovesCard moves=page.items /> },
                    )}
                </div>
            }
            .into_any()
        },
    )
}

/// The days as an ECharts option: the curve of members, bars for those who came and went.
fn option_of(days: &[GrowthDay]) -> Value {
    let words = t().segment;
    let column = |value: fn(&GrowthDay) -> i64| -> Vec<i64> { days.iter().map(value).collect() };
    let axis: Vec<String> = days.iter().map(|d| format::date_short(d.day)).collect();
    json!({
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "grid": {"left": 12, "right": 16, "top": 36, "bottom": 8, "containLabel": true},
        "xAxis": {"type": "category", "data": axis},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {
                "type": "line", "name": words.count, "data": column(|d| d.members), "step": "end",
                "showSymbol": days.len() < 30, "lineStyle": {"width": 2.5}, "areaStyle": {"opacity": 0.10},
            },
            {"type": "bar", "name": words.joined, "data": column(|d| d.joined), "barMaxWidth": 14},
            {"type": "bar", "name": words.left, "data": column(|d| -d.left), "barMaxWidth": 14},
        ],
    })
}

#[component]
fn CurveCard(days: Vec<GrowthDay>) -> impl IntoView {
    let as_table = RwSignal::new(false);
    let days = StoredValue::new(days);
    let rows = move || {
        let words = t().segment;
        let head = [words.day, words.joined, words.left, words.count];
        let body = days.with_value(|days| {
            days.iter()
                .map(|d| {
                    vec![
                        d.day.to_string(),
                        d.joined.to_string(),
                        d.left.to_string(),
                        d.members.to_string(),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(body)
            .collect()
    };
    let actions = move || {
        view! {
            <button
                type="button"
                class="btn btn-ghost btn-xs"
                aria-pressed=move || as_table.get().to_string()
                on:click=move |_| as_table.update(|on| *on = !*on)
            >
                {move || if as_table.get() { t().segment.chart } else { t().segment.table }}
            </button>
            <CsvButton file_name="growth" rows=rows />
        }
    };
    let option = Signal::derive(move || days.with_value(|days| option_of(days)));
    view! {
        <Card
            title=label(|s| s.growth)
            text=label(|s| s.growth_text)
            actions=ViewFn::from(actions)
            flush=true
        >
            <Show
                when=move || as_table.get()
                fallback=move || {
                    view! {
                        <div class="p-3" data-testid="growth">
                            <Chart option=option label=label(|s| s.growth) height="h-80" />
                        </div>
                    }
                }
            >
                <DaysTable days=days />
            </Show>
        </Card>
    }
}

/// The newest day first.
#[component]
fn DaysTable(days: StoredValue<Vec<GrowthDay>>) -> impl IntoView {
    let rows = days.with_value(|days| {
        days.iter()
            .rev()
            .map(|d| {
                let day = d.day;
                view! {
                    <tr>
                        <td class="num">{move || format::date_short(day)}</td>
                        <td class="right">{format::integer(d.joined)}</td>
                        <td class="right">{format::integer(d.left)}</td>
                        <td class="right">{format::integer(d.members)}</td>
                    </tr>
                }
            })
            .collect_view()
    });
    view! {
        <div class="max-h-86 overflow-y-auto">
            <table class="grid-table" data-testid="growth-table">
                <thead>
                    <tr>
                        <th scope="col">{move || t().segment.day}</th>
                        <th scope="col" class="right">{move || t().segment.joined}</th>
                        <th scope="col" class="right">{move || t().segment.left}</th>
                        <th scope="col" class="right">{move || t().segment.count}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn customer_label() -> &'static str {
    let field = MEMBERSHIP_FIELDS.get("customer_id");
    field.map_or("", |field| field.label(lang()))
}

/// The newest memberships: who joined when, and left when.
#[component]
fn MovesCard(moves: Vec<Membership>) -> impl IntoView {
    let kept = StoredValue::new(moves.clone());
    let rows = move || {
        let words = t().segment;
        let head = [customer_label(), words.joined, words.left];
        let body = kept.with_value(|all| {
            all.iter()
                .map(|m| {
                    vec![
                        format!("{} {}", m.code, m.name),
                        m.since.to_string(),
                        m.until.map(|day| day.to_string()).unwrap_or_default(),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(body)
            .collect()
    };
    let until = |until: Option<Date>| {
        move || until.map_or_else(|| t().segment.still.to_owned(), format::date_short)
    };
    let row = move |m: Membership| {
        let since = m.since;
        view! {
            <tr>
                <td class="w-1/2 max-w-0 truncate py-2 pl-4">
                    <A href=format!("/customers/{}", m.customer_id) attr:class="link-plain">
                        {m.name}
                    </A>
                </td>
                <td class="num py-2 pl-3 whitespace-nowrap">{move || format::date_short(since)}</td>
                <td class="num px-3 py-2 whitespace-nowrap" class:muted=m.until.is_none()>{until(m.until)}</td>
            </tr>
        }
    };
    view! {
        <Card
            title=label(|s| s.moves)
            actions=ViewFn::from(move || view! { <CsvButton file_name="moves" rows=rows /> })
            flush=true
        >
            <div class="max-h-96 overflow-y-auto">
                <table class="w-full text-[0.8125rem]" data-testid="moves">
                    <thead class="muted border-b border-base-300 text-xs">
                        <tr>
                            <th scope="col" class="py-2 pl-4 text-left font-normal">{customer_label}</th>
                            <th scope="col" class="py-2 pl-3 text-left font-normal">{move || t().segment.joined}</th>
                            <th scope="col" class="px-3 py-2 text-left font-normal">{move || t().segment.left}</th>
                        </tr>
                    </thead>
                    <tbody class="divide-y divide-base-300">{moves.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </Card>
    }
}
