//! The profile of each cluster, with its name, which is given in its place.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::kmeans::{ClusterProfile, ClusterRun, Feature};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::json;

use super::{colour, label, name_of, use_current_clusters, value_text};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_url;
use crate::session::use_session;
use crate::ui::{Card, Glyph, Icon, use_toasts};
use crate::value::CsvButton;

/// A card for each cluster.
#[component]
pub fn Profiles(run: Loader<ClusterRun>) -> impl IntoView {
    let rows = move || run.data().map(|run| file_rows(&run)).unwrap_or_default();
    let cards = move || {
        let found = run.data()?;
        let current = found.head.current;
        let result = found.result?;
        let (features, means) = (found.head.settings.features, result.figures.means);
        // Of some groups somebody with a narrower scope sees nobody.
        let seen = result
            .figures
            .profiles
            .into_iter()
            .filter(|profile| profile.customers > 0);
        let cards = seen.map(|profile| {
            let bars = Bars {
                features: features.clone(),
                means: means.clone(),
            };
            view! { <Profile run=run profile=profile bars=bars current=current /> }
        });
        Some(cards.collect_view())
    };
    view! {
        <Card
            title=label(|c| c.profiles)
            text=label(|c| c.profiles_text)
            actions=ViewFn::from(move || view! { <CsvButton file_name="clusters" rows=rows /> })
        >
            <div class="grid grid-cols-1 gap-4 md:grid-cols-2 xl:grid-cols-3" data-testid="profiles">
                {cards}
            </div>
        </Card>
    }
}

/// What the bars of all clusters have in common.
struct Bars {
    features: Vec<Feature>,
    means: Vec<f64>,
}

#[component]
fn Profile(
    run: Loader<ClusterRun>,
    profile: ClusterProfile,
    bars: Bars,
    current: bool,
) -> impl IntoView {
    let url = use_url();
    let cluster = profile.cluster;
    let (customers, share, silhouette) = (profile.customers, profile.share, profile.silhouette);
    let size = move || {
        fill(
            t().clusters.share_of,
            &[
                ("n", &format::integer(customers)),
                ("share", &format::percent(share)),
            ],
        )
    };
    let rows = bars
        .features
        .iter()
        .zip(&bars.means)
        .zip(profile.means.iter().zip(&profile.centre))
        .map(|((feature, all), (mean, centre))| bar(*feature, *all, *mean, *centre))
        .collect_view();
    view! {
        <article class="rounded-box border border-base-300 p-3" data-testid=format!("cluster-{cluster}")>
            <div class="mb-2 flex items-start gap-2">
                <span class="mt-1.5 size-2.5 shrink-0 rounded-full" style:background=colour(cluster)></span>
                <div class="min-w-0 flex-1">
                    <Name run=run cluster=cluster />
                    <p class="muted num text-xs">
                        {size}
                        {silhouette
                            .map(|s| {
                                view! { <span class="ml-2">{move || format!("{} {s:.2}", t().clusters.silhouette)}</span> }
                            })}
                    </p>
                </div>
            </div>
            <ul class="space-y-2">{rows}</ul>
            <div class="mt-3 flex flex-wrap gap-3 text-xs">
                <button
                    type="button"
                    class="link-plain cursor-pointer"
                    on:click=move |_| url.set(&[("cluster", Some(cluster.to_string()))])
                >
                    {move || t().clusters.list}
                </button>
                {current
                    .then(|| {
                        view! {
                            <A href=format!("/customers?cluster={cluster}") attr:class="link-plain">
                                {move || t().clusters.in_list}
                            </A>
                        }
                    })}
            </div>
        </article>
    }
}

/// A feature's mean, and how far it is from that of all: to the right above, to the left below.
fn bar(feature: Feature, all: f64, mean: f64, centre: f64) -> impl IntoView {
    // Two standard deviations fill a side.
    let width = format!("{:.1}%", (centre.abs() / 2.0).min(1.0) * 50.0);
    let left = if centre < 0.0 {
        format!("{:.1}%", 50.0 - (centre.abs() / 2.0).min(1.0) * 50.0)
    } else {
        "50%".to_owned()
    };
    let ink = if centre < 0.0 {
        "bg-warning"
    } else {
        "bg-primary"
    };
    let of_all = move || {
        let value = value_text(feature, all);
        fill(t().clusters.mean_all, &[("value", &value)])
    };
    view! {
        <li>
            <div class="flex items-baseline justify-between gap-2 text-xs">
                <span>{move || feature.label(lang())}</span>
                <span class="num">
                    <span class="font-medium">{move || value_text(feature, mean)}</span>
                    <span class="muted ml-1.5">{of_all}</span>
                </span>
            </div>
            <div class="relative mt-1 h-1.5 rounded-full bg-base-300/70" aria-hidden="true">
                <div class="absolute inset-y-0 left-1/2 w-px bg-base-content/40"></div>
                <div class=format!("absolute inset-y-0 rounded-full {ink}") style:left=left style:width=width></div>
            </div>
        </li>
    }
}

/// The name, or a field to write it.
#[component]
fn Name(run: Loader<ClusterRun>, cluster: i64) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let current = use_current_clusters();
    let editing = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let names = Memo::new(move |_| run.data().map(|run| run.head.names).unwrap_or_default());
    let name = move || names.with(|names| name_of(cluster, names));
    let begin = move |_| {
        let index = usize::try_from(cluster - 1).unwrap_or_default();
        let now = names.with_untracked(|names| names.get(index).cloned().flatten());
        typed.set(now.unwrap_or_default());
        editing.set(true);
    };
    let save = move || {
        let Some(found) = run.data_untracked() else {
            return;
        };
        let Ok(index) = usize::try_from(cluster - 1) else {
            return;
        };
        let mut names = found.head.names;
        if names.len() <= index {
            names.resize(index + 1, None);
        }
        let new = typed.get_untracked().trim().to_owned();
        names[index] = (!new.is_empty()).then_some(new);
        editing.set(false);
        spawn_local(async move {
            let call = api::patch(format!("/cluster-runs/{}", found.head.id))
                .version(found.head.version)
                .body(&json!({ "names": names }));
            let renamed = run.change(call, toasts, |_| t_now().clusters.renamed.to_owned());
            if renamed.await {
                current.forget();
            }
        });
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            save();
        }
        "Escape" => editing.set(false),
        _ => {}
    };
    let may = move || session.can(Module::Segments, Operation::Update);
    let label = move || fill(t().clusters.name_of, &[("n", &cluster.to_string())]);
    view! {
        <Show
            when=move || editing.get()
            fallback=move || {
                view! {
                    <h3 class="flex items-center gap-1 font-medium">
                        <span class="min-w-0 break-words">{name}</span>
                        <Show when=may>
                            <button
                                type="button"
                                class="btn btn-ghost btn-square btn-xs"
                                aria-label=move || format!("{}{}{}", t().clusters.rename, t().common.colon, name())
                                data-testid=format!("rename-{cluster}")
                                on:click=begin
                            >
                                <Icon glyph=Glyph::Pencil class="size-3.5" />
                            </button>
                        </Show>
                    </h3>
                }
            }
        >
            <div class="flex items-center gap-1">
                <input
                    class="input input-sm min-w-0 flex-1"
                    maxlength="40"
                    autofocus
                    aria-label=label
                    prop:value=move || typed.get()
                    on:input:target=move |event| typed.set(event.target().value())
                    on:keydown=on_key
                />
                <button
                    type="button"
                    class="btn btn-primary btn-square btn-sm"
                    aria-label=move || t().common.save
                    on:click=move |_| save()
                >
                    <Icon glyph=Glyph::Check />
                </button>
                <button
                    type="button"
                    class="btn btn-ghost btn-square btn-sm"
                    aria-label=move || t().common.cancel
                    on:click=move |_| editing.set(false)
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
        </Show>
    }
}

fn file_rows(run: &ClusterRun) -> Vec<Vec<String>> {
    let words = t_now().clusters;
    let Some(result) = &run.result else {
        return Vec::new();
    };
    let features = &run.head.settings.features;
    let mut head = vec![
        words.customers_field.to_owned(),
        words.customers.to_owned(),
        words.silhouette.to_owned(),
    ];
    head.extend(features.iter().map(|f| f.label(lang()).to_owned()));
    let values = |means: &[f64]| -> Vec<String> {
        let values = features.iter().zip(means);
        values
            .map(|(feature, mean)| super::axis_value(*feature, *mean).to_string())
            .collect()
    };
    let line = |name: String, customers: i64, silhouette: Option<f64>, means: &[f64]| {
        let silhouette = silhouette.map(|s| s.to_string()).unwrap_or_default();
        [vec![name, customers.to_string(), silhouette], values(means)].concat()
    };
    let figures = &result.figures;
    let all = line(
        words.whole.to_owned(),
        figures.customers,
        result.quality.and_then(|quality| quality.silhouette),
        &figures.means,
    );
    std::iter::once(head)
        .chain(figures.profiles.iter().map(|profile| {
            line(
                name_of(profile.cluster, &run.head.names),
                profile.customers,
                profile.silhouette,
                &profile.means,
            )
        }))
        .chain([all])
        .collect()
}
