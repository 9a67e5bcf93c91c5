//! A filter on one field of a list, bound to the address.

use leptos::prelude::*;

use super::choice::label_of;
use super::{Options, PickerSource};
use crate::format::{money_plain, parse_money};
use crate::i18n::{fill, t};
use crate::nav::UrlQuery;

#[derive(Clone)]
pub(super) enum Kind {
    Choice(Options),
    Flag,
    Days,
    Times,
    Money,
    Number,
    Record(PickerSource),
}

/// A filter on one field.
#[derive(Clone)]
pub struct Filter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: bool,
}

impl Filter {
    /// One of several words: an enum (`choices!`) or a dictionary.
    pub fn choice(name: &'static str, options: Options) -> Self {
        Self {
            name,
            kind: Kind::Choice(options),
            presence: false,
        }
    }

    /// The entries of a dictionary.
    pub fn dictionary(name: &'static str, dictionary: &'static str) -> Self {
        let session = crate::session::use_session();
        Self::choice(name, Signal::derive(move || session.dictionary(dictionary)))
    }

    /// Yes or no.
    pub fn flag(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Flag,
            presence: false,
        }
    }

    /// From and to a day, of a field that holds days.
    pub fn days(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Days,
            presence: false,
        }
    }

    /// From and to a day, of a field that holds points in time.
    pub fn times(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Times,
            presence: false,
        }
    }

    /// From and to an amount.
    pub fn money(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Money,
            presence: false,
        }
    }

    /// From and to a number.
    pub fn number(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Number,
            presence: false,
        }
    }

    /// A record of another list, by its id.
    pub fn record(name: &'static str, source: PickerSource) -> Self {
        Self {
            name,
            kind: Kind::Record(source),
            presence: false,
        }
    }

    /// Offers "empty" and "not empty" too (optional fields).
    #[must_use]
    pub fn or_empty(mut self) -> Self {
        self.presence = true;
        self
    }

    fn is_range(&self) -> bool {
        matches!(
            self.kind,
            Kind::Days | Kind::Times | Kind::Money | Kind::Number
        )
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names = vec![self.name.to_owned()];
        if self.is_range() {
            names.push(format!("{}_min", self.name));
            names.push(format!("{}_max", self.name));
        }
        names
    }

    pub(super) fn clear(&self, url: UrlQuery) {
        let names = self.names();
        let changes: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
        url.set(&changes);
    }

    /// What the filter asks for, to be read on its button.
    pub(super) fn summary(&self, url: UrlQuery) -> Option<String> {
        let common = t().common;
        match url.get(self.name).as_deref() {
            Some("none") => return Some(common.filter_none.to_owned()),
            Some("any") => return Some(common.filter_set.to_owned()),
            Some(value) => {
                return Some(match &self.kind {
                    Kind::Choice(options) => {
                        match value.split(',').collect::<Vec<_>>().as_slice() {
                            [one] => label_of(*options, one),
                            many => fill(common.filter_selected, &[("n", &many.len().to_string())]),
                        }
                    }
                    Kind::Flag => if value == "true" {
                        common.yes
                    } else {
                        common.no
                    }
                    .to_owned(),
                    _ => fill(common.filter_selected, &[("n", "1")]),
                });
            }
            None => {}
        }
        if !self.is_range() {
            return None;
        }
        let end = |suffix: &str| {
            url.get(&format!("{}_{suffix}", self.name))
                .map(|value| self.shown(&value))
        };
        match (end("min"), end("max")) {
            (None, None) => None,
            (from, to) => Some(format!(
                "{} – {}",
                from.unwrap_or_default(),
                to.unwrap_or_default()
            )),
        }
    }

    /// A bound as people read and type it.
    pub(super) fn shown(&self, value: &str) -> String {
        match self.kind {
            Kind::Times => value.get(..10).unwrap_or(value).to_owned(),
            Kind::Money => value.parse().map_or_else(
                |_| value.to_owned(),
                |minor| money_plain(guanxi_domain::Money(minor)),
            ),
            _ => value.to_owned(),
        }
    }

    /// A bound as the API takes it; `None` when it is no value of the kind.
    pub(super) fn bound(&self, typed: &str, upper: bool) -> Option<String> {
        match self.kind {
            Kind::Times if upper => Some(format!("{typed}T23:59:59.999999Z")),
            Kind::Times => Some(format!("{typed}T00:00:00Z")),
            Kind::Money => parse_money(typed).map(|amount| amount.0.to_string()),
            Kind::Number => typed
                .trim()
                .parse::<f64>()
                .ok()
                .map(|_| typed.trim().to_owned()),
            _ => Some(typed.to_owned()),
        }
    }
}
