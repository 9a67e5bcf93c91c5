//! The frame of a page: header, cards, key figures, facts.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Glyph, Icon};
use crate::i18n::t;

/// Title of a page, with a way back and actions; sets the title of the browser's tab.
#[component]
pub fn PageHeader(
    #[prop(into)] title: Signal<String>,
    /// Where the page belongs: address and label of the list above.
    #[prop(optional)]
    up: Option<(&'static str, Signal<String>)>,
    /// Beside the title: badges.
    #[prop(optional, into)]
    beside: ViewFn,
    /// Below the title.
    #[prop(optional, into)]
    below: ViewFn,
    /// Buttons on the right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    Effect::new(move |_| document().set_title(&format!("{} · {}", title.get(), t().shell.product)));
    view! {
        <header class="mb-4 flex flex-wrap items-start gap-x-4 gap-y-3">
            <div class="min-w-0 flex-1 basis-44 sm:basis-72">
                {up.map(|(address, label)| {
                    view! {
                        <A href=address attr:class="muted mb-0.5 inline-flex items-center gap-0.5 text-xs hover:text-primary">
                            <Icon glyph=Glyph::ChevronLeft class="size-3.5" />
                            {move || label.get()}
                        </A>
                    }
                })}
                <div class="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                    <h1 class="text-xl break-words">{move || title.get()}</h1>
                    {beside.run()}
                </div>
                {below.run()}
            </div>
            {children.map(|children| view! { <div class="flex flex-wrap items-center gap-2">{children()}</div> })}
        </header>
    }
}

/// A white area with an optional title and actions.
#[component]
pub fn Card(
    #[prop(into, optional)] title: Signal<String>,
    /// Small text below the title.
    #[prop(into, optional)]
    text: Signal<String>,
    /// At the right of the title.
    #[prop(optional, into)]
    actions: ViewFn,
    /// No space around the content (tables).
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <section class=if flush { "panel overflow-clip" } else { "panel" }>
            <Show when=move || title.with(|title| !title.is_empty())>
                <div class="flex flex-wrap items-center gap-2 border-b border-base-300 px-4 py-2.5">
                    <div class="flex-1 basis-40">
                        <h2 class="panel-title">{move || title.get()}</h2>
                        <Show when=move || text.with(|text| !text.is_empty())>
                            <p class="muted text-xs">{move || text.get()}</p>
                        </Show>
                    </div>
                    {actions.run()}
                </div>
            </Show>
            <div class=if flush { "" } else { "p-4" }>{children()}</div>
        </section>
    }
}

/// A row of key figures.
#[component]
pub fn KeyFigures(children: Children) -> impl IntoView {
    view! {
        <dl class="panel grid grid-cols-2 gap-px overflow-clip bg-base-300 sm:grid-cols-3 lg:auto-cols-fr lg:grid-flow-col lg:grid-cols-none max-sm:[&>:last-child:nth-child(odd)]:col-span-2 sm:max-lg:[&>:last-child:nth-child(3n+1)]:col-span-3 sm:max-lg:[&>:last-child:nth-child(3n+2)]:col-span-2">
            {children()}
        </dl>
    }
}

/// One figure with its name and, if it helps, a remark.
#[component]
pub fn KeyFigure(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<String>,
    #[prop(into, optional)] note: Signal<String>,
    /// The exact value, where a short one is shown.
    #[prop(into, optional)]
    title: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="bg-base-100 px-4 py-3">
            <dt class="muted text-xs">{move || label.get()}</dt>
            <dd class="num mt-0.5 text-lg font-semibold tracking-tight" title=move || title.get()>
                {move || value.get()}
            </dd>
            <Show when=move || note.with(|note| !note.is_empty())>
                <dd class="muted text-xs">{move || note.get()}</dd>
            </Show>
        </div>
    }
}

/// Names and values of a record, in two columns where there is room.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="grid grid-cols-1 gap-x-8 gap-y-3 sm:grid-cols-2">{children()}</dl> }
}

/// One name and its value; a dash where there is none.
#[component]
pub fn Fact(
    #[prop(into)] label: Signal<String>,
    /// The text of the value; or give children for anything else.
    #[prop(into, optional)]
    value: Signal<Option<String>>,
    /// Over both columns.
    #[prop(optional)]
    wide: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let content = match children {
        Some(children) => children().into_any(),
        None => (move || {
            value
                .get()
                .filter(|v| !v.is_empty())
                .unwrap_or_else(|| "—".to_owned())
        })
        .into_any(),
    };
    view! {
        <div class=if wide { "min-w-0 sm:col-span-2" } else { "min-w-0" }>
            <dt class="muted text-xs">{move || label.get()}</dt>
            <dd class="mt-0.5 break-words whitespace-pre-line">{content}</dd>
        </div>
    }
}

/// A link to a record, as the first column of a list has it.
pub fn record_link(address: String, text: String) -> AnyView {
    view! {
        <A href=address attr:class="link-plain">
            {text}
        </A>
    }
    .into_any()
}
