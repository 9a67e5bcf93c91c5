use guanxi_domain::segmentation::kmeans::{ClusterRun, Feature};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{axis_value, colour, label, name_of, value_text};
use crate::i18n::{ClustersTexts, lang, t};
use crate::load::Loader;
use crate::ui::{Card, Chart};
use crate::value::CsvButton;

/// Customers as points over two features, coloured by cluster.
#[component]
pub fn ScatterCard(run: Loader<ClusterRun>) -> impl IntoView {
    let features = Memo::new(move |_| {
        let found = run.data();
        found
            .map(|run| run.head.settings.features)
            .unwrap_or_default()
    });
    let as_table = RwSignal::new(false);
    // Two features that say much: the first and the last.
    let last = untrack(|| features.with(Vec::len).saturating_sub(1));
    let (across, up) = (RwSignal::new(0_usize), RwSignal::new(last));
    let option = Signal::derive(move || {
        run.data()
            .map_or(Value::Null, |run| option(&run, across.get(), up.get()))
    });
    let rows = move || run.data().map(|run| rows(&run)).unwrap_or_default();
    let actions = move || {
        view! {
            <button
                type="button"
                class="btn btn-ghost btn-xs"
                aria-pressed=move || as_table.get().to_string()
                on:click=move |_| as_table.update(|on| *on = !*on)
            >
                {move || if as_table.get() { t().clusters.chart } else { t().clusters.table }}
            </button>
            <CsvButton file_name="cluster-points" rows=rows />
        }
    };
    view! {
        <Card
            title=label(|c| c.scatter)
            text=label(|c| c.scatter_text)
            actions=ViewFn::from(actions)
            flush=true
        >
            <Show when=move || as_table.get() fallback=move || view! {
                <div class="flex flex-wrap gap-3 px-4 pt-3">
                    {axis(features, across, |c| c.x_axis, "axis-x")}
                    {axis(features, up, |c| c.y_axis, "axis-y")}
                </div>
                <div class="p-3" data-testid="cluster-points">
                    <Chart option=option label=label(|c| c.scatter) height="h-80" />
                </div>
            }>
                <Table run=run />
            </Show>
        </Card>
    }
}

/// Which feature an axis shows.
fn axis(
    features: Memo<Vec<Feature>>,
    chosen: RwSignal<usize>,
    text: fn(&ClustersTexts) -> &'static str,
    id: &'static str,
) -> impl IntoView {
    let options = move || {
        features
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, feature)| {
                view! {
                    <option value=index.to_string() selected=move || chosen.get() == index>
                        {move || feature.label(lang())}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <label class="muted flex items-center gap-2 text-xs">
            {move || text(t().clusters)}
            <select
                class="select select-xs w-auto!"
                data-testid=id
                on:change:target=move |event| {
                    if let Ok(index) = event.target().value().parse() {
                        chosen.set(index);
                    }
                }
            >
                {options}
            </select>
        </label>
    }
}

fn option(run: &ClusterRun, across: usize, up: usize) -> Value {
    let features = &run.head.settings.features;
    let (Some(result), Some(x), Some(y)) = (&run.result, features.get(across), features.get(up))
    else {
        return Value::Null;
    };
    let series: Vec<Value> = result
        .figures
        .profiles
        .iter()
        .map(|profile| {
            let points = result.figures.points.iter();
            let data: Vec<Value> = points
                .filter(|point| point.cluster == profile.cluster)
                .map(|point| {
                    json!([
                        axis_value(*x, point.values[across]),
                        axis_value(*y, point.values[up])
                    ])
                })
                .collect();
            json!({
                "type": "scatter", "name": name_of(profile.cluster, &run.head.names), "data": data, "symbolSize": 7,
                "itemStyle": {"color": colour(profile.cluster), "opacity": 0.7},
            })
        })
        .collect();
    let axis = |feature: &Feature, gap: u8| {
        json!({
            "type": "value", "name": feature.label(lang()), "nameLocation": "middle", "nameGap": gap, "scale": true,
        })
    };
    json!({
        "tooltip": {"trigger": "item", "formatter": "{a}\n{c}"},
        "legend": {"top": 0, "type": "scroll"},
        "grid": {"left": 28, "right": 24, "top": 40, "bottom": 32, "containLabel": true},
        "xAxis": axis(x, 28),
        "yAxis": axis(y, 56),
        "series": series,
    })
}

/// The first points; the file has all of them.
#[component]
fn Table(run: Loader<ClusterRun>) -> impl IntoView {
    const SHOWN: usize = 100;
    let head = move || {
        let features = run.data().map(|run| run.head.settings.features);
        let cells = features.into_iter().flatten();
        cells
            .map(|feature| {
                view! {
                    <th scope="col" class="right">
                        {feature.label(lang())}
                    </th>
                }
            })
            .collect_view()
    };
    let body = move || {
        let run = run.data()?;
        let result = run.result?;
        let features = run.head.settings.features;
        let rows = result.figures.points.into_iter().take(SHOWN);
        let rows = rows.map(|point| {
            let cells: Vec<_> = features
                .iter()
                .zip(point.values)
                .map(|(feature, value)| {
                    view! { <td class="right">{value_text(*feature, value)}</td> }
                })
                .collect();
            view! {
                <tr>
                    <td>{name_of(point.cluster, &run.head.names)}</td>
                    {cells}
                </tr>
            }
        });
        Some(rows.collect_view())
    };
    view! {
        <div class="h-96 overflow-auto">
            <table class="grid-table">
                <thead>
                    <tr>
                        <th scope="col">{move || t().clusters.customers_field}</th>
                        {head}
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
}

fn rows(run: &ClusterRun) -> Vec<Vec<String>> {
    let features = &run.head.settings.features;
    let mut head = vec![t().clusters.customers_field.to_owned()];
    head.extend(features.iter().map(|f| f.label(lang()).to_owned()));
    let points = run.result.iter().flat_map(|result| &result.figures.points);
    std::iter::once(head)
        .chain(points.map(|point| {
            let values = features.iter().zip(&point.values);
            let mut row = vec![name_of(point.cluster, &run.head.names)];
            row.extend(values.map(|(feature, value)| axis_value(*feature, *value).to_string()));
            row
        }))
        .collect()
}
