use guanxi_domain::custom::{CustomField, CustomFieldInput, CustomKind, CustomRecord};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{CustomFieldId, Field, FieldKind, FieldSet};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;
use serde_json::{Value, json};

use super::choices::ChoicesEditor;
use super::label;
use super::preview::Preview;
use crate::audit::HistoryButton;
use crate::i18n::{fill, lang, lang_now, t, t_now};
use crate::load::Loader;
use crate::nav::{use_nav, use_url};
use crate::session::use_session;
use crate::ui::{
    Ask, CheckField, Editor, EditorForm, Form, FormActions, FormFailure, FormSection, Glyph, Icon,
    MoneyInput, NumberField, PageHeader, RecordSkeleton, SelectField, TextField, UnsavedGuard,
    choices, use_confirm, use_toasts, with_data,
};
use crate::{api, custom};

/// What forms call the members of a definition.
const FIELDS: FieldSet = FieldSet {
    record: "custom_fields",
    default_sort: "",
    fields: &[
        Field::new(
            "record",
            FieldKind::Choice(CustomRecord::CHOICES),
            "所属记录",
            "Belongs to",
        ),
        Field::new("key", FieldKind::Text, "标识", "Key"),
        Field::new(
            "kind",
            FieldKind::Choice(CustomKind::CHOICES),
            "类型",
            "Kind",
        ),
        Field::new("label_zh", FieldKind::Text, "中文名称", "Chinese label"),
        Field::new("label_en", FieldKind::Text, "英文名称", "English label"),
        Field::new("help_zh", FieldKind::Text, "中文说明", "Chinese help"),
        Field::new("help_en", FieldKind::Text, "英文说明", "English help"),
        Field::new("required", FieldKind::Boolean, "必填", "Required"),
        Field::new("active", FieldKind::Boolean, "启用", "Active"),
        Field::new("choices", FieldKind::Text, "选项", "Choices"),
        Field::new("min", FieldKind::Integer, "最小值", "At least"),
        Field::new("max", FieldKind::Integer, "最大值", "At most"),
    ],
};

fn address_of(record: &str) -> String {
    format!("/custom-fields?tab={record}")
}

#[component]
pub fn CustomFieldNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let url = use_url();
    let record = untrack(|| url.get("record"))
        .and_then(|word| word.parse().ok())
        .unwrap_or(CustomRecord::Customers);
    let initial = json!({
        "record": record, "key": "", "kind": CustomKind::Text, "label_zh": "", "label_en": "", "help_zh": null, "help_en": null,
        "required": false, "active": true, "choices": [], "min": null, "max": null,
    });
    let form = Form::new::<CustomFieldInput>(&FIELDS, initial);
    suggest_key(form);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                let made = api::post("/custom-fields")
                    .body(&value)
                    .json::<CustomField>()
                    .await?;
                custom::load().await?;
                Ok(made)
            },
            move |field: CustomField| {
                toasts.done(t_now().custom.created);
                nav.replace(&address_of(field.input.record.as_str()));
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|c| c.new) up=("/custom-fields", label(|c| c.title)) />
        <Beside form=form id=None>
            <form class="space-y-4" novalidate on:submit=submit>
                <Definition form=form is_new=true />
                <FormFailure form=form />
                <FormActions form=form cancel=move |()| nav.to(&address_of(record.as_str())) />
            </form>
        </Beside>
    }
}

/// The key follows the English label until somebody writes one.
fn suggest_key(form: Form) {
    let last = StoredValue::new(String::new());
    // Of all that the form holds the label alone: the key that is set here is part of the form too.
    let label = Memo::new(move |_| form.text("label_en"));
    Effect::new(move |_| {
        let words = label.get().to_lowercase();
        let key: String = words
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("_");
        let key: String = key
            .trim_start_matches(|c: char| !c.is_ascii_lowercase())
            .chars()
            .take(40)
            .collect();
        if untrack(|| form.text("key")) == last.get_value() {
            last.set_value(key.clone());
            form.set("key", key);
        }
    });
}

#[component]
pub fn CustomFieldEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let field =
        Loader::new(move || api::get(format!("/custom-fields/{}", id.get())).json::<CustomField>());
    with_data(
        field,
        || view! { <RecordSkeleton /> }.into_any(),
        |field| view! { <EditPage field=field /> },
    )
}

#[component]
fn EditPage(field: CustomField) -> impl IntoView {
    let session = use_session();
    let nav = use_nav();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let path = format!("/custom-fields/{}", field.id);
    let back = address_of(field.input.record.as_str());
    let saved = back.clone();
    let editor = Editor::new(
        &FIELDS,
        path.clone(),
        field.version,
        &field.input,
        move |_: CustomField| {
            toasts.done(t_now().common.saved);
            let saved = saved.clone();
            spawn_local(async move {
                // The definition is saved; if the others do not come now, they do with the next page.
                let _ = custom::load().await;
                nav.replace(&saved);
            });
        },
    );
    let form = editor.form;
    let input = StoredValue::new(field.input);
    let deleted = back.clone();
    let delete = move |_| {
        let name = input.with_value(|input| input.label(lang_now()).to_owned());
        let texts = t_now().custom;
        let ask = Ask {
            title: fill(texts.delete_title, &[("name", &name)]),
            text: texts.delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        let (path, deleted) = (path.clone(), deleted.clone());
        confirm.ask(ask, move |_| {
            let call = api::delete(path.clone()).version(field.version);
            let deleted = deleted.clone();
            spawn_local(async move {
                match call.done().await {
                    Ok(()) => {
                        toasts.done(t_now().common.deleted);
                        form.reset(form.value_untracked());
                        let _ = custom::load().await;
                        nav.replace(&deleted);
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let may_update = move || session.can(Module::Settings, Operation::Update);
    let title = Signal::derive(move || input.with_value(|input| input.label(lang()).to_owned()));
    let delete = StoredValue::new(delete);
    view! {
        <PageHeader title=title up=("/custom-fields", label(|c| c.title))>
            <HistoryButton record="custom-fields" id=field.id.to_string() />
            <Show when=may_update>
                <button type="button" class="btn-quiet" on:click=move |event| delete.with_value(|delete| delete(event))>
                    <Icon glyph=Glyph::Trash />
                    {move || t().common.delete}
                </button>
            </Show>
        </PageHeader>
        <Beside form=form id=Some(field.id)>
            <EditorForm editor=editor back=back width="max-w-full">
                <Definition form=form is_new=false />
            </EditorForm>
        </Beside>
    }
}

/// The definition on the left, what comes of it on the right.
#[component]
fn Beside(form: Form, id: Option<CustomFieldId>, children: Children) -> impl IntoView {
    view! {
        <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <div class="min-w-0">{children()}</div>
            <div class="xl:sticky xl:top-4">
                <Preview form=form id=id />
            </div>
        </div>
    }
}

#[component]
fn Definition(form: Form, is_new: bool) -> impl IntoView {
    let kind = Memo::new(move |_| {
        let word = form.text("kind");
        word.parse().unwrap_or(CustomKind::Text)
    });
    // Settings of another kind would be refused.
    Effect::new(move |before: Option<CustomKind>| {
        let kind = kind.get();
        if before.is_some_and(|before| before != kind) {
            if !kind.chooses() {
                form.set("choices", json!([]));
            }
            form.set("min", Value::Null);
            form.set("max", Value::Null);
        }
        kind
    });
    let bounds = move || match kind.get() {
        CustomKind::Text => view! {
            <NumberField form=form name="min" label=label(|c| c.min_length) />
            <NumberField form=form name="max" label=label(|c| c.max_length) />
        }
        .into_any(),
        CustomKind::Number => view! {
            <NumberField form=form name="min" />
            <NumberField form=form name="max" />
        }
        .into_any(),
        CustomKind::Money => view! {
            <MoneyInput form=form name="min" />
            <MoneyInput form=form name="max" />
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <FormSection title=label(|c| c.section_field)>
            {is_new
                .then(|| {
                    view! { <SelectField form=form name="record" options=choices!(CustomRecord) required=true /> }
                })}
            <SelectField
                form=form
                name="kind"
                options=choices!(CustomKind)
                required=true
                hint=label(|c| c.kind_hint)
            />
            <TextField form=form name="label_zh" required=true autofocus=true />
            <TextField form=form name="label_en" required=true />
            {is_new.then(|| view! { <TextField form=form name="key" required=true hint=label(|c| c.key_hint) wide=true /> })}
            <TextField form=form name="help_zh" hint=label(|c| c.help_hint) />
            <TextField form=form name="help_en" hint=label(|c| c.help_hint) />
        </FormSection>
        <Show when=move || kind.get().chooses()>
            <FormSection title=label(|c| c.section_choices)>
                <ChoicesEditor form=form />
            </FormSection>
        </Show>
        <FormSection title=label(|c| c.section_rules)>
            {bounds}
            <CheckField form=form name="required" hint=label(|c| c.required_hint) />
            <CheckField form=form name="active" hint=label(|c| c.active_hint) />
        </FormSection>
    }
}
