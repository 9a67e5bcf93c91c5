use leptos::prelude::*;

use super::{Glyph, Icon};

/// A button that opens a list of actions below it.
#[component]
pub fn Menu(
    /// What the button shows.
    button: ViewFn,
    #[prop(into)] label: Signal<String>,
    #[prop(default = "btn btn-ghost btn-sm")] button_class: &'static str,
    /// Where the list hangs: `right-0` or `left-0`.
    #[prop(default = "right-0")]
    side: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let children = StoredValue::new(children);
    view! {
        <div
            class="relative"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    open.set(false);
                }
            }
        >
            <button
                type="button"
                class=button_class
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                aria-label=move || label.get()
                title=move || label.get()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {button.run()}
            </button>
            <Show when=move || open.get()>
                <div class="fixed inset-0 z-30" on:click=move |_| open.set(false)></div>
                <div class=format!("menu-pop {side}") role="menu" on:click=move |_| open.set(false)>
                    {children.with_value(|children| children())}
                </div>
            </Show>
        </div>
    }
}

/// One action of a menu.
#[component]
pub fn MenuItem(
    glyph: Glyph,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] on_click: Callback<()>,
    #[prop(optional)] danger: bool,
    /// Marks the choice that is on.
    #[prop(into, optional)]
    checked: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            role="menuitem"
            class="menu-row"
            class:text-error=danger
            on:click=move |_| on_click.run(())
        >
            <Icon glyph=glyph />
            <span class="flex-1 whitespace-nowrap">{move || label.get()}</span>
            <Show when=move || checked.get()>
                <Icon glyph=Glyph::Check />
            </Show>
        </button>
    }
}
