//! The audit trail. Entries are written by [`crate::Tx`] and never changed.

use diesel::{QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::audit::{AuditEntry, FIELDS};
use guanxi_domain::{AuditId, Timestamp, UserId};

use guanxi_domain::permission::Module;

use crate::list::ListSpec;
use crate::schema::audit_entries;
use crate::stored::Json;
use crate::{AnyConnection, Column, Condition, Ordering, Record, Result, Visibility};

const LIST: ListSpec = ListSpec::new(&FIELDS, "audit_entries");

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = audit_entries)]
struct Row {
    id: AuditId,
    at: Timestamp,
    user_id: Option<UserId>,
    user_name: String,
    ip: String,
    request_id: String,
    record_type: String,
    record_id: String,
    action: String,
    changes: Json<serde_json::Value>,
}

impl Row {
    fn into_entry(self) -> Result<AuditEntry> {
        Ok(AuditEntry {
            id: self.id,
            at: self.at,
            user_id: self.user_id,
            user_name: self.user_name,
            ip: self.ip,
            request_id: self.request_id,
            record_type: self.record_type,
            record_id: self.record_id,
            action: self.action,
            changes: self.changes.get()?,
        })
    }
}

/// The audit trail: all of it, or what people in the caller's scope did.
pub struct Audit;

impl Record for Audit {
    type Item = AuditEntry;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Audit;

    fn scope(visibility: &Visibility) -> Condition {
        let user = Column {
            table: "audit_entries",
            name: "user_id",
        };
        let id = Column {
            table: "users",
            name: "id",
        };
        match visibility {
            Visibility::All => Condition::Always,
            Visibility::Part(_) => Condition::InSelect(user, id, Box::new(visibility.of_users())),
        }
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        let rows: Vec<Row> = audit_entries::table
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .select(Row::as_select())
            .load(connection)?;
        rows.into_iter().map(Row::into_entry).collect()
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(audit_entries::table
            .filter(condition)
            .count()
            .get_result(connection)?)
    }
}
