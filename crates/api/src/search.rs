//! The search over all record types.

use actix_web::get;
use actix_web::web::{Data, Json};
use guanxi_domain::search::{RecordType, SearchAnswer};
use guanxi_persistence::{QueryError, search};

use crate::auth::LoggedIn;
use crate::list::{FixedQuery, Known};
use crate::{ApiResult, App};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 50;
const MAX_TEXT: usize = 100;

/// The parameters of a search.
pub struct SearchQuery {
    text: String,
    limit: usize,
    types: Vec<RecordType>,
}

impl FixedQuery for SearchQuery {
    const NAMES: &'static [&'static str] = &["q", "limit", "types"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let invalid = |name: &str, expected: String| QueryError::Invalid(name.to_owned(), expected);
        let text = get("q").unwrap_or_default();
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
            return Err(invalid("q", format!("expected 1 to {MAX_TEXT} characters")));
        }
        let limit = match get("limit") {
            None => DEFAULT_LIMIT,
            Some(limit) => limit
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| invalid("limit", format!("expected 1 to {MAX_LIMIT}")))?,
        };
        let types = get("types").unwrap_or_default();
        let types = types
            .split(',')
            .filter(|word| !word.is_empty())
            .map(|word| {
                word.parse().map_err(|_| {
                    let known = RecordType::WORDS.join(", ");
                    invalid("types", format!("expected some of {known}"))
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { text, limit, types })
    }
}

/// Search all records
///
/// Looks through names, codes, numbers, telephone numbers and addresses of e-mail of the records that the caller may see: Chinese
/// from one character on, also by pinyin and initials (`zs` finds 张三), Latin words by their beginning, telephone numbers by three
/// digits or more that stand together. Every word has to be found. Whose name or code is the text comes first, then whose begins with it,
/// then the rest.
#[utoipa::path(
    tag = "search",
    params(
        ("q" = String, Query, description = "What to look for", min_length = 1, max_length = 100),
        ("limit" = Option<i64>, Query, description = "How many records at most", minimum = 1, maximum = 50),
        ("types" = Option<String>, Query, description = "Only these record types, comma-separated: customers, contacts, orders, products, tickets, users, segments")
    ),
    responses((status = 200, description = "The best first", body = SearchAnswer))
)]
#[get("/search")]
pub async fn search_records(
    who: LoggedIn,
    query: Known<SearchQuery>,
    app: Data<App>,
) -> ApiResult<Json<SearchAnswer>> {
    let query = query.value;
    let answer = app
        .db
        .read(move |c| search::find(c, &who.actor, &query.text, &query.types, query.limit))
        .await?;
    Ok(Json(answer))
}
