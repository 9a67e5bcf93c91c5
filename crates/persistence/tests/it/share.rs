//! Scope and shares: every way to records agrees with the plain rule.

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use guanxi_domain::customer::Customer;
use guanxi_domain::department::DepartmentInput;
use guanxi_domain::export::Words;
use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation, Permission, Permissions, Scope, ShippedRole};
use guanxi_domain::role::RoleInput;
use guanxi_domain::search::RecordType;
use guanxi_domain::share::{ShareInput, ShareLevel, Shareable};
use guanxi_domain::user::UserState;
use guanxi_domain::{Checked, DepartmentId, Lang, Search, Timestamp, UserId};
use guanxi_persistence::export::Export;
use guanxi_persistence::{
    Actor, Db, ListQuery, Origin, Record, Visibility, access, contact, customer, department, list,
    order, role, search, seen, share, ticket, user,
};
use serde_json::{Value, json};

use crate::util::{Office, both, checked};

/// A word that every record is found by.
const WORD: &str = "Polaris";

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n
    }
}

/// What the rule looks at of a record.
#[derive(Clone, Debug)]
struct Plain {
    id: String,
    owner: Option<UserId>,
    department: Option<DepartmentId>,
    /// Those who recorded it and answer for it: of tickets.
    also: Vec<UserId>,
    /// The customer that it is seen with: of contacts and tickets.
    customer: Option<usize>,
}

/// A share: of which record with whom, how, and whether it still holds.
#[derive(Clone, Debug)]
struct Given {
    record: Shareable,
    id: String,
    with: UserId,
    level: ShareLevel,
    ended: bool,
}

struct World<'a> {
    office: Office<'a>,
    people: Vec<Actor>,
    /// Each with the one above.
    departments: Vec<(DepartmentId, Option<DepartmentId>)>,
    customers: Vec<Plain>,
    contacts: Vec<Plain>,
    orders: Vec<Plain>,
    tickets: Vec<Plain>,
    given: Vec<Given>,
}

fn department(office: &Office<'_>, name: &str, parent: Option<DepartmentId>) -> DepartmentId {
    let input: Checked<DepartmentInput> = checked(json!({"name": name, "parent_id": parent}));
    office
        .db
        .write_blocking(Origin::system(), move |tx| department::create(tx, &input))
        .expect("a department")
        .id
}

/// Somebody who may do everything in this scope.
fn person(office: &Office<'_>, name: &str, scope: Scope, department: DepartmentId) -> Actor {
    let modules = [
        Module::Customers,
        Module::Contacts,
        Module::Orders,
        Module::Tickets,
    ];
    let permissions = Permissions::new(modules.into_iter().flat_map(|module| {
        Operation::ALL.iter().map(move |&operation| Permission {
            module,
            operation,
            scope,
        })
    }));
    let input: Checked<RoleInput> =
        checked(json!({"name_zh": name, "name_en": name, "permissions": permissions}));
    let name = name.to_owned();
    let id = office
        .db
        .write_blocking(Origin::system(), move |tx| {
            let role = role::create(tx, None, &input)?;
            let new = user::NewUser {
                name: name.clone(),
                email: format!("{}@example.com", UserId::generate()),
                password_hash: "no password".to_owned(),
                state: UserState::Active,
                role_id: Some(role.id),
                department_id: Some(department),
                language: None,
            };
            Ok(user::create(tx, None, &new)?.id)
        })
        .expect("a user");
    actor(office.db, id)
}

fn actor(db: &Db, id: UserId) -> Actor {
    db.read_blocking(|c| user::actor(c, id)).expect("an actor")
}

impl<'a> World<'a> {
    fn new(db: &'a Db, random: &mut Random) -> Self {
        let office = Office::open(db);
        let root = office.administrator.department_id.expect("a department");
        let north = department(&office, "North", Some(root));
        let far = department(&office, "Far north", Some(north));
        let south = department(&office, "South", Some(root));
        let departments = vec![
            (root, None),
            (north, Some(root)),
            (far, Some(north)),
            (south, Some(root)),
        ];
        let mut people = Vec::new();
        for (place, (department, _)) in departments.iter().enumerate() {
            for scope in Scope::ALL {
                let name = format!("{scope} {place}");
                people.push(person(&office, &name, *scope, *department));
            }
        }
        let mut world = Self {
            office,
            people,
            departments,
            customers: Vec::new(),
            contacts: Vec::new(),
            orders: Vec::new(),
            tickets: Vec::new(),
            given: Vec::new(),
        };
        for n in 0..14 {
            world.add(n, random);
        }
        world
    }

    /// A customer of somebody with a contact, an order and a ticket, each of somebody.
    fn add(&mut self, n: usize, random: &mut Random) {
        let people = self.people.clone();
        let mut anybody = || people[random.below(people.len())].clone();
        let admin = &self.office.administrator;
        let name = format!("{WORD} {n}");
        let owner = anybody();
        let made: Customer = self.office.customer_of(&owner, &name);
        let contact = self.office.contact_of(&made, &format!("{WORD} Mei {n}"));
        let owner = anybody().user_id;
        let order = self
            .office
            .order_by(
                admin,
                json!({"customer_id": made.id, "owner_id": owner, "lines": [{"description": "Goods", "quantity": "1", "unit_price": "1"}]}),
            )
            .expect("an order");
        let order = self
            .office
            .lead(&order, &[OrderState::Submitted])
            .expect("an open order");
        let input = checked(
            json!({"customer_id": made.id, "kind": "inquiry", "subject": format!("{WORD} {n}"), "owner_id": anybody().user_id}),
        );
        let by = admin.clone();
        let ticket = self
            .office
            .db
            .write_blocking(Origin::of(admin), move |tx| ticket::create(tx, &by, &input))
            .expect("a ticket");
        let customer = Some(self.customers.len());
        self.customers.push(Plain {
            id: made.id.to_string(),
            owner: made.input.owner_id,
            department: made.input.department_id,
            also: Vec::new(),
            customer: None,
        });
        self.contacts.push(Plain {
            id: contact.id.to_string(),
            owner: None,
            department: None,
            also: Vec::new(),
            customer,
        });
        self.orders.push(Plain {
            id: order.head.id.to_string(),
            owner: order.head.owner_id,
            department: order.head.department_id,
            also: Vec::new(),
            customer: None,
        });
        self.tickets.push(Plain {
            id: ticket.id.to_string(),
            owner: ticket.input.owner_id,
            department: ticket.department_id,
            also: ticket
                .created_by_id
                .into_iter()
                .chain(ticket.responsible_id)
                .collect(),
            customer,
        });
    }

    /// Shares some records, takes some back and lets some end.
    fn share(&mut self, random: &mut Random) {
        for _ in 0..60 {
            let record = Shareable::ALL[random.below(3)];
            let of = match record {
                Shareable::Customers => &self.customers,
                Shareable::Orders => &self.orders,
                Shareable::Tickets => &self.tickets,
            };
            let id = of[random.below(of.len())].id.clone();
            let with = self.people[random.below(self.people.len())].user_id;
            let level = ShareLevel::ALL[random.below(2)];
            let fate = random.below(4);
            let input: Checked<ShareInput> = checked(json!({"user_id": with, "level": level}));
            let to = id.clone();
            self.office
                .db
                .write_blocking(Origin::system(), move |tx| {
                    share::put(tx, &Visibility::All, record, &to, &input)
                })
                .expect("a share");
            self.given
                .retain(|g| (g.record, &g.id, g.with) != (record, &id, with));
            if fate == 0 {
                let to = id.clone();
                self.office
                    .db
                    .write_blocking(Origin::system(), move |tx| {
                        share::remove(tx, &Visibility::All, record, &to, with)
                    })
                    .expect("taken back");
                continue;
            }
            if fate == 1 {
                let to = id.clone();
                self.office
                    .db
                    .housekeep_blocking(move |tx| {
                        diesel::sql_query(
                            "UPDATE shares SET until = 20000 WHERE user_id = $1 AND record_id = $2",
                        )
                        .bind::<Text, _>(with.as_str())
                        .bind::<Text, _>(&to)
                        .execute(tx.connection)?;
                        Ok(())
                    })
                    .expect("ended");
            }
            self.given.push(Given {
                record,
                id,
                with,
                level,
                ended: fate == 1,
            });
        }
    }

    fn is_below(&self, department: DepartmentId, top: DepartmentId) -> bool {
        let mut at = Some(department);
        while let Some(current) = at {
            if current == top {
                return true;
            }
            at = self
                .departments
                .iter()
                .find(|(id, _)| *id == current)
                .and_then(|(_, above)| *above);
        }
        false
    }

    fn owned(&self, actor: &Actor, scope: Scope, plain: &Plain) -> bool {
        let own = plain.owner == Some(actor.user_id);
        own || match scope {
            Scope::Own => false,
            Scope::Department => plain.department == actor.department_id,
            Scope::DepartmentTree => plain
                .department
                .zip(actor.department_id)
                .is_some_and(|(of, top)| self.is_below(of, top)),
            Scope::All => true,
        }
    }

    fn shared(&self, actor: &Actor, record: Shareable, plain: &Plain, level: ShareLevel) -> bool {
        self.given.iter().any(|g| {
            !g.ended
                && g.with == actor.user_id
                && g.record == record
                && g.id == plain.id
                && g.level >= level
        })
    }

    /// The rule, in the words of the documentation.
    fn may(
        &self,
        actor: &Actor,
        scope: Scope,
        type_: RecordType,
        plain: &Plain,
        level: ShareLevel,
    ) -> bool {
        let by_itself = |record, plain: &Plain| {
            self.owned(actor, scope, plain) || self.shared(actor, record, plain, level)
        };
        match type_ {
            RecordType::Customers => by_itself(Shareable::Customers, plain),
            RecordType::Orders => by_itself(Shareable::Orders, plain),
            RecordType::Contacts => plain
                .customer
                .is_some_and(|c| by_itself(Shareable::Customers, &self.customers[c])),
            RecordType::Tickets => {
                let of_customer = || {
                    plain
                        .customer
                        .is_some_and(|c| self.owned(actor, scope, &self.customers[c]))
                };
                by_itself(Shareable::Tickets, plain)
                    || plain.also.contains(&actor.user_id)
                    || scope == Scope::All
                    || (level == ShareLevel::Read && of_customer())
            }
            other => panic!("no rule for {other}"),
        }
    }

    fn expected(
        &self,
        actor: &Actor,
        scope: Scope,
        type_: RecordType,
        level: ShareLevel,
    ) -> BTreeSet<String> {
        self.all(type_)
            .iter()
            .filter(|plain| self.may(actor, scope, type_, plain, level))
            .map(|plain| plain.id.clone())
            .collect()
    }

    fn all(&self, type_: RecordType) -> &[Plain] {
        match type_ {
            RecordType::Customers => &self.customers,
            RecordType::Contacts => &self.contacts,
            RecordType::Orders => &self.orders,
            RecordType::Tickets => &self.tickets,
            other => panic!("no {other} here"),
        }
    }
}

fn ids<R: Record>(db: &Db, actor: &Actor, pairs: &[(&str, &str)]) -> BTreeSet<String> {
    let visibility = actor
        .visibility(R::MODULE, Operation::Read)
        .expect("the right to read");
    let fixed = [("limit", "200"), ("with_total", "true")];
    let pairs = pairs.iter().copied().chain(fixed);
    let query = ListQuery::parse(R::LIST.fields, pairs, Some(actor)).expect("a query");
    let page = db
        .read_blocking(|c| list::<R>(c, &visibility, &query))
        .expect("a page");
    let found: BTreeSet<String> = page
        .items
        .iter()
        .map(|item| {
            let item = serde_json::to_value(item).expect("JSON");
            item["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    assert_eq!(page.total, i64::try_from(found.len()).ok());
    found
}

fn exported<R: Record>(db: &Db, actor: &Actor) -> usize {
    let scopes = [Operation::Export, Operation::Read]
        .map(|o| actor.visibility(R::MODULE, o).expect("the right"));
    let query = ListQuery::search(
        R::LIST.fields,
        &Search::default(),
        Some(actor),
        Timestamp::now(),
    )
    .expect("a query");
    let columns = R::LIST.fields.fields.iter().take(1).collect();
    let words = Words::new(Lang::En, true, 2, Vec::new());
    let mut export = Export::<R>::new(Arc::new(actor.clone()), &scopes, query, columns, words);
    db.read_blocking(|c| {
        let mut rows = 0;
        while let Some(page) = export.next_rows(c)? {
            rows += page.len();
        }
        assert_eq!(export.count(c)?, i64::try_from(rows).expect("small"));
        Ok(rows)
    })
    .expect("an export")
}

/// Lists, text search, totals, exports, look-ups and the check of rights of one type.
fn agree<R: Record>(world: &World<'_>, actor: &Actor, scope: Scope, type_: RecordType, at: &str) {
    let db = world.office.db;
    let reads = world.expected(actor, scope, type_, ShareLevel::Read);
    let writes = world.expected(actor, scope, type_, ShareLevel::Write);
    let at = format!("{at}: {type_} of {} ({scope})", actor.name);
    assert_eq!(ids::<R>(db, actor, &[]), reads, "{at}: list");
    assert_eq!(ids::<R>(db, actor, &[("q", WORD)]), reads, "{at}: q");
    assert_eq!(exported::<R>(db, actor), reads.len(), "{at}: export");
    let found: BTreeSet<String> = db
        .read_blocking(|c| search::find(c, actor, WORD, &[type_], 200))
        .expect("an answer")
        .items
        .into_iter()
        .map(|hit| hit.id)
        .collect();
    if type_ != RecordType::Orders {
        // Orders have no such word of their own.
        assert_eq!(found, reads, "{at}: search");
    }
    let every: BTreeSet<String> = world.all(type_).iter().map(|p| p.id.clone()).collect();
    let told: BTreeSet<String> = db
        .read_blocking(|c| seen(c, actor, type_.as_str(), &every))
        .expect("an answer")
        .into_keys()
        .collect();
    assert_eq!(told, reads, "{at}: events");
    for id in &every {
        for (operation, expected) in [(Operation::Read, &reads), (Operation::Update, &writes)] {
            let why = db
                .read_blocking(|c| access::because(c, actor, type_.as_str(), id, operation))
                .expect("an answer");
            assert_eq!(why.is_some(), expected.contains(id), "{at}: {operation}");
        }
    }
}

/// The filter for what was shared, and counts of related records.
fn filters_agree(world: &World<'_>, actor: &Actor, scope: Scope, at: &str) {
    let db = world.office.db;
    let reads = world.expected(actor, scope, RecordType::Customers, ShareLevel::Read);
    let shared: BTreeSet<String> = world
        .customers
        .iter()
        .filter(|p| world.shared(actor, Shareable::Customers, p, ShareLevel::Read))
        .map(|p| p.id.clone())
        .collect();
    let filtered = |name, value| ids::<customer::Customers>(db, actor, &[(name, value)]);
    let at = format!("{at}: {} ({scope})", actor.name);
    assert_eq!(filtered("shared_with_me", "true"), shared, "{at}");
    let others: BTreeSet<String> = reads.difference(&shared).cloned().collect();
    assert_eq!(filtered("shared_with_me", "false"), others, "{at}");
    let orders = world.expected(actor, scope, RecordType::Orders, ShareLevel::Read);
    let with_orders: BTreeSet<String> = world
        .orders
        .iter()
        .zip(&world.customers)
        .filter(|(order, _)| orders.contains(&order.id))
        .map(|(_, customer)| customer.id.clone())
        .filter(|id| reads.contains(id))
        .collect();
    assert_eq!(filtered("open_orders_min", "1"), with_orders, "{at}");
    assert_eq!(filtered("contacts_min", "1"), reads, "{at}");
}

#[test]
fn every_way_to_records_agrees_with_the_rule() {
    both(|db, name| {
        let mut random = Random(7);
        let mut world = World::new(db, &mut random);
        for round in 0..3 {
            let at = format!("{name} {round}");
            for person in world.people.clone() {
                // With the shares of this moment.
                let actor = actor(db, person.user_id);
                let scope = actor
                    .permissions
                    .scope(Module::Customers, Operation::Read)
                    .expect("a scope");
                agree::<customer::Customers>(&world, &actor, scope, RecordType::Customers, &at);
                agree::<contact::Contacts>(&world, &actor, scope, RecordType::Contacts, &at);
                agree::<order::Orders>(&world, &actor, scope, RecordType::Orders, &at);
                agree::<ticket::Tickets>(&world, &actor, scope, RecordType::Tickets, &at);
                filters_agree(&world, &actor, scope, &at);
            }
            world.share(&mut random);
        }
        assert!(world.given.iter().any(|g| g.ended) && world.given.iter().any(|g| !g.ended));
    });
}

#[test]
fn a_share_goes_with_its_record() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let li = office.employee("Li", ShippedRole::Sales, north);
        let customer = office.customer("Gone soon");
        let id = customer.id;
        let input: Checked<ShareInput> = checked(json!({"user_id": li.user_id, "level": "read"}));
        db.write_blocking(Origin::of(&office.administrator), move |tx| {
            share::put(
                tx,
                &Visibility::All,
                Shareable::Customers,
                id.as_str(),
                &input,
            )
        })
        .expect("a share");
        assert!(actor(db, li.user_id).has_shares);
        db.write_blocking(Origin::of(&office.administrator), move |tx| {
            customer::delete(tx, &Visibility::All, id, 1)
        })
        .expect("deleted");
        assert!(!actor(db, li.user_id).has_shares);
    });
}

#[test]
fn only_what_can_be_made_use_of_is_shared() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let finance = office.employee("Fu", ShippedRole::Finance, north);
        let id = office.customer("Shared").id;
        let put = |input: Value| {
            let input: Checked<ShareInput> = checked(input);
            db.write_blocking(Origin::of(&office.administrator), move |tx| {
                share::put(
                    tx,
                    &Visibility::All,
                    Shareable::Customers,
                    id.as_str(),
                    &input,
                )
            })
            .map_err(|e| format!("{e:?}"))
        };
        let user_id = finance.user_id;
        put(json!({"user_id": user_id, "level": "read"})).expect("finance reads customers");
        let refused = put(json!({"user_id": user_id, "level": "write"})).expect_err("no update");
        assert!(refused.contains("no_right"), "{refused}");
        let refused = put(json!({"user_id": user_id, "level": "read", "until": "2020-01-01"}))
            .expect_err("in the past");
        assert!(refused.contains("past"), "{refused}");
        let refused =
            put(json!({"user_id": UserId::generate(), "level": "read"})).expect_err("nobody");
        assert!(refused.contains("reference"), "{refused}");
    });
}
