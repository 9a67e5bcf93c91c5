use guanxi_domain::import::{FIELDS, Import};
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{StateBadge, label};
use crate::format;
use crate::i18n::{ImportTexts, lang, t};
use crate::session::{Session, use_session};
use crate::ui::{
    Column, DataTable, EmptyState, FilterBar, Glyph, Icon, PageHeader, quick, record_link, use_list,
};

fn address(import: &Import) -> String {
    format!("/imports/{}", import.id)
}

fn columns(session: Session) -> Vec<Column<Import>> {
    let text = |pick: fn(&ImportTexts) -> &'static str| move || pick(t().import).to_owned();
    vec![
        Column::field(&FIELDS, "filename", |i: &Import| {
            record_link(address(i), i.filename.clone())
        })
        .clip(),
        Column::field(&FIELDS, "record", |i: &Import| {
            let record = i.record;
            move || record.label(lang())
        })
        .phone_hidden(),
        Column::field(
            &FIELDS,
            "state",
            |i: &Import| view! { <StateBadge state=i.state /> },
        ),
        Column::new("read", text(|i| i.read), |i: &Import| {
            format::integer(i.read)
        })
        .right(),
        Column::new("imported", text(|i| i.imported), |i: &Import| {
            format::integer(i.imported)
        })
        .right(),
        Column::new("rejected", text(|i| i.rejected), |i: &Import| {
            let ink = if i.rejected > 0 { "text-error" } else { "" };
            view! { <span class=ink>{format::integer(i.rejected)}</span> }
        })
        .right(),
        Column::field(&FIELDS, "by", move |i: &Import| {
            let by = i.by;
            move || by.and_then(|id| session.person_name(id.as_str()))
        })
        .phone_hidden(),
        Column::field(&FIELDS, "created_at", |i: &Import| {
            let created = i.created_at;
            view! { <span class="num whitespace-nowrap">{move || format::time(created)}</span> }
        }),
    ]
}

/// Earlier imports, the newest first.
#[component]
pub fn ImportListPage() -> impl IntoView {
    let session = use_session();
    let list = use_list::<Import>("/imports", &FIELDS);
    let new_button = move || {
        session.can(Module::Imports, Operation::Create).then(|| {
            view! {
                <A href="/imports/new" attr:class="btn btn-primary btn-sm" attr:data-testid="new-import">
                    <Icon glyph=Glyph::Upload />
                    {move || t().import.new}
                </A>
            }
        })
    };
    let empty = move || {
        view! {
            <EmptyState
                glyph=Glyph::FileUp
                title=label(|i| i.empty_title)
                text=label(|i| i.empty_text)
            >
                {new_button}
            </EmptyState>
        }
    };
    view! {
        <PageHeader title=label(|i| i.title)>{new_button}</PageHeader>
        <DataTable list=list columns=columns(session) href=address empty=empty>
            <FilterBar
                list=list.state()
                filters=quick(&["record", "state", "created_at"])
                no_search=true
            />
        </DataTable>
    }
}
