//! Two runs side by side.

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text};
use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::LifecycleStage;
use guanxi_domain::segmentation::rfm::{RfmGroup, RfmSegment};
use guanxi_domain::segmentation::run::{
    ComparisonInput, MOVED_FIELDS, MoveDimension, MovedCustomer, RunComparison, Transition,
};
use guanxi_domain::{CustomerId, ErrorCode, Money, Page, Proportion, SegmentationRunId};

use super::{BY_VALUE, HeadRow, VALUE, by_value, scored, valued};
use crate::condition::{Column, Condition, Ordering};
use crate::connection::MultiBackend;
use crate::list::{ListQuery, ListSpec};
use crate::sight::Sight;
use crate::{Actor, AnyConnection, Error, Result, customer};

const fn now(name: &'static str) -> Column {
    Column {
        table: "segmentation_scores",
        name,
    }
}

const fn before(name: &'static str) -> Column {
    Column {
        table: "previous",
        name,
    }
}

const LIST: ListSpec = ListSpec {
    id: "customer_id",
    elsewhere: &[
        ("previous_rfm_segment", before("rfm_segment")),
        ("previous_rfm_group", before("rfm_group")),
        ("previous_lifecycle_stage", before("lifecycle_stage")),
        ("previous_churn_level", before("churn_level")),
        ("previous_lifetime_value", before("lifetime_value")),
        ("previous_churn_risk", before("churn_risk")),
    ],
    downwards: Some(("lifetime_value", VALUE)),
    search: &[(&customer::SEARCH, now("customer_id"))],
    ..ListSpec::new(&MOVED_FIELDS, "segmentation_scores")
};

/// Customers that are in two runs.
#[derive(Clone, Copy)]
struct Pair {
    run: i64,
    with: i64,
}

impl Pair {
    fn walk<'b>(
        &'b self,
        by_value: bool,
        out: &mut AstPass<'_, 'b, MultiBackend>,
    ) -> QueryResult<()> {
        out.push_sql(
            " FROM segmentation_scores INNER JOIN segmentation_scores AS previous \
             ON previous.customer_id = segmentation_scores.customer_id AND previous.run = ",
        );
        out.push_bind_param::<BigInt, _>(&self.with)?;
        if by_value {
            out.push_sql(BY_VALUE);
        }
        out.push_sql(" INNER JOIN customers ON customers.id = segmentation_scores.customer_id WHERE segmentation_scores.run = ");
        out.push_bind_param::<BigInt, _>(&self.run)?;
        out.push_sql(" AND ");
        Ok(())
    }
}

/// How many customers went from which classes to which.
struct Transitions {
    pair: Pair,
    condition: Condition,
}

const CLASSES: &str = "previous.rfm_segment, segmentation_scores.rfm_segment, previous.rfm_group, segmentation_scores.rfm_group, \
     previous.lifecycle_stage, segmentation_scores.lifecycle_stage, previous.churn_level, segmentation_scores.churn_level";

impl QueryFragment<MultiBackend> for Transitions {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        out.push_sql(CLASSES);
        // PostgreSQL's sum of bigints is numeric.
        out.push_sql(
            ", count(*), CAST(coalesce(sum(previous.lifetime_value), 0) AS BIGINT), \
             CAST(coalesce(sum(segmentation_scores.lifetime_value), 0) AS BIGINT)",
        );
        self.pair.walk(false, &mut out)?;
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql(" GROUP BY ");
        out.push_sql(CLASSES);
        Ok(())
    }
}

type Class = Nullable<Text>;

impl Query for Transitions {
    type SqlType = (
        Class,
        Class,
        Class,
        Class,
        Text,
        Text,
        Class,
        Class,
        BigInt,
        BigInt,
        BigInt,
    );
}

/// A page of customers that moved.
struct Moves {
    pair: Pair,
    condition: Condition,
    ordering: Ordering,
    limit: i64,
}

impl QueryFragment<MultiBackend> for Moves {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT customers.id, customers.code, customers.name, ");
        out.push_sql(CLASSES);
        out.push_sql(
            ", previous.lifetime_value, segmentation_scores.lifetime_value, previous.churn_risk, segmentation_scores.churn_risk",
        );
        self.pair.walk(by_value(&self.ordering), &mut out)?;
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql(" ORDER BY ");
        self.ordering.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

type Amount = Nullable<BigInt>;

impl Query for Moves {
    type SqlType = (
        Text,
        Text,
        Text,
        Class,
        Class,
        Class,
        Class,
        Text,
        Text,
        Class,
        Class,
        Amount,
        Amount,
        Amount,
        Amount,
    );
}

/// How many moved.
struct Moved {
    pair: Pair,
    condition: Condition,
}

impl QueryFragment<MultiBackend> for Moved {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT count(*)");
        self.pair.walk(false, &mut out)?;
        self.condition.walk_ast(out.reborrow())
    }
}

impl Query for Moved {
    type SqlType = BigInt;
}

macro_rules! queries {
    ($($name:ident)+) => {$(
        impl QueryId for $name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl RunQueryDsl<AnyConnection> for $name {}
    )+};
}

queries! { Transitions Moves Moved }

/// Both runs: the one that is asked for, and the one that it is compared with.
fn both(
    connection: &mut AnyConnection,
    id: SegmentationRunId,
    with: Option<SegmentationRunId>,
) -> Result<(HeadRow, HeadRow)> {
    let run = scored(connection, id)?;
    let with = with
        .or(run.previous_id)
        .ok_or(Error::Conflict(ErrorCode::NothingToCompare))?;
    Ok((run, scored(connection, with)?))
}

type Counted = (
    Option<RfmSegment>,
    Option<RfmSegment>,
    Option<RfmGroup>,
    Option<RfmGroup>,
    LifecycleStage,
    LifecycleStage,
    Option<ChurnLevel>,
    Option<ChurnLevel>,
    i64,
    i64,
    i64,
);

/// Compares a run with another, over the customers in both that the caller may see.
pub fn compare(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: SegmentationRunId,
    with: Option<SegmentationRunId>,
) -> Result<RunComparison> {
    let (run, with) = both(connection, id, with)?;
    let rows: Vec<Counted> = Transitions {
        pair: Pair {
            run: run.number,
            with: with.number,
        },
        condition: Sight::of(actor).condition,
    }
    .load(connection)?;
    let sum = |of: fn(&Counted) -> i64| rows.iter().map(of).fold(0_i64, i64::saturating_add);
    Ok(RunComparison {
        run_id: run.id,
        as_of: run.as_of,
        with_id: with.id,
        with_as_of: with.as_of,
        customers: sum(|row| row.8),
        value_before: Money(sum(|row| row.9)),
        value: Money(sum(|row| row.10)),
        rfm_segments: transitions(&rows, |row| (row.0, row.1)),
        rfm_groups: transitions(&rows, |row| (row.2, row.3)),
        lifecycle_stages: transitions(&rows, |row| (Some(row.4), Some(row.5))),
        churn_levels: transitions(&rows, |row| (row.6, row.7)),
    })
}

fn transitions<C: Copy + Ord>(
    rows: &[Counted],
    classes: impl Fn(&Counted) -> (Option<C>, Option<C>),
) -> Vec<Transition<C>> {
    let mut sums: BTreeMap<(Option<C>, Option<C>), (i64, i64)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(classes(row)).or_default();
        sum.0 += row.8;
        sum.1 = sum.1.saturating_add(row.10);
    }
    sums.into_iter()
        .map(|((from, to), (customers, value))| Transition {
            from,
            to,
            customers,
            value: Money(value),
        })
        .collect()
}

/// That the class differs: NULL is a class of its own.
fn moved(dimension: MoveDimension) -> Condition {
    let name = dimension.as_str();
    Condition::Distinct(before(name), now(name))
}

type MovedRow = (
    CustomerId,
    String,
    String,
    Option<RfmSegment>,
    Option<RfmSegment>,
    Option<RfmGroup>,
    Option<RfmGroup>,
    LifecycleStage,
    LifecycleStage,
    Option<ChurnLevel>,
    Option<ChurnLevel>,
    Option<Money>,
    Option<Money>,
    Option<Proportion>,
    Option<Proportion>,
);

/// The customers that are in two runs and moved between them, as far as the caller may see them.
pub fn moves(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: SegmentationRunId,
    input: ComparisonInput,
    query: &ListQuery,
) -> Result<Page<MovedCustomer>> {
    let (run, with) = both(connection, id, input.with)?;
    let pair = Pair {
        run: run.number,
        with: with.number,
    };
    LIST.page(
        connection,
        query,
        Sight::of(actor).condition.and(moved(input.dimension)),
        |connection, condition, ordering, limit| {
            let rows: Vec<MovedRow> = Moves {
                pair,
                condition: if by_value(&ordering) {
                    condition.and(valued(pair.run))
                } else {
                    condition
                },
                ordering,
                limit,
            }
            .load(connection)?;
            Ok(rows.into_iter().map(moved_customer).collect())
        },
        |connection, condition| Ok(Moved { pair, condition }.get_result(connection)?),
    )
}

fn moved_customer(row: MovedRow) -> MovedCustomer {
    MovedCustomer {
        customer_id: row.0,
        code: row.1,
        name: row.2,
        previous_rfm_segment: row.3,
        rfm_segment: row.4,
        previous_rfm_group: row.5,
        rfm_group: row.6,
        previous_lifecycle_stage: row.7,
        lifecycle_stage: row.8,
        previous_churn_level: row.9,
        churn_level: row.10,
        previous_lifetime_value: row.11,
        lifetime_value: row.12,
        previous_churn_risk: row.13,
        churn_risk: row.14,
    }
}
