//! Stock levels: what was on hand of a product on a day, as an ERP or a stocktaking says it.
//!
//! No ledger: nothing is booked, and orders change no level. A level holds from its day until that of the next one.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::product::not_negative;
use crate::{Date, Field, FieldKind, FieldSet, ProductId, Quantity, StockLevelId};
use crate::{Timestamp, UnitPrice};

/// A stock level as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockLevel {
    pub id: StockLevelId,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: StockLevelInput,
}

/// A stock level as it is kept: one for a product and day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockLevelInput {
    pub product_id: ProductId,
    /// The day from which it holds.
    pub day: Date,
    /// In the product's unit.
    #[validate(custom(function = "no_less_than_none"))]
    pub quantity: Quantity,
    /// What a unit of it costs; the product's cost when it was written, where nobody said. `null`: not known, so it has no value.
    #[serde(default)]
    #[validate(custom(function = "not_negative"))]
    pub unit_cost: Option<UnitPrice>,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockCount {
    /// In the product's unit.
    #[validate(custom(function = "no_less_than_none"))]
    pub quantity: Quantity,
    /// What a unit of it costs; the product's cost of this moment if left out.
    #[serde(default)]
    #[validate(custom(function = "not_negative"))]
    pub unit_cost: Option<UnitPrice>,
}

fn no_less_than_none(quantity: &Quantity) -> Result<(), ValidationError> {
    if quantity.0 < 0 {
        Err(ValidationError::new("negative"))
    } else {
        Ok(())
    }
}

/// The fields of a stock level.
pub const FIELDS: FieldSet = FieldSet {
    record: "stock_levels",
    default_sort: "-day",
    fields: &[
        Field::new(
            "product_id",
            FieldKind::Reference("products"),
            "产品",
            "Product",
        )
        .unsorted(),
        Field::new("day", FieldKind::Date, "日期", "Day"),
        Field::new("quantity", FieldKind::Quantity, "数量", "Quantity"),
        Field::new("unit_cost", FieldKind::UnitPrice, "单位成本", "Unit cost").optional(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
    ],
};
