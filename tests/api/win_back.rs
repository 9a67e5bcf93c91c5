//! Winning customers back over HTTP: whom first, plans, why they were lost.

use guanxi_domain::Timestamp;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::segmentation::churn::{value_if_active, win_back};
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_tests::{Client, TestApp, on_both, until};
use reqwest::Method;
use serde_json::{Value, json};

async fn customer(who: &Client, name: &str) -> Value {
    let new = json!({"name": name, "stage": "active"});
    who.post("/customers", new).await.expect(201)
}

fn path_of(plan: &Value) -> String {
    format!("/win-back-plans/{}", plan["id"].as_str().expect("an id"))
}

/// A company with a segmentation run.
async fn company(app: &TestApp, admin: &Client) -> Client {
    let db = app.app.db.clone();
    let options = SeedOptions {
        customers: 150,
        orders: 900,
        seed: 1,
        now: Timestamp::now(),
        force: false,
        password_hash: "no password".to_owned(),
        minor_digits: 2,
    };
    tokio::task::spawn_blocking(move || seed(&db, &options, |_, _, _| {}))
        .await
        .expect("no panic")
        .expect("a company");
    let reply = admin.post("/segmentation-runs", json!({})).await;
    let run = reply.expect(202);
    let path = format!("/segmentation-runs/{}", run["id"].as_str().expect("an id"));
    app.app.jobs.start().expect("threads");
    until("the run", async || {
        let run = admin.get(&path).await.expect(200);
        (run["state"] == "done").then_some(())
    })
    .await;
    let found = admin.get("/users?q=sales1.east").await.expect(200);
    let id = found["items"][0]["id"]
        .as_str()
        .and_then(|id| id.parse().ok());
    app.token_of(id.expect("the seller")).await
}

fn number(value: &Value) -> f64 {
    value
        .as_str()
        .map_or_else(|| value.as_f64(), |text| text.parse().ok())
        .unwrap_or_else(|| panic!("no number: {value}"))
}

/// The codes of those at risk in a run by the reference in `domain`, the largest gain first.
fn by_reference(scored: &[Value]) -> Vec<String> {
    let customers = scored.iter().enumerate().filter_map(|(place, c)| {
        let risk = (!c["churn_risk"].is_null()).then(|| number(&c["churn_risk"]))?;
        let alive = &c["probability_active"];
        let alive = (!alive.is_null()).then(|| number(alive));
        let value = value_if_active(number(&c["lifetime_value"]), alive);
        Some((place, risk, value))
    });
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    win_back(customers, 0.0)
        .iter()
        .map(|one| text(&scored[one.key]["code"]))
        .collect()
}

on_both! {
    async fn those_with_the_most_to_win_come_first(app: &TestApp) {
        let admin = app.admin().await;
        assert_eq!(admin.get("/win-back-candidates").await.expect(200), json!([]), "no run");
        let seller = company(app, &admin).await;
        let runs = admin.get("/segmentation-runs").await.expect(200);
        let run = runs["items"][0]["id"].as_str().expect("an id").to_owned();
        let all = admin.get(&format!("/segmentation-runs/{run}/customers?limit=200")).await.expect(200);
        let scored = all["items"].as_array().expect("a page");
        // Whoever is put away is not won back.
        let away = admin.get("/customers?archived_at=any&limit=200").await.expect(200);
        let away: Vec<&Value> = away["items"].as_array().expect("a page").iter().map(|c| &c["code"]).collect();
        let scored: Vec<Value> = scored.iter().filter(|c| !away.contains(&&c["code"])).cloned().collect();
        assert!(!away.is_empty());
        let wanted = by_reference(&scored);
        let found = admin.get("/win-back-candidates?limit=200").await.expect(200);
        let found = found.as_array().expect("a list");
        let codes: Vec<String> = found.iter().map(|c| c["code"].as_str().expect("a code").to_owned()).collect();
        assert!(codes.len() > 20, "{}", codes.len());
        assert_eq!(codes, wanted);
        for one in found {
            let gain = number(&one["churn_risk"]) * number(&one["value_if_active"]);
            assert!((gain - number(&one["expected_gain"])).abs() <= 1.0, "{one}");
        }
        let high = admin.get("/win-back-candidates?churn_level=high&lifecycle_stage=decline,lost&limit=10").await.expect(200);
        for one in high.as_array().expect("a list") {
            assert_eq!(one["churn_level"], "high");
            assert_ne!(one["lifecycle_stage"], "growth");
        }
        // A seller sees the own ones only.
        let own = seller.get("/win-back-candidates?limit=200").await.expect(200);
        let own = own.as_array().expect("a list");
        let me = seller.get("/me").await.expect(200)["user"]["id"].clone();
        assert!(!own.is_empty() && own.len() < found.len());
        assert!(own.iter().all(|one| one["owner_id"] == me));
        assert_eq!(admin.get("/win-back-candidates?churn_level=huge").await.refused(400), "invalid_parameter");
        assert_eq!(admin.get("/win-back-candidates?limit=0").await.refused(400), "invalid_parameter");
    }
}

on_both! {
    async fn a_plan_goes_from_open_to_its_outcome(app: &TestApp) {
        app.admin().await;
        let north = app.department("North").await;
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let customer = customer(&ann, "晨光商贸").await;
        let new = json!({"customer_id": customer["id"], "plan": "上门拜访", "due_on": "2026-12-15"});
        let plan = ann.post("/win-back-plans", new.clone()).await.expect(201);
        assert_eq!((&plan["outcome"], &plan["customer_name"], &plan["version"]), (&json!("open"), &json!("晨光商贸"), &json!(1)));
        assert_eq!(ann.post("/win-back-plans", new).await.refused(409), "taken");
        let path = path_of(&plan);
        assert_eq!(ann.get(&path).await.expect(200), plan);

        let done = json!({"outcome": "won_back"});
        assert_eq!(ann.send(Method::PATCH, &path, None, Some(done.clone())).await.refused(428), "precondition_required");
        assert_eq!(ann.patch(&path, &plan, done).await.refused(422), "invalid", "the day is missing");
        let later = json!({"outcome": "won_back", "outcome_on": "2999-01-01"});
        assert_eq!(ann.patch(&path, &plan, later).await.refused(422), "invalid", "of the future");
        let done = json!({"outcome": "won_back", "outcome_on": "2026-11-01", "outcome_note": "下单"});
        let now = ann.patch(&path, &plan, done.clone()).await.expect(200);
        assert_eq!((&now["outcome"], &now["version"]), (&json!("won_back"), &json!(2)));
        assert_eq!(ann.patch(&path, &plan, done).await.refused(412), "stale");
        // The next one may begin now.
        ann.post("/win-back-plans", json!({"customer_id": customer["id"], "plan": "again"})).await.expect(201);
        let open = ann.get("/win-back-plans?outcome=open&with_total=true").await.expect(200);
        assert_eq!((&open["total"], &open["items"][0]["plan"]), (&json!(1), &json!("again")));
        let history = ann.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history["items"].as_array().map(Vec::len), Some(2));
    }
}

on_both! {
    async fn plans_and_losses_are_of_those_who_see_the_customer(app: &TestApp) {
        app.admin().await;
        let (north, south) = (app.department("North").await, app.department("South").await);
        let ann = app.user(ShippedRole::Sales, north, "ann@example.com").await;
        let bob = app.user(ShippedRole::Sales, south, "bob@example.com").await;
        let customer = customer(&ann, "Morning Light").await;
        let id = customer["id"].as_str().expect("an id");
        let new = json!({"customer_id": id, "plan": "call"});
        assert_eq!(bob.post("/win-back-plans", new.clone()).await.refused(422), "invalid");
        let plan = ann.post("/win-back-plans", new).await.expect(201);
        let path = path_of(&plan);
        assert_eq!(bob.get(&path).await.refused(404), "not_found");
        assert_eq!(bob.get(&format!("{path}/history")).await.refused(404), "not_found");
        assert_eq!(bob.patch(&path, &plan, json!({"plan": "mine"})).await.refused(404), "not_found");
        assert_eq!(bob.get("/win-back-plans?with_total=true").await.expect(200)["total"], 0);

        let losses = format!("/customers/{id}/losses");
        let lost = json!({"churn_type": "competitor", "lost_on": "2026-11-01", "note": "price of freight"});
        assert_eq!(bob.post(&losses, lost.clone()).await.refused(404), "not_found");
        assert_eq!(bob.get(&losses).await.refused(404), "not_found");
        let loss = ann.post(&losses, lost).await.expect(201);
        assert_eq!((&loss["churn_type"], &loss["by_name"]), (&json!("competitor"), &json!("ann")));
        assert_eq!(ann.get(&losses).await.expect(200), json!([loss]));
        let now = ann.get(&format!("/customers/{id}")).await.expect(200);
        assert_eq!(now["stage"], "lost", "the stage follows");
        let future = json!({"churn_type": "price", "lost_on": "2999-01-01"});
        assert_eq!(ann.post(&losses, future).await.refused(422), "invalid");
        let history = ann.get(&format!("/customers/{id}/history")).await.expect(200);
        let actions: Vec<_> = history["items"].as_array().expect("a page").iter().map(|e| e["action"].clone()).collect();
        assert!(actions.contains(&json!("lost")), "{actions:?}");
    }
}

/// A confirmed order of today over 100.00.
async fn buys(who: &Client, customer: &Value) {
    let product =
        json!({"sku": customer["code"], "name": "茶", "category": "goods", "list_price": "100"});
    let product = who.post("/products", product).await.expect(201);
    let lines = json!([{"product_id": product["id"], "quantity": "1"}]);
    let order = json!({"customer_id": customer["id"], "lines": lines});
    let mut order = who.post("/orders", order).await.expect(201);
    for to in ["submitted", "confirmed"] {
        let path = format!(
            "/orders/{}/transitions",
            order["id"].as_str().expect("an id")
        );
        order = who
            .post_to(&path, &order, Some(json!({"to": to})))
            .await
            .expect(200);
    }
}

on_both! {
    async fn losses_are_added_up_by_type(app: &TestApp) {
        let admin = app.admin().await;
        let today = Timestamp::now().date().to_string();
        let lose = async |customer: &Value, kind: &str, day: &str| {
            let path = format!("/customers/{}/losses", customer["id"].as_str().expect("an id"));
            admin.post(&path, json!({"churn_type": kind, "lost_on": day})).await.expect(201);
        };
        let [ann, ben, cat] = [
            customer(&admin, "Ann").await,
            customer(&admin, "Ben").await,
            customer(&admin, "Cat").await,
        ];
        for one in [&ann, &ben, &cat] {
            buys(&admin, one).await;
        }
        lose(&ann, "competitor", "2020-05-01").await;
        lose(&ann, "price", &today).await;
        lose(&ben, "price", &today).await;
        lose(&cat, "dropped", "2020-06-30").await;

        let of = |summary: &Value, kind: &str| {
            let types = summary["types"].as_array().into_iter().flatten();
            let found = types.clone().find(|f| f["churn_type"] == kind).expect("all types").clone();
            (found["customers"].clone(), found["sales"].clone())
        };
        let all = admin.get("/customer-losses/summary").await.expect(200);
        assert_eq!((&all["customers"], &all["sales"]), (&json!(3), &json!(20_000)));
        assert_eq!(of(&all, "price"), (json!(2), json!(20_000)));
        assert_eq!(of(&all, "dropped"), (json!(1), json!(0)), "nothing was bought before");
        assert_eq!(of(&all, "competitor"), (json!(0), json!(0)), "of Ann the last loss counts");
        let early = admin.get("/customer-losses/summary?from=2020-01-01&to=2020-06-29").await.expect(200);
        assert_eq!((of(&early, "competitor"), of(&early, "dropped")), ((json!(1), json!(0)), (json!(0), json!(0))));

        let seller = app.user(ShippedRole::Sales, app.company().await, "seller@example.com").await;
        assert_eq!(seller.get("/customer-losses/summary").await.expect(200)["customers"], 0, "those of others");
        let clerk = app.user(ShippedRole::DepartmentClerk, app.company().await, "clerk@example.com").await;
        assert_eq!(clerk.get("/customer-losses/summary").await.refused(403), "forbidden");
        for wrong in ["from=yesterday", "from=2026-02-01&to=2026-01-01"] {
            assert_eq!(admin.get(&format!("/customer-losses/summary?{wrong}")).await.refused(400), "invalid_parameter");
        }
        assert_eq!(admin.get("/customer-losses/summary?type=price").await.refused(400), "unknown_parameter");
    }
}
