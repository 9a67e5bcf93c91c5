//! Saved reports by mail: their schedules, who gets them, and what became of each mail.
//!
//! What is due becomes a job about the report, in the transaction that moves the schedule on. The job makes each recipient's report in that
//! person's scope and puts it into the mail queue; it may be repeated, since of one sending nobody gets two mails.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use guanxi_domain::audit::differences;
use guanxi_domain::job::JobKind;
use guanxi_domain::mail::{MailFault, MailState};
use guanxi_domain::report::Report;
use guanxi_domain::report::schedule::{
    ReportOutcome, ReportRecipient, ReportSchedule, ReportScheduleInput, ReportSending,
    ReportSubscription,
};
use guanxi_domain::{Checked, ErrorCode, ReportId, Timestamp, UserId, Zone};
use serde_json::json;

use super::saved;
use crate::schema::{mails, report_recipients, report_refusals, report_schedules, users};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, job, mail, settings};

mod sending;

pub use sending::{Sending, finish, recipient, sending, settle};
pub(crate) use sending::{may_leave, note_fate};

const RECORD: &str = "reports";
/// Schedules that are moved on in one transaction.
const TAKEN: i64 = 20;

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = report_schedules, treat_none_as_default_value = false)]
struct Row {
    report_id: ReportId,
    version: i64,
    data: Json<ReportScheduleInput>,
    active: bool,
    next_at: Timestamp,
    run_at: Option<Timestamp>,
    run_by: Option<UserId>,
    done_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn find(connection: &mut AnyConnection, id: ReportId) -> Result<Option<Row>> {
    Ok(report_schedules::table
        .find(id)
        .select(Row::as_select())
        .first(connection)
        .optional()?)
}

/// A recipient as they are stored: with their name, since when they do not want it, and what became of it at which sending.
type Stored = (
    UserId,
    String,
    Option<Timestamp>,
    Option<Timestamp>,
    Option<ReportOutcome>,
);

/// By name.
fn stored(connection: &mut AnyConnection, id: ReportId) -> Result<Vec<Stored>> {
    let refusal = report_refusals::report_id
        .eq(report_recipients::report_id)
        .and(report_refusals::user_id.eq(report_recipients::user_id));
    Ok(report_recipients::table
        .inner_join(users::table)
        .left_join(report_refusals::table.on(refusal))
        .filter(report_recipients::report_id.eq(id))
        .order((users::name, users::id))
        .select((
            users::id,
            users::name,
            report_refusals::since.nullable(),
            report_recipients::run_at,
            report_recipients::outcome,
        ))
        .load(connection)?)
}

/// What one sending is called in the mail queue.
fn about(id: ReportId, run_at: Timestamp) -> String {
    format!("report/{id}/{}", run_at.micros())
}

/// Which report and sending a mail is of; `None`: of none.
fn parse_about(about: &str) -> Option<(ReportId, Timestamp)> {
    let (id, run_at) = about.strip_prefix("report/")?.split_once('/')?;
    let run_at = Timestamp::from_micros(run_at.parse().ok()?);
    Some((id.parse().ok()?, run_at))
}

/// What became of the mails of a sending, by recipient.
fn fates(
    connection: &mut AnyConnection,
    about: &str,
) -> Result<HashMap<UserId, (MailState, Option<MailFault>)>> {
    let rows: Vec<(Option<UserId>, MailState, Option<MailFault>)> = mails::table
        .filter(mails::about.eq(about))
        .select((mails::user_id, mails::state, mails::fault))
        .load(connection)?;
    let known = rows.into_iter();
    Ok(known
        .filter_map(|(user, state, fault)| Some((user?, (state, fault))))
        .collect())
}

/// The recipients as they are told, with what became of the last sending.
fn people(connection: &mut AnyConnection, row: &Row) -> Result<Vec<ReportRecipient>> {
    let fates = match row.run_at {
        Some(run_at) => fates(connection, &about(row.report_id, run_at))?,
        None => HashMap::new(),
    };
    let told = |(user_id, name, refused, run_at, outcome): Stored| {
        let of_this = outcome.filter(|_| run_at.is_some() && run_at == row.run_at);
        let (outcome, fault) = match (of_this, fates.get(&user_id)) {
            // Which may have been sent again since.
            (Some(_), Some((state, fault))) => (Some((*state).into()), *fault),
            // The mail was cleared away before what became of it was noted here.
            (Some(ReportOutcome::Pending), None) => (None, None),
            (outcome, _) => (outcome, None),
        };
        ReportRecipient {
            user_id,
            name,
            subscribed: refused.is_none(),
            outcome,
            fault,
        }
    };
    let stored = stored(connection, row.report_id)?;
    Ok(stored.into_iter().map(told).collect())
}

fn expect_manager(connection: &mut AnyConnection, actor: &Actor, id: ReportId) -> Result<Report> {
    let report = saved::get(connection, actor, id)?;
    if saved::may_change(actor, &report) {
        Ok(report)
    } else {
        Err(Error::Conflict(ErrorCode::Forbidden))
    }
}

/// The schedule of a report that somebody may read; of one that has none what most will want, turned off.
pub fn get(connection: &mut AnyConnection, actor: &Actor, id: ReportId) -> Result<ReportSchedule> {
    let report = saved::get(connection, actor, id)?;
    let may_change = saved::may_change(actor, &report);
    let row = find(connection, id)?;
    let mut people = match &row {
        Some(row) => people(connection, row)?,
        None => Vec::new(),
    };
    let mine = people.iter().find(|one| one.user_id == actor.user_id);
    let subscribed = mine.map(|one| one.subscribed);
    if !may_change {
        people.retain(|one| one.user_id == actor.user_id);
    }
    let input = match &row {
        Some(row) => row.data.get()?,
        None => ReportScheduleInput::default(),
    };
    Ok(ReportSchedule {
        version: row.as_ref().map_or(0, |row| row.version),
        may_change,
        mail_active: mail::settings::get(connection)?.input.active,
        time_zone: settings::get(connection)?.input.time_zone,
        next_at: row.as_ref().filter(|row| row.active).map(|row| row.next_at),
        last: row.as_ref().and_then(|row| {
            Some(ReportSending {
                at: row.run_at?,
                by: row.run_by,
                done: row.done_at.is_some(),
            })
        }),
        subscribed,
        input: ReportScheduleInput {
            recipients: people.iter().map(|one| one.user_id).collect(),
            ..input
        },
        people,
    })
}

/// The company's time zone.
fn zone(connection: &mut AnyConnection) -> Result<Zone> {
    Ok(settings::zone(&settings::get(connection)?.input))
}

/// Sets the schedule of a report, if it still has this version; 0: it has none.
pub fn put(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ReportId,
    version: i64,
    input: &Checked<ReportScheduleInput>,
) -> Result<ReportSchedule> {
    let report = expect_manager(tx.connection, actor, id)?;
    let old = get(tx.connection, actor, id)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    check_recipients(tx.connection, &report, &input.recipients)?;
    let next_at = input.next(tx.now, &zone(tx.connection)?);
    let data = Json::new(&ReportScheduleInput {
        recipients: Vec::new(),
        ..(**input).clone()
    })?;
    if version == 0 {
        let row = Row {
            report_id: id,
            version: 1,
            data,
            active: input.active,
            next_at,
            run_at: None,
            run_by: None,
            done_at: None,
            created_at: tx.now,
            updated_at: tx.now,
        };
        diesel::insert_into(report_schedules::table)
            .values(row)
            .execute(tx.connection)
            .map_err(|error| match Error::from(error).taken("report", "/") {
                Error::ConflictAt(..) => Error::Stale,
                other => other,
            })?;
    } else {
        let there = report_schedules::table
            .find(id)
            .filter(report_schedules::version.eq(version));
        let changed = diesel::update(there)
            .set((
                report_schedules::version.eq(version + 1),
                report_schedules::data.eq(data),
                report_schedules::active.eq(input.active),
                report_schedules::next_at.eq(next_at),
                report_schedules::updated_at.eq(tx.now),
            ))
            .execute(tx.connection)?;
        if changed == 0 {
            return Err(Error::Stale);
        }
    }
    set_recipients(tx, id, &old.input.recipients, &input.recipients)?;
    // Due already, and nobody has looked since: moving the time is not to drop it.
    if input.active && old.next_at.is_some_and(|due| due <= tx.now) {
        start_due(tx, id)?;
    }
    let new = get(tx.connection, actor, id)?;
    tx.changed(RECORD, id.as_str(), "scheduled", &old.input, &new.input)?;
    Ok(new)
}

/// They exist, and may see the report.
fn check_recipients(
    connection: &mut AnyConnection,
    report: &Report,
    recipients: &[UserId],
) -> Result<()> {
    let known: Vec<UserId> = users::table
        .filter(users::id.eq_any(recipients))
        .select(users::id)
        .load(connection)?;
    for (place, user) in recipients.iter().enumerate() {
        let pointer = format!("/recipients/{place}");
        if !known.contains(user) {
            return Err(Error::invalid(pointer, "reference"));
        }
        if !report.input.shared && *user != report.owner_id {
            return Err(Error::invalid(pointer, "report_private"));
        }
    }
    Ok(())
}

/// What people have said stays with the report: whoever wants no more of it is not made to by being removed and added again.
fn set_recipients(tx: &mut Tx<'_>, id: ReportId, old: &[UserId], new: &[UserId]) -> Result<()> {
    diesel::delete(
        report_recipients::table
            .filter(report_recipients::report_id.eq(id))
            .filter(report_recipients::user_id.ne_all(new)),
    )
    .execute(tx.connection)?;
    for user in new.iter().filter(|user| !old.contains(user)) {
        diesel::insert_into(report_recipients::table)
            .values((
                report_recipients::report_id.eq(id),
                report_recipients::user_id.eq(user),
            ))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// The report is sent by itself no more, and its recipients are forgotten; who wanted no more of it is not.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: ReportId, version: i64) -> Result<()> {
    expect_manager(tx.connection, actor, id)?;
    let old = get(tx.connection, actor, id)?;
    match old.version {
        0 => return Err(Error::NotFound),
        known if known != version => return Err(Error::Stale),
        _ => {}
    }
    diesel::delete(report_schedules::table.find(id)).execute(tx.connection)?;
    tx.changed(RECORD, id.as_str(), "unscheduled", &old.input, &json!({}))
}

/// Somebody wants a report that they are sent no more, or again.
pub fn subscribe(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ReportId,
    wanted: ReportSubscription,
) -> Result<ReportSchedule> {
    let old = get(tx.connection, actor, id)?;
    let before = old.subscribed.ok_or(Error::NotFound)?;
    diesel::delete(report_refusals::table.find((id, actor.user_id))).execute(tx.connection)?;
    if !wanted.subscribed {
        diesel::insert_into(report_refusals::table)
            .values((
                report_refusals::report_id.eq(id),
                report_refusals::user_id.eq(actor.user_id),
                report_refusals::since.eq(tx.now),
            ))
            .execute(tx.connection)?;
    }
    let action = if wanted.subscribed {
        "subscribed"
    } else {
        "unsubscribed"
    };
    let changes = differences(
        &json!({"subscribed": before}),
        &json!({"subscribed": wanted.subscribed}),
    );
    tx.record(RECORD, id.as_str(), action, changes)?;
    get(tx.connection, actor, id)
}

/// Sends a report to its recipients now.
pub fn send_now(tx: &mut Tx<'_>, actor: &Actor, id: ReportId) -> Result<ReportSchedule> {
    expect_manager(tx.connection, actor, id)?;
    let schedule = get(tx.connection, actor, id)?;
    if !schedule.mail_active {
        return Err(Error::Conflict(ErrorCode::MailOff));
    }
    if schedule.people.is_empty() || is_under_way(tx.connection, id)? {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    start(tx, id, Some(actor.user_id))?;
    let people = json!({"old": null, "new": schedule.input.recipients});
    tx.record(RECORD, id.as_str(), "queued", json!({"recipients": people}))?;
    get(tx.connection, actor, id)
}

fn is_under_way(connection: &mut AnyConnection, id: ReportId) -> Result<bool> {
    let jobs = job::progress(connection, &[id.as_str()])?;
    Ok(jobs.values().any(|(state, _)| state.is_active()))
}

fn start(tx: &mut Tx<'_>, id: ReportId, by: Option<UserId>) -> Result<()> {
    diesel::update(report_schedules::table.find(id))
        .set((
            report_schedules::run_at.eq(tx.now),
            report_schedules::run_by.eq(by),
            report_schedules::done_at.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    job::queue(tx, JobKind::ReportMail, id.as_str())
}

macro_rules! due {
    ($now:expr) => {
        report_schedules::table
            .filter(report_schedules::active.eq(true))
            .filter(report_schedules::next_at.le($now))
    };
}

/// Whether a report is to be sent.
pub fn is_due(connection: &mut AnyConnection, now: Timestamp) -> Result<bool> {
    let found: Option<ReportId> = due!(now)
        .select(report_schedules::report_id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Puts what is due into the queue of jobs and moves the schedules on; how many. While no mail leaves, a time is passed over.
pub fn queue_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize> {
    let due = due!(now)
        .order((report_schedules::next_at, report_schedules::report_id))
        .limit(TAKEN)
        .select(report_schedules::report_id);
    let ids: Vec<ReportId> = match tx.connection {
        AnyConnection::Sqlite(c) => due.load(c)?,
        // Another replica that looks at the same time takes others.
        AnyConnection::Postgres(c) => due.for_update().skip_locked().load(c)?,
    };
    let zone = zone(tx.connection)?;
    for id in &ids {
        let Some(row) = find(tx.connection, *id)? else {
            continue;
        };
        let next = row.data.get()?.next(now, &zone);
        diesel::update(report_schedules::table.find(id))
            .set(report_schedules::next_at.eq(next))
            .execute(tx.connection)?;
        start_due(tx, *id)?;
    }
    Ok(ids.len())
}

/// Begins what the schedule says is due, unless no mail leaves or the last sending is under way still.
fn start_due(tx: &mut Tx<'_>, id: ReportId) -> Result<()> {
    let leaves = mail::settings::get(tx.connection)?.input.active;
    if leaves && !is_under_way(tx.connection, id)? {
        start(tx, id, None)?;
    }
    Ok(())
}

/// All schedules anew: the company's clocks have changed. What is due that nobody has looked at yet is not passed over.
pub(crate) fn replan(tx: &mut Tx<'_>) -> Result<()> {
    let zone = zone(tx.connection)?;
    let rows: Vec<Row> = report_schedules::table
        .select(Row::as_select())
        .load(tx.connection)?;
    for row in rows {
        let next = row.data.get()?.next(tx.now, &zone);
        diesel::update(report_schedules::table.find(row.report_id))
            .set(report_schedules::next_at.eq(next))
            .execute(tx.connection)?;
        if row.active && row.next_at <= tx.now {
            start_due(tx, row.report_id)?;
        }
    }
    Ok(())
}
