//! Registering, logging in and out.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::user::User;
use crate::{Lang, SessionId, Timestamp};

/// The most used passwords of ten or more characters, and those a visitor of this product would try.
/// Source: frequencies in published leaks, as summarised in NCSC's and SplashData's yearly lists.
const COMMON_PASSWORDS: &[&str] = &[
    "0123456789",
    "0987654321",
    "1111111111",
    "1122334455",
    "11223344556677",
    "123123123123",
    "1234512345",
    "12345678910",
    "123456789a",
    "1234567890",
    "12345678901",
    "123456789012",
    "123456789q",
    "1357924680",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "9876543210",
    "a123456789",
    "aa123456789",
    "aaaaaaaaaa",
    "abc1234567",
    "abcd123456",
    "abcdefghij",
    "administrator",
    "asdfghjkl1",
    "asdfghjkl;",
    "baseball123",
    "changeme123",
    "computer123",
    "football123",
    "guanxi1234",
    "guanxicrm1",
    "iloveyou12",
    "iloveyou123",
    "letmein123",
    "password00",
    "password01",
    "password11",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "password!!",
    "princess123",
    "q1w2e3r4t5",
    "qazwsxedcrfv",
    "qq123456789",
    "qwer123456",
    "qwert12345",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop",
    "qwertyuiop123",
    "welcome123",
    "welcome1234",
    "woaini1314",
    "woaini520520",
    "woaini5201314",
    "zaq12wsxcde3",
    "zxcvbnm123",
    "5201314520",
    "1314520520",
];

/// Not one of the common passwords, and not one character over and over.
pub fn check_password(password: &str) -> Result<(), ValidationError> {
    let lower = password.to_lowercase();
    let first = lower.chars().next();
    if COMMON_PASSWORDS.contains(&lower.as_str()) || lower.chars().all(|c| Some(c) == first) {
        return Err(ValidationError::new("common_password"));
    }
    Ok(())
}

/// A new account, made by the person.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registration {
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[validate(custom(function = "crate::check_email"))]
    pub email: String,
    /// At least 10 characters, none of the common ones.
    #[validate(length(min = 10, max = 200), custom(function = "check_password"))]
    pub password: String,
    #[serde(default)]
    pub language: Option<Lang>,
    /// The refresh token comes as a cookie only.
    #[serde(default)]
    pub cookie: bool,
}

/// A log-in.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credentials {
    #[validate(length(min = 1, max = 254))]
    pub email: String,
    #[validate(length(min = 1, max = 200))]
    pub password: String,
    /// The refresh token comes as a cookie only.
    #[serde(default)]
    pub cookie: bool,
}

/// A refresh by a program; a browser sends the cookie instead.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refresh {
    #[serde(default)]
    pub refresh_token: Option<String>,
}

/// What a log-in gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// For `Authorization: Bearer …`; `null` while the account waits for activation.
    pub access_token: Option<String>,
    /// Seconds until the access token ends.
    pub expires_in: Option<i64>,
    /// Only when no cookie was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    pub user: User,
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    #[validate(length(min = 1, max = 200))]
    pub current_password: String,
    #[validate(length(min = 10, max = 200), custom(function = "check_password"))]
    pub new_password: String,
}

/// One of a person's log-ins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// The address it was last used from.
    pub ip: String,
    pub user_agent: String,
    /// The one that asks.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::check_password;

    #[test]
    fn common_passwords_are_refused() {
        for bad in ["1234567890", "Password123", "aaaaaaaaaaaa", "QWERTYUIOP"] {
            assert!(check_password(bad).is_err(), "{bad}");
        }
        assert!(check_password("correct horse battery").is_ok());
    }
}
