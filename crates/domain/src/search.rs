//! What records are found by: the tokens of a text for the index, and what a caller's words ask of them.
//!
//! A token is a letter for its sort and the text itself, letters and digits only:
//!
//! | sort | holds | found by |
//! | --- | --- | --- |
//! | `w` | Latin words, parts of codes, pinyin and initials from each character on | its beginning |
//! | `h` | one ideograph, two neighbours | the whole |
//! | `d` | four neighbouring digits of a telephone number, and its last three | the whole; three digits as a beginning |
//! | `a` | all of a name, code, number or address, without what separates its parts; also in pinyin and initials | the whole ranks first, its beginning second |
//! | `i` | the first letter and the first two of each `w` | the whole |
//! | `b` | the same of each `a` | the whole |
//!
//! Very many tokens begin with the same few letters. To gather them all is slow; what short words ask for are tokens of their own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

mod pinyin;
mod query;

pub use query::{Query, Term, Word};

/// Longer tokens are cut.
const MAX_TOKEN: usize = 40;
/// Pinyin is cut earlier: there is a token for each character that it may be looked for from.
const MAX_PINYIN: usize = 16;
/// So many letters that a token begins with are a token too.
const SHORT: usize = 2;
/// What stands further back in a text is not found.
const MAX_TEXT: usize = 200;

choice! {
    /// A record type that the search knows.
    pub enum RecordType {
        Customers = "customers", "客户", "Customers";
        Contacts = "contacts", "联系人", "Contacts";
        Orders = "orders", "订单", "Orders";
        Products = "products", "产品", "Products";
        Tickets = "tickets", "服务单", "Tickets";
        Users = "users", "用户", "Users";
        Segments = "segments", "客户细分", "Segments";
    }
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchHit {
    #[serde(rename = "type")]
    pub record_type: RecordType,
    /// Of the record.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// Its name, number or subject.
    pub title: String,
    /// What tells it from others of that title: a code, the customer.
    pub subtitle: Option<String>,
    /// The value that was found, where neither title nor subtitle shows it.
    pub matched: Option<Matched>,
}

/// A value that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Matched {
    /// The record's field.
    pub field: String,
    pub text: String,
}

/// What a search found, the best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchAnswer {
    pub items: Vec<SearchHit>,
}

/// How a field is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the record is called: whoever types all of it or its beginning finds it first.
    Name,
    /// Words among others: a title, a subject.
    Text,
    /// A code, a number, an SKU: also by its digits without leading zeros.
    Code,
    /// By any three digits that stand together.
    Phone,
    Email,
}

/// What a record is found by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens(BTreeSet<String>);

impl Tokens {
    pub fn of<'a>(fields: impl IntoIterator<Item = (Kind, &'a str)>) -> Self {
        let mut tokens = Self::default();
        for (kind, text) in fields {
            tokens.add(kind, text);
        }
        tokens
    }

    /// In order, each once.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a record with these tokens is among what a query looks for.
    pub fn answer(&self, query: &Query) -> bool {
        query.words.iter().all(|word| self.answer_word(word))
    }

    /// Whether one of the ways of a word is open.
    pub fn answer_word(&self, word: &Word) -> bool {
        word.0
            .iter()
            .any(|way| way.iter().all(|term| self.hold(term)))
    }

    /// Whether one of the tokens is what a term asks for.
    pub fn hold(&self, term: &Term) -> bool {
        match term {
            Term::Is(token) => self.0.contains(token),
            Term::Begins(start) => self
                .0
                .range(start.clone()..)
                .next()
                .is_some_and(|token| token.starts_with(start.as_str())),
        }
    }

    fn put(&mut self, sort: char, text: &str, longest: usize) {
        self.0.insert(token(sort, text, longest));
        if let Some(few) = few_letters(sort) {
            for letters in 1..=text.chars().count().min(SHORT) {
                self.0.insert(token(few, text, letters));
            }
        }
    }

    fn add(&mut self, kind: Kind, text: &str) {
        let text = fold(text);
        if kind == Kind::Phone {
            self.add_phone(&text);
            return;
        }
        for part in parts(&text) {
            match part {
                Part::Word(word) => self.put('w', &word, MAX_TOKEN),
                Part::Ideographs(run) => self.add_ideographs(&run),
            }
        }
        if kind == Kind::Code {
            for digits in text.split(|c: char| !c.is_ascii_digit()) {
                for digits in [digits, digits.trim_start_matches('0')] {
                    if !digits.is_empty() {
                        self.put('w', digits, MAX_TOKEN);
                    }
                }
            }
        }
        if kind != Kind::Text {
            self.add_whole(&text);
        }
    }

    fn add_phone(&mut self, text: &str) {
        let digits = digits_of(text);
        for gram in grams(&digits) {
            self.put('d', &gram, MAX_TOKEN);
        }
        for whole in [digits.as_str(), national(&digits)] {
            if !whole.is_empty() {
                self.put('a', whole, MAX_TOKEN);
            }
        }
    }

    fn add_ideographs(&mut self, run: &[char]) {
        for (i, first) in run.iter().enumerate() {
            self.put('h', &first.to_string(), 1);
            if let Some(second) = run.get(i + 1) {
                self.put('h', &format!("{first}{second}"), 2);
            }
        }
        for spoken in pinyin::spoken(run) {
            for from in 0..spoken.len() {
                for spelling in pinyin::spellings(&spoken[from..], MAX_PINYIN) {
                    self.put('w', &spelling, MAX_PINYIN);
                }
            }
        }
    }

    fn add_whole(&mut self, text: &str) {
        let parts = parts(text);
        let mut wholes = vec![compact(text)];
        if parts.iter().any(|part| matches!(part, Part::Ideographs(_))) {
            wholes.extend(pinyin::spellings(&pinyin::all_spoken(&parts), MAX_TOKEN));
        }
        for whole in wholes.iter().filter(|whole| !whole.is_empty()) {
            self.put('a', whole, MAX_TOKEN);
            // Somebody leaves out what separates the parts.
            if parts.len() > 1 {
                self.put('w', whole, MAX_TOKEN);
            }
        }
    }
}

fn token(sort: char, text: &str, longest: usize) -> String {
    std::iter::once(sort)
        .chain(text.chars().take(longest))
        .collect()
}

/// The sort of the first letters of a sort that is found by its beginning.
const fn few_letters(sort: char) -> Option<char> {
    match sort {
        'w' => Some('i'),
        'a' => Some('b'),
        _ => None,
    }
}

/// One form for what counts as the same: lower case, full-width forms as the usual ones, letters without accents.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text
            .chars()
            .take(MAX_TEXT)
            .collect::<String>()
            .to_lowercase();
    }
    text.chars()
        .take(MAX_TEXT)
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .nfc()
        .flat_map(char::to_lowercase)
        .collect()
}

/// The letters and digits of a folded text.
fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

enum Part {
    /// Letters and digits, Latin or of another script that puts spaces between words.
    Word(String),
    /// A run of a script that does not.
    Ideographs(Vec<char>),
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for c in text.chars() {
        let ideograph = is_ideograph(c);
        match parts.last_mut() {
            Some(Part::Ideographs(run)) if ideograph => run.push(c),
            Some(Part::Word(word)) if !ideograph && c.is_alphanumeric() => word.push(c),
            _ if ideograph => parts.push(Part::Ideographs(vec![c])),
            _ if c.is_alphanumeric() => parts.push(Part::Word(c.into())),
            // What stands between ends either.
            Some(last) if !last.is_empty() => parts.push(Part::Word(String::new())),
            _ => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

impl Part {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Word(word) if word.is_empty())
    }
}

/// Han, kana and hangul.
fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
        && c.is_alphanumeric()
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A telephone number's digits without the country code of China.
fn national(digits: &str) -> &str {
    let stripped = digits.strip_prefix("00").unwrap_or(digits);
    match stripped.strip_prefix("86") {
        Some(rest) if rest.len() >= 10 => rest,
        _ => digits,
    }
}

/// Each four neighbouring digits, and the last three.
fn grams(digits: &str) -> Vec<String> {
    let bytes = digits.as_bytes();
    let last = bytes.len().checked_sub(3).map(|from| &bytes[from..]);
    bytes
        .windows(4)
        .chain(last)
        .map(|gram| gram.iter().map(|b| char::from(*b)).collect())
        .collect()
}

#[cfg(test)]
mod tests;
