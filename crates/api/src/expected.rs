//! What was expected instead of a value, in the caller's language.
//!
//! Parsers of `domain` say it in English, since serde carries nothing but a text; here it is put into words.

use guanxi_domain::Lang;

/// A whole message: `expected 1 to 200`, also behind the value that was sent: `"x": expected some of name`.
pub fn message(text: &str, lang: Lang) -> String {
    const WORD: &str = "expected ";

    let (value, what) = match text.split_once("\": expected ") {
        Some((value, what)) if text.starts_with('"') => (Some(value), what),
        _ => match text.strip_prefix(WORD) {
            Some(what) => (None, what),
            None => return phrase(text, lang),
        },
    };
    let what = phrase(what, lang);
    // Between Chinese and Latin stands a blank.
    let said = match lang {
        Lang::En => format!("{WORD}{what}"),
        Lang::Zh if what.starts_with(|c: char| c.is_ascii()) => {
            format!("应为 {what}")
        }
        Lang::Zh => format!("应为{what}"),
    };
    match value {
        Some(value) => format!("{value}\"{}{said}", lang.pick("：", ": ")),
        None => said,
    }
}

/// What comes behind `expected`. What is known in no other words stays as it is.
pub fn phrase(what: &str, lang: Lang) -> String {
    let plain = match what.split(' ').next().unwrap_or_default() {
        "struct" | "map" => "an object",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "an integer",
        "f32" | "f64" => "a number",
        _ => match what {
            "a map" => "an object",
            "a sequence" => "an array",
            "a boolean" => "true or false",
            _ => what,
        },
    };
    match lang {
        Lang::En => plain.to_owned(),
        Lang::Zh => chinese(plain),
    }
}

const CHINESE: &[(&str, &str)] = &[
    ("a string", "字符串"),
    ("a text", "文本"),
    ("a word of the choice", "选项中的一个词"),
    ("a UUID", "UUID"),
    ("an integer", "整数"),
    ("a number", "数字"),
    ("a decimal number", "小数"),
    ("true or false", "true 或 false"),
    ("a tag", "标签"),
    ("an object", "对象"),
    ("an array", "数组"),
    ("an array of at least one value", "至少有一个值的数组"),
    ("two values", "两个值"),
    ("no value", "无值"),
    ("the id of a segment", "细分的 id"),
    ("a key or none", "键或 none"),
    ("no day before from", "不早于 from 的日期"),
    ("more than a_share", "大于 a_share 的数"),
    ("stands twice", "出现了两次"),
    ("name=value", "name=value"),
    ("a period with both ends", "起止日期齐全的时段"),
    ("either a period or from and to", "period，或者 from 和 to"),
];

fn chinese(what: &str) -> String {
    if let Some((_, zh)) = CHINESE.iter().find(|(en, _)| *en == what) {
        return (*zh).to_owned();
    }
    let led = |lead: &str| what.strip_prefix(lead);
    if let Some(words) = led("one of ") {
        return format!(
            "以下之一：{}",
            words.replace(" or ", "、").replace(", ", "、")
        );
    }
    if let Some(words) = led("some of ") {
        return format!("以下一项或多项：{}", words.replace(", ", "、"));
    }
    if let Some((decimals, example)) =
        led("a decimal number with at most ").and_then(|rest| rest.split_once(" decimals, as in "))
    {
        return format!("最多 {decimals} 位小数的数字，例如 {example}");
    }
    for (kind, zh) in [
        ("a date or time", "日期或时间"),
        ("a date", "日期"),
        ("a time", "时间"),
    ] {
        let example = led(kind).and_then(|rest| rest.strip_prefix(" as in "));
        if let Some(example) = example {
            return format!("{zh}，例如 {example}");
        }
    }
    let (count, unit) = match what.rsplit_once(' ') {
        Some((count, "characters")) => (count, "个字符"),
        Some((count, "values")) => (count, "个值"),
        _ => (what, ""),
    };
    if let Some(most) = count.strip_prefix("at most ") {
        return format!("最多 {most} {unit}");
    }
    if let Some((from, to)) = count.split_once(" to ") {
        return format!("{from} 到 {to} {unit}").trim_end().to_owned();
    }
    // Names of parameters and words of choices.
    what.replace(", ", "、").replace(" or ", " 或 ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_is_said_in_both_languages() {
        let said = [
            ("expected 1 to 200", "应为 1 到 200"),
            ("expected 1 to 100 characters", "应为 1 到 100 个字符"),
            ("expected at most 50 values", "应为最多 50 个值"),
            ("expected a UUID", "应为 UUID"),
            ("expected one of zh, en", "应为以下之一：zh、en"),
            (
                "\"!x\": expected some of name, created_at",
                "\"!x\"：应为以下一项或多项：name、created_at",
            ),
            (
                "expected a date as in 2026-11-21",
                "应为日期，例如 2026-11-21",
            ),
            (
                "expected a decimal number with at most 4 decimals, as in \"12.5\"",
                "应为最多 4 位小数的数字，例如 \"12.5\"",
            ),
            (
                "expected at_min, at_max, none or any",
                "应为 at_min、at_max、none 或 any",
            ),
        ];
        for (en, zh) in said {
            assert_eq!(message(en, Lang::En), en);
            assert_eq!(message(en, Lang::Zh), zh);
        }
    }

    #[test]
    fn types_of_the_program_are_named_as_json_has_them() {
        assert_eq!(
            message("expected struct CustomerInput with 25 elements", Lang::En),
            "expected an object"
        );
        assert_eq!(message("stands twice", Lang::En), "stands twice");
        assert_eq!(message("expected i16", Lang::Zh), "应为整数");
        assert_eq!(message("expected a sequence", Lang::Zh), "应为数组");
    }
}
