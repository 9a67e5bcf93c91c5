//! Lists: what is shown stands in the address, one table shows it.

mod builder;
mod bulk;
mod bulk_question;
mod column;
mod draft;
mod edit;
mod export;
mod feed;
mod filter_bar;
mod heights;
mod keys;
mod layout;
mod pages;
mod position;
mod quick;
mod row;
mod selection;
mod sentence;
mod state;
mod table;
mod tree;
mod value_editor;
mod view_name;
mod viewport;
mod views;

pub use builder::FilterEditor;
pub use bulk::Actions;
pub use column::Column;
pub use draft::{Draft, grouped};
pub use filter_bar::FilterBar;
pub use quick::{Quick, quick};
pub use sentence::sentence;
use state::Row;
pub use state::{List, ListState, use_filter, use_list, use_records};
pub use table::DataTable;
