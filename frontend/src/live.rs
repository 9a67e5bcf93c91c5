//! What changes on the server while somebody looks on.

use std::time::Duration;

use guanxi_domain::event::Change;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::session::{Session, SessionState};

/// Changes of this type concern the notifications of whoever is logged in.
pub const NOTIFICATIONS: &str = "notifications";
/// How long a list waits for further changes before it asks again.
const GATHER: Duration = Duration::from_millis(1_200);
/// Seconds to wait before a broken stream is opened again: first, and at most.
const FIRST_WAIT: u64 = 1;
const LONGEST_WAIT: u64 = 30;

#[derive(Clone)]
struct Handler {
    number: u32,
    record: String,
    /// `None`: anything may have changed.
    run: Callback<Option<Change>>,
}

/// In the context of every page.
#[derive(Clone, Copy)]
pub struct Live {
    session: Session,
    handlers: StoredValue<Vec<Handler>>,
    next: StoredValue<u32>,
    /// Counts log-ins: a stream of an earlier one is not heard any more.
    log_in: StoredValue<u32>,
}

impl Live {
    /// Puts it into the context; listens as long as somebody is logged in.
    pub fn provide(session: Session) -> Self {
        let live = Self {
            session,
            handlers: StoredValue::new(Vec::new()),
            next: StoredValue::new(0),
            log_in: StoredValue::new(0),
        };
        provide_context(live);
        let who = Memo::new(move |_| match session.state() {
            SessionState::LoggedIn(me) => Some(me.user.id),
            _ => None,
        });
        Effect::new(move |_| {
            live.log_in.update_value(|n| *n += 1);
            if who.get().is_some() {
                live.listen(live.log_in.get_value(), None, FIRST_WAIT);
            }
        });
        live
    }

    fn listen(self, log_in: u32, last: Option<String>, wait: u64) {
        spawn_local(async move {
            let mut last = last;
            let mut heard = false;
            let ended = api::listen(&mut last, |event| {
                heard = true;
                if self.log_in.get_value() != log_in {
                    return;
                }
                match event.name.as_str() {
                    "change" => {
                        if let Ok(change) = serde_json::from_str::<Change>(&event.data) {
                            self.tell(Some(&change));
                        }
                    }
                    _ => self.tell(None),
                }
            })
            .await;
            let refused = ended.is_err_and(|error| error.status() == Some(401));
            if refused || self.log_in.get_value() != log_in {
                return;
            }
            // A server that comes and goes is asked less and less often.
            let next = if heard {
                FIRST_WAIT
            } else {
                (wait * 2).min(LONGEST_WAIT)
            };
            set_timeout(
                move || {
                    if self.log_in.get_value() == log_in {
                        self.listen(log_in, last, next);
                    }
                },
                Duration::from_secs(wait),
            );
        });
    }

    fn tell(self, change: Option<&Change>) {
        // A handler may add or take away others.
        for handler in self.handlers.get_value() {
            if change.is_none_or(|change| change.record == handler.record) {
                handler.run.run(change.cloned());
            }
        }
    }

    /// Calls `run` whenever a record of this type changes, as long as the view is there.
    pub fn on(self, record: &str, run: impl Fn(Option<Change>) + Send + Sync + 'static) {
        let number = self.next.get_value();
        self.next.set_value(number + 1);
        let handler = Handler {
            number,
            record: record.to_owned(),
            run: Callback::new(run),
        };
        self.handlers.update_value(|all| all.push(handler));
        on_cleanup(move || {
            self.handlers
                .try_update_value(|all| all.retain(|handler| handler.number != number));
        });
    }

    /// As `on`, for changes that somebody else made.
    pub fn on_others(self, record: &str, run: impl Fn(Option<Change>) + Send + Sync + 'static) {
        self.on(record, move |change| {
            let mine = change
                .as_ref()
                .is_some_and(|c| c.by.is_some() && c.by == self.me());
            if !mine {
                run(change);
            }
        });
    }

    fn me(self) -> Option<guanxi_domain::UserId> {
        untrack(|| self.session.me()).map(|me| me.user.id)
    }

    /// Asks again when others change records of this type; once for several changes.
    pub fn refresh(self, record: &str, reload: impl Fn() + Copy + Send + Sync + 'static) {
        let due = StoredValue::new(false);
        self.on_others(record, move |_| {
            if due.try_get_value() != Some(false) {
                return;
            }
            due.set_value(true);
            set_timeout(
                move || {
                    // The view may be gone.
                    if due.try_set_value(false).is_none() {
                        reload();
                    }
                },
                GATHER,
            );
        });
    }
}

pub fn use_live() -> Live {
    expect_context()
}
