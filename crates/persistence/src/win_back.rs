//! Plans to win customers back, seen by whoever sees the customer.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::permission::Module;
use guanxi_domain::win_back::{FIELDS, WinBackOutcome, WinBackPlan, WinBackPlanInput};
use guanxi_domain::{Checked, CustomerId, Date, Timestamp, UserId, WinBackPlanId};

use crate::condition::Column;
use crate::list::ListSpec;
use crate::schema::{customers, win_back_plans};
use crate::{
    AnyConnection, Condition, Error, Ordering, Record, Result, Tx, Visibility, customer, user,
};

mod candidates;
pub mod loss;

pub use candidates::{Wanted, candidates};

const RECORD: &str = "win_back_plans";

const LIST: ListSpec = ListSpec {
    search: &[(&customer::SEARCH, column("customer_id"))],
    ..ListSpec::new(&FIELDS, "win_back_plans")
};

const fn column(name: &'static str) -> Column {
    Column {
        table: "win_back_plans",
        name,
    }
}

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = win_back_plans, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: WinBackPlanId,
    version: i64,
    customer_id: CustomerId,
    plan: String,
    due_on: Option<Date>,
    responsible_id: Option<UserId>,
    outcome: WinBackOutcome,
    outcome_on: Option<Date>,
    outcome_note: Option<String>,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What of a plan is not set by people.
struct Made {
    id: WinBackPlanId,
    version: i64,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn new(made: Made, input: &WinBackPlanInput) -> Self {
        Self {
            id: made.id,
            version: made.version,
            customer_id: input.customer_id,
            plan: input.plan.clone(),
            due_on: input.due_on,
            responsible_id: input.responsible_id,
            outcome: input.outcome,
            outcome_on: input.outcome_on,
            outcome_note: input.outcome_note.clone(),
            by_id: made.by_id,
            by_name: made.by_name,
            created_at: made.created_at,
            updated_at: made.updated_at,
        }
    }

    fn into_plan(self, customer_name: String) -> WinBackPlan {
        WinBackPlan {
            id: self.id,
            version: self.version,
            customer_name,
            by: self.by_id,
            by_name: self.by_name,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: WinBackPlanInput {
                customer_id: self.customer_id,
                plan: self.plan,
                due_on: self.due_on,
                responsible_id: self.responsible_id,
                outcome: self.outcome,
                outcome_on: self.outcome_on,
                outcome_note: self.outcome_note,
            },
        }
    }
}

/// The plans of the customers that somebody sees.
pub struct Plans;

impl Record for Plans {
    type Item = WinBackPlan;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Customers;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.through_customer(column("customer_id"))
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<WinBackPlan>> {
        let rows: Vec<(Row, String)> = win_back_plans::table
            .inner_join(customers::table)
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .select((Row::as_select(), customers::name))
            .load(connection)?;
        Ok(rows
            .into_iter()
            .map(|(row, name)| row.into_plan(name))
            .collect())
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(win_back_plans::table
            .filter(condition)
            .count()
            .get_result(connection)?)
    }
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: WinBackPlanId,
) -> Result<WinBackPlan> {
    let (row, name): (Row, String) = win_back_plans::table
        .inner_join(customers::table)
        .filter(win_back_plans::id.eq(id))
        .filter(visibility.through_customer(column("customer_id")))
        .select((Row::as_select(), customers::name))
        .first(connection)?;
    Ok(row.into_plan(name))
}

/// What the database alone can tell: whoever answers for it works here; an outcome is none of the future.
fn check(tx: &mut Tx<'_>, old: Option<&WinBackPlan>, input: &WinBackPlanInput) -> Result<()> {
    let held = old.and_then(|old| old.input.responsible_id);
    if let Some(person) = input.responsible_id
        && held != Some(person)
        && user::exists_active(tx.connection, person)?.is_none()
    {
        return Err(Error::invalid("/responsible_id", "reference"));
    }
    // A day's grace: the caller's day may have begun while it is still yesterday in UTC.
    if input
        .outcome_on
        .is_some_and(|day| day > tx.now.date().plus_days(1))
    {
        return Err(Error::invalid("/outcome_on", "future"));
    }
    Ok(())
}

fn taken(error: diesel::result::Error) -> Error {
    // SQLite names the column, PostgreSQL the index.
    Error::from(error)
        .taken("customer_id", "/customer_id")
        .taken("win_back_plans_open", "/customer_id")
}

/// Makes a plan for a customer that the caller may change; refused while there is an open one.
pub fn create(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    input: &Checked<WinBackPlanInput>,
) -> Result<WinBackPlan> {
    customer::get(tx.connection, visibility, input.customer_id).map_err(|error| match error {
        Error::NotFound => Error::invalid("/customer_id", "reference"),
        other => other,
    })?;
    check(tx, None, input)?;
    let id = WinBackPlanId::generate();
    let made = Made {
        id,
        version: 1,
        by_id: tx.origin.user_id,
        by_name: tx.origin.user_name.clone(),
        created_at: tx.now,
        updated_at: tx.now,
    };
    let row = Row::new(made, input);
    diesel::insert_into(win_back_plans::table)
        .values(row)
        .execute(tx.connection)
        .map_err(taken)?;
    let plan = get(tx.connection, &Visibility::All, id)?;
    tx.created(RECORD, id.as_str(), &plan)?;
    Ok(plan)
}

pub fn update(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: WinBackPlanId,
    version: i64,
    input: &Checked<WinBackPlanInput>,
) -> Result<WinBackPlan> {
    let old = get(tx.connection, visibility, id)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    if input.customer_id != old.input.customer_id {
        return Err(Error::invalid("/customer_id", "fixed"));
    }
    check(tx, Some(&old), input)?;
    let made = Made {
        id,
        version: version + 1,
        by_id: old.by,
        by_name: old.by_name.clone(),
        created_at: old.created_at,
        updated_at: tx.now,
    };
    let row = Row::new(made, input);
    let changed = diesel::update(
        win_back_plans::table
            .filter(win_back_plans::id.eq(id))
            .filter(win_back_plans::version.eq(version)),
    )
    .set(row)
    .execute(tx.connection)
    .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = get(tx.connection, &Visibility::All, id)?;
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
}
