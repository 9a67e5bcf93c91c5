//! Tickets: service cases, their history and the work on them.

use diesel::dsl::count_star;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::audit::differences;
use guanxi_domain::custom::{Custom, CustomRecord};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::share::{SHARED_WITH_ME, Shareable};
use guanxi_domain::ticket::{
    Channel, CommentKind, FIELDS, Priority, Ticket, TicketCount, TicketInput, TicketKind,
    TicketState, TicketSummary, is_number,
};
use guanxi_domain::{
    Checked, ContactId, CustomerId, DepartmentId, OrderId, ProductId, TicketId, Timestamp, UserId,
};

use crate::condition::Column;
use crate::list::ListSpec;
use crate::metrics::apply_ticket;
use crate::notification;
use crate::schema::{contacts, customers, orders, products, tickets};
use crate::search::{Bearer, Source};
use crate::stored::Json;
use crate::{
    Actor, AnyConnection, Condition, Error, Ordering, Record, Result, Sequence, Tx, Visibility,
    custom_field, customer,
};

pub mod comment;
mod work;

pub use work::{assign, transition};

const RECORD: &str = "tickets";

const LIST: ListSpec = ListSpec {
    elsewhere: &[("priority", column("priority_rank"))],
    search: &[
        (&SEARCH, column("id")),
        (&customer::SEARCH, column("customer_id")),
    ],
    of_caller: &[(SHARED_WITH_ME, |actor| {
        actor.shared_with(Shareable::Tickets)
    })],
    ..ListSpec::new(&FIELDS, "tickets")
};

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Tickets,
    module: Module::Tickets,
    letter: 't',
    fields: &[("number", Kind::Code), ("subject", Kind::Text)],
    title: column("subject"),
    subtitle: Some(column("number")),
    join: "INNER JOIN customers ON customers.id = tickets.customer_id",
    // As `seen`, without gathering the customers in scope first.
    seen: |_, visibility| match visibility {
        Visibility::All => Condition::Always,
        Visibility::Part(_) => handled(visibility).or(visibility.unshared().owned("customers")),
    },
    bearers: &[
        Bearer::Person(column("owner_id")),
        Bearer::Department(column("department_id")),
        Bearer::Person(column("created_by_id")),
        Bearer::Person(column("responsible_id")),
        Bearer::Person(customer::column("owner_id")),
        Bearer::Department(customer::column("department_id")),
    ],
};

const fn column(name: &'static str) -> Column {
    Column {
        table: "tickets",
        name,
    }
}

/// A row as it is read and written.
#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = tickets, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: TicketId,
    version: i64,
    number: String,
    kind: TicketKind,
    channel: Channel,
    priority: Priority,
    priority_rank: i16,
    state: TicketState,
    customer_id: CustomerId,
    contact_id: Option<ContactId>,
    order_id: Option<OrderId>,
    product_id: Option<ProductId>,
    subject: String,
    description: Option<String>,
    team: Option<String>,
    tags: Json<Vec<String>>,
    custom: Json<Custom>,
    first_responder_id: Option<UserId>,
    owner_id: Option<UserId>,
    responsible_id: Option<UserId>,
    created_by_id: Option<UserId>,
    department_id: Option<DepartmentId>,
    first_response_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    reopened: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn new(id: TicketId, number: String, input: &TicketInput, now: Timestamp) -> Result<Self> {
        let empty = Self {
            id,
            version: 1,
            number,
            kind: input.kind,
            channel: input.channel,
            priority: input.priority,
            priority_rank: input.priority.rank(),
            state: TicketState::New,
            customer_id: input.customer_id,
            contact_id: None,
            order_id: None,
            product_id: None,
            subject: String::new(),
            description: None,
            team: None,
            tags: Json::new(&Vec::new())?,
            custom: Json::new(&Custom::default())?,
            first_responder_id: None,
            owner_id: None,
            responsible_id: None,
            created_by_id: None,
            department_id: None,
            first_response_at: None,
            resolved_at: None,
            closed_at: None,
            reopened: 0,
            created_at: now,
            updated_at: now,
        };
        empty.with(input)
    }

    /// The row with what people set, and what follows from it.
    fn with(self, input: &TicketInput) -> Result<Self> {
        let input = input.clone();
        Ok(Self {
            kind: input.kind,
            channel: input.channel,
            priority: input.priority,
            priority_rank: input.priority.rank(),
            customer_id: input.customer_id,
            contact_id: input.contact_id,
            order_id: input.order_id,
            product_id: input.product_id,
            subject: input.subject,
            description: input.description,
            team: input.team,
            tags: Json::new(&input.tags)?,
            custom: Json::new(&input.custom)?,
            ..self
        })
    }

    fn into_ticket(self, customer_name: String) -> Result<Ticket> {
        Ok(Ticket {
            id: self.id,
            version: self.version,
            number: self.number,
            state: self.state,
            first_responder_id: self.first_responder_id,
            responsible_id: self.responsible_id,
            created_by_id: self.created_by_id,
            department_id: self.department_id,
            customer_name,
            first_response_at: self.first_response_at,
            resolved_at: self.resolved_at,
            closed_at: self.closed_at,
            reopened: self.reopened,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: TicketInput {
                customer_id: self.customer_id,
                contact_id: self.contact_id,
                order_id: self.order_id,
                product_id: self.product_id,
                owner_id: self.owner_id,
                kind: self.kind,
                channel: self.channel,
                priority: self.priority,
                subject: self.subject,
                description: self.description,
                team: self.team,
                tags: self.tags.get()?,
                custom: self.custom.get()?,
            },
        })
    }
}

/// The tickets that are in scope by themselves or were shared, and those that one recorded or answers for.
fn handled(visibility: &Visibility) -> Condition {
    match visibility {
        Visibility::All => Condition::Always,
        Visibility::Part(part) => visibility
            .owned("tickets")
            .or(Condition::is(column("created_by_id"), part.user.as_str()))
            .or(Condition::is(column("responsible_id"), part.user.as_str())),
    }
}

/// As [`handled`], and those of customers in scope: whoever looks after a customer sees what it complains of. With whom a customer
/// is shared does not look after it.
fn seen(visibility: &Visibility) -> Condition {
    match visibility {
        Visibility::All => Condition::Always,
        Visibility::Part(_) => handled(visibility).or(visibility
            .unshared()
            .through_customer(column("customer_id"))),
    }
}

fn find(connection: &mut AnyConnection, id: TicketId, scope: Condition) -> Result<Ticket> {
    let (row, customer_name): (Row, String) = tickets::table
        .inner_join(customers::table)
        .filter(tickets::id.eq(id))
        .filter(scope)
        .select((Row::as_select(), customers::name))
        .first(connection)?;
    row.into_ticket(customer_name)
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: TicketId,
) -> Result<Ticket> {
    find(connection, id, seen(visibility))
}

/// Service tickets.
pub struct Tickets;

impl Record for Tickets {
    type Item = Ticket;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Tickets;

    fn scope(visibility: &Visibility) -> Condition {
        seen(visibility)
    }

    fn change_scope(visibility: &Visibility) -> Condition {
        handled(visibility)
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<Ticket>> {
        let rows: Vec<(Row, String)> = tickets::table
            .inner_join(customers::table)
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .select((Row::as_select(), customers::name))
            .load(connection)?;
        rows.into_iter()
            .map(|(row, customer_name)| row.into_ticket(customer_name))
            .collect()
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(tickets::table
            .filter(condition)
            .count()
            .get_result(connection)?)
    }
}

/// How many tickets somebody sees, by state and what waits for somebody. To be called on a snapshot.
pub fn summary(connection: &mut AnyConnection, visibility: &Visibility) -> Result<TicketSummary> {
    let counts: Vec<(TicketState, i64)> = tickets::table
        .filter(seen(visibility))
        .group_by(tickets::state)
        .select((tickets::state, count_star()))
        .load(connection)?;
    let of = |state: TicketState| {
        let found = counts.iter().find(|(counted, _)| *counted == state);
        found.map_or(0, |(_, tickets)| *tickets)
    };
    let open: Vec<TicketState> = TicketState::ALL
        .iter()
        .copied()
        .filter(|state| state.is_open())
        .collect();
    let open = tickets::table
        .filter(seen(visibility))
        .filter(tickets::state.eq_any(open));
    Ok(TicketSummary {
        states: TicketState::ALL
            .iter()
            .map(|state| TicketCount {
                state: *state,
                tickets: of(*state),
            })
            .collect(),
        unassigned: open
            .clone()
            .filter(tickets::owner_id.is_null())
            .count()
            .get_result(connection)?,
        urgent: open
            .filter(tickets::priority.eq(Priority::Urgent))
            .count()
            .get_result(connection)?,
    })
}

/// The ticket, if the caller may change it and it still has this version.
fn expect(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: TicketId,
    version: i64,
) -> Result<Ticket> {
    let old = find(connection, id, handled(visibility))?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

/// Checks what the ticket refers to: a customer that the caller sees, a contact and an order of that customer, a product.
fn check_references(
    connection: &mut AnyConnection,
    actor: &Actor,
    old: Option<&Ticket>,
    input: &TicketInput,
) -> Result<()> {
    let customer = input.customer_id;
    let mut wrong = Vec::new();
    // Somebody may work on a ticket whose customer they do not see; they cannot bring one in.
    if old.is_none_or(|o| o.input.customer_id != customer) {
        let seen = match actor.visibility(Module::Customers, Operation::Read) {
            Some(visibility) => customers::table
                .filter(customers::id.eq(customer))
                .filter(visibility.owned("customers"))
                .count()
                .get_result::<i64>(connection)?,
            None => 0,
        };
        if seen == 0 {
            wrong.push(("/customer_id".to_owned(), "reference"));
        }
    }
    if let Some(id) = input.contact_id {
        let found: i64 = contacts::table
            .filter(contacts::id.eq(id))
            .filter(contacts::customer_id.eq(customer))
            .count()
            .get_result(connection)?;
        if found == 0 {
            wrong.push(("/contact_id".to_owned(), "reference"));
        }
    }
    if let Some(id) = input.order_id {
        let found: i64 = orders::table
            .filter(orders::id.eq(id))
            .filter(orders::customer_id.eq(customer))
            .count()
            .get_result(connection)?;
        if found == 0 {
            wrong.push(("/order_id".to_owned(), "reference"));
        }
    }
    if let Some(id) = input.product_id {
        let found: i64 = products::table
            .filter(products::id.eq(id))
            .count()
            .get_result(connection)?;
        if found == 0 {
            wrong.push(("/product_id".to_owned(), "reference"));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// The input, its custom fields as they are kept.
fn settled(tx: &mut Tx<'_>, old: Option<&Ticket>, input: &TicketInput) -> Result<TicketInput> {
    let held = old.map(|old| &old.input.custom);
    let mut input = input.clone();
    input.custom = custom_field::settle(tx.connection, CustomRecord::Tickets, held, &input.custom)?;
    Ok(input)
}

/// What a ticket adds to its customer's figures: tickets, open ones, complaints.
fn contribution(ticket: &Ticket) -> (i64, i64, i64) {
    (
        1,
        i64::from(ticket.state.is_open()),
        i64::from(ticket.input.kind.is_complaint()),
    )
}

/// Records a ticket. Nobody owns it, unless an owner is given: oneself, or anybody for those who may assign.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, input: &Checked<TicketInput>) -> Result<Ticket> {
    create_numbered(tx, actor, input, None)
}

/// As [`create`], for a ticket that may have a number already, from another system.
pub(crate) fn create_numbered(
    tx: &mut Tx<'_>,
    actor: &Actor,
    input: &Checked<TicketInput>,
    number: Option<&str>,
) -> Result<Ticket> {
    check_references(tx.connection, actor, None, input)?;
    let input = &settled(tx, None, input)?;
    let number = match number {
        Some(number) if is_number(number) => number.to_owned(),
        Some(_) => return Err(Error::invalid("/number", "code")),
        None => Sequence::TicketNumber.next_free(tx, |tx, number| {
            let taken = tickets::table.filter(tickets::number.eq(number));
            Ok(taken.count().get_result::<i64>(tx.connection)? == 0)
        })?,
    };
    let mut row = Row {
        created_by_id: Some(actor.user_id),
        department_id: actor.department_id,
        ..Row::new(TicketId::generate(), number, input, tx.now)?
    };
    if let Some(owner) = input.owner_id {
        work::check_owner(actor, owner)?;
        let department = work::department_of(tx.connection, owner)?;
        row = work::hand_to(row, actor, Some(owner), department);
    }
    let id = row.id;
    diesel::insert_into(tickets::table)
        .values(row)
        .execute(tx.connection)
        .map_err(|e| Error::from(e).taken("number", "/number"))?;
    let ticket = get(tx.connection, &Visibility::All, id)?;
    let (all, open, complaints) = contribution(&ticket);
    apply_ticket(tx, ticket.input.customer_id, all, open, complaints)?;
    tx.created(RECORD, id.as_str(), &ticket)?;
    tell_owner(tx, None, &ticket)?;
    Ok(ticket)
}

pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    visibility: &Visibility,
    id: TicketId,
    version: i64,
    input: &Checked<TicketInput>,
) -> Result<Ticket> {
    let old = expect(tx.connection, visibility, id, version)?;
    check_references(tx.connection, actor, Some(&old), input)?;
    let input = &settled(tx, Some(&old), input)?;
    let owner = input.owner_id;
    if owner == old.input.owner_id {
        return change(tx, &old, "updated", |row| {
            work::take_over(row, actor).with(input)
        });
    }
    work::find_assignable(tx.connection, actor, id, owner)?;
    let department = match owner {
        Some(owner) => work::department_of(tx.connection, owner)?,
        None => None,
    };
    change(tx, &old, "updated", |row| {
        work::hand_to(row, actor, owner, department).with(input)
    })
}

/// Changes a row, if it still has the version that was read; keeps the customer's figures, and records the difference in the
/// ticket's history and the audit trail.
fn change(
    tx: &mut Tx<'_>,
    old: &Ticket,
    action: &str,
    f: impl FnOnce(Row) -> Result<Row>,
) -> Result<Ticket> {
    let row: Row = tickets::table
        .find(old.id)
        .select(Row::as_select())
        .first(tx.connection)?;
    let row = Row {
        version: old.version + 1,
        updated_at: tx.now,
        ..f(row)?
    };
    let rows = diesel::update(
        tickets::table
            .filter(tickets::id.eq(old.id))
            .filter(tickets::version.eq(old.version)),
    )
    .set(row)
    .execute(tx.connection)?;
    if rows == 0 {
        return Err(Error::Stale);
    }
    let new = get(tx.connection, &Visibility::All, old.id)?;

    let (before, after) = (contribution(old), contribution(&new));
    if old.input.customer_id == new.input.customer_id {
        let (open, complaints) = (after.1 - before.1, after.2 - before.2);
        if (open, complaints) != (0, 0) {
            apply_ticket(tx, new.input.customer_id, 0, open, complaints)?;
        }
    } else {
        apply_ticket(tx, old.input.customer_id, -before.0, -before.1, -before.2)?;
        apply_ticket(tx, new.input.customer_id, after.0, after.1, after.2)?;
    }

    let changes = differences(&serde_json::to_value(old)?, &serde_json::to_value(&new)?);
    comment::insert(tx, old.id, CommentKind::Event, action, Some(&changes))?;
    tx.record(RECORD, old.id.as_str(), action, changes)?;
    tell_owner(tx, old.input.owner_id, &new)?;
    Ok(new)
}

fn tell_owner(tx: &mut Tx<'_>, before: Option<UserId>, ticket: &Ticket) -> Result<()> {
    notification::tell_owner(
        tx,
        (before, ticket.input.owner_id),
        NotificationKind::TicketAssigned,
        (RECORD, ticket.id.as_str()),
        &ticket.input.subject,
    )
}
