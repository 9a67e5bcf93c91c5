//! The rules of a run as they are kept.

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::dictionary::Dictionary;
use guanxi_domain::filter::{FieldInfo, Filter, Predicate, Scalar};
use guanxi_domain::segmentation::rules::{
    ItemKind, KeptRule, RULE_FIELDS, Rule, RuleFacts, RuleItem, RuleResult,
};
use guanxi_domain::{ErrorCode, FieldKind, Page, ProductId, RuleRunId};

use super::{Items, Sight, find, keeping};
use crate::condition::{Column, Condition};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{dictionary_entries, products, rules as table};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result};

/// The column with the items of both sides: a rule is asked for by any of them.
const ITEMS: &str = "items";

const LIST: ListSpec = ListSpec {
    id: "number",
    elsewhere: &[(
        ITEMS,
        Column {
            table: "rules",
            name: "items",
        },
    )],
    ..ListSpec::new(&RULE_FIELDS, "rules")
};

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = table)]
pub(super) struct Row {
    number: i64,
    antecedent: Json<Vec<String>>,
    consequent: Json<Vec<String>>,
    item_count: i64,
    both_sides: i64,
    with_antecedent: i64,
    with_consequent: i64,
    support: i64,
    confidence: i64,
    lift: i64,
    leverage: i64,
    conviction: Option<i64>,
}

impl Row {
    const fn facts(&self, baskets: i64) -> RuleFacts {
        RuleFacts {
            both_sides: self.both_sides,
            with_antecedent: self.with_antecedent,
            with_consequent: self.with_consequent,
            baskets,
            support: self.support,
            confidence: self.confidence,
            lift: self.lift,
            leverage: self.leverage,
            conviction: self.conviction,
        }
    }
}

/// A page of a run's rules, for whoever may see all orders in reports.
pub fn rules(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: RuleRunId,
    query: &ListQuery,
) -> Result<Page<KeptRule>> {
    Sight::expect_whole(actor)?;
    let run = find(connection, id)?;
    let Some(result) = run.result else {
        return Err(Error::Conflict(ErrorCode::RunUnfinished));
    };
    if !keeping(connection)?.contains(&id) {
        return Err(Error::Conflict(ErrorCode::RulesForgotten));
    }
    let (result, settings): (RuleResult, _) = (result.get()?, run.settings.get()?);
    let query = query.clone().filtered_by(by_items(&query.filter));
    let of_run = Condition::is(
        Column {
            table: "rules",
            name: "run_id",
        },
        id.as_str(),
    );
    LIST.page(
        connection,
        &query,
        of_run,
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = table::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            named(connection, rows, settings.items, result.baskets)
        },
        |connection, condition| {
            Ok(table::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

/// A filter in which a test of a product or category asks for one of the rule's items.
fn by_items(filter: &Filter) -> Filter {
    let each = |parts: &[Filter]| parts.iter().map(by_items).collect();
    match filter {
        Filter::And(parts) => Filter::And(each(parts)),
        Filter::Or(parts) => Filter::Or(each(parts)),
        Filter::Not(part) => Filter::Not(Box::new(by_items(part))),
        Filter::Test(field, Predicate::In(values))
            if matches!(field.name, "product" | "category") =>
        {
            let word = |value: &Scalar| match value {
                Scalar::Text(text) => Some(text.clone()),
                Scalar::Int(_) | Scalar::Bool(_) => None,
            };
            let items = FieldInfo {
                name: ITEMS,
                kind: FieldKind::Tags,
                ..field.clone()
            };
            Filter::Test(
                items,
                Predicate::HasAny(values.iter().filter_map(word).collect()),
            )
        }
        Filter::Test(..) => filter.clone(),
    }
}

fn named(
    connection: &mut AnyConnection,
    rows: Vec<Row>,
    kind: ItemKind,
    baskets: i64,
) -> Result<Vec<KeptRule>> {
    let mut items = Vec::new();
    for row in &rows {
        items.extend(row.antecedent.get()?);
        items.extend(row.consequent.get()?);
    }
    let names = Names::of(connection, kind, &items)?;
    rows.into_iter()
        .map(|row| {
            Ok(KeptRule {
                number: row.number,
                item_count: row.item_count,
                antecedent: names.all(row.antecedent.get()?),
                consequent: names.all(row.consequent.get()?),
                facts: row.facts(baskets),
            })
        })
        .collect()
}

/// The rules of a run that tell of one item, as `domain` has them, with items as numbers.
pub(super) fn telling_of_one(
    connection: &mut AnyConnection,
    run: RuleRunId,
    baskets: i64,
    items: &mut Items,
) -> Result<Vec<Rule<u32>>> {
    let rows: Vec<Row> = table::table
        .filter(table::run_id.eq(run))
        .order(table::number)
        .select(Row::as_select())
        .load(connection)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let consequent = row.consequent.get()?;
        if consequent.len() > 1 {
            continue;
        }
        let mut numbers = |texts: Vec<String>| -> Result<Vec<u32>> {
            texts.into_iter().map(|text| items.number(text)).collect()
        };
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let counts = [
            row.both_sides,
            row.with_antecedent,
            row.with_consequent,
            baskets,
        ];
        found.push(Rule::measured(
            numbers(row.antecedent.get()?)?,
            numbers(consequent)?,
            counts.map(count),
        ));
    }
    Ok(found)
}

/// What items are called.
pub(super) struct Names(HashMap<String, RuleItem>);

impl Names {
    pub fn of(connection: &mut AnyConnection, kind: ItemKind, items: &[String]) -> Result<Self> {
        let named = match kind {
            ItemKind::Product => Self::products(connection, items)?,
            ItemKind::Category => Self::categories(connection, items)?,
        };
        Ok(Self(
            named.into_iter().map(|i| (i.item.clone(), i)).collect(),
        ))
    }

    fn products(connection: &mut AnyConnection, items: &[String]) -> Result<Vec<RuleItem>> {
        type Product = (ProductId, String, String, Option<String>);
        let mut ids: Vec<&String> = items.iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let rows: Vec<Product> = products::table
            .filter(products::id.eq_any(ids))
            .select((
                products::id,
                products::sku,
                products::name,
                products::name_en,
            ))
            .load(connection)?;
        let item = |(id, sku, name, name_en): Product| RuleItem {
            item: id.to_string(),
            product_id: Some(id),
            sku: Some(sku),
            name,
            name_en,
        };
        Ok(rows.into_iter().map(item).collect())
    }

    fn categories(connection: &mut AnyConnection, items: &[String]) -> Result<Vec<RuleItem>> {
        let rows: Vec<(String, String, String)> = dictionary_entries::table
            .filter(dictionary_entries::dictionary.eq(Dictionary::ProductCategory.as_str()))
            .filter(dictionary_entries::code.eq_any(items))
            .select((
                dictionary_entries::code,
                dictionary_entries::label_zh,
                dictionary_entries::label_en,
            ))
            .load(connection)?;
        let item = |(code, zh, en)| RuleItem {
            item: code,
            product_id: None,
            sku: None,
            name: zh,
            name_en: Some(en),
        };
        Ok(rows.into_iter().map(item).collect())
    }

    /// An item; under its code where its product or category is gone.
    pub fn item(&self, item: String) -> RuleItem {
        self.0.get(&item).cloned().unwrap_or_else(|| RuleItem {
            name: item.clone(),
            item,
            product_id: None,
            sku: None,
            name_en: None,
        })
    }

    pub fn all(&self, items: Vec<String>) -> Vec<RuleItem> {
        items.into_iter().map(|item| self.item(item)).collect()
    }
}
