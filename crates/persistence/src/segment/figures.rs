//! What segments come to, of the customers that somebody sees.

use diesel::dsl::count_star;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use guanxi_domain::segment::{
    COMPOSED_BY, Composition, CompositionGroup, CompositionPart, Growth, GrowthDay,
    MEMBERSHIP_FIELDS, Membership, Overlap, OverlapPart, PREVIEWED, Preview, PreviewInput,
    SegmentInput, SegmentKind, members_of,
};
use guanxi_domain::{CustomerId, Date, Money, Page, Search, SegmentId, Timestamp};
use serde_json::Value;

use super::{find, rule, seen_customers, visible};
use crate::condition::{Column, Condition};
use crate::connection::MultiBackend;
use crate::customer::Customers;
use crate::list::{ListQuery, ListSpec};
use crate::record::{Record, list};
use crate::schema::{customers, segment_members};
use crate::{Actor, AnyConnection, Result, Visibility, custom_field, customer};

const MEMBERSHIPS: ListSpec = ListSpec {
    id: "customer_id",
    search: &[(
        &customer::SEARCH,
        Column {
            table: "segment_members",
            name: "customer_id",
        },
    )],
    ..ListSpec::new(&MEMBERSHIP_FIELDS, "segment_members")
};

/// The search for customers that fulfil a tree.
fn query(connection: &mut AnyConnection, actor: &Actor, search: &Search) -> Result<ListQuery> {
    let fields = custom_field::fields(connection, Customers::LIST.fields)?;
    ListQuery::search(fields, search, Some(actor), Timestamp::now())
}

fn filtered(filter: Value) -> Search {
    Search {
        filter: Some(filter),
        ..Search::default()
    }
}

/// The condition of the customers that fulfil a tree and that somebody sees.
fn condition(connection: &mut AnyConnection, actor: &Actor, filter: Value) -> Result<Condition> {
    let query = query(connection, actor, &filtered(filter))?;
    let seen = Customers::scope(&seen_customers(actor)?);
    Ok(seen.and(Customers::LIST.matching(connection, &query)?))
}

/// What a rule finds before it is saved. To be called on a snapshot.
pub fn preview(
    connection: &mut AnyConnection,
    actor: &Actor,
    input: &PreviewInput,
) -> Result<Preview> {
    let visibility = seen_customers(actor)?;
    let draft = SegmentInput {
        name: "?".to_owned(),
        description: None,
        colour: None,
        kind: SegmentKind::Dynamic,
        shared: false,
        owner_id: None,
        filter: Some(input.filter.clone()),
    };
    rule::check(connection, actor, input.segment_id, &draft)?;
    let search = Search {
        limit: Some(PREVIEWED),
        with_total: true,
        ..filtered(input.filter.clone())
    };
    let query = query(connection, actor, &search)?;
    Ok(Preview {
        customers: list::<Customers>(connection, &visibility, &query)?,
        composition: composed(connection, actor, input.filter.clone())?,
    })
}

/// What the members of a segment are like. To be called on a snapshot.
pub fn composition(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: SegmentId,
) -> Result<Composition> {
    find(connection, visible(actor), id)?;
    composed(connection, actor, members_of(id))
}

fn composed(connection: &mut AnyConnection, actor: &Actor, filter: Value) -> Result<Composition> {
    let condition = condition(connection, actor, filter)?;
    let mut parts = Vec::new();
    for field in COMPOSED_BY {
        if Customers::LIST.fields.get(field).is_none() {
            continue;
        }
        let groups = Groups {
            by: Customers::LIST.column(field),
            condition: condition.clone(),
        };
        let rows: Vec<(Option<String>, i64, i64)> = groups.load(connection)?;
        parts.push(CompositionPart {
            field: (*field).to_owned(),
            groups: rows
                .into_iter()
                .map(|(value, customers, sales)| CompositionGroup {
                    value,
                    customers,
                    sales: Money(sales),
                })
                .collect(),
        });
    }
    // Every field tells the same customers apart.
    let first = parts
        .first()
        .map(|p| p.groups.as_slice())
        .unwrap_or_default();
    Ok(Composition {
        customers: first.iter().map(|g| g.customers).sum(),
        sales: Money(
            first
                .iter()
                .fold(0, |sum: i64, g| sum.saturating_add(g.sales.0)),
        ),
        parts,
    })
}

/// What two segments have in common. To be called on a snapshot.
pub fn overlap(
    connection: &mut AnyConnection,
    actor: &Actor,
    this: SegmentId,
    other: SegmentId,
) -> Result<Overlap> {
    for id in [this, other] {
        find(connection, visible(actor), id)?;
    }
    let [only_this, both, only_other] = Overlap::filters(this, other).map(|filter| {
        let condition = condition(connection, actor, filter.clone())?;
        let customers = Customers::count(connection, condition)?;
        Ok::<_, crate::Error>(OverlapPart { customers, filter })
    });
    Ok(Overlap {
        only_this: only_this?,
        both: both?,
        only_other: only_other?,
    })
}

/// How the number of members went. To be called on a snapshot.
pub fn growth(connection: &mut AnyConnection, actor: &Actor, id: SegmentId) -> Result<Growth> {
    let (row, _) = find(connection, visible(actor), id)?;
    let seen = Customers::scope(&seen_customers(actor)?);
    let joined: Vec<(Date, i64)> = segment_members::table
        .inner_join(customers::table)
        .filter(segment_members::segment_id.eq(id))
        .filter(seen.clone())
        .group_by(segment_members::since)
        .order(segment_members::since)
        .select((segment_members::since, count_star()))
        .load(connection)?;
    let left: Vec<(Option<Date>, i64)> = segment_members::table
        .inner_join(customers::table)
        .filter(segment_members::segment_id.eq(id))
        .filter(segment_members::until.is_not_null())
        .filter(seen)
        .group_by(segment_members::until)
        .order(segment_members::until)
        .select((segment_members::until, count_star()))
        .load(connection)?;
    let left: Vec<(Date, i64)> = left
        .into_iter()
        .filter_map(|(day, customers)| Some((day?, customers)))
        .collect();
    Ok(Growth {
        recorded_at: row.recorded_at,
        days: GrowthDay::days(&joined, &left),
    })
}

/// Who was a member from when to when.
pub fn memberships(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: SegmentId,
    query: &ListQuery,
) -> Result<Page<Membership>> {
    find(connection, visible(actor), id)?;
    let visibility: Visibility = seen_customers(actor)?;
    let of_segment = Condition::is(
        Column {
            table: "segment_members",
            name: "segment_id",
        },
        id.as_str(),
    );
    MEMBERSHIPS.page(
        connection,
        query,
        of_segment.and(Customers::scope(&visibility)),
        |connection, condition, ordering, limit| {
            let rows: Vec<(CustomerId, String, String, Date, Option<Date>)> =
                segment_members::table
                    .inner_join(customers::table)
                    .filter(condition)
                    .order(ordering)
                    .limit(limit)
                    .select((
                        segment_members::customer_id,
                        customers::code,
                        customers::name,
                        segment_members::since,
                        segment_members::until,
                    ))
                    .load(connection)?;
            let membership = |(customer_id, code, name, since, until)| Membership {
                customer_id,
                code,
                name,
                since,
                until,
            };
            Ok(rows.into_iter().map(membership).collect())
        },
        |connection, condition| {
            Ok(segment_members::table
                .inner_join(customers::table)
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

/// Customers and their sales by what they hold in a column, the largest group first.
struct Groups {
    by: Column,
    condition: Condition,
}

impl QueryFragment<MultiBackend> for Groups {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let Column { table, name } = self.by;
        // PostgreSQL's sum of bigints is numeric.
        out.push_sql(&format!(
            "SELECT {table}.{name}, count(*), CAST(sum(customer_metrics.sales) AS BIGINT) FROM "
        ));
        customer::push_tables(&mut out, |other| {
            ["customer_metrics", table].contains(&other) || self.condition.mentions(other)
        });
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql(&format!(
            " GROUP BY {table}.{name} ORDER BY 2 DESC, 1 NULLS LAST"
        ));
        Ok(())
    }
}

impl QueryId for Groups {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Groups {
    type SqlType = (Nullable<Text>, BigInt, BigInt);
}

impl RunQueryDsl<AnyConnection> for Groups {}
