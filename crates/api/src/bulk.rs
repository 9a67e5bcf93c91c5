//! The same done to many records: each in a transaction of its own, so that one that fails leaves the others done.

use actix_web::web::Json;
use futures_util::future::join_all;
use guanxi_domain::bulk::{BulkAction, BulkInput, BulkReport, BulkResult};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{Checked, ErrorCode, Lang, Rules, SegmentId};
use guanxi_persistence::{AnyConnection, Error, Tx, Visibility};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::auth::{LoggedIn, Reach, Require};
use crate::permission::{Area, Update};
use crate::request::Patch;
use crate::{ApiError, ApiResult, App};

/// Who changes something, and where: what writes need to know.
#[derive(Clone)]
pub struct By {
    pub actor: std::sync::Arc<guanxi_persistence::Actor>,
    pub module: Module,
    pub operation: Operation,
    /// The records that the caller may change in this way.
    pub visibility: Visibility,
    /// The customers that the caller may see.
    pub customers: Option<Visibility>,
    pub minor_digits: u8,
}

/// How the records of a type are changed, one of them at a time.
pub trait Bulk: 'static {
    type Id: std::str::FromStr + Copy + Send + 'static;
    type Input: Serialize + DeserializeOwned + Rules + Send + 'static;

    /// What people set of it, and its version.
    fn get(
        connection: &mut AnyConnection,
        visibility: &Visibility,
        id: Self::Id,
    ) -> Result<(Self::Input, i64), Error>;

    /// Changes it; answers its new version.
    fn update(
        tx: &mut Tx<'_>,
        by: &By,
        id: Self::Id,
        version: i64,
        input: &Checked<Self::Input>,
    ) -> Result<i64, Error>;

    /// The other actions; `None` for one that records of this type do not take. Answers its new version, if it still is there.
    fn act(
        _tx: &mut Tx<'_>,
        _by: &By,
        _id: Self::Id,
        _version: i64,
        _action: &Action,
    ) -> Option<Result<Option<i64>, Error>> {
        None
    }
}

/// An action that is no change of members.
#[derive(Clone)]
pub enum Action {
    Archive,
    Restore,
    Delete,
    /// The body of a transition: `to` and `reason`.
    Transition(Value),
    AddTo(SegmentId),
    RemoveFrom(SegmentId),
}

/// What a row comes to before anything is written.
enum Step<I> {
    Update(Checked<I>),
    Act(Action),
}

/// Does it to every record that is named.
pub async fn run<A: Area, B: Bulk>(
    who: Require<Update<A>>,
    app: &App,
    input: Checked<BulkInput>,
) -> ApiResult<Json<BulkReport>> {
    let operation = match input.action {
        BulkAction::Delete => Operation::Delete,
        // It changes the segment, not the record.
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => Operation::Read,
        _ => Operation::Update,
    };
    let by = By {
        actor: who.actor.clone(),
        module: A::MODULE,
        operation,
        visibility: who.visibility(A::MODULE, operation)?,
        customers: who.actor.visibility(Module::Customers, Operation::Read),
        minor_digits: app.config.minor_digits(),
    };
    let rows = input
        .ids
        .iter()
        .map(|id| row::<B>(&who, app, &by, &input, id));
    let lang = who.lang();
    let results: Vec<BulkResult> = join_all(rows)
        .await
        .into_iter()
        .zip(&input.ids)
        .map(|(result, id)| told(id, result, lang))
        .collect();
    let done = results.iter().filter(|r| r.ok).count();
    Ok(Json(BulkReport {
        done,
        failed: results.len() - done,
        results,
    }))
}

async fn row<B: Bulk>(
    who: &LoggedIn,
    app: &App,
    by: &By,
    input: &BulkInput,
    id: &str,
) -> ApiResult<Option<i64>> {
    let reach = Reach {
        actor: by.actor.clone(),
        id: Some(id.to_owned()),
        module: by.module,
        operation: by.operation,
    };
    let id: B::Id = id.parse().map_err(|_| ErrorCode::NotFound)?;
    let visibility = by.visibility.clone();
    let (old, version) = match app.db.read(move |c| B::get(c, &visibility, id)).await {
        Ok(found) => found,
        Err(error) => return Err(reach.explain(app, error).await),
    };
    let step = step(old, input, who.lang())?;
    let by = by.clone();
    app.db
        .write(who.origin(), move |tx| match &step {
            Step::Update(input) => B::update(tx, &by, id, version, input).map(Some),
            Step::Act(action) => B::act(tx, &by, id, version, action)
                .unwrap_or(Err(Error::Conflict(ErrorCode::ActionNotTaken))),
        })
        .await
        .map_err(ApiError::from)
}

fn step<I: Serialize + DeserializeOwned + Rules>(
    old: I,
    input: &BulkInput,
    lang: Lang,
) -> ApiResult<Step<I>> {
    let patch = match input.action {
        BulkAction::Archive => return Ok(Step::Act(Action::Archive)),
        BulkAction::Restore => return Ok(Step::Act(Action::Restore)),
        BulkAction::Delete => return Ok(Step::Act(Action::Delete)),
        BulkAction::Transition => {
            let body = json!({"to": input.to, "reason": input.reason});
            return Ok(Step::Act(Action::Transition(body)));
        }
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => {
            let segment = input.segment_id.ok_or(ErrorCode::ActionNotTaken)?;
            let add = input.action == BulkAction::AddToSegment;
            let action = if add {
                Action::AddTo(segment)
            } else {
                Action::RemoveFrom(segment)
            };
            return Ok(Step::Act(action));
        }
        BulkAction::Update => input.patch.clone().unwrap_or_default().into(),
        BulkAction::Assign => json!({ "owner_id": input.owner_id }),
        BulkAction::AddTags | BulkAction::RemoveTags => {
            let add = input.action == BulkAction::AddTags;
            json!({ "tags": tags(&old, &input.tags, add)? })
        }
    };
    Patch::new(patch, lang).apply(&old).map(Step::Update)
}

/// The record's tags with these, or without them.
fn tags(old: &impl Serialize, tags: &[String], add: bool) -> ApiResult<Vec<String>> {
    let old = serde_json::to_value(old).map_err(|e| ApiError::internal(&e))?;
    let Some(held) = old["tags"].as_array() else {
        return Err(ErrorCode::ActionNotTaken.into());
    };
    let held = held.iter().filter_map(Value::as_str);
    let mut all: Vec<String> = held
        .filter(|t| add || !tags.iter().any(|tag| tag == t))
        .map(ToOwned::to_owned)
        .collect();
    if add {
        for tag in tags {
            if !all.contains(tag) {
                all.push(tag.clone());
            }
        }
    }
    Ok(all)
}

fn told(id: &str, result: ApiResult<Option<i64>>, lang: Lang) -> BulkResult {
    let error = result.as_ref().err().map(|e| e.problem(lang, ""));
    if let Err(error) = &result
        && let Some(cause) = error.cause()
    {
        log::error!("bulk: {cause}");
    }
    BulkResult {
        id: id.to_owned(),
        ok: error.is_none(),
        version: result.ok().flatten(),
        message: error.as_ref().map(|problem| match problem.errors.first() {
            Some(field) => format!("{}: {} {}", problem.title, field.pointer, field.message),
            None => problem.title.clone(),
        }),
        code: error.map(|problem| problem.code),
    }
}

/// `POST /…/bulk` of a record type: its area in [`crate::permission`], how its records are changed.
macro_rules! bulk {
    ($(#[$doc:meta])* $name:ident, $path:literal, $tag:literal, $area:ty, $bulk:ty) => {
        $(#[$doc])*
        ///
        /// Each record is changed by itself, as far as the caller may: the answer tells how it went with each. At most 200 at a
        /// time. Nothing is changed of a record that somebody else changes at the same moment (`stale`): send it again.
        #[utoipa::path(
            tag = $tag,
            request_body(content = guanxi_domain::bulk::BulkInput),
            responses((status = 200, description = "How it went with each", body = guanxi_domain::bulk::BulkReport))
        )]
        #[post($path)]
        pub async fn $name(
            who: crate::auth::Require<crate::permission::Update<$area>>,
            app: actix_web::web::Data<crate::App>,
            crate::request::Body(input): crate::request::Body<guanxi_domain::bulk::BulkInput>,
        ) -> crate::ApiResult<actix_web::web::Json<guanxi_domain::bulk::BulkReport>> {
            crate::bulk::run::<$area, $bulk>(who, &app, input).await
        }
    };
}
pub(crate) use bulk;

mod records;
