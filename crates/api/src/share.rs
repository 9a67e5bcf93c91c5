//! Sharing a record with named colleagues, and who may see it.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, put};
use guanxi_domain::share::{Access, Share, ShareInput, Shareable};
use guanxi_domain::{CustomerId, OrderId, TicketId, UserId};
use guanxi_persistence::{access, share};

use crate::auth::Require;
use crate::permission::{Customers, Orders, Read, Tickets, Update};
use crate::request::{Body, Id, Sub};
use crate::{ApiResult, App};

/// The routes of a record type: its area, the type, its id, tag and paths, the handlers' names.
macro_rules! shares {
    ($area:ty, $record:expr, $id:ty, $tag:literal, $shares:literal, $share:literal, $access:literal, $list:ident, $put:ident, $remove:ident, $who:ident) => {
        /// With whom it is shared
        ///
        /// By name; also shares that have ended, until they are cleared away.
        #[utoipa::path(
                    tag = $tag,
                    params(("id" = $id, Path, description = "The record")),
                    responses((status = 200, description = "The shares", body = Vec<Share>))
                )]
        #[get($shares)]
        pub async fn $list(
            who: Require<Read<$area>>,
            Id(id): Id<$id>,
            app: Data<App>,
        ) -> ApiResult<Json<Vec<Share>>> {
            let shares = app
                .db
                .read(move |c| share::list(c, &who.visibility, $record, id.as_str()))
                .await?;
            Ok(Json(shares))
        }

        /// Share it with a colleague
        ///
        /// Or change how it is shared. Whoever may change the record by their role shares it; what was shared with somebody is not
        /// shared on. The colleague's role must have the operation (422 `no_right`): a share says on which records, not what
        /// may be done. It allows neither deletion nor assignment. Repeating it changes nothing.
        #[utoipa::path(
                    tag = $tag,
                    params(("id" = $id, Path, description = "The record")),
                    request_body(content = ShareInput),
                    responses((status = 200, description = "The share", body = Share))
                )]
        #[put($shares)]
        pub async fn $put(
            who: Require<Update<$area>>,
            Id(id): Id<$id>,
            app: Data<App>,
            Body(input): Body<ShareInput>,
        ) -> ApiResult<Json<Share>> {
            who.written(&app, move |tx, who| {
                share::put(tx, &who.visibility, $record, id.as_str(), &input)
            })
            .await
            .map(Json)
        }

        /// Share it no more
        #[utoipa::path(
                    tag = $tag,
                    params(
                        ("id" = $id, Path, description = "The record"),
                        ("user_id" = UserId, Path, description = "With whom it was shared")
                    ),
                    responses((status = 204, description = "Taken back"))
                )]
        #[delete($share)]
        pub async fn $remove(
            who: Require<Update<$area>>,
            Id(id): Id<$id>,
            Sub(with): Sub<UserId>,
            app: Data<App>,
        ) -> ApiResult<HttpResponse> {
            who.delete(&app, move |tx, who| {
                share::remove(tx, &who.visibility, $record, id.as_str(), with)
            })
            .await
        }

        /// Who may see it, and why
        ///
        /// All active colleagues who may, by name, and whether they may change it too.
        #[utoipa::path(
                    tag = $tag,
                    params(("id" = $id, Path, description = "The record")),
                    responses((status = 200, description = "The colleagues", body = Vec<Access>))
                )]
        #[get($access)]
        pub async fn $who(
            who: Require<Read<$area>>,
            Id(id): Id<$id>,
            app: Data<App>,
        ) -> ApiResult<Json<Vec<Access>>> {
            let record = $record.as_str();
            let all = app
                .db
                .read(move |c| access::of_record(c, &who.visibility, record, id.as_str()))
                .await?;
            Ok(Json(all))
        }
    };
}

shares! {
    Customers, Shareable::Customers, CustomerId, "customers",
    "/customers/{id}/shares", "/customers/{id}/shares/{user_id}", "/customers/{id}/access",
    list_customer_shares, share_customer, unshare_customer, list_customer_access
}
shares! {
    Orders, Shareable::Orders, OrderId, "orders",
    "/orders/{id}/shares", "/orders/{id}/shares/{user_id}", "/orders/{id}/access",
    list_order_shares, share_order, unshare_order, list_order_access
}
shares! {
    Tickets, Shareable::Tickets, TicketId, "tickets",
    "/tickets/{id}/shares", "/tickets/{id}/shares/{user_id}", "/tickets/{id}/access",
    list_ticket_shares, share_ticket, unshare_ticket, list_ticket_access
}
