//! Money, quantities and prices: 64-bit integers, no floating point, overflow refused.

use std::fmt;
use std::str::FromStr;

/// The result does not fit into 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the amount is too large")
    }
}

impl std::error::Error for Overflow {}

/// An amount in minor units (fen, cents) of the deployment's currency; an integer on the wire.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(
    feature = "diesel",
    derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)
)]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::BigInt))]
pub struct Money(pub i64);

/// An amount of goods in thousandths of the unit; decimal text on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "diesel",
    derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)
)]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::BigInt))]
pub struct Quantity(pub i64);

/// A price per unit in ten-thousandths of the currency unit (shops do sell at 0.001); decimal text on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "diesel",
    derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)
)]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::BigInt))]
pub struct UnitPrice(pub i64);

/// A part of a whole in ten-thousandths, 0 to 1; decimal text on the wire: `0.8731` is 87.31%.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "diesel",
    derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)
)]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::BigInt))]
pub struct Proportion(pub i64);

/// `numerator / denominator`, the half rounded to the even neighbour (IEEE 754 roundTiesToEven).
///
/// `denominator` must be positive.
pub fn round_half_even(numerator: i128, denominator: i128) -> i128 {
    let quotient = numerator.div_euclid(denominator);
    let twice = numerator.rem_euclid(denominator) * 2;
    match twice.cmp(&denominator) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + (quotient & 1),
    }
}

impl Money {
    pub const ZERO: Self = Self(0);

    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
    }

    /// In the currency's unit, with all of its decimals: `1299.00`.
    pub fn decimal(self, minor_digits: u8) -> String {
        let decimals = usize::from(minor_digits);
        let digits = format!("{:0>width$}", self.0.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let sign = if self.0 < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }

    /// Sum, refusing overflow.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl Proportion {
    /// Rounded to the nearest; what is no number is 0.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "0 to 10,000 after the clamp; a cast makes 0 of what is no number"
    )]
    pub fn of(share: f64) -> Self {
        Self((share.clamp(0.0, 1.0) * 10_000.0).round() as i64)
    }

    /// 0 to 1.
    #[allow(clippy::cast_precision_loss, reason = "ten thousand at most")]
    pub const fn value(self) -> f64 {
        self.0 as f64 / 10_000.0
    }
}

impl UnitPrice {
    /// Quantity × unit price, rounded half-even to the minor unit of a currency with `minor_digits` decimals (0 to 4).
    pub fn times(self, quantity: Quantity, minor_digits: u8) -> Result<Money, Overflow> {
        // thousandths × ten-thousandths = 10^-7 of the currency unit
        let exact = i128::from(self.0) * i128::from(quantity.0);
        let denominator = 10_i128.pow(7 - u32::from(minor_digits.min(4)));
        i64::try_from(round_half_even(exact, denominator))
            .map(Money)
            .map_err(|_| Overflow)
    }
}

fn parse_decimal(text: &str, decimals: usize) -> Result<i64, String> {
    let expected =
        || format!("expected a decimal number with at most {decimals} decimals, as in \"12.5\"");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    // 1.50000 says no more than 1.5
    let fraction = fraction.trim_end_matches('0');
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return Err(expected());
    }
    if fraction.len() > decimals {
        return Err(expected());
    }
    let magnitude: i64 = format!("{whole}{fraction:0<decimals$}")
        .parse()
        .map_err(|_| Overflow.to_string())?;
    Ok(if negative { -magnitude } else { magnitude })
}

fn write_decimal(f: &mut fmt::Formatter<'_>, value: i64, decimals: u32) -> fmt::Result {
    let scale = 10_u64.pow(decimals);
    let magnitude = value.unsigned_abs();
    let (whole, fraction) = (magnitude / scale, magnitude % scale);
    let sign = if value < 0 { "-" } else { "" };
    if fraction == 0 {
        return write!(f, "{sign}{whole}");
    }
    let fraction = format!("{fraction:0width$}", width = decimals as usize);
    write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
}

macro_rules! decimal_text {
    ($name:ident, $decimals:literal, $pattern:literal, $example:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_decimal(f, self.0, $decimals)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                parse_decimal(text, $decimals).map(Self)
            }
        }

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
                    .pattern(Some($pattern))
                    .examples([serde_json::json!($example)])
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

decimal_text!(Quantity, 3, r"^-?\d{1,16}(\.\d{1,3}0*)?$", "2.5");
decimal_text!(UnitPrice, 4, r"^-?\d{1,15}(\.\d{1,4}0*)?$", "19.99");
decimal_text!(Proportion, 4, r"^-?\d{1,15}(\.\d{1,4}0*)?$", "0.8731");

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Money {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::Int64,
            )))
            .description(Some("Amount in minor units of the deployment's currency"))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Money {}

macro_rules! stored_as_bigint {
    ($($name:ident)+) => {$(
        #[cfg(feature = "diesel")]
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $name
        where
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }

        #[cfg(feature = "diesel")]
        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $name
        where
            i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                i64::from_sql(value).map($name)
            }
        }
    )+};
}

stored_as_bigint!(Money Quantity Proportion UnitPrice);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_have_all_decimals_of_the_currency() {
        for (amount, digits, text) in [
            (129_900, 2, "1299.00"),
            (-5, 2, "-0.05"),
            (0, 2, "0.00"),
            (7, 0, "7"),
            (-1_234, 3, "-1.234"),
            (i64::MIN, 2, "-92233720368547758.08"),
        ] {
            assert_eq!(Money(amount).decimal(digits), text);
        }
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (numerator, expected) in [
            (25, 2),
            (35, 4),
            (-25, -2),
            (-35, -4),
            (26, 3),
            (24, 2),
            (-26, -3),
        ] {
            assert_eq!(round_half_even(numerator, 10), expected, "{numerator}/10");
        }
    }

    #[test]
    fn line_totals_round_once() {
        let price: UnitPrice = "0.001".parse().expect("a price");
        assert_eq!(
            price.times(Quantity(5_000), 2),
            Ok(Money(0)),
            "0.005 is half: to the even 0.00"
        );
        assert_eq!(
            price.times(Quantity(15_000), 2),
            Ok(Money(2)),
            "0.015 is half: to the even 0.02"
        );
        assert_eq!(
            UnitPrice(25_500).times(Quantity(6_000), 2),
            Ok(Money(1_530))
        );
        assert_eq!(
            UnitPrice(i64::MAX).times(Quantity(i64::MAX), 2),
            Err(Overflow)
        );
    }

    #[test]
    fn bad_decimals_are_refused() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1,5",
            "1.23456",
            "1e3",
            "٣",
            "--1",
            "99999999999999999999",
        ] {
            assert!(text.parse::<UnitPrice>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn decimal_text_is_inverse(value in -i64::MAX..i64::MAX) {
            prop_assert_eq!(Quantity(value).to_string().parse(), Ok(Quantity(value)));
            prop_assert_eq!(UnitPrice(value).to_string().parse(), Ok(UnitPrice(value)));
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Quantity>();
        }
    }
}
