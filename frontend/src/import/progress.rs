use guanxi_domain::import::{Import, ImportState};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::label;
use crate::api;
use crate::format;
use crate::i18n::{ImportTexts, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Ask, Card, ProgressBar, use_confirm, use_toasts};

#[component]
pub fn ProgressStep(import: Loader<Import>) -> impl IntoView {
    let session = use_session();
    let confirm = use_confirm();
    let toasts = use_toasts();
    let number =
        move |read: fn(&Import) -> i64| move || import.with(|l| l.data.as_ref().map_or(0, read));
    let percent = number(|i| i64::from(i.percent));
    #[allow(clippy::cast_precision_loss)] // 0 to 100.
    let share = Signal::derive(move || Some(percent() as f64 / 100.0));
    let text = Signal::derive(move || {
        let queued = import.with(|l| {
            l.data
                .as_ref()
                .is_some_and(|i| i.state == ImportState::Queued)
        });
        if queued {
            t().import.queued
        } else {
            t().import.running
        }
        .to_owned()
    });
    let cancel = move |_| {
        let i = t_now().import;
        let ask = Ask {
            title: i.cancel_title.to_owned(),
            text: i.cancel_text.to_owned(),
            button: i.cancel.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let Some(now) = import.data_untracked() else {
                return;
            };
            spawn_local(async move {
                match api::post(format!("/imports/{}/cancel", now.id))
                    .json::<Import>()
                    .await
                {
                    Ok(cancelled) => import.set(cancelled),
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let figure = move |name: fn(&ImportTexts) -> &'static str, read: fn(&Import) -> i64| {
        let value = number(read);
        view! {
            <div>
                <dt class="muted text-xs">{move || name(t().import)}</dt>
                <dd class="num text-lg font-semibold">{move || format::integer(value())}</dd>
            </div>
        }
    };
    view! {
        <div class="max-w-3xl">
            <Card title=label(|i| i.step_run)>
                <div class="py-4" data-testid="import-progress">
                    <ProgressBar share=share label=text />
                </div>
                <dl class="grid grid-cols-3 gap-4">
                    {figure(|i| i.read, |i| i.read)} {figure(|i| i.imported, |i| i.imported)}
                    {figure(|i| i.rejected, |i| i.rejected)}
                </dl>
                <Show when=move || session.can(Module::Imports, Operation::Create)>
                    <div class="mt-4 flex justify-end">
                        <button class="btn-quiet" data-testid="import-cancel" on:click=cancel>
                            {move || t().import.cancel}
                        </button>
                    </div>
                </Show>
            </Card>
        </div>
    }
}
