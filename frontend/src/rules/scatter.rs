use guanxi_domain::Page;
use guanxi_domain::segmentation::rules::{BasketKind, KeptRule, RuleRun};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{label, part, ratio, said};
use crate::api;
use crate::format;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::ui::{Card, Chart, Skeleton, with_data};

/// Rules that are drawn: those with the highest lift.
const DRAWN: usize = 200;

/// Per cent with three decimals, as the axes have it.
fn per_cent(millionths: i64) -> f64 {
    part(millionths, 1e4)
}

/// Support and confidence of the best rules, coloured by lift. The rules' table below has the same figures.
#[component]
pub fn ScatterCard(run: RuleRun) -> impl IntoView {
    let path = format!("/rule-runs/{}/rules", run.id);
    let baskets = run.settings.baskets;
    let rules = Loader::new(move || {
        api::get(path.clone())
            .query("limit", DRAWN)
            .query("sort", "-lift")
            .json::<Page<KeptRule>>()
    });
    let text = Signal::derive(move || {
        let most = rules.with(|l| {
            l.data
                .as_ref()
                .is_some_and(|page| page.next_cursor.is_some())
        });
        let words = t().rules;
        if most {
            let drawn = fill(words.chart_most, &[("n", &DRAWN.to_string())]);
            format!("{} · {drawn}", words.chart_text)
        } else {
            words.chart_text.to_owned()
        }
    });
    view! {
        <Card title=label(|r| r.chart) text=text flush=true>
            {with_data(
                rules,
                || view! { <Skeleton lines=6 /> }.into_any(),
                move |page| view! { <Points rules=page.items baskets=baskets /> },
            )}
        </Card>
    }
}

#[component]
fn Points(rules: Vec<KeptRule>, baskets: BasketKind) -> impl IntoView {
    let url = use_url();
    let rules = StoredValue::new(rules);
    let option = Signal::derive(move || rules.with_value(|rules| option(rules, baskets)));
    // The rules about what the clicked one offers.
    let show = move |index: usize| {
        let item = rules.with_value(|rules| rules.get(index)?.consequent.first().cloned());
        if let Some(item) = item {
            let (product, category) = match item.product_id {
                Some(id) => (Some(id.to_string()), None),
                None => (None, Some(item.item)),
            };
            url.set(&[("product", product), ("category", category)]);
        }
    };
    view! {
        <div class="p-3" data-testid="rule-points">
            <Chart option=option label=label(|r| r.chart) height="h-80" on_click=show />
        </div>
    }
}

fn option(rules: &[KeptRule], baskets: BasketKind) -> Value {
    let words = |name: &'static str| {
        crate::i18n::field_label(&guanxi_domain::segmentation::rules::RULE_FIELDS, name)
    };
    let lifts = || rules.iter().map(|rule| rule.facts.lift);
    let data: Vec<Value> = rules
        .iter()
        .map(|rule| {
            let facts = rule.facts;
            let name = format!(
                "{}\n{} {} · {} {}",
                said(rule, baskets),
                words("support"),
                format::percent(part(facts.support, 1e6)),
                words("lift"),
                ratio(facts.lift)
            );
            json!({
                "name": name,
                "value": [per_cent(facts.support), per_cent(facts.confidence), part(facts.lift, 1e3)],
            })
        })
        .collect();
    json!({
        "tooltip": {"trigger": "item", "formatter": "{b}"},
        "grid": {"left": 12, "right": 24, "top": 20, "bottom": 64, "containLabel": true},
        "xAxis": {
            "type": "value", "name": words("support"), "nameLocation": "middle", "nameGap": 28,
            "scale": true, "axisLabel": {"formatter": "{value}%"},
        },
        "yAxis": {
            "type": "value", "name": words("confidence"), "max": 100, "scale": true,
            "axisLabel": {"formatter": "{value}%"},
        },
        "visualMap": {
            "dimension": 2, "calculable": false, "orient": "horizontal", "left": "center", "bottom": 0,
            "itemWidth": 12, "itemHeight": 120, "precision": 1,
            "min": part(lifts().min().unwrap_or(1_000), 1e3),
            "max": part(lifts().max().unwrap_or(2_000), 1e3),
            "text": [words("lift"), ""], "textStyle": {"color": "#7b8490"},
            "inRange": {"color": ["#9fc3e8", "#2f6fb7", "#7a2fb0"]},
        },
        "series": [{"type": "scatter", "symbolSize": 12, "data": data, "itemStyle": {"opacity": 0.85}}],
    })
}
