use std::sync::Arc;

use guanxi_domain::{Date, Field, FieldKind, FieldSet, Timestamp};
use leptos::prelude::*;
use leptos_router::components::A;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::sentence::value_text;
use super::{ListState, Row};
use crate::format;
use crate::i18n::{field_label, t};
use crate::ui::custom::value_view;

type Cell<T> = Arc<dyn Fn(&Row<T>) -> AnyView + Send + Sync>;

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
            cell: Arc::new(move |row| cell(&row.record).into_any()),
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

/// The columns, and after them one for every other field of the records, to be chosen.
pub(super) fn with_other_fields<T: 'static>(
    list: ListState,
    mut columns: Vec<Column<T>>,
) -> Vec<Column<T>> {
    for field in list.fields().fields {
        // Counts of related records are asked for by filters only.
        let known = columns.iter().any(|column| column.key == field.name);
        if !known && field.active && field.related.is_none() && !list.is_fixed(field.name) {
            columns.push(of_field(list, field));
        }
    }
    columns
}

/// A column that shows a field as its kind is shown.
fn of_field<T: 'static>(list: ListState, field: &'static Field) -> Column<T> {
    let class = match field.kind {
        kind if kind.is_number() => "right",
        FieldKind::Text | FieldKind::Link => "clip",
        _ => "",
    };
    Column {
        key: field.name,
        label: Signal::derive(move || field_label(list.fields(), field.name)),
        sortable: field.sortable,
        class,
        phone_hidden: true,
        extra: true,
        cell: Arc::new(move |row| cell(list, field, &row.json)),
    }
}

fn cell(list: ListState, field: &'static Field, record: &Value) -> AnyView {
    let value = field.value(record).clone();
    if value.is_null() {
        return ().into_any();
    }
    match field.kind {
        FieldKind::Money => figure(&value, format::money),
        FieldKind::UnitPrice => figure(&value, format::unit_price),
        FieldKind::Quantity => figure(&value, format::quantity),
        FieldKind::Proportion => figure(&value, format::share),
        FieldKind::Date => figure::<Date>(&value, format::date_short),
        FieldKind::Timestamp => {
            let Some(moment) = read::<Timestamp>(&value) else {
                return ().into_any();
            };
            view! {
                <span class="num whitespace-nowrap" title=move || format::time(moment)>
                    {move || format::ago(moment)}
                </span>
            }
            .into_any()
        }
        FieldKind::Tags => value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|tag| tag.as_str().map(str::to_owned))
            .map(|tag| view! { <span class="tag tag-plain mr-1">{tag}</span> })
            .collect_view()
            .into_any(),
        FieldKind::Boolean => (move || {
            if value == true {
                t().common.yes
            } else {
                t().common.no
            }
        })
        .into_any(),
        FieldKind::Reference(to)
            if matches!(to, "customers" | "contacts" | "orders" | "products") =>
        {
            let id = value.as_str().unwrap_or_default().to_owned();
            let beside = field
                .name
                .strip_suffix("_id")
                .map(|stem| format!("{stem}_name"));
            let name = beside.and_then(|name| record[name].as_str().map(str::to_owned));
            let address = format!("/{to}/{id}");
            view! {
                <A href=address attr:class="hover:text-primary hover:underline">
                    {move || name.clone().unwrap_or_else(|| list.name_of(to, &id))}
                </A>
            }
            .into_any()
        }
        FieldKind::ManyOf(_) | FieldKind::Link => value_view(*field, &value),
        FieldKind::Text => value.as_str().unwrap_or_default().to_owned().into_any(),
        _ => (move || value_text(list, field, &value)).into_any(),
    }
}

fn read<V: DeserializeOwned>(value: &Value) -> Option<V> {
    serde_json::from_value(value.clone()).ok()
}

/// A value that is written by a function of `format`.
fn figure<V: DeserializeOwned + Copy + Send + 'static>(
    value: &Value,
    write: fn(V) -> String,
) -> AnyView {
    let value = read::<V>(value);
    view! { <span class="num whitespace-nowrap">{move || value.map(write)}</span> }.into_any()
}
