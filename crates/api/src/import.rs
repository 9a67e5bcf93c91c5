//! Imports: files that become records.

use std::path::{Path, PathBuf};

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use futures_util::StreamExt;
use futures_util::stream;
use guanxi_domain::import::{
    Import, ImportRecord, ImportRun, ImportSettings, Mapping, OrderColumns, guess_mapping,
};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{ErrorCode, ImportId, Page, pointer};
use guanxi_persistence::import::{self, NewImport};
use guanxi_persistence::{Db, QueryError, Visibility};
use tokio::io::AsyncWriteExt;

use crate::auth::Require;
use crate::list::{FixedQuery, Known, List, page};
use crate::permission::{Create, Delete, Imports, Read};
use crate::record::{created, tagged};
use crate::request::{Body, Id};
use crate::{ApiError, ApiResult, App};

pub mod command;
mod reader;
mod rejected;
mod runner;

pub use reader::{ReadError, Reader, Row};
pub use rejected::RejectedFile;
pub use runner::Importer;

/// Rows that are shown before an import.
const SAMPLES: usize = 10;
/// Characters of a cell that are shown.
const SAMPLE_CELL: usize = 200;
/// Rejected rows that are read from the database at a time.
const REJECTS: i64 = 1_000;

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

/// The parameters of an upload.
pub struct Upload {
    record: ImportRecord,
    filename: String,
}

impl FixedQuery for Upload {
    const NAMES: &'static [&'static str] = &["record", "filename"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: String| QueryError::Invalid(name.to_owned(), expected);
        let record = match get("record") {
            None => ImportRecord::Orders,
            Some(text) => text.parse().map_err(|e| invalid("record", e))?,
        };
        let filename = get("filename").unwrap_or_else(|| format!("{record}.csv"));
        let fine = (1..=200).contains(&filename.chars().count())
            && !filename.chars().any(char::is_control);
        if !fine {
            let expected = "expected 1 to 200 characters".to_owned();
            return Err(invalid("filename", expected));
        }
        Ok(Self { record, filename })
    }
}

/// Upload a file
///
/// CSV in UTF-8 or GB18030, also packed with gzip; comma, semicolon or tab between the cells. Nothing is imported yet: the
/// answer tells the header, the first rows and a guess which column is which. A corrected file of rejected rows is
/// recognised by its columns `_import` and `_row`, and gets the mapping of the import it comes from.
#[utoipa::path(
    tag = "imports",
    params(
        ("record" = Option<ImportRecord>, Query, description = "What the rows become; `orders` if left out"),
        ("filename" = Option<String>, Query, description = "The file's name, for people", max_length = 200)
    ),
    request_body(content((String = "text/csv"), (String = "application/gzip"), (String = "application/octet-stream")), description = "The file"),
    responses((status = 201, description = "The import, ready to be run", body = Import))
)]
#[post("/imports")]
pub async fn upload_import(
    who: Require<Create<Imports>>,
    query: Known<Upload>,
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> ApiResult<HttpResponse> {
    if content_type_is_json(&request) {
        return Err(ErrorCode::UnsupportedMediaType.into());
    }
    let id = ImportId::generate();
    let path = app.imports.path(id);
    let folder = app.imports.folder().to_owned();
    tokio::fs::create_dir_all(folder)
        .await
        .map_err(|e| ApiError::internal(&e))?;
    let mut kept = Kept::new(path.clone());
    let bytes = receive(payload, &path, app.config.upload_limit).await?;
    let Upload { record, filename } = query.value;
    let visibility = who.visibility(Module::Imports, Operation::Read)?;
    let db = app.db.clone();
    let new = tokio::task::spawn_blocking(move || {
        look_into(&db, &visibility, id, record, filename, bytes, &path)
    })
    .await
    .map_err(|e| ApiError::internal(&e))??;
    let actor = who.actor.clone();
    let import = app
        .db
        .write(who.origin(), move |tx| import::create(tx, &actor, &new))
        .await?;
    kept.keep();
    Ok(created(&import))
}

fn content_type_is_json(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|h| h.to_str().ok())
        .is_some_and(|t| t.starts_with("application/json") || t.starts_with("multipart/"))
}

/// A file that goes again unless the upload succeeds.
struct Kept(Option<PathBuf>);

impl Kept {
    fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }

    fn keep(&mut self) {
        self.0 = None;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(error) = std::fs::remove_file(path)
        {
            log::warn!("{}: {error}", path.display());
        }
    }
}

/// Writes the body to a file: how many bytes it has.
async fn receive(mut payload: Payload, path: &Path, limit: u64) -> ApiResult<i64> {
    let mut file = tokio::fs::File::create(path)
        .await
        .map_err(|e| ApiError::internal(&e))?;
    let mut bytes = 0_u64;
    while let Some(piece) = payload.next().await {
        // The caller has gone, or its connection broke: nobody will read the answer.
        let piece = piece.map_err(|_| ApiError::new(ErrorCode::InvalidHeader))?;
        bytes += piece.len() as u64;
        if bytes > limit {
            return Err(ErrorCode::BodyTooLarge.into());
        }
        file.write_all(&piece)
            .await
            .map_err(|e| ApiError::internal(&e))?;
    }
    // The import outlives this process: the file must too.
    file.sync_all().await.map_err(|e| ApiError::internal(&e))?;
    i64::try_from(bytes).map_err(|e| ApiError::internal(&e))
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Empty => Self::invalid_at("", "file_empty"),
            ReadError::NotCsv | ReadError::RowTooLong => Self::invalid_at("", "file_unreadable"),
            // What is no whole gzip file is the caller's fault as well.
            ReadError::Io(e)
                if matches!(
                    e.kind(),
                    std::io::ErrorKind::InvalidData
                        | std::io::ErrorKind::InvalidInput
                        | std::io::ErrorKind::UnexpectedEof
                ) =>
            {
                Self::invalid_at("", "file_unreadable")
            }
            ReadError::Io(e) => Self::internal(&e),
        }
    }
}

/// Reads a file's beginning. Blocks.
fn look_into(
    db: &Db,
    visibility: &Visibility,
    id: ImportId,
    record: ImportRecord,
    filename: String,
    bytes: i64,
    path: &Path,
) -> ApiResult<NewImport> {
    let mut reader = Reader::open(path)?;
    let headers = reader.headers().to_vec();
    let mut samples = Vec::with_capacity(SAMPLES);
    let mut origin = None;
    while samples.len() < SAMPLES
        && let Some(row) = reader.next_row()?
    {
        origin = origin.or(row.origin.map(|(import, _)| import));
        let cells = row.cells.iter();
        samples.push(
            cells
                .map(|cell| cell.chars().take(SAMPLE_CELL).collect())
                .collect(),
        );
    }
    let (mapping, settings) = match origin {
        Some(origin) => like_before(db, visibility, origin, &headers)?,
        None => None,
    }
    .unwrap_or_else(|| (guess_mapping(record, &headers), ImportSettings::default()));
    Ok(NewImport {
        id,
        record,
        filename,
        bytes,
        encoding: reader.encoding().to_owned(),
        headers,
        samples,
        mapping,
        settings,
    })
}

/// Mapping and settings of the import that a corrected file comes from, if they fit.
fn like_before(
    db: &Db,
    visibility: &Visibility,
    origin: ImportId,
    headers: &[String],
) -> ApiResult<Option<(Mapping, ImportSettings)>> {
    match db.read_blocking(|c| import::get(c, visibility, origin)) {
        Ok(import) if OrderColumns::new(headers, &import.mapping).is_ok() => {
            Ok(Some((import.mapping, import.settings)))
        }
        Ok(_) | Err(guanxi_persistence::Error::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
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

/// Run an import
///
/// Puts it into the queue: one import runs at a time, with the rights of whoever starts it. One that was cancelled or failed
/// goes on where it stood. Needs the right to create orders.
#[utoipa::path(
    tag = "imports",
    params(("id" = ImportId, Path, description = "The import")),
    request_body(content = ImportRun, example = json!({"mapping": {"order_number": "invoice", "ordered_at": "invoice_date", "customer_code": "customer_id", "sku": "stock_code", "quantity": "quantity", "unit_price": "unit_price"}, "settings": {"order_state": "completed"}})),
    responses((status = 200, description = "The import, queued", body = Import))
)]
#[post("/imports/{id}/run")]
pub async fn run_import(
    who: Require<Create<Imports>>,
    Id(id): Id<ImportId>,
    app: Data<App>,
    body: Body<ImportRun>,
) -> ApiResult<HttpResponse> {
    who.visibility(Module::Orders, Operation::Create)?;
    let visibility = who.visibility.clone();
    let import = app
        .db
        .read(move |c| import::get(c, &visibility, id))
        .await?;
    check_mapping(&import.headers, &body.0.mapping)?;
    let (actor, visibility) = (who.actor.clone(), who.visibility.clone());
    let import = app
        .db
        .write(who.origin(), move |tx| {
            import::queue(tx, &actor, &visibility, id, &body.0)
        })
        .await?;
    app.imports.wake();
    Ok(tagged(&import))
}

/// Refuses a mapping that lacks a needed column, or names one that does not exist.
fn check_mapping(headers: &[String], mapping: &Mapping) -> ApiResult<()> {
    OrderColumns::new(headers, mapping)
        .map(drop)
        .map_err(|wrong| {
            let fields = wrong
                .into_iter()
                .map(|(target, code)| (pointer("/mapping", target), code))
                .collect();
            guanxi_persistence::Error::Invalid(fields).into()
        })
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
    let lang = who.lang();
    let import = app
        .db
        .read(move |c| import::get(c, &who.visibility, id))
        .await?;
    let file = RejectedFile::new(&import, lang);
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
