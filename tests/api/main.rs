//! The API, driven over HTTP on both databases.

mod account;
mod api_key;
mod backup;
mod bulk;
mod contact;
mod custom_field;
mod customer;
mod dictionary;
mod document;
mod event;
mod export;
mod filter;
mod history;
mod idempotency;
mod import;
mod job;
mod order;
mod permission;
mod product;
mod search;
mod share;
mod ticket;
mod value;
mod view;
mod webhook;
