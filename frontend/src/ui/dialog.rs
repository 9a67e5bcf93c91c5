use leptos::html;
use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::i18n::t;

/// A modal dialog by the browser's own `<dialog>`: focus stays inside, Escape closes.
///
/// The children are made each time it opens.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// Tailwind's class for the largest width.
    #[prop(default = "max-w-lg")]
    width: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        if open.get() && !dialog.open() {
            // Only fails for an element outside the document.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let title_id = super::form::fresh_id("dialog");
    let labelled = title_id.clone();
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=element
            class=format!("sheet {width}")
            aria-labelledby=labelled
            on:close=move |_| open.set(false)
        >
            <Show when=move || open.get()>
                <div class="flex items-center gap-3 border-b border-base-300 px-5 py-3">
                    <h2 class="flex-1 text-base" id=title_id.clone()>
                        {move || title.get()}
                    </h2>
                    <button
                        type="button"
                        class="btn btn-ghost btn-square btn-sm -mr-2"
                        aria-label=move || t().common.close
                        on:click=move |_| open.set(false)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
                <div class="px-5 py-4">{children.with_value(|children| children())}</div>
            </Show>
        </dialog>
    }
}
