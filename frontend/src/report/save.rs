//! What is done with a report: saved, put on the start page, exported, deleted.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::report::{Report, ReportExport, ReportInput};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::label;
use super::query::{Shown, address_of};
use super::schedule::Schedule;
use crate::api::{self, Call};
use crate::i18n::{fill, t, t_now};
use crate::nav::{use_nav, use_url};
use crate::session::use_session;
use crate::ui::{Ask, Dialog, Glyph, Icon, Menu, MenuItem, use_confirm, use_toasts};

#[component]
pub fn ReportActions(shown: Memo<Shown>, report: RwSignal<Option<Report>>) -> impl IntoView {
    let toasts = use_toasts();
    let confirm = use_confirm();
    let nav = use_nav();
    let session = use_session();
    let naming = RwSignal::new(false);
    let mailing = RwSignal::new(use_url().get_untracked("mail").is_some());
    let send = move |call: Call, done: fn() -> Option<&'static str>| {
        spawn_local(async move {
            match call.json::<Report>().await {
                Ok(saved) => {
                    report.try_set(Some(saved));
                    if let Some(text) = done() {
                        toasts.done(text);
                    }
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let save = move |_| {
        let Some(now) = report.get_untracked() else {
            return naming.set(true);
        };
        let shown = shown.get_untracked();
        let call = api::patch(format!("/reports/{}", now.id))
            .version(now.version)
            .body(&json!({"query": shown.query, "chart": shown.chart}));
        send(call, || Some(t_now().report.saved_done));
    };
    let pin = move |()| {
        if let Some(now) = report.get_untracked() {
            let call = api::put(format!("/reports/{}/pin", now.id));
            send(call.body(&json!({"pinned": !now.pinned})), || None);
        }
    };
    let delete = move |()| {
        let Some(now) = report.get_untracked() else {
            return;
        };
        let words = t_now().report;
        let ask = Ask {
            title: fill(words.delete_title, &[("name", &now.input.name)]),
            text: words.delete_text.to_owned(),
            button: words.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let call = api::delete(format!("/reports/{}", now.id)).version(now.version);
            spawn_local(async move {
                match call.done().await {
                    Ok(()) => {
                        toasts.done(t_now().report.deleted);
                        nav.replace("/reports");
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let mine = move || report.with(|r| r.as_ref().is_none_or(|r| r.mine));
    let saved = move || report.with(Option::is_some);
    let own = move || report.with(|r| r.as_ref().is_some_and(|r| r.mine));
    let pinned = move || report.with(|r| r.as_ref().is_some_and(|r| r.pinned));
    view! {
        <Show when=move || session.can(Module::Reports, Operation::Export)>
            <ExportMenu shown=shown />
        </Show>
        <Show when=mine>
            <button class="btn btn-primary btn-sm" data-testid="save" on:click=save>
                <Icon glyph=Glyph::Check />
                {move || t().report.save}
            </button>
        </Show>
        <Show when=saved>
            <Menu
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
                label=Signal::derive(|| t().common.more.to_owned())
                button_class="btn btn-ghost btn-square btn-sm"
            >
                <MenuItem glyph=Glyph::Copy label=label(|r| r.save_as) on_click=move |()| naming.set(true) />
                <MenuItem
                    glyph=Glyph::Star
                    label=Signal::derive(move || {
                        let words = t().report;
                        if pinned() { words.unpin } else { words.pin }.to_owned()
                    })
                    on_click=pin
                />
                <MenuItem
                    glyph=Glyph::Mail
                    label=label(|r| r.schedule)
                    on_click=move |()| mailing.set(true)
                />
                <Show when=own>
                    <MenuItem glyph=Glyph::Trash label=label(|r| r.delete) on_click=delete danger=true />
                </Show>
            </Menu>
        </Show>
        <Dialog open=naming title=label(|r| r.save_as) width="max-w-md">
            <NameForm shown=shown report=report open=naming />
        </Dialog>
        <Show when=saved>
            <Dialog open=mailing title=label(|r| r.schedule) width="max-w-2xl">
                {move || report.get().map(|report| view! { <Schedule report=report open=mailing /> })}
            </Dialog>
        </Show>
    }
}

#[component]
fn ExportMenu(shown: Memo<Shown>) -> impl IntoView {
    let toasts = use_toasts();
    let export = move |format: guanxi_domain::export::ExportFormat| {
        let body = ReportExport {
            format,
            query: shown.with_untracked(|s| s.query.clone()),
        };
        spawn_local(async move {
            let call = api::post("/reports/export").body(&body);
            match api::download(call, &format!("report.{format}")).await {
                Ok(()) => toasts.done(t_now().list.exported),
                Err(error) => toasts.error(&error),
            }
        });
    };
    view! {
        <Menu
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Download /> })
            label=Signal::derive(|| t().list.export.to_owned())
            button_class="btn btn-ghost btn-square btn-sm"
        >
            <MenuItem
                glyph=Glyph::File
                label=Signal::derive(|| t().list.export_csv.to_owned())
                on_click=move |()| export(guanxi_domain::export::ExportFormat::Csv)
            />
            <MenuItem
                glyph=Glyph::File
                label=Signal::derive(|| t().list.export_xlsx.to_owned())
                on_click=move |()| export(guanxi_domain::export::ExportFormat::Xlsx)
            />
        </Menu>
    }
}

/// Asks for a new report's name and whether it is shared.
#[component]
fn NameForm(
    shown: Memo<Shown>,
    report: RwSignal<Option<Report>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = use_toasts();
    let nav = use_nav();
    let name = RwSignal::new(String::new());
    let shared = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let shown = shown.get_untracked();
        let input = ReportInput {
            name: name.get_untracked().trim().to_owned(),
            shared: shared.get_untracked(),
            chart: shown.chart,
            query: shown.query,
        };
        if input.name.is_empty() {
            return;
        }
        spawn_local(async move {
            match api::post("/reports").body(&input).json::<Report>().await {
                Ok(saved) => {
                    open.try_set(false);
                    toasts.done(t_now().report.saved_done);
                    let address = address_of(Some(saved.id), &saved.input.query, saved.input.chart);
                    report.try_set(Some(saved));
                    nav.replace(&address);
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    view! {
        <form on:submit=submit class="space-y-3">
            <label class="block">
                <span class="mb-1 block font-medium">{move || t().report.save_name}</span>
                <input
                    class="input input-sm h-9"
                    maxlength="80"
                    required
                    autofocus
                    autocomplete="off"
                    data-testid="report-name"
                    prop:value=move || name.get()
                    on:input:target=move |event| name.set(event.target().value())
                />
            </label>
            <label class="flex cursor-pointer items-start gap-2">
                <input
                    type="checkbox"
                    class="checkbox checkbox-primary checkbox-sm mt-0.5"
                    prop:checked=move || shared.get()
                    on:change:target=move |event| shared.set(event.target().checked())
                />
                {move || t().report.share}
            </label>
            <div class="flex justify-end gap-2 pt-2">
                <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                    {move || t().common.cancel}
                </button>
                <button type="submit" class="btn btn-primary btn-sm" data-testid="save-report">
                    {move || t().common.save}
                </button>
            </div>
        </form>
    }
}
