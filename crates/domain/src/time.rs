//! Points in time and calendar days.

use std::fmt;
use std::str::FromStr;

/// A point in time: microseconds since 1970-01-01T00:00:00Z, the finest that both databases keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "diesel",
    derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)
)]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::BigInt))]
pub struct Timestamp(i64);

impl Timestamp {
    /// Reads the clock.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// From microseconds since the epoch; out of the years −9999 to 9999 the nearest end.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(
            jiff::Timestamp::MIN.as_microsecond(),
            jiff::Timestamp::MAX.as_microsecond(),
        ))
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This many seconds later (earlier if negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The calendar day in UTC.
    pub fn date(self) -> Date {
        Date::from_civil(self.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = String;

    /// RFC 3339; finer than a microsecond is cut off.
    fn from_str(text: &str) -> Result<Self, String> {
        let time: jiff::Timestamp = text
            .parse()
            .map_err(|_| "expected a time as in 2026-11-21T08:30:00Z".to_owned())?;
        Ok(Self(time.as_microsecond()))
    }
}

/// A time zone, by its name in the IANA database. Without the feature `zones` there is only UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    pub const UTC: Self = Self(jiff::tz::TimeZone::UTC);

    /// The zone of this name: `Asia/Shanghai`.
    pub fn find(name: &str) -> Option<Self> {
        jiff::tz::TimeZone::get(name).ok().map(Self)
    }

    /// The calendar day there.
    pub fn date(&self, moment: Timestamp) -> Date {
        Date::from_civil(moment.to_jiff().to_zoned(self.0.clone()).date())
    }

    /// The full hour of a day there. An hour that is left out when clocks are put forward is the one after it.
    pub fn at(&self, day: Date, hour: i64) -> Timestamp {
        let hour = i8::try_from(hour.clamp(0, 23)).unwrap_or_default();
        day.civil()
            .at(hour, 0, 0, 0)
            .to_zoned(self.0.clone())
            .map_or_else(
                |_| day.start(),
                |zoned| Timestamp(zoned.timestamp().as_microsecond()),
            )
    }

    /// The moment whose day and time in UTC are those that clocks show there: for whoever takes the day of a moment to be that in UTC.
    pub fn as_shown(&self, moment: Timestamp) -> Timestamp {
        let offset = self.0.to_offset(moment.to_jiff());
        moment.plus_seconds(offset.seconds().into())
    }
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "diesel",
    derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)
)]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Integer))]
pub struct Date(i32);

const EPOCH: jiff::civil::Date = jiff::civil::Date::constant(1970, 1, 1);

impl Date {
    /// `None` where there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day)
            .ok()
            .map(Self::from_civil)
    }

    /// Days since 1970-01-01: how both databases hold it.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// From days since 1970-01-01; out of the years −9999 to 9999 the nearest end.
    pub fn from_days(days: i32) -> Self {
        Self(days.clamp(
            Self::from_civil(jiff::civil::Date::MIN).0,
            Self::from_civil(jiff::civil::Date::MAX).0,
        ))
    }

    /// Midnight UTC at the start of the day.
    pub fn start(self) -> Timestamp {
        Timestamp::from_micros(i64::from(self.0) * 86_400_000_000)
    }

    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self::from_days(self.0.saturating_add(days))
    }

    pub fn year(self) -> i16 {
        self.civil().year()
    }

    pub fn month(self) -> i8 {
        self.civil().month()
    }

    pub fn day(self) -> i8 {
        self.civil().day()
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> i8 {
        self.civil().weekday().to_monday_zero_offset()
    }

    /// The first day of the month so many months ahead; 0 is the month of this day.
    #[must_use]
    pub fn month_start(self, ahead: i32) -> Self {
        let first = self.civil().first_of_month();
        first
            .checked_add(jiff::Span::new().months(ahead))
            .map_or(self, Self::from_civil)
    }

    fn from_civil(date: jiff::civil::Date) -> Self {
        Self((date - EPOCH).get_days())
    }

    fn civil(self) -> jiff::civil::Date {
        EPOCH
            .checked_add(jiff::Span::new().days(self.0))
            .unwrap_or(EPOCH)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.civil().fmt(f)
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        text.parse()
            .ok()
            .filter(|_| shape)
            .map(Self::from_civil)
            .ok_or_else(|| "expected a date as in 2026-11-21".to_owned())
    }
}

macro_rules! text_on_the_wire {
    ($name:ident, $format:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                        utoipa::openapi::KnownFormat::$format,
                    )))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

text_on_the_wire!(Timestamp, DateTime);
text_on_the_wire!(Date, Date);

#[cfg(feature = "diesel")]
mod stored {
    use diesel::backend::Backend;
    use diesel::deserialize::{self, FromSql};
    use diesel::serialize::{self, Output, ToSql};
    use diesel::sql_types::{BigInt, Integer};

    use super::{Date, Timestamp};

    impl<DB: Backend> ToSql<BigInt, DB> for Timestamp
    where
        i64: ToSql<BigInt, DB>,
    {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
            self.0.to_sql(out)
        }
    }

    impl<DB: Backend> FromSql<BigInt, DB> for Timestamp
    where
        i64: FromSql<BigInt, DB>,
    {
        fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
            i64::from_sql(value).map(Timestamp::from_micros)
        }
    }

    impl<DB: Backend> ToSql<Integer, DB> for Date
    where
        i32: ToSql<Integer, DB>,
    {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
            self.0.to_sql(out)
        }
    }

    impl<DB: Backend> FromSql<Integer, DB> for Date
    where
        i32: FromSql<Integer, DB>,
    {
        fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
            i32::from_sql(value).map(Date::from_days)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_keeps_microseconds_both_ways() {
        let time: Timestamp = "2026-11-21T08:30:00.123456Z".parse().expect("a time");
        assert_eq!(time.to_string(), "2026-11-21T08:30:00.123456Z");
        assert_eq!(time.date().to_string(), "2026-11-21");
        assert!("2026-11-21".parse::<Timestamp>().is_err());
    }

    #[test]
    fn a_zone_has_its_own_days_and_hours() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let shanghai = Zone::find("Asia/Shanghai").expect("a zone");
        let evening = at("2026-10-31T23:30:00Z");
        assert_eq!(shanghai.date(evening), day("2026-11-01"));
        assert_eq!(shanghai.as_shown(evening), at("2026-11-01T07:30:00Z"));
        assert_eq!(
            shanghai.at(day("2026-11-01"), 7),
            at("2026-10-31T23:00:00Z")
        );
        let berlin = Zone::find("Europe/Berlin").expect("a zone");
        assert_eq!(berlin.at(day("2026-07-01"), 8), at("2026-07-01T06:00:00Z"));
        assert_eq!(berlin.at(day("2026-12-01"), 8), at("2026-12-01T07:00:00Z"));
        // Clocks go from 2 to 3 on that day.
        assert_eq!(berlin.at(day("2026-03-29"), 2), at("2026-03-29T01:00:00Z"));
        assert_eq!(Zone::find("Mars/Base"), None);
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in [-200_000, -1, 0, 1, 19_000, 200_000, 2_900_000] {
            assert_eq!(Date::from_days(days).days(), days);
        }
        assert_eq!(
            "2024-02-29"
                .parse::<Date>()
                .expect("a leap day")
                .plus_days(366)
                .to_string(),
            "2025-03-01"
        );
        assert!("2023-02-29".parse::<Date>().is_err());
        assert!("20230228".parse::<Date>().is_err());
    }
}
