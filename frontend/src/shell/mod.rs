//! The frame around the pages: navigation, top bar, and the way to the log-in.

mod bell;
mod nav;
mod palette;
mod top_bar;

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use crate::i18n::t;
use crate::nav::use_nav;
use crate::session::{SessionState, use_session};
use crate::ui::{EmptyState, ErrorState, Glyph, PageHeader, RecordSkeleton};
use nav::SideNav;
pub use nav::first_allowed;
use palette::{Palette, PaletteDialog};
use top_bar::TopBar;
pub use top_bar::{LanguageMenu, ThemeMenu};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Starting,
    Failed,
    Anonymous,
    Inside,
}

/// The frame; sends whoever is not logged in to the log-in page and back afterwards.
#[component]
pub fn Shell() -> impl IntoView {
    let session = use_session();
    let phase = Memo::new(move |_| match session.state() {
        SessionState::Starting => Phase::Starting,
        SessionState::Failed(_) => Phase::Failed,
        SessionState::Anonymous => Phase::Anonymous,
        SessionState::LoggedIn(_) => Phase::Inside,
    });
    let nav = use_nav();
    let location = use_location();
    let menu_open = RwSignal::new(false);
    let palette = Palette::provide();
    Effect::new(move |_| {
        if phase.get() == Phase::Anonymous {
            let here = format!(
                "{}{}",
                location.pathname.get_untracked(),
                query_suffix(&location.search.get_untracked())
            );
            let next = js_sys::encode_uri_component(&here);
            nav.replace(&if here == "/" {
                "/login".to_owned()
            } else {
                format!("/login?next={next}")
            });
        }
    });
    let content = move || match phase.get() {
        Phase::Starting => view! { <RecordSkeleton /> }.into_any(),
        Phase::Failed => match session.state() {
            SessionState::Failed(error) => view! {
                <div class="panel">
                    <ErrorState error=error retry=Callback::new(move |()| session.start()) />
                </div>
            }
            .into_any(),
            _ => ().into_any(),
        },
        Phase::Anonymous => ().into_any(),
        Phase::Inside => view! { <Outlet /> }.into_any(),
    };
    view! {
        <a
            href="#content"
            class="btn btn-primary btn-sm absolute top-2 left-2 z-50 -translate-y-16 focus:translate-y-0"
        >
            {move || t().shell.skip}
        </a>
        <div class="flex min-h-dvh">
            <SideNav open=menu_open />
            <div class="flex min-w-0 flex-1 flex-col">
                <TopBar menu_open=menu_open palette=palette />
                <main id="content" class="mx-auto w-full max-w-[90rem] flex-1 px-3 py-4 sm:px-6 sm:py-5">
                    {content}
                </main>
            </div>
        </div>
        <PaletteDialog palette=palette />
    }
}

fn query_suffix(search: &str) -> String {
    if search.is_empty() {
        String::new()
    } else {
        format!("?{}", search.trim_start_matches('?'))
    }
}

#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <PageHeader title=Signal::derive(|| t().common.page_not_found.to_owned()) />
        <div class="panel">
            <EmptyState
                glyph=Glyph::Search
                title=Signal::derive(|| t().common.page_not_found.to_owned())
                text=Signal::derive(|| t().common.page_not_found_text.to_owned())
            >
                <a class="btn-quiet" href="/">
                    {move || t().common.go_home}
                </a>
            </EmptyState>
        </div>
    }
}
