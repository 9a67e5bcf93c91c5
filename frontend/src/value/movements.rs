use guanxi_domain::value::{Movement, ValueClass, ValueRun};
use leptos::prelude::*;

use super::csv::CsvButton;
use super::label;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::ui::Card;

const SIDES: [Option<ValueClass>; 4] = [
    Some(ValueClass::A),
    Some(ValueClass::B),
    Some(ValueClass::C),
    None,
];

fn name(class: Option<ValueClass>) -> String {
    class.map_or_else(
        || t().value.no_class.to_owned(),
        |class| class.label(lang()).to_owned(),
    )
}

/// A is above B is above C is above none.
fn height(class: Option<ValueClass>) -> usize {
    SIDES
        .iter()
        .rev()
        .position(|side| *side == class)
        .unwrap_or(0)
}

/// From which class to which, since the run before.
#[component]
pub fn MovementsCard(run: ValueRun) -> impl IntoView {
    let movements = StoredValue::new(run.movements.clone());
    let count = move |from: Option<ValueClass>, to: Option<ValueClass>| {
        movements.with_value(|all| {
            all.iter()
                .filter(|m| m.from == from && m.to == to)
                .map(|m| m.customers)
                .sum::<i64>()
        })
    };
    let sum = move |counts: fn(&Movement) -> bool| {
        movements.with_value(|all| {
            all.iter()
                .filter(|m| counts(m))
                .map(|m| m.customers)
                .sum::<i64>()
        })
    };
    let up = sum(|m| height(m.to) > height(m.from));
    let down = sum(|m| height(m.to) < height(m.from));
    let rows = move || {
        let head: Vec<_> = std::iter::once(String::new())
            .chain(SIDES.iter().map(|side| name(*side)))
            .collect();
        let body = SIDES.iter().map(|from| {
            std::iter::once(name(*from))
                .chain(SIDES.iter().map(|to| count(*from, *to).to_string()))
                .collect()
        });
        std::iter::once(head).chain(body).collect()
    };
    let cell = move |from: Option<ValueClass>, to: Option<ValueClass>| {
        let customers = count(from, to);
        let tint = match (customers, height(to).cmp(&height(from))) {
            (0, _) => "muted",
            (_, std::cmp::Ordering::Greater) => "bg-success/12 text-success",
            (_, std::cmp::Ordering::Less) => "bg-error/10 text-error",
            (_, std::cmp::Ordering::Equal) => "bg-base-200",
        };
        view! {
            <td class=format!("num rounded-field px-2 py-2 text-center {tint}")>
                {if customers == 0 { "·".to_owned() } else { format::integer(customers) }}
            </td>
        }
    };
    // A colour is for something that happened.
    let tag = |count: i64, coloured: &'static str| {
        if count > 0 { coloured } else { "tag tag-plain" }
    };
    let table = move || {
        view! {
            <div class="mb-3 flex flex-wrap gap-2">
                <span class=tag(up, "tag tag-success")>
                    {move || fill(t().value.up, &[("n", &format::integer(up))])}
                </span>
                <span class=tag(down, "tag tag-error")>
                    {move || fill(t().value.down, &[("n", &format::integer(down))])}
                </span>
            </div>
            <table class="w-full border-separate border-spacing-1 text-sm">
                <thead>
                    <tr>
                        <th></th>
                        {SIDES
                            .map(|side| {
                                view! { <th scope="col" class="muted pb-1 text-xs font-medium">{move || name(side)}</th> }
                            })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {SIDES
                        .map(|from| {
                            view! {
                                <tr>
                                    <th scope="row" class="muted pr-2 text-right text-xs font-medium">
                                        {move || name(from)}
                                    </th>
                                    {SIDES.map(|to| cell(from, to)).collect_view()}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        }
    };
    let first = run.movements.is_empty();
    view! {
        <Card
            title=label(|v| v.movements)
            text=label(|v| v.movements_text)
            actions=ViewFn::from(move || {
                (!first).then(|| view! { <CsvButton file_name="movements" rows=rows /> })
            })
        >
            {if first {
                view! { <p class="muted">{move || t().value.movements_none}</p> }.into_any()
            } else {
                table().into_any()
            }}
        </Card>
    }
}
