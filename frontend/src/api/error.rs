use guanxi_domain::{FieldError, Problem};

use crate::i18n::{fill, t};

/// Why a call failed.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// No answer: the network or the server is away.
    Offline,
    /// The server refused and says why.
    Refused(Box<Problem>),
    /// An answer that is not what the contract says.
    Unreadable(String),
}

impl ApiError {
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            Self::Offline | Self::Unreadable(_) => None,
        }
    }

    /// The stable code: `taken`, `illegal_transition`, …
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(problem) => &problem.code,
            Self::Offline => "offline",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// The record has been changed by somebody else.
    pub fn is_stale(&self) -> bool {
        self.status() == Some(412)
    }

    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Refused(problem) => &problem.errors,
            Self::Offline | Self::Unreadable(_) => &[],
        }
    }

    /// For people. The server's own words come in the language that was asked for.
    pub fn message(&self) -> String {
        let common = t().common;
        match self {
            Self::Offline => common.error_offline.to_owned(),
            Self::Unreadable(what) => format!("{} ({what})", common.error_unreadable),
            Self::Refused(problem) if problem.code == "forbidden" => {
                common.error_forbidden.to_owned()
            }
            Self::Refused(problem) if problem.status == 404 => common.error_not_found.to_owned(),
            Self::Refused(problem) => match &problem.detail {
                Some(detail) if detail != &problem.title => fill(
                    if crate::i18n::lang() == guanxi_domain::Lang::Zh {
                        "{title}：{detail}"
                    } else {
                        "{title}: {detail}"
                    },
                    &[("title", &problem.title), ("detail", detail)],
                ),
                _ => problem.title.clone(),
            },
        }
    }

    /// What names the request in the server's log.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => problem.request_id.as_deref(),
            Self::Offline | Self::Unreadable(_) => None,
        }
    }
}
