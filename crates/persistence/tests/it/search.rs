//! The search: what is found by what, by whom, and that the index follows the records.

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use guanxi_domain::contact::Contact;
use guanxi_domain::customer::Customer;
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::search::{RecordType, SearchHit};
use guanxi_domain::ticket::Ticket;
use guanxi_persistence::seed::{SeedOptions, seed};
use guanxi_persistence::{
    Actor, AnyConnection, Db, DbConfig, ListQuery, Origin, Visibility, contact, customer, list,
    order, product, search, ticket,
};
use serde_json::{Value, json};

use crate::util::{Office, both, checked};

const ALL: Visibility = Visibility::All;

impl Office<'_> {
    fn found_by(&self, actor: &Actor, text: &str) -> Vec<SearchHit> {
        self.db
            .read_blocking(|c| search::find(c, actor, text, &[], 20))
            .expect("an answer")
            .items
    }

    fn found(&self, text: &str) -> Vec<SearchHit> {
        self.found_by(&self.administrator, text)
    }

    fn titles(&self, text: &str) -> Vec<String> {
        self.found(text).into_iter().map(|hit| hit.title).collect()
    }

    fn change_customer(&self, old: &Customer, changes: &Value) -> Customer {
        let mut input = serde_json::to_value(&old.input).expect("JSON");
        for (name, value) in changes.as_object().expect("members") {
            input[name] = value.clone();
        }
        let (actor, id, version) = (self.administrator.clone(), old.id, old.version);
        let input = checked(input);
        self.db
            .write_blocking(Origin::system(), move |tx| {
                customer::update(tx, &actor, &ALL, id, version, &input)
            })
            .expect("a change")
    }

    fn contact(&self, customer: &Customer, input: Value) -> Contact {
        let mut input = input;
        input["customer_id"] = json!(customer.id);
        let input = checked(input);
        self.db
            .write_blocking(Origin::system(), move |tx| {
                contact::create(tx, &ALL, &input)
            })
            .expect("a contact")
    }

    fn ticket(&self, actor: &Actor, customer: &Customer, subject: &str) -> Ticket {
        let input = checked(json!({
            "customer_id": customer.id, "kind": "complaint", "channel": "phone", "priority": "normal", "subject": subject,
        }));
        let actor = actor.clone();
        self.db
            .write_blocking(Origin::of(&actor.clone()), move |tx| {
                ticket::create(tx, &actor, &input)
            })
            .expect("a ticket")
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(db: &Db, query: &str) -> i64 {
    db.read_blocking(|c| {
        let found: Number = match c {
            AnyConnection::Sqlite(c) => diesel::sql_query(query).get_result(c)?,
            AnyConnection::Postgres(c) => diesel::sql_query(query).get_result(c)?,
        };
        Ok(found.number)
    })
    .expect("a number")
}

fn run(db: &Db, sqlite: &'static str, postgres: &'static str) {
    db.housekeep_blocking(move |tx| {
        let statements = match tx.connection {
            AnyConnection::Sqlite(_) => sqlite,
            AnyConnection::Postgres(_) => postgres,
        };
        Ok(tx.connection.batch_execute(statements)?)
    })
    .expect("the statements");
}

#[test]
fn a_name_is_found_by_characters_pinyin_and_initials() {
    both(|db, _| {
        let office = Office::open(db);
        let acme = office.customer("Acme 上海");
        office.contact(
            &acme,
            json!({"name": "张三", "mobile": "+86 138-0013-8000", "email": "zs@example.com"}),
        );
        office.customer("李四");
        for text in [
            "张", "张三", "zs", "zhangsan", "zhang", "zhang s", "ZhangSan",
        ] {
            let found = office.found(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!(found[0].record_type, RecordType::Contacts, "{text}");
            assert_eq!(found[0].subtitle.as_deref(), Some("Acme 上海"));
        }
        for text in ["8000", "138", "1380013", "13800138000", "+86 138 0013 8000"] {
            let found = office.found(text);
            assert_eq!(found.len(), 1, "{text}");
            let matched = found[0].matched.as_ref().expect("what was found");
            assert_eq!(
                (matched.field.as_str(), matched.text.as_str()),
                ("mobile", "+86 138-0013-8000")
            );
        }
        assert_eq!(office.titles("acme sh"), ["Acme 上海"]);
        assert_eq!(office.titles("上海 acme"), ["Acme 上海"]);
        for text in ["cme", "张四", "8009", "!?", "zhang li"] {
            assert_eq!(office.titles(text), [""; 0], "{text}");
        }
    });
}

#[test]
fn the_best_comes_first() {
    both(|db, _| {
        let office = Office::open(db);
        for name in ["北京张三商贸有限公司", "张三丰", "张三", "张三丰与张三"]
        {
            office.customer(name);
        }
        assert_eq!(
            office.titles("zhangsan"),
            ["张三", "张三丰", "张三丰与张三", "北京张三商贸有限公司"]
        );
        let coded = office.customer_with(
            &office.administrator,
            json!({"name": "Other", "code": "X-7"}),
        );
        office.customer_with(
            &office.administrator,
            json!({"name": "X-7 follows", "code": "X-70"}),
        );
        assert_eq!(office.found("x-7")[0].id, coded.id.to_string());
        // Of a few places each type gets some.
        let product = office.product(json!({"sku": "ZS-1", "name": "张三茶"}));
        let types: Vec<RecordType> = db
            .read_blocking(|c| search::find(c, &office.administrator, "张三", &[], 3))
            .expect("an answer")
            .items
            .into_iter()
            .map(|hit| hit.record_type)
            .collect();
        assert_eq!(
            types,
            [
                RecordType::Customers,
                RecordType::Customers,
                RecordType::Products
            ]
        );
        let only = db
            .read_blocking(|c| {
                search::find(
                    c,
                    &office.administrator,
                    "张三",
                    &[RecordType::Products],
                    20,
                )
            })
            .expect("an answer")
            .items;
        assert_eq!(only.len(), 1);
        assert_eq!(only[0].id, product.id.to_string());
    });
}

#[test]
fn who_takes_over_finds_what_goes_with_it() {
    both(|db, _| {
        let office = Office::open(db);
        let (north, south) = (office.department("North"), office.department("South"));
        let li = office.employee("Li", ShippedRole::Sales, north);
        let wang = office.employee("Wang", ShippedRole::Sales, south);
        let chief = office.employee("Chief", ShippedRole::DepartmentManager, south);
        let customer = office.customer_of(&li, "晨光一");
        office.contact(&customer, json!({"name": "晨光二"}));
        let ticket = office.ticket(&office.administrator, &customer, "晨光三");
        let found = |actor| office.found_by(actor, "晨光").len();
        assert_eq!((found(&li), found(&wang), found(&chief)), (3, 0, 0));

        office.change_customer(&customer, &json!({"owner_id": wang.user_id}));
        assert_eq!((found(&li), found(&wang), found(&chief)), (0, 3, 3));

        // Who is to see to a ticket finds it, whosever the customer is.
        let (administrator, to) = (office.administrator.clone(), li.user_id);
        let (id, version) = (ticket.id, ticket.version);
        let given = db.write_blocking(Origin::system(), move |tx| {
            ticket::assign(tx, &administrator, id, version, Some(to))
        });
        given.expect("a ticket");
        assert_eq!((found(&li), found(&wang), found(&chief)), (1, 3, 3));

        // All that was kept of whom it belongs to is what a new index says.
        search::rebuild(db, Origin::system()).expect("a rebuild");
        assert_eq!((found(&li), found(&wang), found(&chief)), (1, 3, 3));
    });
}

#[test]
fn nobody_finds_what_they_do_not_see() {
    both(|db, _| {
        let office = Office::open(db);
        let (north, south) = (office.department("North"), office.department("South"));
        let li = office.employee("Li", ShippedRole::Sales, north);
        let wang = office.employee("Wang", ShippedRole::Sales, south);
        let clerk = office.employee("Clerk", ShippedRole::DepartmentClerk, north);
        let customer = office.customer_of(&li, "晨光一");
        office.contact(&customer, json!({"name": "晨光二"}));
        office.ticket(&li, &customer, "晨光三");
        let order = json!({"customer_id": customer.id, "number": "CG-99", "lines": [{"description": "Tea", "quantity": "1", "unit_price": "1"}]});
        office.order_by(&li, order).expect("an order");

        assert_eq!(office.found("晨光").len(), 3);
        assert_eq!(office.found_by(&li, "晨光").len(), 3);
        assert_eq!(office.found_by(&clerk, "cg").len(), 4);
        assert_eq!(office.found_by(&li, "CG-99").len(), 1);
        for text in ["晨光", "cg", "CG-99", "cg99"] {
            assert_eq!(office.found_by(&wang, text), [], "{text}");
        }
        // Nor by a list.
        let visibility = wang
            .visibility(Module::Orders, Operation::Read)
            .expect("sales read orders");
        let query = ListQuery::parse(
            &guanxi_domain::order::FIELDS,
            [("q", "cg-99"), ("with_total", "true")],
            None,
        )
        .expect("a query");
        let page = db
            .read_blocking(|c| list::<order::Orders>(c, &visibility, &query))
            .expect("a page");
        assert_eq!((page.items.len(), page.total), (0, Some(0)));
        // Accounts are for those who look after them.
        assert_eq!(office.found("Wang").len(), 1);
        assert_eq!(office.found_by(&li, "Wang"), []);
    });
}

#[test]
fn among_many_that_are_not_seen_the_few_are_found() {
    both(|db, _| {
        let office = Office::open(db);
        let li = office.employee("Li", ShippedRole::Sales, office.department("North"));
        office.customer_of(&li, "张三");
        // As many entries as the newest that are looked at, and more, none of hers.
        run(
            db,
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
             INSERT INTO search_entries (entry, record_id, record_type) SELECT 1000 + i, 'x' || i, 'customers' FROM n;
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
             INSERT INTO search_index (rowid, tokens) SELECT 1000 + i, 'cizs cbzs' FROM n;",
            "INSERT INTO search_entries (record_id, record_type, tokens)
             SELECT 'x' || i, 'customers', '''cizs'' ''cbzs''' FROM generate_series(1, 6000) i;",
        );
        assert_eq!(office.found_by(&li, "zs").len(), 1);
    });
}

#[test]
fn few_letters_find_what_begins_so() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let li = office.employee("Li", ShippedRole::Sales, north);
        let wang = office.employee("Wang", ShippedRole::Sales, office.department("South"));
        let chief = office.employee("Chief", ShippedRole::DepartmentManager, north);
        let shanghai = office.customer_of(&li, "上海晨光");
        office.contact(&shanghai, json!({"name": "吴欣", "mobile": "13900139000"}));
        office.customer_of(&wang, "Shell Wuxi");
        let titles = |actor: &Actor, text: &str| -> Vec<String> {
            let found = office.found_by(actor, text).into_iter();
            found
                .filter(|hit| hit.record_type != RecordType::Users)
                .map(|hit| hit.title)
                .collect()
        };
        for (text, all, own) in [
            ("sh", &["上海晨光", "Shell Wuxi"][..], &["上海晨光"][..]),
            ("SH", &["上海晨光", "Shell Wuxi"], &["上海晨光"]),
            ("s", &["上海晨光", "Shell Wuxi"], &["上海晨光"]),
            // Whose name begins so comes first.
            ("wu", &["吴欣", "Shell Wuxi"], &["吴欣"]),
            ("wx", &["吴欣"], &["吴欣"]),
            ("g", &["上海晨光"], &["上海晨光"]),
            ("hc", &["上海晨光"], &["上海晨光"]),
            ("sh cg", &["上海晨光"], &["上海晨光"]),
            ("sh wu", &["Shell Wuxi"], &[]),
            ("13", &["吴欣"], &["吴欣"]),
            ("sg", &[], &[]),
            ("hs", &[], &[]),
        ] {
            assert_eq!(titles(&office.administrator, text), all, "{text}");
            assert_eq!(titles(&li, text), own, "{text}");
            assert_eq!(titles(&chief, text), own, "{text}");
        }
        assert_eq!(titles(&wang, "sh"), ["Shell Wuxi"]);
    });
}

#[test]
fn an_index_of_former_tokens_is_made_anew_at_the_start() {
    both(|db, _| {
        let office = Office::open(db);
        office.customer("上海晨光");
        run(
            db,
            "DELETE FROM search_index;
             INSERT INTO search_index (rowid, tokens) SELECT entry, 'cwshcg cashcg' FROM search_entries;
             UPDATE search_state SET version = 2",
            "UPDATE search_entries SET tokens = '''cwshcg'' ''cashcg''';
             UPDATE search_state SET version = 2",
        );
        assert_eq!(office.titles("sh"), [""; 0]);
        drop(Db::open(&DbConfig::new(db.url())).expect("the same database"));
        assert_eq!(office.titles("sh"), ["上海晨光"]);
    });
}

#[test]
fn behind_many_entries_without_a_record_the_others_are_found() {
    both(|db, _| {
        let office = Office::open(db);
        let li = office.employee("Li", ShippedRole::Sales, office.department("North"));
        office.customer_of(&li, "张三");
        let id = li.user_id.to_string();
        let end = id.rsplit('-').next().expect("an id").to_owned();
        // As many as are looked at first, and as many as then.
        for number in [150, 2_500] {
            let end = end.clone();
            db.housekeep_blocking(move |tx| {
                let statements = match tx.connection {
                    AnyConnection::Sqlite(_) => format!(
                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})
                         INSERT INTO search_entries (record_id, record_type) SELECT 'x{number}-' || i, 'customers' FROM n;
                         INSERT INTO search_index (rowid, tokens) SELECT entry, 'cizs cbzs co{end}' FROM search_entries
                         WHERE record_id LIKE 'x{number}-%'"
                    ),
                    AnyConnection::Postgres(_) => format!(
                        "INSERT INTO search_entries (record_id, record_type, tokens)
                         SELECT 'x{number}-' || i, 'customers', '''cizs'' ''cbzs'' ''co{end}''' FROM generate_series(1, {number}) i"
                    ),
                };
                Ok(tx.connection.batch_execute(&statements)?)
            })
            .expect("the statements");
            assert_eq!(office.found_by(&li, "zs").len(), 1, "{number}");
            assert_eq!(office.found("zs").len(), 1, "{number}");
        }
    });
}

#[test]
fn the_index_follows_what_changes_and_goes() {
    both(|db, _| {
        let office = Office::open(db);
        let old = office.customer("Rosebud");
        office.contact(&old, json!({"name": "Orson"}));
        let new = office.change_customer(&old, &json!({"name": "Xanadu", "phone": "010-65529988"}));
        assert_eq!(office.titles("Rosebud"), [""; 0]);
        assert_eq!(office.titles("Xanadu"), ["Xanadu"]);
        assert_eq!(office.titles("9988"), ["Xanadu"]);
        let same = office.change_customer(&new, &json!({"note": "nothing that is looked for"}));
        assert_eq!(office.titles("Xanadu"), ["Xanadu"]);
        assert_eq!(office.titles("Orson"), ["Orson"]);
        db.write_blocking(Origin::system(), move |tx| {
            customer::delete(tx, &ALL, same.id, same.version)
        })
        .expect("nothing holds it back");
        let product = office.product(json!({"sku": "SLED-1", "name": "Sled"}));
        assert_eq!(office.titles("sled"), ["Sled"]);
        db.write_blocking(Origin::system(), move |tx| {
            product::delete(tx, product.id, product.version)
        })
        .expect("nothing holds it back");
        for text in ["Xanadu", "9988", "Orson", "Sled", "SLED-1"] {
            assert_eq!(office.titles(text), [""; 0], "{text}");
        }
        // Only the administrator is left; nothing stale, seen or not.
        assert_eq!(
            number(db, "SELECT count(*) AS number FROM search_entries"),
            1
        );
    });
}

#[test]
fn what_is_rolled_back_is_not_found() {
    both(|db, _| {
        let office = Office::open(db);
        let input = checked(json!({"name": "Never"}));
        let actor = office.administrator.clone();
        let failed: guanxi_persistence::Result<()> =
            db.write_blocking(Origin::system(), move |tx| {
                customer::create(tx, &actor, &input, false)?;
                Err(guanxi_persistence::Error::Stale)
            });
        assert!(failed.is_err());
        assert_eq!(office.titles("Never"), [""; 0]);
    });
}

#[test]
fn a_seeded_company_is_found_and_a_rebuild_finds_the_same() {
    const RECORDS: &str = "SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM contacts) + (SELECT count(*) FROM orders) \
        + (SELECT count(*) FROM products) + (SELECT count(*) FROM tickets) + (SELECT count(*) FROM users) AS number";
    const ENTRIES: &str = "SELECT count(*) AS number FROM search_entries";
    both(|db, _| {
        let office = Office::open(db);
        let options = SeedOptions {
            customers: 60,
            orders: 200,
            seed: 7,
            now: "2026-11-20T12:00:00Z".parse().expect("a time"),
            force: true,
            password_hash: "no password".to_owned(),
            minor_digits: 2,
        };
        seed(db, &options, |_, _, _| {}).expect("a company");
        assert_eq!(number(db, ENTRIES), number(db, RECORDS));
        let texts = ["C000042", "1001", "you", "公司", "SO", "138", "gs"];
        let before: Vec<_> = texts.iter().map(|text| office.found(text)).collect();
        assert!(before.iter().all(|found| !found.is_empty()), "{before:?}");

        // As a database from before the index, and with an entry of a record that is gone.
        run(
            db,
            "DELETE FROM search_index; DELETE FROM search_entries;
             INSERT INTO search_entries (record_id, record_type) VALUES ('gone', 'customers');
             INSERT INTO search_index (rowid, tokens) SELECT entry, 'cwgone' FROM search_entries;",
            "DELETE FROM search_entries;
             INSERT INTO search_entries (record_id, record_type, tokens) VALUES ('gone', 'customers', 'cwgone');",
        );
        assert_eq!(office.found("C000042"), []);
        let rebuilt = search::rebuild(db, Origin::system()).expect("a rebuild");
        assert_eq!(i64::try_from(rebuilt.records), Ok(number(db, RECORDS)));
        assert_eq!(rebuilt.orphans, 1);
        assert_eq!(number(db, ENTRIES), number(db, RECORDS));
        let after: Vec<_> = texts.iter().map(|text| office.found(text)).collect();
        assert_eq!(
            before.iter().map(Vec::len).collect::<Vec<_>>(),
            after.iter().map(Vec::len).collect::<Vec<_>>()
        );
    });
}

#[test]
fn orders_and_tickets_are_listed_by_their_customer_too() {
    both(|db, _| {
        let office = Office::open(db);
        let customer = office.customer("晨光商贸");
        let order = json!({"customer_id": customer.id, "lines": [{"description": "Tea", "quantity": "1", "unit_price": "1"}]});
        let order = office.order(order).expect("an order");
        let ticket = office.ticket(&office.administrator, &customer, "Broken lamp");
        let listed = |text: &str| {
            let query = ListQuery::parse(&guanxi_domain::order::FIELDS, [("q", text)], None)
                .expect("a query");
            let orders = db
                .read_blocking(|c| list::<order::Orders>(c, &ALL, &query))
                .expect("a page");
            let query = ListQuery::parse(&guanxi_domain::ticket::FIELDS, [("q", text)], None)
                .expect("a query");
            let tickets = db
                .read_blocking(|c| list::<ticket::Tickets>(c, &ALL, &query))
                .expect("a page");
            (orders.items.len(), tickets.items.len())
        };
        assert_eq!(listed("cg"), (1, 1));
        assert_eq!(listed(&order.head.number), (1, 0));
        assert_eq!(listed(&format!("{} 晨光", order.head.number)), (1, 0));
        assert_eq!(listed(&format!("lamp {} cgsm", ticket.number)), (0, 1));
        assert_eq!(listed("lamp 李"), (0, 0));
    });
}
