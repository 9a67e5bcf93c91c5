//! Module × operation: what a key may be used for.

use guanxi_domain::api_key::Right;
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use serde_json::Value;

use super::label;
use crate::i18n::{lang, t};
use crate::session::use_session;
use crate::ui::{Card, Form};

fn chosen(form: Form) -> Vec<Right> {
    serde_json::from_value(form.get("permissions")).unwrap_or_default()
}

fn choose(form: Form, rights: &[Right], on: bool) {
    let mut all = untrack(|| chosen(form));
    all.retain(|right| !rights.contains(right));
    if on {
        all.extend(rights);
    }
    all.sort_unstable();
    // A list of plain words always serialises.
    form.set(
        "permissions",
        serde_json::to_value(all).unwrap_or(Value::Null),
    );
    form.touch("permissions");
}

/// What whoever is logged in could give to a key, and what stands in the form anyway.
#[component]
pub fn RightsGrid(form: Form, #[prop(into)] readonly: Signal<bool>) -> impl IntoView {
    let session = use_session();
    let before = untrack(|| chosen(form));
    let may = move |right: Right| {
        right.is_for_keys() && untrack(|| session.can(right.module, right.operation))
    };
    let of = |module| {
        Operation::ALL
            .iter()
            .map(move |&operation| Right { module, operation })
    };
    let rows = Module::ALL
        .iter()
        .filter(|&&module| of(module).any(|right| may(right) || before.contains(&right)))
        .map(|&module| {
            let all: Vec<Right> = of(module).filter(|right| may(*right)).collect();
            let cells = of(module)
                .map(|right| {
                    let possible = may(right) || before.contains(&right);
                    view! {
                        <td class="border-b border-base-300/70 px-2 py-1.5 text-center">
                            {possible.then(|| view! { <Cell form=form right=right readonly=readonly /> })}
                        </td>
                    }
                })
                .collect_view();
            view! {
                <tr>
                    <th
                        scope="row"
                        class="sticky left-0 z-10 border-b border-base-300/70 bg-base-100 px-3 py-1.5 text-left text-[0.8125rem] font-medium whitespace-nowrap"
                    >
                        {move || module.label(lang())}
                    </th>
                    {cells}
                    <td class="border-b border-base-300/70 px-2 py-1 text-right">
                        <Show when=move || !readonly.get()>
                            <WholeRow form=form rights=all.clone() />
                        </Show>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let head =
        "border-b border-base-300 bg-base-200 px-2 py-2 text-xs font-medium whitespace-nowrap";
    let problem = move || form.error("permissions");
    view! {
        <Card title=label(|k| k.rights) text=label(|k| k.rights_text) flush=true>
            {move || {
                problem().map(|text| view! { <p class="px-4 pb-3 text-xs text-error" role="alert">{text}</p> })
            }}
            <div class="max-h-[60vh] overflow-auto">
                <table class="w-full border-separate border-spacing-0" data-testid="rights">
                    <thead class="sticky top-0 z-20">
                        <tr>
                            <th scope="col" class=format!("{head} sticky left-0 z-30 pl-3 text-left")>
                                {move || t().admin.module}
                            </th>
                            {Operation::ALL
                                .iter()
                                .map(|operation| {
                                    view! {
                                        <th scope="col" class=head>
                                            {move || operation.label(lang())}
                                        </th>
                                    }
                                })
                                .collect_view()}
                            <th scope="col" class=head></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Card>
    }
}

#[component]
fn Cell(form: Form, right: Right, readonly: Signal<bool>) -> impl IntoView {
    let on = Memo::new(move |_| chosen(form).contains(&right));
    view! {
        <input
            type="checkbox"
            class="checkbox checkbox-primary checkbox-sm"
            aria-label=move || format!("{} · {}", right.module.label(lang()), right.operation.label(lang()))
            data-testid=format!("{}-{}", right.module, right.operation)
            disabled=move || readonly.get()
            prop:checked=move || on.get()
            on:change:target=move |event| choose(form, &[right], event.target().checked())
        />
    }
}

/// All of a row, or none.
#[component]
fn WholeRow(form: Form, rights: Vec<Right>) -> impl IntoView {
    let rights = StoredValue::new(rights);
    let all = Memo::new(move |_| {
        let chosen = chosen(form);
        rights.with_value(|rights| rights.iter().all(|right| chosen.contains(right)))
    });
    view! {
        <button
            type="button"
            class="muted cursor-pointer text-xs whitespace-nowrap hover:text-primary"
            on:click=move |_| rights.with_value(|rights| choose(form, rights, !all.get_untracked()))
        >
            {move || if all.get() { t().api_key.none } else { t().api_key.all }}
        </button>
    }
}
