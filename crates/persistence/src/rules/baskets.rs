//! What was bought together: lines of the orders that count, gathered into baskets.
//!
//! A company with five million orders has some fifteen million lines. They are read row by row; ids become numbers of 32 bits, so that
//! a line takes eight bytes until the baskets are put together.

use std::collections::{BTreeSet, HashMap};

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel::{ExpressionMethods, QueryDsl, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use guanxi_domain::order::OrderState;
use guanxi_domain::segmentation::rules::{BasketKind, ItemKind, RuleSettings};
use guanxi_domain::{CustomerId, Date, Timestamp};

use super::Sight;
use crate::condition::{Column, Condition};
use crate::connection::MultiBackend;
use crate::schema::orders;
use crate::{AnyConnection, Error, Result};

/// Lines that are looked at, the newest, where rules are reckoned while somebody waits.
const NEWEST_LINES: i64 = 200_000;

/// Items by number.
#[derive(Default)]
pub struct Items {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Items {
    /// The number of an item; a new one where it is not known yet.
    pub fn number(&mut self, text: String) -> Result<u32> {
        if let Some(number) = self.numbers.get(&text) {
            return Ok(*number);
        }
        let number = number(self.texts.len())?;
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        Ok(number)
    }

    pub fn text(&self, number: u32) -> &str {
        let text = usize::try_from(number).ok().and_then(|n| self.texts.get(n));
        text.map_or("", String::as_str)
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }
}

fn number(count: usize) -> Result<u32> {
    u32::try_from(count).map_err(|_| Error::Internal("more than four billion baskets".to_owned()))
}

/// Baskets, one after the other, each item once.
pub struct Baskets {
    pub items: Items,
    /// Lines that were read.
    pub lines: usize,
    contents: Vec<u32>,
    ends: Vec<usize>,
}

impl Baskets {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn slices(&self) -> Vec<&[u32]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.contents[*start..*end])
            .collect()
    }

    /// All of the company. To be called on a snapshot.
    pub fn of_company(connection: &mut AnyConnection, lines: &Lines) -> Result<Self> {
        let mut gathering = Gathering::default();
        match connection {
            AnyConnection::Sqlite(connection) => {
                let rows =
                    sql_query(&lines.select).load_iter::<Line, DefaultLoadingMode>(connection)?;
                rows.into_iter().try_for_each(|row| gathering.add(row?))?;
            }
            // Otherwise all rows would be held by the driver at once.
            AnyConnection::Postgres(connection) => {
                let rows = sql_query(&lines.select)
                    .load_iter::<Line, PgRowByRowLoadingMode>(connection)?;
                rows.into_iter().try_for_each(|row| gathering.add(row?))?;
            }
        }
        Ok(gathering.done())
    }

    /// Those of the newest lines that somebody may see in figures.
    pub fn seen(connection: &mut AnyConnection, lines: Lines, sight: &Sight) -> Result<Self> {
        let mut gathering = Gathering::default();
        let newest = Seen {
            lines,
            condition: sight.orders.clone(),
            newest: Some(NEWEST_LINES),
        };
        for (basket, item) in newest.load::<(String, String)>(connection)? {
            gathering.add(Line { basket, item })?;
        }
        Ok(gathering.done())
    }
}

/// What a customer has bought, of what somebody may see in figures.
pub fn bought(
    connection: &mut AnyConnection,
    settings: &RuleSettings,
    customer: CustomerId,
    sight: &Sight,
) -> Result<BTreeSet<String>> {
    let of_customer = Column {
        table: "orders",
        name: "customer_id",
    };
    let seen = Seen {
        lines: Lines::new(settings, None, None),
        condition: Condition::is(of_customer, customer.as_str()).and(sight.orders.clone()),
        newest: None,
    };
    let rows: Vec<(String, String)> = seen.load(connection)?;
    Ok(rows.into_iter().map(|(_, item)| item).collect())
}

/// The day of the first order that counts.
pub fn first_day(connection: &mut AnyConnection) -> Result<Option<Date>> {
    let first: Option<Timestamp> = orders::table
        .filter(orders::state.eq_any(OrderState::counting_words()))
        .select(diesel::dsl::min(orders::ordered_at))
        .first(connection)?;
    Ok(first.map(Timestamp::date))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    basket: String,
    #[diesel(sql_type = Text)]
    item: String,
}

/// Puts lines into baskets.
#[derive(Default)]
struct Gathering {
    items: Items,
    baskets: HashMap<[u8; 16], u32>,
    /// Lines of an order mostly come one after the other.
    last: Option<([u8; 16], u32)>,
    pairs: Vec<(u32, u32)>,
}

impl Gathering {
    fn add(&mut self, line: Line) -> Result<()> {
        let key = key(&line.basket)?;
        let basket = match self.last {
            Some((last, basket)) if last == key => basket,
            _ => {
                let next = number(self.baskets.len())?;
                *self.baskets.entry(key).or_insert(next)
            }
        };
        self.last = Some((key, basket));
        let item = self.items.number(line.item)?;
        self.pairs.push((basket, item));
        Ok(())
    }

    fn done(mut self) -> Baskets {
        drop(std::mem::take(&mut self.baskets));
        let lines = self.pairs.len();
        self.pairs.sort_unstable();
        self.pairs.dedup();
        let mut contents = Vec::with_capacity(self.pairs.len());
        let mut ends = Vec::new();
        let mut basket = None;
        for (of, item) in self.pairs {
            if basket.is_some_and(|basket| basket != of) {
                ends.push(contents.len());
            }
            basket = Some(of);
            contents.push(item);
        }
        ends.extend(basket.map(|_| contents.len()));
        Baskets {
            items: self.items,
            lines,
            contents,
            ends,
        }
    }
}

/// A UUID's sixteen bytes, of its text.
fn key(text: &str) -> Result<[u8; 16]> {
    let mut digits = text
        .chars()
        .filter(|c| *c != '-')
        .map_while(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    let mut key = [0; 16];
    for byte in &mut key {
        let (Some(high), Some(low)) = (digits.next(), digits.next()) else {
            return Err(Error::Internal(format!("{text:?} is no id")));
        };
        *byte = high << 4 | low;
    }
    Ok(key)
}

/// Lines of orders that count: what was bought, not what was given back. As SQL: it holds words and numbers of the program only.
pub struct Lines {
    select: String,
}

impl Lines {
    pub fn new(settings: &RuleSettings, from: Option<Date>, to: Option<Date>) -> Self {
        let basket = match settings.baskets {
            BasketKind::Order => "orders.id",
            BasketKind::Customer => "orders.customer_id",
        };
        let (item, join) = match settings.items {
            ItemKind::Product => ("order_lines.product_id", ""),
            ItemKind::Category => (
                "products.category",
                "INNER JOIN products ON products.id = order_lines.product_id ",
            ),
        };
        let states: Vec<String> = OrderState::counting_words()
            .into_iter()
            .map(|state| format!("'{state}'"))
            .collect();
        let mut select = format!(
            "SELECT {basket} AS basket, {item} AS item FROM orders INNER JOIN order_lines ON order_lines.order_id = orders.id {join}\
             WHERE orders.state IN ({}) AND order_lines.quantity > 0 AND {item} IS NOT NULL",
            states.join(", ")
        );
        let bound = |op: &str, at: Option<Timestamp>| {
            at.map_or_else(String::new, |at| {
                format!(" AND orders.ordered_at {op} {}", at.micros())
            })
        };
        select += &bound(">=", from.map(Date::start));
        select += &bound("<", to.map(|to| to.plus_days(1).start()));
        Self { select }
    }
}

/// Some of the lines.
struct Seen {
    lines: Lines,
    condition: Condition,
    newest: Option<i64>,
}

impl QueryFragment<MultiBackend> for Seen {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.lines.select);
        out.push_sql(" AND ");
        self.condition.walk_ast(out.reborrow())?;
        if let Some(newest) = self.newest {
            out.push_sql(&format!(
                " ORDER BY orders.ordered_at DESC, orders.id DESC LIMIT {newest}"
            ));
        }
        Ok(())
    }
}

impl QueryId for Seen {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Seen {
    type SqlType = (Text, Text);
}

impl RunQueryDsl<AnyConnection> for Seen {}
