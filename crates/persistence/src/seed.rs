//! A made-up company of any size: the same for the same seed number and day.
//!
//! What is made follows from streams of random numbers, one for each record, so that a thread can make rows while the writer
//! writes those before. Departments, people and the one entry in the audit trail have ids of the clock; everything else, ids and all,
//! repeats itself.

use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;

use diesel::connection::SimpleConnection;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::search::RecordType;
use guanxi_domain::segmentation::run::SegmentationRunInput;
use guanxi_domain::value::{ValueRunInput, ValueSettings};
use guanxi_domain::{CustomerId, Date, ErrorCode, Lang, Rules, Timestamp};

use crate::schema::{customer_metrics, customers};
use crate::{
    AnyConnection, Backend, Db, Error, Origin, Result, Sequence, Tx, metrics, search, segmentation,
    settings, value,
};

#[macro_use]
mod rows;
mod findings;
mod made;
mod phrases;
mod plan;
mod random;
mod service;
mod stock;
mod team;
mod trade;
mod words;

pub use self::findings::findings;
use self::plan::{Plan, plan};
use self::team::Team;

/// Records that are made before they are handed to the writer.
const CUSTOMERS_AT_ONCE: usize = 2_000;
const ORDERS_AT_ONCE: usize = 4_000;
const TICKETS_AT_ONCE: usize = 2_000;
/// In a larger company a second value run, to show movement with, would take too long.
const TWO_RUNS_UP_TO: u32 = 50_000;

/// How large, and which, the company is.
#[derive(Clone, Debug)]
pub struct SeedOptions {
    pub customers: u32,
    pub orders: u32,
    /// Another number makes another company.
    pub seed: u64,
    /// The company's present: the last orders are of this day.
    pub now: Timestamp,
    /// Also into a database that has customers.
    pub force: bool,
    /// Of the password with which everybody of the company logs in.
    pub password_hash: String,
    /// Decimals of the deployment's currency.
    pub minor_digits: u8,
}

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Planning,
    Customers,
    Orders,
    Tickets,
    Metrics,
    Value,
    Segmentation,
    Findings,
}

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub email: String,
    pub name: String,
    pub role: ShippedRole,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct SeedReport {
    pub customers: u32,
    pub orders: u32,
    pub tickets: u32,
    pub logins: Vec<Login>,
}

/// Fills a database. Blocks; tells of each step how many of how many are done.
///
/// Refused for a database that has customers, unless forced.
pub fn seed(
    db: &Db,
    options: &SeedOptions,
    mut progress: impl FnMut(Step, u64, u64),
) -> Result<SeedReport> {
    if !options.force && db.read_blocking(has_customers)? {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    if options.customers == 0 && options.orders > 0 {
        return Err(Error::Internal("orders need customers".to_owned()));
    }
    progress(Step::Planning, 0, 1);
    let tickets = options.customers / 6 + options.orders / 100;
    let ground = {
        let options = options.clone();
        db.write_blocking(Origin::system(), move |tx| prepare(tx, &options, tickets))?
    };
    let plan = plan(options.seed, options.customers, options.orders, options.now);
    progress(Step::Planning, 1, 1);

    let work = Work {
        db,
        options,
        ground: &ground,
        plan: &plan,
    };
    tune(
        db,
        "PRAGMA cache_size = -400000; PRAGMA wal_autocheckpoint = 40000;",
    )?;
    let result = work
        .customers(&mut progress)
        .and_then(|()| work.orders(&mut progress))
        .and_then(|()| work.stock())
        .and_then(|()| work.tickets(tickets, &mut progress));
    tune(
        db,
        "PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000;",
    )?;
    result?;
    drop(plan);

    progress(Step::Metrics, 0, 1);
    metrics::rebuild(db, Origin::system(), metrics::to_the_end)?;
    progress(Step::Metrics, 1, 1);
    value_runs(db, options, &mut progress)?;
    segmentation_runs(db, options, &mut progress)?;
    Ok(SeedReport {
        customers: options.customers,
        orders: options.orders,
        tickets,
        logins: ground.team.logins,
    })
}

fn has_customers(connection: &mut AnyConnection) -> Result<bool> {
    let some: Vec<CustomerId> = customers::table
        .select(customers::id)
        .limit(1)
        .load(connection)?;
    Ok(!some.is_empty())
}

/// What has to be there before the first customer.
struct Ground {
    team: Team,
    customer_pattern: String,
    order_pattern: String,
    ticket_pattern: String,
    first_customer: i64,
    first_order: i64,
    first_ticket: i64,
}

fn prepare(tx: &mut Tx<'_>, options: &SeedOptions, tickets: u32) -> Result<Ground> {
    let team = team::hire(tx, options)?;
    let patterns = settings::get(tx.connection)?.input;
    let ground = Ground {
        team,
        customer_pattern: patterns.customer_code_pattern,
        order_pattern: patterns.order_number_pattern,
        ticket_pattern: patterns.ticket_number_pattern,
        first_customer: Sequence::CustomerCode.reserve(tx, options.customers.into())?,
        first_order: Sequence::OrderNumber.reserve(tx, options.orders.into())?,
        first_ticket: Sequence::TicketNumber.reserve(tx, tickets.into())?,
    };
    tx.record(
        "seed",
        &options.seed.to_string(),
        "created",
        serde_json::json!({
            "customers": {"old": null, "new": options.customers},
            "orders": {"old": null, "new": options.orders},
            "tickets": {"old": null, "new": tickets},
        }),
    )?;
    Ok(ground)
}

/// Sets how the writer of SQLite keeps pages: large indexes are written at many places at once.
fn tune(db: &Db, pragmas: &'static str) -> Result<()> {
    if db.backend() == Backend::Postgres {
        return Ok(());
    }
    db.housekeep_blocking(move |tx| Ok(tx.connection.batch_execute(pragmas)?))
}

struct Work<'a> {
    db: &'a Db,
    options: &'a SeedOptions,
    ground: &'a Ground,
    plan: &'a Plan,
}

impl Work<'_> {
    fn maker(&self) -> made::Maker<'_> {
        made::Maker {
            options: self.options,
            team: &self.ground.team,
            pattern: &self.ground.customer_pattern,
            first_number: self.ground.first_customer,
        }
    }

    fn service(&self) -> service::Desk<'_> {
        service::Desk {
            options: self.options,
            team: &self.ground.team,
            pattern: &self.ground.ticket_pattern,
            first_number: self.ground.first_ticket,
        }
    }

    fn customers(&self, progress: &mut impl FnMut(Step, u64, u64)) -> Result<()> {
        let (maker, service) = (self.maker(), self.service());
        self.in_batches(
            Step::Customers,
            self.options.customers,
            CUSTOMERS_AT_ONCE,
            progress,
            |numbers| {
                let mut batch = CustomerBatch::default();
                for index in numbers {
                    let one = maker.make(index, &self.plan.customers)?;
                    let behaviour = &self.plan.customers[index as usize];
                    let reference = maker.reference(index, behaviour);
                    service.evaluate(index, &reference, behaviour.since, &mut batch.service);
                    batch.customers.push(one.row);
                    batch.contacts.extend(one.contacts);
                }
                Ok(batch)
            },
        )
    }

    fn orders(&self, progress: &mut impl FnMut(Step, u64, u64)) -> Result<()> {
        let maker = self.maker();
        let trader = trade::Trader {
            options: self.options,
            team: &self.ground.team,
            pattern: &self.ground.order_pattern,
            first_number: self.ground.first_order,
        };
        self.in_batches(
            Step::Orders,
            self.options.orders,
            ORDERS_AT_ONCE,
            progress,
            |numbers| {
                let mut batch = trade::Batch::default();
                for number in numbers {
                    let planned = self.plan.orders[number as usize];
                    let behaviour = &self.plan.customers[planned.customer as usize];
                    let customer = maker.reference(planned.customer, behaviour);
                    trader
                        .make(number, planned, &customer, behaviour, &mut batch)
                        .map_err(|e| Error::Internal(format!("an order of the seed: {e}")))?;
                }
                Ok(batch)
            },
        )
    }

    /// What is on hand follows from what was sold.
    fn stock(&self) -> Result<()> {
        let (options, goods) = (self.options.clone(), self.ground.team.goods.clone());
        self.db
            .housekeep_blocking(move |tx| stock::write(tx.connection, &options, &goods))
    }

    fn tickets(&self, count: u32, progress: &mut impl FnMut(Step, u64, u64)) -> Result<()> {
        let (maker, service) = (self.maker(), self.service());
        self.in_batches(Step::Tickets, count, TICKETS_AT_ONCE, progress, |numbers| {
            let mut batch = service::Batch::default();
            for number in numbers {
                let at = service.opened_at(number, count);
                // Who buys often asks often: the customer of some order before.
                let orders = &self.plan.orders;
                let known = orders.partition_point(|o| o.at < at);
                let mut random = random::Random::of(self.options.seed, 33, number.into());
                let Some(order) = orders.get(random.below(known)).filter(|_| known > 0) else {
                    continue;
                };
                let behaviour = &self.plan.customers[order.customer as usize];
                let customer = maker.reference(order.customer, behaviour);
                service.make(number, at, &customer, &mut batch);
            }
            Ok(batch)
        })
    }

    /// Makes records on a thread of its own while the writer writes those before.
    fn in_batches<B: Batch>(
        &self,
        step: Step,
        count: u32,
        at_once: usize,
        progress: &mut impl FnMut(Step, u64, u64),
        make: impl Fn(std::ops::Range<u32>) -> Result<B> + Send,
    ) -> Result<()> {
        let at_once = u32::try_from(at_once).unwrap_or(1);
        progress(step, 0, count.into());
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(2);
            scope.spawn(move || {
                let mut first = 0;
                while first < count {
                    let next = count.min(first + at_once);
                    // Nobody listens any more after an error.
                    if sender.send((next, make(first..next))).is_err() {
                        return;
                    }
                    first = next;
                }
            });
            for (done, batch) in receiver {
                let batch = batch?;
                self.db
                    .housekeep_blocking(move |tx| batch.write(tx.connection))?;
                progress(step, done.into(), count.into());
            }
            Ok(())
        })
    }
}

/// Rows that are written in one transaction.
trait Batch: Send + 'static {
    fn write(&self, connection: &mut AnyConnection) -> Result<()>;
}

#[derive(Default)]
struct CustomerBatch {
    customers: Vec<crate::customer::Row>,
    contacts: Vec<crate::contact::Row>,
    service: service::Batch,
}

impl Batch for CustomerBatch {
    fn write(&self, connection: &mut AnyConnection) -> Result<()> {
        insert_all!(connection, customers, self.customers, 33);
        let ids: Vec<_> = self
            .customers
            .iter()
            .map(|row| customer_metrics::customer_id.eq(row.id))
            .collect();
        insert_all!(connection, customer_metrics, ids, 1);
        insert_all!(connection, contacts, self.contacts, 27);
        let ids: Vec<_> = self.customers.iter().map(|row| row.id).collect();
        search::refresh(connection, RecordType::Customers, &ids)?;
        let ids: Vec<_> = self.contacts.iter().map(|row| row.id).collect();
        search::refresh(connection, RecordType::Contacts, &ids)?;
        self.service.write(connection)
    }
}

impl Batch for trade::Batch {
    fn write(&self, connection: &mut AnyConnection) -> Result<()> {
        insert_all!(connection, orders, self.orders, 18);
        insert_all!(connection, order_lines, self.lines, 10);
        insert_all!(connection, order_transitions, self.transitions, 8);
        let ids: Vec<_> = self.orders.iter().map(|row| row.id).collect();
        search::refresh(connection, RecordType::Orders, &ids)
    }
}

impl Batch for service::Batch {
    fn write(&self, connection: &mut AnyConnection) -> Result<()> {
        insert_all!(connection, tickets, self.tickets, 24);
        insert_all!(connection, ticket_comments, self.comments, 8);
        insert_all!(connection, customer_evaluations, self.evaluations, 11);
        let ids: Vec<_> = self.tickets.iter().map(|row| row.id).collect();
        search::refresh(connection, RecordType::Tickets, &ids)
    }
}

/// The scores that the figures give; in a small company also those of a quarter ago.
fn segmentation_runs(
    db: &Db,
    options: &SeedOptions,
    progress: &mut impl FnMut(Step, u64, u64),
) -> Result<()> {
    let ends = ends(options);
    let all = 100 * ends.len() as u64;
    for (done, as_of) in (0..).zip(ends) {
        let input = SegmentationRunInput {
            as_of: Some(as_of),
            settings: None,
        };
        let input = input
            .checked(Lang::En)
            .map_err(|e| Error::Internal(format!("a segmentation run of the seed: {e:?}")))?;
        segmentation::run(db, &Origin::system(), &input, |percent| {
            let percent = u64::try_from(percent).unwrap_or(0);
            progress(Step::Segmentation, 100 * done + percent, all);
            ControlFlow::Continue(())
        })?;
    }
    progress(Step::Segmentation, all, all);
    Ok(())
}

/// The days that analyses of the company are made for.
fn ends(options: &SeedOptions) -> Vec<Date> {
    let today = options.now.date();
    let mut ends = vec![today];
    if options.customers <= TWO_RUNS_UP_TO {
        ends.insert(0, today.plus_days(-90));
    }
    ends
}

/// The classes that the figures give; in a small company also those of a quarter ago, so that movement is seen.
fn value_runs(
    db: &Db,
    options: &SeedOptions,
    progress: &mut impl FnMut(Step, u64, u64),
) -> Result<()> {
    let ends = ends(options);
    let all = ends.len() as u64;
    for (done, to) in (0..).zip(ends) {
        progress(Step::Value, done, all);
        let input = ValueRunInput {
            settings: ValueSettings {
                to: Some(to),
                ..ValueSettings::default()
            },
        };
        let input = input
            .checked(Lang::En)
            .map_err(|e| Error::Internal(format!("a value run of the seed: {e:?}")))?;
        value::run_blocking(db, &Origin::system(), &input)?;
    }
    progress(Step::Value, all, all);
    Ok(())
}
