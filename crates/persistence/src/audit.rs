//! The audit trail. Entries are written by [`crate::Tx`], chained, and never changed.

use diesel::{QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::Page;
use guanxi_domain::audit::{AuditEntry, FIELDS, HISTORY_FIELDS, HistoryEntry};
use guanxi_domain::permission::Module;

use crate::list::ListSpec;
use crate::schema::audit_entries;
use crate::{AnyConnection, Column, Condition, ListQuery, Record, Result, Visibility};

mod chain;
mod verify;

pub(crate) use chain::{Entry, Head, append, begin};
pub use verify::{Expected, Fault, Lane, verify};

const LIST: ListSpec = ListSpec::new(&FIELDS, "audit_entries");

const fn column(name: &'static str) -> Column {
    Column {
        table: "audit_entries",
        name,
    }
}

impl Entry {
    fn into_entry(self) -> Result<AuditEntry> {
        Ok(AuditEntry {
            id: self.id,
            at: self.at,
            user_id: self.user_id,
            user_name: self.user_name,
            key_id: self.key_id,
            key_name: self.key_name,
            ip: self.ip,
            request_id: self.request_id,
            record_type: self.record_type,
            record_id: self.record_id,
            action: self.action,
            changes: serde_json::from_str(&self.changes)?,
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
        let user = column("user_id");
        let id = Column {
            table: "users",
            name: "id",
        };
        match visibility {
            Visibility::All => Condition::Always,
            Visibility::Part(_) => Condition::InSelect(user, id, Box::new(visibility.of_users())),
        }
    }

    of_one_table!(audit_entries, Entry, Entry::into_entry);
}

/// What happened to a record. Whoever asks must have been found to see it.
pub fn history(
    connection: &mut AnyConnection,
    record: &str,
    id: &str,
    query: &ListQuery,
) -> Result<Page<HistoryEntry>> {
    let is = |name, value| Condition::is(column(name), value);
    let of_record = is("record_type", record).and(is("record_id", id));
    ListSpec::new(&HISTORY_FIELDS, "audit_entries").page(
        connection,
        query,
        of_record,
        |connection, condition, ordering, limit| {
            let entries = Audit::load(connection, condition, ordering, limit)?;
            Ok(entries.into_iter().map(HistoryEntry::from).collect())
        },
        Audit::count,
    )
}
