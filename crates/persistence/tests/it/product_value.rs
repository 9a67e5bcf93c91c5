//! The analysis of products: which lines count, and which orders are seen.

use diesel::connection::SimpleConnection;
use guanxi_domain::Money;
use guanxi_domain::order::{Order, OrderState};
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::value::{ProductAnalysis, ValueSettings};
use guanxi_persistence::{Actor, Db, value};
use serde_json::{Value, json};

use crate::util::{Office, both};

const CONFIRMED: &[OrderState] = &[OrderState::Submitted, OrderState::Confirmed];

/// What somebody sees of November 2025.
fn november(db: &Db, actor: &Actor, settings: Value) -> ProductAnalysis {
    let mut all = json!({"from": "2025-11-01", "to": "2025-11-30"});
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), settings) {
        all.extend(more);
    }
    let settings: ValueSettings = serde_json::from_value(all).expect("settings");
    db.snapshot_blocking(|c| value::products(c, actor, &settings))
        .expect("an analysis")
}

fn places(analysis: &ProductAnalysis) -> Vec<(i64, &str, &str, i64)> {
    analysis
        .items
        .iter()
        .map(|i| (i.rank, i.sku.as_str(), i.class.as_str(), i.amount.0))
        .collect()
}

/// A confirmed order of a seller on a day.
fn sold(office: &Office<'_>, seller: &Actor, at: &str, lines: &Value) -> Order {
    let customer = office.customer_of(seller, at);
    let order = office
        .order_by(
            seller,
            json!({"customer_id": customer.id, "ordered_at": at, "lines": lines}),
        )
        .expect("an order");
    office.lead(&order, CONFIRMED).expect("it is confirmed")
}

/// Turns the lines of an order round, as an imported return has them.
fn give_back(db: &Db, order: &Order) {
    let id = order.head.id;
    db.housekeep_blocking(move |tx| {
        Ok(tx.connection.batch_execute(&format!(
            "UPDATE order_lines SET quantity = -quantity, total = -total, cost = -cost WHERE order_id = '{id}'"
        ))?)
    })
    .expect("a return");
}

/// Orders of the administrator and of a seller: those of November, and all kinds that do not count.
fn trade(office: &Office<'_>, sam: &Actor) {
    let db = office.db;
    let product = |sku: &str, cost: &str| {
        office
            .product(json!({"sku": sku, "name": sku, "list_price": "1", "cost": cost}))
            .id
    };
    let (lamp, desk, chair) = (
        product("LAMP", "0.9"),
        product("DESK", "0.1"),
        product("CHAIR", "0"),
    );
    let ada = &office.administrator;
    sold(
        office,
        ada,
        "2025-11-01T00:00:00Z",
        &json!([
            {"product_id": lamp, "quantity": "60"},
            {"product_id": desk, "quantity": "20"},
            {"description": "Delivery", "quantity": "1", "unit_price": "7"},
        ]),
    );
    sold(
        office,
        sam,
        "2025-11-30T23:59:59.999999Z",
        &json!([
            {"product_id": lamp, "quantity": "15"},
            {"product_id": chair, "quantity": "10"},
        ]),
    );
    let back = sold(
        office,
        ada,
        "2025-11-20T08:00:00Z",
        &json!([{"product_id": chair, "quantity": "5"}]),
    );
    give_back(db, &back);
    // None of these counts: the days before and after, a cancelled order, a draft.
    for day in ["2025-10-31T23:59:59.999999Z", "2025-12-01T00:00:00Z"] {
        sold(
            office,
            ada,
            day,
            &json!([{"product_id": desk, "quantity": "900"}]),
        );
    }
    let cancelled = sold(
        office,
        ada,
        "2025-11-09T08:00:00Z",
        &json!([{"product_id": desk, "quantity": "900"}]),
    );
    office
        .lead(&cancelled, &[OrderState::Cancelled])
        .expect("it is cancelled");
    let customer = office.customer("Draft").id;
    office
            .order(json!({"customer_id": customer, "ordered_at": "2025-11-09T08:00:00Z", "lines": [{"product_id": desk, "quantity": "900"}]}))
            .expect("a draft");
}

#[test]
fn products_are_ranked_by_the_lines_that_count() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let sam = office.employee("Sam", ShippedRole::Sales, north);
        trade(&office, &sam);
        let ada = &office.administrator;

        let sales = november(db, ada, json!({}));
        assert_eq!(
            places(&sales),
            [
                (1, "LAMP", "a", 7_500),
                (2, "DESK", "b", 2_000),
                (3, "CHAIR", "c", 500)
            ]
        );
        assert_eq!(
            (
                sales.products,
                sales.total,
                sales.positive,
                sales.unassigned
            ),
            (3, Money(10_000), Money(10_000), Money(700))
        );
        assert!((sales.items[1].cumulative_share - 0.95).abs() < 1e-12);
        assert_eq!(
            sales.classes.iter().map(|c| c.amount.0).collect::<Vec<_>>(),
            [7_500, 2_000, 500]
        );
        assert_eq!((sales.curve.len(), sales.truncated), (4, false));

        let margin = november(db, ada, json!({"measure": "margin"}));
        assert_eq!(
            places(&margin),
            [
                (1, "DESK", "a", 1_800),
                (2, "LAMP", "a", 750),
                (3, "CHAIR", "b", 500)
            ]
        );

        // What others sell is in no figure of somebody with a narrower scope.
        let own = november(db, &sam, json!({}));
        assert_eq!(
            places(&own),
            [(1, "LAMP", "a", 1_500), (2, "CHAIR", "a", 1_000)]
        );
        assert_eq!((own.total, own.unassigned), (Money(2_500), Money(0)));
        let clerk = office.employee("Cleo", ShippedRole::DepartmentClerk, north);
        assert_eq!(
            november(db, &clerk, json!({})).products,
            0,
            "no reports, no figures"
        );
    });
}
