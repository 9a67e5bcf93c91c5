//! Settings of the deployment.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::settings::{Settings, SettingsInput, format_number};
use guanxi_domain::{FieldSet, Timestamp};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::api;
use crate::i18n::{AdminTexts, fill, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{
    CheckField, ConflictDialog, Editor, Form, FormActions, FormFailure, FormSection, PageHeader,
    RecordSkeleton, SelectField, TextField, UnsavedGuard, use_toasts, with_data,
};

const FIELDS: FieldSet = FieldSet {
    record: "settings",
    default_sort: "",
    fields: &[],
};

fn label(pick: fn(&AdminTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().admin).to_owned())
}

fn member_name(pointer: &str) -> Option<&'static str> {
    let a = t().admin;
    Some(match pointer {
        "/company_name" => a.company_name,
        "/time_zone" => a.time_zone,
        "/registration_open" => a.registration_open,
        "/customer_code_pattern" => a.customer_code,
        "/order_number_pattern" => a.order_number,
        "/ticket_number_pattern" => a.ticket_number,
        _ => return None,
    })
}

#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = Loader::new(|| api::get("/settings").json::<Settings>());
    view! {
        <PageHeader title=label(|a| a.settings) />
        {with_data(
            settings,
            || view! { <RecordSkeleton /> }.into_any(),
            move |found| view! { <SettingsForm found=found settings=settings /> },
        )}
    }
}

#[component]
fn SettingsForm(found: Settings, settings: Loader<Settings>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let editor = Editor::new::<SettingsInput>(
        &FIELDS,
        "/settings",
        found.version,
        &found.input,
        move |saved: Settings| {
            toasts.done(t_now().common.saved);
            settings.set(saved);
        },
    );
    let form = editor.form;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    let may_update = move || session.can(Module::Settings, Operation::Update);
    view! {
        <UnsavedGuard form=form />
        <form class="max-w-3xl space-y-4" novalidate on:submit=submit>
            <FormSection title=label(|a| a.section_company)>
                <TextField form=form name="company_name" label=label(|a| a.company_name) required=true />
                <div class="sm:self-end">
                    <CheckField
                        form=form
                        name="registration_open"
                        label=label(|a| a.registration_open)
                        hint=label(|a| a.registration_hint)
                    />
                </div>
                <SelectField
                    form=form
                    name="time_zone"
                    label=label(|a| a.time_zone)
                    options=Signal::derive(zones)
                    hint=label(|a| a.time_zone_hint)
                    required=true
                />
            </FormSection>
            <FormSection title=label(|a| a.section_numbers)>
                <p class="muted text-xs sm:col-span-2">{move || t().admin.pattern_hint}</p>
                <Pattern form=form name="customer_code_pattern" title=|a| a.customer_code />
                <Pattern form=form name="order_number_pattern" title=|a| a.order_number />
                <Pattern form=form name="ticket_number_pattern" title=|a| a.ticket_number />
            </FormSection>
            <FormFailure form=form />
            <Show when=may_update>
                <FormActions form=form cancel=move |()| form.reset(form.original()) />
            </Show>
        </form>
        <ConflictDialog editor=editor names=member_name />
    }
}

/// The time zones that the browser knows; an old one knows none, and leaves what is set.
fn zones() -> Vec<(String, String)> {
    let names = || -> Result<js_sys::Array, JsValue> {
        let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into())?;
        let list = js_sys::Reflect::get(&intl, &"supportedValuesOf".into())?;
        let list: js_sys::Function = list.dyn_into()?;
        list.call1(&intl, &"timeZone".into())?.dyn_into()
    };
    let names = names().unwrap_or_default();
    let names = names.iter().filter_map(|name| name.as_string());
    names.map(|name| (name.clone(), name)).collect()
}

/// A pattern of numbers, with what the first one today would be.
#[component]
fn Pattern(
    form: Form,
    name: &'static str,
    title: fn(&AdminTexts) -> &'static str,
) -> impl IntoView {
    let example = Signal::derive(move || {
        let text = format_number(&form.text(name), 1, Timestamp::now().date());
        fill(t().admin.pattern_example, &[("text", &text)])
    });
    view! { <TextField form=form name=name label=label(title) hint=example required=true /> }
}
