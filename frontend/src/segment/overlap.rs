//! What a segment has in common with another one.

use guanxi_domain::segment::{Overlap, OverlapPart, Segment};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{customers_by, label};
use crate::api;
use crate::format;
use crate::i18n::{fill, t};
use crate::load::Loader;
use crate::nav::use_url;
use crate::ui::{Card, EmptyState, Glyph, Icon, RecordSkeleton, with_data};
use crate::value::CsvButton;

#[component]
pub fn OverlapTab(id: String, name: String) -> impl IntoView {
    let url = use_url();
    let others = Loader::new(|| api::get("/segments").query("limit", 200).items::<Segment>());
    let chosen = Memo::new(move |_| url.get("with"));
    let own = StoredValue::new(id.clone());
    let name = StoredValue::new(name);
    let other_name = Memo::new(move |_| {
        let id = chosen.get()?;
        let all = others.data()?;
        let found = all.into_iter().find(|s| s.id.as_str() == id)?;
        Some(found.input.name)
    });
    let options = move || {
        let all = others.data().unwrap_or_default();
        all.into_iter()
            .filter(|s| own.with_value(|own| s.id.as_str() != own))
            .map(|s| {
                let id = s.id.to_string();
                let selected = chosen.get_untracked().as_deref() == Some(id.as_str());
                view! {
                    <option value=id selected=selected>
                        {s.input.name}
                    </option>
                }
            })
            .collect_view()
    };
    let body = move || match chosen.get() {
        None => view! {
            <EmptyState
                glyph=Glyph::Layers
                title=label(|s| s.overlap_with)
                text=label(|s| s.overlap_choose)
            />
        }
        .into_any(),
        Some(with) => {
            let path = own.with_value(|own| format!("/segments/{own}/overlap"));
            let overlap = Loader::new(move || {
                api::get(path.clone())
                    .query("with", &with)
                    .json::<Overlap>()
            });
            let other = Signal::derive(move || other_name.get().unwrap_or_default());
            with_data(
                overlap,
                || view! { <RecordSkeleton /> }.into_any(),
                move |overlap| view! { <Parts overlap=overlap name=name.get_value() other=other /> },
            )
            .into_any()
        }
    };
    view! {
        <Card title=label(|s| s.overlap_with) text=label(|s| s.overlap_text)>
            <select
                class="select select-sm mb-4 max-w-md"
                aria-label=move || t().segment.overlap_with
                data-testid="overlap-with"
                on:change:target=move |event| {
                    let id = event.target().value();
                    url.set(&[("with", (!id.is_empty()).then_some(id))]);
                }
            >
                <option value="">{move || t().common.choose}</option>
                {options}
            </select>
            {body}
        </Card>
    }
}

#[component]
fn Parts(overlap: Overlap, name: String, other: Signal<String>) -> impl IntoView {
    let name = StoredValue::new(name);
    let only_this = Signal::derive(move || fill(t().segment.only, &[("name", &name.get_value())]));
    let only_other = Signal::derive(move || fill(t().segment.only, &[("name", &other.get())]));
    let parts: [(&str, OverlapPart, Signal<String>, &str); 3] = [
        ("only-this", overlap.only_this, only_this, "bg-primary"),
        ("both", overlap.both, label(|s| s.both), "bg-success"),
        ("only-other", overlap.only_other, only_other, "bg-warning"),
    ];
    let total: i64 = parts.iter().map(|(_, part, ..)| part.customers).sum();
    #[allow(clippy::cast_precision_loss)] // A share.
    let share = move |customers: i64| customers as f64 / total.max(1) as f64;
    let figures: Vec<(Signal<String>, i64)> = parts
        .iter()
        .map(|(_, part, label, _)| (*label, part.customers))
        .collect();
    let figures = StoredValue::new(figures);
    let rows = move || {
        let words = t().segment;
        let head = vec![
            words.group.to_owned(),
            words.customers.to_owned(),
            words.share.to_owned(),
        ];
        let body = figures.with_value(|all| {
            all.iter()
                .map(|(label, customers)| {
                    vec![
                        label.get(),
                        customers.to_string(),
                        share(*customers).to_string(),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head).chain(body).collect()
    };
    let bar = parts
        .iter()
        .map(|(_, part, label, fill)| {
            let (label, width) = (*label, format!("{:.2}%", share(part.customers) * 100.0));
            view! { <div class=format!("h-full {fill}") style:width=width title=move || label.get()></div> }
        })
        .collect_view();
    let list = parts
        .into_iter()
        .map(|(key, part, label, fill)| {
            let customers = part.customers;
            view! {
                <tr>
                    <th scope="row" class="py-2 text-left font-normal">
                        <span class="flex items-center gap-2">
                            <span class=format!("size-2.5 shrink-0 rounded-full {fill}")></span>
                            {move || label.get()}
                        </span>
                    </th>
                    <td class="num py-2 text-right font-semibold" data-testid=format!("overlap-{key}")>
                        {format::integer(customers)}
                    </td>
                    <td class="num muted py-2 pl-3 text-right text-xs">{format::percent(share(customers))}</td>
                    <td class="py-2 pl-4 text-right">
                        <A
                            href=customers_by(&part.filter)
                            attr:class="inline-flex items-center gap-1 text-primary hover:underline"
                            attr:data-testid=format!("list-{key}")
                        >
                            <Icon glyph=Glyph::External class="size-3.5" />
                            <span class="max-sm:sr-only">{move || t().segment.list_them}</span>
                        </A>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="mb-3 flex h-5 gap-px overflow-hidden rounded-field bg-base-300" aria-hidden="true">{bar}</div>
        <table class="w-full text-[0.8125rem]">
            <tbody class="divide-y divide-base-300">{list}</tbody>
        </table>
        <div class="mt-2 flex justify-end">
            <CsvButton file_name="overlap" rows=rows />
        </div>
    }
}
