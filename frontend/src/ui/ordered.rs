//! A list that people put into order: dragged, or moved by buttons.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::i18n::t;

/// Rows in an order that can be changed; `on_move` gets the old and the new place.
#[component]
pub fn OrderedList(
    /// Name and contents of each row.
    rows: Vec<(String, AnyView)>,
    /// Whether the visitor may change the order.
    #[prop(into)]
    movable: Signal<bool>,
    #[prop(into)] on_move: Callback<(usize, usize)>,
) -> impl IntoView {
    let count = rows.len();
    // The place of the row that is being dragged.
    let dragged = RwSignal::new(None::<usize>);
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(place, (name, contents))| {
            let up = place.checked_sub(1);
            let down = Some(place + 1).filter(|at| *at < count);
            let name = StoredValue::new(name);
            let step = move |glyph: Glyph, text: fn() -> &'static str, to: Option<usize>| {
                view! {
                    <button
                        type="button"
                        class="btn btn-ghost btn-square btn-xs"
                        aria-label=move || format!("{} {}", text(), name.get_value())
                        disabled=to.is_none()
                        on:click=move |_| {
                            if let Some(to) = to {
                                on_move.run((place, to));
                            }
                        }
                    >
                        <Icon glyph=glyph class="size-3.5" />
                    </button>
                }
            };
            view! {
                <li
                    class="flex items-center gap-2 border-b border-base-300/70 px-3 py-1.5 last:border-b-0"
                    class=("opacity-50", move || dragged.get() == Some(place))
                    draggable=move || movable.get().to_string()
                    on:dragstart=move |_| dragged.set(Some(place))
                    on:dragend=move |_| dragged.set(None)
                    on:dragover=move |event| event.prevent_default()
                    on:drop=move |event| {
                        event.prevent_default();
                        if let Some(from) = dragged.get_untracked().filter(|from| *from != place) {
                            on_move.run((from, place));
                        }
                    }
                >
                    <Show when=move || movable.get()>
                        <span class="hidden cursor-grab opacity-40 sm:inline" aria-hidden="true">
                            "⠿"
                        </span>
                        <span class="flex flex-col sm:flex-row">
                            {step(Glyph::ChevronUp, || t().custom.move_up, up)}
                            {step(Glyph::ChevronDown, || t().custom.move_down, down)}
                        </span>
                    </Show>
                    <div class="min-w-0 flex-1">{contents}</div>
                </li>
            }
        })
        .collect_view();
    view! { <ol>{rows}</ol> }
}

/// The list with the item at `from` in the place `to`.
pub fn moved<T: Clone>(items: &[T], from: usize, to: usize) -> Vec<T> {
    let mut items = items.to_vec();
    if from < items.len() && to < items.len() {
        let item = items.remove(from);
        items.insert(to, item);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn an_item_takes_the_place_of_another() {
        assert_eq!(moved(&["a", "b", "c"], 0, 2), ["b", "c", "a"]);
        assert_eq!(moved(&["a", "b", "c"], 2, 0), ["c", "a", "b"]);
        assert_eq!(moved(&["a"], 0, 1), ["a"], "there is no such place");
    }
}
