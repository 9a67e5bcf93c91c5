use guanxi_domain::account::Credentials;
use guanxi_domain::user::FIELDS;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use serde_json::json;

use super::AuthFrame;
use crate::api::{self, ApiError};
use crate::i18n::t;
use crate::nav::{use_nav, use_url};
use crate::session::{SessionState, use_session};
use crate::ui::{Form, FormFailure, TextField};

/// The page that somebody wanted before logging in; only addresses of this app.
fn next_address(next: Option<String>) -> String {
    next.filter(|to| to.starts_with('/') && !to.starts_with("//"))
        .unwrap_or_else(|| "/".to_owned())
}

#[component]
pub fn LogInPage() -> impl IntoView {
    let session = use_session();
    let nav = use_nav();
    let url = use_url();
    let form = Form::new::<Credentials>(
        &FIELDS,
        json!({"email": "", "password": "", "cookie": true}),
    );
    Effect::new(move |_| match session.state() {
        SessionState::LoggedIn(_) => nav.replace(&next_address(url.get_untracked("next"))),
        SessionState::Anonymous if session.meta().is_some_and(|meta| meta.setup_needed) => {
            nav.replace("/register");
        }
        _ => {}
    });
    let send = async |value: serde_json::Value| {
        let credentials: Credentials = serde_json::from_value(value)
            .map_err(|error| ApiError::Unreadable(error.to_string()))?;
        api::log_in(&credentials).await
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(send, move |_| {
            spawn_local(async move {
                if let Err(error) = session.enter().await {
                    form.fail(error);
                }
            });
        });
    };
    let open = move || session.meta().is_none_or(|meta| meta.registration_open);
    view! {
        <AuthFrame
            title=Signal::derive(|| t().auth.log_in.to_owned())
            text=Signal::derive(move || {
                if session.expired() { t().shell.session_ended.to_owned() } else { t().auth.log_in_text.to_owned() }
            })
        >
            <form class="space-y-4" novalidate on:submit=submit>
                <TextField
                    form=form
                    name="email"
                    label=Signal::derive(|| t().auth.email.to_owned())
                    kind="email"
                    autocomplete="username"
                    required=true
                    autofocus=true
                />
                <TextField
                    form=form
                    name="password"
                    label=Signal::derive(|| t().auth.password.to_owned())
                    kind="password"
                    autocomplete="current-password"
                    required=true
                />
                <FormFailure form=form />
                <button class="btn btn-primary h-10 w-full" disabled=move || form.busy()>
                    {move || if form.busy() { t().common.loading } else { t().auth.log_in }}
                </button>
            </form>
            <Show when=open>
                <p class="mt-5 text-center">
                    <A href="/register" attr:class="link-plain text-primary">
                        {move || t().auth.register_link}
                    </A>
                </p>
            </Show>
        </AuthFrame>
    }
}
