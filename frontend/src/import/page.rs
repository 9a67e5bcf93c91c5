use std::time::Duration;

use guanxi_domain::import::{Import, ImportState};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::mapping::MappingStep;
use super::progress::ProgressStep;
use super::result::ResultStep;
use super::{StateBadge, Steps, label};
use crate::api;
use crate::audit::HistoryButton;
use crate::load::Loader;
use crate::ui::{PageHeader, RecordSkeleton, with_data};

/// How often a running import is asked after.
const POLL: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Mapping,
    Running,
    Over,
}

const fn phase_of(state: ImportState) -> Phase {
    match state {
        ImportState::Uploaded => Phase::Mapping,
        ImportState::Queued | ImportState::Running => Phase::Running,
        ImportState::Done | ImportState::Cancelled | ImportState::Failed => Phase::Over,
    }
}

/// One import: its columns, its progress or its outcome, as far as it has come.
#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let import = Loader::new(move || api::get(format!("/imports/{}", id.get())).json::<Import>());
    let phase = Memo::new(move |_| import.with(|l| l.data.as_ref().map(|i| phase_of(i.state))));
    let state = Memo::new(move |_| import.with(|l| l.data.as_ref().map(|i| i.state)));

    let poll = move || {
        // One question at a time, also when the server is slow.
        if phase.try_get_untracked() == Some(Some(Phase::Running))
            && !import.with_untracked(|l| l.busy)
        {
            import.reload();
        }
    };
    if let Ok(handle) = set_interval_with_handle(poll, POLL) {
        on_cleanup(move || handle.clear());
    }

    let name = Signal::derive(move || import.data().map(|i| i.filename).unwrap_or_default());
    let body = move || {
        phase.get().map(|phase| match phase {
            Phase::Mapping => view! {
                <Steps at=1 />
                <MappingStep import=import />
            }
            .into_any(),
            Phase::Running => view! {
                <Steps at=2 />
                <ProgressStep import=import />
            }
            .into_any(),
            Phase::Over => view! {
                <Steps at=3 />
                <ResultStep import=import />
            }
            .into_any(),
        })
    };
    view! {
        <PageHeader
            title=name
            up=("/imports", label(|i| i.title))
            beside=ViewFn::from(move || {
                move || state.get().map(|state| view! { <StateBadge state=state /> })
            })
        >
            {move || id.with(|id| view! { <HistoryButton record="imports" id=id.clone() /> })}
        </PageHeader>
        {with_data(import, || view! { <RecordSkeleton /> }.into_any(), |_| ())}
        {body}
    }
}
