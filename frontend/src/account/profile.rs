use guanxi_domain::Lang;
use guanxi_domain::user::{FIELDS, Me, MeInput};
use leptos::prelude::*;
use serde_json::json;

use crate::api;
use crate::i18n::{lang, t, t_now};
use crate::session::use_session;
use crate::ui::{
    Card, Fact, Facts, Form, FormFailure, FormGrid, SelectField, TextField, UnsavedGuard, choices,
    use_toasts,
};

#[component]
pub fn ProfileCard() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let me = untrack(move || session.me());
    let input = me.as_ref().map(|me| &me.user.input);
    let form = Form::new::<MeInput>(
        &FIELDS,
        json!({
            "name": input.map(|input| input.name.clone()).unwrap_or_default(),
            "language": input.and_then(|input| input.language),
        }),
    );
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let version = untrack(move || session.me()).map_or(0, |me| me.user.version);
        let call = api::patch("/me").version(version).body(&form.patch());
        form.submit(
            move |_| call.json::<Me>(),
            move |me| {
                session.set_me(me);
                toasts.done(t_now().common.saved);
            },
        );
    };
    let email = me.as_ref().map(|me| me.user.email.clone());
    let department = me.as_ref().and_then(|me| me.department.clone());
    let role = move || {
        session
            .me()
            .map(|me| lang().pick(&me.role_zh, &me.role_en).clone())
    };
    view! {
        <UnsavedGuard form=form />
        <Card>
            <form class="space-y-5" novalidate on:submit=submit>
                <Facts>
                    <Fact label=Signal::derive(|| t().account.email.to_owned()) value=Signal::stored(email) />
                    <Fact label=Signal::derive(|| t().account.role.to_owned()) value=Signal::derive(role) />
                    <Fact label=Signal::derive(|| t().account.department.to_owned()) value=Signal::stored(department) />
                </Facts>
                <FormGrid>
                    <TextField form=form name="name" required=true autocomplete="name" />
                    <SelectField
                        form=form
                        name="language"
                        label=Signal::derive(|| t().account.language.to_owned())
                        options=choices!(Lang)
                    />
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end">
                    <button class="btn btn-primary btn-sm" disabled=move || form.busy() || !form.dirty()>
                        {move || if form.busy() { t().common.saving } else { t().common.save }}
                    </button>
                </div>
            </form>
        </Card>
    }
}
