use std::sync::Arc;

use guanxi_domain::FieldSet;
use leptos::prelude::*;

use crate::i18n::field_label;

type Cell<T> = Arc<dyn Fn(&T) -> AnyView + Send + Sync>;

/// A column of a [`super::DataTable`].
pub struct Column<T> {
    pub(super) key: &'static str,
    pub(super) label: Signal<String>,
    pub(super) sortable: bool,
    pub(super) class: &'static str,
    pub(super) phone_hidden: bool,
    /// Not shown until somebody chooses it.
    pub(super) extra: bool,
    pub(super) cell: Cell<T>,
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        Self {
            cell: Arc::clone(&self.cell),
            ..*self
        }
    }
}

impl<T: 'static> Column<T> {
    /// A column for a field of the record: label and whether it sorts come from the field.
    pub fn field<V: IntoView + 'static>(
        fields: &'static FieldSet,
        name: &'static str,
        cell: impl Fn(&T) -> V + Send + Sync + 'static,
    ) -> Self {
        let sortable = fields.get(name).is_some_and(|field| field.sortable);
        Self {
            sortable,
            ..Self::new(name, move || field_label(fields, name), cell)
        }
    }

    /// A column of its own.
    pub fn new<V: IntoView + 'static>(
        key: &'static str,
        label: impl Fn() -> String + Send + Sync + 'static,
        cell: impl Fn(&T) -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            key,
            label: Signal::derive(label),
            sortable: false,
            class: "",
            phone_hidden: false,
            extra: false,
            cell: Arc::new(move |row| cell(row).into_any()),
        }
    }

    /// Figures: aligned right, digits of one width.
    #[must_use]
    pub fn right(mut self) -> Self {
        self.class = "right";
        self
    }

    /// One line, cut off with dots.
    #[must_use]
    pub fn clip(mut self) -> Self {
        self.class = "clip";
        self
    }

    /// Left out on a phone.
    #[must_use]
    pub fn phone_hidden(mut self) -> Self {
        self.phone_hidden = true;
        self
    }

    /// Shown only when chosen.
    #[must_use]
    pub fn extra(mut self) -> Self {
        self.extra = true;
        self
    }
}
