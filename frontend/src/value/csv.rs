//! Tables of the page as files that a spreadsheet opens.

use leptos::prelude::*;

use crate::api::{ApiError, save_file};
use crate::i18n::t;
use crate::ui::{Glyph, Icon, use_toasts};

/// A cell: quoted where needed, and not read as a formula.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '@', '\t', '\r'])
        || (text.starts_with('-') && text.parse::<f64>().is_err())
    {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Rows as CSV, with the mark by which Excel knows UTF-8.
fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = String::from("\u{feff}");
    for row in rows {
        let cells: Vec<_> = row.iter().map(|text| cell(text)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// Hands the rows to the browser as `NAME.csv`; the first one is the header.
pub fn save_csv(name: &str, rows: Vec<Vec<String>>) -> Result<(), ApiError> {
    save_file(csv(rows).as_bytes(), &format!("{name}.csv"))
}

/// Saves what `rows` gives.
#[component]
pub fn CsvButton(
    file_name: &'static str,
    rows: impl Fn() -> Vec<Vec<String>> + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <button
            type="button"
            class="btn btn-ghost btn-xs gap-1"
            data-testid=format!("csv-{file_name}")
            on:click=move |_| {
                if let Err(error) = save_csv(file_name, untrack(&rows)) {
                    toasts.error(&error);
                }
            }
        >
            <Icon glyph=Glyph::Download class="size-3.5" />
            {move || t().value.csv}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_read_as_a_formula() {
        let line = |cells: &[&str]| csv([cells.iter().map(|c| (*c).to_owned()).collect()]);
        assert_eq!(
            line(&["a,b", "say \"hi\"", "=1+1", "-5", "-x", "张"]),
            "\u{feff}\"a,b\",\"say \"\"hi\"\"\",'=1+1,-5,'-x,张\r\n"
        );
    }
}
