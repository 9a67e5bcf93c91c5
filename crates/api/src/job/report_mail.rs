//! Saved reports by mail: each recipient's is made in their own scope and language.

use guanxi_domain::export::ExportFormat;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::report::letter::Letter;
use guanxi_domain::report::schedule::ReportOutcome;
use guanxi_domain::report::{ReportResult, table};
use guanxi_domain::user::User;
use guanxi_domain::{Lang, ReportId, UserId, mail::MailKind};
use guanxi_persistence::mail::{Attachment, NewMail};
use guanxi_persistence::report::schedule::{self, Sending};
use guanxi_persistence::report::{self, Asker};
use guanxi_persistence::{AnyConnection, Error, user};
use serde_json::{Value, json};

use super::Work;
use super::table::subject;

/// Makes the mails of what is under way. Those that are in the queue already are not made again.
pub fn send(work: &Work<'_>) -> Result<Value, Error> {
    let id: ReportId = subject(work)?;
    let Some(sending) = work.db.read_blocking(|c| schedule::sending(c, id))? else {
        return Ok(Value::Null);
    };
    let all = i64::try_from(sending.to.len()).unwrap_or(i64::MAX);
    for (done, user) in (0..).zip(sending.to.clone()) {
        if work.step(done, all).is_break() {
            return Ok(Value::Null);
        }
        let found = work.db.snapshot_blocking(|c| reckon(c, &sending, user))?;
        let mail = match found {
            Ok(reckoned) => Ok(write(work, &sending, reckoned)?),
            Err(outcome) => Err(outcome),
        };
        let sending = sending.clone();
        let settled = work
            .db
            .housekeep_blocking(move |tx| schedule::settle(tx, &sending, user, &mail))?;
        if !settled {
            return Ok(Value::Null);
        }
    }
    let mails = work
        .db
        .housekeep_blocking(move |tx| schedule::finish(tx, &sending))?;
    Ok(json!({"mails": mails}))
}

/// A recipient's own report.
struct Reckoned {
    account: User,
    lang: Lang,
    shown: ReportResult,
    /// What they may take away, where that is wanted.
    file: Option<(ExportFormat, ReportResult)>,
}

fn reckon(
    connection: &mut AnyConnection,
    sending: &Sending,
    id: UserId,
) -> Result<Result<Reckoned, ReportOutcome>, Error> {
    let actor = match schedule::recipient(connection, sending.id, id)? {
        Ok(actor) => actor,
        Err(outcome) => return Ok(Err(outcome)),
    };
    let account = user::find(connection, id)?;
    let lang = account.input.language.unwrap_or(Lang::Zh);
    let mut run = |exports| {
        let asker = Asker {
            actor: &actor,
            lang,
            now: sending.now,
            exports,
        };
        report::run(connection, &asker, &sending.report.query)
    };
    let wanted = sending
        .attachment
        .filter(|_| actor.permissions.allows(Module::Reports, Operation::Export));
    let file = wanted.map(|format| Ok((format, run(true)?))).transpose();
    let both = file.and_then(|file| Ok((run(false)?, file)));
    match both {
        Ok((shown, file)) => Ok(Ok(Reckoned {
            account,
            lang,
            shown,
            file,
        })),
        // What is asked does not hold for this person, or not any more.
        Err(Error::Invalid(_) | Error::Custom(_) | Error::Query(_) | Error::ConflictAt(..)) => {
            Ok(Err(ReportOutcome::Refused))
        }
        Err(other) => Err(other),
    }
}

fn write(work: &Work<'_>, sending: &Sending, reckoned: Reckoned) -> Result<NewMail, Error> {
    let Reckoned {
        account,
        lang,
        shown,
        file,
    } = reckoned;
    let (query, digits) = (&sending.report.query, work.config.minor_digits());
    let name = &sending.report.name;
    let attachments = match &file {
        Some((format, result)) => vec![Attachment {
            name: file_name(name, &sending.now.date().to_string(), *format),
            content_type: content_type(*format).to_owned(),
            data: crate::export::bytes(
                work.config,
                Module::Reports.label(lang),
                *format,
                table(query, result, lang, digits),
            )?,
        }],
        None => Vec::new(),
    };
    let written = Letter {
        report: name,
        company: &sending.company,
        recipient: &account.input.name,
        currency: &work.config.currency,
        range: shown.range,
        before: shown.before,
        table: &table(query, &shown, lang, digits),
        link: sending.link.as_deref(),
        has_attachment: file.is_some(),
        lang,
    }
    .write();
    Ok(NewMail {
        kind: MailKind::Report,
        // Known to whoever queues it.
        about: None,
        user_id: Some(account.id),
        to_name: account.input.name,
        to_address: account.email,
        subject: written.subject,
        text: written.text,
        html: Some(written.html),
        unsubscribe: sending.link.as_ref().map(|link| format!("{link}?mail=1")),
        attachments,
    })
}

const fn content_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
}

/// What any system takes as the name of a file.
fn file_name(report: &str, day: &str, format: ExportFormat) -> String {
    let safe: String = report
        .chars()
        .map(|c| {
            if "/\\:*?\"<>|".contains(c) || c.is_control() {
                '_'
            } else {
                c
            }
        })
        .collect();
    format!("{} {day}.{format}", safe.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_reports_become_names_of_files() {
        let name = |report| file_name(report, "2026-11-22", ExportFormat::Xlsx);
        assert_eq!(name("各地区每月销售"), "各地区每月销售 2026-11-22.xlsx");
        assert_eq!(name("../A\"B"), ".._A_B 2026-11-22.xlsx");
    }
}
