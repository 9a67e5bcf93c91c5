//! Orders: sales with lines; their arithmetic and their states.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::custom::Custom;
use crate::permission::Module;
use crate::{
    ContactId, CustomerId, Date, DepartmentId, Field, FieldKind, FieldSet, Money, OrderId,
    OrderLineId, Overflow, ProductId, Quantity, Timestamp, UnitPrice, UserId,
};

choice! {
    pub enum OrderState {
        Draft = "draft", "草稿", "Draft";
        Submitted = "submitted", "已提交", "Submitted";
        Confirmed = "confirmed", "已确认", "Confirmed";
        PartlyShipped = "partly_shipped", "部分发货", "Partly shipped";
        Shipped = "shipped", "已发货", "Shipped";
        Delivered = "delivered", "已送达", "Delivered";
        Completed = "completed", "已完成", "Completed";
        Cancelled = "cancelled", "已取消", "Cancelled";
    }
}

impl OrderState {
    /// The states that may come next.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Submitted, Self::Cancelled],
            Self::Submitted => &[Self::Confirmed, Self::Draft, Self::Cancelled],
            Self::Confirmed => &[Self::PartlyShipped, Self::Shipped, Self::Cancelled],
            Self::PartlyShipped => &[Self::Shipped],
            Self::Shipped => &[Self::Delivered],
            Self::Delivered => &[Self::Completed],
            Self::Completed | Self::Cancelled => &[],
        }
    }

    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Counts as a sale in every figure: from the confirmation on, unless cancelled.
    pub const fn counts(self) -> bool {
        matches!(
            self,
            Self::Confirmed
                | Self::PartlyShipped
                | Self::Shipped
                | Self::Delivered
                | Self::Completed
        )
    }

    /// Placed, and not yet at its end.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Draft | Self::Completed | Self::Cancelled)
    }

    /// The words of the states that count.
    pub fn counting_words() -> Vec<&'static str> {
        Self::ALL
            .iter()
            .filter(|s| s.counts())
            .map(|s| s.as_str())
            .collect()
    }
}

/// An order as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    #[serde(flatten)]
    pub head: OrderHead,
    pub lines: Vec<OrderLine>,
    /// Every change of state, oldest first.
    pub transitions: Vec<OrderTransition>,
}

/// An order without its lines: what lists answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderHead {
    pub id: OrderId,
    pub version: i64,
    pub number: String,
    pub customer_id: CustomerId,
    /// The customer's name, for lists.
    pub customer_name: String,
    pub contact_id: Option<ContactId>,
    pub owner_id: Option<UserId>,
    pub department_id: Option<DepartmentId>,
    pub state: OrderState,
    pub ordered_at: Timestamp,
    /// Sum of the rounded lines.
    pub total: Money,
    /// Sum of the lines' discounts.
    pub discount: Money,
    /// Total less cost.
    pub margin: Money,
    pub line_count: i32,
    pub payment_terms: Option<String>,
    pub promised_on: Option<Date>,
    pub ship_to: Option<String>,
    pub note: Option<String>,
    pub cancel_reason: Option<String>,
    /// Values of custom fields.
    #[serde(default)]
    pub custom: Custom,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLine {
    pub id: OrderLineId,
    pub position: i32,
    pub product_id: Option<ProductId>,
    pub sku: Option<String>,
    pub description: String,
    pub quantity: Quantity,
    pub unit: Option<String>,
    pub unit_price: UnitPrice,
    /// Taken off the line, in minor units.
    pub discount: Money,
    /// Quantity × unit price, rounded half-even, less discount.
    pub total: Money,
    /// Quantity × the product's cost when the line was written.
    pub cost: Money,
}

impl Order {
    /// What people would have to set to get this order: what a merge patch is applied to.
    pub fn input(&self) -> OrderInput {
        let head = &self.head;
        OrderInput {
            number: Some(head.number.clone()),
            customer_id: head.customer_id,
            contact_id: head.contact_id,
            owner_id: head.owner_id,
            ordered_at: Some(head.ordered_at),
            payment_terms: head.payment_terms.clone(),
            promised_on: head.promised_on,
            ship_to: head.ship_to.clone(),
            note: head.note.clone(),
            custom: head.custom.clone(),
            lines: self
                .lines
                .iter()
                .map(|line| OrderLineInput {
                    product_id: line.product_id,
                    description: Some(line.description.clone()),
                    quantity: line.quantity,
                    unit_price: Some(line.unit_price),
                    discount: line.discount,
                })
                .collect(),
        }
    }
}

/// A change of state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderTransition {
    pub from: Option<OrderState>,
    pub to: OrderState,
    pub at: Timestamp,
    pub by: Option<UserId>,
    pub by_name: String,
    pub reason: Option<String>,
}

/// What people set of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderInput {
    /// Unique; made by the pattern in the settings when left out.
    #[serde(default)]
    #[validate(
        length(min = 1, max = 60),
        custom(function = "crate::customer::check_code")
    )]
    pub number: Option<String>,
    pub customer_id: CustomerId,
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// The customer's owner, if left out.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    /// Now, if left out.
    #[serde(default)]
    pub ordered_at: Option<Timestamp>,
    #[serde(default)]
    #[validate(length(min = 1, max = 200))]
    pub payment_terms: Option<String>,
    #[serde(default)]
    pub promised_on: Option<Date>,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub ship_to: Option<String>,
    #[serde(default)]
    #[validate(length(max = 10_000))]
    pub note: Option<String>,
    /// Values of custom fields.
    #[serde(default)]
    pub custom: Custom,
    #[validate(length(min = 1, max = 500, code = "lines"), nested)]
    pub lines: Vec<OrderLineInput>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLineInput {
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// The product's name, if left out; needed without a product.
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub description: Option<String>,
    #[validate(custom(function = "positive"))]
    pub quantity: Quantity,
    /// The product's list price, if left out; needed without a product.
    #[serde(default)]
    #[validate(custom(function = "not_negative"))]
    pub unit_price: Option<UnitPrice>,
    /// Taken off the line, in minor units.
    #[serde(default)]
    #[validate(custom(function = "money_not_negative"))]
    pub discount: Money,
}

/// A change of state that somebody asks for.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderTransitionInput {
    pub to: OrderState,
    /// Needed for `cancelled`.
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub reason: Option<String>,
}

fn positive(quantity: &Quantity) -> Result<(), ValidationError> {
    if quantity.0 > 0 {
        Ok(())
    } else {
        Err(ValidationError::new("positive"))
    }
}

fn not_negative(price: &UnitPrice) -> Result<(), ValidationError> {
    if price.0 < 0 {
        Err(ValidationError::new("negative"))
    } else {
        Ok(())
    }
}

fn money_not_negative(money: &Money) -> Result<(), ValidationError> {
    if money.0 < 0 {
        Err(ValidationError::new("negative"))
    } else {
        Ok(())
    }
}

/// A line's total: quantity × unit price rounded half-even to the minor unit, less discount.
pub fn line_total(
    quantity: Quantity,
    price: UnitPrice,
    discount: Money,
    minor_digits: u8,
) -> Result<Money, Overflow> {
    price.times(quantity, minor_digits)?.checked_sub(discount)
}

/// The field that asks whether an order counts as a sale and lies within what the caller's reports reach to.
pub const IN_REPORTS: &str = "in_reports";

/// The fields of an order.
pub const FIELDS: FieldSet = FieldSet {
    record: "orders",
    default_sort: "-ordered_at",
    fields: &[
        Field::new("number", FieldKind::Text, "单号", "Number"),
        Field::new(
            "customer_id",
            FieldKind::Reference("customers"),
            "客户",
            "Customer",
        )
        .unsorted(),
        Field::new(
            "contact_id",
            FieldKind::Reference("contacts"),
            "联系人",
            "Contact",
        )
        .optional()
        .unsorted(),
        Field::new("owner_id", FieldKind::Reference("users"), "负责人", "Owner")
            .optional()
            .unsorted(),
        Field::new(
            "department_id",
            FieldKind::Reference("departments"),
            "部门",
            "Department",
        )
        .optional()
        .unsorted(),
        Field::new(
            "state",
            FieldKind::Choice(OrderState::CHOICES),
            "状态",
            "State",
        ),
        Field::new("ordered_at", FieldKind::Timestamp, "下单时间", "Ordered"),
        Field::new("total", FieldKind::Money, "金额", "Total"),
        Field::new("margin", FieldKind::Money, "毛利", "Margin"),
        Field::new("promised_on", FieldKind::Date, "承诺交期", "Promised").optional(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
        crate::share::shared_with_me(Module::Orders),
        Field::of_caller(IN_REPORTS, Module::Reports, "计入我的报表", "In my reports"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_goes_forward_only() {
        for state in OrderState::ALL {
            assert!(!state.may_become(*state), "{state}");
            if state.counts() && *state != OrderState::Confirmed {
                assert!(
                    !state.may_become(OrderState::Cancelled),
                    "{state}: too late to cancel"
                );
            }
        }
        assert!(OrderState::Draft.may_become(OrderState::Submitted));
        assert!(!OrderState::Draft.may_become(OrderState::Shipped));
    }

    #[test]
    fn a_discount_comes_off_after_rounding() {
        let total = line_total(Quantity(1_500), UnitPrice(9_990), Money(50), 2);
        assert_eq!(
            total,
            Ok(Money(100)),
            "1.5 × 0.999 = 1.4985 → 1.50, less 0.50"
        );
    }
}
