//! What stands at which address.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::account::AccountPage;
use crate::api_key::{ApiKeyListPage, ApiKeyNewPage, ApiKeyPage};
use crate::approval::{ApprovalPage, ApprovalsPage};
use crate::audit::AuditPage;
use crate::auth::{LogInPage, RegisterPage};
use crate::backup::BackupsPage;
use crate::clusters::{ClustersPage, CurrentClusters};
use crate::contact::{ContactEditPage, ContactListPage, ContactNewPage};
use crate::custom_field::{CustomFieldEditPage, CustomFieldNewPage, CustomFieldsPage};
use crate::customer::{
    CustomerEditPage, CustomerListPage, CustomerNewPage, CustomerPage, CustomerQualityPage,
};
use crate::department::DepartmentsPage;
use crate::dictionary::DictionariesPage;
use crate::home::HomePage;
use crate::import::{ImportListPage, ImportNewPage, ImportPage};
use crate::job::{JobPage, JobsPage};
use crate::live::Live;
use crate::mail::MailPage;
use crate::nav::{Nav, watch_history};
use crate::order::{OrderEditPage, OrderListPage, OrderNewPage, OrderPage};
use crate::part::part;
use crate::prefs::Prefs;
use crate::product::{ProductEditPage, ProductListPage, ProductNewPage, ProductPage};
use crate::report::{ReportListPage, ReportPage, SavedReportPage};
use crate::rights::{MyRightsPage, UserRightsPage};
use crate::role::{RoleEditPage, RoleListPage, RoleNewPage};
use crate::rules::RulesPage;
use crate::segment::{SegmentEditPage, SegmentListPage, SegmentNewPage, SegmentPage};
use crate::segmentation::{ChurnPage, LifetimePage, RfmPage};
use crate::session::Session;
use crate::settings::SettingsPage;
use crate::shell::{NotFound, Shell};
use crate::ticket::{TicketEditPage, TicketListPage, TicketNewPage, TicketPage};
use crate::trading::TradingPage;
use crate::ui::{Confirm, ConfirmHost, ToastHost, Toasts};
use crate::user::{UserEditPage, UserListPage, UserNewPage};
use crate::value::ValuePage;
use crate::webhook::{WebhookEditPage, WebhookListPage, WebhookNewPage, WebhookPage};

// Who logs in sees the start page at once; the rest comes when it is wanted.
part! {
    customers:
    CustomerListPage, CustomerNewPage, CustomerQualityPage, CustomerPage, CustomerEditPage, ContactListPage, ContactNewPage, ContactEditPage
}

part! {
    orders:
    OrderListPage, OrderNewPage, OrderPage, OrderEditPage, ProductListPage, ProductNewPage, ProductPage, ProductEditPage
}

part! {
    service:
    TicketListPage, TicketNewPage, TicketPage, TicketEditPage, ApprovalsPage, ApprovalPage
}

part! {
    analysis:
    ValuePage, RfmPage, LifetimePage, ChurnPage, SegmentListPage, SegmentNewPage, SegmentPage, SegmentEditPage, ClustersPage, RulesPage, TradingPage, ReportListPage, ReportPage, SavedReportPage
}

part! {
    administration:
    ImportListPage, ImportNewPage, ImportPage, UserListPage, UserNewPage, UserEditPage, UserRightsPage, MyRightsPage, DepartmentsPage, RoleListPage, RoleNewPage, RoleEditPage, WebhookListPage, WebhookNewPage, WebhookPage, WebhookEditPage, ApiKeyListPage, ApiKeyNewPage, ApiKeyPage, JobsPage, JobPage, MailPage, BackupsPage, DictionariesPage, CustomFieldsPage, CustomFieldNewPage, CustomFieldEditPage, SettingsPage, AuditPage, AccountPage
}

#[component]
pub fn App() -> impl IntoView {
    watch_history();
    Prefs::provide();
    let toasts = Toasts::provide();
    let confirm = Confirm::provide();
    let session = Session::provide();
    CurrentClusters::provide(session);
    Live::provide(session);
    view! {
        <Router>
            <Inside />
        </Router>
        <ConfirmHost confirm=confirm />
        <ToastHost toasts=toasts />
    }
}

#[component]
fn Inside() -> impl IntoView {
    Nav::provide();
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/login") view=LogInPage />
            <Route path=path!("/register") view=RegisterPage />
            <ParentRoute path=path!("/") view=Shell>
                <Route path=path!("") view=HomePage />
                <Route path=path!("customers") view=customers::CustomerListPage />
                <Route path=path!("customers/new") view=customers::CustomerNewPage />
                <Route path=path!("customers/quality/:finding") view=customers::CustomerQualityPage />
                <Route path=path!("customers/:id") view=customers::CustomerPage />
                <Route path=path!("customers/:id/edit") view=customers::CustomerEditPage />
                <Route path=path!("contacts") view=customers::ContactListPage />
                <Route path=path!("contacts/new") view=customers::ContactNewPage />
                <Route path=path!("contacts/:id") view=customers::ContactEditPage />
                <Route path=path!("orders") view=orders::OrderListPage />
                <Route path=path!("orders/new") view=orders::OrderNewPage />
                <Route path=path!("orders/:id") view=orders::OrderPage />
                <Route path=path!("orders/:id/edit") view=orders::OrderEditPage />
                <Route path=path!("products") view=orders::ProductListPage />
                <Route path=path!("products/new") view=orders::ProductNewPage />
                <Route path=path!("products/:id") view=orders::ProductPage />
                <Route path=path!("products/:id/edit") view=orders::ProductEditPage />
                <Route path=path!("tickets") view=service::TicketListPage />
                <Route path=path!("tickets/new") view=service::TicketNewPage />
                <Route path=path!("tickets/:id") view=service::TicketPage />
                <Route path=path!("tickets/:id/edit") view=service::TicketEditPage />
                <Route path=path!("approvals") view=service::ApprovalsPage />
                <Route path=path!("approvals/:id") view=service::ApprovalPage />
                <Route path=path!("value") view=analysis::ValuePage />
                <Route path=path!("rfm") view=analysis::RfmPage />
                <Route path=path!("lifetime") view=analysis::LifetimePage />
                <Route path=path!("churn") view=analysis::ChurnPage />
                <Route path=path!("segments") view=analysis::SegmentListPage />
                <Route path=path!("segments/new") view=analysis::SegmentNewPage />
                <Route path=path!("segments/:id") view=analysis::SegmentPage />
                <Route path=path!("segments/:id/edit") view=analysis::SegmentEditPage />
                <Route path=path!("clusters") view=analysis::ClustersPage />
                <Route path=path!("rules") view=analysis::RulesPage />
                <Route path=path!("trading") view=analysis::TradingPage />
                <Route path=path!("reports") view=analysis::ReportListPage />
                <Route path=path!("reports/view") view=analysis::ReportPage />
                <Route path=path!("reports/:id") view=analysis::SavedReportPage />
                <Route path=path!("imports") view=administration::ImportListPage />
                <Route path=path!("imports/new") view=administration::ImportNewPage />
                <Route path=path!("imports/:id") view=administration::ImportPage />
                <Route path=path!("users") view=administration::UserListPage />
                <Route path=path!("users/new") view=administration::UserNewPage />
                <Route path=path!("users/:id") view=administration::UserEditPage />
                <Route path=path!("users/:id/rights") view=administration::UserRightsPage />
                <Route path=path!("departments") view=administration::DepartmentsPage />
                <Route path=path!("roles") view=administration::RoleListPage />
                <Route path=path!("roles/new") view=administration::RoleNewPage />
                <Route path=path!("roles/:id") view=administration::RoleEditPage />
                <Route path=path!("webhooks") view=administration::WebhookListPage />
                <Route path=path!("webhooks/new") view=administration::WebhookNewPage />
                <Route path=path!("webhooks/:id") view=administration::WebhookPage />
                <Route path=path!("webhooks/:id/edit") view=administration::WebhookEditPage />
                <Route path=path!("api-keys") view=administration::ApiKeyListPage />
                <Route path=path!("api-keys/new") view=administration::ApiKeyNewPage />
                <Route path=path!("api-keys/:id") view=administration::ApiKeyPage />
                <Route path=path!("jobs") view=administration::JobsPage />
                <Route path=path!("jobs/:id") view=administration::JobPage />
                <Route path=path!("mail") view=administration::MailPage />
                <Route path=path!("backups") view=administration::BackupsPage />
                <Route path=path!("dictionaries") view=administration::DictionariesPage />
                <Route path=path!("custom-fields") view=administration::CustomFieldsPage />
                <Route path=path!("custom-fields/new") view=administration::CustomFieldNewPage />
                <Route path=path!("custom-fields/:id") view=administration::CustomFieldEditPage />
                <Route path=path!("settings") view=administration::SettingsPage />
                <Route path=path!("audit") view=administration::AuditPage />
                <Route path=path!("account") view=administration::AccountPage />
                <Route path=path!("account/rights") view=administration::MyRightsPage />
                <Route path=path!("*any") view=NotFound />
            </ParentRoute>
        </Routes>
    }
}
