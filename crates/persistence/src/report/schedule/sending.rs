//! A report on its way: who is still to get it, and what became of each recipient.

use diesel::dsl::{exists, not};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::export::ExportFormat;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::report::ReportInput;
use guanxi_domain::report::schedule::ReportOutcome;
use guanxi_domain::{ReportId, Timestamp, UserId};
use serde_json::json;

use super::{RECORD, about, find, parse_about, saved, stored};
use crate::mail::NewMail;
use crate::schema::{report_recipients, report_refusals, report_schedules, reports};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, mail, settings, user};

/// What may have become of a recipient that a mail was made for.
const MAILED: [ReportOutcome; 3] = [
    ReportOutcome::Pending,
    ReportOutcome::Sent,
    ReportOutcome::Failed,
];

/// A report that is to be sent.
#[derive(Clone, Debug)]
pub struct Sending {
    pub id: ReportId,
    pub report: ReportInput,
    pub attachment: Option<ExportFormat>,
    /// Recipients that nothing has been done for so far.
    pub to: Vec<UserId>,
    /// What reports take for now: clocks of the company as if they were in UTC, so that days are its own.
    pub now: Timestamp,
    pub company: String,
    /// Where the report is in the app, if that is known.
    pub link: Option<String>,
    run_at: Timestamp,
}

/// What is under way of a report; `None`: nothing any more.
pub fn sending(connection: &mut AnyConnection, id: ReportId) -> Result<Option<Sending>> {
    let Some(row) = find(connection, id)? else {
        return Ok(None);
    };
    let Some(run_at) = row.run_at.filter(|_| row.done_at.is_none()) else {
        return Ok(None);
    };
    let data: Json<ReportInput> = reports::table
        .find(id)
        .select(reports::data)
        .first(connection)?;
    let company = settings::get(connection)?.input;
    let path = format!("/reports/{id}");
    let stored = stored(connection, id)?.into_iter();
    Ok(Some(Sending {
        id,
        report: data.get()?,
        attachment: row.data.get()?.attachment,
        to: stored
            .filter(|(_, _, _, settled, _)| *settled != Some(run_at))
            .map(|(user, ..)| user)
            .collect(),
        now: settings::zone(&company).as_shown(run_at),
        link: mail::settings::get(connection)?.input.link(&path),
        company: company.company_name,
        run_at,
    }))
}

/// Who somebody is that a report is sent to, or why it is not: asked when it is made, and again when the mail leaves.
pub fn recipient(
    connection: &mut AnyConnection,
    id: ReportId,
    user: UserId,
) -> Result<std::result::Result<Actor, ReportOutcome>> {
    if is_unsubscribed(connection, id, user)? {
        return Ok(Err(ReportOutcome::Unsubscribed));
    }
    let actor = match user::actor(connection, user) {
        Ok(actor) => actor,
        Err(Error::NotFound | Error::Conflict(_)) => return Ok(Err(ReportOutcome::Inactive)),
        Err(other) => return Err(other),
    };
    if !actor.permissions.allows(Module::Reports, Operation::Read) {
        return Ok(Err(ReportOutcome::NoAccess));
    }
    match saved::get(connection, &actor, id) {
        Ok(_) => Ok(Ok(actor)),
        Err(Error::NotFound) => Ok(Err(ReportOutcome::NoAccess)),
        Err(other) => Err(other),
    }
}

/// Whether somebody wants no more of a report, or is not among its recipients any more.
fn is_unsubscribed(connection: &mut AnyConnection, id: ReportId, user: UserId) -> Result<bool> {
    let refusal = report_refusals::table
        .filter(report_refusals::report_id.eq(id))
        .filter(report_refusals::user_id.eq(user))
        .select(report_refusals::user_id);
    let found: Option<UserId> = report_recipients::table
        .find((id, user))
        .filter(not(exists(refusal)))
        .select(report_recipients::user_id)
        .first(connection)
        .optional()?;
    Ok(found.is_none())
}

/// Whether a mail may leave: one of a report is for who may get that now, however long it has waited.
pub(crate) fn may_leave(
    connection: &mut AnyConnection,
    about: Option<&str>,
    user: Option<UserId>,
) -> Result<bool> {
    match (about.and_then(parse_about), user) {
        (None, _) => Ok(true),
        (Some((id, _)), Some(user)) => Ok(recipient(connection, id, user)?.is_ok()),
        // Whose account is gone.
        (Some(_), None) => Ok(false),
    }
}

/// Notes what became of a recipient's mail, which outlives the mail.
pub(crate) fn note_fate(
    tx: &mut Tx<'_>,
    about: Option<&str>,
    user: Option<UserId>,
    outcome: ReportOutcome,
) -> Result<()> {
    let (Some((id, run_at)), Some(user)) = (about.and_then(parse_about), user) else {
        return Ok(());
    };
    let of_this = report_recipients::run_at.eq(run_at);
    diesel::update(report_recipients::table.find((id, user)).filter(of_this))
        .set(report_recipients::outcome.eq(outcome))
        .execute(tx.connection)?;
    Ok(())
}

/// Whether this is what is under way of the report: a job that was cancelled may be at it still while another sending has begun.
fn is_current(connection: &mut AnyConnection, sending: &Sending) -> Result<bool> {
    let row = report_schedules::table
        .find(sending.id)
        .filter(report_schedules::run_at.eq(sending.run_at))
        .filter(report_schedules::done_at.is_null())
        .select(report_schedules::report_id);
    let found: Option<ReportId> = match connection {
        AnyConnection::Sqlite(c) => row.first(c).optional()?,
        // Whoever begins another one waits until this mail is in the queue.
        AnyConnection::Postgres(c) => row.for_update().first(c).optional()?,
    };
    Ok(found.is_some())
}

/// Puts a recipient's mail into the queue, or notes why there is none. False: this sending is over, and nothing was done.
pub fn settle(
    tx: &mut Tx<'_>,
    sending: &Sending,
    user: UserId,
    mail: &std::result::Result<NewMail, ReportOutcome>,
) -> Result<bool> {
    if !is_current(tx.connection, sending)? {
        return Ok(false);
    }
    let outcome = match mail {
        Ok(mail) => {
            let mail = NewMail {
                about: Some(about(sending.id, sending.run_at)),
                ..mail.clone()
            };
            mail::queue(tx, &mail)?;
            ReportOutcome::Pending
        }
        Err(outcome) => *outcome,
    };
    diesel::update(report_recipients::table.find((sending.id, user)))
        .set((
            report_recipients::run_at.eq(sending.run_at),
            report_recipients::outcome.eq(outcome),
        ))
        .execute(tx.connection)?;
    Ok(true)
}

/// All recipients have been seen to: how many got a mail.
pub fn finish(tx: &mut Tx<'_>, sending: &Sending) -> Result<usize> {
    let got: Vec<UserId> = report_recipients::table
        .filter(report_recipients::report_id.eq(sending.id))
        .filter(report_recipients::run_at.eq(sending.run_at))
        .filter(report_recipients::outcome.eq_any(MAILED))
        .order(report_recipients::user_id)
        .select(report_recipients::user_id)
        .load(tx.connection)?;
    let this = report_schedules::run_at
        .eq(sending.run_at)
        .and(report_schedules::done_at.is_null());
    let done = diesel::update(report_schedules::table.find(sending.id).filter(this))
        .set(report_schedules::done_at.eq(tx.now))
        .execute(tx.connection)?;
    if done == 1 {
        let people = json!({"old": null, "new": got});
        tx.record(
            RECORD,
            sending.id.as_str(),
            "mailed",
            json!({"recipients": people}),
        )?;
    }
    Ok(got.len())
}
