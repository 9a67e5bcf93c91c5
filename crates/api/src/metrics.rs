//! The figures of customers: rebuilding them, and moving their windows every day.

use std::time::Duration;

use actix_web::post;
use actix_web::web::{Data, Json};
use guanxi_domain::Timestamp;
use guanxi_domain::metrics::RebuildReport;
use guanxi_persistence::{Db, metrics};
use tokio::sync::oneshot;

use crate::auth::Require;
use crate::permission::{Settings, Update};
use crate::{ApiError, ApiResult, App};

/// How often to look whether a new day has begun.
const LOOK: Duration = Duration::from_mins(1);

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
        let _ = sender.send(metrics::rebuild(&db, origin));
    });
    let report = report
        .await
        .map_err(|_| ApiError::internal(&"the rebuild panicked"))??;
    Ok(Json(report))
}

/// Moves the windows of all customers' figures once a day (UTC), beginning now, as long as the program runs.
pub fn refresh_daily(db: Db) {
    std::thread::spawn(move || {
        let mut done = None;
        loop {
            let today = Timestamp::now().date();
            if done != Some(today) {
                match metrics::refresh(&db, today) {
                    Ok(customers) => {
                        log::info!("figures moved to {today}: {customers} customers");
                        done = Some(today);
                    }
                    Err(error) => log::error!("figures could not be moved to {today}: {error}"),
                }
            }
            std::thread::sleep(LOOK);
        }
    });
}
