use guanxi_domain::mail::{Mail, MailState, MailTest};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::label;
use crate::api::{self, ApiError};
use crate::i18n::{lang, t};
use crate::session::use_session;
use crate::ui::{Card, Form, Glyph, Icon, TextField};

/// Sends a test by the settings that are saved, and says how it went.
#[component]
pub fn Test(form: Form) -> impl IntoView {
    let session = use_session();
    let to = untrack(|| session.me()).map(|me| me.user.email);
    let test = Form::new::<MailTest>(
        &guanxi_domain::mail::FIELDS,
        serde_json::json!({ "to": to }),
    );
    let busy = RwSignal::new(false);
    let result = RwSignal::new(None::<Result<Mail, ApiError>>);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !test.check() {
            return;
        }
        busy.set(true);
        result.set(None);
        let body = test.value_untracked();
        spawn_local(async move {
            let sent = api::post("/mail-settings/test").body(&body).json::<Mail>();
            let sent = sent.await;
            // The page may have been left meanwhile.
            busy.try_set(false);
            result.try_set(Some(sent));
        });
    };
    let unsaved = move || form.dirty();
    view! {
        <Card title=label(|m| m.test) text=label(|m| m.test_text)>
            <form class="space-y-3" novalidate on:submit=send>
                <TextField form=test name="to" label=label(|m| m.test_to) kind="email" required=true />
                <div class="flex flex-wrap items-center gap-3">
                    <button class="btn btn-sm" disabled=move || busy.get() || unsaved() data-testid="send-test">
                        <Icon glyph=Glyph::Send />
                        {move || t().mail.test_send}
                    </button>
                    <Show when=unsaved>
                        <span class="muted text-xs">{move || t().mail.test_unsaved}</span>
                    </Show>
                    <Show when=move || busy.get()>
                        <span class="loading loading-spinner loading-xs" aria-hidden="true"></span>
                    </Show>
                </div>
                <div role="status">{move || result.get().map(|result| view! { <Outcome result=result /> })}</div>
            </form>
        </Card>
    }
}

#[component]
fn Outcome(result: Result<Mail, ApiError>) -> impl IntoView {
    let sent = matches!(&result, Ok(mail) if mail.state == MailState::Sent);
    let (glyph, class) = if sent {
        (Glyph::CircleCheck, "mt-0.5 size-4 shrink-0 text-success")
    } else {
        (Glyph::CircleX, "mt-0.5 size-4 shrink-0 text-error")
    };
    let answer = result.as_ref().ok().and_then(|mail| mail.answer.clone());
    let text = move || match &result {
        Ok(mail) => mail
            .fault
            .map_or(t().mail.test_good, |fault| fault.label(lang()))
            .to_owned(),
        Err(error) => error.message(),
    };
    view! {
        <div class="flex gap-2 text-[0.8125rem]" data-testid="test-outcome">
            <Icon glyph=glyph class=class />
            <div class="min-w-0">
                <p>{text}</p>
                {answer.map(|answer| view! { <code class="muted mt-1 block text-xs break-words">{answer}</code> })}
            </div>
        </div>
    }
}
