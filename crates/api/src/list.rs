//! The parameters of lists, from the fields that a record type declares.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use guanxi_domain::custom::{CustomRecord, PREFIX};
use guanxi_domain::{Field, FieldKind, FieldSet, Lang, Search, Timestamp};
use guanxi_persistence::custom_field;
use guanxi_persistence::{ListQuery, QueryError, Record, Visibility};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Required};

use crate::request::json_body;
use crate::{ApiError, ApiResult, App};

/// A record type with lists.
pub trait Listed: 'static {
    const FIELDS: &'static FieldSet;
}

macro_rules! listed {
    ($($marker:ty => $fields:path;)+) => {$(
        impl Listed for $marker {
            const FIELDS: &'static FieldSet = &$fields;
        }
    )+};
}

listed! {
    crate::permission::Customers => guanxi_domain::customer::FIELDS;
    crate::permission::Contacts => guanxi_domain::contact::FIELDS;
    crate::permission::Products => guanxi_domain::product::FIELDS;
    crate::permission::Stock => guanxi_domain::stock::FIELDS;
    crate::permission::Orders => guanxi_domain::order::FIELDS;
    crate::permission::Tickets => guanxi_domain::ticket::FIELDS;
    crate::ticket::Comments => guanxi_domain::ticket::COMMENT_FIELDS;
    crate::permission::Users => guanxi_domain::user::FIELDS;
    crate::permission::Imports => guanxi_domain::import::FIELDS;
    crate::permission::Webhooks => guanxi_domain::webhook::FIELDS;
    crate::webhook::Deliveries => guanxi_domain::webhook::DELIVERY_FIELDS;
    crate::notification::NotificationList => guanxi_domain::notification::FIELDS;
    crate::job::JobList => guanxi_domain::job::FIELDS;
    crate::mail::MailList => guanxi_domain::mail::FIELDS;
    crate::api_key::ApiKeys => guanxi_domain::api_key::FIELDS;
    crate::history::History => guanxi_domain::audit::HISTORY_FIELDS;
    crate::approval::Approvals => guanxi_domain::approval::FIELDS;
    crate::permission::Segments => guanxi_domain::segment::FIELDS;
    crate::segment::Memberships => guanxi_domain::segment::MEMBERSHIP_FIELDS;
    crate::permission::Audit => guanxi_domain::audit::FIELDS;
    crate::segmentation::SegmentationRuns => guanxi_domain::segmentation::run::FIELDS;
    crate::segmentation::ScoredCustomers => guanxi_domain::segmentation::run::SCORED_FIELDS;
    crate::win_back::WinBackPlans => guanxi_domain::win_back::FIELDS;
    crate::segmentation::Moves => guanxi_domain::segmentation::run::MOVED_FIELDS;
    crate::value::ValueRuns => guanxi_domain::value::FIELDS;
    crate::clusters::ClusterRuns => guanxi_domain::segmentation::kmeans::FIELDS;
    crate::clusters::Members => guanxi_domain::segmentation::kmeans::MEMBER_FIELDS;
    crate::rules::RuleRuns => guanxi_domain::segmentation::rules::FIELDS;
    crate::rules::Rules => guanxi_domain::segmentation::rules::RULE_FIELDS;
    crate::permission::Reports => guanxi_domain::value::RANKED_FIELDS;
}

/// The query of a list; unknown parameters are refused.
pub struct List<R> {
    pub query: ListQuery,
    record: PhantomData<R>,
}

impl<R: Listed> FromRequest for List<R> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let pairs = pairs(&request)?;
            let custom = pairs.iter().any(|(name, value)| {
                name.starts_with(PREFIX) || name == "sort" && value.contains(PREFIX)
            });
            let fields = fields::<R>(&request, custom).await?;
            let actor = crate::auth::actor(&request);
            let query = ListQuery::parse(
                fields,
                pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())),
                actor.as_deref(),
            )?;
            Ok(Self {
                query,
                record: PhantomData,
            })
        })
    }
}

/// The fields of a record type; with the custom ones where a request speaks of them.
pub async fn fields<R: Listed>(
    request: &HttpRequest,
    custom: bool,
) -> ApiResult<&'static FieldSet> {
    let app = request.app_data::<web::Data<App>>().filter(|_| custom);
    match app {
        Some(app) => Ok(app
            .db
            .look_up(|c| custom_field::fields(c, R::FIELDS))
            .await?),
        None => Ok(R::FIELDS),
    }
}

/// Whether a search speaks of custom fields.
pub fn speaks_of_custom(search: &Search) -> bool {
    let filter = search.filter.as_ref().map(ToString::to_string);
    [filter, search.sort.clone()]
        .into_iter()
        .flatten()
        .any(|text| text.contains(PREFIX))
}

/// The decoded pairs of a query string.
pub fn pairs(request: &HttpRequest) -> ApiResult<Vec<(String, String)>> {
    web::Query::<Vec<(String, String)>>::from_query(request.query_string())
        .map(web::Query::into_inner)
        .map_err(|_| {
            guanxi_persistence::Error::from(QueryError::Invalid(
                "?".to_owned(),
                "expected name=value".to_owned(),
            ))
            .into()
        })
}

/// The body of a search, read against the fields of a record type.
pub struct Searched<R> {
    pub query: ListQuery,
    record: PhantomData<R>,
}

impl<R: Listed> FromRequest for Searched<R> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let actor = crate::auth::actor(&request);
            let search: Search = json_body(request.clone(), payload).await?;
            let fields = fields::<R>(&request, speaks_of_custom(&search)).await?;
            let query = ListQuery::search(fields, &search, actor.as_deref(), Timestamp::now())?;
            Ok(Self {
                query,
                record: PhantomData,
            })
        })
    }
}

/// One page, put into JSON where it may take its time.
pub async fn page<R: Record>(
    app: &App,
    visibility: Visibility,
    query: ListQuery,
) -> ApiResult<HttpResponse> {
    let body = app
        .db
        .read(move |c| {
            let page = guanxi_persistence::list::<R>(c, &visibility, &query)?;
            Ok(serde_json::to_vec(&page)?)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(body))
}

/// `POST /…/search` of a record type: its area in [`crate::permission`], how it is stored, what is answered.
macro_rules! search {
    ($(#[$doc:meta])* $name:ident, $path:literal, $tag:literal, $area:ty, $record:ty, $item:ty, $example:tt) => {
        $(#[$doc])*
        ///
        /// As the list, with a filter tree. Relative dates count from today (UTC), `me` stands for the caller where a field refers to users.
        #[utoipa::path(
            tag = $tag,
            request_body(content = guanxi_domain::Search, example = json!$example),
            responses((status = 200, description = "A page", body = guanxi_domain::Page<$item>))
        )]
        #[post($path)]
        pub async fn $name(
            who: crate::auth::Require<crate::permission::Read<$area>>,
            search: crate::list::Searched<$area>,
            app: actix_web::web::Data<crate::App>,
        ) -> crate::ApiResult<actix_web::HttpResponse> {
            crate::list::page::<$record>(&app, who.visibility.clone(), search.query).await
        }
    };
}
pub(crate) use search;

/// The parameters of a query that has these and no others.
pub struct Known<T> {
    pub value: T,
}

/// A query with a fixed set of parameters.
pub trait FixedQuery: Sized + 'static {
    const NAMES: &'static [&'static str];
    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError>;
}

impl<T: FixedQuery> FromRequest for Known<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = pairs(request).and_then(|pairs| {
            if let Some((name, _)) = pairs.iter().find(|(n, _)| !T::NAMES.contains(&n.as_str())) {
                return Err(
                    guanxi_persistence::Error::from(QueryError::Unknown(name.clone())).into(),
                );
            }
            let get = |name: &str| {
                pairs
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, v)| v.clone())
            };
            let value = T::parse(&get).map_err(guanxi_persistence::Error::from)?;
            Ok(Self { value })
        });
        ready(parsed)
    }
}

/// A list with parameters of its own beside those that all lists have.
pub struct ListWith<R, T> {
    pub query: ListQuery,
    pub value: T,
    record: PhantomData<R>,
}

impl<R: Listed, T: FixedQuery> FromRequest for ListWith<R, T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = pairs(request).and_then(|pairs| {
            let (own, list): (Vec<_>, Vec<_>) = pairs
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .partition(|(name, _)| T::NAMES.contains(name));
            let get = |name: &str| {
                let found = own.iter().find(|(n, _)| *n == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let value = T::parse(&get).map_err(guanxi_persistence::Error::from)?;
            let actor = crate::auth::actor(request);
            let query = ListQuery::parse(R::FIELDS, list, actor.as_deref())?;
            Ok(Self {
                query,
                value,
                record: PhantomData,
            })
        });
        ready(parsed)
    }
}

impl<R: Listed> utoipa::IntoParams for List<R> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        parameters(R::FIELDS)
    }
}

fn parameter(
    name: &str,
    description: impl Into<String>,
    schema: impl Into<RefOr<Schema>>,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description.into()))
        .schema(Some(schema))
        .build()
}

fn integer() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn parameters(fields: &FieldSet) -> Vec<Parameter> {
    let mut sort_keys: Vec<&str> = fields.sortable().collect();
    sort_keys.sort_unstable();
    let mut all = vec![
        parameter(
            "limit",
            "How many items a page has",
            integer()
                .minimum(Some(1))
                .maximum(Some(200))
                .default(Some(serde_json::json!(50))),
        ),
        parameter("cursor", "`next_cursor` of the page before", text()),
        parameter(
            "sort",
            format!(
                "Comma-separated keys, `-` for descending. Keys: {}",
                sort_keys.join(", ")
            ),
            text().default(Some(serde_json::json!(fields.default_sort))),
        ),
        parameter("q", "Text to look for", text().max_length(Some(100))),
        parameter(
            "with_total",
            "Also count all items",
            ObjectBuilder::new().schema_type(Type::Boolean),
        ),
    ];
    if fields.record.parse::<CustomRecord>().is_ok() {
        all.push(custom_parameters());
    }
    for field in fields.fields.iter().filter(|f| f.filterable) {
        describe(field, &mut all);
    }
    all
}

/// Names that are only known while the program runs: as an object whose members become parameters of their own.
fn custom_parameters() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(text()))
        .build();
    let mut all = parameter(
        "custom fields",
        "`custom.KEY` filters by a custom field as the other parameters do by theirs, also with `_min` and `_max`; it is a key of `sort` too",
        schema,
    );
    all.style = Some(ParameterStyle::Form);
    all.explode = Some(true);
    all
}

fn describe(field: &Field, all: &mut Vec<Parameter>) {
    let label = field.label(Lang::En);
    let empty = if field.optional {
        "; `none`: empty, `any`: not empty"
    } else {
        ""
    };
    match field.kind {
        FieldKind::Timestamp => {
            if field.optional {
                all.push(parameter(
                    field.name,
                    format!("{label}{empty}"),
                    text().enum_values(Some(["none", "any"])),
                ));
            }
        }
        FieldKind::Boolean => {
            all.push(parameter(
                field.name,
                label,
                ObjectBuilder::new().schema_type(Type::Boolean),
            ));
        }
        FieldKind::Choice(choice) if !field.optional => {
            let items = text().enum_values(Some(choice.words.iter().copied()));
            let schema = ArrayBuilder::new().items(items).build();
            let mut one_of = parameter(field.name, format!("{label}: one of these"), schema);
            // Comma-separated, not repeated.
            one_of.explode = Some(false);
            all.push(one_of);
        }
        FieldKind::Choice(choice) => {
            all.push(parameter(
                field.name,
                format!(
                    "{label}: one of {}, comma-separated{empty}",
                    choice.words.join(", ")
                ),
                text(),
            ));
        }
        _ => all.push(parameter(
            field.name,
            format!("{label}: one of these, comma-separated{empty}"),
            text(),
        )),
    }
    if field.kind.is_range() {
        let schema = || match field.kind {
            FieldKind::Integer | FieldKind::Money => integer(),
            _ => text(),
        };
        all.push(parameter(
            &format!("{}_min", field.name),
            format!("{label}: at least"),
            schema(),
        ));
        all.push(parameter(
            &format!("{}_max", field.name),
            format!("{label}: at most"),
            schema(),
        ));
    }
}
