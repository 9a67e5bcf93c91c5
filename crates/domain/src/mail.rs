//! Outgoing mail: the account that it leaves by, and what became of each.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::{Field, FieldKind, FieldSet, MailId, Timestamp, UserId, check_email};

/// Seconds to wait after each failed attempt that the account is not to blame for: about a day in all. One attempt more than waits is made.
pub const RETRY_DELAYS: [i64; 7] = [60, 5 * 60, 15 * 60, 3600, 3 * 3600, 6 * 3600, 12 * 3600];

choice! {
    /// How the connection to the mail server is encrypted.
    pub enum MailTls {
        /// From the first byte, mostly on port 465.
        Tls = "tls", "TLS（通常为 465 端口）", "TLS (mostly port 465)";
        /// After a greeting, mostly on port 587. Without it nothing is sent.
        StartTls = "starttls", "STARTTLS（通常为 587 端口）", "STARTTLS (mostly port 587)";
        /// Everybody on the way can read mails and password: for a server on the same machine.
        None = "none", "不加密（通常为 25 端口）", "None (mostly port 25)";
    }
}

choice! {
    /// How far a mail has come.
    pub enum MailState {
        Pending = "pending", "待发送", "Waiting";
        Sent = "sent", "已发送", "Sent";
        Failed = "failed", "失败", "Failed";
    }
}

choice! {
    /// What a mail is.
    pub enum MailKind {
        Test = "test", "测试邮件", "Test";
        Report = "report", "报表", "Report";
    }
}

choice! {
    /// Why a mail could not be handed over.
    pub enum MailFault {
        Unreachable = "unreachable", "无法连接邮件服务器，请检查主机名、端口和防火墙", "The mail server cannot be reached: check host, port and firewall";
        TimedOut = "timed_out", "邮件服务器没有及时应答，请检查端口和加密方式", "The mail server did not answer in time: check port and encryption";
        Tls = "tls", "加密连接失败，请检查加密方式、端口和服务器证书", "The encrypted connection failed: check encryption, port and the server's certificate";
        Authentication = "authentication", "邮件服务器拒绝登录，请检查用户名和密码（有的邮箱需使用授权码）", "The mail server refused the log-in: check user and password (some providers want an app password)";
        Deferred = "deferred", "邮件服务器要求稍后再试", "The mail server asks to try again later";
        Refused = "refused", "邮件服务器拒收，请查看其应答", "The mail server refused the mail: see its answer";
        Protocol = "protocol", "无法理解服务器的应答，可能不是邮件服务器，或端口与加密方式不符", "The server's answer is no mail server's, or port and encryption do not fit together";
        Content = "content", "邮件内容或地址无效", "The mail or an address in it is not valid";
        /// Since it was made: nothing was sent.
        Withdrawn = "withdrawn", "未发送：收件人已停用、已退订或已无权查看", "Not sent: by then the recipient was inactive, had unsubscribed, or might not see it any more";
    }
}

/// How mail leaves, as administrators set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_account", skip_on_field_errors = false))]
pub struct MailSettingsInput {
    /// Off: mails wait.
    #[serde(default)]
    pub active: bool,
    /// The mail server's name or address.
    #[validate(length(max = 253), custom(function = "check_host"))]
    pub host: String,
    #[validate(range(min = 1, max = 65_535))]
    pub port: i64,
    pub tls: MailTls,
    /// `null`: without a log-in.
    #[serde(default)]
    #[validate(length(min = 1, max = 254), custom(function = "check_line"))]
    pub user: Option<String>,
    /// Never answered. Left out it stays what it is, as long as server, encryption and user do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(write_only))]
    #[validate(length(max = 500), custom(function = "check_line"))]
    pub password: Option<String>,
    #[validate(length(max = 120), custom(function = "check_line"))]
    pub sender_name: String,
    #[validate(custom(function = "check_email_or_none"))]
    pub sender_address: String,
    /// Where answers go, if not to the sender.
    #[serde(default)]
    #[validate(custom(function = "check_email"))]
    pub reply_to: Option<String>,
    /// Where the app is reached from outside, for links in mails: `https://crm.example.com`. Without it mails have none.
    #[serde(default)]
    #[validate(length(max = 500), custom(function = "crate::check::check_website"))]
    pub app_url: Option<String>,
}

impl Default for MailSettingsInput {
    fn default() -> Self {
        Self {
            active: false,
            host: String::new(),
            port: 465,
            tls: MailTls::Tls,
            user: None,
            password: None,
            sender_name: String::new(),
            sender_address: String::new(),
            reply_to: None,
            app_url: None,
        }
    }
}

impl MailSettingsInput {
    /// A password that was given for the other account is good for this one too: it goes to the same place, as safely.
    pub fn is_same_account(&self, other: &Self) -> bool {
        (&self.host, self.port, self.tls, &self.user)
            == (&other.host, other.port, other.tls, &other.user)
    }

    /// What is encrypted by nothing stays on this machine.
    pub fn stays_here(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// An address in the app, for links; `None` where the app has none outside.
    pub fn link(&self, path: &str) -> Option<String> {
        let base = self.app_url.as_deref()?;
        Some(format!("{}{path}", base.trim_end_matches('/')))
    }
}

fn check_host(host: &str) -> Result<(), ValidationError> {
    let fine = host
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']'));
    if fine {
        Ok(())
    } else {
        Err(ValidationError::new("host"))
    }
}

fn check_line(text: &str) -> Result<(), ValidationError> {
    if text.chars().any(char::is_control) {
        Err(ValidationError::new("characters"))
    } else {
        Ok(())
    }
}

fn check_email_or_none(text: &str) -> Result<(), ValidationError> {
    if text.is_empty() {
        Ok(())
    } else {
        check_email(text)
    }
}

/// What is needed as soon as mail is to leave.
fn check_account(input: &MailSettingsInput) -> Result<(), ValidationError> {
    let needed = |field: &'static str| {
        let mut error = ValidationError::new("required");
        error.add_param("field".into(), &field);
        Err(error)
    };
    match () {
        () if !input.active => Ok(()),
        () if input.host.is_empty() => needed("host"),
        () if input.sender_address.is_empty() => needed("sender_address"),
        () if input.sender_name.trim().is_empty() => needed("sender_name"),
        () => Ok(()),
    }
}

/// How mail leaves. The password is never told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailSettings {
    pub version: i64,
    pub has_password: bool,
    #[serde(flatten)]
    pub input: MailSettingsInput,
}

/// To whom a test goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTest {
    /// Left out: to the caller.
    #[serde(default)]
    #[validate(custom(function = "check_email"))]
    pub to: Option<String>,
}

/// A mail as it is answered: not what it says, which may be for others' eyes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mail {
    pub id: MailId,
    /// The header `Message-ID`, the same at every attempt: by it the mail is found in the server's log.
    pub message_id: String,
    pub kind: MailKind,
    /// Whom it is for, where that is somebody with an account.
    pub user_id: Option<UserId>,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub state: MailState,
    pub attempts: i32,
    /// When it will be sent, at the earliest.
    pub next_at: Option<Timestamp>,
    /// Why the last attempt failed; `null` once one did not.
    pub fault: Option<MailFault>,
    /// The fault in the caller's language.
    pub message: Option<String>,
    /// What the server said, or what stood in the way, to the letter.
    pub answer: Option<String>,
    pub created_at: Timestamp,
    /// When it was handed over or given up.
    pub finished_at: Option<Timestamp>,
}

/// The fields of a mail.
pub const FIELDS: FieldSet = FieldSet {
    record: "mails",
    default_sort: "-created_at",
    fields: &[
        Field::new("subject", FieldKind::Text, "主题", "Subject").unsorted(),
        Field::new("to_address", FieldKind::Text, "收件地址", "Address").unsorted(),
        Field::new(
            "user_id",
            FieldKind::Reference("users"),
            "收件人",
            "Recipient",
        )
        .optional()
        .unsorted(),
        Field::new("kind", FieldKind::Choice(MailKind::CHOICES), "类型", "Kind").unsorted(),
        Field::new(
            "state",
            FieldKind::Choice(MailState::CHOICES),
            "状态",
            "State",
        )
        .unsorted(),
        Field::new(
            "fault",
            FieldKind::Choice(MailFault::CHOICES),
            "原因",
            "Reason",
        )
        .optional()
        .unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("finished_at", FieldKind::Timestamp, "结束时间", "Finished")
            .optional()
            .unsorted(),
    ],
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Lang, Rules};

    fn account() -> MailSettingsInput {
        MailSettingsInput {
            active: true,
            host: "smtp.example.com".to_owned(),
            sender_name: "关系 CRM".to_owned(),
            sender_address: "crm@example.com".to_owned(),
            ..MailSettingsInput::default()
        }
    }

    #[test]
    fn what_is_needed_is_told_as_soon_as_mail_is_to_leave() {
        assert!(MailSettingsInput::default().problems(Lang::En).is_empty());
        assert!(account().problems(Lang::En).is_empty());
        let first = |input: MailSettingsInput| {
            let problems = input.problems(Lang::En);
            problems.first().map(|p| p.pointer.clone())
        };
        for (member, value) in [
            ("host", json!("")),
            ("host", json!("smtp example")),
            ("port", json!(0)),
            ("user", json!("")),
            ("sender_address", json!("")),
            ("sender_name", json!("a\r\nBcc: b@c.cn")),
            ("reply_to", json!("nobody")),
            ("app_url", json!("javascript:x")),
        ] {
            let mut input = json!(account());
            input[member] = value;
            let input = serde_json::from_value(input).expect("the shape");
            assert_eq!(first(input), Some(format!("/{member}")));
        }
    }

    #[test]
    fn a_password_stays_with_its_account() {
        let mut other = account();
        other.sender_name = "CRM".to_owned();
        assert!(account().is_same_account(&other));
        other.host = "smtp.example.org".to_owned();
        assert!(!account().is_same_account(&other));
        let mut other = account();
        other.tls = MailTls::None;
        assert!(!account().is_same_account(&other));
    }

    #[test]
    fn this_machine_is_told_from_others() {
        let at = |host: &str| MailSettingsInput {
            host: host.to_owned(),
            ..account()
        };
        for here in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(at(here).stays_here(), "{here}");
        }
        assert!(!account().stays_here());
        assert!(!at("10.0.0.1").stays_here());
    }

    #[test]
    fn links_lead_into_the_app() {
        let mut input = account();
        assert_eq!(input.link("/reports"), None);
        input.app_url = Some("https://crm.example.com/".to_owned());
        assert_eq!(
            input.link("/reports").as_deref(),
            Some("https://crm.example.com/reports")
        );
    }
}
