//! The OpenAPI document: collected from the routes, completed by what holds for all of them.

use guanxi_domain::Problem;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema};

use crate::examples::{Examples, problems};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Guanxi CRM",
        description = "Customers, orders, tickets and what they are worth. Everything is JSON; errors are RFC 9457 problems.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Guanxi", url = "https://example.com/guanxi")
    ),
    servers((url = "/", description = "This server")),
    security(("access_token" = []), ("api_key" = [])),
    components(schemas(Problem, guanxi_domain::FieldError, guanxi_domain::segmentation::run::MoveDimension)),
    tags(
        (name = "meta", description = "What a client must know of a deployment"),
        (name = "search", description = "One box over all records"),
        (name = "account", description = "Registering, logging in, one's own account"),
        (name = "users", description = "Accounts and departments"),
        (name = "departments", description = "The organisation tree"),
        (name = "roles", description = "Who may do what"),
        (name = "dictionaries", description = "字典: lists of choices that administrators edit"),
        (name = "custom fields", description = "自定义字段: members of records that administrators define"),
        (name = "settings", description = "Settings of the deployment"),
        (name = "audit", description = "Who did what"),
        (name = "api-keys", description = "API 密钥: how other programs act in somebody's name"),
        (name = "customers", description = "客户: companies and people we deal with"),
        (name = "contacts", description = "联系人: people at a customer"),
        (name = "products", description = "产品: what is sold"),
        (name = "stock", description = "库存: what was on hand of a product on a day"),
        (name = "orders", description = "订单: sales with lines"),
        (name = "tickets", description = "服务单: service cases"),
        (name = "approvals", description = "审批: what one person asks for and another decides"),
        (name = "imports", description = "导入: files that become records"),
        (name = "segments", description = "细分: named groups of customers"),
        (name = "value", description = "价值: ABC and Pareto analysis"),
        (name = "segmentation", description = "细分: RFM, lifetime value, lifecycle and churn of all customers, run by run"),
        (name = "reports", description = "报表: pivots over sales"),
        (name = "win_back_plans", description = "挽回: whom to win back first, plans and their outcomes"),
        (name = "rules", description = "产品关联规则: what is bought together, and what to offer next"),
        (name = "clusters", description = "客户聚类: groups of customers that are alike"),
        (name = "webhooks", description = "Webhook: telling other systems what happens"),
        (name = "mail", description = "外发邮件: the account that mail leaves by, and what became of each"),
        (name = "views", description = "视图: how people like to see a list"),
        (name = "jobs", description = "后台任务: what the server does by itself"),
        (name = "operations", description = "Running the server")
    )
)]
struct Base;

/// The document before the routes are collected.
pub fn base() -> OpenApi {
    Base::openapi()
}

/// What holds for all operations: the access token, and the errors that each can answer.
pub fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "access_token",
        SecurityScheme::Http(
            Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some("From `POST /auth/login`: good for 15 minutes"))
                .build(),
        ),
    );
    components.add_security_scheme(
        "api_key",
        SecurityScheme::Http(
            Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("gx_…")
                .description(Some(
                    "An API key from `POST /api-keys`: good until it ends or is revoked, not for what concerns the account itself",
                ))
                .build(),
        ),
    );
    let patched: Vec<(String, RefOr<Schema>)> = components
        .schemas
        .iter()
        .filter(|(name, _)| name.ends_with("Input"))
        .map(|(name, schema)| (name.replace("Input", "Patch"), patch_of(schema)))
        .collect();
    components.schemas.extend(patched);
    for status in PROBLEMS {
        let response = RefOr::T(problem_response(status));
        components.responses.insert(problem_name(status), response);
    }
    let examples = Examples::new(components);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (&mut item.get, "get"),
            (&mut item.post, "post"),
            (&mut item.put, "put"),
            (&mut item.patch, "patch"),
            (&mut item.delete, "delete"),
        ];
        for (operation, method) in operations {
            if let Some(operation) = operation {
                complete_operation(operation, path, method);
                exemplify(operation, &examples);
            }
        }
    }
    prune(&mut document);
    document
}

/// Leaves out the schemas that nothing refers to: the patches of what is never patched, the items of generic pages.
fn prune(document: &mut OpenApi) {
    loop {
        let text = serde_json::to_string(document).unwrap_or_default();
        let Some(components) = &mut document.components else {
            return;
        };
        let before = components.schemas.len();
        components
            .schemas
            .retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if components.schemas.len() == before {
            return;
        }
    }
}

/// The same members, none needed, each also `null`: what a merge patch may hold.
fn patch_of(schema: &RefOr<Schema>) -> RefOr<Schema> {
    let mut patch = schema.clone();
    if let RefOr::T(Schema::Object(object)) = &mut patch {
        object.required.clear();
        for property in object.properties.values_mut() {
            if let RefOr::T(Schema::Object(member)) = property {
                member.default = None;
            }
            *property = nullable(property.clone());
        }
    }
    patch
}

fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    utoipa::openapi::schema::AnyOfBuilder::new()
        .item(
            utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::Null),
        )
        .item(schema)
        .into()
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Sent again with the same key and body within 24 hours, the request is answered again, not carried out again",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(255)),
        ))
        .example(Some(serde_json::json!("order-2026-11-22-0042")))
        .build()
}

fn complete_operation(operation: &mut Operation, path: &str, method: &str) {
    if operation.description.as_deref().is_none_or(str::is_empty) {
        operation.description.clone_from(&operation.summary);
    }
    let public = operation
        .security
        .as_ref()
        .is_some_and(|s| s.iter().any(|r| *r == SecurityRequirement::default()));
    let parameters = operation.parameters.iter().flatten();
    let (mut in_path, mut conditional, mut query) = (false, false, false);
    for parameter in parameters {
        let RefOr::T(parameter) = parameter else {
            continue;
        };
        in_path |= parameter.name == "id";
        conditional |= parameter.name == "If-Match";
        query |= matches!(
            parameter.parameter_in,
            utoipa::openapi::path::ParameterIn::Query
        );
    }
    let has_body = operation.request_body.is_some();
    let mut statuses = vec!["500", "503"];
    if method == "post" && !public {
        operation
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(idempotency_key()));
        statuses.extend(["400", "413", "422"]);
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for (media, content) in &mut body.content {
            if media == "application/merge-patch+json"
                && let RefOr::T(content) = content
                && let Some(RefOr::Ref(reference)) = &mut content.schema
            {
                reference.ref_location = reference.ref_location.replace("Input", "Patch");
            }
        }
    }
    if !public {
        // Whoever tries API keys has to wait.
        statuses.extend(["401", "403", "429"]);
    }
    if query || has_body {
        statuses.push("400");
    }
    if in_path {
        statuses.push("404");
    }
    if conditional {
        statuses.extend(["412", "428"]);
    }
    if has_body {
        statuses.extend(["413", "415", "422"]);
    }
    // A run of an analysis may not be done yet, or keep nothing of its customers any more.
    if method != "get" || path.contains("-runs/{id}") || path.ends_with("/scores/explain") {
        statuses.push("409");
    }
    if path.ends_with("/auth/login") {
        statuses.push("429");
    }
    for status in statuses {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| {
                Ref::new(format!("#/components/responses/{}", problem_name(status))).into()
            });
    }
}

/// Gives an example to every parameter, body and answer that has none.
fn exemplify(operation: &mut Operation, examples: &Examples) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            exemplify_parameter(parameter, examples);
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for (media, content) in &mut body.content {
            if let RefOr::T(content) = content {
                examples.fill(media, content);
            }
        }
    }
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        for (media, content) in &mut response.content {
            if let RefOr::T(content) = content {
                examples.fill(media, content);
            }
        }
    }
}

fn exemplify_parameter(parameter: &mut Parameter, examples: &Examples) {
    let Some(schema) = &mut parameter.schema else {
        return;
    };
    let example = examples.parameter(&parameter.name, schema);
    if matches!(parameter.parameter_in, ParameterIn::Query) {
        // With the schema: Swagger UI would put a parameter's own example into the form, and so set every filter at once.
        match schema {
            RefOr::T(Schema::Object(object)) => object.examples = vec![example],
            RefOr::T(Schema::Array(array)) => array.examples = vec![example],
            _ => set_example(parameter, example),
        }
    } else if !matches!(parameter.parameter_in, ParameterIn::Header) {
        set_example(parameter, example);
    }
}

fn set_example(parameter: &mut Parameter, example: serde_json::Value) {
    let given = std::mem::replace(parameter, Parameter::new(""));
    *parameter = ParameterBuilder::from(given).example(Some(example)).build();
}

/// The statuses that are answered with a problem.
const PROBLEMS: &[&str] = &[
    "400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "500", "503",
];

fn problem_name(status: &str) -> String {
    format!("Problem{status}")
}

fn problem_response(status: &str) -> Response {
    let description = match status {
        "400" => "The request is malformed, or a query parameter is unknown or not valid",
        "401" => "No valid access token",
        "403" => "The role does not allow it",
        "404" => "No such record, or outside the caller's scope",
        "409" => "The state forbids it, or a unique value is taken",
        "412" => "The record has changed meanwhile",
        "413" => "The body is too large",
        "415" => "Unsupported content type",
        "422" => "Values break a rule; `errors` names each",
        "428" => "`If-Match` is missing",
        "429" => "Too many attempts; see `Retry-After`",
        "503" => "Too busy, or the database is away; see `Retry-After`",
        _ => "A fault of the server",
    };
    let mut response = ResponseBuilder::new()
        .description(description)
        .content(
            "application/problem+json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build(),
        )
        .build();
    problems(status, &mut response);
    response
}
