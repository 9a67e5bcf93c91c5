use guanxi_domain::event::Change;
use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::i18n::{fill, t};
use crate::live::use_live;
use crate::load::Loader;
use crate::session::use_session;

/// Says that somebody else has changed the record that is shown, and offers to show it as it is now.
#[component]
pub fn ChangedElsewhere<T: Clone + Send + Sync + 'static>(
    /// The record's type, in plural.
    record: &'static str,
    loader: Loader<T>,
    /// Id and version of the record.
    of: fn(&T) -> (String, i64),
) -> impl IntoView {
    let session = use_session();
    let newer = RwSignal::new(None::<Change>);
    let shown = move |state: &crate::load::Loaded<T>| state.data.as_ref().map(of);
    use_live().on_others(record, move |change| {
        let Some(change) = change else { return };
        let here = loader.with_untracked(shown);
        if here.is_some_and(|(id, _)| id == change.id) {
            newer.set(Some(change));
        }
    });
    let stale = move || {
        let change = newer.get()?;
        let (id, version) = loader.with(shown)?;
        let behind = change.version.is_none_or(|newest| newest > version);
        (change.id == id && behind).then_some(change)
    };
    view! {
        {move || {
            stale()
                .map(|change| {
                    let by = change.by.and_then(|id| session.person_name(id.as_str()));
                    let text = match (&by, change.version) {
                        (_, None) => t().common.gone_meanwhile.to_owned(),
                        (Some(name), _) => fill(t().common.changed_by, &[("name", name)]),
                        (None, _) => t().common.changed_meanwhile.to_owned(),
                    };
                    view! {
                        <div
                            class="mb-4 flex flex-wrap items-center gap-3 rounded-lg border border-info/40 bg-info/10 px-4 py-2.5"
                            role="status"
                            data-testid="changed-elsewhere"
                        >
                            <Icon glyph=Glyph::Info class="size-4 text-info" />
                            <p class="min-w-0 flex-1">{text}</p>
                            <button class="btn-quiet" on:click=move |_| loader.reload()>
                                <Icon glyph=Glyph::Refresh />
                                {t().common.show_newest}
                            </button>
                        </div>
                    }
                })
        }}
    }
}
