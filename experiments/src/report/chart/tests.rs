//! Every chart of a run with every kind of trouble in it.

use super::{CHARTS, pictures};
use crate::report::Summary;
use crate::report::stored::Stored;
use crate::runner::question::Questions;
use crate::runner::{Progress, Request, run};
use crate::spec::{LoadOptions, load};
use brownout_core::random::Seed;
use brownout_plots::alike;

/// Two variants: one whose breaker opens and closes again, one that retries what hangs.
const EXPERIMENT: &str = r#"(
    name: "every chart",
    run: (time: "12s", seed: 5, runs: 1),
    load: [Poisson(to: "api", rate: "100/s")],
    services: {
        "api": (workers: 32, work: Const("2ms"), calls: [(to: "db", with: "client")]),
        "db": (workers: 8, queue: Fifo(limit: 100), work: LogNormal(p50: "20ms", p99: "150ms")),
    },
    policies: { "client": [Timeout("300ms")] },
    variants: {
        "retry": { "client": [Retry(times: 2), Timeout("300ms")] },
        "breaker": { "client": [Breaker(failures: 3, open: "1s"), Timeout("300ms")] },
    },
    faults: [Slow(service: "db", by: 20, at: "3s", lasts: "3s")],
    plots: [
        Timeline(show: ["offered", "goodput", "errors", "db.queue", "db.retrying", "db.open"]),
        Cdf, Ccdf, LatencyHeatmap, Cascade, Amplification, Capacity(of: "db"), Plane, Lanes,
    ],
)"#;

fn stored() -> Stored {
    let read = |name: &str| Err(format!("there is no {name}"));
    let options = LoadOptions { file_name: "every.ron".to_owned(), sets: Vec::new(), read: &read };
    let experiment = load(EXPERIMENT, &options).expect("the experiment is sound");
    let questions = Questions::of(&experiment);
    let seeds = vec![Seed { seed: 5, replication: 0 }];
    let request = Request { seeds, variants: vec![0, 1], jobs: 1 };
    let results = run(&experiment, &questions, &request, &Progress::default()).expect("it runs");
    let summary = Summary::of(&experiment, &questions, &results, 5);
    Stored::of(&summary, &questions, ("every.ron", "brownout run every.ron"), Vec::new())
}

#[test]
fn no_chart_has_two_looks_that_are_one_in_grey_or_to_the_colour_blind() {
    let stored = stored();
    let mut drawn: Vec<&str> = Vec::new();
    for picture in pictures(&stored) {
        assert_eq!(alike(&picture.figure), [], "{}", picture.file);
        drawn.push(picture.chart);
    }
    for chart in CHARTS {
        assert!(drawn.contains(&chart.name), "{} is not drawn", chart.name);
    }
}
