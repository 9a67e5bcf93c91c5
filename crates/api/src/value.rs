//! Value: ABC and Pareto analysis.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use guanxi_domain::value::{
    Measure, ProductAnalysis, RankedCustomer, ValueRun, ValueRunHead, ValueRunInput, ValueSettings,
};
use guanxi_domain::{Date, Page, ValueRunId};
use guanxi_persistence::{QueryError, value};

use crate::auth::Require;
use crate::list::{FixedQuery, Known, List};
use crate::permission::{Create, Read, Reports, Segments};
use crate::request::{Body, Id};
use crate::{ApiResult, App};

/// Value runs as a list.
pub struct ValueRuns;

/// List value runs
///
/// `customers` and `total` are `null` for somebody whose scope is not all customers.
#[utoipa::path(tag = "value", params(List<ValueRuns>), responses((status = 200, description = "A page of runs", body = Page<ValueRunHead>)))]
#[get("/value-runs")]
pub async fn list_value_runs(
    who: Require<Read<Reports>>,
    list: List<ValueRuns>,
    app: Data<App>,
) -> ApiResult<Json<Page<ValueRunHead>>> {
    let page = app
        .db
        .read(move |c| value::list(c, &who.actor, &list.query))
        .await?;
    Ok(Json(page))
}

/// Make a value run
///
/// Ranks all customers with an order or return in the window, and gives each its class. Customers without one have no class afterwards.
/// Of two runs at once the first that is done is kept, the other refused (409 `run_meanwhile`).
#[utoipa::path(
    tag = "value",
    request_body(content = ValueRunInput, example = json!({"settings": {"measure": "sales", "from": "2026-01-01", "a_share": 7500, "b_share": 9500}})),
    responses((status = 201, description = "The run", body = ValueRun))
)]
#[post("/value-runs")]
pub async fn create_value_run(
    who: Require<Create<Segments>>,
    app: Data<App>,
    Body(input): Body<ValueRunInput>,
) -> ApiResult<HttpResponse> {
    let run = value::run(&app.db, &who.origin(), &input).await?;
    let actor = who.actor.clone();
    // As the caller may see it: who may make a run need not see all customers.
    let run = app.db.read(move |c| value::get(c, &actor, run.id)).await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/value-runs/{}", run.id)))
        .json(run))
}

/// Get a value run
///
/// With classes, pyramid, Pareto curve and movement. For somebody whose scope is not all customers every figure is over those that
/// they may see, which only the newest 12 runs still tell (404 `places_forgotten`).
#[utoipa::path(tag = "value", params(("id" = ValueRunId, Path, description = "The run")), responses((status = 200, description = "The run", body = ValueRun)))]
#[get("/value-runs/{id}")]
pub async fn get_value_run(
    who: Require<Read<Reports>>,
    Id(id): Id<ValueRunId>,
    app: Data<App>,
) -> ApiResult<Json<ValueRun>> {
    Ok(Json(
        app.db.read(move |c| value::get(c, &who.actor, id)).await?,
    ))
}

/// The customers of a value run, ranked
///
/// Only the newest 12 runs keep them (404 `places_forgotten`): the figures of older ones stay.
#[utoipa::path(
    tag = "value",
    params(("id" = ValueRunId, Path, description = "The run"), List<Reports>),
    responses((status = 200, description = "A page of customers", body = Page<RankedCustomer>))
)]
#[get("/value-runs/{id}/customers")]
pub async fn list_ranked_customers(
    who: Require<Read<Reports>>,
    Id(id): Id<ValueRunId>,
    list: List<Reports>,
    app: Data<App>,
) -> ApiResult<Json<Page<RankedCustomer>>> {
    let page = app
        .db
        .read(move |c| value::ranked(c, &who.actor, id, &list.query))
        .await?;
    Ok(Json(page))
}

impl FixedQuery for ValueSettings {
    const NAMES: &'static [&'static str] = &["measure", "from", "to", "a_share", "b_share"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: &str| {
            QueryError::Invalid(name.to_owned(), format!("expected {expected}"))
        };
        let date = |name: &str| -> Result<Option<Date>, QueryError> {
            let wrong = |_| invalid(name, "a date as in 2026-01-31");
            get(name)
                .map(|text| text.parse().map_err(wrong))
                .transpose()
        };
        let share = |name: &str, default: i32| match get(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|share| (1..=10_000).contains(share))
                .ok_or_else(|| invalid(name, "1 to 10000")),
        };
        let default = Self::default();
        let settings = Self {
            measure: match get("measure") {
                None => default.measure,
                Some(word) => word
                    .parse()
                    .map_err(|_| invalid("measure", &Measure::WORDS.join(" or ")))?,
            },
            from: date("from")?,
            to: date("to")?,
            a_share: share("a_share", default.a_share)?,
            b_share: share("b_share", default.b_share)?,
        };
        if settings.a_share >= settings.b_share {
            return Err(invalid("b_share", "more than a_share"));
        }
        if matches!((settings.from, settings.to), (Some(from), Some(to)) if from > to) {
            return Err(invalid("to", "no day before from"));
        }
        Ok(settings)
    }
}

/// ABC and Pareto analysis of products
///
/// Ranks the products by the lines of the confirmed orders that the caller may see. Reckoned when asked for; nothing is kept.
#[utoipa::path(
    tag = "value",
    params(
        ("measure" = Option<Measure>, Query, description = "What products are ranked by; sales if left out"),
        ("from" = Option<Date>, Query, description = "First day of the window; without it from the first order"),
        ("to" = Option<Date>, Query, description = "Last day of the window; without it to today"),
        ("a_share" = Option<i32>, Query, description = "A reaches up to this share of the cumulative total, in ten-thousandths; 7500 if left out", minimum = 1, maximum = 10_000),
        ("b_share" = Option<i32>, Query, description = "B reaches up to this share; more than `a_share`; 9500 if left out", minimum = 1, maximum = 10_000)
    ),
    responses((status = 200, description = "Figures, curve, and the best 1,000 products", body = ProductAnalysis))
)]
#[get("/products/abc")]
pub async fn analyse_products(
    who: Require<Read<Reports>>,
    query: Known<ValueSettings>,
    app: Data<App>,
) -> ApiResult<Json<ProductAnalysis>> {
    let analysis = app
        .db
        .snapshot(move |c| value::products(c, &who.actor, &query.value))
        .await?;
    Ok(Json(analysis))
}
