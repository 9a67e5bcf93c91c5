//! What an import does with its rows.

use guanxi_domain::FieldKind;
use guanxi_domain::import::{ImportMode, ImportRecord, ImportSettings};
use guanxi_domain::order::OrderState;
use leptos::prelude::*;

use super::label;
use crate::i18n::{ImportTexts, lang};
use crate::ui::{Card, CheckField, Form, FormGrid, Options, SelectField, TextField};

/// Minutes that the browser's clock is ahead of UTC: files mostly come from where their users are.
pub fn own_offset() -> i32 {
    #[allow(clippy::cast_possible_truncation)] // Some hundreds.
    let behind = js_sys::Date::new_0().get_timezone_offset() as i32;
    -behind
}

fn offsets() -> Options {
    Signal::derive(|| {
        let mut minutes: Vec<i32> = (-24..=28).map(|half_hours| half_hours * 30).collect();
        if !minutes.contains(&own_offset()) {
            minutes.push(own_offset());
        }
        minutes
            .into_iter()
            .map(|minutes| {
                let sign = if minutes < 0 { '−' } else { '+' };
                let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
                (
                    minutes.to_string(),
                    format!("UTC{sign}{hours:02}:{rest:02}"),
                )
            })
            .collect()
    })
}

#[component]
pub fn Settings(form: Form, record: ImportRecord, settings: Memo<ImportSettings>) -> impl IntoView {
    let layout = record.layout();
    let modes: Options = Signal::derive(move || {
        let modes = layout.modes.iter();
        modes
            .map(|mode| (mode.to_string(), mode.label(lang()).to_owned()))
            .collect()
    });
    let keys: Options = Signal::derive(move || {
        let keys = layout.keys.iter();
        keys.map(|key| (key.name.to_owned(), key.label(lang()).to_owned()))
            .collect()
    });
    // What is there already is looked for, and may be changed.
    let finds = move || settings.with(|s| s.mode != ImportMode::Create);
    let has_times = layout
        .targets
        .iter()
        .any(|target| target.kind == FieldKind::Timestamp);
    view! {
        <Card title=label(|i| i.settings)>
            <FormGrid>
                <SelectField
                    form=form
                    name="/settings/mode"
                    label=label(|i| i.mode)
                    options=modes
                    required=true
                />
                <Show when=move || finds() && (layout.keys.len() > 1)>
                    <SelectField
                        form=form
                        name="/settings/match_by"
                        label=label(|i| i.match_by)
                        options=keys
                        required=true
                    />
                </Show>
                <Show when=move || finds() && record != ImportRecord::Orders>
                    <div>
                        <CheckField
                            form=form
                            name="/settings/clear_blank"
                            label=label(|i| i.clear_blank)
                        />
                    </div>
                </Show>
                {match record {
                    ImportRecord::Orders => view! { <OrderSettings form=form /> }.into_any(),
                    _ if has_times => view! { <Offset form=form /> }.into_any(),
                    _ => ().into_any(),
                }}
            </FormGrid>
        </Card>
    }
}

#[component]
fn Offset(form: Form) -> impl IntoView {
    view! {
        <SelectField
            form=form
            name="/settings/utc_offset_minutes"
            label=label(|i| i.offset)
            options=offsets()
            number=true
            required=true
        />
    }
}

#[component]
fn OrderSettings(form: Form) -> impl IntoView {
    // Cancelling takes a reason for each order.
    let states: Options = Signal::derive(|| {
        OrderState::ALL
            .iter()
            .filter(|state| **state != OrderState::Cancelled)
            .map(|state| (state.to_string(), state.label(lang()).to_owned()))
            .collect()
    });
    let check = move |name: &'static str, text: fn(&ImportTexts) -> &'static str| {
        view! { <CheckField form=form name=format!("/settings/{name}") label=label(text) /> }
    };
    view! {
                <SelectField
                    form=form
                    name="/settings/order_state"
                    label=label(|i| i.order_state)
                    options=states
                    required=true
                />
                <Offset form=form />
                <TextField
                    form=form
                    name="/settings/default_customer"
                    label=label(|i| i.default_customer)
                    hint=label(|i| i.default_customer_hint)
                />
                <div>
                    {check("create_customers", |i| i.create_customers)}
                    {check("create_products", |i| i.create_products)}
                    {check("refuse_repeats", |i| i.refuse_repeats)}
                </div>
    }
}
