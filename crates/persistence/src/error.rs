use guanxi_domain::ErrorCode;
use guanxi_domain::permission::Permission;

use crate::QueryError;

/// Why a read or write failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such record, or outside the caller's scope: the two are not told apart.
    #[error("no such record")]
    NotFound,
    /// The record's version is not the expected one any more.
    #[error("the record has changed meanwhile")]
    Stale,
    /// The record's state, or that of another, forbids it.
    #[error("{code}", code = .0.as_str())]
    Conflict(ErrorCode),
    /// As `Conflict`, at a member of the input: pointer.
    #[error("{code} at {1}", code = .0.as_str())]
    ConflictAt(ErrorCode, String),
    /// Values that the database refuses: pointer and code each.
    #[error("not valid: {0:?}")]
    Invalid(Vec<(String, &'static str)>),
    /// Values of custom fields that do not fit their definitions.
    #[error("not valid: {0:?}")]
    Custom(Vec<guanxi_domain::custom::Broken>),
    /// Records still hold what is to be taken away: how many, and the member of the input that takes it away.
    #[error("{records} records hold it")]
    Held { pointer: String, records: i64 },
    /// Rights that whoever gives them does not have: the member of the input that gives them.
    #[error("rights beyond one's own: {rights:?}")]
    Beyond {
        pointer: &'static str,
        rights: Vec<Permission>,
    },
    /// A query parameter: name and code.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Too many writes wait.
    #[error("too many writes wait")]
    Overloaded,
    /// The database cannot be reached.
    #[error("the database is away: {0}")]
    Away(String),
    /// A fault in the program or the database.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// One value that the database refuses.
    pub fn invalid(pointer: impl Into<String>, code: &'static str) -> Self {
        Self::Invalid(vec![(pointer.into(), code)])
    }

    /// The same of an input that stands in another one's member.
    #[must_use]
    pub fn below(self, member: &str) -> Self {
        match self {
            Self::Query(QueryError::Filter(mut error)) => {
                error.pointer.insert_str(0, member);
                Self::Query(QueryError::Filter(error))
            }
            Self::Invalid(places) => {
                let places = places.into_iter();
                Self::Invalid(
                    places
                        .map(|(at, code)| (format!("{member}{at}"), code))
                        .collect(),
                )
            }
            Self::ConflictAt(code, at) => Self::ConflictAt(code, format!("{member}{at}")),
            other => other,
        }
    }

    /// A unique value that is taken, seen by a constraint whose name or columns hold `hint`.
    #[must_use]
    pub fn taken(self, hint: &str, pointer: &str) -> Self {
        match &self {
            Self::Internal(text) if text.contains(UNIQUE) && text.contains(hint) => {
                Self::ConflictAt(ErrorCode::Taken, pointer.to_owned())
            }
            _ => self,
        }
    }

    /// A foreign key that leads nowhere, or that others still hold.
    pub fn is_foreign_key(&self) -> bool {
        matches!(self, Self::Internal(text) if text.contains(FOREIGN))
    }
}

const UNIQUE: &str = "unique violation: ";
const FOREIGN: &str = "foreign key violation: ";

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind as Kind;
        use diesel::result::Error as E;

        match error {
            E::NotFound => Self::NotFound,
            E::DatabaseError(Kind::UniqueViolation, info) => {
                // SQLite names table and columns in the message, PostgreSQL the constraint.
                Self::Internal(format!(
                    "{UNIQUE}{} {}",
                    info.constraint_name().unwrap_or_default(),
                    info.message()
                ))
            }
            E::DatabaseError(Kind::ForeignKeyViolation, info) => {
                Self::Internal(format!("{FOREIGN}{}", info.message()))
            }
            E::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, info) => {
                Self::Away(info.message().to_owned())
            }
            E::BrokenTransactionManager => {
                Self::Away("the connection broke in a transaction".to_owned())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("JSON: {error}"))
    }
}
