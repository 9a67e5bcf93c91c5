use guanxi_domain::segmentation::kmeans::{ClusterResult, KMeansQuality};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::i18n::t;
use crate::ui::{Card, Chart};
use crate::value::CsvButton;

/// The numbers of clusters that were tried, each with its silhouette.
#[component]
pub fn QualityCard(result: ClusterResult) -> impl IntoView {
    let chosen = result.chosen;
    let none = result.tried.is_empty();
    let tried = StoredValue::new(result.tried);
    let option = Signal::derive(move || tried.with_value(|tried| option(tried, chosen)));
    let rows = move || {
        let words = t().clusters;
        let head = [words.chosen, words.silhouette, words.inertia].map(str::to_owned);
        let body = tried.with_value(|tried| tried.iter().map(cells).collect::<Vec<_>>());
        std::iter::once(head.to_vec()).chain(body).collect()
    };
    let actions =
        move || (!none).then(|| view! { <CsvButton file_name="cluster-numbers" rows=rows /> });
    if none {
        return view! {
            <Card title=label(|c| c.tried)>
                <p class="muted">{move || t().clusters.tried_part}</p>
            </Card>
        }
        .into_any();
    }
    let lines = tried.with_value(|tried| {
        tried
            .iter()
            .map(|quality| {
                let strong = i64::from(quality.clusters) == chosen;
                let cells = cells(quality);
                view! {
                    <tr class:font-semibold=strong>
                        {cells.into_iter().map(|cell| view! { <td class="right">{cell}</td> }).collect_view()}
                    </tr>
                }
            })
            .collect_view()
    });
    view! {
        <Card
            title=label(|c| c.tried)
            text=label(|c| c.tried_text)
            actions=ViewFn::from(actions)
            flush=true
        >
            <div class="p-3">
                <Chart option=option label=label(|c| c.tried) height="h-44" />
            </div>
            <table class="grid-table">
                <thead>
                    <tr>
                        <th scope="col" class="right">
                            {move || t().clusters.chosen}
                        </th>
                        <th scope="col" class="right">
                            {move || t().clusters.silhouette}
                        </th>
                        <th scope="col" class="right">
                            {move || t().clusters.inertia}
                        </th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </Card>
    }
    .into_any()
}

fn cells(quality: &KMeansQuality) -> Vec<String> {
    vec![
        quality.clusters.to_string(),
        quality
            .silhouette
            .map_or_else(|| "—".to_owned(), |silhouette| format!("{silhouette:.3}")),
        format!("{:.1}", quality.inertia),
    ]
}

fn option(tried: &[KMeansQuality], chosen: i64) -> Value {
    let data: Vec<Value> = tried
        .iter()
        .map(|quality| {
            let silhouette = quality.silhouette.unwrap_or_default();
            let size = if i64::from(quality.clusters) == chosen {
                14
            } else {
                7
            };
            json!({"value": [quality.clusters, (silhouette * 1e3).round() / 1e3], "symbolSize": size})
        })
        .collect();
    json!({
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 20, "top": 12, "bottom": 8, "containLabel": true},
        "xAxis": {"type": "value", "minInterval": 1, "scale": true, "splitLine": {"show": false}},
        "yAxis": {"type": "value", "scale": true},
        "series": [{"type": "line", "name": t().clusters.silhouette, "data": data, "symbol": "circle"}],
    })
}
