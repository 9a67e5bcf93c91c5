//! The API, driven over HTTP on both databases.

mod account;
mod contact;
mod customer;
mod document;
mod permission;
mod ticket;
