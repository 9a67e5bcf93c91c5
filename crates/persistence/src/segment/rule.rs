//! What the segments that filters name come to.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::custom::PREFIX;
use guanxi_domain::customer::FIELDS;
use guanxi_domain::filter::{Filter, FilterError, Scalar};
use guanxi_domain::permission::Operation;
use guanxi_domain::segment::{MAX_DEPTH, MAX_TESTS, SEGMENT, SegmentInput, SegmentKind};
use guanxi_domain::{FieldKind, SegmentId, Timestamp};

use super::Row;
use crate::list::{ListQuery, QueryError};
use crate::schema::segments;
use crate::{Actor, AnyConnection, Error, Result, Visibility, custom_field};

/// What decides who is in a segment.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    /// The list of its members.
    Members,
    /// A rule, which holds whoever looks.
    Filter(Filter),
}

/// The segments that a filter names, and those that these are built upon.
#[derive(Clone, Debug, Default)]
pub struct Segments(Arc<HashMap<String, Rule>>);

impl Segments {
    /// Refuses segments that there are not, or that the actor does not see. The program itself sees all.
    pub fn of(
        connection: &mut AnyConnection,
        actor: Option<&Actor>,
        filter: &Filter,
    ) -> Result<Self> {
        let mut reader = Reader::new(connection);
        for id in named(filter) {
            reader.begin(id, actor, false, Vec::new())?;
        }
        Ok(Self(Arc::new(reader.rules)))
    }

    pub(crate) fn rule(&self, id: &str) -> Option<&Rule> {
        self.0.get(id)
    }
}

/// Checks the rule of a segment, new or with this id, and what it is built upon.
pub(super) fn check(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: Option<SegmentId>,
    input: &SegmentInput,
) -> Result<()> {
    let Some(tree) = &input.filter else {
        return Ok(());
    };
    let fields = custom_field::fields(connection, &FIELDS)?;
    let filter = ListQuery::rule(fields, tree, Some(actor), Timestamp::now())?;
    check_fields(actor, &filter)?;
    let path: Vec<(String, String)> = id
        .map(|id| (id.to_string(), input.name.clone()))
        .into_iter()
        .collect();
    let mut reader = Reader::new(connection);
    let mut tests = filter.tests();
    for id in named(&filter) {
        let weight = reader.begin(id, Some(actor), input.shared, path.clone())?;
        if weight.height + 1 > MAX_DEPTH {
            return Err(refused("segment_depth", MAX_DEPTH.to_string()));
        }
        tests += weight.tests;
    }
    within_size(tests)
}

/// Refuses a change that makes segments which are built upon the changed one too deep or too large.
pub(super) fn check_built_upon(connection: &mut AnyConnection) -> Result<()> {
    let rows: Vec<Row> = segments::table
        .filter(segments::kind.eq(SegmentKind::Dynamic))
        .select(Row::as_select())
        .load(connection)?;
    let mut reader = Reader::new(connection);
    for row in rows {
        match reader.read(row, &mut Vec::new()) {
            // A rule that has ceased to hold for other reasons is its owner's to mend.
            Err(Error::Query(QueryError::Filter(error))) if error.code == "segment_rule" => {}
            other => drop(other?),
        }
    }
    Ok(())
}

/// A segment is the same for everybody, so its rule must not depend on who looks, nor tell more than its author sees.
fn check_fields(actor: &Actor, filter: &Filter) -> Result<()> {
    let mut wrong = None;
    filter.any_field(&mut |field| {
        let code = match (field.related, field.kind) {
            (None, _) | (Some(_), FieldKind::Reference(_)) => return false,
            (Some(_), FieldKind::Boolean) => "segment_personal",
            (Some(module), _)
                if actor.visibility(module, Operation::Read) != Some(Visibility::All) =>
            {
                "segment_count"
            }
            _ => return false,
        };
        wrong = Some((code, field.name));
        true
    });
    match wrong {
        Some((code, field)) => Err(refused(code, field)),
        None => Ok(()),
    }
}

fn named(filter: &Filter) -> impl Iterator<Item = &str> {
    filter
        .named(SEGMENT)
        .into_iter()
        .filter_map(|value| match value {
            Scalar::Text(id) => Some(id.as_str()),
            _ => None,
        })
}

fn refused(code: &'static str, expected: impl Into<String>) -> Error {
    Error::Query(QueryError::Filter(FilterError {
        pointer: "/filter".to_owned(),
        code,
        expected: Some(expected.into()),
    }))
}

fn within_size(tests: usize) -> Result<()> {
    if tests > MAX_TESTS {
        return Err(refused("size", MAX_TESTS.to_string()));
    }
    Ok(())
}

/// What a rule costs with all that it is built upon.
#[derive(Clone, Copy)]
struct Weight {
    tests: usize,
    /// Segments upon each other, itself included.
    height: usize,
}

/// Reads segments and what they are built upon, each once.
struct Reader<'a> {
    connection: &'a mut AnyConnection,
    rules: HashMap<String, Rule>,
    weights: HashMap<String, Weight>,
}

impl<'a> Reader<'a> {
    fn new(connection: &'a mut AnyConnection) -> Self {
        Self {
            connection,
            rules: HashMap::new(),
            weights: HashMap::new(),
        }
    }

    /// Reads a segment that a filter names itself. `path`: the id and name of the segment that the filter is of.
    fn begin(
        &mut self,
        id: &str,
        actor: Option<&Actor>,
        for_shared: bool,
        mut path: Vec<(String, String)>,
    ) -> Result<Weight> {
        let row = self.find(id)?;
        let seen = actor.is_none_or(|actor| row.shared || row.owner_id == actor.user_id);
        if !seen {
            return Err(refused("reference", id));
        }
        if for_shared && !row.shared {
            return Err(refused("segment_private", row.name));
        }
        self.read(row, &mut path)
    }

    fn find(&mut self, id: &str) -> Result<Row> {
        segments::table
            .filter(segments::id.eq(id))
            .select(Row::as_select())
            .first(self.connection)
            .optional()?
            .ok_or_else(|| refused("reference", id))
    }

    /// `path`: those that led here.
    fn read(&mut self, row: Row, path: &mut Vec<(String, String)>) -> Result<Weight> {
        let id = row.id.to_string();
        if let Some(start) = path.iter().position(|(above, _)| *above == id) {
            let mut chain: Vec<&str> = path[start..]
                .iter()
                .map(|(_, name)| name.as_str())
                .collect();
            chain.push(&path[start].1);
            return Err(refused("segment_cycle", chain.join(" → ")));
        }
        if path.len() >= MAX_DEPTH {
            return Err(refused("segment_depth", MAX_DEPTH.to_string()));
        }
        if let Some(weight) = self.weights.get(&id).copied() {
            if path.len() + weight.height > MAX_DEPTH {
                return Err(refused("segment_depth", MAX_DEPTH.to_string()));
            }
            return Ok(weight);
        }
        let (rule, weight) = match row.kind {
            SegmentKind::Static => (
                Rule::Members,
                Weight {
                    tests: 1,
                    height: 1,
                },
            ),
            SegmentKind::Dynamic => {
                let filter = self.rule(&row)?;
                path.push((id.clone(), row.name));
                let mut weight = Weight {
                    tests: filter.tests(),
                    height: 1,
                };
                for below in named(&filter) {
                    let row = self.find(below)?;
                    let below = self.read(row, path)?;
                    weight.tests += below.tests;
                    weight.height = weight.height.max(below.height + 1);
                }
                path.pop();
                (Rule::Filter(filter), weight)
            }
        };
        within_size(weight.tests)?;
        self.rules.insert(id.clone(), rule);
        self.weights.insert(id, weight);
        Ok(weight)
    }

    /// The rule as its author meant it: whoever looks, it is the same.
    fn rule(&mut self, row: &Row) -> Result<Filter> {
        let tree = match &row.filter {
            Some(filter) => filter.get()?,
            None => return Err(Error::Internal(format!("segment {} has no rule", row.id))),
        };
        let fields = if tree.to_string().contains(PREFIX) {
            custom_field::fields(self.connection, &FIELDS)?
        } else {
            &FIELDS
        };
        ListQuery::rule(fields, &tree, None, Timestamp::now()).map_err(|error| match error {
            Error::Query(_) => refused("segment_rule", row.name.clone()),
            other => other,
        })
    }
}
