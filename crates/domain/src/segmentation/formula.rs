//! Reckons explanations from their own terms, for the tests: a formula that its numbers contradict explains nothing.

use super::Explanation;

/// Whether each relation of the formula holds for the terms; panics with the one that does not, or that names no term.
pub(super) fn assert_holds(explanation: &Explanation) {
    let mut depth = 0;
    let relations = explanation.formula.split(|c| {
        depth += match c {
            '(' | '{' => 1,
            ')' | '}' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    for relation in relations {
        let mut reader = Reader::of(relation, explanation);
        assert!(
            reader.relation(),
            "{relation} does not hold: {explanation:?}"
        );
        assert!(reader.rest.is_empty(), "{:?} in {relation}", reader.rest);
    }
}

struct Reader<'a> {
    rest: Vec<char>,
    explanation: &'a Explanation,
    /// What a k stands for at the end of a name.
    index: Option<u32>,
}

impl<'a> Reader<'a> {
    fn of(text: &str, explanation: &'a Explanation) -> Self {
        Self {
            rest: text.chars().filter(|c| !c.is_whitespace()).rev().collect(),
            explanation,
            index: None,
        }
    }

    /// Takes the next character if it is one of these.
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let next = *self.rest.last()?;
        wanted.contains(&next).then(|| self.rest.pop())?
    }

    fn expect(&mut self, wanted: char) {
        assert_eq!(self.take(&[wanted]), Some(wanted), "{:?}", self.rest);
    }

    fn relation(&mut self) -> bool {
        let left = self.sum();
        let relation = self.take(&['=', '<', '>', '≤', '≥']);
        let right = self.sum();
        match relation.expect("a relation") {
            '<' => left < right,
            '>' => left > right,
            '≤' => left <= right,
            '≥' => left >= right,
            _ => (left - right).abs() <= 1e-9 * right.abs().max(1e-6),
        }
    }

    fn sum(&mut self) -> f64 {
        let mut sum = self.product();
        while let Some(sign) = self.take(&['+', '−']) {
            let next = self.product();
            sum += if sign == '+' { next } else { -next };
        }
        sum
    }

    fn product(&mut self) -> f64 {
        let mut product = self.power();
        while let Some(sign) = self.take(&['·', '×', '÷']) {
            let next = self.power();
            product *= if sign == '÷' { next.recip() } else { next };
        }
        product
    }

    fn power(&mut self) -> f64 {
        let base = self.atom();
        match self.take(&['^']) {
            Some(_) => base.powf(self.atom()),
            None => base,
        }
    }

    fn atom(&mut self) -> f64 {
        if self.take(&['−']).is_some() {
            return -self.power();
        }
        if self.take(&['(']).is_some() {
            let value = self.sum();
            self.expect(')');
            return value;
        }
        if self.take(&['#']).is_some() {
            return self.number_of();
        }
        let name = self.name();
        if let Ok(number) = name.parse() {
            return number;
        }
        if self.take(&['(']).is_some() {
            return self.call(&name);
        }
        let symbol = match self.index {
            Some(index) => name.replace("_k", &format!("_{index}")),
            None => name,
        };
        let value = self.explanation.value(&symbol);
        value.unwrap_or_else(|| panic!("no term {symbol} in {:?}", self.explanation))
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(next) = self.rest.last().copied() {
            if !(next.is_alphanumeric() || "_[].".contains(next)) {
                break;
            }
            name.extend(self.rest.pop());
        }
        name
    }

    fn call(&mut self, name: &str) -> f64 {
        let mut value = self.sum();
        while self.take(&[',']).is_some() {
            value = f64::max(value, self.sum());
        }
        self.expect(')');
        match name {
            "max" => value,
            "exp" => value.exp(),
            _ => panic!("no function {name}"),
        }
    }

    /// {k : relation}: for how many k of 1 to 4 it holds.
    fn number_of(&mut self) -> f64 {
        for wanted in ['{', 'k', ':'] {
            self.expect(wanted);
        }
        let (start, mut number) = (self.rest.clone(), 0.0);
        for index in 1..=4 {
            self.rest.clone_from(&start);
            self.index = Some(index);
            number += f64::from(u8::from(self.relation()));
        }
        self.index = None;
        self.expect('}');
        number
    }
}

#[test]
fn what_does_not_hold_is_found() {
    let explanation = |formula: &str| {
        super::Explanation::new(formula)
            .with("a", "", "", 2.0, super::Unit::Number)
            .with("b_1", "", "", 3.0, super::Unit::Number)
            .with("b_2", "", "", 4.0, super::Unit::Number)
            .with("b_3", "", "", 5.0, super::Unit::Number)
            .with("b_4", "", "", 6.0, super::Unit::Number)
    };
    for holds in [
        "a = 2",
        "a + 1 = b_1, −a < 0",
        "a = 1 ÷ (1 − 0.5)",
        "b_3 = 1 + a · a^(3 − 2)",
        "max(a, 3) = b_1, 1 = exp(a − 2)",
        "a = #{k : b_k ≤ 4}",
    ] {
        assert_holds(&explanation(holds));
    }
    for fails in ["a = 3", "a = 2, a > b_1", "a = c", "a = 3 − 2 · 1"] {
        let explanation = explanation(fails);
        let found = std::panic::catch_unwind(|| assert_holds(&explanation));
        assert!(found.is_err(), "{fails} was taken for true");
    }
}
