//! The audit trail.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use guanxi_domain::Page;
use guanxi_domain::audit::AuditEntry;
use guanxi_persistence::audit;

use crate::auth::Require;
use crate::list::{List, page};
use crate::permission::{Audit, Read};
use crate::{ApiResult, App};

/// List the audit trail
///
/// With `record_type` and `record_id`: the history of one record.
#[utoipa::path(tag = "audit", params(List<Audit>), responses((status = 200, description = "A page of entries", body = Page<AuditEntry>)))]
#[get("/audit")]
pub async fn list_audit(
    who: Require<Read<Audit>>,
    list: List<Audit>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<audit::Audit>(&app, who.visibility.clone(), list.query).await
}
