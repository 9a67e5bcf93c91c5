use leptos::prelude::*;

/// What can be chosen: (value on the wire, label), in the language that is on.
pub type Options = Signal<Vec<(String, String)>>;

/// The choices of an enum of the domain as [`Options`]: `choices!(CustomerKind)`.
macro_rules! choices {
    ($type:ty) => {
        $crate::ui::Options::derive(|| {
            let lang = $crate::i18n::lang();
            <$type>::ALL
                .iter()
                .map(|c| (c.as_str().to_owned(), c.label(lang).to_owned()))
                .collect()
        })
    };
}
pub(crate) use choices;

/// The label of a value; the value itself if it is not among the options.
pub(super) fn label_of(options: Options, value: &str) -> String {
    options.with(|all| {
        all.iter()
            .find(|(word, _)| word == value)
            .map_or_else(|| value.to_owned(), |(_, label)| label.clone())
    })
}
