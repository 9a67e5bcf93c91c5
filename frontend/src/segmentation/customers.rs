//! The customers of a run, filtered by what stands in the address.

use guanxi_domain::Page;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::run::{SCORED_FIELDS, ScoredCustomer, SegmentationRunHead};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::{Value, json};

use super::badges::{ChurnBadge, GroupBadge, LifecycleBadge, SegmentBadge};
use super::label;
use super::segment_dialog::{SegmentDialog, SegmentOf};
use crate::api;
use crate::format::{self, money_plain};
use crate::i18n::{fill, t, t_now};
use crate::nav::{UrlQuery, use_url};
use crate::session::use_session;
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, quick, record_link, use_list, use_toasts,
};
use crate::value::save_csv;

/// The fields of a run that filter lists of customers, too.
const SHARED: [&str; 12] = [
    "rfm_segment",
    "rfm_group",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "lifecycle_stage",
    "churn_level",
    "lifetime_value_min",
    "lifetime_value_max",
    "probability_active_min",
    "probability_active_max",
    "churn_risk_min",
];

fn address(customer: &ScoredCustomer) -> String {
    format!("/customers/{}", customer.customer_id)
}

fn columns() -> Vec<Column<ScoredCustomer>> {
    let score = |score: Option<i32>| score.map_or_else(|| "–".to_owned(), |n| n.to_string());
    vec![
        Column::new(
            "customer",
            || t().segmentation.customer.to_owned(),
            |c: &ScoredCustomer| record_link(address(c), c.name.clone()),
        )
        .clip(),
        Column::field(&SCORED_FIELDS, "rfm_segment", |c: &ScoredCustomer| {
            c.scores
                .rfm_segment
                .map(|segment| view! { <SegmentBadge segment=segment /> })
        }),
        Column::field(&SCORED_FIELDS, "rfm_group", |c: &ScoredCustomer| {
            c.scores
                .rfm_group
                .map(|group| view! { <GroupBadge group=group /> })
        })
        .phone_hidden()
        .extra(),
        Column::new(
            "rfm",
            || t().segmentation.rfm_scores.to_owned(),
            move |c: &ScoredCustomer| {
                let s = &c.scores;
                s.recency_score.map(|_| {
                    let all = [s.recency_score, s.frequency_score, s.monetary_score].map(score);
                    view! { <span class="num whitespace-nowrap">{all.join(" · ")}</span> }
                })
            },
        ),
        Column::field(&SCORED_FIELDS, "lifecycle_stage", |c: &ScoredCustomer| {
            view! { <LifecycleBadge stage=c.scores.lifecycle_stage /> }
        }),
        Column::field(
            &SCORED_FIELDS,
            "probability_active",
            |c: &ScoredCustomer| c.scores.probability_active.map(format::share),
        )
        .right(),
        Column::field(
            &SCORED_FIELDS,
            "expected_purchases",
            |c: &ScoredCustomer| c.scores.expected_purchases.map(format::quantity),
        )
        .right()
        .phone_hidden(),
        Column::field(&SCORED_FIELDS, "lifetime_value", |c: &ScoredCustomer| {
            let value = c.scores.lifetime_value;
            move || value.map(format::money)
        })
        .right(),
        Column::field(&SCORED_FIELDS, "churn_level", |c: &ScoredCustomer| {
            c.scores
                .churn_level
                .map(|level| view! { <ChurnBadge level=level /> })
        }),
        Column::field(&SCORED_FIELDS, "monetary", |c: &ScoredCustomer| {
            let amount = c.scores.monetary;
            move || amount.map(format::money)
        })
        .right()
        .phone_hidden()
        .extra(),
    ]
}

/// What of the address filters the customers. Reactive.
fn filters(url: UrlQuery) -> Vec<(String, String)> {
    url.pairs(&SHARED.map(str::to_owned))
}

/// The same choice as a filter tree. Reactive.
fn rule(url: UrlQuery) -> Value {
    let tests: Vec<_> = filters(url)
        .into_iter()
        .map(|(name, value)| {
            let number = || {
                value
                    .parse::<i64>()
                    .map_or_else(|_| json!(value), Value::from)
            };
            if let Some(field) = name.strip_suffix("_min") {
                json!({ "field": field, "op": "ge", "value": number() })
            } else if let Some(field) = name.strip_suffix("_max") {
                json!({ "field": field, "op": "le", "value": number() })
            } else if name.ends_with("_score") {
                json!({ "field": name, "op": "eq", "value": number() })
            } else {
                let words: Vec<_> = value.split(',').collect();
                json!({ "field": name, "op": "in", "value": words })
            }
        })
        .collect();
    json!({ "and": tests })
}

/// The same choice as a list of customers. Reactive.
fn in_customers(url: UrlQuery) -> String {
    let pairs: Vec<_> = filters(url)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if pairs.is_empty() {
        "/customers".to_owned()
    } else {
        format!("/customers?{}", pairs.join("&"))
    }
}

/// The customers of the cell, segment or stage that is chosen; all without a choice.
#[component]
pub fn Customers(run: SegmentationRunHead, sort: &'static str) -> impl IntoView {
    if !run.scores_kept {
        return view! { <p class="panel muted p-4">{move || t().segmentation.no_scores}</p> }
            .into_any();
    }
    let url = use_url();
    let path = format!("/segmentation-runs/{}/customers", run.id);
    let list = use_list::<ScoredCustomer>(path.clone(), &SCORED_FIELDS);
    let empty = || view! { <EmptyState glyph=Glyph::Users title=label(|s| s.none_here) /> };
    let any = Memo::new(move |_| !filters(url).is_empty());
    let clear = move |_| {
        let none: Vec<_> = SHARED.iter().map(|name| (*name, None)).collect();
        url.set(&none);
    };
    let current = run.current;
    let session = use_session();
    let making = RwSignal::new(false);
    let may_segment =
        move || current && any.get() && session.can(Module::Segments, Operation::Create);
    view! {
        <section>
            <div class="mb-2 flex flex-wrap items-center gap-2">
                <h2 class="flex-1 text-base">{move || t().segmentation.list}</h2>
                <Show when=move || any.get()>
                    <button type="button" class="btn-quiet" data-testid="clear-choice" on:click=clear>
                        <Icon glyph=Glyph::Close />
                        {move || t().segmentation.clear}
                    </button>
                </Show>
                <Show when=may_segment>
                    <button
                        type="button"
                        class="btn-quiet"
                        data-testid="make-segment"
                        on:click=move |_| making.set(true)
                    >
                        <Icon glyph=Glyph::Layers />
                        {move || t().segmentation.make_segment}
                    </button>
                </Show>
                // The fields of customers are those of the current run.
                {current
                    .then(|| {
                        view! {
                            <A href=move || in_customers(url) attr:class="btn-quiet" attr:data-testid="in-customers">
                                <Icon glyph=Glyph::Users />
                                {move || t().segmentation.in_customers}
                            </A>
                        }
                    })}
                <Export path=path sort=sort />
            </div>
            <DataTable list=list columns=columns() href=address empty=empty keyboard=false>
                <FilterBar
                    list=list.state()
                    filters=quick(&[
                        "rfm_segment",
                        "rfm_group",
                        "lifecycle_stage",
                        "churn_level",
                        "lifetime_value",
                        "probability_active",
                    ])
                />
            </DataTable>
            <SegmentDialog open=making of=Signal::derive(move || SegmentOf::Rule(rule(url))) />
        </section>
    }
    .into_any()
}

/// The customers that are chosen, as a file.
#[component]
fn Export(path: String, sort: &'static str) -> impl IntoView {
    let url = use_url();
    let toasts = use_toasts();
    // How many have been read, while they are.
    let busy = RwSignal::new(None::<usize>);
    let path = StoredValue::new(path);
    let save = move |_| {
        let mut pairs = untrack(|| filters(url));
        pairs.extend(url.get_untracked("q").map(|q| ("q".to_owned(), q)));
        let sort = url.get_untracked("sort").unwrap_or_else(|| sort.to_owned());
        pairs.push(("sort".to_owned(), sort));
        busy.set(Some(0));
        spawn_local(async move {
            let saved = match all_of(&path.get_value(), pairs, busy).await {
                Ok(customers) => {
                    save_csv("scores", file_rows(&customers)).map(|()| customers.len())
                }
                Err(error) => Err(error),
            };
            match saved {
                Ok(n) => toasts.done(counted(t_now().segmentation.exported, n)),
                Err(error) => toasts.error(&error),
            }
            busy.try_set(None);
        });
    };
    let text = move || match busy.get() {
        Some(read) => counted(t().segmentation.exporting, read),
        None => t().segmentation.csv.to_owned(),
    };
    view! {
        <button
            type="button"
            class="btn-quiet"
            data-testid="csv-scores"
            disabled=move || busy.get().is_some()
            on:click=save
        >
            <Icon glyph=Glyph::Download />
            {text}
        </button>
    }
}

fn counted(text: &str, n: usize) -> String {
    fill(
        text,
        &[("n", &format::integer(i64::try_from(n).unwrap_or(i64::MAX)))],
    )
}

/// Page after page; `read` tells how many there are so far.
async fn all_of(
    path: &str,
    pairs: Vec<(String, String)>,
    read: RwSignal<Option<usize>>,
) -> Result<Vec<ScoredCustomer>, api::ApiError> {
    let mut all = Vec::new();
    let mut cursor = None::<String>;
    loop {
        let mut call = api::get(path).pairs(pairs.clone()).query("limit", 200);
        if let Some(cursor) = &cursor {
            call = call.query("cursor", cursor);
        }
        let page: Page<ScoredCustomer> = call.json().await?;
        all.extend(page.items);
        read.try_set(Some(all.len()));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn file_rows(customers: &[ScoredCustomer]) -> Vec<Vec<String>> {
    let fields = [
        "rfm_segment",
        "rfm_group",
        "recency_score",
        "frequency_score",
        "monetary_score",
        "recency_days",
        "frequency",
        "monetary",
        "lifecycle_stage",
        "probability_active",
        "expected_purchases",
        "lifetime_value",
        "value_method",
        "churn_risk",
        "churn_level",
    ];
    let lang = crate::i18n::lang_now();
    let name = |name: &&str| {
        SCORED_FIELDS
            .get(name)
            .map_or_else(|| (*name).to_owned(), |field| field.label(lang).to_owned())
    };
    let head = ["code".to_owned(), t_now().segmentation.customer.to_owned()]
        .into_iter()
        .chain(fields.iter().map(name))
        .collect();
    std::iter::once(head)
        .chain(customers.iter().map(file_row))
        .collect()
}

fn file_row(c: &ScoredCustomer) -> Vec<String> {
    let lang = crate::i18n::lang_now();
    let s = &c.scores;
    let number = |n: Option<i32>| n.map(|n| n.to_string()).unwrap_or_default();
    let money = |amount: Option<guanxi_domain::Money>| amount.map(money_plain).unwrap_or_default();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    vec![
        c.code.clone(),
        c.name.clone(),
        text(s.rfm_segment.map(|x| x.label(lang))),
        text(s.rfm_group.map(|x| x.label(lang))),
        number(s.recency_score),
        number(s.frequency_score),
        number(s.monetary_score),
        number(s.recency_days),
        number(s.frequency),
        money(s.monetary),
        s.lifecycle_stage.label(lang).to_owned(),
        s.probability_active
            .map(|p| p.to_string())
            .unwrap_or_default(),
        s.expected_purchases
            .map(|n| n.to_string())
            .unwrap_or_default(),
        money(s.lifetime_value),
        text(s.value_method.map(|x| x.label(lang))),
        s.churn_risk.map(|p| p.to_string()).unwrap_or_default(),
        text(s.churn_level.map(|x| x.label(lang))),
    ]
}
