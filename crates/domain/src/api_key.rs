//! API keys: by which other programs act in somebody's name.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::permission::{Module, Operation};
use crate::{ApiKeyId, Field, FieldKind, FieldSet, Timestamp, UserId};

/// With which every key begins, so that it is known for one wherever it turns up.
pub const PREFIX: &str = "gx_";

/// What a key may be used for; on which records says the role of the person it acts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Right {
    pub module: Module,
    pub operation: Operation,
}

impl Right {
    /// Whether keys can have it. Users, roles, settings and webhooks are changed by people: with any of these a key could give
    /// itself, or a log-in of its own, more than it was given. Nor does a key approve: whoever made it in somebody else's name could
    /// be both of the two people that it takes.
    pub const fn is_for_keys(self) -> bool {
        match self.operation {
            Operation::Read | Operation::Export => true,
            Operation::Approve => false,
            _ => !matches!(
                self.module,
                Module::Users | Module::Roles | Module::Settings | Module::Webhooks
            ),
        }
    }
}

/// A key, without what makes it one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub version: i64,
    /// How the key begins: `gx_ab12`.
    pub prefix: String,
    /// In whose name it acts, with the data scopes of that person's role.
    pub user_id: UserId,
    pub created_by: Option<UserId>,
    pub revoked_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    pub last_used_ip: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: ApiKeyInput,
}

impl ApiKey {
    /// Neither revoked nor expired.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.input.expires_at.is_none_or(|end| end > now)
    }
}

/// What people set of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyInput {
    /// What it is for; each name once a person.
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    /// What it may be used for, as far as the person's role allows it at that moment.
    #[validate(custom(function = "check_rights"))]
    pub permissions: Vec<Right>,
    /// `null`: until it is revoked.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyCreate {
    /// In whose name it acts; the caller's if left out.
    #[serde(default)]
    pub user_id: Option<UserId>,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[validate(custom(function = "check_rights"))]
    pub permissions: Vec<Right>,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A new key, with the key itself, told this once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeySecret {
    pub key: ApiKey,
    /// `gx_` and 64 hexadecimal digits. Send it as `Authorization: Bearer gx_…`.
    pub secret: String,
}

fn check_rights(rights: &[Right]) -> Result<(), ValidationError> {
    let fine = !rights.is_empty()
        && rights
            .iter()
            .enumerate()
            .all(|(i, right)| right.is_for_keys() && !rights[..i].contains(right));
    if fine {
        Ok(())
    } else {
        Err(ValidationError::new("rights"))
    }
}

/// The fields of a key.
pub const FIELDS: FieldSet = FieldSet {
    record: "api_keys",
    default_sort: "-created_at",
    fields: &[
        Field::new("name", FieldKind::Text, "名称", "Name"),
        Field::new(
            "user_id",
            FieldKind::Reference("users"),
            "代表用户",
            "Acts for",
        )
        .unsorted(),
        Field::new("expires_at", FieldKind::Timestamp, "有效期至", "Good until").optional(),
        Field::new(
            "last_used_at",
            FieldKind::Timestamp,
            "最近使用",
            "Last used",
        )
        .optional(),
        Field::new("revoked_at", FieldKind::Timestamp, "撤销时间", "Revoked").optional(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lang, Rules};

    fn codes(permissions: &[(Module, Operation)]) -> Vec<String> {
        let input = ApiKeyInput {
            name: "ERP".to_owned(),
            permissions: permissions
                .iter()
                .map(|&(module, operation)| Right { module, operation })
                .collect(),
            expires_at: None,
        };
        let problems = input.problems(Lang::En);
        problems.into_iter().map(|p| p.pointer).collect()
    }

    #[test]
    fn a_key_never_changes_who_may_do_what() {
        use Module as M;
        use Operation as O;

        assert!(codes(&[(M::Customers, O::Read), (M::Users, O::Read)]).is_empty());
        let refused: &[&[(M, O)]] = &[
            &[],
            &[(M::Users, O::Create)],
            &[(M::Roles, O::Update)],
            &[(M::Settings, O::Update)],
            &[(M::Webhooks, O::Create)],
            &[(M::Customers, O::Approve)],
            &[(M::Orders, O::Read), (M::Orders, O::Read)],
        ];
        for permissions in refused {
            assert_eq!(codes(permissions), ["/permissions"], "{permissions:?}");
        }
    }
}
