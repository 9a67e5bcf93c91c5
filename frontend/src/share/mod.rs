//! Sharing a record: the button with its dialog, and the badge of what was shared with the visitor.

mod dialog;
mod people;

use guanxi_domain::permission::Operation;
use guanxi_domain::share::{Share, ShareLevel, Shareable};
use guanxi_domain::{Date, FieldSet, Timestamp, UserId};
use leptos::prelude::*;

use crate::api;
use crate::i18n::{ShareTexts, t};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Badge, Glyph, Icon, Tone};

use dialog::ShareDialog;

const FIELDS: FieldSet = FieldSet {
    record: "shares",
    default_sort: "user_id",
    fields: &[],
};

fn label(pick: fn(&ShareTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().share).to_owned())
}

/// The shares of a record, for the button and the badge of its page.
#[derive(Clone, Copy)]
pub struct Shares {
    record: Shareable,
    id: Signal<String>,
    loader: Loader<Vec<Share>>,
}

impl Shares {
    pub fn of(record: Shareable, id: impl Into<Signal<String>>) -> Self {
        let id: Signal<String> = id.into();
        let loader = Loader::new(move || api::get(path(record, &id.get())).items::<Share>());
        Self { record, id, loader }
    }

    /// The share with the visitor, if it holds. Reactive.
    fn with_me(self) -> Option<ShareLevel> {
        let me = use_session().me()?.user.id;
        self.loader.with(|l| {
            let mut all = l.data.iter().flatten();
            all.find(|share| share.input.user_id == me && holds(share.input.until))
                .map(|share| share.input.level)
        })
    }
}

fn path(record: Shareable, id: &str) -> String {
    format!("/{record}/{id}/shares")
}

fn one(record: Shareable, id: &str, user: UserId) -> String {
    format!("{}/{user}", path(record, id))
}

/// Whether a share with this last day is still good.
fn holds(until: Option<Date>) -> bool {
    until.is_none_or(|until| until >= Timestamp::now().date())
}

/// Says that the visitor sees the record because it was shared with them.
#[component]
pub fn SharedBadge(shares: Shares) -> impl IntoView {
    move || {
        shares.with_me().map(|level| {
            let told = move || match level {
                ShareLevel::Read => t().share.with_me_read,
                ShareLevel::Write => t().share.with_me_write,
            };
            view! {
                <span title=told data-testid="shared-with-me">
                    <Badge tone=Tone::Info text=label(|s| s.with_me) />
                </span>
            }
        })
    }
}

/// Opens the dialog: who sees the record, and with whom to share it.
#[component]
pub fn ShareButton(shares: Shares, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let session = use_session();
    let open = RwSignal::new(false);
    let count = move || {
        let n = shares.loader.with(|l| l.data.as_ref().map_or(0, Vec::len));
        (n > 0).then(|| view! { <span class="num muted text-xs">{n}</span> })
    };
    // Who sees it may look who else does.
    let may = move || session.can(shares.record.module(), Operation::Read);
    view! {
        <Show when=may>
            <button class="btn-quiet" data-testid="share" on:click=move |_| open.set(true)>
                <Icon glyph=Glyph::Share />
                {move || t().share.share}
                {count}
            </button>
            <ShareDialog open=open shares=shares name=name />
        </Show>
    }
}
