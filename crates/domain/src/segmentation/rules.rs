//! Association rules: which products are bought together, and what to offer next.
//!
//! Frequent item sets by FP-growth (Han, Pei & Yin 2000, *Mining frequent patterns without candidate generation*). A set is
//! frequent when at least ⌈support × n⌉ baskets hold it, in whole numbers. Measures of a rule A → C, with s the share of baskets:
//! support s(A ∪ C); confidence s(A ∪ C) ÷ s(A); lift confidence ÷ s(C); leverage s(A ∪ C) − s(A)·s(C);
//! conviction (1 − s(C)) ÷ (1 − confidence) (Brin et al. 1997), none where the confidence is 1.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::explain::{Explanation, Unit};
use super::numbers::{count, quotient};
use crate::Date;

mod growth;
mod run;

pub use run::{
    FIELDS, KeptRule, Offer, Offers, RULE_FIELDS, RuleBasis, RuleFacts, RuleItem, RuleResult,
    RuleRun, RuleRunInput,
};

choice! {
    /// What a basket is.
    pub enum BasketKind {
        Order = "order", "每张订单", "Each order";
        Customer = "customer", "每个客户", "Each customer";
    }
}

choice! {
    /// What a rule is about.
    pub enum ItemKind {
        Product = "product", "产品", "Products";
        Category = "category", "产品类别", "Product categories";
    }
}

/// More rules than this are not worth reading: the run is refused.
pub const MOST_RULES: usize = 20_000;

/// What is looked at, and thresholds; shares in millionths, since one basket in a thousand is much for a wide range of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_settings", skip_on_field_errors = false))]
pub struct RuleSettings {
    pub baskets: BasketKind,
    pub items: ItemKind,
    /// First day of the window; without it from the first order.
    pub from: Option<Date>,
    /// Last day of the window; without it to today.
    pub to: Option<Date>,
    /// Share of baskets that hold the whole set.
    #[validate(range(min = 1, max = 1_000_000))]
    pub min_support: i32,
    /// Share of the baskets with the antecedent that hold the consequent too.
    #[validate(range(min = 0, max = 1_000_000))]
    pub min_confidence: i32,
    /// Lift in thousandths: 1000 is chance.
    #[validate(range(min = 0, max = 1_000_000))]
    pub min_lift: i32,
    /// Items in a rule, both sides together.
    #[validate(range(min = 2, max = 10))]
    pub max_items: i32,
    /// Items on the right side.
    #[validate(range(min = 1, max = 9))]
    pub max_consequent: i32,
    /// More frequent sets than this are not worth reading: the run is refused.
    #[validate(range(min = 1, max = 1_000_000))]
    pub max_sets: i32,
}

impl Default for RuleSettings {
    fn default() -> Self {
        Self {
            baskets: BasketKind::Order,
            items: ItemKind::Product,
            from: None,
            to: None,
            min_support: 10_000,
            min_confidence: 200_000,
            min_lift: 1_000,
            max_items: 4,
            max_consequent: 1,
            max_sets: 200_000,
        }
    }
}

fn check_settings(settings: &RuleSettings) -> Result<(), ValidationError> {
    let wrong = |field: &'static str| {
        let mut error = ValidationError::new("order");
        error.add_param("field".into(), &field);
        Err(error)
    };
    if matches!((settings.from, settings.to), (Some(from), Some(to)) if from > to) {
        return wrong("to");
    }
    if settings.max_consequent >= settings.max_items {
        return wrong("max_consequent");
    }
    Ok(())
}

choice! {
    /// Why there are no rules.
    pub enum RuleRefusal {
        NoBaskets = "no_baskets", "时间范围内没有可分析的订单", "There are no orders to look at in this window";
        TooFewBaskets = "too_few_baskets", "您可查看的订单太少，得不出可靠的规则", "You see too few orders for rules that can be relied on";
        TooManySets = "too_many_sets", "频繁项集过多，请提高最低支持度", "Too many frequent sets: raise the least support";
        TooManyRules = "too_many_rules", "规则超过 20,000 条，请提高最低支持度、置信度或提升度", "More than 20,000 rules: raise the least support, confidence or lift";
    }
}

/// Items that are bought together, ascending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemSet<I> {
    pub items: Vec<I>,
    /// Baskets that hold all of them.
    pub baskets: u32,
}

/// A rule: baskets with the antecedent tend to hold the consequent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rule<I> {
    /// Ascending.
    pub antecedent: Vec<I>,
    /// Ascending.
    pub consequent: Vec<I>,
    /// Baskets that hold both sides, the left, the right, and all baskets.
    pub both: u32,
    pub with_antecedent: u32,
    pub with_consequent: u32,
    pub baskets: u32,
    /// 0 to 1.
    pub support: f64,
    /// 0 to 1.
    pub confidence: f64,
    /// 1 is chance.
    pub lift: f64,
    /// −0.25 to 0.25; 0 is chance.
    pub leverage: f64,
    /// 1 is chance; `null` where the rule never failed.
    pub conviction: Option<f64>,
}

/// Item sets and rules, with what they were found in.
#[derive(Clone, Debug, PartialEq)]
pub struct Associations<I> {
    pub baskets: usize,
    /// Baskets that a set needs.
    pub min_baskets: u32,
    /// By size, then by items.
    pub sets: Vec<ItemSet<I>>,
    /// The largest lift first.
    pub rules: Vec<Rule<I>>,
}

/// Finds the frequent sets and their rules. An item counts once a basket, however often it is listed.
pub fn associate<I: Copy + Ord + std::hash::Hash>(
    baskets: &[impl AsRef<[I]>],
    settings: &RuleSettings,
) -> Result<Associations<I>, RuleRefusal> {
    let total = u32::try_from(baskets.len()).map_err(|_| RuleRefusal::TooManySets)?;
    if total == 0 {
        return Err(RuleRefusal::NoBaskets);
    }
    let min_baskets = least_baskets(total, settings.min_support);
    let sets = growth::frequent(
        baskets,
        min_baskets,
        usize::try_from(settings.max_items).unwrap_or(2),
        usize::try_from(settings.max_sets).unwrap_or(1),
    )
    .ok_or(RuleRefusal::TooManySets)?;
    let rules = rules(&sets, total, settings)?;
    Ok(Associations {
        baskets: baskets.len(),
        min_baskets,
        sets,
        rules,
    })
}

/// ⌈share × total⌉, at least one.
fn least_baskets(total: u32, millionths: i32) -> u32 {
    let millionths = u64::try_from(millionths).unwrap_or(0);
    let least = (u64::from(total) * millionths).div_ceil(1_000_000);
    u32::try_from(least).unwrap_or(u32::MAX).max(1)
}

fn rules<I: Copy + Ord + std::hash::Hash>(
    sets: &[ItemSet<I>],
    total: u32,
    settings: &RuleSettings,
) -> Result<Vec<Rule<I>>, RuleRefusal> {
    let counts: HashMap<&[I], u32> = sets
        .iter()
        .map(|set| (set.items.as_slice(), set.baskets))
        .collect();
    let mut found = Vec::new();
    for set in sets.iter().filter(|set| set.items.len() > 1) {
        for (antecedent, consequent) in splits(&set.items, settings.max_consequent) {
            // Every part of a frequent set is frequent, so both counts are there.
            let (Some(&left), Some(&right)) = (
                counts.get(antecedent.as_slice()),
                counts.get(consequent.as_slice()),
            ) else {
                continue;
            };
            let rule = Rule::measured(antecedent, consequent, [set.baskets, left, right, total]);
            if !wanted(&rule, settings) {
                continue;
            }
            // At once: a million sets of ten items make a thousand million rules, which would fill any memory.
            if found.len() == MOST_RULES {
                return Err(RuleRefusal::TooManyRules);
            }
            found.push(rule);
        }
    }
    found.sort_by(|a, b| {
        b.lift
            .total_cmp(&a.lift)
            .then_with(|| b.both.cmp(&a.both))
            .then_with(|| a.antecedent.cmp(&b.antecedent))
            .then_with(|| a.consequent.cmp(&b.consequent))
    });
    Ok(found)
}

/// Every way to cut a set in two, with at most `max_consequent` items on the right.
fn splits<I: Copy>(items: &[I], max_consequent: i32) -> Vec<(Vec<I>, Vec<I>)> {
    let most = u32::try_from(max_consequent).unwrap_or(1);
    let all = (1_u32 << items.len()) - 1;
    (1..all)
        .filter(|mask| mask.count_ones() <= most)
        .map(|mask| {
            let side = |wanted: bool| {
                let on_side = |(index, _): &(usize, &I)| (mask >> index & 1 == 1) == wanted;
                let items = items.iter().enumerate().filter(on_side);
                items.map(|(_, item)| *item).collect()
            };
            (side(false), side(true))
        })
        .collect()
}

impl<I> Rule<I> {
    /// A rule that was counted: baskets with both sides, the left, the right, and all.
    pub fn measured(antecedent: Vec<I>, consequent: Vec<I>, counts: [u32; 4]) -> Self {
        let [both, left, right, all] = counts.map(f64::from);
        let confidence = both / left;
        let conviction = (counts[0] < counts[1])
            .then(|| quotient(1.0 - right / all, 1.0 - confidence))
            .flatten();
        Self {
            antecedent,
            consequent,
            both: counts[0],
            with_antecedent: counts[1],
            with_consequent: counts[2],
            baskets: counts[3],
            support: both / all,
            confidence,
            lift: both * all / (left * right),
            leverage: both / all - (left / all) * (right / all),
            conviction,
        }
    }
}

/// Compared in whole numbers, so that a rule at the threshold is in.
fn wanted<I>(rule: &Rule<I>, settings: &RuleSettings) -> bool {
    let [both, left, right, all] = [
        rule.both,
        rule.with_antecedent,
        rule.with_consequent,
        rule.baskets,
    ]
    .map(i128::from);
    both * 1_000_000 >= left * i128::from(settings.min_confidence)
        && both * all * 1_000 >= left * right * i128::from(settings.min_lift)
}

/// Something to offer, with the rule that says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion<'a, I> {
    pub item: I,
    pub rule: &'a Rule<I>,
}

/// What to offer to somebody who has these items: for each item that they lack the rule of the highest confidence (then lift)
/// whose antecedent they have, the best first. `again`: also items that they have.
pub fn suggest<'a, I: Copy + Ord>(
    has: &BTreeSet<I>,
    rules: &'a [Rule<I>],
    most: usize,
    again: bool,
) -> Vec<Suggestion<'a, I>> {
    let better = |a: &Rule<I>, b: &Rule<I>| {
        b.confidence
            .total_cmp(&a.confidence)
            .then_with(|| b.lift.total_cmp(&a.lift))
            .then_with(|| b.both.cmp(&a.both))
            .then_with(|| a.antecedent.cmp(&b.antecedent))
    };
    let mut matching: Vec<Suggestion<'a, I>> = rules
        .iter()
        .filter(|rule| rule.antecedent.iter().all(|item| has.contains(item)))
        .filter_map(|rule| match rule.consequent.as_slice() {
            [item] if again || !has.contains(item) => Some(Suggestion { item: *item, rule }),
            _ => None,
        })
        .collect();
    matching.sort_by(|a, b| better(a.rule, b.rule).then_with(|| a.item.cmp(&b.item)));
    let mut offered = BTreeSet::new();
    matching.retain(|suggestion| offered.insert(suggestion.item));
    matching.truncate(most);
    matching
}

/// How the measures of a rule came about.
pub fn explain<I>(rule: &Rule<I>) -> Explanation {
    let number = |n: u32| count(usize::try_from(n).unwrap_or(usize::MAX));
    let conviction = match rule.conviction {
        Some(_) => ", conviction = (1 − n_C ÷ n) ÷ (1 − confidence)",
        None => "",
    };
    Explanation::new(["support = n_AC ÷ n, confidence = n_AC ÷ n_A, lift = n_AC · n ÷ (n_A · n_C), leverage = support − n_A ÷ n · n_C ÷ n", conviction].concat())
        .with("n_AC", "同时含前项和后项的篮数", "Baskets with both sides", number(rule.both), Unit::Count)
        .with("n_A", "含前项的篮数", "Baskets with the left side", number(rule.with_antecedent), Unit::Count)
        .with("n_C", "含后项的篮数", "Baskets with the right side", number(rule.with_consequent), Unit::Count)
        .with("n", "全部篮数", "All baskets", number(rule.baskets), Unit::Count)
        .with("support", "支持度", "Support", rule.support, Unit::Share)
        .with("confidence", "置信度", "Confidence", rule.confidence, Unit::Share)
        .with("lift", "提升度", "Lift", rule.lift, Unit::Number)
        .with("leverage", "杠杆率", "Leverage", rule.leverage, Unit::Number)
        .with("conviction", "确信度", "Conviction", rule.conviction.unwrap_or(f64::NAN), Unit::Number)
}

#[cfg(test)]
mod tests;
