//! Log-in and registration.

mod log_in;
mod register;

pub use log_in::LogInPage;
pub use register::RegisterPage;

use leptos::prelude::*;

use crate::i18n::t;
use crate::shell::{LanguageMenu, ThemeMenu};
use crate::ui::{Glyph, Icon};

/// The frame of both pages: the form, and beside it what the product is.
#[component]
fn AuthFrame(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    children: Children,
) -> impl IntoView {
    Effect::new(move |_| document().set_title(&format!("{} · {}", title.get(), t().shell.product)));
    let point = |text: fn() -> &'static str| {
        view! {
            <li class="flex items-start gap-2.5">
                <Icon glyph=Glyph::CircleCheck class="mt-0.5 size-4 opacity-80" />
                {text}
            </li>
        }
    };
    view! {
        <div class="flex min-h-dvh">
            <aside class="hidden w-[42%] max-w-xl flex-col justify-between bg-[#0d4f4a] p-10 text-white lg:flex">
                <div class="flex items-center gap-3">
                    <img src="/icon.svg" alt="" width="34" height="34" />
                    <span class="text-lg font-semibold">{move || t().shell.product}</span>
                </div>
                <div>
                    <p class="max-w-md text-3xl leading-snug font-semibold text-balance">{move || t().auth.tagline}</p>
                    <ul class="mt-8 space-y-3 text-white/85">
                        {point(|| t().auth.point_1)} {point(|| t().auth.point_2)} {point(|| t().auth.point_3)}
                    </ul>
                </div>
                <p class="text-xs text-white/60">{move || t().shell.product}</p>
            </aside>
            <div class="flex min-w-0 flex-1 flex-col bg-base-100">
                <div class="flex justify-end gap-1 p-3">
                    <LanguageMenu />
                    <ThemeMenu />
                </div>
                <main class="plain-labels mx-auto flex w-full max-w-sm flex-1 flex-col justify-center px-5 pb-24">
                    <img class="mb-5 lg:hidden" src="/icon.svg" alt="" width="40" height="40" />
                    <h1 class="text-2xl">{move || title.get()}</h1>
                    <p class="muted mt-1 mb-6">{move || text.get()}</p>
                    {children()}
                </main>
            </div>
        </div>
    }
}
