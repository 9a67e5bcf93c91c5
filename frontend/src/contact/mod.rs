//! Contacts: list, form, and those of one customer.

mod birthdays;
mod edit;
mod form;
mod list;
mod select;

pub use edit::{ContactEditPage, ContactNewPage};
pub use list::{ContactListPage, ContactsOf};
pub use select::{ContactField, ContactName};
