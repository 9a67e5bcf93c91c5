//! Products: what the database alone decides.

use guanxi_domain::{ErrorCode, ProductId};
use guanxi_persistence::{Db, Error, ListQuery, Origin, Result, Visibility, list, product};
use serde_json::json;

use crate::util::{Office, both, checked};

fn delete(db: &Db, id: ProductId, version: i64) -> Result<()> {
    db.write_blocking(Origin::system(), move |tx| product::delete(tx, id, version))
}

#[test]
fn a_product_on_an_order_stays() {
    both(|db, _| {
        let office = Office::open(db);
        let lamp = office.product(json!({"sku": "L-1", "name": "Lamp", "list_price": "10"}));
        let shade = office.product(json!({"sku": "L-2", "name": "Shade"}));
        let customer = office.customer("Light House");
        office
            .order(json!({
                "customer_id": customer.id,
                "lines": [{"product_id": lamp.id, "quantity": "1"}],
            }))
            .expect("an order");
        assert!(matches!(
            delete(db, lamp.id, 1),
            Err(Error::Conflict(ErrorCode::InUse))
        ));
        delete(db, shade.id, 1).expect("nothing refers to it");
        assert!(matches!(delete(db, shade.id, 1), Err(Error::NotFound)));
    });
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    both(|db, _| {
        let office = Office::open(db);
        let lamp = office.product(json!({"sku": "L-1", "name": "Lamp"}));
        let rename = |version, name: &str| {
            let input = checked(json!({"sku": "L-1", "name": name, "list_price": "12.5"}));
            db.write_blocking(Origin::system(), move |tx| {
                product::update(tx, lamp.id, version, &input)
            })
        };
        let new = rename(1, "Lantern").expect("the version is right");
        assert_eq!((new.version, new.input.name.as_str()), (2, "Lantern"));
        assert!(matches!(rename(1, "Torch"), Err(Error::Stale)));
        let read = db
            .read_blocking(|c| product::get(c, lamp.id))
            .expect("it is there");
        assert_eq!(read, new);
    });
}

#[test]
fn skus_are_unique_and_categories_known() {
    both(|db, _| {
        let office = Office::open(db);
        office.product(json!({"sku": "L-1", "name": "Lamp", "category": "goods"}));
        let create = |input| {
            let input = checked(input);
            db.write_blocking(Origin::system(), move |tx| product::create(tx, &input))
        };
        match create(json!({"sku": "L-1", "name": "Twin"})) {
            Err(Error::ConflictAt(ErrorCode::Taken, at)) => assert_eq!(at, "/sku"),
            other => panic!("expected taken: {other:?}"),
        }
        match create(json!({"sku": "L-2", "name": "Odd", "category": "no such"})) {
            Err(Error::Invalid(wrong)) => {
                assert_eq!(wrong, [("/category".to_owned(), "dictionary")]);
            }
            other => panic!("expected invalid: {other:?}"),
        }
    });
}

#[test]
fn products_are_found_by_sku_and_either_name_and_sorted_by_price() {
    both(|db, _| {
        let office = Office::open(db);
        for (sku, name, name_en, price) in [
            ("A-1", "台灯", "Desk Lamp", "99.5"),
            ("A-2", "吊灯", "Ceiling Lamp", "1299"),
            ("B-1", "灯罩", "Shade", "9"),
        ] {
            office.product(
                json!({"sku": sku, "name": name, "name_en": name_en, "list_price": price}),
            );
        }
        let found = |pairs: &[(&str, &str)]| -> Vec<String> {
            let query =
                ListQuery::parse(&guanxi_domain::product::FIELDS, pairs.iter().copied(), None)
                    .expect("a query");
            let page = db
                .read_blocking(|c| list::<product::Products>(c, &Visibility::All, &query))
                .expect("a page");
            page.items.into_iter().map(|p| p.input.sku).collect()
        };
        assert_eq!(
            found(&[("q", "lamp"), ("sort", "-list_price")]),
            ["A-2", "A-1"]
        );
        assert_eq!(found(&[("q", "灯")]), ["A-1", "A-2", "B-1"]);
        assert_eq!(found(&[("q", "b-1")]), ["B-1"]);
        assert_eq!(
            found(&[("list_price_min", "10"), ("list_price_max", "100")]),
            ["A-1"]
        );
    });
}
