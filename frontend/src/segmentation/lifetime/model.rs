use guanxi_domain::Money;
use guanxi_domain::segmentation::lifetime::{Estimate, PurchaseFit, SpendFit};
use guanxi_domain::segmentation::run::{MethodFigures, ModelReport};
use leptos::prelude::*;

use crate::format::{self, money_plain};
use crate::i18n::{SegmentationTexts, fill, lang, t};
use crate::segmentation::chart_card::Table;
use crate::segmentation::label;
use crate::ui::Card;
use crate::value::CsvButton;

/// Three figures after the point, four for what is small.
fn number(value: f64) -> String {
    if value.abs() < 1.0 {
        format!("{value:.4}")
    } else {
        format!("{value:.3}")
    }
}

/// What the models say, in words; the parameters to be unfolded.
#[component]
pub fn ModelCard(models: ModelReport, methods: Vec<MethodFigures>) -> impl IntoView {
    let (purchases, spend) = (models.purchases, models.spend);
    let spend_refused = models.spend_refused.filter(|_| purchases.is_some());
    let lines = move || {
        let mut lines = Vec::new();
        if let Some(fit) = purchases {
            lines.extend(purchase_lines(&fit));
        }
        if let Some(fit) = spend {
            lines.extend(spend_lines(&fit));
        }
        if let Some(refused) = spend_refused {
            let reason = refused.reason.label(lang());
            lines.push(fill(t().segmentation.refused_spend, &[("reason", reason)]));
        }
        lines
            .into_iter()
            .map(|line| view! { <li class="ml-4 list-disc">{line}</li> })
            .collect_view()
    };
    let methods = StoredValue::new(methods);
    let rests = move |()| method_rows(&methods.get_value());
    let parameters = move |()| parameter_rows(purchases.as_ref(), spend.as_ref());
    let any = purchases.is_some() || spend.is_some();
    view! {
        <Card title=label(|s| s.model_card) text=label(|s| s.model_text) flush=true>
            {any.then(|| view! { <ul class="space-y-1 px-4 py-3">{lines}</ul> })}
            <div class="border-t border-base-300">
                <Table rows=rests />
            </div>
            {any
                .then(|| {
                    view! {
                        <details class="border-t border-base-300">
                            <summary class="cursor-pointer px-4 py-2.5 font-medium" data-testid="fit-details">
                                {move || t().segmentation.details}
                            </summary>
                            <p class="muted px-4 pb-1 text-xs">{move || fit_text(purchases.as_ref(), spend.as_ref())}</p>
                            <div class="flex justify-end px-4 pb-1">
                                <CsvButton file_name="parameters" rows=move || parameters(()) />
                            </div>
                            <Table rows=parameters />
                        </details>
                    }
                })}
        </Card>
    }
}

fn purchase_lines(fit: &PurchaseFit) -> [String; 3] {
    let s = t().segmentation;
    let unit = unit_name(fit);
    let rate = fit.r.value / fit.alpha.value;
    let leave = fit.a.value / (fit.a.value + fit.b.value);
    [
        fill(
            s.rate_line,
            &[
                ("unit", &unit),
                ("rate", &number(rate)),
                ("n", &format!("{:.1}", rate.recip())),
            ],
        ),
        fill(s.leave_line, &[("share", &format::percent(leave))]),
        fill(
            s.fitted_on,
            &[
                ("customers", &format::integer(fit.customers)),
                ("repeat", &format::integer(fit.repeat_buyers)),
            ],
        ),
    ]
}

fn unit_name(fit: &PurchaseFit) -> String {
    fit.time_unit.label(lang()).to_lowercase()
}

fn spend_lines(fit: &SpendFit) -> Vec<String> {
    let s = t().segmentation;
    #[allow(clippy::cast_possible_truncation)] // A mean amount.
    let value = format::money(Money(fit.mean_value.round() as i64));
    let mut lines = vec![fill(s.spend_line, &[("value", &value)])];
    if let Some(r) = fit.correlation {
        lines.push(fill(s.correlation_line, &[("r", &format!("{r:.3}"))]));
    }
    lines
}

fn method_rows(methods: &[MethodFigures]) -> Vec<Vec<String>> {
    let s = t().segmentation;
    let head = [s.method, s.customers, s.value].map(str::to_owned).to_vec();
    let body = methods.iter().map(|m| {
        vec![
            m.method.label(lang()).to_owned(),
            format::integer(m.customers),
            format::money(m.value),
        ]
    });
    std::iter::once(head).chain(body).collect()
}

fn fit_text(purchases: Option<&PurchaseFit>, spend: Option<&SpendFit>) -> String {
    let s = t().segmentation;
    let likelihood =
        |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |l| format!("{l:.1}"));
    let values = [
        likelihood(purchases.map(|fit| fit.log_likelihood)),
        likelihood(spend.map(|fit| fit.log_likelihood)),
    ];
    let text = fill(
        s.likelihood,
        &[("purchases", &values[0]), ("spend", &values[1])],
    );
    let Some(fit) = purchases else { return text };
    let more = fill(
        s.iterations,
        &[
            ("n", &fit.iterations.to_string()),
            ("groups", &format::integer(fit.groups)),
        ],
    );
    format!("{text} · {more}")
}

type Meaning = fn(&SegmentationTexts) -> &'static str;

fn parameter_rows(purchases: Option<&PurchaseFit>, spend: Option<&SpendFit>) -> Vec<Vec<String>> {
    let s = t().segmentation;
    let head = [s.parameter, s.estimate, s.error, s.interval, s.meaning];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut add = |name: &str, estimate: Estimate, meaning: Meaning, unit: &str| {
        let meaning = fill(meaning(s), &[("unit", unit)]);
        rows.push(vec![
            name.to_owned(),
            number(estimate.value),
            number(estimate.standard_error),
            format!("{} – {}", number(estimate.low), number(estimate.high)),
            meaning,
        ]);
    };
    if let Some(fit) = purchases {
        let unit = unit_name(fit);
        add("r", fit.r, |s| s.p_r, &unit);
        add("α", fit.alpha, |s| s.p_alpha, &unit);
        add("a", fit.a, |s| s.p_a, &unit);
        add("b", fit.b, |s| s.p_b, &unit);
    }
    if let Some(fit) = spend {
        add("p", fit.p, |s| s.p_p, "");
        add("q", fit.q, |s| s.p_q, "");
        // In minor units: shown as an amount.
        #[allow(clippy::cast_possible_truncation)]
        let amount = |value: f64| money_plain(Money(value.round() as i64));
        let gamma = fit.gamma;
        rows.push(vec![
            "γ".to_owned(),
            amount(gamma.value),
            amount(gamma.standard_error),
            format!("{} – {}", amount(gamma.low), amount(gamma.high)),
            s.p_gamma.to_owned(),
        ]);
    }
    rows
}
