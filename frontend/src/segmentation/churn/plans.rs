//! All plans to win customers back, open and over.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::win_back::{FIELDS, WinBackOutcome, WinBackPlan};
use leptos::prelude::*;

use super::plan_dialog::PlanDialog;
use crate::format;
use crate::i18n::lang;
use crate::segmentation::label;
use crate::session::{Session, use_session};
use crate::ui::{
    Badge, Column, DataTable, EmptyState, FilterBar, Glyph, Tone, quick, record_link, use_list,
};

fn columns(session: Session) -> Vec<Column<WinBackPlan>> {
    vec![
        Column::field(&FIELDS, "customer_id", |plan: &WinBackPlan| {
            record_link(
                format!("/customers/{}", plan.input.customer_id),
                plan.customer_name.clone(),
            )
        }),
        Column::field(&FIELDS, "plan", |plan: &WinBackPlan| {
            plan.input.plan.clone()
        })
        .clip(),
        Column::field(&FIELDS, "due_on", |plan: &WinBackPlan| {
            let day = plan.input.due_on;
            move || day.map(format::date_short)
        }),
        Column::field(&FIELDS, "responsible_id", move |plan: &WinBackPlan| {
            let person = plan.input.responsible_id;
            move || person.and_then(|id| session.person_name(id.as_str()))
        }),
        Column::field(&FIELDS, "outcome", |plan: &WinBackPlan| {
            let outcome = plan.input.outcome;
            let tone = match outcome {
                WinBackOutcome::Open => Tone::Info,
                WinBackOutcome::WonBack => Tone::Success,
                WinBackOutcome::GivenUp => Tone::Plain,
            };
            view! { <Badge tone=tone text=Signal::derive(move || outcome.label(lang()).to_owned()) /> }
        }),
        Column::field(&FIELDS, "outcome_on", |plan: &WinBackPlan| {
            let day = plan.input.outcome_on;
            move || day.map(format::date_short)
        })
        .phone_hidden(),
    ]
}

/// A row opens the plan.
#[component]
pub fn PlansList() -> impl IntoView {
    let session = use_session();
    let list = use_list::<WinBackPlan>("/win-back-plans", &FIELDS);
    let planned = RwSignal::new(None);
    let open = Callback::new(move |plan: WinBackPlan| {
        if session.can(Module::Customers, Operation::Update) {
            planned.set(Some((
                plan.input.customer_id,
                plan.customer_name.clone(),
                Some(plan),
            )));
        }
    });
    let empty = || {
        view! {
            <EmptyState glyph=Glyph::Undo title=label(|s| s.plans_none) text=label(|s| s.plans_none_text) />
        }
    };
    view! {
        <DataTable list=list columns=columns(session) on_row=open empty=empty keyboard=false>
            <FilterBar list=list.state() filters=quick(&["outcome", "due_on", "responsible_id"]) />
        </DataTable>
        <PlanDialog planned=planned done=Callback::new(move |()| list.reload()) />
    }
}
