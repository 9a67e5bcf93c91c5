//! What a caller asks of a list, from a query string or from the body of a search.

use guanxi_domain::filter::{self, FieldInfo, Fields, Filter, Predicate, Scalar};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segment::SEGMENT;
use guanxi_domain::{FieldKind, FieldSet, Search, SegmentId, SortKey, Timestamp};

use crate::filter::Caller;
use crate::{Actor, Error, Result, Visibility};

/// A query parameter that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("unknown parameter {0}")]
    Unknown(String),
    /// Name, and what was expected.
    #[error("{0}: {1}")]
    Invalid(String, String),
    #[error("the cursor is not valid")]
    Cursor,
    #[error("{}: {}", .0.pointer, .0.code)]
    Filter(filter::FilterError),
}

/// What a caller asks of a list.
#[derive(Clone, Debug)]
pub struct ListQuery {
    pub limit: i64,
    pub cursor: Option<String>,
    pub sort: Vec<SortKey>,
    pub filter: Filter,
    pub q: Option<String>,
    pub with_total: bool,
    /// Who asks, as far as the filter depends on it.
    pub(super) caller: Caller,
    /// Identifies sort and filters: a cursor is good for no others.
    pub(super) fingerprint: u64,
    /// Made of parameters, not of a tree.
    pub(super) typed: bool,
}

pub const DEFAULT_LIMIT: i64 = 50;
pub const MAX_LIMIT: i64 = 200;

impl ListQuery {
    /// From the decoded pairs of a query string. Without an actor the program itself asks, which sees everything.
    pub fn parse<'a>(
        fields: &FieldSet,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        actor: Option<&Actor>,
    ) -> Result<Self> {
        let known = Known { fields, actor };
        let mut asked = Asked::default();
        let mut filters = Vec::new();
        let mut identity = String::new();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            let invalid = |expected: &str| invalid(name, expected);
            if seen.contains(&name) {
                return Err(invalid("stands twice"));
            }
            seen.push(name);
            match name {
                "limit" => {
                    asked.limit = Some(
                        value
                            .parse()
                            .map_err(|_| invalid(&format!("expected 1 to {MAX_LIMIT}")))?,
                    );
                    continue;
                }
                "cursor" => {
                    asked.cursor = Some(value);
                    continue;
                }
                "with_total" => {
                    asked.with_total = match value {
                        "true" => true,
                        "false" => false,
                        _ => return Err(invalid("expected true or false")),
                    };
                    continue;
                }
                "sort" => asked.sort = Some(value),
                "q" => asked.q = Some(value),
                _ => filters.push(
                    filter::parameter(&known, name, value)
                        .ok_or_else(|| Error::Query(QueryError::Unknown(name.to_owned())))?
                        .map_err(|expected| invalid(&expected))?,
                ),
            }
            identity.push_str(name);
            identity.push('\u{1}');
            identity.push_str(value);
            identity.push('\u{2}');
        }
        let query = asked.finish(&known, Filter::And(filters), &identity)?;
        Ok(Self {
            typed: true,
            ..query
        })
    }

    /// From the body of a search. `now` is the moment that relative dates count from.
    pub fn search(
        fields: &FieldSet,
        search: &Search,
        actor: Option<&Actor>,
        now: Timestamp,
    ) -> Result<Self> {
        let known = Known { fields, actor };
        let asked = Asked {
            limit: search.limit,
            cursor: search.cursor.as_deref(),
            sort: search.sort.as_deref(),
            q: search.q.as_deref(),
            with_total: search.with_total,
        };
        let context = filter::Context {
            fields: &known,
            today: now.date(),
            me: actor.map(|a| a.user_id),
        };
        let filter = match &search.filter {
            Some(tree) => filter::parse(tree, "/filter", &context)
                .map_err(|e| Error::Query(QueryError::Filter(e)))?,
            None => Filter::all(),
        };
        let identity = serde_json::to_string(&(&search.filter, &search.q, &search.sort))?;
        asked
            .finish(&known, filter, &identity)
            .map_err(|error| match error {
                Error::Query(QueryError::Invalid(name, expected)) => {
                    Error::Query(QueryError::Filter(filter::FilterError {
                        pointer: format!("/{name}"),
                        code: "type",
                        expected: Some(expected),
                    }))
                }
                other => other,
            })
    }

    /// A rule that holds whoever looks: in it nobody is `me`.
    pub(crate) fn rule(
        fields: &FieldSet,
        tree: &serde_json::Value,
        actor: Option<&Actor>,
        now: Timestamp,
    ) -> Result<Filter> {
        let context = filter::Context {
            fields: &Known { fields, actor },
            today: now.date(),
            me: None,
        };
        filter::parse(tree, "/filter", &context).map_err(|e| Error::Query(QueryError::Filter(e)))
    }

    /// Of what the query finds the members of a segment.
    #[must_use]
    pub fn in_segment(mut self, id: SegmentId, actor: &Actor) -> Self {
        if let Some(field) = guanxi_domain::customer::FIELDS.find(SEGMENT) {
            let member = Predicate::In(vec![Scalar::Text(id.to_string())]);
            self.filter = Filter::And(vec![self.filter, Filter::Test(field, member)]);
            self.caller.actor = Some(actor.clone());
        }
        self
    }

    /// The same with another filter that means what the caller's did: it asks nothing else of who asks.
    #[must_use]
    pub(crate) fn filtered_by(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// The query without any parameter, asked by the program itself.
    pub fn all(fields: &FieldSet) -> Self {
        Self::parse(fields, [], None).unwrap_or_else(|_| {
            unreachable!(
                "the default sort of {} is not among its fields",
                fields.record
            )
        })
    }
}

pub(super) fn invalid(name: &str, expected: &str) -> Error {
    Error::Query(QueryError::Invalid(name.to_owned(), expected.to_owned()))
}

/// What a query string and the body of a search have in common.
#[derive(Default)]
struct Asked<'a> {
    limit: Option<i64>,
    cursor: Option<&'a str>,
    sort: Option<&'a str>,
    q: Option<&'a str>,
    with_total: bool,
}

impl Asked<'_> {
    fn finish(self, known: &Known<'_>, filter: Filter, identity: &str) -> Result<ListQuery> {
        let fields = known.fields;
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(invalid("limit", &format!("expected 1 to {MAX_LIMIT}")));
        }
        let q = self.q.unwrap_or_default().trim();
        if q.chars().count() > 100 {
            return Err(invalid("q", "expected at most 100 characters"));
        }
        let sort = self.sort.unwrap_or(fields.default_sort);
        let sort = fields.parse_sort(sort).map_err(|key| {
            let known: Vec<_> = fields.sortable().collect();
            invalid(
                "sort",
                &format!("{key:?}: expected some of {}", known.join(", ")),
            )
        })?;
        Ok(ListQuery {
            limit,
            cursor: self.cursor.map(ToOwned::to_owned),
            sort,
            caller: known.caller(&filter),
            filter,
            q: (!q.is_empty()).then(|| q.to_owned()),
            with_total: self.with_total,
            fingerprint: fnv(fields.record.bytes().chain(identity.bytes())),
            typed: false,
        })
    }
}

/// The fields that somebody may filter by: counts of other records only for those who may read them.
struct Known<'a> {
    fields: &'a FieldSet,
    actor: Option<&'a Actor>,
}

impl Known<'_> {
    fn visibility(&self, module: Module) -> Option<Visibility> {
        match self.actor {
            Some(actor) => actor.visibility(module, Operation::Read),
            None => Some(Visibility::All),
        }
    }

    /// What the caller sees of the modules that the filter counts records of, and who it is where the filter asks that.
    fn caller(&self, filter: &Filter) -> Caller {
        let mut caller = Caller::default();
        filter.any_field(&mut |field| {
            let asks_of_caller = field.joined().is_none()
                && matches!(field.kind, FieldKind::Boolean | FieldKind::Reference(_));
            match field.related {
                Some(_) if asks_of_caller => caller.actor = self.actor.cloned(),
                Some(module) if !caller.sees.iter().any(|(m, _)| *m == module) => {
                    caller
                        .sees
                        .extend(self.visibility(module).map(|seen| (module, seen)));
                }
                _ => {}
            }
            false
        });
        caller
    }
}

impl Fields for Known<'_> {
    fn find(&self, name: &str) -> Option<FieldInfo> {
        self.fields.find(name).filter(|f| {
            let own = f.kind == FieldKind::Boolean && f.joined().is_none();
            f.related
                .is_none_or(|m| own || self.visibility(m).is_some())
        })
    }
}

/// FNV-1a: tells cursors of different queries apart, nothing more.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
