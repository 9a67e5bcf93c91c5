//! Runs that find rules, the rules that they keep, and what follows from them for a customer and for a product.

use serde::{Deserialize, Serialize};
use validator::Validate;

use super::{Rule, RuleRefusal, RuleSettings};
use crate::job::JobState;
use crate::{
    Date, Field, FieldKind, FieldSet, ProductId, RuleRunId, Timestamp, UserId, dictionary,
};

/// A run that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleRunInput {
    #[serde(default)]
    #[validate(nested)]
    pub settings: RuleSettings,
}

/// A run. Its rules are those of the whole company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleRun {
    pub id: RuleRunId,
    pub settings: RuleSettings,
    pub state: JobState,
    /// How far it has come, while it runs and where it can tell.
    pub percent: Option<i32>,
    /// `null` until it is done.
    pub result: Option<RuleResult>,
    /// Its rules can still be read: those of the newest 12 that are done.
    pub kept: bool,
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
}

/// What a run has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleResult {
    /// The days that were looked at, after the settings' gaps were filled.
    pub from: Option<Date>,
    pub to: Date,
    /// Lines of orders that were read: of orders that count, with a product, without returns.
    pub lines: i64,
    /// Orders or customers with at least one item.
    pub baskets: i64,
    /// Different products or categories among them.
    pub items: i64,
    /// Baskets that a set of items needs to be frequent.
    pub min_baskets: i64,
    /// Frequent sets.
    pub sets: i64,
    pub rules: i64,
    /// Why there are none.
    pub refusal: Option<RuleRefusal>,
    pub duration_ms: i64,
}

/// A product, or a category of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleItem {
    /// The product's id, or the category's code.
    pub item: String,
    /// `null`: a category.
    pub product_id: Option<ProductId>,
    pub sku: Option<String>,
    pub name: String,
    pub name_en: Option<String>,
}

/// The measures of a rule in whole numbers: shares in millionths, ratios in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleFacts {
    /// Baskets that hold both sides.
    pub both_sides: i64,
    pub with_antecedent: i64,
    pub with_consequent: i64,
    /// All baskets.
    pub baskets: i64,
    /// Millionths of all baskets that hold both sides.
    pub support: i64,
    /// Millionths of the baskets with the left side that hold the right side too.
    pub confidence: i64,
    /// Thousandths: 1000 is chance.
    pub lift: i64,
    /// Millionths; 0 is chance.
    pub leverage: i64,
    /// Thousandths: 1000 is chance; `null` where the rule never failed.
    pub conviction: Option<i64>,
}

/// A rule as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptRule {
    /// Within its run, from 1, the largest lift first.
    pub number: i64,
    /// Items on both sides together.
    pub item_count: i64,
    /// Who bought these …
    pub antecedent: Vec<RuleItem>,
    /// … also bought these.
    pub consequent: Vec<RuleItem>,
    #[serde(flatten)]
    pub facts: RuleFacts,
}

choice! {
    /// Whose orders figures come from.
    pub enum RuleBasis {
        /// Of the run, over the orders of the company.
        Company = "company", "全公司的订单", "The orders of the company";
        /// Reckoned when asked for, by the run's settings, over the newest orders that the caller may see in reports.
        Seen = "seen", "您可查看的订单", "The orders that you may see";
    }
}

/// What to offer to a customer next, or what is often bought together with a product: the best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offers {
    /// The newest run that is done; `null`: there is none.
    pub run_id: Option<RuleRunId>,
    pub made_at: Option<Timestamp>,
    pub settings: Option<RuleSettings>,
    pub basis: RuleBasis,
    /// Why there are none, where that is not for want of a fitting rule.
    pub refusal: Option<RuleRefusal>,
    pub items: Vec<Offer>,
}

/// Something to offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offer {
    pub item: RuleItem,
    /// The customer has bought it before; only where that was asked for.
    pub bought: bool,
    /// Who bought all of these also bought the item.
    pub because: Vec<RuleItem>,
    #[serde(flatten)]
    pub facts: RuleFacts,
}

impl<I> From<&Rule<I>> for RuleFacts {
    fn from(rule: &Rule<I>) -> Self {
        let [both, left, right, all] = [
            rule.both,
            rule.with_antecedent,
            rule.with_consequent,
            rule.baskets,
        ]
        .map(i64::from);
        Self {
            both_sides: both,
            with_antecedent: left,
            with_consequent: right,
            baskets: all,
            support: whole(rule.support * 1e6),
            confidence: whole(rule.confidence * 1e6),
            lift: whole(rule.lift * 1e3),
            leverage: whole(rule.leverage * 1e6),
            conviction: rule.conviction.map(|conviction| whole(conviction * 1e3)),
        }
    }
}

/// The nearest whole number.
#[allow(
    clippy::cast_possible_truncation,
    reason = "at most four billion baskets, in millionths"
)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// The fields of a run.
pub const FIELDS: FieldSet = FieldSet {
    record: "rule_runs",
    default_sort: "-created_at",
    fields: &[Field::new(
        "created_at",
        FieldKind::Timestamp,
        "创建时间",
        "Created",
    )],
};

/// The fields of a kept rule, in the units of [`RuleFacts`].
pub const RULE_FIELDS: FieldSet = FieldSet {
    record: "rules",
    default_sort: "-lift",
    fields: &[
        // Of either side: to filter by, no column of its own.
        Field {
            active: false,
            ..Field::new(
                "product",
                FieldKind::Reference("products"),
                "产品",
                "Product",
            )
            .unsorted()
        },
        Field {
            active: false,
            ..Field::new(
                "category",
                FieldKind::Dictionary(dictionary::PRODUCT_CATEGORY),
                "产品类别",
                "Product category",
            )
            .unsorted()
        },
        Field::new("support", FieldKind::Integer, "支持度", "Support"),
        Field::new("confidence", FieldKind::Integer, "置信度", "Confidence"),
        Field::new("lift", FieldKind::Integer, "提升度", "Lift"),
        Field::new("conviction", FieldKind::Integer, "确信度", "Conviction").optional(),
        Field::new("item_count", FieldKind::Integer, "项数", "Items"),
        Field::new(
            "both_sides",
            FieldKind::Integer,
            "同时出现次数",
            "Baskets with both sides",
        ),
    ],
};
