//! Product rules: what runs find in the orders that count, what they keep, and what somebody with a narrower scope is told.

use std::ops::ControlFlow;

use guanxi_domain::customer::Customer;
use guanxi_domain::job::JobState;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::product::Product;
use guanxi_domain::segmentation::rules::{
    FIELDS, KeptRule, Offers, RULE_FIELDS, RuleBasis, RuleItem, RuleRefusal, RuleResult, RuleRun,
};
use guanxi_domain::{Date, ErrorCode, OrderId, OrderLineId, RuleRunId};
use guanxi_persistence::{Actor, Db, Error, ListQuery, Origin, Result, job, rules};
use serde_json::{Value, json};

use crate::util::{Office, both, checked, count, run_sql};

/// An order of the 10th of November 2026 in a state, with a line over `quantity` of each product.
fn order(
    db: &Db,
    owner: &Actor,
    customer: &Customer,
    state: &str,
    products: &[(&Product, i64)],
) -> OrderId {
    let id = OrderId::generate();
    let at = Date::new(2026, 11, 10).expect("a day").start().micros();
    let department = owner
        .department_id
        .map_or("NULL".to_owned(), |d| format!("'{d}'"));
    let reason = if state == "cancelled" {
        "'why'"
    } else {
        "NULL"
    };
    let lines: Vec<String> = (1..)
        .zip(products)
        .map(|(position, (product, quantity))| {
            format!(
                "('{}', '{id}', {position}, '{}', 'x', {quantity}, 1, 0, 1, 0)",
                OrderLineId::generate(),
                product.id
            )
        })
        .collect();
    run_sql(
        db,
        &format!(
            "INSERT INTO orders (id, version, number, customer_id, owner_id, department_id, state, ordered_at, total, discount, margin, line_count, cancel_reason, created_at, updated_at) \
             VALUES ('{id}', 1, '{id}', '{}', '{}', {department}, '{state}', {at}, 1, 0, 0, 1, {reason}, {at}, {at}); \
             INSERT INTO order_lines (id, order_id, position, product_id, description, quantity, unit_price, discount, total, cost) VALUES {};",
            customer.id,
            owner.user_id,
            lines.join(", ")
        ),
    );
    id
}

struct Shop<'a> {
    office: Office<'a>,
    tea: Product,
    cup: Product,
    pot: Product,
    rug: Product,
    ann: Customer,
    ben: Customer,
}

impl<'a> Shop<'a> {
    fn open(db: &'a Db) -> Self {
        let office = Office::open(db);
        let product = |sku: &str, category: &str| {
            office.product(json!({"sku": sku, "name": sku, "category": category}))
        };
        Self {
            tea: product("TEA", "goods"),
            cup: product("CUP", "goods"),
            pot: product("POT", "spare_part"),
            rug: product("RUG", "service"),
            ann: office.customer("Ann"),
            ben: office.customer("Ben"),
            office,
        }
    }

    fn sell(&self, customer: &Customer, products: &[&Product]) {
        let lines: Vec<(&Product, i64)> = products.iter().map(|p| (*p, 1_000)).collect();
        let admin = &self.office.administrator;
        order(self.office.db, admin, customer, "completed", &lines);
    }

    /// Of ten orders six hold tea, five of them a cup; a pot comes with both twice.
    fn known(&self) {
        let Self {
            tea,
            cup,
            pot,
            rug,
            ann,
            ben,
            ..
        } = self;
        for _ in 0..2 {
            self.sell(ann, &[tea, cup, pot]);
        }
        for _ in 0..3 {
            self.sell(ben, &[tea, cup]);
        }
        self.sell(ben, &[tea]);
        for _ in 0..3 {
            self.sell(ben, &[rug]);
        }
        self.sell(ben, &[rug, cup]);
    }

    fn ask(&self, settings: Value) -> RuleRun {
        ask(self.office.db, &self.office.administrator, settings).expect("a run")
    }

    /// A run, made.
    fn run(&self, settings: Value) -> (RuleRunId, RuleResult) {
        let id = self.ask(settings).id;
        let made = rules::make(self.office.db, id, |_| ControlFlow::Continue(())).expect("made");
        (id, made.expect("it was asked for"))
    }

    fn rules(&self, run: RuleRunId, pairs: &[(&str, &str)]) -> Vec<KeptRule> {
        read(self.office.db, &self.office.administrator, run, pairs).expect("rules")
    }
}

fn ask(db: &Db, actor: &Actor, settings: Value) -> Result<RuleRun> {
    let (actor, input) = (actor.clone(), checked(json!({ "settings": settings })));
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        rules::create(tx, &actor, &input)
    })
}

fn read(db: &Db, actor: &Actor, run: RuleRunId, pairs: &[(&str, &str)]) -> Result<Vec<KeptRule>> {
    let query = ListQuery::parse(&RULE_FIELDS, pairs.iter().copied(), None)?;
    db.read_blocking(|c| rules::rules(c, actor, run, &query))
        .map(|page| page.items)
}

fn names(items: &[RuleItem]) -> String {
    let mut names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    names.sort_unstable();
    names.join("+")
}

fn told(rules: &[KeptRule]) -> Vec<String> {
    rules
        .iter()
        .map(|rule| format!("{}>{}", names(&rule.antecedent), names(&rule.consequent)))
        .collect()
}

fn offered(offers: &Offers) -> Vec<(String, String, i64)> {
    offers
        .items
        .iter()
        .map(|offer| {
            let why = names(&offer.because);
            (offer.item.name.clone(), why, offer.facts.confidence)
        })
        .collect()
}

const LOOSE: &str = r#"{"min_support": 200000, "min_confidence": 0, "min_lift": 0}"#;

fn loose(more: &Value) -> Value {
    let mut settings: Value = serde_json::from_str(LOOSE).expect("settings");
    for (name, value) in more.as_object().into_iter().flatten() {
        settings[name] = value.clone();
    }
    settings
}

#[test]
fn a_run_finds_what_is_bought_together_in_orders_that_count() {
    both(|db, _| {
        let shop = Shop::open(db);
        shop.known();
        // Neither drafts nor cancelled orders nor returns say what is bought.
        let admin = &shop.office.administrator;
        for state in ["draft", "cancelled"] {
            order(
                db,
                admin,
                &shop.ann,
                state,
                &[(&shop.tea, 1_000), (&shop.rug, 1_000)],
            );
        }
        order(
            db,
            admin,
            &shop.ann,
            "completed",
            &[(&shop.tea, -1_000), (&shop.rug, -1_000)],
        );

        let asked = shop.ask(loose(&json!({})));
        assert_eq!(
            (asked.state, asked.result.as_ref()),
            (JobState::Queued, None)
        );
        let unfinished = read(db, admin, asked.id, &[]).expect_err("nothing yet");
        assert!(matches!(
            unfinished,
            Error::Conflict(ErrorCode::RunUnfinished)
        ));
        let made = rules::make(db, asked.id, |_| ControlFlow::Continue(()))
            .expect("made")
            .expect("asked for");
        assert_eq!(
            (made.lines, made.baskets, made.items, made.min_baskets),
            (18, 10, 4, 2)
        );
        assert_eq!((made.rules, made.refusal), (9, None));

        let all = shop.rules(asked.id, &[]);
        assert_eq!(all.len(), 9);
        let best = &all[0];
        assert_eq!(told(&all[..1]), ["CUP+TEA>POT"]);
        let facts = best.facts;
        assert_eq!(
            (
                facts.both_sides,
                facts.with_antecedent,
                facts.with_consequent,
                facts.baskets
            ),
            (2, 5, 2, 10)
        );
        assert_eq!(
            (
                facts.support,
                facts.confidence,
                facts.lift,
                facts.leverage,
                facts.conviction
            ),
            (200_000, 400_000, 2_000, 100_000, Some(1_333))
        );
        let sure = all
            .iter()
            .find(|rule| told(std::slice::from_ref(rule)) == ["POT>TEA"]);
        assert_eq!(
            sure.map(|rule| rule.facts.conviction),
            Some(None),
            "it never failed"
        );
        let again = db
            .read_blocking(|c| rules::get(c, admin, asked.id))
            .expect("the run");
        assert_eq!(
            (again.state, again.kept, again.result),
            (JobState::Done, true, Some(made))
        );
    });
}

#[test]
fn rules_are_filtered_sorted_and_paged() {
    both(|db, _| {
        let shop = Shop::open(db);
        shop.known();
        let (run, _) = shop.run(loose(&json!({})));
        let sorted = |sort: &str, value: fn(&KeptRule) -> i64| {
            let all = shop.rules(run, &[("sort", sort)]);
            let values: Vec<i64> = all.iter().map(value).collect();
            assert!(values.is_sorted_by(|a, b| a >= b), "{sort}: {values:?}");
        };
        sorted("-support", |rule| rule.facts.support);
        sorted("-confidence", |rule| rule.facts.confidence);
        sorted("-lift", |rule| rule.facts.lift);
        let by_conviction = shop.rules(run, &[("sort", "-conviction")]);
        assert_eq!(
            by_conviction.last().map(|r| r.facts.conviction),
            Some(None),
            "none comes last"
        );

        let of_pot = shop.rules(run, &[("product", shop.pot.id.as_str())]);
        assert!(
            of_pot
                .iter()
                .all(|rule| told(std::slice::from_ref(rule))[0].contains("POT"))
        );
        assert_eq!(of_pot.len(), 7);
        let strong = shop.rules(run, &[("lift_min", "1500"), ("confidence_min", "500000")]);
        assert!(!strong.is_empty());
        assert!(
            strong
                .iter()
                .all(|r| r.facts.lift >= 1_500 && r.facts.confidence >= 500_000)
        );

        // Page by page, also past rules that have no conviction.
        let admin = &shop.office.administrator;
        let (mut paged, mut cursor) = (Vec::new(), None);
        loop {
            let mut pairs = vec![("limit", "2"), ("sort", "conviction")];
            pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let query = ListQuery::parse(&RULE_FIELDS, pairs, None).expect("a query");
            let page = db
                .read_blocking(|c| rules::rules(c, admin, run, &query))
                .expect("a page");
            paged.extend(page.items.iter().map(|rule| rule.number));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        paged.sort_unstable();
        assert_eq!(paged, (1..=9).collect::<Vec<i64>>());
    });
}

#[test]
fn baskets_items_and_the_window_are_the_settings() {
    both(|db, _| {
        let shop = Shop::open(db);
        shop.known();
        let (_, by_customer) = shop.run(loose(&json!({"baskets": "customer"})));
        assert_eq!((by_customer.baskets, by_customer.items), (2, 4));
        let (run, by_category) = shop.run(loose(&json!({"items": "category"})));
        assert_eq!((by_category.baskets, by_category.items), (10, 3));
        let all = shop.rules(run, &[("sort", "-confidence"), ("category", "spare_part")]);
        let first = &all[0];
        assert_eq!(
            (
                first.antecedent[0].item.as_str(),
                first.antecedent[0].product_id
            ),
            ("spare_part", None)
        );
        assert!(
            first.antecedent[0].name_en.is_some(),
            "the dictionary's label"
        );

        let (_, outside) = shop.run(loose(&json!({"to": "2026-11-09"})));
        assert_eq!(
            (outside.baskets, outside.refusal),
            (0, Some(RuleRefusal::NoBaskets))
        );
        let (_, inside) = shop.run(loose(&json!({"from": "2026-11-10", "to": "2026-11-10"})));
        assert_eq!(inside.baskets, 10);
        let (_, refused) = shop.run(loose(&json!({"max_sets": 3})));
        assert_eq!(refused.refusal, Some(RuleRefusal::TooManySets));
    });
}

#[test]
fn a_run_that_is_cancelled_while_it_is_made_is_not_published() {
    both(|db, _| {
        let shop = Shop::open(db);
        shop.known();
        let admin = &shop.office.administrator;
        let (first, _) = shop.run(loose(&json!({})));
        let cancelled = shop.ask(loose(&json!({}))).id;
        let cancel = |id| {
            let asks = admin.clone();
            db.write_blocking(Origin::of(admin), move |tx| rules::cancel(tx, &asks, id))
        };
        // Whoever makes it has not heard of it yet.
        let mut told = false;
        let made = rules::make(db, cancelled, |_| {
            if !std::mem::replace(&mut told, true) {
                let run = cancel(cancelled).expect("it can be cancelled");
                assert_eq!(run.state, JobState::Cancelled);
            }
            ControlFlow::Continue(())
        });
        assert_eq!(made.expect("no error"), None);
        let run = db
            .read_blocking(|c| rules::get(c, admin, cancelled))
            .expect("the run");
        assert_eq!((run.state, run.result), (JobState::Cancelled, None));
        let of_cancelled = format!("SELECT count(*) AS n FROM rules WHERE run_id = '{cancelled}'");
        assert_eq!(count(db, &of_cancelled), 0, "nothing of it is left");
        assert!(matches!(
            cancel(first),
            Err(Error::Conflict(ErrorCode::Conflict))
        ));
    });
}

#[test]
fn the_newest_twelve_runs_keep_their_rules_and_a_repetition_doubles_none() {
    both(|db, _| {
        let shop = Shop::open(db);
        shop.known();
        let (first, _) = shop.run(loose(&json!({})));
        assert_eq!(
            rules::make(db, first, |_| ControlFlow::Continue(())).expect("no error"),
            None,
            "it is made already"
        );
        assert_eq!(
            rules::make(db, RuleRunId::generate(), |_| ControlFlow::Continue(()))
                .expect("no error"),
            None
        );
        // An attempt that was killed left some rules.
        let broken = shop.ask(loose(&json!({}))).id;
        run_sql(
            db,
            &format!(
                "INSERT INTO rules SELECT '{broken}', number, antecedent, consequent, items, item_count, both_sides, with_antecedent, with_consequent, support, confidence, lift, leverage, conviction FROM rules WHERE run_id = '{first}' AND number < 4"
            ),
        );
        rules::make(db, broken, |_| ControlFlow::Continue(())).expect("made");
        assert_eq!(shop.rules(broken, &[]).len(), 9);
        for _ in 0..11 {
            shop.run(loose(&json!({})));
        }
        let admin = &shop.office.administrator;
        let forgotten = read(db, admin, first, &[]).expect_err("forgotten");
        assert!(matches!(
            forgotten,
            Error::Conflict(ErrorCode::RulesForgotten)
        ));
        assert_eq!(shop.rules(broken, &[]).len(), 9);
        let kept = db
            .read_blocking(|c| rules::get(c, admin, first))
            .expect("the run");
        assert_eq!(
            (kept.kept, kept.result.map(|r| r.rules)),
            (false, Some(9)),
            "its figures stay"
        );
        // Every run has a job of its own that waits.
        let jobs = db.read_blocking(|c| {
            guanxi_persistence::list::<job::Jobs>(
                c,
                &guanxi_persistence::Visibility::All,
                &ListQuery::all(&guanxi_domain::job::FIELDS),
            )
        });
        assert_eq!(jobs.expect("jobs").items.len(), 13);
    });
}

#[test]
fn offers_follow_from_what_was_bought() {
    both(|db, _| {
        let shop = Shop::open(db);
        let admin = &shop.office.administrator;
        let next = |customer: &Customer, again| {
            db.read_blocking(|c| rules::next_products(c, admin, customer.id, 5, again))
                .expect("offers")
        };
        let nothing = next(&shop.ann, false);
        assert_eq!((nothing.run_id, nothing.items.len()), (None, 0));
        shop.known();
        let (run, _) = shop.run(loose(&json!({})));

        let to_ben = next(&shop.ben, false);
        assert_eq!(
            (to_ben.run_id, to_ben.basis),
            (Some(run), RuleBasis::Company)
        );
        assert_eq!(
            offered(&to_ben),
            [("POT".to_owned(), "CUP+TEA".to_owned(), 400_000)]
        );
        assert_eq!(
            offered(&next(&shop.ann, false)),
            [],
            "she has all that rules tell of"
        );
        let again = next(&shop.ann, true);
        assert_eq!(again.items.len(), 3);
        assert!(again.items.iter().all(|offer| offer.bought));

        let with = |product: &Product| {
            db.read_blocking(|c| rules::bought_with(c, admin, product.id, 5))
                .expect("offers")
        };
        let tea = ("TEA".to_owned(), "POT".to_owned(), 1_000_000);
        let cup = ("CUP".to_owned(), "POT".to_owned(), 1_000_000);
        assert_eq!(
            offered(&with(&shop.pot)),
            [tea, cup],
            "tea is rarer than cups: the larger lift"
        );
        assert_eq!(offered(&with(&shop.rug)), []);
    });
}

#[test]
fn who_sees_a_part_is_told_of_that_part_only() {
    both(|db, _| {
        let shop = Shop::open(db);
        shop.known();
        let east = shop.office.department("East");
        let seller = shop.office.employee("Sam", ShippedRole::Sales, east);
        let manager = shop
            .office
            .employee("Mia", ShippedRole::DepartmentManager, east);
        let own = shop.office.customer_of(&seller, "Own");
        let (run, _) = shop.run(loose(&json!({})));
        for who in [&seller, &manager] {
            let refused = |result: Result<()>| {
                let error = result.expect_err("a part is not the whole");
                assert!(
                    matches!(error, Error::Conflict(ErrorCode::WholeCompany)),
                    "{error}"
                );
            };
            refused(read(db, who, run, &[]).map(drop));
            refused(db.read_blocking(|c| rules::get(c, who, run)).map(drop));
            let query = ListQuery::all(&FIELDS);
            refused(db.read_blocking(|c| rules::list(c, who, &query)).map(drop));
            refused(ask(db, who, json!({})).map(drop));

            // Others' customers are not theirs to ask of.
            let theirs = db.read_blocking(|c| rules::next_products(c, who, shop.ann.id, 5, false));
            assert!(matches!(theirs, Err(Error::NotFound)));
            let few = db.read_blocking(|c| rules::next_products(c, who, own.id, 5, false));
            let few = few.expect("offers");
            assert_eq!(
                (few.basis, few.refusal, few.items.len()),
                (RuleBasis::Seen, Some(RuleRefusal::TooFewBaskets), 0)
            );
        }

        // Of the seller's own sixty orders a third of those with tea hold a rug, which the company's rules do not know of.
        for n in 0..60 {
            let products: &[(&Product, i64)] = if n % 3 == 0 {
                &[(&shop.tea, 1_000), (&shop.rug, 1_000)]
            } else {
                &[(&shop.tea, 1_000)]
            };
            order(db, &seller, &own, "completed", products);
        }
        let new = shop.office.customer_of(&seller, "New");
        order(db, &seller, &new, "confirmed", &[(&shop.tea, 1_000)]);
        for who in [&seller, &manager] {
            let offers = db.read_blocking(|c| rules::next_products(c, who, new.id, 5, false));
            let offers = offers.expect("offers");
            assert_eq!(
                offered(&offers),
                [("RUG".to_owned(), "TEA".to_owned(), 327_869)]
            );
            let facts = offers.items[0].facts;
            assert_eq!(
                (facts.both_sides, facts.with_antecedent, facts.baskets),
                (20, 61, 61)
            );
            let with = db.read_blocking(|c| rules::bought_with(c, who, shop.rug.id, 5));
            let tea = ("TEA".to_owned(), "RUG".to_owned(), 1_000_000);
            assert_eq!(offered(&with.expect("offers")), [tea]);
        }
        // No right to reports at all: nothing is told, even if the API let such a caller through.
        let clerk = shop
            .office
            .employee("Cat", ShippedRole::DepartmentClerk, east);
        let with = db.read_blocking(|c| rules::bought_with(c, &clerk, shop.rug.id, 5));
        assert_eq!(
            with.expect("offers").refusal,
            Some(RuleRefusal::TooFewBaskets)
        );
    });
}
