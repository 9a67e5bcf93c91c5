use super::*;

fn scored(recency: u8, value: i64) -> Scored {
    Scored {
        rfm: Some((
            recency,
            1,
            2,
            RfmGroup::GeneralDevelop,
            RfmSegment::of(recency, 2),
        )),
        monetary: Money(value * 2),
        value: Some((ValueMethod::Model, Money(value))),
        alive: Some(Proportion(5_000)),
        purchases: Some(Quantity(1_500)),
        stage: LifecycleStage::Growth,
        churn: (recency > 3).then_some(ChurnLevel::Low),
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    let mut tally = Tally::default();
    for value in 1..=20 {
        tally.add(&scored(
            u8::try_from(value % 5 + 1).expect("1 to 5"),
            value * 50,
        ));
    }
    tally.add(&Scored {
        rfm: None,
        monetary: Money(0),
        value: None,
        alive: None,
        purchases: None,
        stage: LifecycleStage::Acquisition,
        churn: None,
    });
    let figures = tally.finish(None);
    assert_eq!((figures.customers, figures.buyers), (21, 20));
    assert_eq!(figures.rfm.sales, Money(21_000));
    let sums = [
        figures.rfm.cells.iter().map(|c| c.sales.0).sum::<i64>(),
        figures.rfm.groups.iter().map(|c| c.sales.0).sum(),
        figures.rfm.segments.iter().map(|c| c.sales.0).sum(),
    ];
    assert_eq!(sums, [21_000; 3]);
    assert_eq!(
        (figures.rfm.cells[0].recency, figures.rfm.cells[0].frequency),
        (5, 1)
    );
    let lifetime = &figures.lifetime;
    assert_eq!(
        (lifetime.total, lifetime.mean),
        (Money(10_500), Some(Money(525)))
    );
    assert_eq!(
        (lifetime.active, lifetime.purchases),
        (Some(10.0), Some(30.0))
    );
    assert_eq!(
        lifetime.histogram.iter().map(|b| b.customers).sum::<i64>(),
        20
    );
    assert_eq!(
        lifetime.histogram[0],
        ValueBin {
            from: Some(Money(1)),
            to: Some(Money(100)),
            customers: 1,
            value: Money(50)
        }
    );
    assert_eq!(lifetime.deciles.len(), 10);
    assert_eq!(
        (lifetime.deciles[0].value, lifetime.deciles[0].least),
        (Money(1_950), Money(950))
    );
    let shares: f64 = lifetime.deciles.iter().map(|d| d.value_share).sum();
    assert!((shares - 1.0).abs() < 1e-12);
    assert_eq!(figures.stages.iter().map(|s| s.customers).sum::<i64>(), 21);
    let unknown = figures.churn.last().expect("four");
    assert_eq!((unknown.level, unknown.customers), (None, 13));
}

#[test]
fn nothing_adds_up_to_nothing() {
    let figures = Tally::default().finish(None);
    assert_eq!(figures.lifetime.mean, None);
    assert!(figures.lifetime.histogram.is_empty() && figures.lifetime.deciles.is_empty());
    assert!(
        figures
            .rfm
            .cells
            .iter()
            .all(|cell| cell.mean_monetary.is_none())
    );
}
