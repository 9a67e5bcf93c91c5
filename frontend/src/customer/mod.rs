//! Customers: list, record, form.

mod actions;
mod badges;
mod blacklist;
mod details;
mod edit;
mod evaluations;
mod form;
mod list;
mod orders;
mod quality;
mod record;
mod tickets;

pub use badges::ValueBadge;
pub use edit::{CustomerEditPage, CustomerNewPage};
pub use list::{
    ACTIONS as CUSTOMER_ACTIONS, CustomerListPage, address as customer_address,
    columns as customer_columns, filters as customer_filters,
};
pub use quality::{CustomerQualityPage, finding_address};
pub use record::CustomerPage;
