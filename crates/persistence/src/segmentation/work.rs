//! Makes a run, from its beginning to the end.

use std::ops::ControlFlow;
use std::time::Instant;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::job::Job;
use guanxi_domain::segmentation::run::{
    Frame, RunFailure, RunState, SegmentationRunInput, SegmentationSettings, score,
};
use guanxi_domain::{Checked, Date, JobId, SegmentationRunId, Timestamp, UserId};

use super::{HeadRow, defaults, fail, insert, keep, make_room, read};
use crate::schema::segmentation_runs;
use crate::{Db, Origin, Result, Tx};

pub use keep::sweep;

/// Hears how much of 100 is done; may break the work off.
pub trait Step: FnMut(i64) -> ControlFlow<()> {}

impl<F: FnMut(i64) -> ControlFlow<()>> Step for F {}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    Run {
        id: SegmentationRunId,
        customers: usize,
    },
    /// Broken off; the run has failed.
    Stopped,
    /// There was nothing to do.
    Nothing,
}

/// A run that is being made.
pub(super) struct Begun {
    pub id: SegmentationRunId,
    pub number: i64,
    pub as_of: Date,
    pub by: (Option<UserId>, String),
    /// Customers are read from then on.
    pub read_at: Timestamp,
    settings: SegmentationSettings,
}

/// Makes a run at once, without a job. Blocks.
pub fn run(
    db: &Db,
    origin: &Origin,
    input: &Checked<SegmentationRunInput>,
    step: impl Step,
) -> Result<Made> {
    let asked = (**input).clone();
    let begun = db.write_blocking(origin.clone(), move |tx| {
        make_room(tx)?;
        let settings = match &asked.settings {
            Some(settings) => settings.clone(),
            None => defaults::get(tx.connection)?.input.settings,
        };
        let as_of = asked.as_of.unwrap_or_else(|| tx.now.date());
        let by = (tx.origin.user_id, tx.origin.user_name.clone());
        let row = insert(tx, as_of, &settings, None, by)?;
        begin(tx, row)
    })?;
    make(db, &begun, step)
}

/// Makes the run of a job: the one that waits for it, or else one of today; if a schedule began the job, only where the settings want
/// one every night. Blocks.
///
/// A run that an attempt before has begun is given up and made anew as another: nobody knows how far it came.
pub fn run_job(db: &Db, job: &Job, step: impl Step) -> Result<Made> {
    let (id, asked) = (job.id, job.by.is_some());
    let Some(begun) = db.housekeep_blocking(move |tx| take(tx, id, asked))? else {
        return Ok(Made::Nothing);
    };
    make(db, &begun, step)
}

fn take(tx: &mut Tx<'_>, job: JobId, asked: bool) -> Result<Option<Begun>> {
    let last: Option<HeadRow> = segmentation_runs::table
        .filter(segmentation_runs::job_id.eq(job))
        .order(segmentation_runs::number.desc())
        .select(HeadRow::as_select())
        .first(tx.connection)
        .optional()?;
    let row = match last {
        None => {
            let defaults = defaults::get(tx.connection)?.input;
            if !asked && !defaults.nightly {
                return Ok(None);
            }
            make_room(tx)?;
            let by = (None, tx.origin.user_name.clone());
            let today = tx.now.date();
            insert(tx, today, &defaults.settings, Some(job), by)?
        }
        Some(row) if row.state == RunState::Done => return Ok(None),
        Some(row) if row.state == RunState::Running && row.begun_at.is_none() => row,
        Some(row) => {
            fail(tx, row.id, RunFailure::Lost)?;
            make_room(tx)?;
            let settings = row.settings.get()?;
            insert(
                tx,
                row.as_of,
                &settings,
                Some(job),
                (row.by_id, row.by_name),
            )?
        }
    };
    begin(tx, row).map(Some)
}

fn begin(tx: &mut Tx<'_>, row: HeadRow) -> Result<Begun> {
    diesel::update(segmentation_runs::table.find(row.id))
        .set((
            segmentation_runs::begun_at.eq(tx.now),
            segmentation_runs::beat_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(Begun {
        id: row.id,
        number: row.number,
        as_of: row.as_of,
        by: (row.by_id, row.by_name),
        read_at: tx.now,
        settings: row.settings.get()?,
    })
}

/// Parts of the work, in hundredths: what is done after reading and after reckoning.
const READ: i64 = 40;
const RECKONED: i64 = 60;

fn make(db: &Db, begun: &Begun, mut step: impl Step) -> Result<Made> {
    let result = attempt(db, begun, &mut step);
    let failure = match &result {
        Ok(Made::Stopped) => RunFailure::Stopped,
        Err(_) => RunFailure::Error,
        Ok(_) => return result,
    };
    let id = begun.id;
    let noted = db
        .housekeep_blocking(move |tx| fail(tx, id, failure))
        .and_then(|()| sweep(db));
    if let Err(error) = noted {
        // The next run gives this one up and sweeps up after it.
        log::error!("segmentation run {id}: that it failed could not be noted: {error}");
    }
    result
}

fn attempt(db: &Db, begun: &Begun, step: &mut impl Step) -> Result<Made> {
    let started = Instant::now();
    // What runs before have left.
    sweep(db)?;
    let frame = Frame::new(begun.as_of, &begun.settings);
    let mut on = |percent: i64| step(percent).is_continue();
    let part = |done: i64, all: i64| done.saturating_mul(READ).checked_div(all).unwrap_or(READ);
    let Some(customers) = read::read(db, &frame, |done, all| on(part(done, all)))? else {
        return Ok(Made::Stopped);
    };
    let quarter = (RECKONED - READ) / 4;
    let mut going = true;
    let results = score(&customers.purchases, &frame, &begun.settings, |done| {
        going &= on(READ + quarter * i64::from(done));
    });
    if !going {
        return Ok(Made::Stopped);
    }
    let written = keep::scores(db, begun, &customers, &results, |done, all| {
        let share = 100_usize
            .saturating_mul(done)
            .checked_div(all)
            .unwrap_or(100);
        let share = i64::try_from(share).unwrap_or(100);
        on(RECKONED + share * (100 - RECKONED) / 100)
    })?;
    let Some(found) = written else {
        return Ok(Made::Stopped);
    };
    keep::publish(db, begun, &customers, &found, started)?;
    sweep(db)?;
    Ok(Made::Run {
        id: begun.id,
        customers: customers.ids.len(),
    })
}
