//! Separation of duties: what one person asks for and another decides.
//!
//! A kind of request says by [`Approvable`] what it takes to ask and what approving does, and stands in [`KINDS`]. That who asks does
//! not decide, and that one request of a kind waits for a record, the database guards too.

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::approval::{
    Approval, ApprovalInput, ApprovalKind, ApprovalState, DecisionInput, EXPIRY_SECONDS, FIELDS,
    WAITING_FOR_ME,
};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::user::UserState;
use guanxi_domain::{ApprovalId, Checked, ErrorCode, Page, Timestamp, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::condition::{Column, Condition};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{approvals, users};
use crate::stored::Json;
use crate::{
    Actor, AnyConnection, Error, Record, Result, Tx, Visibility, customer, notification, user,
};

const RECORD: &str = "approvals";

const LIST: ListSpec = ListSpec {
    of_caller: &[(WAITING_FOR_ME, waiting)],
    ..ListSpec::new(&FIELDS, RECORD)
};

/// Something that takes another person's approval.
pub trait Approvable: 'static {
    const KIND: ApprovalKind;
    /// Who may change such a record asks, who may approve in its module decides.
    type Of: Record;
    /// What is asked for in particular.
    type Payload: Serialize + DeserializeOwned;

    /// Refuses what makes no sense; else tells what is asked for of what. It is asked again before the decision: the request cannot be
    /// approved when the answer has changed.
    fn check(connection: &mut AnyConnection, id: &str, payload: &Self::Payload) -> Result<Asked>;

    /// Does it, in the transaction of the decision.
    fn apply(tx: &mut Tx<'_>, id: &str, payload: Self::Payload) -> Result<()>;
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What the record is called.
    pub subject: String,
    /// What the decision is about.
    pub basis: Value,
}

/// [`Approvable`], its types forgotten.
struct Kind {
    word: ApprovalKind,
    table: &'static str,
    module: Module,
    seen: fn(&Visibility) -> Condition,
    within: fn(&Visibility) -> Condition,
    check: fn(&mut AnyConnection, &str, &Value) -> Result<Asked>,
    apply: fn(&mut Tx<'_>, &str, &Value) -> Result<()>,
}

const fn kind<A: Approvable>() -> Kind {
    Kind {
        word: A::KIND,
        table: A::Of::LIST.table,
        module: A::Of::MODULE,
        seen: A::Of::scope,
        within: A::Of::change_scope,
        check: |connection, id, value| A::check(connection, id, &payload::<A>(value)?),
        apply: |tx, id, value| A::apply(tx, id, payload::<A>(value)?),
    }
}

const KINDS: &[Kind] = &[kind::<customer::LiftBlacklist>()];

fn payload<A: Approvable>(value: &Value) -> Result<A::Payload> {
    let value = if value.is_null() {
        json!({})
    } else {
        value.clone()
    };
    serde_json::from_value(value).map_err(|_| Error::invalid("/payload", "type"))
}

impl Kind {
    fn of(kind: ApprovalKind) -> Result<&'static Self> {
        let found = KINDS.iter().find(|k| k.word == kind);
        found.ok_or_else(|| Error::Internal(format!("nobody knows how to approve {kind}")))
    }

    /// The condition on requests of this kind that their record is among those within a visibility.
    fn about(&self, visibility: &Visibility, scope: fn(&Visibility) -> Condition) -> Condition {
        let of_kind = Condition::is(column("kind"), self.word.as_str());
        match scope(visibility) {
            Condition::Always => of_kind,
            within => of_kind.and(Condition::InSelect(
                column("record_id"),
                Column {
                    table: self.table,
                    name: "id",
                },
                Box::new(within),
            )),
        }
    }

    /// Whether somebody may do this to the record.
    fn reaches(
        &self,
        connection: &mut AnyConnection,
        actor: &Actor,
        operation: Operation,
        id: &str,
    ) -> Result<bool> {
        let why = crate::access::because(connection, actor, self.table, id, operation);
        Ok(why?.is_some())
    }

    /// Everybody else who may decide about the record.
    fn approvers(
        &self,
        connection: &mut AnyConnection,
        but: UserId,
        id: &str,
    ) -> Result<Vec<UserId>> {
        let people: Vec<UserId> = users::table
            .filter(users::state.eq(UserState::Active))
            .filter(users::id.ne(but))
            .order(users::id)
            .select(users::id)
            .load(connection)?;
        let mut approvers = Vec::new();
        for person in people {
            let actor = user::actor(connection, person)?;
            if self.reaches(connection, &actor, Operation::Approve, id)? {
                approvers.push(person);
            }
        }
        Ok(approvers)
    }
}

const fn column(name: &'static str) -> Column {
    Column {
        table: "approvals",
        name,
    }
}

/// Whether somebody else may decide about the record.
pub(crate) fn anybody_else(
    connection: &mut AnyConnection,
    kind: ApprovalKind,
    but: UserId,
    id: &str,
) -> Result<bool> {
    Ok(!Kind::of(kind)?.approvers(connection, but, id)?.is_empty())
}

/// The requests that somebody sees: their own, and those about records that they see.
pub(crate) fn visible(actor: &Actor) -> Condition {
    let mine = Condition::is(column("requested_by"), actor.user_id.as_str());
    KINDS.iter().fold(mine, |any, kind| {
        match actor.visibility(kind.module, Operation::Read) {
            Some(visibility) => any.or(kind.about(&visibility, kind.seen)),
            None => any,
        }
    })
}

/// The requests that somebody may decide about.
fn waiting(actor: &Actor) -> Condition {
    let within = KINDS.iter().fold(Condition::Never, |any, kind| {
        match actor.visibility(kind.module, Operation::Approve) {
            Some(visibility) => any.or(kind.about(&visibility, kind.within)),
            None => any,
        }
    });
    let mine = Condition::is(column("requested_by"), actor.user_id.as_str());
    let pending = Condition::is(column("state"), ApprovalState::Pending.as_str());
    pending.and(Condition::Not(Box::new(mine))).and(within)
}

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = approvals, treat_none_as_default_value = false)]
struct Row {
    id: ApprovalId,
    version: i64,
    kind: ApprovalKind,
    record_type: String,
    record_id: String,
    subject: String,
    payload: Json<Value>,
    basis: Json<Value>,
    reason: String,
    state: ApprovalState,
    requested_by: UserId,
    requested_at: Timestamp,
    expires_at: Timestamp,
    decided_by: Option<UserId>,
    decided_at: Option<Timestamp>,
    note: Option<String>,
}

impl Row {
    fn into_approval(self, names: &HashMap<UserId, String>) -> Result<Approval> {
        let name = |id| names.get(&id).cloned();
        Ok(Approval {
            id: self.id,
            version: self.version,
            record: self.record_type,
            subject: self.subject,
            basis: self.basis.get()?,
            state: self.state,
            requested_by: self.requested_by,
            requested_by_name: name(self.requested_by).unwrap_or_default(),
            requested_at: self.requested_at,
            expires_at: self.expires_at,
            decided_by: self.decided_by,
            decided_by_name: self.decided_by.and_then(name),
            decided_at: self.decided_at,
            note: self.note,
            input: ApprovalInput {
                kind: self.kind,
                record_id: self.record_id,
                reason: self.reason,
                payload: self.payload.get()?,
            },
        })
    }
}

fn with_names(connection: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Approval>> {
    let people: Vec<UserId> = rows
        .iter()
        .flat_map(|row| std::iter::once(row.requested_by).chain(row.decided_by))
        .collect();
    let names: Vec<(UserId, String)> = users::table
        .filter(users::id.eq_any(people))
        .select((users::id, users::name))
        .load(connection)?;
    let names = names.into_iter().collect();
    rows.into_iter().map(|r| r.into_approval(&names)).collect()
}

fn named(connection: &mut AnyConnection, row: Row) -> Result<Approval> {
    let mut all = with_names(connection, vec![row])?;
    all.pop().ok_or(Error::NotFound)
}

/// One page of the requests that somebody sees.
pub fn list(
    connection: &mut AnyConnection,
    actor: &Actor,
    query: &ListQuery,
) -> Result<Page<Approval>> {
    LIST.page(
        connection,
        query,
        visible(actor),
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = approvals::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            with_names(connection, rows)
        },
        |connection, condition| {
            Ok(approvals::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

fn find(connection: &mut AnyConnection, actor: &Actor, id: ApprovalId) -> Result<Row> {
    Ok(approvals::table
        .filter(approvals::id.eq(id))
        .filter(visible(actor))
        .select(Row::as_select())
        .first(connection)?)
}

pub fn get(connection: &mut AnyConnection, actor: &Actor, id: ApprovalId) -> Result<Approval> {
    let row = find(connection, actor, id)?;
    named(connection, row)
}

/// Asks for something. Whoever may decide is told; refused where nobody else may.
pub fn request(tx: &mut Tx<'_>, actor: &Actor, input: &Checked<ApprovalInput>) -> Result<Approval> {
    let kind = Kind::of(input.kind)?;
    let id = input.record_id.as_str();
    if !kind.reaches(tx.connection, actor, Operation::Update, id)? {
        return Err(Error::invalid("/record_id", "reference"));
    }
    let asked = (kind.check)(tx.connection, id, &input.payload)?;
    let approvers = kind.approvers(tx.connection, actor.user_id, id)?;
    if approvers.is_empty() {
        return Err(Error::Conflict(ErrorCode::NobodyToApprove));
    }
    let row = Row {
        id: ApprovalId::generate(),
        version: 1,
        kind: input.kind,
        record_type: kind.table.to_owned(),
        record_id: id.to_owned(),
        subject: asked.subject.clone(),
        payload: Json::new(&input.payload)?,
        basis: Json::new(&asked.basis)?,
        reason: input.reason.clone(),
        state: ApprovalState::Pending,
        requested_by: actor.user_id,
        requested_at: tx.now,
        expires_at: tx.now.plus_seconds(EXPIRY_SECONDS),
        decided_by: None,
        decided_at: None,
        note: None,
    };
    diesel::insert_into(approvals::table)
        .values(row.clone())
        .execute(tx.connection)
        .map_err(|e| match Error::from(e).taken(RECORD, "/record_id") {
            Error::ConflictAt(ErrorCode::Taken, _) => Error::Conflict(ErrorCode::ApprovalPending),
            other => other,
        })?;
    let approval = named(tx.connection, row)?;
    let new = serde_json::to_value(&approval)?;
    let told = guanxi_domain::audit::differences(&json!({}), &new);
    tx.record(RECORD, approval.id.as_str(), "requested", told)?;
    for approver in approvers {
        notification::tell(
            tx,
            approver,
            NotificationKind::ApprovalRequested,
            (RECORD, approval.id.as_str()),
            &asked.subject,
        )?;
    }
    Ok(approval)
}

/// The request, if it still waits and has this version.
fn expect(tx: &mut Tx<'_>, actor: &Actor, id: ApprovalId, version: i64) -> Result<Row> {
    let row = find(tx.connection, actor, id)?;
    if row.state != ApprovalState::Pending || row.expires_at <= tx.now {
        return Err(Error::Conflict(ErrorCode::ApprovalOver));
    }
    if row.version != version {
        return Err(Error::Stale);
    }
    Ok(row)
}

/// Approves and does it, or rejects with a note.
pub fn decide(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ApprovalId,
    version: i64,
    approve: bool,
    input: &Checked<DecisionInput>,
) -> Result<Approval> {
    let row = expect(tx, actor, id, version)?;
    if row.requested_by == actor.user_id {
        return Err(Error::Conflict(ErrorCode::OwnRequest));
    }
    let kind = Kind::of(row.kind)?;
    if !kind.reaches(tx.connection, actor, Operation::Approve, &row.record_id)? {
        return Err(Error::Conflict(ErrorCode::Forbidden));
    }
    if !approve && input.note.is_none() {
        return Err(Error::invalid("/note", "reason"));
    }
    let (record_id, asked) = (row.record_id.clone(), row.payload.get()?);
    if approve {
        expect_unchanged(tx.connection, kind, &row)?;
    }
    let decided = Row {
        state: if approve {
            ApprovalState::Approved
        } else {
            ApprovalState::Rejected
        },
        decided_by: Some(actor.user_id),
        note: input.note.clone(),
        ..row.clone()
    };
    let approval = settle(tx, row, decided, "decided")?;
    if approve {
        (kind.apply)(tx, &record_id, &asked)?;
    }
    let told = if approve {
        NotificationKind::ApprovalApproved
    } else {
        NotificationKind::ApprovalRejected
    };
    tell_requester(tx, &approval, told)?;
    Ok(approval)
}

/// What was asked of must be what it was.
fn expect_unchanged(connection: &mut AnyConnection, kind: &Kind, row: &Row) -> Result<()> {
    let stale = || Error::Conflict(ErrorCode::ApprovalStale);
    match (kind.check)(connection, &row.record_id, &row.payload.get()?) {
        Ok(now) if now.basis == row.basis.get()? => Ok(()),
        Ok(_) | Err(Error::NotFound | Error::Conflict(_) | Error::Invalid(_)) => Err(stale()),
        Err(other) => Err(other),
    }
}

/// Takes a request back; by who asked.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, id: ApprovalId, version: i64) -> Result<Approval> {
    let row = expect(tx, actor, id, version)?;
    if row.requested_by != actor.user_id {
        return Err(Error::Conflict(ErrorCode::Forbidden));
    }
    let withdrawn = Row {
        state: ApprovalState::Withdrawn,
        ..row.clone()
    };
    settle(tx, row, withdrawn, "withdrawn")
}

/// Writes what became of a request, and records it.
fn settle(tx: &mut Tx<'_>, old: Row, new: Row, action: &str) -> Result<Approval> {
    let new = Row {
        version: old.version + 1,
        decided_at: Some(tx.now),
        ..new
    };
    let changed = diesel::update(
        approvals::table
            .filter(approvals::id.eq(old.id))
            .filter(approvals::version.eq(old.version)),
    )
    .set((
        approvals::version.eq(new.version),
        approvals::state.eq(new.state),
        approvals::decided_by.eq(new.decided_by),
        approvals::decided_at.eq(new.decided_at),
        approvals::note.eq(&new.note),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let old = named(tx.connection, old)?;
    let new = named(tx.connection, new)?;
    tx.changed(RECORD, new.id.as_str(), action, &old, &new)?;
    Ok(new)
}

fn tell_requester(tx: &mut Tx<'_>, approval: &Approval, kind: NotificationKind) -> Result<()> {
    notification::tell(
        tx,
        approval.requested_by,
        kind,
        (RECORD, approval.id.as_str()),
        &approval.subject,
    )
}

fn end(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<usize> {
    let ended = rows.len();
    for row in rows {
        let expired = Row {
            state: ApprovalState::Expired,
            ..row.clone()
        };
        let approval = settle(tx, row, expired, "expired")?;
        tell_requester(tx, &approval, NotificationKind::ApprovalExpired)?;
    }
    Ok(ended)
}

/// Ends the requests that nobody has decided in time; how many.
pub fn expire(tx: &mut Tx<'_>) -> Result<usize> {
    let rows: Vec<Row> = approvals::table
        .filter(approvals::state.eq(ApprovalState::Pending))
        .filter(approvals::expires_at.le(tx.now))
        .order(approvals::id)
        .limit(500)
        .select(Row::as_select())
        .load(tx.connection)?;
    end(tx, rows)
}

/// Ends the requests about records that are gone.
pub(crate) fn lapse(tx: &mut Tx<'_>, record: &str, ids: &[&str]) -> Result<()> {
    if !KINDS.iter().any(|kind| kind.table == record) {
        return Ok(());
    }
    let rows: Vec<Row> = approvals::table
        .filter(approvals::state.eq(ApprovalState::Pending))
        .filter(approvals::record_type.eq(record))
        .filter(approvals::record_id.eq_any(ids))
        .select(Row::as_select())
        .load(tx.connection)?;
    end(tx, rows).map(|_| ())
}
