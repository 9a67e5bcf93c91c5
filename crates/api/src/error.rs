//! Errors as they are answered. The middleware in [`crate::request`] renders them, in the caller's language.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use guanxi_domain::custom;
use guanxi_domain::permission::Permission;
use guanxi_domain::{ErrorCode, FieldError, Lang, Problem};
use guanxi_persistence::{Error, QueryError};

use crate::expected;

pub type ApiResult<T> = Result<T, ApiError>;

/// What went wrong, before it is put into words.
#[derive(Debug)]
pub struct ApiError {
    pub code: ErrorCode,
    /// What is particular to this time, in the caller's language or in none.
    pub detail: Option<String>,
    faults: Faults,
    /// How many records stand in the way.
    held_by: Option<i64>,
    /// Seconds after which to try again.
    pub retry_after: Option<i64>,
    /// For the log only.
    cause: Option<String>,
}

/// The values that break rules. What has no words yet gets them when the language is known.
#[derive(Debug)]
enum Faults {
    Fields(Vec<Broken>),
    Worded(Vec<FieldError>),
    Custom(Vec<custom::Broken>),
    /// A query parameter, and what was expected of it, in English. Boxed: every refusal is as large as the largest.
    Parameter(Box<FieldError>),
}

impl Faults {
    fn in_words(&self, lang: Lang) -> Vec<FieldError> {
        match self {
            Self::Fields(fields) => fields.iter().map(|field| field.in_words(lang)).collect(),
            Self::Worded(errors) => errors.clone(),
            Self::Custom(broken) => broken.iter().map(|one| one.in_words(lang)).collect(),
            Self::Parameter(fault) => {
                let message = expected::message(&fault.message, lang);
                vec![FieldError::new(fault.pointer.clone(), "type", message)]
            }
        }
    }
}

/// A value that breaks a rule.
#[derive(Debug)]
struct Broken {
    pointer: String,
    code: &'static str,
    /// What was expected instead, or what is wrong, in English.
    expected: Option<String>,
}

impl Broken {
    fn new(pointer: impl Into<String>, code: &'static str) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            expected: None,
        }
    }

    fn in_words(&self, lang: Lang) -> FieldError {
        let code = ErrorCode::ALL.iter().find(|c| c.as_str() == self.code);
        let message = code.map_or_else(
            || ErrorCode::field_message(self.code, lang),
            |c| c.title(lang),
        );
        let message = match &self.expected {
            Some(expected) => {
                let expected = expected::phrase(expected, lang);
                format!("{message}{}{expected}", lang.pick("：", ": "))
            }
            None => message.to_owned(),
        };
        FieldError::new(self.pointer.clone(), self.code, message)
    }
}

impl ApiError {
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            detail: None,
            faults: Faults::Fields(Vec::new()),
            held_by: None,
            retry_after: None,
            cause: None,
        }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub const fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Values that break rules.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self {
            faults: Faults::Worded(errors),
            ..Self::new(ErrorCode::Invalid)
        }
    }

    /// One value that breaks a rule.
    pub fn invalid_at(pointer: impl Into<String>, code: &'static str) -> Self {
        Self {
            faults: Faults::Fields(vec![Broken::new(pointer, code)]),
            ..Self::new(ErrorCode::Invalid)
        }
    }

    /// A fault of the server. The cause goes into the log, not into the answer.
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(ErrorCode::Internal)
        }
    }

    /// Why, for the log, if it is the server's fault.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub fn problem(&self, lang: Lang, request_id: &str) -> Problem {
        let mut problem = Problem::new(self.code, lang);
        problem.detail.clone_from(&self.detail);
        problem.request_id = Some(request_id.to_owned());
        if let Some(records) = self.held_by {
            problem.detail = Some(match lang {
                Lang::Zh => format!("仍在使用的记录：{records} 条"),
                Lang::En => format!("Records that still hold it: {records}"),
            });
        }
        problem.errors = self.faults.in_words(lang);
        if let (Faults::Parameter(_), Some(fault)) = (&self.faults, problem.errors.first()) {
            let between = lang.pick("：", ": ");
            problem.detail = Some(format!("{}{between}{}", fault.pointer, fault.message));
        }
        problem
    }
}

/// Rights as the API writes them, the first of many: `customers:approve (all), …`.
fn cells(rights: &[Permission]) -> String {
    const SHOWN: usize = 5;

    let cell = |p: &Permission| format!("{}:{} ({})", p.module, p.operation, p.scope);
    let mut cells: Vec<String> = rights.iter().take(SHOWN).map(cell).collect();
    if rights.len() > SHOWN {
        cells.push("…".to_owned());
    }
    cells.join(", ")
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<Vec<FieldError>> for ApiError {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::invalid(errors)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::new(ErrorCode::NotFound),
            Error::Stale => Self::new(ErrorCode::Stale),
            Error::Conflict(code) => Self::new(code),
            Error::ConflictAt(code, pointer) => Self {
                faults: Faults::Fields(vec![Broken::new(pointer, code.as_str())]),
                ..Self::new(code)
            },
            Error::Invalid(fields) => Self {
                faults: Faults::Fields(
                    fields
                        .into_iter()
                        .map(|(pointer, code)| Broken::new(pointer, code))
                        .collect(),
                ),
                ..Self::new(ErrorCode::Invalid)
            },
            Error::Custom(broken) => Self {
                faults: Faults::Custom(broken),
                ..Self::new(ErrorCode::Invalid)
            },
            Error::Held { pointer, records } => Self {
                faults: Faults::Fields(
                    (!pointer.is_empty())
                        .then(|| Broken::new(pointer, ErrorCode::InUse.as_str()))
                        .into_iter()
                        .collect(),
                ),
                held_by: Some(records),
                ..Self::new(ErrorCode::InUse)
            },
            Error::Beyond { pointer, rights } => Self {
                faults: Faults::Fields(vec![Broken {
                    expected: Some(cells(&rights)),
                    ..Broken::new(pointer, "rights_beyond")
                }]),
                ..Self::new(ErrorCode::Invalid)
            },
            Error::Query(QueryError::Unknown(name)) => Self {
                faults: Faults::Fields(vec![Broken::new(name.clone(), "unknown")]),
                ..Self::new(ErrorCode::UnknownParameter).detail(name)
            },
            Error::Query(QueryError::Invalid(name, expected)) => Self {
                faults: Faults::Parameter(Box::new(FieldError::new(name, "type", expected))),
                ..Self::new(ErrorCode::InvalidParameter)
            },
            Error::Query(QueryError::Filter(error)) => Self {
                faults: Faults::Fields(vec![Broken {
                    pointer: error.pointer,
                    code: error.code,
                    expected: error.expected,
                }]),
                ..Self::new(ErrorCode::Invalid)
            },
            Error::Query(QueryError::Cursor) => Self::new(ErrorCode::InvalidCursor),
            Error::Overloaded => Self::new(ErrorCode::Overloaded).retry_after(1),
            Error::Away(cause) => Self {
                cause: Some(cause),
                ..Self::new(ErrorCode::DatabaseAway).retry_after(2)
            },
            Error::Internal(cause) => Self {
                cause: Some(cause),
                ..Self::new(ErrorCode::Internal)
            },
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Without words: the middleware knows the language.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
