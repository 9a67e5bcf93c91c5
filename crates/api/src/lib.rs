//! The HTTP API, the background work and the `guanxi` program.

pub mod account;
pub mod api_key;
pub mod app;
mod approval;
pub mod audit;
pub mod auth;
pub mod backup;
mod bulk;
pub mod config;
pub mod contact;
mod csv;
pub mod custom_field;
pub mod customer;
pub mod department;
pub mod dictionary;
pub mod error;
pub mod event;
pub mod examples;
mod export;
pub mod health;
pub mod history;
mod idempotency;
pub mod import;
pub mod job;
pub mod list;
pub mod me;
pub mod meta;
pub mod metrics;
pub mod notification;
pub mod openapi;
pub mod order;
pub mod password;
pub mod permission;
pub mod product;
pub mod record;
pub mod request;
mod rights;
pub mod role;
pub mod routes;
pub mod search;
pub mod seed;
pub mod server;
pub mod settings;
mod share;
pub mod ticket;
pub mod user;
pub mod value;
mod view;
pub mod web_app;
pub mod webhook;

/// The version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub use app::App;
pub use config::Config;
pub use error::{ApiError, ApiResult};
