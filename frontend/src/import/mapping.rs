use guanxi_domain::import::{FIELDS, Import, ImportRun, Mapping, Target, targets};
use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::label;
use crate::api;
use crate::i18n::{ImportTexts, fill, lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{
    Ask, Card, CheckField, Form, FormFailure, FormGrid, Glyph, Icon, Options, SelectField,
    TextField, use_confirm, use_toasts,
};

/// Values of a column that are shown.
const EXAMPLES: usize = 3;

/// The mapping as it stands in the form.
fn mapping_of(value: &Value) -> Mapping {
    serde_json::from_value(value["mapping"].clone()).unwrap_or_default()
}

/// Minutes that the browser's clock is ahead of UTC: files mostly come from where their users are.
fn own_offset() -> i32 {
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
pub fn MappingStep(import: Loader<Import>) -> impl IntoView {
    move || {
        import
            .data()
            .map(|now| view! { <MappingForm now=now import=import /> })
    }
}

#[component]
fn MappingForm(now: Import, import: Loader<Import>) -> impl IntoView {
    let session = use_session();
    let mut settings = now.settings.clone();
    if settings.utc_offset_minutes == 0 {
        settings.utc_offset_minutes = own_offset();
    }
    let form = Form::new::<ImportRun>(
        &FIELDS,
        json!({ "mapping": now.mapping, "settings": settings }),
    );
    let all = targets(now.record);
    let mapping = Memo::new(move |_| mapping_of(&form.value()));
    let missing = Memo::new(move |_| {
        mapping.with(|mapping| {
            all.iter()
                .filter(|target| target.required && !mapping.contains_key(target.name))
                .map(|target| target.label(lang()))
                .collect::<Vec<_>>()
        })
    });
    let path = StoredValue::new(format!("/imports/{}", now.id));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            move |value| {
                let call = api::post(format!("{}/run", path.get_value())).body(&value);
                call.json::<Import>()
            },
            move |started| import.set(started),
        );
    };
    let now = StoredValue::new(now);
    let rows = all.iter().map(move |target| {
        now.with_value(|now| view! { <TargetRow target=target form=form mapping=mapping import=now.clone() /> })
    });
    let may_run = move || {
        session.can(Module::Imports, Operation::Create)
            && session.can(Module::Orders, Operation::Create)
    };
    view! {
        <form class="space-y-4" novalidate on:submit=submit>
            <Card title=label(|i| i.mapping) text=label(|i| i.mapping_text) flush=true>
                <div class="overflow-x-auto">
                    <table class="grid-table cards" data-testid="mapping">
                        <thead>
                            <tr>
                                <th scope="col">{move || t().import.target}</th>
                                <th scope="col" class="w-1/3">
                                    {move || t().import.source}
                                </th>
                                <th scope="col">{move || t().import.examples}</th>
                            </tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </Card>
            {now.with_value(|now| view! { <Samples import=now.clone() mapping=mapping all=all /> })}
            <Settings form=form />
            <FormFailure form=form />
            <div class="flex flex-wrap items-center justify-end gap-2">
                <Show when=move || missing.with(|missing| !missing.is_empty())>
                    <p class="flex-1 text-error" data-testid="mapping-missing">
                        {move || {
                            let names = missing.with(|missing| missing.join(lang().pick("、", ", ")));
                            fill(t().import.missing, &[("names", &names)])
                        }}
                    </p>
                </Show>
                <Discard path=path />
                <Show when=may_run>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm"
                        data-testid="import-run"
                        disabled=move || form.busy() || missing.with(|missing| !missing.is_empty())
                    >
                        <Icon glyph=Glyph::Play />
                        {move || t().import.run}
                    </button>
                </Show>
            </div>
        </form>
    }
}

/// One column that the system takes, which column of the file it is, and what stands there.
#[component]
fn TargetRow(
    target: &'static Target,
    form: Form,
    mapping: Memo<Mapping>,
    import: Import,
) -> impl IntoView {
    let name = target.name;
    let chosen = Memo::new(move |_| mapping.with(|mapping| mapping.get(name).cloned()));
    let error = move || form.error(&format!("/mapping/{name}"));
    let headers = import.headers.clone();
    let import = StoredValue::new(import);
    let examples = move || {
        let header = chosen.get()?;
        import.with_value(|import| {
            let at = import.headers.iter().position(|h| *h == header)?;
            let mut values: Vec<String> = Vec::new();
            for value in import.samples.iter().filter_map(|row| row.get(at)) {
                if !value.is_empty() && !values.contains(value) && values.len() < EXAMPLES {
                    values.push(value.clone());
                }
            }
            Some(values.join(" · "))
        })
    };
    let choose = move |header: String| {
        form.update(|value| {
            if let Some(mapping) = value["mapping"].as_object_mut() {
                if header.is_empty() {
                    mapping.remove(name);
                } else {
                    mapping.insert(name.to_owned(), Value::String(header));
                }
            }
        });
    };
    let options = headers
        .into_iter()
        .map(|header| {
            let selected = chosen.get_untracked().as_deref() == Some(header.as_str());
            view! { <option value=header.clone() selected=selected>{header.clone()}</option> }
        })
        .collect_view();
    let lacking = move || target.required && chosen.with(Option::is_none);
    view! {
        <tr>
            <td>
                <span class="font-medium">{move || target.label(lang())}</span>
                {target
                    .required
                    .then(|| view! { <span class="ml-0.5 text-error" title=move || t().common.required>"*"</span> })}
            </td>
            <td data-label=move || t().import.source>
                <select
                    class="select select-sm"
                    class:invalid=move || lacking() || error().is_some()
                    aria-label=move || target.label(lang())
                    data-testid=format!("map-{name}")
                    prop:value=move || chosen.get().unwrap_or_default()
                    on:change:target=move |event| choose(event.target().value())
                >
                    <option value="">{move || t().import.not_mapped}</option>
                    {options}
                </select>
                {move || error().map(|error| view! { <p class="mt-1 text-xs text-error">{error}</p> })}
            </td>
            <td class="wrap" data-label=move || t().import.examples>
                <span class="muted num text-[0.8125rem] break-words">{examples}</span>
            </td>
        </tr>
    }
}

/// The first rows as they are in the file, with what each column becomes above it.
#[component]
fn Samples(import: Import, mapping: Memo<Mapping>, all: &'static [Target]) -> impl IntoView {
    let head = move |header: String| {
        let text = header.clone();
        let becomes = move || {
            mapping.with(|mapping| {
                all.iter()
                    .find(|target| mapping.get(target.name) == Some(&header))
                    .map(|target| target.label(lang()))
            })
        };
        view! {
            <th scope="col">
                {text}
                <span class="block h-5">
                    {move || match becomes() {
                        Some(name) => view! { <span class="tag tag-primary">{name}</span> }.into_any(),
                        None => view! { <span class="font-normal">{t().import.not_mapped}</span> }.into_any(),
                    }}
                </span>
            </th>
        }
    };
    let row = |cells: Vec<String>| {
        view! {
            <tr>
                {cells
                    .into_iter()
                    .map(|cell| view! { <td class="num max-w-56 truncate whitespace-nowrap">{cell}</td> })
                    .collect_view()}
            </tr>
        }
    };
    view! {
        <Card title=label(|i| i.samples) flush=true>
            <div class="overflow-x-auto">
                <table class="grid-table" data-testid="samples">
                    <thead>
                        <tr>{import.headers.into_iter().map(head).collect_view()}</tr>
                    </thead>
                    <tbody>{import.samples.into_iter().take(5).map(row).collect_view()}</tbody>
                </table>
            </div>
        </Card>
    }
}

#[component]
fn Settings(form: Form) -> impl IntoView {
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
        <Card title=label(|i| i.settings)>
            <FormGrid>
                <SelectField
                    form=form
                    name="/settings/order_state"
                    label=label(|i| i.order_state)
                    options=states
                    required=true
                />
                <SelectField
                    form=form
                    name="/settings/utc_offset_minutes"
                    label=label(|i| i.offset)
                    options=offsets()
                    number=true
                    required=true
                />
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
            </FormGrid>
        </Card>
    }
}

#[component]
fn Discard(path: StoredValue<String>) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let nav = use_nav();
    let discard = move |_| {
        let i = t_now().import;
        let ask = Ask {
            title: i.discard_title.to_owned(),
            text: i.discard_text.to_owned(),
            button: i.discard.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            spawn_local(async move {
                match api::delete(path.get_value()).done().await {
                    Ok(()) => nav.replace("/imports"),
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    view! {
        <Show when=move || session.can(Module::Imports, Operation::Delete)>
            <button type="button" class="btn-quiet" on:click=discard>
                {move || t().import.discard}
            </button>
        </Show>
    }
}
