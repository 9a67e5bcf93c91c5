//! Imports: the jobs, their progress and the rows that they rejected.
//!
//! A job's progress is committed with the rows it tells of ([`batch`]), so that after a crash it goes on where it stood.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::audit::differences;
use guanxi_domain::import::{
    FIELDS, Import, ImportFailure, ImportRecord, ImportRun, ImportSettings, ImportState, Mapping,
    ReasonCount, RowProblem,
};
use guanxi_domain::{Checked, DepartmentId, ErrorCode, ImportId, Timestamp, UserId};
use serde_json::json;

use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::Module;

use crate::condition::Column;
use crate::list::ListSpec;
use crate::notification;
use crate::schema::{import_rejects, imports};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Condition, Error, Record, Result, Tx, Visibility};

pub mod batch;
mod kinds;
mod lookup;
mod orders;
mod origins;
mod records;
mod resolve;
mod turn;
mod write;

pub use turn::Turn;

const RECORD: &str = "imports";

const LIST: ListSpec = ListSpec {
    elsewhere: &[(
        "by",
        Column {
            table: "imports",
            name: "by_id",
        },
    )],
    ..ListSpec::new(&FIELDS, "imports")
};

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
struct Row {
    id: ImportId,
    version: i64,
    record: ImportRecord,
    state: ImportState,
    filename: String,
    bytes: i64,
    encoding: String,
    headers: Json<Vec<String>>,
    samples: Json<Vec<Vec<String>>>,
    mapping: Json<Mapping>,
    settings: Json<ImportSettings>,
    read: i64,
    imported: i64,
    rejected: i64,
    reasons: Json<Vec<ReasonCount>>,
    percent: i32,
    failure: Option<ImportFailure>,
    by_id: Option<UserId>,
    by_name: String,
    department_id: Option<DepartmentId>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    updated_at: Timestamp,
    updated: i64,
}

impl Row {
    fn into_import(self) -> Result<Import> {
        Ok(Import {
            id: self.id,
            version: self.version,
            record: self.record,
            state: self.state,
            filename: self.filename,
            bytes: self.bytes,
            headers: self.headers.get()?,
            samples: self.samples.get()?,
            encoding: self.encoding,
            mapping: self.mapping.get()?,
            settings: self.settings.get()?,
            read: self.read,
            imported: self.imported,
            updated: self.updated,
            rejected: self.rejected,
            reasons: self.reasons.get()?,
            percent: self.percent,
            failure: self.failure,
            by: self.by_id,
            created_at: self.created_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
        })
    }
}

/// A file that has been looked into.
#[derive(Clone, Debug)]
pub struct NewImport {
    /// The id is given because the file is kept under it.
    pub id: ImportId,
    pub record: ImportRecord,
    pub filename: String,
    pub bytes: i64,
    pub encoding: String,
    pub headers: Vec<String>,
    pub samples: Vec<Vec<String>>,
    pub mapping: Mapping,
    pub settings: ImportSettings,
}

pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: &NewImport) -> Result<Import> {
    let row = Row {
        id: new.id,
        version: 1,
        record: new.record,
        state: ImportState::Uploaded,
        filename: new.filename.clone(),
        bytes: new.bytes,
        encoding: new.encoding.clone(),
        headers: Json::new(&new.headers)?,
        samples: Json::new(&new.samples)?,
        mapping: Json::new(&new.mapping)?,
        settings: Json::new(&new.settings)?,
        read: 0,
        imported: 0,
        rejected: 0,
        reasons: Json::new(&Vec::new())?,
        percent: 0,
        failure: None,
        by_id: Some(actor.user_id),
        by_name: actor.name.clone(),
        department_id: actor.department_id,
        created_at: tx.now,
        started_at: None,
        finished_at: None,
        updated_at: tx.now,
        updated: 0,
    };
    diesel::insert_into(imports::table)
        .values(row.clone())
        .execute(tx.connection)?;
    // What stands in the file stays out of the trail: it is personal data of many.
    let entry = json!({"record": new.record, "filename": new.filename, "bytes": new.bytes});
    tx.created(RECORD, new.id.as_str(), &entry)?;
    row.into_import()
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: ImportId,
) -> Result<Import> {
    let row: Row = imports::table
        .find(id)
        .filter(visibility.owned_by("imports", "by_id"))
        .select(Row::as_select())
        .first(connection)?;
    row.into_import()
}

/// Imports, seen by who runs them.
pub struct Imports;

impl Record for Imports {
    type Item = Import;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Imports;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.owned_by("imports", "by_id")
    }

    of_one_table!(imports, Row, Row::into_import);
}

/// Puts an import into the queue. One that was cancelled or failed goes on after the last row it had read.
pub fn queue(
    tx: &mut Tx<'_>,
    actor: &Actor,
    visibility: &Visibility,
    id: ImportId,
    run: &Checked<ImportRun>,
) -> Result<Import> {
    let old = get(tx.connection, visibility, id)?;
    if matches!(
        old.state,
        ImportState::Queued | ImportState::Running | ImportState::Done
    ) {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    // It runs with the rights of whoever starts it.
    diesel::update(imports::table.find(id))
        .set((
            imports::mapping.eq(Json::new(&run.mapping)?),
            imports::settings.eq(Json::new(&run.settings)?),
            imports::by_id.eq(actor.user_id),
            imports::by_name.eq(&actor.name),
        ))
        .execute(tx.connection)?;
    let entry = |mapping: &Mapping, settings: &ImportSettings, state: ImportState| json!({"state": state, "mapping": mapping, "settings": settings});
    tx.changed(
        RECORD,
        id.as_str(),
        "queued",
        &entry(&old.mapping, &old.settings, old.state),
        &entry(&run.mapping, &run.settings, ImportState::Queued),
    )?;
    set_state(tx, &old, ImportState::Queued, None)?;
    get(tx.connection, &Visibility::All, id)
}

/// Stops an import after the rows that are being written just now. What it has imported stays.
pub fn cancel(tx: &mut Tx<'_>, visibility: &Visibility, id: ImportId) -> Result<Import> {
    let old = get(tx.connection, visibility, id)?;
    if !matches!(old.state, ImportState::Queued | ImportState::Running) {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    set_state(tx, &old, ImportState::Cancelled, None)?;
    record_state(tx, &old, "cancelled", ImportState::Cancelled)?;
    get(tx.connection, &Visibility::All, id)
}

/// Ends an import that cannot go on.
pub fn fail(tx: &mut Tx<'_>, id: ImportId, failure: ImportFailure) -> Result<()> {
    let old = get(tx.connection, &Visibility::All, id)?;
    set_state(tx, &old, ImportState::Failed, Some(failure))?;
    record_state(tx, &old, "failed", ImportState::Failed)?;
    tell(tx, &old)
}

/// Tells whoever started an import that it is over.
fn tell(tx: &mut Tx<'_>, import: &Import) -> Result<()> {
    let Some(by) = import.by else { return Ok(()) };
    notification::tell(
        tx,
        by,
        NotificationKind::ImportFinished,
        (RECORD, import.id.as_str()),
        &import.filename,
    )
}

/// Deletes an import and its rejected rows. The records that it made stay.
pub fn delete(tx: &mut Tx<'_>, visibility: &Visibility, id: ImportId) -> Result<()> {
    let old = get(tx.connection, visibility, id)?;
    if matches!(old.state, ImportState::Queued | ImportState::Running) {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    diesel::delete(imports::table.find(id)).execute(tx.connection)?;
    let entry = json!({"record": old.record, "filename": old.filename, "bytes": old.bytes});
    tx.deleted(RECORD, id.as_str(), &entry)
}

/// Imports that are due, first those that a crash or a restart interrupted.
pub fn due(connection: &mut AnyConnection) -> Result<Vec<ImportId>> {
    let in_state = |connection: &mut AnyConnection, state: ImportState| {
        imports::table
            .filter(imports::state.eq(state))
            .order((imports::updated_at, imports::id))
            .limit(100)
            .select(imports::id)
            .load::<ImportId>(connection)
    };
    let mut all = in_state(connection, ImportState::Running)?;
    all.extend(in_state(connection, ImportState::Queued)?);
    Ok(all)
}

/// An import that has the turn, as far as it is; `None` if it is not due any more.
pub fn start(tx: &mut Tx<'_>, id: ImportId) -> Result<Option<Import>> {
    let found = get(tx.connection, &Visibility::All, id);
    let old = match found {
        Ok(old) => old,
        Err(Error::NotFound) => return Ok(None),
        Err(other) => return Err(other),
    };
    match old.state {
        ImportState::Running => Ok(Some(old)),
        ImportState::Queued => {
            set_state(tx, &old, ImportState::Running, None)?;
            record_state(tx, &old, "started", ImportState::Running)?;
            get(tx.connection, &Visibility::All, id).map(Some)
        }
        _ => Ok(None),
    }
}

/// An unfinished import of the same file by the same person: one that a crash interrupted.
pub fn unfinished(
    connection: &mut AnyConnection,
    by: UserId,
    filename: &str,
    bytes: i64,
) -> Result<Option<Import>> {
    let row: Option<Row> = imports::table
        .filter(imports::state.eq_any([ImportState::Running, ImportState::Queued]))
        .filter(imports::by_id.eq(by))
        .filter(imports::filename.eq(filename))
        .filter(imports::bytes.eq(bytes))
        .order(imports::id)
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.map(Row::into_import).transpose()
}

/// Changes the state if it still is what it was.
fn set_state(
    tx: &mut Tx<'_>,
    old: &Import,
    state: ImportState,
    failure: Option<ImportFailure>,
) -> Result<()> {
    let started = match state {
        ImportState::Running => Some(tx.now),
        _ => old.started_at,
    };
    let finished = matches!(
        state,
        ImportState::Done | ImportState::Cancelled | ImportState::Failed
    );
    let changed = diesel::update(
        imports::table
            .find(old.id)
            .filter(imports::version.eq(old.version)),
    )
    .set((
        imports::state.eq(state),
        imports::failure.eq(failure),
        imports::started_at.eq(started),
        imports::finished_at.eq(finished.then_some(tx.now)),
        imports::version.eq(old.version + 1),
        imports::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// Notes that an import was tried, and what would have become of its rows.
pub fn record_check(tx: &mut Tx<'_>, id: ImportId, fates: &[batch::Fate]) -> Result<()> {
    let taken = fates.iter().filter(|fate| fate.is_taken()).count();
    let entry = json!({"rows": fates.len(), "imported": taken});
    let changes = differences(&json!({}), &entry);
    tx.record(RECORD, id.as_str(), "checked", changes)
}

/// Notes that the rejected rows leave: they hold what files say of people.
pub fn record_rejects_leaving(tx: &mut Tx<'_>, id: ImportId) -> Result<()> {
    let rows: i64 = import_rejects::table
        .filter(import_rejects::import_id.eq(id))
        .filter(import_rejects::resolved.eq(false))
        .count()
        .get_result(tx.connection)?;
    let changes = differences(&json!({}), &json!({ "rows": rows }));
    tx.record(RECORD, id.as_str(), "exported", changes)
}

fn record_state(tx: &mut Tx<'_>, old: &Import, action: &str, state: ImportState) -> Result<()> {
    let entry = |state: ImportState| json!({ "state": state });
    tx.changed(
        RECORD,
        old.id.as_str(),
        action,
        &entry(old.state),
        &entry(state),
    )
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub row: i64,
    /// Everything that is wrong with it.
    pub problems: Vec<RowProblem>,
    pub cells: Vec<String>,
    /// The import and row that it was first rejected by.
    pub origin: (ImportId, i64),
}

/// Rejected rows after this one, in the order of the file, without those that a corrected file has brought in since.
///
/// The caller has got the import, and with it the right to see them.
pub fn rejects(
    connection: &mut AnyConnection,
    id: ImportId,
    after: i64,
    limit: i64,
) -> Result<Vec<Reject>> {
    load_rejects(connection, id, after, limit, false)
}

/// As [`rejects`]: those that refer to a record that a later row may have made.
pub fn waiting(
    connection: &mut AnyConnection,
    id: ImportId,
    after: i64,
    limit: i64,
) -> Result<Vec<Reject>> {
    load_rejects(connection, id, after, limit, true)
}

fn load_rejects(
    connection: &mut AnyConnection,
    id: ImportId,
    after: i64,
    limit: i64,
    waiting: bool,
) -> Result<Vec<Reject>> {
    type Problems = Option<Json<Vec<RowProblem>>>;
    type Found = (i64, String, Problems, Json<Vec<String>>, ImportId, i64);
    let mut query = import_rejects::table
        .filter(import_rejects::import_id.eq(id))
        .filter(import_rejects::row_number.gt(after))
        .filter(import_rejects::resolved.eq(false))
        .order(import_rejects::row_number)
        .limit(limit)
        .select((
            import_rejects::row_number,
            import_rejects::reason,
            import_rejects::problems,
            import_rejects::cells,
            import_rejects::origin_import_id,
            import_rejects::origin_row,
        ))
        .into_boxed();
    if waiting {
        query = query.filter(import_rejects::waits.eq(true));
    }
    let rows: Vec<Found> = query.load(connection)?;
    rows.into_iter()
        .map(|(row, reason, problems, cells, import, origin_row)| {
            Ok(Reject {
                row,
                problems: match problems {
                    Some(problems) => problems.get()?,
                    None => vec![RowProblem::of_row(&reason)],
                },
                cells: cells.get()?,
                origin: (import, origin_row),
            })
        })
        .collect()
}
