//! Running numbers: unique, in order, with gaps where a write failed.

use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl};
use guanxi_domain::settings::format_number;

use crate::schema::sequences;
use crate::{AnyConnection, Result, Tx, settings};

/// Numbers that are tried before a series that people have used by hand is given up.
const ATTEMPTS: usize = 1_000;

/// A series of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    CustomerCode,
    OrderNumber,
    TicketNumber,
}

impl Sequence {
    const fn name(self) -> &'static str {
        match self {
            Self::CustomerCode => "customer_code",
            Self::OrderNumber => "order_number",
            Self::TicketNumber => "ticket_number",
        }
    }

    /// The next number.
    pub(crate) fn next(self, tx: &mut Tx<'_>) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Next {
            #[diesel(sql_type = BigInt)]
            next: i64,
        }

        match tx.connection {
            AnyConnection::Sqlite(connection) => {
                let row = sequences::table.find(self.name());
                let next = row.select(sequences::next).first::<i64>(connection)?;
                diesel::update(row)
                    .set(sequences::next.eq(next + 1))
                    .execute(connection)?;
                Ok(next)
            }
            AnyConnection::Postgres(connection) => {
                let row: Next =
                    diesel::sql_query(format!("SELECT nextval('{}_seq') AS next", self.name()))
                        .get_result(connection)?;
                Ok(row.next)
            }
        }
    }

    /// Takes so many numbers; answers the first.
    pub(crate) fn reserve(self, tx: &mut Tx<'_>, count: i64) -> Result<i64> {
        let first = self.next(tx)?;
        if count > 1 {
            match tx.connection {
                AnyConnection::Sqlite(connection) => {
                    diesel::update(sequences::table.find(self.name()))
                        .set(sequences::next.eq(first + count))
                        .execute(connection)?;
                }
                AnyConnection::Postgres(connection) => {
                    let last = first + count - 1;
                    diesel::sql_query(format!("SELECT setval('{}_seq', {last})", self.name()))
                        .execute(connection)?;
                }
            }
        }
        Ok(first)
    }

    /// The next number that nobody has: people give numbers by hand, and files bring theirs.
    pub(crate) fn next_free(
        self,
        tx: &mut Tx<'_>,
        is_free: impl Fn(&mut Tx<'_>, &str) -> Result<bool>,
    ) -> Result<String> {
        for _ in 0..ATTEMPTS {
            let number = self.next_text(tx)?;
            if is_free(tx, &number)? {
                return Ok(number);
            }
        }
        // Whoever writes it is told that it is taken.
        self.next_text(tx)
    }

    /// The next number in the form that the settings give it.
    pub(crate) fn next_text(self, tx: &mut Tx<'_>) -> Result<String> {
        let settings = settings::get(tx.connection)?.input;
        let pattern = match self {
            Self::CustomerCode => settings.customer_code_pattern,
            Self::OrderNumber => settings.order_number_pattern,
            Self::TicketNumber => settings.ticket_number_pattern,
        };
        Ok(format_number(&pattern, self.next(tx)?, tx.now.date()))
    }
}
