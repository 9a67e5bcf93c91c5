//! Ids: UUID version 7, one type per record so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

/// A UUID as its 36 characters: what the wire and both databases hold, so neither needs a conversion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawId([u8; 36]);

/// The text is not a UUID in hyphenated form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a UUID")
    }
}

impl std::error::Error for InvalidId {}

impl RawId {
    /// A new id; ids made later sort later.
    pub fn generate() -> Self {
        let mut text = [0; 36];
        uuid::Uuid::now_v7().hyphenated().encode_lower(&mut text);
        Self(text)
    }

    /// The hyphenated, lower-case text.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for RawId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != 36 {
            return Err(InvalidId);
        }
        let id = uuid::Uuid::try_parse(text).map_err(|_| InvalidId)?;
        let mut text = [0; 36];
        id.hyphenated().encode_lower(&mut text);
        Ok(Self(text))
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
        #[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Text))]
        pub struct $name(RawId);

        impl $name {
            /// A new id; ids made later sort later.
            pub fn generate() -> Self {
                Self(RawId::generate())
            }

            /// The hyphenated, lower-case text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        stored_as_text!($name);

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom("uuid".to_owned())))
                    .description(Some(concat!(stringify!($name), ": UUID version 7")))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    ApiKeyId
    ApprovalId
    AuditId
    CommentId
    ClusterRunId
    ContactId
    CustomerId
    CustomerLossId
    DeliveryId
    DepartmentId
    DictionaryEntryId
    CustomFieldId
    EvaluationId
    EventId
    ImportId
    JobId
    NotificationId
    OrderId
    OrderLineId
    ProductId
    ReportId
    RoleId
    SegmentationRunId
    RuleRunId
    /// One log-in: a family of refresh tokens.
    SessionId
    SegmentId
    StockLevelId
    TicketId
    UserId
    ValueRunId
    WebhookId
    MailId
    WinBackPlanId
    ViewId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_later() {
        let ids: Vec<CustomerId> = (0..100).map(|_| CustomerId::generate()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn text_is_normalised_and_checked() {
        let id: CustomerId = "0192F3A0-0000-7000-8000-0000000000AB"
            .parse()
            .expect("a UUID");
        assert_eq!(id.as_str(), "0192f3a0-0000-7000-8000-0000000000ab");
        assert!("0192f3a0".parse::<CustomerId>().is_err());
        assert!(
            "{192f3a0-0000-7000-8000-0000000000ab}"
                .parse::<CustomerId>()
                .is_err()
        );
    }
}
