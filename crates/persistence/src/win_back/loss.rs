//! 流失记录: why customers were lost.

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::segmentation::churn::ChurnType;
use guanxi_domain::win_back::{CustomerLoss, CustomerLossInput, LossSummary, summarise_losses};
use guanxi_domain::{Checked, CustomerId, CustomerLossId, Date, Money, Timestamp, UserId};

use crate::schema::{customer_losses as losses, customers};
use crate::sight::Sight;
use crate::{Actor, AnyConnection, Error, Result, Tx, Visibility, customer};

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = losses, treat_none_as_default_value = false)]
struct Row {
    id: CustomerLossId,
    customer_id: CustomerId,
    churn_type: ChurnType,
    lost_on: Date,
    note: Option<String>,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
}

impl From<Row> for CustomerLoss {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            customer_id: row.customer_id,
            by: row.by_id,
            by_name: row.by_name,
            created_at: row.created_at,
            input: CustomerLossInput {
                churn_type: row.churn_type,
                lost_on: row.lost_on,
                note: row.note,
            },
        }
    }
}

/// When and why a customer was lost, the newest day first.
pub fn list(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: CustomerId,
) -> Result<Vec<CustomerLoss>> {
    customer::get(connection, visibility, id)?;
    let rows: Vec<Row> = losses::table
        .filter(losses::customer_id.eq(id))
        .order((losses::lost_on.desc(), losses::created_at.desc()))
        .limit(200)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(CustomerLoss::from).collect())
}

/// What a customer bought in the 365 days up to the loss.
const SALES_BEFORE: &str = "(SELECT CAST(COALESCE(SUM(customer_days.sales), 0) AS BIGINT) FROM customer_days \
    WHERE customer_days.customer_id = customer_losses.customer_id \
    AND customer_days.day > customer_losses.lost_on - 365 AND customer_days.day <= customer_losses.lost_on)";

/// The losses of a period by type, as far as the caller may see the customers in reports.
pub fn summary(
    connection: &mut AnyConnection,
    actor: &Actor,
    (from, to): (Option<Date>, Option<Date>),
) -> Result<LossSummary> {
    let mut query = losses::table
        .inner_join(customers::table.on(customers::id.eq(losses::customer_id)))
        .filter(Sight::of(actor).condition)
        .order((
            losses::lost_on.desc(),
            losses::created_at.desc(),
            losses::id.desc(),
        ))
        .select((
            losses::customer_id,
            losses::churn_type,
            sql::<BigInt>(SALES_BEFORE),
        ))
        .into_boxed();
    if let Some(from) = from {
        query = query.filter(losses::lost_on.ge(from));
    }
    if let Some(to) = to {
        query = query.filter(losses::lost_on.le(to));
    }
    let found: Vec<(CustomerId, ChurnType, i64)> = query.load(connection)?;
    let found = found
        .into_iter()
        .map(|(id, kind, sales)| (id, kind, Money(sales)));
    Ok(summarise_losses((from, to), found))
}

/// Notes that a customer was lost: the stage says so from then on.
pub fn create(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    input: &Checked<CustomerLossInput>,
) -> Result<CustomerLoss> {
    let old = customer::get(tx.connection, visibility, id)?;
    // A day's grace: the caller's day may have begun while it is still yesterday in UTC.
    if input.lost_on > tx.now.date().plus_days(1) {
        return Err(Error::invalid("/lost_on", "future"));
    }
    let row = Row {
        id: CustomerLossId::generate(),
        customer_id: id,
        churn_type: input.churn_type,
        lost_on: input.lost_on,
        note: input.note.clone(),
        by_id: tx.origin.user_id,
        by_name: tx.origin.user_name.clone(),
        created_at: tx.now,
    };
    diesel::insert_into(losses::table)
        .values(row.clone())
        .execute(tx.connection)?;
    let loss = CustomerLoss::from(row);
    tx.record(
        "customers",
        id.as_str(),
        "lost",
        serde_json::json!({ "loss": { "old": null, "new": loss } }),
    )?;
    customer::lose(tx, &old)?;
    Ok(loss)
}
