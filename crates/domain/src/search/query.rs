//! What a caller's words ask of the tokens of a record.

use super::{
    MAX_PINYIN, MAX_TOKEN, Part, SHORT, compact, digits_of, few_letters, fold, grams, national,
    parts, token,
};

/// More words are left out.
const MAX_WORDS: usize = 8;

/// What is asked of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// There is this token.
    Is(String),
    /// There is a token that begins so.
    Begins(String),
}

/// A word can be found in several ways; one is enough, and of it every term has to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(pub Vec<Vec<Term>>);

/// What somebody looks for: every word has to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// At least one.
    pub words: Vec<Word>,
    whole: String,
}

impl Query {
    /// `None` for a text without letters and digits: it finds nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let text = fold(text);
        let whole: String = compact(&text).chars().take(MAX_TOKEN).collect();
        let words: Vec<Word> = match phone(&text) {
            Some(word) => vec![word],
            None => parts(&text)
                .into_iter()
                .take(MAX_WORDS)
                .map(|part| match part {
                    Part::Word(word) => Word(word_ways(&word)),
                    Part::Ideographs(run) => Word(vec![neighbours(&run)]),
                })
                .collect(),
        };
        (!words.is_empty()).then_some(Self { words, whole })
    }

    /// All of a name or code is this.
    pub fn is_whole(&self) -> Term {
        Term::Is(format!("a{}", self.whole))
    }

    /// A name or code begins so.
    pub fn begins_whole(&self) -> Term {
        begins('a', &self.whole, MAX_TOKEN)
    }
}

/// There is a token of this sort that begins so.
pub(super) fn begins(sort: char, start: &str, longest: usize) -> Term {
    match few_letters(sort) {
        Some(few) if start.chars().count() <= SHORT => Term::Is(token(few, start, SHORT)),
        _ => Term::Begins(token(sort, start, longest)),
    }
}

fn word_ways(word: &str) -> Vec<Vec<Term>> {
    let mut ways = vec![vec![begins('w', word, MAX_TOKEN)]];
    if word.len() > MAX_PINYIN && word.bytes().all(|b| b.is_ascii_lowercase()) {
        ways.push(vec![begins('w', word, MAX_PINYIN)]);
    }
    if word.bytes().all(|b| b.is_ascii_digit()) {
        ways.extend(of_phone(word));
    }
    ways
}

/// The terms for digits of a telephone number that stand together; at least three.
fn of_phone(digits: &str) -> Option<Vec<Term>> {
    match digits.len() {
        0..3 => None,
        3 => Some(vec![Term::Begins(format!("d{digits}"))]),
        length => Some(
            grams(digits)
                .into_iter()
                // The last three of a number are those of its last four.
                .take(length - 3)
                .map(|gram| Term::Is(format!("d{gram}")))
                .collect(),
        ),
    }
}

/// A telephone number with what people put between its parts; `None` if it is a single run of digits or something else.
fn phone(text: &str) -> Option<Word> {
    let runs: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .take(MAX_WORDS)
        .collect();
    let like_a_phone = text
        .chars()
        .all(|c| c.is_ascii_digit() || " +-().#*/".contains(c));
    if !like_a_phone || (runs.len() < 2 && !text.contains('+')) {
        return None;
    }
    let digits = digits_of(text);
    let together = [digits.as_str(), national(&digits)].into_iter();
    // The beginning and the last four: parts that do not stand together.
    let apart: Option<Vec<Vec<Term>>> = runs.iter().map(|run| of_phone(run)).collect();
    let ways = together
        .filter_map(of_phone)
        .chain(apart.map(|terms| terms.concat()))
        .chain([runs.iter().map(|run| begins('w', run, MAX_TOKEN)).collect()]);
    let mut different: Vec<Vec<Term>> = Vec::new();
    for way in ways.filter(|way: &Vec<Term>| !way.is_empty()) {
        if !different.contains(&way) {
            different.push(way);
        }
    }
    (!different.is_empty()).then_some(Word(different))
}

fn neighbours(run: &[char]) -> Vec<Term> {
    match run {
        [one] => vec![Term::Is(format!("h{one}"))],
        run => run
            .windows(2)
            .take(MAX_TOKEN)
            .map(|two| Term::Is(format!("h{}{}", two[0], two[1])))
            .collect(),
    }
}
