//! Trying an import before it is run: what would become of the rows.

use guanxi_domain::import::{Finding, ImportCheck, ImportRecord};
use leptos::prelude::*;
use serde_json::Value;

use super::{label, targets_of};
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::ui::{Card, Form, Glyph, Icon, KeyFigure, KeyFigures};

/// What a check found, and the form that it was made with: after a change it says nothing any more.
#[derive(Clone, Copy)]
pub struct Found {
    form: Form,
    check: RwSignal<Option<(Value, ImportCheck)>>,
}

impl Found {
    pub fn new(form: Form) -> Self {
        Self {
            form,
            check: RwSignal::new(None),
        }
    }

    fn get(self) -> Option<ImportCheck> {
        let value = self.form.value();
        self.check.with(|check| {
            let (of, check) = check.as_ref()?;
            (*of == value).then(|| check.clone())
        })
    }
}

#[component]
pub fn Check(
    form: Form,
    path: StoredValue<String>,
    found: Found,
    disabled: Signal<bool>,
) -> impl IntoView {
    let check = move |_| {
        let of = form.value();
        form.submit(
            move |value| {
                let call = api::post(format!("{}/check", path.get_value())).body(&value);
                call.json::<ImportCheck>()
            },
            move |check| found.check.set(Some((of.clone(), check))),
        );
    };
    view! {
        <button
            type="button"
            class="btn-quiet"
            data-testid="import-check"
            disabled=move || form.busy() || disabled.get()
            on:click=check
        >
            <Icon glyph=Glyph::Eye />
            {move || t().import.check}
        </button>
    }
}

#[component]
pub fn Findings(found: Found, record: ImportRecord) -> impl IntoView {
    move || {
        found
            .get()
            .map(|check| view! { <Report check=check record=record /> })
    }
}

#[component]
fn Report(check: ImportCheck, record: ImportRecord) -> impl IntoView {
    let figure = |n: i64| Signal::stored(format::integer(n));
    let rows = check.rows;
    let text = Signal::derive(move || {
        let rows = format::integer(rows);
        let text = if check.complete {
            t().import.checked_all
        } else {
            t().import.checked_some
        };
        fill(text, &[("n", &rows)])
    });
    let reasons = check.reasons.clone();
    let summary = move || {
        let targets = targets_of(record);
        let reasons = reasons.iter();
        reasons
            .map(|r| format!("{} × {}", format::integer(r.rows), r.text(&targets, lang())))
            .collect::<Vec<_>>()
            .join(lang().pick("；", "; "))
    };
    let findings = check.findings;
    let any = !findings.is_empty();
    view! {
        <Card title=label(|i| i.check_title) text=text>
            <div data-testid="check-report">
                <KeyFigures>
                    <KeyFigure label=label(|i| i.would_create) value=figure(check.created) />
                    <KeyFigure label=label(|i| i.would_update) value=figure(check.updated) />
                    <KeyFigure label=label(|i| i.would_reject) value=figure(check.rejected) />
                    {(check.waiting > 0)
                        .then(|| {
                            view! { <KeyFigure label=label(|i| i.would_wait) value=figure(check.waiting) /> }
                        })}
                </KeyFigures>
                {any
                    .then(|| {
                        view! {
                            <p class="muted mt-3">{summary}</p>
                            <div class="mt-2 max-h-80 overflow-auto" tabindex="0">
                                <table class="grid-table">
                                    <thead>
                                        <tr>
                                            <th scope="col" class="right w-16">
                                                {move || t().import.row}
                                            </th>
                                            <th scope="col">{move || t().import.reason}</th>
                                            <th scope="col">{move || t().import.contents}</th>
                                        </tr>
                                    </thead>
                                    <tbody>{findings.into_iter().map(finding).collect_view()}</tbody>
                                </table>
                            </div>
                        }
                    })}
            </div>
        </Card>
    }
}

/// A row that would be rejected, and why.
fn finding(finding: Finding) -> impl IntoView {
    let messages = finding.messages.into_iter();
    let cells: Vec<_> = finding
        .cells
        .into_iter()
        .filter(|cell| !cell.is_empty())
        .collect();
    view! {
        <tr data-testid="finding">
            <td class="right num">{format::integer(finding.row)}</td>
            <td class="wrap">
                {messages.map(|text| view! { <div class="text-error">{text}</div> }).collect_view()}
            </td>
            <td class="muted max-w-80 truncate">{cells.join(" · ")}</td>
        </tr>
    }
}
