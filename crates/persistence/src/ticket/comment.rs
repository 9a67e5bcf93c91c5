//! A ticket's history: replies, internal notes and what was changed.

use diesel::{QueryDsl, RunQueryDsl, SelectableHelper, sql_query};
use guanxi_domain::ticket::{COMMENT_FIELDS, Comment, CommentInput, CommentKind};
use guanxi_domain::{Checked, CommentId, Page, TicketId, Timestamp, UserId};

use super::{RECORD, change, get, work};
use crate::condition::{Column, Condition};
use crate::list::{ListQuery, ListSpec};
use crate::schema::ticket_comments;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Result, Tx, Visibility};

const LIST: ListSpec = ListSpec::new(&COMMENT_FIELDS, "ticket_comments");

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = ticket_comments, treat_none_as_default_value = false)]
struct Row {
    id: CommentId,
    ticket_id: TicketId,
    kind: CommentKind,
    author_id: Option<UserId>,
    author_name: String,
    body: String,
    changes: Option<Json<serde_json::Value>>,
    created_at: Timestamp,
}

impl Row {
    fn into_comment(self) -> Result<Comment> {
        Ok(Comment {
            id: self.id,
            ticket_id: self.ticket_id,
            kind: self.kind,
            author_id: self.author_id,
            author_name: self.author_name,
            body: self.body,
            changes: self.changes.map(|c| c.get()).transpose()?,
            created_at: self.created_at,
        })
    }
}

/// The history of a ticket, the oldest first if the query does not say otherwise.
pub fn list(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    ticket: TicketId,
    query: &ListQuery,
) -> Result<Page<Comment>> {
    get(connection, visibility, ticket)?;
    let of_ticket = Column {
        table: "ticket_comments",
        name: "ticket_id",
    };
    LIST.page(
        connection,
        query,
        Condition::is(of_ticket, ticket.as_str()),
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = ticket_comments::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            rows.into_iter().map(Row::into_comment).collect()
        },
        |connection, condition| {
            Ok(ticket_comments::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

/// Adds an entry to a ticket's history. Whether that may be done, and its audit, is the caller's.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    ticket: TicketId,
    kind: CommentKind,
    body: &str,
    changes: Option<&serde_json::Value>,
) -> Result<Comment> {
    let row = Row {
        id: CommentId::generate(),
        ticket_id: ticket,
        kind,
        author_id: tx.origin.user_id,
        author_name: tx.origin.user_name.clone(),
        body: body.to_owned(),
        changes: changes.map(Json::new).transpose()?,
        created_at: tx.now,
    };
    diesel::insert_into(ticket_comments::table)
        .values(row.clone())
        .execute(tx.connection)?;
    row.into_comment()
}

/// Writes a comment. The first public one is the first response; an owner who comments has taken over.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    visibility: &Visibility,
    ticket: TicketId,
    input: &Checked<CommentInput>,
) -> Result<Comment> {
    if let AnyConnection::Postgres(connection) = tx.connection {
        // Two replies at once: one of them is the first.
        sql_query("SELECT 1 FROM tickets WHERE id = $1 FOR NO KEY UPDATE")
            .bind::<diesel::sql_types::Text, _>(ticket.as_str())
            .execute(connection)?;
    }
    let old = get(tx.connection, visibility, ticket)?;
    let comment = insert(tx, ticket, input.kind(), &input.body, None)?;
    let me = Some(actor.user_id);
    let now = tx.now;
    if input.public && old.first_response_at.is_none() {
        change(tx, &old, "responded", |row| {
            Ok(work::take_over(work::respond(row, actor, now), actor))
        })?;
    } else if old.input.owner_id == me && old.responsible_id != me {
        change(tx, &old, "accepted", |row| Ok(work::take_over(row, actor)))?;
    }
    tx.record(
        RECORD,
        ticket.as_str(),
        "commented",
        serde_json::json!({ "comment": { "old": null, "new": comment } }),
    )?;
    Ok(comment)
}
