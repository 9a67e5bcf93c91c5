//! The HTTP API, the background work and the `guanxi` program.

pub mod account;
pub mod app;
pub mod audit;
pub mod auth;
pub mod config;
pub mod contact;
pub mod customer;
pub mod department;
pub mod dictionary;
pub mod error;
pub mod examples;
pub mod health;
pub mod import;
pub mod list;
pub mod me;
pub mod meta;
pub mod metrics;
pub mod openapi;
pub mod order;
pub mod password;
pub mod permission;
pub mod product;
pub mod record;
pub mod request;
pub mod role;
pub mod routes;
pub mod seed;
pub mod server;
pub mod settings;
pub mod ticket;
pub mod user;
pub mod value;
pub mod web_app;

pub use app::App;
pub use config::Config;
pub use error::{ApiError, ApiResult};
