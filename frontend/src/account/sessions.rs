use guanxi_domain::account::Session as LogIn;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::format;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::ui::{Ask, Badge, Card, Skeleton, Tone, use_confirm, use_toasts, with_data};

/// Browser and system of a user agent string, as far as people need it to know their device again.
fn device(agent: &str) -> String {
    let pick = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = pick(&[
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = pick(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) if agent.is_empty() => "—".to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

#[component]
pub fn SessionsCard() -> impl IntoView {
    let toasts = use_toasts();
    let confirm = use_confirm();
    let sessions = Loader::new(|| api::get("/me/sessions").items::<LogIn>());
    let end = move |id: String| {
        let account = t_now().account;
        let ask = Ask {
            title: account.end_session_title.to_owned(),
            text: account.end_session_text.to_owned(),
            button: account.end_session.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let id = id.clone();
            spawn_local(async move {
                match api::delete(format!("/me/sessions/{id}")).done().await {
                    Ok(()) => toasts.done(t_now().account.session_ended),
                    Err(error) => toasts.error(&error),
                }
                sessions.reload();
            });
        });
    };
    let row = move |session: LogIn| {
        let id = session.id.to_string();
        let (used, began) = (session.last_used_at, session.created_at);
        let current = session.current;
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-base-300/70 px-4 py-3 last:border-b-0">
                <div class="min-w-0 flex-1 basis-56">
                    <p class="flex flex-wrap items-center gap-2 font-medium">
                        <span title=session.user_agent.clone()>{device(&session.user_agent)}</span>
                        {current
                            .then(|| {
                                view! {
                                    <Badge
                                        tone=Tone::Success
                                        text=Signal::derive(|| t().account.this_device.to_owned())
                                    />
                                }
                            })}
                    </p>
                    <p class="muted text-xs">
                        {session.ip} " · " {move || t().account.last_used} " " {move || format::ago(used)} " · "
                        {move || t().account.signed_in} " " {move || format::time(began)}
                    </p>
                </div>
                {(!current)
                    .then(|| {
                        let id = id.clone();
                        view! {
                            <button class="btn-quiet" on:click=move |_| end(id.clone())>
                                {move || t().account.end_session}
                            </button>
                        }
                    })}
            </li>
        }
    };
    view! {
        <Card
            title=Signal::derive(|| t().account.sessions.to_owned())
            text=Signal::derive(|| t().account.sessions_text.to_owned())
            flush=true
        >
            {with_data(
                sessions,
                || view! { <Skeleton lines=4 /> }.into_any(),
                move |list: Vec<LogIn>| view! { <ul>{list.into_iter().map(row).collect_view()}</ul> },
            )}
        </Card>
    }
}
