use guanxi_domain::customer;
use guanxi_domain::segment::{FIELDS, Segment, SegmentInput, SegmentKind};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;
use serde_json::{Value, json};

use super::form::{SegmentFields, member_name};
use super::{address, label};
use crate::api::{self, ApiError};
use crate::i18n::{t, t_now};
use crate::load::Loader;
use crate::nav::{use_nav, use_url};
use crate::ui::{
    Draft, Editor, EditorForm, Form, FormActions, FormFailure, PageHeader, RecordSkeleton,
    UnsavedGuard, grouped, use_toasts, with_data,
};

/// Counts the members of a rule that is new: its page has figures from the beginning.
async fn counted(segment: Segment) -> Segment {
    if segment.input.kind == SegmentKind::Static {
        return segment;
    }
    let refresh = api::post(format!("/segments/{}/refresh", segment.id));
    // If that fails the night's run does it.
    refresh.json().await.unwrap_or(segment)
}

/// A new segment; `?filter=` is what it begins with.
#[component]
pub fn SegmentNewPage() -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let filter = use_url()
        .get_untracked("filter")
        .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        .unwrap_or(Value::Null);
    let draft = Draft::of_rule(&customer::FIELDS, &filter);
    let initial = json!({
        "name": "", "description": null, "colour": null, "kind": SegmentKind::Dynamic, "shared": false,
        "filter": grouped(&filter),
    });
    let form = Form::new::<SegmentInput>(&FIELDS, initial);
    let send = |value: Value| async move {
        let segment = api::post("/segments")
            .body(&value)
            .json::<Segment>()
            .await?;
        Ok::<_, ApiError>(counted(segment).await)
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !draft.check() {
            return;
        }
        form.submit(send, move |segment: Segment| {
            toasts.done(t_now().segment.created);
            nav.replace(&address(&segment));
        });
    };
    view! {
        <UnsavedGuard form=form />
        <PageHeader title=label(|s| s.new) up=("/segments", label(|s| s.title)) />
        <form class="space-y-4" novalidate on:submit=submit>
            <SegmentFields form=form draft=draft segment=None />
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to("/segments") />
        </form>
    }
}

#[component]
pub fn SegmentEditPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let segment =
        Loader::new(move || api::get(format!("/segments/{}", id.get())).json::<Segment>());
    with_data(
        segment,
        || view! { <RecordSkeleton /> }.into_any(),
        |segment| view! { <EditForm segment=segment /> },
    )
}

#[component]
fn EditForm(segment: Segment) -> impl IntoView {
    let nav = use_nav();
    let toasts = use_toasts();
    let back = address(&segment);
    let mut input = segment.input.clone();
    let rule = input.filter.clone().unwrap_or(Value::Null);
    let draft = Draft::of_rule(&customer::FIELDS, &rule);
    // As the draft has it: a rule that nobody touches has not changed.
    input.filter = input.filter.as_ref().map(grouped);
    let editor = Editor::new(
        &FIELDS,
        back.clone(),
        segment.version,
        &input,
        move |saved: Segment| {
            spawn_local(async move {
                let segment = counted(saved).await;
                toasts.done(t_now().common.saved);
                nav.replace(&address(&segment));
            });
        },
    );
    let form = editor.form;
    let is = Some((segment.id.to_string(), segment.input.kind));
    let name = segment.input.name;
    view! {
        <PageHeader
            title=Signal::derive(move || format!("{}{}{name}", t().segment.edit, t().common.colon))
            up=("/segments", label(|s| s.title))
        />
        <EditorForm editor=editor back=back names=member_name width="max-w-none">
            <SegmentFields form=form draft=draft segment=is.clone() />
        </EditorForm>
    }
}
