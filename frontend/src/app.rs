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
use crate::nav::{Nav, watch_history};
use crate::order::{OrderEditPage, OrderListPage, OrderNewPage, OrderPage};
use crate::prefs::Prefs;
use crate::product::{ProductEditPage, ProductListPage, ProductNewPage, ProductPage};
use crate::report::{ReportListPage, ReportPage};
use crate::rights::{MyRightsPage, UserRightsPage};
use crate::role::{RoleEditPage, RoleListPage, RoleNewPage};
use crate::session::Session;
use crate::settings::SettingsPage;
use crate::shell::{NotFound, Shell};
use crate::ticket::{TicketEditPage, TicketListPage, TicketNewPage, TicketPage};
use crate::ui::{Confirm, ConfirmHost, ToastHost, Toasts};
use crate::user::{UserEditPage, UserListPage, UserNewPage};
use crate::value::ValuePage;
use crate::webhook::{WebhookEditPage, WebhookListPage, WebhookNewPage, WebhookPage};

#[component]
pub fn App() -> impl IntoView {
    watch_history();
    Prefs::provide();
    let toasts = Toasts::provide();
    let confirm = Confirm::provide();
    Live::provide(Session::provide());
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
                <Route path=path!("customers") view=CustomerListPage />
                <Route path=path!("customers/new") view=CustomerNewPage />
                <Route path=path!("customers/quality/:finding") view=CustomerQualityPage />
                <Route path=path!("customers/:id") view=CustomerPage />
                <Route path=path!("customers/:id/edit") view=CustomerEditPage />
                <Route path=path!("contacts") view=ContactListPage />
                <Route path=path!("contacts/new") view=ContactNewPage />
                <Route path=path!("contacts/:id") view=ContactEditPage />
                <Route path=path!("orders") view=OrderListPage />
                <Route path=path!("orders/new") view=OrderNewPage />
                <Route path=path!("orders/:id") view=OrderPage />
                <Route path=path!("orders/:id/edit") view=OrderEditPage />
                <Route path=path!("products") view=ProductListPage />
                <Route path=path!("products/new") view=ProductNewPage />
                <Route path=path!("products/:id") view=ProductPage />
                <Route path=path!("products/:id/edit") view=ProductEditPage />
                <Route path=path!("tickets") view=TicketListPage />
                <Route path=path!("tickets/new") view=TicketNewPage />
                <Route path=path!("tickets/:id") view=TicketPage />
                <Route path=path!("tickets/:id/edit") view=TicketEditPage />
                <Route path=path!("approvals") view=ApprovalsPage />
                <Route path=path!("approvals/:id") view=ApprovalPage />
                <Route path=path!("value") view=ValuePage />
                <Route path=path!("reports") view=ReportListPage />
                <Route path=path!("reports/view") view=ReportPage />
                <Route path=path!("imports") view=ImportListPage />
                <Route path=path!("imports/new") view=ImportNewPage />
                <Route path=path!("imports/:id") view=ImportPage />
                <Route path=path!("users") view=UserListPage />
                <Route path=path!("users/new") view=UserNewPage />
                <Route path=path!("users/:id") view=UserEditPage />
                <Route path=path!("users/:id/rights") view=UserRightsPage />
                <Route path=path!("departments") view=DepartmentsPage />
                <Route path=path!("roles") view=RoleListPage />
                <Route path=path!("roles/new") view=RoleNewPage />
                <Route path=path!("roles/:id") view=RoleEditPage />
                <Route path=path!("webhooks") view=WebhookListPage />
                <Route path=path!("webhooks/new") view=WebhookNewPage />
                <Route path=path!("webhooks/:id") view=WebhookPage />
                <Route path=path!("webhooks/:id/edit") view=WebhookEditPage />
                <Route path=path!("api-keys") view=ApiKeyListPage />
                <Route path=path!("api-keys/new") view=ApiKeyNewPage />
                <Route path=path!("api-keys/:id") view=ApiKeyPage />
                <Route path=path!("jobs") view=JobsPage />
                <Route path=path!("jobs/:id") view=JobPage />
                <Route path=path!("backups") view=BackupsPage />
                <Route path=path!("dictionaries") view=DictionariesPage />
                <Route path=path!("custom-fields") view=CustomFieldsPage />
                <Route path=path!("custom-fields/new") view=CustomFieldNewPage />
                <Route path=path!("custom-fields/:id") view=CustomFieldEditPage />
                <Route path=path!("settings") view=SettingsPage />
                <Route path=path!("audit") view=AuditPage />
                <Route path=path!("account") view=AccountPage />
                <Route path=path!("account/rights") view=MyRightsPage />
                <Route path=path!("*any") view=NotFound />
            </ParentRoute>
        </Routes>
    }
}
