//! Saved reports. Whoever may read reports sees their own and those that are shared; each sees the figures that they may see.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
    RunQueryDsl,
};
use guanxi_domain::order::FIELDS;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::report::{Report, ReportInput, ReportPin};
use guanxi_domain::{Checked, ErrorCode, ReportId, Timestamp, UserId};

use super::run::FACTS;
use crate::schema::{report_pins, reports, users};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, custom_field};

const RECORD: &str = "reports";

type Row = (
    ReportId,
    i64,
    UserId,
    String,
    Option<UserId>,
    Timestamp,
    Timestamp,
    Json<ReportInput>,
);

fn report(row: Row, actor: &Actor) -> Result<Report> {
    let (id, version, owner_id, owner_name, pinned_by, created_at, updated_at, data) = row;
    Ok(Report {
        id,
        version,
        owner_id,
        owner_name,
        mine: owner_id == actor.user_id,
        pinned: pinned_by.is_some(),
        created_at,
        updated_at,
        input: data.get()?,
    })
}

/// Those that the actor sees, or one of them.
fn load(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: Option<ReportId>,
) -> Result<Vec<Report>> {
    let mine = report_pins::report_id
        .eq(reports::id)
        .and(report_pins::user_id.eq(actor.user_id));
    let seen = reports::owner_id
        .eq(actor.user_id)
        .or(reports::shared.eq(true));
    let mut query = reports::table
        .inner_join(users::table)
        .left_join(report_pins::table.on(mine))
        .filter(seen)
        .order((reports::name, reports::id))
        .select((
            reports::id,
            reports::version,
            reports::owner_id,
            users::name,
            report_pins::user_id.nullable(),
            reports::created_at,
            reports::updated_at,
            reports::data,
        ))
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(reports::id.eq(id));
    }
    let rows: Vec<Row> = query.load(connection)?;
    rows.into_iter().map(|row| report(row, actor)).collect()
}

/// By name.
pub fn list(connection: &mut AnyConnection, actor: &Actor) -> Result<Vec<Report>> {
    load(connection, actor, None)
}

pub fn get(connection: &mut AnyConnection, actor: &Actor, id: ReportId) -> Result<Report> {
    load(connection, actor, Some(id))?
        .pop()
        .ok_or(Error::NotFound)
}

/// What only the registry and the caller's permissions tell.
fn check(
    connection: &mut AnyConnection,
    actor: &Actor,
    input: &ReportInput,
    now: Timestamp,
) -> Result<()> {
    let Some(tree) = &input.query.filter else {
        return Ok(());
    };
    let fields = custom_field::fields(connection, &FIELDS)?;
    FACTS
        .tree(fields, tree, actor, now)
        .map(|_| ())
        .map_err(|error| error.below("/query"))
}

fn taken(error: diesel::result::Error) -> Error {
    Error::from(error).taken("name", "/name")
}

pub fn create(tx: &mut Tx<'_>, actor: &Actor, input: &Checked<ReportInput>) -> Result<Report> {
    check(tx.connection, actor, input, tx.now)?;
    let id = ReportId::generate();
    diesel::insert_into(reports::table)
        .values((
            reports::id.eq(id),
            reports::version.eq(1_i64),
            reports::name.eq(&input.name),
            reports::owner_id.eq(actor.user_id),
            reports::shared.eq(input.shared),
            reports::data.eq(Json::new(&**input)?),
            reports::created_at.eq(tx.now),
            reports::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)
        .map_err(taken)?;
    let report = get(tx.connection, actor, id)?;
    tx.created(RECORD, id.as_str(), &report)?;
    Ok(report)
}

/// Whether somebody may change a report that they see: its owner, and of shared ones administrators.
pub(super) fn may_change(actor: &Actor, report: &Report) -> bool {
    report.mine || actor.permissions.scope(Module::Settings, Operation::Update) == Some(Scope::All)
}

/// The report, if the actor may change it.
fn expect(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: ReportId,
    version: i64,
) -> Result<Report> {
    let old = get(connection, actor, id)?;
    if !may_change(actor, &old) {
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
    id: ReportId,
    version: i64,
    input: &Checked<ReportInput>,
) -> Result<Report> {
    let old = expect(tx.connection, actor, id, version)?;
    check(tx.connection, actor, input, tx.now)?;
    let changed = diesel::update(
        reports::table
            .filter(reports::id.eq(id))
            .filter(reports::version.eq(version)),
    )
    .set((
        reports::version.eq(version + 1),
        reports::name.eq(&input.name),
        reports::shared.eq(input.shared),
        reports::data.eq(Json::new(&**input)?),
        reports::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)
    .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = Report {
        version: version + 1,
        updated_at: tx.now,
        input: (**input).clone(),
        ..old.clone()
    };
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
}

pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: ReportId, version: i64) -> Result<()> {
    let old = expect(tx.connection, actor, id, version)?;
    diesel::delete(reports::table.find(id)).execute(tx.connection)?;
    tx.deleted(RECORD, id.as_str(), &old)
}

/// Puts a report on the actor's start page, or takes it away.
pub fn pin(tx: &mut Tx<'_>, actor: &Actor, id: ReportId, pin: ReportPin) -> Result<Report> {
    let old = get(tx.connection, actor, id)?;
    diesel::delete(
        report_pins::table
            .filter(report_pins::user_id.eq(actor.user_id))
            .filter(report_pins::report_id.eq(id)),
    )
    .execute(tx.connection)?;
    if pin.pinned {
        diesel::insert_into(report_pins::table)
            .values((
                report_pins::user_id.eq(actor.user_id),
                report_pins::report_id.eq(id),
            ))
            .execute(tx.connection)?;
    }
    let new = Report {
        pinned: pin.pinned,
        ..old.clone()
    };
    tx.changed(RECORD, id.as_str(), "marked", &old, &new)?;
    Ok(new)
}
