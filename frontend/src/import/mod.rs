//! Imports: earlier ones, and the steps of a new one.

mod check;
mod list;
mod mapping;
mod page;
mod progress;
mod result;
mod settings;
mod upload;

pub use list::ImportListPage;
pub use page::ImportPage;
pub use upload::ImportNewPage;

use guanxi_domain::import::{ImportRecord, ImportState, Targets};
use leptos::prelude::*;

use crate::custom;
use crate::i18n::{ImportTexts, lang, t};
use crate::ui::{Badge, Glyph, Icon, Tone};

/// A text of the imports' area, as a label.
fn label(pick: fn(&ImportTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().import).to_owned())
}

/// The columns that an import takes, with those of custom fields. Reactive.
fn targets_of(record: ImportRecord) -> Targets {
    Targets::new(record, custom::fields(record.fields()))
}

/// The sign of a record type.
const fn sign(record: ImportRecord) -> Glyph {
    match record {
        ImportRecord::Customers => Glyph::Users,
        ImportRecord::Contacts => Glyph::Contact,
        ImportRecord::Products => Glyph::Package,
        ImportRecord::StockLevels => Glyph::Layers,
        ImportRecord::Orders => Glyph::Receipt,
        ImportRecord::Tickets => Glyph::Ticket,
    }
}

#[component]
fn StateBadge(state: ImportState) -> impl IntoView {
    let tone = match state {
        ImportState::Uploaded => Tone::Plain,
        ImportState::Queued | ImportState::Running => Tone::Primary,
        ImportState::Done => Tone::Success,
        ImportState::Cancelled => Tone::Warning,
        ImportState::Failed => Tone::Error,
    };
    view! { <Badge tone=tone text=Signal::derive(move || state.label(lang()).to_owned()) /> }
}

/// Where in the four steps somebody is.
#[component]
fn Steps(at: usize) -> impl IntoView {
    let names: [fn(&ImportTexts) -> &'static str; 4] = [
        |i| i.step_upload,
        |i| i.step_mapping,
        |i| i.step_run,
        |i| i.step_result,
    ];
    let step = move |(index, name): (usize, fn(&ImportTexts) -> &'static str)| {
        let (circle, ink) = match index.cmp(&at) {
            std::cmp::Ordering::Less => ("bg-primary/15 text-primary", ""),
            std::cmp::Ordering::Equal => ("bg-primary text-primary-content", "font-semibold"),
            std::cmp::Ordering::Greater => ("bg-base-300 text-base-content/60", "muted"),
        };
        view! {
            <li
                class="flex min-w-0 items-center gap-2 not-last:flex-1"
                aria-current=(index == at).then_some("step")
            >
                <span class=format!("num grid size-6 shrink-0 place-items-center rounded-full text-xs font-semibold {circle}")>
                    {if index < at {
                        view! { <Icon glyph=Glyph::Check class="size-3.5" /> }.into_any()
                    } else {
                        (index + 1).into_any()
                    }}
                </span>
                <span class=format!("text-[0.8125rem] whitespace-nowrap max-sm:hidden {ink}")>
                    {move || name(t().import)}
                </span>
                {(index < 3).then(|| view! { <span class="mx-1 h-px min-w-3 flex-1 bg-base-300"></span> })}
            </li>
        }
    };
    view! { <ol class="mb-4 flex items-center gap-1">{names.into_iter().enumerate().map(step).collect_view()}</ol> }
}
