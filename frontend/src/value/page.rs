use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::value::{ValueClass, ValueRun, ValueRunHead};
use guanxi_domain::{Date, Page};
use leptos::prelude::*;

use super::curve::CurveCard;
use super::movements::MovementsCard;
use super::products::Products;
use super::ranking::Ranking;
use super::run_dialog::RunDialog;
use super::shares::{ClassesCard, PyramidCard};
use super::{Subject, label};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::session::use_session;
use crate::ui::{
    EmptyState, Glyph, Icon, KeyFigure, KeyFigures, PageHeader, RecordSkeleton, TabItem, Tabs,
    use_tab, with_data,
};

/// The newest run, or the one that the address names.
#[component]
pub fn ValuePage() -> impl IntoView {
    let session = use_session();
    let url = use_url();
    let asking = RwSignal::new(false);
    let runs = Loader::new(|| {
        api::get("/value-runs")
            .query("limit", 50)
            .json::<Page<ValueRunHead>>()
    });
    let heads = move || runs.data().map(|page| page.items).unwrap_or_default();
    let chosen = Memo::new(move |_| {
        let heads = heads();
        url.get("run")
            .or_else(|| heads.first().map(|head| head.id.to_string()))
    });
    let last = Signal::derive(move || heads().into_iter().next().map(|head| head.settings));
    let made = Callback::new(move |_: ValueRun| {
        url.set(&[("run", None), ("class", None)]);
        runs.reload();
    });
    let may_run = move || session.can(Module::Segments, Operation::Create);
    let run_button = move || {
        may_run().then(|| {
            view! {
                <button
                    class="btn btn-primary btn-sm"
                    data-testid="run"
                    on:click=move |_| asking.set(true)
                >
                    <Icon glyph=Glyph::Play />
                    {move || t().value.run}
                </button>
            }
        })
    };
    let choice = move || {
        let heads = heads();
        (heads.len() > 1).then(|| {
            view! {
                <select
                    class="select select-sm w-auto! max-w-72"
                    aria-label=move || t().value.which
                    data-testid="run-choice"
                    on:change:target=move |event| {
                        url.set(&[("run", Some(event.target().value()))]);
                    }
                >
                    {heads.into_iter().map(|head| run_option(&head, chosen)).collect_view()}
                </select>
            }
        })
    };
    let body = move |page: Page<ValueRunHead>| {
        if page.items.is_empty() {
            view! {
                <div class="panel">
                    <EmptyState
                        glyph=Glyph::Pyramid
                        title=label(|v| v.none_title)
                        text=label(|v| v.none_text)
                    >
                        {run_button}
                    </EmptyState>
                </div>
            }
            .into_any()
        } else {
            (move || chosen.get().map(|id| view! { <Run id=id /> })).into_any()
        }
    };
    let tab = use_tab(&["customers", "products"]);
    let tabs = vec![
        TabItem::new("customers", || t().value.tab_customers.to_owned()),
        TabItem::new("products", || t().value.tab_products.to_owned()),
    ];
    let of_customers = move || tab.get() == "customers";
    view! {
        <PageHeader
            title=label(|v| v.title)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().value.subtitle}</p> })
        >
            {move || of_customers().then(choice)}
            {move || of_customers().then(run_button)}
        </PageHeader>
        <Tabs items=tabs current=tab />
        <div class="mt-4">
            {move || match tab.get() {
                "products" => view! { <Products /> }.into_any(),
                _ => with_data(runs, || view! { <RecordSkeleton /> }.into_any(), body).into_any(),
            }}
        </div>
        <RunDialog open=asking last=last done=made />
    }
}

fn run_option(head: &ValueRunHead, chosen: Memo<Option<String>>) -> AnyView {
    let id = head.id.to_string();
    let selected = chosen.get_untracked().as_deref() == Some(id.as_str());
    let (at, measure) = (head.created_at, head.settings.measure);
    view! {
        <option value=id selected=selected>
            {move || format!("{} · {}", format::time(at), measure.label(lang()))}
        </option>
    }
    .into_any()
}

#[component]
fn Run(id: String) -> impl IntoView {
    let path = format!("/value-runs/{id}");
    let run = Loader::new(move || api::get(path.clone()).json::<ValueRun>());
    with_data(
        run,
        || view! { <RecordSkeleton /> }.into_any(),
        |run| {
            if run.customers == 0 {
                return view! {
                    <Made run=run />
                    <div class="panel">
                        <EmptyState
                            glyph=Glyph::Pyramid
                            title=label(|v| v.empty_title)
                            text=label(|v| v.empty_text)
                        />
                    </div>
                }
                .into_any();
            }
            view! {
                <Made run=run.clone() />
                <Figures run=run.clone() />
                <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
                    <CurveCard of=Subject::Customers curve=run.curve.clone() classes=run.classes.clone() />
                    <div class="space-y-4">
                        <ClassesCard of=Subject::Customers figures=run.classes.clone() />
                        <PyramidCard of=Subject::Customers figures=run.pyramid.clone() />
                    </div>
                </div>
                <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
                    <Ranking run_id=run.id.to_string() />
                    <MovementsCard run=run />
                </div>
            }
            .into_any()
        },
    )
}

/// What the run looked at, when and by whom.
#[component]
fn Made(run: ValueRun) -> impl IntoView {
    let (from, to, at, who) = (run.from, run.to, run.created_at, run.by_name);
    let measure = run.settings.measure;
    let window = move |from: Option<Date>| match from {
        Some(from) => fill(
            t().value.window,
            &[
                ("from", &format::date_short(from)),
                ("to", &format::date_short(to)),
            ],
        ),
        None => fill(t().value.window_all, &[("to", &format::date_short(to))]),
    };
    view! {
        <p class="muted mb-3 flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem]">
            <span>{move || measure.label(lang())}</span>
            <span class="num">{move || window(from)}</span>
            <span class="num">
                {move || fill(t().value.made, &[("time", &format::time(at)), ("who", &who)])}
            </span>
        </p>
    }
}

#[component]
fn Figures(run: ValueRun) -> impl IntoView {
    let (total, gini, customers) = (run.total, run.gini, run.customers);
    let best = run
        .classes
        .iter()
        .find(|figures| figures.class == ValueClass::A)
        .cloned();
    let count = best.as_ref().map_or(0, |best| best.customers);
    let shares = best.map(|best| (best.customer_share, best.amount_share));
    view! {
        <KeyFigures>
            <KeyFigure label=label(|v| v.customers) value=Signal::derive(move || format::integer(customers)) />
            <KeyFigure
                label=label(|v| v.total)
                value=Signal::derive(move || format::money_short(total))
                title=Signal::derive(move || format::money(total))
            />
            <KeyFigure
                label=label(|v| v.a_customers)
                value=Signal::derive(move || format::integer(count))
                note=Signal::derive(move || {
                    shares
                        .map(|(customers, amount)| {
                            fill(
                                t().value.a_note,
                                &[
                                    ("customers", &format::percent(customers)),
                                    ("amount", &format::percent(amount)),
                                ],
                            )
                        })
                        .unwrap_or_default()
                })
            />
            <KeyFigure
                label=label(|v| v.gini)
                value=Signal::stored(format!("{gini:.3}"))
                note=label(|v| v.gini_note)
            />
        </KeyFigures>
    }
}
