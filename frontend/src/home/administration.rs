//! What only administrators mend: accounts that wait, jobs that failed, webhooks that stand still.

use guanxi_domain::job::Job;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::user::User;
use guanxi_domain::webhook::Webhook;
use leptos::prelude::*;

use super::daily::{figure, first, total};
use crate::session::Session;
use crate::ui::Glyph;

#[component]
pub fn Administration(session: Session) -> impl IntoView {
    let reads = move |module| untrack(|| session.can(module, Operation::Read));
    let users = reads(Module::Users)
        .then(|| first::<User>("/users", vec![("state", "pending".to_owned())], 1));
    let jobs = reads(Module::Settings)
        .then(|| first::<Job>("/jobs", vec![("state", "failed".to_owned())], 1));
    let webhooks = reads(Module::Webhooks)
        .then(|| first::<Webhook>("/webhooks", vec![("paused_at", "any".to_owned())], 1));
    let at = |address: &str| Signal::stored(address.to_owned());
    view! {
        <div class="grid grid-cols-2 gap-3 lg:grid-cols-3" data-testid="administration">
            {users
                .map(|list| figure(|h| h.users_waiting, Glyph::UserPlus, at("/users?state=pending"), total(list)))}
            {jobs.map(|list| figure(|h| h.jobs_failed, Glyph::Play, at("/jobs?state=failed"), total(list)))}
            {webhooks
                .map(|list| figure(|h| h.webhooks_paused, Glyph::Webhook, at("/webhooks?paused_at=any"), total(list)))}
        </div>
    }
}
