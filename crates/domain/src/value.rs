//! What customers are worth: ABC and Pareto analysis, value pyramid.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::{
    CustomerId, Date, Field, FieldKind, FieldSet, Money, ProductId, Timestamp, UserId, ValueRunId,
};

mod analysis;

pub use analysis::{Placed, Summary, movements, rank, share, summarise};

choice! {
    /// 价值分类: computed from sales.
    pub enum ValueClass {
        A = "a", "A 类", "A";
        B = "b", "B 类", "B";
        C = "c", "C 类", "C";
    }
}

choice! {
    /// What customers are ranked by.
    pub enum Measure {
        Sales = "sales", "销售额", "Sales";
        Margin = "margin", "毛利", "Margin";
    }
}

choice! {
    /// 价值金字塔
    pub enum PyramidLevel {
        Top = "top", "顶层（前 5%）", "Top 5%";
        Middle = "middle", "中层（其后 15%）", "Next 15%";
        Base = "base", "基层（其余）", "The rest";
    }
}

/// How a run is made. Shares in ten-thousandths: 7500 is 75%.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_settings", skip_on_field_errors = false))]
pub struct ValueSettings {
    pub measure: Measure,
    /// First day of the window; without it from the first order.
    pub from: Option<Date>,
    /// Last day of the window; without it to today.
    pub to: Option<Date>,
    /// A reaches up to this share of the cumulative total.
    #[validate(range(min = 1, max = 10_000))]
    pub a_share: i32,
    /// B reaches up to this share.
    #[validate(range(min = 1, max = 10_000))]
    pub b_share: i32,
}

/// A run that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueRunInput {
    #[serde(default)]
    #[validate(nested)]
    pub settings: ValueSettings,
}

impl Default for ValueSettings {
    fn default() -> Self {
        Self {
            measure: Measure::Sales,
            from: None,
            to: None,
            a_share: 7_500,
            b_share: 9_500,
        }
    }
}

fn check_settings(settings: &ValueSettings) -> Result<(), ValidationError> {
    let mut error = ValidationError::new("order");
    if settings.a_share >= settings.b_share {
        error.add_param("field".into(), &"b_share");
        return Err(error);
    }
    if matches!((settings.from, settings.to), (Some(from), Some(to)) if from > to) {
        error.add_param("field".into(), &"to");
        return Err(error);
    }
    Ok(())
}

/// The figures of one class or level. In an analysis of products, `customers` and `customer_share` count products.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClassFigures<C> {
    pub class: C,
    /// How many are in it.
    pub customers: i64,
    /// Net, in the measure of the run.
    pub amount: Money,
    /// Share of all that are ranked, 0 to 1.
    pub customer_share: f64,
    /// Of the positive amounts of all, the share that is in this class, 0 to 1; 0 when there are none.
    pub amount_share: f64,
}

/// A point of the Pareto curve: the best `customer_share` of customers make `amount_share` of all positive amounts.
/// In an analysis of products it is the best products.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurvePoint {
    pub customer_share: f64,
    pub amount_share: f64,
}

/// How many customers went from one class to another since the run before, or stayed where they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Movement {
    /// `null`: was in no class.
    pub from: Option<ValueClass>,
    /// `null`: is in no class any more.
    pub to: Option<ValueClass>,
    pub customers: i64,
}

/// A run and what it found: over all customers, or over those that the caller may see, with the classes that they have among all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueRun {
    pub id: ValueRunId,
    pub settings: ValueSettings,
    /// The days that were looked at, after the settings' gaps were filled.
    pub from: Option<Date>,
    pub to: Date,
    /// Customers with an order or return in the window.
    pub customers: i64,
    /// Net total of the measure.
    pub total: Money,
    /// Sum of the positive amounts: what shares are shares of.
    pub positive: Money,
    /// 0: all alike; towards 1: one has all. Over customers, negative amounts as 0.
    pub gini: f64,
    pub classes: Vec<ClassFigures<ValueClass>>,
    pub pyramid: Vec<ClassFigures<PyramidLevel>>,
    /// At most 201 points, from (0, 0) to (1, 1); empty without a positive amount.
    pub curve: Vec<CurvePoint>,
    /// Since the run before; empty on the first.
    pub movements: Vec<Movement>,
    pub previous_id: Option<ValueRunId>,
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
    pub duration_ms: i64,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueRunHead {
    pub id: ValueRunId,
    pub settings: ValueSettings,
    /// The days that were looked at, after the settings' gaps were filled.
    pub from: Option<Date>,
    pub to: Date,
    /// Customers with an order or return in the window; `null` for who may not see all of them.
    pub customers: Option<i64>,
    /// Net total of the measure; `null` for who may not see all customers.
    pub total: Option<Money>,
    pub previous_id: Option<ValueRunId>,
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
    pub duration_ms: i64,
}

/// A customer in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RankedCustomer {
    /// Among all customers of the run.
    pub rank: i64,
    pub customer_id: CustomerId,
    pub code: String,
    pub name: String,
    pub class: ValueClass,
    pub level: PyramidLevel,
    pub amount: Money,
    /// Share up to and with this customer of all positive amounts that the caller may see, 0 to 1.
    pub cumulative_share: f64,
    /// In the run before.
    pub previous_class: Option<ValueClass>,
}

/// The most products that an analysis lists; its figures are over all of them.
pub const MOST_PRODUCTS: usize = 1_000;

/// What products bring: reckoned when asked for, over the orders that the caller may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductAnalysis {
    pub settings: ValueSettings,
    /// The last day that was looked at.
    pub to: Date,
    /// Products sold or returned in the window.
    pub products: i64,
    /// Net total of the measure over products.
    pub total: Money,
    /// Sum of the positive amounts: what shares are shares of.
    pub positive: Money,
    /// Net amount of the lines without a product: in no class, and not in `total`.
    pub unassigned: Money,
    /// 0: all alike; towards 1: one has all. Over products, negative amounts as 0.
    pub gini: f64,
    pub classes: Vec<ClassFigures<ValueClass>>,
    pub pyramid: Vec<ClassFigures<PyramidLevel>>,
    /// At most 201 points, from (0, 0) to (1, 1); empty without a positive amount.
    pub curve: Vec<CurvePoint>,
    /// The best 1,000 by rank.
    pub items: Vec<RankedProduct>,
    /// There are more products than `items` holds.
    pub truncated: bool,
}

/// A product in an analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RankedProduct {
    pub rank: i64,
    pub product_id: ProductId,
    pub sku: String,
    pub name: String,
    pub name_en: Option<String>,
    pub class: ValueClass,
    pub level: PyramidLevel,
    pub amount: Money,
    /// Share of all positive amounts up to and with this product, 0 to 1.
    pub cumulative_share: f64,
}

/// The fields of a run.
pub const FIELDS: FieldSet = FieldSet {
    record: "value_runs",
    default_sort: "-created_at",
    fields: &[Field::new(
        "created_at",
        FieldKind::Timestamp,
        "创建时间",
        "Created",
    )],
};

/// The fields of a ranked customer. To sort by amount is to sort by rank.
pub const RANKED_FIELDS: FieldSet = FieldSet {
    record: "value_ranks",
    default_sort: "rank",
    fields: &[
        Field::new("rank", FieldKind::Integer, "名次", "Rank"),
        Field::new(
            "class",
            FieldKind::Choice(ValueClass::CHOICES),
            "分类",
            "Class",
        )
        .unsorted(),
        Field::new(
            "level",
            FieldKind::Choice(PyramidLevel::CHOICES),
            "层级",
            "Level",
        )
        .unsorted(),
        Field::new("amount", FieldKind::Money, "金额", "Amount").unsorted(),
    ],
};
