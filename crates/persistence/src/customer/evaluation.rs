//! 客户评价: dated scores, repeated over time.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::customer::{Evaluation, EvaluationInput};
use guanxi_domain::{Checked, CustomerId, Date, EvaluationId, Timestamp, UserId};

use crate::schema::customer_evaluations as evaluations;
use crate::{AnyConnection, Error, Result, Tx, Visibility};

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = evaluations, treat_none_as_default_value = false)]
struct Row {
    id: EvaluationId,
    customer_id: CustomerId,
    by_id: Option<UserId>,
    by_name: String,
    evaluated_on: Date,
    keenness: i16,
    capability: i16,
    credit: i16,
    social_standing: i16,
    comment: Option<String>,
    created_at: Timestamp,
}

impl From<Row> for Evaluation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            customer_id: row.customer_id,
            by: row.by_id,
            by_name: row.by_name,
            created_at: row.created_at,
            input: EvaluationInput {
                evaluated_on: row.evaluated_on,
                keenness: row.keenness,
                capability: row.capability,
                credit: row.credit,
                social_standing: row.social_standing,
                comment: row.comment,
            },
        }
    }
}

/// All evaluations of a customer, the newest day first.
pub fn list(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    customer: CustomerId,
) -> Result<Vec<Evaluation>> {
    super::get(connection, visibility, customer)?;
    let rows: Vec<Row> = evaluations::table
        .filter(evaluations::customer_id.eq(customer))
        .order((
            evaluations::evaluated_on.desc(),
            evaluations::created_at.desc(),
        ))
        .limit(500)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Evaluation::from).collect())
}

pub fn create(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    customer: CustomerId,
    input: &Checked<EvaluationInput>,
) -> Result<Evaluation> {
    super::get(tx.connection, visibility, customer)?;
    // A day's grace: the caller's day may have begun while it is still yesterday in UTC.
    if input.evaluated_on > tx.now.date().plus_days(1) {
        return Err(Error::invalid("/evaluated_on", "future"));
    }
    let row = Row {
        id: EvaluationId::generate(),
        customer_id: customer,
        by_id: tx.origin.user_id,
        by_name: tx.origin.user_name.clone(),
        evaluated_on: input.evaluated_on,
        keenness: input.keenness,
        capability: input.capability,
        credit: input.credit,
        social_standing: input.social_standing,
        comment: input.comment.clone(),
        created_at: tx.now,
    };
    diesel::insert_into(evaluations::table)
        .values(row.clone())
        .execute(tx.connection)?;
    let evaluation = Evaluation::from(row);
    tx.record(
        "customers",
        customer.as_str(),
        "evaluated",
        serde_json::json!({ "evaluation": { "old": null, "new": evaluation } }),
    )?;
    Ok(evaluation)
}
