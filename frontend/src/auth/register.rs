use guanxi_domain::account::Registration;
use guanxi_domain::user::FIELDS;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::json;

use super::AuthFrame;
use crate::api::{self, ApiError};
use crate::i18n::{lang_now, t};
use crate::nav::use_nav;
use crate::session::{SessionState, use_session};
use crate::ui::{EmptyState, Form, FormFailure, Glyph, TextField};

/// The first account becomes the administrator; later ones wait for activation.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let session = use_session();
    let nav = use_nav();
    let pending = RwSignal::new(false);
    let form = Form::new::<Registration>(
        &FIELDS,
        json!({"name": "", "email": "", "password": "", "language": lang_now(), "cookie": true}),
    );
    Effect::new(move |_| {
        if matches!(session.state(), SessionState::LoggedIn(_)) {
            nav.replace("/");
        }
    });
    let setup = move || session.meta().is_some_and(|meta| meta.setup_needed);
    let closed = move || {
        session
            .meta()
            .is_some_and(|meta| !meta.registration_open && !meta.setup_needed)
    };
    let send = async |value: serde_json::Value| {
        let registration: Registration = serde_json::from_value(value)
            .map_err(|error| ApiError::Unreadable(error.to_string()))?;
        api::register(&registration).await
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(send, move |(_, inside)| {
            if !inside {
                pending.set(true);
                return;
            }
            spawn_local(async move {
                if let Err(error) = session.enter().await {
                    form.fail(error);
                }
            });
        });
    };
    let fields = move || {
        view! {
            <form class="space-y-4" novalidate on:submit=submit>
                <TextField
                    form=form
                    name="name"
                    label=Signal::derive(|| t().auth.name.to_owned())
                    autocomplete="name"
                    required=true
                    autofocus=true
                />
                <TextField
                    form=form
                    name="email"
                    label=Signal::derive(|| t().auth.email.to_owned())
                    kind="email"
                    autocomplete="username"
                    required=true
                />
                <TextField
                    form=form
                    name="password"
                    label=Signal::derive(|| t().auth.password.to_owned())
                    hint=Signal::derive(|| t().auth.password_hint.to_owned())
                    kind="password"
                    autocomplete="new-password"
                    required=true
                />
                <FormFailure form=form />
                <button class="btn btn-primary h-10 w-full" disabled=move || form.busy()>
                    {move || if form.busy() { t().common.saving } else { t().auth.register }}
                </button>
            </form>
        }
    };
    // A memo: the form is not drawn anew, and emptied, when other things change.
    let phase = Memo::new(move |_| (pending.get(), closed()));
    let content = move || match phase.get() {
        (true, _) => view! {
            <EmptyState
                glyph=Glyph::Clock
                title=Signal::derive(|| t().auth.pending_title.to_owned())
                text=Signal::derive(|| t().auth.pending_text.to_owned())
            />
        }
        .into_any(),
        (false, true) => {
            view! { <p class="muted">{move || t().auth.registration_closed}</p> }.into_any()
        }
        (false, false) => fields().into_any(),
    };
    view! {
        <AuthFrame
            title=Signal::derive(move || if setup() { t().auth.setup } else { t().auth.register }.to_owned())
            text=Signal::derive(move || if setup() { t().auth.setup_text } else { t().auth.register_text }.to_owned())
        >
            {content}
            <Show when=move || !setup()>
                <p class="mt-5 text-center">
                    <A href="/login" attr:class="link-plain text-primary">
                        {move || t().auth.log_in_link}
                    </A>
                </p>
            </Show>
        </AuthFrame>
    }
}
