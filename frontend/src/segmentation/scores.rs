//! What the runs say of one customer, on the customer's page.

use guanxi_domain::CustomerId;
use guanxi_domain::customer::Customer;
use guanxi_domain::segmentation::run::{ScoreCourse, ScoresAt};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::json;

use super::badges::{ChurnBadge, GroupBadge, LifecycleBadge, SegmentBadge};
use super::chart_card::Table;
use super::explain::{Asked, ExplainDialog};
use super::label;
use crate::api;
use crate::clusters::cluster_tag;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::ui::{Card, Chart, Fact, Facts, Glyph, Icon, Skeleton, with_data};

/// The scores of the current run, and their course.
#[component]
pub fn ScoresCard(customer_id: CustomerId, customer: Loader<Customer>) -> impl IntoView {
    let name = Signal::derive(move || customer.data().map(|c| c.input.name).unwrap_or_default());
    let cluster = Memo::new(move |_| {
        let cluster = |c: &Customer| Some((c.cluster?, c.cluster_name.clone()));
        customer.with(|l| l.data.as_ref().and_then(cluster))
    });
    let scores = Loader::new(move || {
        api::get(format!("/customers/{customer_id}/scores")).json::<ScoreCourse>()
    });
    let asked = RwSignal::new(None as Asked);
    let why = move || {
        scored_now(scores).then(|| {
            view! {
                <button
                    type="button"
                    class="btn-quiet"
                    data-testid="why"
                    on:click=move |_| asked.set(Some((customer_id, name.get_untracked())))
                >
                    <Icon glyph=Glyph::Info />
                    {move || t().segmentation.why}
                </button>
            }
        })
    };
    let text = Signal::derive(move || {
        scores.with(|l| {
            let current = l.data.as_ref().and_then(|course| course.current.as_ref());
            current
                .map(|at| {
                    let date = format::date_short(at.as_of);
                    fill(t().segmentation.scores_text, &[("date", &date)])
                })
                .unwrap_or_default()
        })
    });
    let body = move |found: ScoreCourse| {
        match found.current {
        Some(now) => view! {
            <Now at=now cluster=cluster />
            <Course course=found.course />
        }
        .into_any(),
        None => view! {
            <p class="muted">{move || t().segmentation.scores_none}</p>
            {move || {
                cluster.get().map(|_| view! { <div class="mt-3"><Facts><ClusterFact cluster=cluster /></Facts></div> })
            }}
        }
        .into_any(),
    }
    };
    view! {
        <div data-testid="scores">
            <Card title=label(|s| s.scores) text=text actions=ViewFn::from(move || why)>
                {with_data(scores, || view! { <Skeleton lines=3 /> }.into_any(), body)}
            </Card>
        </div>
        <ExplainDialog asked=asked />
    }
}

/// Whether the current run has scored the customer. Reactive.
fn scored_now(scores: Loader<ScoreCourse>) -> bool {
    scores.with(|l| {
        l.data
            .as_ref()
            .is_some_and(|course| course.current.is_some())
    })
}

/// The cluster that the customer is in now, and what it is called.
type Cluster = Memo<Option<(i64, Option<String>)>>;

#[component]
fn ClusterFact(cluster: Cluster) -> impl IntoView {
    view! {
        <Fact label=label(|s| s.cluster)>
            {move || match cluster.get() {
                Some((cluster, name)) => {
                    view! {
                        <A href=format!("/customers?cluster={cluster}") attr:class="link-plain">
                            {cluster_tag(cluster, name)}
                        </A>
                    }
                        .into_any()
                }
                None => "—".into_any(),
            }}
        </Fact>
    }
}

#[component]
fn Now(at: ScoresAt, cluster: Cluster) -> impl IntoView {
    let s = at.scores;
    let word = |score: Option<i32>| score.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let rfm = s.recency_score.map(|_| {
        [s.recency_score, s.frequency_score, s.monetary_score]
            .map(word)
            .join(" · ")
    });
    let (stage, reason) = (s.lifecycle_stage, s.stage_reason);
    let (value, method) = (s.lifetime_value, s.value_method);
    let (risk, level) = (s.churn_risk, s.churn_level);
    let dash = || "—".into_any();
    view! {
        <Facts>
            <Fact label=label(|s| s.rfm)>
                {match s.rfm_segment {
                    Some(segment) => {
                        view! {
                            <span class="flex flex-wrap items-center gap-2">
                                <SegmentBadge segment=segment />
                                <span class="num">{rfm}</span>
                            </span>
                        }
                            .into_any()
                    }
                    None => dash(),
                }}
            </Fact>
            <Fact label=label(|s| s.class)>
                {match s.rfm_group {
                    Some(group) => view! { <GroupBadge group=group /> }.into_any(),
                    None => dash(),
                }}
            </Fact>
            <Fact label=label(|s| s.stage)>
                <span class="flex flex-wrap items-center gap-2">
                    <LifecycleBadge stage=stage />
                    <span class="muted text-xs">{move || reason.label(lang())}</span>
                </span>
            </Fact>
            <Fact label=label(|s| s.churn)>
                {match level {
                    Some(level) => {
                        view! {
                            <span class="flex flex-wrap items-center gap-2">
                                <ChurnBadge level=level />
                                <span class="num">{risk.map(format::share)}</span>
                            </span>
                        }
                            .into_any()
                    }
                    None => dash(),
                }}
            </Fact>
            <ClusterFact cluster=cluster />
            <Fact label=label(|s| s.alive) value=s.probability_active.map(format::share) />
            <Fact label=label(|s| s.expected_purchases) value=s.expected_purchases.map(format::quantity) />
            <Fact label=label(|s| s.value) wide=true>
                <span class="flex flex-wrap items-baseline gap-2">
                    <span class="num font-medium">
                        {move || value.map_or_else(|| "—".to_owned(), format::money)}
                    </span>
                    <span class="muted text-xs">{move || method.map(|method| method.label(lang()))}</span>
                </span>
            </Fact>
        </Facts>
    }
}

/// Risk and probability over the runs that are kept; nothing while there is only one.
#[component]
fn Course(mut course: Vec<ScoresAt>) -> impl IntoView {
    if course.len() < 2 {
        return ().into_any();
    }
    course.reverse();
    let course = StoredValue::new(course);
    let option = Signal::derive(move || {
        let s = t().segmentation;
        let per_cent = |share: Option<guanxi_domain::Proportion>| {
            share.map(|share| (share.value() * 1_000.0).round() / 10.0)
        };
        course.with_value(|course| {
            let days: Vec<_> = course
                .iter()
                .map(|at| format::date_short(at.as_of))
                .collect();
            let line = |name: &str, data: Vec<Option<f64>>| json!({"type": "line", "name": name, "data": data, "symbolSize": 7, "connectNulls": true});
            let alive = course
                .iter()
                .map(|at| per_cent(at.scores.probability_active))
                .collect();
            let risk = course
                .iter()
                .map(|at| per_cent(at.scores.churn_risk))
                .collect();
            json!({
                "tooltip": {"trigger": "axis", "valueFormatter": "{value} %"},
                "legend": {"top": 0},
                "xAxis": {"type": "category", "data": days},
                "yAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value}%"}},
                "series": [line(s.alive, alive), line(s.churn, risk)],
            })
        })
    });
    let rows = move |()| {
        let s = t().segmentation;
        let head = [s.day, s.rfm, s.stage, s.churn, s.value]
            .map(str::to_owned)
            .to_vec();
        let body = course.with_value(|course| {
            course
                .iter()
                .rev()
                .map(|at| {
                    let s = &at.scores;
                    let segment = s.rfm_segment.map(|segment| segment.label(lang()));
                    vec![
                        format::date_short(at.as_of),
                        segment.unwrap_or("—").to_owned(),
                        s.lifecycle_stage.label(lang()).to_owned(),
                        s.churn_risk.map(format::share).unwrap_or_default(),
                        s.lifetime_value
                            .map(format::money_short)
                            .unwrap_or_default(),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head).chain(body).collect::<Vec<_>>()
    };
    view! {
        <div class="mt-4 border-t border-base-300 pt-3">
            <h3 class="mb-2 text-[0.8125rem] font-medium">{move || t().segmentation.course}</h3>
            <Chart option=option label=label(|s| s.course) height="h-44" />
            <details class="mt-2">
                <summary class="muted cursor-pointer text-xs">{move || t().segmentation.table}</summary>
                <Table rows=rows />
            </details>
        </div>
    }
    .into_any()
}
