use leptos::prelude::*;

/// What a badge says about the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Primary,
    Info,
    Success,
    Warning,
    Error,
}

impl Tone {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "tag tag-plain",
            Self::Primary => "tag tag-primary",
            Self::Info => "tag tag-info",
            Self::Success => "tag tag-success",
            Self::Warning => "tag tag-warning",
            Self::Error => "tag tag-error",
        }
    }
}

/// A word about a record's state or class.
#[component]
pub fn Badge(
    #[prop(default = Tone::Plain)] tone: Tone,
    #[prop(into)] text: Signal<String>,
) -> impl IntoView {
    view! { <span class=tone.class()>{move || text.get()}</span> }
}
