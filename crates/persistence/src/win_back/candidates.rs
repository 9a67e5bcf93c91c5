//! Whom to win back first: the customers at risk in the current run, by what there is to win.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::sql_types::Double;
use diesel::{
    ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::LifecycleStage;
use guanxi_domain::segmentation::run::CustomerScores;
use guanxi_domain::win_back::{WinBackCandidate, WinBackOutcome};
use guanxi_domain::{CustomerId, Date, Money, Proportion, UserId, round_half_even};

use super::{Row, win_back_plans};
use crate::schema::{customer_metrics, customers, segmentation_current, segmentation_scores};
use crate::segmentation::ScoreRow;
use crate::sight::Sight;
use crate::{Actor, AnyConnection, Result};

/// Risk × value if active, as `guanxi_domain::segmentation::churn` has it, in ten-thousandths.
const GAIN: &str = "CAST(segmentation_scores.churn_risk AS DOUBLE PRECISION) * segmentation_scores.value_if_active";

/// Which customers at risk are asked for; an empty list leaves the field open.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub levels: Vec<ChurnLevel>,
    pub stages: Vec<LifecycleStage>,
    pub owner: Option<UserId>,
    pub limit: i64,
}

type Found = (
    CustomerId,
    String,
    String,
    Option<UserId>,
    Option<Date>,
    ScoreRow,
);

/// The customers whose risk is known and who are worth something, the largest gain first; nobody before the first run.
pub fn candidates(
    connection: &mut AnyConnection,
    actor: &Actor,
    wanted: &Wanted,
) -> Result<Vec<WinBackCandidate>> {
    let current: Option<i64> = segmentation_current::table
        .select(segmentation_current::run)
        .first(connection)
        .optional()?;
    let Some(run) = current else {
        return Ok(Vec::new());
    };
    let mut query = segmentation_scores::table
        .inner_join(customers::table.left_join(customer_metrics::table))
        .filter(segmentation_scores::run.eq(run))
        .filter(segmentation_scores::churn_risk.is_not_null())
        .filter(segmentation_scores::value_if_active.gt(Money(0)))
        .filter(customers::archived_at.is_null())
        .filter(Sight::of(actor).condition)
        .order((
            sql::<Double>(GAIN).desc(),
            segmentation_scores::customer_id.asc(),
        ))
        .limit(wanted.limit)
        .select((
            customers::id,
            customers::code,
            customers::name,
            customers::owner_id,
            customer_metrics::last_order_on.nullable(),
            ScoreRow::as_select(),
        ))
        .into_boxed();
    if !wanted.levels.is_empty() {
        query = query.filter(segmentation_scores::churn_level.eq_any(wanted.levels.clone()));
    }
    if !wanted.stages.is_empty() {
        query = query.filter(segmentation_scores::lifecycle_stage.eq_any(wanted.stages.clone()));
    }
    if let Some(owner) = wanted.owner {
        query = query.filter(customers::owner_id.eq(owner));
    }
    let found: Vec<Found> = query.load(connection)?;
    let ids: Vec<CustomerId> = found.iter().map(|(id, ..)| *id).collect();
    let plans: Vec<Row> = win_back_plans::table
        .filter(win_back_plans::customer_id.eq_any(ids))
        .filter(win_back_plans::outcome.eq(WinBackOutcome::Open))
        .select(Row::as_select())
        .load(connection)?;
    let mut plans: HashMap<CustomerId, Row> = plans
        .into_iter()
        .map(|row| (row.customer_id, row))
        .collect();
    Ok(found
        .into_iter()
        .map(|(customer_id, code, name, owner_id, last_order_on, row)| {
            let scores = CustomerScores::from(row);
            let plan = plans.remove(&customer_id);
            WinBackCandidate {
                customer_id,
                code,
                owner_id,
                last_order_on,
                expected_gain: gain(&scores),
                plan: plan.map(|row| row.into_plan(name.clone())),
                name,
                scores,
            }
        })
        .collect())
}

/// What there is to win.
fn gain(scores: &CustomerScores) -> Money {
    let risk = scores.churn_risk.unwrap_or(Proportion(0)).0;
    let value = scores.value_if_active.unwrap_or_default().0;
    // A proportion of an amount is no larger than the amount.
    let gain = round_half_even(i128::from(risk) * i128::from(value), 10_000);
    Money(i64::try_from(gain).unwrap_or(i64::MAX))
}
