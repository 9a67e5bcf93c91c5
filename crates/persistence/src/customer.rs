//! Customers, their evaluations and the quality of their data.

use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use guanxi_domain::audit::differences;
use guanxi_domain::custom::{Custom, CustomRecord};
use guanxi_domain::customer::{
    Blacklisting, BusinessProfile, CompanyData, Customer, CustomerInput, CustomerKind, FIELDS,
    Stage, Tier,
};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::share::{SHARED_WITH_ME, Shareable};
use guanxi_domain::value::ValueClass;
use guanxi_domain::{Checked, ContactId, CustomerId, DepartmentId, ErrorCode, Timestamp, UserId};

use crate::condition::{Column, Condition, Ordering};
use crate::filter::Related;
use crate::list::ListSpec;
use crate::notification;
use crate::record::Record;
use crate::schema::{cluster_members, contacts, customer_metrics, customers, segmentation_scores};
use crate::search::{Bearer, Source};
use crate::segmentation::{self, ScoreRow};
use crate::stored::Json;
use crate::{
    Actor, AnyConnection, Error, Result, Sequence, Tx, Visibility, clusters, contact, custom_field,
    dictionary, metrics, order, search, user,
};

mod blacklist;
pub mod evaluation;
pub mod quality;

pub use blacklist::{LiftBlacklist, blacklist, unblacklist};

const RECORD: &str = "customers";

const fn metric(name: &'static str) -> (&'static str, Column) {
    (
        name,
        Column {
            table: "customer_metrics",
            name,
        },
    )
}

const fn score(name: &'static str) -> (&'static str, Column) {
    (
        name,
        Column {
            table: "segmentation_scores",
            name,
        },
    )
}

/// What the columns of the list are in.
pub(crate) const TABLES: &[&str] = &[
    "customers INNER JOIN customer_metrics ON customer_metrics.customer_id = customers.id",
    segmentation::JOINED,
    clusters::JOINED,
];

pub(crate) const LIST: ListSpec = ListSpec {
    elsewhere: &[
        metric("sales"),
        metric("margin"),
        metric("orders"),
        metric("order_days"),
        metric("returns"),
        metric("average_order"),
        metric("mean_gap_days"),
        metric("first_order_on"),
        metric("last_order_on"),
        metric("sales_30d"),
        metric("sales_90d"),
        metric("sales_365d"),
        metric("tickets"),
        metric("open_tickets"),
        (
            "cluster",
            Column {
                table: "cluster_members",
                name: "cluster",
            },
        ),
        score("rfm_segment"),
        score("rfm_group"),
        score("recency_score"),
        score("frequency_score"),
        score("monetary_score"),
        score("lifecycle_stage"),
        score("probability_active"),
        score("expected_purchases"),
        score("lifetime_value"),
        score("churn_risk"),
        score("churn_level"),
    ],
    related: &[
        Related {
            field: "contacts",
            key: Column {
                table: "contacts",
                name: "customer_id",
            },
            scope: contact::Contacts::scope,
            among: || Condition::Always,
        },
        Related {
            field: "open_orders",
            key: Column {
                table: "orders",
                name: "customer_id",
            },
            scope: order::Orders::scope,
            among: order::open,
        },
        Related {
            field: "children",
            key: Column {
                table: "customers",
                name: "parent_id",
            },
            scope: Customers::scope,
            among: || Condition::Always,
        },
    ],
    put_away: Some("archived_at"),
    search: &[(&SEARCH, column("id"))],
    of_caller: &[(SHARED_WITH_ME, |actor| {
        actor.shared_with(Shareable::Customers)
    })],
    ..ListSpec::new(&FIELDS, "customers")
};

pub(crate) const fn column(name: &'static str) -> Column {
    Column {
        table: "customers",
        name,
    }
}

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Customers,
    module: Module::Customers,
    letter: 'c',
    fields: &[
        ("name", Kind::Name),
        ("short_name", Kind::Name),
        ("code", Kind::Code),
        ("phone", Kind::Phone),
        ("email", Kind::Email),
    ],
    title: column("name"),
    subtitle: Some(column("code")),
    join: "",
    seen: |_, visibility| unarchived(visibility),
    bearers: BEARERS,
};

/// Whose a customer is.
pub(crate) const BEARERS: &[Bearer] = &[
    Bearer::Person(column("owner_id")),
    Bearer::Department(column("department_id")),
];

/// A row as it is read and written.
#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = customers, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct Row {
    pub id: CustomerId,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub short_name: Option<String>,
    pub kind: CustomerKind,
    pub customer_type: Option<String>,
    pub stage: Stage,
    pub tier: Option<Tier>,
    pub value_class: Option<ValueClass>,
    pub region: Option<String>,
    pub industry: Option<String>,
    pub size: Option<String>,
    pub source: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub address: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub parent_id: Option<CustomerId>,
    pub owner_id: Option<UserId>,
    pub department_id: Option<DepartmentId>,
    pub tags: Json<Vec<String>>,
    pub note: Option<String>,
    pub company: Json<CompanyData>,
    pub profile: Json<BusinessProfile>,
    pub custom: Json<Custom>,
    pub completeness: i32,
    pub blacklisted: bool,
    pub blacklist: Option<Json<Blacklisting>>,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row {
    /// A row for a new customer, its code known.
    pub fn new(
        id: CustomerId,
        code: String,
        input: &CustomerInput,
        now: Timestamp,
    ) -> Result<Self> {
        let empty = Self {
            id,
            version: 1,
            code,
            name: String::new(),
            short_name: None,
            kind: input.kind,
            customer_type: None,
            stage: input.stage,
            tier: None,
            value_class: None,
            region: None,
            industry: None,
            size: None,
            source: None,
            phone: None,
            email: None,
            website: None,
            address: None,
            latitude: None,
            longitude: None,
            parent_id: None,
            owner_id: None,
            department_id: None,
            tags: Json::new(&Vec::new())?,
            note: None,
            company: Json::new(&CompanyData::default())?,
            profile: Json::new(&BusinessProfile::default())?,
            custom: Json::new(&Custom::default())?,
            completeness: 0,
            blacklisted: false,
            blacklist: None,
            archived_at: None,
            created_at: now,
            updated_at: now,
        };
        empty.with(input)
    }

    /// The row with what people set, and what follows from it.
    fn with(self, input: &CustomerInput) -> Result<Self> {
        let input = input.clone();
        let completeness = input.completeness();
        let code = input.code.unwrap_or(self.code);
        Ok(Self {
            code,
            name: input.name,
            short_name: input.short_name,
            kind: input.kind,
            customer_type: input.customer_type,
            stage: input.stage,
            tier: input.tier,
            region: input.region,
            industry: input.industry,
            size: input.size,
            source: input.source,
            phone: input.phone,
            email: input.email,
            website: input.website,
            address: input.address,
            latitude: input.latitude,
            longitude: input.longitude,
            parent_id: input.parent_id,
            owner_id: input.owner_id,
            department_id: input.department_id,
            tags: Json::new(&input.tags)?,
            note: input.note,
            company: Json::new(&input.company)?,
            profile: Json::new(&input.profile)?,
            custom: Json::new(&input.custom)?,
            completeness,
            ..self
        })
    }

    fn into_customer(
        self,
        metrics: Option<metrics::Row>,
        scores: Option<ScoreRow>,
        cluster: Option<clusters::Current>,
    ) -> Result<Customer> {
        Ok(Customer {
            id: self.id,
            version: self.version,
            value_class: self.value_class,
            completeness: self.completeness,
            blacklisted: self.blacklisted,
            blacklist: self.blacklist.map(|b| b.get()).transpose()?,
            archived_at: self.archived_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: CustomerInput {
                code: Some(self.code),
                name: self.name,
                short_name: self.short_name,
                kind: self.kind,
                customer_type: self.customer_type,
                stage: self.stage,
                tier: self.tier,
                region: self.region,
                industry: self.industry,
                size: self.size,
                source: self.source,
                phone: self.phone,
                email: self.email,
                website: self.website,
                address: self.address,
                latitude: self.latitude,
                longitude: self.longitude,
                parent_id: self.parent_id,
                owner_id: self.owner_id,
                department_id: self.department_id,
                tags: self.tags.get()?,
                note: self.note,
                company: self.company.get()?,
                profile: self.profile.get()?,
                custom: self.custom.get()?,
            },
            metrics: metrics.map(metrics::Row::into_metrics),
            scores: scores.map(Into::into),
            cluster: cluster.map(|current| current.cluster),
            cluster_name: None,
        })
    }
}

type Selected = (
    Row,
    metrics::Row,
    Option<ScoreRow>,
    Option<clusters::Current>,
);

/// Customers with their figures, and with their current scores and clusters, which some have not.
macro_rules! whole {
    () => {
        customers::table
            .inner_join(customer_metrics::table)
            .left_join(segmentation_scores::table.on(segmentation::of_customer()))
            .left_join(cluster_members::table.on(clusters::of_customer()))
    };
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: CustomerId,
) -> Result<Customer> {
    let (row, metrics, scores, cluster): Selected = whole!()
        .filter(customers::id.eq(id))
        .filter(visibility.owned("customers"))
        .select(Selected::as_select())
        .first(connection)?;
    let mut customer = row.into_customer(Some(metrics), scores, cluster)?;
    name_clusters(connection, std::slice::from_mut(&mut customer))?;
    Ok(customer)
}

/// Tells what the clusters of customers are called.
fn name_clusters(connection: &mut AnyConnection, customers: &mut [Customer]) -> Result<()> {
    if customers.iter().all(|customer| customer.cluster.is_none()) {
        return Ok(());
    }
    let names = clusters::current_names(connection)?;
    for customer in customers {
        let place = customer.cluster.and_then(|n| usize::try_from(n - 1).ok());
        let name = place.and_then(|place| names.get(place));
        customer.cluster_name = name.cloned().flatten();
    }
    Ok(())
}

/// Archived customers are left out unless the query asks for them.
pub struct Customers;

impl Record for Customers {
    type Item = Customer;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Customers;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.owned("customers")
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<Customer>> {
        let rows: Vec<Selected> = whole!()
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .select(Selected::as_select())
            .load(connection)?;
        let customers = rows.into_iter().map(|(row, metrics, scores, cluster)| {
            row.into_customer(Some(metrics), scores, cluster)
        });
        let mut customers: Vec<Customer> = customers.collect::<Result<_>>()?;
        name_clusters(connection, &mut customers)?;
        Ok(customers)
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(whole!().filter(condition).count().get_result(connection)?)
    }
}

/// The customers that fulfil a condition, at most so many.
pub(crate) fn ids(
    connection: &mut AnyConnection,
    condition: Condition,
    limit: i64,
) -> Result<Vec<CustomerId>> {
    Ok(whole!()
        .filter(condition)
        .order(customers::id)
        .limit(limit)
        .select(customers::id)
        .load(connection)?)
}

/// Those that are seen and not put away.
fn unarchived(visibility: &Visibility) -> Condition {
    Customers::scope(visibility).and(Condition::IsNull(column("archived_at")))
}

/// Checks what the database alone can tell: dictionaries, owner, parent. Fills in the owner's department.
///
/// `old` is the customer before the change. Somebody without the right to assign creates for themselves only, and
/// leaves owner and department as they are.
fn settle(
    tx: &mut Tx<'_>,
    actor: &Actor,
    old: Option<&Customer>,
    input: &mut CustomerInput,
) -> Result<()> {
    let before = old.map(|old| &old.input);
    let held = before.into_iter().flat_map(CustomerInput::dictionary_codes);
    dictionary::check(tx.connection, held, input.dictionary_codes())?;
    let held = before.map(|before| &before.custom);
    input.custom =
        custom_field::settle(tx.connection, CustomRecord::Customers, held, &input.custom)?;
    let old_owner = old.map(|o| o.input.owner_id);
    if old_owner != Some(input.owner_id) {
        let for_self = old.is_none() && input.owner_id == Some(actor.user_id);
        if !for_self && !may_assign(tx.connection, actor, old)? {
            return Err(Error::ConflictAt(
                ErrorCode::Forbidden,
                "/owner_id".to_owned(),
            ));
        }
        if let Some(owner) = input.owner_id {
            let department = user::exists_active(tx.connection, owner)?
                .ok_or_else(|| Error::invalid("/owner_id", "reference"))?;
            input.department_id = input.department_id.filter(|_| old.is_none()).or(department);
        }
    } else if before.is_some_and(|before| before.department_id != input.department_id)
        && !may_assign(tx.connection, actor, old)?
    {
        // Another department sees it then, as another owner would.
        return Err(Error::ConflictAt(
            ErrorCode::Forbidden,
            "/department_id".to_owned(),
        ));
    }
    if old.is_none() && input.department_id.is_none() {
        input.department_id = actor.department_id;
    }
    if let Some(parent) = input.parent_id
        && before.is_none_or(|before| before.parent_id != Some(parent))
    {
        check_parent(tx.connection, actor, old.map(|o| o.id), parent)?;
    }
    Ok(())
}

/// Whether somebody may give this customer to somebody else, or a new one to anybody.
fn may_assign(
    connection: &mut AnyConnection,
    actor: &Actor,
    old: Option<&Customer>,
) -> Result<bool> {
    match (user::assignable(actor, Module::Customers), old) {
        (None, _) => Ok(false),
        (Some(_), None) => Ok(true),
        (Some(visibility), Some(old)) => Ok(get(connection, &visibility, old.id).map_or_else(
            |error| match error {
                Error::NotFound => Ok(false),
                other => Err(other),
            },
            |_| Ok(true),
        )?),
    }
}

/// The dealer tree has no circles, and a parent is one that this person sees.
fn check_parent(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: Option<CustomerId>,
    parent: CustomerId,
) -> Result<()> {
    let visibility = actor.visibility(Module::Customers, Operation::Read);
    let unseen = || Error::invalid("/parent_id", "reference");
    let visibility = visibility.ok_or_else(unseen)?;
    let seen: i64 = customers::table
        .filter(customers::id.eq(parent))
        .filter(visibility.owned("customers"))
        .count()
        .get_result(connection)?;
    if seen == 0 {
        return Err(unseen());
    }
    let mut above = Some(parent);
    for _ in 0..1_000 {
        let Some(current) = above else { return Ok(()) };
        if Some(current) == id {
            return Err(Error::invalid("/parent_id", "cycle"));
        }
        above = customers::table
            .find(current)
            .select(customers::parent_id)
            .first(connection)
            .optional()?
            .ok_or_else(unseen)?;
    }
    Err(Error::invalid("/parent_id", "cycle"))
}

fn taken(error: diesel::result::Error) -> Error {
    let error = Error::from(error).taken("code", "/code");
    if error.is_foreign_key() {
        Error::invalid("/department_id", "reference")
    } else {
        error
    }
}

/// Inserts a customer and the row for its figures.
pub(crate) fn insert(connection: &mut AnyConnection, row: &Row) -> Result<()> {
    diesel::insert_into(customers::table)
        .values(row.clone())
        .execute(connection)
        .map_err(taken)?;
    diesel::insert_into(customer_metrics::table)
        .values(customer_metrics::customer_id.eq(row.id))
        .execute(connection)?;
    Ok(())
}

/// Creates a customer. `owner_given` tells an owner of `null` (public pool) from one that was left out.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    input: &Checked<CustomerInput>,
    owner_given: bool,
) -> Result<Customer> {
    let mut input = (**input).clone();
    if !owner_given {
        input.owner_id = Some(actor.user_id);
    }
    settle(tx, actor, None, &mut input)?;
    let code = match &input.code {
        Some(code) => code.clone(),
        None => Sequence::CustomerCode.next_free(tx, |tx, code| {
            let taken = customers::table.filter(customers::code.eq(code));
            Ok(taken.count().get_result::<i64>(tx.connection)? == 0)
        })?,
    };
    let row = Row::new(CustomerId::generate(), code, &input, tx.now)?;
    insert(tx.connection, &row)?;
    let customer = get(tx.connection, &Visibility::All, row.id)?;
    tx.created(RECORD, customer.id.as_str(), &customer)?;
    tell_owner(tx, None, &customer)?;
    Ok(customer)
}

/// Creates customers whose codes are known to be free and whose references are known to be good, many a statement.
pub(crate) fn create_many(
    tx: &mut Tx<'_>,
    new: &[(CustomerId, String, CustomerInput)],
) -> Result<()> {
    let rows: Vec<Row> = new
        .iter()
        .map(|(id, code, input)| Row::new(*id, code.clone(), input, tx.now))
        .collect::<Result<_>>()?;
    insert_many!(tx.connection, customers::table, rows);
    let figures: Vec<_> = rows
        .iter()
        .map(|row| customer_metrics::customer_id.eq(row.id))
        .collect();
    insert_many!(tx.connection, customer_metrics::table, figures);
    let entries: Vec<(String, serde_json::Value)> = rows
        .into_iter()
        .map(|row| {
            let id = row.id.to_string();
            let customer = serde_json::to_value(row.into_customer(None, None, None)?)?;
            Ok((id, differences(&serde_json::json!({}), &customer)))
        })
        .collect::<Result<_>>()?;
    tx.record_many(RECORD, "created", &entries)
}

/// The customer, if it is seen and still has this version.
fn expect(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<Customer> {
    let old = get(connection, visibility, id)?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
    input: &Checked<CustomerInput>,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    let mut input = (**input).clone();
    settle(tx, actor, Some(&old), &mut input)?;
    change(tx, &old, "updated", |row| row.with(&input))
}

/// Notes on a customer that it is lost, unless it says so already.
pub(crate) fn lose(tx: &mut Tx<'_>, old: &Customer) -> Result<()> {
    if old.input.stage != Stage::Lost {
        let input = CustomerInput {
            stage: Stage::Lost,
            ..old.input.clone()
        };
        change(tx, old, "updated", |row| row.with(&input))?;
    }
    Ok(())
}

/// Changes a row, if it still has the version that was read, and records the difference.
fn change(
    tx: &mut Tx<'_>,
    old: &Customer,
    action: &str,
    f: impl FnOnce(Row) -> Result<Row>,
) -> Result<Customer> {
    let row: Row = customers::table
        .find(old.id)
        .select(Row::as_select())
        .first(tx.connection)?;
    let row = Row {
        version: old.version + 1,
        updated_at: tx.now,
        ..f(row)?
    };
    let changed = diesel::update(
        customers::table
            .filter(customers::id.eq(old.id))
            .filter(customers::version.eq(old.version)),
    )
    .set(row)
    .execute(tx.connection)
    .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = get(tx.connection, &Visibility::All, old.id)?;
    tx.changed(RECORD, old.id.as_str(), action, old, &new)?;
    tell_owner(tx, old.input.owner_id, &new)?;
    Ok(new)
}

fn tell_owner(tx: &mut Tx<'_>, before: Option<UserId>, customer: &Customer) -> Result<()> {
    notification::tell_owner(
        tx,
        (before, customer.input.owner_id),
        NotificationKind::CustomerAssigned,
        (RECORD, customer.id.as_str()),
        &customer.input.name,
    )
}

/// Puts a customer away: it leaves the lists and keeps its history.
pub fn archive(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.archived_at.is_some() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    let now = tx.now;
    change(tx, &old, "archived", |row| {
        Ok(Row {
            archived_at: Some(now),
            ..row
        })
    })
}

pub fn restore(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.archived_at.is_none() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    change(tx, &old, "restored", |row| {
        Ok(Row {
            archived_at: None,
            ..row
        })
    })
}

/// Administrators only: what is gone is gone.
pub fn may_delete(actor: &Actor) -> bool {
    actor.permissions.scope(Module::Settings, Operation::Update) == Some(Scope::All)
}

/// Deletes for good; refused while orders, tickets or other customers refer to it. The audit stays.
pub fn delete(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<()> {
    let old = expect(tx.connection, visibility, id, version)?;
    // They go with their customer.
    let contacts: Vec<ContactId> = contacts::table
        .filter(contacts::customer_id.eq(id))
        .select(contacts::id)
        .load(tx.connection)?;
    search::remove(tx.connection, &contacts)?;
    segmentation::forget_customer(tx, id)?;
    diesel::delete(customers::table.find(id))
        .execute(tx.connection)
        .map_err(Error::from)
        .map_err(|e| {
            if e.is_foreign_key() {
                Error::Conflict(ErrorCode::InUse)
            } else {
                e
            }
        })?;
    tx.deleted(RECORD, id.as_str(), &old)
}
