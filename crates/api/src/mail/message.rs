//! A mail as a message (RFC 5322).

use std::time::{Duration, SystemTime};

use guanxi_persistence::mail::sending::Claim;
use guanxi_persistence::mail::{NewMail, ascii_domain};
use lettre::Address;
use lettre::address::AddressError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

type Malformed = Box<dyn std::error::Error + Send + Sync>;

/// An address as any mail server takes it: its domain in ASCII (RFC 5891).
pub fn address(text: &str) -> Result<Address, AddressError> {
    let (local, _) = text.rsplit_once('@').ok_or(AddressError::MissingParts)?;
    Address::new(local, ascii_domain(text))
}

/// Whose it is: the addresses of the account.
pub struct Sender {
    pub address: Address,
    pub reply_to: Option<Address>,
}

/// The mail as it is handed over.
pub fn write(claim: &Claim, sender: &Sender, recipient: &Address) -> Result<Message, Malformed> {
    let (mail, settings) = (&claim.mail, &claim.account.settings);
    let micros = u64::try_from(claim.date.micros()).unwrap_or_default();
    let mut builder = Message::builder()
        .message_id(Some(claim.message_id.clone()))
        .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
        .from(mailbox(&settings.sender_name, &sender.address))
        .to(mailbox(&mail.to_name, recipient))
        .subject(mail.subject.clone())
        // No answers by those who are away (RFC 3834).
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(address) = &sender.reply_to {
        builder = builder.reply_to(mailbox("", address));
    }
    if let Some(address) = &mail.unsubscribe {
        builder = builder.raw_header(header("List-Unsubscribe", &format!("<{address}>")));
    }
    body(builder, mail)
}

fn mailbox(name: &str, address: &Address) -> Mailbox {
    let name = Some(name.to_owned()).filter(|name| !name.trim().is_empty());
    Mailbox::new(name, address.clone())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_handed_over_in_ascii() {
        let ascii = |text| address(text).map(|address| address.to_string());
        assert_eq!(
            ascii("crm@例子.中国"),
            Ok("crm@xn--fsqu00a.xn--fiqs8s".to_owned())
        );
        assert_eq!(ascii("Li@Example.com"), Ok("Li@example.com".to_owned()));
        assert!(ascii("a..b@example.com").is_err());
    }
}
