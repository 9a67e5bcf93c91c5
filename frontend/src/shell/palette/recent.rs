//! What somebody opened from the palette lately: kept in the browser, for each account its own, and gone with the log-out.

use super::items::Opened;
use crate::prefs;

const KEPT: usize = 8;

fn key(user: &str) -> String {
    format!("recent.{user}")
}

/// The newest first.
pub fn all(user: &str) -> Vec<Opened> {
    prefs::read(&key(user))
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

pub fn add(user: &str, opened: Opened) {
    let mut all = all(user);
    all.retain(|known| known.address != opened.address);
    all.insert(0, opened);
    all.truncate(KEPT);
    // Lists of texts can always be written.
    prefs::write(&key(user), &serde_json::to_string(&all).unwrap_or_default());
}

pub fn forget(user: &str) {
    prefs::remove(&key(user));
}
