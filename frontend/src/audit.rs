//! The audit trail: who did what to which record.

mod fields;

use fields::member_label;
pub use fields::type_label;
use guanxi_domain::audit::{AuditEntry, FIELDS};
use guanxi_domain::order::OrderState;
use guanxi_domain::ticket::TicketState;
use leptos::prelude::*;
use serde_json::Value;

use crate::format;
use crate::i18n::{AdminTexts, field_label, lang, t};
use crate::ui::{
    Badge, Column, DataTable, Dialog, EmptyState, Fact, Facts, FilterBar, Glyph, Options,
    PageHeader, Quick, Tone, quick, record_link, use_list,
};

fn label(pick: fn(&AdminTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().admin).to_owned())
}

/// Words of actions: on the wire, Chinese, English. States of orders and tickets are told by their own words.
const ACTIONS: &[(&str, &str, &str)] = &[
    ("created", "新建", "created"),
    ("updated", "修改", "changed"),
    ("deleted", "删除", "deleted"),
    ("registered", "注册", "registered"),
    ("logged_in", "登录", "logged in"),
    ("login_failed", "登录失败", "failed to log in"),
    ("logged_out", "退出登录", "logged out"),
    ("password_changed", "修改密码", "changed the password"),
    ("activated", "启用", "activated"),
    ("frozen", "冻结", "froze"),
    ("unfrozen", "解除冻结", "unfroze"),
    ("archived", "归档", "archived"),
    ("shared", "共享", "shared"),
    ("unshared", "取消共享", "shared no more"),
    ("restored", "恢复", "restored"),
    ("blacklisted", "列入黑名单", "blacklisted"),
    ("unblacklisted", "移出黑名单", "lifted the blacklisting"),
    ("assigned", "分派", "assigned"),
    ("accepted", "接手", "accepted"),
    ("released", "放回队列", "released"),
    ("reopened", "重新打开", "reopened"),
    ("replied", "回复", "replied"),
    ("commented", "评论", "commented"),
    ("evaluated", "评价", "evaluated"),
    ("queued", "加入队列", "queued"),
    ("token_reused", "重复使用令牌", "reused a token"),
    ("rebuilt", "重新计算", "reckoned anew"),
    ("retried", "重新执行", "repeated"),
    ("started", "开始", "started"),
    ("finished", "完成", "finished"),
    ("failed", "失败", "failed"),
    ("paused", "暂停", "paused"),
    ("resumed", "恢复投递", "resumed"),
    ("secret_rotated", "更换密钥", "made a new secret"),
    ("tested", "发送测试", "sent a test"),
    ("resent", "重新投递", "sent again"),
];

/// What was done, in the language that is on; the word itself if it has no other.
fn action_name(action: &str) -> String {
    if let Some((_, zh, en)) = ACTIONS.iter().find(|(word, _, _)| *word == action) {
        return lang().pick(*zh, *en).to_owned();
    }
    if let Ok(state) = action.parse::<OrderState>() {
        return state.label(lang()).to_owned();
    }
    if let Ok(state) = action.parse::<TicketState>() {
        return state.label(lang()).to_owned();
    }
    action.replace('_', " ")
}

fn tone(action: &str) -> Tone {
    match action {
        "created" | "registered" | "activated" | "restored" => Tone::Success,
        "deleted" | "frozen" | "blacklisted" | "cancelled" | "login_failed" => Tone::Error,
        "updated" => Tone::Info,
        _ => Tone::Plain,
    }
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
    );
    (has_page && entry.action != "deleted")
        .then(|| format!("/{}/{}", entry.record_type, entry.record_id))
}

fn columns() -> Vec<Column<AuditEntry>> {
    vec![
        Column::field(&FIELDS, "at", |e: &AuditEntry| {
            let at = e.at;
            view! { <span class="num whitespace-nowrap">{move || format::time(at)}</span> }
        }),
        Column::field(&FIELDS, "user_id", |e: &AuditEntry| {
            let (name, by_nobody) = (e.user_name.clone(), e.user_id.is_none());
            move || {
                if name.is_empty() || (by_nobody && name == "system") {
                    t().admin.system.to_owned()
                } else {
                    name.clone()
                }
            }
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
            |e: &AuditEntry| {
                let names: Vec<String> = e
                    .changes
                    .as_object()
                    .map(|changes| changes.keys().cloned().collect())
                    .unwrap_or_default();
                let record_type = e.record_type.clone();
                let text = move || {
                    let labels: Vec<_> = names
                        .iter()
                        .map(|name| member_label(&record_type, name))
                        .collect();
                    labels.join(lang().pick("、", ", "))
                };
                view! { <span class="muted">{text}</span> }
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
        <DataTable list=list columns=columns() on_row=show empty=empty>
            <FilterBar
                list=list.state()
                filters=filters
                no_search=true
            />
        </DataTable>
        <Dialog open=open title=label(|a| a.changes) width="max-w-3xl">
            {move || chosen.get().map(|entry| view! { <Entry entry=entry /> })}
        </Dialog>
    }
}

/// A value as people read it; what is missing is a dash.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "—".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[component]
fn Entry(entry: AuditEntry) -> impl IntoView {
    let at = entry.at;
    let address = record_address(&entry);
    let changes: Vec<_> = entry
        .changes
        .as_object()
        .map(|changes| {
            changes
                .iter()
                .map(|(name, change)| {
                    // What was made or deleted is told by its values; a change by old and new.
                    let (old, new) = if change.get("old").is_some() || change.get("new").is_some() {
                        (shown(change.get("old")), shown(change.get("new")))
                    } else {
                        ("—".to_owned(), shown(Some(change)))
                    };
                    (name.clone(), old, new)
                })
                .collect()
        })
        .unwrap_or_default();
    let (action, record_type) = (entry.action.clone(), entry.record_type.clone());
    let head = |text: fn(&AdminTexts) -> &'static str| {
        view! { <th scope="col">{move || text(t().admin)}</th> }
    };
    let table = if changes.is_empty() {
        view! { <p class="muted">{move || t().admin.audit_none}</p> }.into_any()
    } else {
        view! {
            <div class="panel overflow-x-auto">
                <table class="grid-table">
                    <thead>
                        <tr>{head(|a| a.field)} {head(|a| a.old)} {head(|a| a.new)}</tr>
                    </thead>
                    <tbody>
                        {changes
                            .into_iter()
                            .map(|(name, old, new)| {
                                let record_type = record_type.clone();
                                let tip = name.clone();
                                view! {
                                    <tr>
                                        <td title=tip>{move || member_label(&record_type, &name)}</td>
                                        <td class="wrap max-w-56 break-words text-base-content/70">{old}</td>
                                        <td class="wrap max-w-56 break-words">{new}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let field = |name: &'static str| Signal::derive(move || field_label(&FIELDS, name));
    view! {
        <div class="space-y-4">
            <Facts>
                <Fact label=field("at") value=Signal::derive(move || Some(format::time(at))) />
                <Fact label=field("user_id") value=Signal::stored(Some(entry.user_name)) />
                <Fact label=field("action") value=Signal::derive(move || Some(action_name(&action))) />
                <Fact label=field("record_type") value=Signal::derive(move || Some(type_label(&record_type))) />
                <Fact label=field("record_id")>
                    {match address {
                        Some(address) => record_link(address, entry.record_id),
                        None => entry.record_id.into_any(),
                    }}
                </Fact>
                <Fact label=label(|a| a.address) value=Signal::stored(Some(entry.ip)) />
                <Fact label=field("request_id") value=Signal::stored(Some(entry.request_id)) wide=true />
            </Facts>
            {table}
        </div>
    }
}
