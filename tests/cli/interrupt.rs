//! A run that is told to stop keeps what every variant has finished, and says so.

use super::harness::SMALL;
use brownout::experiment::Experiment;
use brownout::report::document::document;
use brownout::report::{Summary, human, paint::Paint};
use brownout::runner::question::Questions;
use brownout::runner::{Progress, Request, Results, run};
use brownout::spec::{LoadOptions, load};
use brownout_core::random::Seed;
use std::sync::atomic::Ordering;

fn experiment() -> Experiment {
    let none = |_: &str| Err("there are no other files".to_owned());
    let options = LoadOptions { file_name: "own.ron".to_owned(), sets: Vec::new(), read: &none };
    load(SMALL, &options).expect("the experiment is right")
}

fn request(runs: u32) -> Request {
    let seeds = (0..runs).map(|replication| Seed { seed: 5, replication }).collect();
    Request { seeds, variants: vec![0, 1], jobs: 2 }
}

/// Runs and says stop when `after` runs (control arms included) are done.
fn stopped(experiment: &Experiment, questions: &Questions, after: u64) -> Results {
    let progress = Progress::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while progress.done.load(Ordering::Relaxed) < after {
                std::hint::spin_loop();
            }
            progress.stop.store(true, Ordering::Relaxed);
        });
        run(experiment, questions, &request(1_000), &progress).expect("nothing fails")
    })
}

#[test]
fn what_is_kept_of_a_stopped_run_is_the_beginning_of_the_full_one() {
    let experiment = experiment();
    let questions = Questions::of(&experiment);
    let cut = stopped(&experiment, &questions, 9);
    let kept = cut.seeds.len();
    assert!(cut.is_interrupted() && kept >= 2, "{kept} kept");
    let full = run(&experiment, &questions, &request(kept as u32), &Progress::default());
    let full = full.expect("nothing fails");
    assert!(!full.is_interrupted());
    for (cut, full) in cut.variants.iter().zip(&full.variants) {
        assert_eq!(cut.digests, full.digests);
        assert_eq!(cut.answers, full.answers);
        let control = |own: &brownout::runner::VariantResults| {
            own.control.as_ref().map(|control| control.digests.clone())
        };
        assert_eq!(control(cut), control(full));
    }
}

#[test]
fn a_stopped_run_says_how_much_of_it_there_is() {
    let experiment = experiment();
    let questions = Questions::of(&experiment);
    let cut = stopped(&experiment, &questions, 9);
    let summary = Summary::of(&experiment, &questions, &cut, 5);
    let kept = cut.seeds.len();
    let report = human::report(&summary, Paint::Plain);
    assert!(report.contains(&format!("interrupted: {kept} of 1000 runs finished")), "{report}");
    let json: serde_json::Value =
        serde_json::from_str(&document(&summary).document()).expect("it is JSON");
    assert_eq!(json["interrupted"], serde_json::json!({ "finished": kept, "of": 1_000 }));
}

#[test]
fn a_run_stopped_before_it_began_has_nothing() {
    let experiment = experiment();
    let questions = Questions::of(&experiment);
    let progress = Progress::default();
    progress.stop.store(true, Ordering::Relaxed);
    let results = run(&experiment, &questions, &request(3), &progress).expect("nothing fails");
    assert!(results.seeds.is_empty() && results.is_interrupted());
}
