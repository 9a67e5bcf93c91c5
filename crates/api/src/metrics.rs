//! The figures of customers: rebuilding them.

use actix_web::post;
use actix_web::web::{Data, Json};
use guanxi_domain::metrics::RebuildReport;
use guanxi_persistence::metrics;
use tokio::sync::oneshot;

use crate::auth::Require;
use crate::permission::{Settings, Update};
use crate::{ApiError, ApiResult, App};

/// Rebuild all customers' figures
///
/// Computes them again from orders and tickets, compares them with those that are kept, mends and counts the differences. Other
/// work goes on meanwhile.
#[utoipa::path(tag = "operations", responses((status = 200, description = "What was found", body = RebuildReport)))]
#[post("/metrics/rebuild")]
pub async fn rebuild_metrics(
    who: Require<Update<Settings>>,
    app: Data<App>,
) -> ApiResult<Json<RebuildReport>> {
    let (db, origin) = (app.db.clone(), who.origin());
    let (sender, report) = oneshot::channel();
    // A thread of its own: it takes minutes for a million customers, and the others are for requests.
    std::thread::spawn(move || {
        // Whoever asked may have gone; the figures are mended all the same.
        let _ = sender.send(metrics::rebuild(&db, origin, metrics::to_the_end));
    });
    let report = report
        .await
        .map_err(|_| ApiError::internal(&"the rebuild panicked"))??;
    Ok(Json(report))
}
