use guanxi_domain::SegmentId;
use guanxi_domain::customer::{Customer, FIELDS};
use guanxi_domain::segment::{SegmentKind, members_of};
use leptos::prelude::*;

use super::label;
use crate::customer::{CUSTOMER_ACTIONS, customer_address, customer_columns, customer_filters};
use crate::session::use_session;
use crate::ui::{DataTable, EmptyState, FilterBar, Glyph, use_records};

/// The members that the caller sees, with all that the list of customers can do.
#[component]
pub fn MembersTab(id: SegmentId, kind: SegmentKind) -> impl IntoView {
    let session = use_session();
    let list = use_records::<Customer>(&FIELDS, vec![members_of(id)]);
    let text = match kind {
        SegmentKind::Static => label(|s| s.empty_static),
        SegmentKind::Dynamic => label(|s| s.empty_dynamic),
    };
    let empty = move || {
        view! { <EmptyState glyph=Glyph::Building title=label(|s| s.empty_title) text=text /> }
    };
    view! {
        <DataTable
            list=list
            columns=customer_columns(session)
            href=customer_address
            empty=empty
            actions=CUSTOMER_ACTIONS
        >
            <FilterBar list=list.state() filters=customer_filters() />
        </DataTable>
    }
}
