//! Segments. Whoever may read segments sees their own and those that are shared, and of the members those customers that they
//! see anyway.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::segment::{FIELDS, Segment, SegmentColour, SegmentInput, SegmentKind};
use guanxi_domain::{Checked, ErrorCode, Page, SegmentId, Timestamp, UserId};
use serde_json::Value;

use crate::condition::{Column, Condition, containing};
use crate::list::{ListQuery, ListSpec};
use crate::record::Record;
use crate::schema::{customers, segment_members, segments, users};
use crate::search::Source;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, Visibility, customer, user, uses};

mod figures;
mod members;
mod rule;

pub use figures::{composition, growth, memberships, overlap, preview};
pub use members::{add, record, record_all, record_blocking, remove};
pub(crate) use rule::{Rule, Segments};

const RECORD: &str = "segments";

/// Over so many days the change in the number of members is told.
const CHANGE_DAYS: i32 = 30;

const LIST: ListSpec = ListSpec::new(&FIELDS, RECORD);

const fn member(name: &'static str) -> Column {
    Column {
        table: "segment_members",
        name,
    }
}

const fn column(name: &'static str) -> Column {
    Column {
        table: RECORD,
        name,
    }
}

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Segments,
    module: Module::Segments,
    letter: 's',
    fields: &[("name", Kind::Name), ("description", Kind::Text)],
    title: column("name"),
    subtitle: None,
    join: "",
    seen: |actor, _| visible(actor),
    bearers: &[],
};

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = segments, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: SegmentId,
    version: i64,
    name: String,
    description: Option<String>,
    colour: Option<SegmentColour>,
    kind: SegmentKind,
    shared: bool,
    owner_id: UserId,
    filter: Option<Json<Value>>,
    recorded_at: Option<Timestamp>,
    recorded: Option<i64>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn with(self, input: &SegmentInput) -> Result<Self> {
        let dynamic = self.kind == SegmentKind::Dynamic;
        let rule = input.filter.as_ref().filter(|_| dynamic);
        Ok(Self {
            name: input.name.clone(),
            description: input.description.clone(),
            colour: input.colour,
            shared: input.shared,
            owner_id: input.owner_id.unwrap_or(self.owner_id),
            filter: rule.map(Json::new).transpose()?,
            ..self
        })
    }

    fn input(&self) -> Result<SegmentInput> {
        Ok(SegmentInput {
            name: self.name.clone(),
            description: self.description.clone(),
            colour: self.colour,
            kind: self.kind,
            shared: self.shared,
            owner_id: Some(self.owner_id),
            filter: self.filter.as_ref().map(Json::get).transpose()?,
        })
    }
}

/// The segments that somebody who may read segments sees.
pub(crate) fn visible(actor: &Actor) -> Condition {
    let shared = Condition::Compare(column("shared"), crate::Op::Eq, crate::Value::Bool(true));
    Condition::is(column("owner_id"), actor.user_id.as_str()).or(shared)
}

/// The customers that somebody may see; nobody's figures tell of others.
fn seen_customers(actor: &Actor) -> Result<Visibility> {
    actor
        .visibility(Module::Customers, Operation::Read)
        .ok_or(Error::Conflict(ErrorCode::Forbidden))
}

type Named = (Row, String);

fn answered(
    connection: &mut AnyConnection,
    actor: &Actor,
    rows: Vec<Named>,
) -> Result<Vec<Segment>> {
    let counts = counts(connection, actor, &rows)?;
    let changes = changes(connection, actor, &rows)?;
    rows.into_iter()
        .map(|(row, owner_name)| {
            Ok(Segment {
                id: row.id,
                version: row.version,
                owner_name,
                mine: row.owner_id == actor.user_id,
                customers: counts.get(&row.id).copied(),
                change: counts
                    .get(&row.id)
                    .map(|_| changes.get(&row.id).copied().unwrap_or_default()),
                recorded_at: row.recorded_at,
                created_at: row.created_at,
                updated_at: row.updated_at,
                input: row.input()?,
            })
        })
        .collect()
}

/// How many members somebody sees, of the segments where that is known.
fn counts(
    connection: &mut AnyConnection,
    actor: &Actor,
    rows: &[Named],
) -> Result<HashMap<SegmentId, i64>> {
    let Some(visibility) = actor.visibility(Module::Customers, Operation::Read) else {
        return Ok(HashMap::new());
    };
    let mut counts = HashMap::new();
    let (mut by_hand, mut recorded) = (Vec::new(), Vec::new());
    for (row, _) in rows {
        match (row.kind, row.recorded) {
            (SegmentKind::Static, _) => by_hand.push(row.id),
            (SegmentKind::Dynamic, Some(all)) if visibility == Visibility::All => {
                counts.insert(row.id, all);
            }
            (SegmentKind::Dynamic, Some(_)) => recorded.push(row.id),
            (SegmentKind::Dynamic, None) => {}
        }
    }
    counts.extend(by_hand.iter().chain(&recorded).map(|id| (*id, 0)));
    // A rule may ask for archived customers; a list shows them on demand only.
    let listed = customers::archived_at
        .is_null()
        .and(segment_members::segment_id.eq_any(by_hand));
    let found: Vec<(SegmentId, i64)> = segment_members::table
        .inner_join(customers::table)
        .filter(segment_members::until.is_null())
        .filter(listed.or(segment_members::segment_id.eq_any(recorded)))
        .filter(customer::Customers::scope(&visibility))
        .group_by(segment_members::segment_id)
        .select((segment_members::segment_id, count_star()))
        .load(connection)?;
    counts.extend(found);
    Ok(counts)
}

/// By how many members each has grown in the last days, where it has; of those that somebody sees.
fn changes(
    connection: &mut AnyConnection,
    actor: &Actor,
    rows: &[Named],
) -> Result<HashMap<SegmentId, i64>> {
    let Some(visibility) = actor.visibility(Module::Customers, Operation::Read) else {
        return Ok(HashMap::new());
    };
    let ids: Vec<SegmentId> = rows.iter().map(|(row, _)| row.id).collect();
    let first = Timestamp::now().date().plus_days(-CHANGE_DAYS);
    let count =
        |connection: &mut AnyConnection, moved: Condition| -> Result<Vec<(SegmentId, i64)>> {
            Ok(segment_members::table
                .inner_join(customers::table)
                .filter(segment_members::segment_id.eq_any(&ids))
                .filter(moved)
                .filter(customer::Customers::scope(&visibility))
                .group_by(segment_members::segment_id)
                .select((segment_members::segment_id, count_star()))
                .load(connection)?)
        };
    let since = Condition::Compare(
        member("since"),
        crate::Op::Gt,
        crate::Value::Int(first.days().into()),
    );
    let until = Condition::Compare(
        member("until"),
        crate::Op::Gt,
        crate::Value::Int(first.days().into()),
    );
    let mut changes: HashMap<SegmentId, i64> = count(connection, since)?.into_iter().collect();
    for (id, left) in count(connection, until)? {
        *changes.entry(id).or_default() -= left;
    }
    Ok(changes)
}

/// One page of the segments that somebody sees.
pub fn list(
    connection: &mut AnyConnection,
    actor: &Actor,
    query: &ListQuery,
) -> Result<Page<Segment>> {
    LIST.page(
        connection,
        query,
        visible(actor),
        |connection, condition, ordering, limit| {
            let rows: Vec<Named> = segments::table
                .inner_join(users::table)
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select((Row::as_select(), users::name))
                .load(connection)?;
            answered(connection, actor, rows)
        },
        |connection, condition| {
            Ok(segments::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

fn find(connection: &mut AnyConnection, seen: Condition, id: SegmentId) -> Result<Named> {
    Ok(segments::table
        .inner_join(users::table)
        .filter(segments::id.eq(id))
        .filter(seen)
        .select((Row::as_select(), users::name))
        .first(connection)?)
}

fn read(
    connection: &mut AnyConnection,
    actor: &Actor,
    seen: Condition,
    id: SegmentId,
) -> Result<Segment> {
    let row = find(connection, seen, id)?;
    let mut all = answered(connection, actor, vec![row])?;
    all.pop().ok_or(Error::NotFound)
}

pub fn get(connection: &mut AnyConnection, actor: &Actor, id: SegmentId) -> Result<Segment> {
    read(connection, actor, visible(actor), id)
}

/// One after the other: two that change at once must not lead back to each other.
fn lock(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        diesel::sql_query("LOCK TABLE segments IN SHARE ROW EXCLUSIVE MODE").execute(connection)?;
    }
    Ok(())
}

fn check_owner(connection: &mut AnyConnection, owner: UserId) -> Result<()> {
    match user::exists_active(connection, owner)? {
        Some(_) => Ok(()),
        None => Err(Error::invalid("/owner_id", "reference")),
    }
}

fn taken(error: diesel::result::Error) -> Error {
    Error::from(error).taken("name", "/name")
}

/// Creates a segment; a static one with the customers that its filter finds.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, input: &Checked<SegmentInput>) -> Result<Segment> {
    let owner = input.owner_id.unwrap_or(actor.user_id);
    if owner != actor.user_id {
        check_owner(tx.connection, owner)?;
    }
    if input.kind == SegmentKind::Dynamic {
        lock(tx.connection)?;
        rule::check(tx.connection, actor, None, input)?;
    }
    let empty = Row {
        id: SegmentId::generate(),
        version: 1,
        name: String::new(),
        description: None,
        colour: None,
        kind: input.kind,
        shared: false,
        owner_id: owner,
        filter: None,
        recorded_at: None,
        recorded: None,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let row = empty.with(input)?;
    diesel::insert_into(segments::table)
        .values(row.clone())
        .execute(tx.connection)
        .map_err(taken)?;
    tx.created(RECORD, row.id.as_str(), &row.input()?)?;
    if let (SegmentKind::Static, Some(filter)) = (input.kind, &input.filter) {
        members::add_found(tx, actor, row.id, filter)?;
    }
    read(tx.connection, actor, Condition::Always, row.id)
}

/// The segment, if somebody may do this to it: its owner, and who may to all segments if it is shared.
fn expect(
    connection: &mut AnyConnection,
    actor: &Actor,
    operation: Operation,
    id: SegmentId,
) -> Result<Row> {
    let (row, _) = find(connection, visible(actor), id)?;
    match actor.permissions.scope(Module::Segments, operation) {
        Some(Scope::All) => Ok(row),
        Some(_) if row.owner_id == actor.user_id => Ok(row),
        _ => Err(Error::Conflict(ErrorCode::Forbidden)),
    }
}

fn at_version(row: Row, version: i64) -> Result<Row> {
    if row.version == version {
        Ok(row)
    } else {
        Err(Error::Stale)
    }
}

pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: SegmentId,
    version: i64,
    input: &Checked<SegmentInput>,
) -> Result<Segment> {
    lock(tx.connection)?;
    let row = expect(tx.connection, actor, Operation::Update, id)?;
    let row = at_version(row, version)?;
    let old = row.input()?;
    if input.kind != old.kind {
        return Err(Error::invalid("/kind", "fixed"));
    }
    if input.kind == SegmentKind::Static && input.filter.is_some() {
        return Err(Error::invalid("/filter", "fixed"));
    }
    if let Some(owner) = input.owner_id.filter(|owner| Some(*owner) != old.owner_id) {
        check_owner(tx.connection, owner)?;
    }
    if (&input.filter, input.shared) != (&old.filter, old.shared) {
        rule::check(tx.connection, actor, Some(id), input)?;
    }
    if old.shared && !input.shared {
        let shared = Condition::Compare(column("shared"), crate::Op::Eq, crate::Value::Bool(true));
        let built = uses::count(tx.connection, RECORD, built_upon(id).and(shared))?;
        uses::refuse(built, "/shared")?;
    }
    let new = Row {
        version: version + 1,
        updated_at: tx.now,
        ..row.with(input)?
    };
    let changed = diesel::update(
        segments::table
            .filter(segments::id.eq(id))
            .filter(segments::version.eq(version)),
    )
    .set(new.clone())
    .execute(tx.connection)
    .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    if input.filter != old.filter {
        rule::check_built_upon(tx.connection)?;
    }
    tx.updated(RECORD, id.as_str(), &old, &new.input()?)?;
    read(tx.connection, actor, Condition::Always, id)
}

/// The other segments whose rule names this one.
fn built_upon(id: SegmentId) -> Condition {
    let own = Condition::is(column("id"), id.as_str());
    Condition::Contains(column("filter"), containing(id.as_str()))
        .and(Condition::Not(Box::new(own)))
}

/// Deletes a segment; refused while other segments, or views that the actor can see, are built upon it.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: SegmentId, version: i64) -> Result<()> {
    lock(tx.connection)?;
    let row = expect(tx.connection, actor, Operation::Delete, id)?;
    let row = at_version(row, version)?;
    let of_views = |name| Column {
        table: "saved_views",
        name,
    };
    let shared = Condition::Compare(of_views("shared"), crate::Op::Eq, crate::Value::Bool(true));
    let views = Condition::Contains(of_views("data"), containing(id.as_str()))
        .and(Condition::is(of_views("owner_id"), actor.user_id.as_str()).or(shared));
    let held = uses::count(tx.connection, RECORD, built_upon(id))?
        + uses::count(tx.connection, "saved_views", views)?;
    uses::refuse(held, "")?;
    diesel::delete(segments::table.find(id)).execute(tx.connection)?;
    tx.deleted(RECORD, id.as_str(), &row.input()?)
}
