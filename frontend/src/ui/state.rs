//! What a view shows while data is on its way, missing, or not to be had.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Glyph, Icon};
use crate::api::ApiError;
use crate::i18n::t;
use crate::load::Loader;

/// Grey lines in the place of text.
#[component]
pub fn Skeleton(#[prop(default = 3)] lines: usize) -> impl IntoView {
    const WIDTHS: [&str; 4] = ["w-11/12", "w-4/5", "w-2/3", "w-1/2"];
    view! {
        <div class="space-y-3 p-4" aria-busy="true" aria-label=move || t().common.loading>
            {(0..lines)
                .map(|i| view! { <div class=format!("skeleton-line {}", WIDTHS[i % WIDTHS.len()])></div> })
                .collect_view()}
        </div>
    }
}

/// A record page that is on its way.
#[component]
pub fn RecordSkeleton() -> impl IntoView {
    view! {
        <div class="space-y-4" aria-busy="true" aria-label=move || t().common.loading>
            <div class="h-8 w-64 max-w-full animate-pulse rounded bg-base-300"></div>
            <div class="grid grid-cols-2 gap-3 md:grid-cols-4">
                {(0..4)
                    .map(|_| view! { <div class="panel h-20 animate-pulse bg-base-300/50"></div> })
                    .collect_view()}
            </div>
            <div class="panel">
                <Skeleton lines=6 />
            </div>
        </div>
    }
}

/// Nothing there, and what to do about it.
#[component]
pub fn EmptyState(
    #[prop(default = Glyph::Inbox)] glyph: Glyph,
    #[prop(into)] title: Signal<String>,
    #[prop(into, optional)] text: Signal<String>,
    /// A button that leads on.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="flex flex-col items-center px-6 py-14 text-center">
            <span class="mb-3 grid size-11 place-items-center rounded-full bg-base-200 text-base-content/60">
                <Icon glyph=glyph class="size-5" />
            </span>
            <p class="font-medium">{move || title.get()}</p>
            <Show when=move || text.with(|text| !text.is_empty())>
                <p class="muted mt-1 max-w-md">{move || text.get()}</p>
            </Show>
            {children.map(|children| view! { <div class="mt-4 flex flex-wrap justify-center gap-2">{children()}</div> })}
        </div>
    }
}

/// What went wrong, with a way to try again where that can help.
#[component]
pub fn ErrorState(
    #[prop(into)] error: Signal<ApiError>,
    #[prop(into, optional)] retry: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="flex flex-col items-center px-6 py-14 text-center" role="alert">
            <span class="mb-3 grid size-11 place-items-center rounded-full bg-error/10 text-error">
                <Icon glyph=Glyph::Warning class="size-5" />
            </span>
            <p class="font-medium">{move || t().common.error_title}</p>
            <p class="muted mt-1 max-w-md">{move || error.get().message()}</p>
            {move || {
                error
                    .get()
                    .request_id()
                    .map(|id| {
                        view! {
                            <p class="muted mt-1 text-xs">
                                {t().common.error_request} " " <code class="select-all">{id.to_owned()}</code>
                            </p>
                        }
                    })
            }}
            <div class="mt-4 flex flex-wrap justify-center gap-2">
                {retry
                    .map(|retry| {
                        view! {
                            <button class="btn-quiet" on:click=move |_| retry.run(())>
                                <Icon glyph=Glyph::Refresh />
                                {move || t().common.retry}
                            </button>
                        }
                    })}
                // What is not there does not come by asking again.
                <Show when=move || error.with(|e| e.code() == "not_found")>
                    <A href="/" attr:class="btn-quiet">
                        {move || t().common.go_home}
                    </A>
                </Show>
            </div>
        </div>
    }
}

/// Shows `view` of the data, a skeleton before it comes, or the error.
///
/// `view` is called anew when other data has come.
pub fn with_data<T, V>(
    loader: Loader<T>,
    skeleton: impl Fn() -> AnyView + Send + Sync + 'static,
    view: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let phase = Memo::new(move |_| loader.with(|l| (l.data.is_some(), l.error.is_some())));
    move || {
        match phase.get() {
        (true, _) => loader.data().map(&view).into_any(),
        (false, true) => loader
            .error()
            .map(|error| view! { <ErrorState error=error retry=Callback::new(move |()| loader.reload()) /> })
            .into_any(),
        (false, false) => skeleton(),
    }
    }
}

/// Something to know before going on, among the fields of a form.
#[component]
pub fn Caution(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <p class="flex gap-2 rounded-lg border border-warning/40 bg-warning/10 px-3 py-2 text-[0.8125rem]" role="status">
            <Icon glyph=Glyph::Warning class="mt-0.5 size-4 shrink-0 text-warning" />
            <span class="min-w-0">{move || text.get()}</span>
        </p>
    }
}
