//! Choices: enums with a stable word for wire and database, and a label in each language.

/// Stores a type with `as_str` and `FromStr` as text on every backend.
macro_rules! stored_as_text {
    ($name:ident) => {
        #[cfg(feature = "diesel")]
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        #[cfg(feature = "diesel")]
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(value)?;
                text.parse().map_err(|_| format!("{text:?} is no {}", stringify!($name)).into())
            }
        }
    };
}

/// The words of a choice, and what people read for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Choices {
    pub words: &'static [&'static str],
    /// Chinese and English, in the order of the words.
    pub labels: &'static [(&'static str, &'static str)],
}

impl Choices {
    /// What people read for a word; `None` if it is none of the choice.
    pub fn label(&self, word: &str, lang: crate::Lang) -> Option<&'static str> {
        let at = self.words.iter().position(|w| *w == word)?;
        self.labels.get(at).map(|(zh, en)| lang.pick(*zh, *en))
    }

    /// The word that a text means, by itself or by its label in either language, whatever the case.
    pub fn word(&self, text: &str) -> Option<&'static str> {
        let text = text.to_lowercase();
        let means = |(word, (zh, en)): &(&&str, &(&str, &str))| {
            [**word, *zh, *en].iter().any(|w| w.to_lowercase() == text)
        };
        let mut words = self.words.iter().zip(self.labels);
        words.find(means).map(|(word, _)| *word)
    }
}

/// Defines an enum whose variants have a stable word and a label in Chinese and English.
macro_rules! choice {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
        #[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Text))]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every choice, in the order people expect.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The stable words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
            /// The words with their labels, for fields.
            pub const CHOICES: $crate::Choices = $crate::Choices {
                words: Self::WORDS,
                labels: &[$(($zh, $en)),+],
            };

            /// The stable word for wire and database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What people read.
            pub const fn label(self, lang: $crate::Lang) -> &'static str {
                match lang {
                    $crate::Lang::Zh => match self { $(Self::$variant => $zh),+ },
                    $crate::Lang::En => match self { $(Self::$variant => $en),+ },
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("expected one of {}", Self::WORDS.join(", "))),
                }
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
                    .enum_values(Some(Self::WORDS.iter().copied()))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}
