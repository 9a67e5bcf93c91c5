//! Dictionaries: the choices that forms offer, edited by administrators.

use guanxi_domain::dictionary::{Dictionary, DictionaryEntry, DictionaryEntryInput};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{Field, FieldKind, FieldSet};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::json;

use crate::api;
use crate::audit::HistoryDialog;
use crate::i18n::{CustomTexts, fill, lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_url;
use crate::session::use_session;
use crate::ui::{
    Ask, Badge, CheckField, ConflictDialog, Dialog, Editor, EmptyState, Form, FormFailure,
    FormGrid, Glyph, Icon, Menu, MenuItem, OrderedList, PageHeader, Skeleton, TextField, moved,
    use_confirm, use_toasts, with_data,
};

/// What forms call the members of an entry.
const FIELDS: FieldSet = FieldSet {
    record: "dictionaries",
    default_sort: "",
    fields: &[
        Field::new("code", FieldKind::Text, "代码", "Code"),
        Field::new("label_zh", FieldKind::Text, "中文名称", "Chinese label"),
        Field::new("label_en", FieldKind::Text, "英文名称", "English label"),
        Field::new("active", FieldKind::Boolean, "启用", "Active"),
    ],
};

fn label(pick: fn(&CustomTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().custom).to_owned())
}

/// All dictionaries, and the entries of the one that the address names.
#[component]
pub fn DictionariesPage() -> impl IntoView {
    let session = use_session();
    let url = use_url();
    let current = Memo::new(move |_| {
        let named = url.get("dictionary").and_then(|word| word.parse().ok());
        named.unwrap_or(Dictionary::ALL[0])
    });
    let entries = Loader::new(|| {
        let call = api::get("/dictionaries");
        async move { call.items::<DictionaryEntry>().await }
    });
    // Forms and lists show what has been changed here at once.
    Effect::new(move |_| {
        if let Some(entries) = entries.data() {
            session.set_dictionaries(entries);
        }
    });
    let link = move |dictionary: &'static Dictionary| {
        let address = format!("/dictionaries?dictionary={dictionary}");
        let is_current = move || current.get() == *dictionary;
        view! {
            <li>
                <A
                    href=address
                    attr:class=move || {
                        if is_current() {
                            "flex rounded-field bg-primary/10 px-3 py-2 font-medium text-primary whitespace-nowrap"
                        } else {
                            "flex rounded-field px-3 py-2 whitespace-nowrap hover:bg-base-200"
                        }
                    }
                    attr:aria-current=move || if is_current() { "true" } else { "false" }
                >
                    {move || dictionary.label(lang())}
                </A>
            </li>
        }
    };
    view! {
        <PageHeader
            title=label(|c| c.dictionaries)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().custom.dictionaries_text}</p> })
        />
        <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-[13rem_minmax(0,1fr)]">
            <nav class="panel overflow-x-auto p-2" aria-label=move || t().custom.dictionaries>
                <ul class="flex gap-1 lg:flex-col">{Dictionary::ALL.iter().map(link).collect_view()}</ul>
            </nav>
            {with_data(
                entries,
                || view! { <div class="panel p-4"><Skeleton lines=8 /></div> }.into_any(),
                move |_| view! { <Entries entries=entries dictionary=current /> },
            )}
        </div>
    }
}

#[component]
fn Entries(entries: Loader<Vec<DictionaryEntry>>, dictionary: Memo<Dictionary>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let may_update = Signal::derive(move || session.can(Module::Settings, Operation::Update));
    let own = Memo::new(move |_| {
        let all = entries.with(|l| l.data.clone()).unwrap_or_default();
        all.into_iter()
            .filter(|entry| entry.input.dictionary == dictionary.get())
            .collect::<Vec<_>>()
    });
    let adding = RwSignal::new(false);
    let editing = RwSignal::new(None::<DictionaryEntry>);
    let edit_open = RwSignal::new(false);
    let edit = Callback::new(move |entry: DictionaryEntry| {
        editing.set(Some(entry));
        edit_open.set(true);
    });
    let history_open = RwSignal::new(false);
    let history_of = RwSignal::new(String::new());
    let history = Callback::new(move |entry: DictionaryEntry| {
        history_of.set(entry.id.to_string());
        history_open.set(true);
    });
    let reorder = Callback::new(move |(from, to): (usize, usize)| {
        let before = own.get_untracked();
        let order = moved(&before, from, to);
        let ids: Vec<_> = order.iter().map(|entry| entry.id).collect();
        let chosen = dictionary.get_untracked();
        let mut all = entries.data_untracked().unwrap_or_default();
        all.retain(|entry| entry.input.dictionary != chosen);
        all.extend(order);
        // Shown at once; what the server says of it comes after.
        entries.set(all);
        let call =
            api::put("/dictionaries/order").body(&json!({ "dictionary": chosen, "ids": ids }));
        spawn_local(async move {
            if let Err(error) = call.done().await {
                toasts.error(&error);
                entries.reload();
            }
        });
    });
    let done = Callback::new(move |()| {
        adding.set(false);
        edit_open.set(false);
        entries.reload();
    });
    let rows = move || {
        let all = own.get();
        if all.is_empty() {
            return view! { <EmptyState title=label(|c| c.entries_empty) /> }.into_any();
        }
        let rows = all
            .into_iter()
            .map(|entry| {
                let name = entry.input.label(lang()).to_owned();
                let contents =
                    view! { <EntryRow entry=entry entries=entries may_update=may_update edit=edit history=history /> };
                (name, contents.into_any())
            })
            .collect();
        view! { <OrderedList rows=rows movable=may_update on_move=reorder /> }.into_any()
    };
    view! {
        <section class="panel" data-testid="entries">
            <div class="flex flex-wrap items-center gap-2 border-b border-base-300 px-4 py-2.5">
                <h2 class="panel-title flex-1">{move || dictionary.get().label(lang())}</h2>
                <Show when=move || may_update.get()>
                    <button type="button" class="btn btn-primary btn-sm" on:click=move |_| adding.set(true)>
                        <Icon glyph=Glyph::Plus />
                        {move || t().custom.entry_add}
                    </button>
                </Show>
            </div>
            {rows}
        </section>
        <Dialog open=adding title=label(|c| c.entry_add)>
            <AddForm dictionary=dictionary.get_untracked() open=adding done=done />
        </Dialog>
        <Dialog open=edit_open title=label(|c| c.entry_edit)>
            {move || editing.get().map(|entry| view! { <EditForm entry=entry open=edit_open done=done /> })}
        </Dialog>
        <HistoryDialog open=history_open record="dictionaries" id=history_of />
    }
}

#[component]
fn EntryRow(
    entry: DictionaryEntry,
    entries: Loader<Vec<DictionaryEntry>>,
    may_update: Signal<bool>,
    edit: Callback<DictionaryEntry>,
    history: Callback<DictionaryEntry>,
) -> impl IntoView {
    let toasts = use_toasts();
    let confirm = use_confirm();
    let active = entry.input.active;
    let entry = StoredValue::new(entry);
    let path = move || entry.with_value(|entry| format!("/dictionaries/{}", entry.id));
    let version = move || entry.with_value(|entry| entry.version);
    let send = move |call: api::Call| {
        spawn_local(async move {
            match call.done().await {
                Ok(()) => toasts.done(t_now().common.saved),
                Err(error) => toasts.error(&error),
            }
            entries.reload();
        });
    };
    let toggle = move |()| {
        send(
            api::patch(path())
                .version(version())
                .body(&json!({ "active": !active })),
        );
    };
    let delete = move |()| {
        let name = entry.with_value(|entry| entry.input.label(crate::i18n::lang_now()).to_owned());
        let texts = t_now().custom;
        let ask = Ask {
            title: fill(texts.entry_delete_title, &[("name", &name)]),
            text: texts.entry_delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        let call = move || api::delete(path()).version(version());
        confirm.ask(ask, move |_| send(call()));
    };
    let toggle_label = Signal::derive(move || {
        let texts = t().custom;
        if active {
            texts.deactivate
        } else {
            texts.reactivate
        }
        .to_owned()
    });
    view! {
        <div class="flex items-center gap-2 py-1">
            <div class="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5">
                <span class="font-medium sm:w-52" class=("opacity-75", !active)>
                    {move || entry.with_value(|entry| entry.input.label(lang()).to_owned())}
                </span>
                <span class="muted text-xs sm:w-44">
                    {move || {
                        entry.with_value(|entry| lang().pick(&entry.input.label_en, &entry.input.label_zh).clone())
                    }}
                </span>
                <code class="muted num text-xs">{entry.with_value(|entry| entry.input.code.clone())}</code>
                {(!active).then(|| view! { <Badge text=label(|c| c.inactive) /> })}
            </div>
            <Show when=move || may_update.get()>
                <Menu
                    button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
                    label=Signal::derive(move || {
                        entry.with_value(|entry| format!("{}{}{}", t().common.more, t().common.colon, entry.input.label(lang())))
                    })
                    button_class="btn btn-ghost btn-square btn-sm"
                >
                    <MenuItem
                        glyph=Glyph::Pencil
                        label=Signal::derive(|| t().common.edit.to_owned())
                        on_click=move |()| edit.run(entry.get_value())
                    />
                    <MenuItem
                        glyph=if active { Glyph::Ban } else { Glyph::CircleCheck }
                        label=toggle_label
                        on_click=toggle
                    />
                    <MenuItem
                        glyph=Glyph::Clock
                        label=Signal::derive(|| t().admin.history.to_owned())
                        on_click=move |()| history.run(entry.get_value())
                    />
                    <MenuItem
                        glyph=Glyph::Trash
                        label=Signal::derive(|| t().common.delete.to_owned())
                        on_click=delete
                    />
                </Menu>
            </Show>
        </div>
    }
}

#[component]
fn AddForm(dictionary: Dictionary, open: RwSignal<bool>, done: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let initial = json!({"dictionary": dictionary, "code": "", "label_zh": "", "label_en": "", "active": true});
    let form = Form::new::<DictionaryEntryInput>(&FIELDS, initial);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move {
                api::post("/dictionaries")
                    .body(&value)
                    .json::<DictionaryEntry>()
                    .await
            },
            move |_| {
                toasts.done(t_now().custom.entry_created);
                done.run(());
            },
        );
    };
    view! {
        <form class="space-y-4" novalidate on:submit=submit>
            <FormGrid>
                <TextField form=form name="label_zh" required=true autofocus=true />
                <TextField form=form name="label_en" required=true />
                <TextField form=form name="code" required=true hint=label(|c| c.entry_code_hint) wide=true />
            </FormGrid>
            <FormFailure form=form />
            <Buttons form=form open=open />
        </form>
    }
}

/// "Cancel" and "save" of a form in a dialog.
#[component]
fn Buttons(form: Form, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="flex justify-end gap-2">
            <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                {move || t().common.cancel}
            </button>
            <button type="submit" class="btn btn-primary btn-sm min-w-20" disabled=move || form.busy()>
                {move || if form.busy() { t().common.saving } else { t().common.save }}
            </button>
        </div>
    }
}

#[component]
fn EditForm(entry: DictionaryEntry, open: RwSignal<bool>, done: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let editor = Editor::new(
        &FIELDS,
        format!("/dictionaries/{}", entry.id),
        entry.version,
        &entry.input,
        move |_: DictionaryEntry| {
            toasts.done(t_now().common.saved);
            done.run(());
        },
    );
    let form = editor.form;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    view! {
        <form class="space-y-4" novalidate on:submit=submit>
            <FormGrid>
                <TextField form=form name="label_zh" required=true autofocus=true />
                <TextField form=form name="label_en" required=true />
                <div class="sm:col-span-2">
                    <CheckField form=form name="active" hint=label(|c| c.active_hint) />
                </div>
            </FormGrid>
            <FormFailure form=form />
            <Buttons form=form open=open />
        </form>
        <ConflictDialog editor=editor />
    }
}
