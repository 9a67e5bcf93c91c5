//! A report on its way: who is still to get it, and what became of each recipient.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::export::ExportFormat;
use guanxi_domain::report::ReportInput;
use guanxi_domain::report::schedule::ReportOutcome;
use guanxi_domain::{ReportId, Timestamp, UserId};
use serde_json::json;

use super::{RECORD, about, find, stored};
use crate::mail::NewMail;
use crate::schema::{report_recipients, report_schedules, reports};
use crate::stored::Json;
use crate::{AnyConnection, Result, Tx, mail, settings};

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

/// Whether somebody wants no more of a report.
pub fn is_unsubscribed(
    connection: &mut AnyConnection,
    sending: &Sending,
    user: UserId,
) -> Result<bool> {
    let found: Option<UserId> = report_recipients::table
        .find((sending.id, user))
        .filter(report_recipients::unsubscribed_at.is_null())
        .select(report_recipients::user_id)
        .first(connection)
        .optional()?;
    Ok(found.is_none())
}

/// Puts a recipient's mail into the queue, or notes why there is none.
pub fn settle(
    tx: &mut Tx<'_>,
    sending: &Sending,
    user: UserId,
    mail: &std::result::Result<NewMail, ReportOutcome>,
) -> Result<()> {
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
    Ok(())
}

/// All recipients have been seen to: how many got a mail.
pub fn finish(tx: &mut Tx<'_>, sending: &Sending) -> Result<usize> {
    let got: Vec<UserId> = report_recipients::table
        .filter(report_recipients::report_id.eq(sending.id))
        .filter(report_recipients::run_at.eq(sending.run_at))
        .filter(report_recipients::outcome.eq(ReportOutcome::Pending))
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
