//! `guanxi-bench analyses`: the analyses besides the scores, over a million customers and five million orders, against one sequential
//! read of the customers' figures.

use std::ops::ControlFlow;
use std::time::Instant;

use guanxi_domain::report::ReportQuery;
use guanxi_domain::segment::{PreviewInput, SegmentInput};
use guanxi_domain::segmentation::kmeans::ClusterRunInput;
use guanxi_domain::segmentation::rules::RuleRunInput;
use guanxi_domain::segmentation::run::{SCORED_FIELDS, SegmentationRunInput};
use guanxi_domain::value::ValueRunInput;
use guanxi_domain::{Checked, Lang, Timestamp};
use guanxi_persistence::report::{self, Asker};
use guanxi_persistence::win_back::{self, Wanted};
use guanxi_persistence::{
    Actor, Db, DbConfig, ListQuery, Origin, bare, clusters, rules, segment, segmentation, user,
    value,
};
use guanxi_tests::Database;
use serde_json::json;

use crate::fill::{checked, fill};
use crate::took::{Took, timed};

pub fn one_database(name: &str, database: &Database, customers: u32) {
    let db = Db::open(&DbConfig::new(database.url())).expect("the database");
    let filling = Instant::now();
    let days = fill(&db, customers, true);
    println!(
        "\n{name}: {customers} customers with {days} orders, made in {:.0} s",
        filling.elapsed().as_secs_f64()
    );
    let actor = administrator(&db);
    let read = || {
        db.read_blocking(bare::read_metrics).expect("the figures");
    };
    read();
    let floor = timed(read);
    println!(
        "{:<44} {:>9} {:>8} {:>8}",
        "what", "seconds", "ratio", "MB more"
    );
    let line = |what: &str, took: &Took| {
        let seconds = took.time.as_secs_f64();
        let ratio = seconds / floor.time.as_secs_f64();
        println!("{what:<44} {seconds:>9.2} {ratio:>8.1} {:>8}", took.memory);
    };
    line("one sequential read of customer_metrics", &floor);
    runs(&db, &actor, &line);
    pages(&db, &actor, &line);
}

fn runs(db: &Db, actor: &Actor, line: &impl Fn(&str, &Took)) {
    let origin = Origin::of(actor);
    for what in ["scores: the first run", "scores: the second run"] {
        let input: Checked<SegmentationRunInput> = checked(SegmentationRunInput::default());
        let took = timed(|| {
            segmentation::run(db, &origin, &input, |_| ControlFlow::Continue(())).expect("a run");
        });
        line(what, &took);
    }
    for what in ["ABC: the first run", "ABC: the second run"] {
        let input: Checked<ValueRunInput> = checked(ValueRunInput::default());
        let took = timed(|| {
            value::run_blocking(db, &origin, &input).expect("a run");
        });
        line(what, &took);
    }
    let (who, input) = (actor.clone(), checked(ClusterRunInput::default()));
    let run = db
        .write_blocking(origin.clone(), move |tx| clusters::create(tx, &who, &input))
        .expect("a run that waits");
    let took = timed(|| {
        let made = clusters::make(db, run.head.id, |_| ControlFlow::Continue(())).expect("a run");
        assert!(made.is_some_and(|made| made.refusal.is_none()));
    });
    line("k-means", &took);
    let (who, input) = (actor.clone(), checked(RuleRunInput::default()));
    let run = db
        .write_blocking(origin, move |tx| rules::create(tx, &who, &input))
        .expect("a run that waits");
    let took = timed(|| {
        let made = rules::make(db, run.id, |_| ControlFlow::Continue(())).expect("a run");
        assert!(made.is_some_and(|made| made.refusal.is_none()));
    });
    line("product rules", &took);
}

fn pages(db: &Db, actor: &Actor, line: &impl Fn(&str, &Took)) {
    for (what, asked) in [
        (
            "report: sales by month and class, a year",
            json!({"rows": ["month"], "column": "value_class", "measures": ["sales", "margin", "orders"], "period": "last_12_months"}),
        ),
        (
            "report: ten best products, all years",
            json!({"rows": ["product"], "measures": ["sales", "quantity", "customers"], "sort": {"measure": "sales", "descending": true}, "top": 10}),
        ),
    ] {
        let query: Checked<ReportQuery> = checked(serde_json::from_value(asked).expect("a report"));
        let asker = Asker {
            actor,
            lang: Lang::Zh,
            now: Timestamp::now(),
            exports: false,
        };
        let took = timed(|| {
            db.snapshot_blocking(|c| report::run(c, &asker, &query))
                .expect("a report");
        });
        line(what, &took);
    }
    let filter = json!({"and": [{"field": "value_class", "op": "in", "value": ["a"]}, {"field": "last_order_on", "op": "before_days", "value": 60}]});
    let input = PreviewInput {
        filter: filter.clone(),
        segment_id: None,
    };
    let took = timed(|| {
        db.snapshot_blocking(|c| segment::preview(c, actor, &input))
            .expect("a preview");
    });
    line("segment: page, count and composition", &took);
    let draft = json!({"name": "bench", "kind": "dynamic", "filter": filter});
    let draft: Checked<SegmentInput> = checked(serde_json::from_value(draft).expect("a segment"));
    let (who, origin) = (actor.clone(), Origin::of(actor));
    let made = db
        .write_blocking(origin.clone(), move |tx| segment::create(tx, &who, &draft))
        .expect("a segment");
    let took = timed(|| {
        segment::record_blocking(db, &origin, made.id).expect("its members");
    });
    line("segment: its members written down", &took);
    let runs = ListQuery::all(&guanxi_domain::segmentation::run::FIELDS);
    let run = db
        .read_blocking(|c| segmentation::list(c, actor, &runs))
        .expect("runs")
        .items[0]
        .id;
    let all = ListQuery::all(&SCORED_FIELDS);
    let took = timed(|| {
        db.read_blocking(|c| segmentation::customers(c, actor, run, &all))
            .expect("a page");
    });
    line("scores: the most valuable, a page", &took);
    let took = timed(|| {
        let wanted = Wanted {
            limit: 50,
            ..Wanted::default()
        };
        db.read_blocking(|c| win_back::candidates(c, actor, &wanted))
            .expect("a list");
    });
    line("whom to win back first", &took);
    let took = timed(|| {
        db.read_blocking(|c| segmentation::compare(c, actor, run, None))
            .expect("two runs");
    });
    line("two runs compared", &took);
}

fn administrator(db: &Db) -> Actor {
    let admin = db
        .write_blocking(Origin::system(), |tx| {
            user::register(tx, "Ada", "ada@example.com", "no password", None)
        })
        .expect("an administrator");
    db.read_blocking(|c| user::actor(c, admin.id))
        .expect("an actor")
}
