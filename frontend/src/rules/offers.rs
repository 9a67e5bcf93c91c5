//! What to offer to a customer, and what is often bought together with a product.

use guanxi_domain::segmentation::rules::{BasketKind, Offer, Offers, RuleBasis};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{label, name_of, names, ratio, share};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::ui::{Card, Skeleton, with_data};

/// What to offer to a customer next. For whoever may read reports.
#[component]
pub fn NextProductsCard(#[prop(into)] customer_id: String) -> impl IntoView {
    let again = RwSignal::new(false);
    let path = format!("/customers/{customer_id}/next-products");
    let offers = Loader::new(move || {
        let again = again.get();
        api::get(path.clone())
            .query("bought", again)
            .json::<Offers>()
    });
    let switch = move || {
        view! {
            <label class="muted flex cursor-pointer items-center gap-2 text-xs">
                <input
                    type="checkbox"
                    class="checkbox checkbox-xs"
                    data-testid="offer-again"
                    prop:checked=move || again.get()
                    on:change:target=move |event| again.set(event.target().checked())
                />
                {move || t().rules.again}
            </label>
        }
    };
    view! {
        <div data-testid="next-products">
            <Card
                title=label(|r| r.next_title)
                text=label(|r| r.next_text)
                actions=ViewFn::from(switch)
                flush=true
            >
                {with_data(
                    offers,
                    || view! { <Skeleton lines=3 /> }.into_any(),
                    |offers| view! { <List offers=offers none=label(|r| r.next_none) /> },
                )}
            </Card>
        </div>
    }
}

/// What is often bought together with a product. For whoever may read reports.
#[component]
pub fn BoughtWithCard(#[prop(into)] product_id: String) -> impl IntoView {
    let path = format!("/products/{product_id}/bought-with");
    let offers = Loader::new(move || api::get(path.clone()).json::<Offers>());
    let all = format!("/rules?product={product_id}");
    let link = move || {
        let whole = offers.with(|l| {
            l.data.as_ref().is_some_and(|offers| {
                offers.basis == RuleBasis::Company && !offers.items.is_empty()
            })
        });
        whole.then(|| {
            view! {
                <A href=all.clone() attr:class="link-plain text-xs">
                    {move || t().rules.all_rules}
                </A>
            }
        })
    };
    view! {
        <div data-testid="bought-with">
            <Card
                title=label(|r| r.with_title)
                text=label(|r| r.with_text)
                actions=ViewFn::from(move || link.clone())
                flush=true
            >
                {with_data(
                    offers,
                    || view! { <Skeleton lines=3 /> }.into_any(),
                    |offers| view! { <List offers=offers none=label(|r| r.with_none) /> },
                )}
            </Card>
        </div>
    }
}

#[component]
fn List(offers: Offers, none: Signal<String>) -> impl IntoView {
    let Some(settings) = offers.settings else {
        return view! {
            <p class="muted p-4">
                {move || t().rules.no_run} " "
                <A href="/rules" attr:class="link-plain">
                    {move || t().rules.go_run}
                </A>
            </p>
        }
        .into_any();
    };
    let why_none = move || match offers.refusal {
        Some(refusal) => refusal.label(lang()).to_owned(),
        None => none.get(),
    };
    let (basis, made_at) = (offers.basis, offers.made_at);
    let source = move || match (basis, made_at) {
        (RuleBasis::Company, Some(at)) => {
            fill(t().rules.basis_company, &[("time", &format::time(at))])
        }
        _ => t().rules.basis_seen.to_owned(),
    };
    let empty = offers.items.is_empty();
    let rows: Vec<AnyView> = offers
        .items
        .into_iter()
        .map(|offer| view! { <Row offer=offer baskets=settings.baskets /> }.into_any())
        .collect();
    view! {
        <ul class="divide-y divide-base-300">{rows}</ul>
        {empty.then(|| view! { <p class="muted p-4">{why_none}</p> })}
        <p class="muted num border-t border-base-300 px-4 py-2 text-xs">{source}</p>
    }
    .into_any()
}

#[component]
fn Row(offer: Offer, baskets: BasketKind) -> impl IntoView {
    let (facts, bought) = (offer.facts, offer.bought);
    let because = offer.because;
    let why = move || {
        let words = t().rules;
        let who = match baskets {
            BasketKind::Order => words.who_orders,
            BasketKind::Customer => words.who_customers,
        };
        fill(
            words.because,
            &[
                ("left", &names(&because)),
                ("who", who),
                ("share", &share(facts.confidence)),
                ("lift", &ratio(facts.lift)),
            ],
        )
    };
    let address = offer.item.product_id.map(|id| format!("/products/{id}"));
    let item = offer.item;
    let name = move || name_of(&item);
    let title = match address {
        Some(address) => view! {
            <A href=address attr:class="link-plain font-medium">
                {name}
            </A>
        }
        .into_any(),
        None => view! { <span class="font-medium">{name}</span> }.into_any(),
    };
    view! {
        <li class="flex items-center gap-4 px-4 py-2.5">
            <div class="min-w-0 flex-1">
                <p>
                    {title}
                    {bought
                        .then(|| {
                            view! { <span class="tag tag-plain ml-2">{move || t().rules.bought}</span> }
                        })}
                </p>
                <p class="muted text-xs">{why}</p>
            </div>
            <span class="num text-lg font-semibold">{move || share(facts.confidence)}</span>
        </li>
    }
}
