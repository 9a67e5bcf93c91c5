//! The only crate that knows SQL: SQLite and PostgreSQL through diesel.
//!
//! [`Db`] is the way in: [`Db::read`] runs a closure on a reader connection, [`Db::write`] on the writer, in one
//! transaction with its audit entries and outbox events, and answers only after the commit. Each record type has a module of
//! functions that take a connection or a [`Tx`] and, where records are scoped, the caller's [`Visibility`].

#[macro_use]
mod connection;
#[macro_use]
mod bulk;
mod actor;
mod condition;
mod db;
mod error;
mod filter;
mod hex;
mod list;
mod member;
#[macro_use]
mod record;
mod schema;
mod seen;
mod sequence;
mod sight;
mod stored;
mod tx;
mod uses;
mod writer;

pub mod access;
pub mod account;
pub mod api_key;
pub mod approval;
pub mod audit;
pub mod backup;
#[doc(hidden)]
pub mod bare;
pub mod clusters;
pub mod contact;
pub mod custom_field;
pub mod customer;
pub mod department;
pub mod dictionary;
pub mod event;
pub mod export;
pub mod idempotency;
pub mod import;
pub mod job;
pub mod mail;
pub mod metrics;
pub mod notification;
pub mod order;
pub mod product;
pub mod report;
pub mod role;
pub mod rules;
pub mod search;
pub mod secret;
pub mod seed;
pub mod segment;
pub mod segmentation;
pub mod settings;
pub mod share;
pub mod stock;
pub mod ticket;
pub mod trading;
pub mod user;
pub mod value;
pub mod view;
pub mod webhook;
pub mod win_back;

pub use actor::{Actor, Visibility};
pub use condition::{Column, Condition, Op, Ordering, Value};
pub use connection::{AnyConnection, Backend, raw_postgres};
pub use db::{Db, DbConfig};
pub use error::Error;
pub use filter::{Joint, Related};
pub use hex::hex;
pub use list::{ListQuery, ListSpec, QueryError};
pub use record::{Record, list};
pub use search::Source;
pub use seen::{Seen, seen};
pub use sequence::Sequence;
pub use tx::{Origin, Tx};

/// What functions of this crate answer.
pub type Result<T> = std::result::Result<T, Error>;
