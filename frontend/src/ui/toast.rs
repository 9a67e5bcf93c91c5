use std::time::Duration;

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::api::ApiError;
use crate::i18n::t;

/// More of them cover the page.
const MOST: usize = 3;

#[derive(Clone)]
struct Toast {
    id: u32,
    error: bool,
    text: String,
    detail: Option<String>,
}

/// Short messages about what has just happened; in the context of every page.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    pub fn provide() -> Self {
        let toasts = Self {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// Something is done.
    pub fn done(self, text: impl Into<String>) {
        self.show(false, text.into(), None);
    }

    /// Something failed that has no other place on the page.
    pub fn error(self, error: &ApiError) {
        let detail = error
            .field_errors()
            .first()
            .map(|field| field.message.clone());
        self.show(true, error.message(), detail);
    }

    fn show(self, error: bool, text: String, detail: Option<String>) {
        self.next.update_value(|n| *n += 1);
        let id = self.next.get_value();
        let toast = Toast {
            id,
            error,
            text,
            detail,
        };
        self.list.update(|list| put(list, toast));
        // Errors stay until they are read.
        let stay = Duration::from_secs(if error { 12 } else { 4 });
        set_timeout(move || self.drop_one(id), stay);
    }

    fn drop_one(self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Puts a message last, in the place of one that says the same.
fn put(list: &mut Vec<Toast>, toast: Toast) {
    list.retain(|old| (&old.text, &old.detail) != (&toast.text, &toast.detail));
    list.push(toast);
    let surplus = list.len().saturating_sub(MOST);
    list.drain(..surplus);
}

pub fn use_toasts() -> Toasts {
    expect_context()
}

/// Where the messages appear.
#[component]
pub fn ToastHost(toasts: Toasts) -> impl IntoView {
    view! {
        <div
            class="pointer-events-none fixed inset-x-3 bottom-3 z-50 flex flex-col items-end gap-2 sm:left-auto sm:w-96"
            role="status"
            aria-live="polite"
        >
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <div class="pointer-events-auto flex w-full items-start gap-2.5 rounded-box border border-base-300 bg-base-100 px-3.5 py-3 shadow-lg">
                    <span class=if toast.error { "mt-0.5 text-error" } else { "mt-0.5 text-success" }>
                        <Icon glyph=if toast.error { Glyph::Warning } else { Glyph::CircleCheck } />
                    </span>
                    <div class="min-w-0 flex-1">
                        <p class="break-words">{toast.text.clone()}</p>
                        {toast.detail.clone().map(|detail| view! { <p class="muted text-xs">{detail}</p> })}
                    </div>
                    <button
                        class="btn btn-ghost btn-square btn-xs"
                        aria-label=move || t().common.close
                        on:click=move |_| toasts.drop_one(toast.id)
                    >
                        <Icon glyph=Glyph::Close class="size-3.5" />
                    </button>
                </div>
            </For>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_three_and_none_twice() {
        let mut list = Vec::new();
        for (id, text) in ["Saved", "Deleted", "Saved", "Sent", "Copied"]
            .into_iter()
            .enumerate()
        {
            let toast = Toast {
                id: u32::try_from(id).expect("few"),
                error: false,
                text: text.to_owned(),
                detail: None,
            };
            put(&mut list, toast);
        }
        let texts: Vec<_> = list.iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(texts, ["Saved", "Sent", "Copied"]);
        assert_eq!(list[0].id, 2);
    }
}
