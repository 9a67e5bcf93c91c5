//! Tests of the database layer, each on SQLite and on PostgreSQL.

mod util;

mod approval;
mod audit;
mod backup;
mod clusters;
mod contact;
mod customer;
mod event;
mod filter;
mod idempotency;
mod job;
mod metrics;
mod order;
mod product;
mod product_value;
mod report;
mod report_schedule;
mod rules;
mod search;
mod seed;
mod segment;
mod segmentation;
mod share;
mod ticket;
mod toy;
mod value;
mod webhook;
