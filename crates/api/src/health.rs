//! Whether the server lives, whether it is ready, and what it counts.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntGauge, Opts, Registry, TextEncoder};

use crate::{ApiResult, App};

/// What is counted, for Prometheus.
pub struct Meters {
    registry: Registry,
    requests: HistogramVec,
    waiting_writes: IntGauge,
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Meters {
    pub fn new() -> Self {
        let registry = Registry::new();
        let requests = HistogramVec::new(
            HistogramOpts::new(
                "guanxi_request_seconds",
                "Requests by method, route and status",
            )
            .buckets(vec![
                0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
            ]),
            &["method", "route", "status"],
        )
        .and_then(|meter| registry.register(Box::new(meter.clone())).map(|()| meter))
        .unwrap_or_else(|e| unreachable!("the names are fixed and right: {e}"));
        let waiting_writes = IntGauge::with_opts(Opts::new(
            "guanxi_waiting_writes",
            "Writes that wait for the writer",
        ))
        .and_then(|meter| registry.register(Box::new(meter.clone())).map(|()| meter))
        .unwrap_or_else(|e| unreachable!("the names are fixed and right: {e}"));
        Self {
            registry,
            requests,
            waiting_writes,
        }
    }

    pub fn request(&self, method: &str, route: &str, status: u16, time: Duration) {
        self.requests
            .with_label_values(&[method, route, &status.to_string()])
            .observe(time.as_secs_f64());
    }
}

/// The process lives
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "It lives", body = String)))]
#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

/// The database answers
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "Ready to serve", body = String)))]
#[get("/readyz")]
pub async fn readyz(app: web::Data<App>) -> ApiResult<HttpResponse> {
    app.db.ping().await?;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ready"))
}

/// Counters in Prometheus' text format
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "The counters", body = String)))]
#[get("/metrics")]
pub async fn metrics(app: web::Data<App>) -> ApiResult<HttpResponse> {
    app.meters
        .waiting_writes
        .set(i64::try_from(app.db.waiting_writes()).unwrap_or(i64::MAX));
    let mut text = Vec::new();
    TextEncoder::new()
        .encode(&app.meters.registry.gather(), &mut text)
        .map_err(|e| crate::ApiError::internal(&e))?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(text))
}
