//! How the records of each type are changed.

use guanxi_domain::contact::ContactInput;
use guanxi_domain::customer::CustomerInput;
use guanxi_domain::order::{OrderInput, OrderTransitionInput};
use guanxi_domain::product::ProductInput;
use guanxi_domain::segment::NewMembers;
use guanxi_domain::ticket::{TicketInput, TicketTransitionInput};
use guanxi_domain::{
    Checked, ContactId, CustomerId, ErrorCode, Lang, OrderId, ProductId, Rules, TicketId,
};
use guanxi_persistence::{AnyConnection, Error, Tx, Visibility};
use guanxi_persistence::{contact, customer, order, product, segment, ticket};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Action, Bulk, By};

type Done = Option<Result<Option<i64>, Error>>;

/// The body of a transition, as the record's own rules have it.
fn body<T: DeserializeOwned + Rules>(value: &Value) -> Result<Checked<T>, Error> {
    let input: T =
        serde_json::from_value(value.clone()).map_err(|_| Error::invalid("/to", "type"))?;
    input
        .checked(Lang::En)
        .map_err(|_| Error::invalid("/reason", "reason"))
}

impl Bulk for customer::Customers {
    type Id = CustomerId;
    type Input = CustomerInput;

    fn get(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        id: CustomerId,
    ) -> Result<(CustomerInput, i64), Error> {
        customer::get(connection, visibility, id).map(|c| (c.input, c.version))
    }

    fn update(
        tx: &mut Tx<'_>,
        by: &By,
        id: CustomerId,
        version: i64,
        input: &Checked<CustomerInput>,
    ) -> Result<i64, Error> {
        customer::update(tx, &by.actor, &by.visibility, id, version, input).map(|c| c.version)
    }

    fn act(tx: &mut Tx<'_>, by: &By, id: CustomerId, version: i64, action: &Action) -> Done {
        let seen = &by.visibility;
        Some(match action {
            Action::Archive => customer::archive(tx, seen, id, version).map(|c| Some(c.version)),
            Action::Restore => customer::restore(tx, seen, id, version).map(|c| Some(c.version)),
            Action::Delete if !customer::may_delete(&by.actor) => {
                Err(Error::Conflict(ErrorCode::Forbidden))
            }
            Action::Delete => customer::delete(tx, seen, id, version).map(|()| None),
            Action::AddTo(segment) => {
                let rules = NewMembers {
                    customer_ids: vec![id],
                    filter: None,
                };
                let added = rules.checked(Lang::En).map_err(|_| Error::NotFound);
                added
                    .and_then(|new| segment::add(tx, &by.actor, *segment, &new))
                    .map(|_| Some(version))
            }
            Action::RemoveFrom(segment) => {
                segment::remove(tx, &by.actor, *segment, &[id]).map(|_| Some(version))
            }
            Action::Transition(_) => return None,
        })
    }
}

impl Bulk for contact::Contacts {
    type Id = ContactId;
    type Input = ContactInput;

    fn get(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        id: ContactId,
    ) -> Result<(ContactInput, i64), Error> {
        contact::get(connection, visibility, id).map(|c| (c.input, c.version))
    }

    fn update(
        tx: &mut Tx<'_>,
        by: &By,
        id: ContactId,
        version: i64,
        input: &Checked<ContactInput>,
    ) -> Result<i64, Error> {
        contact::update(tx, &by.visibility, id, version, input).map(|c| c.version)
    }

    fn act(tx: &mut Tx<'_>, by: &By, id: ContactId, version: i64, action: &Action) -> Done {
        match action {
            Action::Delete => Some(contact::delete(tx, &by.visibility, id, version).map(|()| None)),
            _ => None,
        }
    }
}

impl Bulk for product::Products {
    type Id = ProductId;
    type Input = ProductInput;

    fn get(
        connection: &mut AnyConnection,
        _: &Visibility,
        id: ProductId,
    ) -> Result<(ProductInput, i64), Error> {
        product::get(connection, id).map(|p| (p.input, p.version))
    }

    fn update(
        tx: &mut Tx<'_>,
        _: &By,
        id: ProductId,
        version: i64,
        input: &Checked<ProductInput>,
    ) -> Result<i64, Error> {
        product::update(tx, id, version, input).map(|p| p.version)
    }

    fn act(tx: &mut Tx<'_>, _: &By, id: ProductId, version: i64, action: &Action) -> Done {
        match action {
            Action::Delete => Some(product::delete(tx, id, version).map(|()| None)),
            _ => None,
        }
    }
}

impl Bulk for order::Orders {
    type Id = OrderId;
    type Input = OrderInput;

    fn get(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        id: OrderId,
    ) -> Result<(OrderInput, i64), Error> {
        order::get(connection, visibility, id).map(|o| (o.input(), o.head.version))
    }

    fn update(
        tx: &mut Tx<'_>,
        by: &By,
        id: OrderId,
        version: i64,
        input: &Checked<OrderInput>,
    ) -> Result<i64, Error> {
        let author = order::Author {
            actor: (*by.actor).clone(),
            customers: by
                .customers
                .clone()
                .ok_or(Error::Conflict(ErrorCode::Forbidden))?,
            minor_digits: by.minor_digits,
        };
        order::update(tx, &author, &by.visibility, id, version, input).map(|o| o.head.version)
    }

    fn act(tx: &mut Tx<'_>, by: &By, id: OrderId, version: i64, action: &Action) -> Done {
        let seen = &by.visibility;
        Some(match action {
            Action::Delete => order::delete(tx, seen, id, version).map(|()| None),
            Action::Transition(to) => body::<OrderTransitionInput>(to)
                .and_then(|to| order::transition(tx, seen, id, version, &to))
                .map(|o| Some(o.head.version)),
            Action::Archive | Action::Restore | Action::AddTo(_) | Action::RemoveFrom(_) => {
                return None;
            }
        })
    }
}

impl Bulk for ticket::Tickets {
    type Id = TicketId;
    type Input = TicketInput;

    fn get(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        id: TicketId,
    ) -> Result<(TicketInput, i64), Error> {
        ticket::get(connection, visibility, id).map(|t| (t.input, t.version))
    }

    fn update(
        tx: &mut Tx<'_>,
        by: &By,
        id: TicketId,
        version: i64,
        input: &Checked<TicketInput>,
    ) -> Result<i64, Error> {
        ticket::update(tx, &by.actor, &by.visibility, id, version, input).map(|t| t.version)
    }

    fn act(tx: &mut Tx<'_>, by: &By, id: TicketId, version: i64, action: &Action) -> Done {
        match action {
            Action::Transition(to) => {
                let to = serde_json::json!({"to": to["to"], "note": to["reason"]});
                Some(
                    body::<TicketTransitionInput>(&to)
                        .and_then(|to| {
                            ticket::transition(tx, &by.actor, &by.visibility, id, version, &to)
                        })
                        .map(|t| Some(t.version)),
                )
            }
            _ => None,
        }
    }
}
