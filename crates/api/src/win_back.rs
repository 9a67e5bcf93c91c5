//! Winning customers back: whom first, plans with their outcomes, and why customers were lost.

use std::str::FromStr;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::LifecycleStage;
use guanxi_domain::win_back::{
    CustomerLoss, CustomerLossInput, LossSummary, WinBackCandidate, WinBackPlan, WinBackPlanInput,
};
use guanxi_domain::{CustomerId, Date, Page, WinBackPlanId};
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
            Some(text) => Some(text.parse().map_err(|_| invalid("owner_id", "a UUID"))?),
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
            levels: words(get("churn_level")).ok_or_else(|| {
                let known = ChurnLevel::WORDS.join(", ");
                invalid("churn_level", &format!("some of {known}"))
            })?,
            stages: words(get("lifecycle_stage")).ok_or_else(|| {
                let known = LifecycleStage::WORDS.join(", ");
                invalid("lifecycle_stage", &format!("some of {known}"))
            })?,
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

/// The days that losses are looked at.
pub struct Period {
    from: Option<Date>,
    to: Option<Date>,
}

impl FixedQuery for Period {
    const NAMES: &'static [&'static str] = &["from", "to"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: &str| {
            QueryError::Invalid(name.to_owned(), format!("expected {expected}"))
        };
        let day = |name: &str| {
            let day = get(name).map(|text| text.parse::<Date>());
            day.transpose()
                .map_err(|_| invalid(name, "a date as in 2026-11-21"))
        };
        let period = Self {
            from: day("from")?,
            to: day("to")?,
        };
        match (period.from, period.to) {
            (Some(from), Some(to)) if from > to => Err(invalid("to", "no day before from")),
            _ => Ok(period),
        }
    }
}

/// Why customers were lost, by type
///
/// Over the losses that were recorded in a period, of the customers that the caller may see in reports. A customer counts once, by the
/// last loss of the period; `sales` is what was bought in the 365 days up to it.
#[utoipa::path(
    tag = "win_back_plans",
    params(
        ("from" = Option<Date>, Query, description = "The first day; from the first loss on if left out"),
        ("to" = Option<Date>, Query, description = "The last day; to the last loss if left out")
    ),
    responses((status = 200, description = "The losses by type", body = LossSummary))
)]
#[get("/customer-losses/summary")]
pub async fn summarise_customer_losses(
    who: Require<Read<Reports>>,
    query: Known<Period>,
    app: Data<App>,
) -> ApiResult<Json<LossSummary>> {
    let Period { from, to } = query.value;
    let summary = app
        .db
        .read(move |c| loss::summary(c, &who.actor, (from, to)))
        .await?;
    Ok(Json(summary))
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
