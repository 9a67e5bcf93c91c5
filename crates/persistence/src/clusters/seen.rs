//! What somebody may see of a run.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::segmentation::kmeans::{
    ClusterResult, ClusteredCustomer, MEMBER_FIELDS, Table, figures, moves,
};
use guanxi_domain::{ClusterRunId, CustomerId, ErrorCode, Page};

use super::{Row, current, find, keeping};
use crate::condition::{Column, Condition, Op, Value};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{cluster_members, cluster_runs, customers};
use crate::sight::Sight;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, customer};

const fn member(name: &'static str) -> Column {
    Column {
        table: "cluster_members",
        name,
    }
}

const LIST: ListSpec = ListSpec {
    id: "customer_id",
    search: &[(&customer::SEARCH, member("customer_id"))],
    ..ListSpec::new(&MEMBER_FIELDS, "cluster_members")
};

/// The cluster of each customer, from 1, in the order of their ids.
pub struct Labels(Vec<(CustomerId, i64)>);

impl Labels {
    /// Customers in the order of their ids with their labels, from 0.
    pub fn new(ids: &[CustomerId], labels: &[u8]) -> Self {
        let labels = labels.iter().map(|label| i64::from(*label) + 1);
        Self(ids.iter().copied().zip(labels).collect())
    }

    /// The clusters that customers have now, and the run that they are of.
    pub fn current(connection: &mut AnyConnection) -> Result<Option<(ClusterRunId, Self)>> {
        let Some(number) = current(connection)? else {
            return Ok(None);
        };
        let run: ClusterRunId = cluster_runs::table
            .filter(cluster_runs::number.eq(number))
            .select(cluster_runs::id)
            .first(connection)?;
        let labels = cluster_members::table
            .filter(cluster_members::run.eq(number))
            .order(cluster_members::customer_id)
            .select((cluster_members::customer_id, cluster_members::cluster))
            .load(connection)?;
        Ok(Some((run, Self(labels))))
    }

    pub fn iter(&self) -> impl Iterator<Item = (CustomerId, i64)> {
        self.0.iter().copied()
    }

    pub fn of(&self, customer: CustomerId) -> Option<i64> {
        let found = self.0.binary_search_by_key(&customer, |(id, _)| *id);
        found.ok().map(|index| self.0[index].1)
    }

    /// Each customer's cluster here and there.
    pub fn against(&self, other: &Self) -> Vec<(Option<i64>, Option<i64>)> {
        let there = other.0.iter();
        let mut pairs: Vec<_> = there
            .map(|(id, cluster)| (self.of(*id), Some(*cluster)))
            .collect();
        let gone = self.0.iter().filter(|(id, _)| other.of(*id).is_none());
        pairs.extend(gone.map(|(_, cluster)| (Some(*cluster), None)));
        pairs
    }
}

type Member = (CustomerId, i64, Option<i64>, Json<Vec<f64>>);

/// The figures of a run over the customers that are seen.
pub fn reckoned(
    connection: &mut AnyConnection,
    sight: &Sight,
    run: &Row,
    result: ClusterResult,
) -> Result<ClusterResult> {
    let settings = run.settings.get()?;
    let rows: Vec<Member> = cluster_members::table
        .inner_join(customers::table)
        .filter(cluster_members::run.eq(run.number))
        .filter(sight.condition.clone())
        .order(cluster_members::customer_id)
        .select((
            cluster_members::customer_id,
            cluster_members::cluster,
            cluster_members::previous,
            cluster_members::data,
        ))
        .load(connection)?;
    let mut values = Vec::with_capacity(rows.len() * settings.features.len());
    let (mut labels, mut pairs) = (Vec::new(), Vec::new());
    for (_, cluster, previous, data) in &rows {
        values.extend(data.get()?);
        labels.push(u8::try_from(cluster - 1).unwrap_or(u8::MAX));
        pairs.push((*previous, Some(*cluster)));
    }
    let table = Table::new(values, settings.features.len())
        .ok_or_else(|| Error::Internal("rows of another width".to_owned()))?;
    let clusters = usize::try_from(result.chosen).unwrap_or_default();
    let moves = match result.previous_id {
        Some(previous) => {
            pairs.extend(gone(connection, sight, previous, run.number)?);
            moves(pairs)
        }
        None => Vec::new(),
    };
    Ok(ClusterResult {
        figures: figures(&table, &labels, clusters, &settings),
        gaps: None,
        quality: None,
        tried: Vec::new(),
        moves,
        ..result
    })
}

/// Customers that are seen and were in the run before but are in this one no more.
fn gone(
    connection: &mut AnyConnection,
    sight: &Sight,
    previous: ClusterRunId,
    run: i64,
) -> Result<Vec<(Option<i64>, Option<i64>)>> {
    let before: Option<i64> = cluster_runs::table
        .find(previous)
        .select(cluster_runs::number)
        .first(connection)
        .optional()?;
    let Some(before) = before else {
        return Ok(Vec::new());
    };
    let in_run = Condition::InSelect(
        Column {
            table: "customers",
            name: "id",
        },
        member("customer_id"),
        Box::new(Condition::Compare(member("run"), Op::Eq, Value::Int(run))),
    );
    let clusters: Vec<i64> = cluster_members::table
        .inner_join(customers::table)
        .filter(cluster_members::run.eq(before))
        .filter(sight.condition.clone())
        .filter(Condition::Not(Box::new(in_run)))
        .select(cluster_members::cluster)
        .load(connection)?;
    Ok(clusters
        .into_iter()
        .map(|from| (Some(from), None))
        .collect())
}

type Listed = (CustomerId, String, String, i64, Option<i64>, Json<Vec<f64>>);

/// The customers of a run, as far as the caller may see them and they are still known.
pub fn members(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: ClusterRunId,
    query: &ListQuery,
) -> Result<Page<ClusteredCustomer>> {
    let run = find(connection, id)?;
    if run.result.is_none() {
        return Err(Error::Conflict(ErrorCode::RunUnfinished));
    }
    if !keeping(connection)?.contains(&run.number) {
        return Err(Error::Conflict(ErrorCode::PlacesForgotten));
    }
    let of_run = Condition::Compare(member("run"), Op::Eq, Value::Int(run.number));
    LIST.page(
        connection,
        query,
        of_run.and(Sight::of(actor).condition),
        |connection, condition, ordering, limit| {
            let rows: Vec<Listed> = cluster_members::table
                .inner_join(customers::table)
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select((
                    cluster_members::customer_id,
                    customers::code,
                    customers::name,
                    cluster_members::cluster,
                    cluster_members::previous,
                    cluster_members::data,
                ))
                .load(connection)?;
            rows.into_iter().map(listed).collect()
        },
        |connection, condition| {
            Ok(cluster_members::table
                .inner_join(customers::table)
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

fn listed(row: Listed) -> Result<ClusteredCustomer> {
    let (customer_id, code, name, cluster, previous, data) = row;
    Ok(ClusteredCustomer {
        customer_id,
        code,
        name,
        cluster,
        previous,
        values: data.get()?,
    })
}
