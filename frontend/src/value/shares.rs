//! Classes and pyramid: figures with a bar for each share.

use guanxi_domain::Money;
use guanxi_domain::value::{ClassFigures, PyramidLevel, ValueClass};
use leptos::prelude::*;

use super::csv::CsvButton;
use super::{Subject, label};
use crate::customer::ValueBadge;
use crate::format::{self, money_plain};
use crate::i18n::{lang, t};
use crate::nav::use_url;
use crate::ui::Card;

/// A share of 0 to 1 as a bar with its figure.
fn bar(share: f64, fill: &'static str) -> impl IntoView {
    let width = format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0);
    view! {
        <div class="flex items-center gap-2">
            <div class="h-2 min-w-6 flex-1 overflow-hidden rounded-full bg-base-300/70">
                <div class=format!("h-full rounded-full {fill}") style:width=width></div>
            </div>
            <span class="num w-12 text-right">{format::percent(share)}</span>
        </div>
    }
}

fn head(text: impl Fn() -> String + Send + 'static, class: &'static str) -> impl IntoView {
    view! {
        <th scope="col" class=class>
            {text}
        </th>
    }
}

fn file_row(
    name: &str,
    customers: i64,
    amount: Money,
    of_customers: f64,
    of_amount: f64,
) -> Vec<String> {
    vec![
        name.to_owned(),
        customers.to_string(),
        money_plain(amount),
        of_customers.to_string(),
        of_amount.to_string(),
    ]
}

fn file_head(of: Subject, first: String) -> Vec<String> {
    let v = t().value;
    vec![
        first,
        of.count().to_owned(),
        v.amount.to_owned(),
        of.share().to_owned(),
        v.amount_share.to_owned(),
    ]
}

#[component]
pub fn ClassesCard(of: Subject, figures: Vec<ClassFigures<ValueClass>>) -> impl IntoView {
    let url = use_url();
    let classes = StoredValue::new(figures.clone());
    let fill = |class: ValueClass| match class {
        ValueClass::A => "bg-success",
        ValueClass::B => "bg-info",
        ValueClass::C => "bg-base-content/40",
    };
    let row = move |f: ClassFigures<ValueClass>| {
        let (class, amount) = (f.class, f.amount);
        view! {
            <tr
                class="cursor-pointer hover:bg-base-200/60"
                data-testid=format!("class-{class}")
                on:click=move |_| url.set(&[("class", Some(class.to_string()))])
            >
                <td class="sm:min-w-0">
                    <ValueBadge class=class />
                </td>
                <td class="right" data-label=move || of.count()>
                    {format::integer(f.customers)}
                </td>
                <td class="right" data-label=move || t().value.amount>
                    {move || format::money(amount)}
                </td>
                <td data-label=move || of.share()>{bar(f.customer_share, "bg-base-content/30")}</td>
                <td data-label=move || t().value.amount_share>{bar(f.amount_share, fill(class))}</td>
            </tr>
        }
    };
    let rows = move || {
        let body = classes.with_value(|all| {
            all.iter()
                .map(|f| {
                    file_row(
                        f.class.label(lang()),
                        f.customers,
                        f.amount,
                        f.customer_share,
                        f.amount_share,
                    )
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(file_head(of, t().value.class.to_owned()))
            .chain(body)
            .collect()
    };
    view! {
        <Card
            title=label(|v| v.classes)
            actions=ViewFn::from(move || view! { <CsvButton file_name="classes" rows=rows /> })
            flush=true
        >
            <div class="overflow-x-auto">
                <table class="grid-table cards" data-testid="classes">
                    <thead>
                        <tr>
                            {head(|| t().value.class.to_owned(), "")}
                            {head(move || of.count().to_owned(), "right")}
                            {head(|| t().value.amount.to_owned(), "right")}
                            {head(move || of.share().to_owned(), "")}
                            {head(|| t().value.amount_share.to_owned(), "")}
                        </tr>
                    </thead>
                    <tbody>{figures.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </Card>
    }
}

#[component]
pub fn PyramidCard(of: Subject, figures: Vec<ClassFigures<PyramidLevel>>) -> impl IntoView {
    let levels = StoredValue::new(figures);
    // Drawn as people draw it: the fewest on top, the widest below.
    let shape = |level: PyramidLevel| match level {
        PyramidLevel::Top => ("w-1/3", "bg-primary text-primary-content"),
        PyramidLevel::Middle => ("w-2/3", "bg-primary/45 text-base-content"),
        PyramidLevel::Base => ("w-full", "bg-primary/20 text-base-content"),
    };
    let step = move |f: &ClassFigures<PyramidLevel>| {
        let (width, colours) = shape(f.class);
        let (level, amount, count, of_amount) = (f.class, f.amount, f.customers, f.amount_share);
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-1 sm:flex-nowrap" data-testid=format!("level-{level}")>
                <div class="flex w-full shrink-0 justify-center sm:w-44">
                    <div class=format!("num grid h-12 place-items-center rounded-field text-sm font-semibold {width} {colours}")>
                        {format::integer(count)}
                    </div>
                </div>
                <div class="min-w-0 flex-1">
                    <p class="flex flex-wrap justify-between gap-x-3">
                        <span class="font-medium">{move || level.label(lang())}</span>
                        <span class="num">{move || format::money_short(amount)}</span>
                    </p>
                    {bar(of_amount, "bg-primary")}
                </div>
            </li>
        }
    };
    let rows = move || {
        let body = levels.with_value(|all| {
            all.iter()
                .map(|f| {
                    file_row(
                        f.class.label(lang()),
                        f.customers,
                        f.amount,
                        f.customer_share,
                        f.amount_share,
                    )
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(file_head(of, t().value.level.to_owned()))
            .chain(body)
            .collect()
    };
    view! {
        <Card
            title=label(|v| v.pyramid)
            text=label(|v| v.pyramid_text)
            actions=ViewFn::from(move || view! { <CsvButton file_name="pyramid" rows=rows /> })
        >
            <ul class="space-y-2" data-testid="pyramid">
                {levels.with_value(|all| all.iter().map(step).collect_view())}
            </ul>
        </Card>
    }
}
