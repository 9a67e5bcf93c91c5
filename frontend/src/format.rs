//! Numbers, money, dates and times as people of the language write them.

use std::sync::OnceLock;

use guanxi_domain::{Date, Lang, Money, Proportion, Quantity, Timestamp, UnitPrice};
use wasm_bindgen::JsValue;

use crate::i18n::lang;

/// The deployment's currency, from `/meta`.
struct Currency {
    code: String,
    digits: u8,
}

static CURRENCY: OnceLock<Currency> = OnceLock::new();

/// Sets the currency once, when the app starts.
pub fn set_currency(code: &str, digits: u8) {
    // A second call carries the same values: the server's configuration does not change under way.
    let _ = CURRENCY.set(Currency {
        code: code.to_owned(),
        digits,
    });
}

/// Decimals of the currency: 2 unless the server says otherwise.
pub fn minor_digits() -> u8 {
    CURRENCY.get().map_or(2, |c| c.digits)
}

/// ISO 4217 code of the currency.
pub fn currency_code() -> &'static str {
    CURRENCY.get().map_or("CNY", |c| c.code.as_str())
}

/// The sign to write before an amount.
pub fn currency_sign() -> &'static str {
    match currency_code() {
        "CNY" | "JPY" => "¥",
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "HKD" => "HK$",
        "TWD" => "NT$",
        other => other,
    }
}

/// `¥1,299.00`; negative amounts with a minus before the sign.
pub fn money(amount: Money) -> String {
    let sign = if amount.0 < 0 { "−" } else { "" };
    format!(
        "{sign}{}{}",
        currency_sign(),
        digits_grouped(amount.0.unsigned_abs(), minor_digits())
    )
}

/// An amount for narrow places: `¥1.2 亿`, `¥3.4M`; exact below ten thousand.
#[allow(clippy::cast_precision_loss)] // Three figures are shown.
pub fn money_short(amount: Money) -> String {
    let units = amount.0 as f64 / 10_f64.powi(i32::from(minor_digits()));
    if units.abs() < 10_000.0 {
        return money(amount);
    }
    let sign = if units < 0.0 { "−" } else { "" };
    let size = units.abs();
    // What would be rounded to a thousand of a unit is one of the next.
    let (scaled, suffix) = match lang() {
        Lang::Zh if size >= 9_999.5e4 => (size / 1e8, " 亿"),
        Lang::Zh => (size / 1e4, " 万"),
        Lang::En if size >= 999.5e6 => (size / 1e9, "B"),
        Lang::En if size >= 999.5e3 => (size / 1e6, "M"),
        Lang::En => (size / 1e3, "K"),
    };
    let number = if scaled < 99.95 {
        format!("{scaled:.1}")
    } else {
        group(&format!("{scaled:.0}"))
    };
    format!("{sign}{}{number}{suffix}", currency_sign())
}

/// An amount as it is typed: no sign, no grouping.
pub fn money_plain(amount: Money) -> String {
    let digits = usize::from(minor_digits());
    let sign = if amount.0 < 0 { "-" } else { "" };
    let text = format!("{:0width$}", amount.0.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// Reads what a person typed: `1,299.5`, `¥1299`. `None` when it is no amount of the currency.
pub fn parse_money(text: &str) -> Option<Money> {
    let clean: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | '，' | ' ' | '¥' | '￥' | '$' | '€' | '£'))
        .map(|c| if c == '−' { '-' } else { c })
        .collect();
    let (negative, clean) = clean
        .strip_prefix('-')
        .map_or((false, clean.as_str()), |rest| (true, rest));
    let (whole, fraction) = clean.split_once('.').unwrap_or((clean, ""));
    let digits = usize::from(minor_digits());
    let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(fraction) || fraction.len() > digits {
        return None;
    }
    let minor: i64 = format!("{whole}{fraction:0<digits$}").parse().ok()?;
    Some(Money(if negative { -minor } else { minor }))
}

/// `12,345`.
pub fn integer(value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{}", digits_grouped(value.unsigned_abs(), 0))
}

/// `2.5`.
pub fn quantity(value: Quantity) -> String {
    group_decimal(&value.to_string())
}

/// `87.3%`.
pub fn share(value: Proportion) -> String {
    percent(value.value())
}

/// `¥19.99`, with as many decimals as the price has, at least those of the currency.
pub fn unit_price(value: UnitPrice) -> String {
    let text = group_decimal(&value.to_string());
    let decimals = text
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let missing = usize::from(minor_digits()).saturating_sub(decimals);
    let dot = if decimals == 0 && missing > 0 {
        "."
    } else {
        ""
    };
    format!("{}{text}{dot}{}", currency_sign(), "0".repeat(missing))
}

/// `42.5%` of a share, 1 being all; `−2,302.1%`.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "—".to_owned();
    }
    // Of what is rounded to nothing there is no minus. A float is cut at the ends of an integer.
    #[allow(clippy::cast_possible_truncation)]
    let tenths = (share * 1_000.0).round() as i64;
    let sign = if tenths < 0 { "−" } else { "" };
    format!("{sign}{}%", digits_grouped(tenths.unsigned_abs(), 1))
}

/// `3.4 MB`.
#[allow(clippy::cast_precision_loss)] // Two figures are shown.
pub fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{:.0} KB", size as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", size as f64 / 1e6),
        _ => format!("{:.1} GB", size as f64 / 1e9),
    }
}

/// `2026年11月21日` or `21 Nov 2026`.
pub fn date(day: Date) -> String {
    let (year, month, day) = (day.year(), day.month(), day.day());
    match lang() {
        Lang::Zh => format!("{year}年{month}月{day}日"),
        Lang::En => format!("{day} {} {year}", month_name(month)),
    }
}

/// `2026-11-21` in Chinese, `21 Nov 2026` in English: for columns.
pub fn date_short(day: Date) -> String {
    match lang() {
        Lang::Zh => day.to_string(),
        Lang::En => date(day),
    }
}

/// Day and minute in the browser's time zone.
pub fn time(moment: Timestamp) -> String {
    format_time(moment, true)
}

/// Day and minute in a time zone, by its IANA name; in UTC, and saying so, where the browser does not know the zone.
pub fn time_in(moment: Timestamp, zone: &str) -> String {
    let (day, clock) = in_zone(moment, zone);
    let separator = lang().pick("", ",");
    format!("{}{separator} {clock}", date_short(day))
}

/// The minute of the day in a time zone, as [`time_in`].
pub fn clock_in(moment: Timestamp, zone: &str) -> String {
    in_zone(moment, zone).1
}

/// The day in the browser's time zone.
pub fn day_of(moment: Timestamp) -> String {
    format_time(moment, false)
}

/// `3 分钟前`, `yesterday`; the date when it is longer ago than a month.
pub fn ago(moment: Timestamp) -> String {
    let seconds = (Timestamp::now().micros() - moment.micros()) / 1_000_000;
    let (count, zh, en) = match seconds {
        ..60 => return lang().pick("刚刚", "just now").to_owned(),
        60..3_600 => (seconds / 60, "分钟前", "min ago"),
        3_600..86_400 => (seconds / 3_600, "小时前", "h ago"),
        86_400..2_592_000 => (
            seconds / 86_400,
            "天前",
            if seconds < 172_800 {
                "day ago"
            } else {
                "days ago"
            },
        ),
        _ => return day_of(moment),
    };
    format!("{count} {}", lang().pick(zh, en))
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    usize::try_from(month - 1)
        .ok()
        .and_then(|i| NAMES.get(i).copied())
        .unwrap_or("")
}

fn digits_grouped(value: u64, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let text = format!("{value:0width$}", width = decimals + 1);
    let (whole, fraction) = text.split_at(text.len() - decimals);
    let whole = group(whole);
    if fraction.is_empty() {
        whole
    } else {
        format!("{whole}.{fraction}")
    }
}

fn group_decimal(text: &str) -> String {
    let (sign, rest) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("−", rest));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let whole = group(whole);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

fn group(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn in_zone(moment: Timestamp, zone: &str) -> (Date, String) {
    let utc = || {
        let text = moment.to_string();
        (
            moment.date(),
            format!("{} UTC", text.get(11..16).unwrap_or_default()),
        )
    };
    browser_text(moment, zone)
        .and_then(|text| read_local(&text))
        .unwrap_or_else(utc)
}

/// `2026-11-23 09:00:00`, as a Swede writes it.
fn browser_text(moment: Timestamp, zone: &str) -> Option<String> {
    let date = js_date(moment);
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"timeZone".into(), &zone.into()).ok()?;
    let write = js_sys::Reflect::get(&date, &"toLocaleString".into()).ok()?;
    // Refused for a zone that the browser does not know.
    let text = js_sys::Function::from(write).call2(&date, &"sv-SE".into(), &options);
    text.ok()?.as_string()
}

fn read_local(text: &str) -> Option<(Date, String)> {
    let (day, clock) = text.split_once(' ')?;
    Some((day.parse().ok()?, clock.get(..5)?.to_owned()))
}

#[allow(clippy::cast_precision_loss)] // Milliseconds since 1970 fit exactly for 285,000 years.
fn js_date(moment: Timestamp) -> js_sys::Date {
    js_sys::Date::new(&JsValue::from_f64((moment.micros() / 1_000) as f64))
}

fn format_time(moment: Timestamp, with_time: bool) -> String {
    let local = js_date(moment);
    let (year, month, day) = (
        local.get_full_year(),
        local.get_month() + 1,
        local.get_date(),
    );
    let date = match lang() {
        Lang::Zh => format!("{year}-{month:02}-{day:02}"),
        Lang::En => format!(
            "{day} {} {year}",
            month_name(i8::try_from(month).unwrap_or_default())
        ),
    };
    if with_time {
        let separator = lang().pick("", ",");
        format!(
            "{date}{separator} {:02}:{:02}",
            local.get_hours(),
            local.get_minutes()
        )
    } else {
        date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_amounts_are_read_as_people_write_them() {
        for (text, minor) in [
            ("1,299.5", 129_950),
            ("¥1299", 129_900),
            ("-0.01", -1),
            ("−3", -300),
            ("１", 0),
        ] {
            let expected = (minor != 0).then_some(Money(minor));
            assert_eq!(parse_money(text), expected, "{text}");
        }
        for text in ["", "-", ".5", "1.234", "12a", "99999999999999999999"] {
            assert_eq!(parse_money(text), None, "{text}");
        }
    }

    #[test]
    fn a_written_amount_reads_back() {
        for minor in [0, 1, -1, 99, 100, -12_345, 123_456_789] {
            assert_eq!(parse_money(&money_plain(Money(minor))), Some(Money(minor)));
        }
    }

    #[test]
    fn short_amounts_are_rounded_into_the_next_unit() {
        for (minor, zh, en) in [
            (999_999, "¥9,999.99", "¥9,999.99"),
            (99_949_900, "¥99.9 万", "¥999K"),
            (99_999_900, "¥100 万", "¥1.0M"),
            (999_950_000_000, "¥100 亿", "¥10.0B"),
            (-999_949_999_900, "−¥100 亿", "−¥10.0B"),
            (999_949_000_000, "¥100 亿", "¥10.0B"),
            (9_999_400_000, "¥9,999 万", "¥100M"),
            (9_999_600_000, "¥1.0 亿", "¥100M"),
        ] {
            let short = money_short(Money(minor));
            assert!([zh, en].contains(&short.as_str()), "{short}: {zh} or {en}");
        }
    }

    #[test]
    fn figures_are_grouped() {
        assert_eq!(money(Money(-123_456_789)), "−¥1,234,567.89");
        assert_eq!(percent(0.425), "42.5%");
        assert_eq!(percent(-23.021), "−2,302.1%");
        assert_eq!(percent(-0.0004), "0.0%");
        assert_eq!(percent(1.0), "100.0%");
        assert_eq!(integer(1_000), "1,000");
        assert_eq!(money_short(Money(6_822_000_000)), "¥68.2M");
    }
}
