use guanxi_domain::segmentation::run::RfmCell;
use leptos::prelude::*;

use crate::format::{self, money_plain};
use crate::i18n::{fill, t};
use crate::nav::{UrlQuery, use_url};
use crate::segmentation::label;
use crate::segmentation::parts::Choice;
use crate::ui::Card;
use crate::value::CsvButton;

const SALES: &str = "sales";
const CUSTOMERS: &str = "customers";

fn is_chosen(url: UrlQuery, cell: RfmCell) -> bool {
    let is = |name, score: i32| url.get(name).as_deref() == Some(score.to_string().as_str());
    is("recency_score", cell.recency) && is("frequency_score", cell.frequency)
}

/// 25 cells, each a button that filters the customers below.
#[component]
pub fn HeatCard(cells: Vec<RfmCell>) -> impl IntoView {
    let url = use_url();
    let colour = Signal::derive(move || {
        if url.get("colour").as_deref() == Some(SALES) {
            SALES
        } else {
            CUSTOMERS
        }
    });
    let choose = Callback::new(move |word: &'static str| {
        url.set(&[("colour", (word == SALES).then(|| word.to_owned()))]);
    });
    let most_customers = cells.iter().map(|c| c.customers).max().unwrap_or(0);
    let most_sales = cells.iter().map(|c| c.sales.0).max().unwrap_or(0);
    let strength = move |cell: RfmCell| {
        let (value, most) = if colour.get() == SALES {
            (cell.sales.0.max(0), most_sales)
        } else {
            (cell.customers, most_customers)
        };
        #[allow(clippy::cast_precision_loss)] // Shades.
        let share = value as f64 / most.max(1) as f64;
        // By the root: a few large cells do not make all others pale.
        share.sqrt()
    };
    let rows = StoredValue::new(cells.clone());
    let file = move || {
        let s = t().segmentation;
        let head = [s.heat_recency, s.heat_frequency, s.customers, s.sales];
        let body = rows.with_value(|cells| {
            cells
                .iter()
                .map(|c| {
                    vec![
                        c.recency.to_string(),
                        c.frequency.to_string(),
                        c.customers.to_string(),
                        money_plain(c.sales),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(body)
            .collect()
    };
    let options = vec![
        (CUSTOMERS, label(|s| s.heat_customers)),
        (SALES, label(|s| s.heat_sales)),
    ];
    let row = move |recency: i32| {
        let of_row = cells
            .clone()
            .into_iter()
            .filter(move |c| c.recency == recency);
        view! {
            <tr>
                <th scope="row" class="muted num w-8 pr-1 text-right text-xs font-medium">
                    {recency}
                </th>
                {of_row
                    .map(|cell| view! { <Cell cell=cell colour=colour strength=Signal::derive(move || strength(cell)) /> })
                    .collect_view()}
            </tr>
        }
    };
    view! {
        <Card
            title=label(|s| s.heat)
            text=label(|s| s.heat_text)
            actions=ViewFn::from(move || view! { <CsvButton file_name="rfm-cells" rows=file /> })
        >
            <div class="mb-3 flex flex-wrap items-center gap-2">
                <span class="muted text-xs">{move || t().segmentation.heat_colour}</span>
                <Choice options=options chosen=colour on_choose=choose label=label(|s| s.heat_colour) />
            </div>
            <table class="w-full table-fixed border-separate border-spacing-1 text-sm" data-testid="heat">
                <caption class="muted mb-1 text-left text-xs">
                    {move || format!("↓ {} · → {}", t().segmentation.heat_recency, t().segmentation.heat_frequency)}
                </caption>
                <thead>
                    <tr>
                        <th class="w-8"></th>
                        {(1..=5)
                            .map(|score| {
                                view! { <th scope="col" class="muted num pb-1 text-xs font-medium">{score}</th> }
                            })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>{(1..=5).rev().map(row).collect_view()}</tbody>
            </table>
        </Card>
    }
}

#[component]
fn Cell(
    cell: RfmCell,
    #[prop(into)] colour: Signal<&'static str>,
    #[prop(into)] strength: Signal<f64>,
) -> impl IntoView {
    let url = use_url();
    let chosen = Signal::derive(move || is_chosen(url, cell));
    let choose = move |_| {
        let score = |score: i32| (!chosen.get_untracked()).then(|| score.to_string());
        url.set(&[
            ("recency_score", score(cell.recency)),
            ("frequency_score", score(cell.frequency)),
            ("rfm_segment", None),
            ("rfm_group", None),
        ]);
    };
    let name = move || {
        fill(
            t().segmentation.heat_cell,
            &[
                ("r", &cell.recency.to_string()),
                ("f", &cell.frequency.to_string()),
                ("n", &format::integer(cell.customers)),
                ("sales", &format::money(cell.sales)),
            ],
        )
    };
    let text = move || match (cell.customers, colour.get()) {
        (0, _) => "·".to_owned(),
        (_, SALES) => format::money_short(cell.sales),
        (n, _) => format::integer(n),
    };
    // As much of the primary colour as the cell has to show, up to what leaves the number readable.
    let shade = move || {
        let part = strength.get() * 48.0;
        format!("color-mix(in oklab, var(--color-primary) {part:.1}%, var(--color-base-200))")
    };
    view! {
        <td class="p-0">
            <button
                type="button"
                class="num h-12 w-full cursor-pointer truncate rounded-field px-1 text-[0.8125rem] font-medium outline-offset-2 hover:brightness-95"
                class=(["outline-2", "outline-primary"], move || chosen.get())
                style:background=shade
                aria-label=name
                title=name
                aria-pressed=move || chosen.get().to_string()
                data-testid=format!("cell-{}-{}", cell.recency, cell.frequency)
                on:click=choose
            >
                {text}
            </button>
        </td>
    }
}
