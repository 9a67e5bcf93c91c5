//! Contacts: people at a customer.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::contact::{Birthday, Contact, ContactInput};
use guanxi_domain::{ContactId, Page, Timestamp};
use guanxi_persistence::{QueryError, contact};

use crate::auth::Require;
use crate::bulk::bulk;
use crate::export::export;
use crate::list::{FixedQuery, Known, List, page, search};
use crate::permission::{Contacts, Create, Delete, Read, Update};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// List contacts
///
/// Those at customers that the caller may see.
#[utoipa::path(tag = "contacts", params(List<Contacts>), responses((status = 200, description = "A page of contacts", body = Page<Contact>)))]
#[get("/contacts")]
pub async fn list_contacts(
    who: Require<Read<Contacts>>,
    list: List<Contacts>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<contact::Contacts>(&app, who.visibility.clone(), list.query).await
}

search! {
    /// Search contacts
    search_contacts, "/contacts/search", "contacts", Contacts, contact::Contacts, Contact,
    ({"filter": {"field": "is_primary", "op": "eq", "value": true}})
}

/// Create a contact
///
/// A customer has one primary contact: a new one takes over from the one before.
#[utoipa::path(
    tag = "contacts",
    request_body(content = ContactInput, example = json!({"customer_id": "0192f3a0-0000-7000-8000-000000000001", "name": "陈美玲", "title": "采购经理", "mobile": "138 0013 8000", "birthday": "1988-02-29", "is_primary": true})),
    responses((status = 201, description = "The contact", body = Contact))
)]
#[post("/contacts")]
pub async fn create_contact(
    who: Require<Create<Contacts>>,
    app: Data<App>,
    Body(input): Body<ContactInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, who| {
        contact::create(tx, &who.visibility, &input)
    })
    .await
}

bulk! {
    /// Change many contacts
    bulk_contacts, "/contacts/bulk", "contacts", Contacts, contact::Contacts
}

export! {
    /// Export contacts
    export_contacts, "/contacts/export", "contacts", Contacts, contact::Contacts,
    ({"format": "csv", "columns": ["customer_id", "name", "mobile"], "labels": true}),
    "客户,姓名,手机\r\n上海晨光商贸有限公司,张三,'+86 138 0013 8000\r\n"
}

/// Get a contact
#[utoipa::path(tag = "contacts", params(("id" = ContactId, Path, description = "The contact")), responses((status = 200, description = "The contact", body = Contact)))]
#[get("/contacts/{id}")]
pub async fn get_contact(
    who: Require<Read<Contacts>>,
    Id(id): Id<ContactId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, visibility| contact::get(c, visibility, id))
        .await
}

/// Change a contact
///
/// Everything but the customer.
#[utoipa::path(
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact"), IfMatch),
    request_body(content = ContactInput, content_type = "application/merge-patch+json", example = json!({"title": "采购总监", "phone": null})),
    responses((status = 200, description = "As it is now", body = Contact))
)]
#[patch("/contacts/{id}")]
pub async fn update_contact(
    who: Require<Update<Contacts>>,
    Id(id): Id<ContactId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, visibility| {
            contact::get(c, visibility, id)
        })
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, who| {
        contact::update(tx, &who.visibility, id, version, &input)
    })
    .await
}

/// Delete a contact for good
///
/// Orders and tickets stay, without a contact; whoever reported to the contact reports to nobody. The audit trail stays.
#[utoipa::path(
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/contacts/{id}")]
pub async fn delete_contact(
    who: Require<Delete<Contacts>>,
    Id(id): Id<ContactId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, who| {
        contact::delete(tx, &who.visibility, id, version)
    })
    .await
}

/// Whose birthdays, and how far ahead.
pub struct Birthdays {
    days: i32,
    all: bool,
}

impl FixedQuery for Birthdays {
    const NAMES: &'static [&'static str] = &["days", "all"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: &str| {
            QueryError::Invalid(name.to_owned(), format!("expected {expected}"))
        };
        let days = match get("days") {
            None => 30,
            Some(text) => text
                .parse()
                .ok()
                .filter(|days| (0..=365).contains(days))
                .ok_or_else(|| invalid("days", "0 to 365"))?,
        };
        let all = match get("all").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(invalid("all", "true or false")),
        };
        Ok(Self { days, all })
    }
}

/// Upcoming birthdays
///
/// Of contacts at the caller's own customers, or with `all=true` at every customer that the caller may see. 29 February is
/// celebrated on 28 February in other years.
#[utoipa::path(
    tag = "contacts",
    params(
        ("days" = Option<i32>, Query, description = "How many days ahead; 30 if left out", minimum = 0, maximum = 365),
        ("all" = Option<bool>, Query, description = "Also at other people's customers")
    ),
    responses((status = 200, description = "The next first; at most 500", body = Vec<Birthday>))
)]
#[get("/contacts/birthdays")]
pub async fn list_birthdays(
    who: Require<Read<Contacts>>,
    query: Known<Birthdays>,
    app: Data<App>,
) -> ApiResult<Json<Vec<Birthday>>> {
    let Birthdays { days, all } = query.value;
    let owner = (!all).then_some(who.actor.user_id);
    let today = Timestamp::now().date();
    let birthdays = app
        .db
        .read(move |c| contact::birthdays(c, &who.visibility, owner, today, days))
        .await?;
    Ok(Json(birthdays))
}
