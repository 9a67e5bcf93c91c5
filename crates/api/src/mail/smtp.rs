//! A mail as a message (RFC 5322), and its way to the mail server.

use std::io::ErrorKind;
use std::time::{Duration, SystemTime};

use guanxi_domain::mail::{MailFault, MailTls};
use guanxi_persistence::mail::NewMail;
use guanxi_persistence::mail::sending::{Account, Attempt, Claim};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

/// Hands a mail over to its server.
pub async fn send(claim: &Claim, patience: Duration) -> Attempt {
    let message = match message(claim) {
        Ok(message) => message,
        Err(error) => return failed(MailFault::Content, error),
    };
    let account = &claim.account;
    let transport = match transport(account) {
        Ok(transport) => transport,
        Err(error) => return failed(fault(&error, account.settings.tls), error),
    };
    // The transport's own limit is for each step: a server could go on for ever, a word at a time.
    match tokio::time::timeout(patience, transport.send(message)).await {
        Ok(Ok(response)) => Attempt {
            fault: None,
            answer: format!("{} {}", response.code(), said(response.message())),
        },
        Ok(Err(error)) => failed(fault(&error, account.settings.tls), error),
        Err(_) => failed(
            MailFault::TimedOut,
            format!("no answer within {} s", patience.as_secs()),
        ),
    }
}

fn said<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.collect::<Vec<_>>().join(" ")
}

fn failed(fault: MailFault, error: impl std::fmt::Display) -> Attempt {
    Attempt {
        fault: Some(fault),
        answer: error.to_string(),
    }
}

fn transport(account: &Account) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
    let settings = &account.settings;
    let host = settings.host.trim_matches(['[', ']']).to_owned();
    let tls = match settings.tls {
        MailTls::None => Tls::None,
        MailTls::StartTls => Tls::Required(TlsParameters::new(host.clone())?),
        MailTls::Tls => Tls::Wrapper(TlsParameters::new(host.clone())?),
    };
    let domain = settings.sender_address.rsplit('@').next();
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        // The rules say that it is one.
        .port(u16::try_from(settings.port).unwrap_or_default())
        .tls(tls)
        .hello_name(ClientId::Domain(domain.unwrap_or("localhost").to_owned()));
    if let (Some(user), Some(password)) = (&settings.user, &account.password) {
        transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(transport.build())
}

/// What an error means to people.
fn fault(error: &Error, tls: MailTls) -> MailFault {
    if let Some(code) = error.status() {
        return match u16::from(code) {
            454 | 530 | 534 | 535 | 538 => MailFault::Authentication,
            500.. => MailFault::Refused,
            _ => MailFault::Deferred,
        };
    }
    let text = error.to_string();
    if error.is_tls() || text.contains("STARTTLS") {
        return MailFault::Tls;
    }
    if error.is_client() {
        return if text.contains("authentication") {
            MailFault::Authentication
        } else if text.contains("non-ascii") {
            MailFault::Content
        } else {
            MailFault::Protocol
        };
    }
    if error.is_timeout() {
        return MailFault::TimedOut;
    }
    if error.is_response() {
        return MailFault::Protocol;
    }
    match io_error(error) {
        Some(ErrorKind::InvalidData) if tls != MailTls::None => MailFault::Tls,
        Some(
            ErrorKind::InvalidData
            | ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe,
        ) => MailFault::Protocol,
        // Refused, no way there, or no such name.
        _ => MailFault::Unreachable,
    }
}

fn io_error(error: &Error) -> Option<ErrorKind> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        source = cause.source();
    }
    None
}

type Malformed = Box<dyn std::error::Error + Send + Sync>;

fn message(claim: &Claim) -> Result<Message, Malformed> {
    let (mail, settings) = (&claim.mail, &claim.account.settings);
    let mailbox = |name: &str, address: &str| -> Result<Mailbox, Malformed> {
        let name = Some(name.to_owned()).filter(|name| !name.trim().is_empty());
        Ok(Mailbox::new(name, address.parse()?))
    };
    let micros = u64::try_from(claim.date.micros()).unwrap_or_default();
    let mut builder = Message::builder()
        .message_id(Some(claim.message_id.clone()))
        .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
        .from(mailbox(&settings.sender_name, &settings.sender_address)?)
        .to(mailbox(&mail.to_name, &mail.to_address)?)
        .subject(mail.subject.clone())
        // No answers by those who are away (RFC 3834).
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(address) = &settings.reply_to {
        builder = builder.reply_to(mailbox("", address)?);
    }
    if let Some(address) = &mail.unsubscribe {
        builder = builder.raw_header(header("List-Unsubscribe", &format!("<{address}>")));
    }
    body(builder, mail)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn body(builder: lettre::message::MessageBuilder, mail: &NewMail) -> Result<Message, Malformed> {
    let text = mail.text.clone();
    if mail.attachments.is_empty() {
        return Ok(match &mail.html {
            Some(html) => {
                builder.multipart(MultiPart::alternative_plain_html(text, html.clone()))?
            }
            None => builder.singlepart(SinglePart::plain(text))?,
        });
    }
    let mut parts = match &mail.html {
        Some(html) => {
            MultiPart::mixed().multipart(MultiPart::alternative_plain_html(text, html.clone()))
        }
        None => MultiPart::mixed().singlepart(SinglePart::plain(text)),
    };
    for attachment in &mail.attachments {
        let content_type = ContentType::parse(&attachment.content_type)?;
        let part = Attachment::new(attachment.name.clone());
        parts = parts.singlepart(part.body(attachment.data.clone(), content_type));
    }
    Ok(builder.multipart(parts)?)
}
