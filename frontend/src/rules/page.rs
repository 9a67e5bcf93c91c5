use guanxi_domain::Date;
use guanxi_domain::segmentation::rules::{BasketKind, ItemKind, RuleResult, RuleRun};
use leptos::prelude::*;

use super::run_dialog::RuleRunDialog;
use super::scatter::ScatterCard;
use super::table::RulesTable;
use super::{label, ratio, threshold};
use crate::api;
use crate::audit::by_whom;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::runs::{RunBody, RunHead, Runs};
use crate::ui::{EmptyState, Glyph, KeyFigure, KeyFigures, RecordSkeleton, with_data};

/// The newest run that is done, or the one that the address names.
#[component]
pub fn RulesPage() -> impl IntoView {
    let runs = Runs::<RuleRun>::new(&["product", "category"]);
    let button = label(|r| r.run);
    let part = Memo::new(move |_| runs.refusal().is_some_and(|code| code == "whole_company"));
    let content = move || {
        if part.get() {
            view! {
                <div class="panel">
                    <EmptyState glyph=Glyph::Lock title=label(|r| r.part_title) text=label(|r| r.part_text) />
                </div>
            }
            .into_any()
        } else {
            view! {
                <RunBody
                    runs=runs
                    glyph=Glyph::Share
                    none_title=label(|r| r.none_title)
                    none_text=label(|r| r.none_text)
                    button=button
                    body=|id| view! { <Run id=id /> }
                />
            }
            .into_any()
        }
    };
    view! {
        <RunHead runs=runs title=label(|r| r.title) subtitle=label(|r| r.subtitle) button=button />
        {content}
        <RuleRunDialog runs=runs />
    }
}

#[component]
fn Run(id: String) -> impl IntoView {
    let path = format!("/rule-runs/{id}");
    let run = Loader::new(move || api::get(path.clone()).json::<RuleRun>());
    with_data(
        run,
        || view! { <RecordSkeleton /> }.into_any(),
        |run| {
            let Some(result) = run.result.clone() else {
                return ().into_any();
            };
            let body = if let Some(refusal) = result.refusal {
                let text = Signal::derive(move || refusal.label(lang()).to_owned());
                nothing(label(|r| r.refused_title), text)
            } else if result.rules == 0 {
                nothing(label(|r| r.empty_title), label(|r| r.empty_text))
            } else if run.kept {
                view! {
                    <ScatterCard run=run.clone() />
                    <RulesTable run=run.clone() />
                }
                .into_any()
            } else {
                nothing(label(|r| r.forgotten), Signal::default())
            };
            view! {
                <Made run=run.clone() to=result.to from=result.from />
                <Figures run=run result=result />
                <div class="mt-4">{body}</div>
            }
            .into_any()
        },
    )
}

fn nothing(title: Signal<String>, text: Signal<String>) -> AnyView {
    view! {
        <div class="panel">
            <EmptyState glyph=Glyph::Share title=title text=text />
        </div>
    }
    .into_any()
}

/// What the run looked at, when and by whom.
#[component]
fn Made(run: RuleRun, to: Date, from: Option<Date>) -> impl IntoView {
    let window = move || match from {
        Some(from) => fill(
            t().rules.window,
            &[
                ("from", &format::date_short(from)),
                ("to", &format::date_short(to)),
            ],
        ),
        None => fill(t().rules.window_all, &[("to", &format::date_short(to))]),
    };
    let settings = run.settings;
    let (baskets, items) = (settings.baskets, settings.items);
    let thresholds = move || {
        fill(
            t().rules.thresholds,
            &[
                ("support", &threshold(settings.min_support.into())),
                ("confidence", &threshold(settings.min_confidence.into())),
                ("lift", &ratio(settings.min_lift.into())),
            ],
        )
    };
    let (at, by_system, who) = (run.created_at, run.by.is_none(), run.by_name);
    view! {
        <p class="muted mb-3 flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem]">
            <span>{move || format!("{} · {}", items.label(lang()), baskets.label(lang()))}</span>
            <span class="num">{window}</span>
            <span class="num">{thresholds}</span>
            <span class="num">
                {move || fill(t().rules.made, &[("time", &format::time(at)), ("who", &by_whom(by_system, &who, None))])}
            </span>
        </p>
    }
}

#[component]
fn Figures(run: RuleRun, result: RuleResult) -> impl IntoView {
    let integer = |n: i64| Signal::derive(move || format::integer(n));
    let noted = |pick: fn() -> &'static str, n: i64| {
        Signal::derive(move || fill(pick(), &[("n", &format::integer(n))]))
    };
    let baskets = label(match run.settings.baskets {
        BasketKind::Order => |r| r.orders,
        BasketKind::Customer => |r| r.customers,
    });
    let items = label(match run.settings.items {
        ItemKind::Product => |r| r.products,
        ItemKind::Category => |r| r.categories,
    });
    let took = super::part(result.duration_ms, 1e3);
    view! {
        <KeyFigures>
            <KeyFigure
                label=baskets
                value=integer(result.baskets)
                note=noted(|| t().rules.lines_note, result.lines)
            />
            <KeyFigure label=items value=integer(result.items) />
            <KeyFigure
                label=label(|r| r.rules)
                value=integer(result.rules)
                note=noted(|| t().rules.rules_note, result.sets)
            />
            <KeyFigure
                label=label(|r| r.duration)
                value=Signal::derive(move || {
                    fill(t().rules.seconds, &[("n", &format!("{took:.1}"))])
                })
            />
        </KeyFigures>
    }
}
