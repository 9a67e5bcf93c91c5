//! By which account mail leaves: one row. The password is kept as it is, for the server to log in with, and is told to nobody.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::Checked;
use guanxi_domain::mail::{MailSettings, MailSettingsInput, MailState};
use serde_json::json;

use crate::schema::{mail_settings, mails};
use crate::stored::Json;
use crate::{AnyConnection, Error, Result, Tx};

const RECORD: &str = "mail_settings";

/// What is set, or that nothing is.
pub fn get(connection: &mut AnyConnection) -> Result<MailSettings> {
    Ok(with_password(connection)?.0)
}

/// What is set, and the password.
pub(super) fn with_password(
    connection: &mut AnyConnection,
) -> Result<(MailSettings, Option<String>)> {
    let row: Option<(i64, Json<MailSettingsInput>, Option<String>)> = mail_settings::table
        .find(1)
        .select((
            mail_settings::version,
            mail_settings::data,
            mail_settings::password,
        ))
        .first(connection)
        .optional()?;
    let (version, input, password) = match row {
        Some((version, data, password)) => (version, data.get()?, password),
        None => (1, MailSettingsInput::default(), None),
    };
    let settings = MailSettings {
        version,
        has_password: password.is_some(),
        input,
    };
    Ok((settings, password))
}

/// Changes the account, if it still has this version. A password is for one account: where server, encryption or user change and none is
/// given, there is none any more, so that nobody gets it by leading it elsewhere.
pub fn update(
    tx: &mut Tx<'_>,
    version: i64,
    input: &Checked<MailSettingsInput>,
) -> Result<MailSettings> {
    let (old, old_password) = with_password(tx.connection)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    let mut input = (**input).clone();
    let given = input
        .password
        .take()
        .filter(|password| !password.is_empty());
    let password = given
        .clone()
        .or_else(|| old_password.filter(|_| input.is_same_account(&old.input)))
        .filter(|_| input.user.is_some());
    let data = Json::new(&input)?;
    let new = MailSettings {
        version: version + 1,
        has_password: password.is_some(),
        input,
    };
    let values = (
        mail_settings::version.eq(new.version),
        mail_settings::data.eq(data),
        mail_settings::password.eq(password),
    );
    let there = mail_settings::table
        .find(1)
        .filter(mail_settings::version.eq(version));
    let changed = diesel::update(there)
        .set(values.clone())
        .execute(tx.connection)?;
    if changed == 0 {
        diesel::insert_into(mail_settings::table)
            .values((mail_settings::id.eq(1), values))
            .execute(tx.connection)
            .map_err(|_| Error::Stale)?;
    }
    // What waits for an account that works need not wait any longer.
    diesel::update(mails::table.filter(mails::state.eq(MailState::Pending)))
        .set(mails::next_at.eq(tx.now))
        .execute(tx.connection)?;
    tx.updated(RECORD, "1", &old, &new)?;
    if given.is_some() && old.has_password {
        // Another one, which the differences do not tell.
        tx.record(RECORD, "1", "password_changed", json!({}))?;
    }
    Ok(new)
}
