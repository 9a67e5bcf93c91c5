//! Passwords: Argon2id, 19 MiB, 2 passes, 1 lane (OWASP's first choice), a few at a time.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::{ApiError, ApiResult};

/// How many are hashed at once: each takes 19 MiB and a core for some 30 ms.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords without holding up other requests.
#[derive(Clone)]
pub struct Hasher(Arc<Semaphore>);

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher {
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    async fn work<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> ApiResult<T> {
        let _permit = self.0.acquire().await.map_err(|e| ApiError::internal(&e))?;
        tokio::task::spawn_blocking(f)
            .await
            .map_err(|e| ApiError::internal(&e))
    }

    /// The hash to store, with its salt and parameters.
    pub async fn hash(&self, password: String) -> ApiResult<String> {
        self.work(move || hash(&password)).await?
    }

    /// Whether the password is right. Without a hash it is wrong, but takes as long: time tells nobody which addresses exist.
    pub async fn verify(&self, password: String, hash: Option<String>) -> ApiResult<bool> {
        self.work(move || match hash {
            Some(text) => PasswordHash::new(&text).is_ok_and(|parsed| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &parsed)
                    .is_ok()
            }),
            None => Argon2::default()
                .hash_password(password.as_bytes())
                .is_err(),
        })
        .await
    }
}

/// As [`Hasher::hash`], on this thread.
pub fn hash(password: &str) -> ApiResult<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|h| h.to_string())
        .map_err(|e| ApiError::internal(&e))
}
