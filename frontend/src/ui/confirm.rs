use std::sync::Arc;

use leptos::prelude::*;

use super::Dialog;
use crate::i18n::t;

/// A question before something that is not easily undone.
#[derive(Clone, Default)]
pub struct Ask {
    pub title: String,
    pub text: String,
    /// What the button says.
    pub button: String,
    /// The button is red.
    pub danger: bool,
    /// Asks for a reason, under this label; it has to be given.
    pub reason: Option<String>,
}

type Answer = Arc<dyn Fn(String) + Send + Sync>;

/// Asks questions; in the context of every page.
#[derive(Clone, Copy)]
pub struct Confirm {
    open: RwSignal<bool>,
    ask: RwSignal<Ask>,
    reason: RwSignal<String>,
    /// Not a `Callback`: that would go away with the menu or row that asked.
    then: StoredValue<Option<Answer>>,
}

impl Confirm {
    pub fn provide() -> Self {
        let confirm = Self {
            open: RwSignal::new(false),
            ask: RwSignal::new(Ask::default()),
            reason: RwSignal::new(String::new()),
            then: StoredValue::new(None),
        };
        provide_context(confirm);
        confirm
    }

    /// Opens the question; `then` runs with the reason (empty if none was asked for) when it is confirmed.
    pub fn ask(self, ask: Ask, then: impl Fn(String) + Send + Sync + 'static) {
        self.reason.set(String::new());
        self.ask.set(ask);
        self.then.set_value(Some(Arc::new(then)));
        self.open.set(true);
    }
}

pub fn use_confirm() -> Confirm {
    expect_context()
}

/// The one dialog that shows the questions.
#[component]
pub fn ConfirmHost(confirm: Confirm) -> impl IntoView {
    let Confirm {
        open,
        ask,
        reason,
        then,
    } = confirm;
    let title = Signal::derive(move || ask.with(|ask| ask.title.clone()));
    let missing =
        move || ask.with(|ask| ask.reason.is_some()) && reason.with(|r| r.trim().is_empty());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if missing() {
            return;
        }
        open.set(false);
        if let Some(then) = then.get_value() {
            then(reason.get_untracked().trim().to_owned());
        }
    };
    view! {
        <Dialog open=open title=title width="max-w-md">
            <form on:submit=submit>
                <p class="muted">{move || ask.with(|ask| ask.text.clone())}</p>
                {move || {
                    ask.with(|ask| ask.reason.clone())
                        .map(|label| {
                            view! {
                                <label class="mt-4 block">
                                    <span class="mb-1 block font-medium">{label}</span>
                                    <textarea
                                        class="textarea min-h-20"
                                        maxlength="500"
                                        required
                                        autofocus
                                        prop:value=move || reason.get()
                                        on:input:target=move |event| reason.set(event.target().value())
                                    ></textarea>
                                </label>
                            }
                        })
                }}
                <div class="mt-5 flex justify-end gap-2">
                    <button type="button" class="btn-quiet" on:click=move |_| open.set(false)>
                        {move || t().common.cancel}
                    </button>
                    <button
                        type="submit"
                        class="btn btn-sm"
                        class:btn-error=move || ask.with(|ask| ask.danger)
                        class:btn-primary=move || ask.with(|ask| !ask.danger)
                        disabled=missing
                    >
                        {move || ask.with(|ask| ask.button.clone())}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
