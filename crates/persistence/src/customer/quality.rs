//! What is missing, stale, malformed or double among customers.

use diesel::dsl::sql;
use diesel::sql_types::{Double, Nullable};
use diesel::{QueryDsl, RunQueryDsl};
use guanxi_domain::customer::{Customer, QualityCount, QualityFinding, QualityReport};
use guanxi_domain::{Page, Timestamp};

use super::{Customers, LIST, column, unarchived};
use crate::condition::{Column, Condition, Op, Value};
use crate::list::ListQuery;
use crate::schema::customers;
use crate::{AnyConnection, Record, Result, Visibility};

const YEAR: i64 = 365 * 86_400;

/// The customers that a finding concerns.
fn condition(finding: QualityFinding, visibility: &Visibility, now: Timestamp) -> Condition {
    let empty = |name| Condition::IsNull(column(name));
    match finding {
        QualityFinding::NoOwner => empty("owner_id"),
        QualityFinding::NoPhoneOrEmail => Condition::And(vec![empty("phone"), empty("email")]),
        QualityFinding::NoContact => Condition::Not(Box::new(Condition::InSelect(
            column("id"),
            Column {
                table: "contacts",
                name: "customer_id",
            },
            Box::new(Condition::Always),
        ))),
        QualityFinding::NoRegion => empty("region"),
        QualityFinding::NoType => empty("customer_type"),
        QualityFinding::Stale => Condition::Compare(
            column("updated_at"),
            Op::Lt,
            Value::Int(now.plus_seconds(-YEAR).micros()),
        ),
        QualityFinding::Malformed => Condition::Or(vec![
            Condition::And(vec![
                Condition::NotNull(column("email")),
                Condition::Not(Box::new(Condition::Contains(
                    column("email"),
                    "%_@_%._%".to_owned(),
                ))),
            ]),
            Condition::And(vec![
                Condition::NotNull(column("website")),
                Condition::Not(Box::new(Condition::Contains(
                    column("website"),
                    "http%://_%".to_owned(),
                ))),
            ]),
            Condition::And(vec![
                Condition::NotNull(column("phone")),
                Condition::Not(Box::new(Condition::ThreeDigits(column("phone")))),
            ]),
        ]),
        QualityFinding::Double => {
            // Among those that are seen: a double elsewhere is not to be known of.
            let repeated =
                |name| Condition::InRepeated(column(name), Box::new(unarchived(visibility)));
            Condition::Or(["name", "phone", "email"].map(repeated).to_vec())
        }
    }
}

pub fn report(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    now: Timestamp,
) -> Result<QualityReport> {
    let (count, mean): (i64, Option<f64>) = customers::table
        .filter(unarchived(visibility))
        .select((
            diesel::dsl::count_star(),
            sql::<Nullable<Double>>("CAST(avg(customers.completeness) AS DOUBLE PRECISION)"),
        ))
        .first(connection)?;
    let mut findings = Vec::new();
    for finding in QualityFinding::ALL {
        let customers = customers::table
            .filter(unarchived(visibility).and(condition(*finding, visibility, now)))
            .count()
            .get_result(connection)?;
        findings.push(QualityCount {
            finding: *finding,
            customers,
        });
    }
    #[allow(clippy::cast_possible_truncation, reason = "a mean of percentages")]
    let completeness = mean.unwrap_or_default().round() as i32;
    Ok(QualityReport {
        customers: count,
        completeness,
        findings,
    })
}

/// The customers that a finding concerns.
pub fn list(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    finding: QualityFinding,
    query: &ListQuery,
    now: Timestamp,
) -> Result<Page<Customer>> {
    LIST.page(
        connection,
        query,
        unarchived(visibility).and(condition(finding, visibility, now)),
        Customers::load,
        Customers::count,
    )
}
