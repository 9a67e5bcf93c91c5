use guanxi_domain::Money;
use guanxi_domain::segmentation::rfm::{RfmCuts, RfmScoring};
use leptos::prelude::*;

use crate::format;
use crate::i18n::{fill, t};
use crate::segmentation::label;
use crate::ui::Card;
use crate::value::CsvButton;

/// The first value that scores one more: a quintile has to be exceeded, a fixed limit reached.
#[allow(clippy::cast_possible_truncation)] // Cuts lie among days, counts and amounts.
fn first_beyond(cut: f64, scoring: RfmScoring) -> i64 {
    match scoring {
        RfmScoring::Quintiles => cut.floor() as i64 + 1,
        RfmScoring::Limits => cut.ceil() as i64,
    }
}

/// The last number of days that scores one more: the later day is the better one.
fn last_within(cut: f64, scoring: RfmScoring) -> i64 {
    -first_beyond(-cut, scoring)
}

/// The days that a score of recency means: first and last, open at the end.
fn days(cuts: &RfmCuts, score: usize) -> (i64, Option<i64>) {
    let last = |score: usize| {
        let cut = cuts.recency_days.get(5 - score);
        cut.map(|cut| last_within(*cut, cuts.scoring))
    };
    let first = if score == 5 {
        0
    } else {
        last(score + 1).map_or(0, |day| day + 1)
    };
    (first, last(score))
}

/// The counts or amounts that a score means, open at either end.
fn range(cuts: &[f64; 4], scoring: RfmScoring, score: usize) -> (Option<i64>, Option<i64>) {
    let from = score.checked_sub(2).map(|k| first_beyond(cuts[k], scoring));
    let to = cuts
        .get(score - 1)
        .map(|cut| first_beyond(*cut, scoring) - 1);
    (from, to)
}

fn recency_text(cuts: &RfmCuts, score: usize) -> String {
    let s = t().segmentation;
    let (first, last) = days(cuts, score);
    let (a, b) = (
        format::integer(first),
        format::integer(last.unwrap_or(first)),
    );
    let text = match last {
        Some(last) if last < first => s.nobody,
        Some(0) => s.that_day,
        Some(_) if first == 0 => s.within,
        Some(last) if last == first => s.one_day,
        Some(_) => s.between_days,
        None => s.before_days,
    };
    fill(text, &[("a", &a), ("b", &b)])
}

fn frequency_text(cuts: &RfmCuts, score: usize) -> String {
    let s = t().segmentation;
    // Nobody is scored without a purchase.
    let (from, to) = match range(&cuts.frequency, cuts.scoring, score) {
        (None, to) => (1, to),
        (Some(from), to) => (from.max(1), to),
    };
    let (a, b) = (format::integer(from), format::integer(to.unwrap_or(from)));
    let text = match to {
        Some(to) if to < from => s.nobody,
        Some(to) if to == from => s.times,
        Some(_) => s.times_between,
        None => s.times_from,
    };
    fill(text, &[("a", &a), ("b", &b)])
}

fn monetary_text(cuts: &RfmCuts, score: usize) -> String {
    let s = t().segmentation;
    let money = |amount: Option<i64>| format::money(Money(amount.unwrap_or_default()));
    let (from, to) = range(&cuts.monetary, cuts.scoring, score);
    let text = match (from, to) {
        (Some(from), Some(to)) if to < from => s.nobody,
        (Some(_), Some(_)) => s.amount_between,
        (None, _) => s.amount_below,
        (_, None) => s.amount_from,
    };
    fill(text, &[("a", &money(from)), ("b", &money(to))])
}

/// The scores in words: 5 means "bought in the last 23 days".
#[component]
pub fn CutsCard(cuts: RfmCuts) -> impl IntoView {
    let cuts = StoredValue::new(cuts);
    let lines = move || {
        cuts.with_value(|cuts| {
            (1..=5)
                .rev()
                .map(|score| {
                    (
                        score,
                        [
                            recency_text(cuts, score),
                            frequency_text(cuts, score),
                            monetary_text(cuts, score),
                        ],
                    )
                })
                .collect::<Vec<_>>()
        })
    };
    let file = move || {
        let s = t().segmentation;
        let head = [s.score, s.recency, s.frequency, s.monetary].map(str::to_owned);
        let body = lines().into_iter().map(|(score, texts)| {
            std::iter::once(score.to_string())
                .chain(texts)
                .collect::<Vec<_>>()
        });
        std::iter::once(head.to_vec()).chain(body).collect()
    };
    let body = move || {
        let s = t().segmentation;
        lines()
            .into_iter()
            .map(|(score, [recency, frequency, monetary])| {
                view! {
                    <tr data-testid=format!("cut-{score}")>
                        <td class="sm:min-w-0!">
                            <span class="num font-semibold">{score}</span>
                        </td>
                        <td class="wrap" data-label=s.recency>
                            {recency}
                        </td>
                        <td class="wrap" data-label=s.frequency>
                            {frequency}
                        </td>
                        <td class="wrap" data-label=s.monetary>
                            {monetary}
                        </td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <Card
            title=label(|s| s.cuts)
            text=label(|s| s.cuts_text)
            actions=ViewFn::from(move || view! { <CsvButton file_name="rfm-scores" rows=file /> })
            flush=true
        >
            <table class="grid-table cards">
                <thead>
                    <tr>
                        <th scope="col">{move || t().segmentation.score}</th>
                        <th scope="col">{move || t().segmentation.recency}</th>
                        <th scope="col">{move || t().segmentation.frequency}</th>
                        <th scope="col">{move || t().segmentation.monetary}</th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts() -> RfmCuts {
        RfmCuts {
            recency_days: [23.4, 60.0, 60.0, 180.2],
            frequency: [1.0, 1.0, 3.6, 7.0],
            monetary: [10_000.0, 20_000.4, 50_000.0, 90_000.0],
            scoring: RfmScoring::Quintiles,
        }
    }

    #[test]
    fn scores_are_told_in_days_and_amounts() {
        let cuts = cuts();
        let recency: Vec<_> = (1..=5).rev().map(|score| days(&cuts, score)).collect();
        // Nobody scores 3: the second and third cut are the same.
        let wanted = [
            (0, Some(23)),
            (24, Some(59)),
            (60, Some(59)),
            (60, Some(180)),
            (181, None),
        ];
        assert_eq!(recency, wanted);
        let frequency: Vec<_> = (1..=5)
            .map(|s| range(&cuts.frequency, cuts.scoring, s))
            .collect();
        let wanted = [
            (None, Some(1)),
            (Some(2), Some(1)),
            (Some(2), Some(3)),
            (Some(4), Some(7)),
            (Some(8), None),
        ];
        assert_eq!(frequency, wanted);
        assert_eq!(
            range(&cuts.monetary, cuts.scoring, 3),
            (Some(20_001), Some(50_000))
        );
    }

    #[test]
    fn fixed_limits_belong_to_the_better_score() {
        let cuts = RfmCuts {
            recency_days: [30.0, 90.0, 180.0, 270.0],
            frequency: [2.0, 4.0, 7.0, 12.0],
            monetary: [100.0, 200.0, 300.0, 400.0],
            scoring: RfmScoring::Limits,
        };
        assert_eq!(days(&cuts, 5), (0, Some(30)));
        assert_eq!(days(&cuts, 4), (31, Some(90)));
        assert_eq!(days(&cuts, 1), (271, None));
        let frequency = |score| range(&cuts.frequency, cuts.scoring, score);
        assert_eq!(frequency(1), (None, Some(1)));
        assert_eq!(frequency(2), (Some(2), Some(3)));
        assert_eq!(frequency(5), (Some(12), None));
    }
}
