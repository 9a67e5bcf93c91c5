//! What handlers do with one record: read it, create it, change it, delete it, in the name of whoever asks.

use std::fmt::Display;

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use guanxi_domain::ErrorCode;
use guanxi_domain::api_key::{ApiKey, ApiKeySecret};
use guanxi_domain::approval::Approval;
use guanxi_domain::contact::Contact;
use guanxi_domain::custom::CustomField;
use guanxi_domain::customer::Customer;
use guanxi_domain::department::Department;
use guanxi_domain::dictionary::DictionaryEntry;
use guanxi_domain::import::Import;
use guanxi_domain::job::{Job, JobDetail};
use guanxi_domain::mail::MailSettings;
use guanxi_domain::order::Order;
use guanxi_domain::product::Product;
use guanxi_domain::report::Report;
use guanxi_domain::report::schedule::ReportSchedule;
use guanxi_domain::role::Role;
use guanxi_domain::segment::Segment;
use guanxi_domain::segmentation::run::{SegmentationDefaults, SegmentationRun};
use guanxi_domain::settings::Settings;
use guanxi_domain::stock::StockLevel;
use guanxi_domain::ticket::Ticket;
use guanxi_domain::user::{Me, User};
use guanxi_domain::view::View;
use guanxi_domain::webhook::{Webhook, WebhookSecret};
use guanxi_domain::win_back::WinBackPlan;
use guanxi_persistence::{AnyConnection, Error, Tx, Visibility};
use serde::Serialize;

use crate::auth::Require;
use crate::permission::Permission;
use crate::{ApiResult, App};

/// What says of itself which version of it this is.
pub trait Versioned: Serialize + Send + 'static {
    fn version(&self) -> i64;
}

/// A record with an address of its own.
pub trait Record: Versioned {
    /// Below `/api/v1`.
    const PATH: &'static str;

    fn id(&self) -> &dyn Display;
}

macro_rules! records {
    ($($record:ident $(. $head:ident)? => $path:literal;)+) => {$(
        impl Versioned for $record {
            fn version(&self) -> i64 {
                self$(.$head)?.version
            }
        }

        impl Record for $record {
            const PATH: &'static str = $path;

            fn id(&self) -> &dyn Display {
                &self$(.$head)?.id
            }
        }
    )+};
}

records! {
    Approval => "approvals";
    Customer => "customers";
    Contact => "contacts";
    Product => "products";
    Order.head => "orders";
    Ticket => "tickets";
    User => "users";
    Role => "roles";
    SegmentationRun.head => "segmentation-runs";
    Department => "departments";
    CustomField => "custom-fields";
    DictionaryEntry => "dictionaries";
    Import => "imports";
    Segment => "segments";
    View => "views";
    Report => "reports";
    Job => "jobs";
    JobDetail.job => "jobs";
    ApiKey => "api-keys";
    ApiKeySecret.key => "api-keys";
    Webhook => "webhooks";
    WebhookSecret.webhook => "webhooks";
    WinBackPlan => "win-back-plans";
}

impl Versioned for Settings {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Versioned for SegmentationDefaults {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Versioned for ReportSchedule {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Versioned for StockLevel {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Versioned for MailSettings {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Versioned for Me {
    fn version(&self) -> i64 {
        self.user.version
    }
}

/// A record with its version as `ETag`.
pub fn tagged(record: &impl Versioned) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag(record.version())));
    response.json(record)
}

/// 201, with where the record now is.
pub fn created<R: Record>(record: &R) -> HttpResponse {
    placed(HttpResponse::Created(), record)
}

/// 202 for a record that work in the background completes, with where it is.
pub fn accepted<R: Record>(record: &R) -> HttpResponse {
    placed(HttpResponse::Accepted(), record)
}

fn placed<R: Record>(mut response: HttpResponseBuilder, record: &R) -> HttpResponse {
    response.insert_header((
        header::LOCATION,
        format!("/api/v1/{}/{}", R::PATH, record.id()),
    ));
    response.insert_header((header::ETAG, tag(record.version())));
    response.json(record)
}

fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

impl<P: Permission> Require<P> {
    /// Answers with the record.
    pub async fn get<R: Versioned>(
        self,
        app: &App,
        read: impl FnOnce(&mut AnyConnection, &Visibility) -> Result<R, Error> + Send + 'static,
    ) -> ApiResult<HttpResponse> {
        let record = app.db.look_up(move |c| read(c, &self.visibility)).await?;
        Ok(tagged(&record))
    }

    /// The record that a patch is for, if it still is the version that the patch is based on.
    pub async fn current<R: Versioned>(
        &self,
        app: &App,
        version: i64,
        read: impl FnOnce(&mut AnyConnection, &Visibility) -> Result<R, Error> + Send + 'static,
    ) -> ApiResult<R> {
        let visibility = self.visibility.clone();
        let record = match app.db.read(move |c| read(c, &visibility)).await {
            Ok(record) => record,
            Err(error) => return Err(self.reach().explain(app, error).await),
        };
        if record.version() == version {
            Ok(record)
        } else {
            Err(ErrorCode::Stale.into())
        }
    }

    /// Creates a record; answers 201 with it.
    pub async fn create<R: Record>(
        self,
        app: &App,
        mut write: impl FnMut(&mut Tx<'_>, &Self) -> Result<R, Error> + Send + 'static,
    ) -> ApiResult<HttpResponse> {
        let origin = self.origin();
        let record = app.db.write(origin, move |tx| write(tx, &self)).await?;
        Ok(created(&record))
    }

    /// Changes a record; answers with it as it is now.
    pub async fn change<R: Versioned>(
        self,
        app: &App,
        write: impl FnMut(&mut Tx<'_>, &Self) -> Result<R, Error> + Send + 'static,
    ) -> ApiResult<HttpResponse> {
        Ok(tagged(&self.written(app, write).await?))
    }

    /// Deletes a record; answers 204.
    pub async fn delete(
        self,
        app: &App,
        write: impl FnMut(&mut Tx<'_>, &Self) -> Result<(), Error> + Send + 'static,
    ) -> ApiResult<HttpResponse> {
        self.written(app, write).await?;
        Ok(HttpResponse::NoContent().finish())
    }

    /// Changes something of the record in the path.
    pub async fn written<T: Send + 'static>(
        self,
        app: &App,
        mut write: impl FnMut(&mut Tx<'_>, &Self) -> Result<T, Error> + Send + 'static,
    ) -> ApiResult<T> {
        let (origin, reach) = (self.origin(), self.reach());
        match app.db.write(origin, move |tx| write(tx, &self)).await {
            Ok(done) => Ok(done),
            Err(error) => Err(reach.explain(app, error).await),
        }
    }
}
