//! The same done to many rows: what, the progress, and what came of it.

use std::collections::BTreeMap;

use guanxi_domain::bulk::{BulkAction, BulkReport};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{Field, FieldSet};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::{Map, Value};

use super::ListState;
use super::bulk_question::Question;
use super::selection::{Selection, SelectionCount};
use crate::api::{self, ApiError};
use crate::format::integer;
use crate::i18n::{fill, lang, t, t_now};
use crate::ui::{Dialog, Glyph, Icon, ProgressBar};

/// Rows of a call: few enough for the bar to move and for "stop" to be heard.
const CHUNK: usize = 50;
/// How many failures are listed.
const SHOWN_FAILURES: usize = 100;

/// What people may do with the rows of a list.
#[derive(Clone, Copy)]
pub struct Actions {
    pub module: Module,
    /// Members that can be written by themselves.
    pub fields: &'static [&'static str],
    /// Can be put aside and brought back.
    pub archive: bool,
    /// Its `state` changes by transitions.
    pub states: bool,
    pub delete: bool,
}

impl Actions {
    /// Whether a field can be written by itself: those that are named, and custom ones.
    pub(super) fn takes(self, field: &Field) -> bool {
        self.fields.contains(&field.name) || field.active && field.custom().is_some()
    }

    /// The fields that can be written by themselves, the named ones first.
    pub(super) fn takes_of(self, fields: &'static FieldSet) -> Vec<&'static Field> {
        let named = self.fields.iter().filter_map(|name| fields.get(name));
        let custom = fields
            .fields
            .iter()
            .filter(|field| field.custom().is_some());
        named.chain(custom.filter(|field| field.active)).collect()
    }

    /// What the visitor's role allows here. Reactive.
    fn allowed(self, list: ListState) -> Vec<BulkAction> {
        let session = list.session();
        let has = |name: &str| list.fields().get(name).is_some();
        let mut all = Vec::new();
        if session.can(self.module, Operation::Update) {
            let known = [
                (BulkAction::Assign, has("owner_id")),
                (BulkAction::Update, !self.fields.is_empty()),
                (BulkAction::Transition, self.states),
                (BulkAction::AddTags, has("tags")),
                (BulkAction::RemoveTags, has("tags")),
                (BulkAction::Archive, self.archive),
                (BulkAction::Restore, self.archive),
            ];
            all.extend(known.into_iter().filter(|(_, on)| *on).map(|(a, _)| a));
        }
        if self.module == Module::Customers && session.can(Module::Segments, Operation::Update) {
            all.extend([BulkAction::AddToSegment, BulkAction::RemoveFromSegment]);
        }
        if self.delete && session.can(self.module, Operation::Delete) {
            all.push(BulkAction::Delete);
        }
        all
    }

    pub(super) fn any(self, list: ListState) -> bool {
        !self.allowed(list).is_empty()
    }
}

const fn glyph(action: BulkAction) -> Glyph {
    match action {
        BulkAction::Assign => Glyph::UserPlus,
        BulkAction::Update => Glyph::Pencil,
        BulkAction::AddTags | BulkAction::RemoveTags => Glyph::Hash,
        BulkAction::Transition => Glyph::Trend,
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => Glyph::Layers,
        BulkAction::Archive => Glyph::Archive,
        BulkAction::Restore => Glyph::Restore,
        BulkAction::Delete => Glyph::Trash,
    }
}

/// What failed, and why.
#[derive(Clone)]
struct Failure {
    id: String,
    title: String,
    message: String,
}

#[derive(Clone)]
enum Phase {
    /// What exactly is to be done.
    Asking,
    /// Done so far, of so many; none while they are looked up.
    Running(usize, Option<usize>),
    Finished,
}

/// A bulk change from its question to its result.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub list: ListState,
    pub selection: Selection,
    pub open: RwSignal<bool>,
    pub action: RwSignal<BulkAction>,
    phase: RwSignal<Phase>,
    stopped: RwSignal<bool>,
    done: RwSignal<usize>,
    failures: RwSignal<Vec<Failure>>,
    /// Why the whole did not go on.
    error: RwSignal<Option<ApiError>>,
}

impl Run {
    fn ask(self, action: BulkAction) {
        self.action.set(action);
        self.phase.set(Phase::Asking);
        self.stopped.set(false);
        self.done.set(0);
        self.failures.set(Vec::new());
        self.error.set(None);
        self.open.set(true);
    }

    pub fn start(self, what: Map<String, Value>) {
        self.phase.set(Phase::Running(0, None));
        spawn_local(async move {
            if let Err(error) = self.go(what).await {
                self.error.set(Some(error));
            }
            self.phase.set(Phase::Finished);
            let failed: BTreeMap<_, _> = self
                .failures
                .get_untracked()
                .into_iter()
                .map(|failure| (failure.id, failure.title))
                .collect();
            if self.error.with_untracked(Option::is_none) && !self.stopped.get_untracked() {
                self.selection.keep(failed);
            }
        });
    }

    async fn go(self, what: Map<String, Value>) -> Result<(), ApiError> {
        let goes_on = move |_| !self.stopped.get_untracked();
        let records = self.selection.records(goes_on).await?;
        for (at, chunk) in records.chunks(CHUNK).enumerate() {
            if self.stopped.get_untracked() {
                break;
            }
            self.phase
                .set(Phase::Running(at * CHUNK, Some(records.len())));
            let mut body = what.clone();
            body.insert(
                "ids".to_owned(),
                chunk.iter().map(|(id, _)| id.as_str()).collect(),
            );
            let call = api::post(format!("/{}/bulk", self.list.fields().record));
            let report: BulkReport = call.body(&body).json().await?;
            self.done.update(|done| *done += report.done);
            self.failures.update(|failures| {
                let failed = report.results.into_iter().zip(chunk).filter(|(r, _)| !r.ok);
                failures.extend(failed.map(|(result, (_, title))| Failure {
                    id: result.id,
                    title: title.clone(),
                    message: result.message.unwrap_or_default(),
                }));
            });
        }
        Ok(())
    }
}

/// What can be done with the rows that are marked; nothing while none are.
#[component]
pub(super) fn BulkBar(
    list: ListState,
    actions: Actions,
    selection: Selection,
    #[prop(into)] page_is_marked: Signal<bool>,
    /// Rows have changed.
    #[prop(into)]
    changed: Callback<()>,
) -> impl IntoView {
    let run = Run {
        list,
        selection,
        open: RwSignal::new(false),
        action: RwSignal::new(BulkAction::Assign),
        phase: RwSignal::new(Phase::Asking),
        stopped: RwSignal::new(false),
        done: RwSignal::new(0),
        failures: RwSignal::new(Vec::new()),
        error: RwSignal::new(None),
    };
    // Closed under way means stop; closed at the end shows what the rows are now.
    Effect::new(move |before: Option<bool>| {
        let open = run.open.get();
        if before == Some(true) && !open {
            run.stopped.set(true);
            if run.done.get_untracked() > 0 {
                changed.run(());
            }
        }
        open
    });
    let title = Signal::derive(move || {
        let count = integer(
            selection.count().max(
                run.failures
                    .with(|failures| i64::try_from(failures.len()).unwrap_or_default()),
            ),
        );
        match run.phase.get() {
            Phase::Asking => fill(
                t().list.bulk_title,
                &[("action", run.action.get().label(lang())), ("n", &count)],
            ),
            _ => run.action.get().label(lang()).to_owned(),
        }
    });
    let button = move |action: BulkAction| {
        view! {
            <button
                type="button"
                class="btn-quiet"
                class:text-error=action == BulkAction::Delete
                on:click=move |_| run.ask(action)
            >
                <Icon glyph=glyph(action) />
                {move || action.label(lang())}
            </button>
        }
    };
    view! {
        <Show when=move || !selection.is_empty()>
            <div
                class="flex flex-wrap items-center gap-1.5 border-b border-base-300 bg-primary/5 p-2 text-[0.8125rem]"
                role="region"
                aria-label=move || t().list.bulk
            >
                <SelectionCount selection=selection page_is_marked=page_is_marked />
                <span class="max-sm:hidden flex-1"></span>
                {move || actions.allowed(list).into_iter().map(button).collect_view()}
                <button
                    type="button"
                    class="btn btn-ghost btn-square btn-sm"
                    aria-label=move || t().list.select_none
                    title=move || t().list.select_none
                    on:click=move |_| selection.clear()
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
        </Show>
        <Dialog open=run.open title=title>
            {move || match run.phase.get() {
                Phase::Asking => view! { <Question run=StoredValue::new(run) actions=actions /> }.into_any(),
                Phase::Running(done, all) => view! { <Progress run=run done=done all=all /> }.into_any(),
                Phase::Finished => view! { <Outcome run=run /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Progress(run: Run, done: usize, all: Option<usize>) -> impl IntoView {
    #[allow(clippy::cast_precision_loss)] // A share.
    let share = all.map(|all| done as f64 / all.max(1) as f64);
    let label = Signal::derive(move || match all {
        Some(all) => fill(
            t().list.bulk_progress,
            &[("done", &done.to_string()), ("all", &all.to_string())],
        ),
        None => t().list.bulk_looking.to_owned(),
    });
    view! {
        <ProgressBar share=Signal::stored(share) label=label />
        <div class="mt-4 flex justify-end">
            <button
                type="button"
                class="btn-quiet"
                disabled=move || run.stopped.get()
                on:click=move |_| run.stopped.set(true)
            >
                <Icon glyph=Glyph::CircleX />
                {move || t().list.bulk_stop}
            </button>
        </div>
    }
}

/// How many are done, and each that failed with its reason.
#[component]
fn Outcome(run: Run) -> impl IntoView {
    let failures = run.failures.get_untracked();
    let count = failures.len();
    let record = run.list.fields().record;
    let rows = failures
        .into_iter()
        .take(SHOWN_FAILURES)
        .map(|failure| {
            view! {
                <li class="flex flex-wrap gap-x-3 px-3 py-1.5">
                    <A href=format!("/{record}/{}", failure.id) attr:class="link-plain">
                        {failure.title}
                    </A>
                    <span class="text-error">{failure.message}</span>
                </li>
            }
        })
        .collect_view();
    let done = move || {
        let mut text = fill(t().list.bulk_done, &[("n", &run.done.get().to_string())]);
        if run.stopped.get() {
            text.push_str(t().list.bulk_stopped);
        }
        text
    };
    view! {
        <div data-testid="bulk-outcome">
            <p class="flex items-center gap-2 font-medium">
                <span class="text-success">
                    <Icon glyph=Glyph::CircleCheck />
                </span>
                {done}
            </p>
            {run
                .error
                .get_untracked()
                .map(|error| view! { <p class="mt-2 text-error" role="alert">{error.message()}</p> })}
            {(count > 0)
                .then(|| {
                    view! {
                        <p class="mt-3 mb-1 font-medium text-error">
                            {fill(t_now().list.bulk_failed, &[("n", &count.to_string())])}
                        </p>
                        <ul class="max-h-64 divide-y divide-base-300 overflow-y-auto rounded-box border border-base-300 text-[0.8125rem]">
                            {rows}
                        </ul>
                    }
                })}
            {(count > SHOWN_FAILURES).then(|| view! { <p class="muted mt-1 text-xs">"…"</p> })}
            <div class="mt-4 flex justify-end">
                <button type="button" class="btn btn-primary btn-sm" on:click=move |_| run.open.set(false)>
                    {move || t().common.close}
                </button>
            </div>
        </div>
    }
}
