//! Settings that administrators change at run time.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsInput {
    /// The company's name.
    #[validate(
        length(min = 1, max = 120),
        custom(function = "crate::check::check_name")
    )]
    pub company_name: String,
    /// Anybody may register; an administrator activates.
    pub registration_open: bool,
    /// How codes of new customers look: `C{6}` gives C000001.
    #[validate(custom(function = "check_pattern"))]
    pub customer_code_pattern: String,
    /// How numbers of new orders look; `{yyyy}`, `{mm}` and `{dd}` stand for the date.
    #[validate(custom(function = "check_pattern"))]
    pub order_number_pattern: String,
    #[validate(custom(function = "check_pattern"))]
    pub ticket_number_pattern: String,
    /// The company's clocks, by the IANA name: what is planned by day and hour is meant in it.
    #[serde(default = "shanghai")]
    #[validate(length(min = 1, max = 60))]
    pub time_zone: String,
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}

impl Default for SettingsInput {
    fn default() -> Self {
        Self {
            company_name: "Guanxi".to_owned(),
            registration_open: true,
            customer_code_pattern: "C{6}".to_owned(),
            order_number_pattern: "SO{yyyy}{mm}-{6}".to_owned(),
            ticket_number_pattern: "T{yyyy}{mm}-{5}".to_owned(),
            time_zone: shanghai(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    pub version: i64,
    #[serde(flatten)]
    pub input: SettingsInput,
}

fn check_pattern(pattern: &str) -> Result<(), ValidationError> {
    let fine = pattern.len() <= 40
        && (1..=9)
            .filter(|n| pattern.contains(&format!("{{{n}}}")))
            .count()
            == 1
        && format_number(pattern, 1, crate::Date::from_days(0))
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c));
    if fine {
        Ok(())
    } else {
        Err(ValidationError::new("pattern"))
    }
}

/// Fills a pattern: `{n}` becomes the number with at least n digits, `{yyyy}`, `{mm}`, `{dd}` the date.
pub fn format_number(pattern: &str, number: i64, date: crate::Date) -> String {
    let mut text = pattern
        .replace("{yyyy}", &format!("{:04}", date.year()))
        .replace("{mm}", &format!("{:02}", date.month()))
        .replace("{dd}", &format!("{:02}", date.day()));
    for digits in 1..=9 {
        text = text.replace(&format!("{{{digits}}}"), &format!("{number:0digits$}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Date;

    #[test]
    fn patterns_give_numbers() {
        let date = Date::new(2026, 3, 9).expect("a date");
        assert_eq!(
            format_number("SO{yyyy}{mm}{dd}-{6}", 42, date),
            "SO20260309-000042"
        );
        assert_eq!(format_number("C{3}", 12_345, date), "C12345");
        assert!(check_pattern("C{6}").is_ok());
        for bad in ["C", "C{6}{4}", "C{6}<b>", "客户{6}"] {
            assert!(check_pattern(bad).is_err(), "{bad}");
        }
    }
}
