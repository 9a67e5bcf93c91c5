//! The first day: what an administrator does in a company that has nothing yet.

use guanxi_domain::Page;
use guanxi_domain::customer::Customer;
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::api;
use crate::i18n::{HomeTexts, t};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Glyph, Icon};

/// What a company has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Has {
    pub customers: bool,
    pub orders: bool,
}

/// What the customer with the most orders tells of all.
fn has(page: &Page<Customer>) -> Has {
    let orders = |customer: &Customer| customer.metrics.as_ref().is_some_and(|m| m.orders > 0);
    Has {
        customers: !page.items.is_empty(),
        orders: page.items.iter().any(orders),
    }
}

/// Asks once what there is.
pub fn what_there_is() -> Loader<Has> {
    Loader::new(|| async {
        let page = api::get("/customers")
            .query("limit", 1)
            .query("sort", "-orders");
        Ok(has(&page.json::<Page<Customer>>().await?))
    })
}

type Text = fn(&HomeTexts) -> &'static str;

struct Step {
    glyph: Glyph,
    title: Text,
    text: Text,
    /// What leads on, the best first.
    ways: Vec<(&'static str, Text)>,
    done: bool,
}

/// Three steps, each with what leads on; those that are done are ticked.
#[component]
pub fn FirstSteps(has: Has) -> impl IntoView {
    let session = use_session();
    let may = |module| untrack(|| session.can(module, Operation::Create));
    let mut steps = Vec::new();
    if may(Module::Imports) {
        steps.push(Step {
            glyph: Glyph::FileUp,
            title: |h| h.step_orders,
            text: |h| h.step_orders_text,
            ways: vec![("/imports/new?record=orders", |h| h.step_orders_do)],
            done: has.orders,
        });
        steps.push(Step {
            glyph: Glyph::Building,
            title: |h| h.step_customers,
            text: |h| h.step_customers_text,
            ways: vec![
                ("/customers/new", |h| h.step_customers_do),
                ("/imports/new?record=customers", |h| h.step_customers_import),
            ],
            done: has.customers,
        });
    }
    if may(Module::Users) {
        steps.push(Step {
            glyph: Glyph::UserPlus,
            title: |h| h.step_people,
            text: |h| h.step_people_text,
            ways: vec![("/users/new", |h| h.step_people_do)],
            done: untrack(|| session.people()).len() > 1,
        });
    }
    let cards = (1..).zip(steps).map(|(number, step)| card(number, step));
    view! {
        <section class="mt-4" data-testid="first-steps">
            <h2 class="text-lg">{move || t().home.first_title}</h2>
            <p class="muted mt-0.5 mb-3">{move || t().home.first_text}</p>
            <ol class="grid grid-cols-1 gap-4 lg:grid-cols-3">{cards.collect_view()}</ol>
        </section>
    }
}

fn card(number: u32, step: Step) -> impl IntoView {
    let Step {
        glyph,
        title,
        text,
        ways,
        done,
    } = step;
    let links = ways
        .into_iter()
        .enumerate()
        .map(|(place, (address, text))| {
            // The first step that is to be done is the one to begin with.
            let class = match (place, done, number) {
                (0, false, 1) => "btn btn-primary btn-sm",
                _ => "btn-quiet",
            };
            view! {
                <A href=address attr:class=class>
                    {move || text(t().home)}
                </A>
            }
        });
    view! {
        <li class="panel flex flex-col p-5">
            <div class="flex items-center gap-3">
                <span class="grid size-10 shrink-0 place-items-center rounded-full bg-primary/10 text-primary">
                    <Icon glyph=if done { Glyph::Check } else { glyph } class="size-5" />
                </span>
                <h3 class="text-base">
                    <span class="num">{number}</span>
                    ". "
                    {move || title(t().home)}
                </h3>
            </div>
            <p class="muted mt-2 flex-1">{move || text(t().home)}</p>
            <div class="mt-4 flex flex-wrap gap-2">
                {links.collect_view()}
                {done
                    .then(|| {
                        view! {
                            <span class="tag tag-success inline-flex items-center gap-1">
                                <Icon glyph=Glyph::Check class="size-3.5" />
                                {move || t().home.step_done}
                            </span>
                        }
                    })}
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn page(customers: &[Value]) -> Page<Customer> {
        serde_json::from_value(json!({"items": customers, "next_cursor": null, "total": null}))
            .expect("a page")
    }

    #[test]
    fn an_empty_company_has_nothing() {
        assert_eq!(
            has(&page(&[])),
            Has {
                customers: false,
                orders: false
            }
        );
    }
}
