use std::ops::ControlFlow;

use super::*;

/// Three clouds far from each other, 40 rows each.
fn clouds() -> Table {
    let mut values = Vec::new();
    for (x, y) in [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0)] {
        for n in 0..40 {
            let (angle, radius) = (f64::from(n), f64::from(n % 7) / 7.0);
            values.extend([x + radius * angle.cos(), y + radius * angle.sin()]);
        }
    }
    Table::new(values, 2).expect("pairs")
}

fn settings() -> KMeansSettings {
    KMeansSettings {
        features: vec![Feature::Recency, Feature::Monetary],
        transform: Transform::Plain,
        ..KMeansSettings::default()
    }
}

#[test]
fn clouds_are_found_and_counted() {
    let found = cluster(&clouds(), &settings()).expect("clouds");
    assert_eq!(found.quality.clusters, 3);
    assert!(found.quality.silhouette.is_some_and(|s| s > 0.8));
    assert!(found.clusters.iter().all(|cluster| cluster.customers == 40));
    for cloud in found.labels.chunks(40) {
        assert!(cloud.iter().all(|label| *label == cloud[0]));
    }
}

#[test]
fn a_seed_decides_everything() {
    assert_eq!(
        cluster(&clouds(), &settings()),
        cluster(&clouds(), &settings())
    );
}

#[test]
fn what_is_broken_off_finds_nothing_and_hears_how_far_it_is() {
    let few = KMeansSettings {
        min_clusters: 2,
        max_clusters: 4,
        restarts: 2,
        ..settings()
    };
    let mut heard = Vec::new();
    let found = cluster_while(&clouds(), &few, |done, all| {
        heard.push((done, all));
        ControlFlow::Continue(())
    });
    assert_eq!(found, cluster(&clouds(), &few).map(Some));
    assert_eq!(heard, [0, 1, 2, 3, 4, 5].map(|done| (done, 6)));
    let broken = cluster_while(&clouds(), &few, |done, _| match done {
        3 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert_eq!(broken, Ok(None));
}

#[test]
fn gaps_are_counted_for_each_feature() {
    let nan = f64::NAN;
    let table = Table::new(vec![1.0, nan, nan, nan, 2.0, 3.0], 2).expect("pairs");
    assert_eq!(table.gaps(), [1, 2]);
}

#[test]
fn more_clusters_never_fit_worse() {
    let found = cluster(&clouds(), &settings()).expect("clouds");
    let inertia: Vec<f64> = found.tried.iter().map(|quality| quality.inertia).collect();
    assert!(
        inertia.windows(2).all(|pair| pair[1] < pair[0]),
        "{inertia:?}"
    );
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let table = |values: Vec<f64>| Table::new(values, 2).expect("pairs");
    assert_eq!(
        cluster(&table(vec![1.0, f64::NAN]), &settings()),
        Err(ClusterRefusal::NotFinite)
    );
    assert_eq!(
        cluster(&table([3.3, 7.1].repeat(50)), &settings()),
        Err(ClusterRefusal::NoSpread)
    );
    let four = KMeansSettings {
        clusters: Some(4),
        ..settings()
    };
    assert_eq!(
        cluster(&table([0.0, 0.0, 1.0, 1.0, 0.0, 2.0].repeat(9)), &four),
        Err(ClusterRefusal::TooFewCustomers),
        "three different rows"
    );
}

#[test]
fn a_cluster_that_lost_its_rows_starts_anew() {
    let table = clouds();
    let start = Table::new(vec![0.0, 0.0, 1e6, 1e6, 10.0, 0.0], 2).expect("pairs");
    let found = lloyd(&table, start, 100);
    assert!(
        found.inertia < 100.0,
        "one cloud was left without a centre: {}",
        found.inertia
    );
}

#[test]
fn who_lacks_a_feature_gets_the_median_or_is_left_out() {
    let gaps = || {
        let values = vec![1.0, f64::NAN, f64::NAN, 10.0, 5.0, 30.0, 4.0, f64::INFINITY];
        Table::new(values, 2).expect("pairs")
    };
    let (filled, rows) = gaps().complete(Missing::Median);
    let expected = [1.0, 20.0, 4.0, 10.0, 5.0, 30.0, 4.0, 20.0];
    assert_eq!(filled, Table::new(expected.to_vec(), 2).expect("pairs"));
    assert_eq!(rows, [0, 1, 2, 3]);
    let (left, rows) = gaps().complete(Missing::Exclude);
    assert_eq!(left, Table::new(vec![5.0, 30.0], 2).expect("a pair"));
    assert_eq!(rows, [2]);
    let (nothing, _) = Table::new(vec![f64::NAN; 2], 1)
        .expect("a column")
        .complete(Missing::Median);
    assert_eq!(nothing, Table::new(vec![0.0; 2], 1).expect("a column"));
}
