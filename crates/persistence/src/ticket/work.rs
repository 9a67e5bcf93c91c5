//! Work on tickets: their states, and who is to do it.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::ticket::{CommentKind, Ticket, TicketState, TicketTransitionInput};
use guanxi_domain::{Checked, DepartmentId, ErrorCode, TicketId, Timestamp, UserId};

use super::{Row, change, comment, expect, find, handled, seen};
use crate::{Actor, AnyConnection, Error, Result, Tx, Visibility, user};

/// An owner who works on what was transferred to them answers for it from then on (首问责任制).
pub(super) fn take_over(row: Row, actor: &Actor) -> Row {
    if row.owner_id == Some(actor.user_id) {
        Row {
            responsible_id: row.owner_id,
            ..row
        }
    } else {
        row
    }
}

/// The first response: whoever gives it answers for the ticket, and owns it if nobody does.
pub(super) fn respond(row: Row, actor: &Actor, now: Timestamp) -> Row {
    if row.first_response_at.is_some() {
        return row;
    }
    Row {
        first_response_at: Some(now),
        first_responder_id: Some(actor.user_id),
        owner_id: row.owner_id.or(Some(actor.user_id)),
        responsible_id: row.responsible_id.or(Some(actor.user_id)),
        department_id: row.department_id.or(actor.department_id),
        ..row
    }
}

/// Whether the caller may make this person the owner of a ticket that nobody owns: oneself always.
pub(super) fn check_owner(actor: &Actor, owner: UserId) -> Result<()> {
    if owner == actor.user_id || user::may_assign(actor, Module::Tickets) {
        Ok(())
    } else {
        Err(forbidden())
    }
}

fn forbidden() -> Error {
    Error::ConflictAt(ErrorCode::Forbidden, "/owner_id".to_owned())
}

/// The department of somebody who can own a ticket.
pub(super) fn department_of(
    connection: &mut AnyConnection,
    owner: UserId,
) -> Result<Option<DepartmentId>> {
    user::exists_active(connection, owner)?.ok_or_else(|| Error::invalid("/owner_id", "reference"))
}

/// The row with a new owner; the ticket goes to the owner's department. Whoever takes it themselves answers for it at once.
pub(super) fn hand_to(
    row: Row,
    actor: &Actor,
    owner: Option<UserId>,
    department: Option<DepartmentId>,
) -> Row {
    let row = Row {
        owner_id: owner,
        department_id: department.or(row.department_id),
        ..row
    };
    take_over(row, actor)
}

/// Moves a ticket to another state.
pub fn transition(
    tx: &mut Tx<'_>,
    actor: &Actor,
    visibility: &Visibility,
    id: TicketId,
    version: i64,
    input: &Checked<TicketTransitionInput>,
) -> Result<Ticket> {
    let old = expect(tx.connection, visibility, id, version)?;
    let to = input.to;
    if !old.state.may_become(to) {
        return Err(Error::Conflict(ErrorCode::IllegalTransition));
    }
    if let Some(note) = &input.note {
        comment::insert(tx, id, CommentKind::Internal, note, None)?;
    }
    let now = tx.now;
    let finished = !old.state.is_open();
    let action = if finished && to.is_open() {
        "reopened"
    } else {
        to.as_str()
    };
    change(tx, &old, action, |row| {
        let row = take_over(respond(row, actor, now), actor);
        let row = Row { state: to, ..row };
        Ok(match to {
            TicketState::Resolved => Row {
                resolved_at: Some(now),
                ..row
            },
            TicketState::Closed => Row {
                closed_at: Some(now),
                ..row
            },
            _ if finished => Row {
                resolved_at: None,
                closed_at: None,
                reopened: row.reopened + 1,
                ..row
            },
            _ => row,
        })
    })
}

/// Gives a ticket to somebody, or with `None` back into the queue; the responsibility moves when the new owner takes over.
///
/// Needs the right to assign, but to take a ticket that nobody owns, or to accept one that was transferred to oneself: for
/// that the right to change it is enough.
pub fn assign(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: TicketId,
    version: i64,
    owner: Option<UserId>,
) -> Result<Ticket> {
    let old = find_assignable(tx.connection, actor, id, owner)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    let accepts = owner == Some(actor.user_id) && old.responsible_id != owner;
    let same = old.input.owner_id == owner;
    if same && !accepts {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    let (action, department) = match owner {
        None => ("released", None),
        Some(owner) => (
            if same { "accepted" } else { "assigned" },
            department_of(tx.connection, owner)?,
        ),
    };
    change(tx, &old, action, |row| {
        Ok(hand_to(row, actor, owner, department))
    })
}

/// The ticket, if the caller may make this person its owner.
pub(super) fn find_assignable(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: TicketId,
    owner: Option<UserId>,
) -> Result<Ticket> {
    let missing_is_none = |result: Result<Ticket>| match result {
        Err(Error::NotFound) => Ok(None),
        other => other.map(Some),
    };
    if user::may_assign(actor, Module::Tickets)
        && let Some(visibility) = actor.visibility(Module::Tickets, Operation::Assign)
        && let Some(ticket) = missing_is_none(find(connection, id, handled(&visibility)))?
    {
        return Ok(ticket);
    }
    if let Some(visibility) = actor.visibility(Module::Tickets, Operation::Update)
        && let Some(ticket) =
            missing_is_none(find(connection, id, handled(&visibility.unshared())))?
    {
        let me = Some(actor.user_id);
        let takes = owner == me && (ticket.input.owner_id.is_none() || ticket.input.owner_id == me);
        return if takes { Ok(ticket) } else { Err(forbidden()) };
    }
    // Seen, but not to be changed, is another answer than not there.
    let visibility = actor
        .visibility(Module::Tickets, Operation::Read)
        .ok_or(Error::NotFound)?;
    find(connection, id, seen(&visibility))?;
    Err(forbidden())
}
