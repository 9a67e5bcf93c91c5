//! A mail's way to the mail server (RFC 5321), step by step: what a refusal means depends on how far it had come.

use std::time::Duration;

use guanxi_domain::mail::{MailFault, MailTls};
use guanxi_persistence::mail::ascii_domain;
use guanxi_persistence::mail::sending::{Account, Attempt, Claim, Consequence, Failure};
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::{Instant, timeout, timeout_at};

use super::fault::{Phase, failure, of_silence};
use super::message::{self, Sender, address};

/// How long a server may take to say good-bye.
const PARTING: Duration = Duration::from_secs(5);

/// How long a server may take: as a whole, since it could go on for ever a word at a time.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until it wants to hear what the mail says.
    pub steps: Duration,
    /// To hear that, and to take it.
    pub content: Duration,
}

impl Patience {
    /// At most, from the first word to the last.
    pub fn whole(self) -> Duration {
        self.steps + self.content + PARTING
    }
}

/// Hands a mail over to its server.
pub async fn send(claim: &Claim, patience: Patience) -> Attempt {
    match prepare(claim) {
        Ok(ready) => hand_over(&claim.account, &ready, patience).await,
        Err(attempt) => attempt,
    }
}

struct Ready {
    sender: Address,
    recipient: Address,
    message: Vec<u8>,
}

fn prepare(claim: &Claim) -> Result<Ready, Attempt> {
    let settings = &claim.account.settings;
    let of_account = |error| malformed(Consequence::Account, &error);
    let reply_to = settings.reply_to.as_deref().map(address).transpose();
    let sender = Sender {
        address: address(&settings.sender_address).map_err(of_account)?,
        reply_to: reply_to.map_err(of_account)?,
    };
    let recipient =
        address(&claim.mail.to_address).map_err(|error| malformed(Consequence::Final, &error))?;
    let message = message::write(claim, &sender, &recipient)
        .map_err(|error| malformed(Consequence::Final, &error))?;
    Ok(Ready {
        sender: sender.address,
        recipient,
        message: message.formatted(),
    })
}

fn malformed(consequence: Consequence, error: &dyn std::fmt::Display) -> Attempt {
    let failure = Failure {
        fault: MailFault::Content,
        consequence,
    };
    failed(failure, None, error.to_string())
}

fn failed(failure: Failure, code: Option<u16>, answer: String) -> Attempt {
    Attempt {
        failure: Some(failure),
        code,
        answer,
    }
}

fn refused(error: &Error, phase: Phase, tls: MailTls) -> Attempt {
    let code = error.status().map(u16::from);
    failed(failure(error, phase, tls), code, error.to_string())
}

fn late(phase: Phase, patience: Duration) -> Attempt {
    let failure = Failure {
        fault: MailFault::TimedOut,
        consequence: of_silence(phase),
    };
    let answer = format!("no answer within {} s", patience.as_secs());
    failed(failure, None, answer)
}

async fn hand_over(account: &Account, ready: &Ready, patience: Patience) -> Attempt {
    let tls = account.settings.tls;
    let deadline = Instant::now() + patience.steps;
    let mut connection = match timeout_at(deadline, open(account)).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return refused(&error, Phase::Account, tls),
        Err(_) => return late(Phase::Account, patience.steps),
    };
    if let Some(attempt) = unspeakable(&connection, ready) {
        part(connection).await;
        return attempt;
    }
    let mut phase = Phase::Account;
    let announced = timeout_at(deadline, announce(&mut connection, ready, &mut phase)).await;
    let answer = match announced {
        Ok(Ok(())) => {
            let answer = timeout(patience.content, connection.message(&ready.message)).await;
            answer.map_err(|_| patience.content)
        }
        Ok(Err(error)) => Ok(Err(error)),
        Err(_) => Err(patience.steps),
    };
    match answer {
        Ok(answer) => {
            part(connection).await;
            answer.map_or_else(
                |error| refused(&error, phase, tls),
                |response| taken(&response),
            )
        }
        Err(patience) => late(phase, patience),
    }
}

fn taken(response: &Response) -> Attempt {
    let code = u16::from(response.code());
    let said: Vec<&str> = response.message().collect();
    Attempt {
        failure: None,
        code: Some(code),
        answer: format!("{code} {}", said.join(" ")),
    }
}

/// What becomes of the mail is settled by then: however the two part, it changes nothing.
async fn part(mut connection: AsyncSmtpConnection) {
    let _ = timeout(PARTING, connection.abort()).await;
}

/// Connects, encrypts and logs in, as the account has it.
async fn open(account: &Account) -> Result<AsyncSmtpConnection, Error> {
    let settings = &account.settings;
    let host = settings.host.trim_matches(['[', ']']);
    // The rules say that it is one.
    let server = (host, u16::try_from(settings.port).unwrap_or_default());
    let hello = ClientId::Domain(ascii_domain(&settings.sender_address));
    let parameters = match settings.tls {
        MailTls::None => None,
        MailTls::StartTls | MailTls::Tls => Some(TlsParameters::new(host.to_owned())?),
    };
    let (at_once, later) = match settings.tls {
        MailTls::StartTls => (None, parameters),
        MailTls::None | MailTls::Tls => (parameters, None),
    };
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(server, None, &hello, at_once, None).await?;
    if let Some(parameters) = later {
        connection.starttls(parameters, &hello).await?;
    }
    if let (Some(user), Some(password)) = (&settings.user, &account.password) {
        let credentials = Credentials::new(user.clone(), password.clone());
        connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
    }
    Ok(connection)
}

/// Addresses beyond ASCII are for servers that know of them (RFC 6531).
fn unspeakable(connection: &AsyncSmtpConnection, ready: &Ready) -> Option<Attempt> {
    let knows = connection
        .server_info()
        .supports_feature(Extension::SmtpUtfEight);
    let problem = "the server takes no addresses beyond ASCII";
    match (is_ascii(&ready.sender), is_ascii(&ready.recipient)) {
        _ if knows => None,
        (true, true) => None,
        (true, false) => Some(malformed(Consequence::Final, &problem)),
        (false, _) => Some(malformed(Consequence::Account, &problem)),
    }
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}

/// Says from whom it is and to whom, until the server wants to hear the rest.
async fn announce(
    connection: &mut AsyncSmtpConnection,
    ready: &Ready,
    phase: &mut Phase,
) -> Result<(), Error> {
    let mut parameters = Vec::new();
    if !is_ascii(&ready.sender) || !is_ascii(&ready.recipient) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    // Its headers, where addresses are: everything else is encoded.
    if !ready.message.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = Mail::new(Some(ready.sender.clone()), parameters);
    connection.command(from).await?;
    *phase = Phase::Recipient;
    let to = Rcpt::new(ready.recipient.clone(), Vec::new());
    connection.command(to).await?;
    *phase = Phase::Content;
    connection.command(Data).await.map(drop)
}
