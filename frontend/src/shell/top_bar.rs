use guanxi_domain::Lang;
use leptos::prelude::*;

use crate::i18n::{lang, t};
use crate::nav::use_nav;
use crate::prefs::{Theme, choose_lang, use_prefs};
use crate::session::use_session;
use crate::shell::bell::Bell;
use crate::shell::palette::{Palette, PaletteBox, log_out};
use crate::ui::{Glyph, Icon, Menu, MenuItem};

/// Search, language, theme, account.
#[component]
pub fn TopBar(menu_open: RwSignal<bool>, palette: Palette) -> impl IntoView {
    view! {
        <header class="sticky top-0 z-30 flex h-14 shrink-0 items-center gap-1.5 border-b border-base-300 bg-base-100 px-3 sm:px-6">
            <button
                class="btn btn-ghost btn-square btn-sm lg:hidden"
                aria-label=move || t().shell.open_menu
                on:click=move |_| menu_open.set(true)
            >
                <Icon glyph=Glyph::Menu class="size-5" />
            </button>
            <PaletteBox palette=palette />
            <div class="ml-auto flex shrink-0 items-center gap-1.5">
                <Bell />
                <LanguageMenu />
                <ThemeMenu />
                <AccountMenu />
            </div>
        </header>
    }
}

/// Also on the log-in page.
#[component]
pub fn LanguageMenu() -> impl IntoView {
    let item = move |choice: Lang, label: &'static str| {
        view! {
            <MenuItem
                glyph=Glyph::Languages
                label=Signal::stored(label.to_owned())
                checked=Signal::derive(move || lang() == choice)
                on_click=move |()| choose_lang(choice)
            />
        }
    };
    view! {
        <Menu
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Languages class="size-[1.125rem]" /> })
            label=Signal::derive(|| t().shell.language.to_owned())
            button_class="btn btn-ghost btn-square btn-sm"
        >
            {item(Lang::Zh, "简体中文")}
            {item(Lang::En, "English")}
        </Menu>
    }
}

/// Also on the log-in page.
#[component]
pub fn ThemeMenu() -> impl IntoView {
    let prefs = use_prefs();
    let glyph = move |theme: Theme| match theme {
        Theme::Light => Glyph::Sun,
        Theme::Dark => Glyph::Moon,
        Theme::System => Glyph::Monitor,
    };
    let item = move |theme: Theme, label: fn() -> &'static str| {
        view! {
            <MenuItem
                glyph=glyph(theme)
                label=Signal::derive(move || label().to_owned())
                checked=Signal::derive(move || prefs.theme() == theme)
                on_click=move |()| prefs.set_theme(theme)
            />
        }
    };
    view! {
        <Menu
            button=ViewFn::from(move || {
                view! {
                    <Icon
                        glyph=Signal::derive(move || glyph(prefs.theme()))
                        class="size-[1.125rem]"
                    />
                }
            })
            label=Signal::derive(|| t().shell.theme.to_owned())
            button_class="btn btn-ghost btn-square btn-sm"
        >
            {item(Theme::Light, || t().shell.theme_light)}
            {item(Theme::Dark, || t().shell.theme_dark)}
            {item(Theme::System, || t().shell.theme_system)}
        </Menu>
    }
}

#[component]
fn AccountMenu() -> impl IntoView {
    let session = use_session();
    let nav = use_nav();
    let name = Signal::derive(move || {
        session
            .me()
            .map(|me| me.user.input.name)
            .unwrap_or_default()
    });
    let role = move || {
        session
            .me()
            .map(|me| lang().pick(&me.role_zh, &me.role_en).clone())
            .unwrap_or_default()
    };
    // The family name in Chinese is the first character; elsewhere the first letter does as well.
    let initial = move || {
        name.with(|name| {
            name.chars()
                .next()
                .map(|c| c.to_uppercase().to_string())
                .unwrap_or_default()
        })
    };
    view! {
        <Menu
            button=ViewFn::from(move || {
                view! {
                    <span class="grid size-8 place-items-center rounded-full bg-primary text-sm font-semibold text-primary-content">
                        {initial}
                    </span>
                }
            })
            label=Signal::derive(|| t().shell.account.to_owned())
            button_class="btn btn-ghost btn-circle btn-sm ml-1"
        >
            <div class="border-b border-base-300 px-2.5 pt-1.5 pb-2.5">
                <p class="font-medium">{move || name.get()}</p>
                <p class="muted text-xs">{role}</p>
            </div>
            <div class="pt-1">
                <MenuItem
                    glyph=Glyph::User
                    label=Signal::derive(|| t().shell.account.to_owned())
                    on_click=move |()| nav.to("/account")
                />
                <MenuItem
                    glyph=Glyph::Shield
                    label=Signal::derive(|| t().rights.mine.to_owned())
                    on_click=move |()| nav.to("/account/rights")
                />
                <MenuItem
                    glyph=Glyph::LogOut
                    label=Signal::derive(|| t().shell.log_out.to_owned())
                    on_click=move |()| log_out(session)
                />
            </div>
        </Menu>
    }
}
