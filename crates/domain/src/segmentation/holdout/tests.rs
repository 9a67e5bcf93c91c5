use super::*;

#[test]
fn days_fall_on_their_side_of_the_cut() {
    let case = Case::of_days(&[1, 5, 10, 11, 11, 15, 21], 10, 20).expect("bought before");
    assert_eq!(
        (
            case.before.repeats,
            case.before.recency_days,
            case.before.age_days
        ),
        (2, 9, 9)
    );
    assert_eq!(case.after, 2, "11 and 15");
    assert_eq!(Case::of_days(&[11, 12], 10, 20), None);
}

#[test]
fn a_report_counts_everybody_once() {
    let cases: Vec<Case> = super::super::fixtures::cdnow()
        .iter()
        .map(|customer| Case {
            before: customer.history,
            after: customer.history.repeats / 2,
        })
        .collect();
    let report = report(&cases, 273, &LifetimeSettings::default()).expect("a fit");
    assert_eq!(
        report.rows.iter().map(|row| row.customers).sum::<i64>(),
        2_357
    );
    let expected: f64 = report
        .rows
        .iter()
        .map(|row| row.expected * super::super::numbers::real(row.customers))
        .sum();
    assert!((expected - report.expected).abs() < 1e-6 * expected);
    assert!(report.root_mean_square_error >= report.mean_absolute_error);
}
