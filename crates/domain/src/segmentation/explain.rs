//! How a figure came about: the formula, and the numbers that went into it.

use serde::{Deserialize, Serialize};

choice! {
    /// What a number counts.
    pub enum Unit {
        Count = "count", "次数", "Count";
        Days = "days", "天", "Days";
        /// Of the model's time unit.
        Periods = "periods", "时间单位", "Time units";
        /// Minor units of the base currency.
        Money = "money", "金额", "Money";
        /// 0 to 1.
        Share = "share", "比例", "Share";
        Score = "score", "分", "Score";
        Number = "number", "数值", "Number";
    }
}

/// A formula and its numbers, for one customer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// In the letters of the terms.
    pub formula: String,
    pub terms: Vec<Term>,
}

/// A number of an explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Term {
    /// As it stands in the formula.
    pub symbol: String,
    pub zh: String,
    pub en: String,
    pub value: f64,
    pub unit: Unit,
}

impl Explanation {
    pub fn new(formula: impl Into<String>) -> Self {
        Self {
            formula: formula.into(),
            terms: Vec::new(),
        }
    }

    /// Adds a number; one that is not finite is left out, since JSON has no word for it.
    #[must_use]
    pub fn with(mut self, symbol: &str, zh: &str, en: &str, value: f64, unit: Unit) -> Self {
        if value.is_finite() {
            self.terms.push(Term {
                symbol: symbol.to_owned(),
                zh: zh.to_owned(),
                en: en.to_owned(),
                value,
                unit,
            });
        }
        self
    }

    /// Adds the numbers of another.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.terms.extend(other.terms);
        self
    }

    /// The value of a term.
    pub fn value(&self, symbol: &str) -> Option<f64> {
        let term = self.terms.iter().find(|term| term.symbol == symbol)?;
        Some(term.value)
    }
}
