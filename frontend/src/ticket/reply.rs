use guanxi_domain::ticket::{Comment, CommentInput};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::i18n::{TicketTexts, t, t_now};
use crate::ui::{Glyph, Icon, use_toasts};

/// Where a reply or a note is written; what is written for colleagues looks different from the first letter on.
#[component]
pub fn ReplyBox(ticket_id: String, written: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let path = StoredValue::new(format!("/tickets/{ticket_id}/comments"));
    let public = RwSignal::new(true);
    let body = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let send = move || {
        let text = body.get_untracked().trim().to_owned();
        if text.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let input = CommentInput {
            body: text,
            public: public.get_untracked(),
        };
        spawn_local(async move {
            let call = api::post(path.get_value()).body(&input);
            match call.json::<Comment>().await {
                Ok(_) => {
                    // The text stays when sending fails.
                    body.try_set(String::new());
                    written.try_run(());
                    let s = t_now().ticket;
                    toasts.done(if input.public { s.sent } else { s.noted });
                }
                Err(error) => toasts.error(&error),
            }
            busy.try_set(false);
        });
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    let choice = move |value: bool, glyph: Glyph, text: fn(&TicketTexts) -> &'static str| {
        let chosen = move || public.get() == value;
        view! {
            <button
                type="button"
                role="radio"
                class="inline-flex cursor-pointer items-center gap-1.5 rounded-field px-2.5 py-1 text-[0.8125rem] font-medium"
                class=("bg-base-100", move || chosen() && value)
                class=("bg-warning/20", move || chosen() && !value)
                class=("shadow-sm", chosen)
                class=("muted", move || !chosen())
                aria-checked=move || chosen().to_string()
                data-testid=if value { "write-reply" } else { "write-note" }
                on:click=move |_| public.set(value)
            >
                <Icon glyph=glyph class="size-3.5" />
                {move || text(t().ticket)}
            </button>
        }
    };
    view! {
        <div
            class="border-t border-base-300 p-3"
            class=("bg-warning/8", move || !public.get())
        >
            <div class="mb-2 inline-flex gap-1 rounded-field bg-base-300/50 p-0.5" role="radiogroup">
                {choice(true, Glyph::Send, |s| s.reply)}
                {choice(false, Glyph::Lock, |s| s.internal)}
            </div>
            <textarea
                class="textarea min-h-24"
                maxlength="20000"
                data-testid="reply-body"
                aria-label=move || if public.get() { t().ticket.reply } else { t().ticket.internal }
                placeholder=move || {
                    if public.get() { t().ticket.reply_placeholder } else { t().ticket.internal_placeholder }
                }
                prop:value=move || body.get()
                on:input:target=move |event| body.set(event.target().value())
                on:keydown=on_key
            ></textarea>
            <div class="mt-2 flex items-center justify-end gap-3">
                <span class="muted hidden text-xs sm:inline">{move || t().ticket.send_hint}</span>
                <button
                    type="button"
                    class="btn btn-sm"
                    class:btn-primary=move || public.get()
                    class:btn-warning=move || !public.get()
                    data-testid="reply-send"
                    disabled=move || busy.get() || body.with(|body| body.trim().is_empty())
                    on:click=move |_| send()
                >
                    {move || if public.get() { t().ticket.send } else { t().ticket.add_note }}
                </button>
            </div>
        </div>
    }
}
