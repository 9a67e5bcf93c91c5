use std::collections::BTreeSet;

use guanxi_domain::import::{
    FIELDS, Import, ImportRun, ImportSettings, Mapping, Target, Targets, needed,
};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::check::{Check, Findings, Found};
use super::settings::{Settings, own_offset};
use super::{label, targets_of};
use crate::api;
use crate::i18n::{fill, lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{Ask, Card, Form, FormFailure, Glyph, Icon, use_confirm, use_toasts};

/// Values of a column that are shown.
const EXAMPLES: usize = 3;

/// The mapping as it stands in the form.
fn mapping_of(value: &Value) -> Mapping {
    serde_json::from_value(value["mapping"].clone()).unwrap_or_default()
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
    let record = now.record;
    let mut settings = now.settings.clone();
    if settings.utc_offset_minutes == 0 {
        settings.utc_offset_minutes = own_offset();
    }
    settings.match_by = record
        .key(settings.match_by.as_deref())
        .map(|key| key.name.to_owned());
    let form = Form::new::<ImportRun>(
        &FIELDS,
        json!({ "mapping": now.mapping, "settings": settings }),
    );
    // Custom fields that are defined while somebody looks at this come with the next visit.
    let all = StoredValue::new(untrack(|| targets_of(record)));
    let mapping = Memo::new(move |_| mapping_of(&form.value()));
    let settings = Memo::new(move |_| settings_of(&form.value()));
    let needed: Needed =
        Memo::new(move |_| settings.with(|settings| needed(record, settings).collect()));
    let missing = Memo::new(move |_| {
        mapping.with(|mapping| {
            needed.with(|needed| {
                all.with_value(|all| {
                    all.iter()
                        .filter(|t| needed.contains(t.name) && !mapping.contains_key(t.name))
                        .map(|target| target.label(lang()))
                        .collect::<Vec<_>>()
                })
            })
        })
    });
    let found = Found::new(form);
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
    let every: Vec<Target> = all.with_value(|all| all.iter().copied().collect());
    let rows = every.into_iter().map(move |target| {
        now.with_value(|now| view! { <TargetRow target=target form=form mapping=mapping needed=needed import=now.clone() /> })
    });
    let may_run = move || {
        let operations = settings.with(|settings| settings.mode.operations());
        session.can(Module::Imports, Operation::Create)
            && operations.iter().all(|o| session.can(record.module(), *o))
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
            <Settings form=form record=record settings=settings />
            <Findings found=found record=record />
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
                    <Check
                        form=form
                        path=path
                        found=found
                        disabled=Signal::derive(move || missing.with(|missing| !missing.is_empty()))
                    />
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

/// The targets that rows cannot do without.
type Needed = Memo<BTreeSet<&'static str>>;

/// The settings as they stand in the form.
fn settings_of(value: &Value) -> ImportSettings {
    serde_json::from_value(value["settings"].clone()).unwrap_or_default()
}

/// One column that the system takes, which column of the file it is, and what stands there.
#[component]
fn TargetRow(
    target: Target,
    form: Form,
    mapping: Memo<Mapping>,
    needed: Needed,
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
    let required = move || needed.with(|needed| needed.contains(name));
    let lacking = move || required() && chosen.with(Option::is_none);
    view! {
        <tr>
            <td>
                <span class="font-medium">{move || target.label(lang())}</span>
                {move || {
                    required()
                        .then(|| view! { <span class="ml-0.5 text-error" title=t().common.required>"*"</span> })
                }}
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
fn Samples(import: Import, mapping: Memo<Mapping>, all: StoredValue<Targets>) -> impl IntoView {
    let head = move |header: String| {
        let text = header.clone();
        let becomes = move || {
            mapping.with(|mapping| {
                all.with_value(|all| {
                    all.iter()
                        .find(|target| mapping.get(target.name) == Some(&header))
                        .map(|target| target.label(lang()))
                })
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
