use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segment::{FIELDS, Segment, SegmentKind};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{KindBadge, address, label, segment_link};
use crate::format;
use crate::i18n::{fill, t};
use crate::session::use_session;
use crate::ui::{
    Badge, Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, quick, use_list,
};

fn columns() -> Vec<Column<Segment>> {
    vec![
        Column::field(&FIELDS, "name", |s: &Segment| segment_link(s)),
        Column::field(
            &FIELDS,
            "kind",
            |s: &Segment| view! { <KindBadge kind=s.input.kind /> },
        ),
        Column::new(
            "customers",
            || t().segment.customers.to_owned(),
            |s: &Segment| {
                let (customers, at) = (s.customers, s.recorded_at);
                let dynamic = s.input.kind == SegmentKind::Dynamic;
                let note = move || match at.filter(|_| dynamic) {
                    Some(at) => fill(t().segment.recorded, &[("time", &format::time(at))]),
                    None => String::new(),
                };
                view! {
                    <span class="num" title=note>
                        {move || match customers {
                            Some(customers) => format::integer(customers),
                            None => "—".to_owned(),
                        }}
                    </span>
                }
            },
        )
        .right(),
        Column::new(
            "change",
            || t().segment.change.to_owned(),
            |s: &Segment| {
                let change = s.change;
                let sign = if change > Some(0) { "+" } else { "" };
                view! {
                    <span class="num">
                        {move || change.map(|change| format!("{sign}{}", format::integer(change)))}
                    </span>
                }
            },
        )
        .right()
        .phone_hidden(),
        Column::field(&FIELDS, "shared", |s: &Segment| {
            let shared = s.input.shared;
            let text = Signal::derive(move || {
                let words = t().segment;
                (if shared { words.shared } else { words.private }).to_owned()
            });
            view! { <Badge text=text /> }
        }),
        Column::field(&FIELDS, "owner_id", |s: &Segment| s.owner_name.clone()),
        Column::field(&FIELDS, "updated_at", |s: &Segment| {
            let updated = s.updated_at;
            view! { <span class="num whitespace-nowrap">{move || format::day_of(updated)}</span> }
        })
        .phone_hidden(),
    ]
}

/// The segments that the caller sees.
#[component]
pub fn SegmentListPage() -> impl IntoView {
    let session = use_session();
    let list = use_list::<Segment>("/segments", &FIELDS);
    let new_button = move || {
        session.can(Module::Segments, Operation::Create).then(|| {
            view! {
                <A href="/segments/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-segment">
                    <Icon glyph=Glyph::Plus />
                    {move || t().segment.new}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState glyph=Glyph::Layers title=label(|s| s.none_title) text=label(|s| s.none_text)>
                {new_button}
            </EmptyState>
        }
    };
    view! {
        <PageHeader
            title=label(|s| s.title)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().segment.subtitle}</p> })
        >
            {new_button}
        </PageHeader>
        <DataTable list=list columns=columns() href=address empty=empty>
            <FilterBar list=list.state() filters=quick(&["kind", "shared", "owner_id"]) no_search=true />
        </DataTable>
    }
}
