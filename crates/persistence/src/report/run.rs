//! A report from what it asks to what it answers.

use std::collections::{BTreeSet, HashMap, HashSet};

use guanxi_domain::order::FIELDS;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::report::{
    DayRange, Facts, MAX_CELLS, ReportDimension, ReportQuery, ReportResult, ReportSort,
};
use guanxi_domain::{Date, ErrorCode, Lang, Timestamp};
use serde_json::Value as Json;

use super::answer::{Answer, row_filter};
use super::facts::{Grouped, Keys, Needs, too_large};
use super::labels::Labels;
use super::{key_of, scope};
use crate::condition::Op;
use crate::list::ListSpec;
use crate::{Actor, AnyConnection, Condition, Error, Result, Value, custom_field, order};

/// Lines by the order that they are in: a test of a product is one of the line.
pub(super) const FACTS: ListSpec = ListSpec {
    joints: &[order::OF_CUSTOMER, order::LINES_OF_PRODUCT],
    ..order::LIST
};

/// Who asks for a report, when, and in which language.
pub struct Asker<'a> {
    pub actor: &'a Actor,
    pub lang: Lang,
    pub now: Timestamp,
    /// To take it away as a file: only what the right to export reaches to as well.
    pub exports: bool,
}

/// Runs a report for somebody: over the orders within the scope of reports, orders and customers together. To be called on a snapshot.
pub fn run(
    connection: &mut AnyConnection,
    asker: &Asker<'_>,
    query: &ReportQuery,
) -> Result<ReportResult> {
    let plan = Plan::new(connection, asker, query)?;
    plan.run(connection, asker.lang)
}

/// The same over only those lines where a condition holds. What the answer lists orders by does not know of it.
pub(crate) fn run_among(
    connection: &mut AnyConnection,
    asker: &Asker<'_>,
    query: &ReportQuery,
    lines: Condition,
) -> Result<ReportResult> {
    let mut plan = Plan::new(connection, asker, query)?;
    plan.needs.lines = true;
    plan.base = plan.base.and(lines);
    plan.run(connection, asker.lang)
}

/// What is asked, in terms of the database.
pub(super) struct Plan<'a> {
    pub query: &'a ReportQuery,
    actor: &'a Actor,
    now: Timestamp,
    needs: Needs,
    /// What every fact fulfils, but for the days.
    base: Condition,
    pub range: DayRange,
    pub before: Option<DayRange>,
}

/// The first rows, where only they are wanted.
#[derive(Default)]
struct Chosen {
    rows: Option<Vec<Keys>>,
    /// There are others.
    others: bool,
}

/// The facts of one range of days, by keys of the present.
#[derive(Default)]
pub(super) struct Figures {
    pub rows: HashMap<Keys, Facts>,
    pub cells: HashMap<(Keys, Option<String>), Facts>,
    pub columns: HashMap<Option<String>, Facts>,
    pub others: Facts,
    pub other_cells: HashMap<Option<String>, Facts>,
    pub total: Facts,
}

impl<'a> Plan<'a> {
    fn new(
        connection: &mut AnyConnection,
        asker: &Asker<'a>,
        query: &'a ReportQuery,
    ) -> Result<Self> {
        let (actor, now) = (asker.actor, asker.now);
        let of_products = ReportDimension::is_of_lines;
        let may_read_products = actor.permissions.allows(Module::Products, Operation::Read);
        if query.dimensions().any(of_products) && !may_read_products {
            let pointer = "/rows".to_owned();
            return Err(Error::ConflictAt(ErrorCode::Forbidden, pointer));
        }
        let mut base = scope(actor);
        if asker.exports {
            let reach = actor.visibility(Module::Reports, Operation::Export);
            base = base.and(reach.map_or(Condition::Never, |reach| reach.owned("orders")));
        }
        let mut lines = query.dimensions().any(of_products);
        if let Some(tree) = &query.filter {
            let fields = custom_field::fields(connection, &FIELDS)?;
            base = base.and(FACTS.tree(fields, tree, actor, now)?);
            lines |= mentions_products(tree);
        }
        let measures = query.measures.iter().copied();
        let measures = measures.chain(query.order().map(|sort| sort.measure));
        let range = query.range(now.date());
        Ok(Self {
            needs: Needs::of(measures, lines),
            before: query.compare.and_then(|with| range.compared(with)),
            query,
            actor,
            now,
            base,
            range,
        })
    }

    fn run(&self, connection: &mut AnyConnection, lang: Lang) -> Result<ReportResult> {
        let chosen = self.choose(connection)?;
        let present = self.figures(connection, self.range, &chosen)?;
        let before = match self.before {
            Some(range) => Some(self.figures(connection, range, &chosen)?),
            None => None,
        };
        let figures = [Some(&present), before.as_ref()];
        let figures: Vec<&Figures> = figures.into_iter().flatten().collect();
        let mut rows = self.rows(&chosen, &figures);
        let columns = self.columns(&figures);
        if rows.len().saturating_mul(columns.len().max(1)) > MAX_CELLS {
            return Err(Error::invalid("/rows", "cells"));
        }
        let labels = Labels::load(connection, self.query, &rows, &columns, lang)?;
        self.sort(&mut rows, &labels, &present)?;
        let columns = self.sorted_columns(columns, &labels);
        Answer {
            plan: self,
            labels,
            present,
            before,
            columns,
        }
        .result(rows, chosen.others)
    }

    /// Facts in these groups, among those of a range of days where a condition holds.
    fn grouped(
        &self,
        connection: &mut AnyConnection,
        dimensions: &[ReportDimension],
        range: DayRange,
        among: Condition,
        (order, limit): (Option<ReportSort>, usize),
    ) -> Result<Vec<(Keys, Facts)>> {
        let grouped = Grouped {
            dimensions: dimensions.to_vec(),
            needs: self.needs,
            condition: self.base.clone().and(days(range)).and(among),
            order,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        };
        grouped.load(connection)
    }

    /// The first rows by what they are sorted by, if not all are wanted.
    fn choose(&self, connection: &mut AnyConnection) -> Result<Chosen> {
        let Some(top) = self.query.top else {
            return Ok(Chosen::default());
        };
        let top = usize::try_from(top).unwrap_or_default();
        let first = (self.query.order(), top + 1);
        let mut rows = self.grouped(
            connection,
            &self.query.rows,
            self.range,
            Condition::Always,
            first,
        )?;
        let others = rows.len() > top;
        rows.truncate(top);
        Ok(Chosen {
            rows: Some(rows.into_iter().map(|(keys, _)| keys).collect()),
            others,
        })
    }

    /// All sums of a range of days.
    fn figures(
        &self,
        connection: &mut AnyConnection,
        range: DayRange,
        chosen: &Chosen,
    ) -> Result<Figures> {
        let mut found = Figures::default();
        let rows = &self.query.rows;
        let all = (None, MAX_CELLS + 1);
        let named = match &chosen.rows {
            Some(keys) => self.named(connection, keys, range)?,
            None => Condition::Always,
        };
        let unnamed = || Condition::Not(Box::new(named.clone()));
        let total = self.grouped(connection, &[], range, Condition::Always, all)?;
        found.total = total.first().map(|(_, facts)| *facts).unwrap_or_default();
        let shift = |dimensions: &[ReportDimension], keys: Keys| -> Keys {
            let keys = dimensions.iter().zip(keys);
            keys.map(|(d, key)| moved(*d, key, range, self.range))
                .collect()
        };
        if rows.is_empty() {
            found.rows.insert(Keys::new(), found.total);
        } else {
            let groups = self.grouped(connection, rows, range, named.clone(), all)?;
            let groups = groups
                .into_iter()
                .map(|(keys, facts)| (shift(rows, keys), facts));
            found.rows.extend(groups);
            if found.rows.len() > MAX_CELLS {
                return Err(Error::invalid("/rows", "cells"));
            }
        }
        if chosen.others {
            let others = self.grouped(connection, &[], range, unnamed(), all)?;
            found.others = others.first().map(|(_, facts)| *facts).unwrap_or_default();
        }
        if let Some(column) = self.query.column {
            let last = |mut keys: Keys| keys.pop().unwrap_or_default();
            let by_column = |groups: Vec<(Keys, Facts)>| {
                let groups = groups.into_iter();
                groups
                    .map(|(keys, facts)| (last(shift(&[column], keys)), facts))
                    .collect()
            };
            let columns = self.grouped(connection, &[column], range, Condition::Always, all)?;
            found.columns = by_column(columns);
            if chosen.others {
                let others = self.grouped(connection, &[column], range, unnamed(), all)?;
                found.other_cells = by_column(others);
            }
            let both: Vec<_> = self.query.dimensions().collect();
            let cells = self.grouped(connection, &both, range, named.clone(), all)?;
            if cells.len() > MAX_CELLS {
                return Err(Error::invalid("/rows", "cells"));
            }
            for (keys, facts) in cells {
                let mut keys = shift(&both, keys);
                let column = keys.pop().unwrap_or_default();
                found.cells.insert((keys, column), facts);
            }
        }
        Ok(found)
    }

    /// The condition that a fact is in one of these rows, which are named by keys of the present.
    fn named(
        &self,
        connection: &mut AnyConnection,
        rows: &[Keys],
        range: DayRange,
    ) -> Result<Condition> {
        let fields = custom_field::fields(connection, &FIELDS)?;
        let mut any = Vec::with_capacity(rows.len());
        for keys in rows {
            let dimensions = self.query.rows.iter();
            let keys: Keys = dimensions
                .zip(keys)
                .map(|(d, key)| moved(*d, key.clone(), self.range, range))
                .collect();
            any.push(FACTS.tree(
                fields,
                &row_filter(&self.query.rows, &keys),
                self.actor,
                self.now,
            )?);
        }
        Ok(Condition::Or(any))
    }

    /// The keys of all rows, in no order.
    fn rows(&self, chosen: &Chosen, figures: &[&Figures]) -> Vec<Keys> {
        if let Some(rows) = &chosen.rows {
            return rows.clone();
        }
        let found = figures.iter().flat_map(|f| f.rows.keys().cloned());
        let mut rows: HashSet<Keys> = found.collect();
        if let ([dimension], None) = (self.query.rows.as_slice(), self.query.order()) {
            let found = rows.iter().filter_map(|keys| keys.first()?.clone());
            let between = self.between(*dimension, found.collect());
            rows.extend(between.into_iter().map(|key| vec![Some(key)]));
        }
        rows.into_iter().collect()
    }

    /// The keys of all columns, in no order.
    fn columns(&self, figures: &[&Figures]) -> Vec<Option<String>> {
        let Some(column) = self.query.column else {
            return Vec::new();
        };
        let found = figures.iter().flat_map(|f| f.columns.keys().cloned());
        let mut columns: HashSet<Option<String>> = found.collect();
        let known = columns.iter().flatten().cloned().collect();
        columns.extend(self.between(column, known).into_iter().map(Some));
        columns.into_iter().collect()
    }

    /// The days, weeks … without orders among those with some: nothing sold is a figure too.
    fn between(&self, dimension: ReportDimension, found: BTreeSet<String>) -> Vec<String> {
        if !dimension.is_time() {
            return Vec::new();
        }
        let bucket = |key: &String| key.parse().ok().map(|day| dimension.bucket(day));
        let buckets: BTreeSet<i32> = found.iter().filter_map(bucket).collect();
        let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else {
            return Vec::new();
        };
        let begin = self.range.from.map_or(*first, |day| dimension.bucket(day));
        let span = usize::try_from(last - begin).unwrap_or_default();
        if span > MAX_CELLS {
            // Refused for their number anyway, or so far apart that nobody wants to see what is between.
            return Vec::new();
        }
        (begin..=*last)
            .map(|bucket| key_of(dimension, bucket))
            .collect()
    }

    /// Puts rows into the order that is asked for.
    fn sort(&self, rows: &mut [Keys], labels: &Labels, present: &Figures) -> Result<()> {
        let dimensions = &self.query.rows;
        let by_what_they_are = |keys: &Keys| -> Vec<_> {
            let keys = dimensions.iter().zip(keys);
            keys.map(|(d, key)| labels.rank(*d, key.as_deref()))
                .collect()
        };
        rows.sort_by_cached_key(by_what_they_are);
        if let Some(sort) = self.query.order() {
            let value = |keys: &Keys| -> Result<Option<i64>> {
                let facts = present.rows.get(keys).copied().unwrap_or_default();
                facts.value(sort.measure).map_err(|_| too_large())
            };
            let values: HashMap<Keys, Option<i64>> = rows
                .iter()
                .map(|keys| Ok((keys.clone(), value(keys)?)))
                .collect::<Result<_>>()?;
            rows.sort_by(|a, b| match (values[a], values[b]) {
                (Some(a), Some(b)) if sort.descending => b.cmp(&a),
                (Some(a), Some(b)) => a.cmp(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
        }
        Ok(())
    }

    fn sorted_columns(
        &self,
        mut columns: Vec<Option<String>>,
        labels: &Labels,
    ) -> Vec<Option<String>> {
        if let Some(column) = self.query.column {
            columns.sort_by_cached_key(|key| labels.rank(column, key.as_deref()));
        }
        columns
    }
}

/// The key that has the same place in another range of days.
fn moved(
    dimension: ReportDimension,
    key: Option<String>,
    from: DayRange,
    to: DayRange,
) -> Option<String> {
    let day: Option<Date> = key.as_ref().and_then(|key| key.parse().ok());
    match (day, from.from, to.from) {
        (Some(day), Some(from), Some(to)) if dimension.is_time() && from != to => {
            let place = dimension.bucket(day) - dimension.bucket(from);
            Some(key_of(dimension, dimension.bucket(to) + place))
        }
        _ => key,
    }
}

/// Whether a filter tests what is ordered.
fn mentions_products(tree: &Json) -> bool {
    match tree {
        Json::Object(members) => members.iter().any(|(name, member)| match member {
            Json::String(field) => name == "field" && field.starts_with("product."),
            other => mentions_products(other),
        }),
        Json::Array(parts) => parts.iter().any(mentions_products),
        _ => false,
    }
}

/// The orders of these days (UTC).
fn days(range: DayRange) -> Condition {
    let test = |op, day: Date| {
        let micros = Value::Int(day.start().micros());
        Condition::Compare(order::column("ordered_at"), op, micros)
    };
    let from = range.from.map(|day| test(Op::Ge, day));
    let to = range.to.map(|day| test(Op::Lt, day.plus_days(1)));
    let both = from.into_iter().chain(to);
    both.fold(Condition::Always, Condition::and)
}
