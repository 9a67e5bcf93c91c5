//! Sending mail: who sends which, and what became of it.
//!
//! A process claims a mail for a while, hands it over, and commits what came of that before it takes the next. Killed in between, it
//! leaves one mail that may arrive twice, both times with the same `Message-ID`: SMTP allows no better.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use guanxi_domain::mail::{Mail, MailFault, MailKind, MailSettingsInput, MailState, RETRY_DELAYS};
use guanxi_domain::report::schedule::ReportOutcome;
use guanxi_domain::{ErrorCode, MailId, Timestamp, UserId};
use serde_json::json;

use super::{Attachment, NewMail, RECORD, Row, settings};
use crate::report::schedule;
use crate::schema::{mail_attachments, mails};
use crate::{AnyConnection, Error, Result, Tx};

/// Characters of a server's answer that are kept.
const ANSWER: usize = 1_000;
/// Seconds after which a mail is given up whose account does not work: five days (RFC 5321, 4.5.4.1).
const GIVEN_UP_AFTER: i64 = 5 * 24 * 3600;
/// And attempts, at least: some half a day of them.
const GIVEN_UP_ATTEMPTS: i32 = 50;

/// A mail that this process is to send, and by which account.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: MailId,
    pub message_id: String,
    pub mail: NewMail,
    pub account: Account,
    /// When the mail was made: its date.
    pub date: Timestamp,
    worker: String,
}

/// How mail leaves, with the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub settings: MailSettingsInput,
    pub password: Option<String>,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// `None`: the server has taken the mail.
    pub failure: Option<Failure>,
    /// The reply code of the server's answer.
    pub code: Option<u16>,
    /// What the server said, or what stood in the way.
    pub answer: String,
}

impl Attempt {
    /// The mails after it would fare no better just now.
    pub fn pauses(&self) -> bool {
        self.failure.is_some_and(|failure| {
            matches!(
                failure.consequence,
                Consequence::Account | Consequence::Unclear
            )
        })
    }
}

/// Why an attempt failed, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    pub fault: MailFault,
    pub consequence: Consequence,
}

/// What follows from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The account is to blame: mails wait until it works, and no attempt counts.
    Account,
    /// The account may be to blame, or the mail: the others wait for a while, and the attempt counts.
    Unclear,
    /// This mail is tried again later. The attempt counts.
    Later,
    /// Another attempt makes no sense.
    Final,
}

macro_rules! sendable {
    ($now:expr) => {
        mails::table
            .filter(mails::state.eq(MailState::Pending))
            .filter(mails::next_at.le($now))
            .filter(
                mails::leased_until
                    .is_null()
                    .or(mails::leased_until.lt($now)),
            )
    };
}

/// Whether a mail waits to be sent, and may be.
pub fn is_due(connection: &mut AnyConnection, now: Timestamp) -> Result<bool> {
    if !settings::get(connection)?.input.active {
        return Ok(false);
    }
    let found: Option<MailId> = sendable!(now)
        .select(mails::id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Claims the mail that has waited longest, for so many seconds. What may not leave any more has failed.
pub fn claim(tx: &mut Tx<'_>, worker: &str, seconds: i64) -> Result<Option<Claim>> {
    while let Some((id, about, user)) = next(tx)? {
        if schedule::may_leave(tx.connection, about.as_deref(), user)? {
            return take(tx, id, worker, seconds).map(Some);
        }
        withdraw(tx, id)?;
        schedule::note_fate(tx, about.as_deref(), user, ReportOutcome::Failed)?;
    }
    Ok(None)
}

/// A mail that may be sent: what it belongs to, and for whom it is.
type Next = (MailId, Option<String>, Option<UserId>);

fn next(tx: &mut Tx<'_>) -> Result<Option<Next>> {
    let next = sendable!(tx.now)
        .order((mails::next_at, mails::id))
        .select((mails::id, mails::about, mails::user_id))
        .limit(1);
    Ok(match tx.connection {
        AnyConnection::Sqlite(c) => next.first(c).optional()?,
        // Another replica that claims at the same time takes the one after it.
        AnyConnection::Postgres(c) => next.for_update().skip_locked().first(c).optional()?,
    })
}

fn withdraw(tx: &mut Tx<'_>, id: MailId) -> Result<()> {
    diesel::update(mails::table.find(id))
        .set((
            mails::state.eq(MailState::Failed),
            mails::next_at.eq(None::<Timestamp>),
            mails::fault.eq(MailFault::Withdrawn),
            mails::answer.eq(None::<String>),
            mails::finished_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}

fn take(tx: &mut Tx<'_>, id: MailId, worker: &str, seconds: i64) -> Result<Claim> {
    let (settings, password) = settings::with_password(tx.connection)?;
    diesel::update(mails::table.find(id))
        .set((
            mails::leased_by.eq(worker),
            mails::leased_until.eq(tx.now.plus_seconds(seconds)),
            mails::attempts.eq(mails::attempts + 1),
        ))
        .execute(tx.connection)?;
    let row: Row = mails::table
        .find(id)
        .select(Row::as_select())
        .first(tx.connection)?;
    let attachments: Vec<(String, String, Vec<u8>)> = mail_attachments::table
        .filter(mail_attachments::mail_id.eq(id))
        .order(mail_attachments::number)
        .select((
            mail_attachments::name,
            mail_attachments::content_type,
            mail_attachments::data,
        ))
        .load(tx.connection)?;
    let attachments = attachments.into_iter();
    Ok(Claim {
        id,
        message_id: row.message_id,
        mail: NewMail {
            kind: row.kind,
            about: row.about,
            user_id: row.user_id,
            to_name: row.to_name,
            to_address: row.to_address,
            subject: row.subject,
            text: row.text,
            html: row.html,
            unsubscribe: row.unsubscribe,
            attachments: attachments
                .map(|(name, content_type, data)| Attachment {
                    name,
                    content_type,
                    data,
                })
                .collect(),
        },
        account: Account {
            settings: settings.input,
            password,
        },
        date: row.created_at,
        worker: worker.to_owned(),
    })
}

/// Makes a test and claims it for whoever asks: they want to hear at once how it goes, also before mail is turned on.
pub fn test(tx: &mut Tx<'_>, mail: &NewMail, worker: &str, seconds: i64) -> Result<Claim> {
    let account = settings::get(tx.connection)?.input;
    if account.host.is_empty() || account.sender_address.is_empty() {
        return Err(Error::Conflict(ErrorCode::MailOff));
    }
    let id = super::insert(tx, mail, &account.sender_address)?;
    let id = id.ok_or_else(|| Error::Internal("a test that is none".to_owned()))?;
    let claim = take(tx, id, worker, seconds)?;
    let to = json!({"old": null, "new": mail.to_address});
    tx.record(
        RECORD,
        claim.id.as_str(),
        "tested",
        json!({"to_address": to}),
    )?;
    Ok(claim)
}

/// Notes what came of an attempt, unless the mail was taken over by another process meanwhile.
pub fn note(tx: &mut Tx<'_>, claim: &Claim, attempt: &Attempt) -> Result<Mail> {
    let row: Option<(i32, i32)> = mails::table
        .find(claim.id)
        .filter(mails::leased_by.eq(&claim.worker))
        .filter(mails::state.eq(MailState::Pending))
        .select((mails::attempts, mails::failures))
        .first(tx.connection)
        .optional()?;
    let Some((attempts, failures)) = row else {
        return super::get(tx.connection, claim.id);
    };
    let consequence = attempt.failure.map(|failure| failure.consequence);
    let counts = consequence.is_some_and(|consequence| consequence != Consequence::Account);
    let failures = failures + i32::from(counts);
    let age = (tx.now.micros() - claim.date.micros()) / 1_000_000;
    let wait = match consequence {
        // Of a test somebody sees at once how it went: it is not repeated.
        _ if claim.mail.kind == MailKind::Test => None,
        None | Some(Consequence::Final) => None,
        Some(Consequence::Account) => delay_of_account(age, attempts),
        Some(Consequence::Unclear | Consequence::Later) => delay_after(failures),
    };
    let state = match (consequence, wait) {
        (None, _) => MailState::Sent,
        (Some(_), Some(_)) => MailState::Pending,
        (Some(_), None) => MailState::Failed,
    };
    // PostgreSQL takes no NUL in a text.
    let answer = attempt.answer.replace('\0', "");
    let answer: String = answer.chars().take(ANSWER).collect();
    diesel::update(mails::table.find(claim.id))
        .set((
            mails::state.eq(state),
            mails::failures.eq(failures),
            mails::next_at.eq(wait.map(|seconds| tx.now.plus_seconds(seconds))),
            mails::fault.eq(attempt.failure.map(|failure| failure.fault)),
            mails::answer.eq(Some(answer).filter(|answer| !answer.is_empty())),
            mails::leased_by.eq(None::<String>),
            mails::leased_until.eq(None::<Timestamp>),
            mails::finished_at.eq((state != MailState::Pending).then_some(tx.now)),
        ))
        .execute(tx.connection)?;
    let (about, user) = (claim.mail.about.as_deref(), claim.mail.user_id);
    schedule::note_fate(tx, about, user, state.into())?;
    super::get(tx.connection, claim.id)
}

/// Seconds to wait after so many failures, from 1; `None`: no more attempts.
fn delay_after(failures: i32) -> Option<i64> {
    let index = usize::try_from(failures - 1).ok()?;
    RETRY_DELAYS.get(index).copied()
}

/// Seconds to wait with a mail that was made so many seconds ago, while the account does not work; `None`: no more attempts. What has
/// waited since mail was turned off is old, but was not tried often.
fn delay_of_account(age: i64, attempts: i32) -> Option<i64> {
    let given_up = age >= GIVEN_UP_AFTER && attempts >= GIVEN_UP_ATTEMPTS;
    (!given_up).then(|| age.clamp(60, 15 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_wait_for_days_until_the_account_works() {
        assert_eq!(delay_of_account(3, 1), Some(60));
        assert_eq!(delay_of_account(300, 4), Some(300));
        assert_eq!(delay_of_account(4 * 24 * 3600, 400), Some(900));
        assert_eq!(delay_of_account(GIVEN_UP_AFTER, 1), Some(900));
        assert_eq!(delay_of_account(GIVEN_UP_AFTER, 400), None);
    }
}
