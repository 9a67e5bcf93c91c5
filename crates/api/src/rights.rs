//! What somebody may do, and why.

use actix_web::get;
use actix_web::web::{Data, Json};
use guanxi_domain::event::RECORDS;
use guanxi_domain::permission::Operation;
use guanxi_domain::rights::{Rights, RightsCheck};
use guanxi_domain::{Problem, UserId};
use guanxi_persistence::{QueryError, access, user};

use crate::auth::{LoggedIn, Require};
use crate::list::{FixedQuery, Known};
use crate::permission::{Read, Users};
use crate::request::Id;
use crate::{ApiResult, App};

/// Which operation on which record.
pub struct OnRecord {
    record: String,
    id: String,
    operation: Operation,
}

impl FixedQuery for OnRecord {
    const NAMES: &'static [&'static str] = &["record", "record_id", "operation"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: String| QueryError::Invalid(name.to_owned(), expected);
        let record = get("record").unwrap_or_default();
        if !RECORDS.contains(&record.as_str()) {
            let known = RECORDS.join(", ");
            return Err(invalid("record", format!("expected one of {known}")));
        }
        let id = get("record_id").filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| invalid("record_id", "expected a UUID".to_owned()))?;
        let operation = get("operation").unwrap_or_default();
        let operation = operation
            .parse()
            .map_err(|expected| invalid("operation", expected))?;
        Ok(Self {
            record,
            id,
            operation,
        })
    }
}

/// What somebody may do
///
/// The rights of their role, and how many records these and what was shared reach to: counted as lists count. How many there are in all
/// (`of`) is told of types of which the caller sees all records.
#[utoipa::path(tag = "users", params(("id" = UserId, Path, description = "The account")), responses((status = 200, description = "The rights", body = Rights)))]
#[get("/users/{id}/rights")]
pub async fn get_user_rights(
    who: Require<Read<Users>>,
    Id(id): Id<UserId>,
    app: Data<App>,
) -> ApiResult<Json<Rights>> {
    let rights = app.db.read(move |c| {
        user::get(c, &who.visibility, id)?;
        access::rights(c, &who.actor, id)
    });
    Ok(Json(rights.await?))
}

/// Whether somebody may do something to a record
///
/// And why: `own`, `department`, `department_tree`, `all` or `shared`. Of records that the caller sees; 404 for others.
#[utoipa::path(
    tag = "users",
    params(
        ("id" = UserId, Path, description = "The account"),
        ("record" = String, Query, description = "The record's type, in plural", example = "customers"),
        ("record_id" = String, Query, description = "The record", example = "01938a3e-7c00-7000-8000-c8f6e2d71b5a"),
        ("operation" = Operation, Query, description = "What is to be done")
    ),
    responses((status = 200, description = "The answer", body = RightsCheck))
)]
#[get("/users/{id}/rights/check")]
pub async fn check_user_rights(
    who: Require<Read<Users>>,
    Id(id): Id<UserId>,
    asked: Known<OnRecord>,
    app: Data<App>,
) -> ApiResult<Json<RightsCheck>> {
    let asked = asked.value;
    let check = app.db.read(move |c| {
        user::get(c, &who.visibility, id)?;
        access::check(c, &who.actor, id, &asked.record, &asked.id, asked.operation)
    });
    Ok(Json(check.await?))
}

/// What I may do
#[utoipa::path(tag = "account", responses((status = 200, description = "The rights", body = Rights)))]
#[get("/me/rights")]
pub async fn get_my_rights(who: LoggedIn, app: Data<App>) -> ApiResult<Json<Rights>> {
    let rights = app
        .db
        .read(move |c| access::rights(c, &who.actor, who.actor.user_id));
    Ok(Json(rights.await?))
}

/// Whether I may do something to a record
#[utoipa::path(
    tag = "account",
    params(
        ("record" = String, Query, description = "The record's type, in plural", example = "customers"),
        ("record_id" = String, Query, description = "The record", example = "01938a3e-7c00-7000-8000-c8f6e2d71b5a"),
        ("operation" = Operation, Query, description = "What is to be done")
    ),
    responses(
        (status = 200, description = "The answer", body = RightsCheck),
        (status = 404, description = "No such record, or the caller does not see it", body = Problem, content_type = "application/problem+json")
    )
)]
#[get("/me/rights/check")]
pub async fn check_my_rights(
    who: LoggedIn,
    asked: Known<OnRecord>,
    app: Data<App>,
) -> ApiResult<Json<RightsCheck>> {
    let asked = asked.value;
    let check = app.db.read(move |c| {
        let me = who.actor.user_id;
        access::check(c, &who.actor, me, &asked.record, &asked.id, asked.operation)
    });
    Ok(Json(check.await?))
}
