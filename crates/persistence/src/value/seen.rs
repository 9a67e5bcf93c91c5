//! What somebody may see of a run.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::value::{
    Placed, PyramidLevel, RANKED_FIELDS, RankedCustomer, ValueClass, share,
};
use guanxi_domain::{CustomerId, Money, Page, ValueRunId};

use super::{Classes, placed_run};
use crate::condition::{Column, Condition, Op, Value};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{customers, value_places, value_ranks};
use crate::sight::Sight;
use crate::{Actor, AnyConnection, Result, customer};

const RANKED_LIST: ListSpec = ListSpec {
    id: "rank",
    search: &[(
        &customer::SEARCH,
        Column {
            table: "value_ranks",
            name: "customer_id",
        },
    )],
    ..ListSpec::new(&RANKED_FIELDS, "value_ranks")
};

impl Sight {
    /// The places of a run that are seen, in their order.
    pub(super) fn placed(
        &self,
        connection: &mut AnyConnection,
        run: i64,
    ) -> Result<Vec<Placed<CustomerId>>> {
        let rows: Vec<(CustomerId, Money, ValueClass, PyramidLevel, f64)> = value_ranks::table
            .inner_join(customers::table)
            .filter(value_ranks::run.eq(run))
            .filter(self.condition.clone())
            .order(value_ranks::rank)
            .select((
                value_ranks::customer_id,
                value_ranks::amount,
                value_ranks::class,
                value_ranks::level,
                value_ranks::cumulative_share,
            ))
            .load(connection)?;
        Ok(rows
            .into_iter()
            .map(
                |(customer, amount, class, level, cumulative_share)| Placed {
                    key: customer,
                    amount,
                    class,
                    level,
                    cumulative_share,
                },
            )
            .collect())
    }

    /// The classes of a run that are seen.
    pub(super) fn classes(&self, connection: &mut AnyConnection, run: i64) -> Result<Classes> {
        let sorted: Vec<(CustomerId, ValueClass)> = value_places::table
            .inner_join(customers::table)
            .filter(value_places::run.eq(run))
            .filter(self.condition.clone())
            .order(value_places::customer_id)
            .select((value_places::customer_id, value_places::class))
            .load(connection)?;
        Ok(Classes(sorted))
    }

    /// Puts shares of what is seen in the place of shares of the whole: those would tell what others sell.
    fn reckon_shares(
        &self,
        connection: &mut AnyConnection,
        run: i64,
        items: &mut [RankedCustomer],
    ) -> Result<()> {
        let amounts: Vec<(i64, i64)> = value_ranks::table
            .inner_join(customers::table)
            .filter(value_ranks::run.eq(run))
            .filter(value_ranks::amount.gt(0))
            .filter(self.condition.clone())
            .order(value_ranks::rank)
            .select((value_ranks::rank, value_ranks::amount))
            .load(connection)?;
        let mut sum = 0_i128;
        let sums: Vec<(i64, i128)> = amounts
            .iter()
            .map(|(rank, amount)| {
                sum += i128::from(*amount);
                (*rank, sum)
            })
            .collect();
        for item in items {
            let upto = sums.partition_point(|(rank, _)| *rank <= item.rank);
            let reached = upto.checked_sub(1).map_or(0, |last| sums[last].1);
            item.cumulative_share = share(reached, sum);
        }
        Ok(())
    }
}

/// The customers of a run in their order, as far as the caller may see them and the places are still known.
pub fn ranked(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: ValueRunId,
    query: &ListQuery,
) -> Result<Page<RankedCustomer>> {
    let run = placed_run(connection, id)?.number;
    let sight = Sight::of(actor);
    let column = Column {
        table: "value_ranks",
        name: "run",
    };
    let of_run = Condition::Compare(column, Op::Eq, Value::Int(run));
    let mut page = RANKED_LIST.page(
        connection,
        query,
        of_run.and(sight.condition.clone()),
        |connection, condition, ordering, limit| {
            let rows: Vec<Ranked> = value_ranks::table
                .inner_join(customers::table)
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select((
                    value_ranks::rank,
                    value_ranks::customer_id,
                    customers::code,
                    customers::name,
                    value_ranks::class,
                    value_ranks::level,
                    value_ranks::amount,
                    value_ranks::cumulative_share,
                    value_ranks::previous_class,
                ))
                .load(connection)?;
            Ok(rows.into_iter().map(ranked_customer).collect())
        },
        |connection, condition| {
            Ok(value_ranks::table
                .inner_join(customers::table)
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )?;
    if !sight.whole && !page.items.is_empty() {
        sight.reckon_shares(connection, run, &mut page.items)?;
    }
    Ok(page)
}

type Ranked = (
    i64,
    CustomerId,
    String,
    String,
    ValueClass,
    PyramidLevel,
    Money,
    f64,
    Option<ValueClass>,
);

fn ranked_customer(row: Ranked) -> RankedCustomer {
    let (rank, customer_id, code, name, class, level, amount, cumulative_share, previous_class) =
        row;
    RankedCustomer {
        rank,
        customer_id,
        code,
        name,
        class,
        level,
        amount,
        cumulative_share,
        previous_class,
    }
}
