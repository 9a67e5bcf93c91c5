//! The list as a file: the columns that are shown, of all records that match.

use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::ListState;
use crate::api;
use crate::i18n::{t, t_now};
use crate::ui::{Glyph, Icon, Menu, MenuItem, use_toasts};

#[component]
pub(super) fn ExportMenu(
    list: ListState,
    module: Module,
    #[prop(into)] columns: Signal<Vec<&'static str>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let export = move |format: &'static str| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let search = untrack(|| list.search());
        let record = list.fields().record;
        // Only fields of the record can stand in a file.
        let columns: Vec<_> = columns
            .get_untracked()
            .into_iter()
            .filter(|name| list.fields().get(name).is_some())
            .collect();
        let body = json!({
            "format": format,
            "columns": columns,
            "filter": search.filter,
            "q": search.q,
            "sort": search.sort,
            "labels": true,
        });
        toasts.done(t_now().list.exporting);
        spawn_local(async move {
            let call = api::post(format!("/{record}/export")).body(&body);
            match api::download(call, &format!("{record}.{format}")).await {
                Ok(()) => toasts.done(t_now().list.exported),
                Err(error) => toasts.error(&error),
            }
            busy.try_set(false);
        });
    };
    view! {
        <Show when=move || list.session().can(module, Operation::Export)>
            <Menu
                button=ViewFn::from(|| view! { <Icon glyph=Glyph::Download /> })
                label=Signal::derive(|| t().list.export.to_owned())
                button_class="btn btn-ghost btn-square btn-sm"
            >
                <MenuItem
                    glyph=Glyph::File
                    label=Signal::derive(|| t().list.export_csv.to_owned())
                    on_click=move |()| export("csv")
                />
                <MenuItem
                    glyph=Glyph::File
                    label=Signal::derive(|| t().list.export_xlsx.to_owned())
                    on_click=move |()| export("xlsx")
                />
            </Menu>
        </Show>
    }
}
