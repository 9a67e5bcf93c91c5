//! Reads what all customers bought: two scans, each in the order of its key, on two connections at once.

use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::segmentation::run::{Day, Frame, Purchases};
use guanxi_domain::{CustomerId, Date};

use crate::schema::customer_days;
use crate::{AnyConnection, Db, Result, bulk};

/// All customers and what each bought.
pub(super) struct Customers {
    /// In order.
    pub ids: Vec<CustomerId>,
    /// Of each.
    pub purchases: Vec<Purchases>,
}

impl Customers {
    pub fn from(&self) -> Option<Date> {
        let firsts = self.purchases.iter().filter_map(Purchases::first);
        firsts.min().map(Date::from_days)
    }

    /// Days with a purchase.
    pub fn days(&self) -> i64 {
        self.purchases.iter().map(|p| i64::from(p.days())).sum()
    }
}

/// An id as it lies in the database, which has checked it: compared with others, not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, FromSqlRow)]
struct Key([u8; 36]);

impl FromSql<Text, Sqlite> for Key {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().as_bytes().try_into()?))
    }
}

impl FromSql<Text, Pg> for Key {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().try_into()?))
    }
}

/// Reads; `told` hears how many customers of how many are read, and breaks the reading off by `false`: then there is no answer.
pub(super) fn read(
    db: &Db,
    frame: &Frame,
    told: impl FnMut(i64, i64) -> bool,
) -> Result<Option<Customers>> {
    let ids = bulk::ids(db)?;
    let mut purchases = vec![Purchases::default(); ids.len()];
    let whole = bulk::read(
        db,
        &ids,
        &mut purchases,
        |connection, ids, purchases| read_days(connection, ids, purchases, frame),
        told,
    )?;
    Ok(whole.then_some(Customers { ids, purchases }))
}

/// Adds the days of customers with these ids, which are in order, to what each bought.
fn read_days(
    connection: &mut AnyConnection,
    ids: &[CustomerId],
    purchases: &mut [Purchases],
    frame: &Frame,
) -> Result<()> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return Ok(());
    };
    let days = customer_days::table
        .filter(customer_days::customer_id.ge(first))
        .filter(customer_days::customer_id.le(last))
        .filter(customer_days::day.le(frame.as_of))
        .order((customer_days::customer_id, customer_days::day))
        .select((
            customer_days::customer_id,
            customer_days::day,
            customer_days::orders,
            customer_days::sales,
            customer_days::margin,
        ));
    let mut place = 0;
    let mut add = |(key, day, orders, sales, margin): Row| {
        while ids
            .get(place)
            .is_some_and(|id| id.as_str().as_bytes() < &key.0[..])
        {
            place += 1;
        }
        // A customer who came after the ids were read is in the next run.
        if ids
            .get(place)
            .is_some_and(|id| id.as_str().as_bytes() == key.0)
        {
            let day = Day {
                day,
                orders,
                sales,
                margin,
            };
            purchases[place].add(&day, frame);
        }
    };
    per_backend!(connection, c => {
        for row in days.load_iter::<Row, DefaultLoadingMode>(c)? {
            add(row?);
        }
    });
    Ok(())
}

/// Customer, day, orders, sales, margin.
type Row = (Key, i32, i64, i64, i64);
