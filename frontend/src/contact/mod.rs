//! Contacts: list, form, and those of one customer.

mod birthdays;
mod edit;
mod form;
mod list;

pub use edit::{ContactEditPage, ContactNewPage};
pub use list::{ContactListPage, ContactsOf};
