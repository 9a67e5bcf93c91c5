//! Rows of a file become records of any type, each by the same functions as through the API.

use guanxi_domain::import::{
    CellValue, ImportMode, Parsed, RejectReason, RowProblem, Target, Values,
};
use guanxi_domain::permission::Operation;
use guanxi_domain::{Checked, Date, FieldKind, Lang, Rules};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::batch::{Batch, BatchRow, Fate, Fates};
use super::kinds;
use super::origins::Origins;
use super::resolve::{Resolver, ids, is_within_customer};
use crate::condition::{Column, Condition, Op, Value as Stored};
use crate::{Actor, AnyConnection, Error, Record, Result, Tx, Visibility};

/// A record type that rows of a file become.
pub(super) trait Imported: Record {
    /// What people set of it.
    type Input: Serialize + DeserializeOwned + Rules;

    /// What a new record has where the file says nothing, beside what every new record has.
    fn defaults() -> Value {
        Value::Object(Map::new())
    }

    /// What people set of a record, and its version.
    fn current(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        id: &str,
    ) -> Result<(Self::Input, i64)>;

    /// `row` is the input as JSON, with what of it is no member of the input.
    fn create(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        input: &Checked<Self::Input>,
        row: &Value,
    ) -> Result<()>;

    fn update(
        tx: &mut Tx<'_>,
        by: &By<'_>,
        id: &str,
        version: i64,
        input: &Checked<Self::Input>,
    ) -> Result<()>;
}

/// Whose rights rows are written with.
pub(super) struct By<'a> {
    pub actor: &'a Actor,
    /// The records that this person may create; `None`: none.
    pub create: Option<Visibility>,
    pub update: Option<Visibility>,
}

/// Why a row is not taken.
enum Refusal {
    Problems(Vec<RowProblem>),
    /// Nothing is wrong but that it refers to records of its own type that are not there.
    Waits(Vec<RowProblem>),
    /// Not the row's fault.
    Broken(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Problems(match error {
            Error::Invalid(places) => places
                .iter()
                .map(|(pointer, code)| RowProblem::pointed(pointer, code))
                .collect(),
            Error::ConflictAt(code, pointer) => {
                vec![RowProblem::pointed(&pointer, code.as_str())]
            }
            Error::Conflict(code) => vec![RowProblem::of_row(code.as_str())],
            Error::NotFound => vec![RejectReason::NotFound.into()],
            // `Stale` would be taken for the import's own: somebody changed the record at this moment.
            Error::Stale => {
                return Self::Broken(Error::Internal("a record changed meanwhile".to_owned()));
            }
            other => return Self::Broken(other),
        })
    }
}

impl From<RejectReason> for Refusal {
    fn from(reason: RejectReason) -> Self {
        Self::Problems(vec![reason.into()])
    }
}

type Taken<T> = std::result::Result<T, Refusal>;

/// Writes the rows of a batch, each in a part of its own that is undone if it fails.
pub(super) fn take(tx: &mut Tx<'_>, batch: &Batch, origins: &mut Origins) -> Result<Fates> {
    kinds::with_kind!(batch.record, R => take_all::<R>(tx, batch, origins))
}

fn take_all<R: Imported>(tx: &mut Tx<'_>, batch: &Batch, origins: &mut Origins) -> Result<Fates> {
    let work = Work {
        batch,
        by: By {
            actor: &batch.actor,
            create: batch.actor.visibility(R::MODULE, Operation::Create),
            update: batch.actor.visibility(R::MODULE, Operation::Update),
        },
    };
    let mut resolver = Resolver::default();
    let mut fates = Fates::with_capacity(batch.rows.len());
    for row in &batch.rows {
        let origin = origins.of(batch, row);
        let taken = if origins.is_in(batch, origin) {
            Err(RejectReason::AlreadyImported.into())
        } else {
            work.take::<R>(tx, &mut resolver, row)
        };
        fates.push(match taken {
            Ok(fate) => {
                origins.meet(origin);
                fate
            }
            Err(Refusal::Problems(problems)) => Fate::Rejected(problems),
            Err(Refusal::Waits(problems)) => Fate::Waits(problems),
            Err(Refusal::Broken(Error::Internal(cause))) if batch.lenient => {
                log::error!("import {}, row {}: {cause}", batch.import, row.number);
                Fate::Rejected(vec![RejectReason::Failed.into()])
            }
            Err(Refusal::Broken(error)) => return Err(error),
        });
    }
    Ok(fates)
}

struct Work<'a> {
    batch: &'a Batch,
    by: By<'a>,
}

impl Work<'_> {
    fn take<R: Imported>(
        &self,
        tx: &mut Tx<'_>,
        resolver: &mut Resolver,
        row: &BatchRow,
    ) -> Taken<Fate> {
        let values = match &row.parsed {
            Ok(Parsed::Values(values)) => values,
            Ok(Parsed::Order(_)) => return Err(RejectReason::ColumnsDiffer.into()),
            Err(problems) => return Err(Refusal::Problems(problems.clone())),
        };
        let mut said = Value::Object(Map::new());
        self.put::<R>(tx, resolver, values, &mut said, false)?;
        let found = self.find::<R>(tx.connection, &said)?;
        match (found, self.batch.settings.mode) {
            (None, ImportMode::Update) => Err(RejectReason::NotFound.into()),
            (Some(id), _) => {
                let visibility = self.by.update.as_ref().ok_or(RejectReason::NotFound)?;
                let (old, version) = R::current(tx.connection, visibility, &id)?;
                let old = to_value(&old)?;
                let new = self.fill::<R>(tx, resolver, values, old.clone(), said)?;
                let input = checked::<R>(&new)?;
                // A file that comes again does no harm.
                if to_value(&*input)? != old {
                    tx.part(|tx| R::update(tx, &self.by, &id, version, &input))?;
                }
                Ok(Fate::Updated)
            }
            (None, _) => {
                if self.by.create.is_none() {
                    return Err(Error::Conflict(guanxi_domain::ErrorCode::Forbidden).into());
                }
                let new = self.fill::<R>(tx, resolver, values, R::defaults(), said)?;
                self.expect_required(&new)?;
                let input = checked::<R>(&new)?;
                tx.part(|tx| R::create(tx, &self.by, &input, &new))?;
                Ok(Fate::Created)
            }
        }
    }

    /// What people set of a record, with what the row says on top.
    fn fill<R: Imported>(
        &self,
        tx: &mut Tx<'_>,
        resolver: &mut Resolver,
        values: &Values,
        mut base: Value,
        said: Value,
    ) -> Taken<Value> {
        merge(&mut base, said);
        if self.batch.settings.clear_blank {
            for (target, value) in values {
                if *value == CellValue::Blank && target.clearable {
                    let nothing = match target.kind {
                        FieldKind::Tags => Value::Array(Vec::new()),
                        _ => Value::Null,
                    };
                    set(&mut base, target, nothing);
                }
            }
        }
        self.put::<R>(tx, resolver, values, &mut base, true)?;
        Ok(base)
    }

    /// Puts what the cells say into the record: at first all but what is looked for among the records of the row's customer, who
    /// may be known only by the record that the row means; that comes afterwards.
    fn put<R: Imported>(
        &self,
        tx: &mut Tx<'_>,
        resolver: &mut Resolver,
        values: &Values,
        json: &mut Value,
        within_customer: bool,
    ) -> Taken<()> {
        let customer = json["customer_id"].as_str().map(str::to_owned);
        let mut wrong = Vec::new();
        let mut waits = true;
        for (target, value) in values {
            match value {
                CellValue::Json(value) if !within_customer => set(json, target, value.clone()),
                CellValue::Reference(record, text)
                    if is_within_customer(record) == within_customer =>
                {
                    let actor = &self.batch.actor;
                    let customer = customer.as_deref();
                    match resolver.find(tx.connection, actor, record, text, customer)? {
                        Ok(id) => set(json, target, Value::String(id)),
                        Err(code) => {
                            waits &= code == "reference" && *record == R::LIST.table;
                            wrong.push(RowProblem::at(target.name, code));
                        }
                    }
                }
                _ => {}
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else if waits {
            Err(Refusal::Waits(wrong))
        } else {
            Err(Refusal::Problems(wrong))
        }
    }

    /// The record that the row means, among those that this person may change.
    fn find<R: Imported>(
        &self,
        connection: &mut AnyConnection,
        said: &Value,
    ) -> Taken<Option<String>> {
        let settings = &self.batch.settings;
        let key = self.batch.record.key(settings.match_by.as_deref());
        let (Some(key), Some(visibility)) = (key, &self.by.update) else {
            return Ok(None);
        };
        if settings.mode == ImportMode::Create {
            return Ok(None);
        }
        let mut condition = R::scope(visibility);
        for name in key.targets {
            match said[*name].as_str() {
                Some(text) => {
                    let column = Column {
                        table: R::LIST.table,
                        name,
                    };
                    condition = condition.and(self.is(column, text));
                }
                None if settings.mode == ImportMode::Update => {
                    return Err(RejectReason::KeyMissing.into());
                }
                None => return Ok(None),
            }
        }
        match ids(connection, R::LIST.table, condition)?.as_mut_slice() {
            [] => Ok(None),
            [id] => Ok(Some(std::mem::take(id))),
            _ => Err(RejectReason::Ambiguous.into()),
        }
    }

    /// The column holds what stands in a cell for it.
    fn is(&self, column: Column, text: &str) -> Condition {
        let target = self.batch.record.target(column.name);
        let day = target.filter(|target| target.kind == FieldKind::Date);
        match day.and_then(|_| text.parse::<Date>().ok()) {
            Some(day) => Condition::Compare(column, Op::Eq, Stored::Small(day.days())),
            None => Condition::is(column, text),
        }
    }

    fn expect_required(&self, new: &Value) -> Taken<()> {
        let targets = self.batch.record.targets().iter();
        let lacking: Vec<_> = targets
            .filter(|target| target.required && get(new, target).is_null())
            .map(|target| RowProblem::at(target.name, "required"))
            .collect();
        if lacking.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Problems(lacking))
        }
    }
}

fn to_value(input: &impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(input)?)
}

/// The input, known to follow its rules; or what is wrong, as the API would tell it.
fn checked<R: Imported>(json: &Value) -> Taken<Checked<R::Input>> {
    let input: R::Input = serde_path_to_error::deserialize(json).map_err(|error| {
        let pointer = format!("/{}", error.path().to_string().replace('.', "/"));
        Refusal::Problems(vec![RowProblem::pointed(&pointer, "type")])
    })?;
    let chinese = input.problems(Lang::Zh);
    let problems = chinese
        .into_iter()
        .zip(input.problems(Lang::En))
        .map(|(zh, en)| RowProblem::of_rules(zh, en));
    let problems: Vec<_> = problems.collect();
    if !problems.is_empty() {
        return Err(Refusal::Problems(problems));
    }
    input
        .checked(Lang::En)
        .map_err(|_| Refusal::Broken(Error::Internal("rules contradict themselves".to_owned())))
}

fn get<'a>(json: &'a Value, target: &Target) -> &'a Value {
    json.pointer(&target.pointer()).unwrap_or(&Value::Null)
}

fn set(json: &mut Value, target: &Target, value: Value) {
    let mut place = json;
    for member in target.path() {
        place = &mut place[member];
    }
    *place = value;
}

/// Members of objects within take the place of those there, and leave the others.
fn merge(base: &mut Value, on_top: Value) {
    match (base, on_top) {
        (Value::Object(base), Value::Object(on_top)) => {
            for (name, value) in on_top {
                merge(base.entry(name).or_insert(Value::Null), value);
            }
        }
        (base, on_top) => *base = on_top,
    }
}
