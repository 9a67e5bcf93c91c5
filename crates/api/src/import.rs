//! Imports: files that become records.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use futures_util::{StreamExt, stream};
use guanxi_domain::import::Import;
use guanxi_domain::{ImportId, Page};
use guanxi_persistence::{Db, import};

use crate::auth::Require;
use crate::list::{List, page};
use crate::permission::{Create, Delete, Imports, Read};
use crate::request::Id;
use crate::{ApiError, ApiResult, App};

mod check;
pub mod command;
mod reader;
mod rejected;
mod runner;
mod template;
mod unpack;
mod upload;
mod workbook;

pub use check::{check_import, run_import};
pub use reader::{ReadError, Reader, Row};
pub use rejected::RejectedFile;
pub use runner::Importer;
pub use template::get_import_template;
pub use upload::upload_import;

/// Rejected rows that are read from the database at a time.
const REJECTS: i64 = 200;

/// List imports
#[utoipa::path(tag = "imports", params(List<Imports>), responses((status = 200, description = "A page of imports", body = Page<Import>)))]
#[get("/imports")]
pub async fn list_imports(
    who: Require<Read<Imports>>,
    list: List<Imports>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<import::Imports>(&app, who.visibility.clone(), list.query).await
}

/// Get an import
///
/// Tells how far it is: rows read, imported and rejected, by reason.
#[utoipa::path(tag = "imports", params(("id" = ImportId, Path, description = "The import")), responses((status = 200, description = "The import", body = Import)))]
#[get("/imports/{id}")]
pub async fn get_import(
    who: Require<Read<Imports>>,
    Id(id): Id<ImportId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, visibility| import::get(c, visibility, id))
        .await
}

/// Cancel an import
///
/// It stops after the rows that are being written. What it has imported stays.
#[utoipa::path(tag = "imports", params(("id" = ImportId, Path, description = "The import")), responses((status = 200, description = "The import, cancelled", body = Import)))]
#[post("/imports/{id}/cancel")]
pub async fn cancel_import(
    who: Require<Create<Imports>>,
    Id(id): Id<ImportId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| import::cancel(tx, &who.visibility, id))
        .await
}

/// Get the rejected rows
///
/// The columns of the file, and `_import`, `_row`, `_reason_code` and `_reason`. Corrected and uploaded as an import of its own, the
/// rows join the orders that the rest of their rows made. A text that a spreadsheet would run as a formula
/// has an apostrophe before it, which the import of the corrected file takes off again. Rows that such a file has brought in are left out.
/// Of a row of more than 64 KiB the longest cells are cut, and end in `…`. The audit trail tells who got the rows.
#[utoipa::path(
    tag = "imports",
    params(("id" = ImportId, Path, description = "The import")),
    responses((status = 200, description = "The rows", body = String, content_type = "text/csv"))
)]
#[get("/imports/{id}/errors.csv")]
pub async fn get_import_errors(
    who: Require<Read<Imports>>,
    Id(id): Id<ImportId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let (lang, origin, visibility) = (who.lang(), who.origin(), who.visibility.clone());
    let (import, targets) = app
        .db
        .read(move |c| {
            let import = import::get(c, &visibility, id)?;
            let targets = import::batch::targets(c, import.record)?;
            Ok((import, targets))
        })
        .await?;
    app.db
        .write(origin, move |tx| import::record_rejects_leaving(tx, id))
        .await?;
    let file = RejectedFile::new(&import, targets, lang);
    let header = file.header().map_err(|e| ApiError::internal(&e))?;
    let rows = stream::unfold(Some((file, 0)), move |state| {
        let db = app.db.clone();
        async move {
            let (file, after) = state?;
            match rejected_rows(&db, id, &file, after).await {
                Ok(Some((bytes, last))) => Some((Ok(bytes), Some((file, last)))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }
    });
    let begin = stream::once(async move { Ok::<_, ApiError>(header) });
    let body = begin.chain(rows).map(move |piece| {
        // The status has been sent: all that is left is to break off, so that nobody takes a part for the whole.
        piece.map(actix_web::web::Bytes::from).map_err(|error| {
            log::error!("the rejected rows of import {id}: {:?}", error.cause());
            std::io::Error::other(error.to_string())
        })
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"errors.csv\"",
        ))
        .streaming(body))
}

/// The next rejected rows as text, and the last one's number; `None` at the end.
async fn rejected_rows(
    db: &Db,
    id: ImportId,
    file: &RejectedFile,
    after: i64,
) -> ApiResult<Option<(Vec<u8>, i64)>> {
    let rows = db
        .read(move |c| import::rejects(c, id, after, REJECTS))
        .await?;
    let Some(last) = rows.last().map(|r| r.row) else {
        return Ok(None);
    };
    let mut text = Vec::new();
    for row in &rows {
        text.extend(file.row(row).map_err(|e| ApiError::internal(&e))?);
    }
    Ok(Some((text, last)))
}

/// Delete an import
///
/// With its file and its rejected rows; what it has imported stays. Refused while it runs.
#[utoipa::path(tag = "imports", params(("id" = ImportId, Path, description = "The import")), responses((status = 204, description = "Deleted")))]
#[delete("/imports/{id}")]
pub async fn delete_import(
    who: Require<Delete<Imports>>,
    Id(id): Id<ImportId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let visibility = who.visibility.clone();
    app.db
        .write(who.origin(), move |tx| import::delete(tx, &visibility, id))
        .await?;
    let path = app.imports.path(id);
    if let Err(error) = tokio::fs::remove_file(&path).await
        && error.kind() != std::io::ErrorKind::NotFound
    {
        log::warn!("{}: {error}", path.display());
    }
    Ok(HttpResponse::NoContent().finish())
}
