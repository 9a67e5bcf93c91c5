//! What a browser remembers: language, theme, the columns of lists.

use guanxi_domain::Lang;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MediaQueryListEvent;

use crate::i18n::set_lang;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
    /// As the operating system says, and changing with it.
    System,
}

/// The preferences, in the context of the app.
#[derive(Clone, Copy)]
pub struct Prefs {
    theme: RwSignal<Theme>,
}

pub fn read(key: &str) -> Option<String> {
    // Storage may be switched off in the browser; then nothing is remembered.
    window()
        .local_storage()
        .ok()??
        .get_item(&format!("guanxi.{key}"))
        .ok()?
}

pub fn write(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden storage only means that the choice is not remembered.
        let _ = storage.set_item(&format!("guanxi.{key}"), value);
    }
}

pub fn remove(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // As with `write`.
        let _ = storage.remove_item(&format!("guanxi.{key}"));
    }
}

fn set_root(attribute: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // Setting a known attribute of the root element does not fail.
        let _ = root.set_attribute(attribute, value);
    }
}

fn system_is_dark() -> bool {
    window()
        .match_media("(prefers-color-scheme: dark)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

impl Prefs {
    /// Reads what is remembered, applies it and puts it into the context.
    pub fn provide() -> Self {
        let lang = read("lang")
            .or_else(|| window().navigator().language())
            .unwrap_or_default();
        apply_lang(if lang.to_lowercase().starts_with("zh") {
            Lang::Zh
        } else {
            Lang::En
        });
        let theme = match read("theme").as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let prefs = Self {
            theme: RwSignal::new(theme),
        };
        prefs.apply_theme();
        prefs.follow_system();
        provide_context(prefs);
        prefs
    }

    pub fn theme(self) -> Theme {
        self.theme.get()
    }

    pub fn set_theme(self, theme: Theme) {
        self.theme.set(theme);
        write(
            "theme",
            match theme {
                Theme::Light => "light",
                Theme::Dark => "dark",
                Theme::System => "system",
            },
        );
        self.apply_theme();
    }

    fn apply_theme(self) {
        let dark = match self.theme.get_untracked() {
            Theme::Light => false,
            Theme::Dark => true,
            Theme::System => system_is_dark(),
        };
        set_root(
            "data-theme",
            if dark { "guanxi-dark" } else { "guanxi-light" },
        );
    }

    fn follow_system(self) {
        let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") else {
            return;
        };
        let changed = Closure::<dyn Fn(MediaQueryListEvent)>::new(move |_| self.apply_theme());
        query.set_onchange(Some(changed.as_ref().unchecked_ref()));
        // Lives as long as the page.
        changed.forget();
    }
}

/// Switches the language and remembers it.
pub fn choose_lang(lang: Lang) {
    apply_lang(lang);
    write("lang", lang.pick("zh-CN", "en"));
}

fn apply_lang(lang: Lang) {
    set_lang(lang);
    set_root("lang", lang.pick("zh-CN", "en"));
}

pub fn use_prefs() -> Prefs {
    expect_context()
}
