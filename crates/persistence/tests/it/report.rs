//! Reports: both databases say what a plain calculation over all lines says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

use guanxi_domain::customer::Customer;
use guanxi_domain::order::Order;
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::product::Product;
use guanxi_domain::report::{
    DayRange, Facts, MAX_CELLS, ReportCompare, ReportDimension, ReportFigure, ReportMeasure,
    ReportQuery, ReportResult, ReportSort,
};
use guanxi_domain::segmentation::run::{CustomerScores, SegmentationRunInput};
use guanxi_domain::{Checked, Date, Lang, Search, Timestamp};
use guanxi_persistence::customer::Customers;
use guanxi_persistence::order::Orders;
use guanxi_persistence::product::Products;
use guanxi_persistence::report::{self, Asker};
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_persistence::{
    Actor, Db, Error, ListQuery, Origin, Record, Visibility, custom_field, order, segmentation,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::util::{Office, both, checked, run_sql};

const REPORTS: u32 = 150;

/// One line of an order that counts, with what it can be broken down by.
struct Line {
    order: String,
    day: Date,
    customer: String,
    keys: HashMap<ReportDimension, Option<String>>,
    total: i64,
    cost: i64,
    quantity: i64,
}

impl Line {
    fn key(&self, dimension: ReportDimension) -> Option<String> {
        if dimension.is_time() {
            return Some(first_day(dimension, dimension.bucket(self.day)));
        }
        self.keys[&dimension].clone()
    }
}

fn first_day(dimension: ReportDimension, bucket: i32) -> String {
    dimension.bucket_days(bucket).0.to_string()
}

/// Everything of a record type that somebody sees.
fn all<R: Record>(db: &Db, visibility: &Visibility) -> Vec<R::Item> {
    let mut query = ListQuery::all(R::LIST.fields);
    query.limit = 100_000;
    db.read_blocking(|c| {
        let mut items = guanxi_persistence::list::<R>(c, visibility, &query)?.items;
        if R::MODULE == Module::Customers {
            let put_away = [("archived_at", "any")];
            let mut query = ListQuery::parse(R::LIST.fields, put_away, None)?;
            query.limit = 100_000;
            items.extend(guanxi_persistence::list::<R>(c, visibility, &query)?.items);
        }
        Ok(items)
    })
    .expect("a list")
}

/// The lines that somebody's reports are made of.
fn lines(db: &Db, actor: &Actor) -> Vec<Line> {
    let reach = |module| actor.visibility(module, Operation::Read).expect("a scope");
    let customers: HashMap<String, Customer> = all::<Customers>(db, &reach(Module::Customers))
        .into_iter()
        .map(|customer| (customer.id.to_string(), customer))
        .collect();
    let products: HashMap<String, Product> = all::<Products>(db, &Visibility::All)
        .into_iter()
        .map(|product| (product.id.to_string(), product))
        .collect();
    let orders = all::<Orders>(db, &reach(Module::Orders)).into_iter();
    let orders = orders.filter(|order| order.state.counts());
    let mut lines = Vec::new();
    for head in orders {
        let Some(customer) = customers.get(head.customer_id.as_str()) else {
            continue;
        };
        let order = db.read_blocking(|c| order::get(c, &Visibility::All, head.id));
        lines.extend(lines_of(&order.expect("an order"), customer, &products));
    }
    lines
}

fn lines_of(order: &Order, customer: &Customer, products: &HashMap<String, Product>) -> Vec<Line> {
    use ReportDimension as D;

    let head = &order.head;
    let input = &customer.input;
    let word = |text: Option<&str>| text.map(str::to_owned);
    let score = |of: fn(&CustomerScores) -> Option<String>| customer.scores.as_ref().and_then(of);
    let of_order = [
        (D::Customer, Some(head.customer_id.to_string())),
        (D::Region, input.region.clone()),
        (D::CustomerType, input.customer_type.clone()),
        (D::Industry, input.industry.clone()),
        (D::Stage, word(Some(input.stage.as_str()))),
        (D::Tier, input.tier.map(|t| t.to_string())),
        (D::ValueClass, customer.value_class.map(|c| c.to_string())),
        (D::Lifecycle, score(|s| Some(s.lifecycle_stage.to_string()))),
        (D::RfmGroup, score(|s| s.rfm_group.map(|g| g.to_string()))),
        (
            D::ChurnLevel,
            score(|s| s.churn_level.map(|l| l.to_string())),
        ),
        (D::Owner, input.owner_id.map(|id| id.to_string())),
        (D::Department, head.department_id.map(|id| id.to_string())),
        (D::SalesPerson, head.owner_id.map(|id| id.to_string())),
    ];
    let line = |line: &guanxi_domain::order::OrderLine| {
        let product = line.product_id.map(|id| id.to_string());
        let category = product
            .as_ref()
            .and_then(|id| products[id].input.category.clone());
        let of_line = [(D::Product, product), (D::Category, category)];
        Line {
            order: head.id.to_string(),
            day: head.ordered_at.date(),
            customer: head.customer_id.to_string(),
            keys: of_order.iter().cloned().chain(of_line).collect(),
            total: line.total.0,
            cost: line.cost.0,
            quantity: line.quantity.0,
        }
    };
    order.lines.iter().map(line).collect()
}

fn facts<'a>(lines: impl Iterator<Item = &'a Line>) -> Facts {
    let mut sum = Facts::default();
    let (mut orders, mut customers) = (BTreeSet::new(), BTreeSet::new());
    for line in lines {
        sum.sales += line.total;
        sum.cost += line.cost;
        sum.quantity += line.quantity;
        if line.total < 0 {
            sum.returns -= line.total;
        } else {
            orders.insert(&line.order);
            customers.insert(&line.customer);
        }
    }
    sum.orders = i64::try_from(orders.len()).expect("few");
    sum.customers = i64::try_from(customers.len()).expect("few");
    sum
}

/// Filters, each with what it means of a line.
type Meaning = fn(&Line) -> bool;

fn filters() -> Vec<(Option<Value>, Meaning)> {
    use ReportDimension as D;

    vec![
        (None, |_| true),
        (
            Some(json!({"field": "customer.region", "op": "in", "value": ["cn_east", "cn_north"]})),
            |line| {
                matches!(
                    line.keys[&D::Region].as_deref(),
                    Some("cn_east" | "cn_north")
                )
            },
        ),
        (
            Some(json!({"field": "customer.region", "op": "ne", "value": "cn_east"})),
            |line| line.keys[&D::Region].as_deref() != Some("cn_east"),
        ),
        (
            Some(json!({"or": [
                {"field": "customer.value_class", "op": "empty"},
                {"field": "product.category", "op": "not_empty"}
            ]})),
            |line| line.keys[&D::ValueClass].is_none() || line.keys[&D::Category].is_some(),
        ),
        (
            Some(json!({"field": "product.id", "op": "empty"})),
            |line| line.keys[&D::Product].is_none(),
        ),
        (
            Some(json!({"not": {"field": "product.list_price", "op": "ge", "value": "0"}})),
            |line| line.keys[&D::Product].is_none(),
        ),
        (
            Some(json!({"field": "customer.sales", "op": "lt", "value": -1_000_000_000})),
            |_| false,
        ),
    ]
}

fn queries() -> impl Strategy<Value = (ReportQuery, usize)> {
    let dimensions = proptest::sample::subsequence(ReportDimension::ALL.to_vec(), 0..=3);
    let measures = proptest::sample::subsequence(ReportMeasure::ALL.to_vec(), 1..=8);
    let period = prop_oneof![
        Just(None),
        (0i32..500, 1i32..200).prop_map(|(ago, length)| Some((ago, length))),
        // Whole months, which are compared month by month.
        (0i32..12).prop_map(|ago| Some((-1 - ago, 0))),
    ];
    let sort = (proptest::sample::select(ReportMeasure::ALL), any::<bool>()).prop_map(
        |(measure, descending)| ReportSort {
            measure,
            descending,
        },
    );
    let compare = proptest::option::of(proptest::sample::select(ReportCompare::ALL));
    (
        (dimensions.prop_shuffle(), any::<bool>(), measures, period),
        (0..filters().len(), compare),
        (proptest::option::of(sort), proptest::option::of(1i64..6)),
    )
        .prop_map(
            |((mut rows, across, measures, period), (filter, compare), (sort, top))| {
                let column = if across || rows.len() > 2 {
                    rows.pop()
                } else {
                    None
                };
                let today = Timestamp::now().date();
                let days = period.map(|(ago, length)| {
                    if ago < 0 {
                        (
                            today.month_start(ago),
                            today.month_start(ago + 2).plus_days(-1),
                        )
                    } else {
                        (today.plus_days(-ago - length), today.plus_days(-ago))
                    }
                });
                let query = ReportQuery {
                    top: top.filter(|_| !rows.is_empty()),
                    rows,
                    column,
                    measures,
                    period: None,
                    from: days.map(|(from, _)| from),
                    to: days.map(|(_, to)| to),
                    filter: filters()[filter].0.clone(),
                    compare: compare.filter(|_| days.is_some()),
                    sort,
                };
                (query, filter)
            },
        )
}

type Keys = Vec<Option<String>>;

/// What a report says, by hand.
struct Expected<'a> {
    query: &'a ReportQuery,
    lines: Vec<&'a Line>,
    range: DayRange,
    before: Option<DayRange>,
}

impl<'a> Expected<'a> {
    fn new(query: &'a ReportQuery, lines: &'a [Line], meaning: Meaning) -> Self {
        let range = DayRange {
            from: query.from,
            to: query.to,
        };
        Self {
            query,
            lines: lines.iter().filter(|line| meaning(line)).collect(),
            range,
            before: query.compare.and_then(|with| range.compared(with)),
        }
    }

    fn within(range: DayRange, line: &Line) -> bool {
        range.from.is_none_or(|from| from <= line.day) && range.to.is_none_or(|to| line.day <= to)
    }

    /// The keys of a line of a range, as those of the present.
    fn keys(&self, dimensions: &[ReportDimension], line: &Line, range: DayRange) -> Keys {
        let key = |d: &ReportDimension| match (self.range.from, range.from) {
            (Some(from), Some(then)) if d.is_time() => {
                let place = d.bucket(line.day) - d.bucket(then);
                Some(first_day(*d, d.bucket(from) + place))
            }
            _ => line.key(*d),
        };
        dimensions.iter().map(key).collect()
    }

    /// The figures of those lines whose keys fulfil this.
    fn figures(
        &self,
        dimensions: &[ReportDimension],
        wanted: impl Fn(&Keys) -> bool,
    ) -> Vec<ReportFigure> {
        let facts_of = |range: DayRange| {
            let lines = self.lines.iter().copied();
            let lines = lines.filter(|line| Self::within(range, line));
            facts(lines.filter(|line| wanted(&self.keys(dimensions, line, range))))
        };
        let (present, before) = (facts_of(self.range), self.before.map(facts_of));
        let measures = self.query.measures.iter();
        measures
            .map(|measure| present.figure(*measure, before.as_ref()).expect("it fits"))
            .collect()
    }

    /// All keys that occur.
    fn groups(&self, dimensions: &[ReportDimension]) -> BTreeSet<Keys> {
        let ranges = [Some(self.range), self.before];
        let ranges = ranges.into_iter().flatten();
        ranges
            .flat_map(|range| {
                let lines = self
                    .lines
                    .iter()
                    .filter(move |line| Self::within(range, line));
                lines.map(move |line| self.keys(dimensions, line, range))
            })
            .collect()
    }

    /// As many cells as there may be, with every day between the first and the last.
    fn most_cells(&self) -> usize {
        let places = |dimensions: &[ReportDimension]| {
            let groups = self.groups(dimensions);
            let days = groups
                .iter()
                .filter_map(|keys| keys.first()?.as_ref()?.parse().ok());
            let buckets = days.map(|day: Date| dimensions[0].bucket(day));
            let buckets: BTreeSet<i32> = buckets
                .chain(self.range.from.map(|d| dimensions[0].bucket(d)))
                .collect();
            let span = buckets
                .first()
                .zip(buckets.last())
                .map_or(0, |(a, b)| b - a + 1);
            groups.len().max(usize::try_from(span).unwrap_or_default())
        };
        let column: Vec<_> = self.query.column.into_iter().collect();
        let rows = if self.query.rows.is_empty() {
            1
        } else {
            places(&self.query.rows)
        };
        let columns = if column.is_empty() {
            1
        } else {
            places(&column)
        };
        rows * columns
    }

    fn check(&self, result: &ReportResult) {
        let rows = &self.query.rows;
        assert_eq!(result.totals, self.figures(&[], |_| true), "the whole");
        let named: BTreeMap<Keys, _> = result
            .rows
            .iter()
            .filter(|row| !row.others)
            .map(|row| (row.keys.iter().map(|k| k.value.clone()).collect(), row))
            .collect();
        if self.query.top.is_none() {
            for keys in self.groups(rows) {
                assert!(named.contains_key(&keys), "{keys:?} is missing");
            }
        }
        let both: Vec<ReportDimension> = self.query.dimensions().collect();
        for (keys, row) in &named {
            assert_eq!(row.figures, self.figures(rows, |k| k == keys), "{keys:?}");
            for (column, cell) in result.columns.iter().zip(&row.cells) {
                let mut place = keys.clone();
                place.push(column.key.value.clone());
                assert_eq!(*cell, self.figures(&both, |k| *k == place), "{place:?}");
            }
        }
        for column in &result.columns {
            let dimension = self.query.column.into_iter().collect::<Vec<_>>();
            let own = vec![column.key.value.clone()];
            assert_eq!(
                column.figures,
                self.figures(&dimension, |k| *k == own),
                "{own:?}"
            );
        }
        let others = result.rows.iter().find(|row| row.others);
        if let Some(others) = others {
            let figures = self.figures(rows, |k| !named.contains_key(k));
            assert_eq!(others.figures, figures, "the others");
            for (column, cell) in result.columns.iter().zip(&others.cells) {
                let expected = self.figures(&both, |k| {
                    let (row, last) = k.split_at(rows.len());
                    last == [column.key.value.clone()] && !named.contains_key(row)
                });
                assert_eq!(*cell, expected, "the others");
            }
        }
    }
}

fn run(db: &Db, actor: &Actor, query: &ReportQuery) -> Result<ReportResult, Error> {
    let asker = Asker {
        actor,
        lang: Lang::En,
        now: Timestamp::now(),
        exports: false,
    };
    db.snapshot_blocking(|c| report::run(c, &asker, query))
}

/// The orders that a filter lists.
fn listed(db: &Db, actor: &Actor, tests: &[&Value]) -> Vec<guanxi_domain::order::OrderHead> {
    let search = Search {
        filter: Some(json!({ "and": tests })),
        limit: Some(200),
        ..Search::default()
    };
    let visibility = actor
        .visibility(Module::Orders, Operation::Read)
        .expect("a scope");
    db.read_blocking(|c| {
        let fields = custom_field::fields(c, &guanxi_domain::order::FIELDS)?;
        let mut query = ListQuery::search(fields, &search, Some(actor), Timestamp::now())?;
        query.limit = 100_000;
        Ok(guanxi_persistence::list::<Orders>(c, &visibility, &query)?.items)
    })
    .expect("a list of orders")
}

/// The orders behind every cell are those whose lines are in it; where lines play no part, their totals are its sales.
fn check_orders(db: &Db, actor: &Actor, query: &ReportQuery, result: &ReportResult) {
    let sales = query
        .measures
        .iter()
        .position(|m| *m == ReportMeasure::Sales);
    let of_lines = query.dimensions().any(ReportDimension::is_of_lines)
        || query
            .filter
            .as_ref()
            .is_some_and(|f| f.to_string().contains("product."));
    let Some(sales) = sales.filter(|_| !of_lines) else {
        return;
    };
    let sum = |tests: &[&Value]| {
        let orders = listed(db, actor, tests);
        orders.iter().map(|order| order.total.0).sum::<i64>()
    };
    for row in result.rows.iter().take(8) {
        let Some(filter) = &row.filter else { continue };
        let total = sum(&[&result.filter, filter]);
        assert_eq!(Some(total), row.figures[sales].value, "{filter}");
        for (column, cell) in result.columns.iter().zip(&row.cells).take(4) {
            let total = sum(&[&result.filter, filter, &column.filter]);
            assert_eq!(Some(total), cell[sales].value, "{filter} {}", column.filter);
        }
    }
}

/// A company with returns, lines without a product, and somebody who sees a part of it.
fn company(db: &Db) -> (Actor, Vec<Actor>) {
    let office = Office::open(db);
    let options = SeedOptions {
        customers: 60,
        orders: 240,
        seed: 7,
        now: Timestamp::now(),
        force: true,
        password_hash: "no password".to_owned(),
        minor_digits: 2,
    };
    seed(db, &options, |_, _, _| {}).expect("a company");
    run_sql(
        db,
        "UPDATE order_lines SET quantity = -quantity, total = -total, cost = -cost
           WHERE position = 1 AND order_id IN (SELECT id FROM orders WHERE ordered_at / 1000000 % 4 = 0);
         UPDATE order_lines SET product_id = NULL
           WHERE order_id IN (SELECT id FROM orders WHERE ordered_at / 1000000 % 5 = 0);
         UPDATE customers SET region = NULL WHERE created_at / 1000000 % 6 = 0;
         UPDATE orders SET
           total = (SELECT CAST(sum(order_lines.total) AS BIGINT) FROM order_lines WHERE order_id = orders.id),
           margin = (SELECT CAST(sum(order_lines.total - order_lines.cost) AS BIGINT) FROM order_lines WHERE order_id = orders.id)",
    );
    let asked: Checked<SegmentationRunInput> = checked(json!({}));
    let go_on = |_| ControlFlow::Continue(());
    segmentation::run(db, &Origin::of(&office.administrator), &asked, go_on).expect("scores");
    let departments = db
        .read_blocking(guanxi_persistence::department::all)
        .expect("departments");
    let partly = departments
        .iter()
        .map(|department| office.employee("Mia", ShippedRole::DepartmentManager, department.id));
    (office.administrator.clone(), partly.collect())
}

#[test]
fn reports_say_what_the_lines_say() {
    both(|db, name| {
        let (administrator, partly) = company(db);
        let everything = lines(db, &administrator);
        assert!(everything.len() > 300, "{} lines", everything.len());
        let mut runner = TestRunner::new(Config {
            cases: REPORTS,
            failure_persistence: None,
            ..Config::default()
        });
        let of_parts: Vec<_> = partly
            .iter()
            .map(|actor| (actor, lines(db, actor)))
            .collect();
        let is_part = |lines: &Vec<Line>| !lines.is_empty() && lines.len() < everything.len();
        let part = of_parts.iter().find(|(_, lines)| is_part(lines));
        let (part, part_lines) = part.expect("somebody sees a part of the orders");
        let outcome = runner.run(&queries(), |(query, filter)| {
            let meaning = filters()[filter].1;
            for (actor, lines) in [(&administrator, &everything), (*part, part_lines)] {
                let expected = Expected::new(&query, lines, meaning);
                let result = match run(db, actor, &query) {
                    Err(Error::Invalid(_)) if expected.most_cells() > MAX_CELLS => continue,
                    result => result.expect("a report"),
                };
                expected.check(&result);
                check_orders(db, actor, &query, &result);
            }
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
    });
}

#[test]
fn what_is_too_large_or_not_theirs_is_refused() {
    both(|db, _| {
        let (administrator, partly) = company(db);
        let query = |more: Value| -> ReportQuery {
            let mut all =
                json!({"rows": ["customer", "product"], "column": "day", "measures": ["sales"]});
            for (name, value) in more.as_object().expect("members") {
                all[name] = value.clone();
            }
            serde_json::from_value(all).expect("a query")
        };
        let refused = run(db, &administrator, &query(json!({})));
        assert!(
            matches!(&refused, Err(Error::Invalid(wrong)) if *wrong == [("/rows".to_owned(), "cells")]),
            "{refused:?}"
        );
        let first = run(
            db,
            &administrator,
            &query(json!({"top": 3, "column": null})),
        );
        assert_eq!(first.expect("few").rows.len(), 4, "three and the others");
        let wrong = query(json!({"filter": {"field": "customer.colour", "op": "empty"}}));
        assert!(matches!(
            run(db, &administrator, &wrong),
            Err(Error::Query(_))
        ));

        // Sums beyond 64 bits are told, not wrapped.
        run_sql(
            db,
            "UPDATE order_lines SET total = 4611686018427387904, cost = 0 WHERE position <= 3",
        );
        for measures in [json!(["sales"]), json!(["orders", "sales"])] {
            let mut query = query(json!({"rows": [], "column": null}));
            query.measures = serde_json::from_value(measures).expect("measures");
            query.measures.push(ReportMeasure::Quantity);
            let refused = run(db, &administrator, &query);
            assert!(
                matches!(&refused, Err(Error::Invalid(wrong)) if *wrong == [("/measures".to_owned(), "overflow")]),
                "{refused:?}"
            );
        }
        // Somebody without reports has none, whatever else they see.
        let office = Office::of(db, administrator);
        let department = partly[0].department_id.expect("a department");
        let clerk = office.employee("Cleo", ShippedRole::DepartmentClerk, department);
        let nothing = run(db, &clerk, &query(json!({"rows": [], "column": null})));
        assert_eq!(nothing.expect("a report").totals[0].value, Some(0));
    });
}
