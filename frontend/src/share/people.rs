//! Everybody who may see a record, and why.

use guanxi_domain::permission::Operation;
use guanxi_domain::share::{Access, Because, Share};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Shares, holds, one};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Badge, Glyph, Icon, Skeleton, Tone, use_toasts, with_data};

#[component]
pub fn People(shares: Shares, again: RwSignal<u32>) -> impl IntoView {
    let access = Loader::new(move || {
        again.track();
        let id = shares.id.get_untracked();
        api::get(format!("/{}/{id}/access", shares.record)).items::<Access>()
    });
    view! {
        <h3 class="mb-1 text-[0.8125rem] font-medium">{move || t().share.who}</h3>
        {with_data(
            access,
            || view! { <Skeleton lines=4 /> }.into_any(),
            move |all: Vec<Access>| view! { <Rows all=all shares=shares again=again /> },
        )}
    }
}

#[component]
fn Rows(all: Vec<Access>, shares: Shares, again: RwSignal<u32>) -> impl IntoView {
    // Shares that give nothing (any more) are shown too: they can be taken back.
    let rest = move || {
        let seen: Vec<_> = all.iter().map(|access| access.user_id).collect();
        let shared = shares.loader.data().unwrap_or_default();
        let of = |user| shared.iter().find(|s| s.input.user_id == user).cloned();
        let seeing = all.iter().map(|access| {
            let share = of(access.user_id);
            view! { <Row access=Some(access.clone()) share=share shares=shares again=again /> }
                .into_any()
        });
        let others = shared
            .iter()
            .filter(|share| !seen.contains(&share.input.user_id))
            .map(|share| {
                view! { <Row access=None share=Some(share.clone()) shares=shares again=again /> }
                    .into_any()
            });
        seeing.chain(others).collect::<Vec<_>>()
    };
    view! {
        <ul
            class="max-h-80 overflow-y-auto rounded-box border border-base-300"
            data-testid="access"
        >
            {rest}
        </ul>
    }
}

#[component]
fn Row(
    access: Option<Access>,
    share: Option<Share>,
    shares: Shares,
    again: RwSignal<u32>,
) -> impl IntoView {
    let session = use_session();
    let name = access.as_ref().map_or_else(
        || {
            share
                .as_ref()
                .map(|s| s.user_name.clone())
                .unwrap_or_default()
        },
        |access| access.user_name.clone(),
    );
    let department = access.as_ref().and_then(|a| a.department.clone());
    let why = access.as_ref().map(|a| (a.read, a.update));
    let told = share.clone().map(|share| {
        move || {
            let by = share.by.and_then(|id| session.person_name(id.as_str()));
            let by = by.map(|name| fill(t().share.by, &[("name", &name)]));
            let until = share.input.until.map(|day| {
                let text = if holds(Some(day)) {
                    t().share.lasts
                } else {
                    t().share.ended
                };
                fill(text, &[("date", &format::date(day))])
            });
            by.into_iter().chain(until).collect::<Vec<_>>().join(" · ")
        }
    });
    let may = move || session.can(shares.record.module(), Operation::Update);
    view! {
        <li class="flex items-center gap-3 border-b border-base-300/70 px-3 py-2 last:border-b-0">
            <div class="min-w-0 flex-1">
                <p class="flex flex-wrap items-center gap-x-2">
                    <span class="font-medium">{name.clone()}</span>
                    <span class="muted text-xs">{department}</span>
                </p>
                <p class="muted text-xs">
                    {why.map(|(read, _)| view! { <span>{move || read.label(lang())}</span> })}
                    {told.map(|told| view! { <span class="before:content-['·'] before:mx-1">{told}</span> })}
                </p>
            </div>
            {why.map(|(read, update)| view! { <Level read=read update=update /> })}
            {share
                .map(|share| {
                    view! {
                        <Show when=may>
                            <Remove share=share.clone() shares=shares again=again />
                        </Show>
                    }
                })}
        </li>
    }
}

#[component]
fn Level(read: Because, update: Option<Because>) -> impl IntoView {
    let tone = if read == Because::Shared {
        Tone::Info
    } else {
        Tone::Plain
    };
    let text = Signal::derive(move || {
        let s = t().share;
        if update.is_some() { s.writes } else { s.reads }.to_owned()
    });
    view! { <Badge tone=tone text=text /> }
}

#[component]
fn Remove(share: Share, shares: Shares, again: RwSignal<u32>) -> impl IntoView {
    let toasts = use_toasts();
    let name = share.user_name.clone();
    let remove = move |_| {
        let address = one(
            shares.record,
            &shares.id.get_untracked(),
            share.input.user_id,
        );
        spawn_local(async move {
            match api::delete(address).done().await {
                Ok(()) => toasts.done(t_now().share.removed),
                Err(error) => toasts.error(&error),
            }
            shares.loader.reload();
            again.update(|n| *n += 1);
        });
    };
    view! {
        <button
            type="button"
            class="btn btn-ghost btn-square btn-sm"
            data-testid="unshare"
            aria-label=move || fill(t().share.remove, &[("name", &name)])
            on:click=remove
        >
            <Icon glyph=Glyph::Close class="size-4" />
        </button>
    }
}
