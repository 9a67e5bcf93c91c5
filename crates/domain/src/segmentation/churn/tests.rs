use super::super::formula::assert_holds;
use super::*;

#[test]
fn nothing_is_late_within_the_mean_gap() {
    let signs = |days| Signs {
        alive: None,
        days_since_last: days,
        mean_gap_days: Some(30.0),
    };
    let settings = ChurnSettings::default();
    let at = |days| risk(&signs(days), &settings).map(|r| r.risk);
    assert_eq!(at(30.0), Some(0.0));
    let two = at(60.0).expect("a rhythm");
    assert!((two - (1.0 - (-1.0_f64).exp())).abs() < 1e-15);
    assert!(at(1e9).is_some_and(|r| r <= 1.0));
}

#[test]
fn model_and_rhythm_are_weighted() {
    let signs = Signs {
        alive: Some(0.2),
        days_since_last: 10.0,
        mean_gap_days: Some(30.0),
    };
    let found = risk(&signs, &ChurnSettings::default()).expect("both known");
    assert!((found.risk - 0.56).abs() < 1e-12, "0.7 × 0.8 + 0.3 × 0");
    assert_eq!(found.level, ChurnLevel::Medium);
    let explanation = explain(&signs, &found, &ChurnSettings::default());
    assert_eq!(explanation.value("gap"), Some(30.0));
}

#[test]
fn who_bought_once_without_a_model_has_no_risk_to_show() {
    let signs = Signs {
        days_since_last: 100.0,
        ..Signs::default()
    };
    assert_eq!(risk(&signs, &ChurnSettings::default()), None);
}

#[test]
fn the_largest_gain_is_first() {
    let list = win_back(
        [
            (1, 0.9, 100.0),
            (2, 0.5, 1_000.0),
            (3, 0.1, 9e9),
            (4, 0.9, 0.0),
            (5, 0.9, 100.0),
        ],
        0.4,
    );
    let keys: Vec<i32> = list.iter().map(|w| w.key).collect();
    assert_eq!(keys, [2, 1, 5]);
}

#[test]
fn every_risk_follows_from_its_terms() {
    let settings = ChurnSettings::default();
    for alive in [None, Some(0.0), Some(0.3), Some(1.0)] {
        for mean_gap_days in [None, Some(0.0), Some(2.0), Some(30.0)] {
            for days_since_last in [0.0, 5.0, 31.0, 400.0] {
                let signs = Signs {
                    alive,
                    days_since_last,
                    mean_gap_days,
                };
                let Some(found) = risk(&signs, &settings) else {
                    continue;
                };
                let explanation = explain(&signs, &found, &settings);
                assert_holds(&explanation);
                let both = alive.is_some() && mean_gap_days.is_some();
                assert_eq!(explanation.value("w").is_some(), both, "{explanation:?}");
            }
        }
    }
}
