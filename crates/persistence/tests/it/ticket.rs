//! Tickets: states, responsibility, history, scope and the customer's figures.

use guanxi_domain::metrics::CustomerMetrics;
use guanxi_domain::permission::{Module, Operation, ShippedRole};
use guanxi_domain::ticket::{COMMENT_FIELDS, Comment, CommentKind, FIELDS, Ticket, TicketState};
use guanxi_domain::{CustomerId, ErrorCode, TicketId, UserId};
use guanxi_persistence::{
    Actor, Db, Error, ListQuery, Origin, Result, Visibility, contact, customer, list, metrics,
    ticket,
};
use serde_json::{Value, json};

use crate::util::{Office, both, checked};

const ALL: Visibility = Visibility::All;

fn about(customer: CustomerId) -> Value {
    json!({"customer_id": customer, "kind": "inquiry", "subject": "How does it open?"})
}

fn create(db: &Db, actor: &Actor, input: Value) -> Result<Ticket> {
    let (actor, input) = (actor.clone(), checked(input));
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        ticket::create(tx, &actor, &input)
    })
}

fn update(db: &Db, actor: &Actor, old: &Ticket, changes: &Value) -> Result<Ticket> {
    let mut input = serde_json::to_value(&old.input).expect("JSON");
    for (name, value) in changes.as_object().expect("members") {
        input[name] = value.clone();
    }
    let visibility = may(actor, Operation::Update);
    let (actor, id, version, input) = (actor.clone(), old.id, old.version, checked(input));
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        ticket::update(tx, &actor, &visibility, id, version, &input)
    })
}

fn go(db: &Db, actor: &Actor, old: &Ticket, input: Value) -> Result<Ticket> {
    let visibility = may(actor, Operation::Update);
    let (actor, id, version, input) = (actor.clone(), old.id, old.version, checked(input));
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        ticket::transition(tx, &actor, &visibility, id, version, &input)
    })
}

fn assign(db: &Db, actor: &Actor, old: &Ticket, owner: Option<UserId>) -> Result<Ticket> {
    let (actor, id, version) = (actor.clone(), old.id, old.version);
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        ticket::assign(tx, &actor, id, version, owner)
    })
}

fn comment(db: &Db, actor: &Actor, id: TicketId, input: Value) -> Result<Comment> {
    let (actor, input) = (actor.clone(), checked(input));
    db.write_blocking(Origin::of(&actor.clone()), move |tx| {
        ticket::comment::create(tx, &actor, &ALL, id, &input)
    })
}

fn get(db: &Db, id: TicketId) -> Ticket {
    db.read_blocking(|c| ticket::get(c, &ALL, id))
        .expect("a ticket")
}

fn history(db: &Db, id: TicketId) -> Vec<Comment> {
    let query = ListQuery::all(&COMMENT_FIELDS);
    db.read_blocking(|c| ticket::comment::list(c, &ALL, id, &query))
        .expect("a history")
        .items
}

fn may(actor: &Actor, operation: Operation) -> Visibility {
    actor
        .visibility(Module::Tickets, operation)
        .expect("the right")
}

fn counts(db: &Db, id: CustomerId) -> (i64, i64, i64) {
    let CustomerMetrics {
        tickets,
        open_tickets,
        complaints,
        ..
    } = db
        .read_blocking(|c| customer::get(c, &ALL, id))
        .expect("a customer")
        .metrics
        .expect("figures");
    (tickets, open_tickets, complaints)
}

#[test]
fn a_ticket_goes_its_way_and_keeps_its_history() {
    both(|db, _| {
        let office = Office::open(db);
        let me = &office.administrator;
        let customer = office.customer("Acme").id;
        let new = create(db, me, about(customer)).expect("a ticket");
        assert_eq!(new.state, TicketState::New);
        assert_eq!(new.input.owner_id, None);
        assert_eq!(new.department_id, me.department_id);
        assert!(new.number.ends_with("-00001"), "{}", new.number);

        let open = go(db, me, &new, json!({"to": "open", "note": "On it"})).expect("open");
        assert!(open.first_response_at.is_some());
        assert_eq!(open.first_responder_id, Some(me.user_id));
        assert_eq!(
            open.input.owner_id,
            Some(me.user_id),
            "who answers first keeps it"
        );
        let closed = ["waiting", "resolved", "closed"]
            .iter()
            .fold(open, |t, to| {
                go(db, me, &t, json!({"to": to})).expect("a step")
            });
        assert!(closed.resolved_at.is_some() && closed.closed_at.is_some());
        let again = go(db, me, &closed, json!({"to": "open"})).expect("reopened");
        assert_eq!(
            (again.reopened, again.resolved_at, again.closed_at),
            (1, None, None)
        );

        let told: Vec<(CommentKind, String)> = history(db, new.id)
            .into_iter()
            .map(|c| (c.kind, c.body))
            .collect();
        let event = |word: &str| (CommentKind::Event, word.to_owned());
        assert_eq!(
            told,
            [
                (CommentKind::Internal, "On it".to_owned()),
                event("open"),
                event("waiting"),
                event("resolved"),
                event("closed"),
                event("reopened"),
            ]
        );
        let last = history(db, new.id).pop().and_then(|c| c.changes);
        let last = last.expect("an event tells what changed");
        assert_eq!(last["state"], json!({"old": "closed", "new": "open"}));
    });
}

#[test]
fn a_step_that_leads_nowhere_is_refused() {
    both(|db, _| {
        let office = Office::open(db);
        let me = &office.administrator;
        let new = create(db, me, about(office.customer("Acme").id)).expect("a ticket");
        for to in ["new", "closed"] {
            let refused = go(db, me, &new, json!({"to": to}));
            assert!(
                matches!(refused, Err(Error::Conflict(ErrorCode::IllegalTransition))),
                "{to}: {refused:?}"
            );
        }
        assert_eq!(get(db, new.id), new);
        go(db, me, &new, json!({"to": "open"})).expect("open");
        let stale = go(db, me, &new, json!({"to": "resolved"}));
        assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    });
}

#[test]
fn a_ticket_refers_to_what_is_the_customers() {
    both(|db, _| {
        let office = Office::open(db);
        let me = &office.administrator;
        let li = office.employee("Li", ShippedRole::Sales, office.department("North"));
        let ours = office.customer("Ours").id;
        let hers = office.customer_of(&li, "Hers").id;
        let input = checked(json!({"customer_id": hers, "name": "Mei"}));
        let mei = db
            .write_blocking(Origin::system(), move |tx| {
                contact::create(tx, &ALL, &input)
            })
            .expect("a contact");

        let mut input = about(ours);
        input["contact_id"] = json!(mei.id);
        input["order_id"] = json!(mei.id);
        input["product_id"] = json!(mei.id);
        match create(db, me, input) {
            Err(Error::Invalid(errors)) => assert_eq!(
                errors,
                ["/contact_id", "/order_id", "/product_id"]
                    .map(|pointer| (pointer.to_owned(), "reference"))
            ),
            other => panic!("expected three references: {other:?}"),
        }
        let unseen = create(db, &li, about(ours));
        assert!(
            matches!(&unseen, Err(Error::Invalid(e)) if e[0].0 == "/customer_id"),
            "{unseen:?}"
        );
        let mut input = about(hers);
        input["contact_id"] = json!(mei.id);
        let hers = create(db, &li, input).expect("a ticket");
        let moved = update(db, me, &hers, &json!({"customer_id": ours}));
        assert!(
            matches!(&moved, Err(Error::Invalid(e)) if e[0].0 == "/contact_id"),
            "{moved:?}"
        );
    });
}

#[test]
fn the_customers_figures_follow() {
    both(|db, _| {
        let office = Office::open(db);
        let me = &office.administrator;
        let (acme, other) = (office.customer("Acme").id, office.customer("Other").id);
        create(db, me, about(acme)).expect("a ticket");
        let mut complaint = about(acme);
        complaint["kind"] = json!("complaint");
        let complaint = create(db, me, complaint).expect("a ticket");
        assert_eq!(counts(db, acme), (2, 2, 1));

        let resolved = go(db, me, &complaint, json!({"to": "resolved"})).expect("resolved");
        assert_eq!(counts(db, acme), (2, 1, 1));
        let closed = go(db, me, &resolved, json!({"to": "closed"})).expect("closed");
        assert_eq!(counts(db, acme), (2, 1, 1));
        let open = go(db, me, &closed, json!({"to": "open"})).expect("open");
        assert_eq!(counts(db, acme), (2, 2, 1));
        let moved = update(db, me, &open, &json!({"customer_id": other})).expect("moved");
        assert_eq!(counts(db, acme), (1, 1, 0));
        assert_eq!(counts(db, other), (1, 1, 1));
        update(db, me, &moved, &json!({"kind": "inquiry"})).expect("a change");
        assert_eq!(counts(db, other), (1, 1, 0));
        let report = metrics::rebuild(db, Origin::system(), metrics::to_the_end).expect("a report");
        assert_eq!(report.differing, 0, "kept and computed anew agree");
    });
}

#[test]
fn the_first_responder_answers_until_another_has_taken_over() {
    both(|db, _| {
        let office = Office::open(db);
        let service = office.department("Service");
        let li = office.employee("Li", ShippedRole::ServiceAgent, service);
        let wang = office.employee("Wang", ShippedRole::ServiceAgent, service);
        let customer = office.customer("Acme").id;
        let id = create(db, &li, about(customer)).expect("a ticket").id;

        comment(db, &wang, id, json!({"body": "Known"})).expect("a note");
        assert_eq!(get(db, id).first_response_at, None, "a note is no response");
        comment(db, &li, id, json!({"body": "Hello", "public": true})).expect("a reply");
        let answered = get(db, id);
        assert_eq!(answered.first_responder_id, Some(li.user_id));
        assert_eq!(answered.responsible_id, Some(li.user_id));
        assert_eq!(answered.input.owner_id, Some(li.user_id));

        let given = assign(db, &li, &answered, Some(wang.user_id)).expect("a transfer");
        assert_eq!(given.input.owner_id, Some(wang.user_id));
        assert_eq!(given.responsible_id, Some(li.user_id));
        comment(db, &wang, id, json!({"body": "Mine now"})).expect("a note");
        let taken = get(db, id);
        assert_eq!(taken.responsible_id, Some(wang.user_id));
        assert_eq!(taken.first_responder_id, Some(li.user_id));

        let released = assign(db, &wang, &taken, None).expect("back into the queue");
        assert_eq!(released.input.owner_id, None);
        assert_eq!(released.responsible_id, Some(wang.user_id));
        let transfers: Vec<Value> = history(db, id)
            .into_iter()
            .filter_map(|c| c.changes?.get("owner_id").cloned())
            .collect();
        assert_eq!(
            transfers,
            [
                json!({"old": null, "new": li.user_id}),
                json!({"old": li.user_id, "new": wang.user_id}),
                json!({"old": wang.user_id, "new": null}),
            ]
        );
    });
}

#[test]
fn who_answers_in_place_of_the_owner_is_responsible() {
    both(|db, _| {
        let office = Office::open(db);
        let service = office.department("Service");
        let li = office.employee("Li", ShippedRole::ServiceAgent, service);
        let wang = office.employee("Wang", ShippedRole::ServiceAgent, service);
        let mut input = about(office.customer("Acme").id);
        input["owner_id"] = json!(wang.user_id);
        let given = create(db, &li, input).expect("a ticket");
        assert_eq!(given.responsible_id, None, "nobody has taken it up yet");
        let open = go(db, &li, &given, json!({"to": "open"})).expect("open");
        assert_eq!(open.input.owner_id, Some(wang.user_id));
        assert_eq!(open.responsible_id, Some(li.user_id));
        let edited = update(db, &wang, &open, &json!({"team": "2"})).expect("a change");
        assert_eq!(edited.responsible_id, Some(wang.user_id));
    });
}

#[test]
fn assigning_needs_the_right() {
    both(|db, _| {
        let office = Office::open(db);
        let north = office.department("North");
        let clerk = office.employee("Li", ShippedRole::DepartmentClerk, north);
        let manager = office.employee("Wang", ShippedRole::DepartmentManager, north);
        let sales = office.employee("Mei", ShippedRole::Sales, north);
        let customer = office.customer_of(&sales, "Acme").id;
        let new = create(db, &sales, about(customer)).expect("a ticket");
        let forbidden = |result: Result<Ticket>| {
            assert!(
                matches!(&result, Err(Error::ConflictAt(ErrorCode::Forbidden, p)) if p == "/owner_id"),
                "{result:?}"
            );
        };

        let mut given = about(customer);
        given["owner_id"] = json!(manager.user_id);
        forbidden(create(db, &clerk, given));
        forbidden(assign(db, &clerk, &new, Some(manager.user_id)));
        // May read and create, not change.
        forbidden(assign(db, &sales, &new, Some(sales.user_id)));
        let taken = assign(db, &clerk, &new, Some(clerk.user_id)).expect("nobody's");
        assert_eq!(taken.responsible_id, Some(clerk.user_id));
        forbidden(assign(db, &clerk, &taken, None));
        forbidden(update(db, &clerk, &taken, &json!({"owner_id": null})));
        let again = assign(db, &manager, &taken, Some(clerk.user_id));
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let given = assign(db, &manager, &taken, Some(manager.user_id)).expect("a transfer");
        forbidden(assign(db, &clerk, &given, Some(clerk.user_id)));

        let south = office.department("South");
        let stranger = office.employee("Jun", ShippedRole::DepartmentManager, south);
        let unseen = assign(db, &stranger, &given, Some(stranger.user_id));
        assert!(matches!(unseen, Err(Error::NotFound)), "{unseen:?}");
        let unknown = assign(db, &manager, &given, Some(UserId::generate()));
        assert!(matches!(unknown, Err(Error::Invalid(_))), "{unknown:?}");
    });
}

#[test]
fn another_department_sees_nothing() {
    both(|db, _| {
        let office = Office::open(db);
        let (north, south) = (office.department("North"), office.department("South"));
        let li = office.employee("Li", ShippedRole::Sales, north);
        let wang = office.employee("Wang", ShippedRole::Sales, south);
        let agent = office.employee("Mei", ShippedRole::ServiceAgent, south);
        let customer = office.customer_of(&li, "Hers").id;
        let hers = create(db, &li, about(customer)).expect("a ticket");
        let service = create(db, &agent, about(customer)).expect("a ticket");

        let seen = |actor: &Actor| {
            let query =
                ListQuery::parse(&FIELDS, [("with_total", "true"), ("sort", "number")], None);
            let query = query.expect("a query");
            let visibility = may(actor, Operation::Read);
            let page = db
                .read_blocking(|c| list::<ticket::Tickets>(c, &visibility, &query))
                .expect("a page");
            let ids: Vec<TicketId> = page.items.iter().map(|t| t.id).collect();
            assert_eq!(page.total, i64::try_from(ids.len()).ok());
            ids
        };
        assert_eq!(seen(&li), [hers.id, service.id], "all of her customer");
        assert_eq!(seen(&wang), []);
        assert_eq!(seen(&agent), [service.id]);
        let by_id = db.read_blocking(|c| ticket::get(c, &may(&wang, Operation::Read), hers.id));
        assert!(matches!(by_id, Err(Error::NotFound)), "{by_id:?}");
        let changed = update(db, &agent, &hers, &json!({"subject": "Not mine"}));
        assert!(matches!(changed, Err(Error::NotFound)), "{changed:?}");
    });
}

#[test]
fn paging_by_priority_goes_by_urgency() {
    both(|db, _| {
        let office = Office::open(db);
        let me = &office.administrator;
        let customer = office.customer("Acme").id;
        for priority in ["high", "low", "urgent", "normal", "high", "low", "urgent"] {
            let mut input = about(customer);
            input["priority"] = json!(priority);
            create(db, me, input).expect("a ticket");
        }
        let paged = |sort: &str| {
            let mut found = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let mut pairs = vec![("sort", sort), ("limit", "2")];
                pairs.extend(cursor.as_deref().map(|c| ("cursor", c)));
                let query = ListQuery::parse(&FIELDS, pairs, None).expect("a query");
                let page = db
                    .read_blocking(|c| list::<ticket::Tickets>(c, &ALL, &query))
                    .expect("a page");
                found.extend(page.items.iter().map(|t| t.input.priority.as_str()));
                assert!(found.len() <= 7, "a page leads back: {found:?}");
                cursor = page.next_cursor;
                if cursor.is_none() {
                    return found;
                }
            }
        };
        let most = ["urgent", "urgent", "high", "high", "normal", "low", "low"];
        assert_eq!(paged("-priority"), most);
        assert_eq!(paged("-priority,created_at"), most);
        let mut least = most;
        least.reverse();
        assert_eq!(paged("priority"), least);

        let query =
            ListQuery::parse(&FIELDS, [("priority", "high,urgent")], None).expect("a query");
        let page = db
            .read_blocking(|c| list::<ticket::Tickets>(c, &ALL, &query))
            .expect("a page");
        assert_eq!(page.items.len(), 4);
    });
}
