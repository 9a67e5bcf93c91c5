//! A customer's scores as they are kept.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl};
use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::{LifecycleStage, StageReason};
use guanxi_domain::segmentation::lifetime::ValueMethod;
use guanxi_domain::segmentation::rfm::{RfmGroup, RfmSegment};
use guanxi_domain::segmentation::run::CustomerScores;
use guanxi_domain::{CustomerId, Money, Proportion, Quantity};

use crate::schema::segmentation_scores;

/// Without the keys.
#[derive(Clone, Debug, PartialEq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = segmentation_scores)]
pub(crate) struct ScoreRow {
    pub rfm_segment: Option<RfmSegment>,
    pub rfm_group: Option<RfmGroup>,
    pub recency_score: Option<i32>,
    pub frequency_score: Option<i32>,
    pub monetary_score: Option<i32>,
    pub recency_days: Option<i32>,
    pub frequency: Option<i32>,
    pub monetary: Option<Money>,
    pub lifecycle_stage: LifecycleStage,
    pub stage_reason: StageReason,
    pub probability_active: Option<Proportion>,
    pub expected_purchases: Option<Quantity>,
    pub average_value: Option<Money>,
    pub lifetime_value: Option<Money>,
    pub value_method: Option<ValueMethod>,
    pub churn_risk: Option<Proportion>,
    pub churn_level: Option<ChurnLevel>,
}

impl From<ScoreRow> for CustomerScores {
    fn from(row: ScoreRow) -> Self {
        Self {
            rfm_segment: row.rfm_segment,
            rfm_group: row.rfm_group,
            recency_score: row.recency_score,
            frequency_score: row.frequency_score,
            monetary_score: row.monetary_score,
            recency_days: row.recency_days,
            frequency: row.frequency,
            monetary: row.monetary,
            lifecycle_stage: row.lifecycle_stage,
            stage_reason: row.stage_reason,
            probability_active: row.probability_active,
            expected_purchases: row.expected_purchases,
            average_value: row.average_value,
            lifetime_value: row.lifetime_value,
            value_method: row.value_method,
            churn_risk: row.churn_risk,
            churn_level: row.churn_level,
        }
    }
}

/// A row as it is inserted.
#[derive(Clone, Debug)]
pub(super) struct NewRow {
    pub run: i64,
    pub customer_id: CustomerId,
    pub scores: CustomerScores,
}

/// Inserts rows by one statement. Unlike diesel's own, it is kept prepared: it is always the same for as many rows.
pub(super) struct InsertRows<'a>(pub &'a [NewRow]);

/// Writes the values of one row: columns in the order of the insert, each with its type.
macro_rules! push_values {
    ($out:ident, $row:ident, $($column:ident: $kind:ty),+) => {
        $out.push_bind_param::<BigInt, _>(&$row.run)?;
        $out.push_sql(", ");
        $out.push_bind_param::<Text, _>(&$row.customer_id)?;
        $(
            $out.push_sql(", ");
            $out.push_bind_param::<$kind, _>(&$row.scores.$column)?;
        )+
    };
}

macro_rules! insert_rows {
    ($($column:ident: $kind:ty),+ $(,)?) => {
        insert_rows!(@ diesel::sqlite::Sqlite, diesel::SqliteConnection, $($column: $kind),+);
        insert_rows!(@ diesel::pg::Pg, diesel::PgConnection, $($column: $kind),+);
    };
    (@ $backend:ty, $connection:ty, $($column:ident: $kind:ty),+) => {
        impl QueryFragment<$backend> for InsertRows<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                out.push_sql(concat!(
                    "INSERT INTO segmentation_scores (run, customer_id",
                    $(", ", stringify!($column)),+,
                    ") VALUES ("
                ));
                for (place, row) in self.0.iter().enumerate() {
                    if place > 0 {
                        out.push_sql("), (");
                    }
                    push_values!(out, row, $($column: $kind),+);
                }
                out.push_sql(")");
                Ok(())
            }
        }

        impl RunQueryDsl<$connection> for InsertRows<'_> {}
    };
}

impl QueryId for InsertRows<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

insert_rows! {
    rfm_segment: Nullable<Text>,
    rfm_group: Nullable<Text>,
    recency_score: Nullable<Integer>,
    frequency_score: Nullable<Integer>,
    monetary_score: Nullable<Integer>,
    recency_days: Nullable<Integer>,
    frequency: Nullable<Integer>,
    monetary: Nullable<BigInt>,
    lifecycle_stage: Text,
    stage_reason: Text,
    probability_active: Nullable<BigInt>,
    expected_purchases: Nullable<BigInt>,
    average_value: Nullable<BigInt>,
    lifetime_value: Nullable<BigInt>,
    value_method: Nullable<Text>,
    churn_risk: Nullable<BigInt>,
    churn_level: Nullable<Text>,
}
