//! Reports: pivots over sales, saved ones among them.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use guanxi_domain::audit::differences;
use guanxi_domain::permission::Module;
use guanxi_domain::report::{
    Report, ReportExport, ReportInput, ReportPin, ReportQuery, ReportResult, table,
};
use guanxi_domain::{ReportId, Timestamp};
use guanxi_persistence::report::{self, Asker};
use serde_json::json;

use crate::auth::{LoggedIn, Require};
use crate::permission::{Export, Read, Reports};
use crate::record::{created, tagged};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

pub mod schedule;

async fn answer(
    who: &LoggedIn,
    app: &App,
    query: ReportQuery,
    exports: bool,
) -> ApiResult<ReportResult> {
    let (actor, lang) = (who.actor.clone(), who.lang());
    let run = move |connection: &mut _| {
        let asker = Asker {
            actor: &actor,
            lang,
            now: Timestamp::now(),
            exports,
        };
        report::run(connection, &asker, &query)
    };
    let result = app.db.snapshot(run).await;
    // Of a file the query is a member of what was sent.
    Ok(result.map_err(|error| {
        if exports {
            error.below("/query")
        } else {
            error
        }
    })?)
}

/// Run a report
///
/// Over the lines of the confirmed orders within the caller's scope of reports, orders and customers together. Money is in minor units,
/// `quantity` in thousandths, `margin_rate` in ten-thousandths. At most 5,000 cells (422 `cells`). Counts of orders and customers, averages
/// and rates of a total are those of the whole. The orders behind a cell are found by `POST /orders/search` with
/// `{"and": [filter of the report, of the row, of the column]}`.
#[utoipa::path(
    tag = "reports",
    request_body(content = ReportQuery, example = json!({"rows": ["region"], "column": "month", "measures": ["sales", "margin_rate"], "period": "last_12_months", "filter": {"field": "customer.value_class", "op": "in", "value": ["a", "b"]}, "compare": "year_before", "sort": {"measure": "sales", "descending": true}, "top": 10})),
    responses((status = 200, description = "The figures", body = ReportResult))
)]
#[post("/reports/run")]
pub async fn run_report(
    who: Require<Read<Reports>>,
    app: Data<App>,
    Body(query): Body<ReportQuery>,
) -> ApiResult<Json<ReportResult>> {
    Ok(Json(answer(&who, &app, query.into_inner(), false).await?))
}

/// Export a report
///
/// As a table with a total, in the language of `Accept-Language`: money in the currency's unit, rates and changes as fractions of one. Needs the
/// right to export: what it and the right to read both reach to is in it, and the audit trail tells of it.
#[utoipa::path(
    tag = "reports",
    request_body(content = ReportExport, example = json!({"format": "csv", "query": {"rows": ["month"], "measures": ["sales", "orders"], "period": "this_year"}})),
    responses((
        status = 200,
        description = "The file",
        content(
            (String = "text/csv", example = json!("Month,Sales,Orders\r\n2026-11,1299.00,3\r\nTotal,1299.00,3\r\n")),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("(a workbook)"))
        )
    ))
)]
#[post("/reports/export")]
pub async fn export_report(
    who: Require<Export<Reports>>,
    app: Data<App>,
    Body(input): Body<ReportExport>,
) -> ApiResult<HttpResponse> {
    let input = input.into_inner();
    let result = answer(&who, &app, input.query.clone(), true).await?;
    let table = table(&input.query, &result, who.lang(), app.config.minor_digits());
    let left = json!({"format": input.format, "query": input.query, "rows": table.rows.len()});
    app.db
        .write(who.origin(), move |tx| {
            tx.record("reports", "", "exported", differences(&json!({}), &left))
        })
        .await?;
    let title = Module::Reports.label(who.lang());
    crate::export::table(&app, "report", title, input.format, table).await
}

/// List saved reports
///
/// The caller's own and shared ones, by name.
#[utoipa::path(tag = "reports", responses((status = 200, description = "The reports", body = Vec<Report>)))]
#[get("/reports")]
pub async fn list_reports(
    who: Require<Read<Reports>>,
    app: Data<App>,
) -> ApiResult<Json<Vec<Report>>> {
    let reports = app.db.read(move |c| report::list(c, &who.actor)).await?;
    Ok(Json(reports))
}

/// Save a report
///
/// Whoever may read reports saves their own. A shared one is seen by all who may read reports, each with the figures that they may see.
#[utoipa::path(
    tag = "reports",
    request_body(content = ReportInput, example = json!({"name": "各地区每月销售", "shared": true, "chart": "stacked", "query": {"rows": ["region"], "column": "month", "measures": ["sales"], "period": "last_12_months"}})),
    responses((status = 201, description = "The report", body = Report))
)]
#[post("/reports")]
pub async fn create_report(
    who: Require<Read<Reports>>,
    app: Data<App>,
    Body(input): Body<ReportInput>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let report = app
        .db
        .write(origin, move |tx| report::create(tx, &who.actor, &input))
        .await?;
    Ok(created(&report))
}

/// Get a saved report
#[utoipa::path(tag = "reports", params(("id" = ReportId, Path, description = "The report")), responses((status = 200, description = "The report", body = Report)))]
#[get("/reports/{id}")]
pub async fn get_report(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let report = app.db.read(move |c| report::get(c, &who.actor, id)).await?;
    Ok(tagged(&report))
}

/// Run a saved report
///
/// As `POST /reports/run` with what it asks.
#[utoipa::path(tag = "reports", params(("id" = ReportId, Path, description = "The report")), responses((status = 200, description = "The figures", body = ReportResult)))]
#[get("/reports/{id}/run")]
pub async fn run_saved_report(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    app: Data<App>,
) -> ApiResult<Json<ReportResult>> {
    let actor = who.actor.clone();
    let report = app.db.read(move |c| report::get(c, &actor, id)).await?;
    Ok(Json(answer(&who, &app, report.input.query, false).await?))
}

/// Change a saved report
///
/// By its owner; shared ones also by administrators.
#[utoipa::path(
    tag = "reports",
    params(("id" = ReportId, Path, description = "The report"), IfMatch),
    request_body(content = ReportInput, content_type = "application/merge-patch+json", example = json!({"name": "各地区每季度销售", "shared": false})),
    responses((status = 200, description = "As it is now", body = Report))
)]
#[patch("/reports/{id}")]
pub async fn update_report(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let actor = who.actor.clone();
    let old = app.db.read(move |c| report::get(c, &actor, id)).await?;
    // What it asks is replaced, not merged.
    let input = patch.replacing("query").apply(&old.input)?;
    let origin = who.origin();
    let report = app
        .db
        .write(origin, move |tx| {
            report::update(tx, &who.actor, id, version, &input)
        })
        .await?;
    Ok(tagged(&report))
}

/// Delete a saved report
///
/// By its owner; shared ones also by administrators.
#[utoipa::path(
    tag = "reports",
    params(("id" = ReportId, Path, description = "The report"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/reports/{id}")]
pub async fn delete_report(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    app.db
        .write(origin, move |tx| {
            report::delete(tx, &who.actor, id, version)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Put a report on the start page, or take it away
///
/// For the caller only.
#[utoipa::path(
    tag = "reports",
    params(("id" = ReportId, Path, description = "The report")),
    request_body(content = ReportPin, example = json!({"pinned": true})),
    responses((status = 200, description = "As it is now", body = Report))
)]
#[put("/reports/{id}/pin")]
pub async fn pin_report(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    app: Data<App>,
    Body(pin): Body<ReportPin>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let report = app
        .db
        .write(origin, move |tx| report::pin(tx, &who.actor, id, *pin))
        .await?;
    Ok(tagged(&report))
}
