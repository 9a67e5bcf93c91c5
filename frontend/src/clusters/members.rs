use guanxi_domain::segmentation::kmeans::{ClusterRun, ClusteredCustomer, MEMBER_FIELDS};
use leptos::prelude::*;

use super::{Names, cluster_tag, given_name, label, name_of, value_text};
use crate::i18n::{lang, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::ui::{Column, DataTable, EmptyState, FilterBar, Glyph, record_link, use_list};

fn columns(run: &ClusterRun, names: Memo<Names>) -> Vec<Column<ClusteredCustomer>> {
    let text = |pick: fn(&crate::i18n::ClustersTexts) -> &'static str| {
        move || pick(t().clusters).to_owned()
    };
    let mut all = vec![
        Column::new("customer", text(|c| c.customer), |c: &ClusteredCustomer| {
            record_link(format!("/customers/{}", c.customer_id), c.name.clone())
        })
        .clip(),
        Column::field(&MEMBER_FIELDS, "cluster", move |c: &ClusteredCustomer| {
            let cluster = c.cluster;
            move || names.with(|names| cluster_tag(cluster, given_name(cluster, names)))
        }),
        Column::field(&MEMBER_FIELDS, "previous", |c: &ClusteredCustomer| {
            c.previous.map(|previous| previous.to_string())
        })
        .right()
        .phone_hidden(),
    ];
    for (index, feature) in run.head.settings.features.iter().enumerate() {
        let feature = *feature;
        let column = Column::new(
            feature.as_str(),
            move || feature.label(lang()).to_owned(),
            move |c: &ClusteredCustomer| {
                let value = c.values.get(index).copied();
                move || value.map(|value| value_text(feature, value))
            },
        );
        all.push(column.right().phone_hidden());
    }
    all
}

/// The customers of a run; the cluster chosen stands in the address.
#[component]
pub fn Members(run: Loader<ClusterRun>, found: ClusterRun) -> impl IntoView {
    let names = Memo::new(move |_| run.data().map(|run| run.head.names).unwrap_or_default());
    let path = format!("/cluster-runs/{}/customers", found.head.id);
    let list = use_list::<ClusteredCustomer>(path, &MEMBER_FIELDS);
    let clusters = found.result.as_ref().map_or(0, |result| result.chosen);
    let empty = || view! { <EmptyState glyph=Glyph::Users title=label(|c| c.no_members) /> };
    view! {
        <section class="mt-4">
            <div class="mb-2 flex flex-wrap items-center gap-2">
                <h2 class="flex-1 text-base">{move || t().clusters.members}</h2>
                <Chips clusters=clusters names=names />
            </div>
            <DataTable
                list=list
                columns=columns(&found, names)
                href=|c: &ClusteredCustomer| format!("/customers/{}", c.customer_id)
                empty=empty
                keyboard=false
            >
                <FilterBar list=list.state() />
            </DataTable>
        </section>
    }
}

/// All, or one of the clusters.
#[component]
fn Chips(clusters: i64, names: Memo<Names>) -> impl IntoView {
    let url = use_url();
    let chip = move |cluster: Option<i64>| {
        let word = cluster.map(|cluster| cluster.to_string());
        let id = word.clone().unwrap_or_else(|| "all".to_owned());
        let asked = word.clone();
        let chosen = Signal::derive(move || url.get("cluster") == asked);
        view! {
            <button
                type="button"
                class="cursor-pointer rounded-full px-3 py-1 text-[0.8125rem] font-medium"
                class=(["bg-primary", "text-primary-content"], move || chosen.get())
                class=(["muted", "hover:bg-base-300/60"], move || !chosen.get())
                aria-pressed=move || chosen.get().to_string()
                data-testid=format!("members-{id}")
                on:click=move |_| url.set(&[("cluster", word.clone())])
            >
                {move || match cluster {
                    Some(cluster) => names.with(|names| name_of(cluster, names)),
                    None => t().clusters.all.to_owned(),
                }}
            </button>
        }
    };
    view! {
        <div class="flex flex-wrap gap-1" role="group" aria-label=move || t().clusters.customers_field>
            {chip(None)}
            {(1..=clusters).map(|cluster| chip(Some(cluster))).collect_view()}
        </div>
    }
}
