//! The blacklist: who takes no new orders, and how somebody gets off it again.

use guanxi_domain::approval::ApprovalKind;
use guanxi_domain::customer::{BlacklistInput, Blacklisting, Customer};
use guanxi_domain::{Checked, CustomerId, ErrorCode};
use serde::{Deserialize, Serialize};

use super::{Customers, Row, change, expect, get};
use crate::approval::{Approvable, Asked, anybody_else};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, Visibility};

/// Takes no new orders from now on. An entry that holds already may be replaced by one that ends no sooner.
pub fn blacklist(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
    input: &Checked<BlacklistInput>,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    if input.until.is_some_and(|until| until < tx.now.date()) {
        return Err(Error::invalid("/until", "past"));
    }
    let shortened = old.blacklist.as_ref().is_some_and(|entry| {
        let sooner = |new| entry.until.is_none_or(|until| new < until);
        entry.holds_on(tx.now.date()) && input.until.is_some_and(sooner)
    });
    // An entry that ends today in the place of a longer one would be a way to lift that without approval.
    if shortened {
        return Err(Error::ConflictAt(
            ErrorCode::ApprovalNeeded,
            "/until".to_owned(),
        ));
    }
    let entry = Blacklisting {
        reason: input.reason.clone(),
        by: tx.origin.user_id,
        at: tx.now,
        until: input.until,
    };
    let entry = Json::new(&entry)?;
    change(tx, &old, "blacklisted", |row| {
        Ok(Row {
            blacklisted: true,
            blacklist: Some(entry),
            ..row
        })
    })
}

/// Takes a customer off the blacklist at once. Only where nobody else could approve it: others ask for it.
pub fn unblacklist(
    tx: &mut Tx<'_>,
    actor: &Actor,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    if !old.blacklisted {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    if anybody_else(
        tx.connection,
        LiftBlacklist::KIND,
        actor.user_id,
        id.as_str(),
    )? {
        return Err(Error::Conflict(ErrorCode::ApprovalNeeded));
    }
    lift(tx, &old)
}

fn lift(tx: &mut Tx<'_>, old: &Customer) -> Result<Customer> {
    change(tx, old, "unblacklisted", |row| {
        Ok(Row {
            blacklisted: false,
            blacklist: None,
            ..row
        })
    })
}

/// Taking a customer off the blacklist, as far as another person agrees.
pub struct LiftBlacklist;

/// There is nothing more to say about it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

fn find(connection: &mut AnyConnection, id: &str) -> Result<Customer> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    get(connection, &Visibility::All, id)
}

impl Approvable for LiftBlacklist {
    const KIND: ApprovalKind = ApprovalKind::LiftBlacklist;
    type Of = Customers;
    type Payload = Nothing;

    fn check(connection: &mut AnyConnection, id: &str, _: &Nothing) -> Result<Asked> {
        let customer = find(connection, id)?;
        // Another entry is another matter: it may have another reason.
        let entry = customer
            .blacklist
            .ok_or(Error::Conflict(ErrorCode::Conflict))?;
        Ok(Asked {
            subject: customer.input.name,
            basis: serde_json::to_value(entry)?,
        })
    }

    fn apply(tx: &mut Tx<'_>, id: &str, _: Nothing) -> Result<()> {
        let customer = find(tx.connection, id)?;
        lift(tx, &customer).map(|_| ())
    }
}
