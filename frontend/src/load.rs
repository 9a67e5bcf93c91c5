//! Fetching data for a view: keeps what is shown while the next answer is on its way.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::{ApiError, Call};
use crate::ui::Toasts;

type Request<T> = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<T, ApiError>>>>>;

/// What a view knows of the data that it asked for.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The newest answer, also while another is on its way.
    pub data: Option<T>,
    /// Why the newest request failed.
    pub error: Option<ApiError>,
    pub busy: bool,
}

/// Data that is fetched again whenever a signal changes that the request reads.
pub struct Loader<T: Send + Sync + 'static> {
    state: RwSignal<Loaded<T>>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// Runs `request` now and whenever a signal changes that its synchronous part reads:
    /// read signals before the `async move`.
    pub fn new<F>(request: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        Self::of(Box::new(move || Box::pin(request())))
    }

    /// Compiled once for each type of data, not once for each request.
    fn of(request: Request<T>) -> Self {
        let state = RwSignal::new(Loaded {
            data: None,
            error: None,
            busy: true,
        });
        let again = RwSignal::new(0_u32);
        let newest = StoredValue::new(0_u64);
        Effect::new(move |_| {
            again.track();
            newest.update_value(|n| *n += 1);
            let mine = newest.get_value();
            let answer = request();
            state.update(|s| s.busy = true);
            spawn_local(async move {
                let answer = answer.await;
                // The view may be gone, or a newer request under way.
                if newest.try_get_value() != Some(mine) {
                    return;
                }
                state.update(|s| {
                    s.busy = false;
                    match answer {
                        Ok(data) => {
                            s.data = Some(data);
                            s.error = None;
                        }
                        Err(error) => s.error = Some(error),
                    }
                });
            });
        });
        Self { state, again }
    }

    /// Asks again.
    pub fn reload(self) {
        self.again.update(|n| *n += 1);
    }

    /// Puts an answer in place that came another way (of a PATCH, say).
    pub fn set(self, data: T) {
        self.state.update(|s| {
            s.data = Some(data);
            s.error = None;
        });
    }

    /// Sends a change of what is shown, puts the answer in its place and says what `done` makes of it; `false` if it failed. What
    /// somebody else has changed meanwhile is fetched.
    pub async fn change(self, call: Call, toasts: Toasts, done: impl FnOnce(&T) -> String) -> bool
    where
        T: DeserializeOwned,
    {
        match call.json::<T>().await {
            Ok(changed) => {
                toasts.done(done(&changed));
                self.set(changed);
                true
            }
            Err(error) => {
                if error.is_stale() {
                    self.reload();
                }
                toasts.error(&error);
                false
            }
        }
    }

    pub fn data(self) -> Option<T> {
        self.state.with(|s| s.data.clone())
    }

    pub fn data_untracked(self) -> Option<T> {
        self.state.with_untracked(|s| s.data.clone())
    }

    pub fn with<R>(self, f: impl FnOnce(&Loaded<T>) -> R) -> R {
        self.state.with(f)
    }

    pub fn with_untracked<R>(self, f: impl FnOnce(&Loaded<T>) -> R) -> R {
        self.state.with_untracked(f)
    }

    pub fn error(self) -> Option<ApiError> {
        self.state.with(|s| s.error.clone())
    }
}
