//! What has happened to a record, for whoever may read it.

use actix_web::get;
use actix_web::web::{Data, Json};
use guanxi_domain::audit::HistoryEntry;
use guanxi_domain::{
    ContactId, CustomFieldId, CustomerId, DepartmentId, DictionaryEntryId, ImportId, OrderId, Page,
    ProductId, RoleId, TicketId, UserId, WebhookId, WinBackPlanId,
};
use guanxi_persistence::{
    AnyConnection, Error, ListQuery, Visibility, audit, contact, custom_field, customer,
    department, dictionary, import, order, product, role, ticket, user, webhook, win_back,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::Require;
use crate::list::List;
use crate::permission::{
    Contacts, Customers, Imports, Orders, Permission, Products, Read, Roles, Settings, Tickets,
    Users, Webhooks,
};
use crate::request::Id;
use crate::{ApiResult, App};

/// The lists of what happened to a record.
pub struct History;

/// A page of entries, if the record is seen.
async fn page<P: Permission, R>(
    who: Require<P>,
    app: &App,
    record: (&'static str, String),
    query: ListQuery,
    get: impl FnOnce(&mut AnyConnection, &Visibility) -> Result<R, Error> + Send + 'static,
) -> ApiResult<Json<Page<HistoryEntry>>> {
    let page = app
        .db
        .read(move |c| {
            get(c, &who.visibility)?;
            audit::history(c, record.0, &record.1, &query)
        })
        .await?;
    Ok(Json(page))
}

/// `GET /…/{id}/history` of record types: handler, address, tag, record, its area and id, and how a record is read by somebody who
/// sees it.
macro_rules! histories {
    ($($name:ident $path:literal $tag:literal $record:literal $area:ty, $id:ty => |$c:ident, $who:ident, $i:ident| $get:expr;)+) => {
        $(
            /// History of a record
            ///
            /// Who changed what and when, the newest first, for whoever may read the record.
            #[utoipa::path(
                tag = $tag,
                params(("id" = $id, Path, description = "The record"), List<History>),
                responses((status = 200, description = "A page of entries", body = Page<HistoryEntry>))
            )]
            #[get($path)]
            pub async fn $name(
                who: Require<Read<$area>>,
                Id($i): Id<$id>,
                list: List<History>,
                app: Data<App>,
            ) -> ApiResult<Json<Page<HistoryEntry>>> {
                page(who, &app, ($record, $i.to_string()), list.query, move |$c, $who| $get).await
            }
        )+

        /// All of them.
        pub fn configure(config: &mut ServiceConfig<'_>) {
            config$(.service($name))+;
        }
    };
}

histories! {
    get_contact_history "/contacts/{id}/history" "contacts" "contacts" Contacts, ContactId => |c, seen, id| contact::get(c, seen, id);
    get_customer_history "/customers/{id}/history" "customers" "customers" Customers, CustomerId => |c, seen, id| customer::get(c, seen, id);
    get_custom_field_history "/custom-fields/{id}/history" "custom fields" "custom_fields" Settings, CustomFieldId => |c, _all, id| custom_field::get(c, id);
    get_department_history "/departments/{id}/history" "departments" "departments" Users, DepartmentId => |c, _all, id| department::get(c, id);
    get_dictionary_entry_history "/dictionaries/{id}/history" "dictionaries" "dictionaries" Settings, DictionaryEntryId => |c, _all, id| dictionary::get(c, id);
    get_import_history "/imports/{id}/history" "imports" "imports" Imports, ImportId => |c, seen, id| import::get(c, seen, id);
    get_order_history "/orders/{id}/history" "orders" "orders" Orders, OrderId => |c, seen, id| order::get(c, seen, id);
    get_product_history "/products/{id}/history" "products" "products" Products, ProductId => |c, _all, id| product::get(c, id);
    get_role_history "/roles/{id}/history" "roles" "roles" Roles, RoleId => |c, _all, id| role::get(c, id);
    get_ticket_history "/tickets/{id}/history" "tickets" "tickets" Tickets, TicketId => |c, seen, id| ticket::get(c, seen, id);
    get_user_history "/users/{id}/history" "users" "users" Users, UserId => |c, seen, id| user::get(c, seen, id);
    get_webhook_history "/webhooks/{id}/history" "webhooks" "webhooks" Webhooks, WebhookId => |c, seen, id| webhook::get(c, seen, id);
    get_win_back_plan_history "/win-back-plans/{id}/history" "win_back_plans" "win_back_plans" Customers, WinBackPlanId => |c, seen, id| win_back::get(c, seen, id);
}
