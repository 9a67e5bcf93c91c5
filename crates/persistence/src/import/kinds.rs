//! What imports know of each record type: how one is read, made and changed.

use guanxi_domain::Checked;
use guanxi_domain::contact::ContactInput;
use guanxi_domain::customer::CustomerInput;
use guanxi_domain::permission::Module;
use guanxi_domain::product::ProductInput;
use guanxi_domain::stock::StockLevelInput;
use guanxi_domain::ticket::{Channel, TicketInput};
use serde_json::{Value, json};

use super::records::{By, Imported};
use crate::{
    AnyConnection, Error, Result, Tx, Visibility, contact, customer, product, stock, ticket, user,
};

/// Does something with the record type of an import: one line for each.
macro_rules! with_kind {
    ($record:expr, $kind:ident => $body:expr) => {{
        use guanxi_domain::import::ImportRecord;
        match $record {
            ImportRecord::Customers => {
                type $kind = $crate::customer::Customers;
                $body
            }
            ImportRecord::Contacts => {
                type $kind = $crate::contact::Contacts;
                $body
            }
            ImportRecord::Products => {
                type $kind = $crate::product::Products;
                $body
            }
            ImportRecord::StockLevels => {
                type $kind = $crate::stock::StockLevels;
                $body
            }
            ImportRecord::Tickets => {
                type $kind = $crate::ticket::Tickets;
                $body
            }
            // Several rows make one: see `orders`.
            ImportRecord::Orders => Err($crate::Error::Internal(
                "orders are no records of one row".to_owned(),
            )),
        }
    }};
}
pub(super) use with_kind;

fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// Those that this person may change. The caller has found one among them.
fn updated<'a>(by: &'a By<'_>) -> Result<&'a Visibility> {
    by.update.as_ref().ok_or(Error::NotFound)
}

impl Imported for customer::Customers {
    type Input = CustomerInput;

    fn current(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        customer: &str,
    ) -> Result<(CustomerInput, i64)> {
        customer::get(connection, visibility, id(customer)?).map(|c| (c.input, c.version))
    }

    /// Without an owner they belong to nobody, if that is for the person to decide; else to the person.
    fn create(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        input: &Checked<CustomerInput>,
        _: &Value,
    ) -> Result<()> {
        let owner_given = input.owner_id.is_some() || user::may_assign(by.actor, Module::Customers);
        customer::create(tx, by.actor, input, owner_given).map(drop)
    }

    fn update(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        customer: &str,
        version: i64,
        input: &Checked<CustomerInput>,
    ) -> Result<()> {
        customer::update(tx, by.actor, updated(by)?, id(customer)?, version, input).map(drop)
    }
}

impl Imported for contact::Contacts {
    type Input = ContactInput;

    fn current(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        contact: &str,
    ) -> Result<(ContactInput, i64)> {
        contact::get(connection, visibility, id(contact)?).map(|c| (c.input, c.version))
    }

    fn create(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        input: &Checked<ContactInput>,
        _: &Value,
    ) -> Result<()> {
        let visibility = by.create.as_ref().ok_or(Error::NotFound)?;
        contact::create(tx, visibility, input).map(drop)
    }

    fn update(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        contact: &str,
        version: i64,
        input: &Checked<ContactInput>,
    ) -> Result<()> {
        contact::update(tx, updated(by)?, id(contact)?, version, input).map(drop)
    }
}

impl Imported for product::Products {
    type Input = ProductInput;

    fn current(
        connection: &mut AnyConnection,
        _: &Visibility,
        product: &str,
    ) -> Result<(ProductInput, i64)> {
        product::get(connection, id(product)?).map(|p| (p.input, p.version))
    }

    fn create(tx: &mut Tx<'_>, _: &By<'_>, input: &Checked<ProductInput>, _: &Value) -> Result<()> {
        product::create(tx, input).map(drop)
    }

    fn update(
        tx: &mut Tx<'_>,
        _: &By<'_>,
        product: &str,
        version: i64,
        input: &Checked<ProductInput>,
    ) -> Result<()> {
        product::update(tx, id(product)?, version, input).map(drop)
    }
}

impl Imported for stock::StockLevels {
    type Input = StockLevelInput;

    fn current(
        connection: &mut AnyConnection,
        _: &Visibility,
        level: &str,
    ) -> Result<(StockLevelInput, i64)> {
        stock::by_id(connection, id(level)?).map(|l| (l.input, l.version))
    }

    fn create(
        tx: &mut Tx<'_>,
        _: &By<'_>,
        input: &Checked<StockLevelInput>,
        _: &Value,
    ) -> Result<()> {
        stock::create(tx, input).map(drop)
    }

    fn update(
        tx: &mut Tx<'_>,
        _: &By<'_>,
        level: &str,
        version: i64,
        input: &Checked<StockLevelInput>,
    ) -> Result<()> {
        stock::update(tx, id(level)?, version, input).map(drop)
    }
}

impl Imported for ticket::Tickets {
    type Input = TicketInput;

    fn defaults() -> Value {
        json!({ "channel": Channel::Import })
    }

    fn current(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        ticket: &str,
    ) -> Result<(TicketInput, i64)> {
        ticket::get(connection, visibility, id(ticket)?).map(|t| (t.input, t.version))
    }

    /// A ticket of another system keeps its number.
    fn create(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        input: &Checked<TicketInput>,
        row: &Value,
    ) -> Result<()> {
        ticket::create_numbered(tx, by.actor, input, row["number"].as_str()).map(drop)
    }

    fn update(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        ticket: &str,
        version: i64,
        input: &Checked<TicketInput>,
    ) -> Result<()> {
        ticket::update(tx, by.actor, updated(by)?, id(ticket)?, version, input).map(drop)
    }
}
