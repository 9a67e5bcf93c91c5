use guanxi_domain::customer::{Customer, FIELDS, QualityFinding};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::list::{address, columns, filters};
use crate::i18n::{lang, t};
use crate::session::use_session;
use crate::ui::{DataTable, EmptyState, FilterBar, Glyph, PageHeader, use_list};

/// The address of the list of customers that a finding concerns.
pub fn finding_address(finding: QualityFinding) -> String {
    format!("/customers/quality/{finding}")
}

/// The customers that a finding of the data check concerns.
#[component]
pub fn CustomerQualityPage() -> impl IntoView {
    let params = use_params_map();
    let finding = Memo::new(move |_| {
        params
            .with(|params| params.get("finding"))
            .unwrap_or_default()
    });
    // Another finding is another list.
    move || view! { <FindingList finding=finding.get() /> }
}

#[component]
fn FindingList(finding: String) -> impl IntoView {
    let session = use_session();
    let list = use_list::<Customer>(format!("/customers/quality/{finding}"), &FIELDS);
    let known: Option<QualityFinding> = finding.parse().ok();
    let title = Signal::derive(move || {
        known.map_or_else(
            || t().customer.title.to_owned(),
            |k| k.label(lang()).to_owned(),
        )
    });
    let up = Signal::derive(|| t().customer.title.to_owned());
    let empty = || {
        view! {
            <EmptyState
                glyph=Glyph::Building
                title=Signal::derive(|| t().home.fine.to_owned())
                text=Signal::derive(String::new)
            />
        }
    };
    view! {
        <PageHeader title=title up=("/customers", up) />
        <DataTable list=list columns=columns(session) href=address empty=empty>
            <FilterBar
                list=list.state()
                filters=filters()
                placeholder=Signal::derive(|| t().customer.search.to_owned())
            />
        </DataTable>
    }
}
