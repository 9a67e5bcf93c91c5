//! Events: what happened to a record.

/// The types of records whose events leave the server: to webhooks and to those who look at them.
pub const RECORDS: &[&str] = &[
    "contacts",
    "customers",
    "departments",
    "imports",
    "jobs",
    "orders",
    "products",
    "roles",
    "tickets",
    "webhooks",
];
