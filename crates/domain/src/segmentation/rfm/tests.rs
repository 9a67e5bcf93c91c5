use super::super::formula::assert_holds;
use super::*;

fn customers(values: &[(i32, i32, i64)]) -> Vec<Activity> {
    let activity = |&(recency_days, frequency, monetary)| Activity {
        recency_days,
        frequency,
        monetary: Money(monetary),
    };
    values.iter().map(activity).collect()
}

#[test]
fn quintiles_lie_at_exact_positions() {
    // Position (6 − 1)·k/5 = k: in floating point 5 × 0.6 is 3.0000000000000004 on some paths, and 30 would exceed it.
    let cuts = quintiles([50, 40, 30, 20, 10, 0].into_iter());
    assert_eq!(cuts.0, [50, 100, 150, 200]);
    assert_eq!(
        [0, 10, 20, 30, 40, 50].map(|v| cuts.score(v)),
        [1, 1, 2, 3, 4, 5]
    );
}

#[test]
fn ties_share_a_score_and_leave_others_empty() {
    let mut values = vec![(10, 1, 100); 6];
    values.extend([(10, 2, 100), (10, 3, 100), (10, 4, 100), (10, 9, 100)]);
    let rfm = score(&customers(&values), &RfmSettings::default());
    let frequency: Vec<u8> = rfm.scores.iter().map(|s| s.frequency).collect();
    // 60% bought once: the cut points are 1, 1, 1.4 and 3.2.
    assert_eq!(frequency, [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]);
    assert!(rfm.scores.iter().all(|s| s.recency == 1), "all are alike");
}

#[test]
fn fewer_days_score_higher() {
    let values: Vec<_> = (0..10).map(|n| (n * 10, 1, 1)).collect();
    let rfm = score(&customers(&values), &RfmSettings::default());
    let recency: Vec<u8> = rfm.scores.iter().map(|s| s.recency).collect();
    assert_eq!(recency, [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]);
    let expected = [18.0_f64, 36.0, 54.0, 72.0];
    assert_eq!(
        rfm.cuts.recency_days.map(f64::to_bits),
        expected.map(f64::to_bits)
    );
}

#[test]
fn fixed_limits_belong_to_the_better_score() {
    let settings = RfmSettings {
        scoring: RfmScoring::Limits,
        limits: RfmLimits {
            recency_days: [30, 90, 180, 365],
            frequency: [2, 3, 5, 10],
            monetary: [100, 200, 300, 400].map(Money),
        },
        ..RfmSettings::default()
    };
    let rfm = score(
        &customers(&[(30, 10, 400), (31, 9, 399), (365, 2, 100), (366, 1, 99)]),
        &settings,
    );
    let scores: Vec<_> = rfm
        .scores
        .iter()
        .map(|s| (s.recency, s.frequency, s.monetary))
        .collect();
    assert_eq!(scores, [(5, 5, 5), (4, 4, 4), (2, 2, 2), (1, 1, 1)]);
}

#[test]
fn every_pair_of_scores_has_its_segment_and_every_segment_a_pair() {
    let mut seen = std::collections::BTreeSet::new();
    for recency in 1..=5 {
        for other in 1..=5 {
            seen.insert(RfmSegment::of(recency, other));
        }
    }
    assert_eq!(seen.len(), RfmSegment::ALL.len());
    assert_eq!(RfmSegment::of(1, 5), RfmSegment::CannotLose);
    assert_eq!(RfmSegment::of(5, 1), RfmSegment::New);
    assert_eq!(RfmGroup::of(false, true, true), RfmGroup::KeyKeep);
}

#[test]
fn nobody_and_the_largest_amounts_are_no_trouble() {
    assert!(score(&[], &RfmSettings::default()).scores.is_empty());
    let rfm = score(
        &customers(&[(0, 1, i64::MIN), (0, 1, i64::MAX)]),
        &RfmSettings::default(),
    );
    assert_eq!((rfm.scores[0].monetary, rfm.scores[1].monetary), (1, 5));
}

#[test]
fn limits_out_of_order_are_refused() {
    let mut settings = RfmSettings::default();
    assert!(settings.validate().is_ok());
    settings.limits.frequency = [2, 2, 5, 10];
    assert!(settings.validate().is_err());
}

#[test]
fn fixed_limits_are_shown_as_they_were_set() {
    let settings = RfmSettings {
        scoring: RfmScoring::Limits,
        ..RfmSettings::default()
    };
    let rfm = score(&customers(&[(3, 1, 99)]), &settings);
    let shown = [rfm.cuts.recency_days, rfm.cuts.frequency, rfm.cuts.monetary];
    let set = [
        settings.limits.recency_days.map(f64::from),
        settings.limits.frequency.map(f64::from),
        settings.limits.monetary.map(|limit| real(limit.0)),
    ];
    assert_eq!(
        shown.map(|c| c.map(f64::to_bits)),
        set.map(|c| c.map(f64::to_bits))
    );
}

#[test]
fn every_score_can_be_reached_with_the_settings_given() {
    let settings = RfmSettings {
        scoring: RfmScoring::Limits,
        ..RfmSettings::default()
    };
    let window = settings.window_days.expect("a window");
    let days: Vec<_> = (0..window).map(|day| (day, 1, 1)).collect();
    let rfm = score(&customers(&days), &settings);
    assert_eq!(rfm.scores[0].recency, 5);
    assert_eq!(rfm.scores.last().map(|score| score.recency), Some(1));
}

#[test]
fn every_score_follows_from_its_cut_points() {
    let values: Vec<_> = (0..40_i32)
        .map(|n| (n * 17 % 365, 1 + n * 7 % 15, 50_000 * i64::from(n * n)))
        .chain([(30, 2, 100_000), (270, 12, 10_000_000)])
        .collect();
    for scoring in [RfmScoring::Quintiles, RfmScoring::Limits] {
        let settings = RfmSettings {
            scoring,
            ..RfmSettings::default()
        };
        let activities = customers(&values);
        let rfm = score(&activities, &settings);
        for (activity, score) in activities.iter().zip(&rfm.scores) {
            assert_holds(&explain(activity, score, &rfm.cuts));
        }
    }
}

#[test]
fn cuts_of_old_runs_are_read() {
    let old = r#"{"recency_days":[1.8,2,3,4],"frequency":[1,2,3,4],"monetary":[1,2,3,4]}"#;
    let cuts: RfmCuts = serde_json::from_str(old).expect("cuts");
    assert_eq!(cuts.scoring, RfmScoring::Quintiles);
}
