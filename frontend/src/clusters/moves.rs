use guanxi_domain::segmentation::kmeans::{ClusterMove, ClusterRun, ClusterRunHead};
use leptos::prelude::*;

use super::{Names, label, name_of};
use crate::api;
use crate::format;
use crate::i18n::t;
use crate::load::Loader;
use crate::ui::Card;
use crate::value::CsvButton;

/// From which cluster of the run before to which of this.
#[component]
pub fn MovesCard(run: Loader<ClusterRun>) -> impl IntoView {
    let previous = Memo::new(move |_| run.data().and_then(|run| run.result?.previous_id));
    // Only its names are wanted: a run whose customers are forgotten is known in the list still.
    let before = Loader::new(move || {
        previous.track();
        api::get("/cluster-runs")
            .query("limit", 50)
            .json::<guanxi_domain::Page<ClusterRunHead>>()
    });
    let names_before = move || -> Names {
        let page = before.data();
        let runs = page.into_iter().flat_map(|page| page.items);
        let mut found = runs.filter(|head| Some(head.id) == previous.get());
        found.next().map(|head| head.names).unwrap_or_default()
    };
    let names = move || run.data().map(|run| run.head.names).unwrap_or_default();
    let moves = move || {
        run.data()
            .and_then(|run| run.result)
            .map(|r| r.moves)
            .unwrap_or_default()
    };
    let rows = move || {
        let (moves, names) = (moves(), names());
        let before = names_before();
        let to = sides(&moves, |m| m.to);
        let head = std::iter::once(t().clusters.stayed.to_owned())
            .chain(to.iter().map(|side| side_name(*side, &names)))
            .collect();
        let body = sides(&moves, |m| m.from).into_iter().map(|from| {
            std::iter::once(side_name(from, &before))
                .chain(to.iter().map(|to| count(&moves, from, *to).to_string()))
                .collect()
        });
        std::iter::once(head).chain(body).collect()
    };
    let first = move || moves().is_empty();
    let table = move || {
        let (moves, names) = (moves(), names());
        let before = names_before();
        let to = sides(&moves, |m| m.to);
        let head = to
            .iter()
            .map(|side| {
                let name = side_name(*side, &names);
                view! {
                    <th scope="col" class="right">
                        {name}
                    </th>
                }
            })
            .collect_view();
        let body = sides(&moves, |m| m.from)
            .into_iter()
            .map(|from| {
                let cells: Vec<_> = to
                    .iter()
                    .map(|to| match count(&moves, from, *to) {
                        0 => view! { <td class="right muted">"·"</td> }.into_any(),
                        n => view! { <td class="right">{format::integer(n)}</td> }.into_any(),
                    })
                    .collect();
                view! {
                    <tr>
                        <th scope="row" class="text-left font-normal">
                            {side_name(from, &before)}
                        </th>
                        {cells}
                    </tr>
                }
            })
            .collect_view();
        view! {
            <div class="overflow-x-auto" data-testid="moves">
                <table class="grid-table">
                    <thead>
                        <tr>
                            <th scope="col">{move || t().clusters.stayed}</th>
                            {head}
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        }
    };
    view! {
        <Card
            title=label(|c| c.moves)
            text=label(|c| c.moves_text)
            actions=ViewFn::from(move || {
                move || (!first()).then(|| view! { <CsvButton file_name="cluster-moves" rows=rows /> })
            })
            flush=true
        >
            {move || {
                if first() {
                    view! { <p class="muted p-4">{t().clusters.moves_none}</p> }.into_any()
                } else {
                    table().into_any()
                }
            }}
        </Card>
    }
}

/// The clusters on a side, ascending; none comes last.
fn sides(moves: &[ClusterMove], side: fn(&ClusterMove) -> Option<i64>) -> Vec<Option<i64>> {
    let mut all: Vec<Option<i64>> = moves.iter().map(side).collect();
    all.sort_unstable_by_key(|side| side.unwrap_or(i64::MAX));
    all.dedup();
    all
}

fn side_name(side: Option<i64>, names: &Names) -> String {
    side.map_or_else(
        || t().clusters.outside.to_owned(),
        |cluster| name_of(cluster, names),
    )
}

fn count(moves: &[ClusterMove], from: Option<i64>, to: Option<i64>) -> i64 {
    let fits = |m: &&ClusterMove| m.from == from && m.to == to;
    moves.iter().filter(fits).map(|m| m.customers).sum()
}
