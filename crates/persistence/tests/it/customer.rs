//! Customers: what the database alone decides.

use guanxi_domain::ErrorCode;
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_persistence::{Error, ListQuery, Origin, customer, list};
use serde_json::json;

use crate::util::{Office, both, checked};

#[test]
fn the_list_holds_what_the_scope_allows() {
    both(|db, _| {
        let office = Office::open(db);
        let (north, south) = (office.department("North"), office.department("South"));
        let li = office.employee("Li", ShippedRole::DepartmentClerk, north);
        let wang = office.employee("Wang", ShippedRole::DepartmentClerk, south);
        let hers = office.customer_of(&li, "Northern Light");
        let his = office.customer_of(&wang, "Southern Cross");

        let visibility = li
            .visibility(Module::Customers, Operation::Read)
            .expect("clerks read customers");
        let query = ListQuery::all(&guanxi_domain::customer::FIELDS);
        let page = db
            .read_blocking(|c| list::<customer::Customers>(c, &visibility, &query))
            .expect("a page");
        let seen: Vec<_> = page.items.iter().map(|c| c.id).collect();
        assert_eq!(seen, [hers.id]);
        let other = db.read_blocking(|c| customer::get(c, &visibility, his.id));
        assert!(matches!(other, Err(Error::NotFound)), "{other:?}");
    });
}

#[test]
fn a_code_is_taken_once() {
    both(|db, _| {
        let office = Office::open(db);
        let twice = || {
            let actor = office.administrator.clone();
            let input = checked(json!({"name": "Double", "code": "D-1"}));
            db.write_blocking(Origin::of(&actor), move |tx| {
                customer::create(tx, &actor, &input, false)
            })
        };
        twice().expect("the code is free");
        match twice() {
            Err(Error::ConflictAt(ErrorCode::Taken, pointer)) => assert_eq!(pointer, "/code"),
            other => panic!("expected taken: {other:?}"),
        }
    });
}
