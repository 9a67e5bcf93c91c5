//! The API, driven over HTTP on both databases.

mod account;
mod customer;
mod document;
mod permission;
