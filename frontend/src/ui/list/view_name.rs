//! The name of a saved view, and whether it is shared.

use guanxi_domain::view::View;
use leptos::prelude::*;
use serde_json::json;

use super::views::Views;
use crate::api;
use crate::i18n::{t, t_now};
use crate::ui::Dialog;

/// What is being given a name.
#[derive(Clone)]
pub(super) enum Naming {
    New,
    Existing(Box<View>),
}

impl Naming {
    fn view(self) -> Option<View> {
        match self {
            Self::New => None,
            Self::Existing(view) => Some(*view),
        }
    }
}

/// Asks for a view's name and whether it is shared.
#[component]
pub(super) fn NameDialog(
    views: StoredValue<Views>,
    naming: RwSignal<Option<Naming>>,
) -> impl IntoView {
    let views = views.get_value();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if naming.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            naming.set(None);
        }
    });
    let title = Signal::derive(move || {
        let words = t().list;
        match naming.get() {
            Some(Naming::Existing(_)) => words.view_rename,
            _ => words.view_save_as,
        }
        .to_owned()
    });
    view! {
        <Dialog open=open title=title width="max-w-md">
            <NameForm views=views view=naming.get_untracked().and_then(Naming::view) open=open />
        </Dialog>
    }
}

#[component]
fn NameForm(views: Views, view: Option<View>, open: RwSignal<bool>) -> impl IntoView {
    let is_new = view.is_none();
    let input = view.as_ref().map(|view| &view.input);
    let name = RwSignal::new(input.map(|input| input.name.clone()).unwrap_or_default());
    let shared = RwSignal::new(input.is_some_and(|input| input.shared));
    let pinned = RwSignal::new(true);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = name.get_untracked().trim().to_owned();
        if given.is_empty() {
            return;
        }
        let shared = shared.get_untracked();
        if let Some(view) = &view {
            let call = api::patch(format!("/views/{}", view.id))
                .version(view.version)
                .body(&json!({ "name": given, "shared": shared }));
            views.send(call, move |_| open.set(false));
            return;
        }
        let body = untrack(|| views.now(given, shared));
        views.send(api::post("/views").body(&body), move |saved| {
            open.set(false);
            views.toasts.done(t_now().list.view_saved);
            if let Some(saved) = saved {
                if pinned.get_untracked() {
                    views.mark(&saved, true, false);
                }
                views.open(Some(&saved));
            }
        });
    };
    let check = move |value: RwSignal<bool>, label: fn() -> &'static str| {
        view! {
            <label class="flex cursor-pointer items-center gap-2">
                <input
                    type="checkbox"
                    class="checkbox checkbox-primary checkbox-sm"
                    prop:checked=move || value.get()
                    on:change:target=move |event| value.set(event.target().checked())
                />
                {label}
            </label>
        }
    };
    view! {
        <form on:submit=submit class="space-y-3">
            <label class="block">
                <span class="mb-1 block font-medium">{move || t().list.view_name}</span>
                <input
                    class="input input-sm h-9"
                    maxlength="80"
                    required
                    autofocus
                    autocomplete="off"
                    prop:value=move || name.get()
                    on:input:target=move |event| name.set(event.target().value())
                />
            </label>
            {check(shared, || t().list.view_share)}
            {is_new.then(|| check(pinned, || t().list.view_pin))}
            <div class="flex justify-end gap-2 pt-2">
                <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                    {move || t().common.cancel}
                </button>
                <button type="submit" class="btn btn-primary btn-sm">
                    {move || t().common.save}
                </button>
            </div>
        </form>
    }
}
