//! What a cell of a spreadsheet says: times, numbers and codes in the forms that people export.

use crate::{Date, Money, Quantity, Timestamp, UnitPrice};

/// Years that a time of an order can fall into; others are slips of the hand.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// Reads a time: `2010-12-01 08:26[:00]`, with `T`, `Z` or an offset, `2010/12/1`, `2010年12月1日 8:26`, `20101201`,
/// `12/1/2010 8:26 AM` (month first), `1.12.2010` (day first).
///
/// A time without an offset is local: `utc_offset_minutes` ahead of UTC.
pub fn parse_time(text: &str, utc_offset_minutes: i32) -> Option<Timestamp> {
    // Longer is no time in any of the forms.
    if text.len() > 64 {
        return None;
    }
    let text: String = text
        .chars()
        .map(|c| match c {
            '年' | '月' => '-',
            '时' | '時' | '分' => ':',
            '日' | '秒' | 'T' | 't' => ' ',
            c => c,
        })
        .collect();
    let (date, time) = match text.trim().split_once(char::is_whitespace) {
        Some((date, time)) => (date, time.trim()),
        None => (text.trim(), ""),
    };
    let date = parse_date(date)?;
    let (seconds, offset) = parse_time_of_day(time)?;
    let offset = offset.unwrap_or(utc_offset_minutes);
    Some(
        Timestamp::from_micros(date.start().micros() + seconds)
            .plus_seconds(-60 * i64::from(offset)),
    )
}

fn parse_date(text: &str) -> Option<Date> {
    let separator = text.chars().find(|c| "-/.".contains(*c));
    let (year, month, day) = match separator {
        None if text.len() == 8 && text.is_ascii() => (&text[..4], &text[4..6], &text[6..]),
        None => return None,
        Some(separator) => {
            let mut parts = text.split(separator);
            let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
            if parts.next().is_some() {
                return None;
            }
            match (a.len(), separator) {
                (4, _) => (a, b, c),
                (1 | 2, '/') => (c, a, b),
                (1 | 2, '.') => (c, b, a),
                _ => return None,
            }
        }
    };
    let number = |text: &str| -> Option<i16> {
        let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    // Spreadsheets in the American way write years of this century with two digits.
    let year = match (year.len(), separator) {
        (4, _) => number(year)?,
        (2, Some('/')) => 2000 + number(year)?,
        _ => return None,
    };
    if !YEARS.contains(&year) {
        return None;
    }
    Date::new(
        year,
        i8::try_from(number(month)?).ok()?,
        i8::try_from(number(day)?).ok()?,
    )
}

/// Microseconds since midnight, and the offset from UTC in minutes if it stands there.
fn parse_time_of_day(text: &str) -> Option<(i64, Option<i32>)> {
    if text.is_empty() {
        return Some((0, None));
    }
    let upper = text.to_ascii_uppercase();
    let (clock, offset) = split_offset(&upper)?;
    let (clock, half) = match clock
        .strip_suffix("AM")
        .map(|c| (c, 0))
        .or_else(|| clock.strip_suffix("PM").map(|c| (c, 12)))
    {
        Some((clock, half)) => (clock.trim_end(), Some(half)),
        None => (clock, None),
    };
    let mut parts = clock.trim_end_matches(':').split(':');
    let (hour, minute) = (two_digits(parts.next()?)?, two_digits(parts.next()?)?);
    let (second, fraction) = match parts.next() {
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            (two_digits(whole)?, micros(fraction)?)
        }
        None => (0, 0),
    };
    if parts.next().is_some() || minute > 59 || second > 59 {
        return None;
    }
    let hour = match half {
        None if hour < 24 => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        _ => return None,
    };
    let whole = hour * 3_600 + minute * 60 + second;
    Some((whole * 1_000_000 + fraction, offset))
}

/// The clock, and minutes ahead of UTC.
fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock.trim_end(), Some(0)));
    }
    let Some(at) = text.find(['+', '-']) else {
        return Some((text, None));
    };
    let (clock, offset) = text.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let offset = &offset[1..];
    let (hours, minutes) = match (offset.split_once(':'), offset.len()) {
        (Some(parts), _) => parts,
        (None, 4) if offset.is_ascii() => offset.split_at(2),
        (None, _) => (offset, "0"),
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let ahead = i32::try_from(hours * 60 + minutes).ok()?;
    Some((clock.trim_end(), Some(sign * ahead)))
}

fn two_digits(text: &str) -> Option<i64> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The microseconds of the digits after a second's point; finer is cut off.
fn micros(fraction: &str) -> Option<i64> {
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let six: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(6)
        .collect();
    six.parse().ok()
}

/// Signs of currencies that may stand around an amount.
const CURRENCIES: &[&str] = &[
    "¥", "￥", "$", "€", "£", "元", "RMB", "CNY", "USD", "EUR", "GBP",
];

/// A decimal number without signs of currency and thousands separators, as the domain's own types read it.
///
/// A comma or blank must set off groups of three digits: what may as well be a decimal comma is not guessed at.
fn plain_number(text: &str, currency: bool) -> Option<String> {
    if text.len() > 64 {
        return None;
    }
    let mut rest = text.trim();
    let mut negative = None;
    let mut signed = !currency;
    loop {
        let before = rest;
        if negative.is_none() {
            if let Some(after) = rest.strip_prefix(['-', '\u{2212}']) {
                (negative, rest) = (Some(true), after.trim_start());
            } else if let Some(after) = rest.strip_prefix('+') {
                (negative, rest) = (Some(false), after.trim_start());
            }
        }
        if !signed {
            let after = CURRENCIES
                .iter()
                .find_map(|sign| rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign)));
            if let Some(after) = after {
                (signed, rest) = (true, after.trim());
            }
        }
        if rest == before {
            break;
        }
    }
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let separator = whole.chars().find(|c| *c == ',' || c.is_whitespace());
    let whole = match separator {
        Some(separator) => {
            let mut groups = whole.split(separator);
            let first = groups.next()?;
            let mut digits = first.to_owned();
            for group in groups {
                if group.len() != 3 || first.is_empty() || first.len() > 3 {
                    return None;
                }
                digits.push_str(group);
            }
            digits
        }
        None if whole.is_empty() && !fraction.is_empty() => "0".to_owned(),
        None => whole.to_owned(),
    };
    let sign = if negative == Some(true) { "-" } else { "" };
    Some(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    })
}

pub fn parse_integer(text: &str) -> Option<i64> {
    let number = plain_number(text, false)?;
    match number.split_once('.') {
        None => number.parse().ok(),
        Some((whole, fraction)) if fraction.bytes().all(|b| b == b'0') => whole.parse().ok(),
        Some(_) => None,
    }
}

pub fn parse_quantity(text: &str) -> Option<Quantity> {
    plain_number(text, false)?.parse().ok()
}

pub fn parse_price(text: &str) -> Option<UnitPrice> {
    plain_number(text, true)?.parse().ok()
}

/// An amount in the currency's unit, with no more decimals than the currency has.
pub fn parse_money(text: &str, minor_digits: u8) -> Option<Money> {
    let exact = parse_price(text)?.0;
    let step = 10_i64.pow(4 - u32::from(minor_digits.min(4)));
    (exact % step == 0).then_some(Money(exact / step))
}

/// A code without the blanks around it, and without the `.0` that a spreadsheet puts behind digits.
pub fn clean_number(text: &str) -> &str {
    let text = text.trim();
    match text.strip_suffix(".0") {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => text,
    }
}

/// Text on one line: control characters and runs of blanks become one blank, and at most `max` characters.
pub fn clean_text(text: &str, max: usize) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut clean = String::with_capacity(text.len().min(4 * max));
    for word in words.filter(|w| !w.is_empty()) {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    if let Some((end, _)) = clean.char_indices().nth(max) {
        clean.truncate(end);
        clean.truncate(clean.trim_end().len());
    }
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_in_the_forms_that_people_export() {
        for text in [
            "2010-12-01 08:26:00",
            "2010-12-01T08:26",
            "2010-12-01T08:26:00.000Z",
            "2010-12-01T16:26:00+08:00",
            "2010-12-01 03:26:00 -0500",
            "12/1/2010 8:26",
            "12/1/10 8:26",
            "12/01/2010 8:26 AM",
            "2010/12/1 8:26",
            "2010年12月1日 8:26",
            "2010年12月1日8时26分",
            "1.12.2010 08:26",
            "20101201 08:26",
        ] {
            let time = parse_time(text, 0).map(|t| t.to_string());
            assert_eq!(time.as_deref(), Some("2010-12-01T08:26:00Z"), "{text}");
        }
        for text in ["2010-12-01", "2010/12/1", "2010年12月1日", "12/1/2010"] {
            let time = parse_time(text, 0).map(|t| t.to_string());
            assert_eq!(time.as_deref(), Some("2010-12-01T00:00:00Z"), "{text}");
        }
        let evening = parse_time("12/1/2010 12:05 pm", 0).map(|t| t.to_string());
        assert_eq!(evening.as_deref(), Some("2010-12-01T12:05:00Z"));
    }

    #[test]
    fn a_local_time_is_shifted_by_the_offset() {
        let time = parse_time("2010-12-01 08:26", 480).map(|t| t.to_string());
        assert_eq!(time.as_deref(), Some("2010-12-01T00:26:00Z"));
    }

    #[test]
    fn what_is_no_time_is_not_guessed_at() {
        for text in [
            "",
            "yesterday",
            "13/1/2010",
            "2010-13-01",
            "2010-02-30",
            "01-12-2010",
            "2010-12-01 25:00",
            "2010-12-01 08:60",
            "0010-12-01",
            "2010-12",
            "2010-12-01 08",
            "１/１/2010",
            "40513.35",
        ] {
            assert_eq!(parse_time(text, 0), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_may_be_grouped_and_signed() {
        for (text, thousandths) in [
            ("6", 6_000),
            ("-12", -12_000),
            ("6.0", 6_000),
            ("1,234.5", 1_234_500),
            ("1 234 567", 1_234_567_000),
            ("\u{2212}1", -1_000),
            ("+2", 2_000),
            (".5", 500),
        ] {
            assert_eq!(parse_quantity(text), Some(Quantity(thousandths)), "{text}");
        }
        for text in [
            "", "-", "1,5", "12,34", "1.2345", "£5", "five", "1e3", "--1",
        ] {
            assert_eq!(parse_quantity(text), None, "{text:?}");
        }
    }

    #[test]
    fn prices_may_carry_a_sign_of_currency() {
        for text in ["2.55", "£2.55", "¥ 2.55", "2.55 元", "+$2.5500", "CNY2.55"] {
            assert_eq!(parse_price(text), Some(UnitPrice(25_500)), "{text}");
        }
        assert_eq!(parse_price("-£11,062.06"), Some(UnitPrice(-110_620_600)));
        assert_eq!(parse_price("££1"), None);
        assert_eq!(parse_money("1.25", 2), Some(Money(125)));
        assert_eq!(parse_money("1.255", 2), None, "finer than the currency");
        assert_eq!(parse_money("100", 0), Some(Money(100)));
    }

    #[test]
    fn a_spreadsheets_decimal_is_no_part_of_a_number() {
        assert_eq!(clean_number(" 17850.0 "), "17850");
        assert_eq!(clean_number("A.0"), "A.0");
        assert_eq!(clean_number("10.01"), "10.01");
    }

    #[test]
    fn text_is_put_on_one_line() {
        assert_eq!(clean_text("  a\n\tb\0c ", 10).as_deref(), Some("a b c"));
        assert_eq!(clean_text("三三三三", 2).as_deref(), Some("三三"));
        assert_eq!(clean_text(" \r\n", 10), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}", shaped in "[-+0-9年月日/.: TZ,APM]{0,30}") {
            for text in [&text, &shaped] {
                let _ = parse_time(text, 480);
                let _ = parse_quantity(text);
                let _ = parse_price(text);
                let _ = parse_money(text, 2);
                let _ = clean_number(text);
                let _ = clean_text(text, 5);
            }
        }
    }
}
