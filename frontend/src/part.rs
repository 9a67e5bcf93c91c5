//! Pages that few need every day: in parts of their own, which the browser fetches when the first page of a part is opened.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use crate::i18n::t;
use crate::ui::{EmptyState, Glyph, RecordSkeleton};

/// What makes a page.
pub type Page = fn() -> AnyView;

/// What a part answers: a page of it, or that it could not be fetched.
pub type Fetched = Result<Page, SplitLoaderError>;

/// Shows a page as soon as its part is there.
pub fn show<F: Future<Output = Fetched> + 'static>(fetch: fn() -> F) -> AnyView {
    let page = RwSignal::new(None::<Option<Page>>);
    let ask = move || {
        page.set(None);
        spawn_local(async move {
            let fetched = fetch().await.ok();
            // Somebody may have gone on meanwhile.
            let _ = page.try_set(Some(fetched));
        });
    };
    ask();
    (move || match page.get() {
        None => view! { <RecordSkeleton /> }.into_any(),
        Some(None) => view! { <NotFetched again=ask /> }.into_any(),
        Some(Some(page)) => untrack(page),
    })
    .into_any()
}

/// No network; or the server has a newer app, and the parts of this one are gone.
#[component]
fn NotFetched(again: impl Fn() + Send + 'static) -> impl IntoView {
    let reload = move |_| {
        // Nothing is known of the page that would stay: should the browser refuse, the first button is still there.
        let _ = window().location().reload();
    };
    view! {
        <div class="panel" role="alert">
            <EmptyState
                glyph=Glyph::Warning
                title=Signal::derive(|| t().common.part_title.to_owned())
                text=Signal::derive(|| t().common.part_text.to_owned())
            >
                <button class="btn-quiet" on:click=move |_| again()>
                    {move || t().common.retry}
                </button>
                <button class="btn btn-primary btn-sm" on:click=reload>
                    {move || t().common.reload}
                </button>
            </EmptyState>
        </div>
    }
}

/// A part of the app and the pages in it: `part! { administration: UserListPage, … }` makes of each component a function of the
/// same name, in a module of the part's name, for a route to show.
macro_rules! part {
    ($part:ident: $($page:ident),+ $(,)?) => {
        #[allow(
            non_snake_case,
            clippy::enum_variant_names,
            reason = "they are named as the components that they show"
        )]
        mod $part {
            use leptos::prelude::*;

            use crate::part::{Fetched, Page, show};

            /// Every page of the part.
            #[derive(Clone, Copy)]
            enum Name {
                $($page),+
            }

            #[leptos::wasm_split::wasm_split($part, wasm_split_path = leptos::wasm_split, fallible)]
            fn fetch(name: Name) -> Fetched {
                Ok(match name {
                    $(Name::$page => (|| super::$page().into_any()) as Page),+
                })
            }

            $(pub fn $page() -> AnyView {
                show(|| fetch(Name::$page))
            })+
        }
    };
}
pub(crate) use part;
