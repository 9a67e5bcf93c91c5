//! Where one is between the whole and the orders, as the address says it.

use guanxi_domain::segmentation::trading::TradingDimension;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::i18n::{lang, t};
use crate::names::use_names;
use crate::nav::UrlQuery;
use crate::session::use_session;
use crate::ui::{Glyph, Icon};

/// The dimensions that narrow the analysis down, from the whole to its parts.
pub const WITHIN: &[TradingDimension] = &[
    TradingDimension::CustomerType,
    TradingDimension::Region,
    TradingDimension::Customer,
    TradingDimension::Category,
    TradingDimension::Product,
];

/// What is compared. Reactive.
pub fn by(url: UrlQuery) -> TradingDimension {
    let word = url.get("by").and_then(|word| word.parse().ok());
    word.unwrap_or(TradingDimension::CustomerType)
}

/// The steps into the whole. Reactive.
pub fn steps(url: UrlQuery) -> Vec<(TradingDimension, String)> {
    let one = |of: &TradingDimension| Some((*of, url.get(of.as_str())?));
    WITHIN.iter().filter_map(one).collect()
}

/// The whole, then each step; each leads back to where it was.
#[component]
pub fn Breadcrumb(url: UrlQuery) -> impl IntoView {
    let session = use_session();
    let names = use_names();
    let name = move |of: TradingDimension, key: &str| {
        if key == "none" {
            return t().trading.none.to_owned();
        }
        match of {
            TradingDimension::Customer => names.of("customers", key),
            TradingDimension::Product => names.of("products", key),
            TradingDimension::CustomerType => session.dictionary_label("customer_type", key),
            TradingDimension::Region => session.dictionary_label("region", key),
            TradingDimension::Category => session.dictionary_label("product_category", key),
            TradingDimension::Month => key.to_owned(),
        }
    };
    // Going back to a step compares what was compared there: what follows it is taken away.
    let go = move |kept: usize| {
        let steps = steps(url);
        let by = match steps.get(kept) {
            Some((of, _)) => *of,
            None => by(url),
        };
        let mut changes: Vec<(&str, Option<String>)> = vec![("by", Some(by.to_string()))];
        changes.extend(steps.iter().skip(kept).map(|(of, _)| (of.as_str(), None)));
        url.set(&changes);
    };
    let step = move |(at, (of, key)): (usize, (TradingDimension, String))| {
        let address = match of {
            TradingDimension::Customer if key != "none" => Some(format!("/customers/{key}")),
            TradingDimension::Product if key != "none" => Some(format!("/products/{key}")),
            _ => None,
        };
        let title = move || of.label(lang());
        view! {
            <li class="flex items-center gap-1">
                <Icon glyph=Glyph::ChevronRight class="size-3.5 opacity-60" />
                <button
                    type="button"
                    class="btn btn-ghost btn-xs px-1.5 text-sm font-medium"
                    title=title
                    on:click=move |_| untrack(|| go(at + 1))
                >
                    {move || name(of, &key)}
                </button>
                {address
                    .map(|address| {
                        view! {
                            <A href=address attr:class="btn btn-ghost btn-square btn-xs" attr:aria-label=title>
                                <Icon glyph=Glyph::External class="size-3.5" />
                            </A>
                        }
                    })}
            </li>
        }
    };
    view! {
        <nav aria-label=move || t().trading.path data-testid="trading-path">
            <ol class="flex flex-wrap items-center">
                <li>
                    <button
                        type="button"
                        class="btn btn-ghost btn-xs px-1.5 text-sm font-medium"
                        on:click=move |_| untrack(|| go(0))
                    >
                        {move || t().trading.all}
                    </button>
                </li>
                {move || steps(url).into_iter().enumerate().map(step).collect_view()}
            </ol>
        </nav>
    }
}
