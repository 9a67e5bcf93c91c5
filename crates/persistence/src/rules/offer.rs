//! What to offer next: by the rules of the newest run, or by those that hold among the orders that somebody may see.

use std::collections::BTreeSet;

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::rules::{
    ItemKind, Offer, Offers, Rule, RuleBasis, RuleFacts, RuleRefusal, RuleSettings, Suggestion,
    associate, suggest,
};
use guanxi_domain::{CustomerId, ProductId};

use super::baskets::{Baskets, Items, Lines, bought};
use super::kept::{Names, telling_of_one};
use super::{Row, Sight, newest};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, customer, product};

/// Fewer baskets than this make no rule that can be relied on.
const LEAST_BASKETS: usize = 50;

/// Rules to offer by, and where they come from.
struct Basis {
    run: Row,
    settings: RuleSettings,
    of: RuleBasis,
    items: Items,
    found: std::result::Result<Vec<Rule<u32>>, RuleRefusal>,
}

impl Basis {
    /// By the newest run: its own rules for who sees all orders, else those that its settings give for the orders that are seen.
    fn of(connection: &mut AnyConnection, sight: &Sight) -> Result<Option<Self>> {
        let Some(run) = newest(connection)? else {
            return Ok(None);
        };
        let settings = run.settings.get()?;
        let mut items = Items::default();
        let (of, found) = if sight.whole {
            let result = run.result.as_ref().map(Json::get).transpose()?;
            let (baskets, refusal) = result.map_or((0, None), |r| (r.baskets, r.refusal));
            let found = match refusal {
                Some(refusal) => Err(refusal),
                None => Ok(telling_of_one(connection, run.id, baskets, &mut items)?),
            };
            (RuleBasis::Company, found)
        } else {
            let lines = Lines::new(&settings, settings.from, settings.to);
            let baskets = Baskets::seen(connection, lines, sight)?;
            let found = if baskets.len() < LEAST_BASKETS {
                Err(RuleRefusal::TooFewBaskets)
            } else {
                associate(&baskets.slices(), &settings).map(|found| found.rules)
            };
            items = baskets.items;
            (RuleBasis::Seen, found)
        };
        Ok(Some(Self {
            run,
            settings,
            of,
            items,
            found,
        }))
    }

    /// The best offers to somebody who has these items.
    fn offers(
        mut self,
        connection: &mut AnyConnection,
        has: &BTreeSet<String>,
        again: bool,
        choose: impl Fn(&BTreeSet<u32>, &[Rule<u32>]) -> Vec<(u32, Rule<u32>)>,
    ) -> Result<Offers> {
        let mut numbers = BTreeSet::new();
        for item in has {
            numbers.insert(self.items.number(item.clone())?);
        }
        let chosen = match &self.found {
            Ok(rules) => choose(&numbers, rules),
            Err(_) => Vec::new(),
        };
        let text = |item: u32| self.items.text(item).to_owned();
        let shown: Vec<String> = chosen
            .iter()
            .flat_map(|(item, rule)| rule.antecedent.iter().chain([item]))
            .map(|item| text(*item))
            .collect();
        let names = Names::of(connection, self.settings.items, &shown)?;
        let items = chosen
            .into_iter()
            .map(|(item, rule)| Offer {
                bought: again && numbers.contains(&item),
                item: names.item(text(item)),
                because: names.all(rule.antecedent.iter().map(|item| text(*item)).collect()),
                facts: RuleFacts::from(&rule),
            })
            .collect();
        Ok(Offers {
            run_id: Some(self.run.id),
            made_at: Some(self.run.created_at),
            basis: self.of,
            refusal: self.found.as_ref().err().copied(),
            settings: Some(self.settings),
            items,
        })
    }
}

fn nothing(sight: &Sight) -> Offers {
    Offers {
        run_id: None,
        made_at: None,
        settings: None,
        basis: if sight.whole {
            RuleBasis::Company
        } else {
            RuleBasis::Seen
        },
        refusal: None,
        items: Vec::new(),
    }
}

fn owned(suggestions: Vec<Suggestion<'_, u32>>) -> Vec<(u32, Rule<u32>)> {
    suggestions
        .into_iter()
        .map(|found| (found.item, found.rule.clone()))
        .collect()
}

/// What to offer to a customer, by what the customer has bought; `again`: also what that was. To be called on a snapshot.
pub fn next_products(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: CustomerId,
    most: usize,
    again: bool,
) -> Result<Offers> {
    let visibility = actor.visibility(Module::Customers, Operation::Read);
    customer::get(connection, &visibility.ok_or(Error::NotFound)?, id)?;
    let sight = Sight::of(actor);
    let Some(basis) = Basis::of(connection, &sight)? else {
        return Ok(nothing(&sight));
    };
    let has = bought(connection, &basis.settings, id, &sight)?;
    basis.offers(connection, &has, again, |has, rules| {
        owned(suggest(has, rules, most, again))
    })
}

/// What is often bought together with a product: by rules with it alone on their left side. To be called on a snapshot.
pub fn bought_with(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: ProductId,
    most: usize,
) -> Result<Offers> {
    if actor
        .visibility(Module::Products, Operation::Read)
        .is_none()
    {
        return Err(Error::NotFound);
    }
    let product = product::get(connection, id)?;
    let sight = Sight::of(actor);
    let Some(basis) = Basis::of(connection, &sight)? else {
        return Ok(nothing(&sight));
    };
    let item = match basis.settings.items {
        ItemKind::Product => Some(id.to_string()),
        ItemKind::Category => product.input.category,
    };
    let has: BTreeSet<String> = item.into_iter().collect();
    basis.offers(connection, &has, false, |has, rules| {
        owned(suggest(has, rules, most, false))
    })
}
