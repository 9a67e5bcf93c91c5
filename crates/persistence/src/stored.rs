//! Values that both databases hold as text.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// JSON as text: the text beside the value, so that a write can lend it.
#[derive(Clone, Debug, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(crate) struct Json<T> {
    text: String,
    _value: std::marker::PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Json<T> {
    pub fn new(value: &T) -> crate::Result<Self> {
        Ok(Self {
            text: serde_json::to_string(value)?,
            _value: std::marker::PhantomData,
        })
    }

    pub fn get(&self) -> crate::Result<T> {
        Ok(serde_json::from_str(&self.text)?)
    }
}

impl<T: std::fmt::Debug, DB: Backend> ToSql<Text, DB> for Json<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.text.as_str().to_sql(out)
    }
}

impl<T, DB: Backend> FromSql<Text, DB> for Json<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self {
            text: String::from_sql(value)?,
            _value: std::marker::PhantomData,
        })
    }
}
