//! The HTTP server.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as WebServer, HttpServer, web};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::event::Hub;
use crate::web_app::{self, WebApp};
use crate::{App, health, openapi, request, routes};

/// Seconds that requests under way may take when the server stops.
const SHUTDOWN_SECONDS: u64 = 20;

/// Builds the actix application: a macro, because its type cannot be written down.
macro_rules! build {
    ($app:expr, $web:expr) => {{
        let app: App = $app;
        let cors = cors(&app.config.cors_origins);
        let (server, document) = WebServer::new()
            .into_utoipa_app()
            .openapi(openapi::base())
            .app_data(web::Data::new(app))
            .app_data(web::Data::new($web))
            .service(health::healthz)
            .service(health::readyz)
            .service(health::metrics)
            .service(utoipa_actix_web::scope("/api/v1").configure(routes::configure))
            .split_for_parts();
        let document = completed(document);
        let server = server
            .service(
                SwaggerUi::new("/swagger-ui/{_:.*}").url("/api/openapi.json", document.clone()),
            )
            .service(web::redirect("/swagger-ui", "/swagger-ui/"))
            .default_service(web::to(web_app::serve))
            .wrap(from_fn(request::security_headers))
            .wrap(Compress::default())
            .wrap(from_fn(request::middleware))
            .wrap(cors);
        (server, document)
    }};
}

fn cors(origins: &[String]) -> Cors {
    origins
        .iter()
        .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin))
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::ACCEPT_LANGUAGE,
            header::HeaderName::from_static("last-event-id"),
            crate::idempotency::KEY,
        ])
        .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER])
        .supports_credentials()
        .max_age(3600)
}

/// The completed document: the same for every worker.
fn completed(document: OpenApi) -> OpenApi {
    static COMPLETED: OnceLock<OpenApi> = OnceLock::new();
    COMPLETED
        .get_or_init(|| openapi::complete(document))
        .clone()
}

/// The OpenAPI document of all routes.
pub fn document() -> OpenApi {
    let (_, document) = WebServer::new()
        .into_utoipa_app()
        .openapi(openapi::base())
        .service(health::healthz)
        .service(health::readyz)
        .service(health::metrics)
        .service(utoipa_actix_web::scope("/api/v1").configure(routes::configure))
        .split_for_parts();
    completed(document)
}

/// Binds and runs until told to stop; `listening` learns the address, of use when the port was 0.
pub fn run(app: App) -> std::io::Result<(actix_web::dev::Server, std::net::SocketAddr)> {
    let web = WebApp::load(&app.config.app_dir)?;
    let config = app.config.clone();
    let shared = app.clone();
    let server = HttpServer::new(move || build!(shared.clone(), web.clone()).0)
        .workers(config.workers)
        // The readers' pool is small: more threads would only wait for it.
        .worker_max_blocking_threads(4)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .bind(config.listen)?;
    app.imports.start()?;
    app.events.start()?;
    actix_web::rt::spawn(end_streams(app.events.clone()));
    let address = server.addrs().first().copied().unwrap_or(config.listen);
    Ok((server.run(), address))
}

/// Ends the streams of events when the server is told to stop: it waits for every answer that is under way, and these never end by
/// themselves.
async fn end_streams(events: Arc<Hub>) {
    use tokio::signal::unix::{SignalKind, signal};

    let told = match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => true,
                told = tokio::signal::ctrl_c() => told.is_ok(),
            }
        }
        Err(error) => {
            log::warn!("no signals: {error}");
            false
        }
    };
    if told {
        events.stop();
    }
}
