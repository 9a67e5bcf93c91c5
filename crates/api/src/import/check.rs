//! Before an import: whether it can be run, and what it would do.

use std::path::Path;
use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, post};
use guanxi_domain::import::{
    Dictionaries, Finding, Import, ImportCheck, ImportRun, ReasonCount, RowReader, Targets,
    check_mapping,
};
use guanxi_domain::{Checked, ErrorCode, ImportId, Lang, pointer};
use guanxi_persistence::import::batch::{self, Batch, BatchRow, Fate};
use guanxi_persistence::{Actor, import};

use super::reader::MANY_BYTES;
use super::upload::sample;
use super::{ReadError, Reader};
use crate::auth::Require;
use crate::permission::{Create, Imports};
use crate::record::tagged;
use crate::request::{Body, Id};
use crate::{ApiError, ApiResult, App};

/// Rows that are tried: others wait meanwhile.
const ROWS: usize = 1_000;
/// Rows that would be rejected that are shown.
const FINDINGS: usize = 100;

/// Run an import
///
/// Puts it into the queue: one import runs at a time, with the rights of whoever starts it. One that was cancelled or failed
/// goes on where it stood. Needs the right to create
/// or update such records, as the mode has it.
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
    runnable(&who, &app, id, &body.0).await?;
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

/// The import, if the caller may run it like this.
async fn runnable(
    who: &Require<Create<Imports>>,
    app: &App,
    id: ImportId,
    run: &Checked<ImportRun>,
) -> ApiResult<Import> {
    let visibility = who.visibility.clone();
    let import = app
        .db
        .read(move |c| import::get(c, &visibility, id))
        .await?;
    let record = import.record;
    for operation in run.settings.mode.operations() {
        who.visibility(record.module(), *operation)?;
    }
    run.settings
        .check(record)
        .map_err(|(member, code)| ApiError::invalid_at(pointer("/settings", member), code))?;
    let targets = app.db.read(move |c| batch::targets(c, record)).await?;
    check_mapping(&targets, &import.headers, &run.mapping, &run.settings).map_err(|wrong| {
        let fields = wrong
            .into_iter()
            .map(|(target, code)| (pointer("/mapping", target), code))
            .collect();
        ApiError::from(guanxi_persistence::Error::Invalid(fields))
    })?;
    Ok(import)
}

/// Try an import
///
/// Does everything but keep it, with the first 1,000 rows (of long ones, with the first 16 MiB): how many records would be made and
/// updated, and which rows would be rejected, for what; of their cells the first 200 characters. Needs the rights to run it. The
/// audit trail tells of it.
#[utoipa::path(
    tag = "imports",
    params(("id" = ImportId, Path, description = "The import")),
    request_body(content = ImportRun, example = json!({"mapping": {"code": "Code", "name": "Name"}, "settings": {"mode": "upsert"}})),
    responses((status = 200, description = "What it would do", body = ImportCheck))
)]
#[post("/imports/{id}/check")]
pub async fn check_import(
    who: Require<Create<Imports>>,
    Id(id): Id<ImportId>,
    app: Data<App>,
    body: Body<ImportRun>,
) -> ApiResult<Json<ImportCheck>> {
    let import = runnable(&who, &app, id, &body.0).await?;
    let path = app.imports.path(id);
    // With several replicas without a common folder it may be with another one.
    if !tokio::fs::try_exists(&path).await.unwrap_or_default() {
        return Err(ErrorCode::Conflict.into());
    }
    let record = import.record;
    let targets = app.db.read(move |c| batch::targets(c, record)).await?;
    let trial = Trial {
        import: id,
        targets: targets.clone(),
        run: body.0.into_inner(),
        actor: Actor::clone(&who.actor),
        minor_digits: app.config.minor_digits(),
        dictionaries: app.db.read(batch::dictionaries).await?,
    };
    let (batch, complete) = tokio::task::spawn_blocking(move || trial.first_rows(&path))
        .await
        .map_err(|e| ApiError::internal(&e))??;
    let batch = Arc::new(batch);
    let tried = Arc::clone(&batch);
    let fates = app
        .db
        .write(who.origin(), move |tx| {
            let fates = batch::check(tx, &tried)?;
            import::record_check(tx, id, &fates)?;
            Ok(fates)
        })
        .await?;
    Ok(Json(report(&batch, &fates, complete, &targets, who.lang())))
}

/// What is tried of an import.
pub(super) struct Trial {
    pub import: ImportId,
    pub targets: Targets,
    pub run: ImportRun,
    pub actor: Actor,
    pub minor_digits: u8,
    pub dictionaries: Dictionaries,
}

impl Trial {
    /// The first rows of a file, and whether there are no more.
    pub fn first_rows(self, path: &Path) -> Result<(Batch, bool), ReadError> {
        let mut reader = Reader::open(path)?;
        let ImportRun { mapping, settings } = self.run;
        let rows = RowReader::new(
            &self.targets,
            reader.headers(),
            &mapping,
            &settings,
            self.minor_digits,
            self.dictionaries,
        )
        // It was checked against the same headers.
        .map_err(|_| ReadError::NotCsv)?;
        let mut first = Vec::new();
        let (mut complete, mut bytes) = (true, 0);
        while let Some(row) = reader.next_row()? {
            if first.len() == ROWS || bytes >= MANY_BYTES {
                complete = false;
                break;
            }
            bytes += row.bytes();
            first.push(BatchRow {
                number: row.number,
                origin: row.origin,
                parsed: rows.read(&row.cells),
                cells: row.cells,
                before: Vec::new(),
            });
        }
        let batch = Batch {
            import: self.import,
            record: self.targets.record,
            actor: self.actor,
            settings,
            minor_digits: self.minor_digits,
            read_before: 0,
            rows: first,
            percent: 0,
            last: complete,
            again: false,
            lenient: true,
        };
        Ok((batch, complete))
    }
}

pub(super) fn report(
    batch: &Batch,
    fates: &[Fate],
    complete: bool,
    targets: &Targets,
    lang: Lang,
) -> ImportCheck {
    let count = |wanted: fn(&Fate) -> bool| {
        let n = fates.iter().filter(|fate| wanted(fate)).count();
        i64::try_from(n).unwrap_or(i64::MAX)
    };
    let waits = count(|fate| matches!(fate, Fate::Waits(_)));
    let mut check = ImportCheck {
        rows: count(|_| true),
        complete,
        created: count(|fate| *fate == Fate::Created),
        updated: count(|fate| *fate == Fate::Updated),
        rejected: count(|fate| matches!(fate, Fate::Rejected(_))),
        waiting: if complete { 0 } else { waits },
        reasons: Vec::new(),
        findings: Vec::new(),
    };
    if complete {
        check.rejected += waits;
    }
    for (row, fate) in batch.rows.iter().zip(fates) {
        let problems = match fate {
            Fate::Rejected(problems) => problems,
            // Nothing further down can help.
            Fate::Waits(problems) if complete => problems,
            _ => continue,
        };
        ReasonCount::count(&mut check.reasons, problems, 1);
        if check.findings.len() < FINDINGS {
            check.findings.push(Finding {
                row: row.number,
                messages: problems
                    .iter()
                    .map(|problem| problem.text(targets, lang))
                    .collect(),
                cells: sample(&row.cells),
            });
        }
    }
    check
}
