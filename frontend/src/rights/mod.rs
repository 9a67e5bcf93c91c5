//! What somebody may do, in words and numbers, and why.

mod check;

use guanxi_domain::permission::{Module, ModuleGroup};
use guanxi_domain::rights::{Reach, Rights};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::api;
use crate::format;
use crate::i18n::{RightsTexts, fill, lang, t};
use crate::load::Loader;
use crate::ui::{Card, Fact, Facts, PageHeader, RecordSkeleton, record_link, with_data};
use check::CheckCard;

fn label(pick: fn(&RightsTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().rights).to_owned())
}

/// Of a user, for whoever may read users.
#[component]
pub fn UserRightsPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let path = Signal::derive(move || format!("/users/{}", id.get()));
    let rights = Loader::new(move || api::get(format!("{}/rights", path.get())).json::<Rights>());
    let title = Signal::derive(move || {
        let name = rights.with(|l| l.data.as_ref().map(|r| r.user_name.clone()));
        name.map_or_else(String::new, |name| fill(t().rights.of, &[("name", &name)]))
    });
    let up = Signal::derive(move || t().admin.users.to_owned());
    view! {
        <PageHeader title=title up=("/users", up) />
        <Body rights=rights path=path />
    }
}

/// One's own.
#[component]
pub fn MyRightsPage() -> impl IntoView {
    let rights = Loader::new(|| api::get("/me/rights").json::<Rights>());
    let up = Signal::derive(|| t().account.title.to_owned());
    view! {
        <PageHeader title=label(|r| r.mine) up=("/account", up) />
        <Body rights=rights path=Signal::stored("/me".to_owned()) />
    }
}

#[component]
fn Body(rights: Loader<Rights>, path: Signal<String>) -> impl IntoView {
    with_data(
        rights,
        || view! { <RecordSkeleton /> }.into_any(),
        move |found: Rights| {
            let inactive = !found.active;
            let whole = StoredValue::new(found.clone());
            view! {
                <Show when=move || inactive>
                    <p class="mb-3 rounded-box border border-warning/40 bg-warning/8 px-3.5 py-2.5">
                        {move || t().rights.inactive}
                    </p>
                </Show>
                <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
                    <div class="grid gap-4 xl:order-last">
                        <Origin rights=found />
                        <CheckCard path=path />
                    </div>
                    <Card title=label(|r| r.title) flush=true>
                        <table class="w-full text-left" data-testid="rights">
                            {ModuleGroup::ALL
                                .iter()
                                .map(|group| view! { <GroupRows group=*group rights=whole /> })
                                .collect_view()}
                        </table>
                    </Card>
                </div>
            }
        },
    )
}

/// Where the rights come from.
#[component]
fn Origin(rights: Rights) -> impl IntoView {
    let (zh, en) = (rights.role_zh.clone(), rights.role_en.clone());
    let role = move || lang().pick(&zh, &en).clone();
    let role_id = rights.role_id;
    let role_view = move || match (role_id, role()) {
        (Some(id), Some(name)) => record_link(format!("/roles/{id}"), name),
        _ => view! { <span class="muted">{t().rights.no_role}</span> }.into_any(),
    };
    let shares = rights.shares;
    view! {
        <Card title=label(|r| r.role)>
            <Facts>
                <Fact label=label(|r| r.role)>{role_view}</Fact>
                <Fact label=label(|r| r.department) value=Signal::stored(rights.department) />
                <Fact label=label(|r| r.shares) value=Signal::derive(move || Some(format::integer(shares))) />
            </Facts>
        </Card>
    }
}

#[component]
fn GroupRows(group: ModuleGroup, rights: StoredValue<Rights>) -> impl IntoView {
    let row = move |module: Module| {
        let reach = rights.with_value(|r| r.reach.iter().find(|r| r.module == module).cloned());
        let words = move || rights.with_value(|rights| rights.permissions.in_words(module, lang()));
        view! {
            <tr class="border-t border-base-300/70 align-top">
                <th scope="row" class="w-32 px-4 py-2 font-medium whitespace-nowrap max-sm:w-24 max-sm:px-3">
                    {move || module.label(lang())}
                </th>
                <td class="px-2 py-2">
                    {move || match words() {
                        Some(words) => view! { <span>{words}</span> }.into_any(),
                        None => view! { <span class="muted">{t().rights.nothing}</span> }.into_any(),
                    }}
                </td>
                <td class="num px-4 py-2 text-right whitespace-nowrap">
                    {reach.map(|reach| view! { <Seen reach=reach /> })}
                </td>
            </tr>
        }
    };
    view! {
        <tbody>
            <tr class="border-t border-base-300 bg-base-200/60 first:border-t-0">
                <th colspan="2" scope="rowgroup" class="muted px-4 py-1.5 text-xs font-medium max-sm:px-3">
                    {move || group.label(lang())}
                </th>
                <th class="muted px-4 py-1.5 text-right text-xs font-medium whitespace-nowrap">
                    {move || t().rights.sees}
                </th>
            </tr>
            {group.modules().map(row).collect_view()}
        </tbody>
    }
}

#[component]
fn Seen(reach: Reach) -> impl IntoView {
    move || {
        let n = format::integer(reach.records);
        match reach.of.map(format::integer) {
            Some(of) => fill(t().rights.seen, &[("n", &n), ("of", &of)]),
            None => n,
        }
    }
}
