//! The lines of an order that is being written.

use std::time::Duration;

use guanxi_domain::order::line_total;
use guanxi_domain::{Money, Overflow, Quantity, UnitPrice};
use leptos::html;
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::label;
use super::paste::{PasteDialog, PastedRow, add_pasted, read_rows};
use crate::format::{self, minor_digits};
use crate::i18n::t;
use crate::product::{picked_name, product_source};
use crate::ui::{Form, Glyph, Icon, MoneyInput, NumberField, RecordField, TextField, use_toasts};

/// As many as the API takes.
const MOST_LINES: usize = 500;

pub fn empty_line() -> Value {
    json!({ "product_id": null, "description": null, "quantity": "1", "unit_price": null, "discount": 0 })
}

fn is_empty(line: &Value) -> bool {
    line["product_id"].is_null() && line["description"].is_null() && line["unit_price"].is_null()
}

/// What a line of the form comes to; `None` while something is missing.
fn total_of(line: &Value) -> Option<Result<Money, Overflow>> {
    let quantity: Quantity = line["quantity"].as_str()?.parse().ok()?;
    let price: UnitPrice = line["unit_price"].as_str()?.parse().ok()?;
    let discount = Money(line["discount"].as_i64().unwrap_or_default());
    Some(line_total(quantity, price, discount, minor_digits()))
}

fn lines_of(value: &Value) -> &[Value] {
    value["lines"].as_array().map_or(&[], Vec::as_slice)
}

/// Puts the cursor into the first field of a line (or the named one), once it is there.
fn focus_line(body: NodeRef<html::Div>, index: usize) {
    set_timeout(
        move || {
            let field = body.get_untracked().and_then(|body| {
                let selector = format!("[data-line='{index}'] input");
                body.query_selector(&selector).ok().flatten()
            });
            if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                // Only fails for an element outside the document.
                let _ = field.focus();
            }
        },
        Duration::from_millis(30),
    );
}

/// The line that an element stands in.
fn line_at(target: Option<web_sys::EventTarget>) -> Option<usize> {
    target?
        .dyn_into::<web_sys::Element>()
        .ok()?
        .closest("[data-line]")
        .ok()??
        .get_attribute("data-line")?
        .parse()
        .ok()
}

#[component]
pub fn OrderLines(form: Form) -> impl IntoView {
    let body = NodeRef::<html::Div>::new();
    let toasts = use_toasts();
    let pasting = RwSignal::new(false);
    let lines = Memo::new(move |_| lines_of(&form.value()).to_vec());
    let count = Memo::new(move |_| lines.with(Vec::len));
    let add = move || {
        form.update(|value| {
            if let Some(lines) = value["lines"].as_array_mut()
                && lines.len() < MOST_LINES
            {
                lines.push(empty_line());
            }
        });
        focus_line(body, count.get_untracked() - 1);
    };
    let remove = move |index: usize| {
        form.update(|value| {
            if let Some(lines) = value["lines"].as_array_mut()
                && index < lines.len()
            {
                lines.remove(index);
                // One line stays to write into.
                if lines.is_empty() {
                    lines.push(empty_line());
                }
            }
        });
        focus_line(body, index.min(count.get_untracked() - 1));
    };
    let append = Callback::new(move |new: Vec<Value>| {
        form.update(|value| {
            if let Some(lines) = value["lines"].as_array_mut() {
                lines.retain(|line| !is_empty(line));
                lines.extend(new);
                lines.truncate(MOST_LINES);
            }
        });
    });
    let take_rows = Callback::new(move |rows: Vec<PastedRow>| add_pasted(rows, toasts, append));
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        // A field that is choosing has taken the key for itself.
        let Some(index) = line_at(event.target()).filter(|_| !event.default_prevented()) else {
            return;
        };
        match event.key().as_str() {
            "Enter" if !event.ctrl_key() && !event.meta_key() => {
                event.prevent_default();
                if index + 1 < count.get_untracked() {
                    focus_line(body, index + 1);
                } else {
                    add();
                }
            }
            "Backspace" | "Delete" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                remove(index);
            }
            _ => {}
        }
    };
    let on_paste = move |event: web_sys::ClipboardEvent| {
        let text = event
            .clipboard_data()
            .and_then(|data| data.get_data("text/plain").ok())
            .unwrap_or_default();
        // A single cell goes where the cursor is.
        if text.trim_end().contains(['\t', '\n']) {
            event.prevent_default();
            take_rows.run(read_rows(&text));
        }
    };
    let total = Memo::new(move |_| {
        lines.with(|lines| {
            let totals = lines.iter().filter_map(total_of);
            totals
                .collect::<Result<Vec<_>, _>>()
                .and_then(Money::sum)
                .ok()
        })
    });
    view! {
        <section class="panel">
            <div class="flex flex-wrap items-center gap-2 border-b border-base-300 px-4 py-2.5">
                <h2 class="panel-title flex-1">{move || t().order.lines}</h2>
                <button
                    type="button"
                    class="btn-quiet"
                    data-testid="paste"
                    on:click=move |_| pasting.set(true)
                >
                    <Icon glyph=Glyph::Copy />
                    {move || t().order.paste}
                </button>
            </div>
            <div class="line-grid line-head" aria-hidden="true">
                <span>{move || t().order.product}</span>
                <span>{move || t().order.description}</span>
                <span class="text-right">{move || t().order.quantity}</span>
                <span class="text-right">{move || t().order.unit_price}</span>
                <span class="text-right">{move || t().order.line_discount}</span>
                <span class="text-right">{move || t().order.amount}</span>
                <span></span>
            </div>
            <div node_ref=body on:keydown=on_key on:paste=on_paste data-testid="lines">
                <For each=move || 0..count.get() key=|index| *index let:index>
                    <Line form=form index=index lines=lines remove=Callback::new(remove) />
                </For>
            </div>
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                <button
                    type="button"
                    class="btn btn-ghost btn-sm -ml-2 text-primary"
                    data-testid="add-line"
                    disabled=move || { count.get() >= MOST_LINES }
                    on:click=move |_| add()
                >
                    <Icon glyph=Glyph::Plus />
                    {move || t().order.add_line}
                </button>
                <p class="muted hidden flex-1 text-xs lg:block">{move || t().order.keys}</p>
                <p class="ml-auto flex items-baseline gap-3">
                    <span class="muted">{move || t().order.total}</span>
                    <span class="num text-xl font-semibold" data-testid="order-total">
                        {move || total.get().map_or_else(|| t().order.too_large.to_owned(), format::money)}
                    </span>
                </p>
            </div>
        </section>
        <PasteDialog open=pasting on_rows=take_rows />
    }
}

#[component]
fn Line(
    form: Form,
    index: usize,
    lines: Memo<Vec<Value>>,
    remove: Callback<usize>,
) -> impl IntoView {
    let at = move |member: &str| format!("/lines/{index}/{member}");
    // The product's own words and price, to begin with.
    let take_product = move |product: Value| {
        form.set(&at("description"), picked_name(&product));
        form.set(&at("unit_price"), product["list_price"].clone());
    };
    let amount = move || {
        let total = lines.with(|lines| lines.get(index).and_then(total_of));
        match total {
            None => "—".to_owned(),
            Some(Ok(total)) => format::money(total),
            Some(Err(Overflow)) => t().order.too_large.to_owned(),
        }
    };
    view! {
        <div class="line-grid line-row" data-line=index>
            <div class="line-wide">
                <RecordField
                    form=form
                    name=at("product_id")
                    source=product_source()
                    label=label(|o| o.product)
                    on_record=take_product
                />
            </div>
            <div class="line-wide">
                <TextField form=form name=at("description") label=label(|o| o.description) />
            </div>
            <NumberField form=form name=at("quantity") label=label(|o| o.quantity) decimals=3 />
            <NumberField form=form name=at("unit_price") label=label(|o| o.unit_price) decimals=4 />
            <MoneyInput form=form name=at("discount") label=label(|o| o.line_discount) />
            <p class="line-amount num">
                <span class="muted text-xs lg:hidden">{move || t().order.amount}</span>
                <span class="font-medium">{amount}</span>
            </p>
            <button
                type="button"
                class="btn btn-ghost btn-square btn-sm h-9 opacity-60 hover:opacity-100 max-lg:-col-end-1 max-lg:justify-self-end"
                tabindex="-1"
                aria-label=move || t().order.remove_line
                title=move || t().order.remove_line
                data-testid="remove-line"
                on:click=move |_| remove.run(index)
            >
                <Icon glyph=Glyph::Trash />
            </button>
        </div>
    }
}
