//! Products: what is sold.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::{Field, FieldKind, FieldSet, ProductId, Timestamp, UnitPrice, dictionary};

/// A product as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Product {
    pub id: ProductId,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: ProductInput,
}

/// What people set of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductInput {
    /// Unique.
    #[validate(
        length(min = 1, max = 60),
        custom(function = "crate::customer::check_code")
    )]
    pub sku: String,
    #[validate(
        length(min = 1, max = 200),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[serde(default)]
    #[validate(length(min = 1, max = 200))]
    pub name_en: Option<String>,
    /// Dictionary `product_category`.
    #[serde(default)]
    pub category: Option<String>,
    /// The unit of quantities: piece, kg, …
    #[serde(default)]
    #[validate(length(min = 1, max = 20))]
    pub unit: Option<String>,
    #[serde(default)]
    #[validate(custom(function = "not_negative"))]
    pub list_price: UnitPrice,
    /// Without it the margin counts the whole price.
    #[serde(default)]
    #[validate(custom(function = "not_negative"))]
    pub cost: Option<UnitPrice>,
    /// Can be ordered.
    #[serde(default = "yes")]
    pub active: bool,
    #[serde(default)]
    #[validate(length(max = 10_000))]
    pub description: Option<String>,
}

impl ProductInput {
    /// The codes to look up: member, dictionary, code.
    pub fn dictionary_codes(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        self.category
            .as_deref()
            .map(|code| ("category", dictionary::PRODUCT_CATEGORY, code))
            .into_iter()
    }
}

const fn yes() -> bool {
    true
}

pub(crate) fn not_negative(price: &UnitPrice) -> Result<(), ValidationError> {
    if price.0 < 0 {
        Err(ValidationError::new("negative"))
    } else {
        Ok(())
    }
}

/// The fields of a product.
pub const FIELDS: FieldSet = FieldSet {
    record: "products",
    default_sort: "sku",
    fields: &[
        Field::new("sku", FieldKind::Text, "货号", "SKU"),
        Field::new("name", FieldKind::Text, "名称", "Name"),
        Field::new("name_en", FieldKind::Text, "英文名称", "English name").optional(),
        Field::new(
            "category",
            FieldKind::Dictionary(dictionary::PRODUCT_CATEGORY),
            "类别",
            "Category",
        )
        .optional(),
        Field::new("unit", FieldKind::Text, "单位", "Unit").optional(),
        Field::new("list_price", FieldKind::UnitPrice, "标价", "List price"),
        Field::new("cost", FieldKind::UnitPrice, "成本", "Cost").optional(),
        Field::new("active", FieldKind::Boolean, "在售", "Active").unsorted(),
        Field::new("description", FieldKind::Text, "说明", "Description")
            .optional()
            .unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
    ],
};
