use guanxi_domain::value::{RANKED_FIELDS, RankedCustomer, ValueClass};
use guanxi_domain::{Money, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::csv::save_csv;
use super::label;
use crate::api;
use crate::customer::ValueBadge;
use crate::format::{self, money_plain};
use crate::i18n::{ValueTexts, fill, lang, t, t_now};
use crate::nav::use_url;
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, quick, record_link, use_list, use_toasts,
};

fn columns() -> Vec<Column<RankedCustomer>> {
    let text = |pick: fn(&ValueTexts) -> &'static str| move || pick(t().value).to_owned();
    vec![
        Column::new("customer", text(|v| v.customer), |c: &RankedCustomer| {
            record_link(format!("/customers/{}", c.customer_id), c.name.clone())
        })
        .clip(),
        Column::field(&RANKED_FIELDS, "rank", |c: &RankedCustomer| {
            format::integer(c.rank)
        })
        .right(),
        Column::field(&RANKED_FIELDS, "class", |c: &RankedCustomer| {
            view! { <ValueBadge class=c.class /> }
        }),
        Column::new("before", text(|v| v.before), |c: &RankedCustomer| {
            let (before, now) = (c.previous_class, c.class);
            before.map(|before| {
                let glyph = match now.cmp(&before) {
                    std::cmp::Ordering::Less => Some((Glyph::ArrowUp, "text-success")),
                    std::cmp::Ordering::Greater => Some((Glyph::ArrowDown, "text-error")),
                    std::cmp::Ordering::Equal => None,
                };
                view! {
                    <span class="inline-flex items-center gap-1">
                        <ValueBadge class=before />
                        {glyph
                            .map(|(glyph, ink)| {
                                view! {
                                    <span class=ink>
                                        <Icon glyph=glyph class="size-3.5" />
                                    </span>
                                }
                            })}
                    </span>
                }
            })
        }),
        Column::field(&RANKED_FIELDS, "level", |c: &RankedCustomer| {
            let level = c.level;
            move || level.label(lang())
        })
        .phone_hidden()
        .extra(),
        Column::field(&RANKED_FIELDS, "amount", |c: &RankedCustomer| {
            let amount = c.amount;
            let ink = if amount.0 < 0 { "text-error" } else { "" };
            view! { <span class=ink>{move || format::money(amount)}</span> }
        })
        .right(),
        Column::new(
            "cumulative",
            text(|v| v.cumulative),
            |c: &RankedCustomer| format::percent(c.cumulative_share),
        )
        .right(),
    ]
}

/// The customers of a run, ranked; the class chosen stands in the address.
#[component]
pub fn Ranking(run_id: String) -> impl IntoView {
    let path = format!("/value-runs/{run_id}/customers");
    let list = use_list::<RankedCustomer>(path.clone(), &RANKED_FIELDS);
    let empty = || {
        view! { <EmptyState glyph=Glyph::Users title=label(|v| v.not_better) /> }
    };
    view! {
        <section>
            <div class="mb-2 flex flex-wrap items-center gap-2">
                <h2 class="flex-1 text-base">{move || t().value.top}</h2>
                <ClassChips />
                <ExportRanking path=path />
            </div>
            <DataTable
                list=list
                columns=columns()
                href=|c: &RankedCustomer| format!("/customers/{}", c.customer_id)
                empty=empty
                keyboard=false
            >
                <FilterBar
                    list=list.state()
                    filters=quick(&["level", "amount", "rank"])
                    no_search=true
                />
            </DataTable>
        </section>
    }
}

/// All, A, B or C.
#[component]
pub fn ClassChips() -> impl IntoView {
    let url = use_url();
    let chip = move |class: Option<ValueClass>| {
        let word = class.map(ValueClass::as_str);
        let chosen = move || url.get("class").as_deref() == word;
        view! {
            <button
                type="button"
                class="cursor-pointer rounded-full px-3 py-1 text-[0.8125rem] font-medium"
                class=(["bg-primary", "text-primary-content"], chosen)
                class=(["muted", "hover:bg-base-300/60"], move || !chosen())
                aria-pressed=move || chosen().to_string()
                data-testid=format!("ranking-{}", word.unwrap_or("all"))
                on:click=move |_| url.set(&[("class", word.map(str::to_owned))])
            >
                {move || class.map_or(t().value.of_class_all, |class| class.label(lang()))}
            </button>
        }
    };
    view! {
        <div class="flex gap-1" role="group" aria-label=move || t().value.class>
            {chip(None)}
            {ValueClass::ALL.iter().map(|class| chip(Some(*class))).collect_view()}
        </div>
    }
}

/// The ranking, or the chosen class of it, as a file.
#[component]
fn ExportRanking(path: String) -> impl IntoView {
    let url = use_url();
    let toasts = use_toasts();
    // How many have been read, while they are.
    let busy = RwSignal::new(None::<usize>);
    let path = StoredValue::new(path);
    let save = move |_| {
        let class = url.get_untracked("class");
        busy.set(Some(0));
        spawn_local(async move {
            let saved = match all_of(&path.get_value(), class, busy).await {
                Ok(customers) => {
                    save_csv("ranking", file_rows(&customers)).map(|()| customers.len())
                }
                Err(error) => Err(error),
            };
            match saved {
                Ok(customers) => toasts.done(exported(t_now().value.exported, customers)),
                Err(error) => toasts.error(&error),
            }
            busy.try_set(None);
        });
    };
    let text = move || match busy.get() {
        Some(read) => exported(t().value.exporting, read),
        None => t().value.csv.to_owned(),
    };
    view! {
        <button
            type="button"
            class="btn-quiet"
            data-testid="csv-ranking"
            disabled=move || busy.get().is_some()
            on:click=save
        >
            <Icon glyph=Glyph::Download />
            {text}
        </button>
    }
}

fn exported(text: &str, customers: usize) -> String {
    let customers = i64::try_from(customers).unwrap_or(i64::MAX);
    fill(text, &[("n", &format::integer(customers))])
}

/// Page after page; `read` tells how many there are so far.
async fn all_of(
    path: &str,
    class: Option<String>,
    read: RwSignal<Option<usize>>,
) -> Result<Vec<RankedCustomer>, api::ApiError> {
    let mut all = Vec::new();
    let mut cursor = None::<String>;
    loop {
        let mut call = api::get(path).query("limit", 200);
        if let Some(class) = &class {
            call = call.query("class", class);
        }
        if let Some(cursor) = &cursor {
            call = call.query("cursor", cursor);
        }
        let page: Page<RankedCustomer> = call.json().await?;
        all.extend(page.items);
        read.try_set(Some(all.len()));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn file_rows(customers: &[RankedCustomer]) -> Vec<Vec<String>> {
    let v = t_now().value;
    let head = [
        v.rank,
        "code",
        v.customer,
        v.class,
        v.before,
        v.level,
        v.amount,
        v.cumulative,
    ];
    let word =
        |class: Option<ValueClass>| class.map(ValueClass::as_str).unwrap_or_default().to_owned();
    let amount = |amount: Money| money_plain(amount);
    std::iter::once(head.map(str::to_owned).to_vec())
        .chain(customers.iter().map(|c| {
            vec![
                c.rank.to_string(),
                c.code.clone(),
                c.name.clone(),
                word(Some(c.class)),
                word(c.previous_class),
                c.level.to_string(),
                amount(c.amount),
                c.cumulative_share.to_string(),
            ]
        }))
        .collect()
}
