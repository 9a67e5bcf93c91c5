//! The program as processes: several on one database, and processes that are killed.

mod audit;
mod backup;
mod event;
mod import;
mod job;
mod mail;
mod user;
mod webhook;

/// The program itself, compiled for these tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_guanxi-process");
