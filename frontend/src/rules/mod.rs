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

use crate::format;
use crate::i18n::{RulesTexts, fill, lang, t};

/// A text of the rules' area, as a label.
fn label(pick: fn(&RulesTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().rules).to_owned())
}

/// Millionths as a percentage. Reactive.
fn share(millionths: i64) -> String {
    format::percent(part(millionths, 1e6))
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
