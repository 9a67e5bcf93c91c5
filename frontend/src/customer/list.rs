use guanxi_domain::customer::{Customer, FIELDS};
use guanxi_domain::dictionary::{CUSTOMER_TYPE, REGION};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;

use super::badges::{StageBadge, TierBadge, ValueBadge};
use crate::clusters::cluster_tag;
use crate::format;
use crate::i18n::{lang, t};
use crate::segment::new_segment_by;
use crate::session::{Session, use_session};
use crate::ui::{
    Actions, Badge, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, Quick, Tone,
    quick, record_link, use_records,
};

pub const ACTIONS: Actions = Actions {
    module: Module::Customers,
    fields: &[
        "stage",
        "tier",
        "customer_type",
        "region",
        "industry",
        "size",
        "source",
    ],
    archive: true,
    states: false,
    delete: true,
};

pub fn address(customer: &Customer) -> String {
    format!("/customers/{}", customer.id)
}

pub fn columns(session: Session) -> Vec<Column<Customer>> {
    let dictionary = move |dictionary: &'static str, code: Option<String>| {
        move || {
            code.as_ref()
                .map(|code| session.dictionary_label(dictionary, code))
        }
    };
    let sales = |customer: &Customer| customer.metrics.as_ref().map(|m| m.sales);
    vec![
        Column::field(&FIELDS, "name", |c: &Customer| {
            let (blacklisted, archived) = (c.blacklisted, c.archived_at.is_some());
            view! {
                <span class="flex flex-wrap items-center gap-x-2 gap-y-0.5">
                    {record_link(address(c), c.input.name.clone())}
                    {blacklisted
                        .then(|| {
                            view! {
                                <Badge tone=Tone::Error text=Signal::derive(|| t().customer.blacklisted.to_owned()) />
                            }
                        })}
                    {archived
                        .then(|| view! { <Badge text=Signal::derive(|| t().customer.archived.to_owned()) /> })}
                </span>
            }
        }),
        Column::field(&FIELDS, "code", |c: &Customer| {
            view! { <span class="num muted">{c.input.code.clone()}</span> }
        }),
        Column::field(
            &FIELDS,
            "stage",
            |c: &Customer| view! { <StageBadge stage=c.input.stage /> },
        ),
        Column::field(&FIELDS, "tier", |c: &Customer| {
            c.input.tier.map(|tier| view! { <TierBadge tier=tier /> })
        }),
        Column::field(&FIELDS, "value_class", |c: &Customer| {
            c.value_class
                .map(|class| view! { <ValueBadge class=class /> })
        }),
        Column::field(&FIELDS, "sales", move |c: &Customer| {
            let sales = sales(c);
            move || sales.map(format::money)
        })
        .right(),
        Column::field(&FIELDS, "last_order_on", |c: &Customer| {
            let day = c.metrics.as_ref().and_then(|m| m.last_order_on);
            view! { <span class="num whitespace-nowrap">{move || day.map(format::date_short)}</span> }
        }),
        Column::field(&FIELDS, "owner_id", move |c: &Customer| {
            let owner = c.input.owner_id;
            move || match owner {
                Some(id) => session.person_name(id.as_str()).into_any(),
                None => view! { <span class="muted">{t().customer.no_owner}</span> }.into_any(),
            }
        }),
        Column::field(&FIELDS, "customer_type", move |c: &Customer| {
            dictionary(CUSTOMER_TYPE, c.input.customer_type.clone())
        })
        .clip()
        .phone_hidden(),
        Column::field(&FIELDS, "region", move |c: &Customer| {
            dictionary(REGION, c.input.region.clone())
        })
        .phone_hidden(),
        Column::field(&FIELDS, "kind", |c: &Customer| {
            let kind = c.input.kind;
            move || kind.label(lang())
        })
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "phone", |c: &Customer| c.input.phone.clone())
            .phone_hidden()
            .extra(),
        Column::field(&FIELDS, "cluster", |c: &Customer| {
            let name = c.cluster_name.clone();
            c.cluster.map(|cluster| cluster_tag(cluster, name))
        })
        .clip()
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "orders", |c: &Customer| {
            c.metrics.as_ref().map(|m| format::integer(m.orders))
        })
        .right()
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "tags", |c: &Customer| {
            c.input
                .tags
                .iter()
                .map(|tag| view! { <span class="tag tag-plain mr-1">{tag.clone()}</span> })
                .collect_view()
        })
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "completeness", |c: &Customer| {
            format!("{}%", c.completeness)
        })
        .right()
        .phone_hidden()
        .extra(),
        Column::field(&FIELDS, "created_at", |c: &Customer| {
            let created = c.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::day_of(created)}</span> }
        })
        .phone_hidden()
        .extra(),
    ]
}

pub fn filters() -> Vec<Quick> {
    quick(&[
        "stage",
        "tier",
        "value_class",
        "customer_type",
        "region",
        "owner_id",
        "segment",
        "rfm_segment",
        "lifecycle_stage",
        "churn_level",
        "sales",
        "last_order_on",
        "kind",
        "blacklisted",
        "archived_at",
    ])
}

/// All customers that the caller may see.
#[component]
pub fn CustomerListPage() -> impl IntoView {
    let session = use_session();
    let list = use_records::<Customer>(&FIELDS, Vec::new());
    let may_create = move || session.can(Module::Customers, Operation::Create);
    let new_button = move || {
        may_create().then(|| {
            view! {
                <A href="/customers/new" attr:class="btn btn-primary btn-sm">
                    <Icon glyph=Glyph::Plus />
                    {move || t().customer.new}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::Building
                title=Signal::derive(|| t().customer.empty_title.to_owned())
                text=Signal::derive(|| t().customer.empty_text.to_owned())
            >
                {new_button}
            </EmptyState>
        }
    };
    let state = list.state();
    let save_as = move || {
        let filter = state.tree();
        (!filter.is_null() && session.can(Module::Segments, Operation::Create)).then(|| {
            view! {
                <A href=new_segment_by(&filter) attr:class="btn-quiet" attr:data-testid="save-as-segment">
                    <Icon glyph=Glyph::Filter />
                    {move || t().segment.save_as}
                </A>
            }
        })
    };
    view! {
        <PageHeader title=Signal::derive(|| t().customer.title.to_owned())>
            {save_as} {new_button}
        </PageHeader>
        <DataTable list=list columns=columns(session) href=address empty=empty actions=ACTIONS>
            <FilterBar
                list=state
                filters=filters()
                placeholder=Signal::derive(|| t().customer.search.to_owned())
            />
        </DataTable>
    }
}
