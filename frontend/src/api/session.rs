//! The log-in. The access token lives in memory only; the refresh token is a cookie that scripts cannot read.

use std::cell::RefCell;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use guanxi_domain::account::{Credentials, Registration, Tokens};
use guanxi_domain::user::User;
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{ApiError, post};

struct Token {
    text: String,
    /// Milliseconds since 1970.
    ends: f64,
}

/// What to do when the log-in is over and cannot be renewed.
pub type SessionEnd = Box<dyn Fn()>;

thread_local! {
    static TOKEN: RefCell<Option<Token>> = const { RefCell::new(None) };
    static REFRESHING: RefCell<Option<Shared<LocalBoxFuture<'static, bool>>>> = const { RefCell::new(None) };
    static ON_END: RefCell<Option<SessionEnd>> = const { RefCell::new(None) };
}

/// A token that will end within this time is renewed before a call, in milliseconds.
const MARGIN: f64 = 20_000.0;

pub(super) fn token() -> Option<String> {
    TOKEN.with_borrow(|token| token.as_ref().map(|t| t.text.clone()))
}

fn keep(tokens: &Tokens) -> bool {
    let Some(text) = tokens.access_token.clone() else {
        return false;
    };
    #[allow(clippy::cast_precision_loss)] // Seconds of minutes, not of centuries.
    let lifetime = tokens.expires_in.unwrap_or(60) as f64 * 1_000.0;
    TOKEN.set(Some(Token {
        text,
        ends: js_sys::Date::now() + lifetime,
    }));
    true
}

pub fn on_session_end(handler: SessionEnd) {
    ON_END.set(Some(handler));
}

/// Renews the token when it is about to end.
pub(super) async fn fresh_token() {
    let ending = TOKEN.with_borrow(|token| {
        token
            .as_ref()
            .is_some_and(|t| t.ends - js_sys::Date::now() < MARGIN)
    });
    if ending {
        refresh().await;
    }
}

/// Gets a new access token by the cookie; several callers share one attempt. Says whether there is one now.
pub(super) async fn refresh() -> bool {
    let attempt = REFRESHING.with_borrow_mut(|running| {
        running
            .get_or_insert_with(|| {
                async {
                    let had = token().is_some();
                    let renewed = refresh_alone().await;
                    REFRESHING.set(None);
                    match renewed {
                        Ok(tokens) => keep(&tokens),
                        // A network that is away for a moment does not end the log-in.
                        Err(ApiError::Refused(problem))
                            if problem.status < 500 && problem.status != 429 =>
                        {
                            TOKEN.set(None);
                            if had {
                                ON_END.with_borrow(|handler| {
                                    if let Some(handler) = handler {
                                        handler();
                                    }
                                });
                            }
                            false
                        }
                        Err(_) => false,
                    }
                }
                .boxed_local()
                .shared()
            })
            .clone()
    });
    attempt.await
}

/// One refresh at a time over all tabs: each uses up the cookie of the one before, and the server
/// takes a cookie that comes twice for stolen.
async fn refresh_alone() -> Result<Tokens, ApiError> {
    let (lock, release) = match tab_lock().await {
        Some((lock, release)) => (Some(lock), Some(release)),
        None => (None, None),
    };
    let answer = send_refresh().await;
    if let Some(release) = release {
        // Resolving a promise does not throw.
        let _ = release.call0(&JsValue::UNDEFINED);
    }
    drop(lock);
    answer
}

async fn send_refresh() -> Result<Tokens, ApiError> {
    let mut call = post("/auth/refresh");
    call.anonymous = true;
    call.json().await
}

/// Takes the lock that tabs share; gives what has to live meanwhile and the function that lets go.
/// `None` where the browser has no locks (pages without TLS on other machines).
async fn tab_lock() -> Option<(Closure<dyn FnMut(JsValue) -> Promise>, Function)> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;

    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    let mut granted_resolve = None;
    let granted = Promise::new(&mut |resolve, _| granted_resolve = Some(resolve));
    let granted_resolve = granted_resolve?;

    let holder = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
        // Resolving a promise does not throw.
        let _ = granted_resolve.call0(&JsValue::UNDEFINED);
        held.clone()
    });
    request
        .call2(&locks, &"guanxi-refresh".into(), holder.as_ref())
        .ok()?;
    JsFuture::from(granted).await.ok()?;
    Some((holder, release?))
}

/// Picks up the log-in of an earlier visit. `Ok(false)`: nobody is logged in.
pub async fn resume() -> Result<bool, ApiError> {
    match refresh_alone().await {
        Ok(tokens) => Ok(keep(&tokens)),
        Err(ApiError::Refused(problem)) if problem.status < 500 && problem.status != 429 => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

async fn enter(path: &str, body: &impl serde::Serialize) -> Result<(User, bool), ApiError> {
    let mut call = post(path).body(body);
    call.anonymous = true;
    let tokens: Tokens = call.json().await?;
    let inside = keep(&tokens);
    Ok((tokens.user, inside))
}

/// Logs in.
pub async fn log_in(credentials: &Credentials) -> Result<User, ApiError> {
    Ok(enter("/auth/login", credentials).await?.0)
}

/// Makes an account; `false`: it waits for an administrator.
pub async fn register(registration: &Registration) -> Result<(User, bool), ApiError> {
    enter("/auth/register", registration).await
}

/// Ends the log-in here and on the server.
pub async fn log_out() -> Result<(), ApiError> {
    let answer = post("/auth/logout").done().await;
    TOKEN.set(None);
    answer
}
