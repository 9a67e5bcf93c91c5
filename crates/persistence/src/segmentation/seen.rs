//! What somebody may see of a run.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper,
};
use guanxi_domain::segmentation::rfm::RfmCuts;
use guanxi_domain::segmentation::run::{
    CustomerScores, RunFigures, RunState, SCORED_FIELDS, ScoreCourse, ScoredCustomer, ScoresAt,
    Tally,
};
use guanxi_domain::{CustomerId, Date, Page, SegmentationRunId, Timestamp};

use super::{ScoreRow, VALUE, by_value, current_number, of_score, scored, valued};
use crate::condition::{Column, Condition, Op, Value};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{customers, segmentation_runs, segmentation_scores, segmentation_values};
use crate::sight::Sight;
use crate::{Actor, AnyConnection, Result, Visibility, customer};

const fn column(name: &'static str) -> Column {
    Column {
        table: "segmentation_scores",
        name,
    }
}

const LIST: ListSpec = ListSpec {
    id: "customer_id",
    downwards: Some(("lifetime_value", VALUE)),
    search: &[(&customer::SEARCH, column("customer_id"))],
    ..ListSpec::new(&SCORED_FIELDS, "segmentation_scores")
};

/// Adds up the customers of a run that are seen.
pub(super) fn figures(
    connection: &mut AnyConnection,
    sight: &Sight,
    number: i64,
    cuts: Option<RfmCuts>,
) -> Result<RunFigures> {
    let rows: Vec<ScoreRow> = segmentation_scores::table
        .inner_join(customers::table)
        .filter(segmentation_scores::run.eq(number))
        .filter(sight.condition.clone())
        .select(ScoreRow::as_select())
        .load(connection)?;
    let mut tally = Tally::default();
    for row in rows {
        tally.add(&(&CustomerScores::from(row)).into());
    }
    Ok(tally.finish(cuts))
}

/// The customers of a run, as far as the caller may see them and the scores are kept.
pub fn customers(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: SegmentationRunId,
    query: &ListQuery,
) -> Result<Page<ScoredCustomer>> {
    let run = scored(connection, id)?;
    let of_run = Condition::Compare(column("run"), Op::Eq, Value::Int(run.number));
    LIST.page(
        connection,
        query,
        of_run.and(Sight::of(actor).condition),
        |connection, condition, ordering, limit| {
            macro_rules! page {
                ($rows:expr, $condition:expr) => {
                    $rows
                        .filter($condition)
                        .order(ordering)
                        .limit(limit)
                        .select((
                            customers::id,
                            customers::code,
                            customers::name,
                            ScoreRow::as_select(),
                        ))
                        .load(connection)?
                };
            }
            let rows = segmentation_scores::table.inner_join(customers::table);
            let rows: Vec<(CustomerId, String, String, ScoreRow)> = if by_value(&ordering) {
                let rows = rows.inner_join(segmentation_values::table.on(of_score()));
                page!(rows, condition.and(valued(run.number)))
            } else {
                page!(rows, condition)
            };
            let customer =
                |(customer_id, code, name, row): (CustomerId, String, String, ScoreRow)| {
                    ScoredCustomer {
                        customer_id,
                        code,
                        name,
                        scores: row.into(),
                    }
                };
            Ok(rows.into_iter().map(customer).collect())
        },
        |connection, condition| {
            Ok(segmentation_scores::table
                .inner_join(customers::table)
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

type At = (i64, SegmentationRunId, Date, Timestamp, ScoreRow);

/// A customer's scores now and over the runs that are kept.
pub fn course(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: CustomerId,
) -> Result<ScoreCourse> {
    // Refuses what is not seen.
    customer::get(connection, visibility, id)?;
    let current = current_number(connection)?;
    let rows: Vec<At> = segmentation_runs::table
        .inner_join(
            segmentation_scores::table.on(segmentation_scores::run
                .eq(segmentation_runs::number)
                .and(segmentation_scores::customer_id.eq(id))),
        )
        .filter(segmentation_runs::state.eq(RunState::Done))
        .filter(segmentation_runs::scores_kept.eq(true))
        .order((
            segmentation_runs::as_of.desc(),
            segmentation_runs::number.desc(),
        ))
        .select((
            segmentation_runs::number,
            segmentation_runs::id,
            segmentation_runs::as_of,
            segmentation_runs::created_at,
            ScoreRow::as_select(),
        ))
        .load(connection)?;
    let mut found = ScoreCourse {
        current: None,
        course: Vec::new(),
    };
    for (number, run_id, as_of, at, row) in rows {
        let at = ScoresAt {
            run_id,
            as_of,
            at,
            scores: row.into(),
        };
        if current == Some(number) {
            found.current = Some(at.clone());
        }
        found.course.push(at);
    }
    Ok(found)
}
