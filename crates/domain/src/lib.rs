//! Types, rules and arithmetic of the CRM.
//!
//! Pure: no I/O, no clock but where a function's name says so. Compiled into the server and, with the feature
//! `js`, into the browser, so both apply the same rules. With the feature `diesel` the ids and choices can be
//! stored, with `openapi` every type describes itself.

#[macro_use]
mod choice;
mod check;
mod field;
mod id;
mod lang;
mod money;
mod page;
mod problem;
mod time;

pub mod account;
pub mod api_key;
pub mod approval;
pub mod audit;
pub mod backup;
pub mod bulk;
pub mod contact;
pub mod custom;
pub mod customer;
pub mod department;
pub mod dictionary;
pub mod event;
pub mod export;
pub mod filter;
pub mod formula;
pub mod import;
pub mod job;
pub mod joined;
pub mod mail;
pub mod meta;
pub mod metrics;
pub mod notification;
pub mod order;
pub mod permission;
pub mod product;
pub mod report;
pub mod rights;
pub mod role;
pub mod search;
pub mod segment;
pub mod segmentation;
pub mod settings;
pub mod share;
pub mod stock;
pub mod ticket;
pub mod user;
pub mod value;
pub mod view;
pub mod webhook;
pub mod win_back;

pub use check::{Checked, FieldError, Rules, check_email, check_phone, pointer};
pub use choice::Choices;
pub use field::{Field, FieldKind, FieldSet, SortKey};
pub use id::*;
pub use lang::Lang;
pub use money::{Money, Overflow, Proportion, Quantity, UnitPrice, round_half_even};
pub use page::{Page, Search};
pub use problem::{ErrorCode, Problem};
pub use time::{Date, Timestamp, Zone};
