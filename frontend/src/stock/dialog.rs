//! Recording what was counted.

use guanxi_domain::stock::{FIELDS, StockLevel, StockLevelInput};
use guanxi_domain::{ProductId, Timestamp};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::i18n::{field_label, t, t_now};
use crate::ui::{DateField, Dialog, Form, FormFailure, FormGrid, NumberField, use_toasts};

/// What is written: a level of another day, or one that is there.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    New,
    Level(StockLevel),
}

fn values(written: Option<&Written>, product: ProductId) -> Value {
    match written {
        Some(Written::Level(level)) => json!(level.input),
        _ => json!({
            "product_id": product, "day": Timestamp::now().date(), "quantity": null, "unit_cost": null,
        }),
    }
}

#[component]
pub fn LevelDialog(
    written: RwSignal<Option<Written>>,
    /// The levels that are there.
    known: Signal<Vec<StockLevel>>,
    path: StoredValue<String>,
    product: ProductId,
    done: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let form = Form::new::<StockLevelInput>(&FIELDS, values(None, product));
    Effect::new(move |_| {
        let now = written.get();
        if now.is_some() {
            form.reset(values(now.as_ref(), product));
        }
        open.set(now.is_some());
    });
    Effect::new(move |before: Option<bool>| {
        let is_open = open.get();
        if before == Some(true) && !is_open {
            written.set(None);
        }
        is_open
    });
    let is_new = move || written.with(|w| !matches!(w, Some(Written::Level(_))));
    // A level that the chosen day has already.
    let there = move || {
        let day = form.text("day");
        known.with(|levels| {
            let mut levels = levels.iter();
            levels
                .find(|level| level.input.day.to_string() == day)
                .cloned()
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let version = match written.get_untracked() {
            Some(Written::Level(level)) => level.version,
            _ => untrack(there).map_or(0, |level| level.version),
        };
        form.submit(
            move |value| {
                let day = value["day"].as_str().unwrap_or_default();
                let count = json!({"quantity": value["quantity"], "unit_cost": value["unit_cost"]});
                api::put(format!("{}/{day}", path.get_value()))
                    .version(version)
                    .body(&count)
                    .json::<StockLevel>()
            },
            move |_| {
                open.set(false);
                toasts.done(t_now().stock.saved);
                done.run(());
            },
        );
    };
    let title = Signal::derive(move || {
        let text = if is_new() {
            t().stock.new
        } else {
            t().stock.edit
        };
        text.to_owned()
    });
    let replaces = Signal::derive(move || {
        let replaced = is_new() && there().is_some();
        let text = replaced.then(|| t().stock.replaces);
        text.unwrap_or_default().to_owned()
    });
    let field = |name: &'static str| Signal::derive(move || field_label(&FIELDS, name));
    view! {
        <Dialog open=open title=title>
            <form class="space-y-4" novalidate on:submit=submit>
                <FormGrid>
                    <Show when=is_new>
                        <DateField form=form name="day" required=true hint=replaces />
                    </Show>
                    <NumberField
                        form=form
                        name="quantity"
                        label=field("quantity")
                        decimals=3
                        required=true
                    />
                    <NumberField
                        form=form
                        name="unit_cost"
                        label=field("unit_cost")
                        decimals=4
                        hint=label(|s| s.unit_cost_hint)
                    />
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm"
                        data-testid="level-save"
                        disabled=move || form.busy()
                    >
                        {move || t().common.save}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
