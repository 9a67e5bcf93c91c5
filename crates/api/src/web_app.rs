//! The built web app, held in memory: any path that is no file is the app's own business.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::{ApiResult, request};

/// Nothing from elsewhere, nothing inline; WebAssembly may be compiled.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

struct File {
    plain: web::Bytes,
    brotli: Option<web::Bytes>,
    gzip: Option<web::Bytes>,
    mime: &'static str,
    /// Its name holds a hash of its content.
    immutable: bool,
}

/// All files of the app.
#[derive(Clone)]
pub struct WebApp(Arc<HashMap<String, File>>);

impl WebApp {
    /// Reads the folder; an absent one gives an app that says how to build it.
    pub fn load(folder: &Path) -> std::io::Result<Self> {
        let mut files = HashMap::new();
        if folder.is_dir() {
            read_folder(folder, "", &mut files)?;
        } else {
            log::warn!("no web app in {}: only the API is served", folder.display());
        }
        Ok(Self(Arc::new(files)))
    }
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    files: &mut HashMap<String, File>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), files)?;
        } else if !matches!(name.rsplit('.').next(), Some("br" | "gz")) {
            let side = |suffix: &str| {
                let mut path = entry.path().into_os_string();
                path.push(suffix);
                std::fs::read(path).ok().map(web::Bytes::from)
            };
            let file = File {
                plain: std::fs::read(entry.path())?.into(),
                brotli: side(".br"),
                gzip: side(".gz"),
                mime: mime(&name),
                immutable: has_hash(&name),
            };
            files.insert(name, file);
        }
    }
    Ok(())
}

/// `charts-3f2a91c07b5d.js`, `app-3f2a91c07b5d/main.js`: a part of eight or more hexadecimal digits.
fn has_hash(name: &str) -> bool {
    name.split(['-', '.', '_', '/'])
        .any(|part| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Serves the app to whatever is not the API.
pub async fn serve(request: HttpRequest, app: web::Data<WebApp>) -> ApiResult<HttpResponse> {
    let path = request.path().trim_start_matches('/');
    if path.starts_with("api/") || !matches!(request.method().as_str(), "GET" | "HEAD") {
        return Err(request::no_such_path(&request));
    }
    let known = app.0.get(path);
    // A path with an ending asks for a file; without one it is a page of the app.
    let is_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let file = match known.or_else(|| is_page.then(|| app.0.get("index.html")).flatten()) {
        Some(file) => file,
        None if is_page && app.0.is_empty() => {
            return Ok(HttpResponse::Ok()
                .content_type("text/plain; charset=utf-8")
                .body(
                    "The web app is not built: run `make frontend`. The API is at /swagger-ui/.\n",
                ));
        }
        None => return Err(request::no_such_path(&request)),
    };
    let accepted = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.mime)
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((
            header::CACHE_CONTROL,
            if file.immutable {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
        ))
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY));
    let (encoding, body) = match (&file.brotli, &file.gzip) {
        (Some(body), _) if accepted.contains("br") => (Some("br"), body),
        (_, Some(body)) if accepted.contains("gzip") => (Some("gzip"), body),
        _ => (None, &file.plain),
    };
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    Ok(response.body(body.clone()))
}
