use guanxi_domain::Timestamp;
use guanxi_domain::customer;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::segment::{FIELDS, Segment, SegmentKind, members_of};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::composition::CompositionTab;
use super::growth::GrowthTab;
use super::members::MembersTab;
use super::overlap::OverlapTab;
use super::{KindBadge, address, customers_by, dot, label};
use crate::api;
use crate::audit::HistoryButton;
use crate::format;
use crate::i18n::{field_label, fill, t, t_now};
use crate::load::Loader;
use crate::nav::use_nav;
use crate::session::use_session;
use crate::ui::{
    Ask, Badge, ChangedElsewhere, Glyph, Icon, KeyFigure, KeyFigures, ListState, Menu, MenuItem,
    PageHeader, RecordSkeleton, TabItem, Tabs, sentence, use_confirm, use_tab, use_toasts,
    with_data,
};

#[component]
pub fn SegmentPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let segment =
        Loader::new(move || api::get(format!("/segments/{}", id.get())).json::<Segment>());
    view! {
        <ChangedElsewhere record="segments" loader=segment of=|s: &Segment| (s.id.to_string(), s.version) />
        {with_data(
            segment,
            || view! { <RecordSkeleton /> }.into_any(),
            move |found| view! { <Record found=found segment=segment /> },
        )}
    }
}

/// Whether the caller may do this to the segment.
fn may(segment: &Segment, operation: Operation) -> bool {
    let me = use_session().me();
    let scope = me.and_then(|me| me.permissions.scope(Module::Segments, operation));
    scope.is_some_and(|scope| segment.mine || scope == Scope::All)
}

#[component]
fn Record(found: Segment, segment: Loader<Segment>) -> impl IntoView {
    let session = use_session();
    let kind = found.input.kind;
    let (id, colour, shared) = (found.id, found.input.colour, found.input.shared);
    let name = StoredValue::new(found.input.name.clone());
    let description = found.input.description.clone();
    let edit = format!("{}/edit", address(&found));
    let may_edit = may(&found, Operation::Update);
    let (for_menu, for_rule) = (found.clone(), found.clone());
    let (customers, recorded, owner) =
        (found.customers, found.recorded_at, found.owner_name.clone());
    let updated = found.updated_at;
    let shared_text = Signal::derive(move || {
        let words = t().segment;
        (if shared { words.shared } else { words.private }).to_owned()
    });
    let tab = use_tab(&["members", "composition", "growth", "overlap"]);
    let tabs = vec![
        TabItem::new("members", || t().segment.members.to_owned()),
        TabItem::new("composition", || t().segment.composition.to_owned()),
        TabItem::new("growth", || t().segment.growth.to_owned()),
        TabItem::new("overlap", || t().segment.overlap.to_owned()),
    ];
    view! {
        <PageHeader
            title=Signal::derive(move || name.get_value())
            up=("/segments", label(|s| s.title))
            beside=ViewFn::from(move || {
                view! {
                    {dot(colour)}
                    <KindBadge kind=kind />
                    <Badge text=shared_text />
                }
            })
            below=ViewFn::from(move || {
                description.clone().map(|text| view! { <p class="muted mt-1 max-w-3xl">{text}</p> })
            })
        >
            <Show when=move || session.can(Module::Customers, Operation::Read)>
                <A href=customers_by(&members_of(id)) attr:class="btn-quiet" attr:data-testid="in-list">
                    <Icon glyph=Glyph::External />
                    {move || t().segment.in_list}
                </A>
            </Show>
            {may_edit
                .then(|| {
                    view! {
                        <A href=edit.clone() attr:class="btn btn-primary btn-sm" attr:data-testid="edit">
                            <Icon glyph=Glyph::Pencil />
                            {move || t().common.edit}
                        </A>
                    }
                })}
            <HistoryButton record="segments" id=id.to_string() />
            <Actions found=for_menu segment=segment />
        </PageHeader>
        <KeyFigures>
            <KeyFigure
                label=label(|s| s.customers)
                value=Signal::derive(move || customers.map_or_else(|| "—".to_owned(), format::integer))
                note=Signal::derive(move || recorded_note(kind, recorded))
            />
            <KeyFigure label=label(|s| s.owner) value=Signal::stored(owner) />
            <KeyFigure
                label=Signal::derive(|| field_label(&FIELDS, "updated_at"))
                value=Signal::derive(move || format::day_of(updated))
            />
        </KeyFigures>
        <Rule found=for_rule />
        <div class="mt-4">
            <Tabs items=tabs current=tab />
        </div>
        <div class="mt-4">
            {move || {
                let id = id;
                match tab.get() {
                    "composition" => view! { <CompositionTab id=id.to_string() /> }.into_any(),
                    "growth" => view! { <GrowthTab id=id.to_string() /> }.into_any(),
                    "overlap" => view! { <OverlapTab id=id.to_string() name=name.get_value() /> }.into_any(),
                    _ => view! { <MembersTab id=id kind=kind /> }.into_any(),
                }
            }}
        </div>
    }
}

fn recorded_note(kind: SegmentKind, recorded: Option<Timestamp>) -> String {
    let words = t().segment;
    match (kind, recorded) {
        (SegmentKind::Static, _) => words.always.to_owned(),
        (SegmentKind::Dynamic, Some(at)) => fill(words.recorded, &[("time", &format::time(at))]),
        (SegmentKind::Dynamic, None) => words.not_recorded.to_owned(),
    }
}

/// The rule of a dynamic segment in words.
#[component]
fn Rule(found: Segment) -> impl IntoView {
    let list = ListState::of_rule(&customer::FIELDS);
    found.input.filter.map(|filter| {
        let words = move || {
            let text = sentence(list, &filter);
            let inner = text
                .strip_prefix('(')
                .and_then(|text| text.strip_suffix(')'));
            let text = inner.map_or(text.clone(), str::to_owned);
            if text.is_empty() {
                t().segment.everybody.to_owned()
            } else {
                text
            }
        };
        view! {
            <p class="mt-3 text-[0.8125rem]" data-testid="rule-words">
                <span class="muted">{move || t().segment.rule}{move || t().common.colon}</span>
                {words}
            </p>
        }
    })
}

#[component]
fn Actions(found: Segment, segment: Loader<Segment>) -> impl IntoView {
    let session = use_session();
    let (confirm, toasts, nav) = (use_confirm(), use_toasts(), use_nav());
    let dynamic = found.input.kind == SegmentKind::Dynamic;
    let may_delete = may(&found, Operation::Delete);
    let found = StoredValue::new(found);
    let refresh = move |()| {
        let path = found.with_value(|s| format!("{}/refresh", address(s)));
        spawn_local(async move {
            match api::post(path).json::<Segment>().await {
                Ok(now) => {
                    toasts.done(t_now().segment.refreshed);
                    segment.set(now);
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    let freeze = move |()| {
        let words = t_now().segment;
        let ask = Ask {
            title: words.freeze_title.to_owned(),
            text: words.freeze_text.to_owned(),
            button: words.freeze.to_owned(),
            danger: false,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let body = found.with_value(|s| {
                let day = untrack(|| format::time(Timestamp::now()));
                let name = fill(
                    t_now().segment.frozen_name,
                    &[("name", &s.input.name), ("day", &day)],
                );
                json!({
                    "name": name, "kind": SegmentKind::Static, "colour": s.input.colour,
                    "description": s.input.description, "filter": members_of(s.id),
                })
            });
            spawn_local(async move {
                match api::post("/segments").body(&body).json::<Segment>().await {
                    Ok(frozen) => {
                        toasts.done(t_now().segment.created);
                        nav.to(&address(&frozen));
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let delete = move |()| {
        let words = t_now().segment;
        let ask = Ask {
            title: words.delete_title.to_owned(),
            text: words.delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            reason: None,
        };
        confirm.ask(ask, move |_| {
            let Some(now) = segment.data_untracked() else {
                return;
            };
            spawn_local(async move {
                let call = api::delete(address(&now)).version(now.version);
                match call.done().await {
                    Ok(()) => {
                        toasts.done(t_now().common.deleted);
                        nav.replace("/segments");
                    }
                    Err(error) => toasts.error(&error),
                }
            });
        });
    };
    let may_freeze = move || dynamic && session.can(Module::Segments, Operation::Create);
    view! {
        <Show when=move || dynamic || may_delete>
            <Menu
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
                label=Signal::derive(|| t().common.more.to_owned())
                button_class="btn-quiet btn-square"
            >
                <Show when=move || dynamic>
                    <MenuItem glyph=Glyph::Refresh label=label(|s| s.refresh) on_click=refresh />
                </Show>
                <Show when=may_freeze>
                    <MenuItem glyph=Glyph::Lock label=label(|s| s.freeze) on_click=freeze />
                </Show>
                <Show when=move || may_delete>
                    <MenuItem
                        glyph=Glyph::Trash
                        label=Signal::derive(|| t().common.delete.to_owned())
                        danger=true
                        on_click=delete
                    />
                </Show>
            </Menu>
        </Show>
    }
}
