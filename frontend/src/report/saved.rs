use guanxi_domain::report::Report;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::query::address_of;
use crate::api;
use crate::load::Loader;
use crate::nav::{use_nav, use_url};
use crate::ui::{RecordSkeleton, with_data};

/// The short address of a saved report, as mails and notifications have it: leads to the page that shows what it asks. `mail` in it opens the
/// schedule there.
#[component]
pub fn SavedReportPage() -> impl IntoView {
    let params = use_params_map();
    let (nav, url) = (use_nav(), use_url());
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let report = Loader::new(move || api::get(format!("/reports/{}", id.get())).json::<Report>());
    let go_on = move |report: Report| {
        let mut address = address_of(Some(report.id), &report.input.query, report.input.chart);
        if url.get_untracked("mail").is_some() {
            address.push_str("&mail=1");
        }
        nav.replace(&address);
        view! { <RecordSkeleton /> }
    };
    with_data(report, || view! { <RecordSkeleton /> }.into_any(), go_on)
}
