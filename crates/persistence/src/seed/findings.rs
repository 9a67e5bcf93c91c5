//! What somebody would have found in the made-up company already: product rules, clusters with names, two segments.

use std::ops::ControlFlow;

use guanxi_domain::segment::{SegmentColour, SegmentInput, SegmentKind};
use guanxi_domain::segmentation::kmeans::{
    ClusterChange, ClusterResult, ClusterRunInput, Feature, KMeansSettings,
};
use guanxi_domain::segmentation::rules::{RuleRunInput, RuleSettings};
use guanxi_domain::{Checked, Lang, Rules};
use serde_json::{Value, json};

use super::Step;
use crate::{Actor, Db, Error, Origin, Result, clusters, rules, segment, user};

/// In whose name the analyses are made.
const ADMINISTRATOR: &str = "admin@demo.example";
/// A rule holds for one in five hundred orders: the products of the company are bought by many.
const MIN_SUPPORT: i32 = 2_000;
/// Who buys the left side buys the right side half as often again as others do, at least.
const MIN_LIFT: i32 = 1_500;

/// Makes one run of each kind and the segments, in the name of the administrator. Blocks.
pub fn findings(db: &Db, mut progress: impl FnMut(Step, u64, u64)) -> Result<()> {
    let admin = db.read_blocking(|connection| user::actor_by_email(connection, ADMINISTRATOR))?;
    progress(Step::Findings, 0, 3);
    product_rules(db, &admin)?;
    progress(Step::Findings, 1, 3);
    named_clusters(db, &admin)?;
    progress(Step::Findings, 2, 3);
    for input in segments() {
        segment(db, &admin, input)?;
    }
    progress(Step::Findings, 3, 3);
    Ok(())
}

fn checked<T: Rules + std::fmt::Debug>(input: T) -> Result<Checked<T>> {
    let wrong = |problems| Error::Internal(format!("an analysis of the seed: {problems:?}"));
    input.checked(Lang::En).map_err(wrong)
}

fn product_rules(db: &Db, admin: &Actor) -> Result<()> {
    let input = checked(RuleRunInput {
        settings: RuleSettings {
            min_support: MIN_SUPPORT,
            min_lift: MIN_LIFT,
            ..RuleSettings::default()
        },
    })?;
    let actor = admin.clone();
    let run = db.write_blocking(Origin::of(admin), move |tx| {
        rules::create(tx, &actor, &input)
    })?;
    rules::make(db, run.id, |_| ControlFlow::Continue(()))?;
    Ok(())
}

fn named_clusters(db: &Db, admin: &Actor) -> Result<()> {
    let settings = KMeansSettings {
        clusters: Some(4),
        ..KMeansSettings::default()
    };
    let features = settings.features.clone();
    let input = checked(ClusterRunInput { settings })?;
    let actor = admin.clone();
    let run = db.write_blocking(Origin::of(admin), move |tx| {
        clusters::create(tx, &actor, &input)
    })?;
    let id = run.head.id;
    let Some(result) = clusters::make(db, id, |_| ControlFlow::Continue(()))? else {
        return Ok(());
    };
    let names = names(&features, &result);
    if names.iter().all(Option::is_none) {
        return Ok(());
    }
    let change = checked(ClusterChange { names })?;
    let actor = admin.clone();
    db.write_blocking(Origin::of(admin), move |tx| {
        clusters::rename(tx, &actor, id, run.head.version, &change)
    })?;
    Ok(())
}

/// The cluster that buys most and the one that has not bought for longest have names; the others go by their numbers.
fn names(features: &[Feature], result: &ClusterResult) -> Vec<Option<String>> {
    let profiles = &result.figures.profiles;
    let mut names = vec![None; profiles.len()];
    for (feature, name) in [
        (Feature::Recency, "久未购买 Gone quiet"),
        (Feature::Monetary, "核心客户 Key accounts"),
    ] {
        let most = features
            .iter()
            .position(|f| *f == feature)
            .and_then(|place| {
                let centre = |(_, centre): &(usize, &Vec<f64>)| centre.get(place).copied();
                let centres = profiles.iter().map(|profile| &profile.centre).enumerate();
                centres.max_by(|a, b| {
                    f64::total_cmp(
                        &centre(a).unwrap_or_default(),
                        &centre(b).unwrap_or_default(),
                    )
                })
            });
        if let Some((cluster, _)) = most {
            names[cluster] = Some(name.to_owned());
        }
    }
    names
}

fn segments() -> [SegmentInput; 2] {
    let of = |name: &str, description: &str, colour, filter: Value| SegmentInput {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        colour: Some(colour),
        kind: SegmentKind::Dynamic,
        shared: true,
        owner_id: None,
        filter: Some(filter),
    };
    [
        of(
            "重点客户久未下单 Key accounts gone quiet",
            "A 类客户，90 天没有订单 Class A without an order for 90 days",
            SegmentColour::Orange,
            json!({"and": [
                {"field": "value_class", "op": "eq", "value": "a"},
                {"field": "last_order_on", "op": "before_days", "value": 90},
            ]}),
        ),
        of(
            "高流失风险 Likely to leave",
            "当前评分中流失风险为高 At high risk by the current scores",
            SegmentColour::Red,
            json!({"field": "churn_level", "op": "eq", "value": "high"}),
        ),
    ]
}

fn segment(db: &Db, admin: &Actor, input: SegmentInput) -> Result<()> {
    let (actor, input) = (admin.clone(), checked(input)?);
    let made = db.write_blocking(Origin::of(admin), move |tx| {
        segment::create(tx, &actor, &input)
    });
    match made {
        Ok(made) => segment::record_blocking(db, &Origin::of(admin), made.id).map(drop),
        // A company that is added to another has it.
        Err(Error::ConflictAt(..)) => Ok(()),
        Err(error) => Err(error),
    }
}
