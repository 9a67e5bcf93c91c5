//! Winning customers back: whom first, plans with their outcomes, and why customers were lost.

use std::str::FromStr;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::win_back::{
    CustomerLoss, CustomerLossInput, WinBackCandidate, WinBackPlan, WinBackPlanInput,
};
use guanxi_domain::{CustomerId, Page, WinBackPlanId};
use guanxi_persistence::QueryError;
use guanxi_persistence::win_back::{self, Wanted, loss};

use crate::auth::Require;
use crate::list::{FixedQuery, Known, List, page};
use crate::permission::{Customers, Read, Reports, Update};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// Plans as a list.
pub struct WinBackPlans;

/// Customers in one answer, unless another number is asked for.
const CANDIDATES: i64 = 50;

impl FixedQuery for Wanted {
    const NAMES: &'static [&'static str] = &["churn_level", "lifecycle_stage", "owner_id", "limit"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: &str| {
            QueryError::Invalid(name.to_owned(), format!("expected {expected}"))
        };
        let owner = match get("owner_id") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| invalid("owner_id", "an id"))?),
        };
        let limit = match get("limit") {
            None => CANDIDATES,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=200).contains(limit))
                .ok_or_else(|| invalid("limit", "1 to 200"))?,
        };
        Ok(Self {
            levels: words(get("churn_level"))
                .ok_or_else(|| invalid("churn_level", "levels, comma-separated"))?,
            stages: words(get("lifecycle_stage"))
                .ok_or_else(|| invalid("lifecycle_stage", "stages, comma-separated"))?,
            owner,
            limit,
        })
    }
}

/// The words of a list; `None` if one is unknown.
fn words<T: FromStr>(text: Option<String>) -> Option<Vec<T>> {
    text.map_or_else(
        || Some(Vec::new()),
        |text| text.split(',').map(|word| word.parse().ok()).collect(),
    )
}

/// Whom to win back first
///
/// Customers of the current segmentation run whose risk is known and who are worth something, by risk × what they would bring if they
/// were active: the largest first. Each with its open plan.
#[utoipa::path(
    tag = "win_back_plans",
    params(
        ("churn_level" = Option<String>, Query, description = "Only these levels of risk, comma-separated: low, medium, high"),
        ("lifecycle_stage" = Option<String>, Query, description = "Only these stages, comma-separated: acquisition, growth, maturity, decline, lost"),
        ("owner_id" = Option<String>, Query, description = "Only this person's customers"),
        ("limit" = Option<i64>, Query, description = "At most so many; 50 if left out", minimum = 1, maximum = 200)
    ),
    responses((status = 200, description = "The largest gain first", body = Vec<WinBackCandidate>))
)]
#[get("/win-back-candidates")]
pub async fn list_win_back_candidates(
    who: Require<Read<Reports>>,
    query: Known<Wanted>,
    app: Data<App>,
) -> ApiResult<Json<Vec<WinBackCandidate>>> {
    let found = app
        .db
        .read(move |c| win_back::candidates(c, &who.actor, &query.value))
        .await?;
    Ok(Json(found))
}

/// List win-back plans
///
/// Those of the customers that the caller may see.
#[utoipa::path(tag = "win_back_plans", params(List<WinBackPlans>), responses((status = 200, description = "A page of plans", body = Page<WinBackPlan>)))]
#[get("/win-back-plans")]
pub async fn list_win_back_plans(
    who: Require<Read<Customers>>,
    list: List<WinBackPlans>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<win_back::Plans>(&app, who.visibility.clone(), list.query).await
}

/// Make a win-back plan
///
/// A customer has one open plan at a time (409 `taken`).
#[utoipa::path(
    tag = "win_back_plans",
    request_body(content = WinBackPlanInput, example = json!({"customer_id": "01933e8a-5f00-7000-8000-000000000001", "plan": "上门拜访，了解停购原因，提供三个月试用价", "due_on": "2026-12-15"})),
    responses((status = 201, description = "The plan", body = WinBackPlan))
)]
#[post("/win-back-plans")]
pub async fn create_win_back_plan(
    who: Require<Update<Customers>>,
    app: Data<App>,
    Body(input): Body<WinBackPlanInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, who| {
        win_back::create(tx, &who.visibility, &input)
    })
    .await
}

/// Get a win-back plan
#[utoipa::path(tag = "win_back_plans", params(("id" = WinBackPlanId, Path, description = "The plan")), responses((status = 200, description = "The plan", body = WinBackPlan)))]
#[get("/win-back-plans/{id}")]
pub async fn get_win_back_plan(
    who: Require<Read<Customers>>,
    Id(id): Id<WinBackPlanId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, seen| win_back::get(c, seen, id))
        .await
}

/// Change a win-back plan
///
/// Its outcome, too: with another outcome than `open` the day of it is needed.
#[utoipa::path(
    tag = "win_back_plans",
    params(("id" = WinBackPlanId, Path, description = "The plan"), IfMatch),
    request_body(content = WinBackPlanInput, content_type = "application/merge-patch+json", example = json!({"outcome": "won_back", "outcome_on": "2026-12-10", "outcome_note": "下了新订单"})),
    responses((status = 200, description = "As it is now", body = WinBackPlan))
)]
#[patch("/win-back-plans/{id}")]
pub async fn update_win_back_plan(
    who: Require<Update<Customers>>,
    Id(id): Id<WinBackPlanId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, seen| win_back::get(c, seen, id))
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, who| {
        win_back::update(tx, &who.visibility, id, version, &input)
    })
    .await
}

/// Why a customer was lost
#[utoipa::path(tag = "customers", params(("id" = CustomerId, Path, description = "The customer")), responses((status = 200, description = "The newest first", body = Vec<CustomerLoss>)))]
#[get("/customers/{id}/losses")]
pub async fn list_customer_losses(
    who: Require<Read<Customers>>,
    Id(id): Id<CustomerId>,
    app: Data<App>,
) -> ApiResult<Json<Vec<CustomerLoss>>> {
    Ok(Json(
        app.db
            .read(move |c| loss::list(c, &who.visibility, id))
            .await?,
    ))
}

/// Record that a customer was lost
///
/// With the type of churn. The customer's stage is `lost` afterwards.
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer")),
    request_body(content = CustomerLossInput, example = json!({"churn_type": "competitor", "lost_on": "2026-11-20", "note": "改用本地供应商"})),
    responses((status = 201, description = "As it is kept", body = CustomerLoss))
)]
#[post("/customers/{id}/losses")]
pub async fn create_customer_loss(
    who: Require<Update<Customers>>,
    Id(id): Id<CustomerId>,
    app: Data<App>,
    Body(input): Body<CustomerLossInput>,
) -> ApiResult<HttpResponse> {
    let loss = who
        .written(&app, move |tx, who| {
            loss::create(tx, &who.visibility, id, &input)
        })
        .await?;
    Ok(HttpResponse::Created().json(loss))
}
