use super::super::formula::assert_holds;
use super::*;

/// The transactions of Han, Pei & Yin (2000), table 1, with a to p as letters; minimum support 3 of 5.
fn published() -> Vec<Vec<char>> {
    ["facdgimp", "abcflmo", "bfhjo", "bcksp", "afcelpmn"]
        .iter()
        .map(|basket| basket.chars().collect())
        .collect()
}

fn settings() -> RuleSettings {
    RuleSettings {
        min_support: 600_000,
        min_confidence: 0,
        min_lift: 0,
        max_items: 10,
        max_consequent: 9,
        ..RuleSettings::default()
    }
}

#[test]
fn the_sets_of_the_paper_are_found() {
    let found = associate(&published(), &settings()).expect("baskets");
    let text = |set: &ItemSet<char>| (set.items.iter().collect::<String>(), set.baskets);
    let sets: Vec<(String, u32)> = found.sets.iter().map(text).collect();
    let expected = [
        ("a", 3),
        ("b", 3),
        ("c", 4),
        ("f", 4),
        ("m", 3),
        ("p", 3),
        ("ac", 3),
        ("af", 3),
        ("am", 3),
        ("cf", 3),
        ("cm", 3),
        ("cp", 3),
        ("fm", 3),
        ("acf", 3),
        ("acm", 3),
        ("afm", 3),
        ("cfm", 3),
        ("acfm", 3),
    ];
    let expected: Vec<(String, u32)> = expected.map(|(s, n)| (s.to_owned(), n)).to_vec();
    assert_eq!(sets, expected);
}

#[test]
fn every_set_of_small_random_baskets_is_found_and_no_other() {
    // A plain congruential generator: the baskets only need to be many and mixed.
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let baskets: Vec<Vec<u64>> = (0..300)
        .map(|_| (0..8).filter(|item| next() % (2 + item / 4) == 0).collect())
        .collect();
    let found = associate(
        &baskets,
        &RuleSettings {
            min_support: 50_000,
            ..settings()
        },
    )
    .expect("baskets");
    let mut expected = Vec::new();
    for mask in 1_u32..256 {
        let items: Vec<u64> = (0..8).filter(|item| mask >> item & 1 == 1).collect();
        let holds = |basket: &&Vec<u64>| items.iter().all(|item| basket.contains(item));
        let baskets = u32::try_from(baskets.iter().filter(holds).count()).expect("300 at most");
        if baskets >= 15 {
            expected.push(ItemSet { items, baskets });
        }
    }
    expected.sort_by(|a, b| {
        a.items
            .len()
            .cmp(&b.items.len())
            .then_with(|| a.items.cmp(&b.items))
    });
    assert!(expected.len() > 20, "a test of nothing");
    assert_eq!(found.sets, expected);
}

#[test]
fn measures_follow_their_formulas() {
    let found = associate(&published(), &settings()).expect("baskets");
    let rule = found
        .rules
        .iter()
        .find(|rule| rule.antecedent == ['c'] && rule.consequent == ['p'])
        .expect("c → p");
    assert_eq!(
        (
            rule.both,
            rule.with_antecedent,
            rule.with_consequent,
            rule.baskets
        ),
        (3, 4, 3, 5)
    );
    assert!((rule.confidence - 0.75).abs() < 1e-15);
    assert!((rule.lift - 1.25).abs() < 1e-15);
    assert!((rule.leverage - 0.12).abs() < 1e-15);
    assert!(rule.conviction.is_some_and(|c| (c - 1.6).abs() < 1e-12));
    let sure = found
        .rules
        .iter()
        .find(|rule| rule.antecedent == ['p'] && rule.consequent == ['c']);
    assert_eq!(sure.and_then(|rule| rule.conviction), None, "never failed");
}

#[test]
fn a_set_at_the_threshold_is_in() {
    assert_eq!(
        least_baskets(1_000, 7_000),
        7,
        "0.007 × 1000 is 7.000000000000001 in floating point"
    );
    assert_eq!(least_baskets(1_001, 7_000), 8);
    assert_eq!(least_baskets(5, 1), 1);
}

#[test]
fn an_item_listed_twice_counts_once() {
    let found = associate(&[vec![1, 1, 2], vec![1, 2, 2], vec![3]], &settings()).expect("baskets");
    assert_eq!(
        found.sets.iter().map(|s| s.baskets).collect::<Vec<_>>(),
        [2, 2, 2]
    );
}

#[test]
fn nothing_and_too_much_are_refused() {
    assert_eq!(
        associate(&[] as &[Vec<u8>], &settings()),
        Err(RuleRefusal::NoBaskets)
    );
    let few = RuleSettings {
        max_sets: 17,
        ..settings()
    };
    assert_eq!(associate(&published(), &few), Err(RuleRefusal::TooManySets));
    let enough = RuleSettings {
        max_sets: 18,
        ..settings()
    };
    assert!(associate(&published(), &enough).is_ok());
}

#[test]
fn what_somebody_has_is_not_offered() {
    let found = associate(&published(), &settings()).expect("baskets");
    let has = BTreeSet::from(['f', 'm']);
    let offered: Vec<char> = suggest(&has, &found.rules, 5, false)
        .iter()
        .map(|s| s.item)
        .collect();
    assert_eq!(offered, ['a', 'c']);
    let best = suggest(&has, &found.rules, 1, false);
    assert!((best[0].rule.confidence - 1.0).abs() < 1e-15);
    let again = suggest(&has, &found.rules, 9, true);
    let offered: BTreeSet<char> = again.iter().map(|s| s.item).collect();
    assert_eq!(offered, BTreeSet::from(['a', 'c', 'f', 'm']));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let wrong = |settings: RuleSettings| settings.validate().is_err();
    let day = |day| Date::new(2026, 11, day);
    assert!(!wrong(RuleSettings::default()));
    assert!(wrong(RuleSettings {
        from: day(2),
        to: day(1),
        ..RuleSettings::default()
    }));
    assert!(wrong(RuleSettings {
        max_items: 2,
        max_consequent: 2,
        ..RuleSettings::default()
    }));
}

#[test]
fn every_measure_follows_from_its_counts() {
    let found = associate(&published(), &settings()).expect("baskets");
    assert!(found.rules.iter().any(|rule| rule.conviction.is_none()));
    for rule in &found.rules {
        assert_holds(&explain(rule));
    }
}

#[test]
fn too_many_rules_are_refused() {
    // Fifteen products that are always bought together: 3¹⁵ rules.
    let baskets = vec![(0..15).collect::<Vec<u8>>(); 3];
    let all = RuleSettings {
        max_items: 10,
        ..settings()
    };
    assert_eq!(associate(&baskets, &all), Err(RuleRefusal::TooManyRules));
}
