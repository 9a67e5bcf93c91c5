use super::super::formula::assert_holds;
use super::*;

fn steady() -> Course {
    Course {
        days_since_first: Some(800),
        days_since_last: Some(20),
        order_days: 27,
        mean_gap_days: Some(30.0),
        longest_gap_days: Some(50),
        sales_365d: Money(100_000),
        sales_365d_before: Money(100_000),
        alive: Some(0.95),
    }
}

#[test]
fn each_rule_decides_its_case() {
    let base = steady();
    let cases = [
        (base, LifecycleStage::Maturity, StageReason::Steady),
        (
            Course::default(),
            LifecycleStage::Acquisition,
            StageReason::NoPurchase,
        ),
        (
            Course {
                days_since_last: Some(365),
                ..base
            },
            LifecycleStage::Lost,
            StageReason::Silent,
        ),
        (
            Course {
                days_since_last: Some(90),
                alive: Some(0.05),
                ..base
            },
            LifecycleStage::Lost,
            StageReason::ProbablyGone,
        ),
        (
            Course {
                order_days: 1,
                mean_gap_days: None,
                ..base
            },
            LifecycleStage::Acquisition,
            StageReason::NewCustomer,
        ),
        (
            Course {
                days_since_last: Some(61),
                ..base
            },
            LifecycleStage::Decline,
            StageReason::BehindRhythm,
        ),
        (
            Course {
                alive: Some(0.4),
                ..base
            },
            LifecycleStage::Decline,
            StageReason::ProbablyLeaving,
        ),
        (
            Course {
                sales_365d: Money(80_000),
                ..base
            },
            LifecycleStage::Decline,
            StageReason::SalesFell,
        ),
        (
            Course {
                sales_365d: Money(120_000),
                ..base
            },
            LifecycleStage::Growth,
            StageReason::SalesRose,
        ),
        (
            Course {
                days_since_first: Some(200),
                sales_365d_before: Money(0),
                ..base
            },
            LifecycleStage::Growth,
            StageReason::FirstTwoYears,
        ),
    ];
    for (course, stage_wanted, reason_wanted) in cases {
        let found = stage(&course, &LifecycleSettings::default());
        assert_eq!(
            (found.stage, found.reason),
            (stage_wanted, reason_wanted),
            "{course:?}"
        );
        assert_holds(&explain(&course, found, &LifecycleSettings::default()));
    }
}

#[test]
fn a_gap_of_days_is_no_rhythm() {
    let course = Course {
        days_since_last: Some(13),
        mean_gap_days: Some(1.0),
        ..steady()
    };
    assert_eq!(
        stage(&course, &LifecycleSettings::default()).reason,
        StageReason::Steady
    );
}

#[test]
fn explanations_hold_numbers_only() {
    let course = Course::default();
    let found = stage(&course, &LifecycleSettings::default());
    let explanation = explain(&course, found, &LifecycleSettings::default());
    assert!(explanation.terms.iter().all(|term| term.value.is_finite()));
    assert_eq!(explanation.value("last"), None);
    assert_eq!(explanation.value("n"), Some(0.0));
}

fn reason_of(course: Course) -> StageReason {
    stage(&course, &LifecycleSettings::default()).reason
}

#[test]
fn who_bought_yesterday_is_not_gone() {
    // MBG/NBD, in a shop where few buy again: an order of yesterday, P(active) 0.08.
    let course = Course {
        days_since_first: Some(1),
        days_since_last: Some(1),
        order_days: 1,
        alive: Some(0.08),
        ..Course::default()
    };
    assert_eq!(reason_of(course), StageReason::NewCustomer);
}

#[test]
fn a_holiday_of_a_daily_buyer_is_no_loss() {
    let course = Course {
        days_since_last: Some(15),
        mean_gap_days: Some(1.1),
        alive: Some(0.025),
        ..steady()
    };
    assert_eq!(reason_of(course), StageReason::BehindRhythm);
}

#[test]
fn who_buys_once_a_year_is_not_lost_after_a_year() {
    let course = Course {
        days_since_first: Some(4 * 365 + 370),
        days_since_last: Some(370),
        order_days: 5,
        mean_gap_days: Some(365.0),
        ..steady()
    };
    assert_ne!(
        stage(&course, &LifecycleSettings::default()).stage,
        LifecycleStage::Lost
    );
}

#[test]
fn a_year_is_not_compared_with_a_part_of_one() {
    let young = Course {
        days_since_first: Some(728),
        sales_365d: Money(300_000),
        ..steady()
    };
    assert_eq!(reason_of(young), StageReason::FirstTwoYears);
    let old = Course {
        days_since_first: Some(729),
        ..young
    };
    assert_eq!(reason_of(old), StageReason::SalesRose);
}

#[test]
fn who_was_away_for_as_long_before_is_not_lost() {
    // A buyer of one season: many orders close together, then 300 days of nothing, each year.
    let away = Course {
        days_since_last: Some(280),
        mean_gap_days: Some(30.0),
        longest_gap_days: Some(300),
        alive: Some(0.01),
        ..steady()
    };
    assert_eq!(reason_of(away), StageReason::BehindRhythm);
    let longer = Course {
        days_since_last: Some(301),
        ..away
    };
    assert_eq!(reason_of(longer), StageReason::ProbablyGone);
    let years = Course {
        days_since_last: Some(400),
        longest_gap_days: Some(400),
        alive: None,
        ..away
    };
    assert_eq!(reason_of(years), StageReason::BehindRhythm);
    let more = Course {
        days_since_last: Some(401),
        ..years
    };
    assert_eq!(reason_of(more), StageReason::Silent);
}

#[test]
fn every_rule_is_explained_by_numbers_that_fulfil_it() {
    let mut reasons = std::collections::BTreeSet::new();
    for first in [30, 400, 800] {
        for last in [1, 20, 100, 290, 400, 790] {
            for (order_days, gap) in [(1, None), (2, Some(1.0)), (9, Some(60.0))] {
                for longest in [None, gap.map(|_| 95)] {
                    for alive in [None, Some(0.05), Some(0.3), Some(0.9)] {
                        for sales in [(0, 0), (100, 0), (100, 100), (10, 100), (150, 100)] {
                            let course = Course {
                                days_since_first: Some(first),
                                days_since_last: Some(last.min(first)),
                                order_days,
                                mean_gap_days: gap,
                                longest_gap_days: longest,
                                sales_365d: Money(sales.0),
                                sales_365d_before: Money(sales.1),
                                alive,
                            };
                            let settings = LifecycleSettings::default();
                            let found = stage(&course, &settings);
                            assert_holds(&explain(&course, found, &settings));
                            reasons.insert(found.reason);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(
        reasons.len(),
        StageReason::ALL.len() - 1,
        "all but one without a purchase"
    );
}
