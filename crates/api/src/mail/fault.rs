//! What stood in the way of a mail: what people are told, and what follows for this mail and for those after it.

use std::io::ErrorKind;

use guanxi_domain::mail::{MailFault, MailTls};
use guanxi_persistence::mail::sending::{Consequence, Failure};
use lettre::transport::smtp::Error;

/// How far a mail had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Connection, log-in, sender: of the mail itself the server knows nothing yet.
    Account,
    Recipient,
    /// What it says is on its way, or there: the server may have taken it.
    Content,
}

/// What an error of this phase means.
pub fn failure(error: &Error, phase: Phase, tls: MailTls) -> Failure {
    let consequence = match error.status() {
        Some(code) => of_answer(u16::from(code), enhanced(error), phase),
        None => of_silence(phase),
    };
    Failure {
        fault: fault(error, tls),
        consequence,
    }
}

/// What follows when there is no answer, or none that is one.
pub const fn of_silence(phase: Phase) -> Consequence {
    match phase {
        Phase::Account | Phase::Recipient => Consequence::Account,
        // Repeated for ever, it might arrive each time.
        Phase::Content => Consequence::Unclear,
    }
}

/// What follows from a refusal. Only what is surely about this mail or its recipient is final: senders that are not allowed and limits of
/// a day are refused with the same 5xx, in any phase.
fn of_answer(code: u16, enhanced: Option<(u16, u16)>, phase: Phase) -> Consequence {
    // RFC 5321, 3.8: the server is about to go away.
    if phase == Phase::Account || code == 421 || is_log_in(code) {
        return Consequence::Account;
    }
    if code < 500 {
        return Consequence::Later;
    }
    match (enhanced, phase) {
        (Some(status), _) => of_status(status),
        (None, Phase::Recipient) if matches!(code, 501 | 550..=553 | 556) => Consequence::Final,
        // Too large.
        (None, Phase::Content) if code == 552 => Consequence::Final,
        (None, _) => Consequence::Unclear,
    }
}

/// By the status codes of RFC 3463 (5.x.x), and those that the large providers add to them.
const fn of_status(status: (u16, u16)) -> Consequence {
    match status {
        // The sender's address; a limit of the day; not allowed to send as this sender; log-in, DKIM, SPF, DMARC, a blocked account.
        (1, 7 | 8) | (4, 5) | (2, 252) | (7, 3..) => Consequence::Account,
        // The recipient's address or mailbox; the mail's size; its form.
        (1 | 6, _) | (2, 0..=4) | (3, 4) => Consequence::Final,
        _ => Consequence::Unclear,
    }
}

const fn is_log_in(code: u16) -> bool {
    matches!(code, 454 | 530 | 534 | 535 | 538)
}

/// The last two numbers of the status code that an answer begins with, if it does.
fn enhanced(error: &Error) -> Option<(u16, u16)> {
    let answer = std::error::Error::source(error)?.to_string();
    let mut numbers = answer.split_whitespace().next()?.split('.');
    let (_, subject, detail) = (numbers.next()?, numbers.next()?, numbers.next()?);
    Some((subject.parse().ok()?, detail.parse().ok()?))
}

/// What an error means to people.
fn fault(error: &Error, tls: MailTls) -> MailFault {
    if let Some(code) = error.status() {
        return match u16::from(code) {
            code if is_log_in(code) => MailFault::Authentication,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_about_the_mail_itself_is_final() {
        use Consequence::{Account, Final, Later, Unclear};
        use Phase::{Content, Recipient};
        for (code, status, phase, expected) in [
            // A sender that is not the user, a locked account, a limit.
            (553, None, Phase::Account, Account),
            (554, None, Phase::Account, Account),
            (526, None, Phase::Account, Account),
            (450, None, Phase::Account, Account),
            (550, Some((4, 5)), Recipient, Account),
            (550, Some((7, 60)), Content, Account),
            (554, Some((2, 252)), Content, Account),
            (421, None, Recipient, Account),
            (530, None, Recipient, Account),
            (553, Some((1, 8)), Recipient, Account),
            // No such recipient, a full mailbox, too large.
            (550, None, Recipient, Final),
            (550, Some((1, 1)), Recipient, Final),
            (552, Some((2, 2)), Recipient, Final),
            (552, None, Content, Final),
            (552, Some((3, 4)), Content, Final),
            // Greylisted.
            (450, None, Recipient, Later),
            (451, Some((7, 1)), Content, Later),
            // Taken for an unwanted mail, or from an unwanted sender.
            (554, Some((7, 1)), Content, Unclear),
            (550, None, Content, Unclear),
            (554, None, Recipient, Unclear),
        ] {
            let found = of_answer(code, status, phase);
            assert_eq!(found, expected, "{code} {status:?} {phase:?}");
        }
    }

    #[test]
    fn what_may_have_arrived_is_not_repeated_for_ever() {
        assert_eq!(of_silence(Phase::Recipient), Consequence::Account);
        assert_eq!(of_silence(Phase::Content), Consequence::Unclear);
    }
}
