//! Saved views. Whoever may read the records of a type sees their own views of it and those that are shared.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
    RunQueryDsl,
};
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::view::{View, ViewInput, ViewMark, ViewRecord};
use guanxi_domain::{Checked, ErrorCode, Timestamp, UserId, ViewId};

use crate::schema::{saved_views, users, view_marks};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, ListQuery, Result, Tx, custom_field};

const RECORD: &str = "views";

type Row = (
    ViewId,
    i64,
    UserId,
    String,
    Option<bool>,
    Option<bool>,
    Timestamp,
    Timestamp,
    Json<ViewInput>,
);

fn view(row: Row, actor: &Actor) -> Result<View> {
    let (id, version, owner_id, owner_name, pinned, default, created_at, updated_at, data) = row;
    Ok(View {
        id,
        version,
        owner_id,
        owner_name,
        mine: owner_id == actor.user_id,
        pinned: pinned.unwrap_or_default(),
        default: default.unwrap_or_default(),
        created_at,
        updated_at,
        input: data.get()?,
    })
}

/// Those that the actor sees, of one record type or one view.
fn load(
    connection: &mut AnyConnection,
    actor: &Actor,
    record: Option<ViewRecord>,
    id: Option<ViewId>,
) -> Result<Vec<View>> {
    let mine = view_marks::view_id
        .eq(saved_views::id)
        .and(view_marks::user_id.eq(actor.user_id));
    let readable: Vec<&str> = ViewRecord::ALL
        .iter()
        .map(|r| r.as_str())
        .filter(|r| may_read(actor, r))
        .filter(|r| record.is_none_or(|wanted| wanted.as_str() == *r))
        .collect();
    let mut query = saved_views::table
        .inner_join(users::table)
        .left_join(view_marks::table.on(mine))
        .filter(saved_views::record.eq_any(readable))
        .filter(
            saved_views::owner_id
                .eq(actor.user_id)
                .or(saved_views::shared.eq(true)),
        )
        .order((saved_views::name, saved_views::id))
        .select((
            saved_views::id,
            saved_views::version,
            saved_views::owner_id,
            users::name,
            view_marks::pinned.nullable(),
            view_marks::is_default.nullable(),
            saved_views::created_at,
            saved_views::updated_at,
            saved_views::data,
        ))
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(saved_views::id.eq(id));
    }
    let rows: Vec<Row> = query.load(connection)?;
    rows.into_iter().map(|row| view(row, actor)).collect()
}

fn may_read(actor: &Actor, record: &str) -> bool {
    record
        .parse::<Module>()
        .is_ok_and(|module| actor.permissions.allows(module, Operation::Read))
}

/// By name.
pub fn list(
    connection: &mut AnyConnection,
    actor: &Actor,
    record: Option<ViewRecord>,
) -> Result<Vec<View>> {
    load(connection, actor, record, None)
}

pub fn get(connection: &mut AnyConnection, actor: &Actor, id: ViewId) -> Result<View> {
    load(connection, actor, None, Some(id))?
        .pop()
        .ok_or(Error::NotFound)
}

/// What only the registry and the caller's permissions tell.
fn check(
    connection: &mut AnyConnection,
    actor: &Actor,
    input: &ViewInput,
    now: Timestamp,
) -> Result<()> {
    if !may_read(actor, input.record.as_str()) {
        return Err(Error::ConflictAt(
            ErrorCode::Forbidden,
            "/record".to_owned(),
        ));
    }
    let fields = custom_field::fields(connection, input.record.fields())?;
    if input.columns.iter().any(|c| fields.get(&c.field).is_none()) {
        return Err(Error::invalid("/columns", "columns"));
    }
    ListQuery::search(fields, &input.search(), Some(actor), now).map(|_| ())
}

fn taken(error: diesel::result::Error) -> Error {
    Error::from(error).taken("name", "/name")
}

pub fn create(tx: &mut Tx<'_>, actor: &Actor, input: &Checked<ViewInput>) -> Result<View> {
    check(tx.connection, actor, input, tx.now)?;
    let id = ViewId::generate();
    diesel::insert_into(saved_views::table)
        .values((
            saved_views::id.eq(id),
            saved_views::version.eq(1_i64),
            saved_views::record.eq(input.record.as_str()),
            saved_views::name.eq(&input.name),
            saved_views::owner_id.eq(actor.user_id),
            saved_views::shared.eq(input.shared),
            saved_views::data.eq(Json::new(&**input)?),
            saved_views::created_at.eq(tx.now),
            saved_views::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)
        .map_err(taken)?;
    let view = get(tx.connection, actor, id)?;
    tx.created(RECORD, id.as_str(), &view)?;
    Ok(view)
}

/// The view, if the actor may change it: its owner, and of shared ones administrators.
fn expect(connection: &mut AnyConnection, actor: &Actor, id: ViewId, version: i64) -> Result<View> {
    let old = get(connection, actor, id)?;
    let administers =
        actor.permissions.scope(Module::Settings, Operation::Update) == Some(Scope::All);
    if !old.mine && !administers {
        return Err(Error::Conflict(ErrorCode::Forbidden));
    }
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ViewId,
    version: i64,
    input: &Checked<ViewInput>,
) -> Result<View> {
    let old = expect(tx.connection, actor, id, version)?;
    if input.record != old.input.record {
        return Err(Error::invalid("/record", "fixed"));
    }
    check(tx.connection, actor, input, tx.now)?;
    let changed = diesel::update(
        saved_views::table
            .filter(saved_views::id.eq(id))
            .filter(saved_views::version.eq(version)),
    )
    .set((
        saved_views::version.eq(version + 1),
        saved_views::name.eq(&input.name),
        saved_views::shared.eq(input.shared),
        saved_views::data.eq(Json::new(&**input)?),
        saved_views::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)
    .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = View {
        version: version + 1,
        updated_at: tx.now,
        input: (**input).clone(),
        ..old.clone()
    };
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
}

pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: ViewId, version: i64) -> Result<()> {
    let old = expect(tx.connection, actor, id, version)?;
    diesel::delete(saved_views::table.find(id)).execute(tx.connection)?;
    tx.deleted(RECORD, id.as_str(), &old)
}

/// Pins a view for the actor, or makes it the one that the list opens with.
pub fn mark(tx: &mut Tx<'_>, actor: &Actor, id: ViewId, mark: ViewMark) -> Result<View> {
    let old = get(tx.connection, actor, id)?;
    let record = old.input.record.as_str();
    if mark.default {
        diesel::update(
            view_marks::table
                .filter(view_marks::user_id.eq(actor.user_id))
                .filter(view_marks::record.eq(record)),
        )
        .set(view_marks::is_default.eq(false))
        .execute(tx.connection)?;
    }
    diesel::delete(
        view_marks::table
            .filter(view_marks::user_id.eq(actor.user_id))
            .filter(view_marks::view_id.eq(id)),
    )
    .execute(tx.connection)?;
    diesel::insert_into(view_marks::table)
        .values((
            view_marks::user_id.eq(actor.user_id),
            view_marks::view_id.eq(id),
            view_marks::record.eq(record),
            view_marks::pinned.eq(mark.pinned),
            view_marks::is_default.eq(mark.default),
        ))
        .execute(tx.connection)?;
    let new = View {
        pinned: mark.pinned,
        default: mark.default,
        ..old.clone()
    };
    tx.changed(RECORD, id.as_str(), "marked", &old, &new)?;
    Ok(new)
}
