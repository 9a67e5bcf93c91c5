//! Product rules: what is bought together, and what to offer next.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use guanxi_domain::segmentation::rules::{KeptRule, Offers, RuleRun, RuleRunInput};
use guanxi_domain::{CustomerId, Page, ProductId, RuleRunId};
use guanxi_persistence::{QueryError, rules};

use crate::auth::Require;
use crate::list::{FixedQuery, Known, List};
use crate::permission::{Create, Read, Reports, Segments};
use crate::request::{Body, Id};
use crate::{ApiResult, App};

/// Rule runs as a list.
pub struct RuleRuns;

/// Rules as a list.
pub struct Rules;

/// List rule runs
///
/// For whoever may see all orders in reports (403 `whole_company`): the figures are those of the whole company.
#[utoipa::path(tag = "rules", params(List<RuleRuns>), responses((status = 200, description = "A page of runs", body = Page<RuleRun>)))]
#[get("/rule-runs")]
pub async fn list_rule_runs(
    who: Require<Read<Reports>>,
    list: List<RuleRuns>,
    app: Data<App>,
) -> ApiResult<Json<Page<RuleRun>>> {
    let page = app
        .db
        .snapshot(move |c| rules::list(c, &who.actor, &list.query))
        .await?;
    Ok(Json(page))
}

/// Make a rule run
///
/// Looks for products (or categories) that are bought together in the orders of the company, in the background: `state` of the run says
/// how far it is. For whoever may see all orders in reports (403 `whole_company`).
#[utoipa::path(
    tag = "rules",
    request_body(content = RuleRunInput, example = json!({"settings": {"baskets": "customer", "items": "product", "from": "2026-01-01", "min_support": 5000, "min_confidence": 300_000, "min_lift": 1200}})),
    responses((status = 201, description = "The run, queued", body = RuleRun))
)]
#[post("/rule-runs")]
pub async fn create_rule_run(
    who: Require<Create<Segments>>,
    app: Data<App>,
    Body(input): Body<RuleRunInput>,
) -> ApiResult<HttpResponse> {
    let run = who
        .written(&app, move |tx, who| rules::create(tx, &who.actor, &input))
        .await?;
    app.jobs.wake();
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/rule-runs/{}", run.id)))
        .json(run))
}

/// Get a rule run
///
/// For whoever may see all orders in reports (403 `whole_company`).
#[utoipa::path(tag = "rules", params(("id" = RuleRunId, Path, description = "The run")), responses((status = 200, description = "The run", body = RuleRun)))]
#[get("/rule-runs/{id}")]
pub async fn get_rule_run(
    who: Require<Read<Reports>>,
    Id(id): Id<RuleRunId>,
    app: Data<App>,
) -> ApiResult<Json<RuleRun>> {
    let run = app
        .db
        .snapshot(move |c| rules::get(c, &who.actor, id))
        .await?;
    Ok(Json(run))
}

/// Cancel a rule run
///
/// One that waits is taken out of the queue, one that runs stops at its next step (409 when it is over). For whoever may see all orders
/// in reports (403 `whole_company`).
#[utoipa::path(tag = "rules", params(("id" = RuleRunId, Path, description = "The run")), responses((status = 200, description = "The run, cancelled", body = RuleRun)))]
#[post("/rule-runs/{id}/cancel")]
pub async fn cancel_rule_run(
    who: Require<Create<Segments>>,
    Id(id): Id<RuleRunId>,
    app: Data<App>,
) -> ApiResult<Json<RuleRun>> {
    let run = who
        .written(&app, move |tx, who| rules::cancel(tx, &who.actor, id))
        .await?;
    Ok(Json(run))
}

/// The rules of a run
///
/// Shares (`support`, `confidence`, `leverage`) are in millionths, ratios (`lift`, `conviction`) in thousandths, also in the filters.
/// `product` and `category` ask for rules with one of them on either side.
///
/// Only the newest 12 runs that are done keep them (404 `rules_forgotten`); a run that is not done has none yet (404 `run_unfinished`).
/// For whoever may see all orders in reports (403 `whole_company`).
#[utoipa::path(
    tag = "rules",
    params(("id" = RuleRunId, Path, description = "The run"), List<Rules>),
    responses((status = 200, description = "A page of rules", body = Page<KeptRule>))
)]
#[get("/rule-runs/{id}/rules")]
pub async fn list_rules(
    who: Require<Read<Reports>>,
    Id(id): Id<RuleRunId>,
    list: List<Rules>,
    app: Data<App>,
) -> ApiResult<Json<Page<KeptRule>>> {
    let page = app
        .db
        .snapshot(move |c| rules::rules(c, &who.actor, id, &list.query))
        .await?;
    Ok(Json(page))
}

/// How much to offer.
pub struct OfferQuery {
    limit: usize,
    bought: bool,
}

fn limit(get: &dyn Fn(&str) -> Option<String>) -> Result<usize, QueryError> {
    let Some(text) = get("limit") else {
        return Ok(5);
    };
    let limit = text.parse().ok().filter(|limit| (1..=50).contains(limit));
    limit.ok_or_else(|| QueryError::Invalid("limit".to_owned(), "expected 1 to 50".to_owned()))
}

impl FixedQuery for OfferQuery {
    const NAMES: &'static [&'static str] = &["limit", "bought"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let bought = match get("bought").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                let expected = "expected true or false".to_owned();
                return Err(QueryError::Invalid("bought".to_owned(), expected));
            }
        };
        Ok(Self {
            limit: limit(get)?,
            bought,
        })
    }
}

/// As [`OfferQuery`], for a product.
pub struct WithQuery {
    limit: usize,
}

impl FixedQuery for WithQuery {
    const NAMES: &'static [&'static str] = &["limit"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        Ok(Self { limit: limit(get)? })
    }
}

/// What to offer to a customer next
///
/// By the rules of the newest run that is done and what the customer has bought, each with the rule that says so. For somebody who may not
/// see all orders in reports both are reckoned from the newest orders that they may see, by the run's settings (`basis`: `seen`).
#[utoipa::path(
    tag = "rules",
    params(
        ("id" = CustomerId, Path, description = "The customer"),
        ("limit" = Option<i32>, Query, description = "At most so many; 5 if left out", minimum = 1, maximum = 50),
        ("bought" = Option<bool>, Query, description = "Also what the customer has bought before")
    ),
    responses((status = 200, description = "What to offer, the best first", body = Offers))
)]
#[get("/customers/{id}/next-products")]
pub async fn list_next_products(
    who: Require<Read<Reports>>,
    Id(id): Id<CustomerId>,
    query: Known<OfferQuery>,
    app: Data<App>,
) -> ApiResult<Json<Offers>> {
    let OfferQuery { limit, bought } = query.value;
    let offers = app
        .db
        .snapshot(move |c| rules::next_products(c, &who.actor, id, limit, bought))
        .await?;
    Ok(Json(offers))
}

/// What is often bought together with a product
///
/// By the rules of the newest run with this product alone on their left side. For somebody who may not see all orders in reports they are
/// reckoned from the newest orders that they may see, by the run's settings (`basis`: `seen`).
#[utoipa::path(
    tag = "rules",
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("limit" = Option<i32>, Query, description = "At most so many; 5 if left out", minimum = 1, maximum = 50)
    ),
    responses((status = 200, description = "What is bought with it, the best first", body = Offers))
)]
#[get("/products/{id}/bought-with")]
pub async fn list_bought_with(
    who: Require<Read<Reports>>,
    Id(id): Id<ProductId>,
    query: Known<WithQuery>,
    app: Data<App>,
) -> ApiResult<Json<Offers>> {
    let offers = app
        .db
        .snapshot(move |c| rules::bought_with(c, &who.actor, id, query.value.limit))
        .await?;
    Ok(Json(offers))
}
