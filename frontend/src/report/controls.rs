//! What a report asks, as people choose it. Every choice is a step of the address.

use guanxi_domain::report::{
    ReportChart, ReportCompare, ReportDimension, ReportMeasure, ReportPeriod, ReportSort,
};
use leptos::prelude::*;

use super::query::Shown;
use crate::i18n::{ReportTexts, fill, lang, t};
use crate::nav::{UrlQuery, use_url};

/// The numbers of first rows that are offered.
const TOPS: &[i64] = &[5, 10, 20, 50, 100];

/// The word by which the period's choice offers days of one's own.
const DAYS: &str = "days";

type Options = Vec<(String, String)>;

#[derive(Clone, Copy)]
struct Editing {
    shown: Memo<Shown>,
    url: UrlQuery,
}

impl Editing {
    fn change(self, change: impl FnOnce(&mut Shown)) {
        let mut next = self.shown.get_untracked();
        change(&mut next);
        self.url.set(&next.parameters());
    }
}

#[component]
pub fn Controls(shown: Memo<Shown>) -> impl IntoView {
    let editing = Editing {
        shown,
        url: use_url(),
    };
    view! {
        <div class="panel mb-3 space-y-3 p-3" data-testid="controls">
            <div class="grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-3 lg:grid-cols-6">
                {row(editing, 0)} {row(editing, 1)} {column(editing)} {period(editing)} {compare(editing)}
                {chart(editing)}
            </div>
            {move || shown.with(|s| s.query.period.is_none()).then(|| days(editing))}
            <div class="flex flex-wrap items-end gap-x-6 gap-y-2">
                <Measures editing=editing />
                <div class="flex flex-wrap items-end gap-3">{sort(editing)} {top(editing)}</div>
            </div>
        </div>
    }
}

/// A labelled choice; `value` is what stands in it.
fn choice(
    name: &'static str,
    text: fn(&ReportTexts) -> &'static str,
    options: impl Fn() -> Options + Send + Sync + 'static,
    value: impl Fn() -> String + Send + Sync + 'static,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    let value = Memo::new(move |_| value());
    let shown = move || {
        options()
            .into_iter()
            .map(|(word, label)| {
                let selected = value.get() == word;
                view! {
                    <option value=word selected=selected>
                        {label}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <label class="block min-w-0">
            <span class="muted mb-1 block text-xs">{move || text(t().report)}</span>
            <select
                class="select select-sm w-full"
                data-testid=name
                on:change:target=move |event| choose(event.target().value())
            >
                {shown}
            </select>
        </label>
    }
    .into_any()
}

/// All dimensions but those that are taken elsewhere, and none.
fn dimensions(taken: &[ReportDimension]) -> Options {
    let none = (String::new(), t().report.nothing.to_owned());
    let all = ReportDimension::ALL.iter().filter(|d| !taken.contains(d));
    let all = all.map(|d| (d.to_string(), d.label(lang()).to_owned()));
    std::iter::once(none).chain(all).collect()
}

fn row(editing: Editing, at: usize) -> AnyView {
    let shown = editing.shown;
    let own = move || shown.with(|s| s.query.rows.get(at).copied());
    let taken = move || {
        let own = own();
        let all = shown.with(|s| s.query.dimensions().collect::<Vec<_>>());
        all.into_iter()
            .filter(|d| Some(*d) != own)
            .collect::<Vec<_>>()
    };
    let (name, text): (_, fn(&ReportTexts) -> &'static str) = if at == 0 {
        ("row", |r| r.rows)
    } else {
        ("row-then", |r| r.then_by)
    };
    let choose = move |word: String| {
        editing.change(|next| {
            let rows = &mut next.query.rows;
            match (word.parse(), rows.get_mut(at)) {
                (Ok(dimension), Some(place)) => *place = dimension,
                (Ok(dimension), None) => rows.push(dimension),
                (Err(_), Some(_)) => _ = rows.remove(at),
                (Err(_), None) => {}
            }
            if rows.is_empty() {
                next.query.top = None;
            }
        });
    };
    choice(
        name,
        text,
        move || dimensions(&taken()),
        move || own().map(|d| d.to_string()).unwrap_or_default(),
        choose,
    )
}

fn column(editing: Editing) -> AnyView {
    let shown = editing.shown;
    choice(
        "column",
        |r| r.column,
        move || dimensions(&shown.with(|s| s.query.rows.clone())),
        move || {
            let column = shown.with(|s| s.query.column);
            column.map(|d| d.to_string()).unwrap_or_default()
        },
        move |word| editing.change(|next| next.query.column = word.parse().ok()),
    )
}

fn period(editing: Editing) -> AnyView {
    let shown = editing.shown;
    let options = || {
        let words = t().report;
        let mut all: Options = ReportPeriod::ALL
            .iter()
            .map(|p| (p.to_string(), p.label(lang()).to_owned()))
            .collect();
        all.push((DAYS.to_owned(), words.days.to_owned()));
        all
    };
    let value = move || {
        let period = shown.with(|s| s.query.period);
        period.map_or_else(|| DAYS.to_owned(), |p| p.to_string())
    };
    choice(
        "period",
        |r| r.period,
        options,
        value,
        move |word| {
            editing.change(|next| {
                let query = &mut next.query;
                // Days of one's own begin with those of the period that was on.
                let today = guanxi_domain::Timestamp::now().date();
                let range = query.range(today);
                query.period = word.parse().ok();
                (query.from, query.to) = match query.period {
                    Some(_) => (None, None),
                    None => (range.from, range.to),
                };
            });
        },
    )
}

/// The first and last day, where no period is chosen.
fn days(editing: Editing) -> AnyView {
    let day = move |name: &'static str, text: fn(&ReportTexts) -> &'static str, first: bool| {
        let value = move || {
            let query = editing.shown.with(|s| (s.query.from, s.query.to));
            let day = if first { query.0 } else { query.1 };
            day.map(|day| day.to_string()).unwrap_or_default()
        };
        let choose = move |word: String| {
            editing.change(|next| {
                let query = &mut next.query;
                let day = word.parse().ok();
                if first {
                    query.from = day;
                } else {
                    query.to = day;
                }
                if query.from.is_none() || query.to.is_none() {
                    query.compare = None;
                }
            });
        };
        view! {
            <label class="block">
                <span class="muted mb-1 block text-xs">{move || text(t().report)}</span>
                <input
                    type="date"
                    class="input input-sm"
                    data-testid=name
                    prop:value=value
                    on:change:target=move |event| choose(event.target().value())
                />
            </label>
        }
    };
    view! {
        <div class="flex flex-wrap gap-3">
            {day("from", |r| r.from, true)} {day("to", |r| r.to, false)}
        </div>
    }
    .into_any()
}

fn compare(editing: Editing) -> AnyView {
    let shown = editing.shown;
    let options = move || {
        let query = shown.with(|s| s.query.clone());
        let bounded = query.period.is_some() || (query.from.is_some() && query.to.is_some());
        let none = (String::new(), t().report.no_compare.to_owned());
        let all = ReportCompare::ALL.iter().filter(|_| bounded);
        let all = all.map(|c| (c.to_string(), c.label(lang()).to_owned()));
        std::iter::once(none).chain(all).collect()
    };
    choice(
        "compare",
        |r| r.compare,
        options,
        move || {
            let compare = shown.with(|s| s.query.compare);
            compare.map(|c| c.to_string()).unwrap_or_default()
        },
        move |word| editing.change(|next| next.query.compare = word.parse().ok()),
    )
}

fn chart(editing: Editing) -> AnyView {
    let options = || {
        let all = ReportChart::ALL.iter();
        all.map(|c| (c.to_string(), c.label(lang()).to_owned()))
            .collect()
    };
    choice(
        "chart",
        |r| r.chart,
        options,
        move || editing.shown.with(|s| s.chart.to_string()),
        move |word| {
            if let Ok(chart) = word.parse() {
                editing.change(|next| next.chart = chart);
            }
        },
    )
}

fn sort(editing: Editing) -> AnyView {
    let shown = editing.shown;
    let options = move || {
        let words = t().report;
        let none = (String::new(), words.sort_natural.to_owned());
        let by = |(sign, text): (&'static str, &'static str)| {
            ReportMeasure::ALL.iter().map(move |m| {
                (
                    format!("{sign}{m}"),
                    format!("{} · {text}", m.label(lang())),
                )
            })
        };
        let all = [("-", words.descending), ("", words.ascending)];
        std::iter::once(none)
            .chain(all.into_iter().flat_map(by))
            .collect()
    };
    let value = move || {
        let sort = shown.with(|s| s.query.order());
        sort.map(|sort| format!("{}{}", if sort.descending { "-" } else { "" }, sort.measure))
            .unwrap_or_default()
    };
    choice(
        "sort",
        |r| r.sort,
        options,
        value,
        move |word| {
            editing.change(|next| {
                let measure = word.strip_prefix('-');
                next.query.sort = measure
                    .unwrap_or(&word)
                    .parse()
                    .ok()
                    .map(|found| ReportSort {
                        measure: found,
                        descending: measure.is_some(),
                    });
                // The first rows are first by something.
                if next.query.sort.is_none() {
                    next.query.top = None;
                }
            });
        },
    )
}

fn top(editing: Editing) -> AnyView {
    let shown = editing.shown;
    let options = move || {
        let words = t().report;
        let none = (String::new(), words.top_all.to_owned());
        let rows = shown.with(|s| !s.query.rows.is_empty());
        let own = shown.with(|s| s.query.top);
        let mut numbers: Vec<i64> = TOPS.iter().copied().filter(|_| rows).chain(own).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let all = numbers.into_iter();
        let all = all.map(|n| (n.to_string(), fill(words.top_n, &[("n", &n.to_string())])));
        std::iter::once(none).chain(all).collect()
    };
    choice(
        "top",
        |r| r.top,
        options,
        move || {
            let top = shown.with(|s| s.query.top);
            top.map(|n| n.to_string()).unwrap_or_default()
        },
        move |word| editing.change(|next| next.query.top = word.parse().ok()),
    )
}

/// The measures as buttons that are on or off; the first one is drawn.
#[component]
fn Measures(editing: Editing) -> impl IntoView {
    let shown = editing.shown;
    let button = move |measure: ReportMeasure| {
        let on = move || shown.with(|s| s.query.measures.contains(&measure));
        let turn = move |_| {
            editing.change(|next| {
                let measures = &mut next.query.measures;
                match measures.iter().position(|m| *m == measure) {
                    // One stays.
                    Some(at) if measures.len() > 1 => _ = measures.remove(at),
                    Some(_) => {}
                    None => measures.push(measure),
                }
            });
        };
        view! {
            <button
                type="button"
                class="btn btn-sm border-base-300 bg-base-100 px-2.5 font-normal shadow-none"
                class=(["border-primary/60", "text-primary", "font-medium"], on)
                aria-pressed=move || on().to_string()
                data-testid=format!("measure-{measure}")
                on:click=turn
            >
                {move || measure.label(lang())}
            </button>
        }
    };
    view! {
        <fieldset class="min-w-0">
            <legend class="muted mb-1 text-xs">{move || t().report.measures}</legend>
            <div class="flex flex-wrap gap-1.5">
                {ReportMeasure::ALL.iter().copied().map(button).collect_view()}
            </div>
        </fieldset>
    }
}
