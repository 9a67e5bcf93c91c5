//! How input is checked: the same rules in the server and in the browser.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::import::SEPARATORS;
use crate::{ErrorCode, Lang};

/// One thing that is wrong with the input, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer into the body (`/lines/0/quantity`), or the name of a query parameter.
    pub pointer: String,
    /// Stable: `required`, `length`, `range`, `email`, …
    pub code: String,
    /// For people, in their language. Never holds the value that was sent.
    pub message: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

/// Input whose rules have been checked.
#[derive(Clone, Debug)]
pub struct Checked<T>(T);

impl<T> Checked<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Checked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Input with rules.
pub trait Rules: Sized {
    /// Everything that is wrong, empty if nothing is.
    fn problems(&self, lang: Lang) -> Vec<FieldError>;

    /// The input, known to follow its rules.
    fn checked(self, lang: Lang) -> Result<Checked<Self>, Vec<FieldError>> {
        let problems = self.problems(lang);
        if problems.is_empty() {
            Ok(Checked(self))
        } else {
            Err(problems)
        }
    }
}

impl<T: Validate> Rules for T {
    fn problems(&self, lang: Lang) -> Vec<FieldError> {
        let mut found = Vec::new();
        if let Err(errors) = self.validate() {
            collect(&errors, "", lang, &mut found);
        }
        // What is missing is told once: a rule about its length would say the same again.
        found.sort_by(|a, b| {
            a.pointer
                .cmp(&b.pointer)
                .then_with(|| (b.code == "required").cmp(&(a.code == "required")))
        });
        found.dedup_by(|later, first| later.pointer == first.pointer && first.code == "required");
        found
    }
}

/// A member's pointer below another pointer (RFC 6901).
pub fn pointer(base: &str, member: impl std::fmt::Display) -> String {
    format!(
        "{base}/{}",
        member.to_string().replace('~', "~0").replace('/', "~1")
    )
}

fn collect(errors: &ValidationErrors, base: &str, lang: Lang, found: &mut Vec<FieldError>) {
    for (name, kind) in errors.errors() {
        // A rule over several members is filed under `__all__`; its parameter `field` names the one to show it at.
        let here = if name == "__all__" {
            base.to_owned()
        } else {
            pointer(base, name)
        };
        match kind {
            ValidationErrorsKind::Field(errors) => {
                for error in errors {
                    let at = error.params.get("field").and_then(|f| f.as_str());
                    let pointer = at.map_or_else(|| here.clone(), |field| pointer(base, field));
                    found.push(FieldError::new(pointer, &error.code, message(error, lang)));
                }
            }
            ValidationErrorsKind::Struct(inner) => collect(inner, &here, lang, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &pointer(&here, index), lang, found);
                }
            }
        }
    }
}

/// The message of a broken rule. Values are left out: they may be secrets.
pub(crate) fn message(error: &validator::ValidationError, lang: Lang) -> String {
    let number = |name: &str| error.params.get(name).map(ToString::to_string);
    match (&*error.code, number("min"), number("max")) {
        ("length", Some(min), Some(max)) if min == "1" => lang
            .pick(
                format_args!("必填，最多 {max} 个字符"),
                format_args!("needed, at most {max} characters"),
            )
            .to_string(),
        ("length", Some(min), Some(max)) => lang
            .pick(
                format_args!("长度应为 {min} 到 {max}"),
                format_args!("between {min} and {max} long"),
            )
            .to_string(),
        ("length", Some(min), None) => lang
            .pick(
                format_args!("至少 {min} 个字符"),
                format_args!("at least {min} characters"),
            )
            .to_string(),
        ("length", None, Some(max)) => lang
            .pick(
                format_args!("最多 {max} 个字符"),
                format_args!("at most {max} characters"),
            )
            .to_string(),
        ("range", Some(min), Some(max)) => lang
            .pick(
                format_args!("应在 {min} 到 {max} 之间"),
                format_args!("between {min} and {max}"),
            )
            .to_string(),
        ("range", Some(min), None) => lang
            .pick(
                format_args!("不得小于 {min}"),
                format_args!("at least {min}"),
            )
            .to_string(),
        ("range", None, Some(max)) => lang
            .pick(
                format_args!("不得大于 {max}"),
                format_args!("at most {max}"),
            )
            .to_string(),
        (code, _, _) => ErrorCode::field_message(code, lang).to_owned(),
    }
}

fn broken(code: &'static str) -> validator::ValidationError {
    validator::ValidationError::new(code)
}

/// An e-mail address: one `@`, a dotted domain, no blanks, at most 254 characters.
///
/// Deliberately small: whether an address exists only a message sent to it can tell.
pub fn check_email(text: &str) -> Result<(), validator::ValidationError> {
    let valid = text.len() <= 254
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | ','))
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.len() <= 64
                && !domain.contains('@')
                && domain.split('.').count() >= 2
                && domain
                    .split('.')
                    .all(|l| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-'))
        });
    if valid { Ok(()) } else { Err(broken("email")) }
}

/// A telephone number: 3 to 20 digits, with blanks, `+`, `-`, `(`, `)`, `.`, `#`, `*`, `/`, and `x` or `转` for an extension.
pub fn check_phone(text: &str) -> Result<(), validator::ValidationError> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let valid = (3..=20).contains(&digits)
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || " +-().#*/x转".contains(c));
    if valid { Ok(()) } else { Err(broken("phone")) }
}

/// A web address with scheme http or https.
pub(crate) fn check_website(text: &str) -> Result<(), validator::ValidationError> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or_default();
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let valid = !host.is_empty()
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "<>\"".contains(c));
    if valid {
        Ok(())
    } else {
        Err(broken("website"))
    }
}

/// A name that people can read: not only blanks, no control characters.
pub(crate) fn check_name(text: &str) -> Result<(), validator::ValidationError> {
    if text.trim().is_empty() {
        Err(broken("required"))
    } else if text.chars().any(char::is_control) {
        Err(broken("characters"))
    } else {
        Ok(())
    }
}

/// At most 20 tags of 1 to 40 characters, each once, none with what separates them in a file.
pub(crate) fn check_tags(tags: &[String]) -> Result<(), validator::ValidationError> {
    let fine = tags.len() <= 20
        && tags.iter().enumerate().all(|(i, tag)| {
            (1..=40).contains(&tag.chars().count())
                && !tag
                    .chars()
                    .any(|c| c.is_control() || "\"\\".contains(c) || SEPARATORS.contains(&c))
                && !tags[..i].contains(tag)
        });
    if fine { Ok(()) } else { Err(broken("tags")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_nonsense() {
        for good in ["a@b.cn", "li.lei+crm@mail.example.com", "张三@例子.中国"] {
            assert!(check_email(good).is_ok(), "{good}");
        }
        for bad in [
            "", "a", "a@b", "@b.cn", "a@@b.cn", "a b@c.cn", "a@b..cn", "a@-b.cn", "<a@b.cn>",
        ] {
            assert!(check_email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn phones_are_told_from_nonsense() {
        for good in [
            "13800138000",
            "+86 10-6552 9988",
            "010-65529988转801",
            "(020) 8888 x12",
        ] {
            assert!(check_phone(good).is_ok(), "{good}");
        }
        for bad in ["", "12", "call me", "1380013800013800138000", "138<script>"] {
            assert!(check_phone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pointers_escape() {
        assert_eq!(pointer("/a", "b/c~d"), "/a/b~1c~0d");
    }
}
