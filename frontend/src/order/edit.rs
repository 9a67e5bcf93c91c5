use guanxi_domain::order::{FIELDS, Order, OrderInput, OrderState};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::form::{OrderFields, input_of, member_name, member_value};
use super::label;
use super::lines::empty_line;
use crate::api;
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::{use_nav, use_url};
use crate::ui::{
    Editor, EditorForm, EmptyState, Form, FormActions, FormFailure, Glyph, PageHeader,
    RecordSkeleton, UnsavedGuard, use_toasts, with_data,
};

#[component]
pub fn OrderNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let initial = json!({
        "number": null,
        "customer_id": use_url().get_untracked("customer_id"),
        "contact_id": null,
        "owner_id": null,
        "ordered_at": null,
        "payment_terms": null,
        "promised_on": null,
        "ship_to": null,
        "note": null,
        "custom": {},
        "lines": [empty_line()],
    });
    let form = Form::new::<OrderInput>(&FIELDS, initial);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(
            |value| async move { api::post("/orders").body(&value).json::<Order>().await },
            move |order| {
                toasts.done(t_now().order.created);
                nav.replace(&format!("/orders/{}", order.head.id));
            },
        );
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|o| o.new) up=("/orders", label(|o| o.title)) />
        <form class="max-w-6xl space-y-4" novalidate on:submit=submit>
            <OrderFields form=form />
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to("/orders") />
        </form>
    }
}

#[component]
pub fn OrderEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let order = Loader::new(move || api::get(format!("/orders/{}", id.get())).json::<Order>());
    with_data(
        order,
        || view! { <RecordSkeleton /> }.into_any(),
        |order| {
            if order.head.state == OrderState::Draft {
                view! { <EditForm order=order /> }.into_any()
            } else {
                view! {
                    <div class="panel">
                        <EmptyState
                            glyph=Glyph::Lock
                            title=label(|o| o.not_draft_title)
                            text=label(|o| o.not_draft_text)
                        >
                            <a class="btn-quiet" href=format!("/orders/{}", order.head.id)>
                                {move || t().order.open}
                            </a>
                        </EmptyState>
                    </div>
                }
                .into_any()
            }
        },
    )
}

#[component]
fn EditForm(order: Order) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let address = format!("/orders/{}", order.head.id);
    let (back, saved) = (address.clone(), address.clone());
    let editor = Editor::of_values::<OrderInput>(
        &FIELDS,
        address,
        order.head.version,
        input_of(&order),
        move |_: Order| {
            toasts.done(t_now().common.saved);
            nav.replace(&saved);
        },
    )
    .reading(|record| {
        // Answered lines say more than may be sent back.
        serde_json::from_value::<Order>(record.clone()).map_or(record, |order| input_of(&order))
    });
    let form = editor.form;
    let number = order.head.number;
    view! {
        <PageHeader
            title=Signal::derive(move || format!("{}{}{number}", t().order.edit, t().common.colon))
            up=("/orders", label(|o| o.title))
        />
        <EditorForm editor=editor back=back width="max-w-6xl" show=member_value names=member_name>
            <OrderFields form=form />
        </EditorForm>
    }
}
