//! One stream: what one person may see of what happens.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use guanxi_domain::event::Change;
use guanxi_domain::{Timestamp, UserId};
use guanxi_persistence::event::{self, Event, Position};
use guanxi_persistence::{AnyConnection, Db, Error, seen};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::hub::{Batch, Seat, TAKEN};
use crate::auth::{Credential, LoggedIn};
use crate::{ApiError, ApiResult};

/// How often a quiet stream shows that it is alive, and whether the log-in still is.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Seconds after which a broken stream cannot be picked up.
const WINDOW_SECONDS: i64 = 10 * 60;
/// Events that are looked through to pick up a broken stream.
const LOOKED_THROUGH: usize = 5_000;
/// Events of this type concern the person that they are marked with, and nobody else.
const PERSONAL: &str = "notifications";

pub struct Listener {
    db: Db,
    user: UserId,
    credential: Credential,
    seat: Seat,
    /// Everything up to here has been told.
    place: Position,
    waiting: VecDeque<String>,
    /// When the stream next shows that it is alive, unless it says something before.
    beat_at: Instant,
}

impl Listener {
    pub async fn new(
        db: Db,
        who: &LoggedIn,
        seat: Seat,
        last: Option<Position>,
    ) -> ApiResult<Self> {
        let now = db.read(event::end).await?;
        let mut listener = Self {
            db,
            user: who.actor.user_id,
            credential: who.credential.clone(),
            seat,
            place: last.unwrap_or(now),
            waiting: VecDeque::new(),
            beat_at: Instant::now() + HEARTBEAT,
        };
        listener.waiting.push_back("retry: 3000\n".to_owned());
        if last.is_some() {
            listener.pick_up(now).await.map_err(ApiError::from)?;
        }
        let begin = format!("id: {}\n\n", listener.place);
        listener.waiting.push_back(begin);
        Ok(listener)
    }

    /// Tells what happened while the stream was broken, or that it is too much.
    async fn pick_up(&mut self, now: Position) -> Result<(), Error> {
        let first = self.after().await?;
        let oldest = Timestamp::now().plus_seconds(-WINDOW_SECONDS);
        if self.place > now || first.first().is_some_and(|event| event.at < oldest) {
            return self.reset().await;
        }
        self.catch_up(first).await
    }

    async fn reset(&mut self) -> Result<(), Error> {
        self.place = self.db.read(event::end).await?;
        let text = format!("id: {}\nevent: reset\ndata: {{}}\n\n", self.place);
        self.waiting.push_back(text);
        Ok(())
    }

    async fn after(&self) -> Result<Vec<Event>, Error> {
        let place = self.place;
        self.db.read(move |c| event::after(c, place, TAKEN)).await
    }

    /// Tells these events and all that came after them.
    async fn catch_up(&mut self, mut events: Vec<Event>) -> Result<(), Error> {
        let mut looked_through = 0;
        while let Some(last) = events.last() {
            looked_through += events.len();
            if looked_through > LOOKED_THROUGH {
                return self.reset().await;
            }
            let place = last.position;
            self.tell(Arc::new(Batch {
                from: self.place,
                to: place,
                events,
            }))
            .await?;
            events = self.after().await?;
        }
        Ok(())
    }

    /// The next piece of the stream; `None` at its end.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(text) = self.waiting.pop_front() {
                self.beat_at = Instant::now() + HEARTBEAT;
                return Some(text);
            }
            let seat = &mut self.seat;
            let heard = tokio::select! {
                heard = tokio::time::timeout_at(self.beat_at, seat.batches.recv()) => heard,
                _ = &mut seat.lost => return None,
            };
            let done = match heard {
                Ok(Ok(batch)) => self.hear(batch).await,
                // Fell behind: the log has it all.
                Ok(Err(RecvError::Lagged(_))) => self.read_on().await,
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => self.beat().await,
            };
            if let Err(error) = done {
                // The client comes back, and is told then why not.
                log::info!("a stream of events ends: {error}");
                return None;
            }
        }
    }

    async fn hear(&mut self, batch: Arc<Batch>) -> Result<(), Error> {
        if batch.to <= self.place {
            Ok(())
        } else if batch.from <= self.place {
            self.tell(batch).await
        } else {
            self.read_on().await
        }
    }

    async fn read_on(&mut self) -> Result<(), Error> {
        let events = self.after().await?;
        self.catch_up(events).await
    }

    /// Shows that the stream is alive, if the log-in still is.
    async fn beat(&mut self) -> Result<(), Error> {
        let (user, credential) = (self.user, self.credential.clone());
        self.db.read(move |c| credential.actor(c, user)).await?;
        self.waiting
            .push_back(format!(": still here\nid: {}\n\n", self.place));
        Ok(())
    }

    /// Queues what the person may see of a batch. The log-in and its rights are those of this moment.
    async fn tell(&mut self, batch: Arc<Batch>) -> Result<(), Error> {
        let (user, place, to) = (self.user, self.place, batch.to);
        let credential = self.credential.clone();
        let changes = self
            .db
            .read(move |c| changes(c, user, &credential, place, &batch.events))
            .await?;
        for (position, change) in changes {
            let data = serde_json::to_string(&change)?;
            self.waiting
                .push_back(format!("id: {position}\nevent: change\ndata: {data}\n\n"));
        }
        self.place = to;
        Ok(())
    }
}

/// The changes that a person may see, one for each record: the last.
fn changes(
    connection: &mut AnyConnection,
    user: UserId,
    credential: &Credential,
    place: Position,
    events: &[Event],
) -> Result<Vec<(Position, Change)>, Error> {
    let actor = credential.actor(connection, user)?;
    let mut last: BTreeMap<(&str, &str), &Event> = BTreeMap::new();
    for event in events.iter().filter(|event| event.position > place) {
        last.insert((event.parts().0, &event.record_id), event);
    }
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (record, id) in last.keys().filter(|(record, _)| *record != PERSONAL) {
        ids.entry(*record).or_default().insert((*id).to_owned());
    }
    let mut visible = BTreeMap::new();
    for (record, ids) in ids {
        visible.insert(record, seen(connection, &actor, record, &ids)?);
    }
    let mut changes = Vec::new();
    for ((record, id), event) in last {
        let version = if record == PERSONAL {
            if event.user_id != Some(user) {
                continue;
            }
            None
        } else {
            match visible.get(record).and_then(|seen| seen.get(id)) {
                Some(seen) => seen.version,
                None => continue,
            }
        };
        let change = Change {
            record: record.to_owned(),
            id: id.to_owned(),
            version,
            action: event.parts().1.to_owned(),
            by: event.user_id,
        };
        changes.push((event.position, change));
    }
    changes.sort_by_key(|(position, _)| *position);
    Ok(changes)
}
