//! `make bench-segmentation`: everything that is reckoned of a million customers, against one sequential read of their figures.

use std::ops::ControlFlow;
use std::time::Instant;

use guanxi_domain::Checked;
use guanxi_domain::segmentation::run::SegmentationRunInput;
use guanxi_domain::value::ValueRunInput;
use guanxi_persistence::{Db, DbConfig, Origin, bare, segmentation, value};
use guanxi_tests::Database;

use crate::fill::{checked, fill};
use crate::took::{Took, timed};

/// Times as long as the read of the figures that everything may take.
const GOAL: f64 = 20.0;

pub fn one_database(name: &str, database: &Database, customers: u32) {
    let db = Db::open(&DbConfig::new(database.url())).expect("the database");
    let filling = Instant::now();
    let days = fill(&db, customers, false);
    println!(
        "\n{name}: {customers} customers with {days} days of purchases, made in {:.0} s",
        filling.elapsed().as_secs_f64()
    );
    let read = || {
        let (rows, _) = db.read_blocking(bare::read_metrics).expect("the figures");
        assert_eq!(rows, customers as usize);
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
        ratio
    };
    line("one sequential read of customer_metrics", &floor);
    let wanted: Checked<SegmentationRunInput> = checked(SegmentationRunInput::default());
    // Hundredths that are done after reading and after reckoning.
    let mut phases = [(40, None), (60, None)];
    let started = Instant::now();
    let run = timed(|| {
        let step = |percent| {
            for (until, reached) in &mut phases {
                if percent >= *until && reached.is_none() {
                    *reached = Some(started.elapsed());
                }
            }
            ControlFlow::Continue(())
        };
        segmentation::run(&db, &Origin::system(), &wanted, step).expect("a run");
    });
    line("RFM, BG/NBD, lifetime, lifecycle, churn, kept", &run);
    let [read, reckoned] = phases.map(|(_, reached)| reached.unwrap_or_default());
    for (what, time) in [
        ("- reading the days of purchase", read),
        ("- fits, scores, forecasts", reckoned.saturating_sub(read)),
        ("- writing", run.time.saturating_sub(reckoned)),
    ] {
        line(what, &Took { time, memory: 0 });
    }
    let ranking: Checked<ValueRunInput> = checked(ValueRunInput::default());
    let abc = timed(|| {
        value::run_blocking(&db, &Origin::system(), &ranking).expect("a run");
    });
    line("ABC, kept", &abc);
    let everything = Took {
        time: run.time + abc.time,
        memory: run.memory.max(abc.memory),
    };
    let mark = if line("everything", &everything) <= GOAL {
        ""
    } else {
        " <"
    };
    println!("goal {GOAL}{mark}");
}
