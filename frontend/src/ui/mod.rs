//! The components that pages are made of. `frontend/README.md` shows how they go together.

mod badge;
mod changed;
mod chart;
mod choice;
mod confirm;
mod conflict;
mod copy;
mod custom;
mod dialog;
mod editor;
mod field;
mod field_value;
mod file_drop;
mod form;
mod icon;
mod list;
mod menu;
mod ordered;
mod page;
mod picker;
mod secret;
mod share_field;
mod state;
mod tabs;
mod time_field;
mod toast;

pub use badge::{Badge, Tone};
pub use changed::ChangedElsewhere;
pub use chart::Chart;
pub use choice::Options;
pub(crate) use choice::choices;
pub use confirm::{Ask, Confirm, ConfirmHost, use_confirm};
pub use conflict::ConflictDialog;
pub use copy::CopyButton;
pub use custom::{CustomCard, CustomFields};
pub use dialog::Dialog;
pub use editor::{Editor, EditorForm};
pub use field::{
    CheckField, DateField, FormGrid, FormSection, SelectField, TagsField, TextArea, TextField,
};
pub use field_value::{MoneyInput, NumberField, RecordField};
pub use file_drop::{FileDrop, ProgressBar};
pub use form::{Form, FormActions, FormFailure, UnsavedGuard};
pub use icon::{Glyph, Icon};
pub use list::{
    Actions, Column, DataTable, Draft, FilterBar, FilterEditor, List, ListState, Quick, grouped,
    quick, sentence, use_filter, use_list, use_records,
};
pub use menu::{Menu, MenuItem};
pub use ordered::{OrderedList, moved};
pub use page::{Card, Fact, Facts, KeyFigure, KeyFigures, PageHeader, record_link};
pub use picker::{PickerSource, RecordPicker};
pub use secret::SecretCard;
pub use share_field::ShareField;
pub use state::{Caution, EmptyState, ErrorState, RecordSkeleton, Skeleton, with_data};
pub use tabs::{TabItem, Tabs, use_tab};
pub use time_field::TimeField;
pub use toast::{ToastHost, Toasts, use_toasts};
