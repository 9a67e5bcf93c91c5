use guanxi_domain::account::PasswordChange;
use guanxi_domain::user::FIELDS;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::i18n::{t, t_now};
use crate::ui::{Card, Form, FormFailure, TextField, use_toasts};

fn empty() -> Value {
    json!({"current_password": "", "new_password": ""})
}

#[component]
pub fn PasswordCard() -> impl IntoView {
    let toasts = use_toasts();
    let form = Form::new::<PasswordChange>(&FIELDS, empty());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::put("/me/password").body(&value).done().await },
            move |()| {
                form.reset(empty());
                toasts.done(t_now().account.password_changed);
            },
        );
    };
    view! {
        <Card>
            <form class="max-w-sm space-y-4" novalidate on:submit=submit>
                <TextField
                    form=form
                    name="current_password"
                    label=Signal::derive(|| t().account.current_password.to_owned())
                    kind="password"
                    autocomplete="current-password"
                    required=true
                />
                <TextField
                    form=form
                    name="new_password"
                    label=Signal::derive(|| t().account.new_password.to_owned())
                    hint=Signal::derive(|| t().auth.password_hint.to_owned())
                    kind="password"
                    autocomplete="new-password"
                    required=true
                />
                <FormFailure form=form />
                <button class="btn btn-primary btn-sm" disabled=move || form.busy()>
                    {move || if form.busy() { t().common.saving } else { t().account.change_password }}
                </button>
            </form>
        </Card>
    }
}
