//! What was on hand of a product, on its page.

mod dialog;

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::product::Product;
use guanxi_domain::stock::{FIELDS, StockLevel};
use guanxi_domain::{Date, Money, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use self::dialog::{LevelDialog, Written};
use crate::api;
use crate::format;
use crate::i18n::{StockTexts, field_label, fill, t, t_now};
use crate::live::use_live;
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Ask, Card, Glyph, Icon, Skeleton, use_confirm, use_toasts, with_data};

/// Levels that are fetched: the newest.
const FETCHED: usize = 200;
/// Levels that are shown until somebody asks for more.
const SHOWN: usize = 6;

const UNKNOWN: &str = "—";

fn label(pick: fn(&StockTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().stock).to_owned())
}

/// What a level is worth; `None` where its cost is not known, or it is worth more than can be told.
fn worth(level: &StockLevel) -> Option<Money> {
    let input = &level.input;
    if input.quantity.0 == 0 {
        return Some(Money::ZERO);
    }
    let amount = input
        .unit_cost?
        .times(input.quantity, format::minor_digits());
    amount.ok()
}

/// The newest level with its value, those before it, and what may be done with them. For whoever may read stock.
#[component]
pub fn StockCard(product: Product) -> impl IntoView {
    let session = use_session();
    let path = StoredValue::new(format!("/products/{}/stock-levels", product.id));
    let levels = Loader::new(move || {
        api::get(path.get_value())
            .query("limit", FETCHED)
            .json::<Page<StockLevel>>()
    });
    use_live().refresh("stock_levels", move || levels.reload());
    let written = RwSignal::new(None::<Written>);
    let may_write = move || session.can(Module::Stock, Operation::Update);
    let may_import = move || {
        session.can(Module::Imports, Operation::Create)
            && session.can(Module::Stock, Operation::Create)
    };
    let actions = move || {
        view! {
            <Show when=may_import>
                <A href="/imports/new?record=stock_levels" attr:class="btn-quiet">
                    <Icon glyph=Glyph::FileUp />
                    {move || t().stock.import}
                </A>
            </Show>
            <Show when=may_write>
                <button
                    class="btn-quiet"
                    data-testid="add-level"
                    on:click=move |_| written.set(Some(Written::New))
                >
                    <Icon glyph=Glyph::Plus />
                    {move || t().stock.new}
                </button>
            </Show>
        }
    };
    let unit = StoredValue::new(product.input.unit.unwrap_or_default());
    let body = move |page: Page<StockLevel>| {
        let Some(newest) = page.items.first() else {
            return view! {
                <p class="muted p-4">
                    {move || t().stock.none} " " {move || t().stock.none_text}
                </p>
            }
            .into_any();
        };
        view! {
            <Newest level=newest.clone() unit=unit.get_value() />
            <p class="muted border-b border-base-300/70 px-4 pt-2 pb-3 text-xs">
                {move || t().stock.text}
            </p>
            <Levels levels=page.items path=path written=written reload=Callback::new(move |()| levels.reload()) />
        }
        .into_any()
    };
    let known = Signal::derive(move || {
        levels.with(|l| {
            let page = l.data.as_ref();
            page.map(|page| page.items.clone()).unwrap_or_default()
        })
    });
    view! {
        <div data-testid="stock">
            <Card
                title=label(|s| s.title)
                actions=ViewFn::from(move || actions)
                flush=true
            >
                {with_data(levels, || view! { <Skeleton lines=2 /> }.into_any(), body)}
            </Card>
        </div>
        <LevelDialog
            written=written
            known=known
            path=path
            product=product.id
            done=Callback::new(move |()| levels.reload())
        />
    }
}

#[component]
fn Newest(level: StockLevel, unit: String) -> impl IntoView {
    let (quantity, day, value) = (level.input.quantity, level.input.day, worth(&level));
    let on_hand = move || format!("{} {unit}", format::quantity(quantity));
    view! {
        <dl class="flex flex-wrap gap-x-8 gap-y-2 px-4 pt-3">
            <div>
                <dt class="muted text-xs">{move || t().stock.on_hand}</dt>
                <dd class="num text-lg font-semibold" data-testid="on-hand">
                    {on_hand}
                </dd>
                <dd class="muted text-xs">
                    {move || fill(t().stock.since, &[("day", &format::date(day))])}
                </dd>
            </div>
            <div>
                <dt class="muted text-xs">{move || t().stock.value}</dt>
                <dd class="num text-lg font-semibold">
                    {move || value.map_or_else(|| UNKNOWN.to_owned(), format::money)}
                </dd>
            </div>
        </dl>
    }
}

#[component]
fn Levels(
    levels: Vec<StockLevel>,
    path: StoredValue<String>,
    written: RwSignal<Option<Written>>,
    reload: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let whole = RwSignal::new(false);
    let count = levels.len();
    let levels = StoredValue::new(levels);
    let may_write = move || session.can(Module::Stock, Operation::Update);
    let may_delete = move || session.can(Module::Stock, Operation::Delete);
    let acts = move || may_write() || may_delete();
    let row = move |level: StockLevel| {
        let (input, value) = (level.input.clone(), worth(&level));
        let (changed, deleted) = (StoredValue::new(level.clone()), (input.day, level.version));
        view! {
            <tr>
                <td class="whitespace-nowrap sm:min-w-0!">{move || format::date_short(input.day)}</td>
                <td class="right num">{move || format::quantity(input.quantity)}</td>
                <td class="right num max-sm:hidden">
                    {move || input.unit_cost.map_or_else(|| UNKNOWN.to_owned(), format::unit_price)}
                </td>
                <td class="right num">
                    {move || value.map_or_else(|| UNKNOWN.to_owned(), format::money)}
                </td>
                <Show when=acts>
                    <td class="right pl-0!">
                        <Show when=may_write>
                            <button
                                class="btn btn-ghost btn-square btn-xs"
                                data-testid="edit-level"
                                aria-label=move || t().stock.edit
                                title=move || t().stock.edit
                                on:click=move |_| {
                                    written.set(Some(Written::Level(changed.get_value())));
                                }
                            >
                                <Icon glyph=Glyph::Pencil class="size-3.5" />
                            </button>
                        </Show>
                        <Show when=may_delete>
                            <Delete path=path deleted=deleted done=reload />
                        </Show>
                    </td>
                </Show>
            </tr>
        }
    };
    let rows = move || {
        let shown = if whole.get() { count } else { SHOWN };
        let levels = levels.get_value().into_iter().take(shown);
        levels.map(row).collect_view()
    };
    view! {
        <div class="overflow-x-auto">
            <table class="grid-table compact">
                <thead>
                    <tr>
                        <th scope="col">{move || field_label(&FIELDS, "day")}</th>
                        <th scope="col" class="right">{move || t().stock.on_hand}</th>
                        <th scope="col" class="right max-sm:hidden">{move || t().stock.unit_cost}</th>
                        <th scope="col" class="right">{move || t().stock.value}</th>
                        <Show when=acts>
                            <th scope="col" class="right">
                                <span class="sr-only">{move || t().stock.actions}</span>
                            </th>
                        </Show>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Show when=move || (count > SHOWN) && !whole.get()>
            <div class="border-t border-base-300/70 px-4 py-2">
                <button type="button" class="link-plain text-xs" on:click=move |_| whole.set(true)>
                    {move || fill(t().stock.older, &[("count", &format::integer(i64::try_from(count).unwrap_or(i64::MAX)))])}
                </button>
            </div>
        </Show>
    }
}

/// Asks, and deletes the level of a day with this version.
#[component]
fn Delete(path: StoredValue<String>, deleted: (Date, i64), done: Callback<()>) -> impl IntoView {
    let confirm = use_confirm();
    let toasts = use_toasts();
    let (day, version) = deleted;
    let delete = move |_| {
        let ask = Ask {
            title: fill(t_now().stock.delete_title, &[("day", &format::date(day))]),
            text: t_now().stock.delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let call = api::delete(format!("{}/{day}", path.get_value())).version(version);
            spawn_local(async move {
                match call.done().await {
                    Ok(()) => toasts.done(t_now().common.deleted),
                    Err(error) => toasts.error(&error),
                }
                // What somebody else has changed meanwhile is fetched too.
                done.run(());
            });
        });
    };
    view! {
        <button
            class="btn btn-ghost btn-square btn-xs"
            data-testid="delete-level"
            aria-label=move || t().common.delete
            title=move || t().common.delete
            on:click=delete
        >
            <Icon glyph=Glyph::Trash class="size-3.5" />
        </button>
    }
}
