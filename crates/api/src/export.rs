//! Exports: a list as a file, streamed page by page.

use std::future::Future;
use std::io::Read;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::dev::Payload;
use actix_web::http::header::{
    Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::stream;
use guanxi_domain::audit::differences;
use guanxi_domain::custom::PREFIX;
use guanxi_domain::export::{Cell, ExportFormat, ExportInput, Words};
use guanxi_domain::formula::defuse;
use guanxi_domain::permission::Operation;
use guanxi_domain::report::ReportTable;
use guanxi_domain::{Checked, Field, Rules, Timestamp};
use guanxi_persistence::export::Export;
use guanxi_persistence::{Db, Error, ListQuery, Record, dictionary};
use serde_json::json;

use crate::auth::Require;
use crate::csv::{BYTE_ORDER_MARK, line};
use crate::list::{Listed, fields, speaks_of_custom};
use crate::permission::{self, Area};
use crate::request::{Caller, json_body};
use crate::{ApiError, ApiResult, App, Config};

mod workbook;

use workbook::{Book, Layout};

/// Bytes of a finished file that are read at a time.
const PIECE: usize = 64 * 1024;

/// The body of an export, read against the fields of a record type.
pub struct Exported<R> {
    input: Checked<ExportInput>,
    query: ListQuery,
    columns: Vec<&'static Field>,
    record: PhantomData<R>,
}

impl<R: Listed> FromRequest for Exported<R> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let actor = crate::auth::actor(&request);
            let lang = Caller::of(&request).lang;
            let input: ExportInput = json_body(request.clone(), payload).await?;
            let input = input.checked(lang)?;
            let (search, now) = (input.search(), Timestamp::now());
            let columns = &input.columns;
            let custom = columns.is_empty()
                || columns.iter().any(|column| column.starts_with(PREFIX))
                || speaks_of_custom(&search);
            let fields = fields::<R>(&request, custom).await?;
            let columns = input
                .fields(fields)
                .map_err(|place| ApiError::invalid_at(format!("/columns/{place}"), "columns"))?;
            let query = ListQuery::search(fields, &search, actor.as_deref(), now)?;
            Ok(Self {
                input,
                query,
                columns,
                record: PhantomData,
            })
        })
    }
}

/// Records in the audit trail what leaves, then lets it.
pub async fn run<A: Area + Listed, R: Record>(
    who: Require<permission::Export<A>>,
    app: &App,
    asked: Exported<A>,
) -> ApiResult<HttpResponse> {
    let readable = who.visibility(A::MODULE, Operation::Read)?;
    let scopes = [who.visibility.clone(), readable];
    let (actor, lang, input) = (who.actor.clone(), who.lang(), asked.input);
    let (labels, minor_digits) = (input.labels, app.config.minor_digits());
    let begin = move |c: &mut _| {
        let words = Words::new(lang, labels, minor_digits, dictionary::all(c)?);
        let export = Export::<R>::new(actor, &scopes, asked.query, asked.columns, words);
        let rows = export.count(c)?;
        Ok((export, rows))
    };
    let (export, rows) = app.db.read(begin).await?;
    let format = input.format;
    let left = json!({
        "format": format,
        "columns": export.columns.iter().map(|f| f.name).collect::<Vec<_>>(),
        "filter": input.filter,
        "q": input.q,
        "sort": input.sort,
        "labels": labels,
        "rows": rows,
    });
    app.db
        .write(who.origin(), move |tx| {
            let changes = differences(&json!({}), &left);
            tx.record(A::FIELDS.record, "", "exported", changes)
        })
        .await?;
    let disposition = disposition(A::FIELDS.record, A::MODULE.label(lang), format);
    match format {
        ExportFormat::Csv => Ok(csv(app.db.clone(), export, disposition)),
        ExportFormat::Xlsx => {
            let layout = Layout {
                title: A::MODULE.label(lang),
                headers: export.headers().into_iter().map(str::to_owned).collect(),
                kinds: export.columns.iter().map(|field| field.kind).collect(),
                minor_digits,
            };
            let folder = app.config.data_dir.join("exports");
            xlsx(&app.db, export, layout, folder, disposition).await
        }
    }
}

/// `customers-2026-11-22.csv`, for programs that know no better; for others in the caller's language.
fn disposition(record: &str, label: &str, format: ExportFormat) -> ContentDisposition {
    let day = Timestamp::now().date();
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![
            DispositionParam::Filename(format!("{record}-{day}.{format}")),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: format!("{label}-{day}.{format}").into_bytes(),
            }),
        ],
    }
}

fn csv<R: Record>(db: Db, export: Export<R>, disposition: ContentDisposition) -> HttpResponse {
    let pieces = stream::unfold((Some(export), true), move |(export, first)| {
        let db = db.clone();
        async move {
            let mut export = export?;
            let piece = db.read(move |c| {
                let rows = export.next_rows(c)?;
                let text = rows.map(|rows| text(&export, &rows, first)).transpose()?;
                Ok(text.map(|text| (text, export)))
            });
            match piece.await {
                Ok(Some((text, export))) => Some((Ok(text), (Some(export), false))),
                Ok(None) => None,
                // The status has been sent: all that is left is to break off, so that nobody takes a part for the whole.
                Err(error) => {
                    log::error!("export: {error}");
                    Some((Err(std::io::Error::other("broken off")), (None, false)))
                }
            }
        }
    });
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(disposition)
        .streaming(pieces)
}

fn text<R: Record>(export: &Export<R>, rows: &[Vec<Cell>], first: bool) -> Result<Bytes, Error> {
    let mut text = Vec::new();
    let failed = |e: csv::Error| Error::Internal(e.to_string());
    if first {
        text.extend(BYTE_ORDER_MARK);
        let headers = export.headers().into_iter();
        line(&mut text, headers.map(Into::into)).map_err(failed)?;
    }
    for row in rows {
        line(&mut text, row.iter().map(Cell::csv)).map_err(failed)?;
    }
    Ok(text.into())
}

/// The end of a workbook belongs to its beginning: it is written whole before any of it is sent.
async fn xlsx<R: Record>(
    db: &Db,
    mut export: Export<R>,
    layout: Layout,
    folder: PathBuf,
    disposition: ContentDisposition,
) -> ApiResult<HttpResponse> {
    let mut book = blocking(move || Book::new(layout, &folder)).await?;
    // Step by step: somebody who goes away ends it, and others get at the database in between.
    loop {
        let more;
        (export, book, more) = db
            .read(move |c| {
                let rows = export.next_rows(c)?;
                book.write(rows.as_deref().unwrap_or_default())
                    .map_err(|e| Error::Internal(e.to_string()))?;
                Ok((export, book, rows.is_some()))
            })
            .await?;
        if !more {
            break;
        }
    }
    let (file, bytes) = blocking(move || book.finish()).await?;
    Ok(workbook(file, bytes, disposition))
}

/// A table that is held whole, as a file.
pub async fn table(
    app: &App,
    record: &str,
    title: &'static str,
    format: ExportFormat,
    table: ReportTable,
) -> ApiResult<HttpResponse> {
    let disposition = disposition(record, title, format);
    if format == ExportFormat::Csv {
        return Ok(HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header(disposition)
            .body(lines(&table)?));
    }
    let config = Arc::clone(&app.config);
    let (file, bytes) = blocking(move || sheet(&config, title, table)).await?;
    Ok(workbook(file, bytes, disposition))
}

/// A table that is held whole, as the bytes of a file. Blocks.
pub fn bytes(
    config: &Config,
    title: &'static str,
    format: ExportFormat,
    table: ReportTable,
) -> Result<Vec<u8>, Error> {
    if format == ExportFormat::Csv {
        return lines(&table);
    }
    let failed = |e: String| Error::Internal(format!("a workbook: {e}"));
    let (mut file, _) = sheet(config, title, table).map_err(|e| failed(e.to_string()))?;
    let mut whole = Vec::new();
    file.read_to_end(&mut whole)
        .map_err(|e| failed(e.to_string()))?;
    Ok(whole)
}

fn lines(table: &ReportTable) -> Result<Vec<u8>, Error> {
    let mut text = BYTE_ORDER_MARK.to_vec();
    let failed = |e: csv::Error| Error::Internal(e.to_string());
    let heads = table.headers.iter().map(|header| defuse(header));
    line(&mut text, heads).map_err(failed)?;
    for row in &table.rows {
        line(&mut text, row.iter().map(Cell::csv)).map_err(failed)?;
    }
    Ok(text)
}

/// A table as a workbook, at its beginning, and how long it is.
fn sheet(
    config: &Config,
    title: &'static str,
    table: ReportTable,
) -> Result<(std::fs::File, u64), rust_xlsxwriter::XlsxError> {
    let ReportTable {
        headers,
        kinds,
        rows,
    } = table;
    let layout = Layout {
        title,
        headers,
        kinds,
        minor_digits: config.minor_digits(),
    };
    let mut book = Book::new(layout, &config.data_dir.join("exports"))?;
    book.write(&rows)?;
    book.finish()
}

fn workbook(file: std::fs::File, bytes: u64, disposition: ContentDisposition) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        .insert_header(disposition)
        // It is packed already.
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(bytes, pieces(file)))
}

/// Work on files, on a thread that may block.
async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, rust_xlsxwriter::XlsxError> + Send + 'static,
) -> ApiResult<T> {
    tokio::task::spawn_blocking(f)
        .await
        .map_err(|e| ApiError::internal(&e))?
        .map_err(|e| ApiError::internal(&e))
}

/// A file piece by piece.
fn pieces(file: std::fs::File) -> impl stream::Stream<Item = std::io::Result<Bytes>> + 'static {
    stream::try_unfold(file, |mut file| async move {
        let read = move || {
            let mut piece = vec![0; PIECE];
            let n = file.read(&mut piece)?;
            piece.truncate(n);
            Ok((n > 0).then(|| (piece.into(), file)))
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(std::io::Error::other)?
    })
}

/// `POST /…/export` of a record type: its area in [`crate::permission`], how it is stored.
macro_rules! export {
    ($(#[$doc:meta])* $name:ident, $path:literal, $tag:literal, $area:ty, $record:ty, $example:tt, $csv:literal) => {
        $(#[$doc])*
        ///
        /// The records that a search with this filter finds, all of them, as a file. Needs the right to export and to read: what both
        /// reach to is exported, and the audit trail tells of it. Money stands in the currency's unit, times are in UTC. In CSV (UTF-8
        /// with a byte order mark) a text that a spreadsheet would run as a formula has an apostrophe before it, which imports take off
        /// again; in XLSX texts are texts, numbers and dates are what they are.
        #[utoipa::path(
            tag = $tag,
            request_body(content = guanxi_domain::export::ExportInput, example = json!$example),
            responses((
                status = 200,
                description = "The file",
                content(
                    (String = "text/csv", example = json!($csv)),
                    (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("(a workbook)"))
                )
            ))
        )]
        #[post($path)]
        pub async fn $name(
            who: crate::auth::Require<crate::permission::Export<$area>>,
            asked: crate::export::Exported<$area>,
            app: actix_web::web::Data<crate::App>,
        ) -> crate::ApiResult<actix_web::HttpResponse> {
            crate::export::run::<$area, $record>(who, &app, asked).await
        }
    };
}
pub(crate) use export;
