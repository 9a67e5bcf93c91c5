//! Saved views of a list: tabs, menu, and what can be done with them.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::view::{Density, View, ViewInput, ViewMark, ViewRecord};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::layout::Layout;
use super::view_name::{NameDialog, Naming};
use super::{ListState, tree};
use crate::api::{self, ApiError, Call};
use crate::i18n::{fill, t, t_now};
use crate::load::Loader;
use crate::ui::{Ask, Glyph, Icon, Menu, MenuItem, Toasts, use_confirm, use_toasts};

/// In the address: the list as it is without a view.
const ALL: &str = "all";

#[derive(Clone, Copy)]
pub(super) struct Views {
    list: ListState,
    layout: Layout,
    record: ViewRecord,
    all: Loader<Vec<View>>,
    /// The view that is open.
    current: Memo<Option<View>>,
    pub toasts: Toasts,
}

impl Views {
    fn get(self) -> Vec<View> {
        self.all.data().unwrap_or_default()
    }

    /// Opens a view, or the list without one.
    pub fn open(self, view: Option<&View>) {
        self.go(view, false);
    }

    fn go(self, view: Option<&View>, replace: bool) {
        let input = view.map(|view| &view.input);
        // Also that a view has none: what stands in the address is what is shown, whatever becomes of the view.
        let filter = input.map(|input| input.filter.as_ref().unwrap_or(&Value::Null).to_string());
        let id = view.map_or_else(|| ALL.to_owned(), |view| view.id.to_string());
        let changes = [
            ("view", Some(id)),
            ("filter", filter),
            ("q", input.and_then(|input| input.q.clone())),
            ("sort", input.and_then(|input| input.sort.clone())),
        ];
        self.list.go(&changes, replace);
        self.lay_out(view);
    }

    fn lay_out(self, view: Option<&View>) {
        self.layout.belongs_to_view(view.is_some());
        match view {
            Some(view) => {
                let compact = view.input.density == Density::Compact;
                self.layout.apply(&view.input.columns, compact);
            }
            None => self.layout.recall(),
        }
    }

    /// What would be saved: the list as it is now.
    pub fn now(self, name: String, shared: bool) -> ViewInput {
        let search = self.list.search();
        ViewInput {
            record: self.record,
            name,
            shared,
            filter: search.filter,
            q: search.q,
            sort: search.sort,
            columns: self.layout.savable(self.list.fields()),
            density: if self.layout.is_compact() {
                Density::Compact
            } else {
                Density::Comfortable
            },
        }
    }

    /// Whether the list is no longer as the open view has it. Reactive.
    fn is_changed(self) -> bool {
        self.current.with(|current| {
            current.as_ref().is_some_and(|view| {
                let now = self.now(view.input.name.clone(), view.input.shared);
                let parts = |filter: &Option<Value>| {
                    tree::conjuncts(filter.as_ref().unwrap_or(&Value::Null))
                };
                parts(&now.filter) != parts(&view.input.filter)
                    || ViewInput {
                        filter: view.input.filter.clone(),
                        ..now
                    } != view.input
            })
        })
    }

    /// On the way in: the address names a view without what it holds, or nothing at all and there is a default.
    fn arrive(self) {
        let arrived = StoredValue::new(false);
        Effect::new(move |_| {
            let Some(all) = self.all.data() else { return };
            if arrived.get_value() {
                return;
            }
            arrived.set_value(true);
            let url = self.list.url();
            let named = url.get_untracked("view");
            let is_bare = !untrack(|| self.list.is_filtered())
                && ["filter", "sort"]
                    .iter()
                    .all(|name| url.get_untracked(name).is_none());
            match named {
                None if is_bare => {
                    if let Some(view) = all.iter().find(|view| view.default) {
                        self.go(Some(view), true);
                    }
                }
                None => {}
                Some(id) => {
                    let view = all.iter().find(|view| view.id.as_str() == id);
                    match view {
                        Some(view) if is_bare => self.go(Some(view), true),
                        view => self.lay_out(view),
                    }
                }
            }
        });
        // Back and forward lead to other views, and so to other columns.
        Effect::new(move |before: Option<Option<String>>| {
            let id = self
                .current
                .with(|view| view.as_ref().map(|v| v.id.to_string()));
            if before.is_some_and(|before| before != id) {
                self.lay_out(self.current.get_untracked().as_ref());
            }
            id
        });
    }

    /// Sends a change of a view; then the views are read anew.
    pub fn send(self, call: Call, then: impl FnOnce(Option<View>) + 'static) {
        spawn_local(async move {
            let answer: Result<Option<View>, ApiError> = call.json_or_none().await;
            match answer {
                Ok(view) => {
                    self.all.reload();
                    then(view);
                }
                Err(error) => {
                    if error.is_stale() {
                        self.all.reload();
                    }
                    self.toasts.error(&error);
                }
            }
        });
    }

    pub fn mark(self, view: &View, pinned: bool, default: bool) {
        let call = api::put(format!("/views/{}/mark", view.id)).body(&ViewMark { pinned, default });
        self.send(call, |_| ());
    }

    fn overwrite(self, view: &View) {
        let input = untrack(|| self.now(view.input.name.clone(), view.input.shared));
        let patch = json!({
            "filter": input.filter,
            "q": input.q,
            "sort": input.sort,
            "columns": input.columns,
            "density": input.density,
        });
        let call = api::patch(format!("/views/{}", view.id))
            .version(view.version)
            .body(&patch);
        self.send(call, move |_| self.toasts.done(t_now().list.view_saved));
    }

    fn may_change(self, view: &View) -> bool {
        view.mine
            || (view.input.shared && self.list.session().can(Module::Settings, Operation::Update))
    }
}

/// The tabs above a list, with the menu of all views and what can be done with the one that is open.
#[component]
pub(super) fn ViewBar(list: ListState, layout: Layout, record: ViewRecord) -> impl IntoView {
    let all = Loader::new(move || api::get("/views").query("record", record).items::<View>());
    let current = Memo::new(move |_| {
        let id = list.url().get("view")?;
        all.with(|l| {
            let views = l.data.as_ref()?;
            views.iter().find(|view| view.id.as_str() == id).cloned()
        })
    });
    let views = Views {
        list,
        layout,
        record,
        all,
        current,
        toasts: use_toasts(),
    };
    views.arrive();
    // The name is being asked for: of a new view, or of the one that is open.
    let naming = RwSignal::new(None::<Naming>);
    let tab = move |view: Option<View>| {
        let id = view.as_ref().map(|view| view.id);
        let chosen = move || current.with(|current| current.as_ref().map(|view| view.id)) == id;
        let name = view.as_ref().map(|view| view.input.name.clone());
        let label = move || name.clone().unwrap_or_else(|| t().list.view_all.to_owned());
        view! {
            <button
                type="button"
                class="max-w-56 cursor-pointer truncate border-b-2 px-2.5 py-2 text-[0.8125rem] font-medium"
                class=(["border-primary", "text-primary"], chosen)
                class=(["border-transparent", "muted", "hover:text-base-content"], move || !chosen())
                aria-pressed=move || chosen().to_string()
                data-testid="view-tab"
                on:click=move |_| views.open(view.as_ref())
            >
                {label}
            </button>
        }
    };
    // The pinned ones, and the open one whatever it is.
    let tabs = move || {
        let open = current.with(|current| current.as_ref().map(|view| view.id));
        views
            .get()
            .into_iter()
            .filter(|view| view.pinned || Some(view.id) == open)
            .map(|view| tab(Some(view)))
            .collect_view()
    };
    view! {
        <div class="flex items-center gap-1 border-b border-base-300 px-2" data-testid="views">
            <div class="-mb-px flex min-w-0 overflow-x-auto" role="group" aria-label=move || t().list.views>
                {tab(None)}
                {tabs}
            </div>
            <ViewList views=views />
            <span class="flex-1"></span>
            <Show when=move || views.is_changed()>
                <span class="muted text-xs max-sm:hidden">{move || t().list.view_changed}</span>
                <button
                    type="button"
                    class="btn btn-ghost btn-square btn-sm"
                    aria-label=move || t().list.view_revert
                    title=move || t().list.view_revert
                    on:click=move |_| views.open(current.get_untracked().as_ref())
                >
                    <Icon glyph=Glyph::Undo />
                </button>
                {move || {
                    current
                        .get()
                        .filter(|view| views.may_change(view))
                        .map(|view| {
                            view! {
                                <button type="button" class="btn-quiet" on:click=move |_| views.overwrite(&view)>
                                    {move || t().list.view_save}
                                </button>
                            }
                        })
                }}
            </Show>
            <Show when=move || current.with(Option::is_some) || list.is_filtered() || !layout.columns().is_empty()>
                <button
                    type="button"
                    class="btn btn-ghost btn-sm gap-1 px-2"
                    aria-label=move || t().list.view_save_as
                    on:click=move |_| naming.set(Some(Naming::New))
                >
                    <Icon glyph=Glyph::Plus class="size-3.5" />
                    <span class="max-sm:hidden">{move || t().list.view_save_as}</span>
                </button>
            </Show>
            {move || current.get().map(|view| view! { <ViewActions views=views view=view naming=naming /> })}
        </div>
        <NameDialog views=StoredValue::new(views) naming=naming />
    }
}

/// All views, one's own and shared ones.
#[component]
fn ViewList(views: Views) -> impl IntoView {
    let group = move |mine: bool, label: fn() -> &'static str| {
        move || {
            let some: Vec<_> = views
                .get()
                .into_iter()
                .filter(|view| view.mine == mine)
                .collect();
            if some.is_empty() {
                return ().into_any();
            }
            let items = some.into_iter().map(|view| {
                let name = view.input.name.clone();
                let remark = match (view.default, view.mine) {
                    (true, _) => t().list.view_by_default.to_owned(),
                    (false, false) => fill(t().list.view_of, &[("name", &view.owner_name)]),
                    _ => String::new(),
                };
                let pinned = view.pinned;
                view! {
                    <button type="button" role="menuitem" class="menu-row" on:click=move |_| views.open(Some(&view))>
                        <Icon glyph=if pinned { Glyph::Star } else { Glyph::Filter } class="size-3.5 opacity-60" />
                        <span class="min-w-0 flex-1 truncate">{name}</span>
                        <span class="muted text-xs whitespace-nowrap">{remark}</span>
                    </button>
                }
            });
            view! {
                <p class="muted px-2.5 pt-1.5 pb-0.5 text-xs">{label()}</p>
                {items.collect_view()}
            }
            .into_any()
        }
    };
    view! {
        <Menu
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::ChevronDown class="size-3.5" /> })
            label=Signal::derive(|| t().list.views.to_owned())
            button_class="btn btn-ghost btn-square btn-sm"
            side="left-0 max-sm:-left-24"
        >
            <div class="max-h-96 w-72 overflow-y-auto">
                {move || {
                    views
                        .get()
                        .is_empty()
                        .then(|| view! { <p class="muted px-2.5 py-2">{t().list.view_none}</p> })
                }}
                {group(true, || t().list.view_mine)}
                {group(false, || t().list.view_shared)}
            </div>
        </Menu>
    }
}

/// What can be done with the view that is open.
#[component]
fn ViewActions(views: Views, view: View, naming: RwSignal<Option<Naming>>) -> impl IntoView {
    let confirm = use_confirm();
    let may_change = views.may_change(&view);
    let (pinned, default) = (view.pinned, view.default);
    let view = StoredValue::new(view);
    let delete = move |()| {
        let view = view.get_value();
        let words = t_now().list;
        let ask = Ask {
            title: fill(words.view_delete_title, &[("name", &view.input.name)]),
            text: words.view_delete_text.to_owned(),
            button: t_now().common.delete.to_owned(),
            danger: true,
            ..Ask::default()
        };
        confirm.ask(ask, move |_| {
            let call = api::delete(format!("/views/{}", view.id)).version(view.version);
            views.send(call, move |_| views.open(None));
        });
    };
    let pin_label = Signal::derive(move || {
        let words = t().list;
        (if pinned {
            words.view_unpin
        } else {
            words.view_pin
        })
        .to_owned()
    });
    let default_label = Signal::derive(move || {
        let words = t().list;
        (if default {
            words.view_undefault
        } else {
            words.view_default
        })
        .to_owned()
    });
    view! {
        <Menu
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
            label=Signal::derive(|| t().common.more.to_owned())
            button_class="btn btn-ghost btn-square btn-sm"
        >
            <MenuItem
                glyph=Glyph::Star
                label=pin_label
                on_click=move |()| view.with_value(|view| views.mark(view, !pinned, default))
            />
            <MenuItem
                glyph=Glyph::House
                label=default_label
                on_click=move |()| view.with_value(|view| views.mark(view, pinned, !default))
            />
            {may_change
                .then(|| {
                    view! {
                        <MenuItem
                            glyph=Glyph::Pencil
                            label=Signal::derive(|| t().list.view_rename.to_owned())
                            on_click=move |()| naming.set(Some(Naming::Existing(Box::new(view.get_value()))))
                        />
                        <MenuItem
                            glyph=Glyph::Trash
                            danger=true
                            label=Signal::derive(|| t().common.delete.to_owned())
                            on_click=delete
                        />
                    }
                })}
        </Menu>
    }
}
