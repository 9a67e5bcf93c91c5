//! Outgoing mail: the account that it leaves by, a test of it, and what became of each mail.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::mail::{Mail, MailKind, MailSettings, MailSettingsInput, MailTest};
use guanxi_domain::{Lang, MailId, Page};
use guanxi_persistence::mail::{self, NewMail, sending, settings};
use guanxi_persistence::{Error, user};

use crate::auth::Require;
use crate::list::List;
use crate::permission::{Read, Settings, Update};
use crate::record::tagged;
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

mod fault;
mod message;
mod sender;
mod smtp;

pub use sender::Mailer;

/// The lists of mail.
pub struct MailList;

/// With what went wrong in the caller's language.
fn in_words(mail: Mail, lang: Lang) -> Mail {
    Mail {
        message: mail.fault.map(|fault| fault.label(lang).to_owned()),
        ..mail
    }
}

/// Get the settings of outgoing mail
///
/// The password is not told.
#[utoipa::path(tag = "mail", responses((status = 200, description = "The settings", body = MailSettings)))]
#[get("/mail-settings")]
pub async fn get_mail_settings(
    _who: Require<Read<Settings>>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    Ok(tagged(&app.db.read(settings::get).await?))
}

/// Change the settings of outgoing mail
///
/// A password that is left out stays, unless server, port, encryption or user change: then it has to be given again.
#[utoipa::path(
    tag = "mail",
    params(IfMatch),
    request_body(content = MailSettingsInput, content_type = "application/merge-patch+json", example = json!({"active": true, "host": "smtp.example.com", "port": 465, "tls": "tls", "user": "crm@example.com", "password": "correct horse battery", "sender_name": "晨光商贸", "sender_address": "crm@example.com", "app_url": "https://crm.example.com"})),
    responses((status = 200, description = "As they are now", body = MailSettings))
)]
#[patch("/mail-settings")]
pub async fn update_mail_settings(
    who: Require<Update<Settings>>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = app.db.read(settings::get).await?;
    let input = patch.apply(&old.input)?;
    check_addresses(&input)?;
    let answer = who
        .change(&app, move |tx, _| settings::update(tx, version, &input))
        .await?;
    // What waits may leave now.
    app.mailer.wake();
    Ok(answer)
}

/// Every mail needs these: what no message can be made of is refused here, not when mails are to leave.
fn check_addresses(input: &MailSettingsInput) -> Result<(), Error> {
    let sender = Some(&input.sender_address).filter(|address| !address.is_empty());
    for (pointer, address) in [
        ("/sender_address", sender),
        ("/reply_to", input.reply_to.as_ref()),
    ] {
        if address.is_some_and(|address| message::address(address).is_err()) {
            return Err(Error::invalid(pointer, "email"));
        }
    }
    Ok(())
}

/// Send a test message
///
/// By the settings as they are saved, at once, also while mail is turned off. The answer tells how it went: `state` is `sent` or `failed`,
/// `message` says why in the caller's language, `answer` what the server said.
#[utoipa::path(
    tag = "mail",
    request_body(content = MailTest, example = json!({"to": "li.lei@example.com"})),
    responses((status = 200, description = "How it went", body = Mail))
)]
#[post("/mail-settings/test")]
pub async fn test_mail(
    who: Require<Update<Settings>>,
    app: Data<App>,
    Body(input): Body<MailTest>,
) -> ApiResult<Json<Mail>> {
    let (actor, lang) = (who.actor.clone(), who.lang());
    let to = input.into_inner().to;
    let (worker, lease) = app.mailer.claimant();
    let claim = app
        .db
        .write(who.origin(), move |tx| {
            let me = user::find(tx.connection, actor.user_id)?;
            let other = to.clone().filter(|to| *to != me.email);
            let mail = NewMail {
                user_id: other.is_none().then_some(me.id),
                to_name: other.as_ref().map_or(me.input.name, |_| String::new()),
                to_address: other.unwrap_or(me.email),
                ..test_message(lang)
            };
            sending::test(tx, &mail, &worker, lease)
        })
        .await?;
    let attempt = smtp::send(&claim, app.mailer.patience()).await;
    sender::tell(&claim.message_id, &attempt);
    let mail = app
        .db
        .housekeep(move |tx| sending::note(tx, &claim, &attempt))
        .await?;
    Ok(Json(in_words(mail, lang)))
}

fn test_message(lang: Lang) -> NewMail {
    let (subject, text) = lang.pick(
        (
            "关系 CRM 测试邮件",
            "这是一封测试邮件。您能收到它，说明外发邮件已设置正确。",
        ),
        (
            "Test message of Guanxi CRM",
            "This is a test. That you can read it means that outgoing mail is set up well.",
        ),
    );
    NewMail {
        kind: MailKind::Test,
        about: None,
        user_id: None,
        to_name: String::new(),
        to_address: String::new(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        html: None,
        unsubscribe: None,
        attachments: Vec::new(),
    }
}

/// List outgoing mail
///
/// Kept for 30 days, what they say for three days after they were sent. What a mail says is not told: it may be for others' eyes.
#[utoipa::path(tag = "mail", params(List<MailList>), responses((status = 200, description = "A page of mail", body = Page<Mail>)))]
#[get("/mails")]
pub async fn list_mails(
    who: Require<Read<Settings>>,
    list: List<MailList>,
    app: Data<App>,
) -> ApiResult<Json<Page<Mail>>> {
    let lang = who.lang();
    let mut page = app
        .db
        .read(move |c| guanxi_persistence::list::<mail::Mails>(c, &who.visibility, &list.query))
        .await?;
    page.items = page
        .items
        .into_iter()
        .map(|mail| in_words(mail, lang))
        .collect();
    Ok(Json(page))
}

/// Get a mail
#[utoipa::path(tag = "mail", params(("id" = MailId, Path, description = "The mail")), responses((status = 200, description = "The mail", body = Mail)))]
#[get("/mails/{id}")]
pub async fn get_mail(
    who: Require<Read<Settings>>,
    Id(id): Id<MailId>,
    app: Data<App>,
) -> ApiResult<Json<Mail>> {
    let mail = app.db.read(move |c| mail::get(c, id)).await?;
    Ok(Json(in_words(mail, who.lang())))
}

/// Send a mail again
///
/// One that was sent or has failed, with the same `Message-ID`. 409 `mail_emptied` once what it said was cleared away.
#[utoipa::path(tag = "mail", params(("id" = MailId, Path, description = "The mail")), responses((status = 202, description = "The mail, about to be sent", body = Mail)))]
#[post("/mails/{id}/resend")]
pub async fn resend_mail(
    who: Require<Update<Settings>>,
    Id(id): Id<MailId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let lang = who.lang();
    let mail = app
        .db
        .write(who.origin(), move |tx| -> Result<Mail, Error> {
            mail::resend(tx, id)
        })
        .await?;
    app.mailer.wake();
    Ok(HttpResponse::Accepted().json(in_words(mail, lang)))
}
