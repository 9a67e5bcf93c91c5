use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::webhook::{Delivery, Webhook, WebhookSecret};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

use super::delivery::Deliveries;
use super::{StateBadge, label};
use crate::api;
use crate::audit::HistoryButton;
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::live::use_live;
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{
    Ask, Card, ChangedElsewhere, Fact, Facts, Glyph, Icon, Menu, MenuItem, PageHeader,
    RecordSkeleton, SecretCard, use_confirm, use_toasts, with_data,
};

/// One webhook: what it is, how it goes, and its messages.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let webhook =
        Loader::new(move || api::get(format!("/webhooks/{}", id.get())).json::<Webhook>());
    let secret = RwSignal::new(None::<String>);
    // Counts up when there are new messages.
    let sent = RwSignal::new(0_u32);
    use_live().on("webhooks", move |_| sent.update(|n| *n += 1));
    view! {
        <ChangedElsewhere record="webhooks" loader=webhook of=|w: &Webhook| (w.id.to_string(), w.version) />
        {with_data(
            webhook,
            || view! { <RecordSkeleton /> }.into_any(),
            move |found| view! { <Head found=found webhook=webhook secret=secret sent=sent /> },
        )}
        {move || secret.get().map(|secret| view! {
                <SecretCard
                    secret=secret
                    title=label(|w| w.secret_title)
                    text=label(|w| w.secret_text)
                />
            })}
        {move || {
            let id = id.get();
            (!id.is_empty()).then(|| view! { <Deliveries webhook=id sent=sent /> })
        }}
    }
}

#[component]
fn Head(
    found: Webhook,
    webhook: Loader<Webhook>,
    secret: RwSignal<Option<String>>,
    sent: RwSignal<u32>,
) -> impl IntoView {
    let session = use_session();
    let name = found.input.name.clone();
    let badge = found.clone();
    let edit = format!("/webhooks/{}/edit", found.id);
    let history = found.id.to_string();
    let owner = found.owner_id;
    let (delivered, rotation) = (found.delivered_at, found.rotation_ends_at);
    let rotating = Signal::derive(move || {
        rotation
            .filter(|end| *end > guanxi_domain::Timestamp::now())
            .map(|end| fill(t().webhook.rotating, &[("time", &format::time(end))]))
    });
    let paused = found.pause_reason.filter(|_| found.paused_at.is_some());
    let may = move || session.can(Module::Webhooks, Operation::Update);
    view! {
        <PageHeader
            title=Signal::stored(name)
            up=("/webhooks", label(|w| w.title))
            beside=ViewFn::from(move || view! { <StateBadge webhook=badge.clone() /> })
        >
            <Show when=may>
                <A href=edit.clone() attr:class="btn btn-primary btn-sm">
                    <Icon glyph=Glyph::Pencil />
                    {move || t().common.edit}
                </A>
            </Show>
            <HistoryButton record="webhooks" id=history.clone() />
            <Actions webhook=webhook secret=secret sent=sent />
        </PageHeader>
        {paused
            .map(|reason| {
                view! {
                    <p class="mb-4 rounded-lg border border-error/40 bg-error/10 px-4 py-2.5" role="status">
                        {move || fill(t().webhook.paused_text, &[("reason", reason.label(lang()))])}
                    </p>
                }
            })}
        <div class="mb-4">
            <Card>
                <Facts>
                    <Fact label=Signal::derive(|| crate::i18n::field_label(&guanxi_domain::webhook::FIELDS, "url")) value=Signal::stored(Some(found.input.url.clone())) wide=true />
                    <Fact label=label(|w| w.events) wide=true>
                        <code class="text-xs break-words">{found.input.events.join(", ")}</code>
                    </Fact>
                    <Fact
                        label=label(|w| w.last_delivery)
                        value=Signal::derive(move || {
                            Some(delivered.map_or_else(|| t().webhook.never.to_owned(), format::time))
                        })
                    />
                    <Fact
                        label=label(|w| w.owner)
                        value=Signal::derive(move || session.person_name(owner.as_str()))
                    />
                    <Show when=move || rotating.get().is_some()>
                        <Fact label=label(|w| w.secret_title) value=rotating />
                    </Show>
                </Facts>
            </Card>
        </div>
    }
}

#[component]
fn Actions(
    webhook: Loader<Webhook>,
    secret: RwSignal<Option<String>>,
    sent: RwSignal<u32>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let nav = use_nav();
    let now = move || webhook.data_untracked();
    let test = move |()| {
        let Some(hook) = now() else { return };
        spawn_local(async move {
            match api::post(format!("/webhooks/{}/test", hook.id))
                .json::<Delivery>()
                .await
            {
                Ok(_) => {
                    toasts.done(t_now().webhook.test_sent);
                    sent.update(|n| *n += 1);
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let resume = move |()| {
        let Some(hook) = now() else { return };
        spawn_local(async move {
            let call = api::post(format!("/webhooks/{}/resume", hook.id)).version(hook.version);
            match call.json::<Webhook>().await {
                Ok(hook) => {
                    toasts.done(t_now().webhook.resumed);
                    webhook.set(hook);
                    sent.update(|n| *n += 1);
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let rotate = move |()| {
        let w = t_now().webhook;
        let ask = Ask {
            title: w.rotate_title.to_owned(),
            text: w.rotate_text.to_owned(),
            button: w.rotate.to_owned(),
            danger: false,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let Some(hook) = now() else { return };
            spawn_local(async move {
                let path = format!("/webhooks/{}/rotate-secret", hook.id);
                match api::post(path)
                    .version(hook.version)
                    .json::<WebhookSecret>()
                    .await
                {
                    Ok(rotated) => {
                        webhook.set(rotated.webhook);
                        secret.set(Some(rotated.secret));
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let delete = move |()| {
        let w = t_now().webhook;
        let ask = Ask {
            title: w.delete_title.to_owned(),
            text: w.delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let Some(hook) = now() else { return };
            spawn_local(async move {
                let call = api::delete(format!("/webhooks/{}", hook.id)).version(hook.version);
                match call.done().await {
                    Ok(()) => {
                        toasts.done(t_now().common.deleted);
                        nav.replace("/webhooks");
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let is_paused =
        move || webhook.with(|l| l.data.as_ref().is_some_and(|w| w.paused_at.is_some()));
    let may = move |operation| session.can(Module::Webhooks, operation);
    view! {
        <Show when=move || may(Operation::Update) && is_paused()>
            <button class="btn btn-primary btn-sm" on:click=move |_| resume(())>
                <Icon glyph=Glyph::Play />
                {move || t().webhook.resume}
            </button>
        </Show>
        <Show when=move || may(Operation::Update) || may(Operation::Delete)>
            <Menu
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
                label=Signal::derive(|| t().common.more.to_owned())
                button_class="btn-quiet btn-square"
            >
                <Show when=move || may(Operation::Update)>
                    <MenuItem glyph=Glyph::Send label=label(|w| w.test) on_click=test />
                    <MenuItem glyph=Glyph::Key label=label(|w| w.rotate) on_click=rotate />
                </Show>
                <Show when=move || may(Operation::Delete)>
                    <MenuItem
                        glyph=Glyph::Trash
                        label=Signal::derive(|| t().common.delete.to_owned())
                        danger=true
                        on_click=delete
                    />
                </Show>
            </Menu>
        </Show>
    }
}
