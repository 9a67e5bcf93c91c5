//! The audit trail: who did what to which record.

mod actions;
mod changes;
mod fields;
mod history;
mod settings;
mod value;

use actions::{ACTIONS, action_name, tone};
use changes::Changes;
pub use fields::type_label;
use guanxi_domain::audit::{AuditEntry, FIELDS};
pub use history::{HistoryButton, HistoryDialog, by_whom};
use leptos::prelude::*;
use value::{differences, label as label_of, text};

use crate::format;
use crate::i18n::{AdminTexts, field_label, lang, t};
use crate::names::{Names, use_names};
use crate::ui::{
    Badge, Column, DataTable, Dialog, EmptyState, Fact, Facts, FilterBar, Glyph, Options,
    PageHeader, Quick, quick, record_link, use_list,
};

fn label(pick: fn(&AdminTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().admin).to_owned())
}

/// The app's page of a record, where there is one.
fn record_address(entry: &AuditEntry) -> Option<String> {
    let has_page = matches!(
        entry.record_type.as_str(),
        "customers"
            | "contacts"
            | "products"
            | "orders"
            | "tickets"
            | "users"
            | "roles"
            | "imports"
            | "jobs"
            | "webhooks"
            | "api_keys"
            | "approvals"
    );
    (has_page && entry.action != "deleted").then(|| {
        let record = entry.record_type.replace('_', "-");
        format!("/{record}/{}", entry.record_id)
    })
}

/// Differences that a row of the list tells in full.
const TOLD: usize = 2;

fn columns(names: Names) -> Vec<Column<AuditEntry>> {
    vec![
        Column::field(&FIELDS, "at", |e: &AuditEntry| {
            let at = e.at;
            view! { <span class="num whitespace-nowrap">{move || format::time(at)}</span> }
        }),
        Column::field(&FIELDS, "user_id", |e: &AuditEntry| {
            let (name, key) = (e.user_name.clone(), e.key_name.clone());
            let by_system = e.user_id.is_none();
            move || by_whom(by_system, &name, key.as_deref())
        }),
        Column::field(&FIELDS, "action", |e: &AuditEntry| {
            let action = e.action.clone();
            let tone = tone(&action);
            view! { <Badge tone=tone text=Signal::derive(move || action_name(&action)) /> }
        }),
        Column::field(&FIELDS, "record_type", |e: &AuditEntry| {
            let record_type = e.record_type.clone();
            move || type_label(&record_type)
        }),
        Column::new(
            "changes",
            || t().admin.changes.to_owned(),
            move |e: &AuditEntry| {
                let found = differences(&e.record_type, &e.changes);
                let record_type = e.record_type.clone();
                let changed = e.action != "created" && e.action != "deleted";
                let text = move || {
                    let told = found.iter().enumerate().map(|(number, d)| {
                        let label = label_of(&record_type, &d.members);
                        // The first few with what they were and are; of a new record there are too many.
                        if !changed || number >= TOLD {
                            return label;
                        }
                        let member = d.members.last().map_or("", String::as_str);
                        let value = |value| text(names, &record_type, member, value);
                        if d.old.is_null() {
                            return format!("{label} {}", value(&d.new));
                        }
                        format!("{label} {} → {}", value(&d.old), value(&d.new))
                    });
                    told.collect::<Vec<_>>().join(lang().pick("；", "; "))
                };
                let whole = text.clone();
                view! {
                    <span class="muted" title=whole>
                        {text}
                    </span>
                }
            },
        )
        .clip(),
        Column::new(
            "ip",
            || t().admin.address.to_owned(),
            |e: &AuditEntry| view! { <span class="num muted">{e.ip.clone()}</span> },
        )
        .phone_hidden(),
        Column::field(&FIELDS, "request_id", |e: &AuditEntry| {
            view! { <code class="text-xs">{e.request_id.clone()}</code> }
        })
        .phone_hidden()
        .extra(),
    ]
}

#[component]
pub fn AuditPage() -> impl IntoView {
    let list = use_list::<AuditEntry>("/audit", &FIELDS);
    let names = use_names();
    let chosen = RwSignal::new(None::<AuditEntry>);
    let open = RwSignal::new(false);
    let types: Options = Signal::derive(|| {
        [
            "customers",
            "contacts",
            "products",
            "orders",
            "tickets",
            "imports",
            "users",
            "roles",
            "departments",
            "settings",
            "webhooks",
            "api_keys",
            "views",
            "jobs",
        ]
        .iter()
        .map(|word| ((*word).to_owned(), type_label(word)))
        .collect()
    });
    let actions: Options = Signal::derive(|| {
        ACTIONS
            .iter()
            .map(|(word, zh, en)| ((*word).to_owned(), lang().pick(*zh, *en).to_owned()))
            .collect()
    });
    let mut filters = quick(&["at", "user_id"]);
    filters.push(Quick::of("record_type", types));
    filters.push(Quick::of("action", actions));
    let show = Callback::new(move |entry: AuditEntry| {
        chosen.set(Some(entry));
        open.set(true);
    });
    let empty = || view! { <EmptyState glyph=Glyph::Shield title=label(|a| a.audit_empty) /> };
    view! {
        <PageHeader title=label(|a| a.audit) />
        <DataTable list=list columns=columns(names) on_row=show empty=empty>
            <FilterBar
                list=list.state()
                filters=filters
                no_search=true
            />
        </DataTable>
        <Dialog open=open title=label(|a| a.changes) width="max-w-3xl">
            {move || chosen.get().map(|entry| view! { <Entry entry=entry names=names /> })}
        </Dialog>
    }
}

#[component]
fn Entry(entry: AuditEntry, names: Names) -> impl IntoView {
    let at = entry.at;
    let address = record_address(&entry);
    let AuditEntry {
        action,
        record_type,
        user_name,
        key_name,
        ..
    } = entry;
    let of_type = record_type.clone();
    let by_system = entry.user_id.is_none();
    let field = |name: &'static str| Signal::derive(move || field_label(&FIELDS, name));
    view! {
        <div class="space-y-4">
            <Facts>
                <Fact label=field("at") value=Signal::derive(move || Some(format::time(at))) />
                <Fact
                    label=field("user_id")
                    value=Signal::derive(move || Some(by_whom(by_system, &user_name, key_name.as_deref())))
                />
                <Fact label=field("action") value=Signal::derive(move || Some(action_name(&action))) />
                <Fact label=field("record_type") value=Signal::derive(move || Some(type_label(&of_type))) />
                <Fact label=field("record_id")>
                    {match address {
                        Some(address) => record_link(address, entry.record_id),
                        None => entry.record_id.into_any(),
                    }}
                </Fact>
                <Fact label=label(|a| a.address) value=Signal::stored(Some(entry.ip)) />
                <Fact label=field("request_id") value=Signal::stored(Some(entry.request_id)) wide=true />
            </Facts>
            <Changes names=names record_type=record_type changes=entry.changes />
        </div>
    }
}
