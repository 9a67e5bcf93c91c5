//! Trading analysis.

use actix_web::get;
use actix_web::web::{Data, Json};
use guanxi_domain::report::ReportPeriod;
use guanxi_domain::segmentation::trading::{
    TradingAnalysis, TradingDimension, TradingMeasure, TradingQuery,
};
use guanxi_domain::{Date, Timestamp};
use guanxi_persistence::report::Asker;
use guanxi_persistence::{QueryError, trading};

use crate::auth::Require;
use crate::list::{FixedQuery, Known};
use crate::permission::{Read, Reports};
use crate::{ApiResult, App};

/// What is asked, in the query string.
pub struct Asked(TradingQuery);

/// The dimensions by which the analysis is narrowed down, each a parameter of its name.
const WITHIN: &[TradingDimension] = &[
    TradingDimension::CustomerType,
    TradingDimension::Region,
    TradingDimension::Customer,
    TradingDimension::Category,
    TradingDimension::Product,
];

/// The longest key of a dimension: an id or a code.
const MOST_CHARACTERS: usize = 80;

impl FixedQuery for Asked {
    const NAMES: &'static [&'static str] = &[
        "by",
        "measure",
        "period",
        "from",
        "to",
        "customer_type",
        "region",
        "customer",
        "category",
        "product",
    ];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: String| QueryError::Invalid(name.to_owned(), expected);
        let by = match get("by") {
            None => TradingDimension::CustomerType,
            Some(word) => word.parse().map_err(|e| invalid("by", e))?,
        };
        let measure = match get("measure") {
            None => TradingMeasure::Sales,
            Some(word) => word.parse().map_err(|e| invalid("measure", e))?,
        };
        let day = |name: &str| -> Result<Option<Date>, QueryError> {
            let wrong = |e: String| invalid(name, e);
            get(name)
                .map(|text| text.parse().map_err(wrong))
                .transpose()
        };
        let (from, to) = match (get("period"), day("from")?, day("to")?) {
            (None, Some(from), Some(to)) if from <= to => (from, to),
            (None, Some(_), Some(_)) => {
                return Err(invalid("to", "expected no day before from".to_owned()));
            }
            (period, None, None) => {
                let period: ReportPeriod = match period {
                    None => ReportPeriod::Last12Months,
                    Some(word) => word.parse().map_err(|e| invalid("period", e))?,
                };
                let range = period.days(Timestamp::now().date());
                let open = || invalid("period", "expected a period with both ends".to_owned());
                range.from.zip(range.to).ok_or_else(open)?
            }
            _ => {
                let expected = "expected either a period or from and to".to_owned();
                return Err(invalid("period", expected));
            }
        };
        let mut within = Vec::new();
        for of in WITHIN {
            let Some(key) = get(of.as_str()) else {
                continue;
            };
            let is_id = matches!(of, TradingDimension::Customer | TradingDimension::Product);
            let fine = if is_id {
                key == "none" || key.parse::<guanxi_domain::CustomerId>().is_ok()
            } else {
                key.chars().count() <= MOST_CHARACTERS
            };
            if !fine {
                return Err(invalid(of.as_str(), "expected a key or none".to_owned()));
            }
            within.push((*of, (key != "none").then_some(key)));
        }
        Ok(Self(TradingQuery {
            by,
            measure,
            from,
            to,
            within,
        }))
    }
}

/// Trading analysis
///
/// Of the 100 with the largest sales in the period each one's sales, share, growth to the period before, gross margin rate, stock turnover, cross
/// ratio (margin rate × turnover) and contribution (cross ratio × sales); what is left beside them is one row, ranked nowhere. Over the confirmed orders within
/// the caller's scope of reports, orders and customers. A dimension's parameter narrows the analysis down: the products of a customer are its
/// product mix.
///
/// Turnover is sales at cost ÷ mean stock held at cost, in the period: Σ quantity × unit cost × days ÷ Σ days over its stock levels, from
/// the first one that is known until today at most. Products, categories (of their products whose stock is known) and months have it, for whoever reads
/// stock and sees all sales; else `stock_gap` says why not, and what follows from stock is `null`.
#[utoipa::path(
    tag = "reports",
    params(
        ("by" = Option<TradingDimension>, Query, description = "What is compared; customer types if left out"),
        ("measure" = Option<TradingMeasure>, Query, description = "What they are ranked by; sales if left out"),
        ("period" = Option<ReportPeriod>, Query, description = "A period named by its place to today; the last 12 months if left out"),
        ("from" = Option<Date>, Query, description = "First day, with `to` in place of `period`"),
        ("to" = Option<Date>, Query, description = "Last day"),
        ("customer_type" = Option<String>, Query, description = "Only of customers of this type; `none`: of those without one", max_length = 80),
        ("region" = Option<String>, Query, description = "Only of customers of this region, or `none`", max_length = 80),
        ("customer" = Option<String>, Query, description = "Only of the customer of this id", max_length = 80),
        ("category" = Option<String>, Query, description = "Only lines with products of this category, or `none`", max_length = 80),
        ("product" = Option<String>, Query, description = "Only lines with the product of this id, or `none`", max_length = 80)
    ),
    responses((status = 200, description = "The figures, ranked", body = TradingAnalysis))
)]
#[get("/trading")]
pub async fn analyse_trading(
    who: Require<Read<Reports>>,
    query: Known<Asked>,
    app: Data<App>,
) -> ApiResult<Json<TradingAnalysis>> {
    let (actor, lang) = (who.actor.clone(), who.lang());
    let minor_digits = app.config.minor_digits();
    let analyse = move |connection: &mut _| {
        let asker = Asker {
            actor: &actor,
            lang,
            now: Timestamp::now(),
            exports: false,
        };
        trading::trading(connection, &asker, &query.value.0, minor_digits)
    };
    Ok(Json(app.db.snapshot(analyse).await?))
}
