//! What customers and products are worth: runs, classes, curve, ranking.

mod csv;
mod curve;
mod movements;
mod page;
mod products;
mod ranking;
mod run_dialog;
mod shares;

pub use csv::{CsvButton, save_csv};
pub use page::ValuePage;

use leptos::prelude::*;

use crate::i18n::{ValueTexts, t};

/// A text of the value page, as a label.
fn label(pick: fn(&ValueTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().value).to_owned())
}

/// What is ranked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    Customers,
    Products,
}

impl Subject {
    /// How many there are.
    fn count(self) -> &'static str {
        match self {
            Self::Customers => t().value.customers,
            Self::Products => t().value.products,
        }
    }

    /// Their share of all.
    fn share(self) -> &'static str {
        match self {
            Self::Customers => t().value.customer_share,
            Self::Products => t().value.product_share,
        }
    }

    fn curve_axis(self) -> &'static str {
        match self {
            Self::Customers => t().value.curve_customers,
            Self::Products => t().value.curve_products,
        }
    }

    fn curve_text(self) -> &'static str {
        match self {
            Self::Customers => t().value.curve_text,
            Self::Products => t().value.curve_products_text,
        }
    }
}
