//! The upload of a file, and the first look into it.

use std::path::{Path, PathBuf};

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use futures_util::StreamExt;
use guanxi_domain::import::{
    Import, ImportRecord, ImportSettings, Mapping, Targets, check_mapping, guess_mapping,
};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{ErrorCode, ImportId};
use guanxi_persistence::import::{self, NewImport, batch};
use guanxi_persistence::{Db, QueryError, Visibility};
use tokio::io::AsyncWriteExt;

use super::unpack::unpack_in_place;
use super::{ReadError, Reader};
use crate::auth::Require;
use crate::list::{FixedQuery, Known};
use crate::permission::{Create, Imports};
use crate::record::created;
use crate::{ApiError, ApiResult, App};

/// Rows that are shown before an import.
const SAMPLES: usize = 10;
/// Characters of a cell that are shown.
const SAMPLE_CELL: usize = 200;

/// What is shown of a row.
pub(super) fn sample(cells: &[String]) -> Vec<String> {
    let cells = cells.iter();
    cells
        .map(|cell| cell.chars().take(SAMPLE_CELL).collect())
        .collect()
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
/// CSV in UTF-8 or GB18030, also packed with gzip, comma, semicolon or tab between the cells; or XLSX, whose first sheet is read.
/// The first row holds the headers. Nothing is imported yet: the answer tells the header, the first rows and a guess which
/// column is which. A corrected file of rejected rows is
/// recognised by its columns `_import` and `_row`, and gets the mapping of the import it comes from.
#[utoipa::path(
    tag = "imports",
    params(
        ("record" = Option<ImportRecord>, Query, description = "What the rows become; `orders` if left out"),
        ("filename" = Option<String>, Query, description = "The file's name, for people", max_length = 200)
    ),
    request_body(content((String = "text/csv"), (String = "application/gzip"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "application/octet-stream")), description = "The file"),
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
    let limit = app.config.unpack_limit;
    let new = tokio::task::spawn_blocking(move || {
        let workbook = unpack_in_place(&path, limit)?;
        let new = look_into(&db, &visibility, id, record, filename, bytes, &path)?;
        let xlsx = workbook.then(|| "xlsx".to_owned());
        Ok::<_, ApiError>(NewImport {
            encoding: xlsx.unwrap_or(new.encoding),
            ..new
        })
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
            ReadError::TooLarge => Self::invalid_at("", "file_too_large"),
            ReadError::NotCsv => Self::invalid_at("", "file_unreadable"),
            ReadError::RowTooLong => Self::invalid_at("", "file_row_too_long"),
            ReadError::CellTooLong => Self::invalid_at("", "file_cell_too_long"),
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
        samples.push(sample(&row.cells));
    }
    let targets = db.read_blocking(|c| batch::targets(c, record))?;
    let (mapping, settings) = match origin {
        Some(origin) => like_before(db, visibility, origin, &targets, &headers)?,
        None => None,
    }
    .unwrap_or_else(|| (guess_mapping(&targets, &headers), ImportSettings::default()));
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
    targets: &Targets,
    headers: &[String],
) -> ApiResult<Option<(Mapping, ImportSettings)>> {
    match db.read_blocking(|c| import::get(c, visibility, origin)) {
        Ok(Import {
            record: before,
            mapping,
            settings,
            ..
        }) if before == targets.record
            && check_mapping(targets, headers, &mapping, &settings).is_ok() =>
        {
            Ok(Some((mapping, settings)))
        }
        Ok(_) | Err(guanxi_persistence::Error::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}
