//! Product rules: runs, the rules that they found, and what follows for a customer and a product.

mod offers;
mod page;
mod run_dialog;
mod scatter;
mod table;

pub use offers::{BoughtWithCard, NextProductsCard};
pub use page::RulesPage;

use guanxi_domain::Lang;
use guanxi_domain::segmentation::rules::{BasketKind, KeptRule, RuleItem};
use leptos::prelude::*;

use crate::i18n::{RulesTexts, fill, lang, t};

/// A text of the rules' area, as a label.
fn label(pick: fn(&RulesTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().rules).to_owned())
}

/// Millionths as a percentage, with enough digits to tell small ones apart.
fn share(millionths: i64) -> String {
    let decimals = match millionths.unsigned_abs() {
        0 | 10_000.. => 1,
        1_000.. => 2,
        100.. => 3,
        _ => 4,
    };
    trimmed(format!("{:.decimals$}", part(millionths, 1e4)))
}

/// Millionths as a percentage, exactly: what was asked for.
fn threshold(millionths: i64) -> String {
    trimmed(format!("{:.4}", part(millionths, 1e4)))
}

/// Without zeros at the end, but with one decimal.
fn trimmed(number: String) -> String {
    let short = number.trim_end_matches('0');
    let zero = if short.ends_with('.') { "0" } else { "" };
    format!("{short}{zero}%")
}

/// Thousandths as a ratio.
fn ratio(thousandths: i64) -> String {
    format!("{:.2}", part(thousandths, 1e3))
}

#[allow(clippy::cast_precision_loss)] // Far below 2^53.
fn part(number: i64, whole: f64) -> f64 {
    number as f64 / whole
}

/// What an item is called in the language that is on. Reactive.
fn name_of(item: &RuleItem) -> String {
    match (lang(), &item.name_en) {
        (Lang::En, Some(name)) => name.clone(),
        _ => item.name.clone(),
    }
}

fn names(items: &[RuleItem]) -> String {
    let names: Vec<String> = items.iter().map(name_of).collect();
    names.join(t().rules.and)
}

/// A rule as people say it. Reactive.
fn said(rule: &KeptRule, baskets: BasketKind) -> String {
    let words = match baskets {
        BasketKind::Order => t().rules.said_orders,
        BasketKind::Customer => t().rules.said_customers,
    };
    fill(
        words,
        &[
            ("left", &names(&rule.antecedent)),
            ("share", &share(rule.facts.confidence)),
            ("right", &names(&rule.consequent)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_shares_do_not_read_as_nothing() {
        let cases = [
            (0, "0.0%"),
            (4, "0.0004%"),
            (200, "0.02%"),
            (950, "0.095%"),
            (1_530, "0.15%"),
            (12_600, "1.3%"),
            (300_000, "30.0%"),
            (1_000_000, "100.0%"),
        ];
        for (millionths, text) in cases {
            assert_eq!(share(millionths), text);
        }
    }

    #[test]
    fn thresholds_are_told_exactly() {
        let cases = [
            (1, "0.0001%"),
            (12_500, "1.25%"),
            (300_000, "30.0%"),
            (123_456, "12.3456%"),
        ];
        for (millionths, text) in cases {
            assert_eq!(threshold(millionths), text);
        }
    }
}
