//! The frame of a page about runs: which run is shown, the one that is being made, and the button that asks for another.

use guanxi_domain::job::JobState;
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;

use super::follow::Underway;
use super::{Run, Runs};
use crate::i18n::t;
use crate::session::use_session;
use crate::ui::{EmptyState, ErrorState, Glyph, Icon, PageHeader, RecordSkeleton};

/// The title, the choice among runs, and the button that asks for another.
#[component]
pub fn RunHead<R: Run>(
    runs: Runs<R>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] subtitle: Signal<String>,
    /// What the button is called.
    #[prop(into)]
    button: Signal<String>,
    /// What is shown is about runs.
    #[prop(into, default = Signal::stored(true))]
    when: Signal<bool>,
    /// Below the subtitle.
    #[prop(optional, into)]
    note: ViewFn,
) -> impl IntoView {
    let shown = move || when.get() && runs.refusal().is_none();
    view! {
        <PageHeader
            title=title
            below=ViewFn::from(move || {
                view! {
                    <p class="muted mt-1">{move || subtitle.get()}</p>
                    {note.run()}
                }
            })
        >
            <Show when=shown>
                <RunChoice runs=runs />
                <RunButton runs=runs text=button />
            </Show>
        </PageHeader>
    }
}

#[component]
fn RunButton<R: Run>(runs: Runs<R>, text: Signal<String>) -> impl IntoView {
    let session = use_session();
    let active = Memo::new(move |_| runs.newest().is_some_and(|run| run.state().is_active()));
    move || {
        session.can(Module::Segments, Operation::Create).then(|| {
            view! {
                <button
                    class="btn btn-primary btn-sm"
                    data-testid="run"
                    disabled=move || active.get()
                    on:click=move |_| runs.ask()
                >
                    <Icon glyph=Glyph::Play />
                    {move || text.get()}
                </button>
            }
        })
    }
}

/// The runs whose results can be shown.
#[component]
fn RunChoice<R: Run>(runs: Runs<R>) -> impl IntoView {
    let done = move || {
        let items = runs.list.data().map(|page| page.items).unwrap_or_default();
        let done = items
            .into_iter()
            .filter(|run| run.state() == JobState::Done);
        done.collect::<Vec<_>>()
    };
    let option = move |run: R| {
        let key = run.key();
        let selected = runs.shown.get_untracked().as_deref() == Some(key.as_str());
        let text = move || {
            if run.current() {
                format!("{} · {}", run.title(), t().runs.current)
            } else {
                run.title()
            }
        };
        view! {
            <option value=key selected=selected>
                {text}
            </option>
        }
    };
    move || {
        let done = done();
        (done.len() > 1).then(|| {
            view! {
                <select
                    class="select select-sm w-auto! max-w-full max-sm:text-xs! sm:max-w-96"
                    aria-label=move || t().runs.which
                    data-testid="run-choice"
                    on:change:target=move |event| runs.show(Some(event.target().value()))
                >
                    {done.into_iter().map(option).collect_view()}
                </select>
            }
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Failed,
    /// There is no run whose results could be shown.
    Nothing,
    There,
}

/// The run that is shown, below the one that is being made.
#[component]
pub fn RunBody<R: Run, F, V>(
    runs: Runs<R>,
    glyph: Glyph,
    /// Said where there is no run yet.
    #[prop(into)]
    none_title: Signal<String>,
    #[prop(into)] none_text: Signal<String>,
    #[prop(into)] button: Signal<String>,
    /// What is told of a run.
    body: F,
) -> impl IntoView
where
    F: Fn(String) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let phase = Memo::new(move |_| {
        runs.list.with(|l| match (&l.data, &l.error) {
            (None, Some(_)) => Phase::Failed,
            (None, None) => Phase::Waiting,
            (Some(_), _) if runs.shown.get().is_none() => Phase::Nothing,
            _ => Phase::There,
        })
    });
    let content = move || match phase.get() {
        Phase::Waiting => view! { <RecordSkeleton /> }.into_any(),
        Phase::Failed => {
            let retry = Callback::new(move |()| runs.list.reload());
            let error = runs.list.error();
            error
                .map(|error| {
                    view! {
                        <div class="panel">
                            <ErrorState error=error retry=retry />
                        </div>
                    }
                })
                .into_any()
        }
        Phase::Nothing => view! {
            <div class="panel">
                <EmptyState glyph=glyph title=none_title text=none_text>
                    <RunButton runs=runs text=button />
                </EmptyState>
            </div>
        }
        .into_any(),
        Phase::There => runs.shown.get().map(&body).into_any(),
    };
    view! {
        <Underway runs=runs />
        {content}
    }
}
