//! Outgoing mail: [`settings`] say by which account it leaves, [`sending`] how it gets there.
//!
//! What is to be sent is a row, written in the transaction of what causes it.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::mail::{FIELDS, Mail, MailFault, MailKind, MailState};
use guanxi_domain::permission::Module;
use guanxi_domain::{ErrorCode, MailId, Timestamp, UserId};
use serde_json::json;

use crate::schema::{mail_attachments, mails};
use crate::{AnyConnection, Condition, Error, ListSpec, Record, Result, Tx, Visibility};

pub mod sending;
pub mod settings;

const RECORD: &str = "mails";

/// A mail that is to be sent.
#[derive(Clone, Debug)]
pub struct NewMail {
    pub kind: MailKind,
    /// What it belongs to: of that an address gets one mail, however often this is repeated.
    pub about: Option<String>,
    pub user_id: Option<UserId>,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// Where to say that one wants no more of them.
    pub unsubscribe: Option<String>,
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub content_type: String,
    pub data: Vec<u8>,
}

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = mails, treat_none_as_default_value = false)]
struct Row {
    id: MailId,
    message_id: String,
    kind: MailKind,
    about: Option<String>,
    user_id: Option<UserId>,
    to_name: String,
    to_address: String,
    subject: String,
    text: String,
    html: Option<String>,
    unsubscribe: Option<String>,
    state: MailState,
    attempts: i32,
    failures: i32,
    next_at: Option<Timestamp>,
    fault: Option<MailFault>,
    answer: Option<String>,
    leased_until: Option<Timestamp>,
    leased_by: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

/// What the list tells: not what a mail says.
#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = mails)]
struct Head {
    id: MailId,
    message_id: String,
    kind: MailKind,
    user_id: Option<UserId>,
    to_name: String,
    to_address: String,
    subject: String,
    state: MailState,
    attempts: i32,
    next_at: Option<Timestamp>,
    fault: Option<MailFault>,
    answer: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl Head {
    fn into_mail(self) -> Mail {
        Mail {
            id: self.id,
            message_id: self.message_id,
            kind: self.kind,
            user_id: self.user_id,
            to_name: self.to_name,
            to_address: self.to_address,
            subject: self.subject,
            state: self.state,
            attempts: self.attempts,
            next_at: self.next_at,
            fault: self.fault,
            message: None,
            answer: self.answer,
            created_at: self.created_at,
            finished_at: self.finished_at,
        }
    }
}

/// Puts a mail into the queue; `None` if it was there already. Refused while no mail leaves at all.
pub fn queue(tx: &mut Tx<'_>, new: &NewMail) -> Result<Option<MailId>> {
    let account = settings::get(tx.connection)?.input;
    if !account.active {
        return Err(Error::Conflict(ErrorCode::MailOff));
    }
    insert(tx, new, &account.sender_address)
}

fn insert(tx: &mut Tx<'_>, new: &NewMail, sender: &str) -> Result<Option<MailId>> {
    let id = MailId::generate();
    let domain = sender.rsplit('@').next();
    let row = Row {
        id,
        message_id: format!("<{id}@{}>", domain.unwrap_or("localhost")),
        kind: new.kind,
        about: new.about.clone(),
        user_id: new.user_id,
        to_name: new.to_name.clone(),
        to_address: new.to_address.clone(),
        subject: new.subject.clone(),
        text: new.text.clone(),
        html: new.html.clone(),
        unsubscribe: new.unsubscribe.clone(),
        state: MailState::Pending,
        attempts: 0,
        failures: 0,
        next_at: Some(tx.now),
        fault: None,
        answer: None,
        leased_until: None,
        leased_by: None,
        created_at: tx.now,
        finished_at: None,
    };
    let made = per_backend!(&mut *tx.connection, c => diesel::insert_into(mails::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if made == 0 {
        return Ok(None);
    }
    for (number, attachment) in (1..).zip(&new.attachments) {
        diesel::insert_into(mail_attachments::table)
            .values((
                mail_attachments::mail_id.eq(id),
                mail_attachments::number.eq(number),
                mail_attachments::name.eq(&attachment.name),
                mail_attachments::content_type.eq(&attachment.content_type),
                mail_attachments::data.eq(&attachment.data),
            ))
            .execute(tx.connection)?;
    }
    Ok(Some(id))
}

/// Mail belongs to the deployment: whoever may read settings sees that there is some, and how it went.
pub fn get(connection: &mut AnyConnection, id: MailId) -> Result<Mail> {
    let head: Head = mails::table
        .find(id)
        .select(Head::as_select())
        .first(connection)?;
    Ok(head.into_mail())
}

/// All mail. Whoever may see it sees all of it.
pub struct Mails;

impl Record for Mails {
    type Item = Mail;
    const LIST: ListSpec = ListSpec::new(&FIELDS, "mails");
    const MODULE: Module = Module::Settings;

    fn scope(_: &Visibility) -> Condition {
        Condition::Always
    }

    of_one_table!(mails, Head, |row| Ok(Head::into_mail(row)));
}

/// Sends a mail once more that was sent or has failed, under the same id.
pub fn resend(tx: &mut Tx<'_>, id: MailId) -> Result<Mail> {
    let old = get(tx.connection, id)?;
    if old.state == MailState::Pending {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    diesel::update(mails::table.find(id))
        .set((
            mails::state.eq(MailState::Pending),
            mails::failures.eq(0),
            mails::next_at.eq(tx.now),
            mails::finished_at.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    let state = json!({"old": old.state, "new": MailState::Pending});
    tx.record(RECORD, id.as_str(), "resent", json!({"state": state}))?;
    get(tx.connection, id)
}

/// Deletes mail that was made before this time, with its attachments; how many.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    Ok(diesel::delete(mails::table.filter(mails::created_at.lt(before))).execute(tx.connection)?)
}
