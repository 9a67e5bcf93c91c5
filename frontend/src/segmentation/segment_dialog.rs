use guanxi_domain::segment::{FIELDS, MembersChange, Segment, SegmentInput, SegmentKind};
use guanxi_domain::{CustomerId, Timestamp};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api;
use crate::format;
use crate::i18n::{fill, t, t_now};
use crate::nav::use_nav;
use crate::segmentation::label;
use crate::ui::{CheckField, Dialog, Form, FormFailure, FormGrid, TextField, use_toasts};

/// Of whom a segment is made.
#[derive(Clone, PartialEq)]
pub enum SegmentOf {
    /// Of these: a static one.
    These(Vec<CustomerId>),
    /// Of all that a filter tree finds at any time: a dynamic one.
    Rule(Value),
}

/// Makes a segment and opens it.
#[component]
pub fn SegmentDialog(open: RwSignal<bool>, of: Signal<SegmentOf>) -> impl IntoView {
    let toasts = use_toasts();
    let nav = use_nav();
    let initial = move || {
        let date = format::date_short(Timestamp::now().date());
        let s = t_now().segmentation;
        let made = |name: &str, kind: SegmentKind, filter: Value| {
            let name = fill(name, &[("date", &date)]);
            json!({ "name": name, "kind": kind, "shared": false, "filter": filter })
        };
        match of.get_untracked() {
            SegmentOf::These(_) => made(s.segment_name, SegmentKind::Static, Value::Null),
            SegmentOf::Rule(rule) => made(s.segment_rule_name, SegmentKind::Dynamic, rule),
        }
    };
    let form = Form::new::<SegmentInput>(&FIELDS, initial());
    Effect::new(move |_| {
        if open.get() {
            form.reset(untrack(initial));
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let members = match of.get_untracked() {
            SegmentOf::These(ids) => Some(json!({ "customer_ids": ids })),
            SegmentOf::Rule(_) => None,
        };
        form.submit(
            move |value| async move {
                let segment: Segment = api::post("/segments").body(&value).json().await?;
                if let Some(members) = members {
                    api::post(format!("/segments/{}/members", segment.id))
                        .body(&members)
                        .json::<MembersChange>()
                        .await?;
                }
                Ok(segment)
            },
            move |segment: Segment| {
                open.set(false);
                toasts.done(t_now().segmentation.segment_made);
                nav.to(&format!("/segments/{}", segment.id));
            },
        );
    };
    let text = move || {
        let s = t().segmentation;
        match of.get() {
            SegmentOf::These(ids) => fill(s.segment_text, &[("n", &ids.len().to_string())]),
            SegmentOf::Rule(_) => s.segment_rule_text.to_owned(),
        }
    };
    view! {
        <Dialog open=open title=label(|s| s.make_segment)>
            <form class="space-y-4" novalidate on:submit=submit>
                <p class="muted">{text}</p>
                <FormGrid>
                    <TextField form=form name="name" required=true wide=true autofocus=true />
                    <CheckField form=form name="shared" />
                </FormGrid>
                <FormFailure form=form />
                <div class="flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-primary btn-sm"
                        data-testid="segment-save"
                        disabled=move || form.busy()
                    >
                        {move || t().segmentation.make_segment}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
