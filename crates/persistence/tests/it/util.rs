//! A fresh database for every test, and the people and records that tests begin with.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
use guanxi_domain::contact::Contact;
use guanxi_domain::customer::Customer;
use guanxi_domain::department::DepartmentInput;
use guanxi_domain::order::{Order, OrderState};
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::product::Product;
use guanxi_domain::user::UserState;
use guanxi_domain::{Checked, DepartmentId, Lang, RoleId, Rules, UserId};
use guanxi_persistence::{
    Actor, Backend, Db, DbConfig, Origin, Result, Visibility, contact, customer, department,
    dictionary, order, product, role, user,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Runs a test on a SQLite file and on a PostgreSQL database of its own; the name says which one it is.
pub fn both(test: impl Fn(&Db, &str)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("test.db");
    println!("on SQLite");
    test(&open(&format!("sqlite:{}", file.display())), "sqlite");

    let server = std::env::var("TEST_DATABASE_URL").expect(
        "TEST_DATABASE_URL names no PostgreSQL server: run the tests with `tests/scripts/with-postgres.sh cargo test …`",
    );
    let database = PostgresDatabase::create(&server);
    println!("on PostgreSQL");
    test(&open(&database.url()), "postgres");
}

pub fn open(url: &str) -> Db {
    Db::open(&DbConfig {
        readers: 2,
        writers: 4,
        ..DbConfig::new(url)
    })
    .expect("a database")
}

/// A database that goes when the test ends, however it ends.
pub struct PostgresDatabase {
    server: String,
    name: String,
}

impl PostgresDatabase {
    pub fn create(server: &str) -> Self {
        let name = format!("guanxi_{}", UserId::generate().as_str().replace('-', ""));
        execute(server, &format!("CREATE DATABASE {name}"));
        Self {
            server: server.to_owned(),
            name,
        }
    }

    /// The server's URL with this database in the place of its own.
    pub fn url(&self) -> String {
        self.url_of(&self.name)
    }

    /// The URL of another database of the same server.
    pub fn url_of(&self, name: &str) -> String {
        let (path, query) = self
            .server
            .split_once('?')
            .map_or((self.server.as_str(), None), |(p, q)| (p, Some(q)));
        let root = path
            .rfind('/')
            .filter(|i| !path[..*i].ends_with('/'))
            .map_or(path, |i| &path[..i]);
        match query {
            Some(query) => format!("{root}/{name}?{query}"),
            None => format!("{root}/{name}"),
        }
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // A second panic while a test fails would hide the first.
        if let Ok(mut connection) = PgConnection::establish(&self.server) {
            let _ = connection.batch_execute(&statement);
        }
    }
}

fn execute(server: &str, statement: &str) {
    PgConnection::establish(server)
        .expect("the server that TEST_DATABASE_URL names")
        .batch_execute(statement)
        .expect("the right to create databases");
}

/// Runs statements in one transaction.
pub fn run_sql(db: &Db, statements: &str) {
    let statements = statements.to_owned();
    db.housekeep_blocking(move |tx| Ok(tx.connection.batch_execute(&statements)?))
        .expect("good statements");
}

/// What a query counts as `n`.
pub fn count(db: &Db, query: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }

    db.read_blocking(|c| Ok(diesel::sql_query(query).get_result::<Count>(c)?.n))
        .expect("a count")
}

/// Waits until nobody has the database open any more: the threads of a closed [`Db`] end a moment after it.
pub fn until_unused(url: &str) {
    #[derive(diesel::QueryableByName)]
    struct Others {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        others: i64,
    }

    let unused = || match Backend::of(url) {
        // Only whoever is alone may leave WAL.
        Backend::Sqlite => SqliteConnection::establish(url).is_ok_and(|mut connection| {
            connection
                .batch_execute("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = WAL;")
                .is_ok()
        }),
        // Looked at from another database: a connection to this one would be there a while after it was closed.
        Backend::Postgres => {
            let (place, options) = url.split_once('?').unwrap_or((url, ""));
            let (server, name) = place.rsplit_once('/').expect("a database's name");
            let elsewhere = format!("{server}/postgres?{options}");
            PgConnection::establish(&elsewhere).is_ok_and(|mut connection| {
                diesel::sql_query(
                    "SELECT COUNT(*) AS others FROM pg_stat_activity WHERE datname = $1",
                )
                .bind::<diesel::sql_types::Text, _>(name)
                .get_result::<Others>(&mut connection)
                .is_ok_and(|row| row.others == 0)
            })
        }
    };
    while !unused() {
        std::thread::yield_now();
    }
}

/// Input from JSON, its rules checked.
pub fn checked<T: DeserializeOwned + Rules>(value: Value) -> Checked<T> {
    let input: T = serde_json::from_value(value).expect("the shape of the input");
    match input.checked(Lang::En) {
        Ok(input) => input,
        Err(problems) => panic!("not valid: {problems:?}"),
    }
}

/// A company that has just begun: its dictionaries, its first department, its administrator.
pub struct Office<'a> {
    pub db: &'a Db,
    pub administrator: Actor,
}

impl<'a> Office<'a> {
    pub fn open(db: &'a Db) -> Self {
        let admin = db
            .write_blocking(Origin::system(), |tx| {
                dictionary::ship(tx)?;
                user::register(tx, "Ada", "ada@example.com", "no password", None)
            })
            .expect("an administrator");
        Self {
            db,
            administrator: Self::actor(db, admin.id),
        }
    }

    /// The same company in another database.
    pub fn of(db: &'a Db, administrator: Actor) -> Self {
        Self { db, administrator }
    }

    fn actor(db: &Db, id: UserId) -> Actor {
        db.read_blocking(|c| user::actor(c, id)).expect("an actor")
    }

    /// A department directly below the first one.
    pub fn department(&self, name: &str) -> DepartmentId {
        let input: Checked<DepartmentInput> =
            checked(json!({"name": name, "parent_id": self.administrator.department_id}));
        self.db
            .write_blocking(Origin::of(&self.administrator), move |tx| {
                department::create(tx, &input)
            })
            .expect("a department")
            .id
    }

    /// Somebody with a role that ships.
    pub fn employee(&self, name: &str, role: ShippedRole, department: DepartmentId) -> Actor {
        let role: RoleId = self
            .db
            .read_blocking(|c| role::shipped(c, role))
            .expect("a role that ships");
        let name = name.to_owned();
        let user = self
            .db
            .write_blocking(Origin::of(&self.administrator), move |tx| {
                user::create(
                    tx,
                    None,
                    &user::NewUser {
                        name: name.clone(),
                        email: format!("{}@example.com", UserId::generate()),
                        password_hash: "no password".to_owned(),
                        state: UserState::Active,
                        role_id: Some(role),
                        department_id: Some(department),
                        language: None,
                    },
                )
            })
            .expect("a user");
        Self::actor(self.db, user.id)
    }

    /// A customer of the administrator.
    pub fn customer(&self, name: &str) -> Customer {
        self.customer_of(&self.administrator, name)
    }

    pub fn customer_of(&self, owner: &Actor, name: &str) -> Customer {
        self.customer_with(owner, json!({"name": name}))
    }

    pub fn customer_with(&self, owner: &Actor, input: Value) -> Customer {
        let input = checked(input);
        let owner = owner.clone();
        self.db
            .write_blocking(Origin::of(&owner.clone()), move |tx| {
                customer::create(tx, &owner, &input, false)
            })
            .expect("a customer")
    }

    pub fn product(&self, input: Value) -> Product {
        let input = checked(input);
        self.db
            .write_blocking(Origin::of(&self.administrator), move |tx| {
                product::create(tx, &input)
            })
            .expect("a product")
    }

    /// An order by the administrator.
    pub fn order(&self, input: Value) -> Result<Order> {
        self.order_by(&self.administrator, input)
    }

    pub fn order_by(&self, actor: &Actor, input: Value) -> Result<Order> {
        let (author, input) = (author(actor), checked(input));
        self.db.write_blocking(Origin::of(actor), move |tx| {
            order::create(tx, &author, &input)
        })
    }

    /// An order of one line over this amount, confirmed.
    pub fn confirmed_order(&self, customer: &Customer, amount: i64) -> Order {
        let price = format!("{}.{:02}", amount / 100, amount % 100);
        let order = self
            .order(json!({
                "customer_id": customer.id,
                "lines": [{"description": "Goods", "quantity": "1", "unit_price": price}],
            }))
            .expect("an order");
        self.lead(&order, &[OrderState::Submitted, OrderState::Confirmed])
            .expect("a confirmed order")
    }

    pub fn contact_of(&self, customer: &Customer, name: &str) -> Contact {
        let input = checked(json!({"customer_id": customer.id, "name": name}));
        self.db
            .write_blocking(Origin::of(&self.administrator), move |tx| {
                contact::create(tx, &Visibility::All, &input)
            })
            .expect("a contact")
    }

    /// Leads an order through these states.
    pub fn lead(&self, order: &Order, states: &[OrderState]) -> Result<Order> {
        let mut order = order.clone();
        for state in states {
            let input = checked(json!({"to": state, "reason": "a reason"}));
            let (id, version) = (order.head.id, order.head.version);
            order = self
                .db
                .write_blocking(Origin::of(&self.administrator), move |tx| {
                    order::transition(tx, &Visibility::All, id, version, &input)
                })?;
        }
        Ok(order)
    }
}

/// Somebody who writes orders in a currency with two decimals.
pub fn author(actor: &Actor) -> order::Author {
    order::Author {
        actor: actor.clone(),
        customers: actor
            .visibility(Module::Customers, Operation::Read)
            .unwrap_or(Visibility::own(actor.user_id)),
        minor_digits: 2,
    }
}
