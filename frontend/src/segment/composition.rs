//! What the members of a segment are like.

use guanxi_domain::customer;
use guanxi_domain::segment::{Composition, CompositionGroup, CompositionPart};
use guanxi_domain::{FieldKind, Lang};
use leptos::prelude::*;

use super::label;
use crate::api;
use crate::format::{self, money_plain};
use crate::i18n::{field_label, lang, t};
use crate::load::Loader;
use crate::session::{Session, use_session};
use crate::ui::{Card, EmptyState, Glyph, RecordSkeleton, with_data};
use crate::value::CsvButton;

/// How many groups a short part shows.
const FEW: usize = 5;

#[component]
pub fn CompositionTab(id: String) -> impl IntoView {
    let path = format!("/segments/{id}/composition");
    let composition = Loader::new(move || api::get(path.clone()).json::<Composition>());
    with_data(
        composition,
        || view! { <RecordSkeleton /> }.into_any(),
        |composition| {
            let total = composition.customers;
            if total == 0 {
                return view! {
                    <div class="panel">
                        <EmptyState glyph=Glyph::ChartPie title=label(|s| s.no_customers) />
                    </div>
                }
                .into_any();
            }
            view! {
                <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-2" data-testid="composition">
                    {composition
                        .parts
                        .into_iter()
                        .map(|part| view! { <PartCard part=part total=total /> })
                        .collect_view()}
                </div>
            }
            .into_any()
        },
    )
}

/// What a value of a field is called.
fn value_label(session: Session, field: &str, value: Option<&str>, lang: Lang) -> String {
    let Some(value) = value else {
        return t().segment.none_value.to_owned();
    };
    match customer::FIELDS.get(field).map(|field| field.kind) {
        Some(FieldKind::Choice(choices)) => choices.label(value, lang).unwrap_or(value).to_owned(),
        Some(FieldKind::Dictionary(name)) => session.dictionary_label(name, value),
        _ => value.to_owned(),
    }
}

#[allow(clippy::cast_precision_loss)] // A share.
fn share(part: i64, total: i64) -> f64 {
    part as f64 / total.max(1) as f64
}

#[component]
fn PartCard(part: CompositionPart, total: i64) -> impl IntoView {
    let session = use_session();
    let kept = StoredValue::new(part.clone());
    let name = StoredValue::new(part.field.clone());
    let title =
        Signal::derive(move || name.with_value(|name| field_label(&customer::FIELDS, name)));
    let rows = move || {
        let words = t().segment;
        let head = vec![
            title.get(),
            words.customers.to_owned(),
            words.share.to_owned(),
            words.sales.to_owned(),
        ];
        let body = kept.with_value(|part| {
            part.groups
                .iter()
                .map(|g| {
                    vec![
                        value_label(session, &part.field, g.value.as_deref(), lang()),
                        g.customers.to_string(),
                        share(g.customers, total).to_string(),
                        money_plain(g.sales),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head).chain(body).collect()
    };
    view! {
        <Card
            title=title
            actions=ViewFn::from(move || view! { <CsvButton file_name="composition" rows=rows /> })
            flush=true
        >
            <div class="p-4">
                <PartRows part=part total=total />
            </div>
        </Card>
    }
}

/// The groups of a part, each with a bar.
#[component]
pub fn PartRows(
    part: CompositionPart,
    total: i64,
    /// Its name and the largest groups only.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let session = use_session();
    let field = StoredValue::new(part.field);
    let few = if short { FEW } else { usize::MAX };
    let row = move |group: CompositionGroup| {
        let CompositionGroup {
            value,
            customers,
            sales,
        } = group;
        let of = share(customers, total);
        let width = format!("{:.2}%", of * 100.0);
        let name =
            move || field.with_value(|field| value_label(session, field, value.as_deref(), lang()));
        let sales = (!short).then(|| {
            view! { <td class="num py-1 pl-3 text-right whitespace-nowrap max-sm:hidden">{move || format::money_short(sales)}</td> }
        });
        view! {
            <tr>
                <th scope="row" class="w-1/3 max-w-0 truncate py-1 pr-3 text-left font-normal">
                    {name}
                </th>
                <td class="w-2/5 py-1">
                    <div class="h-2 min-w-10 overflow-hidden rounded-full bg-base-300/70">
                        <div class="h-full rounded-full bg-primary" style:width=width></div>
                    </div>
                </td>
                <td class="num w-16 py-1 pl-3 text-right">{format::integer(customers)}</td>
                <td class="num muted w-14 py-1 pl-2 text-right text-xs">{format::percent(of)}</td>
                {sales}
            </tr>
        }
    };
    let head = (!short).then(|| {
        view! {
            <thead class="muted text-xs">
                <tr>
                    <th scope="col" class="pb-1 text-left font-normal">{move || t().segment.group}</th>
                    <td></td>
                    <th scope="col" class="pb-1 pl-3 text-right font-normal whitespace-nowrap">{move || t().segment.customers}</th>
                    <th scope="col" class="pb-1 pl-2 text-right font-normal whitespace-nowrap">{move || t().segment.share}</th>
                    <th scope="col" class="pb-1 pl-3 text-right font-normal whitespace-nowrap max-sm:hidden">{move || t().segment.sales}</th>
                </tr>
            </thead>
        }
    });
    view! {
        {short
            .then(|| {
                view! {
                    <p class="mb-1 text-xs font-medium">
                        {move || field.with_value(|name| field_label(&customer::FIELDS, name))}
                    </p>
                }
            })}
        <table class="w-full text-[0.8125rem]">
            {head} <tbody>{part.groups.into_iter().take(few).map(row).collect_view()}</tbody>
        </table>
    }
}
