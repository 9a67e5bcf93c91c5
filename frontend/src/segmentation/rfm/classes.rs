use guanxi_domain::segmentation::rfm::{RfmGroup, RfmSegment};
use guanxi_domain::segmentation::run::{RfmClass, RfmFigures, SegmentationRun};
use guanxi_domain::{Date, Lang, Money, SegmentationRunId};
use leptos::prelude::*;

use crate::api;
use crate::format::{self, money_plain};
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::segmentation::badges::{group_tone, segment_tone};
use crate::segmentation::label;
use crate::segmentation::parts::{Choice, bar, change};
use crate::ui::{Badge, Card, Tone};
use crate::value::CsvButton;

const SEGMENTS: &str = "segments";
const GROUPS: &str = "groups";

/// A group or a segment as the table has it.
#[derive(Clone, PartialEq)]
struct Line {
    word: &'static str,
    zh: &'static str,
    en: &'static str,
    tone: Tone,
    customers: i64,
    customer_share: f64,
    sales: Money,
    sales_share: f64,
    value: Money,
    action_zh: String,
    action_en: String,
}

impl Line {
    fn new<C>(of: &RfmClass<C>, word: &'static str, name: [&'static str; 2], tone: Tone) -> Self {
        let [zh, en] = name;
        Self {
            word,
            zh,
            en,
            tone,
            customers: of.customers,
            customer_share: of.customer_share,
            sales: of.sales,
            sales_share: of.sales_share,
            value: of.value,
            action_zh: of.action_zh.clone(),
            action_en: of.action_en.clone(),
        }
    }

    /// What to do with them. Reactive.
    fn action(&self) -> String {
        lang()
            .pick(self.action_zh.as_str(), self.action_en.as_str())
            .to_owned()
    }

    fn of_segment(of: &RfmClass<RfmSegment>) -> Self {
        let class = of.class;
        let name = [Lang::Zh, Lang::En].map(|lang| class.label(lang));
        Self::new(of, class.as_str(), name, segment_tone(class))
    }

    fn of_group(of: &RfmClass<RfmGroup>) -> Self {
        let class = of.class;
        let name = [Lang::Zh, Lang::En].map(|lang| class.label(lang));
        Self::new(of, class.as_str(), name, group_tone(class))
    }
}

/// Segments or groups of a run.
fn lines(figures: &RfmFigures, which: &str) -> Vec<Line> {
    if which == GROUPS {
        figures.groups.iter().map(Line::of_group).collect()
    } else {
        figures.segments.iter().map(Line::of_segment).collect()
    }
}

/// The eleven segments or the eight groups, what they bring and what to do with them.
#[component]
pub fn ClassesCard(figures: RfmFigures, previous: Option<SegmentationRunId>) -> impl IntoView {
    let url = use_url();
    let which = Signal::derive(move || {
        if url.get("by").as_deref() == Some(GROUPS) {
            GROUPS
        } else {
            SEGMENTS
        }
    });
    let choose = Callback::new(move |word: &'static str| {
        url.set(&[
            ("by", (word == GROUPS).then(|| word.to_owned())),
            ("rfm_segment", None),
            ("rfm_group", None),
        ]);
    });
    let figures = StoredValue::new(figures);
    let before = RwSignal::new(None::<(Date, RfmFigures)>);
    if let Some(id) = previous {
        load_before(id, before);
    }
    let now = move || figures.with_value(|figures| lines(figures, which.get()));
    let old = Memo::new(move |_| {
        before.with(|before| {
            before
                .as_ref()
                .map(|(_, figures)| lines(figures, which.get()))
        })
    });
    let customers_before = move |word: &str| {
        old.with(|old| {
            let old = old.as_ref()?;
            old.iter().find(|l| l.word == word).map(|l| l.customers)
        })
    };
    let file = move || {
        let s = t().segmentation;
        let head = [
            s.class,
            s.customers,
            s.change,
            s.customer_share,
            s.sales,
            s.sales_share,
            s.value,
            s.action,
        ];
        let body = now().into_iter().map(|l| {
            let change = customers_before(l.word).map(|before| l.customers - before);
            vec![
                lang().pick(l.zh, l.en).to_owned(),
                l.customers.to_string(),
                change.map(|by| by.to_string()).unwrap_or_default(),
                l.customer_share.to_string(),
                money_plain(l.sales),
                l.sales_share.to_string(),
                money_plain(l.value),
                l.action(),
            ]
        });
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(body)
            .collect()
    };
    let against = move || {
        before.with(|before| {
            before
                .as_ref()
                .map(|(day, _)| {
                    let date = format::date_short(*day);
                    fill(t().segmentation.change_from, &[("date", &date)])
                })
                .unwrap_or_default()
        })
    };
    let body = move || {
        now()
            .into_iter()
            .map(|line| {
                let before = customers_before(line.word);
                row(line, before, which.get())
            })
            .collect_view()
    };
    let options = vec![
        (SEGMENTS, label(|s| s.segments)),
        (GROUPS, label(|s| s.groups)),
    ];
    view! {
        <Card
            title=label(|s| s.classes)
            text=Signal::derive(against)
            actions=ViewFn::from(move || {
                view! {
                    <Choice options=options.clone() chosen=which on_choose=choose label=label(|s| s.classes) />
                    <CsvButton file_name="rfm-groups" rows=file />
                }
            })
            flush=true
        >
            <div class="overflow-x-auto">
                <table class="grid-table cards" data-testid="rfm-classes">
                    <thead>
                        <tr>
                            <th scope="col">{move || t().segmentation.class}</th>
                            <th scope="col" class="right">
                                {move || t().segmentation.customers}
                            </th>
                            <th scope="col" class="right">
                                {move || t().segmentation.change}
                            </th>
                            <th scope="col">{move || t().segmentation.customer_share}</th>
                            <th scope="col" class="right">
                                {move || t().segmentation.sales}
                            </th>
                            <th scope="col">{move || t().segmentation.sales_share}</th>
                            <th scope="col">{move || t().segmentation.action}</th>
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </Card>
    }
}

/// The figures of the run before; without them nothing is said of changes.
fn load_before(id: SegmentationRunId, before: RwSignal<Option<(Date, RfmFigures)>>) {
    let path = format!("/segmentation-runs/{id}");
    let run = Loader::new(move || api::get(path.clone()).json::<SegmentationRun>());
    Effect::new(move |_| {
        if let Some(run) = run.data()
            && let Some(figures) = run.figures
        {
            before.set(Some((run.head.as_of, figures.rfm)));
        }
    });
}

fn row(line: Line, before: Option<i64>, which: &'static str) -> impl IntoView {
    let url = use_url();
    let field = if which == GROUPS {
        "rfm_group"
    } else {
        "rfm_segment"
    };
    let (word, zh, en, sales) = (line.word, line.zh, line.en, line.sales);
    let chosen = Signal::derive(move || url.get(field).as_deref() == Some(word));
    let choose = move |_| {
        url.set(&[
            (field, (!chosen.get_untracked()).then(|| word.to_owned())),
            ("recency_score", None),
            ("frequency_score", None),
        ]);
    };
    let (customer_share, sales_share, customers, tone) = (
        line.customer_share,
        line.sales_share,
        line.customers,
        line.tone,
    );
    let action = move || line.action();
    view! {
        <tr class=("active", move || chosen.get()) data-testid=format!("class-{word}")>
            <td class="sm:min-w-0!">
                <button
                    type="button"
                    class="cursor-pointer rounded-full hover:brightness-95"
                    aria-pressed=move || chosen.get().to_string()
                    on:click=choose
                >
                    <Badge tone=tone text=Signal::derive(move || lang().pick(zh, en).to_owned()) />
                </button>
            </td>
            <td class="right" data-label=move || t().segmentation.customers>
                {format::integer(customers)}
            </td>
            <td class="right" data-label=move || t().segmentation.change>
                {change(customers, before)}
            </td>
            <td data-label=move || t().segmentation.customer_share>
                {bar(customer_share, "bg-base-content/30")}
            </td>
            <td class="right" data-label=move || t().segmentation.sales>
                {move || format::money(sales)}
            </td>
            <td data-label=move || t().segmentation.sales_share>{bar(sales_share, "bg-primary")}</td>
            <td class="wrap text-[0.8125rem] sm:min-w-64" data-label=move || t().segmentation.action>
                {action}
            </td>
        </tr>
    }
}
