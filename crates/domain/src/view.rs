//! Saved views: how somebody likes to see a list, kept under a name.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::{FieldSet, Search, Timestamp, UserId, ViewId};

/// The record types whose lists can be kept as views, by their fields.
pub const RECORDS: &[&FieldSet] = &[
    &crate::customer::FIELDS,
    &crate::contact::FIELDS,
    &crate::product::FIELDS,
    &crate::order::FIELDS,
    &crate::ticket::FIELDS,
];

choice! {
    /// The record types that have views.
    pub enum ViewRecord {
        Customers = "customers", "客户", "Customers";
        Contacts = "contacts", "联系人", "Contacts";
        Products = "products", "产品", "Products";
        Orders = "orders", "订单", "Orders";
        Tickets = "tickets", "服务单", "Tickets";
    }
}

choice! {
    /// How much room a row takes.
    pub enum Density {
        Comfortable = "comfortable", "宽松", "Comfortable";
        Compact = "compact", "紧凑", "Compact";
    }
}

impl ViewRecord {
    /// The fields of its records.
    pub fn fields(self) -> &'static FieldSet {
        RECORDS[self as usize]
    }
}

/// A view as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct View {
    pub id: ViewId,
    pub version: i64,
    pub owner_id: UserId,
    pub owner_name: String,
    /// Belongs to the caller.
    pub mine: bool,
    /// The caller has it at hand.
    pub pinned: bool,
    /// The caller's list opens with it.
    pub default: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: ViewInput,
}

/// What people set of a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_columns", skip_on_field_errors = false))]
pub struct ViewInput {
    /// Cannot be changed afterwards.
    pub record: ViewRecord,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    /// Colleagues who may read such records see the view too.
    #[serde(default)]
    pub shared: bool,
    /// A tree of `and`, `or` and `not` over `{field, op, value}`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::filter::FilterTree>))]
    pub filter: Option<serde_json::Value>,
    #[serde(default)]
    #[validate(length(max = 100))]
    pub q: Option<String>,
    /// Comma-separated keys, `-` for descending.
    #[serde(default)]
    #[validate(length(max = 200))]
    pub sort: Option<String>,
    /// The columns from left to right; none: those that the list shows by itself.
    #[serde(default)]
    #[validate(length(max = 60), nested)]
    pub columns: Vec<ViewColumn>,
    #[serde(default = "comfortable")]
    pub density: Density,
}

const fn comfortable() -> Density {
    Density::Comfortable
}

/// A column of a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewColumn {
    /// A field of the record.
    pub field: String,
    /// In CSS pixels; without it as wide as it likes.
    #[serde(default)]
    #[validate(range(min = 40, max = 1200))]
    pub width: Option<i32>,
}

/// What a view is to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewMark {
    pub pinned: bool,
    /// Of each record type one view is: marking another moves it.
    pub default: bool,
}

impl ViewInput {
    /// The search that the view makes.
    pub fn search(&self) -> Search {
        Search {
            filter: self.filter.clone(),
            q: self.q.clone(),
            sort: self.sort.clone(),
            ..Search::default()
        }
    }
}

fn check_columns(input: &ViewInput) -> Result<(), ValidationError> {
    let fields = input.record.fields();
    let fine = input.columns.iter().enumerate().all(|(i, column)| {
        // Which custom fields there are the database tells.
        let known = column.field.starts_with(crate::custom::PREFIX)
            || fields
                .get(&column.field)
                .is_some_and(|f| f.related.is_none());
        known && !input.columns[..i].iter().any(|c| c.field == column.field)
    });
    if fine {
        return Ok(());
    }
    let mut error = ValidationError::new("columns");
    error.add_param("field".into(), &"columns");
    Err(error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Lang, Rules};

    #[test]
    fn each_record_has_its_fields() {
        for record in ViewRecord::ALL {
            assert_eq!(record.fields().record, record.as_str());
        }
    }

    #[test]
    fn columns_are_fields_each_once() {
        let wrong = |columns: serde_json::Value| {
            let body = json!({"record": "customers", "name": "A", "columns": columns});
            let input: ViewInput = serde_json::from_value(body).expect("the shape");
            input.problems(Lang::En).first().map(|e| e.pointer.clone())
        };
        assert_eq!(
            wrong(json!([{"field": "name"}, {"field": "sales", "width": 90}])),
            None
        );
        for columns in [
            json!([{"field": "colour"}]),
            json!([{"field": "name"}, {"field": "name"}]),
            json!([{"field": "open_orders"}]),
        ] {
            assert_eq!(wrong(columns), Some("/columns".to_owned()));
        }
        let narrow = json!([{"field": "name", "width": 1}]);
        assert_eq!(wrong(narrow), Some("/columns/0/width".to_owned()));
    }
}
