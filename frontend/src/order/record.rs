use guanxi_domain::order::{FIELDS, Order, OrderLine, OrderState, OrderTransition};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::share::Shareable;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::transitions::OrderActions;
use super::{OrderStateBadge, label};
use crate::api;
use crate::audit::HistoryButton;
use crate::contact::ContactName;
use crate::format;
use crate::i18n::{field_label, fill, t};
use crate::load::Loader;
use crate::session::use_session;
use crate::share::{ShareButton, SharedBadge, Shares};
use crate::ui::{
    Card, ChangedElsewhere, CustomCard, Fact, Facts, Glyph, Icon, KeyFigure, KeyFigures,
    PageHeader, RecordSkeleton, record_link, with_data,
};

#[component]
pub fn OrderPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let order = Loader::new(move || api::get(format!("/orders/{}", id.get())).json::<Order>());
    view! {
        <ChangedElsewhere record="orders" loader=order of=|c: &Order| (c.head.id.to_string(), c.head.version) />
        {with_data(
        order,
        || view! { <RecordSkeleton /> }.into_any(),
        move |found| view! { <Record found=found order=order /> },
    )}
    }
}

fn field(name: &'static str) -> Signal<String> {
    Signal::derive(move || field_label(&FIELDS, name))
}

#[component]
fn Record(found: Order, order: Loader<Order>) -> impl IntoView {
    let session = use_session();
    let Order {
        head,
        lines,
        transitions,
    } = found;
    let state = head.state;
    let number = head.number.clone();
    let shares = Shares::of(Shareable::Orders, Signal::stored(head.id.to_string()));
    let customer = (
        format!("/customers/{}", head.customer_id),
        head.customer_name.clone(),
    );
    let (total, discount, margin, ordered) =
        (head.total, head.discount, head.margin, head.ordered_at);
    let (promised, count) = (head.promised_on, head.line_count);
    #[allow(clippy::cast_precision_loss)] // A percentage with one decimal.
    let share = (total.0 > 0).then(|| margin.0 as f64 / total.0 as f64);
    // The day that the visitor has; the server's may already be the next one.
    let late = promised.is_some_and(|day| day < guanxi_domain::Timestamp::now().date())
        && matches!(
            state,
            OrderState::Submitted | OrderState::Confirmed | OrderState::PartlyShipped
        );
    let owner = head.owner_id;
    let owner_name = Signal::derive(move || owner.and_then(|id| session.person_name(id.as_str())));
    let reason = head.cancel_reason.clone();
    let contact = head.contact_id;
    let may_open_customer = move || session.can(Module::Customers, Operation::Read);
    let customer_link = move || {
        let (address, name) = customer.clone();
        if may_open_customer() {
            record_link(address, name)
        } else {
            name.into_any()
        }
    };
    let beside_customer = customer_link.clone();
    view! {
        <PageHeader
            title=Signal::stored(head.number.clone())
            up=("/orders", label(|o| o.title))
            beside=ViewFn::from(move || {
                view! {
                    <OrderStateBadge state=state />
                    <SharedBadge shares=shares />
                }
            })
            below=ViewFn::from(move || view! { <p class="mt-1">{beside_customer.clone()}</p> })
        >
            <ShareButton shares=shares name=Signal::stored(number) />
            <HistoryButton record="orders" id=head.id.to_string() />
            <OrderActions order=order />
        </PageHeader>
        {reason
            .map(|reason| {
                view! {
                    <p class="mb-3 flex items-start gap-2.5 rounded-box border border-error/30 bg-error/8 px-3.5 py-2.5">
                        <span class="mt-0.5 text-error">
                            <Icon glyph=Glyph::Ban />
                        </span>
                        {move || fill(t().order.cancelled_because, &[("reason", &reason)])}
                    </p>
                }
            })}
        <KeyFigures>
            <KeyFigure label=field("total") value=Signal::derive(move || format::money(total)) />
            <KeyFigure label=label(|o| o.discount) value=Signal::derive(move || format::money(discount)) />
            <KeyFigure
                label=field("margin")
                value=Signal::derive(move || format::money(margin))
                note=Signal::derive(move || {
                    share
                        .map(|share| fill(t().order.margin_share, &[("n", &format::percent(share))]))
                        .unwrap_or_default()
                })
            />
            <KeyFigure label=field("ordered_at") value=Signal::derive(move || format::day_of(ordered)) />
            <KeyFigure
                label=field("promised_on")
                value=Signal::derive(move || promised.map_or_else(|| "—".to_owned(), format::date_short))
                note=Signal::derive(move || {
                    if late { t().order.promised_late.to_owned() } else { String::new() }
                })
            />
        </KeyFigures>
        <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
            <Card
                title=Signal::derive(move || format!("{} · {count}", t().order.lines))
                flush=true
            >
                <Lines lines=lines total=total />
            </Card>
            <div class="grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-1">
                <Card title=label(|o| o.head)>
                    <div class="xl:[&_dl]:grid-cols-1">
                        <Facts>
                            <Fact label=field("customer_id")>{customer_link}</Fact>
                            <Fact label=field("contact_id")>
                                <ContactName id=contact />
                            </Fact>
                            <Fact label=field("owner_id") value=owner_name />
                            <Fact label=field("ordered_at") value=Signal::derive(move || Some(format::time(ordered))) />
                            <Fact label=label(|o| o.payment_terms) value=Signal::stored(head.payment_terms) />
                            <Fact label=label(|o| o.ship_to) value=Signal::stored(head.ship_to) />
                            <Fact label=label(|o| o.note) value=Signal::stored(head.note) wide=true />
                        </Facts>
                    </div>
                </Card>
                <CustomCard record="orders" values=Signal::stored(head.custom) />
                <Card title=label(|o| o.history)>
                    <History transitions=transitions />
                </Card>
            </div>
        </div>
    }
}

#[component]
fn Lines(lines: Vec<OrderLine>, total: guanxi_domain::Money) -> impl IntoView {
    let head = |text: fn(&crate::i18n::OrderTexts) -> &'static str, class: &'static str| {
        view! {
            <th scope="col" class=class>
                {move || text(t().order)}
            </th>
        }
    };
    let discounts = lines.iter().any(|line| line.discount.0 != 0);
    let row = move |line: OrderLine| {
        let (quantity, price, discount, total) =
            (line.quantity, line.unit_price, line.discount, line.total);
        let unit = line.unit.clone().unwrap_or_default();
        let product = line.product_id;
        let description = line.description.clone();
        let negative = total.0 < 0;
        view! {
            <tr>
                <td class="wrap">
                    {match product {
                        Some(id) => record_link(format!("/products/{id}"), description),
                        None => view! { <span class="font-medium">{description}</span> }.into_any(),
                    }}
                    {line.sku.map(|sku| view! { <span class="num muted ml-2 text-xs">{sku}</span> })}
                </td>
                <td class="right" data-label=move || t().order.quantity>
                    {format::quantity(quantity)}
                    {(!unit.is_empty()).then(|| view! { <span class="muted ml-1">{unit}</span> })}
                </td>
                <td class="right" data-label=move || t().order.unit_price>
                    {move || format::unit_price(price)}
                </td>
                {discounts
                    .then(|| {
                        view! {
                            <td class="right" data-label=move || t().order.line_discount>
                                {(discount.0 != 0).then_some(move || format::money(discount))}
                            </td>
                        }
                    })}
                <td class="right font-medium" class:text-error=negative data-label=move || t().order.amount>
                    {move || format::money(total)}
                </td>
            </tr>
        }
    };
    view! {
        <div class="overflow-x-auto">
            <table class="grid-table cards" data-testid="order-lines">
                <thead>
                    <tr>
                        {head(|o| o.description, "")} {head(|o| o.quantity, "right")}
                        {head(|o| o.unit_price, "right")}
                        {discounts.then(|| head(|o| o.line_discount, "right"))}
                        {head(|o| o.amount, "right")}
                    </tr>
                </thead>
                <tbody>{lines.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <p class="flex items-baseline justify-end gap-3 border-t border-base-300 bg-base-200/50 px-3 py-2.5">
            <span class="muted">{move || t().order.total}</span>
            <span class="num text-base font-semibold" data-testid="order-total">
                {move || format::money(total)}
            </span>
        </p>
    }
}

#[component]
fn History(transitions: Vec<OrderTransition>) -> impl IntoView {
    let entry = |transition: OrderTransition| {
        let (at, to) = (transition.at, transition.to);
        let who = transition.by_name.clone();
        view! {
            <li class="relative border-l border-base-300 pb-4 pl-4 last:border-transparent last:pb-0">
                <span class="absolute top-1.5 -left-[0.3125rem] size-2.5 rounded-full border-2 border-base-100 bg-primary"></span>
                <OrderStateBadge state=to />
                <p class="muted mt-1 text-xs">
                    {if who.is_empty() {
                        (move || t().order.by_system).into_any()
                    } else {
                        who.into_any()
                    }} " · " <span class="num">{move || format::time(at)}</span>
                </p>
                {transition.reason.map(|reason| view! { <p class="mt-1 break-words">{reason}</p> })}
            </li>
        }
    };
    view! { <ol class="ml-1" data-testid="order-history">{transitions.into_iter().rev().map(entry).collect_view()}</ol> }
}
