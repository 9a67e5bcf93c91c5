//! Rows of a file become records, with the job's progress, in one transaction.

use std::borrow::Cow;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::ImportId;
use guanxi_domain::import::{
    Dictionaries, Import, ImportRecord, ImportSettings, ImportState, OrderRow, Parsed, ReasonCount,
    RejectReason, RowProblem, Targets,
};
use serde_json::json;

use super::origins::Origins;
use super::{RECORD, Reject, orders, records};
use crate::schema::{import_rejects, imports};
use crate::stored::Json;
use crate::{Actor, Error, Result, Tx, Visibility};

/// How often rows that wait for others are tried again, all in all: as many levels may stand below a row that comes after
/// them. Without an end, a file whose rows each wait for the next would be gone through as often as it has rows.
pub const ROUNDS: u32 = 12;
/// The bytes of a rejected row's cells that are kept.
const MOST_KEPT: usize = 64 * 1024;

/// Rows that follow each other in a file.
#[derive(Clone, Debug)]
pub struct Batch {
    pub import: ImportId,
    pub record: ImportRecord,
    /// Whoever started the import: everything is done with this person's rights.
    pub actor: Actor,
    pub settings: ImportSettings,
    /// The decimals of the deployment's currency.
    pub minor_digits: u8,
    /// Rows of the file before these.
    pub read_before: i64,
    pub rows: Vec<BatchRow>,
    /// How much of the file has been read with these rows.
    pub percent: i32,
    /// The file ends here.
    pub last: bool,
    /// These are no further rows of the file but rejected ones, which are tried again.
    pub again: bool,
    /// A row at which the database fails is rejected; else the whole batch fails.
    pub lenient: bool,
}

#[derive(Clone, Debug)]
pub struct BatchRow {
    /// From 1, without the header.
    pub number: i64,
    /// The rejected row of an earlier import that this one corrects.
    pub origin: Option<(ImportId, i64)>,
    pub cells: Vec<String>,
    pub parsed: std::result::Result<Parsed, Vec<RowProblem>>,
    /// Of a row that is tried again: what it was rejected for.
    pub before: Vec<RowProblem>,
}

impl BatchRow {
    pub(super) fn order(&self) -> Option<&OrderRow> {
        match &self.parsed {
            Ok(Parsed::Order(row)) => Some(row),
            _ => None,
        }
    }
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Created,
    /// The record was there already.
    Updated,
    Rejected(Vec<RowProblem>),
    /// Rejected as long as what it refers to is not there; a later row may make it.
    Waits(Vec<RowProblem>),
}

impl Fate {
    pub(super) const fn is_taken(&self) -> bool {
        matches!(self, Self::Created | Self::Updated)
    }
}

/// What became of each row of a batch, in their order.
pub type Fates = Vec<Fate>;

/// Writes a batch. [`Error::Stale`] if the import does not run any more, or stands elsewhere: nothing is written then.
pub fn apply(tx: &mut Tx<'_>, batch: &Batch) -> Result<Import> {
    let job = super::get(tx.connection, &Visibility::All, batch.import)?;
    if job.state != ImportState::Running || job.read != batch.read_before {
        return Err(Error::Stale);
    }
    let mut origins = Origins::look_up(tx.connection, batch)?;
    let fates = take(tx, batch, &mut origins)?;
    keep_rejects(tx, batch, &origins, &fates)?;
    origins.resolve(tx, batch, &fates)?;
    progress(tx, &job, batch, &fates)
}

/// What would become of the rows if they were written; nothing stays.
///
/// Rows that wait for others are tried again as long as that brings any in, up to [`ROUNDS`] times.
pub fn check(tx: &mut Tx<'_>, batch: &Batch) -> Result<Fates> {
    tx.undone(|tx| {
        let mut origins = Origins::look_up(tx.connection, batch)?;
        let mut fates = take(tx, batch, &mut origins)?;
        for _ in 0..ROUNDS {
            let waiting: Vec<usize> = (0..fates.len())
                .filter(|at| matches!(fates[*at], Fate::Waits(_)))
                .collect();
            let again = Batch {
                rows: waiting.iter().map(|at| batch.rows[*at].clone()).collect(),
                again: true,
                ..batch.clone()
            };
            let tried = take(tx, &again, &mut origins)?;
            let brought = tried.iter().any(Fate::is_taken);
            for (at, fate) in waiting.into_iter().zip(tried) {
                fates[at] = fate;
            }
            if !brought {
                break;
            }
        }
        Ok(fates)
    })
}

fn take(tx: &mut Tx<'_>, batch: &Batch, origins: &mut Origins) -> Result<Fates> {
    match batch.record {
        ImportRecord::Orders => orders::take(tx, batch, origins),
        _ => records::take(tx, batch, origins),
    }
}

/// The columns that an import takes, with those of custom fields.
pub fn targets(connection: &mut crate::AnyConnection, record: ImportRecord) -> Result<Targets> {
    let fields = crate::custom_field::fields(connection, record.fields())?;
    Ok(Targets::new(record, fields))
}

/// The words of the dictionaries, to read cells by.
pub fn dictionaries(connection: &mut crate::AnyConnection) -> Result<Dictionaries> {
    Ok(Dictionaries::new(&crate::dictionary::all(connection)?))
}

#[derive(diesel::Insertable)]
#[diesel(table_name = import_rejects, treat_none_as_default_value = false)]
struct NewReject<'a> {
    import_id: ImportId,
    row_number: i64,
    reason: &'a str,
    cells: Json<Vec<String>>,
    origin_import_id: ImportId,
    origin_row: i64,
    problems: Option<Json<Vec<RowProblem>>>,
    waits: bool,
    resolved: bool,
}

/// Keeps the rows that were not taken; of those that are tried again, what has become of them.
fn keep_rejects(tx: &mut Tx<'_>, batch: &Batch, origins: &Origins, fates: &[Fate]) -> Result<()> {
    let mut new = Vec::new();
    let mut gone = Vec::new();
    for (row, fate) in batch.rows.iter().zip(fates) {
        let (problems, waits) = match fate {
            Fate::Rejected(problems) => (problems, false),
            Fate::Waits(problems) => (problems, true),
            Fate::Created | Fate::Updated => {
                gone.push(row.number);
                continue;
            }
        };
        if batch.again && waits {
            continue;
        }
        gone.push(row.number);
        let cells = kept(&row.cells);
        let reason = problems.first().map_or("", |p| p.code.as_str());
        let origin = origins.of(batch, row);
        new.push(NewReject {
            import_id: batch.import,
            row_number: row.number,
            reason,
            // What was cut is not tried again by itself.
            waits: waits && matches!(cells, Cow::Borrowed(_)),
            cells: Json::new(&cells.into_owned())?,
            origin_import_id: origin.0,
            origin_row: origin.1,
            problems: Some(Json::new(problems)?),
            resolved: reason == RejectReason::AlreadyImported.as_str(),
        });
    }
    if batch.again {
        diesel::delete(
            import_rejects::table
                .filter(import_rejects::import_id.eq(batch.import))
                .filter(import_rejects::row_number.eq_any(gone)),
        )
        .execute(tx.connection)?;
    }
    insert_many!(tx.connection, import_rejects::table, new);
    Ok(())
}

/// What is kept of a rejected row: all of it, unless it is much longer than rows are. Then the longest cells are cut, which shows.
fn kept(cells: &[String]) -> Cow<'_, [String]> {
    let within = |most: usize| -> usize { cells.iter().map(|cell| cell.len().min(most)).sum() };
    let mut most = usize::MAX;
    while within(most) > MOST_KEPT {
        most = most.min(MOST_KEPT) / 2;
    }
    if most == usize::MAX {
        return Cow::Borrowed(cells);
    }
    let cut = |cell: &String| {
        if cell.len() <= most {
            return cell.clone();
        }
        format!("{}…", &cell[..cell.floor_char_boundary(most)])
    };
    Cow::Owned(cells.iter().map(cut).collect())
}

/// Moves the job on, if it still stands where it stood.
fn progress(tx: &mut Tx<'_>, job: &Import, batch: &Batch, fates: &[Fate]) -> Result<Import> {
    let count = |wanted: fn(&Fate) -> bool| {
        let n = fates.iter().filter(|fate| wanted(fate)).count();
        i64::try_from(n).unwrap_or(i64::MAX)
    };
    let mut new = job.clone();
    new.imported += count(Fate::is_taken);
    new.updated += count(|fate| *fate == Fate::Updated);
    if batch.again {
        new.rejected -= count(Fate::is_taken);
    } else {
        new.read += count(|_| true);
        new.rejected += count(|fate| !fate.is_taken());
    }
    for (row, fate) in batch.rows.iter().zip(fates) {
        ReasonCount::count(&mut new.reasons, &row.before, -1);
        if let Fate::Rejected(problems) | Fate::Waits(problems) = fate {
            ReasonCount::count(&mut new.reasons, problems, 1);
        }
    }
    new.percent = batch.percent.clamp(0, 99);
    let open = !super::waiting(tx.connection, job.id, 0, 1)?.is_empty();
    if batch.last && !batch.again && !open {
        finish_with(tx, job, new)
    } else {
        move_on(tx, job, new, "progressed")
    }
}

/// Ends an import that has come to the end of its file, and of the rows that waited for others.
pub fn finish(tx: &mut Tx<'_>, id: ImportId) -> Result<Import> {
    let job = super::get(tx.connection, &Visibility::All, id)?;
    if job.state != ImportState::Running {
        return Err(Error::Stale);
    }
    diesel::update(import_rejects::table.filter(import_rejects::import_id.eq(id)))
        .set(import_rejects::waits.eq(false))
        .execute(tx.connection)?;
    finish_with(tx, &job, job.clone())
}

fn finish_with(tx: &mut Tx<'_>, job: &Import, mut new: Import) -> Result<Import> {
    new.state = ImportState::Done;
    new.percent = 100;
    new.finished_at = Some(tx.now);
    let new = move_on(tx, job, new, "finished")?;
    super::tell(tx, &new)?;
    Ok(new)
}

fn move_on(tx: &mut Tx<'_>, job: &Import, mut new: Import, action: &str) -> Result<Import> {
    new.version = job.version + 1;
    let changed = diesel::update(
        imports::table
            .find(job.id)
            .filter(imports::version.eq(job.version)),
    )
    .set((
        imports::version.eq(new.version),
        imports::state.eq(new.state),
        imports::read.eq(new.read),
        imports::imported.eq(new.imported),
        imports::updated.eq(new.updated),
        imports::rejected.eq(new.rejected),
        imports::reasons.eq(Json::new(&new.reasons)?),
        imports::percent.eq(new.percent),
        imports::finished_at.eq(new.finished_at),
        imports::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let entry = |job: &Import| json!({"state": job.state, "read": job.read, "imported": job.imported, "updated": job.updated, "rejected": job.rejected});
    tx.changed(RECORD, job.id.as_str(), action, &entry(job), &entry(&new))?;
    Ok(new)
}

impl Reject {
    /// The row, to be tried again.
    pub fn again(self, parsed: std::result::Result<Parsed, Vec<RowProblem>>) -> BatchRow {
        BatchRow {
            number: self.row,
            origin: Some(self.origin),
            cells: self.cells,
            parsed,
            before: self.problems,
        }
    }
}
