//! Product rules: which products are bought together, found in the orders of the whole company.
//!
//! A run is asked for, made by a background job and then kept with its rules. The rules of a run are for those only who may see all
//! orders in reports: a rule says how often others sell what. For whoever sees a part, what to offer is reckoned from that part.

use std::time::Instant;

use diesel::dsl::exists;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::job::JobKind;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::rules::{
    Associations, FIELDS, Rule, RuleFacts, RuleRefusal, RuleResult, RuleRun, RuleRunInput,
    RuleSettings, associate,
};
use guanxi_domain::{Checked, Date, ErrorCode, Page, RuleRunId, Timestamp, UserId};

use crate::condition::Condition;
use crate::list::{ListQuery, ListSpec};
use crate::schema::{rule_runs, rules};
use crate::segmentation::Step;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Db, Error, Result, Tx, Visibility, job};

mod baskets;
mod kept;
mod offer;

use baskets::{Baskets, Items, Lines};
pub use kept::rules;
pub use offer::{bought_with, next_products};

const RECORD: &str = "rule_runs";
/// How many runs, the newest that are done, keep their rules.
const KEPT: i64 = 12;
/// Rules in one write: other writers come in between.
const WRITTEN: usize = 2_000;
/// Parts of the work, in hundredths: what is done after reading and after reckoning.
const READ: i64 = 40;
const RECKONED: i64 = 80;

const LIST: ListSpec = ListSpec::new(&FIELDS, "rule_runs");

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = rule_runs, treat_none_as_default_value = false)]
struct Row {
    id: RuleRunId,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
    settings: Json<RuleSettings>,
    result: Option<Json<RuleResult>>,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = rules, treat_none_as_default_value = false)]
struct RuleRow {
    run_id: RuleRunId,
    number: i64,
    antecedent: Json<Vec<String>>,
    consequent: Json<Vec<String>>,
    items: Json<Vec<String>>,
    item_count: i64,
    both_sides: i64,
    with_antecedent: i64,
    with_consequent: i64,
    support: i64,
    confidence: i64,
    lift: i64,
    leverage: i64,
    conviction: Option<i64>,
}

/// Which orders somebody may see in figures: those within the scope of both the reports and the orders.
struct Sight {
    orders: Condition,
    /// All orders.
    whole: bool,
}

impl Sight {
    fn of(actor: &Actor) -> Self {
        let scopes = [Module::Reports, Module::Orders]
            .map(|module| actor.visibility(module, Operation::Read));
        let orders = scopes.iter().fold(Condition::Always, |all, scope| {
            let seen = scope.as_ref();
            all.and(seen.map_or(Condition::Never, |s| s.owned("orders")))
        });
        Self {
            orders,
            whole: scopes.iter().all(|s| *s == Some(Visibility::All)),
        }
    }

    /// Refuses whoever sees a part of the orders only.
    fn expect_whole(actor: &Actor) -> Result<()> {
        if Self::of(actor).whole {
            Ok(())
        } else {
            Err(Error::Conflict(ErrorCode::WholeCompany))
        }
    }
}

/// Asks for a run: it waits for a background job.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, input: &Checked<RuleRunInput>) -> Result<RuleRun> {
    Sight::expect_whole(actor)?;
    let id = RuleRunId::generate();
    diesel::insert_into(rule_runs::table)
        .values(Row {
            id,
            by_id: tx.origin.user_id,
            by_name: tx.origin.user_name.clone(),
            created_at: tx.now,
            settings: Json::new(&input.settings)?,
            result: None,
        })
        .execute(tx.connection)?;
    job::queue(tx, JobKind::RuleRun, id.as_str())?;
    let run = get(tx.connection, actor, id)?;
    tx.created(
        RECORD,
        id.as_str(),
        &serde_json::json!({ "settings": run.settings }),
    )?;
    Ok(run)
}

/// The runs, the newest first.
pub fn list(
    connection: &mut AnyConnection,
    actor: &Actor,
    query: &ListQuery,
) -> Result<Page<RuleRun>> {
    Sight::expect_whole(actor)?;
    LIST.page(
        connection,
        query,
        Condition::Always,
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = rule_runs::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            runs(connection, rows)
        },
        |connection, condition| {
            Ok(rule_runs::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

pub fn get(connection: &mut AnyConnection, actor: &Actor, id: RuleRunId) -> Result<RuleRun> {
    Sight::expect_whole(actor)?;
    let row = find(connection, id)?;
    let mut found = runs(connection, vec![row])?;
    found.pop().ok_or(Error::NotFound)
}

/// Breaks off a run that is not done yet.
pub fn cancel(tx: &mut Tx<'_>, actor: &Actor, id: RuleRunId) -> Result<RuleRun> {
    Sight::expect_whole(actor)?;
    find(tx.connection, id)?;
    job::cancel_about(tx, id.as_str())?;
    if find(tx.connection, id)?.result.is_some() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    get(tx.connection, actor, id)
}

fn find(connection: &mut AnyConnection, id: RuleRunId) -> Result<Row> {
    Ok(rule_runs::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?)
}

/// The newest run that is done.
fn newest(connection: &mut AnyConnection) -> Result<Option<Row>> {
    Ok(rule_runs::table
        .filter(rule_runs::result.is_not_null())
        .order((rule_runs::created_at.desc(), rule_runs::id.desc()))
        .select(Row::as_select())
        .first(connection)
        .optional()?)
}

/// The runs that keep their rules.
fn keeping(connection: &mut AnyConnection) -> Result<Vec<RuleRunId>> {
    Ok(rule_runs::table
        .filter(rule_runs::result.is_not_null())
        .order((rule_runs::created_at.desc(), rule_runs::id.desc()))
        .limit(KEPT)
        .select(rule_runs::id)
        .load(connection)?)
}

/// Runs with what their jobs say of them.
fn runs(connection: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<RuleRun>> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let progress = job::progress(connection, &ids)?;
    let keeping = keeping(connection)?;
    rows.into_iter()
        .map(|row| {
            let result = row.result.as_ref().map(Json::get).transpose()?;
            let job = progress.get(row.id.as_str()).copied();
            let (state, percent) = job::state_of(result.is_some(), job);
            Ok(RuleRun {
                id: row.id,
                settings: row.settings.get()?,
                state,
                percent,
                kept: keeping.contains(&row.id),
                result,
                by: row.by_id,
                by_name: row.by_name,
                created_at: row.created_at,
            })
        })
        .collect()
}

/// Makes a run that was asked for, unless it is made or gone. Safe to repeat: what an attempt before left is removed. `None` also
/// where it was broken off. Blocks.
pub fn make(db: &Db, id: RuleRunId, mut step: impl Step) -> Result<Option<RuleResult>> {
    let row = match db.read_blocking(|connection| find(connection, id)) {
        Ok(row) if row.result.is_none() => row,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (settings, began) = (row.settings.get()?, Instant::now());
    let to = settings.to.unwrap_or_else(|| row.created_at.date());
    let (from, baskets) = db.snapshot_blocking(|connection| {
        let from = match settings.from {
            Some(from) => Some(from),
            None => baskets::first_day(connection)?,
        };
        let lines = Lines::new(&settings, settings.from, Some(to));
        Ok((from, Baskets::of_company(connection, &lines)?))
    })?;
    if step(READ).is_break() {
        return Ok(None);
    }
    let found = associate(&baskets.slices(), &settings);
    if step(RECKONED).is_break() {
        return Ok(None);
    }
    write_rules(db, id, &baskets.items, found.as_ref().ok())?;
    let result = summary(&baskets, &found, (from, to), began);
    let published = publish(db, id, &result)?;
    Ok(published.then_some(result))
}

/// Rules, or why there are none.
type Outcome = std::result::Result<Associations<u32>, RuleRefusal>;

fn summary(
    baskets: &Baskets,
    found: &Outcome,
    (from, to): (Option<Date>, Date),
    began: Instant,
) -> RuleResult {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let found = found.as_ref();
    RuleResult {
        from,
        to,
        lines: count(baskets.lines),
        baskets: count(baskets.len()),
        items: count(baskets.items.len()),
        min_baskets: found.map_or(0, |found| i64::from(found.min_baskets)),
        sets: found.map_or(0, |found| count(found.sets.len())),
        rules: found.map_or(0, |found| count(found.rules.len())),
        refusal: found.err().copied(),
        duration_ms: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
    }
}

/// Keeps the rules, which nobody reads before the run is published.
fn write_rules(
    db: &Db,
    run: RuleRunId,
    items: &Items,
    found: Option<&Associations<u32>>,
) -> Result<()> {
    db.housekeep_blocking(move |tx| forget(tx, run))?;
    let mut rows = Vec::new();
    for (number, rule) in (1..).zip(found.map_or(&[][..], |found| &found.rules)) {
        rows.push(RuleRow::new(run, number, rule, items)?);
        if rows.len() == WRITTEN {
            write(db, std::mem::take(&mut rows))?;
        }
    }
    write(db, rows)
}

fn write(db: &Db, rows: Vec<RuleRow>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    db.housekeep_blocking(move |tx| {
        insert_many!(tx.connection, rules::table, rows);
        Ok(())
    })
}

fn forget(tx: &mut Tx<'_>, run: RuleRunId) -> Result<usize> {
    Ok(diesel::delete(rules::table.filter(rules::run_id.eq(run))).execute(tx.connection)?)
}

/// From here on the run's rules are read. Those of older runs go. Not when the run was cancelled meanwhile: then its own go.
fn publish(db: &Db, run: RuleRunId, result: &RuleResult) -> Result<bool> {
    let result = Json::new(result)?;
    let published = db.housekeep_blocking(move |tx| {
        if !job::is_wanted(tx, run.as_str())? {
            return Ok(false);
        }
        diesel::update(rule_runs::table.find(run))
            .set(rule_runs::result.eq(&result))
            .execute(tx.connection)?;
        Ok(true)
    })?;
    sweep(db)?;
    Ok(published)
}

/// Deletes the rules of runs that keep none: broken off, or too old. A run at a time, so that other writes come in between.
pub fn sweep(db: &Db) -> Result<usize> {
    let left = db.read_blocking(|connection| {
        let held = rules::table.filter(rules::run_id.eq(rule_runs::id));
        let keeping = keeping(connection)?;
        let rows: Vec<(RuleRunId, bool)> = rule_runs::table
            .filter(exists(held))
            .filter(rule_runs::id.ne_all(keeping))
            .select((rule_runs::id, rule_runs::result.is_not_null()))
            .load(connection)?;
        let undone = rows.iter().filter(|(_, done)| !done);
        let given_up = job::given_up(connection, undone.map(|(id, _)| id.as_str()))?;
        let left = rows
            .iter()
            .filter(|(id, done)| *done || given_up.contains(&id.as_str()));
        Ok(left.map(|(id, _)| *id).collect::<Vec<_>>())
    })?;
    left.into_iter()
        .map(|run| db.housekeep_blocking(move |tx| forget(tx, run)))
        .sum()
}

impl RuleRow {
    fn new(run_id: RuleRunId, number: i64, rule: &Rule<u32>, items: &Items) -> Result<Self> {
        let texts = |side: &[u32]| -> Vec<String> {
            side.iter()
                .map(|item| items.text(*item).to_owned())
                .collect()
        };
        let (antecedent, consequent) = (texts(&rule.antecedent), texts(&rule.consequent));
        let all = [antecedent.as_slice(), consequent.as_slice()].concat();
        let facts = RuleFacts::from(rule);
        Ok(Self {
            run_id,
            number,
            antecedent: Json::new(&antecedent)?,
            consequent: Json::new(&consequent)?,
            item_count: i64::try_from(all.len()).unwrap_or(i64::MAX),
            items: Json::new(&all)?,
            both_sides: facts.both_sides,
            with_antecedent: facts.with_antecedent,
            with_consequent: facts.with_consequent,
            support: facts.support,
            confidence: facts.confidence,
            lift: facts.lift,
            leverage: facts.leverage,
            conviction: facts.conviction,
        })
    }
}
