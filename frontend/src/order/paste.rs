//! Rows copied from a spreadsheet become lines of an order.

use std::collections::HashMap;

use guanxi_domain::Page;
use guanxi_domain::import::{ImportRecord, Targets, guess_mapping};
use guanxi_domain::product::Product;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::format::parse_money;
use crate::i18n::{fill, t, t_now};
use crate::ui::{Dialog, Toasts};

/// A pasted row; texts as they were, but for signs that only people need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastedRow {
    sku: String,
    description: String,
    quantity: String,
    unit_price: String,
    discount: String,
}

/// A number as the API takes it: no currency, no thousands separators.
fn plain_number(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        .collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | ' ' | '¥' | '￥' | '$' | '€' | '£')
        })
}

/// Reads rows of cells parted by tabs. The columns are told by a header row, else by their number and kind.
pub fn read_rows(text: &str) -> Vec<PastedRow> {
    let mut rows: Vec<Vec<String>> = text
        .lines()
        .map(|line| {
            line.split('\t')
                .map(|cell| cell.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|cells| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    let Some(first) = rows.first() else {
        return Vec::new();
    };
    let mapping = guess_mapping(&Targets::own(ImportRecord::Orders), first);
    if mapping.contains_key("quantity") && !first.iter().any(|cell| is_number(cell)) {
        let header = rows.remove(0);
        let at = |target: &str| {
            let name = mapping.get(target)?;
            header.iter().position(|cell| cell == name)
        };
        let columns = ["sku", "description", "quantity", "unit_price", "discount"].map(at);
        return rows
            .into_iter()
            .map(|cells| {
                let cell = |index: usize| {
                    columns[index]
                        .and_then(|at| cells.get(at).cloned())
                        .unwrap_or_default()
                };
                PastedRow {
                    sku: cell(0),
                    description: cell(1),
                    quantity: plain_number(&cell(2)),
                    unit_price: plain_number(&cell(3)),
                    discount: cell(4),
                }
            })
            .collect();
    }
    rows.into_iter()
        .map(|cells| {
            let mut cells = cells.into_iter();
            let sku = cells.next().unwrap_or_default();
            let mut rest: Vec<_> = cells.collect();
            let described = rest.first().is_some_and(|cell| !is_number(cell));
            let description = if described {
                rest.remove(0)
            } else {
                String::new()
            };
            let mut rest = rest.into_iter();
            let quantity = rest.next().unwrap_or_default();
            PastedRow {
                sku,
                description,
                quantity: if quantity.is_empty() {
                    "1".to_owned()
                } else {
                    plain_number(&quantity)
                },
                unit_price: plain_number(&rest.next().unwrap_or_default()),
                discount: rest.next().unwrap_or_default(),
            }
        })
        .collect()
}

/// Lines as the form has them, and how many have a SKU that no product has.
async fn lines_of(rows: Vec<PastedRow>) -> Result<(Vec<Value>, usize), api::ApiError> {
    let mut skus: Vec<_> = rows
        .iter()
        .map(|row| row.sku.clone())
        // A comma parts the values of a filter.
        .filter(|sku| !sku.is_empty() && !sku.contains(','))
        .collect();
    skus.sort();
    skus.dedup();
    let mut products: HashMap<String, Product> = HashMap::new();
    // Short enough for any address line.
    for part in skus.chunks(50) {
        let call = api::get("/products")
            .query("sku", part.join(","))
            .query("limit", 200);
        let page: Page<Product> = call.json().await?;
        products.extend(page.items.into_iter().map(|p| (p.input.sku.clone(), p)));
    }
    let mut unknown = 0;
    let text = |text: String| {
        if text.is_empty() {
            Value::Null
        } else {
            Value::String(text)
        }
    };
    let lines = rows
        .into_iter()
        .map(|row| {
            let product = products.get(&row.sku);
            if product.is_none() && !row.sku.is_empty() {
                unknown += 1;
            }
            let name = product.map_or_else(|| row.sku.clone(), |p| p.input.name.clone());
            let price = if row.unit_price.is_empty() {
                product.map(|p| p.input.list_price.to_string()).unwrap_or_default()
            } else {
                row.unit_price
            };
            json!({
                "product_id": product.map(|p| p.id),
                "description": text(if row.description.is_empty() { name } else { row.description }),
                "quantity": text(row.quantity),
                "unit_price": text(price),
                "discount": parse_money(&row.discount).map_or(0, |amount| amount.0),
            })
        })
        .collect();
    Ok((lines, unknown))
}

/// Looks the products up and hands the lines over; tells how many were added.
pub fn add_pasted(rows: Vec<PastedRow>, toasts: Toasts, add: Callback<Vec<Value>>) {
    spawn_local(async move {
        match lines_of(rows).await {
            Ok((lines, unknown)) => {
                let o = t_now().order;
                let count = lines.len().to_string();
                add.run(lines);
                toasts.done(if unknown == 0 {
                    fill(o.paste_done, &[("n", &count)])
                } else {
                    fill(
                        o.paste_unknown,
                        &[("n", &count), ("unknown", &unknown.to_string())],
                    )
                });
            }
            Err(error) => toasts.error(&error),
        }
    });
}

/// A large field to paste into, for who does not know that the table takes pasted rows as well.
#[component]
pub fn PasteDialog(open: RwSignal<bool>, on_rows: Callback<Vec<PastedRow>>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let rows = Memo::new(move |_| text.with(|text| read_rows(text)));
    let nothing = move || text.with(|text| !text.trim().is_empty()) && rows.with(Vec::is_empty);
    let add = move |_| {
        on_rows.run(rows.get_untracked());
        text.set(String::new());
        open.set(false);
    };
    view! {
        <Dialog open=open title=label(|o| o.paste_title) width="max-w-2xl">
            <p class="muted mb-3">{move || t().order.paste_text}</p>
            <textarea
                class="textarea num min-h-56 font-mono text-xs"
                autofocus
                data-testid="paste-rows"
                aria-label=move || t().order.paste_title
                placeholder="A-1001\t10\t25.00\nA-1002\t5\t99.90"
                prop:value=move || text.get()
                on:input:target=move |event| text.set(event.target().value())
            ></textarea>
            <Show when=nothing>
                <p class="mt-1 text-xs text-error">{move || t().order.paste_nothing}</p>
            </Show>
            <div class="mt-4 flex justify-end gap-2">
                <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                    {move || t().common.cancel}
                </button>
                <button
                    type="button"
                    class="btn btn-primary btn-sm"
                    data-testid="paste-add"
                    disabled=move || rows.with(Vec::is_empty)
                    on:click=add
                >
                    {move || fill(t().order.paste_button, &[("n", &rows.with(Vec::len).to_string())])}
                </button>
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &str, description: &str, quantity: &str, price: &str) -> PastedRow {
        PastedRow {
            sku: sku.to_owned(),
            description: description.to_owned(),
            quantity: quantity.to_owned(),
            unit_price: price.to_owned(),
            discount: String::new(),
        }
    }

    #[test]
    fn a_header_says_which_column_is_what() {
        let rows = read_rows("单价\t数量\t货号\t品名\n1,299.50\t2\tA-1\t键盘\n");
        assert_eq!(rows, [row("A-1", "键盘", "2", "1299.50")]);
    }

    #[test]
    fn without_a_header_numbers_tell_the_columns_apart() {
        let rows = read_rows("A-1\t10\t¥25.00\r\n\r\nA-2\t桌子\t3\nA-3\n");
        assert_eq!(
            rows,
            [
                row("A-1", "", "10", "25.00"),
                row("A-2", "桌子", "3", ""),
                row("A-3", "", "1", ""),
            ]
        );
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(read_rows(" \n\t\n").is_empty());
        assert!(read_rows("货号\t数量").is_empty());
    }
}
