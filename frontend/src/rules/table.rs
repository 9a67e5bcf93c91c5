use guanxi_domain::Page;
use guanxi_domain::segmentation::rules::{
    BasketKind, ItemKind, KeptRule, RULE_FIELDS, RuleItem, RuleRun,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{label, name_of, part, ratio, said, share};
use crate::api;
use crate::format;
use crate::i18n::{field_label, fill, t, t_now};
use crate::nav::{UrlQuery, use_url};
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, quick, use_list, use_toasts,
};
use crate::value::save_csv;

fn columns(baskets: BasketKind) -> Vec<Column<KeptRule>> {
    let figure = |name: &'static str, read: fn(&KeptRule) -> String| {
        Column::field(&RULE_FIELDS, name, move |rule: &KeptRule| read(rule)).right()
    };
    vec![
        Column::new("rule", || t().rules.rule.to_owned(), move |rule: &KeptRule| {
            let rule = rule.clone();
            let said = move || said(&rule, baskets);
            view! { <span class="block min-w-56 whitespace-normal">{said}</span> }
        }),
        Column::field(&RULE_FIELDS, "confidence", |rule: &KeptRule| {
            let confidence = rule.facts.confidence;
            let width = format!("{:.2}%", part(confidence, 1e4).clamp(0.0, 100.0));
            view! {
                <div class="flex items-center justify-end gap-2">
                    <div class="h-1.5 w-14 overflow-hidden rounded-full bg-base-300/70 max-sm:hidden">
                        <div class="h-full rounded-full bg-primary" style:width=width></div>
                    </div>
                    <span>{move || share(confidence)}</span>
                </div>
            }
        })
        .right(),
        figure("lift", |rule| ratio(rule.facts.lift)),
        figure("support", |rule| share(rule.facts.support)).phone_hidden(),
        Column::field(&RULE_FIELDS, "conviction", |rule: &KeptRule| {
            let conviction = rule.facts.conviction;
            move || conviction.map_or_else(|| t().rules.never_failed.to_owned(), ratio)
        })
        .right()
        .phone_hidden(),
        figure("both_sides", |rule| format::integer(rule.facts.both_sides)).phone_hidden(),
        figure("item_count", |rule| rule.item_count.to_string()).phone_hidden().extra(),
    ]
}

/// The rules of a run; what they are filtered by stands in the address.
#[component]
pub fn RulesTable(run: RuleRun) -> impl IntoView {
    let path = format!("/rule-runs/{}/rules", run.id);
    let list = use_list::<KeptRule>(path.clone(), &RULE_FIELDS);
    for name in ["support", "confidence"] {
        list.state().set_format(name, share);
    }
    for name in ["lift", "conviction"] {
        list.state().set_format(name, ratio);
    }
    let item = match run.settings.items {
        ItemKind::Product => "product",
        ItemKind::Category => "category",
    };
    let empty = || view! { <EmptyState glyph=Glyph::Share title=label(|r| r.none_match) /> };
    view! {
        <section class="mt-4">
            <div class="mb-2 flex flex-wrap items-center gap-2">
                <h2 class="flex-1 text-base">{move || t().rules.table}</h2>
                <AtLeast name="confidence" choices=&[300_000, 500_000, 700_000, 900_000] read=share any=|| t().rules.at_least_confidence />
                <AtLeast name="lift" choices=&[1_200, 1_500, 2_000, 3_000, 5_000] read=ratio any=|| t().rules.at_least_lift />
                <ExportRules path=path />
            </div>
            <DataTable
                list=list
                columns=columns(run.settings.baskets)
                empty=empty
                keyboard=false
            >
                <FilterBar list=list.state() filters=quick(&[item]) no_search=true />
            </DataTable>
        </section>
    }
}

/// The least value of a measure, in the address.
#[component]
fn AtLeast(
    name: &'static str,
    choices: &'static [i64],
    read: fn(i64) -> String,
    any: fn() -> &'static str,
) -> impl IntoView {
    let url = use_url();
    let parameter = StoredValue::new(format!("{name}_min"));
    let now = move || {
        parameter
            .with_value(|name| url.get(name))
            .unwrap_or_default()
    };
    let option = move |value: i64| {
        let text = move || {
            let measure = field_label(&RULE_FIELDS, name);
            fill(
                t().rules.at_least,
                &[("name", &measure), ("value", &read(value))],
            )
        };
        let word = value.to_string();
        let chosen = word.clone();
        view! {
            <option value=word selected=move || now() == chosen>
                {text}
            </option>
        }
    };
    view! {
        <select
            class="select select-sm w-auto!"
            aria-label=move || field_label(&RULE_FIELDS, name)
            data-testid=format!("least-{name}")
            on:change:target=move |event| {
                let value = Some(event.target().value()).filter(|value| !value.is_empty());
                parameter.with_value(|name| url.set(&[(name, value)]));
            }
        >
            <option value="" selected=move || now().is_empty()>
                {any}
            </option>
            {choices.iter().map(|value| option(*value)).collect_view()}
        </select>
    }
}

/// The rules as they are filtered, as a file.
#[component]
fn ExportRules(path: String) -> impl IntoView {
    let url = use_url();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let path = StoredValue::new(path);
    let save = move |_| {
        busy.set(true);
        spawn_local(async move {
            let saved = match all_of(&path.get_value(), url).await {
                Ok(rules) => save_csv("product-rules", file_rows(&rules)),
                Err(error) => Err(error),
            };
            if let Err(error) = saved {
                toasts.error(&error);
            }
            busy.try_set(false);
        });
    };
    view! {
        <button
            type="button"
            class="btn-quiet"
            data-testid="csv-rules"
            disabled=move || busy.get()
            on:click=save
        >
            <Icon glyph=Glyph::Download />
            {move || t().value.csv}
        </button>
    }
}

/// Page after page of what the address asks for.
async fn all_of(path: &str, url: UrlQuery) -> Result<Vec<KeptRule>, api::ApiError> {
    let filters = ["product", "category", "confidence_min", "lift_min", "sort"];
    let filters: Vec<(&str, String)> = filters
        .into_iter()
        .filter_map(|name| Some((name, url.get_untracked(name)?)))
        .collect();
    let mut all = Vec::new();
    let mut cursor = None::<String>;
    loop {
        let mut call = api::get(path).query("limit", 200);
        for (name, value) in &filters {
            call = call.query(name, value);
        }
        if let Some(cursor) = &cursor {
            call = call.query("cursor", cursor);
        }
        let page: Page<KeptRule> = call.json().await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn file_rows(rules: &[KeptRule]) -> Vec<Vec<String>> {
    let words = t_now().rules;
    let field = |name| field_label(&RULE_FIELDS, name);
    let head = vec![
        words.csv_left.to_owned(),
        words.csv_right.to_owned(),
        field("support"),
        field("confidence"),
        field("lift"),
        field("conviction"),
        field("both_sides"),
        words.csv_with_left.to_owned(),
        words.csv_with_right.to_owned(),
        words.csv_all.to_owned(),
    ];
    let side = |items: &[RuleItem]| {
        let named: Vec<String> = items
            .iter()
            .map(|item| match &item.sku {
                Some(sku) => format!("{sku} {}", name_of(item)),
                None => name_of(item),
            })
            .collect();
        named.join(" + ")
    };
    std::iter::once(head)
        .chain(rules.iter().map(|rule| {
            let facts = rule.facts;
            vec![
                side(&rule.antecedent),
                side(&rule.consequent),
                part(facts.support, 1e6).to_string(),
                part(facts.confidence, 1e6).to_string(),
                part(facts.lift, 1e3).to_string(),
                facts
                    .conviction
                    .map(|conviction| part(conviction, 1e3).to_string())
                    .unwrap_or_default(),
                facts.both_sides.to_string(),
                facts.with_antecedent.to_string(),
                facts.with_consequent.to_string(),
                facts.baskets.to_string(),
            ]
        }))
        .collect()
}
