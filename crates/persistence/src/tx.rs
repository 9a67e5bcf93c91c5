//! A transaction that changes something, and the record that it leaves: audit entries and outbox events.

use diesel::{Connection, ExpressionMethods, RunQueryDsl};
use guanxi_domain::audit::differences;
use guanxi_domain::{ApiKeyId, AuditId, Timestamp, UserId};
use serde_json::{Value, json};

use crate::audit::{Entry, Head};
use crate::idempotency::Claim;
use crate::schema::outbox_events;
use crate::{Actor, AnyConnection, Error, Result, approval, audit, idempotency, search, share};

/// Rows that one statement inserts at most.
pub(crate) const BATCH: usize = 200;

/// Where a change comes from: for the audit trail.
#[derive(Clone, Debug)]
pub struct Origin {
    pub user_id: Option<UserId>,
    pub user_name: String,
    /// The API key that was used, and its name.
    pub key: Option<(ApiKeyId, String)>,
    pub ip: String,
    pub request_id: String,
    /// The key of a request that must not be carried out twice.
    pub claim: Option<Claim>,
}

impl Origin {
    /// The program itself.
    pub fn system() -> Self {
        Self {
            user_id: None,
            user_name: "system".to_owned(),
            key: None,
            ip: String::new(),
            request_id: String::new(),
            claim: None,
        }
    }

    /// Whoever sits at the server.
    pub fn command_line() -> Self {
        Self {
            user_name: "command line".to_owned(),
            ..Self::system()
        }
    }

    /// A person, outside of a request: from the command line or a background job.
    pub fn of(actor: &Actor) -> Self {
        Self {
            user_id: Some(actor.user_id),
            user_name: actor.name.clone(),
            ..Self::system()
        }
    }
}

/// A transaction that changes something.
pub struct Tx<'a> {
    pub connection: &'a mut AnyConnection,
    pub origin: &'a Origin,
    /// When it began.
    pub now: Timestamp,
    recorded: bool,
    /// Written when everything else is.
    entries: Vec<Entry>,
    /// Who acts, where the origin does not know yet.
    person: Option<(UserId, String)>,
}

impl<'a> Tx<'a> {
    pub(crate) fn begin(connection: &'a mut AnyConnection, origin: &'a Origin) -> Self {
        Self {
            connection,
            origin,
            now: Timestamp::now(),
            recorded: false,
            entries: Vec::new(),
            person: None,
        }
    }

    /// The last act before the commit: writes the audit entries behind the end of a lane. `audited`: there must be one.
    pub(crate) fn end(self, audited: bool, lane: &mut Option<Head>) -> Result<()> {
        if audited && !self.recorded {
            return Err(Error::Internal("a write left no audit entry".to_owned()));
        }
        audit::append(self.connection, lane, self.entries)
    }

    /// Does a part of the transaction: if it fails, it is undone and the rest stands.
    pub(crate) fn part<T>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let Self {
            connection,
            origin,
            now,
            recorded,
            entries,
            person,
        } = self;
        connection.transaction(|connection| {
            let mut part = Tx {
                connection,
                origin,
                now: *now,
                recorded: *recorded,
                entries: Vec::new(),
                person: person.clone(),
            };
            let result = f(&mut part)?;
            *recorded = part.recorded;
            entries.append(&mut part.entries);
            Ok(result)
        })
    }

    /// Does something and undoes it whatever comes of it: to see what would.
    pub(crate) fn undone<T>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut result = None;
        let stopped: Result<()> = self.part(|tx| {
            result = Some(f(tx));
            Err(diesel::result::Error::RollbackTransaction.into())
        });
        // The end that was meant, unless the transaction could not even begin.
        match (result, stopped) {
            (Some(result), _) => result,
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::Internal("a part was not undone".to_owned())),
        }
    }

    /// Records that something was made: an audit entry and an outbox event.
    pub fn created(&mut self, record: &str, id: &str, new: &impl serde::Serialize) -> Result<()> {
        let new = serde_json::to_value(new)?;
        self.record(record, id, "created", differences(&json!({}), &new))
    }

    /// Records that something was changed, with the differences.
    pub fn updated(
        &mut self,
        record: &str,
        id: &str,
        old: &impl serde::Serialize,
        new: &impl serde::Serialize,
    ) -> Result<()> {
        self.changed(record, id, "updated", old, new)
    }

    /// As [`Tx::updated`], with a word of its own for what was done: `archived`, `confirmed`.
    pub fn changed(
        &mut self,
        record: &str,
        id: &str,
        action: &str,
        old: &impl serde::Serialize,
        new: &impl serde::Serialize,
    ) -> Result<()> {
        self.record(
            record,
            id,
            action,
            differences(&serde_json::to_value(old)?, &serde_json::to_value(new)?),
        )
    }

    /// Records that something was deleted for good, with what it was.
    pub fn deleted(&mut self, record: &str, id: &str, old: &impl serde::Serialize) -> Result<()> {
        self.record(
            record,
            id,
            "deleted",
            differences(&serde_json::to_value(old)?, &json!({})),
        )
    }

    /// Records what was done: `changes` is `{field: {old, new}}`.
    pub fn record(&mut self, record: &str, id: &str, action: &str, changes: Value) -> Result<()> {
        self.begin_record()?;
        self.follow(record, action, &[(id, &changes)])?;
        let changes = changes.to_string();
        let entry = self.keep(record, id, action, changes.clone());
        diesel::insert_into(outbox_events::table)
            .values((
                outbox_events::id.eq(entry),
                outbox_events::at.eq(self.now.micros()),
                outbox_events::kind.eq(format!("{record}.{action}")),
                outbox_events::record_id.eq(id),
                outbox_events::user_id.eq(self.user_id()),
                outbox_events::payload.eq(&changes),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Who acts turns out only now: somebody whose token was found, or who has just made an account.
    pub(crate) fn act_as(&mut self, id: UserId, name: &str) {
        self.person = Some((id, name.to_owned()));
    }

    /// This person does it themselves, and so need not be told. What a key does in somebody's name they do not know.
    pub(crate) fn is_by(&self, id: UserId) -> bool {
        self.user_id() == Some(id) && self.origin.key.is_none()
    }

    fn user_id(&self) -> Option<UserId> {
        self.person
            .as_ref()
            .map_or(self.origin.user_id, |(id, _)| Some(*id))
    }

    /// Keeps an audit entry until the transaction's end.
    fn keep(&mut self, record: &str, id: &str, action: &str, changes: String) -> AuditId {
        let entry = AuditId::generate();
        let (key_id, key_name) = self.origin.key.clone().unzip();
        self.entries.push(Entry {
            id: entry,
            at: self.now,
            user_id: self.user_id(),
            user_name: self
                .person
                .as_ref()
                .map_or_else(|| self.origin.user_name.clone(), |(_, name)| name.clone()),
            key_id,
            key_name,
            ip: self.origin.ip.clone(),
            request_id: self.origin.request_id.clone(),
            record_type: record.to_owned(),
            record_id: id.to_owned(),
            action: action.to_owned(),
            changes,
            lane: 0,
            number: 0,
            hash: String::new(),
        });
        entry
    }

    /// An event that concerns one person and needs no audit entry.
    pub(crate) fn announce(
        &mut self,
        record: &str,
        id: &str,
        action: &str,
        concerns: UserId,
    ) -> Result<()> {
        diesel::insert_into(outbox_events::table)
            .values((
                outbox_events::id.eq(AuditId::generate()),
                outbox_events::at.eq(self.now.micros()),
                outbox_events::kind.eq(format!("{record}.{action}")),
                outbox_events::record_id.eq(id),
                outbox_events::user_id.eq(concerns),
                outbox_events::payload.eq("{}"),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Keeps what goes with records in step with them.
    fn follow(&mut self, record: &str, action: &str, entries: &[(&str, &Value)]) -> Result<()> {
        search::follow(self.connection, record, action, entries)?;
        if action == "deleted" {
            let ids: Vec<&str> = entries.iter().map(|(id, _)| *id).collect();
            share::forget(self.connection, record, &ids)?;
            approval::lapse(self, record, &ids)?;
        }
        Ok(())
    }

    /// Before the first entry of a transaction: the request that makes it has now changed something.
    fn begin_record(&mut self) -> Result<()> {
        if !self.recorded
            && let Some(claim) = &self.origin.claim
        {
            idempotency::mark(self.connection, claim)?;
        }
        self.recorded = true;
        Ok(())
    }

    /// Records that the same was done to many records of a type: id and changes of each.
    ///
    /// Statements of many rows are quicker than many statements, and slower than one for one row: it is not kept prepared.
    pub fn record_many(
        &mut self,
        record: &str,
        action: &str,
        entries: &[(String, Value)],
    ) -> Result<()> {
        let kind = format!("{record}.{action}");
        for entries in entries.chunks(BATCH) {
            self.begin_record()?;
            let followed: Vec<_> = entries
                .iter()
                .map(|(id, changes)| (id.as_str(), changes))
                .collect();
            self.follow(record, action, &followed)?;
            let entries: Vec<(AuditId, &str, String)> = entries
                .iter()
                .map(|(id, changes)| {
                    let changes = changes.to_string();
                    let entry = self.keep(record, id, action, changes.clone());
                    (entry, id.as_str(), changes)
                })
                .collect();
            let events: Vec<_> = entries
                .iter()
                .map(|(entry, id, changes)| {
                    (
                        outbox_events::id.eq(entry),
                        outbox_events::at.eq(self.now.micros()),
                        outbox_events::kind.eq(&kind),
                        outbox_events::record_id.eq(*id),
                        outbox_events::user_id.eq(self.user_id()),
                        outbox_events::payload.eq(changes),
                    )
                })
                .collect();
            per_backend!(&mut *self.connection, c => diesel::insert_into(outbox_events::table).values(&events).execute(c))?;
        }
        Ok(())
    }
}
