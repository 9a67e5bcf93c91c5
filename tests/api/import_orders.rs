//! Imports of orders: for whom, and which orders take more lines.

use guanxi_domain::permission::ShippedRole;
use guanxi_tests::{Client, TestApp, on_both};
use serde_json::{Value, json};

use crate::importing::{bring_in, path_of, rejected};

const HEADER: &str = "order_number,sku,quantity,ordered_at,unit_price,customer_code\n";

/// The words of the reasons why rows of these are refused.
async fn refused(who: &Client, rows: &str, settings: Value) -> Vec<String> {
    let import = bring_in(who, "orders", &format!("{HEADER}{rows}"), settings).await;
    assert_eq!(import["state"], "done", "{import}");
    let rejected = rejected(who, &import).await;
    rejected.into_iter().map(|(word, _)| word).collect()
}

async fn customer(who: &Client, code: &str) -> Value {
    let body = json!({"name": code, "code": code});
    who.post("/customers", body).await.expect(201)
}

fn at(record: &str, of: &Value) -> String {
    format!("/{record}/{}", of["id"].as_str().expect("an id"))
}

async fn order(who: &Client, number: &str) -> Value {
    let page = who.get(&format!("/orders?number={number}")).await;
    let head = page.expect(200)["items"][0].clone();
    who.get(&at("orders", &head)).await.expect(200)
}

/// The day of a time.
fn day(time: &Value) -> &str {
    &time.as_str().expect("a time")[..10]
}

on_both! {
    async fn who_takes_no_orders_takes_none_from_files(app: &TestApp) {
        let admin = app.admin().await;
        let (black, away) = (customer(&admin, "BLACK").await, customer(&admin, "AWAY").await);
        let reason = Some(json!({"reason": "三张发票未付"}));
        let black = admin.post_to(&format!("{}/blacklist", at("customers", &black)), &black, reason).await.expect(200);
        let away = admin.post_to(&format!("{}/archive", at("customers", &away)), &away, None).await.expect(200);
        // What ended before is history; what was placed since is not, whatever its state, nor is what goes on.
        let (since, gone) = (day(&black["blacklist"]["at"]), day(&away["archived_at"]));
        let rows = |prefix: &str| format!(
            "{prefix}1,A-1,1,2010-12-01,5,BLACK\n{prefix}2,A-1,1,{since},5,BLACK\n\
             {prefix}3,A-1,1,2010-12-01,5,AWAY\n{prefix}4,A-1,1,{gone},5,AWAY\n");
        let ended = refused(&admin, &rows("E"), json!({})).await;
        assert_eq!(ended, ["customer_blacklisted", "customer_archived"]);
        let open = refused(&admin, &rows("O"), json!({"order_state": "confirmed"})).await;
        assert_eq!(open, ["customer_blacklisted", "customer_blacklisted", "customer_archived", "customer_archived"]);
        let draft = refused(&admin, "D1,A-1,1,2010-12-01,5,BLACK\n", json!({"order_state": "draft"})).await;
        assert_eq!(draft, ["customer_blacklisted"]);
        assert_eq!(admin.get("/orders?with_total=true").await.expect(200)["total"], 2);

        // Lifted: welcome again, since then.
        admin.post_to(&format!("{}/unblacklist", at("customers", &black)), &black, None).await.expect(200);
        assert!(refused(&admin, &format!("L1,A-1,1,{since},5,BLACK\n"), json!({})).await.is_empty());
    }
}

on_both! {
    async fn corrected_rows_join_what_is_as_it_came_in(app: &TestApp) {
        let admin = app.admin().await;
        let clerk = app.user(ShippedRole::DepartmentClerk, app.department("North").await, "clerk@example.com").await;
        let bob = app.user(ShippedRole::Sales, app.department("South").await, "bob@example.com").await;
        admin.post("/products", json!({"sku": "A-1", "name": "Lantern"})).await.expect(201);
        let rows: String = ["KEPT", "MOVED", "GIVEN"].map(|n| format!("{n},A-1,1,2010-12-01,5,K1\n{n},A-1,0,2010-12-01,5,K1\n")).concat();
        let import = bring_in(&clerk, "orders", &format!("{HEADER}{rows}"), json!({"order_state": "draft"})).await;
        assert_eq!((&import["imported"], &import["rejected"]), (&json!(3), &json!(3)), "{import}");

        let moved = order(&clerk, "MOVED").await;
        let cancelled = json!({"to": "cancelled", "reason": "No stock"});
        clerk.post_to(&format!("{}/transitions", at("orders", &moved)), &moved, Some(cancelled)).await.expect(200);
        let given = order(&clerk, "GIVEN").await;
        let bob = bob.get("/me").await.expect(200)["user"]["id"].clone();
        admin.patch(&at("orders", &given), &given, json!({"owner_id": bob})).await.expect(200);
        assert_eq!(clerk.get(&at("orders", &given)).await.refused(404), "not_found");

        let errors = clerk.get(&format!("{}/errors.csv", path_of(&import))).await.text;
        let corrected = errors.replace(",A-1,0,", ",A-1,2,");
        let again = bring_in(&clerk, "orders", &corrected, json!({"order_state": "draft"})).await;
        let said = rejected(&clerk, &again).await;
        assert_eq!(said[0], ("order_changed".to_owned(), "The order has moved on: it takes no more lines".to_owned()));
        assert_eq!(said[1].0, "order_exists");
        assert_eq!(said.len(), 2);
        let total = async |number| order(&admin, number).await["total"].clone();
        assert_eq!((total("KEPT").await, total("MOVED").await, total("GIVEN").await), (json!(1500), json!(500), json!(500)));
    }
}

on_both! {
    async fn nothing_but_its_number_is_told_of_an_unseen_order(app: &TestApp) {
        let admin = app.admin().await;
        let clerk = app.user(ShippedRole::DepartmentClerk, app.department("North").await, "clerk@example.com").await;
        assert!(refused(&admin, "X1,A-1,1,2010-12-01,5,THEIRS\n", json!({})).await.is_empty());
        customer(&clerk, "MINE").await;
        let row = "X1,A-1,1,2010-12-01,5,MINE\n";
        for mode in ["create", "upsert"] {
            assert_eq!(refused(&clerk, row, json!({"mode": mode})).await, ["order_exists"], "{mode}");
        }
        assert_eq!(refused(&admin, row, json!({"mode": "upsert"})).await, ["customer_differs"]);
    }
}
