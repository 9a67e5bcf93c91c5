use guanxi_domain::Date;
use guanxi_domain::value::{ValueClass, ValueRun, ValueRunHead};
use leptos::prelude::*;

use super::curve::CurveCard;
use super::movements::MovementsCard;
use super::products::Products;
use super::ranking::Ranking;
use super::run_dialog::ValueRunDialog;
use super::shares::{ClassesCard, PyramidCard};
use super::{Subject, label};
use crate::api;
use crate::audit::by_whom;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::runs::{RunBody, RunHead, Runs};
use crate::ui::{
    EmptyState, Glyph, KeyFigure, KeyFigures, RecordSkeleton, TabItem, Tabs, use_tab, with_data,
};

/// The newest run, or the one that the address names.
#[component]
pub fn ValuePage() -> impl IntoView {
    let runs = Runs::<ValueRunHead>::new(&["class"]);
    let button = label(|v| v.run);
    let tab = use_tab(&["customers", "products"]);
    let tabs = vec![
        TabItem::new("customers", || t().value.tab_customers.to_owned()),
        TabItem::new("products", || t().value.tab_products.to_owned()),
    ];
    let of_runs = move || {
        view! {
            <RunBody
                runs=runs
                glyph=Glyph::Pyramid
                none_title=label(|v| v.none_title)
                none_text=label(|v| v.none_text)
                button=button
                body=|id| view! { <Run id=id /> }
            />
        }
        .into_any()
    };
    view! {
        <RunHead
            runs=runs
            title=label(|v| v.title)
            subtitle=label(|v| v.subtitle)
            button=button
            when=Signal::derive(move || tab.get() == "customers")
        />
        <Tabs items=tabs current=tab />
        <div class="mt-4">
            {move || match tab.get() {
                "products" => view! { <Products /> }.into_any(),
                _ => of_runs(),
            }}
        </div>
        <ValueRunDialog runs=runs />
    }
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
    let (from, to, at) = (run.from, run.to, run.created_at);
    let (by_system, who) = (run.by.is_none(), run.by_name);
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
                {move || fill(t().value.made, &[("time", &format::time(at)), ("who", &by_whom(by_system, &who, None))])}
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
