//! Rows as the seed writes them, thousands in one statement.

#![allow(
    clippy::ref_option_ref,
    reason = "in what diesel's derive writes for optional texts"
)]

use guanxi_domain::order::OrderState;
use guanxi_domain::ticket::{Channel, CommentKind, Priority, TicketKind, TicketState};
use guanxi_domain::{
    CommentId, ContactId, CustomerId, Date, DepartmentId, EvaluationId, Money, OrderId,
    OrderLineId, ProductId, Quantity, StockLevelId, TicketId, Timestamp, UnitPrice, UserId,
};

use crate::schema::{
    customer_evaluations, order_lines, order_transitions, orders, products, stock_levels,
    ticket_comments, tickets,
};

/// Parameters in one statement; `SQLite` takes 32,766.
pub const PARAMETERS: usize = 30_000;

/// Inserts rows, as many in a statement as its parameters allow.
macro_rules! insert_all {
    ($connection:expr, $table:ident, $rows:expr, $columns:literal) => {
        for rows in $rows.chunks($crate::seed::rows::PARAMETERS / $columns) {
            per_backend!($connection, c => diesel::insert_into($crate::schema::$table::table)
                .values(rows)
                .execute(c))?;
        }
    };
}

#[derive(diesel::Insertable)]
#[diesel(table_name = products, treat_none_as_default_value = false)]
pub struct ProductRow {
    pub id: ProductId,
    pub version: i64,
    pub sku: String,
    pub name: &'static str,
    pub name_en: &'static str,
    pub category: &'static str,
    pub unit: &'static str,
    pub list_price: UnitPrice,
    pub cost: Option<UnitPrice>,
    pub active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = stock_levels, treat_none_as_default_value = false)]
pub struct StockLevelRow {
    pub id: StockLevelId,
    pub version: i64,
    pub product_id: ProductId,
    pub day: Date,
    pub quantity: Quantity,
    pub unit_cost: Option<UnitPrice>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub struct OrderRow {
    pub id: OrderId,
    pub version: i64,
    pub number: String,
    pub customer_id: CustomerId,
    pub contact_id: Option<ContactId>,
    pub owner_id: UserId,
    pub department_id: DepartmentId,
    pub state: OrderState,
    pub ordered_at: Timestamp,
    pub total: Money,
    pub discount: Money,
    pub margin: Money,
    pub line_count: i32,
    pub payment_terms: Option<&'static str>,
    pub promised_on: Option<Date>,
    pub cancel_reason: Option<&'static str>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = order_lines, treat_none_as_default_value = false)]
pub struct LineRow {
    pub id: OrderLineId,
    pub order_id: OrderId,
    pub position: i32,
    pub product_id: ProductId,
    pub description: &'static str,
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
    pub discount: Money,
    pub total: Money,
    pub cost: Money,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = order_transitions, treat_none_as_default_value = false)]
pub struct TransitionRow {
    pub id: String,
    pub order_id: OrderId,
    pub from_state: Option<OrderState>,
    pub to_state: OrderState,
    pub at: Timestamp,
    pub by_id: Option<UserId>,
    pub by_name: String,
    pub reason: Option<&'static str>,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = tickets, treat_none_as_default_value = false)]
pub struct TicketRow {
    pub id: TicketId,
    pub version: i64,
    pub number: String,
    pub kind: TicketKind,
    pub channel: Channel,
    pub priority: Priority,
    pub priority_rank: i16,
    pub state: TicketState,
    pub customer_id: CustomerId,
    pub contact_id: Option<ContactId>,
    pub subject: &'static str,
    pub description: Option<String>,
    pub tags: &'static str,
    pub first_responder_id: Option<UserId>,
    pub owner_id: Option<UserId>,
    pub responsible_id: Option<UserId>,
    pub created_by_id: Option<UserId>,
    pub department_id: DepartmentId,
    pub first_response_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub reopened: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = ticket_comments, treat_none_as_default_value = false)]
pub struct CommentRow {
    pub id: CommentId,
    pub ticket_id: TicketId,
    pub kind: CommentKind,
    pub author_id: UserId,
    pub author_name: String,
    pub body: String,
    pub changes: Option<String>,
    pub created_at: Timestamp,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = customer_evaluations, treat_none_as_default_value = false)]
pub struct EvaluationRow {
    pub id: EvaluationId,
    pub customer_id: CustomerId,
    pub by_id: UserId,
    pub by_name: String,
    pub evaluated_on: Date,
    pub keenness: i16,
    pub capability: i16,
    pub credit: i16,
    pub social_standing: i16,
    pub comment: Option<&'static str>,
    pub created_at: Timestamp,
}
