//! Orders: prices, numbers, owners, states.

use guanxi_domain::order::{Order, OrderState};
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::{ErrorCode, Money};
use guanxi_persistence::{Error, ListQuery, Origin, Visibility, customer, list, order};
use serde_json::{Value, json};

use crate::util::{Office, author, both, checked};

fn pointers<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, &'static str)> {
    match result {
        Err(Error::Invalid(wrong)) => wrong,
        other => panic!("expected invalid: {other:?}"),
    }
}

fn stored(office: &Office<'_>, order: &Order) -> Order {
    let id = order.head.id;
    office
        .db
        .read_blocking(|c| order::get(c, &Visibility::All, id))
        .expect("the order")
}

fn one_line(office: &Office<'_>) -> Order {
    let customer = office.customer("Light House");
    office
        .order(json!({
            "customer_id": customer.id,
            "lines": [{"description": "Lamp", "quantity": "1", "unit_price": "10"}],
        }))
        .expect("an order")
}

#[test]
fn a_line_takes_what_it_leaves_out_from_its_product() {
    both(|db, _| {
        let office = Office::open(db);
        let lamp = office.product(json!({
            "sku": "L-1", "name": "Lamp", "unit": "piece", "list_price": "0.999", "cost": "0.5",
        }));
        let customer = office.customer("Light House");
        let order = office
            .order(json!({
                "customer_id": customer.id,
                "note": "by Friday",
                "lines": [
                    {"product_id": lamp.id, "quantity": "1.5", "discount": 50},
                    {"description": "Delivery", "quantity": "1", "unit_price": "12"},
                    {"product_id": lamp.id, "description": "Lamp, red", "quantity": "2", "unit_price": "1.5"},
                ],
            }))
            .expect("an order");
        let amounts: Vec<_> = order.lines.iter().map(|l| (l.total.0, l.cost.0)).collect();
        assert_eq!(amounts, [(100, 75), (1_200, 0), (300, 100)]);
        assert_eq!(order.lines[0].description, "Lamp");
        assert_eq!(order.lines[0].unit.as_deref(), Some("piece"));
        let head = &order.head;
        assert_eq!(
            (head.total, head.discount, head.margin),
            (Money(1_600), Money(50), Money(1_425))
        );
        assert_eq!((head.line_count, head.state), (3, OrderState::Draft));
        assert_eq!(head.owner_id, Some(office.administrator.user_id));
        assert!(head.number.starts_with("SO"), "{}", head.number);
        assert_eq!(
            order,
            stored(&office, &order),
            "the answer is what was written"
        );
    });
}

#[test]
fn lines_that_cannot_be_sold_are_named() {
    both(|db, _| {
        let office = Office::open(db);
        let gone = office.product(json!({"sku": "L-1", "name": "Lamp", "active": false}));
        let customer = office.customer("Light House");
        let wrong = pointers(office.order(json!({
            "customer_id": customer.id,
            "lines": [
                {"product_id": gone.id, "quantity": "1"},
                {"product_id": customer.id, "quantity": "1"},
                {"description": "Free", "quantity": "1"},
                {"quantity": "1", "unit_price": "1"},
                {"description": "Cheap", "quantity": "1", "unit_price": "1", "discount": 101},
                {"description": "Dear", "quantity": "900000000000000", "unit_price": "900000000000"},
                {"description": "Fine", "quantity": "1", "unit_price": "1", "discount": 100},
            ],
        })));
        let expected = [
            ("/lines/0/product_id", "reference"),
            ("/lines/1/product_id", "reference"),
            ("/lines/2/unit_price", "required"),
            ("/lines/3/description", "required"),
            ("/lines/4/discount", "discount"),
            ("/lines/5/quantity", "overflow"),
        ];
        assert_eq!(wrong, expected.map(|(at, code)| (at.to_owned(), code)));

        let dear =
            json!({"description": "Dear", "quantity": "9000000000", "unit_price": "9000000"});
        let sum =
            pointers(office.order(json!({"customer_id": customer.id, "lines": [dear, dear]})));
        assert_eq!(sum, [("/lines".to_owned(), "overflow")]);
    });
}

#[test]
fn not_every_customer_can_order() {
    both(|db, _| {
        let office = Office::open(db);
        let order_for = |id| {
            office.order(json!({
                "customer_id": id,
                "lines": [{"description": "Lamp", "quantity": "1", "unit_price": "10"}],
            }))
        };
        let banned = office.customer("Banned").id;
        let older = order_for(banned).expect("a draft");
        let until = checked(json!({"reason": "does not pay"}));
        db.write_blocking(Origin::system(), move |tx| {
            customer::blacklist(tx, &Visibility::All, banned, 1, &until)
        })
        .expect("a blacklisting");
        assert!(matches!(
            order_for(banned),
            Err(Error::Conflict(ErrorCode::Blacklisted))
        ));

        assert!(matches!(
            office.lead(&older, &[OrderState::Submitted]),
            Err(Error::Conflict(ErrorCode::Blacklisted))
        ));
        let by = office.administrator.clone();
        db.write_blocking(Origin::system(), move |tx| {
            customer::unblacklist(tx, &by, &Visibility::All, banned, 2)
        })
        .expect("the blacklisting is lifted");
        office
            .lead(&older, &[OrderState::Submitted])
            .expect("it is welcome again");

        let archived = office.customer("Archived").id;
        db.write_blocking(Origin::system(), move |tx| {
            customer::archive(tx, &Visibility::All, archived, 1)
        })
        .expect("it is archived");
        assert!(matches!(
            order_for(archived),
            Err(Error::ConflictAt(ErrorCode::Conflict, _))
        ));

        let north = office.department("North");
        let li = office.employee("Li", ShippedRole::Sales, north);
        let theirs = office.customer("Somebody else's");
        let unseen = office.order_by(
            &li,
            json!({
                "customer_id": theirs.id,
                "lines": [{"description": "Lamp", "quantity": "1", "unit_price": "10"}],
            }),
        );
        assert_eq!(pointers(unseen), [("/customer_id".to_owned(), "reference")]);
    });
}

#[test]
fn owner_and_department_come_from_the_customer() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let li = office.employee("Li", ShippedRole::DepartmentClerk, north);
        let wang = office.employee("Wang", ShippedRole::DepartmentClerk, north);
        let customer = office.customer_of(&li, "Northern Light");
        let input = |owner: Value| {
            json!({
                "customer_id": customer.id,
                "owner_id": owner,
                "lines": [{"description": "Lamp", "quantity": "1", "unit_price": "10"}],
            })
        };
        let order = office
            .order_by(&wang, input(Value::Null))
            .expect("an order");
        assert_eq!(order.head.owner_id, Some(li.user_id));
        assert_eq!(order.head.department_id, Some(north));
        let own = office
            .order_by(&wang, input(json!(wang.user_id)))
            .expect("an order of his own");
        assert_eq!(own.head.owner_id, Some(wang.user_id));
        let ada = office.administrator.user_id;
        assert!(matches!(
            office.order_by(&wang, input(json!(ada))),
            Err(Error::ConflictAt(ErrorCode::Forbidden, _))
        ));
    });
}

#[test]
fn numbers_go_around_those_that_people_gave() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("Light House");
        let order = |number: Option<String>| {
            office.order(json!({
                "customer_id": customer.id,
                "number": number,
                "lines": [{"description": "Lamp", "quantity": "1", "unit_price": "10"}],
            }))
        };
        let first = order(None).expect("the first").head.number;
        let (series, last) = first.rsplit_once('-').expect("SO202611-000001");
        let last: u32 = last.parse().expect("a number");
        let at = |n: u32| format!("{series}-{:06}", last + n);
        order(Some(at(1))).expect("free");
        assert_eq!(order(None).expect("goes around").head.number, at(2));
        match order(Some(at(1))) {
            Err(Error::ConflictAt(ErrorCode::Taken, at)) => assert_eq!(at, "/number"),
            other => panic!("expected taken: {other:?}"),
        }
    });
}

#[test]
fn a_draft_can_be_rewritten_and_deleted_and_nothing_else_can() {
    both(|db, _| {
        let office = Office::open(db);
        let draft = one_line(&office);
        let customer_id = draft.head.customer_id;
        let rewrite = |order: &Order| {
            let (id, version) = (order.head.id, order.head.version);
            let author = author(&office.administrator);
            let input = checked(json!({
                "customer_id": customer_id,
                "lines": [
                    {"description": "Lamp", "quantity": "2", "unit_price": "10"},
                    {"description": "Shade", "quantity": "1", "unit_price": "5"},
                ],
            }));
            db.write_blocking(Origin::system(), move |tx| {
                order::update(tx, &author, &Visibility::All, id, version, &input)
            })
        };
        let new = rewrite(&draft).expect("a draft");
        assert_eq!((new.head.version, new.head.total), (2, Money(2_500)));
        assert_eq!(new.head.number, draft.head.number);
        assert_eq!(new, stored(&office, &new));
        assert!(matches!(rewrite(&draft), Err(Error::Stale)));

        let delete = |order: &Order| {
            let (id, version) = (order.head.id, order.head.version);
            db.write_blocking(Origin::system(), move |tx| {
                order::delete(tx, &Visibility::All, id, version)
            })
        };
        let submitted = office
            .lead(&new, &[OrderState::Submitted])
            .expect("submitted");
        assert!(matches!(rewrite(&submitted), Err(Error::Conflict(_))));
        assert!(matches!(delete(&submitted), Err(Error::Conflict(_))));
        let back = office
            .lead(&submitted, &[OrderState::Draft])
            .expect("a draft again");
        assert!(matches!(delete(&new), Err(Error::Stale)));
        delete(&back).expect("a draft");
    });
}

#[test]
fn states_go_forward_and_are_remembered() {
    use OrderState::{Cancelled, Confirmed, Shipped, Submitted};

    both(|db, _| {
        let office = Office::open(db);
        let draft = one_line(&office);
        assert!(matches!(
            office.lead(&draft, &[Shipped]),
            Err(Error::Conflict(ErrorCode::IllegalTransition))
        ));
        let (id, version) = (draft.head.id, draft.head.version);
        let silent = checked(json!({"to": "cancelled"}));
        let without_reason = db.write_blocking(Origin::system(), move |tx| {
            order::transition(tx, &Visibility::All, id, version, &silent)
        });
        assert_eq!(pointers(without_reason), [("/reason".to_owned(), "reason")]);
        let order = office
            .lead(&draft, &[Submitted, Confirmed, Cancelled])
            .expect("each may follow the one before");
        assert_eq!(order.head.cancel_reason.as_deref(), Some("a reason"));
        assert_eq!(order, stored(&office, &order));
        let path: Vec<_> = order.transitions.iter().map(|t| (t.from, t.to)).collect();
        assert_eq!(
            path,
            [
                (None, OrderState::Draft),
                (Some(OrderState::Draft), Submitted),
                (Some(Submitted), Confirmed),
                (Some(Confirmed), Cancelled),
            ]
        );
        assert!(matches!(
            office.lead(&draft, &[Submitted]),
            Err(Error::Stale)
        ));
    });
}

#[test]
fn the_list_holds_what_the_scope_allows_and_searches_number_and_customer() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let li = office.employee("Li", ShippedRole::Sales, north);
        let wang = office.employee("Wang", ShippedRole::Sales, north);
        for (who, name, number) in [
            (&li, "北方照明", "N-1"),
            (&li, "Polaris", "N-2"),
            (&wang, "Southern", "S-1"),
        ] {
            let customer = office.customer_of(who, name);
            office
                .order_by(
                    who,
                    json!({
                        "customer_id": customer.id,
                        "number": number,
                        "lines": [{"description": "Lamp", "quantity": "1", "unit_price": "10"}],
                    }),
                )
                .expect("an order");
        }
        let visibility = li
            .visibility(Module::Orders, Operation::Read)
            .expect("sales read orders");
        let numbers = |visibility: &Visibility, pairs: &[(&str, &str)]| -> Vec<String> {
            let query = ListQuery::parse(
                &guanxi_domain::order::FIELDS,
                pairs.iter().copied().chain([("sort", "number")]),
                None,
            )
            .expect("a query");
            let page = db
                .read_blocking(|c| list::<order::Orders>(c, visibility, &query))
                .expect("a page");
            page.items.into_iter().map(|o| o.number).collect()
        };
        assert_eq!(numbers(&visibility, &[]), ["N-1", "N-2"]);
        assert_eq!(numbers(&visibility, &[("q", "s-1")]), Vec::<String>::new());
        assert_eq!(numbers(&Visibility::All, &[("q", "s-1")]), ["S-1"]);
        assert_eq!(numbers(&Visibility::All, &[("q", "北方")]), ["N-1"]);
        assert_eq!(numbers(&Visibility::All, &[("q", "n- polaris")]), ["N-2"]);
        assert_eq!(
            numbers(&Visibility::All, &[("state", "confirmed")]),
            Vec::<String>::new()
        );
    });
}
